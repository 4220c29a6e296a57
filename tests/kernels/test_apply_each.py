"""One map per subsystem in one call is the same as one call per map."""

from itertools import product

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix

# Large enough registers for a blocked traversal, small enough for plain Python.
REGISTERS = [(2,), (2, 2), (2, 3, 2), (3, 2, 2, 2), (2, 2, 2, 2, 2)]


def one_by_one(matrix, dims, kraus):
    """Return the oracle's state after every map in turn; ``None`` leaves a subsystem alone."""
    for subsystem, operators in enumerate(kraus):
        if operators is not None:
            matrix, _ = oracles.apply_kraus(operators, matrix, dims, (subsystem,))
    return matrix


@pytest.mark.parametrize("dims", REGISTERS)
@pytest.mark.parametrize("skipped", [(), (0,), (1, 2)])
def test_against_one_map_after_another(rng, dims, skipped):
    size = int(np.prod(dims))
    matrix = oracles.random_density(rng, size)
    kraus = [None if s in skipped else oracles.random_kraus(rng, d) for s, d in enumerate(dims)]
    channels = [k if k is None else Channel.from_kraus(k, d, d) for k, d in zip(kraus, dims, strict=True)]
    expected = one_by_one(matrix, dims, kraus)
    rho = DensityMatrix(matrix, dims)
    before = rho.bloch.copy()
    moved = rho.apply_each(channels)
    assert moved.dims == dims
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)
    np.testing.assert_array_equal(rho.bloch, before)
    assert rho.apply_each(channels, out=rho) is rho
    np.testing.assert_allclose(rho.bloch, moved.bloch, atol=1e-15)


def test_unlike_kinds_of_maps(rng):
    kraus = [
        np.array([np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * oracles.PAULI["Z"]]),
        np.array([oracles.HADAMARD]),
        np.array([np.diag([1, 0.6]), [[0, 0.8], [0, 0]]]),
        oracles.random_kraus(rng, 2)[:1],
    ]
    matrix = oracles.random_density(rng, 16)
    moved = DensityMatrix(matrix).apply_each([Channel.from_kraus(k) for k in kraus])
    np.testing.assert_allclose(moved.matrix, one_by_one(matrix, (2,) * 4, kraus), atol=1e-14)


@pytest.mark.parametrize(("state_batch", "channel_batch"), list(product([(), (3,), (2, 1)], [(), (3,)])))
def test_batches(rng, state_batch, channel_batch):
    dims = (2, 3, 2)
    matrices = oracles.stack(lambda: oracles.random_density(rng, 12), state_batch)
    kraus = [oracles.stack(lambda d=d: oracles.random_kraus(rng, d), channel_batch if d == 3 else ()) for d in dims]
    channels = [Channel.from_kraus(k, d, d) for k, d in zip(kraus, dims, strict=True)]
    moved = DensityMatrix(matrices, dims).apply_each(channels)
    batch = np.broadcast_shapes(state_batch, channel_batch)
    assert moved.batch_shape == batch
    matrices = np.broadcast_to(matrices, (*batch, 12, 12))
    middle = np.broadcast_to(kraus[1], batch + kraus[1].shape[-3:])
    for point in np.ndindex(batch):
        expected = one_by_one(matrices[point], dims, [kraus[0], middle[point], kraus[2]])
        np.testing.assert_allclose(moved.matrix[point], expected, atol=1e-14)


def test_nothing_to_do(rng):
    rho = DensityMatrix(oracles.random_density(rng, 4))
    np.testing.assert_array_equal(rho.apply_each([None, None]).bloch, rho.bloch)


@pytest.mark.parametrize("channels", [[None], [None] * 3, []])
def test_the_number_of_maps_is_the_number_of_subsystems(channels):
    with pytest.raises(ValueError, match="`channels`"):
        DensityMatrix(np.eye(4) / 4).apply_each(channels)


def test_a_map_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match="`channels`"):
        DensityMatrix(np.eye(4) / 4).apply_each([None, Channel.identity(3)])
