"""What begins anew after each failure: the quotient by FFT against term by term, whatever tail is cut off."""

import numpy as np
import pytest
from sampled_chains import repeater_chain
from test_sampling_exactly import random_chain

from qnet_protocols import renewal

TAILS = (0.4, 0.1, 1e-2, 1e-4, 1e-9, 1e-12)


def attempt(durations, success, steps):
    """Rows of successes and of what takes longer, and failures, of attempts with this distribution of durations."""
    pmf = np.r_[0.0, durations[:steps]]
    longer = np.maximum(np.sum(durations) - np.cumsum(pmf), 0)
    return np.stack([success * pmf, longer])[:, None], ((1 - success) * pmf)[None]


def geometric(probability, steps):
    return probability * (1 - probability) ** np.arange(steps)


DURATIONS = {
    "one step": np.array([1.0]),
    "geometric": geometric(0.3, 120),
    "slow": geometric(0.002, 20_000),
    "now and then very long": 0.999999 * np.r_[geometric(0.5, 60), np.zeros(8940)] + 1e-6 * geometric(0.004, 9000),
    "in bursts": np.kron(geometric(0.2, 180), np.r_[np.zeros(49), 1.0]),
}


@pytest.mark.parametrize("durations", DURATIONS.values(), ids=DURATIONS)
@pytest.mark.parametrize("success", [1e-3, 0.3, 0.999])
@pytest.mark.parametrize("steps", [50, 1500, 4000])
def test_fft_is_term_by_term(durations, success, steps):
    x, failure = attempt(durations, success, steps)
    slow = renewal.begun_anew(x, failure, "direct", steps)
    fast = renewal.lengthened(renewal.begun_anew(x, failure, "fft", steps), steps)
    assert fast.shape == slow.shape
    np.testing.assert_allclose(fast, slow, atol=3e-15)


def test_what_comes_after_two_turns_is_not_added_to_the_first():
    """Attempts of mean 50 that succeed half the time leave 0.99**t, which is 4e-12 after twice the steps."""
    x, failure = attempt(geometric(0.02, 4000), 0.5, 1300)
    found = renewal.begun_anew(x, failure, "fft", 1300)
    np.testing.assert_allclose(found[1, 0], 0.99 ** np.arange(1301), atol=3e-15)


def test_series_end_where_nothing_is_left():
    x, failure = attempt(DURATIONS["geometric"], 0.5, 3000)
    found = renewal.begun_anew(x, failure, "fft", 3000)
    assert found.shape[-1] < 300
    np.testing.assert_allclose(found[1, 0], 0.85 ** np.arange(found.shape[-1]), atol=1e-15)
    assert found[1, 0, -1] < 1e-15


@pytest.mark.parametrize("seed", range(12))
def test_chains_by_both_methods(seed):
    chain, tail = repeater_chain(random_chain(seed)), TAILS[seed % len(TAILS)]
    fast, slow = chain.exact(tail=tail), chain.exact(tail=tail, method="direct")
    np.testing.assert_allclose(fast.distribution.weighted_bloch, slow.distribution.weighted_bloch, atol=1e-14)
    np.testing.assert_allclose(fast.state.bloch, slow.state.bloch, atol=1e-12)
    np.testing.assert_allclose(fast.waiting_time_s, slow.waiting_time_s, rtol=1e-12)
    np.testing.assert_allclose(fast.lost_probability, slow.lost_probability, atol=1e-14)


def test_what_does_not_fail_is_left_alone():
    x, failure = attempt(DURATIONS["geometric"], 1.0, 50)
    np.testing.assert_array_equal(renewal.begun_anew(x, failure, "fft", 50), x)
