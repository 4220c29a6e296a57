"""Measurement-device-independent key distribution: both ends send, and an untrusted station in the middle measures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.heralding import arms
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .key_rate import KeyRate, hardware, key_rate, ratio
from .pair_programs import sender_levels, yield_bounds

__all__ = ["MdiGains", "mdi_gains", "mdi_qkd"]

Floats = checks.Floats
Pulses = tuple[Floats, Floats]  # gain, and gain of wrong bits
_BRIGHTEST = 100.0  # photons of a pulse


class MdiGains(NamedTuple):
    """What the station announces when both senders have chosen the same basis.

    Attributes
    ----------
    gain_z, error_rate_z, gain_x, error_rate_x : ndarray
        Probability of an announced Bell state, and how many of the bits are wrong (NaN where nothing is announced).
    """

    gain_z: Floats
    error_rate_z: Floats
    gain_x: Floats
    error_rate_x: Floats


def mdi_gains(
    *, transmissivity: ArrayLike, mean_photons: ArrayLike | None = None, dark_count_probability: ArrayLike = 0.0,
    misalignment_error: ArrayLike = 0.0,
) -> MdiGains:  # fmt: skip
    """Return gains and error rates in both bases of a station with a beam splitter and four threshold detectors.

    It announces psi+ and psi- by two clicks, as in a swap with linear optics. Exact for coherent pulses of random phase and for
    single photons. Two coherent pulses show a quarter of wrong bits in X even if nothing is amiss, as
    of two photons half come from one sender.

    Parameters
    ----------
    transmissivity : array_like or (left, right)
        From a sender to a click.
    mean_photons : array_like or (left, right), optional
        μ of the pulses; single photons if not given.
    dark_count_probability : array_like
        Of each of the four detectors.
    misalignment_error : array_like
        Probability in [0, 1/2] that a bit is turned on its way, for both senders together.

    References
    ----------
    Lo, Curty and Qi, PRL 108, 130503 (2012); Ma and Razavi, PRA 86, 062319 (2012), appendix B.

    Examples
    --------
    >>> gains = mdi_gains(transmissivity=0.0145, mean_photons=0.4, dark_count_probability=3e-6, misalignment_error=0.015)
    >>> gains.error_rate_z.round(6).item(), gains.error_rate_x.round(6).item()
    (0.017003, 0.257649)
    """
    found = _station(transmissivity, mean_photons, dark_count_probability, misalignment_error)
    (gain_z, wrong_z), (gain_x, wrong_x) = _single_photons(found) if mean_photons is None else _coherent(found)
    fields = (gain_z, ratio(wrong_z, gain_z), gain_x, ratio(wrong_x, gain_x))
    return MdiGains(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))


def mdi_qkd(
    *, transmissivity: ArrayLike, mean_photons: ArrayLike | None = None,
    decoy_intensities: Sequence[Any] | None = None, dark_count_probability: ArrayLike = 0.0,
    misalignment_error: ArrayLike = 0.0, reconciliation_efficiency: ArrayLike = 1.16,
    sifting_efficiency: ArrayLike = 1.0, repetition_rate_hz: ArrayLike = 1.0,
) -> KeyRate:  # fmt: skip
    """Return the key rate of MDI-QKD: ``q (P_11 Y_11 (1 - h(e_11)) - Q_Z f h(E_Z))``.

    The key is from Z, and the pairs of single photons (with probability ``P_11 = μ_a μ_b exp(-μ_a - μ_b)``) are bounded by
    their errors in X. Neither detectors nor station have to be trusted; attacks on the sources are left out.

    Parameters
    ----------
    transmissivity, mean_photons, dark_count_probability, misalignment_error
        As for ``mdi_gains``.
    decoy_intensities : sequence of array_like or (left, right), optional
        Mean photons of both senders' decoys, in descending order and less than ``mean_photons``: Y_11 and e_11 are
        bounded as in ``mdi_decoy_bounds``, which takes some hundredths of a second for each point. If not given, there are
        infinitely many, by which both are known.
    reconciliation_efficiency, repetition_rate_hz : array_like
        As in ``bb84``.
    sifting_efficiency : array_like
        1 if Z is preferred by both.

    References
    ----------
    Lo, Curty and Qi, PRL 108, 130503 (2012); Ma and Razavi, PRA 86, 062319 (2012).

    Examples
    --------
    >>> key = mdi_qkd(transmissivity=0.0145, mean_photons=0.4, dark_count_probability=3e-6, misalignment_error=0.015)
    >>> key.secret_fraction.round(12).item(), key.phase_error_rate.round(6).item()
    (4.270012e-06, 0.015793)
    """
    found = _station(transmissivity, mean_photons, dark_count_probability, misalignment_error)
    found |= hardware(
        probabilities={},
        means=found,
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        sifting_efficiency=sifting_efficiency,
        repetition_rate_hz=repetition_rate_hz,
    )
    single_z, single = _single_photons(found)
    if mean_photons is None:
        _require_no_decoys(decoy_intensities)
        return key_rate(found, gain=single_z[0], wrong=single_z[1], safe=single[0], safe_wrong=single[1])
    left, right = found["mean_photons[0]"], found["mean_photons[1]"]
    share = left * np.exp(-left) * right * np.exp(-right)
    gain, wrong = _coherent(found)[0]
    if decoy_intensities is not None:
        single = _bounded(found, decoy_intensities)
    return key_rate(found, gain=gain, wrong=wrong, safe=share * single[0], safe_wrong=share * single[1])


def _require_no_decoys(decoy_intensities: object) -> None:
    if decoy_intensities is not None:
        raise ParameterTypeError(
            "Parameter `decoy_intensities` must be None where `mean_photons` is: photons are single."
        )


def _bounded(found: Mapping[str, Floats], decoys: Sequence[Any]) -> Pulses:
    """Return the least gain of pairs of single photons, and the most of it that is wrong in X.

    Their yield is the same in both bases, as the state is: the better of both bounds on it counts.
    """
    left, right = sender_levels(decoys, "decoy_intensities", (found["mean_photons[0]"], found["mean_photons[1]"]))
    for side in (left, right):
        checks.broadcast_parameters(dict(found) | {f"decoy_intensities[{k}]": one for k, one in enumerate(side[1:])})
    pairs = {"mean_photons[0]": _lined_up(left, -2), "mean_photons[1]": _lined_up(right, -1)}
    rest = {name: value[..., None, None] for name, value in found.items() if name not in pairs}
    both = [np.stack(np.broadcast_arrays(*pulses)) for pulses in _coherent(rest | pairs)]
    least = [yield_bounds(left, right, gain, gain, (1, 1), most=False) for gain, _ in both]
    wrong = both[1][1]
    return checks.plain(np.maximum(*least)), yield_bounds(left, right, wrong, wrong, (1, 1), most=True)


def _lined_up(levels: Sequence[Floats], axis: int) -> Floats:
    """Return intensities along one of two new axes behind those of the batch."""
    return np.expand_dims(np.stack(np.broadcast_arrays(*levels), -1), -3 - axis)


def _station(
    transmissivity: ArrayLike,
    mean_photons: ArrayLike | None,
    dark_count_probability: ArrayLike,
    misalignment: ArrayLike,
) -> dict[str, Floats]:
    found = arms(transmissivity, "transmissivity", checks.probability)
    if mean_photons is not None:
        found |= arms(
            mean_photons, "mean_photons", lambda value, name: checks.real(value, name, low=0.0, high=_BRIGHTEST)
        )
    found["dark_count_probability"] = checks.probability(dark_count_probability, "dark_count_probability")
    found["misalignment_error"] = checks.real(misalignment, "misalignment_error", low=0.0, high=0.5)
    checks.broadcast_parameters(found)
    return found


def _single_photons(found: Mapping[str, Floats]) -> tuple[Pulses, Pulses]:
    """Return gain and wrong gain in Z and in X for one photon of each sender."""
    left, right = found["transmissivity[0]"], found["transmissivity[1]"]
    dark, turned = found["dark_count_probability"], found["misalignment_error"]
    quiet, both = (1 - dark) ** 2, left * right
    lone = left * (1 - right) + right * (1 - left)
    by_lot = quiet * (2 * lone * dark + 4 * (1 - left) * (1 - right) * dark**2)
    gain = quiet * both * (0.5 + dark) + by_lot
    bunched = quiet * both * dark  # both photons in one detector, and a dark count: wrong in Z, by lot in X
    flipped = by_lot / 2 + bunched
    wrong_z = turned * (gain - flipped) + (1 - turned) * flipped
    return (gain, wrong_z), (gain, (by_lot + bunched) / 2 + turned * quiet * both / 2)


def _coherent(found: Mapping[str, Floats]) -> tuple[Pulses, Pulses]:
    """Return gain and wrong gain in Z and in X for coherent pulses; sums of positive terms."""
    left, right = (found[f"transmissivity[{k}]"] * found[f"mean_photons[{k}]"] for k in range(2))
    dark, turned = found["dark_count_probability"], found["misalignment_error"]
    bessel, bessel_double, excess = bessel_excess(np.sqrt(left * right) / 2)
    fade = np.exp(-(left + right) / 2)
    equal = 2 * (1 - dark) ** 2 * fade * _click(left / 2, dark) * _click(right / 2, dark)
    unequal = 2 * dark * (1 - dark) ** 2 * fade * (bessel_double + _click((left + right) / 2, dark))
    quiet, lit = (1 - dark) * np.exp(-(left + right) / 4), _click((left + right) / 4, dark)
    gain_x = 2 * quiet**2 * (2 * lit**2 + 4 * lit * bessel + excess)
    wrong_x = gain_x / 2 - (1 - 2 * turned) * quiet**2 * bessel_double
    return (equal + unequal, turned * equal + (1 - turned) * unequal), (gain_x, wrong_x)


def _click(light: Floats, dark: Floats) -> Floats:
    """Return ``1 - (1 - dark) exp(-light)``."""
    return checks.plain(-np.expm1(-light) + dark * np.exp(-light))


def bessel_excess(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return ``I_0(x) - 1``, ``I_0(2x) - 1`` and ``I_0(2x) - 4 I_0(x) + 3``, by their power series for small x."""
    from scipy.special import i0  # slow to load

    near = np.minimum(x, 1.0)
    once, twice, rest, term = (np.full(np.shape(x), start) for start in (0.0, 0.0, 0.0, 1.0))
    for k in range(1, 16):
        term = term * (near / (2 * k)) ** 2
        once, twice, rest = once + term, twice + 4.0**k * term, rest + (4.0**k - 4) * term
    far = x > 1
    large, larger = i0(x), i0(2 * x)
    return (
        checks.plain(np.where(far, large - 1, once)),
        checks.plain(np.where(far, larger - 1, twice)),
        checks.plain(np.where(far, larger - 4 * large + 3, rest)),
    )
