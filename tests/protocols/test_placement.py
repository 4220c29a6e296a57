"""Where stations stand best: closed forms, symmetry, fine grids and all choices one by one."""

from itertools import combinations

import numpy as np
import pytest

from qnet_channels import BellStation, Memory, double_click_link
from qnet_core import Heralded, werner_state
from qnet_core.errors import CapacityError, DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import ChainResult, RepeaterChain, best_placement

DISTANCE_KM = 100.0
ALIKE = (0.3, 0.3, 0.3, 0.3)


def deliver_with(seen, memory=None, policy="swap-at-end", attenuation=0.02, **given):
    """Links that are seen with these probabilities and lose 0.2 dB/km, all attempted in step."""

    def deliver(nodes_km):
        lengths = np.diff(nodes_km, axis=0)
        success = np.array([own * 10 ** (-attenuation * length) for own, length in zip(seen, lengths, strict=True)])
        links = [Heralded(werner_state(fidelity=np.full(p.shape, 0.99)), p) for p in success]
        return RepeaterChain(links, memory or Memory(np.inf, 1.0), policy=policy, cycle_s=1e-3, **given).exact()

    return deliver


@pytest.mark.parametrize("objective", ["key-rate", "rate"])
def test_one_station_makes_both_links_alike(objective):
    """For a given product of two probabilities E[max] is least where they are equal, and so is the decay."""
    best = best_placement(deliver_with((0.4, 0.04)), distance_km=DISTANCE_KM, num_repeaters=1, objective=objective)
    np.testing.assert_allclose(best.nodes_km, [0, 75, 100], atol=2e-2)
    np.testing.assert_allclose(best.lengths_km, [75, 25], atol=2e-2)
    name = "rate_hz" if objective == "rate" else "secret_key_rate_bit_per_s"
    np.testing.assert_array_equal(best.value, getattr(best.result, name))


@pytest.mark.parametrize("policy", ["swap-at-end", "nested"])
def test_equal_stations_stand_at_equal_distances(policy):
    """From a start that is far from it."""
    count = 3 if policy == "nested" else 2
    start = [5.0, 20.0, 90.0][:count]
    best = best_placement(
        deliver_with(ALIKE[: count + 1], policy=policy),
        distance_km=DISTANCE_KM, num_repeaters=count, start_km=start,
    )  # fmt: skip
    np.testing.assert_allclose(best.nodes_km, np.linspace(0, DISTANCE_KM, count + 2), atol=0.2)


def test_mirrored_chains_have_mirrored_places():
    seen = (0.4, 0.1, 0.05)
    one, other = (
        best_placement(deliver_with(order), distance_km=60.0, num_repeaters=2) for order in (seen, seen[::-1])
    )
    np.testing.assert_allclose(one.nodes_km, 60 - other.nodes_km[::-1], atol=0.1)
    np.testing.assert_allclose(one.value, other.value, rtol=1e-6)


def test_two_stations_of_a_noisy_chain_as_on_a_fine_grid():
    """Swaps in one order and with failures: the best places are no closed form."""
    deliver = deliver_with((0.2, 0.4, 0.1), station=BellStation(success_probability=0.6), memory=Memory(5.0, 0.3))
    best = best_placement(deliver, distance_km=60.0, num_repeaters=2)
    places = np.arange(1.0, 60, 2)
    left, right = (axis.reshape(-1) for axis in np.meshgrid(places, places, indexing="ij"))
    left, right = left[left < right], right[left < right]
    nodes = np.stack([np.zeros_like(left), left, right, np.full_like(left, 60.0)])
    every = np.concatenate([deliver(nodes[:, k : k + 500]).secret_key_rate_bit_per_s for k in range(0, left.size, 500)])
    assert every.max() <= best.value * (1 + 1e-9) < every.max() * 1.01
    np.testing.assert_allclose(best.nodes_km[1:3], nodes[1:3, every.argmax()], atol=2)
    assert best.value > 1.2 * deliver(np.linspace(0, 60, 4)).secret_key_rate_bit_per_s


def lossy_stretch(nodes_km):
    """A river between 20 and 30 km costs 20 dB more."""
    lost = np.diff(0.2 * nodes_km + 2 * np.clip(nodes_km - 20, 0, 10), axis=0)
    links = [Heralded(werner_state(fidelity=np.full(loss.shape, 0.99)), 0.5 * 10 ** (-loss / 10)) for loss in lost]
    return RepeaterChain(links, Memory(np.inf, 1.0), cycle_s=1e-3, policy="swap-at-end").exact()


def test_a_station_stands_where_half_of_the_loss_is_behind_it():
    best = best_placement(lossy_stretch, distance_km=50.0, num_repeaters=1)
    middle = best.nodes_km[1]
    np.testing.assert_allclose(0.2 * middle + 2 * np.clip(middle - 20, 0, 10), 15, atol=0.02)


def test_points_of_a_batch_have_their_own_places():
    ratio = np.array([1.0, 3.0, 0.1])
    distance = np.array([20.0, 40.0])[:, None]
    deliver = deliver_with((0.3 * np.sqrt(ratio), 0.3 / np.sqrt(ratio)))
    best = best_placement(deliver, distance_km=distance, num_repeaters=1)
    assert best.nodes_km.shape == (3, 2, 3)
    assert best.value.shape == best.result.rate_hz.shape == (2, 3)
    expected = distance / 2 + 25 * np.log10(ratio)
    np.testing.assert_allclose(best.nodes_km[1, 1, :2], expected[1, :2], atol=0.05)
    np.testing.assert_allclose(best.nodes_km[1, :, 2], 1e-3 * distance[:, 0], rtol=1e-3)  # as far as it goes


def test_sites_are_those_of_all_choices():
    sites = [3.0, 47.0, 21.0, 33.0, 52.0, 58.0]
    deliver = deliver_with((0.2, 0.4, 0.1), station=BellStation(success_probability=0.6))
    best = best_placement(deliver, distance_km=60.0, num_repeaters=2, sites_km=sites)
    keys = {
        pair: deliver(np.array([0.0, *pair, 60.0])).secret_key_rate_bit_per_s for pair in combinations(sorted(sites), 2)
    }
    winner = max(keys, key=keys.get)
    np.testing.assert_array_equal(best.nodes_km, [0, *winner, 60])
    np.testing.assert_allclose(best.value, keys[winner], rtol=1e-12)


def test_sites_for_each_point_of_a_batch():
    ratio = np.array([1.0, 10.0])
    deliver = deliver_with((0.04 * np.sqrt(ratio), 0.04 / np.sqrt(ratio)))
    best = best_placement(deliver, distance_km=100.0, num_repeaters=1, sites_km=np.arange(5.0, 100, 5))
    np.testing.assert_array_equal(best.nodes_km[1], [50, 75])


def test_a_least_fidelity_out_of_reach_is_nan():
    best = best_placement(
        deliver_with((0.4, 0.4)), distance_km=50.0, num_repeaters=1, objective="rate", min_fidelity=[0.9, 0.999]
    )
    assert best.value[0] > 0
    assert np.isnan(best.value[1])


REFUSED = {
    "no distance": ({"distance_km": 0.0}, ParameterError, "`distance_km`"),
    "no repeater": ({"num_repeaters": 0}, ParameterError, "`num_repeaters`"),
    "starts": ({"start_km": [1.0, 2.0]}, DimensionError, "`start_km` must hold 1, one per repeater, but holds 2"),
    "start behind": ({"start_km": [60.0]}, ParameterError, "`start_km` must ascend between 0 and `distance_km`"),
    "site behind": ({"sites_km": [60.0]}, ParameterError, "`sites_km` must lie between the ends, but one is at 60 of 50 km"),
    "few sites": ({"sites_km": [6.0], "num_repeaters": 2}, ParameterError, "must hold at least `num_repeaters` = 2, but holds 1"),
    "many sites": ({"sites_km": np.arange(1.0, 50), "num_repeaters": 5}, CapacityError, "choices of 5 out of 49 sites"),
    "distances": ({"sites_km": [6.0], "distance_km": [50.0, 60.0]}, DimensionError, "`distance_km` must be one number"),
    "objective": ({"objective": "fidelity"}, ParameterError, "`objective`"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_wrong_searches_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        best_placement(lossy_stretch, **{"distance_km": 50.0, "num_repeaters": 1} | given)


@pytest.mark.parametrize("sites_km", [None, [10.0, 20.0]])
def test_a_chain_that_was_not_computed_is_refused(sites_km):
    with pytest.raises(ParameterTypeError, match="`deliver` must return a ChainResult"):
        best_placement(lambda nodes_km: nodes_km, distance_km=50.0, num_repeaters=1, sites_km=sites_km)
    assert isinstance(lossy_stretch(np.array([0.0, 20.0, 50.0])), ChainResult)


def test_a_search_that_ends_before_its_stations_are_still_says_so(monkeypatch):
    """One turn from equal distances moves the station that an uneven chain needs elsewhere; the next turns only confirm it."""

    def deliver(nodes_km):
        arms = 10 ** (-0.02 * np.diff(nodes_km, axis=0))
        links = [
            double_click_link(transmissivity=(seen * arm) ** 0.5) for seen, arm in zip((0.5, 0.05), arms, strict=True)
        ]
        return RepeaterChain(links, Memory(np.inf, 50.0), cycle_s=1e-3).exact()

    assert best_placement(deliver, distance_km=100.0, num_repeaters=1).still
    monkeypatch.setattr("qnet_protocols.placement._TURNS", 1)
    assert not best_placement(deliver, distance_km=100.0, num_repeaters=1).still
