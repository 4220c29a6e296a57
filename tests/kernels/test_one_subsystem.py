"""A map on one subsystem of four, in every place, of every kind, in place and not."""

from itertools import product
from math import prod

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix

DIMS = (2, 3, 2, 2)


def clock(dim):
    return np.diag(np.exp(2j * np.pi * np.arange(dim) / dim))


def shift(dim):
    return np.roll(np.eye(dim), 1, axis=0)


def lowering(dim, damping):
    """Return Kraus operators that move every level but the ground one down with ``damping``."""
    stay = np.diag([1.0] + [np.sqrt(1 - damping)] * (dim - 1))
    falls = [np.sqrt(damping) * np.outer(np.eye(dim)[0], np.eye(dim)[k]) for k in range(1, dim)]
    return [stay, *falls]


def depolarizing(dim, mixing):
    """Return the clock-and-shift Kraus operators of replacement by the mixed state."""
    errors = [
        np.linalg.matrix_power(clock(dim), a) @ np.linalg.matrix_power(shift(dim), b)
        for a, b in product(range(dim), repeat=2)
    ]
    weights = np.full(dim * dim, mixing / dim**2)
    weights[0] += 1 - mixing
    return [np.sqrt(w) * error for w, error in zip(weights, errors, strict=True)]


MAPS = {
    "identity": lambda rng, dim: [np.eye(dim)],
    "diagonal": lambda rng, dim: depolarizing(dim, 0.3),
    "phase flip": lambda rng, dim: [np.sqrt(0.8) * np.eye(dim), np.sqrt(0.2) * clock(dim)],
    "shift": lambda rng, dim: [shift(dim)],
    "fourier": lambda rng, dim: [np.fft.fft(np.eye(dim)) / np.sqrt(dim)],
    "lowering": lambda rng, dim: lowering(dim, 0.2),
    "unitary": lambda rng, dim: [oracles.random_unitary(rng, dim)],
    "dense": lambda rng, dim: oracles.random_kraus(rng, dim, count=3),
    "trace decreasing": lambda rng, dim: oracles.random_kraus(rng, dim, count=3)[:2],
    "projection": lambda rng, dim: [np.diag(np.eye(dim)[-1])],
}
QUBIT_ONLY = {
    "hadamard": [oracles.HADAMARD],
    "phase gate": [np.diag([1, 1j])],
    "pauli": [np.sqrt(w) * oracles.PAULI[p] for w, p in zip([0.7, 0.1, 0.15, 0.05], "IXYZ", strict=True)],
}
CASES = list(product(MAPS, range(4))) + list(product(QUBIT_ONLY, (0, 2, 3)))


def make(rng, name, dim):
    operators = QUBIT_ONLY[name] if name in QUBIT_ONLY else MAPS[name](rng, dim)
    return np.array(operators, dtype=complex)


@pytest.mark.parametrize(("name", "on"), CASES)
def test_every_place(rng, name, on):
    matrix = oracles.random_density(rng, prod(DIMS))
    kraus = make(rng, name, DIMS[on])
    expected, _ = oracles.apply_kraus(kraus, matrix, DIMS, (on,))
    channel = Channel.from_kraus(kraus, DIMS[on], DIMS[on])
    rho = DensityMatrix(matrix, DIMS)
    before = rho.bloch.copy()
    moved = rho.apply(channel, on)
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)
    np.testing.assert_array_equal(rho.bloch, before)
    elsewhere = DensityMatrix(np.eye(24) / 24, DIMS)
    assert rho.apply(channel, on, out=elsewhere) is elsewhere
    np.testing.assert_array_equal(rho.bloch, before)
    np.testing.assert_allclose(elsewhere.bloch, moved.bloch, atol=1e-15)
    assert rho.apply(channel, on, out=rho) is rho
    np.testing.assert_allclose(rho.bloch, moved.bloch, atol=1e-15)


# One subsystem into others: (dims_out), applied in every place
NONSQUARE = [(4,), (2, 2), (3, 2), ()]


@pytest.mark.parametrize(("dims_out", "on"), list(product(NONSQUARE, range(4))))
def test_other_dimensions_come_out(rng, dims_out, on):
    matrix = oracles.random_density(rng, prod(DIMS))
    kraus = oracles.random_kraus(rng, DIMS[on], prod(dims_out))
    expected, dims = oracles.apply_kraus(kraus, matrix, DIMS, (on,), dims_out)
    moved = DensityMatrix(matrix, DIMS).apply(Channel.from_kraus(kraus, DIMS[on], dims_out), on)
    assert moved.dims == dims
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)


# (state batch, channel batch)
BATCHES = [((4,), ()), ((), (4,)), ((4,), (4,)), ((3, 1), (2,)), ((2,), (3, 1)), ((1,), (5,))]


@pytest.mark.parametrize(("batches", "on"), list(product(BATCHES, range(3))))
@pytest.mark.parametrize("name", ["dense", "diagonal", "lowering"])
def test_batches_of_states_and_of_channels_broadcast(rng, batches, on, name):
    dims = (2, 3, 2)
    state_batch, channel_batch = batches
    matrices = oracles.stack(lambda: oracles.random_density(rng, 12), state_batch)
    kraus = oracles.stack(lambda: make(rng, name, dims[on]), channel_batch)
    batch = np.broadcast_shapes(state_batch, channel_batch)
    moved = DensityMatrix(matrices, dims).apply(Channel.from_kraus(kraus, dims[on], dims[on]), on)
    assert moved.batch_shape == batch
    matrices = np.broadcast_to(matrices, (*batch, 12, 12))
    kraus = np.broadcast_to(kraus, batch + kraus.shape[-3:])
    for point in np.ndindex(batch):
        expected, _ = oracles.apply_kraus(kraus[point], matrices[point], dims, (on,))
        np.testing.assert_allclose(moved.matrix[point], expected, atol=1e-14)


@pytest.mark.parametrize("name", ["dense", "diagonal", "lowering", "trace decreasing"])
def test_every_point_of_a_batch_in_place(rng, name):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 4), (7,))
    kraus = oracles.stack(lambda: make(rng, name, 2), (7,))
    channel = Channel.from_kraus(kraus)
    rho = DensityMatrix(matrices)
    rho.apply(channel, 0, out=rho)
    rho.apply(channel, 1, out=rho)
    for point, matrix in enumerate(matrices):
        once, _ = oracles.apply_kraus(kraus[point], matrix, (2, 2), (0,))
        twice, _ = oracles.apply_kraus(kraus[point], once, (2, 2), (1,))
        np.testing.assert_allclose(rho.matrix[point], twice, atol=1e-14)


def test_strided_bloch_tensors(rng):
    """Views of a batch, permuted subsystems and broadcast points are states like any other."""
    matrices = oracles.stack(lambda: oracles.random_density(rng, 12), (4,))
    kraus = oracles.random_kraus(rng, 2)
    channel = Channel.from_kraus(kraus)
    rho = DensityMatrix(matrices, (2, 3, 2))
    swapped = oracles.permute(matrices[2], (2, 3, 2), (2, 1, 0))
    expected, _ = oracles.apply_kraus(kraus, swapped, (2, 3, 2), (0,))
    moved = rho[::2].permute((2, 1, 0)).broadcast_to((3, 2)).apply(channel, 0)
    np.testing.assert_allclose(moved.matrix[1, 1], expected, atol=1e-14)
