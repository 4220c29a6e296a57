"""Where recurrence gets to, and which gates are too noisy for it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks

from .bilateral import noise
from .parameters import choice

__all__ = ["Fixpoints", "bbpssw_fixpoints", "gate_mixing_threshold"]

_XOR = np.bitwise_xor.outer(np.arange(4), np.arange(4))
_FOLDS = 60  # bisections: to the last bit
_NEWTON = 40
_NOTHING = 1e-8  # a threshold as low as the accuracy of Newton's fixpoints
_FLAT = 0.4  # fidelity that separates the upper fixpoints from the maximally mixed state


class Fixpoints(NamedTuple):
    """Fidelities between which recurrence improves pairs: below ``lower`` they get worse, and ``upper`` is the limit."""

    lower: checks.Floats
    upper: checks.Floats


def _readings(flip: checks.Floats) -> tuple[checks.Floats, checks.Floats]:
    """Return A and D: the probability that both bits of a comparison are right or both wrong, and how far it correlates."""
    contrast = (1 - 2 * flip) ** 2
    return (1 + contrast) / 2, contrast


def bbpssw_fixpoints(*, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Fixpoints:
    """Return the fidelities that a round of ``bbpssw`` with two equal Werner pairs, twirled after it, leaves alone.

    ``x = (2 A ± √(4 A**2 - 3 D (3/p2**2 - 2 A)))/(3 D)`` and ``F = (1 + 3 x)/4``, with ``p2 = 1 - gate_mixing``,
    ``D = (1 - 2 readout_error)**2`` and ``A = (1 + D)/2``. NaN where the noise is beyond the threshold, so that no pair
    gets better. Without the twirl the fixpoints are others (``recurrence_limit``).

    Parameters
    ----------
    gate_mixing, readout_error : array_like
        As of ``bbpssw``; they broadcast.

    References
    ----------
    Briegel, Duer, Cirac and Zoller, PRL 81, 5932 (1998).

    Examples
    --------
    >>> [f.round(6).item() for f in bbpssw_fixpoints(gate_mixing=0.01, readout_error=0.01)]
    [0.54686, 0.973757]
    """
    mixing, flip = noise(gate_mixing, readout_error)
    checks.broadcast(gate_mixing=mixing.shape, readout_error=flip.shape)
    both, contrast = _readings(flip)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = 3 / (1 - mixing) ** 2 - 2 * both
        larger = 2 * both + np.sqrt(4 * both**2 - 3 * contrast * offset)
        lower, upper = offset / larger, larger / (3 * contrast)
    possible = upper <= 1 + 1e-12
    return Fixpoints(*(checks.plain(np.where(possible, (1 + 3 * x) / 4, np.nan)) for x in (lower, upper)))


def _bbpssw_threshold(flip: checks.Floats) -> checks.Floats:
    """Return where the two fixpoints meet, which is at a state as long as D is at least 1/2."""
    both, contrast = _readings(flip)
    meeting = 1 - 3 * np.sqrt(contrast / (4 * both**2 + 6 * both * contrast))
    return np.where(contrast >= 0.5, meeting, np.nan)


def _turned(weights: checks.Floats) -> checks.Floats:
    return weights[..., [0, 3, 2, 1]]


def _step_and_slope(
    weights: checks.Floats, kept: checks.Floats, contrast: checks.Floats
) -> tuple[checks.Floats, checks.Floats]:
    """Return the Bell weights after a DEJMPS round with equal pairs, and how they change with the weights before.

    ``kept`` is (1 - gate_mixing)**2. In the Bell order with bits (x, z), a pair of errors is seen where the x differ,
    and what is left is the x of the kept pair with both z.
    """
    turned = _turned(weights)
    wrong, right = (1 - contrast) / 2, (1 + contrast) / 2
    slope = np.zeros((*weights.shape, 4))
    for a in range(4):
        for b in range(4):
            left = (a & 2) | ((a ^ b) & 1)
            share = kept * (right if (a ^ b) & 2 == 0 else wrong)
            slope[..., left, a] += share * turned[..., b]
            slope[..., left, b] += share * turned[..., a]
    slope += ((1 - kept) / 4)[..., None, None]
    after = slope @ turned[..., None] / 2
    total = after.sum(axis=-2, keepdims=True)
    normalized = after / total
    change = (slope - normalized * slope.sum(axis=-2, keepdims=True)) / total
    return normalized[..., 0], change[..., :, [0, 3, 2, 1]]


def _fixpoint(
    start: checks.Floats, kept: checks.Floats, contrast: checks.Floats
) -> tuple[checks.Floats, NDArray[np.bool_]]:
    """Return what Newton's method finds, and where that is an entangled fixpoint."""
    weights = start
    for _ in range(_NEWTON):
        after, slope = _step_and_slope(weights, kept, contrast)
        change = np.linalg.pinv(np.eye(4) - slope) @ (after - weights)[..., None]  # singular where the branch ends
        weights = np.clip(weights + change[..., 0], -1.0, 2.0)
    after, _ = _step_and_slope(weights, kept, contrast)
    still = np.abs(after - weights).max(axis=-1) < 1e-9
    return weights, still & (weights[..., 0] > _FLAT) & (weights.min(axis=-1) > -1e-9)


def _dejmps_threshold(flip: checks.Floats) -> checks.Floats:
    """Bisect for the end of the branch of upper fixpoints, each Newton start being the last one found."""
    _, contrast = _readings(np.asarray(flip))
    low, high = np.zeros(contrast.shape), np.full(contrast.shape, 0.5)
    weights = np.zeros((*contrast.shape, 4))
    weights[..., 0] = 1.0
    for _ in range(_FOLDS):
        middle = (low + high) / 2
        found, exists = _fixpoint(weights, (1 - middle) ** 2, contrast)
        weights = np.where(exists[..., None], found, weights)
        low, high = np.where(exists, middle, low), np.where(exists, high, middle)
    return np.where(low > _NOTHING, low, np.nan)


_THRESHOLDS: dict[str, Callable[[checks.Floats], checks.Floats]] = {
    "bbpssw": _bbpssw_threshold, "dejmps": _dejmps_threshold
}  # fmt: skip


def gate_mixing_threshold(*, protocol: str = "bbpssw", readout_error: ArrayLike = 0.0) -> checks.Floats:
    """Return the most ``gate_mixing`` with which rounds of equal pairs have a fidelity to go up to.

    For "bbpssw", twirled to Werner after every round, ``(1 - gate_mixing)**2 = 9 D/(4 A**2 + 6 A D)`` in the letters of
    ``bbpssw_fixpoints``. For "dejmps" the end of the branch of fixpoints, to about 1e-9. NaN where
    readout is so poor, beyond 14.6 %, that not even perfect gates help. Just below the threshold only pairs of one
    fidelity gain, and next to nothing: hardware must be well below.

    Parameters
    ----------
    protocol : str
        "bbpssw" or "dejmps".
    readout_error : array_like
        As of ``bbpssw``.

    References
    ----------
    Briegel, Duer, Cirac and Zoller, PRL 81, 5932 (1998).

    Examples
    --------
    >>> gate_mixing_threshold().round(6).item(), gate_mixing_threshold(protocol="dejmps").round(6).item()
    (0.051317, 0.090091)
    """
    choice(protocol, "protocol", tuple(_THRESHOLDS))
    return checks.plain(_THRESHOLDS[protocol](checks.probability(readout_error, "readout_error")))
