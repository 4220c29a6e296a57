"""Scenario files for tests: a small complete one, shipped ones, and what a test changes in them."""

import tomllib
from importlib.resources import files

import numpy as np

import qnet_lab
from qnet_lab import evaluate_scenario, fidelity_distance_curve, load_scenario

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


def changed_shipped(name, changes):
    """Content of a shipped file with ``{dotted key: value}`` put in its place; None takes a key out."""
    content = tomllib.loads(files(qnet_lab).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        *path, last = key.split(".")
        table = content
        for part in path:
            table = table.setdefault(part, {})
        if value is None:
            table.pop(last)
        else:
            table[last] = value
    return content


def _literal(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_literal(item)}' for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def changed_file(folder, name, changes):
    """Write a shipped file with changes to a folder and return its path."""
    path = folder / f"{name}.toml"
    path.write_text(
        toml({key: _literal(value) for key, value in changed_shipped(name, changes).items()}), encoding="utf-8"
    )
    return path


def changed(folder, name, changes):
    """Evaluate a shipped scenario with changes; sources of numbers that are changed stay as they are."""
    return evaluate_scenario(load_scenario(changed_file(folder, name, changes)))
