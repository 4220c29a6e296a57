"""Erasure, fibers, dispersed photons and timing give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import Fiber, erasure
from qnet_channels.dispersion import (
    dephased_photon_visibility,
    dispersion_delay_s,
    dispersion_length_km,
    exponential_photon_visibility,
    gaussian_photon_visibility,
    group_velocity_dispersion,
    pulse_broadening,
)
from qnet_channels.fiber import FrequencyConverter
from qnet_channels.timing import cycle_time_s, mean_attempts, success_rate_hz, success_within
from qnet_core import bell_state, concurrence, fidelity

CASES = CaseTable("fiber.toml", digits=12)
BELL = bell_state("phi+")


@CASES.check
def erasure_of_half_a_pair(transmissivity):
    after = BELL.apply(erasure(transmissivity=transmissivity), 1)
    blocks = after.matrix.reshape(2, 3, 2, 3)
    arrived, lost = blocks[:, :2, :, :2], blocks[:, 2, :, 2]
    arrival = np.einsum("abab", arrived).real
    kept_fidelity = np.einsum("aabb", arrived).real / 2
    return {
        "arrival_probability": arrival,
        "unconditional_fidelity": kept_fidelity,
        "fidelity_on_arrival": kept_fidelity / arrival,
        "kept_half_on_loss": lost[0, 0].real / np.trace(lost).real,
    }


@CASES.check
def single_rail_loss(transmissivity):
    fiber = Fiber(length_km=-10 * np.log10(transmissivity), attenuation_db_per_km=1.0)
    after = BELL.apply(fiber.loss("single-rail"), 1)
    return {
        "fidelity": fidelity(after, BELL),
        "vacuum_probability": after.ptrace(1).matrix[0, 0].real,
        "concurrence": concurrence(after),
    }


@CASES.check
def fiber_transmissivity(length_km, attenuation_db_per_km):
    transmissivity = Fiber(length_km=length_km, attenuation_db_per_km=attenuation_db_per_km).transmissivity
    per_km = -np.log(transmissivity) / length_km
    return {
        "transmissivity": transmissivity,
        "attenuation_per_km": per_km,
        "attenuation_length_km": Fiber(length_km, attenuation_db_per_km).attenuation_length_km,
        "half_length_km": np.log(2) / per_km,
    }


@CASES.check
def fiber_loss(length_km, attenuation_db_per_km):
    return {"transmissivity": Fiber(length_km=length_km, attenuation_db_per_km=attenuation_db_per_km).transmissivity}


@CASES.check
def fiber_latency(length_km, group_index):
    latency_s = Fiber(length_km=length_km, group_index=group_index).latency_s
    return {
        "speed_km_per_s": length_km / latency_s,
        "latency_us_per_km": 1e6 * latency_s / length_km,
        "latency_us": 1e6 * latency_s,
    }


@CASES.check
def fiber_budget(length_km, attenuation_db_per_km, connectors_db, splices_db, device_transmissivities):
    devices_db = -10 * np.log10(device_transmissivities).sum()
    transmissivity = Fiber(
        length_km=length_km,
        attenuation_db_per_km=attenuation_db_per_km,
        insertion_loss_db=sum(connectors_db) + sum(splices_db) + devices_db,
    ).transmissivity
    return {"loss_db": -10 * np.log10(transmissivity), "transmissivity": transmissivity}


@CASES.check
def fiber_of_parts(conversion, device_transmissivities, **fields):
    converter = FrequencyConverter(conversion)
    transmissivity = Fiber(**fields).transmissivity * converter.efficiency * np.prod(device_transmissivities)
    return {"loss_db": -10 * np.log10(transmissivity), "transmissivity": transmissivity}


@CASES.check
def chromatic_dispersion(dispersion_ps_per_nm_km, wavelength_nm, bandwidth_nm, length_km):
    delay_s = dispersion_delay_s(
        dispersion_ps_per_nm_km=dispersion_ps_per_nm_km, bandwidth_nm=bandwidth_nm, length_km=length_km
    )
    gvd = group_velocity_dispersion(dispersion_ps_per_nm_km=dispersion_ps_per_nm_km, wavelength_nm=wavelength_nm)
    return {"gvd_ps2_per_km": gvd, "delay_ps": 1e12 * delay_s}


@CASES.check
def dispersed_pulse(fwhm_ps, length_km, **coefficient):
    pulse = {"fwhm_s": 1e-12 * fwhm_ps, "gvd_ps2_per_km": group_velocity_dispersion(**coefficient)}
    dispersion_length = dispersion_length_km(**pulse)
    broadening = pulse_broadening(length_km=length_km, **pulse)
    return {
        "amplitude_width_ps": np.sqrt(dispersion_length * abs(pulse["gvd_ps2_per_km"])),
        "dispersion_length_km": dispersion_length,
        "broadening": broadening,
        "fwhm_out_ps": broadening * fwhm_ps,
    }


@CASES.check
def gaussian_photons(fwhm_ps, delay_ps, length_difference_km, **coefficient):
    visibility = gaussian_photon_visibility(
        fwhm_s=1e-12 * fwhm_ps,
        delay_s=1e-12 * delay_ps,
        gvd_ps2_per_km=group_velocity_dispersion(**coefficient),
        length_difference_km=length_difference_km,
    )
    return {"visibility": visibility}


@CASES.check
def exponential_photons(lifetime_ns, second_lifetime_ns, delay_ns, detuning_rad_per_ns):
    visibility = exponential_photon_visibility(
        lifetime_s=1e-9 * lifetime_ns,
        second_lifetime_s=1e-9 * second_lifetime_ns,
        delay_s=1e-9 * delay_ns,
        detuning_rad_per_s=1e9 * detuning_rad_per_ns,
    )
    return {"visibility": visibility}


@CASES.check
def dephased_photons(lifetime_ns, dephasing_per_ns):
    coherence_ns = 1 / (1 / (2 * lifetime_ns) + dephasing_per_ns)
    return {"visibility": dephased_photon_visibility(t1_s=1e-9 * lifetime_ns, t2_s=1e-9 * coherence_ns)}


@CASES.check
def link_timing(length_km, group_index, preparation_us, probability, attempts, modes):
    latency_s = Fiber(length_km, group_index=group_index).latency_s
    cycle_s = {
        scheme: cycle_time_s(scheme, latency_s=latency_s, preparation_s=1e-6 * preparation_us)
        for scheme in ("midpoint", "sender-receiver", "pipelined")
    }
    return {
        **{f"{scheme.replace('-', '_')}_us": 1e6 * seconds for scheme, seconds in cycle_s.items()},
        "rate_hz": success_rate_hz(probability=probability, cycle_s=cycle_s["midpoint"]),
        "mean_attempts": mean_attempts(probability=probability),
        "success_within": success_within(probability=probability, attempts=attempts),
        "multiplexed": success_within(probability=probability, attempts=modes),
    }


@CASES.parametrize
def test_fiber_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
