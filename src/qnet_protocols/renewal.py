"""What begins anew after each failure: division of power series."""

import math
from typing import Literal

import numpy as np

from qnet_core import _checks as checks

from . import _kernels

__all__: list[str] = []

Method = Literal["fft", "direct"]

LEAST = 1e-150
_REACH, _SHORTER_REACH = 37.0, 25.0  # times the mean: where a waiting time has no tail left, and where it may have none
_NOTHING = 1e-15  # of a probability: what may be added by mistake
_LEFT = 1e-16  # a tail that is as good as none
_LEAST_SUCCESS = 1e-12  # of an attempt, below which means are not known
_SHORT = 256  # steps up to which the inverse of a series is found term by term


def begun_anew(x: checks.Floats, failure: checks.Floats, method: Method, steps: int) -> checks.Floats:
    """Return ``x(z) / (1 - failure(z))`` up to a step, for rows x, (rows, points, steps), and failures, (points, steps).

    The last row is the probability that an attempt takes longer. "direct" adds terms one by one: every sum of positive
    terms keeps its relative accuracy, at a cost of steps**2. "fft" is accurate to about 1e-16 of the largest terms, at
    steps * log(steps), and ends where nothing is left.
    """
    if not failure.any():
        return without_traces(x)
    if method == "fft":
        divided = _divided(x, failure, steps)
        return _convolved(lengthened(x, steps), _attempts(lengthened(failure, steps))) if divided is None else divided
    out = lengthened(x, steps).copy()
    _kernels.series.begin_anew(out, lengthened(failure, steps))
    return without_traces(out)


def lengthened(series: checks.Floats, steps: int) -> checks.Floats:
    """Return series up to a step, with nothing where they had ended."""
    short = steps + 1 - series.shape[-1]
    return series if short <= 0 else np.concatenate([series, np.zeros((*series.shape[:-1], short))], axis=-1)


def _divided(x: checks.Floats, failure: checks.Floats, steps: int) -> checks.Floats | None:
    """Return the quotient from its values on a circle; None where what lies beyond one turn, and is added to it, is not nothing.

    The mean of the quotient's last row says how far it reaches, and how it falls what is beyond.
    """
    from scipy.fft import irfft, next_fast_len, rfft  # slow to load

    left = np.maximum(1 - failure.sum(axis=-1), _LEAST_SUCCESS)
    mean = float((x[-1].sum(axis=-1) / left).max())
    if 2 * steps < _SHORTER_REACH * mean:
        return None
    last = max(x.shape[-1], math.ceil(_REACH * mean))
    size = next_fast_len(last if last <= steps else 2 * steps + 2, real=True)
    spectrum = rfft(x, size)
    spectrum /= 1 - rfft(failure, size)
    found = irfft(spectrum, size, overwrite_x=True)[..., : min(steps, last) + 1]
    if _beyond(found[-1], size) > _NOTHING:
        return None
    end = steps + 1 if last > steps else 2 + int((found[-1] > _LEFT).sum(axis=-1).max())
    return np.ascontiguousarray(found[..., :end])


def _beyond(missing: checks.Floats, size: int) -> float:
    """Return about how much is left at step ``size``, from how it falls in the second half of what is known."""
    last = missing.shape[-1] - 1
    late, half = np.maximum(missing[:, last], 0.0), np.maximum(missing[:, last // 2], LEAST)
    turns = (size - last) / (last - last // 2)
    return float((late * np.minimum(late / half, 1.0) ** turns).max())


def without_traces(x: checks.Floats) -> checks.Floats:
    """Return series with 0 for what is so small that a product of two would be too small for fast arithmetic."""
    return np.where(np.abs(x) < LEAST, 0.0, x)


def _attempts(failure: checks.Floats) -> checks.Floats:
    """Return ``1 / (1 - failure(z))``, the mean number of attempts that begin at each step.

    Newton's iteration ``u (2 - g u)`` doubles the number of right terms (Knuth, TAOCP 2, section 4.7).
    """
    sizes = [failure.shape[-1]]
    while sizes[-1] > _SHORT:
        sizes.append((sizes[-1] + 1) // 2)
    inverse = np.zeros((1, len(failure), sizes[-1]))
    inverse[..., 0] = 1.0
    _kernels.series.begin_anew(inverse, np.ascontiguousarray(failure[:, : sizes[-1]]))
    found: checks.Floats = inverse[0]
    for size in reversed(sizes[:-1]):
        found = _more_attempts(found, failure[:, :size])
    return found


def _more_attempts(found: checks.Floats, failure: checks.Floats) -> checks.Floats:
    """Return up to twice as many terms: those of u f beyond the known ones, times u. What wraps around falls on known ones."""
    from scipy.fft import irfft, next_fast_len, rfft

    known, size = found.shape[-1], failure.shape[-1]
    length = next_fast_len(size, real=True)
    spectrum = rfft(found, length)
    excess = irfft(spectrum * rfft(failure, length), length)[..., known:size]
    more = irfft(spectrum * rfft(excess, length), length)[..., : size - known]
    return np.concatenate([found, more], axis=-1)


def _convolved(x: checks.Floats, y: checks.Floats) -> checks.Floats:
    """Return the first terms, as many as of x, of the product of series x, shape (rows, points, steps), and y."""
    from scipy.fft import irfft, next_fast_len, rfft  # slow to load

    steps = x.shape[-1]
    size = next_fast_len(2 * steps - 1, real=True)
    product = rfft(x, size)
    product *= rfft(y, size)
    return np.ascontiguousarray(irfft(product, size, overwrite_x=True)[..., :steps])
