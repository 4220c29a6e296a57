"""Photons that classical light in the same fibre scatters into a quantum channel (spontaneous Raman scattering).

They are unpolarized and random in time: they act as dark counts, not as noise on photons that arrive.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .parameters import choice, parameters

__all__ = [
    "anti_stokes_ratio",
    "dbm_to_w",
    "noise_count_probability",
    "noise_photons",
    "photon_rate_hz",
    "raman_power_w",
    "raman_shift_hz",
    "thermal_photons",
]

_PLANCK_J_S = 6.62607015e-34  # exact by the SI of 2019, as is Boltzmann's constant in the next line
_KELVIN_PER_HZ = _PLANCK_J_S / 1.380649e-23
_SPEED_OF_LIGHT_NM_PER_S = 2.99792458e17
_PER_DB = np.log(10) / 10
Direction = Literal["forward", "backward"]


def dbm_to_w(power_dbm: ArrayLike) -> checks.Floats:
    """Return a power given in decibels relative to a milliwatt.

    >>> dbm_to_w(10.0).item()
    0.01
    """
    return checks.plain(1e-3 * np.power(10.0, checks.real(power_dbm, "power_dbm") / 10))


def _mean_decay(exponent: checks.Floats) -> checks.Floats:
    """Return ``(1 - exp(-x))/x``, the mean of exp(-x s) over s from 0 to 1, for x of at least 0."""
    nothing = exponent == 0
    return np.asarray(np.where(nothing, 1.0, -np.expm1(-exponent) / np.where(nothing, 1.0, exponent)))


def raman_power_w(
    direction: Direction, *, launch_power_dbm: ArrayLike, filter_width_nm: ArrayLike, length_km: ArrayLike,
    coefficient_per_km_nm: ArrayLike = 3e-9, pump_attenuation_db_per_km: ArrayLike = 0.2,
    attenuation_db_per_km: ArrayLike = 0.2,
) -> checks.Floats:  # fmt: skip
    """Return the power that classical light scatters into a quantum channel, as it leaves the fibre.

    Parameters
    ----------
    direction : {"forward", "backward"}
        Where the quantum channel is received: at the far end from the classical sender, or next to it.
    launch_power_dbm, length_km : array_like
        Of the classical light, and of the fibre that both share.
    filter_width_nm, coefficient_per_km_nm : array_like
        Width of the filter before the detector, and power scattered per km and nm. 3e-9 holds within the C band, for
        scattering of both polarizations (from public measurements, ±40 %); far on the anti-Stokes side, as in the
        O band under C-band light, it is smaller by three to four orders of magnitude (from memory).
    pump_attenuation_db_per_km, attenuation_db_per_km : array_like
        Of the classical light, and of the quantum channel; they may be equal.

    Notes
    -----
    Per power, coefficient and width: forward ``(exp(-a_p L) - exp(-a_q L))/(a_q - a_p)``, and
    ``L exp(-a L)`` where both are equal; backward ``(1 - exp(-(a_p + a_q) L))/(a_p + a_q)``.
    The classical light is not depleted, and scattering of scattered light is left out.

    Examples
    --------
    >>> raman_power_w("backward", launch_power_dbm=0.0, filter_width_nm=0.5, length_km=20.0).round(17).item()
    1.370488e-11
    """
    choice(direction, "direction", get_args(Direction))
    power, width, length, coefficient, pump, signal = parameters(
        signed={"launch_power_dbm": launch_power_dbm},
        not_negative={
            "filter_width_nm": filter_width_nm, "length_km": length_km, "coefficient_per_km_nm": coefficient_per_km_nm,
            "pump_attenuation_db_per_km": pump_attenuation_db_per_km, "attenuation_db_per_km": attenuation_db_per_km,
        },
    )  # fmt: skip
    scattered = dbm_to_w(power) * coefficient * width * length
    if direction == "backward":
        return checks.plain(scattered * _mean_decay(_PER_DB * (pump + signal) * length))
    common = np.exp(-_PER_DB * np.minimum(pump, signal) * length)
    return checks.plain(scattered * common * _mean_decay(_PER_DB * np.abs(pump - signal) * length))


def photon_rate_hz(*, power_w: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return the photons per second of light of this power, ``P λ/(h c)``.

    >>> photon_rate_hz(power_w=1e-11, wavelength_nm=1540.0).round().item()
    77525395.0
    """
    power, wavelength = parameters(not_negative={"power_w": power_w}, positive={"wavelength_nm": wavelength_nm})
    return checks.plain(power * wavelength / (_PLANCK_J_S * _SPEED_OF_LIGHT_NM_PER_S))


def noise_photons(
    *, rate_hz: ArrayLike, window_s: ArrayLike, transmissivity: ArrayLike = 1.0, polarized: bool = False
) -> checks.Floats:
    """Return the mean number of noise photons that make a click in a window, of unpolarized light of this rate.

    ``transmissivity`` is that from where the rate is given to a click. ``polarized`` is True where a
    polarizer stands before the detector, which stops one half.

    >>> noise_photons(rate_hz=1e8, window_s=1e-9, transmissivity=0.5, polarized=True).round(12).item()
    0.025
    """
    rate, window, kept = parameters(
        not_negative={"rate_hz": rate_hz, "window_s": window_s}, fractions={"transmissivity": transmissivity}
    )
    return checks.plain(rate * window * kept * (0.5 if polarized else 1.0))


def noise_count_probability(*, mean_photons: ArrayLike, dark_count_probability: ArrayLike = 0.0) -> checks.Floats:
    """Return the probability of at least one noise click, ``1 - (1 - p_dark) exp(-μ)``.

    It is what a link takes as its ``dark_count_probability``. Noise photons are counted by ``noise_photons``
    or ``background_photons``; many modes make their statistics Poissonian.

    >>> noise_count_probability(mean_photons=1e-6, dark_count_probability=1e-7).round(12).item()
    1.099999e-06
    """
    photons, dark = parameters(
        not_negative={"mean_photons": mean_photons}, fractions={"dark_count_probability": dark_count_probability}
    )
    return checks.plain(dark - (1 - dark) * np.expm1(-photons))


def raman_shift_hz(*, pump_wavelength_nm: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return by how much the frequency of the quantum channel lies above that of the classical light.

    Positive is the anti-Stokes side.

    >>> raman_shift_hz(pump_wavelength_nm=1547.0, wavelength_nm=1290.0).round(-9).item()
    38608000000000.0
    """
    pump, signal = parameters(positive={"pump_wavelength_nm": pump_wavelength_nm, "wavelength_nm": wavelength_nm})
    return checks.plain(_SPEED_OF_LIGHT_NM_PER_S * (pump - signal) / (pump * signal))


def thermal_photons(*, frequency_hz: ArrayLike, temperature_k: ArrayLike) -> checks.Floats:
    """Return the mean number of quanta of a mode in equilibrium, ``n = 1/(exp(h f/k T) - 1)``.

    Anti-Stokes scattering with this shift goes with n, Stokes scattering with n + 1.

    >>> thermal_photons(frequency_hz=38.6e12, temperature_k=295.0).round(6).item()
    0.001878
    """
    frequency, temperature = parameters(positive={"frequency_hz": frequency_hz, "temperature_k": temperature_k})
    with np.errstate(over="ignore"):
        return checks.plain(1 / np.expm1(_KELVIN_PER_HZ * frequency / temperature))


def anti_stokes_ratio(*, shift_hz: ArrayLike, temperature_k: ArrayLike) -> checks.Floats:
    """Return anti-Stokes over Stokes scattering, ``n/(n + 1) = exp(-h |f|/k T)``, for a shift of either sign.

    >>> anti_stokes_ratio(shift_hz=38.6e12, temperature_k=295.0).round(6).item()
    0.001874
    """
    shift, temperature = parameters(signed={"shift_hz": shift_hz}, positive={"temperature_k": temperature_k})
    return checks.plain(np.exp(-_KELVIN_PER_HZ * np.abs(shift) / temperature))
