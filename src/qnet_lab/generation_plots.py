"""Which generation of repeaters wins where: a dataset and its two figures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qnet_core.errors import DimensionError
from qnet_protocols import BestGeneration, RepeaterHardware, best_generation

from .axes import is_logarithmic
from .style import axes_or_new, axis_label, line_style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "GENERATION_LABELS",
    "compare_generations",
    "draw_costs",
    "draw_map",
    "generation_variables",
    "plot_generations",
]

_AXES = ("distance_km", "gate_mixing", "coupling_efficiency", "gate_time_s")
_NAMES = {
    0: "no key",
    1: "first: distillation",
    2: "second: bare pairs",
    3: "second: encoded pairs",
    4: "third: one-way",
}
_COLOURS = {0: "0.85", 1: "#0072B2", 2: "#F5D491", 3: "#E69F00", 4: "#009E73"}
GENERATION_LABELS = {
    "scheme": ("1", "generation"),
    "generation": ("1", "generation that costs least (0: no key)"),
    "cost_s_per_km": ("s/km", "memory qubits per (secret bit/s) and km"),
    "rate_bit_per_s": ("bit/s", "secret bits of one chain of least cost"),
    "num_links": ("1", "number of links"),
    "memory_qubits": ("1", "memory qubits of one chain of least cost"),
    "code_qubits": ("1", "physical qubits per logical one"),
}
_LABELS = {
    "distance_km": ("km", "distance"),
    "gate_mixing": ("1", "gate error (mixing)"),
    "coupling_efficiency": ("1", "coupling efficiency"),
    "gate_time_s": ("s", "time of local gates"),
}


def compare_generations(
    *, distance_km: ArrayLike, gate_mixing: ArrayLike, coupling_efficiency: ArrayLike, gate_time_s: ArrayLike = 1e-6
) -> "xr.Dataset":
    """Return cost, rate and settings of the best repeater of each generation, over the grid of all values given.

    ``best_generation`` on the product of the axes, with the readouts and pairs that ``RepeaterHardware`` takes for granted.

    Parameters
    ----------
    distance_km, gate_mixing, coupling_efficiency, gate_time_s : array_like
        Numbers, or arrays of one axis.

    Returns
    -------
    xarray.Dataset
        Dimensions ``scheme`` (1, 2, 3) and the four axes; every variable has ``units`` and ``long_name``.

    Examples
    --------
    >>> dataset = compare_generations(distance_km=500.0, gate_mixing=[1e-4, 3e-2], coupling_efficiency=0.5)
    >>> dataset["generation"].values.ravel().tolist()
    [2, 1]
    """
    import xarray as xr

    values = (distance_km, gate_mixing, coupling_efficiency, gate_time_s)
    axes = {name: _axis(name, value) for name, value in zip(_AXES, values, strict=True)}
    distance, mixing, coupling, time = np.ix_(*axes.values())
    best = best_generation(RepeaterHardware(mixing, coupling, time), distance_km=distance)
    dataset = xr.Dataset(generation_variables(best, _AXES), {"scheme": [1, 2, 3], **axes})
    for name, (unit, text) in (GENERATION_LABELS | _LABELS).items():
        dataset[name].attrs.update(units=unit, long_name=text)
    return dataset


def _axis(name: str, value: ArrayLike) -> np.ndarray:
    array = np.atleast_1d(np.asarray(value, float))
    if array.ndim > 1:
        raise DimensionError(f"Parameter `{name}` must be a number or have one axis, but has shape {array.shape}.")
    return array


def generation_variables(best: BestGeneration, axes: Sequence[str]) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return the variables of a dataset of the best repeaters, by name: dimensions and values."""
    whole = ("scheme", *axes)
    settings = [chain.settings for chain in best.cheapest]
    sizes = (np.ones(best.generation.shape), settings[1]["num_qubits"], settings[2]["blocks"] * settings[2]["qubits"])
    return {
        "generation": (tuple(axes), best.generation),
        "cost_s_per_km": (whole, best.cost_s_per_km),
        "rate_bit_per_s": (whole, np.stack([one.chain.rate_bit_per_s for one in best.cheapest])),
        "memory_qubits": (whole, np.stack([one.chain.memory_qubits for one in best.cheapest])),
        "num_links": (whole, np.stack([one["num_links"] for one in settings])),
        "code_qubits": (whole, np.stack(sizes)),
    }


def plot_generations(dataset: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw which generation wins over gate error and coupling, or what each costs over distance; return the axes.

    The axes of the dataset that are longer than one say which of the two: ``gate_mixing`` and ``coupling_efficiency``, or
    ``distance_km``. Take one point of the others with ``dataset.sel``.

    >>> axes = plot_generations(compare_generations(
    ...     distance_km=[100.0, 1000.0], gate_mixing=1e-3, coupling_efficiency=0.9))
    >>> axes.get_xlabel()
    'distance [km]'
    """
    long = {str(name) for name in _AXES if dataset[name].size > 1}
    if long not in ({"gate_mixing", "coupling_efficiency"}, {"distance_km"}):
        raise DimensionError(
            "Parameter `dataset` must have several values of gate_mixing and coupling_efficiency, or of distance_km, and "
            f"one of everything else, but has several of {', '.join(sorted(long)) or 'nothing'}."
        )
    axes = axes_or_new(ax)
    flat = dataset.squeeze([name for name in _AXES if name in dataset.dims and name not in long])
    if long == {"distance_km"}:
        draw_costs(axes, flat, "distance_km")
        axes.legend()
    else:
        draw_map(axes, flat, "gate_mixing", "coupling_efficiency")
    axes.set_xscale("log")
    axes.set_title(_title(dataset, long), fontsize="medium")
    return axes


def _title(dataset: "xr.Dataset", long: set[str]) -> str:
    """Return what has one value, with its unit."""
    texts = {
        "distance_km": "{:g} km",
        "gate_mixing": "gate error {:g}",
        "coupling_efficiency": "coupling {:g}",
        "gate_time_s": "gates {:g} s",
    }
    return ", ".join(text.format(dataset[name].item()) for name, text in texts.items() if name not in long)


def draw_map(axes: "Axes", flat: "xr.Dataset", x: str, y: str) -> None:
    """Draw which generation costs least over two axes."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    winner = flat["generation"].transpose(y, x).values
    code = flat["code_qubits"].sel(scheme=2).transpose(y, x).values
    kind = np.where(winner == 2, np.where(code > 1, 3, 2), np.where(winner == 3, 4, winner))
    axes.pcolormesh(
        flat[x], flat[y], kind, cmap=ListedColormap(list(_COLOURS.values())), vmin=-0.5,
        vmax=4.5, shading="nearest", rasterized=True,
    )  # fmt: skip
    for name, scale, label in ((x, axes.set_xscale, axes.set_xlabel), (y, axes.set_yscale, axes.set_ylabel)):
        scale("log" if is_logarithmic(flat[name]) else "linear")
        label(axis_label(flat[name]))
    shown = [Patch(color=_COLOURS[k], label=_NAMES[k]) for k in _NAMES if (kind == k).any()]
    axes.legend(
        handles=shown, title="costs least", loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False
    )


def draw_costs(axes: "Axes", flat: "xr.Dataset", along: str) -> None:
    """Draw what each generation costs along an axis."""
    names = {1: "first generation", 2: "second generation", 3: "third generation"}
    for k, (scheme, name) in enumerate(names.items()):
        cost = flat["cost_s_per_km"].sel(scheme=scheme)
        axes.plot(flat[along], cost.where(np.isfinite(cost)), label=name, **line_style(k))
    axes.set_xscale("log" if is_logarithmic(flat[along]) else "linear")
    axes.set_yscale("log")
    axes.set_xlabel(axis_label(flat[along]))
    axes.set_ylabel("memory qubits per (secret bit/s) and km")
    axes.grid(alpha=0.3)
