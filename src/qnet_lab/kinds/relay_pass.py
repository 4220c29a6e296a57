"""A satellite as a trusted relay: a key with each of two stations, in a pass over each, and the key that it passes on."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from qnet_channels import ground_reach_km

from ..decoy_pulses import DecoyPulses
from ..downlinks import Satellite
from ..pass_keys import Station, pass_keys, pass_problem
from ..provenance import labelled, numbers_of, reported
from ..schema import Count, Distance, NotNegative, Scenario, Table
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
    "key_rate_bit_per_s": ("bit/s", "secret-key rate, long keys"),
    "asymptotic_key_bit": ("bit", "secret key of the pass at these rates"),
    "key_bit": ("bit", "secret key of the pass as one block"),
    "relayed_key_bit": ("bit", "secret key that both stations have in the end"),
    "longest_link_km": ("km", "longest distance that light goes in either pass"),
    "ground_distance_km": ("km", "distance between the stations"),
    "farthest_km": ("km", "longest distance between stations that see one satellite"),
}


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

    transmitter: DecoyPulses
    satellite: Satellite
    ground: Ground
    station_a: Station
    station_b: Station
    sweep: Sweep
    kind: Literal["relay-pass"] = "relay-pass"
    reported: Reported = Reported()

    def problem(self) -> str | None:
        """Return what is wrong with the pulses or with a pass, or None."""
        stations = [(key, getattr(self, key)) for key in ("station_a", "station_b")]
        wrong = self.transmitter.problem("transmitter.") or pass_problem(self.satellite, stations)
        return super().problem() or wrong


def evaluate(scenario: RelayPassScenario) -> "xr.Dataset":
    """Return loss, errors and key rate against time in both passes, the keys, and the key that is passed on.

    Pulses of three intensities: the key rate is that of ``decoy_bb84``, for long keys, of the signals alone. Each pass is
    a block of its own, and its key that of ``finite_decoy_key`` by the clicks that are expected of all intensities;
    background clicks are wrong half of the time. Fading and the Earth's rotation are left out.
    """
    import xarray as xr

    stations = (scenario.station_a, scenario.station_b)
    found = pass_keys(scenario.transmitter, scenario.satellite, stations, scenario.sweep.num_times)
    grid, shown = ("station", "time_s"), ("elevation_deg", "slant_range_km", "loss_db", "click_rate_hz", "error_rate")
    dataset = xr.Dataset(
        {
            **{name: (grid, getattr(found, name)) for name in (*shown, "key_rate_bit_per_s")},
            "asymptotic_key_bit": ("station", found.long_key_bit), "key_bit": ("station", found.key_bit),
            "relayed_key_bit": found.key_bit.min(), **_distances(scenario, np.nan_to_num(found.slant_range_km)),
        },
        {"station": [station.name for station in stations], "time_s": found.time_s},
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
    row[1].set_title("in the limit of long keys")
    _plot_keys(dataset, row[2])
    far, link = float(dataset["ground_distance_km"]), float(dataset["longest_link_km"])
    note = f"a trusted relay: light goes at most {link:.0f} km, a key over {far:.0f} km"
    return finish(figure, dataset, note=note)


def _plot_keys(dataset: "xr.Dataset", axes: "Axes") -> None:
    names = [str(name) for name in dataset["station"].values]
    megabits = np.append(dataset["key_bit"].values, dataset["relayed_key_bit"].values) / 1e6
    colours = [line_style(k)["color"] for k in (0, 1, 6)]
    bars = axes.bar([*names, "passed on"], megabits, color=colours, width=0.6)
    longer = dataset["asymptotic_key_bit"].values / 1e6
    axes.bar(names, longer, color="none", edgecolor="0.3", linestyle="--", width=0.6, label="at the rates of long keys")
    axes.bar_label(bars, fmt="%.2f", label_type="center", color="white")
    axes.margins(y=0.12)
    key_bit = reported(dataset, "key_bit")
    mark(axes, None if key_bit is None else key_bit / 1e6, "reported of the best pass")
    axes.set_ylabel("secret key [Mbit]")
    axes.set_title("keys, each pass one block")


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
