"""Sizes at which loops are cut: tiles of 64, runs of 16 and of 512, blocks of several qubits."""

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix


def expected_batch(kraus, matrices, dims, on):
    """Return the oracle's states, for one set of Kraus operators or one per point."""
    per_point = kraus if kraus.ndim == 4 else [kraus] * len(matrices)
    images = [oracles.apply_kraus(k, m, dims, on)[0] for k, m in zip(per_point, matrices, strict=True)]
    return np.array(images)


def check(matrices, dims, kraus, on):
    size = tuple(dims[s] for s in on)
    channel = Channel.from_kraus(kraus, size, size)
    expected = expected_batch(kraus, matrices, dims, on)
    rho = DensityMatrix(matrices, dims)
    np.testing.assert_allclose(rho.apply(channel, on).matrix, expected, atol=1e-14)
    elsewhere = DensityMatrix(np.eye(len(expected[0])) / len(expected[0]) + 0 * expected, dims)
    rho.apply(channel, on, out=elsewhere)
    np.testing.assert_allclose(elsewhere.matrix, expected, atol=1e-14)
    rho.apply(channel, on, out=rho)
    np.testing.assert_allclose(rho.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("points", [1, 2, 3, 8, 15, 16, 17])
@pytest.mark.parametrize("on", [0, 2])
def test_qubits_under_batches_of_every_small_size(rng, points, on):
    dims = (2, 3, 2)
    matrices = oracles.stack(lambda: oracles.random_density(rng, 12), (points,))
    check(matrices, dims, oracles.random_kraus(rng, 2), (on,))


@pytest.mark.parametrize("points", [64, 65, 513])
@pytest.mark.parametrize("batched", [False, True])
def test_long_batches_of_pairs(rng, points, batched):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 4), (points,))
    batch = (points,) if batched else ()
    check(matrices, (2, 2), oracles.stack(lambda: oracles.random_kraus(rng, 2), batch), (1,))


@pytest.mark.parametrize("points", [63, 64, 65, 513])
def test_long_batches_of_qubits_under_sparse_maps_of_their_own(rng, points):
    """Damping and dephasing differ at every point, and most of their transfer matrix is zero."""
    damping = rng.uniform(size=points)
    kraus = np.zeros((points, 2, 2, 2))
    kraus[:, 0, 0, 0], kraus[:, 0, 1, 1] = 1, np.sqrt(1 - damping)
    kraus[:, 1, 0, 1] = np.sqrt(damping)
    matrices = oracles.stack(lambda: oracles.random_density(rng, 2), (points,))
    check(matrices, (2,), kraus, (0,))
    kraus[:, 1] = 0
    kraus[:, 1, 1, 1] = np.sqrt(damping)
    check(matrices, (2,), kraus, (0,))


@pytest.mark.parametrize("on", [(0,), (1,), (2,), (0, 2), (2, 0), (1, 2)])
@pytest.mark.parametrize(("state_batch", "channel_batch"), [((), ()), ((3,), ()), ((3,), (3,)), ((), (3,))])
def test_maps_that_are_exactly_diagonal(rng, on, state_batch, channel_batch):
    """Depolarizing by scaling Bloch tensors, against mixing with what is left of the other subsystems."""
    dims = (2, 3, 2)
    size = tuple(dims[s] for s in on)
    mixing = rng.uniform(size=channel_batch)
    diagonal = np.ones((*channel_batch, int(np.prod(size)) ** 2))
    diagonal[..., 1:] = 1 - mixing[..., None]
    channel = Channel.from_transfer(diagonal[..., None] * np.eye(diagonal.shape[-1]), size)
    matrices = oracles.stack(lambda: oracles.random_density(rng, 12), state_batch)
    shifts = [kron_units(size, pair) for pair in np.ndindex(*size, *size)]
    replaced = oracles.pointwise(lambda m: oracles.apply_kraus(shifts, m, dims, on)[0], matrices)
    weight = mixing[..., None, None]
    expected = (1 - weight) * matrices + weight * replaced
    rho = DensityMatrix(matrices, dims)
    np.testing.assert_allclose(rho.apply(channel, on).matrix, expected, atol=1e-14)
    if state_batch or not channel_batch:
        rho.apply(channel, on, out=rho)
        np.testing.assert_allclose(rho.matrix, expected, atol=1e-14)


def kron_units(size, pair):
    """Return |i><j| / √D for products of levels i and j: together they replace a state by the mixed one."""
    half = len(size)
    ends = zip(size, pair[:half], pair[half:], strict=True)
    units = [np.outer(np.eye(d)[i], np.eye(d)[j]) for d, i, j in ends]
    return oracles.kron(*units) / np.sqrt(np.prod(size))


@pytest.mark.parametrize("on", [(2, 3), (0, 3), (3, 1), (1, 0)])
@pytest.mark.parametrize("points", [1, 3, 5])
def test_pairs_among_four_with_short_runs(rng, on, points):
    dims = (2, 3, 2, 2)
    matrices = oracles.stack(lambda: oracles.random_density(rng, 24), (points,))
    check(matrices, dims, oracles.random_kraus(rng, int(np.prod([dims[s] for s in on]))), on)


def test_one_state_under_many_maps_into_a_given_place(rng):
    matrix = oracles.random_density(rng, 4)
    kraus = oracles.stack(lambda: oracles.random_kraus(rng, 2), (5,))
    expected = expected_batch(kraus, [matrix] * 5, (2, 2), (1,))
    out = DensityMatrix(np.broadcast_to(np.eye(4) / 4, (5, 4, 4)))
    DensityMatrix(matrix).apply(Channel.from_kraus(kraus), 1, out=out)
    np.testing.assert_allclose(out.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("blocks", [(2, 2), (2, 3), (3, 5), (5, 6)])
def test_blocks_of_one_map_per_qubit(rng, monkeypatch, blocks):
    """Smaller blocks than in production, so that a small register needs several of them."""
    monkeypatch.setattr("qnet_core._evolution._BLOCKS", blocks)
    matrix = oracles.random_density(rng, 64)
    kraus = [oracles.random_kraus(rng, 2) for _ in range(6)]
    kraus[1] = None
    channels = [k if k is None else Channel.from_kraus(k) for k in kraus]
    expected = matrix
    for qubit, operators in enumerate(kraus):
        if operators is not None:
            expected, _ = oracles.apply_kraus(operators, expected, (2,) * 6, (qubit,))
    rho = DensityMatrix(matrix)
    np.testing.assert_allclose(rho.apply_each(channels).matrix, expected, atol=1e-14)
    rho.apply_each(channels, out=rho)
    np.testing.assert_allclose(rho.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("on", [(0, 1), (1, 0), (3, 4), (4, 3), (0, 4), (4, 1), (1, 2, 4), (4, 0, 2)])
@pytest.mark.parametrize("dims", [(2, 2, 2, 2, 2), (2, 2, 2, 3, 2, 2)])
def test_cycles_of_every_length(rng, dims, on):
    """Clifford gates with noise permute and scale Paulis: in place, in cycles of one to seven."""
    on = tuple(k + (k >= 3 and len(dims) == 6) for k in on)
    gates = [oracles.HADAMARD, np.diag([1, 1j]), oracles.CNOT, np.diag([1, 1, 1, -1])]
    unitary = np.eye(2 ** len(on))
    for _ in range(9):
        gate = gates[rng.integers(4)]
        count = int(np.log2(len(gate)))
        where = rng.permutation(len(on))[:count]
        unitary = oracles.embedded_kraus([gate], (2,) * len(on), tuple(where), (2,) * count)[0][0] @ unitary
    kraus = np.array([np.sqrt(0.9) * unitary, np.sqrt(0.1) * oracles.pauli_string("Z" * len(on)) @ unitary])
    assert np.count_nonzero(Channel.from_kraus(kraus).transfer) == 4 ** len(on)
    check(oracles.random_density(rng, int(np.prod(dims)))[None], dims, kraus, on)


@pytest.mark.parametrize("trace", [1.0, 0.7])
@pytest.mark.parametrize("qubit", range(7))
def test_every_place_among_seven_qubits(rng, qubit, trace):
    """Each distance of the columns has a loop of its own, and where the trace is kept a shorter one."""
    check(oracles.random_density(rng, 128)[None], (2,) * 7, np.sqrt(trace) * oracles.random_kraus(rng, 2), (qubit,))
