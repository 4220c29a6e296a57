"""The best distillation schedule under a budget of pairs, and all that are not beaten in both fidelity and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory, hashing_yield
from qnet_channels.joining import require_pair
from qnet_channels.parameters import choice
from qnet_channels.schedule_rounds import PARTS, ScheduleRun, execution
from qnet_channels.schedules import Schedule
from qnet_core import DensityMatrix, bell_weights, log_negativity
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .keys import secret_key_fraction
from .schedule_candidates import ROUND_OFF, Level, Rules, candidates, cost_of, front, schedule_of

__all__ = ["ScheduleSearch", "best_schedule"]

Floats = checks.Floats
Objective = Literal["fidelity", "key", "yield"]


@dataclass(frozen=True, slots=True, eq=False)
class ScheduleSearch:
    """The best schedule for a pair, and the frontier: schedules of which none is both better and cheaper.

    Attributes
    ----------
    schedule : Schedule
        The best.
    run : ScheduleRun
        What it delivers: ``schedule.repeated(pair, ...)``.
    frontier : tuple of Schedule
        By rising cost.
    fidelities, costs : array
        Of the frontier.
    cost : "pairs" or "time"
        What the costs are: mean raw pairs, or mean seconds.
    exhaustive : bool
        Whether all schedules were compared, so that nothing better exists within the rounds and the budget.
    pair : DensityMatrix
        The raw pair.
    """

    schedule: Schedule
    run: ScheduleRun
    frontier: tuple[Schedule, ...]
    fidelities: Floats
    costs: Floats
    cost: str
    exhaustive: bool
    pair: DensityMatrix

    @property
    def fidelity(self) -> float:
        """Fidelity with phi+ that the best schedule delivers."""
        return float(bell_weights(self.run.state)[0])

    @property
    def secret_bits_per_pair(self) -> float:
        """Secret bits (BB84) per raw pair of the best schedule."""
        return float(secret_key_fraction(self.run.state) / self.run.raw_pairs)

    @property
    def hashing_yield(self) -> float:
        """Perfect pairs per raw pair where what the best schedule delivers is hashed then."""
        return float(hashing_yield(self.run.state) / self.run.raw_pairs)

    @property
    def raw_hashing_yield(self) -> float:
        """Perfect pairs per raw pair by hashing alone."""
        return float(hashing_yield(self.pair))

    def least_raw_pairs(self, fidelity: ArrayLike) -> Floats:
        """Return how many raw pairs any protocol whatever takes on average for a pair of such a fidelity, shape (...).

        ``log2(2 F)/E_N(pair)``: the logarithmic negativity does not rise on average, and is at least ``log2(2 F)``.
        Infinite where the raw pair has none. Plenio, PRL 95, 090503 (2005).
        """
        wanted = np.log2(np.maximum(2 * checks.probability(fidelity, "fidelity"), 1))
        own = log_negativity(self.pair)
        with np.errstate(divide="ignore", invalid="ignore"):
            return checks.plain(np.where(wanted > 0, wanted / np.where(own > ROUND_OFF, own, 0), 0.0))

    def __str__(self) -> str:
        unit = "raw pairs" if self.cost == "pairs" else "s"
        lines = [
            f"{f:.6f} {c:10.4g} {unit}  {s}" for f, c, s in zip(self.fidelities, self.costs, self.frontier, strict=True)
        ]
        chosen = f"{self.schedule}: fidelity {self.fidelity:.6f}, {self.run.raw_pairs:.4g} raw pairs on average"
        return "\n".join(
            [f"best {chosen}", f"frontier ({'exhaustive' if self.exhaustive else 'of the most promising'}):", *lines]
        )


def best_schedule(
    pair: DensityMatrix, *, max_pairs: int, objective: Objective | None = None, target_fidelity: float | None = None,
    cost: Literal["pairs", "time"] = "pairs", rounds: Sequence[str] = ("dejmps", "bbpssw", "bbpssw[h]"),
    gate_mixing: float = 0.0, readout_error: float = 0.0, memory: Memory | None = None, round_s: float = 0.0,
    pair_s: float = 0.0, width: int = 200,
) -> ScheduleSearch:  # fmt: skip
    """Return the best schedule that takes at most ``max_pairs`` raw pairs if nothing fails.

    Candidates of n raw pairs are all rounds of candidates of fewer. To build on, up to ``width`` different ones are kept for
    each n (no two deliver the same at the same cost); of more, the fronts of fidelity, purity and key against cost.
    Where none had to go the result is ``exhaustive``. Fidelity alone would not do to choose by: a poorer pair
    whose errors are all of one kind may be the better start.

    Parameters
    ----------
    pair : DensityMatrix
        One raw pair, near phi+.
    max_pairs : int
        Budget, 1 or more.
    objective : str
        "fidelity" (at equal fidelities the cheapest), "key": BB84 secret bits per cost, or "yield": perfect
        pairs per cost if what is delivered is hashed. This or ``target_fidelity`` must be given.
    target_fidelity : float
        The cheapest schedule is wanted that reaches it.
    cost : str
        "pairs": mean raw pairs, or "time": mean seconds, for which ``pair_s`` or ``round_s`` must be above 0.
    rounds : sequence of str
        Those that may be used, as of ``Schedule``.
    gate_mixing, readout_error, memory, round_s, pair_s
        As of ``Schedule.repeated``, each one number.
    width : int
        Candidates kept for each number of pairs: time and memory go with its square.

    Returns
    -------
    ScheduleSearch
        The best schedule, what it delivers, the frontier, and bounds to compare with.

    References
    ----------
    Jansen et al., Quantum 6, 715 (2022), on best rounds for Bell-diagonal pairs, for the question.

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> search = best_schedule(werner_state(fidelity=0.9), max_pairs=4, target_fidelity=0.95)
    >>> print(search.schedule, search.exhaustive)
    dejmps(dejmps(pair, pair), pair) True
    """
    require_pair(pair, "pair")
    how = execution(
        {"pair": pair.batch_shape}, gate_mixing=gate_mixing, readout_error=readout_error, memory=memory,
        round_s=round_s, pair_s=pair_s,
    )  # fmt: skip
    _require_one_point(
        pair,
        memory,
        gate_mixing=how.gate_mixing,
        readout_error=how.readout_error,
        round_s=how.round_s,
        pair_s=how.pair_s,
    )
    _require_goal(objective, target_fidelity)
    _require_cost(cost, how.round_s + how.pair_s)
    rules = Rules(_known(rounds), how, cost, checks.integer(width, "width", 1))
    levels = candidates(pair, checks.integer(max_pairs, "max_pairs", 1), rules)
    return _chosen(pair, levels, rules, objective, target_fidelity)


def _require_one_point(pair: DensityMatrix, memory: Memory | None, **numbers: Floats) -> None:
    """Refuse batches: which schedule is best is another question at each point."""
    shapes = {"pair": pair.batch_shape} | {name: value.shape for name, value in numbers.items()}
    if memory is not None:
        shapes["memory"] = memory.decay(duration_s=0.0).batch_shape
    for name, shape in shapes.items():
        if shape:
            raise DimensionError(
                f"Parameter `{name}` must be one point, as a search is for one, but has shape {shape}."
            )


def _require_goal(objective: object, target_fidelity: object) -> None:
    if (objective is None) == (target_fidelity is None):
        raise ParameterError("Either `objective` or `target_fidelity` must be given, and not both.")
    if objective is not None:
        choice(objective, "objective", ("fidelity", "key", "yield"))


def _require_cost(cost: object, takes_s: Floats) -> None:
    choice(cost, "cost", ("pairs", "time"))
    if cost == "time" and takes_s == 0:
        raise ParameterError("Parameter `cost` must be \"pairs\" where `pair_s` and `round_s` are 0, but is 'time'.")


def _known(rounds: Sequence[str]) -> tuple[str, ...]:
    if isinstance(rounds, str) or not isinstance(rounds, Sequence) or not rounds:
        raise ParameterTypeError(f"Parameter `rounds` must be a sequence of names of rounds, but is {rounds!r}.")
    for k, name in enumerate(rounds):
        choice(name, f"rounds[{k}]", tuple(PARTS))
    return tuple(dict.fromkeys(rounds))


def _quality(state: DensityMatrix, objective: Objective) -> Floats:
    return checks.plain(hashing_yield(state) if objective == "yield" else secret_key_fraction(state))


def _best_place(state: DensityMatrix, cost: Floats, objective: Objective | None, target_fidelity: float | None) -> int:
    """Return the place of the best candidate."""
    fidelity = bell_weights(state)[:, 0]
    if objective in ("key", "yield"):
        return int(np.argmax(_quality(state, objective) / cost))
    wanted = (
        fidelity.max() - ROUND_OFF if target_fidelity is None else _reachable(target_fidelity, float(fidelity.max()))
    )
    return int(np.argmin(np.where(fidelity >= wanted, cost, np.inf)))


def _reachable(target_fidelity: float, best: float) -> float:
    target = checks.probability(target_fidelity, "target_fidelity")
    if target.ndim:
        raise DimensionError(f"Parameter `target_fidelity` must be one number, but has shape {target.shape}.")
    if target > best + ROUND_OFF:
        raise ParameterError(
            f"Parameter `target_fidelity` must be at most {best:.6f}, which the best schedule found in the budget reaches, "
            f"but is {target:.12g}."
        )
    return float(target) - ROUND_OFF


def _chosen(
    pair: DensityMatrix, levels: Mapping[int, Level], rules: Rules, objective: Objective | None,
    target_fidelity: float | None,
) -> ScheduleSearch:  # fmt: skip
    """Return the best of all candidates, and the frontier."""
    runs = [level.run for level in levels.values()]
    state = DensityMatrix.from_bloch(np.concatenate([run.state.bloch for run in runs]), (2, 2))
    cost = np.concatenate([cost_of(run, rules.cost) for run in runs])
    names = [(size, place) for size, level in levels.items() for place in range(len(level.last))]
    fidelity = bell_weights(state)[:, 0]
    shown, (size, place) = front(fidelity, cost), names[_best_place(state, cost, objective, target_fidelity)]
    return ScheduleSearch(
        schedule_of(levels, size, place, rules.rounds), _one(levels[size].run, place),
        tuple(schedule_of(levels, names[k][0], names[k][1], rules.rounds) for k in shown), checks.frozen(fidelity[shown]),
        checks.frozen(cost[shown]), rules.cost, all(level.complete for level in levels.values()), pair,
    )  # fmt: skip


def _one(run: ScheduleRun, place: int) -> ScheduleRun:
    return ScheduleRun(run.state[place], *(checks.plain(values[place]) for values in run[1:]))
