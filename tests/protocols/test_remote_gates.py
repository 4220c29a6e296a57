"""Gates by pairs against circuits of dense matrices, and for what must hold whatever the pair."""

import numpy as np
import oracles
import pytest
import qutip
import scipy.linalg
import teleportation_oracle as circuits
from hypothesis import given, settings
from hypothesis import strategies as st
from teleportation_oracle import CNOT, HADAMARD

from qnet_channels import Memory, depolarizing
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_state,
    bell_weights,
    fidelity,
    process_fidelity,
    random_state,
    werner_state,
)
from qnet_core.strategies import probabilities, states, unitaries
from qnet_protocols import compiled_gate, pairs_needed, remote_gate, teleportation_channel

PAIRS = states(dims=(2, 2))
FEW = settings(max_examples=30, deadline=None)
WAIT, MEMORY, LATENCY_S = circuits.relaxation(0.6, 2.0, 1.5), Memory(t1_s=2.0, t2_s=1.5), 0.6
X, Y, Z = (oracles.PAULI[p] for p in "XYZ")
SWAP, TOFFOLI = np.eye(4)[[0, 2, 1, 3]], np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]]
CLIFFORDS_OF_RANK_2 = {"cnot": CNOT, "cz": np.diag([1, 1, 1, -1])}


def rank_two(rng):
    """Return a gate that one pair does, in no special basis."""
    locals_ = [np.kron(oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2)) for _ in range(2)]
    return locals_[0] @ scipy.linalg.expm(1j * rng.uniform(0.1, 1.4) * np.kron(X, X)) @ locals_[1]


# Against the circuit


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("name", ["cnot", "cz", "controlled"])
def test_against_the_circuit(rng, name, targets):
    if name == "controlled":
        unitary = circuits.controlled(*(oracles.random_unitary(rng, 2**targets) for _ in range(2)))
    else:
        unitary = np.kron(CLIFFORDS_OF_RANK_2[name], np.eye(targets))
    state, pair = oracles.random_density(rng, len(unitary)), oracles.random_density(rng, 4)
    mixings, errors = (0.07, 0.2), (0.04, 0.1)
    expected = circuits.copied_gate(state, unitary, range(targets + 1), [pair], mixings, errors, WAIT)
    gate = name if name != "controlled" and targets == 1 else unitary
    channel = remote_gate(
        gate, DensityMatrix(pair), gate_mixing=mixings, readout_error=errors, memory=MEMORY, latency_s=LATENCY_S
    )
    found = DensityMatrix(state).apply(channel, tuple(range(targets + 1)))
    np.testing.assert_allclose(found.matrix, expected, atol=1e-14)


def test_three_nodes_against_the_circuit(rng):
    state = oracles.random_density(rng, 8)
    pairs = [oracles.random_density(rng, 4) for _ in range(2)]
    mixings, errors = (0.07, 0.2, 0.1), (0.04, 0.1, 0.02)
    expected = circuits.copied_gate(state, TOFFOLI, (0, 1, 2), pairs, mixings, errors, WAIT)
    channel = compiled_gate(
        "toffoli", [DensityMatrix(p) for p in pairs], gate_mixing=mixings, readout_error=errors,
        memory=MEMORY, latency_s=LATENCY_S,
    )  # fmt: skip
    np.testing.assert_allclose(DensityMatrix(state).apply(channel, (0, 1, 2)).matrix, expected, atol=1e-14)


def test_any_two_qubit_gate_goes_there_and_back(rng):
    unitary, state = oracles.random_unitary(rng, 4), oracles.random_density(rng, 4)
    pairs = [oracles.random_density(rng, 4) for _ in range(2)]
    expected = circuits.teleported(state, 0, pairs[0], 0.07, 0.04, WAIT)
    expected = circuits.gate(expected, unitary, (0, 1), 0.2)
    expected = circuits.teleported(expected, 0, circuits.reorder(pairs[1], (1, 0)), 0.2, 0.1, WAIT)
    channel = compiled_gate(
        unitary, [DensityMatrix(p) for p in pairs], gate_mixing=(0.07, 0.2), readout_error=(0.04, 0.1),
        memory=MEMORY, latency_s=LATENCY_S,
    )  # fmt: skip
    np.testing.assert_allclose(DensityMatrix(state).apply(channel, (0, 1)).matrix, expected, atol=1e-14)


def test_swap_exchanges_two_states(rng):
    state, pairs = oracles.random_density(rng, 4), [oracles.random_density(rng, 4) for _ in range(2)]
    expected = circuits.teleported(state, 0, pairs[0], 0.07, 0.04)
    expected = circuits.teleported(expected, 1, circuits.reorder(pairs[1], (1, 0)), 0.2, 0.1)
    noise = {"gate_mixing": (0.07, 0.2), "readout_error": (0.04, 0.1)}
    channel = compiled_gate("swap", [DensityMatrix(p) for p in pairs], **noise)
    found = DensityMatrix(state).apply(channel, (0, 1))
    np.testing.assert_allclose(found.matrix, circuits.reorder(expected, (1, 0)), atol=1e-14)


def test_swap_by_three_gates(rng):
    state, pairs = oracles.random_density(rng, 4), [oracles.random_density(rng, 4) for _ in range(3)]
    expected = state
    for k, on in enumerate([(0, 1), (1, 0), (0, 1)]):
        pair = circuits.reorder(pairs[k], on)
        expected = circuits.copied_gate(
            expected, CNOT, on, [pair], [(0.07, 0.2)[q] for q in on], [(0.04, 0.1)[q] for q in on]
        )
    noise = {"gate_mixing": (0.07, 0.2), "readout_error": (0.04, 0.1)}
    channel = compiled_gate("swap", [DensityMatrix(p) for p in pairs], method="gates", **noise)
    np.testing.assert_allclose(DensityMatrix(state).apply(channel, (0, 1)).matrix, expected, atol=1e-14)


def test_mixed_kinds_of_qubits(rng):
    """A gate that one qubit controls, and that mixes two others: one is copied, one moved, and the third stays."""
    unitary = circuits.controlled(oracles.random_unitary(rng, 4), oracles.random_unitary(rng, 4))
    assert pairs_needed(unitary) == 3
    channel = compiled_gate(unitary, bell_state())
    np.testing.assert_allclose(process_fidelity(channel, unitary), 1, rtol=1e-12)


@pytest.mark.parametrize("axes", ["zz", "xy", "yx", "yy"])
def test_controls_along_other_axes(rng, axes):
    """Two qubits that control a third one, each along an axis: still one pair each, and the gate."""
    ups = [(np.eye(2) + oracles.PAULI[axis.upper()]) / 2 for axis in axes]
    unitary = np.eye(8) + np.kron(np.kron(*ups), oracles.random_unitary(rng, 2) - np.eye(2))
    assert pairs_needed(unitary) == 2
    np.testing.assert_allclose(process_fidelity(compiled_gate(unitary, bell_state()), unitary), 1, rtol=1e-12)


# Against QuTiP


def qutip_remote_cnot(state, pair, mixing):
    """Gate teleportation as a circuit of four qubits: control, its half, the other half, target."""
    one, bits = qutip.qeye(2), [qutip.basis(2, k).proj() for k in (0, 1)]
    hadamard = qutip.Qobj(HADAMARD)

    def on(**factors):
        return qutip.tensor(*(factors.get(name, one) for name in ("c", "a", "b", "t")))

    def noisy(rho, names):
        keep = [k for k, name in enumerate("cabt") if name not in names]
        order = np.argsort([*keep, *(k for k in range(4) if k not in keep)])
        blank = qutip.tensor(rho.ptrace(keep), one / 2, one / 2).permute(list(order))
        return (1 - mixing) * rho + mixing * blank

    rho = qutip.tensor(qutip.Qobj(state, dims=[[2, 2]] * 2), qutip.Qobj(pair, dims=[[2, 2]] * 2)).permute([0, 2, 3, 1])
    cnot = on(c=bits[0]) + on(c=bits[1], a=qutip.sigmax())
    rho = noisy(cnot @ rho @ cnot.dag(), "ca")
    rho = sum((m := on(a=bits[k], b=qutip.sigmax() ** k)) @ rho @ m.dag() for k in (0, 1))
    cnot = on(b=bits[0]) + on(b=bits[1], t=qutip.sigmax())
    rho = noisy(cnot @ rho @ cnot.dag(), "bt")
    rho = sum((m := on(b=bits[k] @ hadamard, c=qutip.sigmaz() ** k)) @ rho @ m.dag() for k in (0, 1))
    return rho.ptrace([0, 3])


def test_against_qutip(rng):
    state, pair = oracles.random_density(rng, 4), oracles.random_density(rng, 4)
    found = DensityMatrix(state).apply(remote_gate("cnot", DensityMatrix(pair), gate_mixing=0.13), (0, 1))
    np.testing.assert_allclose(found.matrix, qutip_remote_cnot(state, pair, 0.13).full(), atol=1e-14)


# What holds for any pair


@given(PAIRS, st.sampled_from(["cnot", "cz"]))
@FEW
def test_process_fidelity_is_that_of_the_pair(pair, name):
    found = process_fidelity(remote_gate(name, pair), CLIFFORDS_OF_RANK_2[name])
    np.testing.assert_allclose(found, fidelity(pair, bell_state()), atol=1e-13)


@given(PAIRS, unitaries(2), unitaries(2))
@FEW
def test_process_fidelity_of_any_controlled_gate(pair, first, second):
    """A flipped copy swaps the two gates: with w = Tr(V0† V1)/2 that has the overlap Re w, and Im w with a Z as well."""
    w = np.trace(first.conj().T @ second) / 2
    weights = bell_weights(pair)
    expected = weights[0] + weights[2] * w.real**2 + weights[3] * w.imag**2
    unitary = circuits.controlled(first, second)
    np.testing.assert_allclose(process_fidelity(remote_gate(unitary, pair), unitary), expected, atol=1e-12)
    assert expected >= weights[0]


@given(PAIRS, probabilities(), probabilities(), unitaries(2))
@FEW
def test_always_a_channel(pair, gate_mixing, readout_error, turned):
    unitary = circuits.controlled(np.eye(2), turned)
    channel = remote_gate(unitary, pair, gate_mixing=gate_mixing, readout_error=readout_error)
    assert channel.is_completely_positive()
    assert channel.is_trace_preserving(1e-12)


@given(st.integers(0, 2**32 - 1))
@FEW
def test_with_a_perfect_pair_it_is_the_gate(seed):
    unitary = rank_two(np.random.default_rng(seed))
    assert pairs_needed(unitary) == 1
    ideal = Channel.from_unitary(unitary)
    np.testing.assert_allclose(remote_gate(unitary, bell_state()).transfer, ideal.transfer, atol=1e-11)


def test_basis_of_the_control_does_not_matter(rng):
    pair, local = random_state((2, 2), rng=rng), np.kron(oracles.random_unitary(rng, 2), np.eye(2))
    turned = remote_gate(local @ CNOT @ local.conj().T, pair)
    expected = Channel.from_unitary(local.conj().T).then(remote_gate("cnot", pair)).then(Channel.from_unitary(local))
    fidelities = [process_fidelity(c, local @ CNOT @ local.conj().T) for c in (turned, expected)]
    np.testing.assert_allclose(fidelities[0], fidelities[1], rtol=1e-12)


# Number of pairs


def clifford_group(rng, count):
    """Yield random products of generators of the two-qubit Clifford group."""
    one = [np.kron(HADAMARD, np.eye(2)), np.kron(np.eye(2), HADAMARD)]
    one += [np.kron(np.diag([1, 1j]), np.eye(2)), np.kron(np.eye(2), np.diag([1, 1j]))]
    for _ in range(count):
        yield np.linalg.multi_dot([(*one, CNOT)[k] for k in rng.integers(0, 5, 25)])


def test_every_clifford_takes_at_most_two_pairs(rng):
    needed = []
    for unitary in clifford_group(rng, 60):
        needed.append(pairs_needed(unitary))
        found = compiled_gate(unitary, [bell_state()] * needed[-1])
        np.testing.assert_allclose(process_fidelity(found, unitary), 1, rtol=1e-11)
        # what a gate can make of two halves of entangled pairs bounds from below what it takes
        weights = np.linalg.svd(unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4), compute_uv=False)
        assert needed[-1] == np.ceil(np.log2((weights > 1e-9).sum()))
    assert set(needed) == {0, 1, 2}


@pytest.mark.parametrize(
    ("gate", "method", "pairs"),
    [
        ("cnot", "fewest", 1), ("cnot", "gates", 1), ("cz", "fewest", 1), ("iswap", "fewest", 2), ("iswap", "gates", 2),
        ("swap", "fewest", 2), ("swap", "gates", 3), ("toffoli", "fewest", 2), ("ccz", "gates", 2), (np.eye(4), "fewest", 0),
    ],
)  # fmt: skip
def test_number_of_pairs(gate, method, pairs):
    assert pairs_needed(gate, method=method) == pairs
    compiled_gate(gate, [bell_state()] * pairs, method=method)


def test_gates_on_single_qubits_take_no_pair(rng):
    unitary = np.kron(oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2))
    np.testing.assert_allclose(process_fidelity(compiled_gate(unitary, []), unitary), 1, rtol=1e-12)


def test_swap_up_to_rotations_is_two_teleportations(rng):
    """No gate is done at either node: only the noise of two Bell measurements is there."""
    unitary = SWAP @ np.kron(oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2))
    pair = random_state((2, 2), rng=rng)
    one = process_fidelity(teleportation_channel(pair))
    np.testing.assert_allclose(process_fidelity(compiled_gate(unitary, pair), unitary), one**2, rtol=1e-11)


def test_copying_beats_teleporting_there_and_back():
    pair = werner_state(fidelity=0.95)
    there_and_back = process_fidelity(teleportation_channel([pair, pair]))
    by_gate = process_fidelity(remote_gate("cnot", pair), CNOT)
    assert by_gate == pytest.approx(0.95)
    assert there_and_back == pytest.approx(0.95**2 + 0.05**2 / 3)


# Batches


def test_everything_broadcasts(rng):
    pairs, mixing = random_state((2, 2), batch_shape=(3, 1), rng=rng), np.array([0.0, 0.1])
    waits = np.array([0.2, 0.5])
    unitary = rank_two(rng)
    for gate in ("cz", unitary):
        whole = remote_gate(gate, pairs, gate_mixing=(mixing, 0.05), memory=MEMORY, latency_s=waits)
        assert whole.batch_shape == (3, 2)
        for j, k in np.ndindex(3, 2):
            one = remote_gate(gate, pairs[j, 0], gate_mixing=(mixing[k], 0.05), memory=MEMORY, latency_s=waits[k])
            np.testing.assert_allclose(whole.transfer[j, k], one.transfer, atol=1e-14)


def test_no_pair_at_one_point_is_no_gate_there():
    stack = np.array([bell_state().bloch, np.zeros((4, 4))])
    pairs = DensityMatrix.from_bloch(stack, (2, 2)).normalized()
    state = random_state((2, 2), rng=np.random.default_rng(3))
    found = state.apply(remote_gate("cnot", pairs), (0, 1))
    np.testing.assert_allclose(found.matrix[0], CNOT @ state.matrix @ CNOT, atol=1e-15)
    assert np.isnan(found.bloch[1]).all()


def test_a_hundred_percent_of_noise_leaves_nothing(rng):
    channel = remote_gate("cz", bell_state(), gate_mixing=1.0)
    np.testing.assert_allclose(channel.transfer, depolarizing(mixing=1.0, num_qubits=2).transfer, atol=1e-15)
