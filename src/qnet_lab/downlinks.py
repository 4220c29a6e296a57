"""Satellites and the stations that they send photons down to, as tables of scenario files."""

import numpy as np

from qnet_channels import FreeSpaceLink, double_downlink, downlink, far_field_waist_m
from qnet_channels.sky import EARTH_RADIUS_KM

from .schema import Elevation, Fraction, NotNegative, Positive, Table

__all__ = ["Satellite", "downlink_transmissivity", "elevation_beside_track_deg"]


class Satellite(Table, frozen=True):
    """A satellite on a circular orbit that sends photons down through the air.

    ``optics_transmissivity`` is all that the beam, its jitter and the air don't account for: optics, filters, coupling,
    detectors. ``zenith_transmissivity`` is that of the air straight up.
    """

    altitude_km: Positive
    wavelength_nm: Positive
    half_divergence_urad: Positive
    pointing_jitter_urad: NotNegative
    zenith_transmissivity: Fraction
    optics_transmissivity: Fraction
    min_elevation_deg: Elevation = 10.0


def downlink_transmissivity(satellite: Satellite, receiver_radius_m: float, elevation_deg: np.ndarray) -> np.ndarray:
    """Return the transmissivity of one downlink at these elevations."""
    waist_m = far_field_waist_m(
        half_divergence_urad=satellite.half_divergence_urad, wavelength_nm=satellite.wavelength_nm
    )
    zenith = FreeSpaceLink(
        satellite.altitude_km,
        satellite.wavelength_nm,
        waist_m=waist_m,
        receiver_radius_m=receiver_radius_m,
        pointing_jitter_urad=satellite.pointing_jitter_urad,
        atmosphere_transmissivity=satellite.zenith_transmissivity,
        optics_transmissivity=satellite.optics_transmissivity,
    )
    return downlink(zenith, elevation_deg=elevation_deg).transmissivity


def elevation_beside_track_deg(angle_rad: float, altitude_km: float) -> float:
    """Return the highest elevation at which a satellite is seen this angle, at the Earth's centre, beside its track."""
    view = double_downlink(ground_distance_km=2 * EARTH_RADIUS_KM * abs(angle_rad), altitude_km=altitude_km)
    return float(view.elevation_deg)
