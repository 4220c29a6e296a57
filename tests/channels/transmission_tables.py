"""Functions and devices of fibre, free space, noise and timing: two good values of each parameter, and its range."""

import numpy as np

from qnet_channels import beams, dispersion, raman, satellite, sky, timing, turbulence
from qnet_channels.fiber import Fiber, FrequencyConverter
from qnet_channels.freespace import FreeSpaceLink
from qnet_channels.satellite import SatellitePass

TELESCOPES = {"wavelength_nm": 850.0, "waist_m": 0.1, "receiver_radius_m": 0.5}
AIR = {"wind_m_per_s": (21.0, 30.0), "ground_cn2": (1.7e-14, 0.0)}
RAISED_AIR = {"wavelength_nm": (850.0, 1550.0), "elevation_deg": (90.0, 30.0)} | AIR


def fiber_numbers(**fields):
    """All numbers of a fibre on their common shape; axes of the Bloch sphere come last."""
    found = Fiber(**fields)
    turned = found.polarization_mode_dispersion(spectral_std_rad_per_s=1e12).transfer[..., 1, 1]
    return np.stack(np.broadcast_arrays(found.transmissivity, found.latency_s, found.attenuation_length_km, turned), -1)


def link_numbers(**fields):
    link = FreeSpaceLink(**fields)
    kept = link.loss("single-rail").transfer[..., 3, 3]
    return np.stack(np.broadcast_arrays(link.transmissivity, link.latency_s, link.spot_radius_m, kept), -1)


def seen(time_s, **fields):
    return np.stack(SatellitePass(**fields).view(time_s), -1)


def seen_for(min_elevation_deg, **fields):
    return SatellitePass(**fields).duration_s(min_elevation_deg=min_elevation_deg)


def converted(window_s, transmissivity, **fields):
    return FrequencyConverter(**fields).dark_count_probability(window_s=window_s, transmissivity=transmissivity)


def two_downlinks(**parameters):
    """The lowest elevation changes nothing but what is refused."""
    view = satellite.double_downlink(**parameters)
    shape = np.broadcast_shapes(*map(np.shape, parameters.values()))
    return np.stack([np.broadcast_to(number, shape) for number in view], -1)


def downlink_numbers(elevation_deg):
    zenith = FreeSpaceLink(500.0, **TELESCOPES, atmosphere_transmissivity=0.8)
    return satellite.downlink(zenith, elevation_deg=elevation_deg).transmissivity


def stacked(function):
    return lambda **parameters: np.stack(np.broadcast_arrays(*function(**parameters)), -1)


def by_option(function, option):
    return lambda **parameters: function(option, **parameters)


SCATTERED = {
    "launch_power_dbm": (0.0, -3.0), "filter_width_nm": (0.5, 1.0), "length_km": (0.0, 20.0),
    "coefficient_per_km_nm": (3e-9, 1e-9), "pump_attenuation_db_per_km": (0.2, 0.0),
    "attenuation_db_per_km": (0.2, 0.33),
}  # fmt: skip
CYCLE = {"latency_s": (0.0, 2e-4), "preparation_s": (0.0, 1e-5)}
FUNCTIONS = {
    "Fiber": (fiber_numbers, {
        "length_km": (1.0, 50.0), "attenuation_db_per_km": (0.2, 0.17), "insertion_loss_db": (0.0, 3.0),
        "group_index": (1.468, 1.0), "num_splices": (3, 4), "splice_loss_db": (0.05, 0.1), "num_connectors": (1, 2),
        "connector_loss_db": (0.25, 0.5), "pmd_ps_per_sqrt_km": (0.0, 0.1),
    }),
    "Fiber.of_kind": (lambda length_km: Fiber.of_kind("smf28_1550", length_km).latency_s, {"length_km": (0.0, 9.0)}),
    "Fiber.polarization_mode_dispersion": (
        lambda spectral_std_rad_per_s: Fiber(9.0, pmd_ps_per_sqrt_km=0.1).polarization_mode_dispersion(
            spectral_std_rad_per_s=spectral_std_rad_per_s
        ).transfer[..., 1, 1][()],
        {"spectral_std_rad_per_s": (0.0, 1e12)},
    ),
    "FrequencyConverter": (lambda **fields: FrequencyConverter(**fields).efficiency[()], {"efficiency": (0.5, 1.0)}),
    "FrequencyConverter.dark_count_probability": (lambda **given: converted(efficiency=0.5, **given), {
        "noise_rate_hz": (0.0, 1e4), "window_s": (1e-6, 2e-6), "transmissivity": (0.1, 1.0)
    }),
    "group_velocity_dispersion": (dispersion.group_velocity_dispersion, {
        "dispersion_ps_per_nm_km": (17.0, -3.0), "wavelength_nm": (1550.0, 1310.0)
    }),
    "dispersion_delay_s": (dispersion.dispersion_delay_s, {
        "dispersion_ps_per_nm_km": (17.0, -3.0), "bandwidth_nm": (0.0, 1.0), "length_km": (1.0, 10.0)
    }),
    "dispersion_length_km": (dispersion.dispersion_length_km, {
        "fwhm_s": (1e-10, 1e-11), "gvd_ps2_per_km": (-21.7, 3.0)
    }),
    "pulse_broadening": (dispersion.pulse_broadening, {
        "fwhm_s": (1e-10, 1e-11), "gvd_ps2_per_km": (-21.7, 0.0), "length_km": (0.0, 50.0)
    }),
    "gaussian_photon_visibility": (dispersion.gaussian_photon_visibility, {
        "fwhm_s": (1e-10, 1e-11), "delay_s": (-1e-11, 1e-11), "gvd_ps2_per_km": (-21.7, 0.0),
        "length_difference_km": (-1.0, 5.0),
    }),
    "exponential_photon_visibility": (dispersion.exponential_photon_visibility, {
        "lifetime_s": (1e-8, 2e-8), "second_lifetime_s": (1e-8, 3e-8), "delay_s": (-1e-9, 1e-9),
        "detuning_rad_per_s": (-1e8, 0.0),
    }),
    "dephased_photon_visibility": (dispersion.dephased_photon_visibility, {
        "t1_s": (1e-8, 2e-8), "t2_s": (1e-8, 2e-8)
    }),
    "dbm_to_w": (raman.dbm_to_w, {"power_dbm": (0.0, -30.0)}),
    "raman_power_w, forward": (by_option(raman.raman_power_w, "forward"), SCATTERED),
    "raman_power_w, backward": (by_option(raman.raman_power_w, "backward"), SCATTERED),
    "photon_rate_hz": (raman.photon_rate_hz, {"power_w": (0.0, 1e-12), "wavelength_nm": (1310.0, 1550.0)}),
    "noise_photons": (raman.noise_photons, {
        "rate_hz": (0.0, 1e6), "window_s": (1e-9, 1e-8), "transmissivity": (0.5, 1.0)
    }),
    "noise_count_probability": (raman.noise_count_probability, {
        "mean_photons": (0.0, 0.1), "dark_count_probability": (0.0, 1e-3)
    }),
    "raman_shift_hz": (raman.raman_shift_hz, {
        "pump_wavelength_nm": (1550.0, 1600.0), "wavelength_nm": (1310.0, 1550.0)
    }),
    "thermal_photons": (raman.thermal_photons, {"frequency_hz": (1e13, 3e13), "temperature_k": (4.0, 295.0)}),
    "anti_stokes_ratio": (raman.anti_stokes_ratio, {"shift_hz": (-1e13, 3e13), "temperature_k": (77.0, 295.0)}),
    "rayleigh_range_m": (beams.rayleigh_range_m, {"waist_m": (0.1, 0.2), "wavelength_nm": (850.0, 1550.0)}),
    "beam_radius_m": (beams.beam_radius_m, {
        "waist_m": (0.1, 0.2), "wavelength_nm": (850.0, 1550.0), "distance_km": (0.0, 500.0)
    }),
    "half_divergence_urad": (beams.half_divergence_urad, {"waist_m": (0.1, 0.2), "wavelength_nm": (850.0, 1550.0)}),
    "far_field_waist_m": (beams.far_field_waist_m, {
        "half_divergence_urad": (5.0, 10.0), "wavelength_nm": (850.0, 1550.0)
    }),
    "beam_capture": (beams.beam_capture, {
        "beam_radius_m": (1.5, 6.0), "aperture_radius_m": (0.5, 1.0), "offset_m": (0.0, 0.7)
    }),
    "area_ratio": (beams.area_ratio, {"beam_radius_m": (1.5, 6.0), "aperture_radius_m": (0.5, 2.0)}),
    "friis_transmissivity": (beams.friis_transmissivity, {
        "transmitter_radius_m": (0.1, 0.15), "receiver_radius_m": (0.3, 0.6), "wavelength_nm": (810.0, 1550.0),
        "distance_km": (500.0, 1200.0),
    }),
    "pointing_loss_exponent": (beams.pointing_loss_exponent, {"beam_radius_m": (1.5, 6.0), "jitter_m": (0.5, 1.2)}),
    "vasylyev_fit": (stacked(beams.vasylyev_fit), {"beam_radius_m": (1.5, 6.0), "aperture_radius_m": (0.5, 2.0)}),
    "vasylyev_capture": (beams.vasylyev_capture, {
        "beam_radius_m": (1.5, 6.0), "aperture_radius_m": (0.5, 2.0), "offset_m": (0.0, 0.7)
    }),
    "FreeSpaceLink": (link_numbers, {
        "distance_km": (500.0, 1200.0), "wavelength_nm": (850.0, 1550.0), "waist_m": (0.1, 0.2),
        "receiver_radius_m": (0.5, 1.0), "pointing_bias_urad": (0.0, 2.0), "pointing_jitter_urad": (0.0, 1.0),
        "atmosphere_transmissivity": (1.0, 0.5), "optics_transmissivity": (1.0, 0.5), "broadening": (1.0, 2.0),
    }),
    "slant_range_km": (sky.slant_range_km, {"elevation_deg": (0.0, 90.0), "altitude_km": (500.0, 0.0)}),
    "elevation_at_range_deg": (sky.elevation_at_range_deg, {
        "slant_range_km": (700.0, 1000.0), "altitude_km": (500.0, 600.0)
    }),
    "air_mass": (sky.air_mass, {"elevation_deg": (0.0, 90.0)}),
    "atmosphere_transmissivity": (sky.atmosphere_transmissivity, {
        "zenith_transmissivity": (0.8, 1.0), "elevation_deg": (0.0, 90.0)
    }),
    "background_photons": (sky.background_photons, {
        "radiance_w_per_m2_sr_nm": (1.5e-3, 0.0), "field_of_view_urad": (50.0, 100.0), "aperture_radius_m": (0.5, 1.0),
        "filter_width_nm": (1.0, 0.1), "window_s": (1e-9, 2e-9), "wavelength_nm": (850.0, 1550.0),
    }),
    "hufnagel_valley": (turbulence.hufnagel_valley, {"height_m": (0.0, 1e4)} | AIR),
    "hufnagel_valley_moment": (by_option(turbulence.hufnagel_valley_moment, 5 / 3), AIR),
    "fried_parameter_m": (turbulence.fried_parameter_m, RAISED_AIR),
    "isoplanatic_angle_urad": (turbulence.isoplanatic_angle_urad, RAISED_AIR),
    "rytov_variance": (turbulence.rytov_variance, RAISED_AIR),
    "uplink_fried_parameter_m": (turbulence.uplink_fried_parameter_m, {"altitude_km": (20.0, 500.0)} | RAISED_AIR),
    "SatellitePass.view": (seen, {
        "altitude_km": (500.0, 800.0), "max_elevation_deg": (90.0, 30.0), "time_s": (-60.0, 0.0)
    }),
    "SatellitePass.duration_s": (seen_for, {
        "altitude_km": (500.0, 800.0), "max_elevation_deg": (90.0, 30.0), "min_elevation_deg": (0.0, 10.0)
    }),
    "downlink": (downlink_numbers, {"elevation_deg": (0.0, 90.0)}),
    "ground_reach_km": (satellite.ground_reach_km, {"altitude_km": (500.0, 800.0), "min_elevation_deg": (0.0, 10.0)}),
    "double_downlink": (two_downlinks, {
        "ground_distance_km": (0.0, 1200.0), "altitude_km": (500.0, 800.0), "min_elevation_deg": (0.0, 10.0)
    }),
    "cycle_time_s, midpoint": (by_option(timing.cycle_time_s, "midpoint"), CYCLE),
    "cycle_time_s, sender-receiver": (by_option(timing.cycle_time_s, "sender-receiver"), CYCLE),
    "cycle_time_s, pipelined": (by_option(timing.cycle_time_s, "pipelined"), CYCLE),
    "success_within": (timing.success_within, {"probability": (0.0, 1.0), "attempts": (1, 100)}),
    "mean_attempts": (timing.mean_attempts, {"probability": (0.1, 1.0)}),
    "success_rate_hz": (timing.success_rate_hz, {"probability": (0.0, 1.0), "cycle_s": (1e-4, 1.0)}),
}  # fmt: skip
HAVE_AXES_OF_THEIR_OWN = {"Fiber", "FreeSpaceLink", "SatellitePass.view", "vasylyev_fit", "double_downlink"}
ELSEWHERE = {  # in which entry the parameters of a device or method stand
    ("FrequencyConverter", "noise_rate_hz"): "FrequencyConverter.dark_count_probability",
    ("SatellitePass", "altitude_km"): "SatellitePass.view",
    ("SatellitePass", "max_elevation_deg"): "SatellitePass.view",
    ("SatellitePass.elevation_deg", "time_s"): "SatellitePass.view",
    ("SatellitePass.slant_range_km", "time_s"): "SatellitePass.view",
}
PARAMETERS = [(name, parameter) for name, (_, values) in FUNCTIONS.items() for parameter in values]

MAY_BE_NEGATIVE = {
    *("dispersion_ps_per_nm_km", "gvd_ps2_per_km", "delay_s", "length_difference_km", "detuning_rad_per_s"),
    *("power_dbm", "launch_power_dbm", "shift_hz", "time_s"),
}
AT_MOST_ONE = {
    *("efficiency", "transmissivity", "dark_count_probability", "zenith_transmissivity", "probability"),
    *("atmosphere_transmissivity", "optics_transmissivity"),
}
AT_LEAST_ONE = {"group_index", "broadening"}
ANGLES = {"elevation_deg", "max_elevation_deg", "min_elevation_deg"}
COUNTS = {"num_splices", "num_connectors", "attempts"}
POSITIVE = {
    *("wavelength_nm", "pump_wavelength_nm", "waist_m", "beam_radius_m", "half_divergence_urad", "fwhm_s", "cycle_s"),
    *("lifetime_s", "second_lifetime_s", "t1_s", "t2_s", "transmitter_radius_m", "temperature_k", "frequency_hz"),
    *("max_elevation_deg", "slant_range_km"),
}
POSITIVE_HERE = {
    *((name, "elevation_deg") for name in FUNCTIONS if FUNCTIONS[name][1].keys() >= RAISED_AIR.keys()),
    *((name, "altitude_km") for name in ("elevation_at_range_deg", "uplink_fried_parameter_m", "SatellitePass.view")),
    *((name, "altitude_km") for name in ("ground_reach_km", "double_downlink", "SatellitePass.duration_s")),
    *(("friis_transmissivity", name) for name in ("receiver_radius_m", "distance_km")),
    *((name, "aperture_radius_m") for name in ("vasylyev_fit", "vasylyev_capture")),
}
