"""The common clock of a chain: cycles, messages and cut-offs as whole numbers of steps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__: list[str] = []

_MOST_PARTS = 1000  # of the shortest duration that one step may be
_TOLERANCE = 1e-9  # how far, in steps, a duration may be from a whole number of them per step it has
FOREVER = 2**62  # steps of what never ends

Steps = NDArray[np.int64]


class Clock(NamedTuple):
    """Seconds of a step, shape (...), and the steps of each link's attempt and message, shape (N, ...)."""

    step_s: checks.Floats
    cycles: Steps
    messages: Steps

    def whole_steps(self, duration_s: checks.Floats) -> Steps:
        """Return how many whole steps fit into a duration: cut-offs act at the end of a step."""
        ratio = np.asarray(duration_s / self.step_s)
        endless = ~(ratio < FOREVER)
        down = np.floor(np.where(endless, 0.0, ratio) * (1 + _TOLERANCE) + _TOLERANCE)
        return np.where(endless, FOREVER, down.astype(np.int64))


def common_clock(cycle_s: checks.Floats, communication_s: checks.Floats) -> Clock:
    """Return the longest step of which all durations, shape (N, ...), are whole numbers.

    A step is the shortest duration that is not 0, or up to a thousandth of it.
    """
    durations = np.concatenate(np.broadcast_arrays(cycle_s, communication_s))
    shortest = np.where(durations > 0, durations, np.inf).min(axis=0)
    ratios = durations / shortest
    parts = np.zeros(shortest.shape, np.int64)
    for count in range(1, _MOST_PARTS + 1):
        apart = np.abs(ratios * count - np.round(ratios * count))
        fits = (apart <= _TOLERANCE * np.maximum(1, ratios * count)).all(axis=0)
        parts = np.where((parts == 0) & fits, count, parts)
        if parts.all():
            break
    if not parts.all():
        raise ParameterError(
            "Parameters `cycle_s` and `communication_s` must be whole numbers of a common step of time for the exact "
            "engine, but have none; `sample` takes any times."
        )
    whole = np.round(ratios * parts).astype(np.int64)
    return Clock(shortest / parts, whole[: len(cycle_s)], whole[len(cycle_s) :])
