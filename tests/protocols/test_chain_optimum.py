"""The best settings of chains against fine grids, closed forms, and searches that share no code."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from qnet_channels import BellStation, Memory, double_click_link, single_click_link
from qnet_core import Heralded, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import ChainResult, RepeaterChain, best_chain, cut_off_chain, equal_link_chain

CYCLE_S = 1e-3
MEMORY = Memory(t1_s=np.inf, t2_s=0.3)
LINK = double_click_link(transmissivity=0.1, visibility=0.97)


def chain_of(cutoff_s, num_links=4, link=LINK, memory=MEMORY):
    return cut_off_chain(link, num_links=num_links, cycle_s=CYCLE_S, memory=memory, cutoff_s=cutoff_s)


def hill(height, at, sharpness=1.0):
    """A result with perfect pairs whose rate is a hill over a setting."""
    return lambda x: result_of(height * np.exp(-sharpness * np.log(x / at) ** 2))


def result_of(rate, fidelity=1.0):
    rate, fidelity = np.broadcast_arrays(np.asarray(rate, float), fidelity)
    return ChainResult(werner_state(fidelity=fidelity), rate, 1 / rate)


def test_a_hill_is_found_at_every_point_of_a_batch():
    places = np.array([[0.002, 0.3], [7.0, 40.0]])
    best = best_chain(hill(5.0, places), ranges={"x": (1e-3, 1e2)})
    np.testing.assert_allclose(best.settings["x"], places, rtol=1e-4)
    np.testing.assert_allclose(best.value, 5, rtol=1e-8)
    np.testing.assert_array_equal(best.result.rate_hz, best.value)


def test_ends_of_ranges_broadcast_and_may_be_negative():
    low = np.array([-5.0, -1.0, 0.5])
    best = best_chain(lambda x: result_of(10 - x**2 / 9), ranges={"x": (low, 3.0)})
    np.testing.assert_allclose(best.settings["x"], [0.0, 0.0, 0.5], atol=1e-3)
    np.testing.assert_allclose(best.value, [10, 10, 10 - 0.25 / 9], rtol=1e-6)


def test_two_ranges_with_a_slanted_ridge():
    def deliver(x, y):
        u, v = np.log(x), np.log(y) - 1
        return result_of(np.exp(-(u**2) - v**2 - 0.6 * u * v))

    best = best_chain(deliver, ranges={"x": (0.1, 10.0), "y": (0.1, 30.0)})
    np.testing.assert_allclose([best.settings["x"], best.settings["y"]], [1, np.e], rtol=0.05)
    np.testing.assert_allclose(best.value, 1, rtol=1e-3)


def test_the_best_cut_off_is_that_of_a_fine_grid():
    cutoffs = CYCLE_S * np.arange(1, 3000)
    keys = chain_of(cutoffs).secret_key_rate_bit_per_s
    best = best_chain(chain_of, ranges={"cutoff_s": (CYCLE_S, 3.0)})
    assert 10 < keys.argmax() < 2000
    np.testing.assert_allclose(best.value, keys.max(), rtol=1e-4)
    np.testing.assert_array_equal(best.result.secret_key_rate_bit_per_s, best.value)
    assert best.value > 1.2 * chain_of(np.inf).secret_key_rate_bit_per_s


def test_the_engine_that_counts_steps_finds_the_same():
    def deliver(cutoff_s):
        return RepeaterChain(
            LINK, MEMORY, policy="swap-at-end", cutoff_s=cutoff_s, num_links=2, cycle_s=CYCLE_S
        ).exact()

    best = best_chain(deliver, ranges={"cutoff_s": (0.02, 1.0)})
    closed = best_chain(lambda cutoff_s: chain_of(cutoff_s, 2), ranges={"cutoff_s": (0.02, 1.0)})
    np.testing.assert_allclose(best.value, closed.value, rtol=1e-6)


def test_brightness_and_number_of_links_of_most_key():
    """Against bounded minimization of each number of links by itself, with more than one point of a batch."""
    arms = np.array([0.3, 0.01])

    def deliver(bright, num_links):
        link = single_click_link(
            transmissivity=arms ** (1 / num_links), bright_population=bright, dark_count_probability=1e-6
        )
        memory, station = Memory(t1_s=np.inf, t2_s=5.0), BellStation(gate_mixing=0.01)
        return equal_link_chain(link, num_links=num_links, cycle_s=CYCLE_S, memory=memory, station=station)

    best = best_chain(deliver, ranges={"bright": (1e-3, 0.5)}, choices={"num_links": [1, 2, 4]})
    expected = np.zeros((3, 2))
    for row, count in enumerate((1, 2, 4)):
        for k in range(2):
            found = minimize_scalar(
                lambda u, count=count, k=k: -deliver(np.exp(u), count).secret_key_rate_bit_per_s[k],
                bounds=(np.log(1e-3), np.log(0.5)), method="bounded", options={"xatol": 1e-6},
            )  # fmt: skip
            expected[row, k] = -found.fun
    np.testing.assert_allclose(best.value, expected.max(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(best.settings["num_links"], np.array([1, 2, 4])[expected.argmax(axis=0)])
    assert len(set(best.settings["num_links"])) == 2
    assert best.settings["bright"].shape == (2,)


@pytest.mark.parametrize("least", [0.7, 0.8, 0.9])
def test_most_pairs_of_a_least_fidelity(least):
    """Rates rise and fidelities fall with the cut-off, so the best one is the longest allowed."""
    best = best_chain(chain_of, ranges={"cutoff_s": (CYCLE_S, 3.0)}, objective="rate", min_fidelity=least)
    every = chain_of(CYCLE_S * np.arange(1, 3000))
    assert best.result.fidelity >= least
    np.testing.assert_allclose(best.value, every.rate_hz[every.fidelity >= least].max(), rtol=1e-3)
    np.testing.assert_array_equal(best.value, best.result.rate_hz)


def test_fidelities_out_of_reach_are_nan_and_keyless_chains_have_no_key():
    least = np.array([0.5, 0.999])
    best = best_chain(chain_of, ranges={"cutoff_s": (CYCLE_S, 3.0)}, objective="rate", min_fidelity=least[:, None])
    assert best.value[0] > 0
    assert np.isnan(best.value[1])
    bad = Heralded(werner_state(fidelity=0.8), np.asarray(0.05))
    hopeless = best_chain(lambda cutoff_s: chain_of(cutoff_s, link=bad), ranges={"cutoff_s": (CYCLE_S, 3.0)})
    assert hopeless.value == 0
    np.testing.assert_allclose(hopeless.settings["cutoff_s"], CYCLE_S, rtol=1e-2)


def test_distillation_where_pairs_are_bad_and_not_where_they_are_good():
    """Choices may be words as well."""

    def deliver(rounds, policy):
        link = double_click_link(transmissivity=0.8, visibility=np.array([0.7, 1.0]))
        return RepeaterChain(
            link, Memory(1e3, 1e3), policy=policy, distillation=(rounds, 0), num_links=2, cycle_s=1.0
        ).exact()

    best = best_chain(deliver, choices={"rounds": [0, 1, 2], "policy": ["nested", "swap-at-end"]})
    assert best.settings["rounds"][0] > 0
    assert best.settings["rounds"][1] == 0
    assert set(best.settings["policy"]) <= {"nested", "swap-at-end"}
    for k in range(2):
        alone = deliver(int(best.settings["rounds"][k]), str(best.settings["policy"][k]))
        np.testing.assert_allclose(best.value[k], alone.secret_key_rate_bit_per_s[k], rtol=1e-12)
        np.testing.assert_allclose(best.result.state.bloch[k], alone.state.bloch[k], atol=1e-14)


@pytest.mark.parametrize(
    ("given", "error", "part"),
    [
        ({}, DimensionError, "`ranges` and `choices`"),
        ({"ranges": {"cutoff_s": (1.0, 1.0)}}, ParameterError, "ranges['cutoff_s']"),
        ({"ranges": {"cutoff_s": (np.nan, 1.0)}}, ParameterError, "ranges['cutoff_s']"),
        ({"choices": {"num_links": []}}, DimensionError, "choices['num_links']"),
        ({"ranges": {"cutoff_s": (1e-3, 1.0)}, "objective": "key"}, ParameterError, "`objective`"),
        ({"ranges": {"cutoff_s": (1e-3, 1.0)}, "min_fidelity": 1.5}, ParameterError, "`min_fidelity`"),
    ],
)
def test_wrong_searches_are_refused(given, error, part):
    with pytest.raises(error) as refusal:
        best_chain(chain_of, **given)
    assert part in str(refusal.value)


def test_a_chain_that_was_not_computed_is_refused():
    with pytest.raises(ParameterTypeError, match="exact"):
        best_chain(
            lambda cutoff_s: RepeaterChain(LINK, MEMORY, cutoff_s=cutoff_s, num_links=2, cycle_s=CYCLE_S),
            ranges={"cutoff_s": (CYCLE_S, 1.0)},
        )
