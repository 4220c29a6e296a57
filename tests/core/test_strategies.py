"""What the Hypothesis strategies draw is valid by independent measure."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qnet_core import Channel, DensityMatrix, strategies


@given(rho=strategies.states())
def test_states(rho):
    assert isinstance(rho, DensityMatrix)
    matrix = rho.matrix
    np.testing.assert_allclose(np.trace(matrix), 1, rtol=1e-12)
    np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-15)
    assert np.linalg.eigvalsh(matrix).min() > -1e-13


@given(rho=strategies.states(dims=(2, 3), batch_shape=(2,)))
def test_states_of_asked_dimensions(rho):
    assert (rho.dims, rho.batch_shape) == ((2, 3), (2,))
    DensityMatrix(rho.matrix, (2, 3))


@given(channel=strategies.channels())
def test_channels(channel):
    assert isinstance(channel, Channel)
    size_in, size_out = int(np.prod(channel.dims_in)), int(np.prod(channel.dims_out))
    choi = channel.choi()
    assert np.linalg.eigvalsh(choi).min() > -1e-12
    kept = choi.reshape(size_in, size_out, size_in, size_out).trace(axis1=1, axis2=3)
    np.testing.assert_allclose(kept, np.eye(size_in), atol=1e-12)


@given(channel=strategies.channels(dims_in=(2, 2), dims_out=(3,)))
def test_channels_of_asked_dimensions(channel):
    assert (channel.dims_in, channel.dims_out) == ((2, 2), (3,))


@given(data=st.data(), dim=st.integers(2, 5))
def test_unitaries(data, dim):
    unitary = data.draw(strategies.unitaries(dim))
    np.testing.assert_allclose(unitary @ unitary.conj().T, np.eye(dim), atol=1e-13)


@given(probability=strategies.probabilities(), duration=strategies.durations(5.0))
def test_parameters(probability, duration):
    assert 0 <= probability <= 1
    assert 0 <= duration <= 5


def test_draws_reach_every_kind_of_state():
    """Pure, mixed and rank-deficient states must all come up."""
    ranks = set()

    @given(rho=strategies.states(dims=(2, 2)))
    def collect(rho):
        ranks.add(int(np.sum(np.linalg.eigvalsh(rho.matrix) > 1e-8)))

    collect()
    assert {1, 4} <= ranks
