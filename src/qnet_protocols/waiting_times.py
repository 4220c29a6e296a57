"""How a waiting time is distributed, and what is delivered at each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__ = ["WaitingTimes"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WaitingTimes:
    """The distribution of the time until a pair is delivered, in steps of a clock, and the pair at each time.

    Attributes
    ----------
    step_s : array, shape (...)
        Duration of a step: the common divisor of the chain's cycles and messages.
    weighted_bloch : array, shape (16, ..., T)
        Correlators of the pair that is delivered after 1, ..., T steps, averaged over histories, times the probability of
        that.
    """

    step_s: checks.Floats
    weighted_bloch: checks.Floats

    def __repr__(self) -> str:
        return f"WaitingTimes(num_steps={self.num_steps}, batch_shape={self.weighted_bloch.shape[1:-1]})"

    @property
    def num_steps(self) -> int:
        """Number T of steps that the distribution reaches."""
        return int(self.weighted_bloch.shape[-1])

    @property
    def probabilities(self) -> checks.Floats:
        """Probability of delivery after exactly 1, ..., T steps, shape (..., T), read-only."""
        view: checks.Floats = self.weighted_bloch[0].view()
        view.flags.writeable = False
        return view

    @property
    def times_s(self) -> checks.Floats:
        """Times of delivery, shape (..., T)."""
        return np.asarray(self.step_s)[..., None] * np.arange(1, self.num_steps + 1)

    @property
    def states(self) -> DensityMatrix:
        """Mean state of the pairs that are delivered at each time, a batch of shape (..., T); NaN where none is."""
        return self._states(self.weighted_bloch)

    def state_at(self, step: int) -> DensityMatrix:
        """Return the mean state of the pairs that are delivered after so many steps, a batch of shape (...)."""
        at = checks.integer(step, "step", 1, self.num_steps)
        return self._states(self.weighted_bloch[..., at - 1])

    def _states(self, weighted: checks.Floats) -> DensityMatrix:
        possible = weighted[0] > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            bloch = np.where(possible, weighted / weighted[0], np.nan)
        return DensityMatrix._wrap(np.ascontiguousarray(bloch).reshape(-1), (2, 2), weighted.shape[1:])

    def quantile_s(self, probability: ArrayLike) -> checks.Floats:
        """Return the time by which a pair is there with this probability, shape of both batches broadcast.

        Raises
        ------
        ParameterError
            Where the distribution does not reach so far.
        """
        wanted = checks.probability(probability, "probability")
        reached = np.cumsum(self.probabilities, axis=-1)
        steps = 1 + (reached < wanted[..., None]).sum(axis=-1)
        if (steps > self.num_steps).any():
            raise ParameterError(
                f"Parameter `probability` must be at most {reached[..., -1].min():.12g}, which the distribution reaches, "
                f"but is {wanted.max():.12g}."
            )
        return checks.plain(steps * self.step_s)
