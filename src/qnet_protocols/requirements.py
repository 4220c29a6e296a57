"""Which value of a parameter gives a wanted result."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

__all__ = ["Required", "required"]

Floats = checks.Floats
_GRID = 17
_FLAT = 1e-10  # how far results may go back, in parts of all that they change: rounding
_SLACK = 1  # steps more than bisection takes at most


class Required(NamedTuple):
    """The value of a parameter that gives a wanted result.

    Attributes
    ----------
    value : array, shape (...)
        The value; NaN where none in the range gives the result.
    reachable : array of bool, shape (...)
        Whether there is one.
    at_low, at_high : array, shape (...)
        The results at the ends of the range: they tell whether all of it is too little, or more than enough.
    """

    value: Floats
    reachable: Any
    at_low: Floats
    at_high: Floats


def required(
    function: Callable[[Floats], ArrayLike],
    target: ArrayLike,
    *,
    low: ArrayLike,
    high: ArrayLike,
    tolerance: float = 1e-9,
) -> Required:
    """Return the value of a parameter at which a result that rises or falls with it is as wanted, at all points at once.

    "Which T2 is needed for F = 0.9 at 100 km?" is ``required(fidelity_of_t2, 0.9, low=1e-3, high=1e4)``. Results on a grid
    must rise or fall throughout, else there may be several answers and it refuses. A result that jumps, as with cut-offs in whole
    steps, may miss the target by its jump.

    Parameters
    ----------
    function : callable
        Takes an array of values, whose last axes are those of the batch, and returns the results.
    target : array_like
        The result that is wanted.
    low, high : array_like
        Range of the value; all broadcast to the batch. Where all ``low`` are greater than 0 the search is in the logarithm.
    tolerance : float
        Error of the value in parts of the range or, in the logarithm, of the logarithm of ``high/low``.

    Raises
    ------
    ParameterError
        Where the result is not monotone in the range.

    References
    ----------
    Oliveira and Takahashi, ACM Trans. Math. Softw. 47, 5 (2020): interpolate, truncate and project.

    Examples
    --------
    >>> found = required(lambda t2_s: (1 + np.exp(-1e-3 / t2_s)) / 2, [0.9, 0.99, 0.4], low=1e-6, high=10.0)
    >>> found.value.round(6).tolist(), found.reachable.tolist()
    ([0.004481, 0.049498, nan], [True, True, False])
    """
    ends = checks.real(low, "low"), checks.real(high, "high")
    wanted = checks.real(target, "target")
    close = float(checks.real(tolerance, "tolerance", low=1e-14, high=0.1))
    if not (ends[0] < ends[1]).all():
        raise ParameterError(f"Parameter `high` must be greater than `low` = {low!r:.40}, but is {high!r:.40}.")
    scale = _Scale(*ends, bool((ends[0] > 0).all()))
    places = np.linspace(0, 1, _GRID)
    shape = checks.broadcast(target=wanted.shape, low=ends[0].shape, high=ends[1].shape)
    shape = np.broadcast_shapes(shape, np.shape(function(scale.at(np.zeros(shape)))))
    grid = np.broadcast_to(places.reshape(-1, *(1,) * len(shape)), (_GRID, *shape))
    found = _results(function, scale.at(grid))
    sign = _require_monotone(found)
    gaps = sign * (found - wanted)
    reachable = (gaps[0] <= 0) & (gaps[-1] >= 0)
    first = np.clip((gaps >= 0).argmax(axis=0), 1, _GRID - 1)
    below, above = (np.take_along_axis(gaps, (first - k)[None], axis=0)[0] for k in (1, 0))

    def gap(place: Floats) -> Floats:
        return np.asarray(sign * (_results(function, scale.at(place)) - wanted))

    place = _found_root(gap, places[first - 1], places[first], below, above, close)
    value = np.where(reachable, scale.at(place), np.nan)
    return Required(checks.plain(value), reachable, checks.plain(found[0]), checks.plain(found[-1]))


class _Scale(NamedTuple):
    """A range as the unit interval."""

    low: Floats
    high: Floats
    logarithmic: bool

    def at(self, place: Floats) -> Floats:
        if self.logarithmic:
            return np.asarray(self.low * (self.high / self.low) ** place)
        return np.asarray(self.low + (self.high - self.low) * place)


def _results(function: Callable[[Floats], ArrayLike], values: Floats) -> Floats:
    found = np.asarray(function(values), float)
    if found.shape != values.shape:
        raise DimensionError(
            f"Parameter `function` must return results of the shape of the values {values.shape}, but returned {found.shape}."
        )
    return found


def _require_monotone(found: Floats) -> Floats:
    """Return whether results rise (1) or fall (-1) along the first axis, and refuse where they do both."""
    if np.isnan(found).any():
        raise ParameterError("Parameter `function` must have results in the whole range, but some are NaN.")
    steps, slack = np.diff(found, axis=0), _FLAT * np.abs(found).max(axis=0)
    rises, falls = (steps > slack).any(axis=0), (steps < -slack).any(axis=0)
    if (rises & falls).any():
        raise ParameterError(
            "Parameter `function` must rise or fall throughout between `low` and `high`, but does both: narrow the range."
        )
    return np.where(falls, -1.0, 1.0)


def _found_root(
    gap: Callable[[Floats], Floats], low: Floats, high: Floats, at_low: Floats, at_high: Floats, close: float
) -> Floats:
    """Return where a rising gap is 0, between places where it is at most and at least 0."""
    width = float(np.max(high - low))
    most = max(0, math.ceil(math.log2(width / close))) + _SLACK
    for turn in range(most + 1):
        if (high - low <= close).all():
            break
        place = _next_place(low, high, at_low, at_high, close / 2 * 2.0 ** (most - turn))
        now = gap(place)
        low, at_low = np.where(now <= 0, place, low), np.where(now <= 0, now, at_low)
        high, at_high = np.where(now >= 0, place, high), np.where(now >= 0, now, at_high)
    return (low + high) / 2


def _next_place(low: Floats, high: Floats, at_low: Floats, at_high: Floats, reach: float) -> Floats:
    """Return the interpolated place, moved towards the middle, and not further from it than bisection's bound allows."""
    middle, span = (low + high) / 2, high - low
    change = np.where(at_high > at_low, at_high - at_low, 1.0)
    straight = np.where(at_high > at_low, (high * -at_low + low * at_high) / change, middle)
    towards = np.sign(middle - straight)
    nudge = np.minimum(0.2 * span**2, np.abs(middle - straight))
    radius = np.maximum(reach - span / 2, 0.0)
    nudged = straight + towards * nudge
    return np.asarray(np.where(np.abs(nudged - middle) <= radius, nudged, middle - towards * radius))
