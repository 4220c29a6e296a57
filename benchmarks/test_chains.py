"""P11: waiting times and density matrices of nested chains, beside NumPy that convolves the same series attempt by attempt."""

import numpy as np
import pytest
from workloads import size

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, random_state, werner_state
from qnet_protocols import RepeaterChain

CYCLE_S, T1_S, T2_S = 1e-3, 10.0, 5.0
SUCCESS, SWAPS = size(0.0432, 0.4), 0.5  # of a link and of a station: 10^4 cycles to a tail of 1e-9, or a few hundred
LEVELS = 3
WERNER = werner_state(fidelity=0.97)
ANY = random_state((2, 2), rng=np.random.default_rng(11))
SHORT = size(10 * SUCCESS, 0.6)
POINTS = size(200, 4)

nested = pytest.mark.benchmark(group=f"P11 exact nested chain of {2**LEVELS} links")
in_short = pytest.mark.benchmark(group="the same with links that come ten times as soon")


def chain_of(state, success=SUCCESS, **given):
    memory, station = Memory(t1_s=T1_S, t2_s=T2_S), BellStation(gate_mixing=0.01, success_probability=SWAPS)
    return RepeaterChain(Heralded(state, success), memory, station, cycle_s=CYCLE_S, num_links=2**LEVELS, **given)


def decayed(series):
    """Every pair of a series, shape (steps, 4, 4), one cycle later."""
    one, two = np.exp(-CYCLE_S / T1_S), np.exp(-CYCLE_S / T2_S)
    half = np.diag([1.0, two, two, one])
    half[3, 0] = 1 - one
    return half @ series @ half.T


def convolved_level(series):
    """One level of swaps in NumPy: waiting step by step, failures convolved until the probability of more is below 1e-12."""
    waited = np.zeros_like(series)
    for t in range(1, len(series)):
        waited[t] = decayed(series[t - 1] + waited[t - 1])
    signs = np.array([1.0, 1.0, -1.0, 1.0]) * np.array([1.0, 0.99, 0.99, 0.99])

    def swapped(left, right):
        return left * (signs * np.diagonal(right, axis1=1, axis2=2))[:, None]

    delivered = SWAPS * (swapped(series, series + waited) + swapped(waited, series))
    failed, total = (1 - SWAPS) / SWAPS * delivered[:, 0, 0], delivered.copy()
    share = 1.0
    while share > 1e-12:
        flat = delivered.reshape(len(series), 16)
        delivered = np.stack([np.convolve(column, failed)[: len(series)] for column in flat.T], axis=1).reshape(
            series.shape
        )
        total += delivered
        share = delivered[:, 0, 0].sum()
    return total


def convolved(steps):
    """The delivered pairs of a chain of Werner links that come sooner."""
    attempts = np.arange(steps + 1)
    pmf = np.where(attempts > 0, SHORT * (1 - SHORT) ** (attempts - 1.0), 0.0)
    series = pmf[:, None, None] * WERNER.bloch
    for _ in range(LEVELS):
        series = convolved_level(series)
    return series


@nested
@pytest.mark.parametrize("state", [WERNER, ANY], ids=["Werner links", "any links"])
def test_exact(measure, state):
    chain = chain_of(state)
    times = chain.exact().distribution
    measure(f"ours, FFT, {times.num_steps} steps", chain.exact)


@nested
def test_exact_term_by_term(measure):
    chain = chain_of(WERNER)
    np.testing.assert_allclose(chain.exact(method="direct").state.bloch, chain.exact().state.bloch, atol=1e-11)
    measure("ours, term by term", lambda: chain.exact(method="direct"), once=True)


@in_short
def test_exact_in_short(measure):
    measure("ours, FFT", chain_of(WERNER, SHORT).exact)


@in_short
def test_convolutions_in_numpy(measure):
    times = chain_of(WERNER, SHORT).exact().distribution
    found = convolved(times.num_steps)[1:]
    np.testing.assert_allclose(found.reshape(-1, 16).T, times.weighted_bloch, atol=1e-11)
    measure("attempt by attempt in NumPy", lambda: convolved(times.num_steps), once=True)


@pytest.mark.benchmark(group="P11 exact nested chain, growth with the number of steps")
@pytest.mark.parametrize("factor", [1, 4, 16])
def test_growth(measure, factor):
    chain = chain_of(WERNER, SUCCESS / factor)
    measure(f"ours, {chain.exact().distribution.num_steps} steps", chain.exact)


@pytest.mark.benchmark(group="sweep of exact nested chains")
def test_sweep(measure):
    chain = chain_of(WERNER.broadcast_to(POINTS), np.linspace(0.2, 0.9, POINTS), cutoff_s=20 * CYCLE_S)
    assert np.isfinite(chain.exact().fidelity).all()
    measure("ours, with a cut-off", chain.exact, units=POINTS, once=True)
