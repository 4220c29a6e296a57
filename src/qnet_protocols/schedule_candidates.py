"""Candidates for the best schedule: all that can be made of so many raw pairs, or the most promising of them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_channels import hashing_yield
from qnet_channels.entropy import entropy
from qnet_channels.schedule_rounds import PARTS, Execution, ScheduleRun, next_round, raw_run
from qnet_channels.schedules import Schedule
from qnet_core import DensityMatrix, bell_weights
from qnet_core import _checks as checks

from .keys import secret_key_fraction

__all__: list[str] = []

Floats = checks.Floats
Indices = NDArray[np.int64]
_MOST_PARTS = max(PARTS.values())
_SAME = 12  # digits in which two candidates agree that count as one
ROUND_OFF = 1e-12  # a gain in quality that is none


class Rules(NamedTuple):
    """Which rounds there are, how they are done, what counts as cost, and how many candidates are kept of each size."""

    rounds: tuple[str, ...]
    how: Execution
    cost: str
    width: int


class Level(NamedTuple):
    """Candidates of one number of raw pairs: what they deliver, their last round, and size and place of its parts."""

    run: ScheduleRun
    last: Indices
    sizes: Indices
    places: Indices
    complete: bool


def cost_of(run: ScheduleRun, cost: str) -> Floats:
    """Return the mean raw pairs or the mean time of each candidate."""
    return run.raw_pairs if cost == "pairs" else run.duration_s


def front(quality: Floats, cost: Floats) -> Indices:
    """Return, by rising cost, all places of which no other has at least the quality at no more cost."""
    order = np.lexsort((-quality, cost))
    before = np.concatenate([[-np.inf], np.maximum.accumulate(quality[order])[:-1]])
    return order[quality[order] > before + ROUND_OFF]


def candidates(pair: DensityMatrix, max_pairs: int, rules: Rules) -> dict[int, Level]:
    """Return the candidates of 1, 2, ... raw pairs, each level made of the ones before; some numbers may have none."""
    none = np.zeros((1, _MOST_PARTS), np.int64)
    levels = {1: Level(raw_run(pair.reshape(1), rules.how), np.full(1, -1), none, none, True)}
    for size in range(2, max_pairs + 1):
        made = [_met(last, sizes, levels, rules) for last, sizes in _meetings(size, levels, rules.rounds)]
        thinned = _pruned if size < max_pairs else _unbeaten
        possible = [thinned(level, rules) for level in made if (level.run.probability > 0).any()]
        if possible:
            levels[size] = thinned(_together(possible), rules)
    return levels


def schedule_of(levels: Mapping[int, Level], size: int, place: int, rounds: Sequence[str]) -> Schedule:
    """Return a candidate as the tree that it is."""
    level = levels[size]
    if level.last[place] < 0:
        return Schedule()
    parts = zip(level.sizes[place], level.places[place], strict=True)
    made = tuple(schedule_of(levels, int(part), int(at), rounds) for part, at in parts if part)
    return Schedule(rounds[level.last[place]], made)


def _meetings(size: int, levels: Mapping[int, Level], rounds: Sequence[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield each round with each way in which its parts can share so many raw pairs."""
    for last, name in enumerate(rounds):
        for sizes in _compositions(size, PARTS[name]):
            if all(part in levels for part in sizes):
                yield last, sizes


def _compositions(total: int, count: int) -> Iterator[tuple[int, ...]]:
    if count == 1:
        yield (total,)
        return
    for first in range(total - count + 1, 0, -1):  # pumping first, of schedules that are as good
        for rest in _compositions(total - first, count - 1):
            yield first, *rest


def _met(last: int, sizes: Sequence[int], levels: Mapping[int, Level], rules: Rules) -> Level:
    """Return a round of all candidates of these sizes with one another."""
    most = math.floor(rules.width ** (2 / len(sizes)) + 1e-9)  # three parts make no more meetings than two
    counts = [min(most, len(levels[size].last)) for size in sizes]
    used = [_taken(levels[size], np.arange(count)) for size, count in zip(sizes, counts, strict=True)]
    parts = [_on_axis(level.run, k, len(sizes)) for k, level in enumerate(used)]
    run = _flat(next_round(rules.rounds[last], parts, rules.how), tuple(counts))
    number, idle = math.prod(counts), _MOST_PARTS - len(sizes)
    places = np.pad(np.indices(counts).reshape(len(sizes), -1).T, ((0, 0), (0, idle)))
    complete = all(levels[size].complete and len(levels[size].last) <= most for size in sizes)
    return Level(run, np.full(number, last), np.tile([*sizes, *(0,) * idle], (number, 1)), places, complete)


def _on_axis(run: ScheduleRun, axis: int, axes: int) -> ScheduleRun:
    """Return candidates on one of several batch axes."""
    shape = tuple(-1 if k == axis else 1 for k in range(axes))
    state = run.state.reshape(tuple(len(run.raw_pairs) if k == axis else 1 for k in range(axes)))
    return ScheduleRun(state, *(values.reshape(shape) for values in run[1:]))


def _flat(run: ScheduleRun, shape: checks.Dims) -> ScheduleRun:
    count = int(np.prod(shape))
    return ScheduleRun(run.state.reshape(count), *(np.broadcast_to(values, shape).reshape(-1) for values in run[1:]))


def _taken(level: Level, at: Indices) -> Level:
    run = ScheduleRun(level.run.state[at], *(values[at] for values in level.run[1:]))
    return Level(run, level.last[at], level.sizes[at], level.places[at], level.complete)


def _together(levels: Sequence[Level]) -> Level:
    """Return the candidates of several levels as one."""
    stack = np.concatenate([level.run.state.bloch for level in levels])
    numbers = (np.concatenate(values) for values in zip(*(level.run[1:] for level in levels), strict=True))
    run = ScheduleRun(DensityMatrix.from_bloch(stack, (2, 2)), *numbers)
    last, sizes, places = (np.concatenate([level[k] for level in levels]) for k in (1, 2, 3))
    return Level(run, last, sizes, places, all(level.complete for level in levels))


def _pruned(level: Level, rules: Rules) -> Level:
    """Return the candidates that can succeed, each once, and of too many the most promising."""
    level = _taken(level, _distinct(level.run))
    if len(level.last) <= rules.width:
        return level
    return _taken(level, _promising(level.run, rules))._replace(complete=False)


def _distinct(run: ScheduleRun) -> Indices:
    """Return places of possible candidates that differ in state or cost, by two projections that none share by chance."""
    possible = np.flatnonzero(run.probability > 0)
    costs = np.stack([run.raw_pairs, np.where(run.duration_s > 0, run.duration_s, 1.0)])[:, possible]
    numbers = np.concatenate([run.state._stack[:, possible], np.log(costs)])
    directions = np.sin(np.outer([1.0, math.sqrt(2)], np.arange(1, len(numbers) + 1) ** 2))
    one, other = np.round(directions @ numbers, _SAME)
    return possible[np.sort(np.unique(one + 1j * other, return_index=True)[1])]


def _unbeaten(level: Level, rules: Rules) -> Level:
    """Return the candidates that may be best for some objective, of those that nothing is built on."""
    level = _taken(level, _distinct(level.run))
    cost, state = cost_of(level.run, rules.cost), level.run.state
    qualities = bell_weights(state)[:, 0], hashing_yield(state), secret_key_fraction(state)
    fronts = [front(checks.plain(quality), cost) for quality in qualities]
    return _taken(level, np.unique(np.concatenate(fronts)))


def _promising(run: ScheduleRun, rules: Rules) -> Indices:
    """Return places by front after front of fidelity, purity and key against cost, in turn."""
    weights = bell_weights(run.state)
    qualities = weights[:, 0], -entropy(np.maximum(weights, 0)), secret_key_fraction(run.state)
    cost, left, chosen = cost_of(run, rules.cost), np.arange(len(run.raw_pairs)), list[Indices]()
    while sum(map(len, chosen)) < rules.width:
        quality = qualities[len(chosen) % len(qualities)]
        best = left[front(quality[left], cost[left])]
        chosen.append(best)
        left = np.setdiff1d(left, best, assume_unique=True)
    return np.concatenate(chosen)[: rules.width]
