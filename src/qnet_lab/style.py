"""How figures look: colours, dashes, logarithmic scales, the line below that says what is assumed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .provenance import described, weak_numbers

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["axes_or_new", "axis_label", "finish", "legend_columns", "line_style", "mark", "panels", "use_logarithm"]

# Okabe and Ito's colours, told apart by the colour-blind, in an order that also differs in brightness
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_DASHES = ("-", (0, (6, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))
_LETTER, _ENTRY = 0.075, 0.67  # inches in a legend: a letter of a label, and all beside it
_FLOOR = 1e-12  # of what rates are drawn down to, relative to the largest


def line_style(k: int) -> dict[str, Any]:
    """Return colour and dashes of the k-th line."""
    return {"color": _COLOURS[k % len(_COLOURS)], "linestyle": _DASHES[k % len(_DASHES)]}


def axes_or_new(ax: "Axes | None", *, size: tuple[float, float] = (6.4, 4.8)) -> "Axes":
    """Return the axes that are given, or those of a new figure, whose size is in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    axes: Axes = plt.subplots(figsize=size, layout="constrained")[1]
    return axes


def axis_label(variable: "xr.DataArray") -> str:
    """Return a variable's name with its unit: those of its attributes, or what its name says."""
    said = described(str(variable.name)) | variable.attrs
    return str(said["long_name"]) + ("" if said["units"] == "1" else f" [{said['units']}]")


def use_logarithm(axes: "Axes", shown: "xr.DataArray", floor: float = _FLOOR) -> None:
    """Scale logarithmically, over not more decades below the largest value shown than can be read."""
    axes.set_yscale("log")
    largest = np.max(shown.values, where=np.isfinite(shown.values), initial=0.0)
    if largest > 0:
        values = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.get_lines()])
        drawn = values[np.isfinite(values) & (values > 0)]
        axes.set_ylim(max(drawn.min(), largest * floor) / 2, 2 * drawn.max())


def panels(number: int, *, width: float = 12.5) -> "tuple[Figure, Sequence[Axes]]":
    """Return a figure with so many panels side by side, each with a grid; the width is in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, 4.4), layout="constrained")
    row = list(figure.subplots(1, number, squeeze=False)[0])
    for axes in row:
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    return figure, row


def mark(axes: "Axes", value: float | None, text: str, *, horizontal: bool = True) -> None:
    """Draw a grey line at a value for comparison, if there is one; ``text`` is what the legend says."""
    if value is not None:
        (axes.axhline if horizontal else axes.axvline)(value, color="0.45", linestyle=":", linewidth=1.2, label=text)


def legend_columns(labels: Sequence[str], width: float, *, most: int = 5) -> int:
    """Return how many columns of a legend fit into a width in inches; a column is filled before the next."""
    for number in range(min(len(labels), most), 1, -1):
        columns = np.array_split(np.array([len(label) for label in labels]), number)
        if sum(_ENTRY + _LETTER * column.max() for column in columns) <= width:
            return number
    return 1


def finish(figure: "Figure", dataset: "xr.Dataset", *, note: str = "") -> "Figure":
    """Add the title, and below the panels one legend of all their lines and what is assumed; return the figure."""
    entries: dict[str, Artist] = {}
    for axes in figure.axes:
        handles, labels = axes.get_legend_handles_labels()
        entries |= {str(label): handle for label, handle in zip(labels, handles, strict=True)}
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", frameon=False,
        ncols=legend_columns(list(entries), figure.get_figwidth()),
        title=weak_numbers(dataset) + (f"; {note}" if note else ""), title_fontsize=8,
    )  # fmt: skip
    figure.suptitle(dataset.attrs["title"])
    return figure
