"""The figure of a search for schedules: fidelity against cost, and what no protocol can do."""

from typing import TYPE_CHECKING

import numpy as np

from .style import axes_or_new, line_style, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qnet_protocols import ScheduleSearch

__all__ = ["plot_schedules"]

_COSTS = {"pairs": "raw pairs per delivered pair", "time": "time per delivered pair [s]"}


def plot_schedules(search: "ScheduleSearch", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the frontier of ``best_schedule``, its best schedule, and the bounds; return the axes.

    Against raw pairs, grey is what no protocol can reach (``least_raw_pairs``), and a dotted line what hashing takes for
    a perfect pair, if it works at all: that needs many pairs at once and perfect gates.
    """
    axes = axes_or_new(ax)
    style = line_style(0)
    axes.step(search.costs, search.fidelities, where="post", alpha=0.5, **style)
    axes.plot(search.costs, search.fidelities, "o", color=style["color"], markersize=4, label="best for the cost")
    chosen = float(search.run.raw_pairs if search.cost == "pairs" else search.run.duration_s)
    axes.plot(chosen, search.fidelity, "*", color=line_style(5)["color"], markersize=12, label=_named(search))
    axes.set_xscale("log")
    if search.cost == "pairs":
        _draw_bounds(axes, search)
    axes.set_xlabel(_COSTS[search.cost])
    axes.set_ylabel("fidelity with phi+")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="lower right")
    return axes


def _named(search: "ScheduleSearch", width: int = 60) -> str:
    """Return the best schedule in lines that a legend holds, or its size where it is too long."""
    text = str(search.schedule)
    return (
        text
        if len(text) <= width
        else f"best found: {search.schedule.num_pairs} pairs in {search.schedule.depth} steps"
    )


def _draw_bounds(axes: "Axes", search: "ScheduleSearch") -> None:
    """Shade what costs less than any protocol must, and mark the cost of hashing."""
    low = axes.get_ylim()[0]
    fidelities = np.linspace(min(low, float(search.fidelities.min())), 1, 200)
    least = search.least_raw_pairs(fidelities)
    left, right = axes.get_xlim()
    if np.isfinite(least).all():
        axes.fill_betweenx(fidelities, left, np.maximum(least, left), color="0.85", label="no protocol reaches this")
    hashing = search.raw_hashing_yield
    mark(axes, 1 / hashing if hashing > 0 else None, "hashing many pairs: perfect pairs", horizontal=False)
    axes.set_xlim(left, max(right, 1.1 / hashing if hashing > 0 else right))
    axes.set_ylim(fidelities[0], 1 + 0.02 * (1 - fidelities[0]))
