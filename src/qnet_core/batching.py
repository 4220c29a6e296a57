"""Long batches in blocks that stay in cache, on as many threads as wanted."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from .channels import Channel
from .errors import ParameterTypeError
from .states import DensityMatrix

__all__ = ["blockwise"]

Result = TypeVar("Result")


def blockwise(
    function: Callable[..., Result], *parameters: ArrayLike, block_size: int = 8192, threads: int = 1
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
        Points in a block; threads that work on blocks.

    Examples
    --------
    >>> from qnet_core import concurrence, werner_state
    >>> def entanglement(fidelity):
    ...     return concurrence(werner_state(fidelity=fidelity))
    >>> blockwise(entanglement, np.linspace(0.5, 1, 5), block_size=2).round(12).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    size, workers = _checks.integer(block_size, "block_size", 1), _checks.integer(threads, "threads", 1)
    arrays = [np.asarray(value) for value in parameters]
    batch = _checks.broadcast(**{f"parameters[{k}]": array.shape for k, array in enumerate(arrays)})
    flat = [
        array.reshape(-1) if array.shape == batch else np.broadcast_to(array, batch).reshape(-1) for array in arrays
    ]
    points = math.prod(batch)

    def work(start: int) -> Result:
        return function(*(array[start : start + size] for array in flat))

    starts = range(0, points, size)
    if workers == 1:
        return _joined([work(start) for start in starts], batch)
    with ThreadPoolExecutor(workers) as pool:
        return _joined(list(pool.map(work, starts)), batch)


def _joined(parts: list[Result], batch: tuple[int, ...]) -> Result:
    """Put the results of blocks together, and give them the batch shape."""
    return cast("Result", _concatenated(parts, batch))


def _concatenated(parts: list[Any], batch: tuple[int, ...]) -> Any:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts).reshape(*batch, *first.shape[1:])
    if isinstance(first, DensityMatrix):
        stack = np.concatenate([part._stack for part in parts], axis=1)
        return DensityMatrix._wrap(stack.reshape(-1), first.dims, batch)
    if isinstance(first, tuple):
        joined = [_joined(list(items), batch) for items in zip(*parts, strict=True)]
        return type(first)(*joined) if hasattr(first, "_fields") else tuple(joined)
    if isinstance(first, Channel):
        stack = np.concatenate([part._stack for part in parts], axis=2)
        return Channel._from_stack(stack, batch, first.dims_in, first.dims_out)
    raise ParameterTypeError(f"Parameter `function` must return arrays or states, but returned {type(first).__name__}.")
