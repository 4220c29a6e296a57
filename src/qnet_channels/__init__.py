"""What happens to qubits: noise, memories, fibre, photonic links, swapping, and published hardware."""

from . import _foundation  # noqa: F401  first, it says what is wrong where qnet_core is not ours
from .beams import (
    VasylyevFit,
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
from .boosted_stations import BoostedStation
from .brightness import OptimalBrightness, balanced_bright_populations, optimal_bright_population
from .cavity import ReflectionPatterns, cavity_reflection_link, cavity_reflection_patterns, cavity_reflectivity
from .codes import stabilizer_distillation
from .coherence import decoupled_coherence, decoupled_t2, t2_star_from_detuning, t2_star_from_linewidth
from .conventions import DepolarizingStrength, depolarizing_strength
from .damping import (
    BathRelaxation,
    amplitude_damping,
    bath_relaxation,
    generalized_amplitude_damping,
    phase_damping,
    reset,
    thermal_population,
    thermal_relaxation,
)
from .detection import Detector, Readout
from .dispersion import (
    dephased_photon_visibility,
    dispersion_delay_s,
    dispersion_length_km,
    exponential_photon_visibility,
    gaussian_photon_visibility,
    group_velocity_dispersion,
    pulse_broadening,
)
from .distillation import bbpssw, dejmps, double_selection, epl
from .dlcz import dlcz_link, dlcz_patterns
from .dlcz_brightness import OptimalSources, optimal_dlcz_brightness
from .emissive import PhotonOverlap, emissive_link, emissive_patterns, photon_overlap
from .fiber import Fiber, FrequencyConverter
from .fiber_kinds import FiberKind, fiber_kind, fiber_kinds
from .fixpoints import Fixpoints, bbpssw_fixpoints, gate_mixing_threshold
from .freespace import FreeSpaceLink
from .fusion import fuse, fuse_branches, ghz_from_pairs
from .ghz import expedient_ghz, expedient_pair, stringent_ghz, stringent_pair
from .hashing import hashing_yield
from .links import (
    DoubleClickPatterns,
    SingleClickPatterns,
    double_click_link,
    double_click_patterns,
    single_click_link,
    single_click_patterns,
)
from .loss import erasure, leakage, photon_loss, polarization_dependent_loss, thermal_loss
from .memory import Memory
from .midpoint import midpoint_source_link
from .noise import (
    bit_flip,
    bit_phase_flip,
    dephasing,
    depolarizing,
    pauli_channel,
    poisson_pauli_channel,
    two_qubit_pauli_channel,
)
from .optical_stations import LinearOpticsStation
from .photonics import (
    beam_splitter,
    double_excitation_from_g2,
    joint_detection,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from .platforms import Emitter, Platform, preset, presets
from .polarization import birefringence_drift, polarization_mode_dispersion, rotation, spectral_std
from .raman import (
    anti_stokes_ratio,
    dbm_to_w,
    noise_count_probability,
    noise_photons,
    photon_rate_hz,
    raman_power_w,
    raman_shift_hz,
    thermal_photons,
)
from .recurrence import NestedRounds, nested_rounds, pump, pumping_limit, recurrence_limit
from .registers import EnsembleMemory, MemoryNode, afc_efficiency, afc_modes
from .satellite import SatellitePass, SatelliteView, double_downlink, downlink, ground_reach_km
from .schedule_rounds import ScheduleRun
from .schedules import Schedule
from .sheets import Quantity
from .sky import air_mass, atmosphere_transmissivity, background_photons, elevation_at_range_deg, slant_range_km
from .slow_noise import collective_dephasing, decoherence_free_subspaces, gaussian_dephasing
from .source_brightness import OptimalSource, optimal_spdc_brightness
from .spdc import Coincidences, coincidences, heralded_g2, pair_number_distribution, spdc_link
from .swap_chains import swap_chain
from .swapping import BellStation, swap, swap_branches
from .timing import cycle_time_s, mean_attempts, success_rate_hz, success_within
from .turbulence import (
    fried_parameter_m,
    hufnagel_valley,
    hufnagel_valley_moment,
    isoplanatic_angle_urad,
    rytov_variance,
    uplink_fried_parameter_m,
)
from .twirling import TwirlComparison, twirl_comparison, twirl_to_bell_diagonal, twirl_to_werner

__all__ = [
    "BathRelaxation",
    "BellStation",
    "BoostedStation",
    "Coincidences",
    "DepolarizingStrength",
    "Detector",
    "DoubleClickPatterns",
    "Emitter",
    "EnsembleMemory",
    "Fiber",
    "FiberKind",
    "Fixpoints",
    "FreeSpaceLink",
    "FrequencyConverter",
    "LinearOpticsStation",
    "Memory",
    "MemoryNode",
    "NestedRounds",
    "OptimalBrightness",
    "OptimalSource",
    "OptimalSources",
    "PhotonOverlap",
    "Platform",
    "Quantity",
    "Readout",
    "ReflectionPatterns",
    "SatellitePass",
    "SatelliteView",
    "Schedule",
    "ScheduleRun",
    "SingleClickPatterns",
    "TwirlComparison",
    "VasylyevFit",
    "afc_efficiency",
    "afc_modes",
    "air_mass",
    "amplitude_damping",
    "anti_stokes_ratio",
    "area_ratio",
    "atmosphere_transmissivity",
    "background_photons",
    "balanced_bright_populations",
    "bath_relaxation",
    "bbpssw",
    "bbpssw_fixpoints",
    "beam_capture",
    "beam_radius_m",
    "beam_splitter",
    "birefringence_drift",
    "bit_flip",
    "bit_phase_flip",
    "cavity_reflection_link",
    "cavity_reflection_patterns",
    "cavity_reflectivity",
    "coincidences",
    "collective_dephasing",
    "cycle_time_s",
    "dbm_to_w",
    "decoherence_free_subspaces",
    "decoupled_coherence",
    "decoupled_t2",
    "dejmps",
    "dephased_photon_visibility",
    "dephasing",
    "depolarizing",
    "depolarizing_strength",
    "dispersion_delay_s",
    "dispersion_length_km",
    "dlcz_link",
    "dlcz_patterns",
    "double_click_link",
    "double_click_patterns",
    "double_downlink",
    "double_excitation_from_g2",
    "double_selection",
    "downlink",
    "elevation_at_range_deg",
    "emissive_link",
    "emissive_patterns",
    "epl",
    "erasure",
    "expedient_ghz",
    "expedient_pair",
    "exponential_photon_visibility",
    "far_field_waist_m",
    "fiber_kind",
    "fiber_kinds",
    "fried_parameter_m",
    "friis_transmissivity",
    "fuse",
    "fuse_branches",
    "gate_mixing_threshold",
    "gaussian_dephasing",
    "gaussian_photon_visibility",
    "generalized_amplitude_damping",
    "ghz_from_pairs",
    "ground_reach_km",
    "group_velocity_dispersion",
    "half_divergence_urad",
    "hashing_yield",
    "heralded_g2",
    "hufnagel_valley",
    "hufnagel_valley_moment",
    "isoplanatic_angle_urad",
    "joint_detection",
    "leakage",
    "mean_attempts",
    "memory_photon_state",
    "midpoint_source_link",
    "nested_rounds",
    "noise_count_probability",
    "noise_photons",
    "optimal_bright_population",
    "optimal_dlcz_brightness",
    "optimal_spdc_brightness",
    "pair_number_distribution",
    "pauli_channel",
    "phase_damping",
    "phase_shift",
    "photon_loss",
    "photon_overlap",
    "photon_rate_hz",
    "pointing_loss_exponent",
    "poisson_pauli_channel",
    "polarization_dependent_loss",
    "polarization_mode_dispersion",
    "preset",
    "presets",
    "pulse_broadening",
    "pump",
    "pumping_limit",
    "raman_power_w",
    "raman_shift_hz",
    "rayleigh_range_m",
    "recurrence_limit",
    "reset",
    "rotation",
    "rytov_variance",
    "single_click_link",
    "single_click_patterns",
    "slant_range_km",
    "spdc_link",
    "spectral_std",
    "stabilizer_distillation",
    "stringent_ghz",
    "stringent_pair",
    "success_rate_hz",
    "success_within",
    "swap",
    "swap_branches",
    "swap_chain",
    "t2_star_from_detuning",
    "t2_star_from_linewidth",
    "thermal_loss",
    "thermal_photons",
    "thermal_population",
    "thermal_relaxation",
    "twirl_comparison",
    "twirl_to_bell_diagonal",
    "twirl_to_werner",
    "two_mode_squeezed_vacuum",
    "two_qubit_pauli_channel",
    "uplink_fried_parameter_m",
    "vasylyev_capture",
    "vasylyev_fit",
]
