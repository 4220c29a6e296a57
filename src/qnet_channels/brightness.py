"""How bright the nodes of a single-click link should be."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .heralding import arms
from .interference import lone_clicks, one_click, photons
from .parameters import choice

__all__ = ["OptimalBrightness", "balanced_bright_populations", "optimal_bright_population"]

Floats = checks.Floats
Flags = NDArray[np.bool_]
Objective = Literal["fidelity", "rate", "key"]
_DIMMEST, _BRIGHTEST = 1e-15, 0.5
_GRID = 61
_GOLDEN = (math.sqrt(5) - 1) / 2


def balanced_bright_populations(*, bright_population: ArrayLike, transmissivity: ArrayLike) -> tuple[Floats, Floats]:
    """Return the left node's bright population and that of the right one, so that ``α_L η_L = α_R η_R``.

    That is the best fidelity at a given rate where both are small. Both go into ``single_click_link`` as they are.

    >>> [side.item() for side in balanced_bright_populations(bright_population=0.2, transmissivity=(0.01, 0.04))]
    [0.2, 0.05]
    """
    left = checks.probability(bright_population, "bright_population")
    eta = arms(transmissivity, "transmissivity", _open_arm)
    checks.broadcast_parameters({"bright_population": left, **eta})
    ratio = np.divide(*eta.values())
    right = left * ratio
    if (right > 1).any():
        raise ParameterError(
            f"Parameter `bright_population` must be at most transmissivity[1]/transmissivity[0] = "
            f"{np.min(1 / ratio):.6g}, but is {left.max():.6g}: the right node can't be that bright."
        )
    left, right = (checks.plain(side) for side in np.broadcast_arrays(left, right))
    return left, right


def _open_arm(value: ArrayLike, name: str) -> Floats:
    return checks.real(value, name, low=0.0, high=1.0, open_low=True)


class OptimalBrightness(NamedTuple):
    """The best bright populations and the link that they make; NaN at points where none will do.

    Attributes
    ----------
    bright_population : (ndarray, ndarray)
        Left and right, to be given to ``single_click_link``.
    fidelity, probability : ndarray
        To the Bell state that is aimed at; per attempt.
    key_fraction : ndarray
        Secret bits per pair by BB84 in the limit of many pairs, ``1 - h(e_Z) - h(e_X)`` or 0.
    """

    bright_population: tuple[Floats, Floats]
    fidelity: Floats
    probability: Floats
    key_fraction: Floats


def optimal_bright_population(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    phase_std_rad: ArrayLike = 0.0, number_resolving: bool = False, double_excitation_probability: ArrayLike = 0.0,
    objective: Objective = "fidelity", min_fidelity: ArrayLike | None = None,
) -> OptimalBrightness:  # fmt: skip
    """Return the bright populations in (0, 1/2] that serve a single-click link best, at every point of a batch.

    Arms of unequal transmissivity are balanced, ``α_L η_L = α_R η_R``. All is done by the exact link: a
    coarse search over powers of ten and a golden-section search, for all points at once.

    Parameters
    ----------
    transmissivity, dark_count_probability, visibility, phase_std_rad, number_resolving, double_excitation_probability
        As for ``single_click_link``; no transmissivity may be 0.
    objective : str
        "fidelity": the most, which there is only with dark counts (``α ≈ √(p_d/η)``). "rate": the highest probability
        of a pair of at least ``min_fidelity``. "key": the most secret bits per attempt by BB84.
    min_fidelity : array_like
        In (1/2, 1], for "rate" and for nothing else.

    Returns
    -------
    OptimalBrightness
        NaN where no brightness reaches ``min_fidelity`` or gives a key.

    Examples
    --------
    >>> best = optimal_bright_population(transmissivity=1e-3, dark_count_probability=1e-6)
    >>> best.bright_population[0].round(5).item(), best.fidelity.round(6).item()
    (0.03065, 0.939676)
    """
    choice(objective, "objective", ("fidelity", "rate", "key"))
    light = photons(
        transmissivity, dark_count_probability, visibility, 0.0, phase_std_rad, double_excitation_probability
    )
    light |= arms(transmissivity, "transmissivity", _open_arm)
    if objective == "fidelity" and (light["dark_count_probability"] == 0).any():
        raise ParameterError(
            "Parameter `dark_count_probability` must be greater than 0 for the best fidelity, but is 0: without dark "
            "counts a dimmer link is always better."
        )
    least = _least_fidelity(min_fidelity, objective)
    shape = checks.broadcast_parameters(light | {"min_fidelity": least})
    nodes = _Nodes(light, checks.flag(number_resolving, "number_resolving"))
    best = _maximum(nodes.key_fraction if objective == "key" else nodes.fidelity, shape)
    good: Flags = np.isfinite(best)
    if objective == "rate":
        best, good = _brightest(lambda log: nodes.fidelity(log) >= least, best)
    elif objective == "key":  # more pairs are worth more errors: it is brighter than where the fraction is highest
        best = _golden_section(nodes.key_rate, best, np.full(shape, math.log(_BRIGHTEST)))
        good = nodes.key_rate(best) > 0
    return nodes.report(best, good)


def _least_fidelity(value: ArrayLike | None, objective: Objective) -> Floats:
    if (value is None) == (objective == "rate"):
        wanted = "a number" if objective == "rate" else "None"
        raise ParameterTypeError(
            f"Parameter `min_fidelity` must be {wanted} where `objective` is {objective!r}, but is {value!r:.80}."
        )
    return checks.real(1.0 if value is None else value, "min_fidelity", low=0.5, high=1.0, open_low=True)


class _Nodes:
    """Two balanced nodes, as functions of the logarithm of the brighter one's population."""

    def __init__(self, light: dict[str, Floats], number_resolving: bool) -> None:
        left, right = light["transmissivity[0]"], light["transmissivity[1]"]
        self.dimmer = (np.minimum(left, right) / left, np.minimum(left, right) / right)
        self.rail = lone_clicks(light, number_resolving)
        self.coherent = np.exp(-(light["phase_std_rad"] ** 2) / 2)

    def populations(self, log: Floats) -> tuple[Floats, Floats]:
        return np.exp(log) * self.dimmer[0], np.exp(log) * self.dimmer[1]

    def link(self, log: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the probability, and the rates of errors in Z and X of its pairs."""
        (p00, p01, p10, p11), size = one_click(*self.populations(log), self.rail)
        total = p00 + p01 + p10 + p11
        return total, (p00 + p11) / total, 0.5 - size * self.coherent / total

    def fidelity(self, log: Floats) -> Floats:
        _, bit, phase = self.link(log)
        return 1 - bit / 2 - phase

    def key_fraction(self, log: Floats) -> Floats:
        _, bit, phase = self.link(log)
        fraction = 1 - _binary_entropy(bit) - _binary_entropy(phase)
        return np.where(bit < 0.5, fraction, -1.0)  # beyond, both memories are mostly dark

    def key_rate(self, log: Floats) -> Floats:
        return self.link(log)[0] * self.key_fraction(log)

    def report(self, log: Floats, good: Flags) -> OptimalBrightness:
        values = (*self.populations(log), self.fidelity(log), self.link(log)[0], np.maximum(0, self.key_fraction(log)))
        known = (np.where(good, value, np.nan) for value in np.broadcast_arrays(*values))
        left, right, *rest = (checks.plain(value) for value in known)
        return OptimalBrightness((left, right), *rest)


def _binary_entropy(rate: Floats) -> Floats:
    both = np.stack([rate, 1 - rate])
    return np.asarray(-(both * np.log2(np.where(both > 0, both, 1))).sum(axis=0))


def _maximum(score: Callable[[Floats], Floats], shape: checks.Dims) -> Floats:
    """Return the logarithms of the brightness where the score is highest, shape (...)."""
    grid = np.linspace(math.log(_DIMMEST), math.log(_BRIGHTEST), _GRID)
    best, place = np.full(shape, -np.inf), np.zeros(shape, int)
    for k in range(_GRID):
        found = score(grid[k, ...])
        place = np.where(found > best, k, place)
        best = np.maximum(found, best)
    return _golden_section(score, grid[np.maximum(place - 1, 0)], grid[np.minimum(place + 1, _GRID - 1)])


def _golden_section(score: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where the score is highest between low and high; it must have one maximum there."""
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = score(a), score(b)
    for _ in range(48):
        left = at_a > at_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        at_new = score(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    middle = (low + high) / 2
    return np.where(score(high) > score(middle), high, middle)


def _brightest(allowed: Callable[[Floats], Flags], start: Floats) -> tuple[Floats, Flags]:
    """Return the brightest that is allowed from the start on, by bisection, and whether the start is."""
    low, high = start, np.full(start.shape, math.log(_BRIGHTEST))
    low = np.where(allowed(high), high, low)
    for _ in range(60):
        middle = (low + high) / 2
        good = allowed(middle)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return low, allowed(low)
