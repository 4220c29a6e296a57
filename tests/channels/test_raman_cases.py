"""Scattered light gives the tabulated numbers, and those of an integral along the fibre."""

import numpy as np
import pytest
from channels.case_tables import CaseTable
from scipy.integrate import quad

from qnet_channels import Detector, Fiber
from qnet_channels.fiber import FrequencyConverter
from qnet_channels.raman import (
    anti_stokes_ratio,
    dbm_to_w,
    noise_count_probability,
    noise_photons,
    photon_rate_hz,
    raman_power_w,
    raman_shift_hz,
    thermal_photons,
)
from qnet_core.errors import ParameterError

CASES = CaseTable("raman.toml", digits=12)
LIGHT = {"launch_power_dbm": 3.0, "filter_width_nm": 0.8, "coefficient_per_km_nm": 2e-9}


@CASES.check
def scattered_forward(wavelength_nm, window_ns, **light):
    power_w = raman_power_w("forward", **light)
    rate_hz = photon_rate_hz(power_w=power_w, wavelength_nm=wavelength_nm)
    return {
        "power_w": power_w,
        "rate_hz": rate_hz,
        "photons_per_window": noise_photons(rate_hz=rate_hz, window_s=1e-9 * window_ns),
        "length_of_most_km": Fiber(1.0, light["attenuation_db_per_km"]).attenuation_length_km,
    }


@CASES.check
def scattered_backward(wavelength_nm, **light):
    power_w = raman_power_w("backward", **light)
    per_km = dbm_to_w(light["launch_power_dbm"]) * light["coefficient_per_km_nm"] * light["filter_width_nm"]
    return {
        "power_w": power_w,
        "rate_hz": photon_rate_hz(power_w=power_w, wavelength_nm=wavelength_nm),
        "saturation_km": raman_power_w("backward", **light | {"length_km": 1e4}) / per_km,
    }


@CASES.check
def scattered_both_ways(**light):
    return {f"{way}_w": raman_power_w(way, **light) for way in ("forward", "backward")}


@CASES.check
def anti_stokes(pump_wavelength_nm, wavelength_nm, temperature_k):
    shift_hz = raman_shift_hz(pump_wavelength_nm=pump_wavelength_nm, wavelength_nm=wavelength_nm)
    return {
        "shift_thz": 1e-12 * shift_hz,
        "exponent": -np.log(anti_stokes_ratio(shift_hz=shift_hz, temperature_k=temperature_k)),
        "thermal_photons": thermal_photons(frequency_hz=shift_hz, temperature_k=temperature_k),
    }


@CASES.parametrize
def test_raman_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()


def scattered(way, length_km, pump_db, signal_db):
    """Every stretch of fibre scatters what reaches it, and what it scatters is attenuated on its way out."""
    pump, signal = (10 ** (-db / 10) for db in (pump_db, signal_db))
    leaving = (lambda z: length_km - z) if way == "forward" else (lambda z: z)
    integral, _ = quad(lambda z: pump**z * signal ** leaving(z), 0, length_km, epsabs=0, epsrel=1e-13)
    return 1e-3 * 10**0.3 * 2e-9 * 0.8 * integral


@pytest.mark.parametrize("way", ["forward", "backward"])
@pytest.mark.parametrize(
    ("pump_db", "signal_db"), [(0.2, 0.2), (0.2, 0.33), (0.33, 0.2), (0.2, 0.2 + 1e-12), (0.0, 0.0), (0.0, 0.3)]
)
def test_power_is_the_integral_along_the_fiber(way, pump_db, signal_db):
    for length_km in (1e-3, 7.0, 120.0):
        power_w = raman_power_w(
            way, length_km=length_km, pump_attenuation_db_per_km=pump_db, attenuation_db_per_km=signal_db, **LIGHT
        )
        np.testing.assert_allclose(power_w, scattered(way, length_km, pump_db, signal_db), rtol=1e-11)


def test_nothing_jumps_where_both_attenuations_meet():
    step = np.array([-1e-9, -1e-13, 0.0, 1e-13, 1e-9])
    powers = raman_power_w("forward", length_km=50.0, attenuation_db_per_km=0.2 + step, **LIGHT)
    np.testing.assert_allclose(powers, powers[2], rtol=1e-8)
    np.testing.assert_allclose(powers[1:4], powers[2], rtol=1e-12)


def test_forward_light_is_most_at_the_attenuation_length():
    lengths = Fiber(1.0).attenuation_length_km * np.array([0.999, 1.0, 1.001])
    before, most, after = raman_power_w("forward", length_km=lengths, **LIGHT)
    assert before < most > after


def test_very_unequal_losses_over_long_fibers_stay_finite():
    power = raman_power_w(
        "forward",
        length_km=[0.0, 1e4],
        pump_attenuation_db_per_km=[[0.0], [8.0]],
        attenuation_db_per_km=[[8.0], [0.0]],
        **LIGHT,
    )
    per_km = 1e-3 * 10**0.3 * 2e-9 * 0.8
    np.testing.assert_allclose(power, [[0.0, per_km / (0.8 * np.log(10))]] * 2, rtol=1e-12)


def test_noise_acts_as_dark_counts():
    rate_hz, window_s, eta = 2e6, 1e-9, 0.3
    photons = noise_photons(rate_hz=rate_hz, window_s=window_s, transmissivity=eta)
    detector = Detector(eta, dark_count_rate_hz=100.0, window_s=window_s)
    counted = noise_count_probability(mean_photons=photons, dark_count_probability=detector.dark_count_probability)
    np.testing.assert_allclose(counted, detector.click_probability(rate_hz * window_s), rtol=1e-10)


def test_noise_of_a_converter_is_that_of_photons_of_its_rate():
    converter = FrequencyConverter([0.3, 0.57], noise_rate_hz=1e5)
    photons = noise_photons(rate_hz=1e5, window_s=2e-6, transmissivity=0.2)
    np.testing.assert_allclose(
        converter.dark_count_probability(window_s=2e-6, transmissivity=0.2),
        noise_count_probability(mean_photons=photons),
        rtol=1e-14,
    )
    assert FrequencyConverter(0.4).dark_count_probability(window_s=1.0) == 0


def test_a_polarizer_stops_half_of_the_noise():
    both = noise_photons(rate_hz=1e8, window_s=1e-9)
    assert noise_photons(rate_hz=1e8, window_s=1e-9, polarized=True) == both / 2


def test_little_noise_keeps_its_digits():
    assert noise_count_probability(mean_photons=1e-18) == 1e-18
    assert noise_count_probability(mean_photons=0.0, dark_count_probability=1e-18) == 1e-18
    assert noise_count_probability(mean_photons=3.0, dark_count_probability=1.0) == 1


def test_detailed_balance_of_stokes_and_anti_stokes():
    n = thermal_photons(frequency_hz=13e12, temperature_k=[4.0, 77.0, 295.0])
    ratio = anti_stokes_ratio(shift_hz=[13e12, -13e12, 13e12], temperature_k=[4.0, 77.0, 295.0])
    np.testing.assert_allclose(ratio, n / (n + 1), rtol=1e-12)
    assert anti_stokes_ratio(shift_hz=0.0, temperature_k=295.0) == 1
    assert thermal_photons(frequency_hz=1e15, temperature_k=1e-3) == 0
    np.testing.assert_allclose(thermal_photons(frequency_hz=1.0, temperature_k=300.0), 6.2509857e12, rtol=1e-7)


def test_shifts_know_their_side():
    assert raman_shift_hz(pump_wavelength_nm=1550.0, wavelength_nm=1310.0) > 0
    assert raman_shift_hz(pump_wavelength_nm=1310.0, wavelength_nm=1550.0) < 0


def test_decibels_of_a_milliwatt():
    np.testing.assert_allclose(dbm_to_w([-30.0, 0.0, 18.7]), [1e-6, 1e-3, 74.131024e-3], rtol=1e-7)


@pytest.mark.parametrize("way", ["sideways", None, "Forward", ["forward"]])
def test_there_are_two_ways(way):
    with pytest.raises(ParameterError, match="`direction` must be one of forward, backward"):
        raman_power_w(way, launch_power_dbm=0.0, filter_width_nm=1.0, length_km=1.0)
