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
Places = tuple[tuple[tuple[int, int], int | None], ...]
_ZERO = np.zeros(1)


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
        if not self.is_batched:
            full[self.entries[:, 0], self.entries[:, 1]] = self.values[self.entries[:, 2], None]
            return full.reshape(self.shape + self.batch)
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
def _table(
    rows: int, keys: tuple[tuple[int, int], ...], chosen: tuple[int, ...], steps: tuple[int, ...], size: int
) -> NDArray[np.int64]:
    """Return the entries in order, a zero where an output has none: entry k takes the value ``chosen[k]``."""
    starts = [0, 1]  # the zero comes first
    for step in steps:
        starts.append(starts[-1] + (size if step else 1))
    where = dict(zip(keys, chosen, strict=True))
    places = sorted({*keys, *((row, 0) for row in range(rows) if row not in {row for row, _ in keys})})
    lines = []
    for place in places:
        value = where.get(place, -1) + 1
        lines.append((*place, starts[value], steps[value - 1] if value else 0))
    table = np.array(lines, np.int64)
    table.flags.writeable = False
    return table


def from_entries(shape: tuple[int, int], batch: Dims, given: Entries) -> Transfer:
    """Return matrices by their entries, each a number or an array over the batch; equal arrays are stored once."""
    order = {id(value): value for value in given.values()}
    where = {key: k for k, key in enumerate(order)}
    chosen = tuple(where[id(value)] for value in given.values())
    if not batch:
        table = _table(shape[0], tuple(given), chosen, (0,) * len(order), 1)
        return Transfer(shape, batch, table, np.array([0.0, *order.values()], np.float64))
    arrays = [np.asarray(value, dtype=np.float64) for value in order.values()]
    table = _table(shape[0], tuple(given), chosen, tuple(int(a.ndim > 0) for a in arrays), math.prod(batch))
    whole = [np.broadcast_to(a, batch) if a.shape not in ((), batch) else a for a in arrays]
    return Transfer(shape, batch, table, np.concatenate([_ZERO, *(a.reshape(-1) for a in whole)]))


def from_rows(shape: tuple[int, int], batch: Dims, places: Places, values: NDArray[Any]) -> Transfer:
    """Return matrices whose ``values`` are a 1 and then rows over the batch, without a copy.

    An entry names its row, or None for the 1; they are in order, and every output has one.
    """
    return Transfer(shape, batch, _row_table(places, math.prod(batch), bool(batch)), values)


@lru_cache(maxsize=256)
def _row_table(places: Places, size: int, batched: bool) -> NDArray[np.int64]:
    """Return the table of entries whose numbers start after the 1."""
    rows = [(*place, 0, 0) if row is None else (*place, 1 + row * size, int(batched)) for place, row in places]
    table = np.array(rows, np.int64)
    table.flags.writeable = False
    return table
