"""How bright a source of polarization pairs should be."""

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .heralding import arms
from .objectives import Objective, bb84_fraction, least_fidelity, open_arm, require_dark_counts
from .parameters import choice
from .search import Flags, Floats, best_of_grid, furthest, golden_section, maximum
from .spdc import polarization_clicks

__all__ = ["OptimalSource", "optimal_spdc_brightness"]

BRIGHTEST = 1.0
_DIMMEST = 1e-15


class OptimalSource(NamedTuple):
    """The best brightness of a pair source and the link that it makes; NaN at points where none will do.

    Attributes
    ----------
    mean_photons : ndarray
        μ of each mode, to be given to ``spdc_link``.
    fidelity, probability : ndarray
        To the Bell state that is aimed at; per pulse.
    key_fraction : ndarray
        Secret bits per pair by BB84 in the limit of many pairs, ``1 - 2 h(e)`` or 0.
    """

    mean_photons: Floats
    fidelity: Floats
    probability: Floats
    key_fraction: Floats


def optimal_spdc_brightness(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, number_resolving: bool = False,
    objective: Objective = "fidelity", min_fidelity: ArrayLike | None = None,
) -> OptimalSource:  # fmt: skip
    """Return the mean photon number in (0, 1] that serves ``spdc_link`` best, at every point of a batch.

    A brighter source has more pairs and worse ones: ``F ≈ (1 + 3 (1 + μ)/(1 + 3μ))/4``. All numbers of pairs count; the
    search is golden section on the logarithm of μ, for all points at once. Threshold detectors close to a source that is
    brighter still seem to see better pairs, since a lone click then tells that the other polarization was dark.

    Parameters
    ----------
    transmissivity, dark_count_probability, number_resolving
        As for ``spdc_link``; no transmissivity may be 0.
    objective : str
        "fidelity": the most, which there is only with dark counts. "rate": the highest probability of a pair of at
        least ``min_fidelity``. "key": the most secret bits per pulse by BB84, before sifting.
    min_fidelity : array_like
        In (1/2, 1], for "rate" and for nothing else.

    Returns
    -------
    OptimalSource
        NaN where no brightness reaches ``min_fidelity`` or gives a key.

    References
    ----------
    Ma, Fung and Lo, PRA 76, 012307 (2007).

    Examples
    --------
    >>> best = optimal_spdc_brightness(transmissivity=0.1, dark_count_probability=1e-6, objective="key")
    >>> best.mean_photons.round(4).item(), best.fidelity.round(4).item()
    (0.0982, 0.9066)
    """
    choice(objective, "objective", ("fidelity", "rate", "key"))
    light = {
        **arms(transmissivity, "transmissivity", open_arm),
        "dark_count_probability": checks.probability(dark_count_probability, "dark_count_probability"),
    }
    least, shape = aim(light, objective, min_fidelity)
    left, right, dark = (np.broadcast_to(value, shape) for value in light.values())
    source = _Source((left, right), dark, checks.flag(number_resolving, "number_resolving"))
    with np.errstate(divide="ignore", invalid="ignore"):
        best, good = best_brightness(source, objective, least, shape)
        values = (
            np.exp(best),
            source.fidelity(best),
            source.probability(best),
            np.maximum(0, source.key_balance(best)),
        )
    return OptimalSource(*known(values, good))


class _Source:
    """One source of polarization pairs half-way."""

    def __init__(self, eta: tuple[Floats, Floats], dark: Floats, counting: bool) -> None:
        self.eta, self.dark, self.counting = eta, dark, counting

    def same_and_different(self, log: Floats) -> tuple[Floats, Floats]:
        return polarization_clicks(np.exp(log), self.eta, self.dark, self.counting)

    def fidelity(self, log: Floats) -> Floats:
        same, different = self.same_and_different(log)
        return np.asarray((1 + 3 * (same - different) / (same + different)) / 4)

    def probability(self, log: Floats) -> Floats:
        return np.asarray(sum(self.same_and_different(log)))

    def key_balance(self, log: Floats) -> Floats:
        same, different = self.same_and_different(log)
        error = different / (same + different)
        return bb84_fraction(error, error)


def aim(light: dict[str, Floats], objective: Objective, least: ArrayLike | None) -> tuple[Floats, checks.Dims]:
    """Return the checked least fidelity, and the shape of the batch."""
    if objective == "fidelity":
        require_dark_counts(light["dark_count_probability"])
    checked = least_fidelity(least, objective)
    return checked, checks.broadcast_parameters(light | {"min_fidelity": checked})


def known(values: tuple[Floats, ...], good: Flags) -> list[Floats]:
    """Return the values where the brightness will do."""
    return [checks.plain(np.where(good, value, np.nan)) for value in values]


class Light(Protocol):
    """Pair sources whose brightness is told by one logarithm."""

    def fidelity(self, log: Floats) -> Floats:
        """Return the fidelity of the link."""
        ...

    def probability(self, log: Floats) -> Floats:
        """Return its probability, which rises and falls again."""
        ...

    def key_balance(self, log: Floats) -> Floats:
        """Return the secret bits per pair, less than 0 where there is no key."""
        ...


def best_brightness(
    light: Light, objective: Objective, least: Floats, shape: checks.Dims, *, grid: int = 61, steps: int = 48
) -> tuple[Floats, Flags]:
    """Return the logarithm of the best brightness, and whether it will do."""
    low, high = np.full(shape, math.log(_DIMMEST)), np.full(shape, math.log(BRIGHTEST))

    def truest() -> Floats:
        return maximum(light.key_balance if objective == "key" else light.fidelity, low, high, grid=grid, steps=steps)

    def allowed(log: Floats) -> Any:
        return light.fidelity(log) >= least if objective == "rate" else light.key_balance(log) > 0

    def score(log: Floats) -> Floats:
        value = light.probability(log) * (light.key_balance(log) if objective == "key" else 1.0)
        return np.where(allowed(log), value, -np.inf)

    if objective == "fidelity":
        best = truest()
        return best, np.isfinite(light.fidelity(best))
    start = best_of_grid(score, low, high, grid=grid)
    if not (found := allowed(start)).all():  # what is allowed may lie between two places of the grid
        start = np.where(found, start, truest())
    step = (high - low) / (grid - 1)
    sides = np.maximum(start - step, low), np.minimum(start + step, high)
    ends = (furthest(allowed, start, side, steps=steps) for side in sides)
    return golden_section(score, *ends, steps=steps), allowed(start)
