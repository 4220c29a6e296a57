"""Functions of links, sources and optical modes: two good values of each parameter, and what else they need."""

from qnet_channels.brightness import balanced_bright_populations, optimal_bright_population
from qnet_channels.cavity import cavity_reflection_link, cavity_reflection_patterns, cavity_reflectivity
from qnet_channels.dlcz import dlcz_link, dlcz_patterns
from qnet_channels.dlcz_brightness import optimal_dlcz_brightness
from qnet_channels.emissive import emissive_link, emissive_patterns, photon_overlap
from qnet_channels.links import (
    double_click_link,
    double_click_patterns,
    single_click_link,
    single_click_patterns,
)
from qnet_channels.midpoint import midpoint_source_link
from qnet_channels.photonics import (
    beam_splitter,
    double_excitation_from_g2,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from qnet_channels.source_brightness import optimal_spdc_brightness
from qnet_channels.spdc import coincidences, heralded_g2, pair_number_distribution, spdc_link

PHOTONS = {"transmissivity": [0.1, 0.4], "dark_count_probability": [0.01, 0.02]}
PHASES = {"phase_rad": [0.3, -1.0], "phase_std_rad": [0.1, 0.2]}
CLICKS = PHOTONS | PHASES | {"visibility": [0.9, 0.7], "double_excitation_probability": [0.05, 0.2]}
BRIGHT = {"bright_population": [0.1, 0.3]}
SOURCE = PHOTONS | {"mean_photons": [0.01, 0.02]}
REFLECTION = {
    "reflectivity_bright": [0.9, 0.8],
    "reflectivity_dark": [0.1, 0.2],
    "transmissivity": [0.5, 1.0],
    "link_transmissivity": [0.6, 0.7],
    "dark_count_probability": [0.01, 0.02],
    "emission_probability": [0.8, 1.0],
    "mean_photons": [0.01, 0.1],
}
BEST = {
    **PHOTONS,
    "visibility": [0.95, 0.9],
    "phase_std_rad": [0.1, 0.2],
    "double_excitation_probability": [0.01, 0.02],
}
EMITTERS = {
    "lifetime_s": [1.0, 0.5],
    "dephasing_rate_per_s": [0.3, 0.1],
    "detuning_rad_per_s": [0.2, -0.4],
    "detuning_std_rad_per_s": [0.1, 0.3],
}
EMISSIVE = EMITTERS | PHOTONS | PHASES | {"g2": [0.02, 0.1]}
LEAST = {"min_fidelity": [0.6, 0.7]}
FUNCTIONS = {
    "single_click_link": (single_click_link, CLICKS | BRIGHT, {}),
    "single_click_patterns": (single_click_patterns, CLICKS | BRIGHT, {}),
    "double_click_link": (double_click_link, CLICKS, {}),
    "double_click_patterns": (double_click_patterns, CLICKS, {}),
    "spdc_link": (spdc_link, SOURCE, {}),
    "coincidences": (coincidences, SOURCE, {}),
    "heralded_g2": (heralded_g2, SOURCE, {}),
    "pair_number_distribution": (pair_number_distribution, {"mean_photons": [0.1, 0.2]}, {"max_pairs": 3}),
    "dlcz_link": (dlcz_link, SOURCE | PHASES | {"visibility": [0.9, 0.7]}, {"max_photons": 2, "max_tail": 0.1}),
    "dlcz_patterns": (dlcz_patterns, SOURCE | PHASES | {"visibility": [0.9, 0.7]}, {"max_photons": 2, "max_tail": 0.1}),
    "photon_overlap": (photon_overlap, EMITTERS, {"scheme": "single-click"}),
    "emissive_link": (emissive_link, EMISSIVE, {}),
    "emissive_patterns": (emissive_patterns, EMISSIVE, {}),
    "midpoint_source_link": (
        midpoint_source_link,
        {"transmissivity": [0.1, 0.4], "false_herald_probability": [0.01, 0.1], "emission_probability": [0.5, 0.9]},
        {},
    ),
    "cavity_reflectivity": (
        cavity_reflectivity,
        {
            "cooperativity": [10.0, 0.5],
            "coupling_ratio": [0.9, 0.5],
            "cavity_detuning": [0.0, 1.0],
            "emitter_detuning": [-0.5, 1.0],
        },
        {},
    ),
    "cavity_reflection_link": (cavity_reflection_link, REFLECTION, {}),
    "cavity_reflection_patterns": (cavity_reflection_patterns, REFLECTION, {}),
    "balanced_bright_populations": (balanced_bright_populations, BRIGHT | {"transmissivity": [0.1, 0.4]}, {}),
    "optimal_bright_population": (
        optimal_bright_population,
        BEST | LEAST,
        {"objective": "rate"},
    ),
    "optimal_spdc_brightness": (optimal_spdc_brightness, PHOTONS | LEAST, {"objective": "rate"}),
    "optimal_dlcz_brightness": (
        optimal_dlcz_brightness,
        PHOTONS | LEAST | {"visibility": [0.95, 0.9], "phase_std_rad": [0.1, 0.2]},
        {"objective": "rate"},
    ),
    "beam_splitter": (
        beam_splitter,
        {"transmissivity": [0.1, 0.4], "phase_rad": [0.3, -1.0]},
        {"max_photons": 1},
    ),
    "phase_shift": (phase_shift, {"phase_rad": [0.3, -1.0]}, {"max_photons": 2}),
    "two_mode_squeezed_vacuum": (two_mode_squeezed_vacuum, {"mean_photons": [0.01, 0.02]}, {"max_photons": 4}),
    "memory_photon_state": (memory_photon_state, {"bright_population": [0.1, 0.4]}, {"max_photons": 2}),
    "double_excitation_from_g2": (double_excitation_from_g2, {"g2": [0.01, 0.3]}, {}),
}
