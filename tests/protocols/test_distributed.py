"""Circuits over several nodes against dense circuits, and for what must not depend on who has which qubit."""

import distributed_qutip
import numpy as np
import oracles
import pytest
import qutip
import teleportation_oracle as circuits
from hypothesis import given, settings
from hypothesis import strategies as st
from protocols.dense_circuits import MATRICES, dense, random_circuit
from teleportation_oracle import CNOT, HADAMARD

from qnet_channels import Memory, preset
from qnet_core import DensityMatrix, bell_state, fidelity, ghz_state, ket, random_state, werner_state
from qnet_protocols import Gate, ProcessorNode, compiled_gate, pairs_per_link, remote_gate, run_distributed

PERFECT = bell_state()
FEW = settings(max_examples=25, deadline=None)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@FEW
def test_with_perfect_pairs_it_is_the_local_circuit(seed, num_nodes):
    rng = np.random.default_rng(seed)
    circuit, start = random_circuit(rng, 4, 6), oracles.random_density(rng, 16, 2)
    assignment = [f"node {k}" for k in rng.integers(0, num_nodes, 4)]
    result = run_distributed(circuit, assignment, PERFECT, state=DensityMatrix(start))
    np.testing.assert_allclose(result.state.matrix, dense(circuit, start), atol=1e-10)
    np.testing.assert_allclose(result.fidelity, 1, rtol=1e-9)
    assert result.pairs == pairs_per_link(circuit, assignment)
    assert result.num_pairs == 0 or len(set(assignment)) > 1


def test_noise_of_every_part_against_dense_circuits(rng):
    """Local gates, gates between nodes, their memories and messages: one step after another."""
    circuit = [Gate("h", 0), Gate("cnot", (0, 1)), Gate("cnot", (1, 2)), Gate("swap", (0, 2))]
    start, pair = oracles.random_density(rng, 8), oracles.random_density(rng, 4)
    left = ProcessorNode(gate_mixing=0.05, one_qubit_mixing=0.01, readout_error=0.03, memory=Memory(3.0, 2.0))
    right = ProcessorNode(gate_mixing=0.08, one_qubit_mixing=0.02, readout_error=0.06, memory=Memory(1.0, 1.5))
    slow, fast = circuits.relaxation(0.2, 3.0, 2.0), circuits.relaxation(0.2, 1.0, 1.5)
    rho = circuits.gate(start, HADAMARD, (0,), 0.01)
    rho = circuits.gate(rho, CNOT, (0, 1), 0.05)
    for kraus, qubit in ((slow, 0), (fast, 2)):  # until the message is there; the control waits afterwards
        rho = circuits.apply(rho, kraus, (qubit,))
    rho = circuits.copied_gate(rho, CNOT, (1, 2), [pair], (0.05, 0.08), (0.03, 0.06), fast)
    for kraus, qubit in ((slow, 0), (slow, 1), (slow, 1), (fast, 2)):  # until the other one is there
        rho = circuits.apply(rho, kraus, (qubit,))
    rho = circuits.teleported(rho, 0, pair, 0.05, 0.03, fast)
    rho = circuits.teleported(rho, 2, circuits.reorder(pair, (1, 0)), 0.08, 0.06, slow)
    rho = circuits.reorder(circuits.apply(rho, slow, (1,)), (2, 1, 0))
    result = run_distributed(
        circuit, {0: "left", 1: "left", 2: "right"}, DensityMatrix(pair), nodes={"left": left, "right": right},
        latency_s=0.2, state=DensityMatrix(start),
    )  # fmt: skip
    np.testing.assert_allclose(result.state.matrix, rho, atol=1e-13)
    assert result.pairs == {("left", "right"): 3}
    expected = fidelity(DensityMatrix(rho), DensityMatrix(dense(circuit, start)))
    np.testing.assert_allclose(result.fidelity, expected, rtol=1e-9)


def test_teleported_gates_of_a_circuit_are_remote_gates(rng):
    pair, start = random_state((2, 2), rng=rng), random_state((2, 2, 2), rng=rng)
    node = ProcessorNode(gate_mixing=0.05, readout_error=0.03)
    noise = {"gate_mixing": 0.05, "readout_error": 0.03}
    expected = start.apply(remote_gate("cz", pair, **noise), (0, 2)).apply(
        compiled_gate("toffoli", pair, **noise), (2, 1, 0)
    )
    circuit = [("cz", (0, 2)), ("toffoli", (2, 1, 0))]
    # every first half is at the node that comes first, so the Toffoli's pairs are seen from their other ends
    mapping = {("a", "c"): [pair, pair.permute((1, 0))], ("b", "a"): pair}
    result = run_distributed(circuit, ["a", "b", "c"], mapping, nodes=node, state=start)
    np.testing.assert_allclose(result.state.bloch, expected.bloch, atol=1e-14)


def test_grover_search_against_qutip():
    """Both CZs of the two-qubit search by Werner pairs, whose errors QuTiP puts behind perfect gates."""
    weights = np.array([0.94, 0.02, 0.02, 0.02])
    one, h, x, z = qutip.qeye(2), qutip.Qobj(HADAMARD), qutip.sigmax(), qutip.sigmaz()
    cz = qutip.Qobj(MATRICES["cz"], dims=[[2, 2]] * 2)
    errors = [qutip.tensor(a, b) for a, b in ((one, one), (z, one), (one, z), (z, z))]  # of phi+, phi-, psi+, psi-
    rho, both = qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 0)).proj(), lambda u: qutip.tensor(u, u)
    for before in (both(h), both(x) @ both(h)):
        rho = sum(w * (m := e @ cz @ before) @ rho @ m.dag() for w, e in zip(weights, errors, strict=True))
    rho = (m := both(h) @ both(x)) @ rho @ m.dag()
    layers = [[Gate(name, 0), Gate(name, 1)] for name in ("h", "x")]
    search = [*layers[0], Gate("cz", (0, 1)), *layers[0], *layers[1], Gate("cz", (0, 1)), *layers[1], *layers[0]]
    found = run_distributed(search, ["left", "right"], werner_state(fidelity=0.94))
    np.testing.assert_allclose(found.state.matrix, rho.full(), atol=1e-14)
    np.testing.assert_allclose(found.fidelity, found.state.matrix[3, 3].real, rtol=1e-12)


@pytest.mark.parametrize(
    ("circuit", "homes"),
    [
        ([("h", 0), ("cnot", (0, 1)), ("s", 1), ("cz", (1, 0)), ("h", 1)], "ab"),
        ([("h", 0), ("cnot", (0, 1)), ("cnot", (1, 2)), ("x", 0), ("cz", (2, 0))], "abb"),
        ([("h", 0), ("cnot", (0, 1)), ("cnot", (0, 2)), ("h", 2), ("cnot", (2, 1))], "abc"),
    ],
)
def test_against_a_full_simulation_in_qutip(rng, circuit, homes):
    """Any pair: its two qubits in the register, gates and readouts with noise, measurements, corrections."""
    pair = oracles.random_density(rng, 4)
    node = ProcessorNode(gate_mixing=0.05, one_qubit_mixing=0.01, readout_error=0.03, memory=Memory(2.0, 1.5))
    # first halves are where the control is, and are to be given where the assignment has its first qubit
    ends = [(homes[a], homes[b]) for name, on in circuit if name in ("cnot", "cz") for a, b in [on]]
    state = DensityMatrix(pair)
    pairs = [state.permute((1, 0)) if start > end else state for start, end in ends if start != end]
    expected = distributed_qutip.run(
        circuit, homes, pair, gate_mixing=0.05, one_qubit_mixing=0.01, readout_error=0.03,
        wait=circuits.relaxation(0.2, 2.0, 1.5),
    )  # fmt: skip
    result = run_distributed(circuit, homes, pairs, nodes=node, pair_wait_s=0.2)
    np.testing.assert_allclose(result.state.matrix, expected, atol=1e-13)


# Another assignment


GHZ = [Gate("h", 0), Gate("cnot", (0, 1)), Gate("cnot", (1, 2)), Gate("cnot", (2, 3))]


@pytest.mark.parametrize(
    ("assignment", "pairs"),
    [
        ("aaaa", {}),
        ("aabb", {("a", "b"): 1}),
        ("abab", {("a", "b"): 3}),
        ("abcd", {("a", "b"): 1, ("b", "c"): 1, ("c", "d"): 1}),
        ({3: "a", 2: "a", 0: "b", 1: "b"}, {("b", "a"): 1}),
    ],
)
def test_assignment_alone_changes_the_pairs(assignment, pairs):
    pair = werner_state(fidelity=0.94)
    result = run_distributed(GHZ, assignment, pair)
    assert result.pairs == pairs
    # errors of the CNOT are X on the target (half of them) and Z, which GHZ states feel at their own rates
    worst = 0.94 ** sum(pairs.values())
    assert worst - 1e-12 <= result.fidelity <= 1
    np.testing.assert_allclose(run_distributed(GHZ, assignment, PERFECT).state.bloch, ghz_state(4).bloch, atol=1e-15)


def test_a_gate_between_qubits_of_two_nodes_is_done_where_most_are():
    assert pairs_per_link([("toffoli", (0, 1, 2))], "aab") == {("a", "b"): 1}  # the target controls in X
    assert pairs_per_link([("toffoli", (0, 1, 2))], "aba") == {("a", "b"): 1}
    assert pairs_per_link([("toffoli", (0, 1, 2))], "abb") == {("a", "b"): 1}
    assert pairs_per_link([("ccz", (0, 1, 2))], "abc") == {("a", "c"): 1, ("b", "c"): 1}
    assert pairs_per_link([("swap", (0, 1))], "ab") == {("a", "b"): 2}


# Pairs


def test_links_have_their_own_pairs_and_latencies(rng):
    near, far = random_state((2, 2), rng=rng), random_state((2, 2), rng=rng)
    node = ProcessorNode(memory=Memory(1.0, 1.0))
    result = run_distributed(
        GHZ[:3], "abc", {("a", "b"): near, ("c", "b"): far}, nodes=node, latency_s={("a", "b"): 0.1, ("c", "b"): 0.3}
    )
    steps = [
        run_distributed(GHZ[:2], "abc", near, nodes=node, latency_s=0.1),
        lambda state: run_distributed(GHZ[2:3], "abc", far.permute((1, 0)), nodes=node, latency_s=0.3, state=state),
    ]
    np.testing.assert_allclose(result.state.bloch, steps[1](steps[0].state).state.bloch, atol=1e-15)


def test_pairs_are_used_in_order(rng):
    pairs = list(random_state((2, 2), batch_shape=(3,), rng=rng)[k] for k in range(3))
    expected = ket("000")
    for name, on, pair in (("cnot", (0, 1), pairs[0]), ("cz", (1, 2), pairs[1]), ("cnot", (0, 2), pairs[2])):
        expected = expected.apply(remote_gate(name, pair), on)
    circuit = [("cnot", (0, 1)), ("cz", (1, 2)), ("cnot", (0, 2))]
    np.testing.assert_allclose(run_distributed(circuit, "abc", pairs).state.bloch, expected.bloch, atol=1e-15)


# Hardware


def test_what_hardware_does_is_one_change_of_preset():
    found = {
        name: run_distributed(
            GHZ, "abab", werner_state(fidelity=0.97), nodes=ProcessorNode.preset(name, num_qubits=2), latency_s=1e-5
        ).fidelity
        for name in ("ion_sr88_ca43", "ion_ba138_duke", "nv_delft")
    }
    assert found["ion_sr88_ca43"] > found["ion_ba138_duke"] > found["nv_delft"] > 0.25
    node = ProcessorNode.preset("ion_sr88_ca43")
    station = preset("ion_sr88_ca43").station()
    assert (node.gate_mixing, node.readout_error) == (station.gate_mixing, station.readout_error)
    np.testing.assert_allclose(node.one_qubit_mixing, 2 * 1e-4, rtol=1e-9)  # of a gate of 99.99 %
    assert (node.station.gate_mixing, node.station.readout_error) == (station.gate_mixing, station.readout_error)


def test_everything_broadcasts():
    fidelities, mixing, latency = np.array([[[0.9]], [[0.95]]]), np.array([[0.0], [0.02], [0.1]]), np.array([0.0, 0.3])
    state = random_state((2, 2, 2), rng=np.random.default_rng(4))

    def run(pair, gate_mixing, latency_s):
        node = ProcessorNode(gate_mixing=gate_mixing, memory=Memory(1.0, 1.0))
        return run_distributed(
            GHZ[:3], "aba", werner_state(fidelity=pair), nodes=node, latency_s=latency_s, state=state
        )

    whole = run(fidelities, mixing, latency)
    assert whole.state.batch_shape == whole.fidelity.shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        one = run(fidelities[i, 0, 0], mixing[j, 0], latency[k])
        np.testing.assert_allclose(whole.state[i, j, k].bloch, one.state.bloch, atol=1e-15)
        np.testing.assert_allclose(whole.fidelity[i, j, k], one.fidelity, rtol=1e-12)


def test_the_input_is_left_alone(rng):
    state = random_state((2, 2, 2, 2), rng=rng)
    before = state.bloch.copy()
    run_distributed(GHZ, "abab", werner_state(fidelity=0.9), state=state)
    np.testing.assert_array_equal(state.bloch, before)


def test_twelve_qubits_on_four_nodes():
    """A GHZ state of all: the error of each of three links is one of its stabilizers, or it is not."""
    chain = [Gate("h", 0), *(Gate("cnot", (k, k + 1)) for k in range(11))]
    result = run_distributed(chain, "aaabbbcccddd", werner_state(fidelity=0.97))
    assert result.num_pairs == 3
    # Z errors cancel in pairs whatever their link, X errors do not: mean over the signs of a product of characters
    even = [(0.97 + sign * 0.01) for sign in (1, -1)]
    np.testing.assert_allclose(result.fidelity, sum(e**3 for e in even) / 2, rtol=1e-10)
    np.testing.assert_allclose(result.state.expect("Z" * 12), (0.97 + 0.01 - 0.02) ** 2, rtol=1e-10)


def test_no_gate_no_change():
    result = run_distributed([], ["a"], PERFECT)
    np.testing.assert_array_equal(result.state.bloch, ket("0").bloch)
    assert (result.fidelity, result.pairs, result.num_pairs) == (1, {}, 0)
