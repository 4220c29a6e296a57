"""Fibre against satellite: where the two cross, and what either brings."""

import math

import numpy as np
import pytest
from lab.scenario_files import changed

NAME = "fibre_or_satellite"
LISTED = {"sweep.distances_km": [10.0, 100.0, 1000.0, 3500.0]}
RADIUS_KM, HEIGHT_KM = 6371.0, 500.0


def downlink_by_hand(ground_km):
    """Transmissivity of one downlink of the shipped file to half this distance, by plane geometry and plain formulas."""
    half = ground_km / 2 / RADIUS_KM
    satellite = np.array([0.0, RADIUS_KM + HEIGHT_KM])
    station = RADIUS_KM * np.array([math.sin(half), math.cos(half)])
    sight = satellite - station
    range_km = np.linalg.norm(sight)
    up = sight @ station / range_km / RADIUS_KM
    elevation = math.degrees(math.asin(up))
    air_mass = 1 / (up + 0.50572 * (elevation + 6.07995) ** -1.6364)
    waist_m = 810e-9 / (math.pi * 5e-6)
    spot_m = waist_m * math.sqrt(1 + (range_km * 1e3 * 810e-9 / (math.pi * waist_m**2)) ** 2)
    jittered = spot_m**2 + 4 * (1e-6 * range_km * 1e3) ** 2
    return (1 - math.exp(-2 * 0.6**2 / jittered)) * 0.8**air_mass * 0.0189


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """The shipped scenario at a few distances."""
    return changed(tmp_path_factory.mktemp("reach"), NAME, LISTED)


def test_fibre_loses_a_constant_part_per_kilometre(dataset):
    loss = dataset["loss_db"]
    for path, attenuation in (("fibre, 0.2 dB/km", 0.2), ("hollow-core fibre, 0.091 dB/km", 0.091)):
        np.testing.assert_allclose(loss.sel(path=path), attenuation * dataset["distance_km"], rtol=1e-12)
        expected = 5.9e6 * 10 ** (-attenuation * dataset["distance_km"].values / 10)
        np.testing.assert_allclose(dataset["pair_rate_hz"].sel(path=path), expected, rtol=1e-9)


def test_insertion_loss_adds(tmp_path, dataset):
    lossy = changed(tmp_path, NAME, LISTED | {"fiber.insertion_loss_db": 7.0})
    more = lossy["loss_db"].sel(path="fibre, 0.2 dB/km") - dataset["loss_db"].sel(path="fibre, 0.2 dB/km")
    np.testing.assert_allclose(more, 7.0, rtol=1e-9)


@pytest.mark.parametrize("ground_km", [10.0, 100.0, 1000.0])
def test_the_satellite_sends_both_photons_down(dataset, ground_km):
    rate = dataset["pair_rate_hz"].sel(path="satellite", distance_km=ground_km)
    assert float(rate) == pytest.approx(5.9e6 * downlink_by_hand(ground_km) ** 2, rel=1e-9)


def test_there_are_no_pairs_where_no_satellite_is_seen_from_both(dataset):
    """Two stations see a satellite at 500 km above 10 degrees from at most 2 * 1563 km."""
    assert float(dataset["farthest_km"]) == pytest.approx(2 * 1563, abs=1)
    far = dataset.sel(path="satellite", distance_km=3500.0)
    assert (float(far["pair_rate_hz"]), float(far["loss_db"])) == (0.0, np.inf)


def test_both_ways_bring_the_same_at_the_crossing(tmp_path):
    shipped = changed(tmp_path, NAME, {})
    crossings = shipped["crossover_km"].values
    assert 200 < crossings[0] < 700  # as by the measured losses
    for crossing_km, attenuation in zip(crossings, (0.2, 0.091), strict=True):
        fibre = 10 ** (-attenuation * crossing_km / 10)
        assert downlink_by_hand(crossing_km) ** 2 == pytest.approx(fibre, rel=2e-4)


def test_the_crossing_is_the_same_on_a_coarse_grid(tmp_path):
    """Between points it is found by logarithms, which are nearly straight."""
    coarse = changed(tmp_path, NAME, {"sweep.distances_km": [800.0, 10.0, 200.0, 400.0]})
    assert coarse["distance_km"].values.tolist() == [10.0, 200.0, 400.0, 800.0]
    fine = changed(tmp_path, NAME, {})
    np.testing.assert_allclose(coarse["crossover_km"], fine["crossover_km"], rtol=0.01)


def test_where_nothing_crosses_there_is_no_crossing(tmp_path):
    near = changed(tmp_path, NAME, {"sweep.distances_km": [10.0, 50.0]})
    assert np.isnan(near["crossover_km"]).all()
    better = changed(tmp_path, NAME, {"fiber.attenuation_db_per_km": 1e-4})
    assert np.isnan(better["crossover_km"][0])
    worse = changed(tmp_path, NAME, {"fiber.attenuation_db_per_km": 30.0})  # behind from the first distance on
    assert np.isnan(worse["crossover_km"][0])


def test_hollow_core_may_be_left_out(tmp_path):
    alone = changed(tmp_path, NAME, {"hollow_core": None, "sources": {}})
    assert alone["path"].values.tolist() == ["fibre, 0.2 dB/km", "satellite"]
