"""Data sheets of optical fibre: attenuation and group index of each kind, with unit, grade and source."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from qnet_core.errors import ParameterError

from .sheets import Quantity

__all__ = ["FiberKind", "fiber_kind", "fiber_kinds"]


class FiberKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of fibre at one wavelength (nm): its attenuation (dB/km) and its group index."""

    name: str
    title: str
    wavelength: Quantity
    attenuation: Quantity
    group_index: Quantity


def fiber_kinds() -> tuple[str, ...]:
    """Return the names of the kinds of fibre in alphabetical order.

    >>> fiber_kinds()[:2]
    ('hollow_core_1550', 'near_infrared_637')
    """
    return tuple(sorted(_kinds()))


def fiber_kind(name: str) -> FiberKind:
    """Return the data sheet of a kind of fibre.

    >>> fiber_kind("smf28_ull_1550").attenuation.value
    0.17
    """
    if name not in fiber_kinds():
        raise ParameterError(f"Parameter `kind` must be one of {', '.join(fiber_kinds())}, but is {name!r}.")
    return _kinds()[name]


@cache
def _kinds() -> Mapping[str, FiberKind]:
    return _read(files(__package__).joinpath("data/fibers.toml").read_text(encoding="utf-8"))


def _read(text: str) -> Mapping[str, FiberKind]:
    """Return the sheets of a TOML file."""
    tables = msgspec.convert(tomllib.loads(text), dict[str, dict[str, object]])
    kinds = {name: msgspec.convert({"name": name, **table}, FiberKind) for name, table in tables.items()}
    return MappingProxyType(kinds)
