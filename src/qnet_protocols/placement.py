"""Where the repeaters of a chain stand best."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import CapacityError, DimensionError, ParameterError

from .chain_aims import Aim, Objective, aim_of, require_result
from .chain_optimum import BestChain, best_chain
from .chain_results import ChainResult

__all__ = ["BestPlacement", "best_placement"]

Floats = checks.Floats
Deliver = Callable[[Floats], ChainResult]
_MOST_REPEATERS = 64
_MOST_CHOICES = 100_000
_TOGETHER = 512  # choices of sites that are tried in one call
_TURNS = 40
_STILL = 1e-5  # parts of the distance: stations that move less have found their place
_GAP = 1e-3  # parts of the distance that stay between neighbours


class BestPlacement(NamedTuple):
    """The best places for the stations of a chain, and what it delivers with them.

    Attributes
    ----------
    nodes_km : array, shape (k + 2, ...)
        Of all nodes from end to end, the ends included.
    result : ChainResult
        What the chain delivers.
    value : array
        Key rate in bit/s or rate in 1/s, as of ``best_chain``.
    still : bool
        Whether no station moved any more, by 1e-5 of the distance, when the search ended; it ends after 40 turns at the latest.
    """

    nodes_km: Floats
    result: ChainResult
    value: Floats
    still: bool = True

    @property
    def lengths_km(self) -> Floats:
        """Lengths of the links, shape (k + 1, ...)."""
        return np.diff(self.nodes_km, axis=0)


def best_placement(
    deliver: Deliver, *, distance_km: ArrayLike, num_repeaters: int, sites_km: Sequence[float] | None = None,
    start_km: Sequence[ArrayLike] | None = None, objective: Objective = "key-rate", min_fidelity: ArrayLike = 0.0,
) -> BestPlacement:  # fmt: skip
    """Return the places between two ends where k repeaters deliver the most, at every point of a batch at once.

    Where all links and stations are alike, that is at equal distances; not so with ends that collect fewer photons, a
    lossy stretch of fibre, or huts that stand where they stand. Given ``sites_km``, all choices of k of them are tried. Else each
    station in turn is moved between its two neighbours (``best_chain``), until none moves: a local search, which may end on
    a lower hill than the highest, so that another start is worth a try where links are very different.

    Parameters
    ----------
    deliver : callable
        Takes the places of all nodes in km, shape (k + 2, ...), the first 0 and the last the distance, and returns the
        ``ChainResult``, batch axes last: ``np.diff(nodes_km, axis=0)`` are the lengths of the links. For the exact engine the
        cycles of all links must have a common step: let all be attempted in step, or use sites on a grid.
    distance_km : array_like
        Between the ends, greater than 0.
    num_repeaters : int
        k.
    sites_km : sequence of float, optional
        Where a station may stand, as distances from the first end; at most 1e5 choices of k.
    start_km : sequence of array_like, optional
        Where the search begins, one per station in ascending order; at equal distances if not given.
    objective, min_fidelity
        As of ``best_chain``.

    References
    ----------
    Golden sections along one coordinate after the other: Press et al., Numerical Recipes (2007), section 10.

    Examples
    --------
    Light of the left end is ten times as likely to be detected, 50 km worth of fibre: the station moves 25 km to the right.

    >>> from qnet_channels import Memory, double_click_link
    >>> from qnet_protocols import RepeaterChain
    >>> def deliver(nodes_km):
    ...     arms = 10 ** (-0.02 * np.diff(nodes_km, axis=0))
    ...     links = [double_click_link(transmissivity=(seen * arm) ** 0.5) for seen, arm in zip((0.5, 0.05), arms)]
    ...     return RepeaterChain(links, Memory(t1_s=np.inf, t2_s=50.0), cycle_s=1e-3).exact()
    >>> best = best_placement(deliver, distance_km=100.0, num_repeaters=1)
    >>> best.nodes_km.round(1).tolist()
    [0.0, 75.0, 100.0]
    """
    distance = checks.real(distance_km, "distance_km", low=0.0, open_low=True)
    count = checks.integer(num_repeaters, "num_repeaters", 1, _MOST_REPEATERS)
    if sites_km is not None:
        return _best_sites(deliver, distance, _sites(sites_km, distance, count), count, aim_of(objective, min_fidelity))
    return _moved_until_still(deliver, distance, _start(start_km, distance, count), objective, min_fidelity)


def _start(start_km: Sequence[ArrayLike] | None, distance: Floats, count: int) -> list[Floats]:
    """Return all nodes of the first placement."""
    if start_km is None:
        return [np.asarray(distance * k / (count + 1)) for k in range(count + 2)]
    places = [checks.real(place, f"start_km[{k}]") for k, place in enumerate(start_km)]
    if len(places) != count:
        raise DimensionError(f"Parameter `start_km` must hold {count}, one per repeater, but holds {len(places)}.")
    nodes = [np.zeros_like(distance), *places, distance]
    if not all((left < right).all() for left, right in pairwise(nodes)):
        raise ParameterError(f"Parameter `start_km` must ascend between 0 and `distance_km`, but is {start_km!r:.80}.")
    return nodes


def _moved_until_still(
    deliver: Deliver, distance: Floats, nodes: list[Floats], objective: Objective, least: ArrayLike
) -> BestPlacement:
    best: BestChain
    for _ in range(_TURNS):
        before = list(nodes)
        for k in range(1, len(nodes) - 1):
            best = _with_one_moved(deliver, distance, nodes, k, objective, least)
            nodes[k] = best.settings["place_km"]
        shifts = [np.max(np.abs(now - then) / distance) for now, then in zip(nodes, before, strict=True)]
        if max(shifts) < _STILL:
            return BestPlacement(_stacked(nodes), best.result, best.value)
    return BestPlacement(_stacked(nodes), best.result, best.value, still=False)


def _with_one_moved(
    deliver: Deliver, distance: Floats, nodes: Sequence[Floats], which: int, objective: Objective, least: ArrayLike
) -> BestChain:
    """Return the best place of one station between its neighbours."""

    def moved(place_km: Floats) -> ChainResult:
        return deliver(_stacked([*nodes[:which], place_km, *nodes[which + 1 :]]))

    left, right = nodes[which - 1], nodes[which + 1]
    gap = np.minimum(_GAP * distance, (right - left) / 4)
    return best_chain(moved, ranges={"place_km": (left + gap, right - gap)}, objective=objective, min_fidelity=least)


def _stacked(nodes: Sequence[Floats]) -> Floats:
    return np.stack(np.broadcast_arrays(*nodes))


def _sites(sites_km: Sequence[float], distance: Floats, count: int) -> Floats:
    """Return the sites in ascending order, or refuse."""
    sites = np.unique(checks.real(sites_km, "sites_km", low=0.0, open_low=True))
    if distance.ndim:
        raise DimensionError(
            f"Parameter `distance_km` must be one number where `sites_km` is given, but has shape {distance.shape}."
        )
    if (sites >= distance).any():
        raise ParameterError(
            f"Parameter `sites_km` must lie between the ends, but one is at {sites[-1]:g} of {distance:g} km."
        )
    if len(sites) < count:
        raise ParameterError(
            f"Parameter `sites_km` must hold at least `num_repeaters` = {count}, but holds {len(sites)}."
        )
    if math.comb(len(sites), count) > _MOST_CHOICES:
        raise CapacityError(
            f"{math.comb(len(sites), count):.3g} choices of {count} out of {len(sites)} sites are more than {_MOST_CHOICES}: "
            "leave out `sites_km` and take the sites near the best places."
        )
    return sites


def _best_sites(deliver: Deliver, distance: Floats, sites: Floats, count: int, aim: Aim) -> BestPlacement:
    """Return the best choice of sites, of all."""
    first = _between_ends(sites[:count], distance)
    shape = np.shape(aim.score(require_result(deliver(first))))
    best, nodes = np.full(shape, -np.inf), np.broadcast_to(first.reshape(-1, *(1,) * len(shape)), (count + 2, *shape))
    for block in _choices(sites, count):
        tried = _between_ends(block, distance).reshape(count + 2, -1, *(1,) * len(shape))
        score = np.broadcast_to(aim.score(deliver(tried)), (tried.shape[1], *shape))
        which = score.argmax(axis=0)
        better = score.max(axis=0) > best
        best = np.where(better, score.max(axis=0), best)
        nodes = np.where(better, np.take(tried.reshape(count + 2, -1), which, axis=1), nodes)
    result = deliver(nodes)
    return BestPlacement(nodes, result, checks.plain(aim.value(result)))


def _between_ends(places: Floats, distance: Floats) -> Floats:
    """Return all nodes, for places of stations on the first axis."""
    return np.concatenate([np.zeros_like(places[:1]), places, np.full_like(places[:1], distance)])


def _choices(sites: Floats, count: int) -> Iterator[Floats]:
    """Return all choices of sites, shape (count, choices), some at a time."""
    every = combinations(sites, count)
    while block := list(islice(every, _TOGETHER)):
        yield np.array(block).T
