"""Variables of a dataset as lines against its longer axis, one for each value of the other one."""

from typing import TYPE_CHECKING

from .axes import is_logarithmic
from .style import axis_label, line_style
from .tables import chosen_rows

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["axes_of", "lines", "plot_lines"]

_MOST_LINES = 6


def axes_of(dataset: "xr.Dataset", name: str = "fidelity") -> tuple[str, str | None]:
    """Return the longer axis of a variable, the first one of equal ones, and the other one."""
    first, *others = map(str, dataset[name].dims)
    if not others:
        return first, None
    (other,) = others
    return (other, first) if dataset.sizes[other] > dataset.sizes[first] else (first, other)


def lines(dataset: "xr.Dataset", name: str, most: int = _MOST_LINES) -> "list[tuple[str, xr.DataArray]]":
    """Return a variable against the longer axis, for some values of the other one and what to call it."""
    _, other = axes_of(dataset, name)
    if other is None:
        return [("", dataset[name])]
    values = dataset[other].values
    rows = chosen_rows(len(values), most) if len(values) > most else range(len(values))
    label = str(dataset[other].attrs["long_name"]).rpartition(": ")[2]
    unit = dataset[other].attrs["units"].removeprefix("1")
    return [(f"{label} {values[i]:.4g} {unit}".rstrip(), dataset[name].isel({other: i})) for i in rows]


def plot_lines(dataset: "xr.Dataset", name: str, axes: "Axes", *, error: str = "") -> None:
    """Draw a variable; ``error`` is that of its standard error, two of which are shaded to either side."""
    along, _ = axes_of(dataset, name)
    for k, (label, values) in enumerate(lines(dataset, name)):
        marker = "o" if len(values) < 3 else None
        axes.plot(dataset[along], values, label=label or "_one", marker=marker, **line_style(k))
        if error in dataset:
            spread = 2 * lines(dataset, error)[k][1]
            axes.fill_between(dataset[along], values - spread, values + spread, color=line_style(k)["color"], alpha=0.2)
    axes.set_xlabel(axis_label(dataset[along]))
    axes.set_ylabel(axis_label(dataset[name]))
    if is_logarithmic(dataset[along]):
        axes.set_xscale("log")
