"""How results of a repeater chain are drawn and printed: one chain by its waiting time, several against their axis."""

from typing import TYPE_CHECKING

import numpy as np

from .line_plots import axes_of, lines, plot_lines
from .style import finish, line_style, mark, panels, use_logarithm
from .tables import row_table
from .waiting_plots import draw_distribution, draw_histogram

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot", "summarize"]

_COLUMNS = {
    "fidelity": "fidelity", "rate_hz": "pairs/s", "waiting_time_s": "wait [s]", "secret_key_rate_bit_per_s": "key bit/s",
}  # fmt: skip
_ERRORS = {"fidelity": "fidelity_error", "rate_hz": "rate_error_hz", "waiting_time_s": "waiting_time_error_s"}


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw the waiting time of one chain, or fidelity, rate and key of several against their axis."""
    return _plot_axis(dataset) if dataset["fidelity"].dims else _plot_one(dataset)


def _plot_axis(dataset: "xr.Dataset") -> "Figure":
    dataset = dataset.sortby(axes_of(dataset)[0])
    figure, row = panels(3)
    for axes, name in zip(row, ("fidelity", "rate_hz", "secret_key_rate_bit_per_s"), strict=True):
        plot_lines(dataset, name, axes, error=_ERRORS.get(name, ""))
        if name != "fidelity" and (dataset[name] > 0).any():
            use_logarithm(axes, dataset[name])
    mark(row[0], 0.5, "entangled above 1/2")
    return finish(figure, dataset, note="shaded: two standard errors" if "num_pairs" in dataset else "")


def _plot_one(dataset: "xr.Dataset") -> "Figure":
    figure, row = panels(2)
    row[0].set_xlabel("waiting time [s]")
    _plot_times(dataset, row[0])
    _plot_reached(dataset, row[1])
    mark(row[0], float(dataset["waiting_time_s"]), f"mean {float(dataset['waiting_time_s']):.3g} s", horizontal=False)
    row[0].set_title(_said(dataset))
    return finish(figure, dataset)


def _said(dataset: "xr.Dataset") -> str:
    """Return fidelity and rate in words."""
    fidelity, rate = float(dataset["fidelity"]), float(dataset["rate_hz"])
    error = f" ± {float(dataset['fidelity_error']):.2g}" if "fidelity_error" in dataset else ""
    return f"fidelity {fidelity:.4f}{error}, {rate:.3g} pairs per second"


def _plot_times(dataset: "xr.Dataset", axes: "Axes") -> None:
    if "sampled_times_s" in dataset:
        draw_histogram(axes, dataset["sampled_times_s"].values)
    else:
        probabilities, fidelities = dataset["delivery_probability"].values, dataset["delivery_fidelity"].values
        draw_distribution(axes, float(dataset["step_s"]), probabilities, fidelities)


def _plot_reached(dataset: "xr.Dataset", axes: "Axes") -> None:
    """Draw the probability that a pair is there by a time."""
    if "sampled_times_s" in dataset:
        times = np.sort(dataset["sampled_times_s"].values)
        reached = np.arange(1, len(times) + 1) / len(times)
    else:
        reached = np.cumsum(dataset["delivery_probability"].values)
        times = float(dataset["step_s"]) * np.arange(1, len(reached) + 1)
    shown = slice(0, int((reached < 0.999).sum()) + 1)
    axes.plot(times[shown], reached[shown], **line_style(0))
    axes.set_xlabel("time [s]")
    axes.set_ylabel("probability that a pair is there")
    axes.set_ylim(0, 1.03)


def summarize(dataset: "xr.Dataset") -> str:
    """Return the figures of one chain, or a few points along the longer axis."""
    if not dataset["fidelity"].dims:
        return "\n".join(_line(dataset, name, heading) for name, heading in _COLUMNS.items())
    along, _ = axes_of(dataset)
    columns = {name: lines(dataset, name, 3) for name in _COLUMNS}
    parts = [f"against {along}"]
    for k, (label, _) in enumerate(columns["fidelity"]):
        shown = {_COLUMNS[name]: columns[name][k][1] for name in _COLUMNS}
        parts += [*([label] if label else []), row_table(dataset, along, shown)]
    return "\n".join(parts)


def _line(dataset: "xr.Dataset", name: str, heading: str) -> str:
    error = _ERRORS.get(name, "")
    spread = f" ± {float(dataset[error]):.2g}" if error in dataset else ""
    return f"{heading:<12}{float(dataset[name]):>12.5g}{spread}"
