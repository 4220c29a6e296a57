"""Chromatic dispersion of pulses, and how well two photons interfere."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .damping import require_physical_times
from .parameters import parameters

__all__ = [
    "dephased_photon_visibility",
    "dispersion_delay_s",
    "dispersion_length_km",
    "exponential_photon_visibility",
    "gaussian_photon_visibility",
    "group_velocity_dispersion",
    "pulse_broadening",
]

_SPEED_OF_LIGHT_NM_PER_PS = 299792.458
_PS = 1e-12


def group_velocity_dispersion(*, dispersion_ps_per_nm_km: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return β2 in ps²/km of a dispersion coefficient D, ``-D λ²/(2π c)``.

    Standard fibre has D = 17 ps/(nm km) at 1550 nm and next to none at 1310 nm.

    >>> group_velocity_dispersion(dispersion_ps_per_nm_km=17.0, wavelength_nm=1550.0).round(6).item()
    -21.682619
    """
    coefficient, wavelength = parameters(
        signed={"dispersion_ps_per_nm_km": dispersion_ps_per_nm_km}, positive={"wavelength_nm": wavelength_nm}
    )
    return checks.plain(-coefficient * wavelength**2 / (2 * np.pi * _SPEED_OF_LIGHT_NM_PER_PS))


def dispersion_delay_s(
    *, dispersion_ps_per_nm_km: ArrayLike, bandwidth_nm: ArrayLike, length_km: ArrayLike
) -> checks.Floats:
    """Return by how much two colours that lie ``bandwidth_nm`` apart arrive apart, ``|D| Δλ L``.

    >>> dispersion_delay_s(dispersion_ps_per_nm_km=17.0, bandwidth_nm=1.0, length_km=10.0).round(15).item()
    1.7e-10
    """
    coefficient, bandwidth, length = parameters(
        signed={"dispersion_ps_per_nm_km": dispersion_ps_per_nm_km},
        not_negative={"bandwidth_nm": bandwidth_nm, "length_km": length_km},
    )
    return checks.plain(_PS * np.abs(coefficient) * bandwidth * length)


def _squared_width_ps2(fwhm_s: checks.Floats) -> checks.Floats:
    """Return T0² of the amplitude ``exp(-t²/(2 T0²))`` whose intensity has this full width at half maximum."""
    return np.asarray((fwhm_s / _PS) ** 2 / (4 * np.log(2)))


def dispersion_length_km(*, fwhm_s: ArrayLike, gvd_ps2_per_km: ArrayLike) -> checks.Floats:
    """Return the length ``T0²/|β2|`` over which a Gaussian pulse becomes √2 times as long; infinite without dispersion.

    ``fwhm_s`` is the full width at half maximum of the intensity.

    >>> dispersion_length_km(fwhm_s=100e-12, gvd_ps2_per_km=-21.68).round(3).item()
    166.362
    """
    fwhm, gvd = parameters(positive={"fwhm_s": fwhm_s}, signed={"gvd_ps2_per_km": gvd_ps2_per_km})
    with np.errstate(divide="ignore"):
        return checks.plain(_squared_width_ps2(fwhm) / np.abs(gvd))


def pulse_broadening(*, fwhm_s: ArrayLike, gvd_ps2_per_km: ArrayLike, length_km: ArrayLike) -> checks.Floats:
    """Return how many times as long a Gaussian pulse comes out as it went in, ``√(1 + (L/L_D)²)``.

    The pulse goes in without a chirp; dispersion of third order is left out.

    >>> pulse_broadening(fwhm_s=100e-12, gvd_ps2_per_km=-21.68, length_km=50.0).round(6).item()
    1.044188
    """
    fwhm, gvd, length = parameters(
        positive={"fwhm_s": fwhm_s}, signed={"gvd_ps2_per_km": gvd_ps2_per_km}, not_negative={"length_km": length_km}
    )
    return checks.plain(np.hypot(1.0, gvd * length / _squared_width_ps2(fwhm)))


def gaussian_photon_visibility(
    *, fwhm_s: ArrayLike, delay_s: ArrayLike = 0.0, gvd_ps2_per_km: ArrayLike = 0.0,
    length_difference_km: ArrayLike = 0.0,
) -> checks.Floats:  # fmt: skip
    """Return the Hong-Ou-Mandel visibility of two equal Gaussian photons after fibres of unequal length.

    Parameters
    ----------
    fwhm_s : array_like
        Full width at half maximum of the intensity of either photon, as emitted.
    delay_s : array_like
        Difference of arrival that has not been compensated; of either sign.
    gvd_ps2_per_km, length_difference_km : array_like
        β2 of the fibre, and by how much one fibre is longer: dispersion that both share has no effect.

    Notes
    -----
    ``V = |<ψ1|ψ2>|² = exp(-s²τ²/q)/√q`` with ``q = 1 + (β2 ΔL s²)²`` and ``s = √(2 ln 2)/FWHM``, the
    standard deviation of the spectrum in rad/s.

    Examples
    --------
    >>> gaussian_photon_visibility(fwhm_s=100e-12, delay_s=30e-12).round(9).item()
    0.882702996
    """
    fwhm, delay, gvd, difference = parameters(
        positive={"fwhm_s": fwhm_s},
        signed={"delay_s": delay_s, "gvd_ps2_per_km": gvd_ps2_per_km, "length_difference_km": length_difference_km},
    )
    spread = 1 / (2 * _squared_width_ps2(fwhm))
    chirp = 1 + (gvd * difference * spread) ** 2
    return checks.plain(np.exp(-spread * (delay / _PS) ** 2 / chirp) / np.sqrt(chirp))


def exponential_photon_visibility(
    *, lifetime_s: ArrayLike, second_lifetime_s: ArrayLike | None = None, delay_s: ArrayLike = 0.0,
    detuning_rad_per_s: ArrayLike = 0.0,
) -> checks.Floats:  # fmt: skip
    """Return the Hong-Ou-Mandel visibility of two photons that decay exponentially.

    Parameters
    ----------
    lifetime_s, second_lifetime_s : array_like
        1/e times of the intensities; None is a second photon like the first.
    delay_s : array_like
        By how much the second photon starts later; earlier where negative.
    detuning_rad_per_s : array_like
        Between the two carriers.

    Notes
    -----
    ``V = g1 g2 exp(-g τ)/(((g1 + g2)/2)² + δ²)``, g the decay rate of the photon that starts first.

    Examples
    --------
    >>> exponential_photon_visibility(lifetime_s=10e-9, delay_s=3e-9).round(9).item()
    0.740818221
    """
    second = lifetime_s if second_lifetime_s is None else second_lifetime_s
    one, two, delay, detuning = parameters(
        positive={"lifetime_s": lifetime_s, "second_lifetime_s": second},
        signed={"delay_s": delay_s, "detuning_rad_per_s": detuning_rad_per_s},
    )
    mean = (one + two) / 2
    overlap = one * two / (mean**2 + (detuning * one * two) ** 2)
    return checks.plain(overlap * np.exp(-np.abs(delay) / np.where(delay >= 0, one, two)))


def dephased_photon_visibility(*, t1_s: ArrayLike, t2_s: ArrayLike) -> checks.Floats:
    """Return the Hong-Ou-Mandel visibility of two photons of an emitter that dephases, ``T2/(2 T1)``.

    Both times are finite; T2 includes the decay, ``1/T2 = 1/(2 T1) + 1/Tφ``, so it is at most ``2 * t1_s``.
    Dephasing is fast and Markovian; slow drifts of the line between photons are a ``detuning_rad_per_s``.

    >>> dephased_photon_visibility(t1_s=10e-9, t2_s=15e-9).round(12).item()
    0.75
    """
    relaxation, coherence = parameters(positive={"t1_s": t1_s, "t2_s": t2_s})
    require_physical_times(relaxation, coherence)
    return checks.plain(coherence / (2 * relaxation))
