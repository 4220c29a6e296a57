"""Beams, slant paths, turbulence and light of the sky give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels.beams import (
    area_ratio,
    beam_capture,
    friis_transmissivity,
    half_divergence_urad,
    pointing_loss_exponent,
    rayleigh_range_m,
    vasylyev_capture,
    vasylyev_fit,
)
from qnet_channels.freespace import FreeSpaceLink
from qnet_channels.satellite import ground_reach_km
from qnet_channels.sky import (
    air_mass,
    atmosphere_transmissivity,
    background_photons,
    elevation_at_range_deg,
    slant_range_km,
)
from qnet_channels.turbulence import (
    fried_parameter_m,
    hufnagel_valley,
    hufnagel_valley_moment,
    isoplanatic_angle_urad,
    rytov_variance,
)

CASES = CaseTable("freespace.toml", digits=12)


def decibels(transmissivity):
    return -10 * np.log10(transmissivity)


@CASES.check
def gaussian_beam(distance_km, receiver_radius_m, **beam):
    link = FreeSpaceLink(distance_km, receiver_radius_m=receiver_radius_m, **beam)
    return {
        "rayleigh_range_m": rayleigh_range_m(**beam),
        "spot_radius_m": link.spot_radius_m,
        "half_divergence_urad": half_divergence_urad(**beam),
        "transmissivity": link.transmissivity,
        "loss_db": decibels(link.transmissivity),
    }


@CASES.check
def diverging_beam(full_divergence_urad, distance_km, receiver_radius_m):
    spot_radius_m = 1e-3 * full_divergence_urad / 2 * distance_km
    given = {"beam_radius_m": spot_radius_m, "aperture_radius_m": receiver_radius_m}
    return {
        "spot_radius_m": spot_radius_m,
        "gaussian_db": decibels(beam_capture(**given)),
        "area_db": decibels(area_ratio(**given)),
    }


@CASES.check
def captured_part(**given):
    return {"gaussian_db": diverging_beam(**given)["gaussian_db"]}


@CASES.check
def uniform_apertures(**given):
    transmissivity = friis_transmissivity(**given)
    return {"transmissivity": transmissivity, "loss_db": decibels(transmissivity)}


@CASES.check
def slant_range(**given):
    return {"slant_range_km": slant_range_km(**given)}


@CASES.check
def flat_air(**given):
    return {"transmissivity": atmosphere_transmissivity(model="secant", **given)}


@CASES.check
def air_masses(elevation_deg):
    return {model.replace("-", "_"): air_mass(elevation_deg=elevation_deg, model=model)
            for model in ("kasten-young", "secant")}  # fmt: skip


@CASES.check
def turbulence_profile(height_m):
    return {
        "cn2_over_1e15": 1e15 * hufnagel_valley(height_m),
        "integral_over_1e12": 1e12 * hufnagel_valley_moment(0),
    }


@CASES.check
def plane_wave_from_the_zenith(wavelength_nm):
    return {
        "fried_parameter_m": fried_parameter_m(wavelength_nm=wavelength_nm),
        "isoplanatic_angle_urad": isoplanatic_angle_urad(wavelength_nm=wavelength_nm),
    }


@CASES.check
def plane_wave_at_a_slant(wavelength_nm, elevation_deg):
    return {
        "fried_parameter_m": fried_parameter_m(wavelength_nm=wavelength_nm, elevation_deg=elevation_deg),
        "rytov_variance": rytov_variance(wavelength_nm=wavelength_nm, elevation_deg=[90.0, elevation_deg]),
    }


@CASES.check
def jitter_of_a_small_aperture(beam_radius_m, jitter_m):
    """Through a link whose spot and aperture are chosen: 1000 km, and a receiver of a tenth of a micrometre."""
    link = FreeSpaceLink(1e3, 1e-6, beam_radius_m, receiver_radius_m=1e-7, pointing_jitter_urad=[0.0, jitter_m])
    steady, shaken = link.transmissivity
    return {
        "mean_factor": shaken / steady,
        "exponent": pointing_loss_exponent(beam_radius_m=beam_radius_m, jitter_m=jitter_m),
        "loss_db": decibels(shaken / steady),
    }


@CASES.check
def displaced_beam(offset_m, jitter_m, **sizes):
    return {
        "exact": beam_capture(offset_m=offset_m, **sizes),
        **vasylyev_fit(**sizes)._asdict(),
        "approximate": vasylyev_capture(offset_m=offset_m, **sizes),
        "mean_over_jitter": FreeSpaceLink(
            1e3, 1e-6, sizes["beam_radius_m"], sizes["aperture_radius_m"], pointing_jitter_urad=jitter_m
        ).transmissivity,
    }


@CASES.check
def light_of_the_sky(**given):
    return {"photons": background_photons(**given)}


@CASES.check
def micius_budget(altitude_km, slant_range_km, measured_db):
    far_away = friis_transmissivity(
        transmitter_radius_m=0.1, receiver_radius_m=0.5, wavelength_nm=810.0, distance_km=slant_range_km
    )
    return {
        "spreading_db": np.diff(decibels(far_away))[0],
        "measured_db": np.diff(measured_db)[0],
        "elevation_deg": elevation_at_range_deg(slant_range_km=slant_range_km, altitude_km=altitude_km),
    }


@CASES.check
def two_downlinks(**given):
    return {"reach_km": np.round(ground_reach_km(**given))}


@CASES.parametrize
def test_freespace_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
