"""How bright the two sources of a DLCZ link should be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .dlcz import lone_click_probability
from .heralding import arms
from .interference import LoneClicks, lone_clicks, photons
from .objectives import Objective, bb84_fraction, open_arm
from .parameters import choice
from .search import Flags, Floats, maximum
from .source_brightness import BRIGHTEST, aim, best_brightness, known

__all__ = ["OptimalSources", "optimal_dlcz_brightness"]

_MOST = BRIGHTEST / (1 + BRIGHTEST)


class OptimalSources(NamedTuple):
    """The best brightness of two pair sources and the link that they make; NaN at points where none will do.

    Attributes
    ----------
    mean_photons : (ndarray, ndarray)
        μ of the left and the right source, to be given to ``dlcz_link``.
    fidelity, probability : ndarray
        To ``(|01> + |10>)/√2``, with the vacuum and higher numbers as errors; per attempt.
    key_fraction : ndarray
        Secret bits per heralded link, two of which make one pair of qubits.
    """

    mean_photons: tuple[Floats, Floats]
    fidelity: Floats
    probability: Floats
    key_fraction: Floats


def optimal_dlcz_brightness(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    phase_std_rad: ArrayLike = 0.0, number_resolving: bool = False, objective: Objective = "fidelity",
    min_fidelity: ArrayLike | None = None,
) -> OptimalSources:  # fmt: skip
    """Return the mean photon numbers of both sources, in (0, 1], that serve ``dlcz_link`` best, over a batch.

    Both are free, which arms of unequal transmissivity need: ``μ_L η_L = μ_R η_R`` is best for dim sources only. All
    numbers of pairs count. The search is golden section on logarithms, for all points at once.

    Parameters
    ----------
    transmissivity, dark_count_probability, visibility, phase_std_rad, number_resolving
        As for ``dlcz_link``; no transmissivity may be 0.
    objective : str
        "fidelity" and "rate" as for ``optimal_spdc_brightness``, to ``(|01> + |10>)/√2``. "key": the most secret bits
        per attempt, where two such links make a pair of qubits if each node finds one excitation in its two memories.
    min_fidelity : array_like
        In (1/2, 1], for "rate" and for nothing else.

    Returns
    -------
    OptimalSources
        NaN where no brightness reaches ``min_fidelity`` or gives a key. Memories are read without loss, and by
        detectors that tell one excitation from two.

    References
    ----------
    Duan, Lukin, Cirac and Zoller, Nature 414, 413 (2001); Sangouard et al., Rev. Mod. Phys. 83, 33 (2011).

    Examples
    --------
    >>> best = optimal_dlcz_brightness(transmissivity=0.1, objective="rate", min_fidelity=0.9)
    >>> best.mean_photons[0].round(5).item(), best.probability.round(5).item()
    (0.03839, 0.00762)
    """
    choice(objective, "objective", ("fidelity", "rate", "key"))
    light = photons(transmissivity, dark_count_probability, visibility, 0.0, phase_std_rad, 0.0)
    light |= arms(transmissivity, "transmissivity", open_arm)
    least, shape = aim(light, objective, min_fidelity)
    full = {name: np.broadcast_to(value, shape) for name, value in light.items()}
    pair = _Pair(full, checks.flag(number_resolving, "number_resolving"))
    with np.errstate(divide="ignore", invalid="ignore"):
        pair = pair.tilted(_best_distance(pair, objective, least, shape))
        best, good = best_brightness(pair, objective, least, shape)
        values = (*pair.means(best), pair.fidelity(best), pair.probability(best), np.maximum(0, pair.key_balance(best)))
    left, right, *rest = known(values, good)
    return OptimalSources((left, right), *rest)


class _Pair:
    """Two sources whose idlers meet; their next pair has odds ``X = μ/(1 + μ)`` and Y, ``log = log(XY)/2``."""

    def __init__(self, light: dict[str, Floats], counting: bool, tilt: Floats | None = None) -> None:
        self.light, self.counting = light, counting
        self.rail: LoneClicks = lone_clicks(light, counting)
        self.spread = np.exp(-(light["phase_std_rad"] ** 2) / 2)
        self.balance: Floats = np.log(self.rail.right / self.rail.left) / 2
        self.tilt = self.balance if tilt is None else tilt

    def tilted(self, distance: Floats) -> "_Pair":
        """Return sources that are more alike than those which click equally often."""
        return _Pair(self.light, self.counting, self.balance - np.copysign(distance, self.balance))

    def odds(self, log: Floats) -> list[Floats]:
        return [np.minimum(np.exp(log + side * self.tilt), _MOST) for side in (1, -1)]

    def means(self, log: Floats) -> list[Floats]:
        return [x / (1 - x) for x in self.odds(log)]

    def probability(self, log: Floats) -> Floats:
        eta = self.light["transmissivity[0]"], self.light["transmissivity[1]"]
        dark, overlap = self.light["dark_count_probability"], self.light["visibility"]
        left, right = self.means(log)
        return 2 * lone_click_probability((left, right), eta, dark, overlap, self.counting)

    def kept(self, log: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return the populations of 00, 01, 10 and 11 excitations and the coherence, where the link is heralded."""
        x, y = self.odds(log)
        share = 2 * (1 - x) * (1 - y) / self.probability(log)
        coherence = self.spread * np.sqrt(x * y * self.rail.coherence_squared)
        return (
            share * self.rail.nothing, share * y * self.rail.right, share * x * self.rail.left,
            share * x * y * self.rail.both, share * coherence,
        )  # fmt: skip

    def fidelity(self, log: Floats) -> Floats:
        _, right, left, _, coherence = self.kept(log)
        return np.asarray((left + right) / 2 + coherence)

    def key_balance(self, log: Floats) -> Floats:
        """Return the bits of two links in which each node finds one excitation, half of them for each."""
        none, right, left, both, coherence = self.kept(log)
        wrong, found = none * both, none * both + left * right
        return found * bb84_fraction(wrong / found, (1 - coherence**2 / found) / 2)


def _best_distance(pair: _Pair, objective: Objective, least: Floats, shape: checks.Dims) -> Floats:
    """Return how far from clicking equally often the sources are best; equal arms are best equally bright."""
    if np.array_equal(pair.rail.left, pair.rail.right):
        return np.zeros(shape)

    def score(distance: Floats) -> Floats:
        tilted = pair.tilted(distance)
        return _value(tilted, objective, *best_brightness(tilted, objective, least, shape, grid=31, steps=26))

    return maximum(score, np.zeros(shape), np.abs(pair.balance) + 1, grid=7, steps=18)


def _value(light: _Pair, objective: Objective, best: Floats, good: Flags) -> Floats:
    value = light.fidelity(best) if objective == "fidelity" else light.probability(best)
    if objective == "key":
        value = value * light.key_balance(best)
    return np.where(good, value, -np.inf)
