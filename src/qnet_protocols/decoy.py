"""Decoy states: BB84 with pulses of several intensities, from which the share of single photons is estimated."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .key_rate import BackgroundModel, KeyRate, background, clicks, hardware, key_rate, require_model
from .linear_program import intensity_levels, linear_bounds

__all__ = ["decoy_bb84"]

Floats = checks.Floats


def decoy_bb84(
    *, transmissivity: ArrayLike, intensities: ArrayLike | Sequence[ArrayLike],
    dark_count_probability: ArrayLike = 0.0, background_yield: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, sifting_efficiency: ArrayLike = 0.5,
    repetition_rate_hz: ArrayLike = 1.0, background_model: BackgroundModel = "added",
) -> KeyRate:  # fmt: skip
    """Return the key rate of BB84 with weak coherent pulses and decoys: ``q (Q1 (1 - h(e1)) - f Q h(E))``.

    ``Q1 = Y1 μ exp(-μ)`` and e1 are bounded by the gains and errors of all intensities, in the limit of long keys:
    by closed forms for one decoy and for two (vacuum and weak, if the last is 0), by a linear program for more. One
    intensity alone stands for infinitely many decoys, with which Y1 and e1 are known. Pulses of the signal
    alone count, and their share of all pulses is left to ``sifting_efficiency``.

    Parameters
    ----------
    transmissivity : array_like
        From the sender to a click: channel, receiver and detectors.
    intensities : sequence of array_like
        Mean numbers of photons of signal and decoys, in descending order. With two decoys the signal must be greater
        than their sum.
    dark_count_probability, background_yield, misalignment_error, reconciliation_efficiency : array_like
        As in ``bb84``, and so are ``sifting_efficiency``, ``repetition_rate_hz`` and ``background_model``.

    References
    ----------
    Lo, Ma and Chen, PRL 94, 230504 (2005); Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005).

    Examples
    --------
    >>> eta = 0.045 * 10 ** (-0.021 * np.array([0.0, 100.0, 200.0]))
    >>> key = decoy_bb84(transmissivity=eta, intensities=(0.48, 0.05, 0.0), background_yield=1.7e-6,
    ...                  misalignment_error=0.033, reconciliation_efficiency=1.22)
    >>> key.secret_fraction.round(9).tolist()
    [0.002414245, 1.602e-05, 0.0]
    """
    levels = intensity_levels(intensities)
    if len(levels) == 3 and (levels[0] <= levels[1] + levels[2]).any():
        raise ParameterError("Parameter `intensities` must have a signal greater than the sum of its two decoys.")
    found = hardware(
        probabilities={
            "transmissivity": transmissivity,
            "dark_count_probability": dark_count_probability,
            "background_yield": background_yield,
        },
        means={f"intensities[{k}]": level for k, level in enumerate(levels)},
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        sifting_efficiency=sifting_efficiency,
        repetition_rate_hz=repetition_rate_hz,
    )
    empty = background(found["dark_count_probability"], found["background_yield"])
    eta, misalignment = found["transmissivity"], found["misalignment_error"]
    seen = checks.plain(-np.expm1(-eta * levels[0]))
    require_model(background_model)
    seen_each = [seen, *(-np.expm1(-eta * level) for level in levels[1:])]
    observed = [clicks(one, empty, misalignment, background_model) for one in seen_each]
    if len(levels) == 1:
        single = clicks(eta, empty, misalignment, background_model)
    else:
        single = single_photon_bounds(levels, [gain for gain, _ in observed], [wrong for _, wrong in observed])
    share = levels[0] * np.exp(-levels[0])
    gain, wrong = observed[0]
    return key_rate(found, gain=gain, wrong=wrong, safe=single[0] * share, safe_wrong=single[1] * share)


def single_photon_bounds(
    levels: Sequence[Floats], gains: Sequence[Floats], wrong: Sequence[Floats]
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the least yield of single photons, and the most of it that is wrong, by two or more intensities."""
    if len(levels) > 3:
        return linear_bounds(levels, gains, wrong)
    scaled = [gain * np.exp(level) for gain, level in zip(gains, levels, strict=True)]
    scaled_wrong = [part * np.exp(level) for part, level in zip(wrong, levels, strict=True)]
    return _one_decoy(levels, scaled, scaled_wrong) if len(levels) == 2 else _two_decoys(levels, scaled, scaled_wrong)


def _least_yield(levels: Sequence[Floats], scaled: Sequence[Floats], low: Floats, vacuum: Floats) -> Floats:
    """Return the least Y1 by signal, decoy and a weaker light (0 for none) without the pulses of two photons."""
    signal, decoy, weakest = levels
    difference = scaled[1] - low - (decoy**2 - weakest**2) / signal**2 * (scaled[0] - vacuum)
    return checks.plain(signal * difference / ((decoy - weakest) * (signal - decoy - weakest)))


def _one_decoy(levels: Sequence[Floats], scaled: Sequence[Floats], wrong: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the bounds where background is known by the errors only, half of which it makes."""
    vacuum = 2 * np.minimum(wrong[0], wrong[1])
    return _least_yield([*levels, checks.plain(0.0)], scaled, vacuum, vacuum), checks.plain(wrong[1] / levels[1])


def _two_decoys(levels: Sequence[Floats], scaled: Sequence[Floats], wrong: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the bounds of equations 18, 21 and 25 of Ma et al. (2005)."""
    _, decoy, weakest = levels
    vacuum = np.maximum(0, (decoy * scaled[2] - weakest * scaled[1]) / (decoy - weakest))
    least = _least_yield(levels, scaled, scaled[2], vacuum)
    return least, checks.plain((wrong[1] - wrong[2]) / (decoy - weakest))
