"""Sampled chains against exact sums over all histories."""

import numpy as np
import pytest
from sampled_chains import random_parts, repeater_chain
from sampling_oracle import Chain

LINKS = {"nested": (2, 4, 8), "swap-at-end": (1, 2, 3, 5), "swap-asap": (1, 2, 3, 4)}


def random_chain(seed):
    """A chain of which exact sums are possible."""
    rng = np.random.default_rng(seed)
    policy = list(LINKS)[seed % 3]
    count = int(rng.choice(LINKS[policy]))
    sure = policy == "swap-asap" and count > 2
    parts = random_parts(
        rng, count, cycles=(1.0, 1.5, 2.0), success=(0.3, 0.9), swaps=(1.0, 1.0) if sure else (0.5, 1.0)
    )
    levels = count.bit_length() if policy == "nested" else 2
    rounds = [0] * levels
    rounds[rng.integers(levels)] = int(rng.integers(2)) if count <= 4 else 0
    return Chain(
        **parts | {"messages": tuple(rng.choice((0.0, 0.5, 2.0), count))},
        policy=policy,
        cutoffs=tuple(rng.choice((6.0, 9.0, np.inf), levels)) if policy != "swap-asap" else (np.inf,) * levels,
        rounds=tuple(rounds),
        max_run=float(rng.choice((np.inf, 400.0))),
        protocol=str(rng.choice(("dejmps", "bbpssw"))),
        gate_mixing=rng.uniform(0, 0.1),
        readout_error=rng.uniform(0, 0.1),
    )


def assert_agree(chain, seed, num_pairs):
    made = repeater_chain(chain)
    exact, sampled = made.exact(), made.sample(num_pairs, rng=np.random.default_rng(seed))
    assert abs(exact.waiting_time_s - sampled.waiting_time_s) < 5 * sampled.waiting_time_error_s
    assert abs(exact.rate_hz - sampled.rate_hz) < 5 * sampled.rate_error_hz
    assert abs(exact.fidelity - sampled.fidelity) < 5 * sampled.fidelity_error + 1e-8
    assert (abs(exact.state.bloch - sampled.state.bloch) < 5 * sampled.bloch_error + 1e-8).all()


@pytest.mark.parametrize("seed", range(10))
def test_exact_sums(seed):
    assert_agree(random_chain(seed), seed, 50_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 110))
def test_more_exact_sums(seed):
    assert_agree(random_chain(seed), seed, 100_000)


@pytest.mark.parametrize("policy", ("nested", "swap-at-end"))
def test_exact_sums_of_slow_noise(policy):
    parts = random_parts(np.random.default_rng(3), 2, success=(0.1, 0.3), slow_noise=True)
    assert_agree(Chain(**parts, policy=policy, cutoffs=(20.0, np.inf)), 3, 100_000)


@pytest.mark.parametrize("policy", ("nested", "swap-at-end"))
def test_exact_sums_of_a_least_fidelity(policy):
    parts = random_parts(np.random.default_rng(4), 2, equal=True, success=(0.1, 0.3))
    least = 0.9 * repeater_chain(Chain(**parts)).links[0].state.expect("ZZ") / 2 + 0.3
    assert_agree(Chain(**parts, policy=policy, min_fidelity=float(least)), 4, 100_000)


@pytest.mark.parametrize("max_run", (15.0, 40.0))
def test_exact_sums_of_short_runs(max_run):
    """Attempts that are abandoned by a cut-off don't count against the run."""
    parts = random_parts(np.random.default_rng(7), 4, success=(0.2, 0.6))
    assert_agree(Chain(**parts, cutoffs=(3.0, 5.0, np.inf), max_run=max_run), 5, 100_000)


@pytest.mark.parametrize("policy", ("nested", "swap-at-end"))
def test_exact_sums_of_short_runs_with_a_last_round(policy):
    """The same where the round of distillation of whole chains has the cut-off."""
    parts = random_parts(np.random.default_rng(8), 2, success=(0.2, 0.6))
    rounds, cutoffs = (0, 1), (np.inf, 5.0)
    assert_agree(Chain(**parts, policy=policy, rounds=rounds, cutoffs=cutoffs, max_run=25.0), 6, 100_000)
