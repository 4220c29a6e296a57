"""What results hold, and how they are read."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, bell_state, fidelity, werner_state
from qnet_core.errors import ParameterError
from qnet_protocols import ChainResult, RepeaterChain, WaitingTimes, secret_key_fraction

MEMORY = Memory(t1_s=np.inf, t2_s=50.0)
CHAIN = RepeaterChain(Heralded(werner_state(fidelity=0.97), 0.5), MEMORY, num_links=2, cycle_s=2.0, communication_s=1.0)
RESULT = CHAIN.exact()


def test_times_are_those_of_the_clock():
    times = RESULT.distribution
    assert isinstance(RESULT, ChainResult)
    assert isinstance(times, WaitingTimes)
    assert times.step_s == 1.0
    np.testing.assert_array_equal(times.times_s, np.arange(1.0, times.num_steps + 1))
    np.testing.assert_allclose(times.probabilities[:5], [0, 0, 0.25, 0, 0.3125])  # p**2, then 2 q p**2 + q**2 p**2
    assert repr(times) == f"WaitingTimes(num_steps={times.num_steps}, batch_shape=())"
    with pytest.raises(ValueError, match="read-only"):
        times.probabilities[0] = 1.0


def test_states_are_nan_where_nothing_is_delivered():
    times = RESULT.distribution
    assert np.isnan(times.states.bloch[0]).all()
    np.testing.assert_array_equal(times.state_at(3).bloch, times.states.bloch[2])
    np.testing.assert_allclose(times.states.trace()[2::2], 1.0, rtol=1e-14)
    with pytest.raises(ParameterError, match="`step` must be between 1 and"):
        times.state_at(0)


def test_quantiles_are_the_first_times_with_enough_probability():
    times = RESULT.distribution
    assert times.quantile_s(0.25) == 3.0
    assert times.quantile_s(np.array([0.2, 0.26, 0.56, 0.57])).tolist() == [3.0, 5.0, 5.0, 7.0]
    with pytest.raises(ParameterError, match=r"`probability` must be at most 0\.99999.*which the distribution reaches"):
        times.quantile_s(1.0)


def test_derived_numbers():
    np.testing.assert_allclose(RESULT.fidelity, fidelity(RESULT.state, bell_state()), rtol=1e-14)
    np.testing.assert_allclose(RESULT.secret_key_fraction, secret_key_fraction(RESULT.state))
    np.testing.assert_allclose(RESULT.secret_key_rate_bit_per_s, RESULT.rate_hz * RESULT.secret_key_fraction)
    assert "array" not in repr(RESULT)


def test_a_chain_is_a_frozen_value():
    with pytest.raises(FrozenInstanceError):
        CHAIN.num_links = 3
    with pytest.raises(ValueError, match="read-only"):
        CHAIN.cycle_s[0][...] = 1.0
    assert CHAIN.num_levels == 2
    assert CHAIN.batch_shape == ()
    np.testing.assert_allclose(CHAIN.link_probabilities, [0.5, 0.5])


def test_a_chain_can_be_changed_by_replacement():
    other = replace(CHAIN, multiplexing=2, station=BellStation(success_probability=0.5))
    np.testing.assert_allclose(other.link_probabilities, [0.75, 0.75])
    expected = (2 * (3 - 1.5) / (0.75 * 1.25) + 1.0) / 0.5
    np.testing.assert_allclose(other.exact().waiting_time_s, expected, rtol=1e-12)


def test_lists_are_copied():
    cycles = [1.0, 2.0]
    chain = RepeaterChain([Heralded(bell_state(), 0.5)] * 2, [MEMORY] * 3, cycle_s=cycles)
    cycles[0] = 5.0
    assert [float(cycle) for cycle in chain.cycle_s] == [1.0, 2.0]
