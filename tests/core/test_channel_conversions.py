"""The same map from Kraus operators, Choi, superoperator, transfer matrix, and back."""

from itertools import product
from math import prod

import numpy as np
import oracles
import pytest
import qutip

from qnet_core import Channel

# (dims_in, dims_out)
SHAPES = [
    ((2,), (2,)),
    ((3,), (3,)),
    ((2, 2), (2, 2)),
    ((2, 3), (2, 3)),
    ((2,), (3,)),
    ((2,), (2, 2)),
    ((2, 2), (2,)),
    ((2, 3), (3, 2)),
    ((2,), ()),
    ((), (2,)),
]
BATCHES = [(), (3,), (2, 2)]


def random_kraus(rng, dims_in, dims_out, batch=()):
    return oracles.stack(lambda: oracles.random_kraus(rng, prod(dims_in), prod(dims_out), 2), batch)


def each(function, kraus):
    """Return ``function`` of the Kraus operators of every point."""
    points = [function(k) for k in kraus.reshape(-1, *kraus.shape[-3:])]
    return np.array(points).reshape(kraus.shape[:-3] + np.shape(points[0]))


@pytest.mark.parametrize(("shape", "batch"), list(product(SHAPES, BATCHES)))
def test_every_way_out_of_kraus_operators(rng, shape, batch):
    kraus = random_kraus(rng, *shape, batch)
    channel = Channel.from_kraus(kraus, *shape)
    assert (channel.dims_in, channel.dims_out) == shape
    assert channel.batch_shape == batch
    transfer = each(lambda k: oracles.transfer_matrix(k, *shape), kraus)
    assert channel.transfer.shape == transfer.shape
    np.testing.assert_allclose(channel.transfer, transfer, atol=1e-13)
    np.testing.assert_allclose(channel.choi(), each(oracles.choi_matrix, kraus), atol=1e-13)
    np.testing.assert_allclose(channel.superop(), each(oracles.superoperator, kraus), atol=1e-13)


@pytest.mark.parametrize(("shape", "batch"), list(product(SHAPES, BATCHES)))
def test_every_way_in(rng, shape, batch):
    kraus = random_kraus(rng, *shape, batch)
    expected = each(lambda k: oracles.transfer_matrix(k, *shape), kraus)
    made = {
        "choi": Channel.from_choi(each(oracles.choi_matrix, kraus), *shape),
        "superop": Channel.from_superop(each(oracles.superoperator, kraus), *shape),
        "transfer": Channel.from_transfer(expected, *shape),
    }
    for name, channel in made.items():
        assert (channel.dims_in, channel.dims_out) == shape, name
        assert channel.batch_shape == batch, name
        np.testing.assert_allclose(channel.transfer, expected, atol=1e-13, err_msg=name)


@pytest.mark.parametrize(("shape", "batch"), list(product(SHAPES, BATCHES)))
def test_kraus_of_a_channel_are_some_operators_of_the_same_map(rng, shape, batch):
    kraus = random_kraus(rng, *shape, batch)
    found = Channel.from_kraus(kraus, *shape).kraus()
    assert found.shape[:-3] == batch
    assert found.shape[-2:] == (prod(shape[1]), prod(shape[0]))
    np.testing.assert_allclose(each(oracles.choi_matrix, found), each(oracles.choi_matrix, kraus), atol=1e-13)


def test_conventions_agree_with_qutip(rng):
    kraus = oracles.random_kraus(rng, 6, count=3)
    dims = [[2, 3], [2, 3]]
    superop = sum(qutip.to_super(qutip.Qobj(k, dims=dims)) for k in kraus)
    channel = Channel.from_kraus(kraus, (2, 3), (2, 3))
    np.testing.assert_allclose(channel.superop(), superop.full(), atol=1e-13)
    np.testing.assert_allclose(channel.choi(), qutip.to_choi(superop).full(), atol=1e-13)
    np.testing.assert_allclose(np.trace(channel.choi()), 6, rtol=1e-13)


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_dims_default_to_qubits(rng, num_qubits):
    dims = (2,) * num_qubits
    unitary = oracles.random_unitary(rng, 2**num_qubits)
    for channel in (Channel.from_unitary(unitary), Channel.from_kraus(unitary[None])):
        assert (channel.dims_in, channel.dims_out) == (dims, dims)


def test_dims_out_defaults_to_dims_in_when_sizes_agree(rng):
    kraus = oracles.random_kraus(rng, 6)
    assert Channel.from_kraus(kraus, (3, 2)).dims_out == (3, 2)
    transfer = oracles.transfer_matrix(kraus, (3, 2), (3, 2))
    assert Channel.from_transfer(transfer, (3, 2)).dims_out == (3, 2)


def test_integer_dims_mean_one_subsystem(rng):
    channel = Channel.from_kraus(oracles.random_kraus(rng, 4, 3), 4, 3)
    assert (channel.dims_in, channel.dims_out) == ((4,), (3,))
    assert Channel.from_unitary(np.eye(4), 4).dims_in == (4,)


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2), (2, 3)])
def test_unitaries(rng, dims):
    unitaries = oracles.stack(lambda: oracles.random_unitary(rng, prod(dims)), (3,))
    channel = Channel.from_unitary(unitaries, dims)
    expected = [oracles.transfer_matrix([u], dims, dims) for u in unitaries]
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-13)
    found = channel.kraus()
    choi = each(oracles.choi_matrix, found)
    np.testing.assert_allclose(choi, each(oracles.choi_matrix, unitaries[:, None]), atol=1e-12)


# The one-qubit maps of the physics tables, as Pauli transfer matrices: (Kraus, rows X Y Z)
GAMMA = 0.19
TABLE = {
    "depolarizing": (
        [
            np.sqrt(0.925) * np.eye(2),
            *(np.sqrt(0.025) * oracles.PAULI[p] for p in "XYZ"),
        ],
        np.diag([1, 0.9, 0.9, 0.9]),
    ),
    "dephasing": (
        [np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * oracles.PAULI["Z"]],
        np.diag([1, 0.8, 0.8, 1]),
    ),
    "amplitude damping": (
        [np.diag([1, np.sqrt(1 - GAMMA)]), [[0, np.sqrt(GAMMA)], [0, 0]]],
        [[1, 0, 0, 0], [0, 0.9, 0, 0], [0, 0, 0.9, 0], [GAMMA, 0, 0, 0.81]],
    ),
    "hadamard": ([oracles.HADAMARD], [[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0], [0, 1, 0, 0]]),
    "projection on 0": (
        [np.diag([1, 0])],
        [[0.5, 0, 0, 0.5], [0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0.5]],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_textbook_transfer_matrices(name):
    kraus, expected = TABLE[name]
    channel = Channel.from_kraus(np.array(kraus))
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-15)
    back = Channel.from_kraus(Channel.from_transfer(expected, 2).kraus())
    np.testing.assert_allclose(back.transfer, expected, atol=1e-14)


def test_real_integer_strided_and_read_only_kraus(rng):
    expected = np.diag([1.0, 1, -1, -1])
    flip = np.array([[[0, 1], [1, 0]]])
    flip.setflags(write=False)
    strided = np.zeros((2, 4, 4))
    strided[0, ::2, ::2] = flip[0]
    for kraus in (flip, flip.tolist(), strided[:1, ::2, ::2], np.asfortranarray(flip, np.float32)):
        np.testing.assert_allclose(Channel.from_kraus(kraus).transfer, expected, atol=1e-15)


def test_values_cannot_be_changed_in_place():
    given = np.eye(4)
    channel = Channel.from_transfer(given, 2)
    given[0, 0] = 5
    if channel.transfer.flags.writeable:
        channel.transfer[0, 0] = 2
    with pytest.raises((AttributeError, TypeError)):
        channel.dims_in = (4,)
    np.testing.assert_array_equal(channel.transfer, np.eye(4))


def test_single_precision_kraus_are_accepted(rng):
    """Rounding to float32 breaks completeness by some 1e-8, which is no error."""
    kraus = oracles.random_kraus(rng, 2).astype(np.complex64)
    expected = oracles.transfer_matrix(kraus.astype(complex), (2,), (2,))
    np.testing.assert_allclose(Channel.from_kraus(kraus).transfer, expected, atol=1e-6)
