"""Runs that are abandoned after a time, one after the other."""

import math

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .clock import Steps
from .streams import Stream

__all__: list[str] = []

_MOST_AT_ONCE = 1e8  # cycles that may count as one


def begun_by_runs(stream: Stream, run: Steps, tail: float, max_steps: int) -> Stream:
    """Return what runs deliver, each abandoned after ``run`` steps, where a single endless run delivers ``stream``.

    Step ``k * run + s`` is step s of run k: the series repeats, each time with the probability that a run fails.
    """
    size = stream.missing.shape[-1]
    ends = run < size
    if not ends.any():
        return stream
    last = np.where(ends, run, size - 1)
    failure = np.where(ends, stream.missing[np.arange(len(run)), last], 0.0)
    mean, average = _means(stream, last, failure)
    length = max(size - 1, _length(run, failure, tail, max_steps))
    steps = np.arange(length + 1)
    came = np.maximum(steps - 1, 0) // run[:, None]
    arriving = failure[:, None] ** came * _taken(stream.arriving, steps - came * run[:, None], 0.0)
    begun = steps // run[:, None]
    missing = failure[:, None] ** begun * _taken(stream.missing, steps - begun * run[:, None], stream.missing[:, -1:])
    return Stream(
        stream.rows, arriving, missing, np.where(ends, mean, stream.mean), np.where(ends, average, stream.average)
    )


def _means(stream: Stream, last: NDArray[np.int64], failure: checks.Floats) -> tuple[checks.Floats, checks.Floats]:
    """Return the mean steps until a run delivers, and the mean state."""
    steps = np.arange(stream.missing.shape[-1])
    delivered = (stream.arriving * (steps <= last[:, None])).sum(axis=-1)
    spent = (stream.missing * (steps < last[:, None])).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(delivered[0] > 0, spent / (1 - failure), np.inf), delivered / delivered[0]


def _taken(values: checks.Floats, steps: NDArray[np.int64], beyond: checks.Floats | float) -> checks.Floats:
    """Return the terms at these steps, shape (points, steps), of each row."""
    size = values.shape[-1]
    index = np.broadcast_to(np.minimum(steps, size - 1), (*values.shape[:-1], steps.shape[-1]))
    return np.asarray(np.where(steps < size, np.take_along_axis(values, index, axis=-1), beyond))


def _length(run: Steps, failure: checks.Floats, tail: float, max_steps: int) -> int:
    """Return how many steps it takes until only the tail is left."""
    again = (failure > 0) & (failure < 1)
    runs = np.ceil(np.log(tail) / np.log(np.where(again, failure, 0.5)))
    needed = np.where(again, runs * run.astype(float), 0.0).max()
    if needed > max_steps:
        raise ParameterError(too_few_steps(needed, max_steps, tail))
    return int(needed)


def too_few_steps(needed: float, max_steps: int, tail: float) -> str:
    """Return what to say where a series would be too long."""
    fewer = 1.25 * needed / max_steps
    coarse = f", and the chain `coarsened({math.ceil(fewer)})` has few enough" if fewer < _MOST_AT_ONCE else ""
    return (
        f"Parameter `max_steps` must be about {needed:.2g} for a tail of {tail:.3g} of this chain, but is {max_steps}; "
        f"`sample` needs no steps{coarse}."
    )
