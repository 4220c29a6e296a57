"""The figure of scenarios side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .comparisons import Line
from .provenance import weak_numbers
from .style import axis_label, legend_columns, line_style, panels, use_logarithm

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_comparison"]

_MARGIN = 0.03
_SPREAD = 10  # of positive values, above which the scale is logarithmic


def plot_comparison(
    datasets: "Mapping[str, xr.Dataset]", drawn: Mapping[str, Sequence[Line]], note: str = ""
) -> "Figure":
    """Draw a panel for each variable with the lines of all scenarios, and below how much is assumed; return the figure."""
    one = next(iter(datasets.values()))
    figure, row = panels(len(drawn), width=12.5 if len(drawn) > 1 else 8.0)
    for axes, (variable, some) in zip(row, drawn.items(), strict=True):
        _plot(axes, one[variable], some)
    handles = {str(line.get_label()): line for axes in row for line in axes.get_lines()}
    weak = [f"{name}: {weak_numbers(dataset)}" for name, dataset in datasets.items()]
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower center", frameon=False,
        ncols=legend_columns(list(handles), figure.get_figwidth(), most=4),
        title="\n".join(filter(None, [note, *weak])), title_fontsize=8,
    )  # fmt: skip
    figure.suptitle(" · ".join(datasets))
    return figure


def _plot(axes: "Axes", values: "xr.DataArray", some: Sequence[Line]) -> None:
    """Draw the lines of one variable."""
    for k, line in enumerate(some):
        shown = np.where(line.y > 0, line.y, np.nan) if _is_wide(some) else line.y
        name = line.scenario + (f", {line.label}" if line.label else "")
        axes.plot(line.x, shown, label=name, **line_style(k))
    x = np.concatenate([line.x for line in some])
    axes.set_xlim(x.min() - _MARGIN * np.ptp(x), x.max() + _MARGIN * np.ptp(x))  # lines may end where there is no key
    axes.set_xlabel(axis_label(values[some[0].axis]))
    axes.set_ylabel(axis_label(values))
    if _is_wide(some):
        use_logarithm(axes, values.copy(data=np.full(values.shape, max(np.nanmax(line.y) for line in some))))


def _is_wide(some: Sequence[Line]) -> bool:
    """Say whether positive values spread so far that only a logarithm shows them."""
    positive = np.concatenate([line.y[np.isfinite(line.y) & (line.y > 0)] for line in some])
    return bool(positive.size and positive.max() > _SPREAD * positive.min())
