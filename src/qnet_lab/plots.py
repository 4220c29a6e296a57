"""Figures: thin functions over matplotlib that take ``ax`` and return it."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_curve", "plot_overview"]

# Okabe and Ito's colours, told apart by the colour-blind, in an order that also differs in brightness
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_DASHES = ("-", (0, (6, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))
_PANELS = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
_FLOOR = 1e-12  # of what rates are drawn down to, relative to the largest


def _label(repeaters: int) -> str:
    return "no repeater" if repeaters == 0 else f"{repeaters} repeater{'s' if repeaters > 1 else ''}"


def plot_curve(dataset: "xr.Dataset", variable: str = "fidelity", *, ax: "Axes | None" = None) -> "Axes":
    """Draw one variable against distance, a line for each number of repeaters; return the axes.

    The secret-key rate has the bound of direct transmission (PLOB) beside it, dashed.
    """
    import matplotlib.pyplot as plt

    axes: Axes = plt.subplots(layout="constrained")[1] if ax is None else ax
    shown = dataset[variable]
    logarithmic = variable != "fidelity"
    for k, repeaters in enumerate(dataset["repeaters"].values):
        values = shown.sel(repeaters=repeaters)
        style: dict[str, Any] = {"color": _COLOURS[k % len(_COLOURS)], "linestyle": _DASHES[k % len(_DASHES)]}
        axes.plot(
            dataset["distance_km"],
            values.where(values > 0) if logarithmic else values,
            label=_label(repeaters),
            **style,
        )
    if variable.startswith("secret_key_rate"):
        bound = dataset["direct_bound_bit_per_s"]
        axes.plot(dataset["distance_km"], bound, "--", color="0.45", label="direct transmission (PLOB bound)")
    unit = shown.attrs["units"]
    axes.set_xlabel("distance [km]")
    axes.set_ylabel(shown.attrs["long_name"] + ("" if unit == "1" else f" [{unit}]"))
    if logarithmic:
        _use_logarithm(axes, shown)
    axes.grid(alpha=0.3)
    return axes


def _use_logarithm(axes: "Axes", shown: "xr.DataArray") -> None:
    """Scale logarithmically, over not more decades than can be read."""
    axes.set_yscale("log")
    positive = shown.where((shown > 0) & np.isfinite(shown))
    if bool(positive.notnull().any()):
        values = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.get_lines()])
        drawn = values[np.isfinite(values) & (values > 0)]
        axes.set_ylim(max(drawn.min(), float(positive.max()) * _FLOOR) / 2, 2 * drawn.max())


def plot_overview(dataset: "xr.Dataset") -> "Figure":
    """Draw fidelity, entanglement rate and secret-key rate side by side under the scenario's title; return the figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 4.4), layout="constrained")
    for axes, variable in zip(figure.subplots(1, 3), _PANELS, strict=True):
        plot_curve(dataset, variable, ax=axes)
        axes.set_title(
            {"fidelity": "end-to-end fidelity", "rate_hz": "entanglement"}.get(variable, "secret key (BB84)")
        )
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 5), frameon=False,
        title=_grades(dataset), title_fontsize=8,
    )  # fmt: skip
    figure.suptitle(dataset.attrs["title"])
    return figure


def _grades(dataset: "xr.Dataset") -> str:
    """Say how many of the numbers are assumed or remembered rather than read in a source."""
    used = [number for number in json.loads(dataset.attrs["parameters"]).values() if number["source"] != "default"]
    weak = sum(number["grade"] in "AM" for number in used)
    return f"{weak} of {len(used)} hardware numbers are assumed or unverified"
