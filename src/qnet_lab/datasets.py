"""The results of a sweep in memory: filled block by block, and given out as a labelled dataset."""

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .blocks import Outcome
from .builds import build
from .columns import Column, Layout, dimensions
from .grids import Block, Grid
from .provenance import described

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Gathered", "attributes", "coordinates", "origin"]

_LOG = logging.getLogger(__name__)


def attributes(name: str, column: Column | None = None) -> dict[str, Any]:
    """Return unit and long name of an array of the dataset, and of states the dimensions of their subsystems."""
    if name in ("failed", "error"):
        return {"long_name": "whether the function raised" if name == "failed" else "what it raised"}
    return described(name) | ({"dims": list(column.dims)} if column and column.dims else {})


def coordinates(grid: Grid, layout: Layout) -> dict[str, NDArray[Any]]:
    """Return the axes' values, and the Pauli operators by which states of qubits are told."""
    numbers = {k for column in layout.values() for k, dim in enumerate(column.dims) if dim == 2}
    return {**grid.axes, **{f"pauli_{k}": np.array(list("IXYZ")) for k in sorted(numbers)}}


def origin(title: str) -> dict[str, str]:
    """Return the attributes of the dataset as a whole."""
    return {"title": title, **build()}


class Gathered:
    """Arrays over the whole grid, NaN where nothing is known yet."""

    def __init__(self, grid: Grid, layout: Layout) -> None:
        self._grid, self._layout = grid, layout
        self._arrays = {name: np.full(grid.shape + c.shape, np.nan, c.dtype) for name, c in layout.items()}
        self._errors = np.full(grid.shape, "", object)
        self._failed = np.zeros(grid.shape, bool)

    def put(self, block: Block, outcome: Outcome) -> None:
        """Take in the results of a block."""
        shape = self._failed[block].shape
        for name, array in outcome.arrays.items():
            self._arrays[name][block] = array.reshape(shape + array.shape[1:])
        for row, text in outcome.errors.items():
            at = tuple(int(k) + part.start for k, part in zip(np.unravel_index(row, shape), block, strict=True))
            self._errors[at], self._failed[at] = text, True

    def report(self) -> None:
        """Log how many points failed, and why the first one did."""
        if self._failed.any():
            at = np.argwhere(self._failed)[0]
            point = ", ".join(
                f"{name}={v[k].item()!r}" for (name, v), k in zip(self._grid.axes.items(), at, strict=True)
            )
            text = f"{self._failed.sum()} of {self._failed.size} points failed, the first at {point}: {self._errors[tuple(at)]}"
            _LOG.warning("%s", text)

    def dataset(self, title: str) -> "xr.Dataset":
        """Return everything with the names and units of axes, and the operators that states are told by."""
        import xarray as xr

        axes, layout = tuple(self._grid.axes), self._layout
        arrays = {n: (axes + dimensions(n, layout[n]), a, attributes(n, layout[n])) for n, a in self._arrays.items()}
        texts = {
            "error": (axes, self._errors, attributes("error")),
            "failed": (axes, self._failed, attributes("failed")),
        }
        named = {n: (n, values, attributes(n)) for n, values in coordinates(self._grid, layout).items()}
        return xr.Dataset(arrays | texts, named, origin(title))
