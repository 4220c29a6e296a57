"""One round of a schedule: how well and how fast it is done, what waits for it, and what it costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .bilateral import Gate, Terms, X, Z, coinciding, kept_pair_heralded, noise, terms
from .distillation import round_terms
from .heralding import corrected
from .memory import Memory
from .parameters import parameters

__all__ = ["ScheduleRun"]

Floats = checks.Floats
PARTS: Mapping[str, int] = {  # pairs that each round takes
    "bbpssw": 2, "dejmps": 2, "bbpssw[h]": 2, "epl": 2,
    "double_selection": 3, "double_selection[x90]": 3, "double_selection[h]": 3,
}  # fmt: skip
_SELECTION = (Gate("cx", (0, 1)), Gate("cx", (2, 1)))


class ScheduleRun(NamedTuple):
    """What a schedule delivers where failed rounds are repeated: the pair, and the mean cost of one.

    ``probability`` is that of no failure at all; ``raw_pairs`` and ``duration_s`` are means, infinite where nothing comes.
    """

    state: DensityMatrix
    probability: Floats
    raw_pairs: Floats
    duration_s: Floats


@dataclass(frozen=True, slots=True)
class Execution:
    """How well and how fast rounds are done, and what pairs lose while they wait."""

    gate_mixing: Floats
    readout_error: Floats
    memory: Memory | None
    round_s: Floats
    pair_s: Floats

    def waited(self, state: DensityMatrix, duration_s: Floats) -> DensityMatrix:
        """Return a pair after both of its qubits were stored for a while."""
        if self.memory is None or not np.any(duration_s):
            return state
        finite = np.where(np.isfinite(duration_s), duration_s, 0.0)  # what never comes leaves no state anyway
        decay = self.memory.decay(duration_s=finite)
        return state.apply(decay, 0).apply(decay, 1)

    def meet(self, name: str, states: Sequence[DensityMatrix]) -> Heralded:
        """Return the kept pair of a round, after the time that the round takes."""
        turned = name == "epl"  # which is for pairs near psi+
        before = [corrected(state, "phi+", "psi+") for state in states] if turned else states
        pairs = {f"pairs[{k}]": state for k, state in enumerate(before)}
        kept = kept_pair_heralded(
            _terms(name), pairs, gate_mixing=self.gate_mixing, readout_error=self.readout_error
        )  # fmt: skip
        state = corrected(kept.state, "psi+", "phi+") if turned else kept.state
        return Heralded(self.waited(state, self.round_s), kept.probability)


@cache
def _terms(name: str) -> Terms:
    """Return the products of correlators of a round; in brackets stands the turn of all pairs before it."""
    protocol, _, turn = name.rstrip("]").partition("[")
    if not turn:
        return round_terms(protocol)
    turns = [Gate(turn, (k,)) for k in range(PARTS[name])]
    if protocol == "bbpssw":
        return terms([*turns, Gate("cx", (0, 1))], coinciding({1: Z}, 2))
    return terms([*turns, *_SELECTION], coinciding({1: Z, 2: X}, 3))


def execution(
    batch: Mapping[str, checks.Dims], *, gate_mixing: ArrayLike, readout_error: ArrayLike, memory: Memory | None,
    round_s: ArrayLike, pair_s: ArrayLike = 0.0,
) -> Execution:  # fmt: skip
    """Check how rounds are done, and that all shapes broadcast with those of the pairs."""
    mixing, flip = noise(gate_mixing, readout_error)
    took, came = parameters(not_negative={"round_s": round_s, "pair_s": pair_s})
    shapes = {"gate_mixing": mixing.shape, "readout_error": flip.shape, "round_s": took.shape, "pair_s": came.shape}
    if memory is not None:
        shapes["memory"] = _exponential(memory).decay(duration_s=0.0).batch_shape
    checks.broadcast(**batch, **shapes)
    return Execution(mixing, flip, memory, took, came)


def _exponential(memory: Memory) -> Memory:
    if not isinstance(memory, Memory):
        raise ParameterTypeError(f"Parameter `memory` must be a Memory, but is {type(memory).__name__}.")
    if not memory.is_exponential:
        raise ParameterError(
            "Parameter `memory` must decay exponentially (the kept pair has no age of its own), but does not."
        )
    return memory


def all_of(chances: Sequence[Floats]) -> Floats:
    """Return a product in which a 0 outweighs the NaN of what follows a failure."""
    total = checks.plain(math.prod(chances))
    return checks.plain(np.where(sum(chance == 0 for chance in chances) > 0, 0.0, total))


def raw_run(pair: DensityMatrix, how: Execution) -> ScheduleRun:
    """Return what a link delivers without any round."""
    ones = np.ones(pair.batch_shape)
    return ScheduleRun(pair, checks.plain(ones), checks.plain(ones), checks.plain(ones * how.pair_s))


def next_round(name: str, parts: Sequence[ScheduleRun], how: Execution) -> ScheduleRun:
    """Return what a round delivers of parts that are made one after another, until it succeeds."""
    after: Floats = np.zeros(())
    states: list[DensityMatrix] = []
    for part in reversed(parts):
        states.insert(0, how.waited(part.state, after))
        after = after + part.duration_s
    kept = how.meet(name, states)
    pairs = sum((part.raw_pairs for part in parts), np.zeros(()))
    return ScheduleRun(
        kept.state, all_of([*(part.probability for part in parts), kept.probability]),
        _until_success(pairs, kept.probability), _until_success(after + how.round_s, kept.probability),
    )  # fmt: skip


def _until_success(cost: Floats, probability: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return checks.plain(np.where(probability > 0, cost / probability, np.inf))
