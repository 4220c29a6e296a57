"""What can be had at best: the points of a sweep to which no other is superior in both of two variables."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qnet_core.errors import ParameterError, ParameterTypeError

from .scales import require_variable, scale_of_values
from .style import axes_or_new, axis_label, line_style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_frontier"]

Floats = NDArray[np.floating[Any]]


def plot_frontier(
    dataset: "xr.Dataset", *, x: str, y: str, less_is_better: Collection[str] = (), shade: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":  # fmt: skip
    """Draw all points of a dataset in the plane of two variables, and on top those that are best; return the axes.

    A point is on the frontier where no other is at least as good in both variables and better in one: what lies
    on it are the choices, fidelity against rate for instance, and the stairs bound what can be had. Points without a
    number are left out.

    Parameters
    ----------
    dataset : xarray.Dataset
        Such as ``sweep`` returns; the two variables may have different axes, which broadcast.
    x, y : str
        Names of variables or coordinates; ``x`` runs to the right.
    less_is_better : collection of str
        Which of the two should be small: a cost, an error, a time.
    shade : str, optional
        A variable or coordinate by which the points of the frontier are coloured: the setting that they belong to.

    References
    ----------
    The set of Pareto.

    Examples
    --------
    >>> from qnet_channels import single_click_link
    >>> from qnet_core import bell_weights
    >>> from qnet_lab import sweep
    >>> def link(bright_population):
    ...     found = single_click_link(bright_population=bright_population, transmissivity=1e-3)
    ...     return {"fidelity": bell_weights(found.state)[..., 0], "rate_hz": 1e5 * found.probability}
    >>> axes = plot_frontier(sweep(link, {"bright_population": [0.01, 0.1, 0.3]}, progress=False), x="rate_hz", y="fidelity")
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('rate [1/s]', 'fidelity')
    """
    columns = _columns(dataset, x, y, shade)
    signs = _signs(x, y, less_is_better)
    best = _frontier(columns[0] * signs[0], columns[1] * signs[1])
    axes = axes_or_new(ax)
    axes.plot(columns[0], columns[1], "o", color="0.7", markersize=3, markeredgewidth=0, label="all points", zorder=1)
    _draw_frontier(axes, [column[best] for column in columns], signs, dataset, shade)
    axes.set_xlabel(axis_label(dataset[x]))
    axes.set_ylabel(axis_label(dataset[y]))
    axes.set(xscale=_scale(columns[0]), yscale=_scale(columns[1]))
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    return axes


def _columns(dataset: "xr.Dataset", x: str, y: str, shade: str | None) -> list[Floats]:
    """Return both variables, and the one of the colours, at every point where they are numbers."""
    import xarray as xr

    names = {"x": x, "y": y} | ({} if shade is None else {"shade": shade})
    found = [require_variable(dataset, name, what) for what, name in names.items()]
    for variable in found:
        if variable.dtype.kind not in "biuf":
            raise ParameterError(f"Variable `{variable.name}` must hold real numbers, but holds {variable.dtype}.")
    columns = np.stack([np.asarray(one.values, float).ravel() for one in xr.broadcast(*found)])
    known = columns[:, np.isfinite(columns).all(axis=0)]
    if not known.size:
        raise ParameterError(f"Parameter `dataset` must hold a point with numbers for {' and '.join(names.values())}.")
    return list(known)


def _signs(x: str, y: str, less_is_better: Collection[str]) -> tuple[int, int]:
    if isinstance(less_is_better, str) or not isinstance(less_is_better, Collection):
        raise ParameterTypeError(
            f"Parameter `less_is_better` must be a collection of names, but is {less_is_better!r:.80}."
        )
    if unknown := set(less_is_better) - {x, y}:
        raise ParameterError(
            f"Parameter `less_is_better` must name {x!r} or {y!r}, but names {sorted(unknown, key=str)[0]!r}."
        )
    return (-1 if x in less_is_better else 1), (-1 if y in less_is_better else 1)


def _frontier(first: Floats, second: Floats) -> NDArray[np.intp]:
    """Return which points no other beats, from the smallest first one on; of equal points the earliest."""
    order = np.lexsort((-second, -first))  # from the largest first one down, of equal ones the better before the worse
    along = second[order]
    before = np.maximum.accumulate(np.concatenate([[-np.inf], along[:-1]]))
    return order[along > before][::-1]


def _scale(values: Floats) -> str:
    return scale_of_values(values) if (values > 0).all() else "linear"


def _draw_frontier(
    axes: "Axes", columns: list[Floats], signs: tuple[int, int], dataset: "xr.Dataset", shade: str | None
) -> None:
    """Draw the stairs and the points on them; the stairs fall where the first variable gets better."""
    colour = line_style(0)["color"]
    where: Literal["pre", "post"] = "pre" if signs[0] > 0 else "post"
    order = np.argsort(columns[0], kind="stable")
    x, y = columns[0][order], columns[1][order]
    axes.step(x, y, where=where, color=colour, linewidth=1, alpha=0.6, zorder=2)
    if shade is None:
        axes.plot(x, y, "o", color=colour, markersize=5, label="best", zorder=3)
        return
    from matplotlib.colors import LogNorm, Normalize

    shades = columns[2][order]
    norm = (LogNorm if (shades > 0).all() and scale_of_values(shades) == "log" else Normalize)(
        shades.min(), shades.max()
    )
    points = axes.scatter(
        x, y, c=shades, norm=norm, cmap="cividis", s=32, edgecolors="black", linewidths=0.5, label="best", zorder=3
    )
    axes.figure.colorbar(points, ax=axes, label=axis_label(dataset[shade]))
