"""What one pass over many numbers tells of them."""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call


@kernel
def count_outside(x: Array, low: float, high: float) -> int:
    """Return how many elements are not in [low, high]; NaN is not."""
    count = 0
    for k in range(x.size):
        count += not low <= x[k] <= high
    return count
