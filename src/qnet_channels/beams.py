"""Gaussian beams: how wide they are, and how much of them an aperture catches."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .parameters import parameters

__all__ = [
    "area_ratio",
    "beam_capture",
    "beam_radius_m",
    "far_field_waist_m",
    "friis_transmissivity",
    "half_divergence_urad",
    "pointing_loss_exponent",
    "rayleigh_range_m",
    "vasylyev_capture",
    "vasylyev_fit",
]

_NM, _URAD, _KM = 1e-9, 1e-6, 1e3
_SHARPEST = 1e4  # aperture over spot, beyond which the series for a displaced beam has too many terms


def rayleigh_range_m(*, waist_m: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return the distance ``π w0²/λ`` at which the beam is √2 times as wide as its waist (1/e² radius of intensity).

    >>> rayleigh_range_m(waist_m=0.1, wavelength_nm=850.0).round(3).item()
    36959.914
    """
    waist, wavelength = parameters(positive={"waist_m": waist_m, "wavelength_nm": wavelength_nm})
    return checks.plain(np.pi * waist**2 / (_NM * wavelength))


def beam_radius_m(*, waist_m: ArrayLike, wavelength_nm: ArrayLike, distance_km: ArrayLike) -> checks.Floats:
    """Return the 1/e² radius of intensity of a Gaussian beam, ``w0 √(1 + (z/z_R)²)``, at a distance from its waist.

    >>> beam_radius_m(waist_m=0.1, wavelength_nm=850.0, distance_km=1200.0).round(9).item()
    3.24830047
    """
    waist, wavelength, distance = parameters(
        positive={"waist_m": waist_m, "wavelength_nm": wavelength_nm}, not_negative={"distance_km": distance_km}
    )
    return checks.plain(np.hypot(waist, _NM * _KM * wavelength * distance / (np.pi * waist)))


def half_divergence_urad(*, waist_m: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return the angle ``λ/(π w0)`` between the axis and the 1/e² radius far away; a full divergence is twice it.

    >>> half_divergence_urad(waist_m=0.1, wavelength_nm=850.0).round(9).item()
    2.705634033
    """
    waist, wavelength = parameters(positive={"waist_m": waist_m, "wavelength_nm": wavelength_nm})
    return checks.plain(_NM / _URAD * wavelength / (np.pi * waist))


def far_field_waist_m(*, half_divergence_urad: ArrayLike, wavelength_nm: ArrayLike) -> checks.Floats:
    """Return the waist of a beam of this half-angle divergence, ``λ/(π θ)``.

    >>> far_field_waist_m(half_divergence_urad=5.0, wavelength_nm=850.0).round(9).item()
    0.054112681
    """
    angle, wavelength = parameters(
        positive={"half_divergence_urad": half_divergence_urad, "wavelength_nm": wavelength_nm}
    )
    return checks.plain(_NM / _URAD * wavelength / (np.pi * angle))


def beam_capture(*, beam_radius_m: ArrayLike, aperture_radius_m: ArrayLike, offset_m: ArrayLike = 0.0) -> checks.Floats:
    """Return the part of a Gaussian beam that a round aperture catches, its centre ``offset_m`` off the axis.

    Parameters
    ----------
    beam_radius_m, aperture_radius_m : array_like
        1/e² radius w of the intensity at the aperture, and radius a of the aperture.
    offset_m : array_like
        At least 0. Where it is not 0, the aperture may be at most 5000 spots wide.

    Notes
    -----
    Exact: ``1 - exp(-2 a²/w²)`` in the centre, else ``1 - Q1(2r/w, 2a/w)`` with Marcum's Q function, which
    is the distribution function of a noncentral χ² of two degrees of freedom. Below about 1e-40 it is 0.

    Examples
    --------
    >>> beam_capture(beam_radius_m=1.5, aperture_radius_m=1.0, offset_m=[0.0, 0.7]).round(9).tolist()
    [0.588887709, 0.447778536]
    """
    spot, aperture, offset = parameters(
        positive={"beam_radius_m": beam_radius_m},
        not_negative={"aperture_radius_m": aperture_radius_m, "offset_m": offset_m},
    )
    size, shift = 2 * aperture / spot, 2 * offset / spot
    if not shift.any():
        return checks.plain(-np.expm1(-(size**2) / 2) + 0 * shift)
    if ((size > _SHARPEST) & (shift > 0)).any():
        raise ParameterError("Parameter `aperture_radius_m` must be at most 5000 spots off the axis, but is more.")
    from scipy.stats import ncx2  # slow to load, and most links have no offset

    return checks.plain(ncx2.cdf(size**2, 2, shift**2))


def area_ratio(*, beam_radius_m: ArrayLike, aperture_radius_m: ArrayLike) -> checks.Floats:
    """Return the part of a spot of even brightness and this radius that an aperture in its centre catches, at most 1.

    The middle of a Gaussian beam is twice as bright as its mean: a small aperture catches 3 dB more of it.

    >>> area_ratio(beam_radius_m=6.0, aperture_radius_m=0.5).round(9).item()
    0.006944444
    """
    spot, aperture = parameters(
        positive={"beam_radius_m": beam_radius_m}, not_negative={"aperture_radius_m": aperture_radius_m}
    )
    return checks.plain(np.minimum(1.0, (aperture / spot) ** 2))


def friis_transmissivity(
    *, transmitter_radius_m: ArrayLike, receiver_radius_m: ArrayLike, wavelength_nm: ArrayLike, distance_km: ArrayLike
) -> checks.Floats:
    """Return ``A_t A_r/(λ L)²`` for two evenly lit round apertures of areas A; it holds far away only, where it is small.

    Refused above 1, where it can't hold.

    >>> friis_transmissivity(
    ...     transmitter_radius_m=0.15, receiver_radius_m=0.6, wavelength_nm=810.0, distance_km=1200.0
    ... ).round(9).item()
    0.08461595
    """
    sender, receiver, wavelength, distance = parameters(
        positive={
            "transmitter_radius_m": transmitter_radius_m, "receiver_radius_m": receiver_radius_m,
            "wavelength_nm": wavelength_nm, "distance_km": distance_km,
        }
    )  # fmt: skip
    ratio = (np.pi * sender * receiver / (_NM * _KM * wavelength * distance)) ** 2
    if (ratio > 1).any():
        raise ParameterError(
            f"Parameter `distance_km` must be in the far field, where A_t A_r/(λ L)² is at most 1, but gives {ratio.max():.12g}."
        )
    return checks.plain(ratio)


def pointing_loss_exponent(*, beam_radius_m: ArrayLike, jitter_m: ArrayLike) -> checks.Floats:
    """Return the exponent ``μ = w²/(4 σ²)`` of the loss by jitter, for an aperture that is small against the beam.

    The transmissivity is random with the distribution function ``(η/η0)**μ`` between 0 and its best value η0;
    its mean is ``η0 μ/(μ + 1)``. ``jitter_m`` is the rms displacement along each of two axes; infinite without it.

    >>> pointing_loss_exponent(beam_radius_m=6.0, jitter_m=1.2).round(12).item()
    6.25
    """
    spot, jitter = parameters(positive={"beam_radius_m": beam_radius_m}, not_negative={"jitter_m": jitter_m})
    with np.errstate(divide="ignore"):
        return checks.plain((spot / (2 * jitter)) ** 2)


class VasylyevFit(NamedTuple):
    """Numbers of the approximation ``peak * exp(-(r/scale_m)**exponent)``."""

    peak: checks.Floats
    exponent: checks.Floats
    scale_m: checks.Floats


def _bessel_excess(x: checks.Floats) -> checks.Floats:
    """Return ``exp(-x) (I0(x) - 1)``, for small x by its series."""
    from scipy.special import i0e

    quarter = x**2 / 4
    series = quarter * (1 + quarter / 4 * (1 + quarter / 9 * (1 + quarter / 16)))
    return np.asarray(np.where(x < 0.1, np.exp(-x) * series, i0e(x) - np.exp(-x)))


def vasylyev_fit(*, beam_radius_m: ArrayLike, aperture_radius_m: ArrayLike) -> VasylyevFit:
    """Return the numbers of a closed approximation to ``beam_capture`` off the axis.

    Vasylyev, Semenov and Vogel, PRL 108, 220501 (2012), for comparison with work that uses it. The capture is off by
    up to 0.001 for an aperture half as wide as the spot, 0.009 for one as wide, 0.04 for one ten times as wide.

    >>> [number.round(6).item() for number in vasylyev_fit(beam_radius_m=1.5, aperture_radius_m=1.0)]
    [0.588888, 2.047017, 1.320376]
    """
    from scipy.special import i1e

    spot, aperture = parameters(positive={"beam_radius_m": beam_radius_m, "aperture_radius_m": aperture_radius_m})
    area = (aperture / spot) ** 2
    peak = -np.expm1(-2 * area)
    doubled = peak**2 + _bessel_excess(4 * area)  # 2 peak less 1 - exp(-4 area) I0(4 area), which loses digits itself
    steepness = -np.log1p(-doubled / (2 * peak))
    exponent = 8 * area * i1e(4 * area) / ((2 * peak - doubled) * steepness)
    return VasylyevFit(*map(checks.plain, (peak, exponent, aperture * steepness ** (-1 / exponent))))


def vasylyev_capture(*, beam_radius_m: ArrayLike, aperture_radius_m: ArrayLike, offset_m: ArrayLike) -> checks.Floats:
    """Return the approximation of ``vasylyev_fit`` to ``beam_capture``, exact in the centre.

    >>> vasylyev_capture(beam_radius_m=1.5, aperture_radius_m=1.0, offset_m=0.7).round(9).item()
    0.448288298
    """
    spot, aperture, offset = parameters(
        positive={"beam_radius_m": beam_radius_m, "aperture_radius_m": aperture_radius_m},
        not_negative={"offset_m": offset_m},
    )
    fit = vasylyev_fit(beam_radius_m=spot, aperture_radius_m=aperture)
    return checks.plain(fit.peak * np.exp(-((offset / fit.scale_m) ** fit.exponent)))
