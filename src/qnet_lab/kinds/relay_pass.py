"""A satellite as a trusted relay: a key with each of two stations, in a pass over each, and the key that it passes on."""

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np

from qnet_channels import SatellitePass, ground_reach_km
from qnet_channels.entropy import error_entropy

from ..downlinks import Satellite, downlink_transmissivity
from ..provenance import labelled, numbers_of, reported
from ..schema import Count, Distance, NotNegative, Positive, Probability, Scenario, ScenarioError, Table
from ..style import axis_label, finish, line_style, mark, panels
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RelayPassScenario", "evaluate", "plot", "summarize"]

_LABELS = {
    "time_s": ("s", "time from culmination, of either pass"),
    "station": ("1", "station"),
    "elevation_deg": ("deg", "elevation of the satellite"),
    "slant_range_km": ("km", "distance of the satellite"),
    "loss_db": ("dB", "loss of the downlink"),
    "click_rate_hz": ("1/s", "clicks"),
    "error_rate": ("1", "quantum bit error rate"),
    "key_rate_bit_per_s": ("bit/s", "secret-key rate"),
    "key_bit": ("bit", "secret key of the pass"),
    "relayed_key_bit": ("bit", "secret key that both stations have in the end"),
    "longest_link_km": ("km", "longest distance that light goes in either pass"),
    "ground_distance_km": ("km", "distance between the stations"),
    "farthest_km": ("km", "longest distance between stations that see one satellite"),
}


class Transmitter(Table, frozen=True):
    """A sender of weak pulses with decoys: signal photons per second, and how many of those clicks are single photons'."""

    signal_rate_hz: Positive
    single_photon_fraction: Probability
    sifting: Probability = 0.5
    error_correction_inefficiency: Annotated[float, msgspec.Meta(ge=1)] = 1.16


class Station(Table, frozen=True):
    """A station and its pass: telescope, highest elevation, errors of photons, and clicks that are no photons."""

    name: str
    receiver_radius_m: Positive
    max_elevation_deg: Annotated[float, msgspec.Meta(gt=0, le=90)]
    misalignment: Annotated[float, msgspec.Meta(ge=0, le=0.5)]
    background_rate_hz: NotNegative


class Ground(Table, frozen=True):
    """How far apart the stations are; no light goes from one to the other."""

    distance_km: Distance


class Reported(Table, frozen=True):
    """What was measured, for comparison: it enters no formula."""

    key_bit: NotNegative | None = None


class Sweep(Table, frozen=True):
    """The number of moments from the rise to the setting of the satellite in the longer pass."""

    num_times: Count


class RelayPassScenario(Scenario, frozen=True, kw_only=True):
    """A satellite that agrees on a key with one station, later with another, and then announces the sum of the two keys.

    It knows both keys: both stations must trust it. What they share is as long as the shorter of the two.
    """

    transmitter: Transmitter
    satellite: Satellite
    ground: Ground
    station_a: Station
    station_b: Station
    sweep: Sweep
    kind: Literal["relay-pass"] = "relay-pass"
    reported: Reported = Reported()


def _passes(scenario: RelayPassScenario, stations: tuple[Station, Station]) -> tuple[SatellitePass, np.ndarray]:
    """Return both passes as one with a leading axis, and the times of the longer one."""
    lowest = scenario.satellite.min_elevation_deg
    for key, station in zip(("station_a", "station_b"), stations, strict=True):
        if station.max_elevation_deg <= lowest:
            raise ScenarioError(
                f"Scenario `{scenario.title}`: key `{key}.max_elevation_deg`: expected more than "
                f"satellite.min_elevation_deg = {lowest:g}, but it is {station.max_elevation_deg:g}."
            )
    both = SatellitePass(scenario.satellite.altitude_km, np.array([[s.max_elevation_deg] for s in stations]))
    half_s = float(np.max(both.duration_s(min_elevation_deg=lowest))) / 2
    return both, np.linspace(-half_s, half_s, scenario.sweep.num_times)


def _key_rate(scenario: RelayPassScenario, clicks: np.ndarray, error_rate: np.ndarray) -> np.ndarray:
    """Return the secret bits per second of decoy-state BB84: many pulses, ideal decoys, high loss."""
    sender, entropy = scenario.transmitter, error_entropy(error_rate)
    per_bit = sender.single_photon_fraction * (1 - entropy) - sender.error_correction_inefficiency * entropy
    return np.asarray(sender.sifting * clicks * np.maximum(0.0, per_bit))


def evaluate(scenario: RelayPassScenario) -> "xr.Dataset":
    """Return loss, errors and key rate against time in both passes, the keys, and the key that is passed on.

    Clicks come at ``S η + B``, of which ``(e S η + B/2)`` are errors. The key rate is asymptotic, with ideal decoys and in
    the limit of high loss: ``sifting * clicks * (s (1 - h(E)) - f h(E))``, in which the clicks of single photons,
    a part s, have the error rate E of all (Gottesman et al., Quantum Inf. Comput. 4, 325 (2004)). Finite keys, which
    cost a good part of a pass, fading and the Earth's rotation are left out.
    """
    import xarray as xr

    stations = (scenario.station_a, scenario.station_b)
    both, time_s = _passes(scenario, stations)
    view = both.view(time_s)
    seen = view.elevation_deg > scenario.satellite.min_elevation_deg - 1e-9
    elevation = np.maximum(view.elevation_deg, scenario.satellite.min_elevation_deg)
    eta = np.stack([
        downlink_transmissivity(scenario.satellite, station.receiver_radius_m, rising)
        for station, rising in zip(stations, elevation, strict=True)
    ])  # fmt: skip
    misalignment, background = (
        np.array([[getattr(station, name)] for station in stations]) for name in ("misalignment", "background_rate_hz")
    )
    photons = scenario.transmitter.signal_rate_hz * eta
    clicks = photons + background
    with np.errstate(divide="ignore", invalid="ignore"):
        error_rate = (misalignment * photons + background / 2) / clicks
        loss_db = -10 * np.log10(eta)
    rate = np.where(seen & (clicks > 0), _key_rate(scenario, clicks, np.nan_to_num(error_rate)), 0.0)
    keys, grid = np.trapezoid(rate, time_s, axis=1), ("station", "time_s")
    shown = {
        "elevation_deg": elevation, "slant_range_km": view.slant_range_km, "loss_db": loss_db,
        "click_rate_hz": clicks, "error_rate": error_rate,
    }  # fmt: skip
    dataset = xr.Dataset(
        {
            **{name: (grid, np.where(seen, values, np.nan)) for name, values in shown.items()},
            "key_rate_bit_per_s": (grid, rate), "key_bit": ("station", keys), "relayed_key_bit": keys.min(),
            **_distances(scenario, np.where(seen, view.slant_range_km, 0.0)),
        },
        {"station": [station.name for station in stations], "time_s": time_s},
    )  # fmt: skip
    return labelled(dataset, scenario, numbers_of(scenario), _LABELS)


def _distances(scenario: RelayPassScenario, slant_range_km: np.ndarray) -> dict[str, float]:
    """Return how far light goes, and how far apart the stations are and might be for one satellite to see both."""
    satellite = scenario.satellite
    reach = ground_reach_km(altitude_km=satellite.altitude_km, min_elevation_deg=satellite.min_elevation_deg)
    return {
        "longest_link_km": float(slant_range_km.max()),
        "ground_distance_km": scenario.ground.distance_km,
        "farthest_km": 2 * float(reach),
    }


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw both passes, and the keys: with each station, and what is passed on."""
    figure, row = panels(3)
    for axes, variable in zip(row, ("loss_db", "key_rate_bit_per_s"), strict=False):
        for k, name in enumerate(dataset["station"].values):
            values = dataset[variable].where(dataset["loss_db"].notnull()).sel(station=name)
            axes.plot(dataset["time_s"], values, label=f"over {name}", **line_style(k))
        axes.set_xlabel(axis_label(dataset["time_s"]))
        axes.set_ylabel(axis_label(dataset[variable]))
    row[0].set_title("two passes, one after the other")
    row[1].set_title("asymptotic, ideal decoy states")
    _plot_keys(dataset, row[2])
    far, link = float(dataset["ground_distance_km"]), float(dataset["longest_link_km"])
    note = f"a trusted relay: light goes at most {link:.0f} km, a key over {far:.0f} km"
    return finish(figure, dataset, note=note)


def _plot_keys(dataset: "xr.Dataset", axes: "Axes") -> None:
    names = [str(name) for name in dataset["station"].values]
    megabits = np.append(dataset["key_bit"].values, dataset["relayed_key_bit"].values) / 1e6
    colours = [line_style(k)["color"] for k in (0, 1, 6)]
    bars = axes.bar([*names, "passed on"], megabits, color=colours, width=0.6)
    axes.bar_label(bars, fmt="%.2f", padding=2)
    axes.margins(y=0.12)
    key_bit = reported(dataset, "key_bit")
    mark(axes, None if key_bit is None else key_bit / 1e6, "reported of the best pass")
    axes.set_ylabel("secret key [Mbit]")
    axes.set_title("key")


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few moments of both passes, and the keys."""
    columns = {
        f"{heading} {name}": dataset[variable].sel(station=name)
        for name in dataset["station"].values
        for heading, variable in (("loss dB", "loss_db"), ("bit/s", "key_rate_bit_per_s"))
    }
    keys = [
        f"{float(key):.3g} bit with {name}"
        for name, key in zip(dataset["station"].values, dataset["key_bit"].values, strict=True)
    ]
    total = (
        f"{', '.join(keys)}; the relay passes on {float(dataset['relayed_key_bit']):.3g} bit over "
        f"{float(dataset['ground_distance_km']):.0f} km, and knows them"
    )
    return "\n".join([row_table(dataset, "time_s", columns), total])
