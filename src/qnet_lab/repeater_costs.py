"""How results on generations of repeaters are drawn and printed."""

from typing import TYPE_CHECKING

from .generation_plots import draw_costs, draw_map
from .line_plots import axes_of, plot_lines
from .style import axis_label, finish, panels, use_logarithm
from .tables import chosen_rows, row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["plot", "summarize"]

_SEARCHED = "generation"  # which only the results of a search have


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw which generation costs least over two axes, or what each costs along one; or rate and cost of one repeater."""
    if _SEARCHED not in dataset:
        return _plot_one(dataset)
    dims = [str(name) for name in dataset[_SEARCHED].dims]
    figure, row = panels(1, width=7.5)
    if len(dims) == 1:
        draw_costs(row[0], dataset.sortby(dims[0]), dims[0])
    else:
        draw_map(row[0], dataset.sortby(dims), *dims)
    return finish(figure, dataset)


def _plot_one(dataset: "xr.Dataset") -> "Figure":
    shown = ("rate_bit_per_s", *([name for name in ("cost_s", "error", "success", "photons") if name in dataset]))
    figure, row = panels(len(shown))
    for axes, name in zip(row, shown, strict=True):
        plot_lines(dataset.sortby(axes_of(dataset, name)[0]), name, axes)
        if name == "rate_bit_per_s" and (dataset[name] > 0).any():
            use_logarithm(axes, dataset[name])
        elif name in ("cost_s", "photons"):
            axes.set_yscale("log")
    return finish(figure, dataset)


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few points along the longer axis, for up to three values of the other one."""
    first = _SEARCHED if _SEARCHED in dataset else "rate_bit_per_s"
    along, other = axes_of(dataset, first)
    columns = _columns(dataset)
    positions = [None] if other is None else chosen_rows(dataset.sizes[other], 3)
    parts = [f"against {along}"]
    for position in positions:
        point = dataset if position is None else dataset.isel({str(other): position})
        if position is not None:
            parts.append(f"{axis_label(dataset[str(other)])} {float(point[str(other)]):.4g}")
        parts.append(row_table(point, along, {name: _of(point, *key) for name, key in columns.items()}))
    return "\n".join(parts)


def _columns(dataset: "xr.Dataset") -> dict[str, tuple[str, int | None]]:
    """Return the columns: heading, and variable with the generation."""
    if _SEARCHED not in dataset:
        return {str(name).replace("_", " "): (str(name), None) for name in dataset.data_vars}
    costs: dict[str, tuple[str, int | None]] = {f"cost {k} [s/km]": ("cost_s_per_km", k) for k in (1, 2, 3)}
    return {"cheapest": (_SEARCHED, None), **costs}


def _of(point: "xr.Dataset", name: str, scheme: int | None) -> "xr.DataArray":
    return point[name] if scheme is None else point[name].sel(scheme=scheme)
