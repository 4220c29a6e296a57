"""How results of pairs are drawn and printed: against the longer axis, a line for each value of the other one."""

from typing import TYPE_CHECKING

import numpy as np

from .line_plots import axes_of, lines, plot_lines
from .style import finish, panels, use_logarithm
from .tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["WITHOUT", "plot", "summarize"]

_USES = ("teleportation_fidelity", "message_success_probability", "mutual_information_bit", "key_fraction", "chsh",
         "win_probability", "capacity_bit", "hashing_yield", "square_win_probability", "gate_fidelity")  # fmt: skip
WITHOUT = {  # what is reached without entanglement
    "teleportation_fidelity": (2 / 3, "without entanglement (2/3)"),
    "chsh": (2.0, "without entanglement (2)"),
    "win_probability": (0.75, "without entanglement (3/4)"),
    "square_win_probability": (8 / 9, "without entanglement (8/9)"),
    "mutual_information_bit": (1.0, "without entanglement (1 bit)"),
}


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw fidelity, links that a pair takes, and what the protocol makes of it."""
    dataset = dataset.sortby(axes_of(dataset)[0])
    uses = [name for name in _USES if name in dataset]
    figure, row = panels(3 if uses else 2)
    plot_lines(dataset, "fidelity", row[0])
    row[0].axhline(0.5, color="0.45", linestyle="--", linewidth=1.2, label="entangled above 1/2")
    _plot_attempts(dataset, row[1])
    if uses:
        plot_lines(dataset, uses[0], row[2])
        if uses[0] in WITHOUT:
            value, text = WITHOUT[uses[0]]
            row[2].axhline(value, color="0.45", linestyle=":", linewidth=1.2, label=text)
    return finish(figure, dataset)


def _plot_attempts(dataset: "xr.Dataset", axes: "Axes") -> None:
    """Draw the attempts of links that a pair takes, one after the other."""
    attempts = dataset.assign(attempts=_attempts(dataset))
    attempts["attempts"].attrs = {"units": "1", "long_name": "attempts of links per pair"}
    plot_lines(attempts, "attempts", axes)
    use_logarithm(axes, attempts["attempts"])


def _attempts(dataset: "xr.Dataset") -> "xr.DataArray":
    possible = dataset["link_probability"] > 0
    values = dataset["links_per_pair"] / dataset["link_probability"].where(possible)
    return values.where(np.isfinite(values))


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few points along the longer axis, for up to three values of the other one."""
    along, _ = axes_of(dataset)
    headings = {"fidelity": "fidelity", "links_per_pair": "links/pair", "link_probability": "link prob."}
    headings |= {name: name.removesuffix("_bit").replace("_", " ") for name in _USES if name in dataset}
    columns = {name: lines(dataset, name, 3) for name in headings}
    parts = [f"against {along}"]
    for k, (label, _) in enumerate(columns["fidelity"]):
        shown = {heading: columns[name][k][1] for name, heading in headings.items()}
        parts += [*([label] if label else []), row_table(dataset, along, shown)]
    return "\n".join(parts)
