"""Sampled chains where the answer is known: published times, perfect parts, one link, certain success."""

import numpy as np
import pytest
from channels.case_tables import CaseTable

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, bell_state, werner_state
from qnet_core.errors import ParameterError
from qnet_protocols import RepeaterChain

CASES = CaseTable("sampled_chains.toml", digits=12)
PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)
POLICIES = ("nested", "swap-asap", "swap-at-end")


def chain(num_links=4, *, success=0.5, state=None, memory=PERFECT, **settings):
    link = Heralded(bell_state() if state is None else state, np.float64(success))
    return RepeaterChain(link, memory, num_links=num_links, **{"cycle_s": 1.0} | settings)


def sample(made, num_pairs=20_000, seed=1, **settings):
    return made.sample(num_pairs, rng=np.random.default_rng(seed), **settings)


@CASES.parametrize
def test_published_times(case):
    """Mean and first probabilities within 5 standard errors."""
    given = dict(case["given"])
    first, cutoff = given.pop("first", 0), given.pop("cutoff_cycles", np.inf)
    station = BellStation(success_probability=given.pop("swap_probability", 1.0))
    result = sample(chain(cutoff_s=cutoff, station=station, **given), 100_000, keep_times=True)
    assert abs(result.waiting_time_s - case["expected"]["mean_cycles"]) < 5 * result.waiting_time_error_s
    for cycle, expected in enumerate(case["expected"].get("probabilities", []), 1):
        share = np.mean(np.isclose(result.sampled_times_s, cycle))
        assert abs(share - expected) < 5 * np.sqrt(expected / result.num_pairs)
    assert len(case["expected"].get("probabilities", [])) == first


@pytest.mark.parametrize("policy", POLICIES)
def test_perfect_parts_deliver_perfect_pairs(policy):
    result = sample(chain(policy=policy, cutoff_s=3.0), 200)
    np.testing.assert_allclose(result.state.bloch, bell_state().bloch, atol=1e-15)
    assert result.fidelity_error == 0
    assert (result.bloch_error == 0).all()


@pytest.mark.parametrize("policy", POLICIES)
def test_certain_links_take_one_cycle(policy):
    result = sample(chain(success=1.0, policy=policy, cycle_s=0.25), 100)
    assert result.waiting_time_s == 0.25
    assert result.waiting_time_error_s == 0
    assert result.rate_hz == 4.0


@pytest.mark.parametrize("policy", POLICIES)
def test_messages_are_waited_for(policy):
    """Certain links: a cycle, then messages. Nested: 1 s for the left half, which waits 1 s for the 2 s of the right; 2.25 s."""
    memory = Memory(t1_s=np.inf, t2_s=10.0)
    result = sample(chain(success=1.0, policy=policy, memory=memory, communication_s=[0.5, 1.0, 0.25, 2.0]), 100)
    way = {"nested": 2.0 + 2.25, "swap-asap": 3.25, "swap-at-end": 3.25}[policy]
    stored = {"nested": 1.0 + 1.0 + 2.0 + 2.25}.get(policy, 3.25)  # by two qubits each
    assert result.waiting_time_s == pytest.approx(1.0 + way, rel=1e-12)
    assert result.state.expect("XX") == pytest.approx(np.exp(-2 * stored / 10), rel=1e-12)


def test_ages_add_up_over_waits_swaps_and_messages():
    """The same with slow noise: end qubits are stored for 4.25 s in all, those of the middle node for 2 s."""
    memory = Memory(t1_s=np.inf, t2_s=10.0, decay_exponent=2.0)
    result = sample(chain(success=1.0, memory=memory, communication_s=[0.5, 1.0, 0.25, 2.0]), 10)
    assert result.state.expect("XX") == pytest.approx(np.exp(-2 * (4.25**2 + 2.0**2) / 100), rel=1e-12)


def unequal_links(cycles, fidelities, **settings):
    links = [Heralded(werner_state(fidelity=fidelity), np.float64(1.0)) for fidelity in fidelities]
    return RepeaterChain(links, PERFECT, cycle_s=cycles, **settings)


def test_pairs_are_as_old_as_their_oldest_link():
    """Links every 1, 3 and 9 s: the first two are one pair at 3, too old at 5, again one at 8, in time for the third."""
    result = sample(unequal_links([1.0, 3.0, 9.0], [1.0] * 3, policy="swap-asap", cutoff_s=4.0), 10)
    assert result.waiting_time_s == 9.0


def test_least_fidelity_is_asked_of_the_elder_alone():
    """A poor link that comes last is used, one that comes first is not: the chain then never delivers."""
    result = sample(unequal_links([1.0, 3.0], [0.9, 0.6], min_fidelity=0.7), 10)
    assert result.waiting_time_s == 3.0
    with pytest.raises(ParameterError, match="hardly ever delivers"):
        sample(unequal_links([3.0, 1.0], [0.9, 0.6], min_fidelity=0.7), 10, max_events=1000)


def test_a_longest_run_abandons_what_is_late():
    """A link of p = 1/2 that is given up after 2 cycles: cycle 1 or 2 of a run, each run of 2 cycles failing with 1/4."""
    result = sample(chain(1, max_run_s=2.0), keep_times=True)
    odd, even = (np.mean(result.sampled_times_s % 2 == part) for part in (1, 0))
    assert abs(odd - 2 / 3) < 5 / np.sqrt(result.num_pairs)
    assert odd + even == 1
    assert abs(result.waiting_time_s - 2.0) < 5 * result.waiting_time_error_s


def test_distillation_of_perfect_pairs_only_costs_time():
    result = sample(chain(1, distillation=1))
    assert result.fidelity == pytest.approx(1.0, abs=1e-15)
    assert abs(result.waiting_time_s - 8 / 3) < 5 * result.waiting_time_error_s  # E[max] of two, (3 - 2p)/(p (2 - p))


def test_distillation_draws_with_the_probability_of_the_state():
    """Two pairs of F = 0.75 at once: kept with 0.7222, then 0.788 (Bennett et al. 1996)."""
    made = chain(1, success=1.0, state=werner_state(fidelity=0.75), distillation=1, distillation_protocol="bbpssw")
    result = sample(made)
    assert result.fidelity == pytest.approx(0.788461538462, rel=1e-11)
    assert abs(result.rate_hz - 0.722222222222) < 5 * result.rate_error_hz


def test_least_fidelity_is_a_cutoff_where_links_are_alike():
    """F = (1 + exp(-2 t/10))/2 is too low from 4 cycles on, so that XX of the delivered is the mean over differences 0 to 3.

    Differences have c = p/(2 - p) and 2 c q**d; a failed attempt lasts until the slower link is there.
    """
    memory = Memory(t1_s=np.inf, t2_s=10.0)
    least = sample(chain(2, success=0.2, memory=memory, min_fidelity=(1 + np.exp(-0.7)) / 2))
    weights, kept = np.array([1.0, *(2 * 0.8 ** np.arange(1, 4))]), np.exp(-0.2 * np.arange(4))
    expected = weights @ kept / weights.sum()
    assert abs(least.state.expect("XX") - expected) < 5 * least.bloch_error[1, 1]
    slowest = (3 - 2 * 0.2) / (0.2 * (2 - 0.2))
    attempts = 1 / (weights.sum() * 0.2 / 1.8)
    assert abs(least.waiting_time_s - slowest * attempts) < 5 * least.waiting_time_error_s


def test_seconds_are_no_matter_of_the_unit():
    """All times a thousand times shorter: the same histories."""
    memory, short = Memory(t1_s=50.0, t2_s=40.0), Memory(t1_s=0.05, t2_s=0.04)
    slow = sample(chain(memory=memory, cutoff_s=4.0, communication_s=1.0), 500)
    fast = sample(chain(memory=short, cutoff_s=0.004, communication_s=0.001, cycle_s=0.001), 500)
    np.testing.assert_allclose(slow.state.bloch, fast.state.bloch, rtol=1e-9, atol=1e-12)
    assert slow.waiting_time_s == pytest.approx(1000 * fast.waiting_time_s, rel=1e-12)


@pytest.mark.parametrize("step", (0.1, 1e-4, 7e-6, 1.3e-3))
def test_a_wait_that_is_as_long_as_the_cutoff_is_allowed(step):
    """Cycles of 3 and 7 steps and a cut-off of 5: the same histories for every step, also where decimals don't add up."""
    results = [
        sample(chain(2, cycle_s=[3 * unit, 7 * unit], cutoff_s=5 * unit), 2000, keep_times=True) for unit in (1.0, step)
    ]
    np.testing.assert_allclose(results[0].sampled_times_s * step, results[1].sampled_times_s, rtol=1e-12)


def test_standard_errors_are_those_of_the_spread():
    """The means of many short runs spread as one of them says."""
    made = chain(2, success=0.3, memory=Memory(t1_s=30.0, t2_s=20.0))
    runs = [sample(made, 256, seed) for seed in range(200)]
    for name, error in (
        ("waiting_time_s", "waiting_time_error_s"),
        ("fidelity", "fidelity_error"),
        ("rate_hz", "rate_error_hz"),
    ):
        spread = np.std([getattr(run, name) for run in runs])
        assert np.mean([getattr(run, error) for run in runs]) == pytest.approx(spread, rel=0.2)
    spread = np.std([run.state.bloch for run in runs], axis=0)
    np.testing.assert_allclose(np.mean([run.bloch_error for run in runs], axis=0), spread, rtol=0.25, atol=1e-9)
