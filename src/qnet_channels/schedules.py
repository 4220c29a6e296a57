"""Distillation schedules: which pairs meet in which rounds, what comes out, what it costs, and who waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError

from .joining import require_pair
from .memory import Memory
from .parameters import choice
from .schedule_rounds import PARTS, Execution, ScheduleRun, all_of, execution, next_round, raw_run

__all__ = ["Schedule"]


@dataclass(frozen=True, slots=True, repr=False)
class Schedule:
    """A tree of distillation rounds: a raw pair, or a round whose pairs come from schedules of their own.

    ``Schedule()`` is a raw pair. Rounds are "bbpssw", "dejmps", "epl" (2 pairs) and "double_selection" (3), between pairs near
    phi+ (for "epl" too, which is given an X on B before and after). "bbpssw[h]", "double_selection[h]" and
    "double_selection[x90]" turn all pairs before, by Hadamards or as ``dejmps`` does ("bbpssw[x90]" is that): they look
    for other errors. Printed, a schedule is what it was made of.

    Attributes
    ----------
    protocol : str
        The last round; "pair" if there is none.
    parts : tuple of Schedule
        Where its pairs come from; that of the first is kept.
    num_pairs, depth : int
        Raw pairs that it takes if no round fails; rounds one after another.

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> schedule = Schedule("dejmps", (Schedule.nested("dejmps", rounds=1), Schedule()))
    >>> print(schedule, schedule.num_pairs, schedule.depth)
    dejmps(dejmps(pair, pair), pair) 3 2
    >>> run = schedule.repeated(werner_state(fidelity=0.85))
    >>> run.raw_pairs.round(6).item(), bell_weights(run.state)[0].round(6).item()
    (4.234234, 0.925676)
    """

    protocol: str = "pair"
    parts: tuple["Schedule", ...] = ()
    num_pairs: int = field(init=False, compare=False)
    depth: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        choice(self.protocol, "protocol", ("pair", *PARTS))
        _require_schedules(self.parts)
        wanted = PARTS.get(self.protocol, 0)
        if len(self.parts) != wanted:
            raise DimensionError(
                f"Parameter `parts` must hold {wanted} schedules for {self.protocol}, but holds {len(self.parts)}."
            )
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "num_pairs", sum(part.num_pairs for part in self.parts) or 1)
        object.__setattr__(self, "depth", 1 + max((part.depth for part in self.parts), default=-1))

    @classmethod
    def nested(cls, protocol: str = "dejmps", *, rounds: int) -> "Schedule":
        """Return rounds between equal pairs, each of the round before: ``2**rounds`` raw pairs (3 for double selection)."""
        made = cls()
        for _ in range(checks.integer(rounds, "rounds", 0)):
            made = cls(protocol, (made,) * PARTS.get(protocol, 2))
        return made

    @classmethod
    def pumping(cls, protocol: str = "dejmps", *, rounds: int) -> "Schedule":
        """Return rounds that spend fresh raw pairs on the same pair."""
        made = cls()
        for _ in range(checks.integer(rounds, "rounds", 0)):
            made = cls(protocol, (made, *(cls(),) * (PARTS.get(protocol, 2) - 1)))
        return made

    def __str__(self) -> str:
        return f"{self.protocol}({', '.join(map(str, self.parts))})" if self.parts else self.protocol

    def __repr__(self) -> str:
        return f"<Schedule {self}>"

    def apply(
        self, pairs: DensityMatrix | Sequence[DensityMatrix], *, gate_mixing: ArrayLike = 0.0,
        readout_error: ArrayLike = 0.0, memory: Memory | None = None, round_s: ArrayLike = 0.0,
    ) -> Heralded:  # fmt: skip
        """Return what the schedule makes of pairs that are all there at the start, and the probability that no round fails.

        Nothing is repeated. Rounds that can be done at the same time are, each takes ``round_s``, and all pairs wait in
        memory from the start until they are measured or delivered: so each is stored for ``depth * round_s`` at most.

        Parameters
        ----------
        pairs : DensityMatrix or sequence of them
            One for all raw pairs, or one for each in the order in which the schedule is printed; batches broadcast.
        gate_mixing, readout_error : array_like
            As of ``bbpssw``.
        memory : Memory, optional
            Of all qubits, with exponential decay; perfect if not given.
        round_s : array_like
            Time that a round takes: gates, reading, and messages there and back.

        Returns
        -------
        Heralded
            The pair, and the probability that it is delivered; NaN where that is 0.
        """
        raw = _raw_pairs(pairs, self.num_pairs)
        shapes = {f"pairs[{k}]": state.batch_shape for k, state in enumerate(raw)}
        how = execution(
            shapes, gate_mixing=gate_mixing, readout_error=readout_error, memory=memory, round_s=round_s
        )  # fmt: skip
        return _at_once(self, raw, 0, how, {})

    def repeated(
        self, pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
        memory: Memory | None = None, round_s: ArrayLike = 0.0, pair_s: ArrayLike = 0.0,
    ) -> ScheduleRun:  # fmt: skip
        """Return what the schedule delivers over one link, where what a failed round lost is made again.

        ``raw_pairs = (sum over parts)/p`` and ``duration_s = (sum over parts + round_s)/p`` for each round, exact means where
        memories are perfect. Parts are made one after another, the first first, and each waits for the *mean* time that those
        after it take, repeats included. Waits that vary do less harm than their mean where decay is exponential, so that
        coherences come out low; to first order in time over lifetime nothing is missed.

        Parameters
        ----------
        pair : DensityMatrix
            All raw pairs, near phi+; batches broadcast with all parameters.
        gate_mixing, readout_error, memory, round_s
            As of ``apply``.
        pair_s : array_like
            Mean time in which the link makes one raw pair.

        References
        ----------
        Van Meter, Ladd, Munro and Nemoto, IEEE/ACM Trans. Netw. 17, 1002 (2009), for schedules and their costs.
        """
        state = require_pair(pair, "pair")
        how = execution(
            {"pair": state.batch_shape}, gate_mixing=gate_mixing, readout_error=readout_error, memory=memory,
            round_s=round_s, pair_s=pair_s,
        )  # fmt: skip
        return _repeated(self, raw_run(state, how), how, {})


def _require_schedules(parts: object) -> None:
    if not isinstance(parts, tuple | list) or not all(isinstance(part, Schedule) for part in parts):
        raise ParameterTypeError(f"Parameter `parts` must be a tuple of schedules, but is {parts!r}.")


def _raw_pairs(pairs: DensityMatrix | Sequence[DensityMatrix], wanted: int) -> list[DensityMatrix]:
    """Return one pair for all, or as many as the schedule takes."""
    if isinstance(pairs, DensityMatrix):
        return [require_pair(pairs, "pairs")]
    if not isinstance(pairs, Sequence):
        raise ParameterTypeError(
            f"Parameter `pairs` must be a DensityMatrix or a sequence of them, but is {type(pairs).__name__}."
        )
    if len(pairs) != wanted:
        raise DimensionError(
            f"Parameter `pairs` must hold the {wanted} pairs that the schedule takes, but holds {len(pairs)}."
        )
    return [require_pair(pair, f"pairs[{k}]") for k, pair in enumerate(pairs)]


def _at_once(
    schedule: Schedule, raw: Sequence[DensityMatrix], start: int, how: Execution, known: dict[tuple[int, int], Heralded]
) -> Heralded:
    """Return a part of a schedule, each once: a nested one has few parts, many times over."""
    key = id(schedule), start if len(raw) > 1 else 0
    if key not in known:
        known[key] = _parts_at_once(schedule, raw, key[1], how, known)
    return known[key]


def _parts_at_once(
    schedule: Schedule, raw: Sequence[DensityMatrix], start: int, how: Execution, known: dict[tuple[int, int], Heralded]
) -> Heralded:
    if not schedule.parts:
        state = raw[start]
        return Heralded(state, np.ones(state.batch_shape))
    states, chances = [], []
    for part in schedule.parts:
        made = _at_once(part, raw, start, how, known)
        states.append(how.waited(made.state, (schedule.depth - 1 - part.depth) * how.round_s))
        chances.append(made.probability)
        start += part.num_pairs
    kept = how.meet(schedule.protocol, states)
    return Heralded(kept.state, all_of([*chances, kept.probability]))


def _repeated(schedule: Schedule, raw: ScheduleRun, how: Execution, known: dict[int, ScheduleRun]) -> ScheduleRun:
    """Return a schedule's run, that of each part once."""
    if not schedule.parts:
        return raw
    if id(schedule) not in known:
        parts = [_repeated(part, raw, how, known) for part in schedule.parts]
        known[id(schedule)] = next_round(schedule.protocol, parts, how)
    return known[id(schedule)]
