"""A trusted relay: keys of two passes, and what of them is passed on."""

import math

import numpy as np
import pytest
from lab.scenario_files import changed

from qnet_core import werner_state
from qnet_lab import ScenarioError
from qnet_protocols import repeaterless_bound, secret_key_fraction

NAME = "jinan_relay_12900km"
IDEAL = {"transmitter.single_photon_fraction": 1.0, "transmitter.sifting": 1.0,
         "transmitter.error_correction_inefficiency": 1.0, "station_a.background_rate_hz": 0.0,
         "station_b.background_rate_hz": 0.0}  # fmt: skip


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """The shipped scenario's dataset."""
    return changed(tmp_path_factory.mktemp("relay"), NAME, {})


def entropy(p):
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_the_best_pass_brings_what_was_reported(relay):
    """Up to 1.07 Mbit per pass (Li et al., Nature 640, 47 (2025)): this is what one number is set by."""
    assert float(relay["key_bit"].sel(station="Beijing")) == pytest.approx(1.07e6, rel=0.01)


def test_what_is_passed_on_is_the_shorter_key(relay):
    assert float(relay["relayed_key_bit"]) == float(relay["key_bit"].sel(station="Stellenbosch"))
    assert float(relay["relayed_key_bit"]) < float(relay["key_bit"].sel(station="Beijing"))


def test_no_light_goes_from_station_to_station(relay):
    """Two downlinks of at most 2000 km, and no satellite that both could see."""
    assert float(relay["longest_link_km"]) < 2000 < float(relay["farthest_km"]) < 5000
    assert float(relay["ground_distance_km"]) == 12900.0


def test_key_rate_by_hand(relay):
    """Errors and key from clicks, moment by moment."""
    for station, k in ((0, 200), (1, 200), (0, 40), (1, 300)):
        point = relay.isel(station=station, time_s=k)
        photons = 2.5e8 * 10 ** (-float(point["loss_db"]) / 10)
        clicks = photons + 100.0
        wrong = (0.01 * photons + 50.0) / clicks
        key = 0.5 * clicks * (0.6 * (1 - entropy(wrong)) - 1.16 * entropy(wrong))
        assert float(point["click_rate_hz"]) == pytest.approx(clicks, rel=1e-9)
        assert float(point["error_rate"]) == pytest.approx(wrong, rel=1e-9)
        assert float(point["key_rate_bit_per_s"]) == pytest.approx(key, rel=1e-9)


def test_single_photons_without_decoys_are_bb84(tmp_path):
    """The key of a Werner pair with this error rate, for each click."""
    dataset = changed(tmp_path, NAME, IDEAL | {"station_a.misalignment": 0.04})
    fraction = secret_key_fraction(werner_state(fidelity=1 - 1.5 * 0.04))
    over = dataset.isel(station=0)
    expected = over["click_rate_hz"] * float(fraction)
    np.testing.assert_allclose(over["key_rate_bit_per_s"][1:-1], expected[1:-1], rtol=1e-9)


def test_no_more_key_than_the_channel_allows(tmp_path):
    dataset = changed(tmp_path, NAME, IDEAL | {"station_a.misalignment": 0.0, "station_b.misalignment": 0.0})
    bound = 2.5e8 * repeaterless_bound(10 ** (-dataset["loss_db"].fillna(np.inf).values / 10))
    assert (dataset["key_rate_bit_per_s"].values <= bound).all()


@pytest.mark.parametrize("change", [{"station_b.misalignment": 0.12}, {"station_b.background_rate_hz": 1e6}])
def test_where_errors_are_too_many_there_is_no_key(tmp_path, change):
    dataset = changed(tmp_path, NAME, change)
    assert (dataset["key_rate_bit_per_s"].sel(station="Stellenbosch") == 0).all()
    assert float(dataset["relayed_key_bit"]) == 0.0
    assert float(dataset["key_bit"].sel(station="Beijing")) > 1e6


def test_the_lower_pass_is_shorter_and_brings_less(relay):
    seen = relay["loss_db"].notnull()
    assert int(seen.sel(station="Stellenbosch").sum()) < int(seen.sel(station="Beijing").sum()) == 401
    assert (relay["key_rate_bit_per_s"].where(~seen, 0) == 0).all()
    highest = relay["elevation_deg"].max("time_s").values
    np.testing.assert_allclose(highest, [75.0, 45.0], rtol=1e-9)
    assert float(relay["elevation_deg"].min()) >= 15 - 1e-9


def test_equal_passes_bring_equal_keys(tmp_path):
    dataset = changed(tmp_path, NAME, {"station_b.max_elevation_deg": 75.0})
    assert float(dataset["key_bit"][0]) == float(dataset["key_bit"][1]) == float(dataset["relayed_key_bit"])


def test_keys_converge_with_the_number_of_moments(tmp_path, relay):
    fine = changed(tmp_path, NAME, {"sweep.num_times": 4001})
    np.testing.assert_allclose(fine["key_bit"], relay["key_bit"], rtol=2e-3)


def test_a_pass_below_what_is_used_is_refused(tmp_path):
    with pytest.raises(
        ScenarioError, match=r"key `station_b.max_elevation_deg`: expected more than .* = 15, but it is 12\."
    ):
        changed(tmp_path, NAME, {"station_b.max_elevation_deg": 12.0})
