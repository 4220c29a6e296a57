"""Axes among the numbers of a scenario, functions called with them, and refusals in the words of the file."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError

from .provenance import described
from .schema import Scenario, ScenarioError, Span, Table, points

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "Axes",
    "arguments",
    "axes_problem",
    "axis_label_of",
    "axis_numbers",
    "corners",
    "in_words_of",
    "is_logarithmic",
    "titled",
]

Axes = Mapping[str, np.ndarray]  # by key, in the order of dimensions
_NAMED = re.compile(r"^Parameters? `([\w.]+)[^`]*` (.*)$", re.DOTALL)
_INDEX = re.compile(r" \(at index \([^)]*\)\)")
_REFUSALS = (ParameterError, ParameterTypeError, DimensionError, StateError)


def axis_numbers(table: Table | dict[str, Any], prefix: str = "") -> dict[str, np.ndarray]:
    """Return the numbers of every axis of a scenario by its key, in the order in which its tables and their keys are declared."""
    found: dict[str, np.ndarray] = {}
    values = table if isinstance(table, dict) else msgspec.structs.asdict(table)
    for name, value in values.items():
        if isinstance(value, Span | list):
            found[prefix + name] = points(value)
        elif isinstance(value, Table | dict):
            found |= axis_numbers(value, f"{prefix}{name}.")
    return found


def corners(axes: Axes) -> dict[str, np.ndarray]:
    """Return the least and the greatest number of each axis: where these are in a range, all others are."""
    return {key: np.array([values.min(), values.max()]) for key, values in axes.items()}


def axes_problem(scenario: Scenario, trial: Callable[[Axes], object], *, least: int = 1) -> str | None:
    """Return what is wrong with the number of axes, two at most, or what a trial at their ends refuses; None if nothing."""
    axes = axis_numbers(scenario)
    if not least <= len(axes) <= 2:
        wanted = "one or two axes" if least else "at most two axes"
        return f"the file: expected {wanted} among its numbers, but it has {', '.join(axes) or 'none'}."
    try:
        trial(corners(axes))
    except ScenarioError as error:
        return str(error)
    return None


def arguments(table: Table, prefix: str, axes: Axes) -> dict[str, Any]:
    """Return what a table gives, without what it leaves out, each axis along its own dimension.

    What a table ``right`` in it gives is the right arm's: such a parameter is (left, right).
    """
    given = {name: value for name, value in msgspec.structs.asdict(table).items() if value is not None}
    for position, (key, values) in enumerate(axes.items()):
        name = key.removeprefix(prefix)
        if key.startswith(prefix) and name in given:
            given[name] = values.reshape([-1 if k == position else 1 for k in range(len(axes))])
    if (right := given.pop("right", None)) is not None:
        given |= {name: (given.get(name), value) for name, value in arguments(right, f"{prefix}right.", axes).items()}
    return given


@contextmanager
def in_words_of(table: str) -> Iterator[None]:
    """Turn what a function says of its parameters into what is wrong with the keys of a table, or of the file if it is ""."""
    try:
        yield
    except _REFUSALS as error:
        text = _INDEX.sub("", str(error))
        named = _NAMED.match(text)
        if named is None or text.startswith("Parameters"):
            raise ScenarioError(f"table `{table}`: {text}" if table else f"the file: {text}") from None
        name = named.group(1)  # that of a device's field has the device's, which is a table's
        key = name if "." in name or not table else f"{table}.{name}"
        raise ScenarioError(f"key `{key}`: {named.group(2)}") from None


@contextmanager
def titled(scenario: Scenario) -> Iterator[None]:
    """Say which scenario it is that is wrong."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(f"Scenario `{scenario.title}`: {error}") from None


def axis_label_of(key: str) -> tuple[str, str]:
    """Return unit and name of the axis with this key.

    >>> axis_label_of("fiber.length_km")
    ('km', 'fiber: length')
    """
    *tables, name = key.split(".")
    attributes = described(name)
    return attributes["units"], ": ".join([*tables, attributes["long_name"]])


def is_logarithmic(coordinate: "xr.DataArray") -> bool:
    """Say whether an axis has even ratios rather than even steps, or as good as that in a list."""
    values = np.asarray(coordinate.values, float)
    if len(values) < 3 or values.min() <= 0:
        return False
    steps = np.diff(np.log(np.sort(values)))
    return bool(steps.max() < 2 * steps.min() and values.max() > 20 * values.min())
