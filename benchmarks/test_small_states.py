"""One public call on one small state: what a call costs, beside QuTiP."""

import numpy as np
import pytest
import qutip
from workloads import TARGET

from qnet_channels import depolarizing, swap, thermal_relaxation
from qnet_core import Channel, fidelity, random_channel, random_state, to_qutip, werner_state

RNG = np.random.default_rng(5)
CNOT = Channel.from_unitary([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
NOISY_CNOT = CNOT.then(depolarizing(mixing=0.01, num_qubits=2))
GENERAL = random_channel(2, rng=RNG)
QUBIT, PAIR = random_state(2, rng=RNG), random_state((2, 2), rng=RNG)
CASES = {
    "general map on a qubit": (QUBIT, GENERAL, 0),
    "general map on one half of a pair": (PAIR, GENERAL, 1),
    "CNOT with depolarizing on a pair": (PAIR, NOISY_CNOT, (0, 1)),
}

each_case = pytest.mark.parametrize(
    ("rho", "channel", "on"),
    [pytest.param(*case, id=name, marks=pytest.mark.benchmark(group=f"P5 {name}")) for name, case in CASES.items()],
)


def qutip_kraus(channel, on):
    """Return Kraus operators on the whole state: of all its qubits, or of the second of two."""
    operators = [qutip.Qobj(k, dims=[list(channel.dims_out), list(channel.dims_in)]) for k in channel.kraus()]
    return [qutip.tensor(qutip.qeye(2), k) for k in operators] if on == 1 else operators


@each_case
def test_new_state(measure, rho, channel, on):
    measure("ours, new state", lambda: rho.apply(channel, on))


@each_case
def test_in_place(measure, rho, channel, on):
    state = rho.apply(channel, on)
    state.apply(channel, on, out=state)
    np.testing.assert_array_equal(state.bloch, rho.apply(channel, on).apply(channel, on).bloch)
    measure("ours, out=rho", lambda: state.apply(channel, on, out=state))


@each_case
def test_out(measure, rho, channel, on):
    target = random_state(rho.dims, rng=RNG)
    rho.apply(channel, on, out=target)
    np.testing.assert_array_equal(target.bloch, rho.apply(channel, on).bloch)
    measure("ours, out=", lambda: rho.apply(channel, on, out=target))


@each_case
def test_qutip_kraus(measure, rho, channel, on):
    operator, kraus = to_qutip(rho), qutip_kraus(channel, on)
    adjoint = [k.dag() for k in kraus]

    def run():
        return sum(k @ operator @ d for k, d in zip(kraus, adjoint, strict=True))

    np.testing.assert_allclose(run().full(), rho.apply(channel, on).matrix, atol=1e-12)
    measure("QuTiP, Kraus operators", run)


@each_case
def test_qutip_superoperator(measure, rho, channel, on):
    operator, superop = to_qutip(rho), qutip.kraus_to_super(qutip_kraus(channel, on))
    np.testing.assert_allclose(superop(operator).full(), rho.apply(channel, on).matrix, atol=1e-12)
    measure("QuTiP, superoperator(rho)", lambda: superop(operator))


@each_case
def test_qutip_superoperator_on_a_vector(measure, rho, channel, on):
    superop, vector = qutip.kraus_to_super(qutip_kraus(channel, on)), qutip.operator_to_vector(to_qutip(rho))
    image = qutip.vector_to_operator(superop @ vector)
    np.testing.assert_allclose(image.full(), rho.apply(channel, on).matrix, atol=1e-12)
    measure("QuTiP, superoperator @ stacked rho", lambda: superop @ vector)


@pytest.mark.benchmark(group="P5 other calls on single states")
@pytest.mark.parametrize(
    ("name", "call"),
    {
        "ours, depolarizing(mixing=)": lambda: depolarizing(mixing=0.1),
        "ours, thermal_relaxation(...)": lambda: thermal_relaxation(duration_s=0.1, t1_s=1.0, t2_s=1.0),
        "ours, werner_state(fidelity=)": lambda: werner_state(fidelity=0.9),
        "ours, swap(left, right)": lambda: swap(PAIR, PAIR),
        "ours, fidelity(rho, bell)": lambda: fidelity(PAIR, TARGET),
    }.items(),
    ids=["depolarizing", "thermal_relaxation", "werner_state", "swap", "fidelity"],
)
def test_other_calls(measure, name, call):
    measure(name, call)
