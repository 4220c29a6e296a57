"""Data sheets of hardware: every number with its unit, grade and source, and the device that it belongs to.

Grades: R read in the source named, M remembered and still to be verified, D derived, A assumed.
"""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from qnet_core.errors import ParameterError

__all__ = ["EmitterRoles", "EnsembleRoles", "Grade", "MemoryRoles", "Quantity", "Scheme", "Sheet", "names", "sheet"]

Grade = Literal["R", "M", "D", "A"]
Scheme = Literal["single-click", "double-click", "cavity-reflection"]
_Device = Literal["storage", "communication"]


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of a platform: ``unit`` "1" is dimensionless, ``grade`` is R, M, D or A."""

    value: float
    unit: str
    grade: Grade
    source: str


class MemoryRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a memory qubit is made of; ``exponent`` is that of the decay ``exp(-(t / t2) ** exponent)``."""

    t1: Quantity
    t2: Quantity
    exponent: Quantity
    excited_population: Quantity


class EnsembleRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an ensemble memory for photons is made of."""

    efficiency: Quantity
    lifetime: Quantity
    exponent: Quantity
    modes: Quantity


class EmitterRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a source of photons is made of."""

    detection: Quantity
    visibility: Quantity


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform's numbers by name, and which of them its memories and its ensemble are made of."""

    name: str
    title: str
    scheme: Scheme | None
    demonstrations: tuple[str, ...]
    parameters: Mapping[str, Quantity]
    memories: Mapping[str, MemoryRoles]
    ensemble: EnsembleRoles | None
    emitter: EmitterRoles | None


class _MemoryKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the parameters that a memory is made of."""

    t2: str
    t1: str | None = None
    exponent: str | None = None
    excited_population: str | None = None


class _EnsembleKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the parameters that an ensemble is made of."""

    efficiency: str
    lifetime: str
    exponent: str | None = None
    modes: str | None = None


class _EmitterKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the parameters that a source of photons is made of."""

    detection: str
    visibility: str | None = None


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform as it stands in the data file."""

    title: str
    demonstrations: tuple[str, ...]
    memories: dict[_Device, _MemoryKeys]
    parameters: dict[str, Quantity]
    scheme: Scheme | None = None
    ensemble: _EnsembleKeys | None = None
    emitter: _EmitterKeys | None = None


_ASSUMED: Mapping[str, Quantity] = {
    "t1": Quantity(math.inf, "s", "A", "not limiting, assumed"),
    "exponent": Quantity(1.0, "1", "A", "exponential decay, assumed"),
    "excited_population": Quantity(0.0, "1", "A", "ground state in equilibrium, assumed"),
    "visibility": Quantity(1.0, "1", "A", "perfect photons, assumed"),
    "modes": Quantity(1.0, "1", "A", "one mode, assumed"),
}


def names() -> tuple[str, ...]:
    """Return the names of the platforms in alphabetical order.

    >>> names()[:3]
    ('atom_rb87', 'eit_rb', 'eu_yso')
    """
    return tuple(sorted(_sheets()))


def sheet(name: str) -> Sheet:
    """Return a platform's data sheet.

    >>> sheet("nv_delft").memories["storage"].t2.value
    10.0
    """
    if name not in names():
        raise ParameterError(f"Parameter `name` must be one of {', '.join(names())}, but is {name!r}.")
    return _sheets()[name]


@cache
def _sheets() -> Mapping[str, Sheet]:
    return _read(files(__package__).joinpath("data/platforms.toml").read_text(encoding="utf-8"))


def _read(text: str) -> Mapping[str, Sheet]:
    """Return the sheets of a TOML file, or refuse what it must not say."""
    entries = msgspec.convert(tomllib.loads(text), dict[str, _Entry])
    return {name: _sheet(name, entry) for name, entry in entries.items()}


def _sheet(name: str, entry: _Entry) -> Sheet:
    memories = {str(device): MemoryRoles(**_roles(name, keys, entry)) for device, keys in entry.memories.items()}
    ensemble = None if entry.ensemble is None else EnsembleRoles(**_roles(name, entry.ensemble, entry))
    emitter = None if entry.emitter is None else EmitterRoles(**_roles(name, entry.emitter, entry))
    return Sheet(
        name=name,
        title=entry.title,
        scheme=entry.scheme,
        demonstrations=entry.demonstrations,
        parameters=MappingProxyType(entry.parameters),
        memories=MappingProxyType(memories),
        ensemble=ensemble,
        emitter=emitter,
    )


def _roles(name: str, keys: _MemoryKeys | _EnsembleKeys | _EmitterKeys, entry: _Entry) -> dict[str, Quantity]:
    """Return the number for each role: that of the parameter named, else what is assumed of the role."""
    found = {}
    for role, key in msgspec.structs.asdict(keys).items():
        if key is not None and key not in entry.parameters:
            raise ValueError(f"Platform `{name}`: role `{role}` names `{key}`, which is not among its parameters.")
        found[role] = _ASSUMED[role] if key is None else entry.parameters[key]
    return found
