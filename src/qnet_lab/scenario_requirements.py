"""What hardware a chain of repeaters needs for a fidelity and a rate at a distance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .chain_points import require_chain, scenario_points
from .improvements import IMPROVEMENTS, MOST, NODES, common_limits, is_perfect, limits
from .kinds.chain import ChainScenario
from .point_values import Floats, all_numbers, checked_values
from .schema import Scenario, ScenarioError

__all__ = ["HardwareRequirements", "Need", "requirements"]

_GOALS = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
_TOGETHER = "all together"
_PLACES = 17  # on the way from the hardware as it is to the best or worst
_HALVINGS = 24  # of one of their distances, a factor of 3.7 at most: 1e-7 in the factor


class Need(NamedTuple):
    """What one number has to be for the goal, or all of them together.

    Attributes
    ----------
    factor : float
        How much better than it is; below 1 where it may be worse; inf where no factor is enough, 0 where any will do.
    values : dict
        The numbers at this factor, by key; empty where no factor is enough, or any will do.
    repeaters : int or None
        The number of repeaters with which the least is needed.
    """

    factor: float
    values: dict[str, float]
    repeaters: int | None


@dataclass(frozen=True, slots=True)
class HardwareRequirements:
    """What hardware a goal takes.

    Attributes
    ----------
    goal : dict
        The least results, by their names.
    distance_km : float
        Between the ends.
    numbers : dict
        The numbers that were varied, as they are.
    now : dict
        Results with the hardware as it is, with the number of repeaters that is best once all is better.
    reached : bool
        Whether the hardware as it is reaches the goal, with some number of repeaters.
    alone : dict
        What each number has to be if all others stay as they are.
    together : Need
        What all of them have to be, all better by the same factor.
    """

    goal: dict[str, float]
    distance_km: float
    numbers: dict[str, float]
    now: dict[str, float]
    reached: bool
    alone: dict[str, Need]
    together: Need


def requirements(
    scenario: Scenario, *, distance_km: float, fidelity: float | None = None, rate_hz: float | None = None,
    secret_key_rate_bit_per_s: float | None = None, vary: Sequence[str] | None = None,
    repeaters: Sequence[int] | None = None,
) -> HardwareRequirements:  # fmt: skip
    """Return what a chain's hardware must be to deliver pairs of a fidelity, at a rate, over a distance.

    Each number is made better by a factor k alone, while the others stay; then all of them by the same one. A factor
    divides losses in decibel and errors: a probability x that all goes well becomes ``x**(1/k)``, an error e becomes
    ``1 - (1 - e)**(1/k)``; lifetimes are multiplied by k, durations and attenuations divided, a standard deviation of
    phases is divided by ``sqrt(k)``. Where the hardware reaches the goal as it is, factors below 1 tell how much worse it may be.

    Parameters
    ----------
    scenario : Scenario
        A chain of repeaters.
    distance_km : float
        Between the ends.
    fidelity, rate_hz, secret_key_rate_bit_per_s : float, optional
        The least that is wanted of each; at least one.
    vary : sequence of str, optional
        Keys of the file such as "memory.t2_s". None: all that the nodes have and that are not perfect; fibre and modes
        only if they are named.
    repeaters : sequence of int, optional
        Numbers of repeaters among which the best one is taken. None: those of the scenario.

    Notes
    -----
    Where the goal is reached, lost and reached again, the change nearest to k = 1 is found, unless two are within a sixteenth
    of the way to k = 1e9 in the logarithm. The search asks only whether the goal is reached, not by how much: with the best
    cut-offs results jump, so that an interpolation (``qnet_protocols.required``) would refuse them.

    References
    ----------
    Ferreira da Silva et al., "Requirements for upgrading trusted nodes to a repeater chain over 900 km of optical fiber",
    arXiv:2303.03234, for the question.

    Examples
    --------
    >>> from qnet_lab import load_scenario
    >>> found = requirements(load_scenario("ion_sr88_ca43"), distance_km=50, fidelity=0.9, rate_hz=1.0)
    >>> round(found.together.factor, 2), found.together.repeaters
    (1.68, 1)
    """
    chain = require_chain(scenario)
    goal = _goal(fidelity, rate_hz, secret_key_rate_bit_per_s)
    place = checked_values(chain, {"distance_km": distance_km})
    own = chain.sweep.repeaters
    counts = np.unique(checked_values(chain, {"repeaters": own if repeaters is None else repeaters})["repeaters"])
    every = {key: float(number) for key, number in all_numbers(chain, place | {"repeaters": 0}).items()}
    numbers = _varied(chain, every, vary)
    names = [*numbers, _TOGETHER]
    search = _Search(
        chain, goal, float(distance_km), every, numbers, np.repeat(names, len(counts)), np.tile(counts, len(names))
    )
    alone = _needs(search)
    together = alone.pop(_TOGETHER)
    best = counts[0] if together.repeaters is None else together.repeaters
    now = scenario_points(chain, place | {"repeaters": best})
    return HardwareRequirements(
        goal, float(distance_km), numbers, {"repeaters": float(best), **{name: float(now[name]) for name in _GOALS}},
        bool(search.reached(np.ones(len(search.names))).any()), alone, together,
    )  # fmt: skip


def _goal(fidelity: float | None, rate_hz: float | None, secret_key_rate_bit_per_s: float | None) -> dict[str, float]:
    """Return the least results by name."""
    given = dict(zip(_GOALS, (fidelity, rate_hz, secret_key_rate_bit_per_s), strict=True))
    goal = {
        name: float(checks.real(value, name, low=0.0, high=1.0 if name == "fidelity" else np.inf, open_low=True))
        for name, value in given.items()
        if value is not None
    }
    if not goal:
        raise ParameterError(f"One of the parameters {', '.join(given)} must be given, but none is.")
    return goal


def _varied(chain: ChainScenario, every: Mapping[str, float], vary: Sequence[str] | None) -> dict[str, float]:
    """Return the numbers that are to be varied, as they are; those that are perfect only if they are asked for."""
    keys = vary if vary is not None else [key for key in NODES if key in every and not is_perfect(key, every[key])]
    if not len(keys):
        raise ScenarioError(
            f"Scenario `{chain.title}`: parameter `vary` must name a number: no number of its nodes can be better."
        )
    for key in keys:
        if key not in IMPROVEMENTS or key not in every:
            known = ", ".join(key for key in IMPROVEMENTS if key in every)
            raise ScenarioError(
                f"Scenario `{chain.title}`: key `{key}`: expected a number that can be better or worse, one of {known}."
            )
    return {key: every[key] for key in dict.fromkeys(keys)}


class _Search(NamedTuple):
    """What is tried: one number better by a factor, or all of them, with each number of repeaters."""

    chain: ChainScenario
    goal: Mapping[str, float]
    distance_km: float
    every: Mapping[str, float]  # numbers of the chain as they are
    numbers: Mapping[str, float]  # those that are varied
    names: Any  # of each candidate: the number, or all together
    repeaters: Floats  # of each candidate

    def value(self, key: str, factor: Floats) -> Floats:
        """Return a number that is better by a factor, as far as files may have it."""
        both = {"memory.t1_s", "memory.t2_s"} <= self.numbers.keys()
        ends = common_limits(key, self.every[key]) if both else limits(key, self.every)
        return IMPROVEMENTS[key](np.asarray(self.every[key]), np.clip(factor, *ends))

    def reached(self, factor: Floats) -> Any:
        """Return where the goal is reached, for a factor of each candidate on the last axis."""
        values: dict[str, ArrayLike] = {"distance_km": self.distance_km, "repeaters": self.repeaters}
        for key, number in self.numbers.items():
            own = (self.names == key) | (self.names == _TOGETHER)
            values[key] = np.where(own, self.value(key, np.where(own, factor, 1.0)), number)
        found = scenario_points(self.chain, values)
        return np.logical_and.reduce([found[name] >= least for name, least in self.goal.items()])

    def chosen(self, which: Any) -> "_Search":
        """Return some of them."""
        return self._replace(names=self.names[which], repeaters=self.repeaters[which])

    def ends(self, worse: Any) -> Floats:
        """Return the greatest factor of each, or the least where it may be worse."""
        alone = {key: limits(key, self.every) for key in self.numbers}
        pairs = [alone.get(str(name), (1 / MOST, MOST)) for name in self.names]
        low, high = np.array(pairs).T
        return np.asarray(np.where(worse, low, high))

    def need(self, name: str, factor: float, repeaters: int) -> Need:
        """Return what a factor comes to."""
        if not 0 < factor < np.inf:
            return Need(factor, {}, None if factor > 1 else repeaters)
        keys = self.numbers if name == _TOGETHER else [name]
        return Need(factor, {key: self.value(key, np.array(factor)).item() for key in keys}, repeaters)


def _needs(search: _Search) -> dict[str, Need]:
    """Return by name the factor nearest to the hardware as it is, with the best number of repeaters."""
    reached = search.reached(np.ones(len(search.names)))
    if reached.any():
        search, reached = search.chosen(reached), reached[reached]
    factors = _thresholds(search, reached)
    found = {}
    for name in dict.fromkeys(search.names.tolist()):
        (own,) = np.nonzero(search.names == name)
        best = own[factors[own].argmin()]
        found[name] = search.need(name, float(factors[best]), int(search.repeaters[best]))
    return found


def _thresholds(search: _Search, reached: Any) -> Floats:
    """Return the least factor of each candidate, on the side where the goal is reached; inf or 0 where it does not change."""
    ends = search.ends(reached)
    factors = np.where(reached, 0.0, np.inf)
    changes = np.flatnonzero(search.reached(ends) != reached)
    if not changes.size:
        return factors
    search, ends, before = search.chosen(changes), ends[changes], reached[changes]
    places = np.linspace(0, 1, _PLACES)[:, None]
    other = search.reached(ends**places) != before
    other[-1] = True
    first = other.argmax(axis=0)
    near, far = places[first - 1, 0], places[first, 0]
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        beyond = search.reached(ends**middle) != before
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    factors[changes] = ends ** np.where(before, near, far)
    return factors
