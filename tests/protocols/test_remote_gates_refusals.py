"""Gates by pairs refuse what they can't do, in the words of the caller."""

import numpy as np
import pytest

from qnet_core import bell_state, ket, random_state
from qnet_core.errors import DimensionError, KrausError, ParameterError, ParameterTypeError
from qnet_protocols import ProcessorNode, compiled_gate, pairs_needed, remote_gate

PAIR = bell_state()
both = pytest.mark.parametrize("function", [remote_gate, compiled_gate])


@both
@pytest.mark.parametrize(
    ("gate", "error", "text"),
    [
        ("cphase", ParameterError, "Parameter `gate` must be a unitary or one of x, y, z"),
        (np.ones((4, 4)), KrausError, "Parameter `gate` must be unitary"),
        (np.diag([1, 1, 1, 0.5]), KrausError, "Parameter `gate` must be unitary"),
        (np.diag([1, 1, 1, np.nan]), ParameterError, "Parameter `gate` must be finite"),
        (np.eye(3), DimensionError, "Parameter `gate` must have shape (2**n, 2**n), but has shape (3, 3)"),
        (np.eye(4)[None], DimensionError, "Parameter `gate` must have shape (2**n, 2**n), but has shape (1, 4, 4)"),
        (np.ones((4, 2)), DimensionError, "Parameter `gate` must have shape (..., 2, 2)"),
        (None, ParameterTypeError, "Parameter `gate` must hold numbers"),
        ("h", DimensionError, "Parameter `gate` must act on at least two qubits, but acts on one."),
    ],
)
def test_gate(function, gate, error, text):
    with pytest.raises(error) as raised:
        function(gate, PAIR)
    assert text in str(raised.value)


@pytest.mark.parametrize("gate", ["swap", "iswap"])
def test_gates_of_two_pairs(gate):
    with pytest.raises(ParameterError, match=r"must have the operator Schmidt rank 2 .* see `compiled_gate`"):
        remote_gate(gate, PAIR)


def test_gates_that_the_first_qubit_does_not_control():
    with pytest.raises(ParameterError, match="Parameter `gate` must be controlled by its first qubit"):
        remote_gate(np.kron([[0, 1], [1, 0]], np.eye(4)), PAIR)


@both
@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        ({"gate_mixing": 1.5}, ParameterError, "Parameter `gate_mixing` must be between 0 and 1, but is 1.5"),
        ({"readout_error": np.nan}, ParameterError, "Parameter `readout_error` must be between 0 and 1, but is nan"),
        ({"gate_mixing": (0.1, 0.1, 0.1)}, DimensionError, "Parameter `gate_mixing` must be one value or a tuple of 2"),
        ({"memory": 1.0}, ParameterTypeError, "Parameter `memory` must be a Memory, but is float"),
        ({"latency_s": -1}, ParameterError, "Parameter `latency_s` must be at least 0 and finite, but is -1"),
    ],
)
def test_hardware(function, more, error, text):
    with pytest.raises(error) as raised:
        function("cnot", PAIR, **more)
    assert text in str(raised.value)


@both
@pytest.mark.parametrize(
    ("resource", "error", "text"),
    [
        (ket("0"), DimensionError, "Parameter `resource` must be a state of two qubits"),
        ([], ParameterError, "Parameter `resource` must hold at least 1 pair"),
        (PAIR.matrix, ParameterTypeError, "Parameter `resource` must be a DensityMatrix or a sequence of them"),
    ],
)
def test_resource(function, resource, error, text):
    with pytest.raises(error) as raised:
        function("cnot", resource)
    assert text in str(raised.value)


def test_more_pairs_than_there_are():
    with pytest.raises(ParameterError, match="`resource` must hold at least 3 pairs for this gate, but holds 2"):
        compiled_gate("swap", [PAIR, PAIR], method="gates")


def test_batches_that_do_not_fit(rng):
    with pytest.raises(DimensionError, match="Batch shapes must broadcast"):
        remote_gate("cnot", random_state((2, 2), batch_shape=(3,), rng=rng), readout_error=[0.1, 0.2])


def test_method():
    with pytest.raises(ParameterError, match="Parameter `method` must be one of fewest, gates, but is 'best'"):
        pairs_needed("cnot", method="best")
    unitary = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    with pytest.raises(ParameterError, match="Parameter `method` must be 'fewest' for a gate that is neither"):
        compiled_gate(unitary, PAIR, method="gates")


def test_node():
    with pytest.raises(ParameterError, match=r"Parameter `one_qubit_mixing` must be between 0 and 1, but is -0\.1"):
        ProcessorNode(one_qubit_mixing=-0.1)
    with pytest.raises(ParameterTypeError, match=r"Parameter `num_qubits` must be an integer, but is 1\.5"):
        ProcessorNode(num_qubits=1.5)
    with pytest.raises(ParameterTypeError, match="Parameter `memory` must be a Memory, but is str"):
        ProcessorNode(memory="good")
    with pytest.raises(DimensionError, match="Batch shapes must broadcast"):
        ProcessorNode(gate_mixing=[0.1, 0.2], readout_error=[0.1, 0.2, 0.3])
    with pytest.raises(ParameterError, match="must be a platform with a value of two_qubit_gate_fidelity"):
        ProcessorNode.preset("quantum_dot")
