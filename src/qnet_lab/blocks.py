"""The work of a sweep on one block of points, wherever it is done."""

import contextlib
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .columns import Arrays, Columns, Layout, columns_of, fitted, layout_of
from .grids import Grid, Values

__all__ = ["Outcome", "Task", "Trial", "compute", "try_out"]

_LONGEST_TEXT = 300
_CLOSE = 1e-9  # how near a block must come to its points one by one: rounding may differ


class Task(NamedTuple):
    """What to compute: a function at some points."""

    function: Callable[..., Any]
    values: Values
    layout: Layout
    broadcasts: bool


class Outcome(NamedTuple):
    """Arrays with a row for each point, NaN where it failed; what went wrong by the point's row, and the first error itself."""

    arrays: Arrays
    errors: dict[int, str]
    exception: Exception | None = None


class Trial(NamedTuple):
    """What is known of a function before the sweep: what it returns, and whether it takes arrays."""

    layout: Layout
    broadcasts: bool
    exception: Exception | None = None


def compute(task: Task) -> Outcome:
    """Call the function on the whole block if it broadcasts, and point by point if it does not or the block fails."""
    if task.broadcasts:
        with contextlib.suppress(Exception):  # the point that is at fault is found below
            return Outcome(_whole(task.function, task.values, task.layout), {})
    return _by_points(task)


def _whole(function: Callable[..., Any], values: Values, layout: Layout) -> Arrays:
    count = len(next(iter(values.values())))
    return fitted(columns_of(function(**values), values), layout, (count,))


def _by_points(task: Task) -> Outcome:
    count = len(next(iter(task.values.values())))
    arrays = {name: np.full((count, *c.shape), np.nan, c.dtype) for name, c in task.layout.items()}
    errors, first = {}, None
    for row in range(count):
        try:
            found = fitted(_at(task.function, task.values, row), task.layout, ())
        except Exception as error:
            errors[row] = f"{type(error).__name__}: {error}"[:_LONGEST_TEXT]
            first = first or _sendable(error, task.values, row)
        else:
            for name, value in found.items():
                arrays[name][row] = value
    return Outcome(arrays, errors, first)


def _at(function: Callable[..., Any], values: Values, row: int) -> Columns:
    """Return the results at one point, for which the function gets plain Python numbers."""
    point = {name: column[row].item() for name, column in values.items()}
    return columns_of(function(**point), point)


def _sendable(error: Exception, values: Values, row: int) -> Exception:
    """Return the error with a note on the point, or one of the same text where it can't go from process to process."""
    try:
        error = pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note("at " + ", ".join(f"{name}={column[row].item()!r}" for name, column in values.items()))
    return error


def try_out(function: Callable[..., Any], grid: Grid, broadcasts: bool | None, raises: bool) -> Trial:
    """Find a point at which the function works, and, unless it is given, whether a block gives what its points give.

    The layout has no variable where every point fails; if ``raises`` the first error ends the search.
    """
    points = grid.scattered()
    for number in points:
        try:
            layout = layout_of(_at(function, grid.chosen([number]), 0))
        except Exception as error:
            if raises:
                return Trial({}, False, _sendable(error, grid.chosen([number]), 0))
            continue
        others = [other for other, _ in zip(points, range(2), strict=False)]
        return Trial(layout, _broadcasts(function, grid, layout, number, others) if broadcasts is None else broadcasts)
    return Trial({}, False)


def _broadcasts(function: Callable[..., Any], grid: Grid, layout: Layout, number: int, others: list[int]) -> bool:
    """Say whether a block gives the same as its points; a block of one point twice tells cheaply that arrays won't do."""
    if not others:
        return False
    try:
        _whole(function, grid.chosen([number, number]), layout)
        several = grid.chosen([number, *others])
        whole = _whole(function, several, layout)
    except Exception:
        return False
    single = _by_points(Task(function, several, layout, False))
    return all(_agree(whole[name], single.arrays[name]) for name in layout)


def _agree(whole: Any, single: Any) -> bool:
    scale = np.abs(single[np.isfinite(single)]).max(initial=0.0)
    return bool(np.allclose(whole, single, rtol=_CLOSE, atol=1e-12 * scale, equal_nan=True))
