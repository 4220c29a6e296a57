"""The points of a sweep: named axes, and blocks of neighbouring points."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

__all__ = ["Block", "Grid", "Values", "grid_of"]

Block = tuple[slice, ...]  # a range of each axis
Values = dict[str, NDArray[Any]]  # of each axis: one value for each point


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values of some axes; points are counted with the last axis running fastest."""

    axes: Mapping[str, NDArray[Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(values) for values in self.axes.values())

    @property
    def size(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def chosen(self, numbers: list[int]) -> Values:
        """Return the axes' values at points that are given by number."""
        at = np.unravel_index(numbers, self.shape)
        return {name: values[index] for (name, values), index in zip(self.axes.items(), at, strict=True)}

    def inside(self, block: Block) -> Values:
        """Return the axes' values at every point of a block."""
        ranges = [values[part] for values, part in zip(self.axes.values(), block, strict=True)]
        return {
            name: part.reshape(-1) for name, part in zip(self.axes, np.meshgrid(*ranges, indexing="ij"), strict=True)
        }

    def block_shape(self, size: int) -> tuple[int, ...]:
        """Return the extent of blocks of at most ``size`` points that follow one another: whole last axes, a part of one."""
        extents, room = [], size
        for length in reversed(self.shape):
            parts = math.ceil(length / max(1, room))
            extents.append(math.ceil(length / parts))
            room //= length
        return tuple(reversed(extents))

    def blocks(self, extents: tuple[int, ...]) -> list[Block]:
        """Return all blocks of this extent; the last ones of an axis may be smaller."""
        ranges = [
            [slice(start, min(start + extent, length)) for start in range(0, length, extent)]
            for length, extent in zip(self.shape, extents, strict=True)
        ]
        return list(itertools.product(*ranges))

    def scattered(self) -> Iterator[int]:
        """Yield the number of every point once, the first ones far from one another."""
        step = max(1, round(self.size * 0.6180339887))
        while math.gcd(step, self.size) > 1:
            step += 1
        return (k * step % self.size for k in range(self.size))


def grid_of(axes: Mapping[str, ArrayLike]) -> Grid:
    """Return the grid of axes that are given by name, or refuse them."""
    if not isinstance(axes, Mapping) or not axes:
        raise ParameterTypeError(f"Parameter `axes` must map names to values, but is {axes!r:.80}.")
    return Grid({_name(name): _axis(name, values) for name, values in axes.items()})


def _name(name: Any) -> str:
    if not isinstance(name, str) or not all(map(str.isidentifier, name.split("."))) or name in ("failed", "error"):
        raise ParameterError(f"Parameter `axes` must name parameters of the function, but names {name!r}.")
    return name


def _axis(name: str, values: ArrayLike) -> NDArray[Any]:
    """Return an axis as an array that cannot be written to."""
    array = np.array(values)
    if array.ndim != 1 or not array.size:
        raise DimensionError(f"Axis `{name}` must be a list of at least one value, but has shape {array.shape}.")
    if array.dtype.kind not in "biufU":
        raise ParameterTypeError(f"Axis `{name}` must hold real numbers or words, but is {values!r:.80}.")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ParameterError(f"Axis `{name}` must hold numbers, but is nan (at index {np.isnan(array).argmax()}).")
    array.flags.writeable = False
    return array
