"""Copies of controls that serve several gates, and waiting for pairs, against dense circuits."""

import numpy as np
import oracles
import pytest
import teleportation_oracle as circuits
from hypothesis import given, settings
from hypothesis import strategies as st
from protocols.dense_circuits import MATRICES, dense, random_circuit
from teleportation_oracle import CNOT, HADAMARD

from qnet_channels import Memory
from qnet_core import DensityMatrix, bell_state, random_state, werner_state
from qnet_core.errors import CapacityError, ParameterError, ParameterTypeError
from qnet_protocols import Gate, ProcessorNode, pairs_per_link, run_distributed

PERFECT = bell_state()
CZ = MATRICES["cz"]


def pairs_of(circuit, assignment):
    """Pairs on each link without and with sharing."""
    return tuple(pairs_per_link(circuit, assignment, share_copies=shared) for shared in (False, True))


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
@settings(max_examples=25, deadline=None)
def test_with_perfect_pairs_it_is_the_local_circuit(seed, num_nodes):
    rng = np.random.default_rng(seed)
    circuit, start = random_circuit(rng, 4, 6), oracles.random_density(rng, 16, 2)
    assignment = [f"node {k}" for k in rng.integers(0, num_nodes, 4)]
    result = run_distributed(circuit, assignment, PERFECT, state=DensityMatrix(start), share_copies=True)
    np.testing.assert_allclose(result.state.matrix, dense(circuit, start), atol=1e-10)
    apart, together = pairs_of(circuit, assignment)
    assert result.pairs == together
    assert result.num_pairs <= sum(apart.values())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_controlled_gates_in_a_row(seed):
    """Gates of the kinds that share, in any mixture, on three nodes."""
    rng = np.random.default_rng(seed)
    names = rng.choice(
        ["cnot", "cz", "ccz", "toffoli", "t", "s", "x", "h"], 10, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]
    )
    circuit = [
        Gate(str(name), tuple(int(k) for k in rng.permutation(4)[: int(np.log2(len(MATRICES[name])))])) for name in names
    ]  # fmt: skip
    start = oracles.random_density(rng, 16, 1)
    result = run_distributed(circuit, "abbc", PERFECT, state=DensityMatrix(start), share_copies=True)
    np.testing.assert_allclose(result.state.matrix, dense(circuit, start), atol=1e-10)


def test_fan_out_with_all_noise_against_dense_circuits(rng):
    """Copy, gate, local gate at home, gate, and the copy read: every wait and every error where it belongs."""
    start, pair = oracles.random_density(rng, 8), oracles.random_density(rng, 4)
    left = ProcessorNode(gate_mixing=0.05, one_qubit_mixing=0.01, readout_error=0.03, memory=Memory(3.0, 2.0))
    right = ProcessorNode(gate_mixing=0.08, one_qubit_mixing=0.02, readout_error=0.06, memory=Memory(1.0, 1.5))
    slow, fast = circuits.relaxation(0.2, 3.0, 2.0), circuits.relaxation(0.2, 1.0, 1.5)
    rho = start
    for kraus, qubit in ((slow, 0), (fast, 1), (fast, 2)):  # until the pair is there: as long as a message takes
        rho = circuits.apply(rho, kraus, (qubit,))
    rho = circuits.gate(np.kron(rho, pair), CNOT, (0, 3), 0.05)
    for kraus, qubit in ((slow, 0), (fast, 1), (fast, 2), (fast, 4)):  # the message to the other half
        rho = circuits.apply(rho, kraus, (qubit,))
    rho = circuits.read_and_turn(rho, 3, 4, "X", 0.03)  # the copy is qubit 3 now
    rho = circuits.gate(rho, CNOT, (3, 1), 0.08)
    rho = circuits.gate(rho, MATRICES["t"], (0,), 0.01)
    rho = circuits.gate(rho, CZ, (3, 2), 0.08)
    rho = circuits.apply(rho, [HADAMARD], (3,))
    rho = circuits.read_and_turn(rho, 3, 0, "Z", 0.06)
    for kraus, qubit in ((slow, 0), (fast, 1), (fast, 2)):  # the message back
        rho = circuits.apply(rho, kraus, (qubit,))
    result = run_distributed(
        [Gate("cnot", (0, 1)), Gate("t", 0), Gate("cz", (2, 0))], ["left", "right", "right"], DensityMatrix(pair),
        nodes={"left": left, "right": right}, latency_s=0.2, pair_wait_s=0.2, share_copies=True, state=DensityMatrix(start),
    )  # fmt: skip
    np.testing.assert_allclose(result.state.matrix, rho, atol=1e-13)
    assert result.pairs == {("left", "right"): 1}


def test_a_target_is_copied_along_x_and_a_copy_waits_for_other_pairs(rng):
    """Two CNOTs on one target share its copy in X, which is stored while a gate between other nodes waits for its pair."""
    start, first, second = (oracles.random_density(rng, size) for size in (16, 4, 4))
    node = ProcessorNode(gate_mixing=0.05, readout_error=0.03, memory=Memory(np.inf, 1.5))
    wait, both = circuits.relaxation(0.3, np.inf, 1.5), circuits.relaxation(0.2, np.inf, 1.5)
    latency = circuits.relaxation(0.1, np.inf, 1.5)
    # qubits 0 and 1 at a, the target 2 at b, qubit 3 at c
    rho = start
    for qubit in range(4):
        rho = circuits.apply(rho, wait, (qubit,))
    rho = circuits.apply(rho, [HADAMARD], (2,))
    seen = circuits.reorder(first, (1, 0))  # first halves are at a, which the assignment names first
    rho = circuits.gate(np.kron(rho, seen), CNOT, (2, 4), 0.05)
    rho = circuits.apply(rho, latency, (5,))
    rho = circuits.read_and_turn(rho, 4, 5, "X", 0.03)
    rho = circuits.apply(rho, [HADAMARD], (2,))
    for qubit in range(4):
        rho = circuits.apply(rho, latency, (qubit,))
    flip = np.kron(HADAMARD, np.eye(2)) @ CNOT[np.ix_([0, 2, 1, 3], [0, 2, 1, 3])] @ np.kron(HADAMARD, np.eye(2))
    rho = circuits.gate(rho, flip, (4, 0), 0.05)
    for qubit in range(5):  # the second pair, and its two messages
        rho = circuits.apply(rho, wait, (qubit,))
    for qubit in (0, 2, 4):
        rho = circuits.apply(rho, latency, (qubit,))
    rho = circuits.apply(rho, latency, (3,))
    rho = circuits.copied_gate(rho, CZ, (1, 3), [second], (0.05, 0.05), (0.03, 0.03), latency)
    for qubit in (0, 2, 4, 3):
        rho = circuits.apply(rho, latency, (qubit,))
    rho = circuits.apply(rho, both, (1,))
    rho = circuits.gate(rho, flip, (4, 1), 0.05)
    rho = circuits.apply(rho, [HADAMARD], (4,))
    for qubit in range(4):
        rho = circuits.apply(rho, latency, (qubit,))
    rho = circuits.apply(rho, [HADAMARD], (2,))
    rho = circuits.read_and_turn(rho, 4, 2, "Z", 0.03)
    rho = circuits.apply(rho, [HADAMARD], (2,))
    result = run_distributed(
        [Gate("cnot", (0, 2)), Gate("cz", (1, 3)), Gate("cnot", (1, 2))], "aabc",
        {("a", "b"): DensityMatrix(first), ("a", "c"): DensityMatrix(second)},
        nodes=node, latency_s=0.1, pair_wait_s=0.3, share_copies=True, state=DensityMatrix(start),
    )  # fmt: skip
    np.testing.assert_allclose(result.state.matrix, rho, atol=1e-13)
    assert result.pairs == {("a", "b"): 1, ("a", "c"): 1}


@pytest.mark.parametrize(
    ("circuit", "assignment", "apart", "together"),
    [
        ([("cnot", (0, 1)), ("cnot", (0, 2))], "abb", {("a", "b"): 2}, {("a", "b"): 1}),
        ([("cnot", (0, 1)), ("t", 0), ("cz", (0, 2))], "abb", {("a", "b"): 2}, {("a", "b"): 1}),
        ([("cnot", (0, 1)), ("x", 0), ("cnot", (0, 2))], "abb", {("a", "b"): 2}, {("a", "b"): 2}),
        ([("cnot", (1, 0)), ("cnot", (2, 0))], "abb", {("a", "b"): 2}, {("a", "b"): 1}),  # copied along X
        ([("cnot", (0, 1)), ("cnot", (1, 0))], "ab", {("a", "b"): 2}, {("a", "b"): 2}),
        ([("cnot", (0, 1))] * 3, "ab", {("a", "b"): 3}, {("a", "b"): 1}),
        ([("swap", (0, 1)), ("cnot", (0, 1))], "ab", {("a", "b"): 3}, {("a", "b"): 3}),
        # two copies at once, one at each of two nodes
        ([("cz", (0, 1)), ("cz", (0, 2)), ("cnot", (0, 1)), ("cnot", (0, 2))], "abc",
         {("a", "b"): 2, ("a", "c"): 2}, {("a", "b"): 1, ("a", "c"): 1}),
        # all controlled phases of a Fourier transform of four qubits, two at each node: of 4 gates between them 2 controls
        ([("cz", (1, 0)), ("cz", (2, 0)), ("cz", (3, 0)), ("h", 1), ("cz", (2, 1)), ("cz", (3, 1))], "aabb",
         {("a", "b"): 4}, {("a", "b"): 2}),
    ],
)  # fmt: skip
def test_fewest_pairs(circuit, assignment, apart, together):
    assert pairs_of(circuit, assignment) == (apart, together)
    perfect = run_distributed(circuit, assignment, PERFECT, share_copies=True)
    np.testing.assert_allclose(perfect.fidelity, 1, rtol=1e-12)


def test_without_gates_that_share_nothing_changes(rng):
    state, pair = random_state((2, 2, 2), rng=rng), random_state((2, 2), rng=rng)
    circuit = [("cnot", (0, 1)), ("h", 0), ("cz", (0, 2)), ("swap", (1, 2))]
    node = ProcessorNode(gate_mixing=0.05, readout_error=0.01, memory=Memory(1.0, 0.7))
    given = {"nodes": node, "latency_s": 0.2, "pair_wait_s": 0.1, "state": state}
    apart, together = (run_distributed(circuit, "aab", pair, share_copies=s, **given) for s in (False, True))
    np.testing.assert_array_equal(apart.state.bloch, together.state.bloch)


def test_one_pair_for_a_ghz_state():
    """Of a fan-out by one pair each error is seen once: the fidelity of GHZ states is the pair's, of any number of qubits."""
    fan = [Gate("h", 0), *(Gate("cnot", (0, k)) for k in range(1, 6))]
    pair = werner_state(fidelity=np.array([0.8, 0.95]))
    together = run_distributed(fan, "abbbbb", pair, share_copies=True)
    apart = run_distributed(fan, "abbbbb", pair)
    np.testing.assert_allclose(together.fidelity, [0.8, 0.95], rtol=1e-12)
    assert (apart.fidelity < together.fidelity).all()
    assert (apart.num_pairs, together.num_pairs) == (5, 1)


def test_everything_broadcasts(rng):
    fidelities, mixing, wait = np.array([[[0.9]], [[0.95]]]), np.array([[0.0], [0.02], [0.1]]), np.array([0.0, 0.3])
    state = random_state((2, 2, 2), rng=rng)

    def run(pair, gate_mixing, pair_wait_s):
        node = ProcessorNode(gate_mixing=gate_mixing, memory=Memory(1.0, 1.0))
        return run_distributed(
            [("cnot", (0, 1)), ("cnot", (0, 2))], "abb", werner_state(fidelity=pair), nodes=node, latency_s=0.1,
            pair_wait_s=pair_wait_s, share_copies=True, state=state,
        )  # fmt: skip

    whole = run(fidelities, mixing, wait)
    assert whole.state.batch_shape == whole.fidelity.shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        one = run(fidelities[i, 0, 0], mixing[j, 0], wait[k])
        np.testing.assert_allclose(whole.state[i, j, k].bloch, one.state.bloch, atol=1e-15)


def test_no_pair_at_one_point_is_no_output_there():
    pair = werner_state(fidelity=np.array([0.9, 0.8]))
    tensor = pair.bloch.copy()
    tensor[1] = np.nan
    holed = DensityMatrix.from_bloch(np.nan_to_num(tensor), (2, 2)).normalized()
    result = run_distributed([("cnot", (0, 1)), ("cnot", (0, 2))], "abb", holed, share_copies=True)
    assert np.isnan(result.state.bloch[1]).all()
    assert np.isfinite(result.state.bloch[0]).all()


# Waiting for pairs


def test_data_qubits_wait_for_each_pair():
    """A plus state in each memory loses coherence for the two pairs of a SWAP, and one link is slower."""
    node = ProcessorNode(memory=Memory(np.inf, 2.0))
    spectator = [("h", 2), ("swap", (0, 1)), ("cnot", (0, 1))]
    result = run_distributed(spectator, "abc", PERFECT, nodes=node, pair_wait_s=0.3)
    np.testing.assert_allclose(result.state.ptrace(2).expect("X"), np.exp(-3 * 0.3 / 2.0), rtol=1e-12)
    by_link = {("b", "a"): 0.3, ("a", "c"): 1.0, ("b", "c"): 0.1}
    circuit = [("h", 2), ("cnot", (0, 1)), ("cz", (2, 0))]
    result = run_distributed(circuit, "abc", PERFECT, nodes=node, pair_wait_s=by_link)
    np.testing.assert_allclose(result.state.ptrace(2).expect("X"), np.exp(-1.3 / 2.0), rtol=1e-12)


def test_gates_at_one_node_wait_for_nothing():
    node = ProcessorNode(memory=Memory(1.0, 1.0))
    result = run_distributed([("h", 0), ("cnot", (0, 1))], "aa", PERFECT, nodes=node, pair_wait_s=5.0, latency_s=5.0)
    assert result.fidelity == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        ({"share_copies": 1}, ParameterTypeError, "Parameter `share_copies` must be True or False"),
        ({"pair_wait_s": -1.0}, ParameterError, "Parameter `pair_wait_s` must be at least 0"),
        ({"pair_wait_s": np.nan}, ParameterError, "Parameter `pair_wait_s` must"),
        ({"pair_wait_s": {("a", "c"): 1.0}}, ParameterError, "Parameter `pair_wait_s` must hold the link ('a', 'b')"),
        ({"latency_s": {("a", "c"): 1.0}}, ParameterError, "Parameter `latency_s` must hold the link ('a', 'b')"),
    ],
)
@pytest.mark.parametrize("shared", [False, True])
def test_refusals(more, error, text, shared):
    with pytest.raises(error) as raised:
        run_distributed([("cnot", (0, 1)), ("cnot", (0, 2))], "abb", PERFECT, **({"share_copies": shared} | more))
    assert text in str(raised.value)


def test_shared_copies_take_no_more_pairs_than_there_are():
    circuit = [("cnot", (0, 1)), ("cnot", (0, 2))]
    run_distributed(circuit, "abb", [PERFECT], share_copies=True)
    with pytest.raises(ParameterError, match=r"must hold at least 2 pairs for this circuit, but holds 1"):
        run_distributed(circuit, "abb", [PERFECT])


def test_copies_that_do_not_fit_are_refused(monkeypatch):
    circuit = [("cnot", (0, k)) for k in range(1, 10)]
    monkeypatch.setattr("qnet_core._checks._available_bytes", lambda: 50_000_000)
    run_distributed(circuit, "abbbbbbbbb", PERFECT)
    with pytest.raises(CapacityError, match=r"The state with its copies of controls would need 0\.101 GB"):
        run_distributed(circuit, "abbbbbbbbb", PERFECT, share_copies=True)
