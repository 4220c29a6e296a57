"""Chains of equal links that must come within a cut-off: explicit sums, the engine that counts steps, and limits."""

from itertools import product

import chain_oracle
import numpy as np
import pytest

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, random_state
from qnet_core.errors import DimensionError, ParameterError
from qnet_protocols import RepeaterChain, cut_off_chain, equal_link_chain

TIMES = {"short coherence": (5.0, 0.7, 0.0), "warm": (2.0, 1.5, 0.3), "no relaxation": (np.inf, 1.2, 0.0)}
STATION = BellStation(0.02, 0.01, 0.7)
IDEAL = BellStation(0.02, 0.01)
CYCLE_S = 0.1


def pair_of(seed):
    return random_state((2, 2), rank=2, rng=np.random.default_rng(seed))


def chain_of(success, num_links, window, times=TIMES["warm"], station=IDEAL, **given):
    link = Heralded(pair_of(num_links if np.ndim(num_links) == 0 else 0), np.asarray(success))
    given = {
        "link": link,
        "num_links": num_links,
        "cycle_s": CYCLE_S,
        "memory": Memory(*times),
        "station": station,
    } | given
    cutoff_s = np.multiply(window, CYCLE_S)
    return cut_off_chain(given.pop("link"), cutoff_s=cutoff_s, **given)


def by_enumeration(rho, success, num_links, window, times):
    """State, and mean cycles until all links are there, from all times at which links can come after the first."""
    fail, state, met, waited = 1 - success, 0, 0.0, 0.0
    for came in product(range(window + 1), repeat=num_links):
        if min(came) > 0:
            continue
        chance = success**num_links * fail ** sum(came) / (1 - fail**num_links)
        waits = [(max(came) - k) * CYCLE_S for k in came]
        pairs = [chain_oracle.both_decayed(rho, chain_oracle.relaxation_kraus(wait, *times)) for wait in waits]
        joined = pairs[0]
        for other in pairs[1:]:
            joined = chain_oracle.swapped(joined, other, 0.02, 0.01)
        state, met, waited = state + chance * joined, met + chance, waited + chance * max(came)
    length = 1 / (1 - fail**num_links) + waited + window * (1 - met)
    return state / met, length / met


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize(("num_links", "success", "window"), [(2, 0.3, 1), (2, 0.05, 9), (3, 0.2, 4)])
def test_every_history_counted(num_links, success, window, times):
    result = chain_of(success, num_links, window, times)
    expected, cycles = by_enumeration(pair_of(num_links).matrix, success, num_links, window, times)
    np.testing.assert_allclose(result.state.matrix, expected, atol=1e-12)
    np.testing.assert_allclose(result.waiting_time_s, cycles * CYCLE_S, rtol=1e-12)


@pytest.mark.parametrize("num_links", [1, 2, 5])
def test_it_is_the_chain_that_counts_steps(num_links):
    success, window = np.array([0.2, 0.5, 1.0])[:, None], np.array([2, 17, 33, 70])
    result = chain_of(success, num_links, window, station=STATION)
    link = Heralded(pair_of(num_links), success)
    slow = RepeaterChain(
        link, Memory(*TIMES["warm"]), STATION, "swap-at-end", window * CYCLE_S, num_links=num_links, cycle_s=CYCLE_S
    ).exact(tail=1e-11)
    np.testing.assert_allclose(result.state.bloch, slow.state.bloch, atol=1e-10)
    np.testing.assert_allclose(result.rate_hz, slow.rate_hz, rtol=1e-10)


@pytest.mark.parametrize("window", [np.inf, 1e15])
@pytest.mark.parametrize("num_links", [1, 2, 32, 100])
def test_long_cut_offs_are_none(num_links, window):
    success = np.logspace(-12, 0, 7)
    link, memory = Heralded(pair_of(1), success), Memory(*TIMES["short coherence"])
    given = {"num_links": num_links, "cycle_s": 1e-3, "memory": memory, "station": STATION}
    endless, found = equal_link_chain(link, **given), cut_off_chain(link, cutoff_s=window * 1e-3, **given)
    np.testing.assert_allclose(found.state.bloch, endless.state.bloch, atol=1e-13)
    np.testing.assert_allclose(found.rate_hz, endless.rate_hz, rtol=1e-12)


@pytest.mark.parametrize("num_links", [2, 3, 8, 32])
def test_probability_to_meet_in_time(num_links):
    """Closed form for improbable links and any window; perfect memories leave the state alone."""
    success, window = np.array([1e-9, 1e-6, 1e-3])[:, None], np.array([10, 1000, 1e6])
    found = chain_of(success, num_links, window, times=(np.inf, np.inf, 0.0))
    log_fail, any_comes = np.log1p(-success), -np.expm1(num_links * np.log1p(-success))
    late = -np.expm1((window + 1) * log_fail)
    early = -np.expm1(window * log_fail)
    met = (late**num_links - np.exp(num_links * log_fail) * early**num_links) / any_comes
    least = (1 / any_comes) / met * CYCLE_S
    assert (found.waiting_time_s >= least * (1 - 1e-6)).all()
    assert (found.waiting_time_s <= least * (1 + window * any_comes) * (1 + 1e-6)).all()
    np.testing.assert_allclose(found.fidelity, found.fidelity.flat[0], rtol=1e-12)


def test_shorter_cut_offs_give_fewer_and_better_pairs():
    found = chain_of(0.01, 4, np.arange(1, 60), times=TIMES["no relaxation"])
    assert (np.diff(found.rate_hz) > 0).all()
    assert (np.diff(found.fidelity) < 0).all()


def test_cut_offs_count_in_whole_cycles():
    found = chain_of(0.1, 3, [4.0, 4.9, 5.0])
    assert found.rate_hz[0] == found.rate_hz[1] < found.rate_hz[2]


@pytest.mark.parametrize("window", [2.0**50 - 1, 2.0**50 + 1, 2.0**61, 1e300])
def test_cut_offs_that_can_hardly_be_counted(window):
    found = chain_of(1e-17, 2, window, times=(np.inf, np.inf, 0.0))
    endless = chain_of(1e-17, 2, np.inf, times=(np.inf, np.inf, 0.0))
    assert 0 < found.rate_hz <= endless.rate_hz * (1 + 1e-12)


def test_attempts_that_hardly_ever_succeed_deliver_nothing():
    """200 links of 1 % within a cycle of the first: 1e-340 or so."""
    found = chain_of([0.01, 0.9], 200, 1)
    assert found.rate_hz[0] == 0 < found.rate_hz[1]
    assert np.isnan(found.state.bloch[0]).all() and np.isfinite(found.state.bloch[1]).all()


def test_a_batch_is_its_points():
    success, windows, links = np.array([0.0, 0.03, 0.4])[:, None, None], np.array([3, 90])[:, None], np.array([1, 4, 9])
    whole = chain_of(success, links, windows)
    assert whole.rate_hz.shape == whole.state.batch_shape == (3, 2, 3)
    for at in np.ndindex(3, 2, 3):
        link = Heralded(pair_of(0), success[at[0], 0, 0])
        one = chain_of(None, links[at[2]], windows[at[1], 0], link=link)
        np.testing.assert_allclose(one.rate_hz, whole.rate_hz[at], rtol=1e-13)
        np.testing.assert_allclose(one.state.bloch, whole.state.bloch[at], atol=1e-14)
    assert np.isnan(whole.fidelity[0]).all()
    assert not np.isnan(whole.fidelity[1:]).any()
    assert (whole.rate_hz[0] == 0).all()


@pytest.mark.parametrize("cutoff_s", [0.0, 0.09, -1.0, np.nan, [1.0, 0.05]])
def test_cut_offs_shorter_than_a_cycle_are_refused(cutoff_s):
    link = Heralded(pair_of(0), np.asarray(0.1))
    with pytest.raises(ParameterError, match="`cutoff_s`"):
        cut_off_chain(link, num_links=2, cycle_s=0.1, memory=Memory(1.0, 1.0), cutoff_s=cutoff_s)


def test_it_is_the_chain_of_equal_links_with_a_cut_off():
    link, windows = Heralded(pair_of(2), np.asarray(0.05)), np.array([3, 40, np.inf])
    given = {"num_links": 3, "cycle_s": CYCLE_S, "memory": Memory(*TIMES["warm"]), "cutoff_s": windows * CYCLE_S}
    one, other = cut_off_chain(link, **given), equal_link_chain(link, **given)
    np.testing.assert_array_equal(one.state.bloch, other.state.bloch)
    np.testing.assert_array_equal(one.rate_hz, other.rate_hz)
    endless = equal_link_chain(link, **{name: value for name, value in given.items() if name != "cutoff_s"})
    np.testing.assert_array_equal(other.state.bloch[2], endless.state.bloch)


@pytest.mark.parametrize(
    "given", [{"cutoff_s": np.ones(2)}, {"memory": Memory(np.ones(2), 1.0)}, {"multiplexing": np.ones(2)}]
)
def test_batches_that_do_not_fit_are_refused(given):
    given = {"num_links": 2, "cycle_s": np.full(3, 0.1), "memory": Memory(1.0, 1.0), "cutoff_s": 1.0} | given
    with pytest.raises(DimensionError, match="Batch shapes must broadcast"):
        cut_off_chain(Heralded(pair_of(0), np.asarray(0.1)), **given)
