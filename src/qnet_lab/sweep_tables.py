"""What the command line prints of a sweep: its axes, and between which values its results lie."""

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sweep_table"]


def sweep_table(dataset: "xr.Dataset") -> str:
    """Return the axes, the least and greatest value of each result, and how many points failed."""
    axes = json.loads(dataset.attrs["axes"])
    shown = [
        str(name)
        for name in dataset.data_vars
        if set(dataset[name].dims) == set(axes) and name not in ("failed", "error")
    ]
    width = max(map(len, [*axes, *shown])) + 2
    rows = [(name, dataset[name]) for name in (*axes, *shown)]
    lines = [f"{'':<{width}}{'from':>12}{'to':>12}  unit"]
    lines += [f"{name:<{width}}{_ends(array.values)}  {array.attrs['units']}" for name, array in rows]
    failed = dataset["failed"]
    lines.append(f"{failed.size} points" + (f", of which {int(failed.sum())} failed" if failed.any() else ""))
    return "\n".join([dataset.attrs["title"], *lines])


def _ends(values: np.ndarray) -> str:
    known = values[~np.isnan(values)]
    ends = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    return "".join(f"{end:>12.4g}" for end in ends)
