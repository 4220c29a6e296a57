"""Parametric sources of photon pairs: their statistics, and the polarization pairs that they make.

``mean_photons`` is μ of each mode: one two-mode squeezed vacuum has n pairs with probability ``μ^n/(1 + μ)^(n+1)``.
All numbers of pairs count, and no probability is the difference of nearly equal numbers, however weak the source is.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .heralding import arms, corrected, heralded
from .parameters import choice

__all__ = [
    "Coincidences",
    "coincidences",
    "heralded_g2",
    "pair_number_distribution",
    "spdc_link",
]

Floats = checks.Floats
_PHI_PLUS = np.array([1.0, 1.0, -1.0, 1.0])  # II, XX, YY, ZZ


def pair_number_distribution(
    *, mean_photons: ArrayLike, max_pairs: int, kind: Literal["two-mode", "polarization"] = "two-mode"
) -> Floats:
    """Return the probability of 0 to ``max_pairs`` pairs, shape (..., max_pairs + 1); what lies beyond is not there.

    "two-mode": ``μ^n/(1 + μ)^(n+1)``. "polarization", which is two of these: ``(n + 1) μ^n/(1 + μ)^(n+2)``,
    with 2μ pairs in the mean.

    >>> pair_number_distribution(mean_photons=0.05, max_pairs=2).round(9).tolist()
    [0.952380952, 0.045351474, 0.002159594]
    """
    mean = checks.real(mean_photons, "mean_photons", low=0.0)
    count = checks.integer(max_pairs, "max_pairs", 0) + 1
    choice(kind, "kind", ("two-mode", "polarization"))
    checks.capacity(3 * mean.size * count, "The distribution")
    pairs = np.arange(count)
    thermal = (mean / (1 + mean))[..., None] ** pairs / (1 + mean[..., None])
    return thermal if kind == "two-mode" else thermal * (pairs + 1) / (1 + mean[..., None])


class _Clicks(NamedTuple):
    """Probabilities of a click in both detectors of a two-mode source, in one alone, in neither."""

    both: Floats
    left: Floats
    right: Floats
    neither: Floats


def _clicks(mean: Floats, eta: tuple[Floats, Floats], dark: Floats, number_resolving: bool) -> _Clicks:
    """Return what one detector in each arm reports; where photons are counted, a click is exactly one count."""
    a, b, c = mean * eta[0], mean * eta[1], mean * eta[0] * eta[1]
    only_a, only_b = a * (1 - eta[1]), b * (1 - eta[0])  # a - c and b - c
    norm = 1 + a + only_b  # 1/norm: no photon arrives
    quiet = 1 - dark
    seen = quiet if number_resolving else np.float64(1.0)  # counting shows a dark count on top of a photon
    if number_resolving:
        left, right = only_a / norm**2, only_b / norm**2
        both = c * (1 + mean + mean * (1 - eta[0]) * (1 - eta[1])) / norm**3
    else:
        left, right = only_a / ((1 + b) * norm), only_b / ((1 + a) * norm)
        both = (a * b * (norm + 1) + c) / ((1 + a) * (1 + b) * norm)
    return _Clicks(
        seen**2 * both + seen * dark * (left + right) + dark**2 / norm,
        quiet * (seen * left + dark / norm), quiet * (seen * right + dark / norm), quiet**2 / norm,
    )  # fmt: skip


def polarization_clicks(
    mean: Floats, eta: tuple[Floats, Floats], dark: Floats, number_resolving: bool
) -> tuple[Floats, Floats]:
    """Return the probabilities of one click in each arm, of like polarizations and of unlike ones."""
    clicks = _clicks(mean, eta, dark, number_resolving)
    return 2 * clicks.both * clicks.neither, 2 * clicks.left * clicks.right


def _source(
    mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike
) -> tuple[Floats, tuple[Floats, Floats], Floats]:
    mean = checks.real(mean_photons, "mean_photons", low=0.0)
    eta = arms(transmissivity, "transmissivity", checks.probability)
    dark = checks.probability(dark_count_probability, "dark_count_probability")
    checks.broadcast_parameters({"mean_photons": mean, **eta, "dark_count_probability": dark})
    left, right = eta.values()
    return mean, (left, right), dark


class Coincidences(NamedTuple):
    """Clicks of threshold detectors behind a two-mode source, all probabilities per pulse.

    Attributes
    ----------
    left, right, coincidence : ndarray
        A click in this arm, whatever happens in the other; a click in both.
    accidental : ndarray
        A click in both arms if they knew nothing of each other: ``left * right``.
    ratio : ndarray
        Coincidences to accidentals (CAR).
    heralding_left, heralding_right : ndarray
        A click in this arm where the other one has clicked.
    visibility : ndarray
        ``(coincidence - accidental)/(coincidence + accidental)``: what is seen of a polarization-entangled source,
        which is two such sources, by one detector on each side.
    """

    left: Floats
    right: Floats
    coincidence: Floats
    accidental: Floats
    ratio: Floats
    heralding_left: Floats
    heralding_right: Floats
    visibility: Floats


def coincidences(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0
) -> Coincidences:
    """Return the exact statistics of one threshold detector in each arm of a two-mode squeezed vacuum.

    All follow from ``<x^n y^m> = 1/(1 + μ (1 - x y))``. A ratio of nothing to nothing is NaN.

    Parameters
    ----------
    mean_photons : array_like
        μ of each mode, from 0 on.
    transmissivity : array_like or (left, right)
        Probability from emission to a click.
    dark_count_probability : array_like
        Of each detector.

    Examples
    --------
    >>> coincidences(mean_photons=0.05, transmissivity=(0.3, 0.2)).ratio.round(6).item()
    21.547945
    """
    mean, eta, dark = _source(mean_photons, transmissivity, dark_count_probability)
    left, right = ((mean * arm + dark) / (1 + mean * arm) for arm in eta)
    both = _clicks(mean, eta, dark, False).both
    chance = left * right
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (
            left,
            right,
            both,
            chance,
            both / chance,
            both / right,
            both / left,
            (both - chance) / (both + chance),
        )
    return Coincidences(*(checks.plain(value) for value in np.broadcast_arrays(*values)))


def heralded_g2(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0
) -> Floats:
    """Return the autocorrelation g2(0) of one arm where a threshold detector in the other, heralding one has clicked.

    ``transmissivity`` is that of the heralding arm; loss of the heralded one changes nothing. It is ``2μ (2 - η)`` for a
    weak source without dark counts, and 2, as for thermal light, where only dark counts herald. NaN where nothing does.

    >>> heralded_g2(mean_photons=0.05, transmissivity=0.3).round(9).item()
    0.152870911
    """
    mean = checks.real(mean_photons, "mean_photons", low=0.0)
    eta = checks.probability(transmissivity, "transmissivity")
    dark = checks.probability(dark_count_probability, "dark_count_probability")
    checks.broadcast_parameters({"mean_photons": mean, "transmissivity": eta, "dark_count_probability": dark})
    a, z = mean * eta, 1 - eta
    with np.errstate(invalid="ignore", divide="ignore"):
        heralds = (a + dark) / (1 + a)
        pairs = (a * (3 + 3 * a + a**2) + eta * (2 - eta) + dark * z**2) / (1 + a) ** 3  # 1 - (1 - dark) z²/(1 + a)³
        photons = (a * (2 + a) + eta + dark * z) / (1 + a) ** 2  # 1 - (1 - dark) z/(1 + a)²
        return checks.plain(2 * heralds * pairs / photons**2)


def spdc_link(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    number_resolving: bool = False, target: str = "phi+",
) -> Heralded:  # fmt: skip
    """Return the polarization qubits of a parametric source half-way, given one click in each arm.

    Two two-mode squeezed vacua in H and V make ``Σ √P(n) |n pairs>``, near phi+; a wave plate turns it into
    ``target``. Each arm ends in two detectors behind a polarizer, of which exactly one must click.

    Source and loss are the same for all polarizations, so that both arms agree by the same E in X, Y and Z, and not at
    all in unlike bases: the state is the Werner state ``E target + (1 - E) 1/4``. With counting detectors and no dark
    counts it is the state of exactly one photon in each arm, such as two memories absorb. Threshold detectors take
    several photons for one, and the state stands for what they show in these bases (at angles in between it is no
    cosine, and in unlike bases one click each is a little less likely). For a weak link ``E = (1 + μ)/(1 + 3μ)`` and
    ``p = 2 μ (1 + 3μ) η²``.

    Parameters
    ----------
    mean_photons : array_like
        μ of each of the four modes, from 0 on: 2μ pairs per pulse.
    transmissivity : array_like or (left, right)
        Probability from emission to a click.
    dark_count_probability : array_like
        Of each of the four detectors.
    number_resolving : bool
        True for detectors that tell one photon from two.
    target : str
        Bell state that the source makes: "phi+", "phi-", "psi+" or "psi-".

    Returns
    -------
    Heralded
        The state, and the probability per pulse of one click in each arm, measured in the same basis.

    References
    ----------
    Kok and Braunstein, PRA 61, 042304 (2000); Ma, Fung and Lo, PRA 76, 012307 (2007).

    Examples
    --------
    >>> from qnet_core import bell_state, fidelity
    >>> link = spdc_link(mean_photons=0.05, transmissivity=1e-3)
    >>> fidelity(link.state, bell_state()).round(6).item()
    0.934908
    """
    mean, eta, dark = _source(mean_photons, transmissivity, dark_count_probability)
    same, different = polarization_clicks(mean, eta, dark, checks.flag(number_resolving, "number_resolving"))
    bloch = np.zeros((16, *np.shape(same)))
    bloch[::5] = _PHI_PLUS.reshape(4, *(1,) * np.ndim(same)) * (same - different)
    bloch[0] = same + different
    raw = DensityMatrix._wrap(bloch.reshape(-1), (2, 2), np.shape(same))
    return heralded(corrected(raw, "phi+", target))
