"""Chains of equal links against explicit sums over the waiting times, and their limits."""

import chain_oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, Memory, single_click_link, swap
from qnet_core import Heralded, bell_state, fidelity, random_state, werner_state
from qnet_protocols import ChainResult, equal_link_chain

PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)
STATION = {"gate_mixing": 0.02, "readout_error": 0.01}
MEMORIES = {
    "short coherence": (5.0, 0.7, 0.0),
    "pure relaxation": (1.0, 2.0, 0.0),
    "warm": (2.0, 1.5, 0.3),
    "no relaxation": (np.inf, 1.2, 0.0),
}


def heralded(state, probability):
    return Heralded(state, np.asarray(probability))


def random_pair(seed):
    return random_state((2, 2), rank=2, rng=np.random.default_rng(seed))


def chain_of(times, state, success, **given):
    t1_s, t2_s, excited_population = times
    memory = Memory(t1_s=t1_s, t2_s=t2_s, excited_population=excited_population)
    return equal_link_chain(heralded(state, success), memory=memory, station=BellStation(**STATION), **given)


@pytest.mark.parametrize("times", MEMORIES.values(), ids=MEMORIES)
@pytest.mark.parametrize(("num_links", "success"), [(2, 0.3), (2, 0.6), (3, 0.45), (3, 0.6)])
def test_every_waiting_time_counted(num_links, success, times):
    pair = random_pair(num_links)
    result = chain_of(times, pair, success, num_links=num_links, cycle_s=0.1)
    expected, mean_cycles = chain_oracle.by_enumeration(
        pair.matrix, success, num_links, 0.1, times, tuple(STATION.values())
    )
    np.testing.assert_allclose(result.state.matrix, expected, atol=1e-11)
    np.testing.assert_allclose(result.waiting_time_s, 0.1 * mean_cycles, rtol=1e-12)


@pytest.mark.parametrize("times", MEMORIES.values(), ids=MEMORIES)
@pytest.mark.parametrize(("num_links", "success"), [(2, 1e-3), (5, 0.02), (16, 0.05), (32, 1e-3)])
def test_long_chains_of_improbable_links(num_links, success, times):
    pair = random_pair(num_links)
    cycle_s = 0.3 * success
    result = chain_of(times, pair, success, num_links=num_links, cycle_s=cycle_s)
    expected = chain_oracle.by_single_sum(pair.matrix, success, num_links, cycle_s, times, tuple(STATION.values()))
    np.testing.assert_allclose(result.state.bloch, expected, atol=1e-10)


@pytest.mark.parametrize("num_links", [2, 7, 32])
def test_long_chains_of_good_links_stay_entangled(num_links):
    """As above with little noise, so that the figure compared is far from zero."""
    pair, times = werner_state(fidelity=0.999), (100.0, 60.0, 0.0)
    memory = Memory(t1_s=100.0, t2_s=60.0)
    result = equal_link_chain(heralded(pair, 1e-3), num_links=num_links, cycle_s=1e-4, memory=memory)
    expected = chain_oracle.by_single_sum(pair.matrix, 1e-3, num_links, 1e-4, times)
    assert fidelity(result.state, bell_state("phi+")) > 0.75
    np.testing.assert_allclose(result.state.bloch, expected, atol=1e-10)


@pytest.mark.parametrize("num_links", [1, 2, 3, 8])
def test_perfect_memories_only_swap(num_links):
    pair, station = random_pair(3), BellStation(**STATION)
    result = equal_link_chain(heralded(pair, 0.1), num_links=num_links, cycle_s=1.0, memory=PERFECT, station=station)
    expected = pair
    for _ in range(num_links - 1):
        expected = swap(expected, pair, station=station).state
    np.testing.assert_allclose(result.state.bloch, expected.bloch, atol=1e-13)


@given(success=st.floats(1e-6, 1.0), cycle_s=st.floats(1e-6, 10.0))
def test_one_link_waits_for_nobody(success, cycle_s):
    link = heralded(random_pair(1), success)
    result = equal_link_chain(link, num_links=1, cycle_s=cycle_s, memory=Memory(t1_s=1e-3, t2_s=1e-3))
    np.testing.assert_allclose(result.state.bloch, link.state.bloch, atol=1e-14)
    np.testing.assert_allclose(result.waiting_time_s, cycle_s / success, rtol=1e-13)
    np.testing.assert_allclose(result.rate_hz, success / cycle_s, rtol=1e-13)


@pytest.mark.parametrize("num_links", [1, 2, 5, 16])
def test_certain_links_never_wait(num_links):
    bad = Memory(t1_s=1e-3, t2_s=1e-3)
    result = equal_link_chain(heralded(bell_state("phi+"), 1.0), num_links=num_links, cycle_s=1.0, memory=bad)
    np.testing.assert_allclose(result.state.bloch, bell_state("phi+").bloch, atol=1e-14)
    np.testing.assert_allclose(result.waiting_time_s, 1.0, rtol=1e-14)


def test_two_links_wait_for_the_later_one():
    success = np.array([1e-9, 1e-4, 0.3, 0.999, 1.0])
    pairs = bell_state("phi+").broadcast_to((5,))
    result = equal_link_chain(heralded(pairs, success), num_links=2, cycle_s=2.0, memory=PERFECT)
    expected = 2.0 * (3 - 2 * success) / (success * (2 - success))
    np.testing.assert_allclose(result.waiting_time_s, expected, rtol=1e-12)


def test_two_links_decay_by_the_distance_of_two_geometric_times():
    """p / (2 - p) (1 + q z) / (1 - q z) from certain to hopeless links, and from perfect to useless memories."""
    success = np.array([1e-12, 1e-6, 1e-3, 0.1, 0.5, 0.99, 1.0])[:, None]
    decay = np.array([1e-13, 1e-9, 1e-5, 1e-2, 0.3, 3.0, 100.0])
    pairs = bell_state("phi+").broadcast_to(success.shape)
    memory = Memory(t1_s=np.inf, t2_s=2 / decay)
    result = equal_link_chain(heralded(pairs, success), num_links=2, cycle_s=1.0, memory=memory)
    failure_and_decay = success - (1 - success) * np.expm1(-decay)  # 1 - q z
    expected = success / (2 - success) * (2 - failure_and_decay) / failure_and_decay
    np.testing.assert_allclose(result.state.expect("XX"), expected, rtol=1e-10)
    np.testing.assert_allclose(result.state.expect("ZZ"), 1, rtol=1e-12)


def test_links_that_never_succeed_deliver_nothing():
    pairs = bell_state("phi+").broadcast_to((2,))
    result = equal_link_chain(heralded(pairs, [0.0, 0.5]), num_links=2, cycle_s=1.0, memory=PERFECT)
    assert result.rate_hz[0] == 0
    assert np.isinf(result.waiting_time_s[0])
    assert np.all(np.isnan(result.state.bloch[0]))
    assert np.all(np.isfinite(result.state.bloch[1]))


@pytest.mark.parametrize("num_links", [10, 64, 1000])
@pytest.mark.parametrize("success", [1e-4, 1e-2, 0.5])
def test_many_links_wait_without_cancellation(num_links, success):
    """The sum over t of P(not all there before t); the alternating binomial sum would lose every digit."""
    result = equal_link_chain(heralded(bell_state("phi+"), success), num_links=num_links, cycle_s=1.0, memory=PERFECT)
    cycles = np.arange(int(60 / success))
    missing = -np.expm1(num_links * np.log1p(-((1 - success) ** cycles[1:])))
    np.testing.assert_allclose(result.waiting_time_s, 1 + missing.sum(), rtol=1e-9)


def test_swaps_that_fail_cost_rate_and_no_fidelity():
    link = heralded(werner_state(fidelity=0.95), 0.2)
    given = {"num_links": 4, "cycle_s": 1e-3, "memory": Memory(t1_s=1.0, t2_s=0.5)}
    sure = equal_link_chain(link, **given)
    half = equal_link_chain(link, station=BellStation(success_probability=0.5), **given)
    np.testing.assert_allclose(half.state.bloch, sure.state.bloch, atol=1e-14)
    np.testing.assert_allclose(half.rate_hz, sure.rate_hz / 8, rtol=1e-14)
    np.testing.assert_allclose(half.waiting_time_s, sure.waiting_time_s, rtol=1e-14)


@given(num_links=st.integers(2, 12), success=st.floats(1e-3, 0.9))
def test_better_memories_never_harm(num_links, success):
    coherence_s = np.array([0.1, 1.0, 10.0, 1e3])
    pairs = werner_state(fidelity=0.97).broadcast_to((4,))
    result = equal_link_chain(
        heralded(pairs, np.full(4, success)),
        num_links=num_links,
        cycle_s=0.05,
        memory=Memory(t1_s=np.inf, t2_s=coherence_s),
    )
    assert np.all(np.diff(fidelity(result.state, bell_state("phi+"))) >= -1e-13)
    np.testing.assert_allclose(result.state.trace(), 1, rtol=1e-12)


def test_everything_broadcasts():
    link = single_click_link(bright_population=np.array([0.05, 0.2])[:, None, None, None], transmissivity=0.3)
    num_links = np.array([1, 2, 5])[:, None, None]
    cycle_s = np.array([1e-4, 1e-3])[:, None]
    memory, times = Memory(t1_s=1.0, t2_s=np.array([0.01, 0.5])), [(1.0, 0.01), (1.0, 0.5)]
    station = BellStation(readout_error=0.01)
    result = equal_link_chain(link, num_links=num_links, cycle_s=cycle_s, memory=memory, station=station)
    assert isinstance(result, ChainResult)
    shape = (2, 3, 2, 2)
    np.testing.assert_allclose(result.fidelity, fidelity(result.state, bell_state("phi+")), rtol=1e-13)
    assert result.state.batch_shape == result.rate_hz.shape == result.waiting_time_s.shape == shape
    for a, n, c, m in np.ndindex(shape):
        point = equal_link_chain(
            heralded(link.state[a, 0, 0, 0], link.probability[a, 0, 0, 0]),
            num_links=int(num_links[n, 0, 0]),
            cycle_s=cycle_s[c, 0],
            memory=Memory(t1_s=times[m][0], t2_s=times[m][1]),
            station=station,
        )
        np.testing.assert_allclose(result.state[a, n, c, m].bloch, point.state.bloch, atol=1e-13)
        np.testing.assert_allclose(result.rate_hz[a, n, c, m], point.rate_hz, rtol=1e-13)
        np.testing.assert_allclose(result.waiting_time_s[a, n, c, m], point.waiting_time_s, rtol=1e-13)
