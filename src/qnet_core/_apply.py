"""From a transfer matrix and the subsystems it acts on to the kernel that does it."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._checks import Dims, capacity
from ._kernels import entries as kernels
from ._transfer import Transfer

Ints = NDArray[np.int64]
_EMPTY_INTS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Geometry:
    """How a map on some subsystems walks through a flat tensor, counted in points of the batch."""

    dims: Dims  # of the result
    offsets_in: Ints
    offsets_out: Ints
    outer: Ints  # rows of (size, stride in, stride out) of what the map leaves alone
    inner: int  # length of the contiguous end that the map leaves alone

    @property
    def count(self) -> int:
        return int(self.outer[:, 0].prod())


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


@lru_cache(maxsize=4096)
def geometry(dims: Dims, on: Dims, dims_out: Dims) -> Geometry:
    """Return how a map from the subsystems ``on`` to ``dims_out`` walks through the tensor."""
    result = output_dims(dims, on, dims_out)
    sizes, new_sizes = tuple(d * d for d in dims), tuple(d * d for d in result)
    old, new = _strides(sizes), _strides(new_sizes)
    placed, kept_new = _positions(len(dims), on, len(dims_out))
    kept = [k for k in range(len(dims)) if k not in on]
    groups = _merged([(sizes[k], old[k], new[j]) for k, j in zip(kept, kept_new, strict=True)])
    inner = groups.pop()[0] if groups and groups[-1][1:] == (1, 1) else 1
    return Geometry(
        result,
        _offsets(tuple(sizes[k] for k in on), [old[k] for k in on]),
        _offsets(tuple(d * d for d in dims_out), [new[j] for j in placed]),
        np.array(groups or [(1, 0, 0)], np.int64),
        inner,
    )


def _walk(geo: Geometry, points: int, together: bool) -> tuple[Ints, int, int]:
    """Return outer groups, their number and the run, where points and inner elements run together or not."""
    scaled = geo.outer * np.array([1, points, points])
    if together:
        return scaled, geo.count, geo.inner * points
    split = np.vstack([scaled, [geo.inner, points, points]])
    return split, geo.count * geo.inner, points


def apply(
    transfer: Transfer, flat: NDArray[Any], dims: Dims, on: Dims, dims_out: Dims, points: int, out: NDArray[Any] | None
) -> NDArray[Any]:
    """Return the image of a flat tensor of ``points`` points, written to ``out`` (which may be ``flat``) if given.

    ``flat`` may be a single point where the transfer matrix has many.
    """
    geo = geometry(dims, on, dims_out)
    if out is None:
        size = points * math.prod(d * d for d in geo.dims)
        capacity(size, "The state after the map", flat.itemsize)
        out = np.empty(size, flat.dtype)
    outer, count, run = _walk(geo, points, not transfer.is_batched)
    spread = flat.size < points * math.prod(d * d for d in dims)
    if out is flat and transfer.is_diagonal:
        kernels.scale_entries(out, transfer.entries, transfer.values, geo.offsets_in * points, outer, count, run)
    elif run < 16 and not transfer.is_batched and not spread:
        _apply_lanes(transfer, flat, geo, points, outer, count, run, out)
    else:
        _apply_runs(transfer, flat, geo, points, outer, count, run, out, spread)
    return out


def _apply_lanes(
    transfer: Transfer, flat: NDArray[Any], geo: Geometry, points: int, outer: Ints, count: int, run: int,
    out: NDArray[Any],
) -> None:  # fmt: skip
    scratch = np.empty(kernels.LANES * sum(transfer.shape), flat.dtype)
    at = np.empty(2 * kernels.LANES, np.int64)
    kernels.map_lanes(
        out, flat, transfer.entries, transfer.values, geo.offsets_in * points, geo.offsets_out * points,
        outer, count, run, scratch, at,
    )  # fmt: skip


def _apply_runs(
    transfer: Transfer, flat: NDArray[Any], geo: Geometry, points: int, outer: Ints, count: int, run: int,
    out: NDArray[Any], spread: bool,
) -> None:  # fmt: skip
    in_place = out is flat
    scratch = np.empty(kernels.CHUNK * transfer.shape[1] if in_place else 0, flat.dtype)
    o_scratch = kernels.CHUNK * np.arange(transfer.shape[1]) if in_place else _EMPTY_INTS
    if spread:  # one state under many maps: its strides are those of a single point
        outer = outer // np.array([1, points, 1])
    kernels.map_entries(
        out, flat, transfer.entries, transfer.values, geo.offsets_in * (1 if spread else points),
        geo.offsets_out * points, outer, count, run, 0 if spread else 1, scratch, o_scratch, np.empty(5, np.int64),
    )  # fmt: skip
