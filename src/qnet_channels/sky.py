"""The way up: slant range, air mass, transmissivity of the atmosphere, light of the sky."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .parameters import choice, parameters
from .raman import photon_rate_hz

__all__ = [
    "air_mass",
    "atmosphere_transmissivity",
    "background_photons",
    "elevation_at_range_deg",
    "slant_range_km",
]

EARTH_RADIUS_KM = 6371.0
AirMass = Literal["kasten-young", "secant"]


def slant_range_km(*, elevation_deg: ArrayLike, altitude_km: ArrayLike) -> checks.Floats:
    """Return the distance from the ground to a satellite at this height, seen at this elevation in [0, 90].

    ``√((R sin e)² + 2 R h + h²) - R sin e`` for a round Earth of R = 6371 km.

    >>> slant_range_km(elevation_deg=[90.0, 20.0], altitude_km=500.0).round(6).tolist()
    [500.0, 1192.797199]
    """
    elevation, altitude = parameters(
        elevations={"elevation_deg": elevation_deg}, not_negative={"altitude_km": altitude_km}
    )
    up = EARTH_RADIUS_KM * np.sin(np.deg2rad(elevation))
    excess = altitude * (2 * EARTH_RADIUS_KM + altitude)  # r² - R²
    whole = np.sqrt(up**2 + excess) + up
    return checks.plain(excess / np.where(whole == 0, 1.0, whole))  # a difference of roots would lose digits


def elevation_at_range_deg(*, slant_range_km: ArrayLike, altitude_km: ArrayLike) -> checks.Floats:
    """Return the elevation at which a satellite at this height is seen at this distance.

    The distance lies between the height and that of the horizon, ``√(2 R h + h²)``.

    >>> elevation_at_range_deg(slant_range_km=1000.0, altitude_km=500.0).round(9).item()
    26.176610802
    """
    distance, altitude = parameters(positive={"slant_range_km": slant_range_km, "altitude_km": altitude_km})
    excess = altitude * (2 * EARTH_RADIUS_KM + altitude)
    if ((distance < altitude) | (distance**2 > excess * (1 + 1e-12))).any():
        raise ParameterError(
            "Parameter `slant_range_km` must lie between altitude_km and the distance of the horizon, √(2 R h + h²)."
        )
    sine = (excess - distance**2) / (2 * EARTH_RADIUS_KM * distance)
    return checks.plain(np.rad2deg(np.arcsin(np.clip(sine, 0.0, 1.0))))


def air_mass(*, elevation_deg: ArrayLike, model: AirMass = "kasten-young") -> checks.Floats:
    """Return how much more air lies along the line of sight than straight up.

    Parameters
    ----------
    elevation_deg : array_like
        In [0, 90]; not 0 for "secant".
    model : {"kasten-young", "secant"}
        "kasten-young" holds down to the horizon (Kasten and Young, Appl. Opt. 28, 4735 (1989)); "secant" is
        flat air, ``1/sin e``, good to a percent above 18 degrees.

    Examples
    --------
    >>> air_mass(elevation_deg=20.0).round(9).item(), air_mass(elevation_deg=20.0, model="secant").round(9).item()
    (2.903146649, 2.9238044)
    """
    choice(model, "model", get_args(AirMass))
    (elevation,) = parameters(**{"raised" if model == "secant" else "elevations": {"elevation_deg": elevation_deg}})
    sine = np.sin(np.deg2rad(elevation))
    if model == "secant":
        return checks.plain(1 / sine)
    return checks.plain(1 / (sine + 0.50572 * (elevation + 6.07995) ** -1.6364))


def atmosphere_transmissivity(
    *, zenith_transmissivity: ArrayLike, elevation_deg: ArrayLike, model: AirMass = "kasten-young"
) -> checks.Floats:
    """Return the transmissivity of the atmosphere at an elevation, that at the zenith to the power of the air mass.

    >>> atmosphere_transmissivity(zenith_transmissivity=0.8, elevation_deg=30.0, model="secant").round(12).item()
    0.64
    """
    zenith, _ = parameters(
        fractions={"zenith_transmissivity": zenith_transmissivity}, elevations={"elevation_deg": elevation_deg}
    )
    return checks.plain(zenith ** air_mass(elevation_deg=elevation_deg, model=model))


def background_photons(
    *, radiance_w_per_m2_sr_nm: ArrayLike, field_of_view_urad: ArrayLike, aperture_radius_m: ArrayLike,
    filter_width_nm: ArrayLike, window_s: ArrayLike, wavelength_nm: ArrayLike,
) -> checks.Floats:  # fmt: skip
    """Return the mean number of photons of the sky that a telescope takes in during a window.

    Parameters
    ----------
    radiance_w_per_m2_sr_nm : array_like
        Of the sky: about 1.5e-3 on a clear day, 1.5e-6 at full moon, 1.5e-8 in a moonless night (Miao et al.,
        New J. Phys. 7, 215 (2005), from memory, to be verified); orders of magnitude.
    field_of_view_urad : array_like
        Half the angle of the field of view; the solid angle is ``π`` times its square.
    aperture_radius_m, filter_width_nm, window_s, wavelength_nm : array_like
        Of the receiver. What its optics and detector lose comes on top.

    Examples
    --------
    >>> background_photons(
    ...     radiance_w_per_m2_sr_nm=1.5e-3, field_of_view_urad=50.0, aperture_radius_m=0.5, filter_width_nm=1.0,
    ...     window_s=1e-9, wavelength_nm=850.0,
    ... ).round(9).item()
    0.039592526
    """
    radiance, angle, aperture, width, window, wavelength = parameters(
        not_negative={
            "radiance_w_per_m2_sr_nm": radiance_w_per_m2_sr_nm, "field_of_view_urad": field_of_view_urad,
            "aperture_radius_m": aperture_radius_m, "filter_width_nm": filter_width_nm, "window_s": window_s,
        },
        positive={"wavelength_nm": wavelength_nm},
    )  # fmt: skip
    etendue = np.pi * (1e-6 * angle) ** 2 * np.pi * aperture**2
    return checks.plain(window * photon_rate_hz(power_w=radiance * etendue * width, wavelength_nm=wavelength))
