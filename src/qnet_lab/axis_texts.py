"""Axes of sweeps as they are typed: ``memory.t2_s=0.01:10:50:log`` or ``repeaters=0,1,3``."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .schema import ScenarioError

__all__ = ["axes_of"]

_MOST = 10_000_000
_FORM = "KEY=START:STOP:NUMBER, KEY=START:STOP:NUMBER:log or KEY=VALUE,VALUE and so on"


def axes_of(texts: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the values of each axis by its key.

    ``0.01:10:50:log`` are 50 values from 0.01 to 10, both included, evenly spaced in the logarithm; without ``:log`` evenly
    spaced; values with commas are these.

    >>> axes_of(["memory.t2_s=0.01:1:3:log", "repeaters=0,1"])
    {'memory.t2_s': array([0.01, 0.1 , 1.  ]), 'repeaters': array([0, 1])}
    """
    axes: dict[str, NDArray[Any]] = {}
    for text in texts:
        key, separator, values = text.partition("=")
        if not separator or not key.strip():
            raise _wrong(text, f"expected {_FORM}")
        if key.strip() in axes:
            raise _wrong(text, f"expected each key once, but {key.strip()} is there twice")
        axes[key.strip()] = _values(text, values)
    return axes


def _values(text: str, values: str) -> NDArray[Any]:
    if ":" in values:
        return _grid(text, values.split(":"))
    numbers = [_number(text, part) for part in values.split(",")]
    if len(set(numbers)) < len(numbers):
        raise _wrong(text, "expected each value once")
    return np.array(numbers)


def _grid(text: str, parts: list[str]) -> NDArray[Any]:
    logarithmic = parts[3:] == ["log"]
    if len(parts) != 3 + logarithmic:
        raise _wrong(text, f"expected {_FORM}")
    start, stop = (float(_number(text, part)) for part in parts[:2])
    count = _number(text, parts[2])
    if not isinstance(count, int) or not 2 <= count <= _MOST:
        raise _wrong(text, f"expected a whole NUMBER of values from 2 to {_MOST}, but it is {parts[2]}")
    if start == stop or not np.isfinite([start, stop]).all():
        raise _wrong(text, f"expected two different finite ends, but they are {parts[0]} and {parts[1]}")
    if logarithmic and min(start, stop) <= 0:
        raise _wrong(text, f"expected ends greater than 0 for log, but they are {parts[0]} and {parts[1]}")
    return np.geomspace(start, stop, count) if logarithmic else np.linspace(start, stop, count)


def _number(text: str, part: str) -> int | float:
    try:
        number = float(part)
    except ValueError:
        raise _wrong(text, f"expected numbers, but {part.strip()!r} is none") from None
    if number != number:
        raise _wrong(text, "expected numbers, but nan is none")
    try:
        return int(part)
    except ValueError:
        return number


def _wrong(text: str, problem: str) -> ScenarioError:
    return ScenarioError(f"Axis `{text}`: {problem}.")
