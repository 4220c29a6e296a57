"""What all key rates from hardware have in common: their parameters, their detectors, their result."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import error_entropy
from qnet_channels.parameters import choice
from qnet_core import _checks as checks

__all__ = ["KeyRate"]

Floats = checks.Floats
BackgroundModel = Literal["added", "independent"]


class KeyRate(NamedTuple):
    """Secret key from hardware in the limit of long keys; all fields have the shape of the batch.

    Attributes
    ----------
    secret_fraction : ndarray
        Secret bits per pulse (of each sender, or of the pair source); 0 where there is no key.
    rate_hz : ndarray
        Secret bits per second: ``secret_fraction * repetition_rate_hz``.
    gain, error_rate : ndarray
        Probability per pulse of a click that counts, and how many of these bits are wrong (QBER; NaN where nothing clicks).
    single_photon_gain : ndarray
        The part of the gain that Eve has got no copy of: what single photons give at least.
    phase_error_rate : ndarray
        The most errors of that part in the other basis, at most 1/2.
    balance : ndarray
        ``secret_fraction`` before the cut at 0: below the threshold it says how far away the key is.
    """

    secret_fraction: Floats
    rate_hz: Floats
    gain: Floats
    error_rate: Floats
    single_photon_gain: Floats
    phase_error_rate: Floats
    balance: Floats


def hardware(
    *, misalignment_error: ArrayLike, reconciliation_efficiency: ArrayLike, sifting_efficiency: ArrayLike,
    repetition_rate_hz: ArrayLike, probabilities: Mapping[str, ArrayLike], means: Mapping[str, ArrayLike],
) -> dict[str, Floats]:  # fmt: skip
    """Return all parameters as arrays, each in its range and all of shapes that broadcast."""
    found = {name: checks.probability(value, name) for name, value in probabilities.items()}
    found |= {name: checks.real(value, name, low=0.0) for name, value in means.items()}
    found["misalignment_error"] = checks.real(misalignment_error, "misalignment_error", low=0.0, high=0.5)
    found["reconciliation_efficiency"] = reconciliation(reconciliation_efficiency)
    found["sifting_efficiency"] = checks.probability(sifting_efficiency, "sifting_efficiency")
    found["repetition_rate_hz"] = checks.real(repetition_rate_hz, "repetition_rate_hz", low=0.0)
    checks.broadcast_parameters(found)
    return found


def reconciliation(value: ArrayLike) -> Floats:
    """Return how many bits reconciliation tells per bit that it must."""
    return checks.real(value, "reconciliation_efficiency", low=1.0)


def background(dark_count_probability: Floats, background_yield: Floats) -> Floats:
    """Return the probability that one of two detectors clicks without the signal."""
    dark = dark_count_probability * (2 - dark_count_probability)
    return checks.plain(background_yield + (1 - background_yield) * dark)


def require_model(model: object) -> None:
    """Refuse an unknown model of the background."""
    choice(model, "background_model", get_args(BackgroundModel))


def clicks(seen: Floats, empty: Floats, misalignment: Floats, model: BackgroundModel) -> tuple[Floats, Floats]:
    """Return the probability of a click and of a wrong one, where a photon of the signal is seen with probability ``seen``.

    Background (``empty``) is wrong half of the time. "added": both probabilities just add up, as if they never
    met, and background fills up what is left to 1 at most. "independent": a click of the signal hides the background.
    """
    free = np.minimum(empty, 1 - seen) if model == "added" else empty * (1 - seen)
    return checks.plain(seen + free), checks.plain(misalignment * seen + free / 2)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return a rate among events, NaN where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return checks.plain(np.where(whole > 0, np.divide(part, whole), np.nan))


def at_most_half(part: Floats, whole: Floats) -> Floats:
    """Return an upper bound on a rate of errors: no more than 1/2, and 1/2 where nothing is known."""
    rate = ratio(part, whole)
    return checks.plain(np.where(rate < 0.5, rate, 0.5))


def key_rate(
    found: Mapping[str, Floats], *, gain: Floats, wrong: Floats, safe: Floats, safe_wrong: Floats
) -> KeyRate:  # fmt: skip
    """Return ``q (safe (1 - h(e_phase)) - f gain h(e))``.

    ``wrong`` and ``safe_wrong`` are gains: error rates times ``gain`` and ``safe``.
    """
    error, phase_error = ratio(wrong, gain), at_most_half(safe_wrong, safe)
    kept = safe * np.where(safe > 0, 1 - error_entropy(phase_error), 1)  # below 0 it says how far away a key is
    leak = found["reconciliation_efficiency"] * gain * error_entropy(error)
    balance = found["sifting_efficiency"] * (kept - leak)
    fraction = np.maximum(0, balance)
    fields = (
        fraction, fraction * found["repetition_rate_hz"], gain, error, np.maximum(0, safe), phase_error, balance,
    )  # fmt: skip
    return KeyRate(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))
