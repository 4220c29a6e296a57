"""Figures of chains: thin functions over matplotlib that take ``ax`` and return it."""

import json
from typing import TYPE_CHECKING

import numpy as np

from .style import axes_or_new, axis_label, finish, line_style, panels, use_logarithm

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_chain", "plot_curve"]

_PANELS = {
    "fidelity": "end-to-end fidelity",
    "rate_hz": "entanglement",
    "secret_key_rate_bit_per_s": "secret key (BB84)",
}


def _label(repeaters: int) -> str:
    return "no repeater" if repeaters == 0 else f"{repeaters} repeater{'s' if repeaters > 1 else ''}"


def _after_keys(dataset: "xr.Dataset", repeaters: int) -> np.ndarray:
    """Return at which distances there is no key any more, and no best cut-off, but just before: results jump there."""
    line = dataset.sel(repeaters=repeaters)
    cut = (line["secret_key_rate_bit_per_s"].values > 0) & np.isfinite(line["cutoff_s"].values)
    free = (line["secret_key_rate_bit_per_s"].values == 0) & np.isinf(line["cutoff_s"].values)
    return np.concatenate([[False], cut[:-1] & free[1:]])


def plot_curve(dataset: "xr.Dataset", variable: str = "fidelity", *, ax: "Axes | None" = None) -> "Axes":
    """Draw one variable against distance, a line for each number of repeaters; return the axes.

    The secret-key rate has the bound of direct transmission (PLOB) beside it, dashed. Lines are broken where the best cut-off
    ends with the key.
    """
    axes = axes_or_new(ax)
    shown = dataset[variable]
    logarithmic = variable != "fidelity"
    for k, repeaters in enumerate(dataset["repeaters"].values):
        values = shown.sel(repeaters=repeaters)
        drawn = values.where(~_after_keys(dataset, int(repeaters)) & ((values > 0) | (not logarithmic)))
        axes.plot(dataset["distance_km"], drawn, label=_label(repeaters), **line_style(k))
    if variable.startswith("secret_key_rate"):
        bound = dataset["direct_bound_bit_per_s"]
        axes.plot(dataset["distance_km"], bound, "--", color="0.45", label="direct transmission (PLOB bound)")
    axes.set_xlabel("distance [km]")
    axes.set_ylabel(axis_label(shown))
    if logarithmic:
        use_logarithm(axes, shown)
    axes.grid(alpha=0.3)
    return axes


def plot_chain(dataset: "xr.Dataset") -> "Figure":
    """Draw fidelity, entanglement rate and secret-key rate side by side under the scenario's title; return the figure."""
    figure, row = panels(len(_PANELS))
    for axes, (variable, title) in zip(row, _PANELS.items(), strict=True):
        plot_curve(dataset, variable, ax=axes)
        axes.set_title(title)
    return finish(figure, dataset, note=_note(dataset))


def _note(dataset: "xr.Dataset") -> str:
    cutoff = json.loads(dataset.attrs["scenario"])["chain"]["cutoff_s"]
    if cutoff == "best":
        return "cut-offs of the most key, none where there is no key"
    return "" if cutoff is None else f"links wait at most {cutoff:g} s"
