"""One public call on one small state: what a call costs, beside QuTiP and NumPy."""

import numpy as np
import pytest
import qutip

from qnet_channels import depolarizing, swap
from qnet_core import Channel, bell_state, fidelity, random_channel, random_state, to_qutip, werner_state

RNG = np.random.default_rng(5)
CNOT = Channel.from_unitary([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
NOISY_CNOT = CNOT.then(depolarizing(mixing=0.01, num_qubits=2))
ONE = random_channel(2, rng=RNG)
CASES = {
    "general map on a qubit": (1, ONE, 0),
    "general map on one half of a pair": (2, ONE, 1),
    "CNOT with depolarizing on a pair": (2, NOISY_CNOT, (0, 1)),
}

each_case = pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=pytest.mark.benchmark(group=f"P5 {name}")) for name, case in CASES.items()],
)


def qutip_kraus(channel, num_qubits, on):
    """Return Kraus operators on the whole state."""
    operators = [qutip.Qobj(k, dims=[list(channel.dims_out), list(channel.dims_in)]) for k in channel.kraus()]
    return [qutip.tensor([qutip.qeye(2)] * on + [k]) if on else k for k in operators]


def qutip_case(case):
    """Return a state of ours, its image, and state and Kraus operators for QuTiP."""
    num_qubits, channel, on = case
    rho = random_state((2,) * num_qubits, rng=RNG)
    operators = qutip_kraus(channel, num_qubits, 0 if on == (0, 1) else on)
    return to_qutip(rho), operators, rho.apply(channel, on).matrix


@each_case
def test_new_state(measure, case):
    num_qubits, channel, on = case
    rho = random_state((2,) * num_qubits, rng=RNG)
    measure("ours, new state", lambda: rho.apply(channel, on))


@each_case
def test_out(measure, case):
    num_qubits, channel, on = case
    rho, target = (random_state((2,) * num_qubits, rng=RNG) for _ in range(2))
    rho.apply(channel, on, out=target)
    np.testing.assert_array_equal(target.bloch, rho.apply(channel, on).bloch)
    measure("ours, out=", lambda: rho.apply(channel, on, out=target))


@each_case
def test_qutip_kraus(measure, case):
    rho, kraus, expected = qutip_case(case)
    adjoint = [k.dag() for k in kraus]

    def run():
        return sum(k @ rho @ d for k, d in zip(kraus, adjoint, strict=True))

    np.testing.assert_allclose(run().full(), expected, atol=1e-12)
    measure("QuTiP, Kraus operators", run)


@each_case
def test_qutip_superoperator(measure, case):
    rho, kraus, expected = qutip_case(case)
    superop = qutip.kraus_to_super(kraus)
    np.testing.assert_allclose(superop(rho).full(), expected, atol=1e-12)
    measure("QuTiP, superoperator(rho)", lambda: superop(rho))


@each_case
def test_qutip_superoperator_on_a_vector(measure, case):
    rho, kraus, expected = qutip_case(case)
    superop, vector = qutip.kraus_to_super(kraus), qutip.operator_to_vector(rho)
    np.testing.assert_allclose(qutip.vector_to_operator(superop @ vector).full(), expected, atol=1e-12)
    measure("QuTiP, superoperator @ stacked rho", lambda: superop @ vector)


@pytest.mark.benchmark(group="P5 other calls on single states")
@pytest.mark.parametrize(
    ("name", "call"),
    {
        "ours, depolarizing(mixing=)": lambda: depolarizing(mixing=0.1),
        "ours, werner_state(fidelity=)": lambda: werner_state(fidelity=0.9),
        "ours, swap(left, right)": lambda left=werner_state(fidelity=0.9): swap(left, left),
        "ours, fidelity(rho, bell)": lambda left=werner_state(fidelity=0.9), bell=bell_state(): fidelity(left, bell),
    }.items(),
    ids=["depolarizing", "werner_state", "swap", "fidelity"],
)
def test_other_calls(measure, name, call):
    measure(name, call)
