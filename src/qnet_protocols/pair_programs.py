"""What pairs of pulses with certain numbers of photons gave at least or at most: a linear program for each point.

Two senders choose intensities j and k. Their gains are ``Q_jk exp(j + k) = sum_nm Y_nm j^n k^m/(n! m!)``. Weights on the
gains make of them ``sum_nm g_nm Y_nm``; where g is 1 at the wanted numbers, that yield is at least the weighted sum less
all positive ``g_nm``, each times the most that its yield can be: 1, or what a single gain leaves for it. The best weights
are the dual program's. Whatever the solver finds is only taken as weights: the bound is computed from these anew, over
all numbers of photons, and holds for any.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels.heralding import arms
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .key_rate import at_most_half
from .linear_program import DecoyBounds, intensity_levels

__all__ = ["mdi_decoy_bounds"]

Floats = checks.Floats
Photons = tuple[int, int]
_TERMS = 60  # photons of one sender that are counted, and five more per photon of the mean
_LEFT_OUT = 1e-17  # weight of the photon numbers that the solver does not see
_MOST = 40  # photons in all that it sees at most
_FAINT = 1e-3  # of the crude bound: gains below it are measured in that; and yields with a lower cap in this
_ROUND_OFF = 16 * np.finfo(float).eps
_ACCURACY = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
# Where intensities are many, no yields fit the round-off of their gains, and the solver finds no end. Gains that are a little
# uncertain to it put a price on great weights. The first that is enough is taken.
_UNCERTAIN = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


class _Gains(NamedTuple):
    """Gains times ``exp(j + k)`` of one point, between these limits, for intensities left and right."""

    left: Floats
    right: Floats
    low: Floats
    high: Floats

    def widened(self, part: float) -> "_Gains":
        """Return gains that are known less well, by this part of them."""
        return self._replace(low=self.low * (1 - part), high=self.high * (1 + part))


def sender_levels(
    intensities: Sequence[Any], name: str, signals: Sequence[Floats] = ()
) -> tuple[list[Floats], list[Floats]]:  # fmt: skip
    """Return the intensities of the left and of the right sender, strongest first: those of the signals, if any, lead."""
    if not isinstance(intensities, Sequence) or isinstance(intensities, str) or not intensities:
        raise DimensionError(f"Parameter `{name}` must hold at least one intensity, but is {intensities!r:.80}.")
    named = [arms(level, f"{name}[{k}]", checks.real) for k, level in enumerate(intensities)]
    sides = [[pair[f"{name}[{k}][{side}]"] for k, pair in enumerate(named)] for side in range(2)]
    left, right = (intensity_levels(side, name) for side in sides)
    for signal, levels in zip(signals, (left, right), strict=False):
        checks.broadcast(mean_photons=signal.shape, **{name: levels[0].shape})
        if (signal <= levels[0]).any():
            raise ParameterError(f"Parameter `{name}` must be less than `mean_photons`, but {name}[0] is not.")
        levels.insert(0, signal)
    return left, right


def yield_bounds(
    left: Sequence[Floats], right: Sequence[Floats], low: Floats, high: Floats, photons: Photons, *, most: bool
) -> Floats:
    """Return the most (or least) yield of pulses with these numbers of photons, by gains of shape (..., left, right)."""
    every = np.add.outer(*(np.arange(len(levels)) for levels in (left, right)))
    shape = np.broadcast_shapes(*(np.shape(level) for level in (*left, *right)), low.shape[:-2], high.shape[:-2])
    sides = [np.broadcast_to(np.stack(np.broadcast_arrays(*one), -1), (*shape, len(one))) for one in (left, right)]
    gains = [np.broadcast_to(gain, (*shape, *every.shape)) for gain in (low, high)]
    found = np.empty(shape)
    for point in np.ndindex(shape):
        a, b = (side[point] for side in sides)
        grown = np.exp(np.add.outer(a, b))
        found[point] = _bound(_Gains(a, b, *(np.maximum(0, gain[point]) * grown for gain in gains)), photons, most)
    return checks.plain(found)


def _bound(gains: _Gains, photons: Photons, most: bool) -> float:
    """Return the bound of one point; 0 or 1 is the trivial one."""
    powers = [_powers(levels) for levels in (gains.left, gains.right)]
    caps = _caps(gains, powers)
    crude = float(caps[photons])
    own = np.outer(powers[0][photons[0]], powers[1][photons[1]])
    if crude == 0 or not (own > 0).any():
        return crude if most else 0.0
    side = -1 if most else 1
    tried = (_best_weights(gains.widened(part), powers, own, photons, caps, side) for part in _UNCERTAIN)
    weights = next((one for one in tried if one is not None), None)
    if weights is None:
        return crude if most else 0.0
    bound = _bound_by(weights, gains, powers, photons, caps)
    return min(crude, -bound) if most else max(0.0, bound)


def _caps(gains: _Gains, powers: Sequence[Floats]) -> Floats:
    """Return the most that each yield may be by any single gain, or 1, with a row for each number of photons on the left."""
    most = np.ones((len(powers[0]), len(powers[1])))
    for j, k in np.ndindex(gains.high.shape):
        weights = np.outer(powers[0][:, j], powers[1][:, k])
        with np.errstate(over="ignore"):
            most = np.fmin(most, np.divide(gains.high[j, k], weights, where=weights > 0, out=np.ones_like(weights)))
    return checks.plain(most)


def _powers(levels: Floats) -> Floats:
    """Return ``k^n/n!`` in row n."""
    count = np.arange(1, _TERMS + 5 * math.ceil(levels.max()))[:, None]
    return checks.plain(np.concatenate([np.ones((1, levels.size)), np.cumprod(levels / count, axis=0)]))


def _seen(gains: _Gains, photons: Photons) -> NDArray[np.intp]:
    """Return the pairs of photon numbers that the solver sees, but for the wanted one, shape (2, count)."""
    mean = float(gains.left.max() + gains.right.max())
    size = sum(photons) + 2
    while size < _MOST and mean**size / math.factorial(size) > _LEFT_OUT:
        size += 1
    pairs = np.array(np.nonzero(np.add.outer(np.arange(size), np.arange(size)) < size))
    return pairs[:, (pairs != np.array(photons)[:, None]).any(axis=0)]


def _best_weights(
    gains: _Gains, powers: Sequence[Floats], own: Floats, photons: Photons, caps: Floats, side: int
) -> Floats | None:
    """Return the weights of the best bound, in which the wanted yield counts 1 or -1; None if none was found.

    Gains are measured in themselves, faint ones apart, and yields in their caps, or the solver would take small ones
    for 0. Weights have a positive part, for which a gain is at its lower limit, and a negative one.
    """
    from scipy.optimize import linprog  # slow to load

    pairs, crude = _seen(gains, photons), caps[photons]
    scale = np.maximum(gains.high, _FAINT * crude).ravel()
    others = (powers[0][pairs[0], :, None] * powers[1][pairs[1], None, :]).reshape(-1, scale.size) / scale
    others *= np.maximum(_FAINT, caps[*pairs])[:, None]  # the solver drops what is much smaller
    low, high = (-limit.ravel() / scale for limit in (gains.low, -gains.high))
    wanted = own.ravel() * crude / scale
    count = len(others)
    found = linprog(
        np.concatenate([low, high, np.ones(count)]),
        A_ub=np.hstack([others, -others, -np.eye(count)]),
        b_ub=np.zeros(count),
        A_eq=np.concatenate([wanted, -wanted, np.zeros(count)])[None],
        b_eq=[side],
        method="highs",
        options=_ACCURACY,
    )
    if found.x is None:
        return None
    up, down = (found.x[k * scale.size : (k + 1) * scale.size] for k in range(2))
    return checks.plain((crude * (up - down) / scale).reshape(own.shape))


def _bound_by(
    weights: Floats, gains: _Gains, powers: Sequence[Floats], photons: Photons, caps: Floats
) -> float:  # fmt: skip
    """Return the weighted sum of the gains less all positive g of other photon numbers, and less its round-off."""
    each, size = (powers[0] @ one @ powers[1].T for one in (weights, np.abs(weights)))
    reached = abs(float(each[photons]))
    if reached == 0:
        return -math.inf
    each[photons] = 0
    total = (
        np.sum(np.where(weights > 0, weights * gains.low, weights * gains.high)) - (caps * np.maximum(0, each)).sum()
    )
    unsure = (caps * size).sum() + np.sum(np.abs(weights) * gains.high)
    return float((total - _ROUND_OFF * unsure) / reached)


def mdi_decoy_bounds(
    *, intensities: Sequence[Any], gains: ArrayLike, error_rates: ArrayLike, margins: ArrayLike = 0.0,
) -> DecoyBounds:  # fmt: skip
    """Return bounds on the yield and the errors of pairs of single photons, by the gains of all pairs of n intensities.

    The least ``Y_11`` and the most ``e_11 Y_11`` with which gains and gains of wrong bits are as seen, for some yields between 0
    and 1: two linear programs. Nothing is assumed of the station. With counted gains, which fluctuate, ``margins`` are
    needed: no yields may fit the numbers as they are.

    Parameters
    ----------
    intensities : sequence of array_like or (left, right)
        Mean numbers of photons of both senders in descending order; two at least.
    gains, error_rates : array_like
        Of the basis in question, shape (..., n, n): left sender's intensity, right sender's. An error rate is of no
        account, and may be NaN, where the gain is 0.
    margins : array_like
        By how much gains, and gains of wrong bits, may be off; such as five standard deviations. Shape (..., n, n) or one.

    References
    ----------
    Lo, Curty and Qi, PRL 108, 130503 (2012); Xu, Curty, Qi and Lo, New J. Phys. 15, 113007 (2013).

    Examples
    --------
    >>> from qnet_protocols import mdi_gains
    >>> levels = np.array([0.4, 0.1, 0.0])
    >>> seen = mdi_gains(transmissivity=0.1, mean_photons=(levels[:, None], levels), misalignment_error=0.01)
    >>> bounds = mdi_decoy_bounds(intensities=(0.4, 0.1, 0.0), gains=seen.gain_z, error_rates=seen.error_rate_z)
    >>> bounds.single_photon_yield.round(5).item(), mdi_gains(transmissivity=0.1).gain_z.round(5).item()
    (0.00476, 0.005)
    """
    left, right = sender_levels(intensities, "intensities")
    if len(left) < 2:
        raise DimensionError("Parameter `intensities` must hold at least two intensities, but holds one.")
    clicked = _square(checks.probability(gains, "gains"), "gains", len(left))
    checks.broadcast(gains=np.shape(clicked), error_rates=np.shape(error_rates))
    rates = _square(
        checks.probability(np.where(clicked > 0, error_rates, 0.0), "error_rates"), "error_rates", len(left)
    )
    margin = checks.real(margins, "margins", low=0.0)
    margin = np.broadcast_to(margin, (len(left),) * 2) if margin.ndim < 2 else _square(margin, "margins", len(left))
    checks.broadcast(
        gains=np.shape(clicked)[:-2], margins=np.shape(margin)[:-2],
        **{f"intensities[{k}][{s}]": one.shape for s, side in enumerate((left, right)) for k, one in enumerate(side)},
    )  # fmt: skip
    wrong = clicked * rates
    least = yield_bounds(left, right, clicked - margin, clicked + margin, (1, 1), most=False)
    most = yield_bounds(left, right, wrong - margin, wrong + margin, (1, 1), most=True)
    return DecoyBounds(least, at_most_half(most, least))


def _square(values: Floats, name: str, size: int) -> Floats:
    """Return gains as (..., n, n)."""
    if np.ndim(values) < 2 or np.shape(values)[-2:] != (size, size):
        raise DimensionError(
            f"Parameter `{name}` must have shape (..., {size}, {size}), one for each pair of intensities, but has "
            f"{np.shape(values)}."
        )
    return values
