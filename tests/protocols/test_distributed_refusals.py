"""Distributed circuits refuse what can't be run, in the words of the caller."""

import numpy as np
import pytest

from qnet_core import DensityMatrix, bell_state, ket
from qnet_core.errors import DimensionError, KrausError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import Gate, ProcessorNode, pairs_per_link, run_distributed

PAIR = bell_state()
CIRCUIT = [Gate("h", 0), Gate("cnot", (0, 1)), Gate("cnot", (1, 2))]


@pytest.mark.parametrize(
    ("assignment", "error", "text"),
    [
        (["a", "b"], ParameterError, "Parameter `assignment` must give qubit 2 a node, as `circuit[2]` acts on it."),
        (
            {0: "a", 2: "b"},
            ParameterError,
            "Parameter `assignment` must give every qubit a node, but qubit 1 has none.",
        ),
        (["a", None, "b"], ParameterError, "but qubit 1 has none."),
        ([], ParameterTypeError, "Parameter `assignment` must give the node of each qubit"),
        (3, ParameterTypeError, "as a sequence or a mapping, but is 3."),
        ({"q": "a"}, ParameterTypeError, "Parameter `assignment` must be an integer, but is 'q'"),
        ([["a"], "b", "c"], ParameterTypeError, "Parameter `assignment` must name nodes by what can be a key"),
    ],
)
def test_assignment(assignment, error, text):
    for function in (pairs_per_link, lambda *given: run_distributed(*given, PAIR)):
        with pytest.raises(error) as raised:
            function(CIRCUIT, assignment)
        assert text in str(raised.value)


def test_more_qubits_than_a_node_has():
    node = ProcessorNode(num_qubits=1)
    text = "Parameter `assignment` must put at most 1 of its qubits on the node 'a', but puts 2."
    with pytest.raises(ParameterError, match=text):
        run_distributed(CIRCUIT, "aab", PAIR, nodes=node)
    with pytest.raises(ParameterError, match=text):
        run_distributed(CIRCUIT, "aab", PAIR, nodes={"a": node, "b": ProcessorNode()})
    run_distributed(CIRCUIT, "abc", PAIR, nodes=node)


@pytest.mark.parametrize(
    ("nodes", "error", "text"),
    [
        ({"a": ProcessorNode()}, ParameterError, "Parameter `nodes` must hold the node 'b', but holds 'a'."),
        (0.1, ParameterTypeError, "Parameter `nodes` must hold a ProcessorNode, but holds float"),
        ({"a": 1, "b": 2}, ParameterTypeError, "Parameter `nodes` must hold a ProcessorNode, but holds int"),
    ],
)
def test_nodes(nodes, error, text):
    with pytest.raises(error) as raised:
        run_distributed(CIRCUIT, "aab", PAIR, nodes=nodes)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("circuit", "error", "text"),
    [
        ("cnot", ParameterTypeError, "Parameter `circuit` must be a sequence of gates"),
        (7, ParameterTypeError, "Parameter `circuit` must be a sequence of gates"),
        (["h"], ParameterTypeError, "Parameter `circuit` must hold (gate, qubits), but circuit[0] is 'h'"),
        ([("h", 0), ("cphase", (0, 1))], ParameterError, "Parameter `circuit[1]` must be a unitary or one of x, y, z"),
        ([(2 * np.eye(2), 0)], KrausError, "Parameter `circuit[0]` must be unitary"),
        ([("cnot", 0)], DimensionError, "Parameter `circuit[0]` must name 2 qubits for this gate, but names 1."),
        ([("cnot", (1, 1))], DimensionError, "Parameter `circuit[0]` must name each subsystem once"),
        ([("h", -1)], DimensionError, "Parameter `circuit[0]` must lie between 0 and 2"),
        ([("h", "0")], ParameterTypeError, "Parameter `circuit[0]` must be an integer or a sequence"),
        ([("h", 3)], ParameterError, "Parameter `assignment` must give qubit 3 a node"),
    ],
)
def test_circuit(circuit, error, text):
    with pytest.raises(error) as raised:
        run_distributed(circuit, "aab", PAIR)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("resource", "error", "text"),
    [
        ([PAIR], ParameterError, "`resource` must hold at least 2 pairs for this circuit, but holds 1."),
        ({("a", "b"): PAIR}, ParameterError, "`resource` must hold pairs of the link ('b', 'c'), but has none."),
        (
            {("a", "b"): [], ("c", "b"): PAIR},
            ParameterError,
            "`resource` must hold at least 1 pair for the link ('a', 'b'), but holds 0.",
        ),
        (ket("0"), DimensionError, "`resource` must be a state of two qubits"),
        (0.9, ParameterTypeError, "`resource` must be a DensityMatrix or a sequence of them, but is float"),
    ],
)
def test_resource(resource, error, text):
    with pytest.raises(error) as raised:
        run_distributed(CIRCUIT, "abc", resource)
    assert text in str(raised.value)


def test_latency():
    with pytest.raises(ParameterError, match=r"Parameter `latency_s` must hold the link \('b', 'c'\), but does not."):
        run_distributed(CIRCUIT, "abc", PAIR, latency_s={("a", "b"): 0.1})
    with pytest.raises(ParameterError, match="Parameter `latency_s` must be at least 0 and finite, but is -1"):
        run_distributed(CIRCUIT, "abc", PAIR, latency_s=-1.0)


def test_input():
    with pytest.raises(DimensionError, match=r"`state` must be a state of 3 qubits, but has dims \(2, 2\)"):
        run_distributed(CIRCUIT, "abc", PAIR, state=PAIR)
    with pytest.raises(ParameterTypeError, match="Parameter `state` must be a DensityMatrix, but is list"):
        run_distributed(CIRCUIT, "abc", PAIR, state=[1, 0])
    half = DensityMatrix(ket("000").matrix / 2)
    with pytest.raises(
        StateError, match=r"Parameter `state` must have trace 1 \(normalize it first\), but is off by 0.5"
    ):
        run_distributed(CIRCUIT, "abc", PAIR, state=half)
