"""Dispersion and interference of photons against wave packets on a grid and overlap integrals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad

from qnet_channels.dispersion import (
    dephased_photon_visibility,
    dispersion_delay_s,
    dispersion_length_km,
    exponential_photon_visibility,
    gaussian_photon_visibility,
    group_velocity_dispersion,
    pulse_broadening,
)
from qnet_core.errors import ParameterError

PS = 1e-12
SPEED_NM_PER_PS = 299792.458


def propagated(fwhm_ps, gvd_length_ps2, delay_ps, span_ps=4000.0, points=2**15):
    """Amplitude of a normalized Gaussian photon on a grid of times, its spectrum turned by the fibre's phase."""
    step = span_ps / points
    times = (np.arange(points) - points // 2) * step
    amplitude = np.exp(-2 * np.log(2) * times**2 / fwhm_ps**2)
    omega = 2 * np.pi * np.fft.fftfreq(points, step)
    after = np.fft.ifft(np.fft.fft(amplitude) * np.exp(1j * (gvd_length_ps2 * omega**2 / 2 - omega * delay_ps)))
    return times, after / np.sqrt((np.abs(after) ** 2).sum())


def rms(times, amplitude):
    weights = np.abs(amplitude) ** 2
    return np.sqrt((weights * times**2).sum() - (weights * times).sum() ** 2)


@pytest.mark.parametrize("gvd_length_ps2", [-3000.0, -200.0, 0.0, 500.0])
def test_pulses_on_a_grid_broaden_as_much(gvd_length_ps2):
    wide, narrow = (rms(*propagated(60.0, value, 0.0)) for value in (gvd_length_ps2, 0.0))
    broadening = pulse_broadening(fwhm_s=60 * PS, gvd_ps2_per_km=gvd_length_ps2 / 25, length_km=25.0)
    np.testing.assert_allclose(broadening, wide / narrow, rtol=1e-9)


def test_a_pulse_is_root_two_as_long_after_its_dispersion_length():
    length_km = dispersion_length_km(fwhm_s=[10 * PS, 1e-9], gvd_ps2_per_km=[-21.7, 3.0])
    np.testing.assert_allclose(
        pulse_broadening(fwhm_s=[10 * PS, 1e-9], gvd_ps2_per_km=[-21.7, 3.0], length_km=length_km), np.sqrt(2)
    )
    assert dispersion_length_km(fwhm_s=PS, gvd_ps2_per_km=0.0) == np.inf


def test_group_delays_of_two_colours_differ_as_the_coefficient_says():
    """The delay per km is β2 times the difference of angular frequencies, for colours that lie close."""
    wavelengths = np.array([1549.9995, 1550.0005])
    omega = 2 * np.pi * SPEED_NM_PER_PS / wavelengths
    gvd = group_velocity_dispersion(dispersion_ps_per_nm_km=17.0, wavelength_nm=1550.0)
    delay_s = dispersion_delay_s(dispersion_ps_per_nm_km=[17.0, -17.0], bandwidth_nm=1e-3, length_km=40.0)
    np.testing.assert_allclose(delay_s, 40 * PS * gvd * np.diff(omega)[0], rtol=1e-6)


@pytest.mark.parametrize("delay_ps", [-40.0, 0.0, 25.0])
@pytest.mark.parametrize("gvd_length_ps2", [-900.0, 0.0, 200.0])
def test_gaussian_photons_overlap_as_on_a_grid(delay_ps, gvd_length_ps2):
    _, one = propagated(60.0, 0.0, 0.0)
    _, two = propagated(60.0, gvd_length_ps2, delay_ps)
    visibility = gaussian_photon_visibility(
        fwhm_s=60 * PS, delay_s=delay_ps * PS, gvd_ps2_per_km=gvd_length_ps2 / 4, length_difference_km=4.0
    )
    np.testing.assert_allclose(visibility, np.abs(np.vdot(one, two)) ** 2, rtol=1e-9)


def test_dispersion_that_both_photons_share_cancels():
    _, one = propagated(60.0, 800.0, 0.0)
    _, two = propagated(60.0, 800.0, 30.0)
    visibility = gaussian_photon_visibility(fwhm_s=60 * PS, delay_s=30 * PS, gvd_ps2_per_km=-21.7)
    np.testing.assert_allclose(visibility, np.abs(np.vdot(one, two)) ** 2, rtol=1e-9)


def exponential_overlap(one, two, delay, detuning):
    """Overlap of √(1/T) exp(-t/2T) from 0 on and of the other from ``delay`` on."""
    start = max(0.0, delay)

    def envelope(t):
        return np.exp(-t / (2 * one) - (t - delay) / (2 * two)) / np.sqrt(one * two)

    limits = (start, start + 80 * max(one, two))
    real = quad(lambda t: envelope(t) * np.cos(detuning * t), *limits, epsabs=1e-13, limit=500)[0]
    imag = quad(lambda t: envelope(t) * np.sin(detuning * t), *limits, epsabs=1e-13, limit=500)[0]
    return real**2 + imag**2


@given(one=st.floats(0.2, 5.0), two=st.floats(0.2, 5.0), delay=st.floats(-3.0, 3.0), detuning=st.floats(-3.0, 3.0))
def test_exponential_photons_overlap_as_an_integral(one, two, delay, detuning):
    visibility = exponential_photon_visibility(
        lifetime_s=1e-9 * one,
        second_lifetime_s=1e-9 * two,
        delay_s=1e-9 * delay,
        detuning_rad_per_s=1e9 * detuning,
    )
    np.testing.assert_allclose(visibility, exponential_overlap(one, two, delay, detuning), atol=1e-10)
    assert 0 <= visibility <= 1


def test_a_second_photon_is_like_the_first_unless_said():
    lifetimes = np.array([1e-9, 2e-9])
    np.testing.assert_array_equal(exponential_photon_visibility(lifetime_s=lifetimes), 1)
    assert exponential_photon_visibility(lifetime_s=1e-9, second_lifetime_s=3e-9) == pytest.approx(0.75)


@pytest.mark.parametrize("dephasing", [0.0, 0.3, 2.0])
def test_dephased_photons_overlap_as_their_density_matrices(dephasing):
    """V = Tr ρ² with ρ(t, s) = g exp(-g (t + s)/2 - γ |t - s|), here g = 1."""
    purity, _ = dblquad(
        lambda s, t: 2 * np.exp(-(t + s) - 2 * dephasing * (t - s)), 0, 40, 0, lambda t: t, epsabs=1e-10
    )
    visibility = dephased_photon_visibility(t1_s=1.0, t2_s=1 / (0.5 + dephasing))
    np.testing.assert_allclose(visibility, purity, rtol=1e-8)


def test_emitters_cannot_outlive_their_decay():
    with pytest.raises(ParameterError, match=r"`t2_s` must be at most 2 \* t1_s = 0\.02, but is 0\.03"):
        dephased_photon_visibility(t1_s=0.01, t2_s=0.03)
    assert dephased_photon_visibility(t1_s=0.01, t2_s=0.02) == 1
