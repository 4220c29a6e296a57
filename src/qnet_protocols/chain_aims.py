"""What is asked of a chain: the most key, or the most pairs that are good enough."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import choice
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .chain_results import ChainResult

__all__: list[str] = []

Floats = checks.Floats
Objective = Literal["key-rate", "rate"]
_OBJECTIVES = ("key-rate", "rate")


@dataclass(frozen=True, slots=True)
class Aim:
    """What makes one chain better than another."""

    objective: str
    least: Floats

    def value(self, result: ChainResult) -> Floats:
        """Return what is asked for, NaN where the fidelity is too low."""
        value = result.rate_hz if self.objective == "rate" else result.secret_key_rate_bit_per_s
        return np.where(self.reached(result), value, np.nan)

    def reached(self, result: ChainResult) -> Any:
        return (result.rate_hz > 0) & (result.fidelity >= self.least)

    def score(self, result: ChainResult) -> Floats:
        """Return the value, and numbers below it that lead towards one: less where the fidelity is too low, -inf for nothing."""
        value, fidelity = self.value(result), result.fidelity
        other = np.where(self.reached(result), fidelity - 2, fidelity - 4)
        return np.where(value > 0, value, np.where(result.rate_hz > 0, other, -np.inf))


def aim_of(objective: Objective, min_fidelity: ArrayLike) -> Aim:
    """Return a checked aim."""
    choice(objective, "objective", _OBJECTIVES)
    return Aim(objective, checks.probability(min_fidelity, "min_fidelity"))


def require_result(result: ChainResult) -> ChainResult:
    """Refuse anything else."""
    if not isinstance(result, ChainResult):
        raise ParameterTypeError(
            f"Parameter `deliver` must return a ChainResult, but returned {type(result).__name__}; a RepeaterChain has `exact`."
        )
    return result
