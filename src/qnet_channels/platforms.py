"""Hardware as published: every number with its unit, its grade and its source.

Grades: R read in the source named, M remembered and still to be verified, D derived, A assumed.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from qnet_core.errors import ParameterError

__all__ = ["Platform", "Quantity", "preset", "presets"]

Grade = Literal["R", "M", "D", "A"]


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of a platform: ``unit`` "1" is dimensionless, ``grade`` is R, M, D or A."""

    value: float
    unit: str
    grade: Grade
    source: str


class MemoryTimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the platform's numbers its memory is made of."""

    t1_s: Quantity
    t2_s: Quantity


class Platform(msgspec.Struct, frozen=True):
    """A platform's numbers by name; ``memory_times`` are those that ``Memory.preset`` takes."""

    name: str
    title: str
    parameters: Mapping[str, Quantity]
    memory_times: MemoryTimes


class _Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform as it stands in the data file."""

    title: str
    t1: str
    t2: str
    parameters: dict[str, Quantity]


@cache
def _sheets() -> dict[str, _Sheet]:
    text = files(__package__).joinpath("data/platforms.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _Sheet])


def presets() -> tuple[str, ...]:
    """Return the names of the platforms.

    >>> presets()
    ('eu_yso', 'ion_sr88_ca43', 'nv_delft')
    """
    return tuple(sorted(_sheets()))


def preset(name: str) -> Platform:
    """Return a platform's parameters, every number with its unit, grade and source.

    >>> preset("nv_delft").parameters["visibility"].value
    0.9
    """
    if name not in presets():
        raise ParameterError(f"Parameter `name` must be one of {', '.join(presets())}, but is {name!r}.")
    sheet = _sheets()[name]
    times = MemoryTimes(sheet.parameters[sheet.t1], sheet.parameters[sheet.t2])
    return Platform(name, sheet.title, MappingProxyType(sheet.parameters), times)
