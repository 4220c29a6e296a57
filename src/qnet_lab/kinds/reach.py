"""Fibre against satellite: pairs from one source against the distance on the ground, and where the two cross."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from qnet_channels import Fiber, double_downlink, ground_reach_km

from ..downlinks import Satellite, downlink_transmissivity
from ..provenance import labelled, numbers_of
from ..schema import Distances, NotNegative, Positive, Scenario, Table, points
from ..style import axis_label, finish, line_style, mark, panels, use_logarithm
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["ReachScenario", "evaluate", "plot", "summarize"]

_LABELS = {
    "distance_km": ("km", "distance on the ground"),
    "path": ("1", "way that the photons go"),
    "fiber_kind": ("1", "fibre that the satellite is compared with"),
    "pair_rate_hz": ("1/s", "pairs that arrive"),
    "loss_db": ("dB", "loss of both photons together"),
    "crossover_km": ("km", "distance from which on the satellite brings more pairs"),
    "farthest_km": ("km", "longest distance between stations that see one satellite"),
}
_FLOOR = 1e-16  # of the largest rate; fibre falls without end


class PairSource(Table, frozen=True):
    """A source of photon pairs, in the middle of the fibre or on the satellite."""

    pair_rate_hz: Positive


class FiberTable(Table, frozen=True):
    """A fibre from station to station."""

    attenuation_db_per_km: NotNegative
    insertion_loss_db: NotNegative = 0.0


class Ground(Table, frozen=True):
    """The stations on the ground, both alike."""

    receiver_radius_m: Positive


class Sweep(Table, frozen=True):
    """Distances along the ground."""

    distances_km: Distances


class ReachScenario(Scenario, frozen=True, kw_only=True):
    """One source of pairs, whose photons go by fibre from the middle, or down from a satellite above the middle."""

    source: PairSource
    satellite: Satellite
    ground: Ground
    fiber: FiberTable
    sweep: Sweep
    kind: Literal["reach"] = "reach"
    hollow_core: FiberTable | None = None


def _fibers(scenario: ReachScenario) -> dict[str, FiberTable]:
    """Return the fibres by what they are called in figures."""
    tables = {"fibre": scenario.fiber, "hollow-core fibre": scenario.hollow_core}
    return {f"{name}, {t.attenuation_db_per_km:g} dB/km": t for name, t in tables.items() if t is not None}


def _satellite_transmissivity(scenario: ReachScenario, distance_km: np.ndarray) -> np.ndarray:
    """Return that of both downlinks together; 0 where no satellite is seen from both stations."""
    satellite = scenario.satellite
    near = distance_km <= _farthest_km(satellite)
    view = double_downlink(ground_distance_km=distance_km[near], altitude_km=satellite.altitude_km)
    elevation_deg = np.maximum(view.elevation_deg, satellite.min_elevation_deg)
    both = np.zeros_like(distance_km)
    both[near] = downlink_transmissivity(satellite, scenario.ground.receiver_radius_m, elevation_deg) ** 2
    return both


def _farthest_km(satellite: Satellite) -> float:
    return 2 * float(ground_reach_km(altitude_km=satellite.altitude_km, min_elevation_deg=satellite.min_elevation_deg))


def _crossing_km(distance_km: np.ndarray, fiber: np.ndarray, satellite: np.ndarray) -> float:
    """Return where the satellite first overtakes the fibre, between points by the logarithm of their ratio; NaN if nowhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = np.log(satellite) - np.log(fiber)
    (rises,) = np.nonzero((ahead[:-1] < 0) & (ahead[1:] >= 0))
    if not len(rises):
        return np.nan
    i = int(rises[0])
    return float(np.interp(0.0, ahead[i : i + 2], distance_km[i : i + 2]))


def evaluate(scenario: ReachScenario) -> "xr.Dataset":
    """Return rate and loss against distance for each way, and where the satellite overtakes each fibre.

    The satellite stands above the middle, as it does for a moment of a pass that goes there; a fibre works all day.
    Detectors are perfect but for what the fibre's insertion loss and ``satellite.optics_transmissivity`` contain.
    """
    import xarray as xr

    distance_km = np.sort(points(scenario.sweep.distances_km))
    fibers = _fibers(scenario)
    through = [
        np.asarray(Fiber(distance_km, t.attenuation_db_per_km, t.insertion_loss_db).transmissivity)
        for t in fibers.values()
    ]
    down = _satellite_transmissivity(scenario, distance_km)
    every = np.stack([*through, down])
    with np.errstate(divide="ignore"):
        loss_db = -10 * np.log10(every)
    dataset = xr.Dataset(
        {
            "pair_rate_hz": (("path", "distance_km"), scenario.source.pair_rate_hz * every),
            "loss_db": (("path", "distance_km"), loss_db),
            "crossover_km": ("fiber_kind", [_crossing_km(distance_km, fiber, down) for fiber in through]),
            "farthest_km": _farthest_km(scenario.satellite),
        },
        {"path": [*fibers, "satellite"], "fiber_kind": list(fibers), "distance_km": distance_km},
    )
    return labelled(dataset, scenario, numbers_of(scenario), _LABELS)


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw the rates against distance, and mark where the satellite overtakes each fibre."""
    figure, (axes,) = panels(1, width=9.5)
    rates = dataset["pair_rate_hz"]
    for k, path in enumerate(rates["path"].values):
        values = rates.sel(path=path)
        axes.plot(dataset["distance_km"], values.where(values > 0), label=str(path), **line_style(k))
    use_logarithm(axes, rates, _FLOOR)
    for crossing_km in dataset["crossover_km"].values[np.isfinite(dataset["crossover_km"].values)]:
        at = float(np.interp(crossing_km, dataset["distance_km"], rates.sel(path="satellite")))
        axes.plot([crossing_km], [at], "o", color="black", markersize=5)
        axes.annotate(
            f"{crossing_km:.0f} km", (crossing_km, at), xytext=(-6, -4), textcoords="offset points", ha="right", va="top"
        )  # fmt: skip
    mark(axes, float(dataset["farthest_km"]), "farthest that two stations see it", horizontal=False)
    axes.set_xlabel(axis_label(dataset["distance_km"]))
    axes.set_ylabel(axis_label(rates))
    return finish(figure, dataset, note="the satellite is there for minutes a day, the fibre always")


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few rates, and the crossings."""
    rates = dataset["pair_rate_hz"]
    table = row_table(dataset, "distance_km", {str(p): rates.sel(path=p) for p in rates["path"].values})
    lines = [
        f"the satellite brings more pairs than {name} from {float(km):.0f} km on"
        for name, km in zip(dataset["fiber_kind"].values, dataset["crossover_km"].values, strict=True)
        if np.isfinite(km)
    ]
    return "\n".join(["pairs per second that arrive", table, *lines])
