"""Exact chains in limits that are known, against one another, and point by point of a batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qnet_channels import BellStation, Memory, double_click_link, swap
from qnet_core import Heralded, bell_state, fidelity, random_state, werner_state
from qnet_protocols import RepeaterChain, equal_link_chain

PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)
NOISY = BellStation(gate_mixing=0.02, readout_error=0.01)
WARM = Memory(t1_s=30.0, t2_s=20.0, excited_population=0.2)
POLICIES = ("nested", "swap-asap", "swap-at-end")


def pair(seed=4):
    return random_state((2, 2), rank=2, rng=np.random.default_rng(seed))


def chain_of(success, count, **given):
    rest = {"memory": WARM, "station": NOISY, "cycle_s": 1.0, **given}
    return RepeaterChain(Heralded(rest.pop("state", pair()), success), num_links=count, **rest)


def assert_same(result, other, rtol=1e-9):
    np.testing.assert_allclose(result.waiting_time_s, other.waiting_time_s, rtol=rtol)
    np.testing.assert_allclose(result.state.bloch, other.state.bloch, atol=rtol)


@pytest.mark.parametrize("policy", POLICIES)
def test_one_link_comes_after_a_geometric_time(policy):
    result = chain_of(0.2, 1, policy=policy).exact(tail=1e-6)
    steps = np.arange(result.distribution.num_steps)
    np.testing.assert_allclose(result.distribution.probabilities, 0.2 * 0.8**steps, rtol=1e-12)
    np.testing.assert_allclose(result.distribution.states.bloch[-1], pair().bloch, atol=1e-14)
    np.testing.assert_allclose(result.waiting_time_s, 5.0, rtol=1e-14)
    np.testing.assert_allclose(result.lost_probability, 0.8 ** len(steps), rtol=1e-12)


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("success", [0.02, 0.4])
def test_swap_at_end_is_the_chain_of_equal_links(count, success):
    given = {"memory": WARM, "station": NOISY, "cycle_s": 0.1}
    result = chain_of(success, count, policy="swap-at-end", **given).exact(tail=1e-12)
    assert_same(result, equal_link_chain(Heralded(pair(), success), num_links=count, **given), 1e-11)


def test_swap_at_end_pays_for_failures_in_waiting_time():
    station = BellStation(success_probability=0.5)
    link = Heralded(pair(), 0.2)
    given = {"num_links": 3, "cycle_s": 1.0, "memory": WARM, "station": station, "multiplexing": 2}
    closed = equal_link_chain(link, **given)
    result = RepeaterChain(link, policy="swap-at-end", **given).exact(tail=1e-12)
    np.testing.assert_allclose(result.rate_hz, closed.rate_hz, rtol=1e-11)
    np.testing.assert_allclose(result.state.bloch, closed.state.bloch, atol=1e-11)


@pytest.mark.parametrize("policy", POLICIES)
def test_two_links_are_swapped_alike_under_every_policy(policy):
    """The moment of correction matters only where memories prefer one of the levels."""
    unbiased = Memory(t1_s=30.0, t2_s=20.0, excited_population=0.5)
    given = {"cutoff_s": 3.0, "communication_s": 2.0, "memory": unbiased}
    assert_same(chain_of(0.3, 2, policy=policy, **given).exact(), chain_of(0.3, 2, **given).exact(), 1e-9)


@pytest.mark.parametrize("policy", POLICIES)
def test_sure_stations_wait_for_the_last_link_only(policy):
    result = chain_of(0.1, 4, policy=policy).exact(tail=1e-10)
    steps = np.arange(1, result.distribution.num_steps + 1)
    expected = np.diff((1 - 0.9 ** np.arange(len(steps) + 1.0)) ** 4)
    np.testing.assert_allclose(result.distribution.probabilities, expected, rtol=1e-12, atol=1e-15)


def test_swapping_sooner_keeps_more():
    good = Memory(t1_s=200.0, t2_s=100.0)
    soon, nested, late = (chain_of(0.1, 4, policy=p, memory=good, state=bell_state()).exact().fidelity
                          for p in ("swap-asap", "nested", "swap-at-end"))  # fmt: skip
    assert soon > nested > late


@pytest.mark.parametrize("policy", POLICIES)
def test_perfect_memories_make_waiting_harmless(policy):
    result = chain_of(0.3, 4, policy=policy, memory=PERFECT).exact(tail=1e-6)
    expected = pair()
    for _ in range(3):
        expected = swap(expected, pair(), station=NOISY).state
    bloch = result.distribution.states.bloch
    np.testing.assert_allclose(bloch, np.broadcast_to(expected.bloch, bloch.shape), atol=1e-9)


def test_failures_cost_time_and_no_fidelity_of_perfect_memories():
    given = {"memory": PERFECT, "cycle_s": 1.0}
    sure = chain_of(0.3, 2, **given).exact(tail=1e-12)
    half = chain_of(0.3, 2, **given, station=BellStation(gate_mixing=0.02, readout_error=0.01, success_probability=0.5))
    np.testing.assert_allclose(half.exact(tail=1e-12).waiting_time_s, 2 * sure.waiting_time_s, rtol=1e-12)
    np.testing.assert_allclose(half.exact().state.bloch, sure.state.bloch, atol=1e-12)


def test_messages_take_their_time_after_every_swap():
    station = BellStation(success_probability=0.5)
    given = {"memory": PERFECT, "station": station}
    times = [chain_of(0.3, 2, communication_s=c, **given).exact(tail=1e-12).waiting_time_s for c in (0.0, 3.0)]
    np.testing.assert_allclose(times[1] - times[0], 3.0 / 0.5, rtol=1e-11)


@pytest.mark.parametrize("policy", ["swap-at-end", "swap-asap"])
def test_the_last_message_comes_from_the_farthest_station(policy):
    link = Heralded(pair(), 0.3)
    given = {"policy": policy, "cycle_s": 1.0}
    times = [RepeaterChain([link] * 3, WARM, NOISY, communication_s=ways, **given).exact(tail=1e-12).waiting_time_s
             for ways in ([0.0] * 3, [1.0, 0.0, 3.0], [2.0, 2.0, 1.0])]  # fmt: skip
    np.testing.assert_allclose(times[1:], times[0] + np.array([3.0, 4.0]), rtol=1e-11)


def test_means_do_not_depend_on_where_series_end():
    """Only terms of the second order in what is lost are missed, also where the last swap, which is sure, waits for two pairs."""
    fails = BellStation(success_probability=0.2)
    chain = RepeaterChain([Heralded(pair(), 0.3)] * 4, WARM, [fails, NOISY, fails], cycle_s=1.0)
    short, long_ = chain.exact(tail=0.01), chain.exact(tail=1e-12)
    np.testing.assert_allclose(short.waiting_time_s, long_.waiting_time_s, rtol=1e-5)
    assert short.distribution.num_steps < 0.2 * long_.distribution.num_steps


def test_distillation_of_perfect_pairs_succeeds():
    given = {"memory": PERFECT, "state": bell_state(), "station": BellStation()}
    result = chain_of(0.25, 1, distillation=1, **given).exact(tail=1e-12)
    np.testing.assert_allclose(result.waiting_time_s, (3 - 0.5) / (0.25 * 1.75), rtol=1e-12)
    np.testing.assert_allclose(result.state.bloch, bell_state().bloch, atol=1e-12)


CHAINS = {
    "swaps that fail": {"station": BellStation(success_probability=0.6)},
    "cut-off": {"cutoff_s": 4.0},
    "long cut-off": {"cutoff_s": 60.0},
    "distillation": {"distillation": [0, 1, 1], "communication_s": 2.0, "cutoff_s": [3.0, 9.0, 9.0]},
    "at end with cut-off": {"policy": "swap-at-end", "cutoff_s": 5.0, "communication_s": 1.0},
    "as soon as possible": {"policy": "swap-asap", "distillation": [1, 0], "communication_s": 2.0},
    "runs": {"max_run_s": 12.0},
}


@pytest.mark.parametrize("given", CHAINS.values(), ids=CHAINS)
def test_means_are_those_of_the_distribution(given):
    result = chain_of(0.3, 4, state=werner_state(fidelity=0.97), **given).exact(tail=1e-12)
    times = result.distribution
    np.testing.assert_allclose(times.probabilities.sum() + result.lost_probability, 1, rtol=1e-12)
    np.testing.assert_allclose((times.times_s * times.probabilities).sum(), result.waiting_time_s, rtol=1e-9)
    mean = times.weighted_bloch.sum(axis=-1)
    np.testing.assert_allclose(result.state.bloch.ravel(), mean / mean[0], atol=1e-9)


@pytest.mark.parametrize("given", CHAINS.values(), ids=CHAINS)
def test_both_ways_of_division_agree(given):
    chain = chain_of(0.6, 4, **given)
    fft, direct = (chain.exact(method=method, tail=1e-5) for method in ("fft", "direct"))
    assert (fft.method, direct.method) == ("fft", "direct")
    assert_same(fft, direct, 1e-12)
    np.testing.assert_allclose(fft.distribution.weighted_bloch, direct.distribution.weighted_bloch, atol=1e-13)


def test_direct_sums_keep_every_digit_of_improbable_times():
    """The later of two geometric times, and twice that where a swap fails once."""
    result = chain_of(0.5, 2).exact(method="direct", tail=1e-90)
    again = 0.5 ** np.arange(result.distribution.num_steps + 1.0)
    later = 2 * again[:-1] * 0.5 - again[:-1] ** 2 * 0.75
    np.testing.assert_allclose(result.distribution.probabilities, later, rtol=1e-11)
    assert 0 < result.lost_probability <= 1e-90


@given(tail=st.floats(1e-10, 0.1), success=st.floats(0.05, 0.9))
@settings(max_examples=20, deadline=None)
def test_no_more_is_lost_than_allowed(tail, success):
    result = chain_of(success, 4, cutoff_s=3.0).exact(tail=tail)
    assert result.lost_probability <= tail
    np.testing.assert_allclose(1 - result.distribution.probabilities.sum(), result.lost_probability, atol=1e-12)
    if result.distribution.num_steps > 1:
        assert result.lost_probability + result.distribution.probabilities[-1] > tail


@given(success=st.floats(0.05, 0.95), swaps=st.floats(0.3, 1.0))
@settings(max_examples=15, deadline=None)
def test_shorter_cutoffs_cost_time_and_gain_fidelity(success, swaps):
    cutoffs = np.array([1.0, 2.0, 5.0, 20.0, np.inf])
    memory, station = Memory(t1_s=np.inf, t2_s=30.0), BellStation(success_probability=swaps)
    result = chain_of(success, 2, memory=memory, station=station, cutoff_s=cutoffs, state=bell_state()).exact()
    assert (np.diff(result.waiting_time_s) <= 1e-9 * result.waiting_time_s[:-1]).all()
    assert (np.diff(result.fidelity) <= 1e-9).all()


@given(runs=st.integers(4, 40))
@settings(max_examples=10, deadline=None)
def test_runs_that_are_given_up_begin_anew(runs):
    """A run delivers with the probability and at the times of the endless one up to its end."""
    endless = chain_of(0.3, 4).exact(tail=1e-12).distribution.probabilities
    result = chain_of(0.3, 4, max_run_s=float(runs)).exact(tail=1e-10)
    found = result.distribution.probabilities
    np.testing.assert_allclose(found[:runs], endless[:runs], atol=1e-13)
    done = endless[:runs].sum()
    expected = (np.arange(1, runs + 1) @ endless[:runs] + runs * (1 - done)) / done
    np.testing.assert_allclose(result.waiting_time_s, expected, rtol=1e-9)
    if len(found) >= 2 * runs:
        np.testing.assert_allclose(found[runs : 2 * runs], (1 - done) * endless[:runs], atol=1e-12)


def test_min_fidelity_is_the_age_at_which_it_is_reached():
    """XX and YY of phi+ fall as exp(-2 t/T2), F = (1 + exp(-2 t/T2))/2 >= 0.8 up to t = T2 ln(1/0.6)/2 = 5.1."""
    given = {"memory": Memory(t1_s=np.inf, t2_s=20.0), "state": bell_state(), "station": BellStation()}
    limited, free = chain_of(0.3, 2, min_fidelity=0.8, **given).exact(), chain_of(0.3, 2, **given).exact()
    aged = chain_of(0.3, 2, cutoff_s=5.0, **given).exact()
    np.testing.assert_allclose(limited.state.bloch, aged.state.bloch, atol=1e-9)
    kept = 0.3 / 1.7 * (1 + 2 * (0.7 ** np.arange(1, 6)).sum())  # of the distances of two geometric times
    np.testing.assert_allclose(limited.waiting_time_s, free.waiting_time_s / kept, rtol=1e-9)


@pytest.mark.parametrize("policy", POLICIES)
def test_memories_that_forget_otherwise(policy):
    """A quasi-static detuning dephases a waiting pair by exp(-2 (d/T2)**2) after d cycles."""
    memory = Memory(t1_s=np.inf, t2_s=6.0, decay_exponent=2.0)
    given = {"memory": memory, "state": bell_state(), "station": BellStation(), "policy": policy}
    result = chain_of(0.3, 2, **given).exact(tail=1e-12)
    ages = np.arange(1, 200)
    expected = 0.3 / 1.7 * (1 + 2 * (0.7**ages * np.exp(-2 * (ages / 6.0) ** 2)).sum())
    np.testing.assert_allclose(result.state.expect("XX"), expected, rtol=1e-10)
    np.testing.assert_allclose(result.state.expect("ZZ"), 1.0, rtol=1e-12)


def test_everything_broadcasts():
    link = double_click_link(transmissivity=np.array([0.6, 0.9])[:, None, None, None], visibility=0.9)
    cutoff = np.array([2e-3, 5e-3, np.inf])[:, None, None]
    t2 = np.array([0.02, 0.1])[:, None]
    run = np.array([np.inf, 0.2])
    given = {"num_links": 2, "cycle_s": 1e-3, "distillation": [1, 0]}
    memory = Memory(t1_s=1.0, t2_s=t2)
    result = RepeaterChain(link, memory, NOISY, cutoff_s=cutoff, max_run_s=run, **given).exact(tail=1e-7)
    shape = (2, 3, 2, 2)
    assert result.state.batch_shape == result.rate_hz.shape == result.lost_probability.shape == shape
    assert result.distribution.states.batch_shape == (*shape, result.distribution.num_steps)
    np.testing.assert_allclose(result.fidelity, fidelity(result.state, bell_state()), rtol=1e-12)
    for a, c, m, r in np.ndindex(shape):
        single = Heralded(link.state[a, 0, 0, 0], link.probability[a, 0, 0, 0])
        memory = Memory(t1_s=1.0, t2_s=t2[m, 0])
        point = RepeaterChain(single, memory, NOISY, cutoff_s=cutoff[c, 0, 0], max_run_s=run[r], **given).exact(
            tail=1e-7
        )
        np.testing.assert_allclose(result.state[a, c, m, r].bloch, point.state.bloch, atol=1e-6)
        np.testing.assert_allclose(result.waiting_time_s[a, c, m, r], point.waiting_time_s, rtol=1e-6)
        size = min(point.distribution.num_steps, result.distribution.num_steps)
        found = result.distribution.probabilities[a, c, m, r, :size]
        np.testing.assert_allclose(found, point.distribution.probabilities[:size], atol=1e-13)


def test_points_that_cannot_deliver_leave_the_others_alone():
    success = np.array([0.0, 0.4, 1.0])
    result = chain_of(success, 4, state=pair().broadcast_to(3)).exact()
    assert result.rate_hz[0] == 0
    assert np.isinf(result.waiting_time_s[0])
    assert np.isnan(result.state.bloch[0]).all()
    assert result.secret_key_rate_bit_per_s[0] == 0
    np.testing.assert_allclose(result.state.bloch[1], chain_of(0.4, 4).exact().state.bloch, atol=1e-8)
    np.testing.assert_allclose(result.waiting_time_s[2], 1.0, rtol=1e-12)


def test_equal_parts_may_be_listed():
    link, memory, station = Heralded(pair(), 0.3), WARM, BellStation(success_probability=0.7)
    one = RepeaterChain(link, memory, station, num_links=4, cycle_s=1.0).exact()
    listed = RepeaterChain(
        [Heralded(pair(), 0.3) for _ in range(4)],
        [Memory(t1_s=30.0, t2_s=20.0, excited_population=0.2) for _ in range(5)],
        [BellStation(success_probability=0.7) for _ in range(3)],
        cycle_s=[1.0] * 4,
    ).exact()
    assert_same(one, listed, 1e-14)


def test_a_finer_clock_changes_nothing():
    """A message that is never waited for makes the steps finer: N = 1 has no swap."""
    coarse = chain_of(0.3, 1).exact()
    fine = chain_of(0.3, 1, communication_s=0.25).exact()
    assert_same(coarse, fine, 1e-12)
    np.testing.assert_allclose(fine.distribution.step_s, 0.25)
    np.testing.assert_allclose(fine.distribution.probabilities[3::4], coarse.distribution.probabilities, rtol=1e-9)
