"""Which chains have exact sums, and roughly how long these are."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .chain_parts import parts
from .hardware import Hardware, clock_of, hardware

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__: list[str] = []

_KEPT = 0.6  # rough share of rounds of distillation that succeed


def require_exact(chain: "RepeaterChain") -> None:
    """Refuse what only sampling can do, and say so."""
    if chain.policy == "swap-asap":
        _require_sure_stations(chain)
        _require_harmless_cutoff(chain)
    known = parts(chain)
    if not all(memory.is_exponential for memory in known.memories):
        _require_one_wait(chain, "Memories with another decay than the exponential one")
        if any(np.any(way) for way in known.messages):
            _refuse("Messages that are waited for in memories with another decay than the exponential one")
    if np.any(chain.min_fidelity):
        _require_one_wait(chain, "A limit on the fidelity")


def _refuse(what: str, but: str = "") -> None:
    raise ParameterError(f"{what} can't be summed exactly{but}; use `sample`.")


def _require_sure_stations(chain: "RepeaterChain") -> None:
    sure = all(np.all(station.success_probability == 1) for station in parts(chain).stations)
    if len(chain.links) > 2 and not sure:
        _refuse('Stations that fail under the policy "swap-asap"', " with more than 2 links")


def _require_harmless_cutoff(chain: "RepeaterChain") -> None:
    """Only the elder of two links begins anew, which is as good as both if attempts keep step."""
    known = parts(chain)
    cutoff = known.cutoffs[0]
    if len(known.links) == 1 or np.isinf(cutoff).all():
        return
    clock = clock_of(chain)
    first, second = clock.cycles[0], clock.cycles[-1]
    steady = np.all((first == second) & (np.isinf(cutoff) | (clock.whole_steps(cutoff) % first == 0)))
    if len(known.links) > 2 or known.rounds[0] or not steady:
        _refuse('Cut-offs under the policy "swap-asap"', " but for 2 plain links of equal cycles, and whole cycles")


def _require_one_wait(chain: "RepeaterChain", what: str) -> None:
    """Only links that wait once have a state that is known from their age."""
    at_once = chain.policy == "swap-at-end" or len(chain.links) <= 2
    if any(parts(chain).rounds) or not at_once:
        _refuse(what, " where pairs wait more than once")


def expected_steps(chain: "RepeaterChain", tail: float, points: NDArray[np.int64]) -> checks.Floats:
    """Return about how many steps it takes to leave this tail, without cut-offs; 1 where nothing is delivered."""
    parts = hardware(chain, points)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = _expected(chain, parts).quantile(tail)
    return np.where(np.isfinite(steps), steps, 1.0)


class Spent(NamedTuple):
    """Mean and standard deviation of a time, roughly."""

    mean: checks.Floats
    std: checks.Floats

    def of_two(self) -> "Spent":
        """Return the later of two such times, as if they were exponential."""
        return Spent(self.mean + self.std / 2, self.std * np.sqrt(1.25))

    def anew(self, success: checks.Floats, message: checks.Floats | float) -> "Spent":
        """Return the time until an attempt succeeds."""
        length = self.mean + message
        return Spent(length / success, np.sqrt(self.std**2 / success + length**2 * (1 - success) / success**2))

    def quantile(self, tail: float) -> checks.Floats:
        """Return the time beyond which the tail lies, as if it fell exponentially."""
        return np.asarray(self.mean + self.std * (0.3 - math.log(tail)))


def _expected(chain: "RepeaterChain", parts: Hardware) -> Spent:
    mean = np.max([link.cycle / link.success for link in parts.links], axis=0)
    time = _distilled(chain, 0, Spent(mean, mean))
    success = np.array([station.success for station in parts.stations])
    way = np.add.reduce([link.message for link in parts.links])
    if chain.policy == "nested":
        for level in range(1, chain.num_levels):
            part = 0.5 ** (chain.num_levels - level)
            least = success[2 ** (level - 1) - 1 :: 2**level].min(axis=0)  # of this level's stations
            time = _distilled(chain, level, time.of_two().anew(least, way * part))
    elif len(success):
        harmonic = np.sum(1 / np.arange(2, len(parts.links) + 1))
        last = Spent(time.mean + harmonic * time.std, 1.25 * time.std)
        time = _distilled(chain, 1, last.anew(success.prod(axis=0), way))
    return time


def _distilled(chain: "RepeaterChain", level: int, time: Spent) -> Spent:
    for _ in range(parts(chain).rounds[level]):
        time = time.of_two().anew(np.full_like(time.mean, _KEPT), 0.0)
    return time
