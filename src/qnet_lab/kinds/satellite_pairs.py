"""Pairs from a satellite to two stations that see it at once, during one pass."""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from qnet_channels import SatellitePass
from qnet_channels.sky import EARTH_RADIUS_KM
from qnet_core import chsh_value, werner_state

from ..downlinks import Satellite, downlink_transmissivity, elevation_beside_track_deg
from ..provenance import labelled, numbers_of, reported
from ..schema import Count, Distance, Elevation, NotNegative, Positive, Probability, Scenario, ScenarioError, Table
from ..style import axis_label, finish, line_style, mark, panels, use_logarithm
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SatellitePairsScenario", "evaluate", "plot", "summarize"]

_LABELS = {
    "time_s": ("s", "time from the middle of the pass"),
    "station": ("1", "station"),
    "elevation_deg": ("deg", "elevation of the satellite"),
    "slant_range_km": ("km", "distance of the satellite"),
    "link_loss_db": ("dB", "loss of one downlink"),
    "loss_db": ("dB", "loss of both downlinks together"),
    "pair_rate_hz": ("1/s", "pairs detected"),
    "accidental_rate_hz": ("1/s", "accidental coincidences"),
    "fidelity": ("1", "fidelity with the Bell state"),
    "chsh": ("1", "CHSH value S"),
    "duration_s": ("s", "time in which both stations see the satellite"),
    "pairs_per_pass": ("1", "coincidences in the pass"),
    "mean_pair_rate_hz": ("1/s", "coincidences per second, averaged over the pass"),
    "mean_fidelity": ("1", "fidelity of all coincidences of the pass"),
    "mean_chsh": ("1", "CHSH value S of all coincidences of the pass"),
}


class PairSource(Table, frozen=True):
    """A continuous source of entangled pairs: a Bell state with white noise."""

    pair_rate_hz: Positive
    fidelity: Probability


class Station(Table, frozen=True):
    """A station: its telescope, and clicks that are no photons of the source (sky and dark counts)."""

    name: str
    receiver_radius_m: Positive
    background_rate_hz: NotNegative = 0.0


class Ground(Table, frozen=True):
    """How far apart the stations are, and the angle between the line through them and the satellite's track."""

    distance_km: Distance
    track_angle_deg: Elevation
    coincidence_window_s: Positive


class Reported(Table, frozen=True):
    """What was measured, for comparison: it enters no formula."""

    least_loss_db: NotNegative | None = None
    most_loss_db: NotNegative | None = None
    pair_rate_hz: NotNegative | None = None
    fidelity: Probability | None = None
    chsh: NotNegative | None = None


class Sweep(Table, frozen=True):
    """The number of moments between the first and the last at which both stations see the satellite."""

    num_times: Count


class SatellitePairsScenario(Scenario, frozen=True, kw_only=True):
    """A satellite whose track leads over the middle between two stations, and sends a photon of each pair to either."""

    source: PairSource
    satellite: Satellite
    ground: Ground
    station_a: Station
    station_b: Station
    sweep: Sweep
    kind: Literal["satellite-pairs"] = "satellite-pairs"
    reported: Reported = Reported()


class _Sight(NamedTuple):
    """How a station sees the pass: its highest elevation, and when that is."""

    passing: SatellitePass
    culmination_s: float


def _sights(scenario: SatellitePairsScenario) -> list[_Sight]:
    """Return how either station sees the satellite, which is above the middle between them at the time 0.

    On a sphere, a station at the central angle a from the middle, in the direction β from the track, lies
    arcsin(sin a sin β) beside the track and arctan(tan a cos β) along it.
    """
    altitude = scenario.satellite.altitude_km
    half = scenario.ground.distance_km / (2 * EARTH_RADIUS_KM)
    angle = np.deg2rad(scenario.ground.track_angle_deg)
    beside = float(np.arcsin(np.sin(half) * np.sin(angle)))
    along = float(np.arctan2(np.sin(half) * np.cos(angle), np.cos(half)))
    passing = SatellitePass(altitude, elevation_beside_track_deg(beside, altitude))
    delay_s = along / float(passing.angular_speed_rad_per_s)
    return [_Sight(passing, -delay_s), _Sight(passing, delay_s)]


def _times_s(scenario: SatellitePairsScenario, sights: list[_Sight]) -> np.ndarray:
    """Return the times at which both stations see the satellite high enough."""
    lowest, highest = scenario.satellite.min_elevation_deg, float(np.asarray(sights[0].passing.max_elevation_deg))
    half_s = float(sights[0].passing.duration_s(min_elevation_deg=min(lowest, highest))) / 2
    end_s = half_s - sights[1].culmination_s
    if lowest >= highest or end_s <= 0:
        raise ScenarioError(
            f"Scenario `{scenario.title}`: key `ground.distance_km`: expected stations that see one satellite at once, "
            f"but they are {scenario.ground.distance_km:g} km apart."
        )
    return np.linspace(-end_s, end_s, scenario.sweep.num_times)


def evaluate(scenario: SatellitePairsScenario) -> "xr.Dataset":
    """Return loss, rates, fidelity and CHSH value against time, and what the whole pass brings.

    Pairs that both stations detect come at ``rate * η_a * η_b``, accidental coincidences at
    ``window * s_a * s_b`` with the single clicks ``s = rate * η + background``; an accidental is a maximally mixed pair.
    Dead times are left out, as is what falls outside the window.
    """
    import xarray as xr

    sights, stations = _sights(scenario), (scenario.station_a, scenario.station_b)
    time_s = _times_s(scenario, sights)
    views = [sight.passing.view(time_s - sight.culmination_s) for sight in sights]
    elevation = np.maximum([view.elevation_deg for view in views], scenario.satellite.min_elevation_deg)
    eta = np.stack([
        downlink_transmissivity(scenario.satellite, station.receiver_radius_m, seen)
        for station, seen in zip(stations, elevation, strict=True)
    ])  # fmt: skip
    rate = scenario.source.pair_rate_hz
    background = np.array([[station.background_rate_hz] for station in stations])
    pairs = rate * eta.prod(axis=0)
    chance = scenario.ground.coincidence_window_s * (rate * eta + background).prod(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        fidelity = (pairs * scenario.source.fidelity + chance / 4) / (pairs + chance)
        link_loss_db = -10 * np.log10(eta)
    per_station, per_time = ("station", "time_s"), ("time_s",)
    dataset = xr.Dataset(
        {
            "elevation_deg": (per_station, elevation),
            "slant_range_km": (per_station, np.stack([view.slant_range_km for view in views])),
            "link_loss_db": (per_station, link_loss_db), "loss_db": (per_time, link_loss_db.sum(axis=0)),
            "pair_rate_hz": (per_time, pairs), "accidental_rate_hz": (per_time, chance),
            "fidelity": (per_time, fidelity), "chsh": (per_time, chsh_value(werner_state(fidelity=fidelity))),
            **_whole_pass(time_s, pairs + chance, fidelity),
        },
        {"station": [station.name for station in stations], "time_s": time_s},
    )  # fmt: skip
    return labelled(dataset, scenario, numbers_of(scenario), _LABELS)


def _whole_pass(time_s: np.ndarray, rate_hz: np.ndarray, fidelity: np.ndarray) -> dict[str, float]:
    """Return what adds up over the pass."""
    pairs, duration_s = np.trapezoid(rate_hz, time_s), time_s[-1] - time_s[0]
    mean = np.trapezoid(rate_hz * fidelity, time_s) / pairs
    return {
        "duration_s": float(duration_s),
        "pairs_per_pass": float(pairs),
        "mean_pair_rate_hz": float(pairs / duration_s),
        "mean_fidelity": float(mean),
        "mean_chsh": float(chsh_value(werner_state(fidelity=mean))),
    }


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw loss, rates and fidelity during the pass, with what was measured in grey."""
    figure, row = panels(3)
    _plot_loss(dataset, row[0])
    _plot_rates(dataset, row[1])
    _plot_fidelity(dataset, row[2])
    for axes in row:
        axes.set_xlabel(axis_label(dataset["time_s"]))
    return finish(figure, dataset)


def _plot_loss(dataset: "xr.Dataset", axes: "Axes") -> None:
    for k, name in enumerate(dataset["station"].values):
        axes.plot(dataset["time_s"], dataset["link_loss_db"].sel(station=name), label=f"to {name}", **line_style(k))
    axes.plot(dataset["time_s"], dataset["loss_db"], label="both", **line_style(2))
    for limit in ("least_loss_db", "most_loss_db"):
        mark(axes, reported(dataset, limit), "reported")
    axes.set_ylabel("loss [dB]")
    axes.set_title("downlinks")


def _plot_rates(dataset: "xr.Dataset", axes: "Axes") -> None:
    axes.plot(dataset["time_s"], dataset["pair_rate_hz"], label="pairs", **line_style(5))
    axes.plot(dataset["time_s"], dataset["accidental_rate_hz"], label="accidental coincidences", **line_style(3))
    mark(axes, reported(dataset, "pair_rate_hz"), "reported")
    axes.set_ylabel("coincidences [1/s]")
    use_logarithm(axes, dataset["pair_rate_hz"])
    axes.set_title(f"{float(dataset['pairs_per_pass']):.0f} coincidences in {float(dataset['duration_s']):.0f} s")


def _plot_fidelity(dataset: "xr.Dataset", axes: "Axes") -> None:
    axes.plot(dataset["time_s"], dataset["fidelity"], color="black", label="fidelity")
    mark(axes, reported(dataset, "fidelity"), "reported")
    axes.set_ylabel(axis_label(dataset["fidelity"]))
    chsh = reported(dataset, "chsh")
    beside = "" if chsh is None else f" (reported: {chsh:g})"
    axes.set_title(f"mean {float(dataset['mean_fidelity']):.3f}, S = {float(dataset['mean_chsh']):.2f}{beside}")


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few moments of the pass, and what it brings."""
    columns = {
        "loss dB": dataset["loss_db"], "pairs/s": dataset["pair_rate_hz"],
        "accidental/s": dataset["accidental_rate_hz"], "fidelity": dataset["fidelity"], "CHSH": dataset["chsh"],
    }  # fmt: skip
    total = (
        f"{float(dataset['pairs_per_pass']):.0f} coincidences in {float(dataset['duration_s']):.0f} s, "
        f"{float(dataset['mean_pair_rate_hz']):.3g} per second; "
        f"fidelity {float(dataset['mean_fidelity']):.3f}, S = {float(dataset['mean_chsh']):.2f}"
    )
    return "\n".join([row_table(dataset, "time_s", columns), total])
