"""Cut-offs, policies and distillation of a chain's scenario."""

import json

import numpy as np
import pytest
import xarray as xr
from lab import curve_oracle
from lab.hardware_tables import HARDWARE
from lab.scenario_files import IDEAL, SMALL, curve, numbers_of, write

from qnet_lab import ScenarioError, load_scenario, plot_overview

ION = SMALL | {
    "platform": '"ion_sr88_ca43"', "link.scheme": '"double-click"', "link.frequency_conversion_efficiency": "0.4",
    "link.dark_count_probability": "1e-6", "link.preparation_s": "1e-6", "memory.swap_in_fidelity": "0.995",
    "sweep.distances_km": "[20, 80]", "sweep.repeaters": "[0, 1, 3]",
}  # fmt: skip
OURS = HARDWARE["ion_sr88_ca43"] | {"swap_in_fidelity": 0.995}
HALF = IDEAL | {"sweep.repeaters": "[0, 1, 3]", "sweep.distances_km": "[80]", "link.visibility": "0.9"}
RESULTS = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s", "waiting_time_s")


def test_without_a_table_links_wait_as_long_as_it_takes(tmp_path):
    plain = curve(tmp_path, base=ION)
    assert np.isinf(plain["cutoff_s"]).all()
    said = curve(tmp_path, {"chain.policy": '"swap-at-end"', "chain.distillation": "0"}, base=ION)
    xr.testing.assert_identical(said, plain)


def test_a_cut_off_is_that_of_the_second_implementation(tmp_path):
    dataset = curve(tmp_path, {"chain.cutoff_s": "0.4"}, base=ION)
    assert (dataset["cutoff_s"] == 0.4).all()
    for k, distance_km in enumerate((20.0, 80.0)):
        for r, repeaters in enumerate((0, 1, 3)):
            expected = curve_oracle.point(OURS, distance_km, repeaters, 0.4)
            for name in RESULTS:
                np.testing.assert_allclose(numbers_of(dataset, name)[r, k], expected[name], rtol=1e-9, atol=1e-15)


def test_no_cut_off_beats_the_best(tmp_path):
    best = curve(tmp_path, {"chain.cutoff_s": '"best"'}, base=ION)
    keys, cutoff = numbers_of(best, "secret_key_rate_bit_per_s"), numbers_of(best, "cutoff_s")
    assert (keys > 0).all()
    assert np.isinf(cutoff[0]).all()
    assert np.isfinite(cutoff[1:]).any()
    for tried in [*np.geomspace(0.01, 100, 9), *(cutoff[1:] * 1.1).flat, *(cutoff[1:] / 1.1).flat]:
        if np.isfinite(tried):
            other = curve(tmp_path, {"chain.cutoff_s": repr(float(tried))}, base=ION)
            assert (numbers_of(other, "secret_key_rate_bit_per_s") <= keys * (1 + 1e-6)).all()
    endless = numbers_of(curve(tmp_path, base=ION), "secret_key_rate_bit_per_s")
    assert (keys >= endless * (1 - 1e-12)).all()
    assert (keys > 1.05 * endless)[1:].any()


def test_the_best_is_what_its_cut_off_gives(tmp_path):
    best = curve(
        tmp_path, {"chain.cutoff_s": '"best"', "sweep.distances_km": "[80]", "sweep.repeaters": "[1]"}, base=ION
    )
    given = {"chain.cutoff_s": repr(best["cutoff_s"].item()), "sweep.distances_km": "[80]", "sweep.repeaters": "[1]"}
    again = curve(tmp_path, given, base=ION)
    for name in RESULTS:
        np.testing.assert_allclose(again[name], best[name], rtol=1e-13)


def test_where_no_cut_off_gives_a_key_none_is_used(tmp_path):
    bad = {"station.gate_fidelity": "0.8", "chain.cutoff_s": '"best"'}
    best, endless = curve(tmp_path, bad, base=ION), curve(tmp_path, bad | {"chain.cutoff_s": None}, base=ION)
    assert (numbers_of(best, "secret_key_rate_bit_per_s")[1:] == 0).all()
    for name in (*RESULTS, "cutoff_s"):
        np.testing.assert_array_equal(numbers_of(best, name)[1:], numbers_of(endless, name)[1:])


@pytest.mark.parametrize("policy", ["nested", "swap-asap"])
def test_perfect_memories_and_stations_make_policies_alike(tmp_path, policy):
    """When nothing decays and no swap fails, all wait for the slowest link."""
    one, other = (curve(tmp_path, {"chain.policy": f'"{name}"'}, base=HALF) for name in (policy, "swap-at-end"))
    for name in RESULTS:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-7)
    assert one["fidelity"].dims == other["fidelity"].dims


def test_nested_chains_mend_failed_swaps_in_parts(tmp_path):
    """Mean cycles of links that come at p = 1/2 and swaps at 1/2: 8/3 for two, and twice 8/3 with the first swap."""
    found = curve(tmp_path, {"chain.policy": '"nested"', "station.success_probability": "0.5"}, base=HALF)
    at_end = curve(tmp_path, {"station.success_probability": "0.5"}, base=HALF)
    rates, others = numbers_of(found, "rate_hz")[:, 0], numbers_of(at_end, "rate_hz")[:, 0]
    np.testing.assert_allclose(rates[:2], others[:2], rtol=1e-7)
    assert rates[2] > 1.1 * others[2]


@pytest.mark.parametrize(
    ("distances_km", "cutoff_s"), [("[20, 60, 100]", None), ("[20, 60, 100]", "1000.0"), ("[140]", None)]
)
def test_rare_links_are_summed_in_steps_of_many_cycles(tmp_path, cutoff_s, distances_km):
    """Two links are the same chain under both policies; that which swaps at the end is summed in closed form."""
    rare = {
        "link.photon_detection_probability": "0.005", "sweep.repeaters": "[0, 1]", "sweep.distances_km": distances_km,
        "chain.cutoff_s": cutoff_s,
    }  # fmt: skip
    closed, summed = (
        curve(tmp_path, rare | {"chain.policy": f'"{policy}"'}, base=ION) for policy in ("swap-at-end", "nested")
    )
    assert (closed["link_probability"] < 2e-5).all()
    for name in RESULTS:
        np.testing.assert_allclose(summed[name], closed[name], rtol=1e-4, atol=1e-12)


def test_distillation_gives_fewer_and_better_pairs(tmp_path):
    changes = {"chain.policy": '"nested"', "chain.distillation": "1", "sweep.repeaters": "[1]"}
    plain, distilled = (
        curve(tmp_path, changes | {"chain.distillation": "0"}, base=HALF),
        curve(tmp_path, changes, base=HALF),
    )
    assert (distilled["fidelity"] > plain["fidelity"] + 0.02).all()
    assert (distilled["rate_hz"] < plain["rate_hz"]).all()


def test_a_best_cut_off_is_found_for_chains_that_count_steps(tmp_path):
    given = {
        "chain.policy": '"nested"', "memory.t2_s": "0.02", "sweep.repeaters": "[0, 1]", "link.visibility": "0.95",
        "link.photon_detection_probability": "0.3", "sweep.distances_km": "[80]",
    }  # fmt: skip
    best, endless, closed = (
        curve(tmp_path, given | more, base=HALF)
        for more in ({"chain.cutoff_s": '"best"'}, {}, {"chain.policy": '"swap-at-end"', "chain.cutoff_s": '"best"'})
    )
    keys, others = numbers_of(best, "secret_key_rate_bit_per_s"), numbers_of(endless, "secret_key_rate_bit_per_s")
    assert keys[1] > others[1]
    np.testing.assert_allclose(keys, numbers_of(closed, "secret_key_rate_bit_per_s"), rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"chain.policy": '"swap"'}, ("`chain.policy`", "swap")),
        ({"chain.cutoff_s": '"good"'}, ("`chain.cutoff_s`",)),
        ({"chain.cutoff_s": "0"}, ("`chain.cutoff_s`", "> 0")),
        ({"chain.distillation": "-1"}, ("`chain.distillation`", ">= 0")),
        ({"chain.cutoff": "1.0"}, ("`chain`", "cutoff_s")),
        ({"chain.policy": '"nested"', "sweep.repeaters": "[0, 2]"}, ("`sweep.repeaters`", "2**n - 1", "2")),
    ],
)
def test_wrong_tables_are_refused(tmp_path, changes, parts):
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(write(tmp_path, changes))
    assert all(part in str(refusal.value) for part in parts)


def test_the_policy_is_recorded_and_the_cut_off_noted(tmp_path):
    dataset = curve(tmp_path, {"chain.cutoff_s": "0.4"}, base=ION)
    recorded = json.loads(dataset.attrs["scenario"])["chain"]
    assert recorded == {"policy": "swap-at-end", "cutoff_s": 0.4, "distillation": 0}
    (legend,) = plot_overview(dataset).legends
    assert "at most 0.4 s" in legend.get_title().get_text()
