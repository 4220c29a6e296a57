"""Cycles, attempts and rates against sums over the geometric distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import Fiber
from qnet_channels.timing import cycle_time_s, mean_attempts, success_rate_hz, success_within
from qnet_core.errors import ParameterError


def test_each_scheme_waits_for_its_answer():
    latency_s = Fiber([0.0, 50.0, 100.0]).latency_s
    given = {"latency_s": latency_s, "preparation_s": 3e-6}
    np.testing.assert_allclose(cycle_time_s("midpoint", **given), 3e-6 + latency_s)
    np.testing.assert_allclose(cycle_time_s("sender-receiver", **given), 3e-6 + 2 * latency_s)
    np.testing.assert_array_equal(cycle_time_s("pipelined", **given), 3e-6)
    assert cycle_time_s("midpoint", latency_s=1.0) == 1


@pytest.mark.parametrize("scheme", ["centre", None, ["midpoint"]])
def test_unknown_schemes_are_refused(scheme):
    with pytest.raises(ParameterError, match="`scheme` must be one of midpoint, sender-receiver, pipelined, but is"):
        cycle_time_s(scheme, latency_s=1.0)


@given(chance=st.floats(0.01, 1.0), attempts=st.integers(0, 40))
def test_success_is_the_sum_over_first_successes(chance, attempts):
    first = chance * (1 - chance) ** np.arange(attempts)
    np.testing.assert_allclose(
        success_within(probability=chance, attempts=attempts), first.sum(), rtol=1e-12, atol=1e-15
    )


def test_certain_and_impossible_successes():
    table = success_within(probability=[[0.0], [1.0]], attempts=[0, 1, 10**9])
    np.testing.assert_array_equal(table, [[0, 0, 0], [0, 1, 1]])


def test_rare_successes_keep_their_digits():
    np.testing.assert_allclose(success_within(probability=1e-18, attempts=[1, 10**6]), [1e-18, 1e-12], rtol=1e-11)


@pytest.mark.parametrize("chance", [0.05, 0.5, 1.0])
def test_mean_number_of_attempts(chance):
    numbers = np.arange(1, 3000)
    expected = (numbers * chance * (1 - chance) ** (numbers - 1.0)).sum()
    np.testing.assert_allclose(mean_attempts(probability=chance), expected, rtol=1e-12)
    assert mean_attempts(probability=0.0) == np.inf


def test_rate_is_that_of_the_mean_waiting_time():
    chance, cycle_s = np.array([1e-4, 0.3]), 20e-6
    rate = success_rate_hz(probability=chance, cycle_s=cycle_s)
    np.testing.assert_allclose(rate, 1 / (mean_attempts(probability=chance) * cycle_s), rtol=1e-14)


def test_half_a_cycle_or_half_an_attempt_is_none():
    with pytest.raises(ParameterError, match="`cycle_s` must be greater than 0"):
        success_rate_hz(probability=0.1, cycle_s=0.0)
    with pytest.raises(ParameterError, match=r"`attempts` must be a whole number, but is 0\.5"):
        success_within(probability=0.1, attempts=[1, 0.5])
