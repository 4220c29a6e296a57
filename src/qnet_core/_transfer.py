"""Transfer matrices as their nonzero entries, so that no arithmetic is spent on zeros."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._checks import Dims

Entries = Mapping[tuple[int, int], Any]


@dataclass(frozen=True)
class Transfer:
    """A batch of real (or, for changes of basis, complex) matrices by their nonzero entries.

    ``entries`` has a row (output, input, start, step) per entry: where its numbers start in
    ``values``, and 1 where there is one per point of the batch, 0 where one serves all.
    """

    shape: tuple[int, int]
    batch: Dims
    entries: NDArray[np.int64]
    values: NDArray[Any]

    @cached_property
    def is_batched(self) -> bool:
        return bool(self.entries[:, 3].any())

    @cached_property
    def is_triangular(self) -> bool:
        """Whether no output depends on a later input, as in all damping and dephasing."""
        return self.shape[0] == self.shape[1] and bool((self.entries[:, 1] <= self.entries[:, 0]).all())

    @cached_property
    def cycles(self) -> NDArray[np.int64] | None:
        """The entries cycle by cycle where each input goes to one output, all others to others, as in Clifford gates.

        A row is (output, input, start, length of the cycle).
        """
        sources, everything = self.entries[:, 1], np.arange(self.shape[1])
        if self.is_batched or not all(np.array_equal(everything, np.sort(self.entries[:, k])) for k in (0, 1)):
            return None
        rows: list[tuple[int, int, int, int]] = []
        left = set(range(self.shape[0]))
        while left:
            cycle = [min(left)]
            while (source := int(sources[cycle[-1]])) != cycle[0]:
                cycle.append(source)
            left.difference_update(cycle)
            rows += [(row, int(sources[row]), int(self.entries[row, 2]), len(cycle)) for row in cycle]
        return np.array(rows, np.int64)

    def dense(self) -> NDArray[Any]:
        """Return the matrices with batch axes last."""
        size = math.prod(self.batch)
        full = np.zeros((*self.shape, size), self.values.dtype)
        for row, col, start, step in self.entries:
            full[row, col] = self.values[start : start + size] if step else self.values[start]
        return full.reshape(self.shape + self.batch)


def from_dense(full: NDArray[Any], batch: Dims) -> Transfer:
    """Return matrices that are given with batch axes last."""
    rows, cols = full.shape[:2]
    values = np.ascontiguousarray(full).reshape(rows, cols, -1)
    size = values.shape[2]
    present = (values != 0).any(axis=2)
    present[~present.any(axis=1), 0] = True  # every output needs an entry, be it a zero
    index = np.argwhere(present)
    starts = (index[:, 0] * cols + index[:, 1]) * size
    steps = np.full(len(index), int(bool(batch)))
    return Transfer((rows, cols), batch, np.column_stack([index, starts, steps]), values.reshape(-1))


@lru_cache(maxsize=256)
def _table(rows: int, keys: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return the places of the entries in order, with a zero where an output has none."""
    given = {row for row, _ in keys}
    return tuple(sorted({*keys, *((row, 0) for row in range(rows) if row not in given)}))


def from_entries(shape: tuple[int, int], batch: Dims, given: Entries) -> Transfer:
    """Return matrices by their entries, each a number or an array over the batch; equal arrays are stored once."""
    parts: list[NDArray[np.float64]] = []
    seen: dict[int, tuple[int, int]] = {}
    at, table = 0, []
    for row, col in _table(shape[0], tuple(given)):
        value = given.get((row, col), 0.0)
        if id(value) not in seen:
            array = np.asarray(value, dtype=np.float64)
            step = int(array.ndim > 0 and bool(batch))
            flat = np.broadcast_to(array, batch).reshape(-1) if step else array.reshape(1)
            seen[id(value)] = (at, step)
            parts.append(flat)
            at += flat.size
        table.append((row, col, *seen[id(value)]))
    return Transfer(shape, batch, np.array(table, dtype=np.int64), np.concatenate(parts))
