"""BBM92 with a parametric source of entangled photons."""

from numpy.typing import ArrayLike

from qnet_channels.heralding import arms
from qnet_core import _checks as checks

from .key_rate import KeyRate, background, hardware, key_rate

__all__ = ["bbm92"]


def bbm92(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    background_yield: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, sifting_efficiency: ArrayLike = 0.5,
    repetition_rate_hz: ArrayLike = 1.0,
) -> KeyRate:  # fmt: skip
    """Return the key rate of BBM92 with polarization-entangled pairs of a parametric source: ``q Q (1 - (1 + f) h(E))``.

    The source is that of ``spdc_link``: n pairs with probability ``(n + 1) μ^n/(1 + μ)^(n+2)``. Exact for threshold
    detectors and all numbers of pairs; when both of one side click, its bit is drawn by lot. It belongs to nobody: no
    photon has to be counted, and several pairs show as errors.

    Parameters
    ----------
    mean_photons : array_like
        μ of each of the four modes: 2μ pairs per pulse.
    transmissivity : array_like or (left, right)
        From the source to a click, per arm.
    dark_count_probability, background_yield : array_like or (left, right)
        Of each of the two detectors of a side, and of other light for a side as a whole; per pulse.
    misalignment_error : array_like
        Probability in [0, 1/2] that the two photons of a pair give different bits.
    reconciliation_efficiency, sifting_efficiency, repetition_rate_hz : array_like
        As in ``bb84``.

    References
    ----------
    Ma, Fung and Lo, PRA 76, 012307 (2007); its λ is μ here. Koashi and Preskill, PRL 90, 057902 (2003).

    Examples
    --------
    >>> key = bbm92(mean_photons=0.02, transmissivity=(0.1, [0.1, 1e-4]), dark_count_probability=1e-6)
    >>> key.error_rate.round(6).tolist(), key.secret_fraction.round(9).tolist()
    ([0.017111, 0.026923], [0.000153047, 1.32e-07])
    """
    sides = arms(transmissivity, "transmissivity", checks.probability)
    sides |= arms(dark_count_probability, "dark_count_probability", checks.probability)
    sides |= arms(background_yield, "background_yield", checks.probability)
    found = hardware(
        probabilities=sides,
        means={"mean_photons": mean_photons},
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        sifting_efficiency=sifting_efficiency,
        repetition_rate_hz=repetition_rate_hz,
    )
    gain, contrast = _coincidences(found)
    wrong = gain / 2 - (0.5 - found["misalignment_error"]) * contrast
    return key_rate(found, gain=gain, wrong=wrong, safe=gain, safe_wrong=wrong)


def _coincidences(found: dict[str, checks.Floats]) -> tuple[checks.Floats, checks.Floats]:
    """Return the probability of clicks on both sides, and by how much equal bits are more likely than unequal ones.

    Sums of positive terms: H and V are two two-mode squeezed vacua, of which each is seen by both sides, one or none.
    """
    mean, left, right = found["mean_photons"], found["transmissivity[0]"], found["transmissivity[1]"]
    a, b, c = mean * left, mean * right, mean * left * right
    norm = 1 + a + b * (1 - left)
    none = 1 / norm
    only_left, only_right = a * (1 - right) / ((1 + b) * norm), b * (1 - left) / ((1 + a) * norm)
    pair = (a * b * (norm + 1) + c) / ((1 + a) * (1 + b) * norm)
    both = pair * (2 - pair) + 2 * only_left * only_right
    empty = [background(found[f"dark_count_probability[{k}]"], found[f"background_yield[{k}]"]) for k in range(2)]
    lone_left, lone_right = only_left * (only_left + 2 * none), only_right * (only_right + 2 * none)
    gain = both + empty[1] * lone_left + empty[0] * lone_right + empty[0] * empty[1] * none**2
    contrast = 2 * left * right * mean * (1 + mean) / ((1 + a) * (1 + b) * norm)
    return checks.plain(gain), checks.plain(contrast)
