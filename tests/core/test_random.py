"""Random states and channels are valid, seeded, of the asked rank, and spread as they should."""

import numpy as np
import pytest

import qnet_core as qc
from qnet_core.errors import DimensionError, ParameterError


@pytest.mark.parametrize(("dims", "rank"), [(2, 1), (3, 2), ((2, 3), 1), ((2, 2), 3), ((2, 2), None)])
@pytest.mark.parametrize("batch_shape", [(), (4,), (2, 3)])
def test_random_states_are_states_of_the_asked_rank(rng, dims, rank, batch_shape):
    rho = qc.random_state(dims, rank=rank, batch_shape=batch_shape, rng=rng)
    assert rho.dims == tuple(np.atleast_1d(dims))
    assert rho.batch_shape == batch_shape
    values = np.linalg.eigvalsh(rho.matrix)
    np.testing.assert_allclose(values.sum(axis=-1), 1, rtol=1e-13)
    assert values.min() > -1e-15
    size = values.shape[-1]
    assert np.all(np.sum(values > 1e-12, axis=-1) == (rank or size))


@pytest.mark.parametrize(("dims_in", "dims_out"), [(2, None), ((2, 2), None), (2, 3), ((2, 2), ())])
@pytest.mark.parametrize("num_kraus", [None, 4])
def test_random_channels_are_trace_preserving(rng, dims_in, dims_out, num_kraus):
    channel = qc.random_channel(dims_in, dims_out, num_kraus=num_kraus, rng=rng)
    size_in = int(np.prod(dims_in))
    size_out = int(np.prod(dims_in if dims_out is None else dims_out))
    choi = channel.choi()
    assert np.linalg.eigvalsh(choi).min() > -1e-13
    traced = choi.reshape(size_in, size_out, size_in, size_out).trace(axis1=1, axis2=3)
    np.testing.assert_allclose(traced, np.eye(size_in), atol=1e-13)


@pytest.mark.parametrize("num_kraus", [1, 2, 3])
def test_random_channels_have_the_asked_number_of_kraus_operators(rng, num_kraus):
    values = np.linalg.eigvalsh(qc.random_channel(2, num_kraus=num_kraus, rng=rng).choi())
    assert np.sum(values > 1e-12) == num_kraus


def test_the_same_seed_gives_the_same_draws():
    def draw(seed):
        generator = np.random.default_rng(seed)
        state = qc.random_state((2, 2), batch_shape=(3,), rng=generator).bloch
        return np.concatenate([state.ravel(), qc.random_channel(2, rng=generator).transfer.ravel()])

    np.testing.assert_array_equal(draw(11), draw(11))
    assert np.all(draw(11)[1:16] != draw(12)[1:16])


def test_pure_states_are_spread_evenly_over_the_bloch_sphere():
    """For Haar measure each coordinate has mean 0 and variance 1/3; tested at 5 sigma."""
    number = 4000
    bloch = qc.random_state(2, rank=1, batch_shape=(number,), rng=np.random.default_rng(3)).bloch
    np.testing.assert_allclose((bloch[:, 1:] ** 2).sum(axis=1), 1, rtol=1e-12)
    assert np.all(np.abs(bloch[:, 1:].mean(axis=0)) < 5 * np.sqrt(1 / 3 / number))
    second = (bloch[:, 1:] ** 2).mean(axis=0)
    assert np.all(np.abs(second - 1 / 3) < 5 * np.sqrt(4 / 45 / number))


REFUSED = {
    "no rank": (lambda r: qc.random_state(2, rank=0, rng=r), ParameterError, ["`rank`", "0"]),
    "rank above": (lambda r: qc.random_state(2, rank=3, rng=r), ParameterError, ["`rank`", "3"]),
    "empty": (
        lambda r: qc.random_state(2, batch_shape=(0,), rng=r),
        (DimensionError, ParameterError),
        ["`batch_shape`", "0"],
    ),
    "seed": (lambda r: qc.random_state(2, rng=42), TypeError, ["`rng`", "int"]),
    "legacy": (
        lambda r: qc.random_channel(2, rng=np.random.RandomState(1)),
        TypeError,
        ["`rng`"],
    ),
    "too few": (
        lambda r: qc.random_channel(4, 2, num_kraus=1, rng=r),
        ParameterError,
        ["`num_kraus`", "1"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(rng, name):
    call, error, pieces = REFUSED[name]
    with pytest.raises(error) as caught:
        call(rng)
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)


def test_randomness_has_no_hidden_default():
    with pytest.raises(TypeError):
        qc.random_state(2)
    with pytest.raises(TypeError):
        qc.random_channel(2)
