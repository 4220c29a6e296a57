"""From a transfer matrix and the subsystems it acts on to the kernel that does it."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _kernels
from ._checks import Dims, capacity
from ._transfer import Transfer

Ints = NDArray[np.int64]
_SHORT = 16  # elements of a run that is not worth a loop of its own; outer indices that are worth a table
_EMPTY_INTS = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Walk:
    """How a map on some subsystems walks through a flat tensor with the batch last."""

    dims: Dims  # of the result
    size: int  # of the result, in elements
    offsets_in: Ints
    offsets_out: Ints
    outer: Ints  # rows of (size, stride in, stride out) of what the map leaves alone
    count: int  # of outer indices
    run: int  # contiguous elements that are mapped alike, or each by a map of its own


def output_dims(dims: Dims, on: Dims, dims_out: Dims) -> Dims:
    """Return the dimensions after a map that turns the subsystems ``on`` into ``dims_out``."""
    if len(on) == len(dims_out):
        new = dict(zip(on, dims_out, strict=True))
        return tuple(new.get(k, d) for k, d in enumerate(dims))
    parts = (dims_out if k == on[0] else () if k in on else (d,) for k, d in enumerate(dims))
    return tuple(d for part in parts for d in part)


def _positions(count: int, on: Dims, outputs: int) -> tuple[Dims, Dims]:
    """Return where the outputs stand after the map, and where the untouched subsystems do."""
    if len(on) == outputs:
        return on, tuple(k for k in range(count) if k not in on)
    order: list[tuple[bool, int]] = []
    for k in range(count):
        if k == on[0]:
            order += [(True, i) for i in range(outputs)]
        elif k not in on:
            order.append((False, k))
    places = {item: place for place, item in enumerate(order)}
    return tuple(places[True, i] for i in range(outputs)), tuple(place for (new, _), place in places.items() if not new)


def _strides(sizes: Dims) -> list[int]:
    return [math.prod(sizes[k + 1 :]) for k in range(len(sizes))]


def _offsets(sizes: Dims, strides: list[int]) -> Ints:
    """Return the offset of every index of a few subsystems, the first one slowest."""
    total = np.zeros(1, np.int64)
    for size, stride in zip(sizes, strides, strict=True):
        total = (total[:, None] + stride * np.arange(size)).reshape(-1)
    return total


def _merged(groups: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Join neighbours that lie side by side before and after the map."""
    merged: list[tuple[int, int, int]] = []
    for size, a, b in groups:
        if merged and merged[-1][1:] == (size * a, size * b):
            size *= merged.pop()[0]
        merged.append((size, a, b))
    return merged


@lru_cache(maxsize=1024)
def walk(dims: Dims, on: Dims, dims_out: Dims, points: int, batched: bool, spread: bool) -> Walk:
    """Return how a map from the subsystems ``on`` to ``dims_out`` walks through the tensor.

    Under one map, points run together with the subsystems behind the targets; under a batch of
    maps a run is the points alone. With ``spread`` the input is a single point.
    """
    result = output_dims(dims, on, dims_out)
    step = 1 if spread else points
    old, new = (_strides(tuple(d * d for d in sizes)) for sizes in (dims, result))
    placed, kept_new = _positions(len(dims), on, len(dims_out))
    kept = [k for k in range(len(dims)) if k not in on]
    groups = _merged([(dims[k] ** 2, step * old[k], points * new[j]) for k, j in zip(kept, kept_new, strict=True)])
    together = not batched and groups and groups[-1][1:] == (points, points)
    run = groups.pop()[0] * points if together else points
    return Walk(
        result,
        points * math.prod(d * d for d in result),
        step * _offsets(tuple(dims[k] ** 2 for k in on), [old[k] for k in on]),
        points * _offsets(tuple(d * d for d in dims_out), [new[j] for j in placed]),
        np.array(groups or [(1, 0, 0)], np.int64),
        math.prod(size for size, _, _ in groups),
        run,
    )


def apply(
    transfer: Transfer, flat: NDArray[Any], dims: Dims, on: Dims, dims_out: Dims, points: int, out: NDArray[Any] | None
) -> NDArray[Any]:
    """Return the image of a flat tensor of ``points`` points, written to ``out`` (which may be ``flat``) if given.

    ``flat`` may be a single point where the transfer matrix has many.
    """
    spread = points > 1 and flat.size == math.prod(dims) ** 2
    way = walk(dims, on, dims_out, points, transfer.is_batched, spread)
    if out is None:
        capacity(way.size, "The state after the map", flat.itemsize)
        out = np.empty(way.size, flat.dtype)
    if out is flat and transfer.is_triangular:
        entries, values = transfer.entries, transfer.values
        _kernels.entries.map_triangular(out, entries, values, way.offsets_in, way.outer, way.count, way.run)
    elif out is flat and transfer.cycles is not None and (way.run > _SHORT or way.count > _SHORT):
        _apply_cycles(transfer.cycles, transfer.values, flat, way)
    elif way.run < 16 and not transfer.is_batched and not spread:
        _apply_lanes(transfer, flat, way, out)
    else:
        _apply_runs(transfer, flat, way, out, 0 if spread else 1)
    return out


def _apply_cycles(cycles: Ints, values: NDArray[Any], flat: NDArray[Any], way: Walk) -> None:
    """Permute in place: by cycles of whole runs, or number by number where runs are short."""
    if way.run > _SHORT:
        buffer = np.empty(_kernels.entries.CHUNK, flat.dtype)
        _kernels.entries.map_cycles(flat, cycles, values, way.offsets_in, way.outer, way.count, way.run, buffer)
        return
    size, step, _ = (int(k) for k in way.outer[-1])
    taken = math.gcd(size, _SHORT // way.run)  # of the last outer indices, which join the run
    outer = np.vstack([way.outer[:-1], [(size // taken, step * taken, step * taken)]])
    run = np.add.outer(step * np.arange(taken), np.arange(way.run)).reshape(-1)
    to, source = (np.add.outer(way.offsets_in[cycles[:, k]], run).reshape(-1) for k in (0, 1))
    weights, buffer = np.repeat(values[cycles[:, 2]], run.size), np.empty(to.size, flat.dtype)
    _kernels.entries.map_places(flat, to, source, weights, outer, way.count // taken, buffer)


def _apply_lanes(transfer: Transfer, flat: NDArray[Any], way: Walk, out: NDArray[Any]) -> None:
    scratch = np.empty(_kernels.entries.LANES * sum(transfer.shape), flat.dtype)
    at = np.empty(2 * _kernels.entries.LANES, np.int64)
    _kernels.entries.map_lanes(
        out, flat, transfer.entries, transfer.values, way.offsets_in, way.offsets_out, way.outer, way.count, way.run,
        scratch, at,
    )  # fmt: skip


def _apply_runs(transfer: Transfer, flat: NDArray[Any], way: Walk, out: NDArray[Any], x_step: int) -> None:
    in_place = out is flat
    chunk = max(64, _kernels.entries.CACHED // transfer.shape[1])
    scratch = np.empty(chunk * transfer.shape[1] if in_place else 0, flat.dtype)
    o_scratch = chunk * np.arange(transfer.shape[1]) if in_place else _EMPTY_INTS
    _kernels.entries.map_entries(
        out, flat, transfer.entries, transfer.values, way.offsets_in, way.offsets_out, way.outer, way.count, way.run,
        x_step, scratch, o_scratch, np.empty(5, np.int64),
    )  # fmt: skip
