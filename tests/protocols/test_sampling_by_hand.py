"""Sampled chains against histories drawn one by one in plain Python, with dense matrices."""

import numpy as np
import pytest
import sampling_oracle
from sampled_chains import random_parts, repeater_chain
from sampling_oracle import Chain

INF = np.inf
CYCLES = (1.0, 1.5, 0.7317)  # no common step of time


def chain(seed, num_links, *, messages=None, **settings):
    own = {name: settings.pop(name) for name in ("cycles", "success", "slow_noise") if name in settings}
    parts = random_parts(np.random.default_rng(seed), num_links, **own)
    return Chain(**(parts | ({"messages": messages} if messages else {})), **settings)


CASES = {
    "two links with a cut-off": (chain(1, 2, cutoffs=(3.0, INF)), 3000),
    "cut-offs on two levels": (chain(2, 4, cutoffs=(3.0, 5.0, INF), success=(0.3, 0.9)), 1500),
    "messages and a longest run": (chain(3, 4, messages=(1.0, 2.0, 0.0, 3.0), cutoffs=(3.0, 9.0, INF), max_run=60.0), 800),
    "distillation of both levels": (
        chain(4, 2, messages=(1.0, 2.0), rounds=(1, 1), cutoffs=(6.0, INF), success=(0.4, 0.9), gate_mixing=0.05,
              readout_error=0.03), 400,
    ),
    "two rounds without turns": (
        chain(5, 2, rounds=(2, 0), protocol="bbpssw", gate_mixing=0.05, readout_error=0.03), 600
    ),
    "a link alone": (chain(6, 1, rounds=(2,), cutoffs=(5.0,)), 2000),
    "cycles without a common step": (chain(7, 4, cycles=CYCLES, cutoffs=(3.0, 5.0, INF), max_run=40.0), 1000),
    "ages of slow noise": (
        chain(8, 4, slow_noise=True, messages=(1.0, 2.0, 0.0, 3.0), rounds=(0, 1, 0), success=(0.4, 0.9)), 400
    ),
    "least fidelity": (chain(9, 4, min_fidelity=0.45, cutoffs=(9.0, 12.0, INF), success=(0.5, 0.9)), 600),
    "at the end": (
        chain(10, 3, policy="swap-at-end", messages=(1.0, 2.0, 0.5), cutoffs=(4.0, INF), rounds=(1, 0)), 600
    ),
    "at the end, limited": (chain(11, 3, policy="swap-at-end", min_fidelity=0.7, max_run=30.0), 2000),
    "at the end, distilled late": (
        chain(12, 2, policy="swap-at-end", rounds=(0, 1), cutoffs=(INF, 9.0), max_run=50.0, slow_noise=True), 800
    ),
    "as soon as possible": (chain(13, 4, policy="swap-asap"), 1500),
    "as soon as possible, limited": (
        chain(14, 5, policy="swap-asap", cycles=CYCLES, messages=(1.0, 2.0, 0.5, 1.0, 1.0), cutoffs=(6.0, INF),
              max_run=100.0, success=(0.4, 0.9)), 700,
    ),
    "as soon as possible, distilled": (
        chain(15, 3, policy="swap-asap", cutoffs=(9.0, 20.0), rounds=(1, 1), slow_noise=True, success=(0.5, 0.9)), 200
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_histories(name):
    """Means within 5 standard errors, and the same spread of times."""
    made, count = CASES[name]
    times, bloch = sampling_oracle.sample(made, count, np.random.default_rng(1))
    result = repeater_chain(made).sample(60_000, rng=np.random.default_rng(2))
    spread = result.waiting_time_error_s * np.sqrt(result.num_pairs)
    error = np.hypot(times.std() / np.sqrt(count), result.waiting_time_error_s)
    assert abs(times.mean() - result.waiting_time_s) < 5 * error
    assert times.std() == pytest.approx(spread, rel=0.25)
    errors = np.hypot(bloch.std(axis=0) / np.sqrt(count), result.bloch_error.reshape(16)) + 1e-12
    assert (abs(bloch.mean(axis=0) - result.state.bloch.reshape(16)) < 5 * errors).all()
