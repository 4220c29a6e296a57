"""Passes and downlinks against vectors in space."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from qnet_channels.freespace import FreeSpaceLink
from qnet_channels.satellite import SatellitePass, double_downlink, downlink, ground_reach_km
from qnet_channels.sky import air_mass, slant_range_km
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

ZENITH = FreeSpaceLink(
    500.0, 850.0, waist_m=0.15, receiver_radius_m=0.6, pointing_jitter_urad=0.5, atmosphere_transmissivity=0.8
)
ALTITUDES = st.floats(200.0, 2000.0)
RADIUS = 6371.0


def seen(altitude, angle, off_plane):
    """Elevation and range, by vectors, of a satellite at an angle along its orbit from a station beside its plane."""
    station = RADIUS * np.array([np.cos(off_plane), 0.0, np.sin(off_plane)])
    satellite = (RADIUS + altitude) * np.array([np.cos(angle), np.sin(angle), 0.0])
    sight = satellite - station
    distance = np.linalg.norm(sight)
    return np.rad2deg(np.arcsin(np.dot(sight, station) / (distance * RADIUS))), distance


@given(altitude=ALTITUDES, off_plane=st.floats(0.0, 0.2), time=st.floats(-1500.0, 1500.0))
def test_a_pass_is_that_of_vectors(altitude, off_plane, time):
    speed = np.sqrt(398600.4418 / (RADIUS + altitude) ** 3)
    highest, _ = seen(altitude, 0.0, off_plane)
    assume(highest > 1e-3)
    view = SatellitePass(altitude, highest).view(time)
    elevation, distance = seen(altitude, speed * time, off_plane)
    np.testing.assert_allclose(view.elevation_deg, elevation, atol=1e-5)
    np.testing.assert_allclose(view.slant_range_km, distance, rtol=1e-6)


@given(altitude=ALTITUDES, highest=st.floats(1.0, 90.0), time=st.floats(0.0, 1000.0))
def test_a_pass_culminates_in_its_middle(altitude, highest, time):
    flight = SatellitePass(altitude, highest)
    np.testing.assert_allclose(flight.elevation_deg(0.0), highest, atol=1e-9)
    np.testing.assert_allclose(
        flight.slant_range_km(0.0), slant_range_km(elevation_deg=highest, altitude_km=altitude), rtol=1e-12
    )
    before, after = flight.elevation_deg([-time, time])
    assert before == after <= highest + 1e-9


@pytest.mark.parametrize("highest", [12.0, 45.0, 90.0])
@pytest.mark.parametrize("lowest", [0.0, 10.0])
def test_duration_is_the_time_between_two_crossings(highest, lowest):
    flight = SatellitePass(500.0, highest)
    rise = brentq(lambda time: flight.elevation_deg(time) - lowest, -1500.0, 0.0, xtol=1e-10)
    np.testing.assert_allclose(flight.duration_s(min_elevation_deg=lowest), -2 * rise, rtol=1e-9)


def test_a_pass_that_only_touches_has_no_duration():
    assert SatellitePass(500.0, [20.0, 33.3]).duration_s(min_elevation_deg=[20.0, 33.3]).tolist() == [0, 0]


def test_a_pass_that_stays_below_is_refused():
    with pytest.raises(ParameterError, match=r"`min_elevation_deg` must be at most max_elevation_deg = 8, but is 10\."):
        SatellitePass(500.0, [40.0, 8.0]).duration_s()


def test_orbits_take_as_long_as_known():
    """A space station at 420 km takes about 92.9 minutes, a clock of the sky at 35786 km a sidereal day."""
    periods_s = 2 * np.pi / SatellitePass([420.0, 35786.0 + 7.137]).angular_speed_rad_per_s
    np.testing.assert_allclose(periods_s, [92.8 * 60, 86164.1], rtol=2e-3)


def test_fields_broadcast_with_times():
    flight = SatellitePass([[400.0], [800.0]], [30.0, 60.0, 90.0])
    assert flight.elevation_deg(0.0).shape == (2, 3)
    assert flight.slant_range_km(np.zeros((5, 1, 1))).shape == (5, 2, 3)
    with pytest.raises(DimensionError):
        flight.elevation_deg(np.zeros(4))


def test_a_link_far_from_the_zenith_is_longer_and_dimmer():
    elevation = np.array([90.0, 40.0, 10.0])
    link = downlink(ZENITH, elevation_deg=elevation)
    np.testing.assert_allclose(link.distance_km, slant_range_km(elevation_deg=elevation, altitude_km=500.0))
    np.testing.assert_allclose(link.atmosphere_transmissivity, 0.8 ** air_mass(elevation_deg=elevation))
    assert (link.waist_m, link.pointing_jitter_urad) == (ZENITH.waist_m, ZENITH.pointing_jitter_urad)
    assert (np.diff(link.transmissivity) < 0).all()


def test_a_link_at_the_zenith_is_itself():
    link = downlink(ZENITH, elevation_deg=90.0, model="secant")
    np.testing.assert_allclose(link.transmissivity, ZENITH.transmissivity, rtol=1e-14)
    np.testing.assert_allclose(link.latency_s, ZENITH.latency_s, rtol=1e-14)


def test_a_pass_is_one_call():
    flight = SatellitePass(500.0, 70.0)
    times = np.linspace(-0.5, 0.5, 1001) * flight.duration_s(min_elevation_deg=15.0) * (1 - 1e-12)
    loss_db = -10 * np.log10(downlink(ZENITH, elevation_deg=flight.elevation_deg(times)).transmissivity)
    assert loss_db.argmin() == 500
    np.testing.assert_allclose(loss_db, loss_db[::-1], rtol=1e-12)


def test_below_the_horizon_there_is_no_link():
    with pytest.raises(ParameterError, match="`elevation_deg` must be between 0 and 90, but is -"):
        downlink(ZENITH, elevation_deg=SatellitePass(500.0).elevation_deg(1000.0))


@pytest.mark.parametrize("zenith", [500.0, None, SatellitePass(500.0)])
def test_other_things_than_links_are_refused(zenith):
    with pytest.raises(ParameterTypeError, match="`zenith` must be a FreeSpaceLink"):
        downlink(zenith, elevation_deg=90.0)


@given(altitude=ALTITUDES, part=st.floats(0.0, 1.0))
def test_two_stations_see_a_satellite_between_them_alike(altitude, part):
    apart = part * 2 * ground_reach_km(altitude_km=altitude, min_elevation_deg=0.0)
    view = double_downlink(ground_distance_km=apart, altitude_km=altitude)
    for side in (-1, 1):
        elevation, distance = seen(altitude, side * apart / (2 * RADIUS), 0.0)
        np.testing.assert_allclose(view.elevation_deg, elevation, atol=1e-5)
        np.testing.assert_allclose(view.slant_range_km, distance, rtol=1e-12)


@pytest.mark.parametrize("lowest", [0.0, 10.0, 33.3])
def test_stations_as_far_apart_as_can_be(lowest):
    span = 2 * ground_reach_km(altitude_km=500.0, min_elevation_deg=lowest)
    view = double_downlink(ground_distance_km=span, altitude_km=500.0, min_elevation_deg=lowest)
    np.testing.assert_allclose(view.elevation_deg, lowest, atol=1e-10)
    for distance in (span + 1, 12900.0):
        with pytest.raises(ParameterError, match=rf"`ground_distance_km` must be at most .*, but is {distance:.12g}"):
            double_downlink(ground_distance_km=[100.0, distance], altitude_km=500.0, min_elevation_deg=lowest)


def test_stations_in_one_place_look_up():
    view = double_downlink(ground_distance_km=0.0, altitude_km=[300.0, 500.0])
    np.testing.assert_allclose(view.elevation_deg, 90.0)
    np.testing.assert_allclose(view.slant_range_km, [300.0, 500.0])
