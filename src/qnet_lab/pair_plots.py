"""How results of pairs are drawn and printed: against the longer axis, a line for each value of the other one."""

from typing import TYPE_CHECKING

import numpy as np

from .axes import is_logarithmic
from .style import axis_label, finish, line_style, panels, use_logarithm
from .tables import chosen_rows, row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot", "summarize"]

_MOST_LINES = 6
_USES = ("teleportation_fidelity", "message_success_probability", "mutual_information_bit", "key_fraction", "chsh",
         "win_probability", "capacity_bit")  # fmt: skip
_WITHOUT = {  # what is reached without entanglement
    "teleportation_fidelity": (2 / 3, "without entanglement (2/3)"),
    "chsh": (2.0, "without entanglement (2)"),
    "win_probability": (0.75, "without entanglement (3/4)"),
    "mutual_information_bit": (1.0, "without entanglement (1 bit)"),
}


def _axes_of(dataset: "xr.Dataset") -> tuple[str, str | None]:
    """Return the longer axis, the first one of equal ones, and the other one."""
    first, *others = map(str, dataset["fidelity"].dims)
    if not others:
        return first, None
    (other,) = others
    return (other, first) if dataset.sizes[other] > dataset.sizes[first] else (first, other)


def _lines(dataset: "xr.Dataset", name: str, most: int = _MOST_LINES) -> "list[tuple[str, xr.DataArray]]":
    """Return a variable against the longer axis, for some values of the other one and what to call it."""
    _, other = _axes_of(dataset)
    if other is None:
        return [("", dataset[name])]
    values = dataset[other].values
    rows = chosen_rows(len(values), most) if len(values) > most else range(len(values))
    label = str(dataset[other].attrs["long_name"]).rpartition(": ")[2]
    unit = dataset[other].attrs["units"].removeprefix("1")
    return [(f"{label} {values[i]:.4g} {unit}".rstrip(), dataset[name].isel({other: i})) for i in rows]


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw fidelity, links that a pair takes, and what the protocol makes of it."""
    dataset = dataset.sortby(_axes_of(dataset)[0])
    uses = [name for name in _USES if name in dataset]
    figure, row = panels(3 if uses else 2)
    _plot_lines(dataset, "fidelity", row[0])
    row[0].axhline(0.5, color="0.45", linestyle="--", linewidth=1.2, label="entangled above 1/2")
    _plot_attempts(dataset, row[1])
    if uses:
        _plot_lines(dataset, uses[0], row[2])
        if uses[0] in _WITHOUT:
            value, text = _WITHOUT[uses[0]]
            row[2].axhline(value, color="0.45", linestyle=":", linewidth=1.2, label=text)
    return finish(figure, dataset)


def _plot_lines(dataset: "xr.Dataset", name: str, axes: "Axes") -> None:
    along, _ = _axes_of(dataset)
    for k, (label, values) in enumerate(_lines(dataset, name)):
        marker = "o" if len(values) < 3 else None
        axes.plot(dataset[along], values, label=label or "_one", marker=marker, **line_style(k))
    axes.set_xlabel(axis_label(dataset[along]))
    axes.set_ylabel(axis_label(dataset[name]))
    if is_logarithmic(dataset[along]):
        axes.set_xscale("log")


def _plot_attempts(dataset: "xr.Dataset", axes: "Axes") -> None:
    """Draw the attempts of links that a pair takes, one after the other."""
    attempts = dataset.assign(attempts=_attempts(dataset))
    attempts["attempts"].attrs = {"units": "1", "long_name": "attempts of links per pair"}
    _plot_lines(attempts, "attempts", axes)
    use_logarithm(axes, attempts["attempts"])


def _attempts(dataset: "xr.Dataset") -> "xr.DataArray":
    possible = dataset["link_probability"] > 0
    values = dataset["links_per_pair"] / dataset["link_probability"].where(possible)
    return values.where(np.isfinite(values))


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few points along the longer axis, for up to three values of the other one."""
    along, _ = _axes_of(dataset)
    headings = {"fidelity": "fidelity", "links_per_pair": "links/pair", "link_probability": "link prob."}
    headings |= {name: name.removesuffix("_bit").replace("_", " ") for name in _USES if name in dataset}
    columns = {name: _lines(dataset, name, 3) for name in headings}
    parts = [f"against {along}"]
    for k, (label, _) in enumerate(columns["fidelity"]):
        shown = {heading: columns[name][k][1] for name, heading in headings.items()}
        parts += [*([label] if label else []), row_table(dataset, along, shown)]
    return "\n".join(parts)
