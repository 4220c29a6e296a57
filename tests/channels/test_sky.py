"""Slant paths, air and light of the sky against geometry and energy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels.sky import (
    air_mass,
    atmosphere_transmissivity,
    background_photons,
    elevation_at_range_deg,
    slant_range_km,
)
from qnet_core.errors import ParameterError


@given(elevation=st.floats(0.0, 90.0), altitude=st.floats(0.1, 4e4))
def test_slant_range_closes_the_triangle(elevation, altitude):
    """Station, satellite and the Earth's centre: the law of cosines, by the square of the orbit's radius."""
    distance = slant_range_km(elevation_deg=elevation, altitude_km=altitude)
    squared = 6371**2 + distance**2 + 2 * 6371 * distance * np.sin(np.deg2rad(elevation))
    np.testing.assert_allclose(squared, (6371 + altitude) ** 2, rtol=1e-13)
    assert altitude * (1 - 1e-12) <= distance <= np.sqrt(altitude * (2 * 6371 + altitude)) * (1 + 1e-12)


def test_low_flights_keep_their_digits():
    np.testing.assert_allclose(slant_range_km(elevation_deg=[30.0, 90.0], altitude_km=1e-9), [2e-9, 1e-9], rtol=1e-9)
    assert slant_range_km(elevation_deg=0.0, altitude_km=0.0) == 0


@given(elevation=st.floats(0.0, 89.0), altitude=st.floats(100.0, 4e4))
def test_elevation_and_range_are_inverse(elevation, altitude):
    distance = slant_range_km(elevation_deg=elevation, altitude_km=altitude)
    back = elevation_at_range_deg(slant_range_km=distance, altitude_km=altitude)
    np.testing.assert_allclose(back, elevation, atol=1e-8)


def test_the_zenith_and_the_horizon_are_the_ends_of_the_range():
    ends = elevation_at_range_deg(slant_range_km=[500.0, np.sqrt(500 * (2 * 6371 + 500))], altitude_km=500.0)
    np.testing.assert_allclose(ends, [90.0, 0.0], atol=1e-6)
    for distance in (499.0, 3000.0):
        with pytest.raises(ParameterError, match="`slant_range_km` must lie between"):
            elevation_at_range_deg(slant_range_km=distance, altitude_km=500.0)


def test_air_masses_agree_high_up_and_part_at_the_horizon():
    elevation = np.array([90.0, 60.0, 30.0, 18.0])
    flat, curved = (air_mass(elevation_deg=elevation, model=model) for model in ("secant", "kasten-young"))
    np.testing.assert_allclose(curved, flat, rtol=0.01)
    np.testing.assert_allclose(air_mass(elevation_deg=0.0), 37.92, rtol=1e-3)
    assert (np.diff(air_mass(elevation_deg=np.linspace(0.0, 90.0, 1000))) < 0).all()


def test_the_atmosphere_multiplies_with_its_masses():
    once, twice = atmosphere_transmissivity(zenith_transmissivity=0.8, elevation_deg=[90.0, 30.0], model="secant")
    np.testing.assert_allclose(twice, once**2, rtol=1e-14)
    assert atmosphere_transmissivity(zenith_transmissivity=1.0, elevation_deg=0.0) == 1
    assert atmosphere_transmissivity(zenith_transmissivity=0.0, elevation_deg=90.0) == 0


@pytest.mark.parametrize(
    "function",
    [
        lambda elevation: slant_range_km(elevation_deg=elevation, altitude_km=500.0),
        lambda elevation: air_mass(elevation_deg=elevation),
        lambda elevation: air_mass(elevation_deg=elevation, model="secant"),
        lambda elevation: atmosphere_transmissivity(zenith_transmissivity=0.8, elevation_deg=elevation),
    ],
)
@pytest.mark.parametrize("elevation", [-1e-9, -30.0, 90.1])
def test_elevations_below_the_horizon_are_refused(function, elevation):
    with pytest.raises(ParameterError, match=r"Parameter `elevation_deg` must be between 0 and 90.*, but is"):
        function([45.0, elevation])


def test_flat_air_has_no_horizon():
    with pytest.raises(ParameterError, match="`elevation_deg` must be between 0 and 90 and not 0, but is 0"):
        air_mass(elevation_deg=0.0, model="secant")


@pytest.mark.parametrize("model", ["rozenberg", None, ["secant"]])
def test_unknown_models_of_air_are_refused(model):
    with pytest.raises(ParameterError, match="`model` must be one of kasten-young, secant, but is"):
        air_mass(elevation_deg=30.0, model=model)


def test_light_of_the_sky_is_power_over_the_energy_of_a_photon():
    photons = background_photons(
        radiance_w_per_m2_sr_nm=2e-3, field_of_view_urad=100.0, aperture_radius_m=0.25, filter_width_nm=0.3,
        window_s=2e-9, wavelength_nm=1550.0,
    )  # fmt: skip
    solid_angle = 2 * np.pi * (1 - np.cos(1e-4))
    energy_j = 2e-3 * solid_angle * np.pi * 0.25**2 * 0.3 * 2e-9
    np.testing.assert_allclose(photons, energy_j / (6.62607015e-34 * 299792458 / 1550e-9), rtol=1e-6)
