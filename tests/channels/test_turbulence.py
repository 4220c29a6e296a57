"""Turbulence against integrals over the profile."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from qnet_channels.turbulence import (
    fried_parameter_m,
    hufnagel_valley,
    hufnagel_valley_moment,
    isoplanatic_angle_urad,
    rytov_variance,
    uplink_fried_parameter_m,
)
from qnet_core.errors import ParameterError

PROFILES = [{}, {"wind_m_per_s": 0.0}, {"wind_m_per_s": 57.0, "ground_cn2": 1.7e-13}, {"ground_cn2": 0.0}]
LAYERS = [0, 30, 100, 300, 1e3, 3e3, 1e4, 2e4, 4e4, 1e5]


def integral(weight, top_m=1e5, **profile):
    """Integral of the profile with a weight, layer by layer."""
    edges = [edge for edge in LAYERS if edge < top_m] + [top_m]
    return sum(
        quad(lambda h: hufnagel_valley(h, **profile) * weight(h), low, high, epsabs=0, epsrel=1e-12)[0]
        for low, high in pairwise(edges)
    )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("order", [0, 5 / 6, 1, 5 / 3])
def test_moments_are_integrals_over_the_profile(order, profile):
    np.testing.assert_allclose(
        hufnagel_valley_moment(order, **profile), integral(lambda h: h**order, **profile), rtol=1e-10
    )


def test_each_term_of_the_profile():
    heights = np.array([0.0, 500.0, 1e4])
    background = 2.7e-16 * np.exp(-heights / 1500)
    quiet = hufnagel_valley(heights, wind_m_per_s=0.0, ground_cn2=0.0)
    np.testing.assert_allclose(quiet, background, rtol=1e-14)
    ground = hufnagel_valley(heights, wind_m_per_s=0.0, ground_cn2=1e-14) - quiet
    np.testing.assert_allclose(ground, 1e-14 * np.exp(-heights / 100), rtol=1e-9, atol=1e-30)
    wind = hufnagel_valley(heights, wind_m_per_s=27.0, ground_cn2=0.0) - quiet
    np.testing.assert_allclose(wind, 0.00594 * (heights / 1e5) ** 10 * np.exp(-heights / 1000), rtol=1e-9, atol=1e-30)


@pytest.mark.parametrize("elevation", [90.0, 35.0])
@pytest.mark.parametrize("profile", PROFILES)
def test_plane_waves_by_quadrature(elevation, profile):
    given = {"wavelength_nm": 810.0, "elevation_deg": elevation, **profile}
    k, secant = 2 * np.pi / 810e-9, 1 / np.cos(np.deg2rad(90 - elevation))
    expected = {
        fried_parameter_m: (0.423 * k**2 * secant * integral(lambda h: 1, **profile)) ** (-3 / 5),
        isoplanatic_angle_urad: 1e6
        * (2.914 * k**2 * secant ** (8 / 3) * integral(lambda h: h ** (5 / 3), **profile)) ** (-3 / 5),
        rytov_variance: 2.25 * k ** (7 / 6) * secant ** (11 / 6) * integral(lambda h: h ** (5 / 6), **profile),
    }
    for function, value in expected.items():
        np.testing.assert_allclose(function(**given), value, rtol=1e-10)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("altitude_km", [0.05, 3.0, 20.0, 500.0])
def test_spherical_waves_by_quadrature(altitude_km, profile):
    top_m = 1e3 * altitude_km
    weighted = integral(lambda h: (1 - h / top_m) ** (5 / 3), top_m=min(top_m, 1e5), **profile)
    k = 2 * np.pi / 850e-9
    np.testing.assert_allclose(
        uplink_fried_parameter_m(wavelength_nm=850.0, altitude_km=altitude_km, elevation_deg=30.0, **profile),
        (0.423 * k**2 * 2 * weighted) ** (-3 / 5),
        rtol=1e-9,
    )


def test_from_far_away_a_spherical_wave_is_plane():
    given = {"wavelength_nm": 850.0, "elevation_deg": [30.0, 90.0]}
    heights = np.array([[1.0], [36e3], [1e9]])
    radii = uplink_fried_parameter_m(altitude_km=heights, **given)
    assert (np.diff(radii, axis=0) < 0).all()
    np.testing.assert_allclose(radii[2], fried_parameter_m(**given), rtol=1e-7)


def test_the_profile_is_called_by_its_five_and_seven():
    np.testing.assert_allclose(fried_parameter_m(wavelength_nm=500.0), 0.05, rtol=0.01)
    np.testing.assert_allclose(isoplanatic_angle_urad(wavelength_nm=500.0), 7, rtol=0.02)


def test_longer_waves_see_less_turbulence():
    waves = np.array([500.0, 1550.0])
    coarse, fine = fried_parameter_m(wavelength_nm=waves)[::-1]
    np.testing.assert_allclose(coarse / fine, (1550 / 500) ** (6 / 5), rtol=1e-13)
    strong, weak = rytov_variance(wavelength_nm=waves)
    np.testing.assert_allclose(weak / strong, (500 / 1550) ** (7 / 6), rtol=1e-13)


@pytest.mark.parametrize("function", [fried_parameter_m, isoplanatic_angle_urad, rytov_variance])
@pytest.mark.parametrize("elevation", [0.0, -10.0, 100.0])
def test_flat_layers_have_no_horizon(function, elevation):
    with pytest.raises(ParameterError, match="`elevation_deg` must be between 0 and 90 and not 0"):
        function(wavelength_nm=850.0, elevation_deg=elevation)


def test_orders_are_not_negative():
    with pytest.raises(ParameterError, match="`order` must be at least 0"):
        hufnagel_valley_moment(-1.0)
