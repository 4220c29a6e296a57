"""Coherence under classical noise of the detuning: lines, echoes, decoupling."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .parameters import choice

__all__ = ["decoupled_coherence", "decoupled_t2", "t2_star_from_detuning", "t2_star_from_linewidth"]

_SHAPES = ("gaussian", "lorentzian")
# Taylor coefficients of s - tanh s from s**3 on, every second one
_TANH = (1 / 3, -2 / 15, 17 / 315, -62 / 2835, 1382 / 155925, -21844 / 6081075, 929569 / 638512875, -6404582 / 10854718875,
         443861162 / 1856156927625)  # fmt: skip


def t2_star_from_detuning(*, detuning_std_rad_per_s: ArrayLike) -> checks.Floats:
    """Return ``T2* = √2/σ`` of a quasi-static Gaussian detuning, for coherence ``exp(-(t/T2*)**2)``."""
    return checks.plain(
        np.sqrt(2) / checks.real(detuning_std_rad_per_s, "detuning_std_rad_per_s", low=0, open_low=True)
    )


def t2_star_from_linewidth(
    *, fwhm_hz: ArrayLike, shape: Literal["gaussian", "lorentzian"] = "gaussian"
) -> checks.Floats:
    """Return T2* from the full width at half maximum of the line.

    ``2 √(ln 2)/(π FWHM)`` for a Gaussian line, with coherence ``exp(-(t/T2*)**2)``; ``1/(π FWHM)`` for
    a Lorentzian one, with ``exp(-t/T2*)``.

    >>> t2_star_from_linewidth(fwhm_hz=1e3, shape="lorentzian").round(9).item()
    0.00031831
    """
    width = checks.real(fwhm_hz, "fwhm_hz", low=0.0, open_low=True)
    choice(shape, "shape", _SHAPES)
    return checks.plain((2 * np.sqrt(np.log(2)) if shape == "gaussian" else 1.0) / (np.pi * width))


def decoupled_coherence(
    *, duration_s: ArrayLike, detuning_std_rad_per_s: ArrayLike, correlation_time_s: ArrayLike, num_pulses: int = 0
) -> checks.Floats:
    """Return the coherence left by Ornstein-Uhlenbeck noise of the detuning under evenly spaced pi pulses.

    The detuning has the correlation ``b**2 exp(-|t|/tau)``. Pulses stand at (k - 1/2)/N of the duration, as in
    CPMG: ``num_pulses`` is 0 for free decay, 1 for a Hahn echo. Exact for any tau; in a slow bath the echo is
    ``exp(-b**2 t**3/(12 tau N**2))``.

    References
    ----------
    de Lange et al., Science 330, 60 (2010).

    Examples
    --------
    >>> decoupled_coherence(duration_s=3.0, detuning_std_rad_per_s=1.0, correlation_time_s=10.0, num_pulses=1).round(12).item()
    0.817611084835
    """
    values = {
        "duration_s": checks.real(duration_s, "duration_s", low=0.0),
        "detuning_std_rad_per_s": checks.real(detuning_std_rad_per_s, "detuning_std_rad_per_s", low=0.0),
        "correlation_time_s": checks.real(correlation_time_s, "correlation_time_s", low=0.0, open_low=True),
    }
    checks.broadcast_parameters(values)
    duration, spread, time = values.values()
    count = checks.integer(num_pulses, "num_pulses", 0)
    length = np.asarray(duration / time)
    with np.errstate(over="ignore"):
        phase = np.square(spread * time * np.sqrt(_free(length) if count == 0 else _pulsed(length, count)))
    return checks.plain(np.exp(-phase))


def _series(x: checks.Floats, limit: float, terms: list[float], closed: checks.Floats) -> checks.Floats:
    """Return the power series in x below the limit, the closed form above, where its digits don't cancel."""
    return np.where(x < limit, np.polynomial.polynomial.polyval(np.minimum(x, limit), terms), closed)


def _free(x: checks.Floats) -> checks.Floats:
    """Return ``x - 1 + exp(-x)``, to full precision."""
    terms = [0.0, 0.0, *((-1) ** k / math.factorial(k) for k in range(2, 18))]
    return _series(x, 0.5, terms, x + np.expm1(-x))


def _pulsed(length: checks.Floats, count: int) -> checks.Floats:
    """Return ``2 N (s - tanh s) - (1 - sech s)**2 (1 - (-1)**N exp(-2 N s))``, to full precision, ``s = length/2N``."""
    s = length / (2 * count)
    terms = [0.0, 0.0, 0.0, *np.ravel([(c, 0.0) for c in _TANH])]
    fading = -np.expm1(-s)
    bent = fading**2 / (1 + (1 - fading) ** 2)  # 1 - sech s
    edges = -np.expm1(-length) if count % 2 == 0 else 1 + np.exp(-length)
    return np.asarray(np.maximum(2 * count * _series(s, 0.3, terms, s - np.tanh(s)) - bent**2 * edges, 0.0))


def decoupled_t2(
    *, t2_s: ArrayLike, num_pulses: ArrayLike, exponent: ArrayLike = 2 / 3, t1_s: ArrayLike = np.inf
) -> checks.Floats:
    """Return T2 under N pulses, ``t2_s * N**exponent``, at most ``2 t1_s``.

    ``t2_s`` is that of a single echo; 2/3 is the exponent of a slow Ornstein-Uhlenbeck bath, a/(1 + a) that of
    noise whose spectrum falls as the frequency to the power -a.

    >>> decoupled_t2(t2_s=1.0, num_pulses=8).round(12).item()
    4.0
    """
    values = {
        "t2_s": checks.real(t2_s, "t2_s", low=0.0, open_low=True),
        "num_pulses": checks.real(num_pulses, "num_pulses", low=1.0),
        "exponent": checks.real(exponent, "exponent", low=0.0, high=1.0),
        "t1_s": checks.real(t1_s, "t1_s", low=0.0, open_low=True, infinite=True),
    }
    checks.broadcast_parameters(values)
    time, pulses, power, relaxation = values.values()
    return checks.plain(np.minimum(time * pulses**power, 2 * relaxation))
