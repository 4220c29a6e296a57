"""The figure of a network of trusted nodes: the key of every hop, and the store of the two ends."""

import json
from typing import TYPE_CHECKING

import numpy as np

from .style import axis_label, finish, line_style, mark, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_trusted_network"]


def plot_trusted_network(dataset: "xr.Dataset") -> "Figure":
    """Draw the key rate of each hop with that of the ends, and what their store holds."""
    figure, row = panels(2)
    for k in dataset["route"].values:
        _plot_hops(dataset.isel(hop=np.flatnonzero(dataset["hop_route"].values == k)), int(k), row[0])
    mark(row[0], float(dataset["key_rate_bit_per_s"]), "key of the two ends")
    row[0].set_ylabel(axis_label(dataset["hop_key_rate_bit_per_s"]))
    row[0].set_title("hop by hop")
    _scale(row[0], dataset["hop_key_rate_bit_per_s"].values)
    _name_nodes(dataset, row[0])
    row[1].plot(dataset["time_s"] / 3600, dataset["stored_key_bit"] / 1e6, label="key in store", **line_style(2))
    row[1].plot(dataset["time_s"] / 3600, dataset["unmet_key_bit"] / 1e6, label="asked for in vain", **line_style(5))
    row[1].set_xlabel("time [h]")
    row[1].set_ylabel("key [Mbit]")
    row[1].set_title("store of the two ends")
    return finish(figure, dataset, note=_note(dataset))


def _plot_hops(hops: "xr.Dataset", k: int, axes: "Axes") -> None:
    """Draw the hops of a route as steps, each from its first node to its second."""
    rates, style = hops["hop_key_rate_bit_per_s"].values, line_style(k)
    steps = np.append(rates, rates[-1])
    axes.plot(np.arange(steps.size), steps, drawstyle="steps-post", label=f"route {k + 1}", linewidth=1.8, **style)
    slowest = int(np.argmin(rates))
    axes.scatter(
        [slowest + 0.5], [rates[slowest]], color=style["color"], label=f"slowest hop of route {k + 1}", zorder=3
    )


def _scale(axes: "Axes", rates: np.ndarray) -> None:
    """Scale rates logarithmically over a decade or more, if there is any key."""
    some = rates[rates > 0]
    if some.size:
        axes.set_yscale("log")
        axes.set_ylim(some.min() / 3, 3 * some.max())


def _name_nodes(dataset: "xr.Dataset", axes: "Axes") -> None:
    """Write the names of nodes that the scenario names, where there is one route, or else how far along a route one is."""
    if dataset.sizes["route"] > 1:
        axes.set_xlabel("hops from the first end")
        return
    scenario = json.loads(dataset.attrs["scenario"])
    named = {node for one in (scenario["spans"] | scenario["relays"]).values() for node in one["between"]}
    nodes = [*dataset["hop_start"].values, dataset["hop_end"].values[-1]]
    shown = [k for k, node in enumerate(nodes) if node in named | set(scenario["relays"])]
    axes.set_xticks(shown, [str(nodes[k]) for k in shown], rotation=90, fontsize=8)
    axes.set_xlabel("node")


def _note(dataset: "xr.Dataset") -> str:
    relays = " and ".join(str(count) for count in dataset["route_relays"].values)
    return f"over {relays} relays, every one of which knows the key of its route"
