"""The numbers of the shipped scenarios, copied by hand from the scenario files and the platforms' sheet."""

from math import inf

_COMMON = {"attenuation_db_per_km": 0.2, "group_index": 1.468}

HARDWARE = {
    "nv_delft": _COMMON | {
        "scheme": "single-click", "photon_detection_probability": 5e-4, "conversion": 0.4, "bright_population": 0.07,
        "visibility": 0.9, "phase_std_rad": 0.25, "dark_count_probability": 1.5e-7, "preparation_s": 5.5e-6,
        "modes": 1, "t1_s": inf, "t2_s": 10.0, "swap_in_fidelity": 1.0, "retrieval_efficiency": 1.0,
        "gate_fidelity": 0.99, "readout_error": 0.0275, "station_success": 1.0, "repetition_rate_hz": 1.8e5,
    },
    "ion_sr88_ca43": _COMMON | {
        "scheme": "double-click", "photon_detection_probability": 0.021, "conversion": 0.4,
        "visibility": 0.97, "dark_count_probability": 1e-6, "preparation_s": 1e-6,
        "modes": 1, "t1_s": inf, "t2_s": 50.0, "swap_in_fidelity": 0.977, "retrieval_efficiency": 1.0,
        "gate_fidelity": 0.997, "readout_error": 1e-3, "station_success": 1.0, "repetition_rate_hz": 1e6,
    },
    "eu_yso": _COMMON | {
        "scheme": "double-click", "photon_detection_probability": 0.02, "conversion": 1.0,
        "visibility": 0.9, "dark_count_probability": 1e-6, "preparation_s": 1e-5,
        "modes": 6, "t1_s": 2e6, "t2_s": 21600.0, "swap_in_fidelity": 1.0, "retrieval_efficiency": 0.1,
        "gate_fidelity": 1.0, "readout_error": 0.0, "station_success": 0.5, "repetition_rate_hz": 1e5,
    },
}  # fmt: skip
SHIPPED = ("eu_yso", "ion_sr88_ca43", "nv_delft")  # chains
OTHERS = {
    "backbone_with_satellite": "trusted-network",
    "bb84_with_eve": "session",
    "beijing_shanghai_backbone": "trusted-network",
    "conference_key_ions": "application",
    "decoy_bb84_gys": "key-rate",
    "fibre_or_satellite": "reach",
    "grover_two_ion_modules": "distributed-circuit",
    "ions_two_links": "pairs",
    "jinan_relay_12900km": "relay-pass",
    "micius_1200km": "satellite-pairs",
    "nv_distilled_pairs": "pairs",
    "nv_stored_carbons": "pairs",
    "qkd_protocols": "key-rate",
    "repeater_generations": "generations",
    "teleportation_400g": "coexistence",
    "teleportation_three_nodes": "teleportation-network",
    "unequal_segments": "repeater-chain",
}

# what each number is called in a scenario file, with its unit
KEYS = {
    "photon_detection_probability": ("link.photon_detection_probability", "1"),
    "conversion": ("link.frequency_conversion_efficiency", "1"),
    "bright_population": ("link.bright_population", "1"),
    "visibility": ("link.visibility", "1"),
    "phase_std_rad": ("link.phase_std_rad", "rad"),
    "dark_count_probability": ("link.dark_count_probability", "1"),
    "preparation_s": ("link.preparation_s", "s"),
    "modes": ("link.multiplexing", "1"),
    "attenuation_db_per_km": ("fiber.attenuation_db_per_km", "dB/km"),
    "insertion_loss_db": ("fiber.insertion_loss_db", "dB"),
    "group_index": ("fiber.group_index", "1"),
    "t1_s": ("memory.t1_s", "s"),
    "t2_s": ("memory.t2_s", "s"),
    "excited_population": ("memory.excited_population", "1"),
    "swap_in_fidelity": ("memory.swap_in_fidelity", "1"),
    "retrieval_efficiency": ("memory.retrieval_efficiency", "1"),
    "gate_fidelity": ("station.gate_fidelity", "1"),
    "readout_error": ("station.readout_error", "1"),
    "station_success": ("station.success_probability", "1"),
    "repetition_rate_hz": ("direct.repetition_rate_hz", "1/s"),
}
