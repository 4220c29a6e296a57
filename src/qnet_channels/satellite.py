"""Satellites on circular orbits: a pass over a station, a downlink, two downlinks at once.

The Earth is round, of radius 6371 km, and does not turn: a pass is then off by a few percent in time.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .freespace import FreeSpaceLink
from .parameters import freeze, parameters
from .sky import EARTH_RADIUS_KM, AirMass, atmosphere_transmissivity, slant_range_km

__all__ = ["SatellitePass", "SatelliteView", "double_downlink", "downlink", "ground_reach_km"]

_GRAVITY_KM3_PER_S2 = 398600.4418  # G times the mass of the Earth (WGS 84)


class SatelliteView(NamedTuple):
    """Where a satellite is seen from the ground."""

    elevation_deg: checks.Floats
    slant_range_km: checks.Floats


def _central_angle_rad(elevation_deg: checks.Floats, altitude_km: checks.Floats) -> checks.Floats:
    """Return the angle at the Earth's centre between a station and a satellite seen at an elevation."""
    elevation = np.deg2rad(elevation_deg)
    return np.asarray(np.arccos(np.cos(elevation) / (1 + altitude_km / EARTH_RADIUS_KM)) - elevation)


def _view(cosine: checks.Floats, sine: checks.Floats, altitude_km: checks.Floats) -> SatelliteView:
    """Return what a station sees by the central angle's cosine and sine; elevations below the horizon are negative."""
    radius = EARTH_RADIUS_KM + altitude_km
    up, along = radius * cosine - EARTH_RADIUS_KM, radius * sine
    return SatelliteView(checks.plain(np.rad2deg(np.arctan2(up, along))), checks.plain(np.hypot(up, along)))


@dataclass(frozen=True, slots=True, eq=False)
class SatellitePass:
    """One pass of a satellite over a station, which it culminates over at the time 0; both fields broadcast.

    Attributes
    ----------
    altitude_km : array_like
        Height of the circular orbit, greater than 0.
    max_elevation_deg : array_like
        At culmination, in (0, 90].

    Examples
    --------
    >>> overhead = SatellitePass(500.0)
    >>> overhead.elevation_deg([0.0, 120.0]).round(3).tolist(), overhead.duration_s().round(1).item()
    ([90.0, 25.737], 442.6)
    """

    altitude_km: ArrayLike
    max_elevation_deg: ArrayLike = 90.0

    def __post_init__(self) -> None:
        freeze(self, positive=("altitude_km",), raised=("max_elevation_deg",))

    @property
    def angular_speed_rad_per_s(self) -> checks.Floats:
        """Angular speed of the satellite, ``√(G M/(R + h)³)``."""
        return checks.plain(np.sqrt(_GRAVITY_KM3_PER_S2 / np.add(EARTH_RADIUS_KM, self.altitude_km) ** 3))

    def view(self, time_s: ArrayLike) -> SatelliteView:
        """Return elevation and range at times from culmination, of either sign; elevation is negative below the horizon."""
        time, altitude, highest = parameters(
            signed={"time_s": time_s},
            positive={"altitude_km": self.altitude_km},
            raised={"max_elevation_deg": self.max_elevation_deg},
        )
        closest = _central_angle_rad(highest, altitude)
        turned = self.angular_speed_rad_per_s * time
        across = np.hypot(np.sin(closest), np.cos(closest) * np.sin(turned))
        return _view(np.asarray(np.cos(closest) * np.cos(turned)), np.asarray(across), altitude)

    def elevation_deg(self, time_s: ArrayLike) -> checks.Floats:
        """Return the elevation at times from culmination."""
        return self.view(time_s).elevation_deg

    def slant_range_km(self, time_s: ArrayLike) -> checks.Floats:
        """Return the distance at times from culmination."""
        return self.view(time_s).slant_range_km

    def duration_s(self, *, min_elevation_deg: ArrayLike = 10.0) -> checks.Floats:
        """Return for how long the satellite is seen above an elevation, which it must reach."""
        lowest, highest, altitude = parameters(
            elevations={"min_elevation_deg": min_elevation_deg, "max_elevation_deg": self.max_elevation_deg},
            positive={"altitude_km": self.altitude_km},
        )
        if (missed := lowest > highest).any():
            at = tuple(np.argwhere(missed)[0])
            low, high = (np.broadcast_to(values, missed.shape)[at] for values in (lowest, highest))
            raise ParameterError(
                f"Parameter `min_elevation_deg` must be at most max_elevation_deg = {high:.12g}, but is {low:.12g}."
            )
        edge, closest = _central_angle_rad(lowest, altitude), _central_angle_rad(highest, altitude)
        squared_sine = np.sin((edge + closest) / 2) * np.sin((edge - closest) / 2) / np.cos(closest)
        return checks.plain(4 * np.arcsin(np.sqrt(squared_sine)) / self.angular_speed_rad_per_s)


def downlink(zenith: FreeSpaceLink, *, elevation_deg: ArrayLike, model: AirMass = "kasten-young") -> FreeSpaceLink:
    """Return a satellite's link at an elevation, from what it would be if the satellite stood at the zenith.

    The distance of ``zenith`` is the satellite's height, its ``atmosphere_transmissivity`` that straight up; both are
    replaced, by slant range and air mass. The rest stays, and ``broadening`` with it.

    >>> zenith = FreeSpaceLink(500.0, 850.0, waist_m=0.1, receiver_radius_m=0.5, atmosphere_transmissivity=0.8)
    >>> downlink(zenith, elevation_deg=[90.0, 30.0]).transmissivity.round(6).tolist()
    [0.19036, 0.050715]
    """
    if not isinstance(zenith, FreeSpaceLink):
        raise ParameterTypeError(f"Parameter `zenith` must be a FreeSpaceLink, but is {type(zenith).__name__}.")
    return replace(
        zenith,
        distance_km=slant_range_km(elevation_deg=elevation_deg, altitude_km=zenith.distance_km),
        atmosphere_transmissivity=atmosphere_transmissivity(
            zenith_transmissivity=zenith.atmosphere_transmissivity, elevation_deg=elevation_deg, model=model
        ),
    )


def ground_reach_km(*, altitude_km: ArrayLike, min_elevation_deg: ArrayLike = 10.0) -> checks.Floats:
    """Return how far from the point below it, along the ground, a satellite is still seen at this elevation.

    Two stations see it at once if they are at most twice as far apart.

    >>> ground_reach_km(altitude_km=500.0, min_elevation_deg=[10.0, 0.0]).round().tolist()
    [1563.0, 2445.0]
    """
    altitude, elevation = parameters(
        positive={"altitude_km": altitude_km}, elevations={"min_elevation_deg": min_elevation_deg}
    )
    return checks.plain(EARTH_RADIUS_KM * _central_angle_rad(elevation, altitude))


def double_downlink(
    *, ground_distance_km: ArrayLike, altitude_km: ArrayLike, min_elevation_deg: ArrayLike = 0.0
) -> SatelliteView:
    """Return how two stations see a satellite above the middle between them; they see it alike.

    ``ground_distance_km`` is along the ground; more than twice ``ground_reach_km`` is refused.

    >>> view = double_downlink(ground_distance_km=1200.0, altitude_km=500.0)
    >>> view.elevation_deg.round(3).item(), view.slant_range_km.round(3).item()
    (36.006, 798.728)
    """
    apart, altitude, lowest = parameters(
        not_negative={"ground_distance_km": ground_distance_km},
        positive={"altitude_km": altitude_km},
        elevations={"min_elevation_deg": min_elevation_deg},
    )
    span = 2 * ground_reach_km(altitude_km=altitude, min_elevation_deg=lowest)
    if (missed := np.asarray(apart > span * (1 + 1e-12))).any():
        at = tuple(np.argwhere(missed)[0])
        most, value = (np.broadcast_to(values, missed.shape)[at] for values in (span, apart))
        raise ParameterError(
            f"Parameter `ground_distance_km` must be at most {most:.6g} for two stations that see one satellite, "
            f"but is {value:.12g}."
        )
    half = apart / (2 * EARTH_RADIUS_KM)
    return _view(np.asarray(np.cos(half)), np.asarray(np.sin(half)), altitude)
