"""Scenario files: read, checked, and explained where they are wrong."""

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from .evaluation import KINDS
from .schema import Scenario, ScenarioError, Table
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
        raise ScenarioError(f"Scenario `{name}`: {_explain(str(error), raw, struct)}") from None
    _check_numbers(name, raw, struct.may_be_infinite)
    if problem := loaded.problem():
        raise ScenarioError(f"Scenario `{name}`: {problem}")
    return loaded


def _struct(name: str, raw: dict[str, Any]) -> type[Scenario]:
    """Return what a file of this kind must hold."""
    kind = raw.get("kind", "chain")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ScenarioError(f"Scenario `{name}`: key `kind`: expected one of {', '.join(KINDS)}, but it is {kind!r}.")
    return KINDS[kind].scenario


def _tables(hint: Any) -> Iterator[type[Table]]:
    """Yield the tables that a type allows."""
    if isinstance(hint, type) and issubclass(hint, Table):
        yield hint
    for argument in get_args(hint):
        yield from _tables(argument)


def _table_at(struct: type[Table], key: str) -> type[Table]:
    """Return the table that stands at a key."""
    for part in filter(None, key.split(".")):
        struct = next(_tables(get_type_hints(struct)[part]))
    return struct


def _explain(message: str, raw: dict[str, Any], struct: type[Table]) -> str:
    """Add the key and the value to msgspec's message."""
    what, _, where = message.partition(" - at ")
    key = re.sub(r"^\$\.?|\[\.\.\.\]", "", where.strip("`"))
    what = what.replace("Object missing required field", "lacks the key").replace(" | null", "")
    if "unknown field" in what:
        known = ", ".join(field.name for field in msgspec.structs.fields(_table_at(struct, key)))
        what = what.replace("Object contains unknown field", "has an unknown key") + f" (known are {known})"
    value: Any = raw
    for part in filter(None, re.split(r"\.|\[(\d+)\]", key)):
        value = value[int(part)] if part.isdigit() and isinstance(value, list) else value.get(part, {})
    place = f"key `{key}`" if key else "the file"
    return f"{place}: {what}." if "key" in what else f"{place}: {what}, but it is {value!r}."


def _check_numbers(name: str, table: dict[str, Any], may_be_infinite: tuple[str, ...], prefix: str = "") -> None:
    """Refuse NaN and most infinities, which TOML can write."""
    for key, value in table.items():
        if isinstance(value, dict):
            _check_numbers(name, value, may_be_infinite, f"{prefix}{key}.")
        for number in value if isinstance(value, list) else [value]:
            endless = isinstance(number, float) and math.isinf(number) and prefix + key not in may_be_infinite
            if endless or number != number:
                raise ScenarioError(
                    f"Scenario `{name}`: key `{prefix}{key}`: expected a finite number, but it is {number}."
                )
