"""Coherence under classical noise of the detuning: lines, echoes, decoupling."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__ = ["decoupled_coherence", "decoupled_t2", "t2_star_from_detuning", "t2_star_from_linewidth"]

_SHAPES = ("gaussian", "lorentzian")


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
    if shape not in _SHAPES:
        raise ParameterError(f"Parameter `shape` must be one of {', '.join(_SHAPES)}, but is {shape!r}.")
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
    edges = [0.0, *((k + 0.5) / count for k in range(count)), 1.0]
    phase = (spread * time) ** 2 * _integral(edges, duration / time)
    return checks.plain(np.exp(-phase))


def _integral(edges: Sequence[float], length: checks.Floats) -> checks.Floats:
    """Return half the double integral of ``y(u) y(v) exp(-|u - v|)``, the sign y turning at inner edges, for a length."""
    steps = [(b - a) * length for a, b in pairwise(edges)]
    total = np.zeros_like(length)
    tail = np.zeros_like(length)  # the integral of y(u) exp(u - now) over what lies behind
    for k, step in enumerate(steps):
        fading = -np.expm1(-step)
        own = np.where(
            step < 1e-2, step**2 / 2 - step**3 / 6 + step**4 / 24 - step**5 / 120 + step**6 / 720, step - fading
        )
        total = total + own + (-1) ** k * tail * fading
        tail = tail * np.exp(-step) + (-1) ** k * fading
    return np.asarray(total)


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
