"""Exact waiting times and states of a repeater chain, up to a tail that is as small as wanted."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_channels.parameters import choice
from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .chain_results import ChainResult
from .clock import Steps
from .exactness import expected_steps, require_exact
from .hardware import hardware
from .policies import build
from .renewal import Method
from .runs import begun_by_runs, too_few_steps
from .streams import Stream
from .waiting_times import WaitingTimes

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__ = ["exact_chain"]

_METHODS = ("fft", "direct")
_LEAST_TAIL = {"fft": 1e-12, "direct": 1e-100}
_MOST_STEPS = 2**31
_ENTRIES = 2**17  # points times steps that are worked on at a time
_SHORTEST = 16


def exact_chain(chain: "RepeaterChain", *, tail: float, max_steps: int, method: Method) -> ChainResult:
    """Return the distribution of the waiting time, and the average state at each time."""
    choice(method, "method", _METHODS)
    least = float(checks.real(tail, "tail", low=_LEAST_TAIL[method], high=0.5))
    search = Search(least, checks.integer(max_steps, "max_steps", 1, _MOST_STEPS), method)
    require_exact(chain)
    guesses = expected_steps(chain, least, np.arange(math.prod(chain.batch_shape)))
    return _result(chain, [_delivered(chain, block, guesses[block[-1]], search) for block in _blocks(guesses)], method)


def _blocks(guesses: checks.Floats) -> list[NDArray[np.int64]]:
    """Return which points are worked on together: those that take about as many steps, and as fit into the cache."""
    order, blocks, begin = np.argsort(guesses), [], 0
    while begin < len(order):
        longest = 2 * max(_SHORTEST, guesses[order[begin]])
        alike = int(np.searchsorted(guesses[order], longest, side="right")) - begin
        size = max(1, min(alike, int(_ENTRIES / longest)))
        blocks.append(order[begin : begin + size])
        begin += size
    return blocks


class Search(NamedTuple):
    """The tail that is wanted, the most steps, and how series are divided."""

    tail: float
    max_steps: int
    method: Method


class Delivered(NamedTuple):
    """What some points of a chain deliver, and the seconds of a step."""

    points: NDArray[np.int64]
    step_s: checks.Floats
    stream: Stream


def _delivered(chain: "RepeaterChain", points: NDArray[np.int64], guess: float, search: Search) -> Delivered:
    """Return what some points deliver, with as many steps as their tail asks for."""
    parts = hardware(chain, points)
    steps = int(min(max(_SHORTEST, guess), search.max_steps, max(_SHORTEST, parts.run.max())))
    while True:
        stream = build(chain, parts, points, steps, search.method)
        more = _steps_missing(stream, parts.run, steps, guess, search.tail)
        if more <= 0:
            break
        if steps >= search.max_steps:
            raise ParameterError(too_few_steps(max(steps + more, guess), search.max_steps, search.tail))
        steps = int(min(max(steps + 1.1 * more, 1.25 * steps), search.max_steps))
    repeated = begun_by_runs(stream, parts.run, search.tail, search.max_steps)
    if not chain.batch_shape and not np.isfinite(repeated.mean).all():
        raise ParameterError(
            "The chain can't deliver: no attempt ever succeeds with these links, rounds of distillation and limits of time "
            "and fidelity."
        )
    return Delivered(points, parts.step_s, _trimmed(repeated, search.tail))


def _steps_missing(stream: Stream, run: Steps, steps: int, guess: float, tail: float) -> float:
    """Return about how many more steps it takes, from how fast the tail falls; 0 if there are enough.

    Where nothing is delivered in as many steps as other chains take, nothing ever is.
    """
    late = stream.missing[:, -1]
    open_ = (np.isfinite(stream.mean) | (steps < guess)) & (late > tail) & (run > steps)
    if not open_.any():
        return 0.0
    half = stream.missing[open_, steps // 2]
    falls = np.log(half / late[open_]) / (steps - steps // 2)
    slowest = np.where(late[open_] < 0.5, falls, 0.0).min()
    return float(np.log(late[open_].max() / tail) / slowest) if slowest > 0 else 3.0 * steps


def _trimmed(stream: Stream, tail: float) -> Stream:
    """Return the series up to the first step at which no point's tail is too large."""
    late = np.where(np.isfinite(stream.mean), (stream.missing > tail).sum(axis=-1), 1)
    size = int(late.max()) + 1
    return stream._replace(
        arriving=np.ascontiguousarray(stream.arriving[..., :size]),
        missing=np.ascontiguousarray(stream.missing[:, :size]),
    )


def _result(chain: "RepeaterChain", parts: Sequence[Delivered], method: Method) -> ChainResult:
    batch = chain.batch_shape
    points, size = math.prod(batch), max(stream.missing.shape[-1] for _, _, stream in parts) - 1
    checks.capacity(16 * points * size, "The distribution")
    weighted, state = np.zeros((16, points, size)), np.zeros((16, points))
    mean, lost, step = np.empty(points), np.empty(points), np.empty(points)
    for block, step_s, stream in parts:
        rows = np.array(stream.rows)[:, None]
        weighted[rows, block, : stream.missing.shape[-1] - 1] = stream.arriving[..., 1:]
        state[rows, block] = stream.average
        lost[block], step[block] = stream.missing[:, -1], step_s
        mean[block] = np.where(np.isfinite(stream.mean), stream.mean, np.inf) * step_s
    state[:, np.isinf(mean)] = np.nan
    with np.errstate(divide="ignore"):
        rate = 1 / mean
    return ChainResult(
        DensityMatrix._wrap(state.reshape(-1), (2, 2), batch),
        checks.plain(rate.reshape(batch)),
        checks.plain(mean.reshape(batch)),
        distribution=WaitingTimes(checks.plain(step.reshape(batch)), weighted.reshape(16, *batch, size)),
        lost_probability=checks.plain(lost.reshape(batch)),
        method=method,
    )
