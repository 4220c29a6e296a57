"""The intensities and probabilities with which a protocol gives the most key, at every point of a batch."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

__all__ = ["BestSettings", "best_settings"]

Floats = checks.Floats
Settings = dict[str, Floats]
_GRID = 24
_GOLDEN = (math.sqrt(5) - 1) / 2
_GOLDEN_STEPS = 44
_SIMPLEXES = (0.1, 0.02)  # sizes at the start
_TURNS = 60  # per setting
_FLAT = 1e-13


class Key(Protocol):
    """What has a balance: any key rate or key of this package."""

    @property
    def balance(self) -> Floats:
        """Secret bits before the cut at 0."""


Result = TypeVar("Result", bound=Key)


class BestSettings(NamedTuple, Generic[Result]):
    """The best settings and the key that they give.

    Attributes
    ----------
    settings : dict
        Arrays of the shape of the batch, by name.
    key : KeyRate or the like
        As returned with these settings. Where there is no key, they are those that come nearest.
    """

    settings: Settings
    key: Result


def best_settings(
    key: Callable[..., Result], ranges: Mapping[str, tuple[float, float]]
) -> BestSettings[Result]:  # fmt: skip
    """Return the settings in given ranges with which ``key`` has the highest balance, for all points of a batch at once.

    For one setting: a grid, and golden-section search around its best point; it takes one maximum for granted at that
    resolution. For several: the same along each in turn, and a simplex (Nelder and Mead) from there, both twice; like any
    search it may end on a lower hill than the highest.

    Parameters
    ----------
    key : callable
        Takes the settings as keywords, each a number or an array of the shape of the batch, and returns what has a
        ``balance``, such as ``KeyRate`` or ``FiniteDecoyKey``.
    ranges : mapping
        Lowest and highest value of each setting. Where the lowest is greater than 0 the search is in its logarithm. All
        combinations must be allowed: search a ratio of intensities, not the intensities, if one must be less.

    References
    ----------
    Nelder and Mead, Comput. J. 7, 308 (1965).

    Examples
    --------
    >>> from qnet_protocols import decoy_bb84
    >>> best = best_settings(lambda signal: decoy_bb84(
    ...     transmissivity=[1e-2, 1e-4], intensities=[signal], misalignment_error=0.033, background_yield=1.7e-6,
    ...     reconciliation_efficiency=1.22), {"signal": (0.01, 1.0)})
    >>> best.settings["signal"].round(3).tolist()
    [0.48, 0.46]
    """
    search = _Search(key, ranges)
    place = search.along_each(np.full((len(ranges), *search.shape), 0.5))
    for size in _SIMPLEXES if len(ranges) > 1 else ():
        place = search.along_each(search.downhill(place, size))
    settings = search.settings(place)
    return BestSettings(settings, key(**settings))


class _Search:
    """Settings as numbers from 0 to 1, one row each, and the balance that they give."""

    def __init__(self, key: Callable[..., Key], ranges: Mapping[str, tuple[float, float]]) -> None:
        if not ranges:
            raise DimensionError("Parameter `ranges` must name at least one setting, but is empty.")
        self.key, self.names = key, tuple(ranges)
        self.ends = [_ends(name, *ranges[name]) for name in self.names]
        middle = self.settings(np.full(len(self.names), 0.5))
        self.shape = np.shape(key(**middle).balance)

    def settings(self, place: Floats) -> Settings:
        """Return the settings at places between the ends of the ranges."""
        pairs = zip(self.names, self.ends, place, strict=True)
        return {
            name: checks.plain(np.clip(low * (high / low) ** at if low > 0 else high * at, low, high))
            for name, (low, high), at in pairs
        }

    def score(self, place: Floats) -> Floats:
        found = self.key(**self.settings(place)).balance
        return np.broadcast_to(np.where(np.isnan(found), -np.inf, found), self.shape)

    def along_each(self, place: Floats) -> Floats:
        """Return the place after a search along each row in turn."""
        for row in range(len(self.names)):
            place = self._along(place, row)
        return place

    def _along(self, place: Floats, row: int) -> Floats:
        """Return the place with the best value in one row, and never a worse one."""

        def moved(to: Floats) -> Floats:
            return np.concatenate([place[:row], np.broadcast_to(to, (1, *self.shape)), place[row + 1 :]])

        grid = np.linspace(0, 1, _GRID)
        scores = np.stack([self.score(moved(at)) for at in grid])
        best = scores.argmax(axis=0)
        low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
        found = _golden_section(lambda at: self.score(moved(at)), checks.plain(low), checks.plain(high))
        tried = [place, moved(checks.plain(grid[best])), moved(found)]
        return _best(tried, [self.score(one) for one in tried])

    def downhill(self, place: Floats, size: float) -> Floats:
        """Return the best place that a simplex finds, which begins with this size at a place."""
        simplex = [place, *(_moved(place, row, size) for row in range(len(place)))]
        corners, scores = np.stack(simplex), np.stack([self.score(corner) for corner in simplex])
        for _ in range(_TURNS * len(place)):
            order = np.argsort(-scores, axis=0, kind="stable")
            scores = np.take_along_axis(scores, order, axis=0)
            corners = np.take_along_axis(corners, order[:, None], axis=0)
            if (scores[0] - scores[-1] <= _FLAT * np.abs(scores[0])).all():
                break
            corners, scores = self._turn(corners, scores)
        return _best(list(corners), list(scores))

    def _turn(self, corners: Floats, scores: Floats) -> tuple[Floats, Floats]:
        """Return the simplex after a step of Nelder and Mead; its corners come in descending order."""
        centre, worst = corners[:-1].mean(axis=0), corners[-1]
        places = np.clip([centre + far * (centre - worst) for far in (1.0, 2.0, 0.5, -0.5)], 0, 1)
        mirrored, further, outside, inside = (self.score(one) for one in places)
        chosen = np.select(
            [mirrored > scores[0], mirrored > scores[-2], mirrored > scores[-1]], [further > mirrored, 0, 2], 3
        )
        found = np.choose(chosen, [mirrored, further, outside, inside])
        failed = ((chosen == 2) & (found < mirrored)) | ((chosen == 3) & (found <= scores[-1]))
        moved = np.take_along_axis(places, chosen[None, None], axis=0)[0]
        corners = np.concatenate([corners[:-1], np.where(failed, worst, moved)[None]])
        scores = np.concatenate([scores[:-1], np.where(failed, scores[-1], found)[None]])
        return self._shrunk(corners, scores, failed) if failed.any() else (corners, scores)

    def _shrunk(self, corners: Floats, scores: Floats, where: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Return the simplex with its corners half-way to the best one, where asked for."""
        near = np.where(where, (corners + corners[0]) / 2, corners)
        return near, np.where(where, np.stack([scores[0], *(self.score(corner) for corner in near[1:])]), scores)


def _moved(place: Floats, row: int, size: float) -> Floats:
    """Return a place with one row moved away from the nearer end."""
    moved = place.copy()
    moved[row] += np.where(place[row] < 0.5, size, -size)
    return moved


def _ends(name: str, low: Any, high: Any) -> tuple[float, float]:
    """Return the ends of a range."""
    least, most = (float(checks.real(value, f"ranges[{name!r}]")) for value in (low, high))
    if not 0 <= least < most:
        raise ParameterError(f"Parameter `ranges[{name!r}]` must ascend from at least 0, but is ({least:g}, {most:g}).")
    return least, most


def _best(places: list[Floats], scores: list[Floats]) -> Floats:
    place, best = places[0], scores[0]
    for other, score in zip(places[1:], scores[1:], strict=True):
        place, best = np.where(score > best, other, place), np.maximum(score, best)
    return place


def _golden_section(score: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where the score is highest between low and high; it must have one maximum there."""
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = score(a), score(b)
    for _ in range(_GOLDEN_STEPS):
        left = at_a > at_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        at_new = score(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    return checks.plain((low + high) / 2)
