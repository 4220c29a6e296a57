"""A variable over two axes: colours, with contours that say what they are."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels.parameters import choice
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .scales import Scale, edges, require_variable, scale_of_axis, scale_of_values
from .style import axes_or_new, axis_label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

__all__ = ["plot_heat_map"]

Floats = NDArray[np.floating[Any]]
_COLOURS = "cividis"  # looks the same to the colour-blind, and rises in brightness
_FLOOR = 1e-12  # of what is told apart on a logarithmic scale, relative to the largest value
_EMPTY, _ZERO = "0.93", "0.75"
_HATCH = {"facecolor": _EMPTY, "edgecolor": "0.6", "hatch": "////", "linewidth": 0.0}


class _Side(NamedTuple):
    """One of the two axes: its values, or the places of its words, with its label."""

    values: Floats
    scale: Scale
    label: str
    words: tuple[str, ...]


def plot_heat_map(
    dataset: "xr.Dataset", variable: str, *, x: str, y: str, contours: ArrayLike = 5,
    scale: Scale | None = None, ax: "Axes | None" = None,
) -> "Axes":  # fmt: skip
    """Draw a variable over two axes of a dataset as colours and labelled contours; return the axes.

    An axis is logarithmic where its values are spaced so. Hatched is where there is no number (NaN or infinite), grey what
    is 0 on a logarithmic scale. Twelve decades below the largest value everything has one colour.

    Parameters
    ----------
    dataset : xarray.Dataset
        Such as ``sweep`` returns. Axes other than the two must have one value each: ``dataset.sel(visibility=0.9)``.
    variable, x, y : str
        Names in the dataset; ``x`` runs to the right.
    contours : int or array_like
        About how many, or at which values; 0 is none.
    scale : "linear" or "log", optional
        Of the colours; by default logarithmic where positive values differ by more than a factor of 100.

    Examples
    --------
    >>> from qnet_lab import sweep
    >>> def product(length_km, duration_s):
    ...     return {"rate_hz": length_km * duration_s}
    >>> dataset = sweep(product, {"length_km": [1, 2, 3], "duration_s": [1e-3, 1e-2, 1e-1]}, progress=False)
    >>> axes = plot_heat_map(dataset, "rate_hz", x="length_km", y="duration_s")
    >>> axes.get_ylabel(), axes.get_xscale(), axes.get_yscale()
    ('duration [s]', 'linear', 'log')
    """
    shown = _require_plane(require_variable(dataset, variable, "variable"), x, y)
    across, up = _side(shown[x]), _side(shown[y])
    values = np.asarray(shown.values, float)
    if scale is not None:
        choice(scale, "scale", ("linear", "log"))
    norm = _norm(values, scale or scale_of_values(values), variable)
    axes = axes_or_new(ax)
    _draw_cells(axes, across, up, values, norm, axis_label(shown))
    _draw_contours(axes, across, up, values, norm, contours)
    _label_sides(axes, across, up)
    _explain(axes, values, norm)
    return axes


def _require_plane(shown: "xr.DataArray", x: str, y: str) -> "xr.DataArray":
    """Return the variable over y and x, both rising, and over nothing else."""
    for name, value in (("x", x), ("y", y)):
        choice(value, name, tuple(map(str, shown.dims)))
    if x == y:
        raise ParameterError(f"Parameters `x` and `y` must be different axes, but are both {x!r}.")
    others = [str(name) for name in shown.dims if name not in (x, y) and shown.sizes[name] > 1]
    if others:
        raise DimensionError(
            f"Parameter `dataset` must have one value of every other axis, but has several of {', '.join(others)}."
        )
    if shown.dtype.kind not in "biuf":
        raise ParameterError(f"Parameter `variable` must name real numbers, but {shown.name!r} has {shown.dtype}.")
    plane = shown.squeeze([name for name in shown.dims if name not in (x, y)], drop=True)
    return plane.sortby([name for name in (x, y) if plane[name].dtype.kind in "biuf"]).transpose(y, x)


def _side(coordinate: "xr.DataArray") -> _Side:
    """Return an axis; words stand side by side."""
    values = coordinate.values
    if values.dtype.kind not in "biuf":
        return _Side(np.arange(len(values), dtype=float), "linear", axis_label(coordinate), tuple(map(str, values)))
    numbers = checks.real(values.astype(float), str(coordinate.name))
    return _Side(numbers, scale_of_axis(numbers), axis_label(coordinate), ())


def _norm(values: Floats, scale: Scale, name: str) -> "Normalize":
    from matplotlib.colors import LogNorm, Normalize

    known = values[np.isfinite(values)]
    if scale == "log":
        if not (known > 0).any() or (known < 0).any():
            raise ParameterError(f'Parameter `scale` must be "linear" where `{name}` is negative or never positive.')
        positive, largest = known[known > 0], float(known.max())
        return LogNorm(max(float(positive.min()), _FLOOR * largest), largest)
    return Normalize(float(known.min()), float(known.max())) if known.size else Normalize(0, 1)


def _draw_cells(axes: "Axes", across: _Side, up: _Side, values: Floats, norm: "Normalize", label: str) -> None:
    from matplotlib.colors import ListedColormap, LogNorm

    x, y = edges(across.values, across.scale), edges(up.values, up.scale)
    zero = np.isfinite(values) & (values == 0) & isinstance(norm, LogNorm)
    if zero.any():
        grey = ListedColormap([_ZERO])
        axes.pcolormesh(x, y, np.ma.masked_where(~zero, values), cmap=grey, shading="flat", rasterized=True)
    drawn = np.ma.masked_where(~np.isfinite(values) | zero, values)
    mesh = axes.pcolormesh(x, y, drawn, cmap=_COLOURS, norm=norm, shading="flat", rasterized=True)
    low = norm.vmin is not None and bool((drawn < norm.vmin).any())
    axes.figure.colorbar(mesh, ax=axes, label=label, extend="min" if low else "neither")
    axes.patch.set(**_HATCH)  # it is seen where no cell is
    axes.set(xscale=across.scale, yscale=up.scale, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))


def _levels(contours: ArrayLike, norm: "Normalize") -> list[float]:
    """Return the values of the contours inside the range of the colours."""
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import LogLocator, MaxNLocator

    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    if np.ndim(contours):
        levels = np.unique(checks.real(contours, "contours"))
    elif number := checks.integer(contours, "contours", 0, 50):
        logarithmic = isinstance(norm, LogNorm) and high > 10 * low
        locator = LogLocator(numticks=number + 2) if logarithmic else MaxNLocator(number + 1, steps=[1, 2, 5, 10])
        levels = np.asarray(locator.tick_values(low, high))
    else:
        levels = np.array([])
    return [float(level) for level in levels if low < level < high]


def _draw_contours(
    axes: "Axes", across: _Side, up: _Side, values: Floats, norm: "Normalize", contours: ArrayLike
) -> None:
    """Draw lines between the points; on a logarithmic scale their logarithms are interpolated, and none goes to 0."""
    from matplotlib.colors import LogNorm
    from matplotlib.patheffects import AbstractPathEffect, withStroke

    levels = _levels(contours, norm)
    if not levels or min(values.shape) < 2 or across.words or up.words:
        return
    logarithmic = isinstance(norm, LogNorm)
    known = np.ma.masked_where(~np.isfinite(values) | (logarithmic & (values == 0)), values)
    heights, at = (np.ma.log10(known), np.log10(levels)) if logarithmic else (known, np.asarray(levels))
    lines = axes.contour(across.values, up.values, heights, levels=at, colors="black", linewidths=0.9)
    halo: list[AbstractPathEffect] = [withStroke(linewidth=2.2, foreground="white")]
    lines.set(path_effects=halo)
    for text in axes.clabel(lines, fmt={k: f"{level:.4g}" for k, level in zip(at, levels, strict=True)}, fontsize=8):
        text.set_path_effects(halo)


def _label_sides(axes: "Axes", across: _Side, up: _Side) -> None:
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label)
    if across.words:
        axes.set_xticks(across.values, across.words)
    if up.words:
        axes.set_yticks(up.values, up.words)


def _explain(axes: "Axes", values: Floats, norm: "Normalize") -> None:
    """Say in a legend what hatched and grey cells are, if there are any."""
    from matplotlib.colors import LogNorm
    from matplotlib.patches import Patch

    entries = []
    if isinstance(norm, LogNorm) and (values == 0).any():
        entries.append(Patch(color=_ZERO, label="0"))
    if not np.isfinite(values).all():
        entries.append(Patch(**_HATCH, label="no value"))  # type: ignore[arg-type]
    if entries:
        axes.legend(handles=entries, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
