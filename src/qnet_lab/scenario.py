"""Scenario files: read, checked, and explained where they are wrong."""

import math
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from .evaluation import KINDS
from .explanations import explained
from .schema import Scenario, ScenarioError
from .shipped import shipped_scenarios, shipped_text

__all__ = ["load_scenario"]


def _read(scenario: str | Path) -> tuple[str, str]:
    """Return the name and text of a shipped scenario or of a file."""
    if str(scenario) in shipped_scenarios():
        return str(scenario), shipped_text(str(scenario))
    path = Path(scenario)
    try:
        return path.name, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        known = ", ".join(shipped_scenarios())
        raise ScenarioError(f"Scenario `{scenario}` can't be read ({reason}); shipped scenarios are {known}.") from None


def load_scenario(scenario: str | Path) -> Scenario:
    """Return the scenario of a TOML file, or a shipped one by its name.

    The key ``kind`` says what the file holds; without it, it is a chain of repeaters.

    Raises
    ------
    ScenarioError
        Where the file can't be read, is no TOML, has an unknown key, lacks one, or holds a value
        of the wrong kind or out of range.
    """
    name, text = _read(scenario)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"Scenario `{name}` is not valid TOML: {error}.") from None
    struct = _struct(name, raw)
    try:
        loaded = msgspec.convert(raw, struct)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"Scenario `{name}`: {explained(str(error), raw, struct)}") from None
    _check_numbers(name, raw, struct)
    if problem := loaded.problem():
        raise ScenarioError(f"Scenario `{name}`: {problem}")
    return loaded


def _struct(name: str, raw: dict[str, Any]) -> type[Scenario]:
    """Return what a file of this kind must hold."""
    kind = raw.get("kind", "chain")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ScenarioError(f"Scenario `{name}`: key `kind`: expected one of {', '.join(KINDS)}, but it is {kind!r}.")
    return KINDS[kind].scenario


def _check_numbers(name: str, table: dict[str, Any], struct: type[Scenario], prefix: str = "") -> None:
    """Refuse NaN and most infinities, which TOML can write."""
    for key, value in table.items():
        if isinstance(value, dict):
            _check_numbers(name, value, struct, f"{prefix}{key}.")
        for number in value if isinstance(value, list) else [value]:
            endless = isinstance(number, float) and math.isinf(number) and not struct.is_infinite_at(prefix + key)
            if endless or number != number:
                raise ScenarioError(
                    f"Scenario `{name}`: key `{prefix}{key}`: expected a finite number, but it is {number}."
                )
