"""Composing channels, and asking what they are."""

from math import prod

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix

SWAP = np.eye(4)[[0, 2, 1, 3]]


def qubit_map(rng, batch=()):
    return oracles.stack(lambda: oracles.random_kraus(rng, 2), batch)


def test_then_applies_the_first_map_first(rng):
    first, second = oracles.random_kraus(rng, 2, 3), oracles.random_kraus(rng, 3, 4)
    both = [b @ a for a in first for b in second]
    channel = Channel.from_kraus(first, 2, 3).then(Channel.from_kraus(second, 3, (2, 2)))
    assert (channel.dims_in, channel.dims_out) == ((2,), (2, 2))
    expected = oracles.transfer_matrix(both, (2,), (2, 2))
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-14)


def test_then_and_tensor_broadcast(rng):
    left, right = qubit_map(rng, (3, 1)), qubit_map(rng, (2,))
    a, b = Channel.from_kraus(left), Channel.from_kraus(right)
    after, beside = a.then(b), a.tensor(b)
    assert after.batch_shape == beside.batch_shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        kraus = [y @ x for x in left[i, 0] for y in right[j]]
        expected = oracles.transfer_matrix(kraus, (2,), (2,))
        np.testing.assert_allclose(after.transfer[i, j], expected, atol=1e-14)
        kraus = [np.kron(x, y) for x in left[i, 0] for y in right[j]]
        expected = oracles.transfer_matrix(kraus, (2, 2), (2, 2))
        np.testing.assert_allclose(beside.transfer[i, j], expected, atol=1e-14)


@pytest.mark.parametrize(
    ("left", "right"),
    [(((2,), (3,)), ((3,), (2,))), (((2,), ()), ((3,), (3,))), (((2, 2), (2,)), ((2,), (2, 2)))],
    ids=str,
)
def test_tensor_of_unlike_maps(rng, left, right):
    kraus = [oracles.random_kraus(rng, prod(i), prod(o)) for i, o in (left, right)]
    channel = Channel.from_kraus(kraus[0], *left).tensor(Channel.from_kraus(kraus[1], *right))
    dims = (left[0] + right[0], left[1] + right[1])
    assert (channel.dims_in, channel.dims_out) == dims
    expected = oracles.transfer_matrix([np.kron(a, b) for a in kraus[0] for b in kraus[1]], *dims)
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-14)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7])
def test_power_repeats_the_map(rng, exponent):
    kraus = oracles.random_kraus(rng, 3)
    channel = Channel.from_kraus(kraus, 3, 3).power(exponent)
    single = oracles.transfer_matrix(kraus, (3,), (3,))
    expected = np.eye(9)
    for _ in range(exponent):
        expected = single @ expected
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-13)


def test_power_of_a_batch(rng):
    kraus = qubit_map(rng, (4,))
    channel = Channel.from_kraus(kraus).power(5)
    for point, k in enumerate(kraus):
        single = oracles.transfer_matrix(k, (2,), (2,))
        expected = single @ single @ single @ single @ single
        np.testing.assert_allclose(channel.transfer[point], expected, atol=1e-13)


@pytest.mark.parametrize("dims", [2, 3, (2, 3)])
def test_identity(rng, dims):
    channel = Channel.identity(dims)
    size = int(np.prod(dims))
    assert channel.dims_in == channel.dims_out == tuple(np.atleast_1d(dims))
    np.testing.assert_array_equal(channel.transfer, np.eye(size**2))
    matrix = oracles.random_density(rng, size)
    rho = DensityMatrix(matrix, dims)
    moved = rho.apply(channel, tuple(range(rho.num_subsystems)))
    np.testing.assert_array_equal(moved.bloch, rho.bloch)


DAMPING = [np.diag([1, 0.9]), np.array([[0, np.sqrt(0.19)], [0, 0]])]
# name: Kraus, dims_in, dims_out, trace preserving, unital
KINDS = {
    "identity": ([np.eye(2)], 2, 2, True, True),
    "swap": ([SWAP], (2, 2), (2, 2), True, True),
    "dephasing": ([np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * oracles.PAULI["Z"]], 2, 2, True, True),
    "amplitude damping": (DAMPING, 2, 2, True, False),
    "no decay": (DAMPING[:1], 2, 2, False, False),
    "half lost": ([np.sqrt(0.5) * np.eye(2)], 2, 2, False, False),
    "into a qutrit": ([np.eye(3, 2)], 2, 3, True, False),
    "trace": ([[[1, 0]], [[0, 1]]], 2, (), True, None),
    "preparation": ([[[1], [0]]], (), 2, True, False),
    "almost trace preserving": ([np.sqrt(1 - 1e-6) * np.eye(2)], 2, 2, False, False),
}


@pytest.mark.parametrize("name", KINDS)
def test_questions(name):
    kraus, dims_in, dims_out, trace_preserving, unital = KINDS[name]
    channel = Channel.from_kraus(np.array(kraus), dims_in, dims_out)
    assert np.all(channel.is_completely_positive())
    assert np.all(channel.is_trace_preserving() == trace_preserving)
    if unital is not None:
        assert np.all(channel.is_unital() == unital)


def test_questions_are_answered_with_the_tolerance_asked_for():
    channel = Channel.from_kraus(np.array([np.sqrt(1 - 1e-6) * np.eye(2)]))
    assert np.all(channel.is_trace_preserving(atol=1e-5))
    assert not np.any(channel.is_trace_preserving(atol=1e-7))
    assert np.all(channel.is_unital(atol=1e-5))


def test_questions_to_a_batch_are_answered_point_by_point():
    scale = np.sqrt([1.0, 0.5])[:, None, None, None]
    channel = Channel.from_kraus(scale * np.eye(2))
    np.testing.assert_array_equal(channel.is_trace_preserving(), [True, False])
    np.testing.assert_array_equal(channel.is_completely_positive(), [True, True])
    np.testing.assert_array_equal(channel.is_unital(), [True, False])


def test_channels_do_not_change_by_being_composed(rng):
    channel = Channel.from_kraus(oracles.random_kraus(rng, 2))
    before = channel.transfer.copy()
    channel.then(channel).tensor(channel).power(2)
    np.testing.assert_array_equal(channel.transfer, before)
