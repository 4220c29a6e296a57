"""What single photons gave at least, by the gains of pulses of several intensities: a linear program.

A gain is ``Q_k exp(k) = sum_n Y_n k^n/n!``. Weights y on the intensities make of the measured gains
``sum_n g_n Y_n`` with ``g_n = sum_k y_k k^n/n!``; where ``g_1 = 1`` and no yield is above 1, Y_1 is at least that less the
sum of all positive ``g_n``. The best weights are a corner of the dual program, at which ``g_n`` is 0 for as many n
as there are intensities, less one. Corners depend on the intensities alone, so that one pass over them solves the
program for every point of a batch, and each of them is a valid bound, whatever number of photons the pulses have.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .key_rate import at_most_half

__all__ = ["DecoyBounds", "decoy_bounds"]

Floats = checks.Floats
_ZEROS_UP_TO = 12  # numbers of photons at which g may be made 0; beyond, hardly a pulse is left
_TERMS = 60  # and five more per photon of the mean: beyond lie less than 1e-50 of the pulses
_BRIGHTEST = 100.0
_AT_ONCE = 4096  # numbers of a batch for which corners are found together
_ROUND_OFF = 64 * np.finfo(float).eps


class DecoyBounds(NamedTuple):
    """What is known of pulses with one photon.

    Attributes
    ----------
    single_photon_yield : ndarray
        At least so many of them click.
    single_photon_error_rate : ndarray
        At most so many of these clicks are wrong; no more than 1/2.
    """

    single_photon_yield: Floats
    single_photon_error_rate: Floats


def intensity_levels(
    intensities: ArrayLike | Sequence[ArrayLike], name: str = "intensities"
) -> list[Floats]:  # fmt: skip
    """Return the intensities, strongest first; refuse what is out of order."""
    several = list(intensities) if isinstance(intensities, Sequence) else list(np.atleast_1d(np.asarray(intensities)))
    if not several or isinstance(intensities, str):
        raise DimensionError(f"Parameter `{name}` must hold at least one intensity, but is {intensities!r:.80}.")
    levels = [checks.real(value, f"{name}[{k}]", low=0.0, high=_BRIGHTEST) for k, value in enumerate(several)]
    checks.broadcast_parameters({f"{name}[{k}]": level for k, level in enumerate(levels)})
    for k, (strong, weak) in enumerate(pairwise(levels)):
        if (strong <= weak).any():
            raise ParameterError(f"Parameter `{name}` must descend, but {name}[{k + 1}] is not less than {name}[{k}].")
    return levels


def linear_bounds(levels: Sequence[Floats], gains: Sequence[Floats], wrong: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the least yield of single photons, and the most of it that is wrong."""
    scaled = [gain * np.exp(level) for gain, level in zip(gains, levels, strict=True)]
    scaled_wrong = [part * np.exp(level) for part, level in zip(wrong, levels, strict=True)]
    least, most = checks.plain(-np.inf), checks.plain(np.inf)
    for weights, positive, negative in _corners(levels):
        least = np.fmax(least, _sum(weights, scaled, -1) - positive)
        most = np.fmin(most, _sum(weights, scaled_wrong, 1) + negative)
    return checks.plain(least), checks.plain(np.maximum(0, most))


def _sum(weights: Floats, values: Sequence[Floats], side: int) -> Floats:
    """Return the weighted sum, moved to the safe side by its round-off."""
    total = size = checks.plain(0.0)
    for weight, value in zip(weights, values, strict=True):
        term = weight * value
        total, size = total + term, size + np.abs(term)
    return checks.plain(total + side * _ROUND_OFF * size)


def _corners(levels: Sequence[Floats]) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield weights of the intensities, and the sums of the positive and of the negative g_n for n other than 1."""
    nodes = np.stack(np.broadcast_arrays(*levels), axis=-1)
    steps = nodes[..., None, :] / np.arange(1, _TERMS + 5 * math.ceil(nodes.max()))[:, None]
    powers = np.concatenate([np.ones_like(steps[..., :1, :]), steps.cumprod(axis=-2)], axis=-2)  # k^n/n!
    at_once = max(1, _AT_ONCE // max(1, nodes.size))
    for size in range(2, len(levels) + 1):
        zeros = np.array(list(combinations((0, *range(2, _ZEROS_UP_TO + 1)), size - 1)))
        rows = np.insert(zeros, 0, 1, axis=1)
        for chosen in combinations(range(len(levels)), size):
            for start in range(0, len(rows), at_once):
                yield from _some_corners(powers, rows[start : start + at_once], list(chosen))


def _some_corners(
    powers: Floats, rows: NDArray[np.integer[Any]], chosen: list[int]
) -> Iterator[tuple[Floats, Floats, Floats]]:  # fmt: skip
    """Yield the corners at which these intensities make g_n 1, 0, 0, ... in each of the rows n."""
    weights = np.zeros((*powers.shape[:-2], len(rows), powers.shape[-1]))
    weights[..., chosen] = _solve(powers[..., rows, :][..., chosen], (rows == 0).any(axis=1))
    rest = (powers[..., None, :, :] @ weights[..., None])[..., 0]
    rest[..., np.arange(len(rows))[:, None], rows] = 0  # what is there is round-off, and counted as such
    positive, negative = np.maximum(0, rest).sum(axis=-1), np.maximum(0, -rest).sum(axis=-1)
    for k in range(len(rows)):
        yield np.moveaxis(weights[..., k, :], -1, 0), positive[..., k], negative[..., k]


def _solve(square: Floats, with_vacuum: NDArray[np.bool_]) -> Floats:
    """Return the weights that make g 1 in the first row and 0 in the others, NaN where there are none."""
    impossible = (square[..., 0, -1] == 0) & ~with_vacuum  # a level without light makes nothing but g_0
    square = np.where(impossible[..., None, None], np.eye(square.shape[-1]), square)
    scale = np.abs(square).max(axis=-1, keepdims=True)
    square = square / scale
    wanted = np.zeros((*square.shape[:-1], 1))
    wanted[..., 0, :] = 1 / scale[..., 0, :]
    found = np.linalg.solve(square, wanted)
    found = found + np.linalg.solve(square, wanted - square @ found)
    return checks.plain(np.where(impossible[..., None], np.nan, found[..., 0]))


def decoy_bounds(
    *, intensities: Sequence[ArrayLike], gains: Sequence[ArrayLike], error_rates: Sequence[ArrayLike]
) -> DecoyBounds:  # fmt: skip
    """Return bounds on the yield and the errors of single photons by the gains of n intensities, by linear programming.

    The least ``Y_1`` and the most ``e_1 Y_1`` with which ``Q_k exp(k) = sum_n Y_n k^n/n!`` and
    ``E_k Q_k exp(k) = sum_n e_n Y_n k^n/n!`` for some yields between 0 and 1, any number of photons included. Gains are
    taken as exact (for counted ones see ``finite_decoy_key``), and nothing is assumed of the background.

    Parameters
    ----------
    intensities, gains, error_rates : sequences of array_like
        Mean numbers of photons in descending order, probability of a click, and share of wrong clicks; two at least.

    References
    ----------
    Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005).

    Examples
    --------
    >>> bounds = decoy_bounds(intensities=(0.5, 0.1, 0.0), gains=(4.9885e-3, 1.0005e-3, 1e-6),
    ...                       error_rates=(0.0101, 0.0105, 0.5))
    >>> [bound.round(6).item() for bound in bounds]
    [0.009697, 0.011454]
    """
    levels = intensity_levels(intensities)
    if not 2 <= len(levels) == len(gains) == len(error_rates):
        raise DimensionError(
            f"Parameters `intensities`, `gains` and `error_rates` must be of one length of at least 2, but are of "
            f"{len(levels)}, {len(gains)} and {len(error_rates)}."
        )
    clicked = [checks.probability(value, f"gains[{k}]") for k, value in enumerate(gains)]
    rates = [checks.probability(value, f"error_rates[{k}]") for k, value in enumerate(error_rates)]
    named = {"intensities": levels, "gains": clicked, "error_rates": rates}
    checks.broadcast_parameters({f"{name}[{k}]": v for name, values in named.items() for k, v in enumerate(values)})
    least, wrong = linear_bounds(levels, clicked, [rate * gain for rate, gain in zip(rates, clicked, strict=True)])
    return DecoyBounds(checks.plain(np.maximum(0, least)), at_most_half(wrong, least))
