"""Beams in free space against integrals over the aperture and over jitter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad
from scipy.stats import rayleigh

from qnet_channels import Fiber
from qnet_channels.beams import (
    area_ratio,
    beam_capture,
    beam_radius_m,
    far_field_waist_m,
    friis_transmissivity,
    half_divergence_urad,
    pointing_loss_exponent,
    rayleigh_range_m,
    vasylyev_capture,
    vasylyev_fit,
)
from qnet_channels.freespace import FreeSpaceLink
from qnet_core.errors import ParameterError

SIZES = st.floats(0.05, 4.0)
TELESCOPES = {"wavelength_nm": 850.0, "waist_m": 0.1, "receiver_radius_m": 0.5}


def caught(spot, aperture, offset):
    """Integral of the normalized intensity over the aperture, in polar coordinates about its centre."""

    def intensity(angle, radius):
        squared = radius**2 + offset**2 - 2 * radius * offset * np.cos(angle)
        return radius * 2 / (np.pi * spot**2) * np.exp(-2 * squared / spot**2)

    half, _ = dblquad(intensity, 0, aperture, 0, np.pi, epsabs=0, epsrel=1e-11)
    return 2 * half


@pytest.mark.parametrize(
    ("spot", "aperture", "offset"),
    [(1.5, 1.0, 0.7), (1.0, 1.0, 0.0), (1.0, 2.0, 1.9), (3.0, 0.2, 5.0), (0.7, 1.0, 3.0), (6.0, 0.5, 1e-3)],
)
def test_capture_is_the_integral_over_the_aperture(spot, aperture, offset):
    captured = beam_capture(beam_radius_m=spot, aperture_radius_m=aperture, offset_m=offset)
    np.testing.assert_allclose(captured, caught(spot, aperture, offset), rtol=1e-10)


@given(spot=SIZES, aperture=SIZES, offset=SIZES)
def test_a_beam_off_the_axis_gives_less(spot, aperture, offset):
    offsets = np.array([0.0, 1e-9, offset, 2 * offset])
    captured = beam_capture(beam_radius_m=spot, aperture_radius_m=aperture, offset_m=offsets)
    assert (np.diff(captured) <= 1e-14).all()
    np.testing.assert_allclose(captured[1], captured[0], rtol=1e-12)
    np.testing.assert_allclose(captured[0], -np.expm1(-2 * (aperture / spot) ** 2), rtol=1e-12)


def test_small_apertures_sample_the_intensity():
    offsets = np.array([0.0, 0.4, 3.0])
    captured = beam_capture(beam_radius_m=1.5, aperture_radius_m=1e-6, offset_m=offsets)
    np.testing.assert_allclose(captured, 2e-12 / 2.25 * np.exp(-2 * offsets**2 / 2.25), rtol=1e-11)


def test_large_and_no_apertures_catch_all_and_nothing():
    captured = beam_capture(beam_radius_m=1.0, aperture_radius_m=[0.0, 9.0], offset_m=[[0.0], [1.0]])
    np.testing.assert_array_equal(captured, [[0, 1], [0, 1]])
    assert beam_capture(beam_radius_m=1e-9, aperture_radius_m=1.0) == 1


def test_spots_too_sharp_for_the_series_are_refused():
    with pytest.raises(ParameterError, match="`aperture_radius_m` must be at most 5000 spots"):
        beam_capture(beam_radius_m=1e-6, aperture_radius_m=1.0, offset_m=0.5)


def test_an_even_spot_is_half_as_bright_in_its_middle():
    sizes = {"beam_radius_m": 6.0, "aperture_radius_m": 1e-4}
    np.testing.assert_allclose(beam_capture(**sizes) / area_ratio(**sizes), 2, rtol=1e-9)
    assert area_ratio(beam_radius_m=1.0, aperture_radius_m=2.0) == 1


def test_a_beam_between_its_waist_and_far_away():
    waist, length = 0.1, rayleigh_range_m(waist_m=0.1, wavelength_nm=850.0)
    radii = beam_radius_m(waist_m=waist, wavelength_nm=850.0, distance_km=1e-3 * length * np.array([0.0, 1.0, 1e6]))
    np.testing.assert_allclose(radii[:2], [waist, np.sqrt(2) * waist], rtol=1e-14)
    angle = half_divergence_urad(waist_m=waist, wavelength_nm=850.0)
    np.testing.assert_allclose(radii[2], 1e-6 * angle * 1e6 * length, rtol=1e-11)
    np.testing.assert_allclose(far_field_waist_m(half_divergence_urad=angle, wavelength_nm=850.0), waist, rtol=1e-14)


def test_even_apertures_in_the_far_field():
    """A small receiver far away sees intensity P A_t/(λ L)² on the axis of an evenly lit aperture."""
    given = {"transmitter_radius_m": 0.15, "wavelength_nm": 810.0, "distance_km": 1200.0}
    aperture, receiver = np.pi * 0.15**2, np.pi * 0.01**2
    ratio = friis_transmissivity(receiver_radius_m=0.01, **given)
    np.testing.assert_allclose(ratio, aperture * receiver / (810e-9 * 1.2e6) ** 2, rtol=1e-13)
    with pytest.raises(ParameterError, match="`distance_km` must be in the far field"):
        friis_transmissivity(receiver_radius_m=0.6, **given | {"distance_km": [1200.0, 100.0]})
    nearest_km = 1e-3 * np.pi * 0.15 * 0.6 / 810e-9
    near, nearer = (given | {"distance_km": nearest_km * part} for part in (1 + 1e-9, 1 - 1e-9))
    np.testing.assert_allclose(friis_transmissivity(receiver_radius_m=0.6, **near), 1, rtol=1e-8)
    with pytest.raises(ParameterError, match="but gives 1"):
        friis_transmissivity(receiver_radius_m=0.6, **nearer)


def mean_over_jitter(spot, aperture, bias, jitter, order=60):
    """Mean of the exact capture over Gaussian displacements along two axes, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite.hermgauss(order)
    x, y = np.sqrt(2) * jitter * nodes[:, None] + bias, np.sqrt(2) * jitter * nodes
    captured = beam_capture(beam_radius_m=spot, aperture_radius_m=aperture, offset_m=np.hypot(x, y))
    return (weights[:, None] * weights * captured).sum() / np.pi


@pytest.mark.parametrize("bias", [0.0, 0.4, 2.5])
@pytest.mark.parametrize("jitter", [0.1, 0.5, 1.0])
def test_transmissivity_is_the_mean_over_bias_and_jitter(bias, jitter):
    """At 1000 km a µrad is a metre, and so short a wave does not spread."""
    link = FreeSpaceLink(1e3, 1e-6, 1.5, 1.0, pointing_bias_urad=bias, pointing_jitter_urad=jitter)
    np.testing.assert_allclose(link.spot_radius_m, 1.5, rtol=1e-12)
    np.testing.assert_allclose(link.transmissivity, mean_over_jitter(1.5, 1.0, bias, jitter), rtol=1e-9)


def test_loss_by_jitter_is_distributed_by_a_power():
    """Displacements are Rayleigh-distributed, and a small aperture sees exp(-2 r²/w²) of the best."""
    exponent = pointing_loss_exponent(beam_radius_m=6.0, jitter_m=1.2)
    part = np.array([0.05, 0.3, 0.9])
    displacement = np.sqrt(-np.log(part) / 2) * 6.0
    np.testing.assert_allclose(part**exponent, rayleigh(scale=1.2).sf(displacement), rtol=1e-12)
    steady, shaken = FreeSpaceLink(1e3, 1e-6, 6.0, 1e-6, pointing_jitter_urad=[0.0, 1.2]).transmissivity
    np.testing.assert_allclose(shaken / steady, exponent / (exponent + 1), rtol=1e-11)
    assert pointing_loss_exponent(beam_radius_m=6.0, jitter_m=0.0) == np.inf


@pytest.mark.parametrize(("aperture", "worst"), [(0.05, 3e-9), (0.2, 1e-5), (0.5, 1.1e-3), (1.0, 9e-3), (10.0, 0.045)])
def test_the_approximation_is_for_small_apertures(aperture, worst):
    sizes = {"beam_radius_m": 1.0, "aperture_radius_m": aperture}
    offsets = np.linspace(0.0, 4 * max(1.0, aperture), 2001)
    exact, approximate = (f(**sizes, offset_m=offsets) for f in (beam_capture, vasylyev_capture))
    assert worst / 2 < np.abs(exact - approximate).max() < worst
    np.testing.assert_allclose(approximate[0], exact[0], rtol=1e-12)


def test_the_approximation_of_a_small_aperture_is_the_beam_itself():
    fit = vasylyev_fit(beam_radius_m=1.0, aperture_radius_m=[1e-2, 1e-9])
    np.testing.assert_allclose(fit.exponent, 2, rtol=1e-4)
    np.testing.assert_allclose(fit.scale_m, np.sqrt(0.5), rtol=1e-4)
    np.testing.assert_allclose(fit.scale_m[1] / np.sqrt(0.5), 1, rtol=1e-14)


def test_the_approximation_has_no_step_where_its_series_ends():
    area = 0.025 * np.array([1 - 1e-9, 1 + 1e-9])
    for number in vasylyev_fit(beam_radius_m=1.0, aperture_radius_m=np.sqrt(area)):
        np.testing.assert_allclose(number[0], number[1], rtol=1e-8)


def test_losses_of_a_link_multiply():
    plain = FreeSpaceLink(500.0, **TELESCOPES)
    link = FreeSpaceLink(500.0, **TELESCOPES, atmosphere_transmissivity=0.7, optics_transmissivity=[0.5, 1.0])
    np.testing.assert_allclose(link.transmissivity, 0.7 * np.array([0.5, 1.0]) * plain.transmissivity, rtol=1e-14)


def test_a_broadened_spot_is_that_of_a_smaller_waist_far_away():
    wide = FreeSpaceLink(3e4, **TELESCOPES, broadening=2.0)
    small = FreeSpaceLink(3e4, **TELESCOPES | {"waist_m": 0.05})
    np.testing.assert_allclose(wide.transmissivity, small.transmissivity, rtol=1e-5)
    assert wide.spot_radius_m == 2 * FreeSpaceLink(3e4, **TELESCOPES).spot_radius_m


def test_latency_is_that_of_vacuum():
    np.testing.assert_allclose(FreeSpaceLink(299792.458, **TELESCOPES).latency_s, 1.0, rtol=1e-15)


@pytest.mark.parametrize("encoding", ["single-rail", "dual-rail"])
def test_loss_is_that_of_a_fiber_of_the_same_transmissivity(encoding):
    link = FreeSpaceLink([0.0, 30.0, 1200.0], **TELESCOPES)
    fiber = Fiber(0.0, insertion_loss_db=-10 * np.log10(link.transmissivity))
    np.testing.assert_allclose(link.loss(encoding).transfer, fiber.loss(encoding).transfer, rtol=1e-12, atol=1e-15)
    assert link.loss(encoding).is_trace_preserving().all()


def test_unknown_encoding_is_refused():
    with pytest.raises(ParameterError, match="`encoding` must be one of single-rail, dual-rail, but is 'time-bin'"):
        FreeSpaceLink(1.0, **TELESCOPES).loss("time-bin")


def test_a_million_distances_are_one_call():
    link = FreeSpaceLink(np.linspace(200.0, 2000.0, 10**6), **TELESCOPES, pointing_jitter_urad=1.0)
    assert link.transmissivity.shape == (10**6,)
    assert (np.diff(link.transmissivity) < 0).all()
