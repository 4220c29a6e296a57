"""A map on two or three subsystems of four, on every choice and order of them."""

from itertools import permutations, product
from math import prod

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix

DIMS = (2, 3, 2, 2)
QUBITS = (2, 2, 2, 2)


def two_qubit_depolarizing(mixing):
    weights = np.full(16, mixing / 16)
    weights[0] += 1 - mixing
    strings = [a + b for a, b in product("IXYZ", repeat=2)]
    return [np.sqrt(w) * oracles.pauli_string(s) for w, s in zip(weights, strings, strict=True)]


MAPS = {
    "cnot": lambda rng: [oracles.CNOT],
    "cz": lambda rng: [np.diag([1, 1, 1, -1])],
    "swap": lambda rng: [np.eye(4)[[0, 2, 1, 3]]],
    "iswap": lambda rng: [np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])],
    "diagonal": lambda rng: two_qubit_depolarizing(0.4),
    "noisy cnot": lambda rng: [e @ oracles.CNOT for e in two_qubit_depolarizing(0.1)],
    "product": lambda rng: [np.kron(a, b) for a in oracles.random_kraus(rng, 2) for b in oracles.random_kraus(rng, 2)],
    "dense": lambda rng: oracles.random_kraus(rng, 4, count=3),
    "bell projection": lambda rng: [oracles.projector(oracles.BELL_VECTORS["psi-"])],
}


def check(rho, matrix, channel, kraus, on):
    """Compare ``apply`` with the oracle, into a new state and in place."""
    expected, dims = oracles.apply_kraus(kraus, matrix, rho.dims, on, channel.dims_out)
    moved = rho.apply(channel, on)
    assert moved.dims == dims
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)
    if dims == rho.dims:
        rho.apply(channel, on, out=rho)
        np.testing.assert_allclose(rho.bloch, moved.bloch, atol=1e-15)


@pytest.mark.parametrize(("name", "on"), list(product(MAPS, permutations((0, 2, 3), 2))))
def test_pairs_of_qubits_beside_a_qutrit(rng, name, on):
    matrix = oracles.random_density(rng, prod(DIMS))
    kraus = np.array(MAPS[name](rng), dtype=complex)
    check(DensityMatrix(matrix, DIMS), matrix, Channel.from_kraus(kraus), kraus, on)


@pytest.mark.parametrize(("name", "on"), list(product(["cnot", "dense"], permutations(range(4), 2))))
def test_pairs_of_four_qubits(rng, name, on):
    matrix = oracles.random_density(rng, 16)
    kraus = np.array(MAPS[name](rng), dtype=complex)
    check(DensityMatrix(matrix), matrix, Channel.from_kraus(kraus), kraus, on)


@pytest.mark.parametrize("on", [*permutations(range(4), 2), *permutations(range(4), 3)])
def test_dense_maps_of_mixed_dimensions(rng, on):
    dims = tuple(DIMS[s] for s in on)
    matrix = oracles.random_density(rng, prod(DIMS))
    kraus = oracles.random_kraus(rng, prod(dims))
    check(DensityMatrix(matrix, DIMS), matrix, Channel.from_kraus(kraus, dims, dims), kraus, on)


@pytest.mark.parametrize("on", list(permutations(range(3))))
def test_maps_on_everything(rng, on):
    dims = (2, 3, 2)
    matrix = oracles.random_density(rng, 12)
    kraus = oracles.random_kraus(rng, 12)
    targets = tuple(dims[s] for s in on)
    channel = Channel.from_kraus(kraus, targets, targets)
    check(DensityMatrix(matrix, dims), matrix, channel, kraus, on)


# (on, dims_out): fewer, more, none, and as many but other dimensions
NONSQUARE = [
    ((0, 1), (2,)),
    ((3, 1), (2,)),
    ((2, 3), ()),
    ((3, 0), ()),
    ((2, 0), (4,)),
    ((1, 3), (3, 2)),
    ((0, 1), (3, 2)),
    ((1, 0), (2, 3)),
    ((2, 1), (2, 2, 2)),
    ((0, 1, 2), (2, 2)),
    ((3, 2, 0), (3,)),
    ((0, 1, 2, 3), (2,)),
    ((2, 0, 3, 1), ()),
]


@pytest.mark.parametrize(("on", "dims_out"), NONSQUARE)
def test_where_outputs_of_other_dimensions_stand(rng, on, dims_out):
    dims_in = tuple(DIMS[s] for s in on)
    matrix = oracles.random_density(rng, prod(DIMS))
    kraus = oracles.random_kraus(rng, prod(dims_in), prod(dims_out))
    channel = Channel.from_kraus(kraus, dims_in, dims_out)
    check(DensityMatrix(matrix, DIMS), matrix, channel, kraus, on)


BATCHES = [((4,), ()), ((), (4,)), ((4,), (4,)), ((3, 1), (2,)), ((2,), (3, 1))]


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize(
    ("dims", "on", "dims_out"),
    [
        ((2, 2), (0, 1), (2, 2)),
        ((2, 2), (1, 0), (2, 2)),
        ((2, 2, 2), (2, 0), (2, 2)),
        ((2, 3, 2), (1, 2), (3, 2)),
        ((2, 2, 2), (1, 2), ()),
        ((2, 2, 2), (0, 2), (3,)),
    ],
)
def test_batches_broadcast(rng, batches, dims, on, dims_out):
    state_batch, channel_batch = batches
    dims_in, size = tuple(dims[s] for s in on), prod(dims)
    matrices = oracles.stack(lambda: oracles.random_density(rng, size), state_batch)
    kraus = oracles.stack(lambda: oracles.random_kraus(rng, prod(dims_in), prod(dims_out), 6), channel_batch)
    moved = DensityMatrix(matrices, dims).apply(Channel.from_kraus(kraus, dims_in, dims_out), on)
    batch = np.broadcast_shapes(state_batch, channel_batch)
    assert moved.batch_shape == batch
    matrices = np.broadcast_to(matrices, (*batch, size, size))
    kraus = np.broadcast_to(kraus, batch + kraus.shape[-3:])
    for point in np.ndindex(batch):
        expected, new_dims = oracles.apply_kraus(kraus[point], matrices[point], dims, on, dims_out)
        assert moved.dims == new_dims
        np.testing.assert_allclose(moved.matrix[point], expected, atol=1e-14)


def test_a_map_from_nothing_has_no_place_to_act(rng):
    """A preparation has no target; ``tensor`` is how a new subsystem joins."""
    preparation = Channel.from_kraus(np.array([[[1], [0]]]), (), 2)
    with pytest.raises(ValueError, match="`on`"):
        DensityMatrix(np.eye(2) / 2).apply(preparation, ())
