"""How results of applications are drawn and printed: against the longer axis, a line for each value of the other one."""

from typing import TYPE_CHECKING

from .line_plots import axes_of, lines, plot_lines
from .pair_plots import WITHOUT
from .style import finish, mark, panels, use_logarithm
from .tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["plot", "summarize"]

_LOGARITHMIC = ("instability", "probe_time_s", "information_rate_s", "frequency_information_s2")
_TAKEN = ("link_probability", "links_per_pair", "resource_probability", "resource_fidelity")


def _shown(dataset: "xr.Dataset") -> list[str]:
    """Return the variables that are drawn: two of what the application is worth, and the fidelity of what it takes."""
    worth = [str(name) for name in dataset.data_vars if name not in _TAKEN]
    return [*worth[:2], "resource_fidelity"] if "resource_fidelity" in dataset else worth[:3]


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw the figures of the application, and the fidelity of the pair or GHZ state that it takes."""
    names = _shown(dataset)
    dataset = dataset.sortby(axes_of(dataset, names[0])[0])
    figure, row = panels(len(names))
    for axes, name in zip(row, names, strict=True):
        plot_lines(dataset, name, axes)
        if name in WITHOUT:
            mark(axes, *WITHOUT[name])
        if name in _LOGARITHMIC and (dataset[name] > 0).any():
            use_logarithm(axes, dataset[name])
    return finish(figure, dataset)


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few points along the longer axis, for up to three values of the other one."""
    names = [str(name) for name in dataset.data_vars][:5]
    along, _ = axes_of(dataset, names[0])
    columns = {name: lines(dataset, name, 3) for name in names}
    parts = [f"against {along}"]
    for k, (label, _) in enumerate(columns[names[0]]):
        shown = {name.replace("_", " "): columns[name][k][1] for name in names}
        parts += [*([label] if label else []), row_table(dataset, along, shown)]
    return "\n".join(parts)
