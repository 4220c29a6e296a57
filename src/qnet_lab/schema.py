"""What scenario files of every kind are made of: tables, ranges of numbers, grids, sources."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import numpy as np

from qnet_channels.sheets import Grade

__all__ = ["Axis", "Grid", "Numbers", "Scenario", "ScenarioError", "Source", "Span", "Table", "points"]

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
Fraction = Annotated[float, msgspec.Meta(gt=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Distance = Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)]  # km, from a millimetre up
Elevation = Annotated[float, msgspec.Meta(ge=0, le=90)]  # degrees
Count = Annotated[int, msgspec.Meta(ge=2, le=10_000_000)]


class ScenarioError(ValueError):
    """A scenario file is wrong: the message names the file, the key, what is allowed and what is there."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a scenario file: unknown keys are refused."""


class Grid(Table, frozen=True):
    """Evenly spaced distances in km."""

    start: Distance
    stop: Distance
    num: Count


class PowerGrid(Table, frozen=True):
    """Evenly spaced powers in dBm."""

    start: float
    stop: float
    num: Count


class Span(Table, frozen=True):
    """Numbers from start to stop, with even steps or, with spacing "logarithmic", with even ratios."""

    start: float
    stop: float
    num: Count
    spacing: Literal["linear", "logarithmic"] = "linear"


Distances = Grid | Annotated[list[Distance], msgspec.Meta(min_length=1)]
Powers = PowerGrid | Annotated[list[float], msgspec.Meta(min_length=1)]
Axis = Grid | PowerGrid | Span | list[float]
Numbers = float | Span | Annotated[list[float], msgspec.Meta(min_length=1)]  # one number, or an axis


def points(axis: Axis | list[int]) -> np.ndarray:
    """Return the numbers of a grid, or of a list."""
    if isinstance(axis, list):
        return np.array(axis, float)
    even = not isinstance(axis, Span) or axis.spacing == "linear"
    return (np.linspace if even else np.geomspace)(axis.start, axis.stop, axis.num)


class Source(Table, frozen=True):
    """Where a number is from, and its grade: R read there, M remembered, D derived, A assumed."""

    grade: Grade
    source: str


class Scenario(Table, frozen=True, kw_only=True):
    """A scenario of any kind, as ``load_scenario`` returns it.

    ``sources`` says for each number that the file gives, by its key such as "link.visibility", where it is from:
    a text, or a table with ``grade`` and ``source``. A text alone has grade A.
    """

    title: str
    kind: str
    sources: dict[str, str | Source] = {}
    may_be_infinite: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def is_infinite_at(cls, key: str) -> bool:
        """Say whether a number may be infinite; a star in ``may_be_infinite`` stands for any name."""
        return any(fnmatchcase(key, allowed) for allowed in cls.may_be_infinite)

    def problem(self) -> str | None:
        """Return what is wrong that no single key shows, or None."""
        return next(_wrong_grids(self, ""), None)


def _wrong_grids(table: Table | dict[str, Any], prefix: str) -> Iterator[str]:
    """Yield what is wrong with the grids of a table and the tables in it."""
    values = table if isinstance(table, dict) else msgspec.structs.asdict(table)
    for name, value in values.items():
        if isinstance(value, Grid | PowerGrid | Span):
            if value.stop <= value.start:
                yield f"key `{prefix}{name}.stop`: expected more than start = {value.start}, but it is {value.stop}."
            if isinstance(value, Span) and value.spacing == "logarithmic" and value.start <= 0:
                yield f"key `{prefix}{name}.start`: expected more than 0 with logarithmic spacing, but it is {value.start}."
        elif isinstance(value, Table | dict):
            yield from _wrong_grids(value, f"{prefix}{name}.")
