"""Long batches in blocks that stay in cache, on as many threads as wanted."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from .errors import DimensionError, ParameterTypeError
from .states import DensityMatrix

__all__ = ["blockwise"]

Result = TypeVar("Result")

_BLOCK = 8192  # a few thousand pairs stay in cache
_BLOCK_OF_THREADS = 32768  # between NumPy calls threads take turns, so that longer ones are better


def blockwise(
    function: Callable[..., Result], *parameters: ArrayLike, block_size: int | None = None, threads: int = 1
) -> Result:
    """Return ``function(*parameters)``, computed in blocks of points that stay in cache.

    Every step of a long batch reads and writes main memory; in blocks of a few thousand points the
    steps of a whole pipeline find their numbers in the cache. Kernels release the GIL, so that threads help.

    Parameters
    ----------
    function : callable
        Of one-dimensional arrays, to an array with the batch axis first, a DensityMatrix, or a
        (named) tuple of these; it must treat points independently.
    parameters : array_like
        They broadcast; the common shape is the batch shape of the result.
    block_size, threads : int
        Points in a block at most (8192, or 32768 for several threads, which then wait less for one another);
        threads that work on blocks.

    Examples
    --------
    >>> from qnet_core import concurrence, werner_state
    >>> def entanglement(fidelity):
    ...     return concurrence(werner_state(fidelity=fidelity))
    >>> blockwise(entanglement, np.linspace(0.5, 1, 5), block_size=2).round(12).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not callable(function) or not parameters:
        raise ParameterTypeError(
            "Parameter `function` must be callable, and have at least one parameter to go through."
        )
    workers = _checks.integer(threads, "threads", 1)
    usual = _BLOCK if workers == 1 else _BLOCK_OF_THREADS
    size = _checks.integer(usual if block_size is None else block_size, "block_size", 1)
    arrays = [np.asarray(value) for value in parameters]
    batch = _checks.broadcast(**{f"parameters[{k}]": array.shape for k, array in enumerate(arrays)})
    points = math.prod(batch)
    if points == 0:
        raise DimensionError(f"Parameter `parameters` must hold at least one point, but has shape {batch}.")
    flat = [np.broadcast_to(array, batch).reshape(-1) for array in arrays]

    edges, room = _edges(points, size, workers), _Room(batch)

    def work(start: int, end: int) -> None:
        room.store(function(*(array[start:end] for array in flat)), start, end - start)

    if workers == 1:
        for start, end in pairwise(edges):
            work(start, end)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, edges[:-1], edges[1:]))
    return cast("Result", room.whole)


def _edges(points: int, size: int, threads: int) -> list[int]:
    """Return where blocks of at most ``size`` points begin and end: as many for each thread, all about as long."""
    blocks = min(points, threads * math.ceil(points / (size * threads)))
    return [points * k // blocks for k in range(blocks + 1)]


class _Room:
    """Room for the results of all blocks, made when the first of them is there."""

    def __init__(self, batch: tuple[int, ...]) -> None:
        self.batch = batch
        self.lock = Lock()
        self.whole: Any = None
        self._store: Callable[[Any, int, int], None] | None = None

    def store(self, part: Any, at: int, n: int) -> None:
        """Store a block of n points from one on."""
        with self.lock:
            if self._store is None:
                self.whole, self._store = _place(part, self.batch)
        self._store(part, at, n)


def _place(first: Any, batch: tuple[int, ...]) -> tuple[Any, Callable[[Any, int, int], None]]:
    """Return room for all blocks, of the kind of the first, and a function that stores a block of n points from one on."""
    points = math.prod(batch)
    if isinstance(first, np.ndarray):
        rows = np.empty((points, *first.shape[1:]), first.dtype)
        return rows.reshape((*batch, *first.shape[1:])), lambda part, at, n: _store_array(rows, part, at, n)
    if isinstance(first, DensityMatrix):
        stack = np.empty((len(first._stack), points))
        whole = DensityMatrix._wrap(stack.reshape(-1), first.dims, batch)
        return whole, lambda part, at, n: _store_state(stack, whole, part, at, n)
    if not isinstance(first, tuple) or not first:
        kind = type(first).__name__
        raise ParameterTypeError(
            f"Parameter `function` must return arrays, states or tuples of them, but returned {kind}."
        )
    places, stores = zip(*(_place(item, batch) for item in first), strict=True)

    def store_all(part: Any, at: int, n: int) -> None:
        for store, item in zip(stores, part, strict=True):
            store(item, at, n)

    return type(first)(*places) if hasattr(first, "_fields") else places, store_all


def _store_array(rows: Any, part: Any, at: int, n: int) -> None:
    have, wanted = (np.shape(part), np.asarray(part).dtype), ((n, *rows.shape[1:]), rows.dtype)
    if have != wanted:
        raise DimensionError(
            f"Parameter `function` must return a row for each point, {wanted[0]} of {wanted[1]}, "
            f"but returned {have[0]} of {have[1]}."
        )
    rows[at : at + n] = part


def _store_state(stack: Any, whole: DensityMatrix, part: DensityMatrix, at: int, n: int) -> None:
    if not isinstance(part, DensityMatrix) or part.batch_shape != (n,) or part.dims != whole.dims:
        raise DimensionError(
            f"Parameter `function` must return a state of dims {whole.dims} for each of {n} points, but returned {part!r}."
        )
    stack[:, at : at + n] = part._stack
