"""Search in one number for all points of a batch at once."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks

__all__: list[str] = []

Floats = checks.Floats
Flags = NDArray[np.bool_]
Score = Callable[[Floats], Floats]
_GOLDEN = (math.sqrt(5) - 1) / 2


def maximum(score: Score, low: Floats, high: Floats, *, grid: int, steps: int = 48) -> Floats:
    """Return where the score is highest: the best of a grid, then golden section between its neighbours.

    The score takes places of the batch's shape, and may be -inf; it must have one maximum between two places of the grid.
    """
    start, step = best_of_grid(score, low, high, grid=grid), (high - low) / (grid - 1)
    return golden_section(score, np.maximum(start - step, low), np.minimum(start + step, high), steps=steps)


def best_of_grid(score: Score, low: Floats, high: Floats, *, grid: int) -> Floats:
    """Return the place of the highest score among equal steps from low to high."""
    best, place = np.full(np.shape(low), -np.inf), low
    for share in np.linspace(0, 1, grid):
        here = low + share * (high - low)
        found = score(here)
        place = np.where(found > best, here, place)
        best = np.maximum(found, best)
    return place


def golden_section(score: Score, low: Floats, high: Floats, *, steps: int = 48) -> Floats:
    """Return where the score is highest between low and high; it must have one maximum there."""
    ends = low, high
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = score(a), score(b)
    for _ in range(steps):
        left = ~(at_b > at_a)  # also where both are -inf: what is sought lies at the low end
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        at_new = score(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    best, most = np.where(at_b > at_a, b, a), np.fmax(at_a, at_b)
    for end in (low, *ends):  # a maximum at an end, or before scores of -inf begin, is approached and never met
        found = score(end)
        best, most = np.where(found >= most, end, best), np.fmax(found, most)
    return best


def furthest(allowed: Callable[[Floats], Flags], start: Floats, end: Floats, *, steps: int = 60) -> Floats:
    """Return the last place towards the end that is allowed from an allowed start on, by bisection."""
    low, high = np.where(allowed(end), end, start), end
    for _ in range(steps):
        middle = (low + high) / 2
        good = allowed(middle)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return low
