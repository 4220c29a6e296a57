"""A density matrix goes in as a matrix or a Bloch tensor and comes out as either."""

from itertools import product
from math import prod

import numpy as np
import oracles
import pytest

from qnet_core import DensityMatrix

DIMS = [(2,), (2, 2), (3,), (2, 3), (4, 2, 3)]
BATCHES = [(), (5,), (2, 3)]


def random_matrices(rng, dims, batch=()):
    return oracles.stack(lambda: oracles.random_density(rng, prod(dims)), batch)


@pytest.mark.parametrize(("dims", "batch"), list(product(DIMS, BATCHES)))
def test_matrix_to_bloch_and_back(rng, dims, batch):
    matrices = random_matrices(rng, dims, batch)
    rho = DensityMatrix(matrices, dims)
    bloch = oracles.pointwise(lambda m: oracles.bloch_tensor(m, dims), matrices)
    assert rho.dims == dims
    assert rho.num_subsystems == len(dims)
    assert rho.batch_shape == batch
    assert rho.bloch.shape == batch + tuple(d * d for d in dims)
    assert rho.bloch.dtype == np.float64
    np.testing.assert_allclose(rho.bloch, bloch, atol=1e-13)
    np.testing.assert_allclose(rho.matrix, matrices, atol=1e-14)
    back = DensityMatrix.from_bloch(bloch, dims)
    assert (back.dims, back.batch_shape) == (dims, batch)
    np.testing.assert_allclose(back.matrix, matrices, atol=1e-14)


def test_asarray_gives_the_matrix(rng):
    rho = DensityMatrix(random_matrices(rng, (2, 3), (5,)), (2, 3))
    assert np.asarray(rho).dtype == np.complex128
    np.testing.assert_array_equal(np.asarray(rho), rho.matrix)
    np.testing.assert_array_equal(np.asarray(rho, dtype=np.complex64).dtype, np.complex64)


@pytest.mark.parametrize(("size", "dims"), [(2, (2,)), (4, (2, 2)), (8, (2, 2, 2))])
def test_dims_default_to_qubits(size, dims):
    assert DensityMatrix(np.eye(size) / size).dims == dims


def test_dims_as_an_integer_mean_one_subsystem():
    rho = DensityMatrix(np.eye(4) / 4, 4)
    assert (rho.dims, rho.num_subsystems, rho.bloch.shape) == ((4,), 1, (16,))


def test_the_qubit_of_the_physics_tables():
    rho = DensityMatrix(oracles.TILTED_QUBIT)
    np.testing.assert_allclose(rho.bloch, [1, 0.3, -0.4, 0.5], atol=1e-15)


def test_bloch_is_in_the_order_of_the_tensor_factors():
    zero, plus = np.diag([1.0, 0.0]), np.full((2, 2), 0.5)
    bloch = DensityMatrix(np.kron(zero, plus)).bloch
    expected = np.outer([1, 0, 0, 1], [1, 1, 0, 0])
    np.testing.assert_allclose(bloch, expected, atol=1e-15)


INPUTS = {
    "list": [[1, 0], [0, 0]],
    "integers": np.array([[1, 0], [0, 0]]),
    "float32": np.array([[1, 0], [0, 0]], dtype=np.float32),
    "complex64": np.array([[0.5, -0.25j], [0.25j, 0.5]], dtype=np.complex64),
    "fortran": np.asfortranarray([[0.5, -0.25j], [0.25j, 0.5]]),
    "strided": np.diag([0.25, 9.0, 0.75, 9.0])[::2, ::2],
    "negative strides": np.diag([0.25, 0.75])[::-1, ::-1],
    "big-endian": np.diag([0.25, 0.75]).astype(">c16"),
    "batch last in memory": np.moveaxis(np.ones((2, 2, 3)) * np.eye(2)[:, :, None] / 2, -1, 0),
    "broadcast": np.broadcast_to(np.eye(2) / 2, (3, 2, 2)),
}


@pytest.mark.parametrize("name", INPUTS)
def test_any_numeric_array_is_accepted_and_left_alone(name):
    given = INPUTS[name]
    before = np.array(given, dtype=complex)
    rho = DensityMatrix(given)
    np.testing.assert_allclose(rho.matrix, before, atol=1e-15)
    np.testing.assert_array_equal(np.array(given, dtype=complex), before)


def test_generic_single_precision_state_is_accepted(rng):
    """Rounding to float32 changes trace and eigenvalues by some 1e-8, which is no error."""
    matrix = oracles.random_density(rng, 4).astype(np.complex64)
    np.testing.assert_allclose(DensityMatrix(matrix).matrix, matrix, atol=1e-7)


def test_read_only_input_is_accepted_and_never_aliased(rng):
    matrix = oracles.random_density(rng, 2)
    matrix.setflags(write=False)
    np.testing.assert_allclose(DensityMatrix(matrix).matrix, matrix, atol=1e-15)
    bloch = np.array([1.0, 0.0, 0.0, 0.5])
    rho = DensityMatrix.from_bloch(bloch, 2)
    bloch[3] = -0.5
    np.testing.assert_array_equal(rho.bloch, [1, 0, 0, 0.5])


def test_from_bloch_of_strided_and_integer_tensors():
    strided = np.array([[1, 0], [9, 9], [0, 9], [1, 9]])[:, 0] * np.array([1, 0, 0, 1])
    np.testing.assert_array_equal(DensityMatrix.from_bloch(strided, (2,)).matrix, np.diag([1, 0]))


def test_values_cannot_be_changed_in_place(rng):
    rho = DensityMatrix(random_matrices(rng, (2,), (3,)))
    before = rho.bloch.copy()
    with pytest.raises(ValueError, match="read-only"):
        rho.bloch[0, 0] = 2
    with pytest.raises((AttributeError, TypeError)):
        rho.dims = (4,)
    with pytest.raises(TypeError):
        rho[0] = rho[1]
    if rho.matrix.flags.writeable:
        rho.matrix.fill(0)
    np.testing.assert_array_equal(rho.bloch, before)


def test_trace_and_normalized(rng):
    weights = np.array([1.0, 0.25, 1e-6])
    matrices = random_matrices(rng, (2, 3), (3,)) * weights[:, None, None]
    rho = DensityMatrix(matrices, (2, 3))
    np.testing.assert_allclose(rho.trace(), weights, rtol=1e-14)
    np.testing.assert_allclose(rho.normalized().trace(), 1, rtol=1e-15)
    expected = matrices / weights[:, None, None]
    np.testing.assert_allclose(rho.normalized().matrix, expected, atol=1e-14)
    assert np.shape(rho[0].trace()) == ()


def test_check_false_takes_any_hermitian_matrix():
    rho = DensityMatrix(np.diag([1.5, -0.5]), check=False)
    np.testing.assert_allclose(rho.bloch, [1, 0, 0, 2], atol=1e-15)


def test_rounding_noise_is_no_reason_to_refuse(rng):
    unitary = oracles.random_unitary(rng, 8)
    pure = oracles.projector(unitary[:, 0])
    noise = 1e-15 * oracles.random_complex(rng, 8, 8)
    np.testing.assert_allclose(DensityMatrix(pure + noise).matrix, pure, atol=1e-13)


def test_repr_is_short_and_tells_dims_and_batch():
    text = repr(DensityMatrix(np.broadcast_to(np.eye(6) / 6, (7, 6, 6)), (2, 3)))
    assert "(2, 3)" in text
    assert "7" in text
    assert len(text) < 200
