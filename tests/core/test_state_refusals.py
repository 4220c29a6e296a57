"""Every state that is none is refused, in words that name the parameter, range and value."""

import numpy as np
import pytest

import qnet_core as qc
from qnet_core import DensityMatrix
from qnet_core.errors import (
    DimensionError,
    ParameterError,
    ParameterTypeError,
    StateError,
)

NAN = np.diag([0.5, np.nan])
INF = np.diag([0.5, np.inf])
MIXED = np.eye(2) / 2
ONE_BAD_POINT = np.array([np.eye(2) / 2, np.diag([1.3, -0.3])])

# (what is called, the error, pieces of the message)
MATRICES = {
    "not Hermitian": ([[0.5, 0.25], [0.125, 0.5]], None, StateError, ["Hermitian"]),
    "not Hermitian diagonal": ([[0.5 + 0.25j, 0], [0, 0.5]], None, StateError, ["Hermitian"]),
    "not positive": (np.diag([1.2, -0.2]), None, StateError, ["eigenvalue", "-0.2"]),
    "not positive qubit": ([[0.5, 0.75], [0.75, 0.5]], None, StateError, ["eigenvalue", "-0.25"]),
    "one bad point": (ONE_BAD_POINT, None, StateError, ["eigenvalue", "-0.3"]),
    "trace zero": (np.zeros((2, 2)), None, StateError, ["trace", "0"]),
    "trace negative": (-np.eye(2) / 2, None, StateError, ["-"]),
    "not positive and rare": (1e-10 * np.diag([1.5, -0.5]), None, StateError, ["-5e-11"]),
    "trace above one": (np.diag([1.0, 0.5]), None, StateError, ["trace", "1.5"]),
    "NaN": (NAN, None, (StateError, ParameterError), ["finite"]),
    "infinite": (INF, None, (StateError, ParameterError), ["finite"]),
    "not square": (np.ones((2, 3)), None, DimensionError, ["(2, 3)"]),
    "vector": ([1, 0], None, DimensionError, ["(2,)"]),
    "scalar": (1.0, None, DimensionError, ["()"]),
    "empty": (np.zeros((0, 0)), None, DimensionError, ["(0, 0)"]),
    "empty batch": (np.zeros((0, 2, 2)), None, DimensionError, ["(0, 2, 2)"]),
    "text": ("rho", None, ParameterTypeError, ["rho"]),
    "nothing": (None, None, ParameterTypeError, ["None"]),
    "ragged": ([[1, 0], [0]], None, (ParameterTypeError, DimensionError), []),
}


@pytest.mark.parametrize("name", MATRICES)
def test_bad_matrices(name):
    matrix, dims, error, pieces = MATRICES[name]
    with pytest.raises(error) as caught:
        DensityMatrix(matrix, dims)
    for piece in ["`matrix`", "must", *pieces]:
        assert piece in str(caught.value)


BAD_DIMS = {
    "wrong product": ((2, 3), DimensionError, ["(2, 3)", "4"]),
    "zero": ((0, 4), DimensionError, ["0"]),
    "negative": ((-2, -2), DimensionError, ["-2"]),
    "fraction": ((2.5, 2), (DimensionError, ParameterTypeError), ["2.5"]),
    "text": ("22", ParameterTypeError, ["22"]),
}


@pytest.mark.parametrize("name", BAD_DIMS)
def test_bad_dims(name):
    dims, error, pieces = BAD_DIMS[name]
    with pytest.raises(error) as caught:
        DensityMatrix(np.eye(4) / 4, dims)
    for piece in ["`dims`", "must", *pieces]:
        assert piece in str(caught.value)


def test_dims_must_be_told_where_the_size_is_no_power_of_two():
    with pytest.raises(DimensionError, match=r"`dims` must.*3"):
        DensityMatrix(np.eye(3) / 3)


BLOCH = {
    "wrong shape": ([1, 0, 0], 2, DimensionError, ["(3,)"]),
    "flattened": (np.eye(16)[0], (2, 2), DimensionError, ["(16,)"]),
    "empty batch": (np.zeros((0, 4)), 2, DimensionError, ["(0, 4)"]),
    "NaN": ([1, 0, 0, np.nan], 2, (StateError, ParameterError), ["nan"]),
    "infinite": ([1, 0, 0, np.inf], 2, (StateError, ParameterError), ["inf"]),
    "complex": ([1, 0, 1j, 0], 2, ParameterTypeError, []),
    "text": ("bloch", 2, ParameterTypeError, ["bloch"]),
}


@pytest.mark.parametrize("name", BLOCH)
def test_bad_bloch_tensors(name):
    bloch, dims, error, pieces = BLOCH[name]
    with pytest.raises(error) as caught:
        DensityMatrix.from_bloch(bloch, dims)
    for piece in ["`bloch`", "must", *pieces]:
        assert piece in str(caught.value)


def pair(batch=()):
    return DensityMatrix(np.broadcast_to(np.eye(6) / 6, (*batch, 6, 6)), (2, 3))


RNG = np.random.default_rng(1)
HALF = qc.Channel.from_kraus([np.eye(2)])
OPERATIONS = {
    "ptrace beyond": (lambda: pair().ptrace((0, 2)), DimensionError, ["`keep`", "2"]),
    "ptrace twice": (lambda: pair().ptrace((1, 1)), DimensionError, ["`keep`", "1"]),
    "ptrace fraction": (lambda: pair().ptrace(0.5), ParameterTypeError, ["`keep`", "0.5"]),
    "permute short": (lambda: pair().permute((0,)), DimensionError, ["`order`", "(0,)"]),
    "permute twice": (lambda: pair().permute((0, 0)), DimensionError, ["`order`", "0"]),
    "apply beyond": (lambda: pair().apply(HALF, 2), DimensionError, ["`on`", "2"]),
    "apply below": (lambda: pair().apply(HALF, -3), DimensionError, ["`on`", "-3"]),
    "apply twice": (lambda: pair().apply(HALF.tensor(HALF), (0, 0)), DimensionError, ["`on`"]),
    "apply wrong dim": (lambda: pair().apply(HALF, 1), DimensionError, ["`on`", "3"]),
    "apply too many": (lambda: pair().apply(HALF, (0, 1)), DimensionError, ["`on`"]),
    "apply text": (lambda: pair().apply(HALF, "0"), ParameterTypeError, ["`on`", "0"]),
    "apply a matrix": (lambda: pair().apply(np.eye(2), 0), ParameterTypeError, ["`channel`"]),
    "apply out state": (lambda: pair().apply(HALF, 0, out=3), ParameterTypeError, ["`out`"]),
    "apply out batch": (lambda: pair((2,)).apply(HALF, 0, out=pair()), DimensionError, ["`out`"]),
    "expect letter": (lambda: pair().expect("Q", 0), ParameterError, ["`observable`", "Q"]),
    "expect length": (
        lambda: pair().expect("XX", 0),
        (DimensionError, ParameterError),
        ["`observable`", "XX"],
    ),
    "expect qutrit": (lambda: pair().expect("X", 1), DimensionError, ["`observable`", "3"]),
    "expect shape": (lambda: pair().expect(np.eye(3), 0), DimensionError, ["`observable`"]),
    "expect Hermitian": (
        lambda: pair().expect([[0, 1], [0, 0]], 0),
        ValueError,
        ["`observable`", "Hermitian"],
    ),
    "expect on": (lambda: pair().expect("X", 5), DimensionError, ["`on`", "5"]),
    "reshape": (lambda: pair((6,)).reshape((4,)), DimensionError, ["`batch_shape`", "(4,)"]),
    "broadcast": (lambda: pair((6,)).broadcast_to((4,)), DimensionError, ["`batch_shape`"]),
    "broadcast fraction": (lambda: pair().broadcast_to(2.5), ParameterTypeError, ["`batch_shape`", "2.5"]),
    "tensor batches": (lambda: qc.tensor(pair((2,)), pair((3,))), DimensionError, ["(2,)", "(3,)"]),
    "tensor of a matrix": (lambda: qc.tensor(pair(), MIXED), ParameterTypeError, ["`states`"]),
    "fidelity batches": (lambda: qc.fidelity(pair((2,)), pair((3,))), DimensionError, ["(2,)"]),
    "apply batches": (
        lambda: pair((2,)).apply(qc.random_channel(2, rng=RNG).power(1), 0, out=pair((3,))),
        DimensionError,
        ["`out`"],
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_bad_operations(name):
    call, error, pieces = OPERATIONS[name]
    with pytest.raises(error) as caught:
        call()
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)


def test_out_of_another_size_is_refused():
    lost = qc.Channel.from_kraus(np.eye(3, 2)[None], 2, 3)
    rho = pair()
    with pytest.raises(DimensionError, match="`out`"):
        rho.apply(lost, 0, out=rho)


def test_a_channel_batch_that_does_not_broadcast_is_refused():
    kraus = np.broadcast_to(np.eye(2), (3, 1, 2, 2))
    with pytest.raises(DimensionError, match=r"\(2,\).*\(3,\)|\(3,\).*\(2,\)"):
        pair((2,)).apply(qc.Channel.from_kraus(kraus), 0)
