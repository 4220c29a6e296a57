"""Scenario files for tests: a small complete one, and what a test changes in it."""

import numpy as np

from qnet_lab import fidelity_distance_curve, load_scenario

SMALL = {
    "title": '"case"',
    "platform": '"nv_delft"',
    "link.scheme": '"single-click"',
    "sweep.distances_km": "[1, 10]",
    "sweep.repeaters": "[0, 1]",
}
# nothing but geometry: every photon arrives, links are perfect pairs with probability 1/2 at once
IDEAL = SMALL | {
    "platform": None,
    "link.scheme": '"double-click"',
    "link.photon_detection_probability": "1",
    "link.visibility": "1.0",
    "fiber.attenuation_db_per_km": "0",
    "memory.t1_s": "inf",
    "memory.t2_s": "inf",
    "direct.repetition_rate_hz": "1e6",
}


def toml(keys):
    """TOML text from ``{dotted key: literal}``; None leaves a key out."""
    return "".join(f"{key} = {literal}\n" for key, literal in keys.items() if literal is not None)


def write(folder, changes=None, *, base=SMALL, name="case.toml"):
    """Write the base with the changes to a file of the folder and return its path."""
    path = folder / name
    path.write_text(toml(base | (changes or {})), encoding="utf-8")
    return path


def curve(folder, changes=None, *, base=SMALL):
    """Compute the curve of such a file."""
    return fidelity_distance_curve(load_scenario(write(folder, changes, base=base)))


def numbers_of(dataset, variable):
    """Values of a variable, one row per number of repeaters."""
    return np.asarray(dataset[variable].transpose("repeaters", "distance_km", ...).values)
