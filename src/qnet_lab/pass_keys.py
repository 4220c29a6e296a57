"""Keys that a satellite makes with stations on the ground, in a pass over each."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
import numpy as np

from qnet_channels import SatellitePass

from .decoy_pulses import DecoyPulses, clicks_and_errors, finite_block, long_key
from .downlinks import Satellite, downlink_transmissivity
from .schema import NotNegative, Positive, Table

__all__ = ["PassKeys", "Station", "pass_keys", "pass_problem"]


class Station(Table, frozen=True):
    """A station and its pass: telescope, highest elevation, errors of photons, and clicks that are no photons."""

    name: str
    receiver_radius_m: Positive
    max_elevation_deg: Annotated[float, msgspec.Meta(gt=0, le=90)]
    misalignment: Annotated[float, msgspec.Meta(ge=0, le=0.5)]
    background_rate_hz: NotNegative


class PassKeys(NamedTuple):
    """Passes over several stations, one in each row, and their keys; NaN where a station does not see the satellite."""

    time_s: np.ndarray
    elevation_deg: np.ndarray
    slant_range_km: np.ndarray
    loss_db: np.ndarray
    click_rate_hz: np.ndarray
    error_rate: np.ndarray
    key_rate_bit_per_s: np.ndarray  # in the limit of long keys, 0 where the satellite is not seen
    long_key_bit: np.ndarray
    key_bit: np.ndarray  # the pass as one block
    duration_s: np.ndarray


def pass_problem(satellite: Satellite, stations: Sequence[tuple[str, Station]]) -> str | None:
    """Return which station's pass is too low, by its key; None if none is."""
    lowest = satellite.min_elevation_deg
    low = [(key, one.max_elevation_deg) for key, one in stations if one.max_elevation_deg <= lowest]
    if not low:
        return None
    key, highest = low[0]
    return f"key `{key}.max_elevation_deg`: expected more than satellite.min_elevation_deg = {lowest:g}, but it is {highest:g}."


class _Moments(NamedTuple):
    """What happens at moments of each pass, one station in each row; clicks and wrong ones for each intensity in front."""

    elevation_deg: np.ndarray
    slant_range_km: np.ndarray
    transmissivity: np.ndarray
    clicks_hz: np.ndarray
    wrong_hz: np.ndarray
    key_rate_hz: np.ndarray


def _moments(
    pulses: DecoyPulses, satellite: Satellite, stations: Sequence[Station], passes: SatellitePass, time_s: np.ndarray
) -> _Moments:  # fmt: skip
    """Return what happens at these moments, as if the satellite went no lower than it is used."""
    view = passes.view(time_s)
    elevation = np.maximum(view.elevation_deg, satellite.min_elevation_deg)
    down = [
        downlink_transmissivity(satellite, one.receiver_radius_m, rising)
        for one, rising in zip(stations, elevation, strict=True)
    ]
    background = np.array([[one.background_rate_hz / pulses.repetition_rate_hz] for one in stations])
    hardware = np.stack(down), np.minimum(1.0, background), np.array([[one.misalignment] for one in stations])
    clicks, wrong = clicks_and_errors(pulses, *hardware)
    return _Moments(
        view.elevation_deg,
        view.slant_range_km,
        hardware[0],
        clicks,
        wrong,
        np.asarray(long_key(pulses, *hardware).rate_hz),
    )


def pass_keys(
    pulses: DecoyPulses, satellite: Satellite, stations: Sequence[Station], num_times: int
) -> PassKeys:  # fmt: skip
    """Return what happens in a pass over each station, at moments of the longest one.

    Clicks of each intensity follow the transmissivity and are summed up over the pass, at as many moments from rise to set
    of its own; it is one block, and its key is ``finite_decoy_key`` of the sums. Background clicks come at a steady
    rate, half of them wrong.
    """
    lowest = satellite.min_elevation_deg
    every = SatellitePass(satellite.altitude_km, np.array([[one.max_elevation_deg] for one in stations]))
    half_s = np.asarray(every.duration_s(min_elevation_deg=lowest)) / 2
    time_s = np.linspace(-half_s.max(), half_s.max(), num_times)
    now = _moments(pulses, satellite, stations, every, time_s)
    seen = now.elevation_deg > lowest - 1e-9
    clicks, wrong = now.clicks_hz.sum(axis=0), now.wrong_hz.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = (
            np.maximum(now.elevation_deg, lowest),
            now.slant_range_km,
            -10 * np.log10(now.transmissivity),
            clicks,
            wrong / clicks,
        )
    visible = [np.where(seen, values, np.nan) for values in shown]
    own_s = half_s * np.linspace(-1, 1, num_times)
    whole = _moments(pulses, satellite, stations, every, own_s)
    sums = [np.trapezoid(one, own_s, axis=-1) for one in (whole.clicks_hz, whole.wrong_hz)]
    bit = np.asarray(finite_block(pulses, *sums).key_length)
    rate, long_bit = np.where(seen, now.key_rate_hz, 0.0), np.trapezoid(whole.key_rate_hz, own_s, axis=-1)
    return PassKeys(*(time_s, *visible, rate, long_bit, bit, 2 * half_s[:, 0]))
