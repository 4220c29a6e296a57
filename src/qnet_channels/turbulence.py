"""Turbulence of the atmosphere by the Hufnagel-Valley profile, and what it does to a beam.

Formulas of weak turbulence for layers that are flat: elevations of more than about 20 degrees.
"""

from math import gamma

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .parameters import parameters

__all__ = [
    "fried_parameter_m",
    "hufnagel_valley",
    "hufnagel_valley_moment",
    "isoplanatic_angle_urad",
    "rytov_variance",
    "uplink_fried_parameter_m",
]

_WIND_M_PER_S, _GROUND = 21.0, 1.7e-14  # "HV 5/7": at 500 nm a Fried parameter of 5 cm, an isoplanatic angle of 7 µrad
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)
_Term = tuple[checks.Floats, int, float]


def _terms(wind: checks.Floats, ground: checks.Floats) -> list[_Term]:
    """Return strength, power and scale height in m of each term ``strength * h**power * exp(-h/scale)``."""
    high = 0.00594 * (wind / 27) ** 2 * 1e-50
    return [(np.asarray(high), 10, 1000.0), (np.asarray(2.7e-16), 0, 1500.0), (ground, 0, 100.0)]


def hufnagel_valley(
    height_m: ArrayLike, *, wind_m_per_s: ArrayLike = _WIND_M_PER_S, ground_cn2: ArrayLike = _GROUND
) -> checks.Floats:
    """Return the structure constant Cn² in m^(-2/3) at a height above the ground.

    ``0.00594 (W/27)² (1e-5 h)**10 exp(-h/1000) + 2.7e-16 exp(-h/1500) + A exp(-h/100)`` with the rms wind
    W of high altitude and the ground's share A, in m^(-2/3); the defaults are the profile "5/7".

    >>> hufnagel_valley([0.0, 1e4]).round(22).tolist()
    [1.727e-14, 1.66573e-17]
    """
    height, wind, ground = parameters(
        not_negative={"height_m": height_m, "wind_m_per_s": wind_m_per_s, "ground_cn2": ground_cn2}
    )
    return checks.plain(sum(a * height**q * np.exp(-height / s) for a, q, s in _terms(wind, ground)))


def hufnagel_valley_moment(
    order: float, *, wind_m_per_s: ArrayLike = _WIND_M_PER_S, ground_cn2: ArrayLike = _GROUND
) -> checks.Floats:
    """Return the integral of ``h**order Cn²(h)`` from the ground to infinity, by Gamma functions.

    >>> hufnagel_valley_moment(0).round(20).item()
    2.23539488e-12
    """
    power = float(checks.real(order, "order", low=0.0))
    wind, ground = parameters(not_negative={"wind_m_per_s": wind_m_per_s, "ground_cn2": ground_cn2})
    return _moment(power, wind, ground)


def _moment(power: float, wind: checks.Floats, ground: checks.Floats) -> checks.Floats:
    return checks.plain(sum(a * gamma(power + q + 1) * s ** (power + q + 1) for a, q, s in _terms(wind, ground)))


def _path(
    wavelength_nm: ArrayLike, elevation_deg: ArrayLike, wind_m_per_s: ArrayLike, ground_cn2: ArrayLike,
    **altitude: ArrayLike,
) -> tuple[checks.Floats, ...]:  # fmt: skip
    """Return wavenumber in 1/m, secant of the zenith angle, wind, ground, and the altitude if given."""
    elevation, wind, ground, wavelength, *height = parameters(
        raised={"elevation_deg": elevation_deg},
        not_negative={"wind_m_per_s": wind_m_per_s, "ground_cn2": ground_cn2},
        positive={"wavelength_nm": wavelength_nm, **altitude},
    )
    return 2e9 * np.pi / wavelength, 1 / np.sin(np.deg2rad(elevation)), wind, ground, *height


def fried_parameter_m(
    *, wavelength_nm: ArrayLike, elevation_deg: ArrayLike = 90.0, wind_m_per_s: ArrayLike = _WIND_M_PER_S,
    ground_cn2: ArrayLike = _GROUND,
) -> checks.Floats:  # fmt: skip
    """Return the Fried parameter r0 on the ground of a plane wave from above, as of a downlink.

    ``(0.423 k² sec ζ ∫ Cn² dh)**(-3/5)``: a telescope larger than r0 sees a blurred image, about as wide as that of one of
    diameter r0. ``elevation_deg`` is in (0, 90]; wind and ground as in ``hufnagel_valley``.

    >>> fried_parameter_m(wavelength_nm=500.0).round(9).item()
    0.049605678
    """
    k, secant, wind, ground = _path(wavelength_nm, elevation_deg, wind_m_per_s, ground_cn2)
    moment = _moment(0, wind, ground)
    return checks.plain((0.423 * k**2 * secant * moment) ** -0.6)


def isoplanatic_angle_urad(
    *, wavelength_nm: ArrayLike, elevation_deg: ArrayLike = 90.0, wind_m_per_s: ArrayLike = _WIND_M_PER_S,
    ground_cn2: ArrayLike = _GROUND,
) -> checks.Floats:  # fmt: skip
    """Return the angle over which turbulence is alike, ``(2.914 k² sec^(8/3) ζ ∫ Cn² h^(5/3) dh)**(-3/5)``.

    >>> isoplanatic_angle_urad(wavelength_nm=500.0).round(9).item()
    6.894206298
    """
    k, secant, wind, ground = _path(wavelength_nm, elevation_deg, wind_m_per_s, ground_cn2)
    moment = _moment(5 / 3, wind, ground)
    return checks.plain(1e6 * (2.914 * k**2 * secant ** (8 / 3) * moment) ** -0.6)


def rytov_variance(
    *, wavelength_nm: ArrayLike, elevation_deg: ArrayLike = 90.0, wind_m_per_s: ArrayLike = _WIND_M_PER_S,
    ground_cn2: ArrayLike = _GROUND,
) -> checks.Floats:  # fmt: skip
    """Return the Rytov variance of a plane wave from above, ``2.25 k^(7/6) sec^(11/6) ζ ∫ Cn² h^(5/6) dh``.

    For values well below 1 turbulence is weak, and this is the variance of the logarithm of intensity at a point.

    >>> rytov_variance(wavelength_nm=850.0).round(9).item()
    0.126600574
    """
    k, secant, wind, ground = _path(wavelength_nm, elevation_deg, wind_m_per_s, ground_cn2)
    moment = _moment(5 / 6, wind, ground)
    return checks.plain(2.25 * k ** (7 / 6) * secant ** (11 / 6) * moment)


def _weighted(power: int, scale_m: float, top_m: checks.Floats) -> checks.Floats:
    """Return the integral of ``h**power exp(-h/scale) (1 - h/top)**(5/3)`` from 0 to the top.

    Beyond 64 scale heights nothing is left. With ``h = end (1 - v³)`` the integrand is smooth at the top.
    """
    end = np.minimum(top_m, 64 * scale_m)
    total = np.zeros_like(end)
    for node, weight in zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True):
        height = end * (1 - node**3)
        seen = (1 - height / top_m) ** (5 / 3)
        total = total + weight * 3 * node**2 * end * height**power * np.exp(-height / scale_m) * seen
    return total


def uplink_fried_parameter_m(
    *, wavelength_nm: ArrayLike, altitude_km: ArrayLike, elevation_deg: ArrayLike = 90.0,
    wind_m_per_s: ArrayLike = _WIND_M_PER_S, ground_cn2: ArrayLike = _GROUND,
) -> checks.Floats:  # fmt: skip
    """Return the Fried parameter on the ground of a spherical wave from this height: it widens the spot of an uplink.

    ``(0.423 k² sec ζ ∫ Cn² (1 - h/H)^(5/3) dh)**(-3/5)``, the integral by quadrature to full precision. By reciprocity a beam
    sent up spreads by it as that wave does coming down. For a high satellite it is that of a plane wave.

    >>> uplink_fried_parameter_m(wavelength_nm=500.0, altitude_km=500.0).round(9).item()
    0.049703535
    """
    k, secant, wind, ground, altitude = _path(
        wavelength_nm, elevation_deg, wind_m_per_s, ground_cn2, altitude_km=altitude_km
    )
    integral = sum(a * _weighted(q, s, 1e3 * altitude) for a, q, s in _terms(wind, ground))
    return checks.plain((0.423 * k**2 * secant * integral) ** -0.6)
