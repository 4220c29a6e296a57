"""The settings of a repeater chain that deliver the most key, or the most pairs that are good enough."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .chain_aims import Aim, Objective, aim_of, require_result
from .chain_results import ChainResult

__all__ = ["BestChain", "best_chain"]

Floats = checks.Floats
Deliver = Callable[..., ChainResult]
_GRID = 25
_GOLDEN = (math.sqrt(5) - 1) / 2
_GOLDEN_STEPS = 20
_TURNS = 4  # along each of several ranges


class BestChain(NamedTuple):
    """The best settings of a chain, and what it delivers with them.

    Attributes
    ----------
    settings : dict
        Arrays of the shape of the batch, by name; those of choices hold what was chosen.
    result : ChainResult
        State, rate and waiting time with these settings.
    value : array
        Key rate in bit/s or rate in 1/s. Key rates are 0 where no setting gives a key; the settings are then those of the
        best pairs. NaN where none reaches the least fidelity.
    """

    settings: dict[str, Any]
    result: ChainResult
    value: Floats


def best_chain(
    deliver: Deliver, *, ranges: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    choices: Mapping[str, Sequence[Any]] | None = None, objective: Objective = "key-rate", min_fidelity: ArrayLike = 0.0,
) -> BestChain:  # fmt: skip
    """Return the settings with which a chain delivers the most, at every point of its batch at once.

    Ranges are searched by a grid, which is one more batch axis, and by golden section around its best point; several of them
    in turn, four times over. Choices are tried one after the other, all combinations. It takes one maximum for granted within
    a step of the grid, and along several ranges it may end on a lower hill than the highest. A cut-off counts in whole steps,
    so that it is only found up to a step.

    Parameters
    ----------
    deliver : callable
        Takes the settings as keywords and returns a ChainResult: ``RepeaterChain(..., cutoff_s=cutoff_s).exact()``, or the
        closed sums of ``cut_off_chain``. Those of ranges come as arrays that broadcast against the batch, with an axis
        before it.
    ranges : mapping
        Lowest and highest value of each continuous setting: cut-off, brightness, position of a node. They broadcast against the
        batch. Where all lowest ones are greater than 0 the search is in the logarithm.
    choices : mapping
        Values of each setting that has only some: number of links, rounds of distillation, policy.
    objective : "key-rate" or "rate"
        Secret bits (``secret_key_rate_bit_per_s``) or pairs per second.
    min_fidelity : array_like
        Least fidelity of the delivered pairs with phi+.

    References
    ----------
    Kiefer, Proc. Am. Math. Soc. 4, 502 (1953), for golden sections.

    Examples
    --------
    >>> from qnet_channels import Memory, double_click_link
    >>> from qnet_protocols import cut_off_chain
    >>> link, memory = double_click_link(transmissivity=0.1, visibility=0.98), Memory(t1_s=np.inf, t2_s=0.5)
    >>> best = best_chain(lambda cutoff_s, num_links: cut_off_chain(
    ...     link, num_links=num_links, cycle_s=1e-3, memory=memory, cutoff_s=cutoff_s),
    ...     ranges={"cutoff_s": (1e-3, 10.0)}, choices={"num_links": [2, 4]})
    >>> best.settings["num_links"].item(), best.value.round(3).item()
    (2, 1.193)
    """
    if not ranges and not choices:
        raise DimensionError("Parameters `ranges` and `choices` must name at least one setting, but are empty.")
    aim = aim_of(objective, min_fidelity)
    found = [_best_of_ranges(deliver, ranges or {}, chosen, aim) for chosen in _combinations(choices or {})]
    return _best_of(found, aim)


def _combinations(choices: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for name, values in choices.items():
        if not len(values):
            raise DimensionError(f"Parameter `choices[{name!r}]` must hold at least one value, but is empty.")
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


class _Found(NamedTuple):
    """Settings, what they deliver, and how good that is."""

    settings: dict[str, Any]
    result: ChainResult
    score: Floats


def _best_of_ranges(
    deliver: Deliver, ranges: Mapping[str, tuple[ArrayLike, ArrayLike]], chosen: dict[str, Any], aim: Aim
) -> _Found:
    """Return the best settings in ranges with these choices."""
    ends = {name: _ends(name, pair) for name, pair in ranges.items()}

    def delivered(place: Mapping[str, Floats]) -> tuple[dict[str, Any], ChainResult]:
        settings = {name: _between(*ends[name], at) for name, at in place.items()}
        return settings, _delivered(deliver, settings | chosen)

    def score(place: Mapping[str, Floats]) -> Floats:
        return aim.score(delivered(place)[1])

    place = {name: np.asarray(0.5) for name in ends}
    shape = np.shape(score(place))
    place = {name: np.full(shape, 0.5) for name in ends}
    for _ in range(_TURNS if len(ends) > 1 else 1):
        for name in ends:
            place[name] = _along(score, place, name)
    settings, result = delivered(place)
    return _Found(settings | chosen, result, aim.score(result))


def _delivered(deliver: Deliver, settings: Mapping[str, Any]) -> ChainResult:
    """Return what a chain delivers with these settings."""
    return require_result(deliver(**settings))


def _ends(name: str, pair: tuple[ArrayLike, ArrayLike]) -> tuple[Floats, Floats]:
    low, high = (checks.real(value, f"ranges[{name!r}]") for value in pair)
    if not (low < high).all():
        raise ParameterError(f"Parameter `ranges[{name!r}]` must ascend, but is {pair!r:.80}.")
    return low, high


def _between(low: Floats, high: Floats, at: Floats) -> Floats:
    """Return the value at this share of the way, in the logarithm where it can be."""
    value = low * (high / low) ** at if (low > 0).all() else low + (high - low) * at
    return checks.plain(np.clip(value, low, high))


def _along(score: Callable[[Mapping[str, Floats]], Floats], place: Mapping[str, Floats], name: str) -> Floats:
    """Return the best place along one range, never a worse one than before."""

    def there(at: Floats) -> Floats:
        return score({**place, name: at})

    shape = place[name].shape
    grid = np.linspace(0, 1, _GRID).reshape(-1, *(1,) * len(shape))
    tried = np.broadcast_to(grid, (_GRID, *shape))
    best = np.broadcast_to(there(tried), tried.shape).argmax(axis=0)
    middle = np.linspace(0, 1, _GRID)[best]
    found = _golden_section(there, np.maximum(middle - 1 / (_GRID - 1), 0), np.minimum(middle + 1 / (_GRID - 1), 1))
    all_places = np.stack([place[name], middle, found])
    winner = there(all_places).argmax(axis=0)
    return np.asarray(np.take_along_axis(all_places, winner[None], axis=0)[0])


def _golden_section(score: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where the score is highest between low and high, if it has one maximum there."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = score(np.stack([left, right]))
    for _ in range(_GOLDEN_STEPS):
        falls = at_left > at_right
        low, high = np.where(falls, low, left), np.where(falls, right, high)
        new = np.where(falls, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        at_new = score(new)
        left, right = np.where(falls, new, right), np.where(falls, left, new)
        at_left, at_right = np.where(falls, at_new, at_right), np.where(falls, at_left, at_new)
    return np.where(at_left > at_right, left, right)


def _best_of(found: Sequence[_Found], aim: Aim) -> BestChain:
    """Return the best of several, point by point."""
    batch = np.broadcast_shapes(*(one.score.shape for one in found))
    which = np.stack([np.broadcast_to(one.score, batch) for one in found]).argmax(axis=0)

    def taken(values: Sequence[Any]) -> Any:
        return np.choose(which, [np.broadcast_to(value, batch) for value in values])

    settings = {name: checks.plain(_picked(which, [one.settings[name] for one in found])) for name in found[0].settings}
    states = np.stack([one.result.state.broadcast_to(batch)._stack.reshape(16, *batch) for one in found])
    state = np.take_along_axis(states, which[None, None], axis=0)[0]
    result = ChainResult(
        DensityMatrix._wrap(np.ascontiguousarray(state).reshape(-1), (2, 2), batch),
        checks.plain(taken([one.result.rate_hz for one in found])),
        checks.plain(taken([one.result.waiting_time_s for one in found])),
        method=found[0].result.method,
    )
    return BestChain(settings, result, checks.plain(aim.value(result)))


def _picked(which: Any, values: Sequence[Any]) -> Any:
    """Return the value of the best, point by point; choices may be words."""
    stacked = np.stack(np.broadcast_arrays(*map(np.asarray, values), which)[:-1]) if _numeric(values) else None
    if stacked is not None:
        return np.take_along_axis(stacked, which[None], axis=0)[0]
    return np.array([*values, None], object)[:-1][which]


def _numeric(values: Sequence[Any]) -> bool:
    return all(np.asarray(value).dtype.kind in "biufU" for value in values)
