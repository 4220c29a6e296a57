"""Teleportation refuses what it can't do, in the words of the caller."""

import numpy as np
import pytest

from qnet_channels import BellStation, Memory
from qnet_core import DensityMatrix, bell_state, ket, maximally_mixed_state, random_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import (
    optimal_local_correction,
    process_tomography,
    teleport,
    teleport_branches,
    teleportation_channel,
    teleportation_instrument,
)

PAIR, QUBIT = bell_state(), ket("0")
HALF = DensityMatrix.from_bloch(0.5 * bell_state().bloch, (2, 2))
NOTHING = DensityMatrix.from_bloch(np.zeros((4, 4)), (2, 2)).normalized()
EVERY = [
    lambda resource, **more: teleport(QUBIT, resource, **more),
    lambda resource, **more: teleport_branches(QUBIT, resource, **more),
    teleportation_channel,
    teleportation_instrument,
]
every = pytest.mark.parametrize("function", EVERY)


@every
@pytest.mark.parametrize(
    ("resource", "error", "text"),
    [
        (PAIR.matrix, ParameterTypeError, "Parameter `resource` must be a DensityMatrix"),
        (ket("0"), DimensionError, "Parameter `resource` must be a state of two qubits, but has dims (2,)"),
        (maximally_mixed_state((2, 3)), DimensionError, "but has dims (2, 3)"),
        (HALF, StateError, "Parameter `resource` must have trace 1 (normalize it first), but is off by 0.5"),
    ],
)
def test_resource(function, resource, error, text):
    with pytest.raises(error) as raised:
        function(resource)
    assert text in str(raised.value)


@every
@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        ({"station": 0.1}, ParameterTypeError, "Parameter `station` must be a"),
        ({"memory": 1.0}, ParameterTypeError, "Parameter `memory` must be a Memory, but is float"),
        ({"latency_s": -1.0}, ParameterError, "Parameter `latency_s` must be at least 0 and finite, but is -1"),
        ({"latency_s": np.nan}, ParameterError, "Parameter `latency_s` must be at least 0 and finite, but is nan"),
        ({"latency_s": "soon"}, ParameterTypeError, "Parameter `latency_s` must hold real numbers"),
    ],
)
def test_hardware(function, more, error, text):
    with pytest.raises(error) as raised:
        function(PAIR, **more)
    assert text in str(raised.value)


@every
def test_batches_that_do_not_fit(function, rng):
    pairs = random_state((2, 2), batch_shape=(3,), rng=rng)
    with pytest.raises(DimensionError, match="Batch shapes must broadcast"):
        function(pairs, station=BellStation(readout_error=[0.1, 0.2]))
    with pytest.raises(DimensionError, match="Batch shapes must broadcast"):
        function(pairs, memory=Memory(1.0, 1.0), latency_s=[0.1, 0.2])


def test_hops():
    with pytest.raises(ParameterError, match=r"`resource` must hold at least 1 pair, but holds 0"):
        teleportation_channel([])
    with pytest.raises(DimensionError, match=r"Parameter `resource\[1\]` must be a state of two qubits"):
        teleportation_channel([PAIR, QUBIT])
    with pytest.raises(
        ParameterTypeError, match="`resource` must be a DensityMatrix or a sequence of them, but is str"
    ):
        teleportation_channel("phi+")


@pytest.mark.parametrize("function", [teleport, teleport_branches])
def test_input(function):
    with pytest.raises(ParameterTypeError, match="Parameter `state` must be a DensityMatrix, but is list"):
        function([1, 0], PAIR)
    with pytest.raises(ParameterError, match="Parameter `on` must be between 0 and 0, but is 1"):
        function(QUBIT, PAIR, on=1)
    with pytest.raises(ParameterTypeError, match="Parameter `on` must be an integer"):
        function(PAIR, PAIR, on=(0, 1))
    with pytest.raises(DimensionError, match=r"Parameter `on` must name subsystems of dims \(2,\)"):
        function(maximally_mixed_state((2, 3)), PAIR, on=1)


def test_no_instrument_without_pair():
    with pytest.raises(StateError, match="Parameter `resource` must be a state at every point of the batch"):
        teleportation_instrument(NOTHING)


def test_correction():
    with pytest.raises(DimensionError, match="Parameter `resource` must be a state of two qubits"):
        optimal_local_correction(QUBIT)


@pytest.mark.parametrize(
    ("process", "more", "error", "text"),
    [
        (3, {}, ParameterTypeError, "Parameter `process` must be callable, but is int"),
        (
            lambda state: state.matrix,
            {},
            ParameterTypeError,
            "`process` must return a DensityMatrix, but returned ndarray",
        ),
        (
            lambda _: maximally_mixed_state(3),
            {},
            DimensionError,
            "must return states of qubits, but returned dims (3,)",
        ),
        (lambda state: state, {"num_qubits": 0}, ParameterError, "`num_qubits` must be at least 1, but is 0"),
        (lambda state: state, {"shots": 0}, ParameterError, "`shots` must be at least 1, but is 0"),
        (
            lambda state: state,
            {"shots": 10},
            ParameterTypeError,
            "`rng` must be a numpy.random.Generator, but is NoneType",
        ),
    ],
)
def test_tomography(process, more, error, text):
    with pytest.raises(error) as raised:
        process_tomography(process, **more)
    assert text in str(raised.value)


def test_tomography_of_outputs_that_differ():
    with pytest.raises(DimensionError, match="must give states of the same dims for all inputs"):
        process_tomography(lambda s: s if s.expect("Z") < 0.5 else PAIR)
