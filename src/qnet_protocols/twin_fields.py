"""Twin-field key distribution: one photon from either end interferes half-way, and the key goes with the root of the loss."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .key_rate import KeyRate, hardware, key_rate
from .linear_program import intensity_levels
from .mdi import bessel_excess
from .pair_programs import yield_bounds

__all__ = ["phase_slice_error", "twin_field"]

Floats = checks.Floats
Clicks = Callable[[int, int], Floats]
_BOUNDED = 4  # photons of both senders up to which decoys bound the clicks; more are taken to click always
_MOST = 12  # photons of one sender that are counted one by one; more are taken to click always
_BEYOND = 60  # photons of one sender that are counted at all
_BRIGHT = 4.0  # mean number of photons above which there is no key


def twin_field(
    *, transmissivity: ArrayLike, mean_photons: ArrayLike, decoy_intensities: Sequence[ArrayLike] | None = None,
    dark_count_probability: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, sifting_efficiency: ArrayLike = 1.0,
    repetition_rate_hz: ArrayLike = 1.0,
) -> KeyRate:  # fmt: skip
    """Return the key rate of twin-field QKD in the form of Curty, Azuma and Lo.

    In X both senders send the coherent states ``|±α>``, ``α² = mean_photons``, and a click of exactly one of
    two detectors tells whether their bits agree. Phase errors follow from what Fock states of random phase would give:
    ``e_Z <= Σ_j (Σ_nm c_n c_m √p_nm)²/p_XX``, n and m both even or both odd. The key is
    ``q 2 p_XX (1 - f h(e_X) - h(e_Z))`` and goes with the root of the transmissivity from end to end. More than 12 photons
    of one sender are taken to click always, which keeps the bound a bound (and is less than 1e-11 of it for α² up to 0.1).

    Parameters
    ----------
    transmissivity : array_like
        Per arm, from a sender to a click; both arms alike.
    mean_photons : array_like
        α² of the pulses of the key: about 0.02 over long distances.
    decoy_intensities : sequence of array_like, optional
        Mean photons of pulses of random phase that both send in the other basis, in descending order: p_nm up to four photons
        are bounded by their gains, with a linear program for each, and the others are taken to be 1. If not given,
        there are infinitely many, by which all p_nm are known.
    dark_count_probability : array_like
        Of each of the two detectors.
    misalignment_error : array_like
        Share of the light in [0, 1/2] that leaves by the wrong port, as the phases differ: ``sin²(δ/2)``.
    reconciliation_efficiency, repetition_rate_hz : array_like
        As in ``bb84``.
    sifting_efficiency : array_like
        Share of the pulses that both send in X.

    References
    ----------
    Curty, Azuma and Lo, npj Quantum Inf. 5, 64 (2019); Lucamarini et al., Nature 557, 400 (2018).

    Examples
    --------
    >>> key = twin_field(transmissivity=0.1, mean_photons=0.04, dark_count_probability=1e-6)
    >>> key.secret_fraction.round(9).item(), key.phase_error_rate.round(6).item()
    (0.003728243, 0.12027)
    """
    found = hardware(
        probabilities={"transmissivity": transmissivity, "dark_count_probability": dark_count_probability},
        means={"mean_photons": mean_photons},
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        sifting_efficiency=sifting_efficiency,
        repetition_rate_hz=repetition_rate_hz,
    )
    eta, mean, dark = found["transmissivity"], found["mean_photons"], found["dark_count_probability"]
    light, astray = 2 * eta * mean, found["misalignment_error"]
    right = _lone_click(light * (1 - astray), light * astray, dark)
    wrong = _lone_click(light * astray, light * (1 - astray), dark)
    gain = right + wrong  # both patterns, each with half of the bits
    lone = fock_clicks(eta, dark) if decoy_intensities is None else _bounded_clicks(eta, dark, decoy_intensities)
    phase_wrong = 2 * phase_error_gain(mean, lone)
    return key_rate(found, gain=gain, wrong=wrong, safe=gain, safe_wrong=phase_wrong)


def _lone_click(here: Floats, there: Floats, dark: Floats) -> Floats:
    """Return the probability that of two detectors with these mean numbers of photons the first one clicks alone."""
    return checks.plain((1 - dark) * np.exp(-there) * (-np.expm1(-here) + dark * np.exp(-here)))


def phase_error_gain(mean: Floats, lone: Clicks) -> Floats:
    """Return the bound on ``e_Z p_XX`` of one pattern by its p_nm; infinite for bright pulses, where it would say nothing."""
    amplitudes = [np.exp(-mean / 2) * mean ** (n / 2) / math.sqrt(math.factorial(n)) for n in range(_BEYOND)]
    total = np.float64(0.0)
    for parity in range(2):
        kept = range(parity, _MOST + 1, 2)
        pairs = [(n, m) for n in kept for m in kept if m <= n]
        near = sum((2 - (n == m)) * amplitudes[n] * amplitudes[m] * np.sqrt(lone(n, m)) for n, m in pairs)
        whole, counted = sum(amplitudes[parity::2]), sum(amplitudes[parity : _MOST + 1 : 2])
        total = total + (near + (whole + counted) * (whole - counted)) ** 2
    return checks.plain(np.where(mean > _BRIGHT, np.inf, total))


def _bounded_clicks(eta: Floats, dark: Floats, intensities: Sequence[ArrayLike]) -> Clicks:
    """Return the most that the same probability may be by the gains of pulses of random phase."""
    levels = intensity_levels(intensities, "decoy_intensities")
    named = {f"decoy_intensities[{k}]": level for k, level in enumerate(levels)}
    checks.broadcast_parameters({"transmissivity": eta, "dark_count_probability": dark} | named)
    light = np.stack(np.broadcast_arrays(*levels), -1) * eta[..., None]
    gains = random_phase_clicks(light[..., :, None], light[..., None, :], dark[..., None, None])

    def lone(n: int, m: int) -> Floats:
        if n + m > _BOUNDED:
            return checks.plain(1.0)
        return yield_bounds(levels, levels, gains, gains, (n, m), most=True)

    return lone


def random_phase_clicks(left: Floats, right: Floats, dark: Floats) -> Floats:
    """Return the probability that one detector clicks alone, for coherent light of random phases that reaches the station."""
    fade = np.exp(-(left + right) / 2)
    lit = -np.expm1(-(left + right) / 2) + dark * fade
    return checks.plain((1 - dark) * fade * (bessel_excess(np.sqrt(left * right))[0] + lit))


def fock_clicks(eta: Floats, dark: Floats) -> Clicks:
    """Return the probability that one of the detectors clicks alone, as a function of both numbers of photons.

    ``(1 - p_d)(Σ_k C(n,k) C(m,k) u^(n+m-2k) v^2k - (1 - p_d)(1 - η)^(n+m))`` with ``u = 1 - η/2`` and ``v = η/2``, as a sum of
    positive terms; n + m is even.
    """
    ahead, aside, lost = 1 - eta / 2, eta / 2, 1 - eta
    powers, differences, missed = [np.ones(np.shape(eta))], [np.zeros(np.shape(eta))], np.ones(np.shape(eta))
    losses = [missed]
    for _ in range(2 * _MOST):
        differences.append(ahead * differences[-1] + aside * losses[-1])  # u^N - (1 - η)^N, as 1 - η = u - v
        powers.append(powers[-1] * ahead)
        losses.append(losses[-1] * lost)
    odds = (aside / ahead) ** 2

    def lone(n: int, m: int) -> Floats:
        exchanged = np.zeros(np.shape(eta))
        for k in range(min(n, m), 0, -1):
            exchanged = (exchanged + math.comb(n, k) * math.comb(m, k)) * odds
        clicked = powers[n + m] * exchanged + differences[n + m] + dark * losses[n + m]
        return checks.plain((1 - dark) * clicked)

    return lone


def phase_slice_error(*, num_slices: ArrayLike) -> Floats:
    """Return the error of the original twin-field protocol from sorting random phases into M slices, ``(1 - sinc(2/M))/2``.

    There both phases are announced up to a slice, and the key per pulse is ``d/M`` of that of
    ``decoy_bb84`` at the transmissivity of one arm, with a misalignment that has this error on top; d is the
    share of pulses of the key.

    References
    ----------
    Lucamarini et al., Nature 557, 400 (2018).

    Examples
    --------
    >>> phase_slice_error(num_slices=16).round(6).item()
    0.012752
    """
    slices = checks.real(num_slices, "num_slices", low=2.0)
    return checks.plain((1 - np.sinc(2 / slices)) / 2)
