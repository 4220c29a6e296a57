"""Pairs from a satellite: geometry in space, losses and rates against what was measured and against plain matrices."""

import itertools

import numpy as np
import pytest
from lab.scenario_files import changed

from qnet_channels import double_downlink, elevation_at_range_deg
from qnet_lab import ScenarioError, load_scenario
from qnet_lab.downlinks import downlink_transmissivity

NAME = "micius_1200km"
RADIUS_KM, HEIGHT_KM, GRAVITY = 6371.0, 500.0, 398600.4418


@pytest.fixture(scope="module")
def shipped_pass(tmp_path_factory):
    """The shipped scenario's dataset."""
    return changed(tmp_path_factory.mktemp("pass"), NAME, {})


def ranges_in_space(distance_km, angle_deg, time_s):
    """Distances of both stations from the satellite by vectors: the track runs along x, over the middle at the time 0."""
    turned = np.sqrt(GRAVITY / (RADIUS_KM + HEIGHT_KM) ** 3) * time_s
    satellite = (RADIUS_KM + HEIGHT_KM) * np.array([np.sin(turned), 0 * turned, np.cos(turned)])
    half, angle = distance_km / 2 / RADIUS_KM, np.deg2rad(angle_deg)
    for sign in (-1, 1):
        direction = sign * np.sin(half) * np.array([np.cos(angle), np.sin(angle), 0]) + [0, 0, np.cos(half)]
        sight = satellite - RADIUS_KM * direction[:, None]
        ranges = np.linalg.norm(sight, axis=0)
        yield ranges, np.rad2deg(np.arcsin(direction @ sight / ranges))


@pytest.mark.parametrize("angle_deg", [0.0, 20.0, 65.0, 90.0])
def test_both_stations_see_the_satellite_where_it_is(tmp_path, angle_deg):
    dataset = changed(tmp_path, NAME, {"ground.track_angle_deg": angle_deg})
    sights = ranges_in_space(1203.0, angle_deg, dataset["time_s"].values)
    for k, (ranges, elevations) in enumerate(sights):
        np.testing.assert_allclose(dataset["slant_range_km"][k], ranges, rtol=1e-9)
        np.testing.assert_allclose(dataset["elevation_deg"][k], elevations, atol=1e-6)
    lowest = dataset["elevation_deg"].min("station")
    np.testing.assert_allclose(lowest[[0, -1]], 10.0, atol=1e-6)
    assert (lowest[1:-1] > 10).all()


def test_above_the_middle_it_is_a_double_downlink(shipped_pass):
    view = double_downlink(ground_distance_km=1203.0, altitude_km=500.0)
    middle = shipped_pass.sel(time_s=0.0, method="nearest")
    np.testing.assert_allclose(middle["slant_range_km"], view.slant_range_km, rtol=1e-9)
    np.testing.assert_allclose(middle["elevation_deg"], view.elevation_deg, rtol=1e-9)


def test_the_downlinks_add_up_to_1600_to_2400_km(shipped_pass):
    """As in the abstract of Yin et al., Science 356, 1140 (2017)."""
    total = shipped_pass["slant_range_km"].sum("station")
    assert float(total.min()) == pytest.approx(1600, rel=0.01)
    assert 2200 < float(total.max()) < 2400


@pytest.mark.parametrize(("range_km", "loss_db", "within"), [(530.0, 29.0, 0.05), (1000.0, 36.0, 1.0)])
def test_one_downlink_loses_what_was_measured(range_km, loss_db, within):
    """29 dB at 530 km are fitted, 36 dB at 1000 km are not (Yin et al., PRL 119, 200501 (2017))."""
    satellite = load_scenario(NAME).satellite
    seen = elevation_at_range_deg(slant_range_km=range_km, altitude_km=500.0)
    assert -10 * np.log10(downlink_transmissivity(satellite, 0.6, seen)) == pytest.approx(loss_db, abs=within)


def test_the_pass_is_like_the_one_that_was_measured(shipped_pass):
    """64 to 82 dB, 1.1 pairs per second, fidelity 0.87(9) and S = 2.37(9); none of them is fitted."""
    assert ((shipped_pass["loss_db"] > 64) & (shipped_pass["loss_db"] < 82)).all()
    assert float(shipped_pass["mean_pair_rate_hz"]) == pytest.approx(1.1, rel=0.3)
    assert float(shipped_pass["mean_fidelity"]) == pytest.approx(0.87, abs=0.09)
    assert float(shipped_pass["mean_chsh"]) == pytest.approx(2.37, abs=0.09)


def chsh_by_hand(fidelity):
    """CHSH value of a Werner state from its matrix, in the four usual settings."""
    bell = np.array([1, 0, 0, 1]) / np.sqrt(2)
    weight = (4 * fidelity - 1) / 3
    rho = weight * np.outer(bell, bell) + (1 - weight) * np.eye(4) / 4
    z, x = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    left, right = (z, x), ((z + x) / np.sqrt(2), (z - x) / np.sqrt(2))
    values = {(i, j): np.trace(rho @ np.kron(left[i], right[j])) for i, j in itertools.product((0, 1), repeat=2)}
    return values[0, 0] + values[0, 1] + values[1, 0] - values[1, 1]


def test_rates_and_states_moment_by_moment(shipped_pass):
    """True pairs and accidentals by counting, and the CHSH value by matrices."""
    for k in (0, 150, 200):
        point = shipped_pass.isel(time_s=k)
        eta = 10 ** (-point["link_loss_db"].values / 10)
        pairs, singles = 5.9e6 * eta[0] * eta[1], 5.9e6 * eta + 1000.0
        chance = singles[0] * singles[1] * 2.5e-9
        fidelity = (pairs * 0.907 + chance * 0.25) / (pairs + chance)
        assert float(point["pair_rate_hz"]) == pytest.approx(pairs, rel=1e-12)
        assert float(point["accidental_rate_hz"]) == pytest.approx(chance, rel=1e-12)
        assert float(point["fidelity"]) == pytest.approx(fidelity, rel=1e-12)
        assert float(point["chsh"]) == pytest.approx(chsh_by_hand(fidelity), rel=1e-12)
        assert float(point["loss_db"]) == pytest.approx(point["link_loss_db"].values.sum(), rel=1e-12)


def test_the_pass_adds_up(shipped_pass):
    """By the rectangle rule instead of the trapezoidal one."""
    step = float(shipped_pass["time_s"][1] - shipped_pass["time_s"][0])
    every = (shipped_pass["pair_rate_hz"] + shipped_pass["accidental_rate_hz"]).values
    assert float(shipped_pass["pairs_per_pass"]) == pytest.approx(every.sum() * step, rel=0.01)
    assert float(shipped_pass["duration_s"]) == pytest.approx(400 * step, rel=1e-12)
    mean = (every * shipped_pass["fidelity"].values).sum() / every.sum()
    assert float(shipped_pass["mean_fidelity"]) == pytest.approx(mean, abs=1e-3)
    assert float(shipped_pass["mean_chsh"]) == pytest.approx(
        chsh_by_hand(float(shipped_pass["mean_fidelity"])), rel=1e-12
    )


def test_without_noise_only_the_source_is_left(tmp_path):
    quiet = {"station_a.background_rate_hz": 0.0, "station_b.background_rate_hz": 0.0}
    dataset = changed(tmp_path, NAME, quiet | {"ground.coincidence_window_s": 1e-18, "source.fidelity": 1.0})
    np.testing.assert_allclose(dataset["fidelity"], 1.0, atol=1e-9)
    np.testing.assert_allclose(dataset["chsh"], 2 * np.sqrt(2), rtol=1e-9)


def test_a_pass_is_the_same_in_both_directions(shipped_pass):
    for name in ("pair_rate_hz", "fidelity", "loss_db"):
        np.testing.assert_allclose(shipped_pass[name], shipped_pass[name][::-1], rtol=1e-9)


@pytest.mark.parametrize("change", [{"ground.distance_km": 3500.0}, {"ground.distance_km": 12900.0},
                                    {"ground.distance_km": 3500.0, "ground.track_angle_deg": 90.0}])  # fmt: skip
def test_stations_too_far_apart_are_refused(tmp_path, change):
    with pytest.raises(ScenarioError, match=r"key `ground.distance_km`: expected stations that see one satellite"):
        changed(tmp_path, NAME, change)
