"""Which of two detectors clicks alone when the photons of two arms meet at a beam splitter."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .heralding import arms

__all__: list[str] = []

Floats = checks.Floats
Pair = tuple[Floats, Floats]


def photons(
    transmissivity: ArrayLike, dark: ArrayLike, visibility: ArrayLike, phase_rad: ArrayLike,
    phase_std_rad: ArrayLike, double_excitation: ArrayLike,
) -> dict[str, Floats]:  # fmt: skip
    """Return what the photons of both schemes have in common, checked, by the names that an error gives."""
    return {
        **arms(transmissivity, "transmissivity", checks.probability),
        "dark_count_probability": checks.probability(dark, "dark_count_probability"),
        "visibility": checks.probability(visibility, "visibility"),
        "phase_rad": checks.real(phase_rad, "phase_rad"),
        "phase_std_rad": checks.real(phase_std_rad, "phase_std_rad", low=0.0),
        **arms(double_excitation, "double_excitation_probability", checks.probability),
    }


class LoneClicks(NamedTuple):
    """Probability that one given detector of two clicks alone, by what was emitted; and <10|rho|01> squared."""

    nothing: Floats
    left: Floats
    right: Floats
    both: Floats
    coherence_squared: Floats


def lone_clicks(light: dict[str, Floats], number_resolving: bool) -> LoneClicks:
    """Return what the photons of one rail do, which share a beam splitter and two detectors."""
    left, right, dark, overlap, _, _, extra_l, extra_r = light.values()
    quiet = 1 - dark
    seen = quiet if number_resolving else np.float64(1.0)  # counting shows a dark count on top of a photon
    bunched = 0.0 if number_resolving else left * right * (1 + overlap) / 4
    one_lost = left * (1 - right) + right * (1 - left)
    cases: list[Pair] = [
        (left / 2, 1 - left),
        (right / 2, 1 - right),
        (bunched + one_lost / 2, (1 - left) * (1 - right)),
    ]
    size = left * right * overlap * (quiet * seen) ** 2 / 4
    if extra_l.any() or extra_r.any():
        extras: list[Pair] = [(p * eta / 2, 1 - p * eta) for p, eta in ((extra_l, left), (extra_r, right))]
        extras.append(_together(extras[0], extras[1], number_resolving))
        cases = [_together(case, extra, number_resolving) for case, extra in zip(cases, extras, strict=True)]
        size = size * (1 - extra_l) * (1 - extra_r)
    clicks = [quiet * (seen * alone + none * dark) for alone, none in cases]
    return LoneClicks(dark * quiet, clicks[0], clicks[1], clicks[2], size)


def _together(first: Pair, second: Pair, number_resolving: bool) -> Pair:
    """Return, for photons that don't interfere, the probabilities to reach one given detector alone and to reach none.

    Where photons are counted, exactly one of them may reach it.
    """
    alone = first[0] * second[1] + first[1] * second[0]
    return alone if number_resolving else alone + first[0] * second[0], first[1] * second[1]


def one_click(bright_l: Floats, bright_r: Floats, rail: LoneClicks) -> tuple[tuple[Floats, ...], Floats]:
    """Return the unnormalized populations of 00, 01, 10, 11 after a lone click of either detector, and the coherence.

    For memories that emit into one rail from their bright state, whose population is given.
    """
    dark_l, dark_r = 1 - bright_l, 1 - bright_r
    diagonal = (2 * dark_l * dark_r * rail.nothing, 2 * dark_l * bright_r * rail.right,
                2 * bright_l * dark_r * rail.left, 2 * bright_l * bright_r * rail.both)  # fmt: skip
    return diagonal, 2 * np.sqrt(bright_l * dark_l * bright_r * dark_r * rail.coherence_squared)


def phased(size: Floats, light: dict[str, Floats]) -> Pair:
    """Return the real and imaginary part of a coherence whose phase is spread."""
    spread_out = size * np.exp(-(light["phase_std_rad"] ** 2) / 2)
    return spread_out * np.cos(light["phase_rad"]), spread_out * np.sin(light["phase_rad"])
