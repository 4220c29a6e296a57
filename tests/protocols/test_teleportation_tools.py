"""The best local rotation of a pair, and the channel behind a process."""

import numpy as np
import oracles
import pytest
from hypothesis import given, settings

from qnet_channels import BellStation
from qnet_core import (
    Channel,
    DensityMatrix,
    average_gate_fidelity,
    bell_state,
    fidelity,
    fully_entangled_fraction,
    maximally_mixed_state,
    process_fidelity,
    random_channel,
    random_state,
    werner_state,
)
from qnet_core.strategies import states, unitaries
from qnet_protocols import (
    optimal_local_correction,
    process_tomography,
    remote_gate,
    teleport,
    teleport_branches,
    teleportation_channel,
)

FEW = settings(max_examples=40, deadline=None)
PHI = np.array([1, 0, 0, 1]) / np.sqrt(2)


@given(states(dims=(2, 2)))
@FEW
def test_corrected_pair_teleports_with_the_fully_entangled_fraction(pair):
    best = optimal_local_correction(pair)
    expected = (2 * fully_entangled_fraction(pair) + 1) / 3
    np.testing.assert_allclose(best.average_fidelity, expected, atol=1e-12)
    np.testing.assert_allclose(average_gate_fidelity(teleportation_channel(best.state)), expected, atol=1e-12)
    np.testing.assert_allclose(pair.apply(best.rotation, 1).bloch, best.state.bloch, atol=1e-14)


def test_no_local_unitaries_do_better(rng):
    """Over three thousand random rotations of both halves none comes beyond, and the best come near."""
    pair = oracles.random_density(rng, 4, 2)
    best = optimal_local_correction(DensityMatrix(pair))
    found = []
    for _ in range(3_000):
        left, right = oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2)
        vector = np.kron(left, right) @ PHI
        found.append((vector.conj() @ pair @ vector).real)
    most = (2 * max(found) + 1) / 3
    assert best.average_fidelity - 0.03 < most <= best.average_fidelity + 1e-12


@given(unitaries(2), unitaries(2))
@FEW
def test_any_rotation_of_a_bell_pair_is_undone(left, right):
    turned = bell_state("psi-").apply(Channel.from_unitary(np.kron(left, right)), (0, 1))
    best = optimal_local_correction(turned)
    np.testing.assert_allclose(best.average_fidelity, 1, rtol=1e-12)
    np.testing.assert_allclose(fidelity(best.state, bell_state()), 1, rtol=1e-12)


def test_correction_of_a_batch_with_a_hole():
    stack = np.array([werner_state(fidelity=0.9, label="psi+").bloch, np.zeros((4, 4))])
    best = optimal_local_correction(DensityMatrix.from_bloch(stack, (2, 2)).normalized())
    np.testing.assert_allclose(best.average_fidelity, [2.8 / 3, np.nan], rtol=1e-13)
    assert np.isnan(best.state.bloch[1]).all()
    np.testing.assert_allclose(best.state[0].bloch, werner_state(fidelity=0.9).bloch, atol=1e-14)


# Tomography


@pytest.mark.parametrize(("num_in", "num_out"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_tomography_finds_any_channel(rng, num_in, num_out):
    channel = random_channel((2,) * num_in, (2,) * num_out, batch_shape=(3,), rng=rng)
    seen = process_tomography(lambda state: state.apply(channel, tuple(range(num_in))), num_qubits=num_in)
    np.testing.assert_allclose(seen.transfer, channel.transfer, atol=1e-14)


def test_tomography_of_teleportation_and_of_a_remote_gate(rng):
    pair, station = random_state((2, 2), rng=rng), BellStation(0.02, 0.01)
    seen = process_tomography(lambda state: teleport(state, pair, station=station))
    np.testing.assert_allclose(seen.transfer, teleportation_channel(pair, station=station).transfer, atol=1e-15)
    cnot = remote_gate("cnot", pair)
    seen = process_tomography(lambda state: state.apply(cnot, (0, 1)), num_qubits=2)
    np.testing.assert_allclose(seen.transfer, cnot.transfer, atol=1e-14)


def test_tomography_of_one_outcome_loses_trace(rng):
    pair = random_state((2, 2), rng=rng)

    def first_outcome(state):
        branch = teleport_branches(state, pair)[0]
        return DensityMatrix.from_bloch(branch.probability * branch.state.bloch, (2,))

    lossy = process_tomography(first_outcome)
    assert not lossy.is_trace_preserving()
    state = random_state((2,), rng=rng)
    np.testing.assert_allclose(state.apply(lossy, 0).bloch, first_outcome(state).bloch, atol=1e-14)


def test_tomography_refuses_what_is_no_channel():
    with pytest.raises(ValueError, match="completely positive"):
        process_tomography(lambda state: DensityMatrix.from_bloch(state.bloch * [1, 1, -1, 1], (2,)))


@pytest.mark.parametrize("num_qubits", [1, 2])
def test_tomography_from_counts_is_within_its_errors(num_qubits):
    """Each matrix element is a sum of at most 2**n means of ±1 (times the inverse's row), so five sigma is easily said."""
    rng = np.random.default_rng(5)
    channel = random_channel((2,) * num_qubits, rng=rng)  # full rank: projection hardly acts
    shots = 40_000
    seen = process_tomography(
        lambda state: state.apply(channel, tuple(range(num_qubits))), num_qubits=num_qubits, shots=shots, rng=rng
    )
    assert seen.is_completely_positive()
    assert seen.is_trace_preserving()
    inverse = np.linalg.inv([[1, 0, 0, 1], [1, 0, 0, -1], [1, 1, 0, 0], [1, 0, 1, 0]])
    spread = np.abs(inverse**2).sum(axis=1).max() ** (num_qubits / 2) / np.sqrt(shots)
    worst = np.abs(seen.transfer - channel.transfer).max()
    assert 0 < worst < 5 * spread


def test_tomography_from_counts_of_a_gate_without_noise_is_a_channel():
    rng = np.random.default_rng(6)
    cnot = remote_gate("cnot", bell_state())
    seen = process_tomography(lambda state: state.apply(cnot, (0, 1)), num_qubits=2, shots=1000, rng=rng)
    assert seen.is_completely_positive()
    assert seen.is_trace_preserving(1e-9)
    assert 0.93 < process_fidelity(seen, cnot) < 1


def test_the_nearest_channel_is_that_of_a_convex_program():
    """The projection against a semidefinite program on the same counts."""
    cvxpy = pytest.importorskip("cvxpy")
    identity = lambda state: state  # noqa: E731
    seen = process_tomography(identity, shots=30, rng=np.random.default_rng(8))
    raw = process_tomography_without_projection(30, np.random.default_rng(8))
    choi = cvxpy.Variable((4, 4), hermitian=True)
    rules = [choi >> 0, cvxpy.partial_trace(choi, [2, 2], 1) == np.eye(2)]
    cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(choi - raw)), rules).solve(solver="CLARABEL")
    assert np.linalg.eigvalsh(raw)[0] < -0.05  # so that there was something to do
    np.testing.assert_allclose(seen.choi(), choi.value, atol=1e-5)


def process_tomography_without_projection(shots, rng):
    """Invert counts of the identity on the four inputs: the Choi matrix, which need not be positive."""
    inputs = [np.array(v) / np.linalg.norm(v) for v in ([1, 0], [0, 1], [1, 1], [1, 1j])]
    outputs = [np.eye(2, dtype=complex) / 2 for _ in inputs]
    for letter in "XYZ":
        for k, vector in enumerate(inputs):
            up = (1 + (vector.conj() @ oracles.PAULI[letter] @ vector).real) / 2
            counts = rng.multinomial(shots, [up, 1 - up])
            outputs[k] = outputs[k] + (counts[0] - counts[1]) / (2 * shots) * oracles.PAULI[letter]
    zero, one, plus, right = outputs
    real, imaginary = plus - (zero + one) / 2, right - (zero + one) / 2
    upper = real + 1j * imaginary  # what |0><1| becomes
    return np.block([[zero, upper], [oracles.dagger(upper), one]])


def test_channel_of_nothing():
    seen = process_tomography(lambda _: maximally_mixed_state(2), shots=10, rng=np.random.default_rng(1))
    assert seen.is_completely_positive()
