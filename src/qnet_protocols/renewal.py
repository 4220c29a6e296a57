"""What begins anew after each failure: division of power series."""

from typing import Literal

import numpy as np

from qnet_core import _checks as checks

from . import _kernels

__all__: list[str] = []

Method = Literal["fft", "direct"]

LEAST = 1e-150
_SHORT = 256  # steps up to which the inverse of a series is found term by term


def begun_anew(x: checks.Floats, failure: checks.Floats, method: Method) -> checks.Floats:
    """Return ``x(z) / (1 - failure(z))``, for rows x, shape (rows, points, steps), and failures, shape (points, steps).

    "direct" adds terms one by one: every sum of positive terms keeps its relative accuracy, at a cost of steps**2.
    "fft" is accurate to about 1e-16 of the largest terms, at steps * log(steps).
    """
    if method == "fft" and failure.any():
        return _convolved(x, _attempts(failure))
    out = x.copy()
    if failure.any():
        _kernels.series.begin_anew(out, failure)
    return without_traces(out)


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
