"""Two-qubit pairs as 4 x 4 real matrices, ``x[4 * i + j]`` being a run of points."""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call


@kernel
def swap_mean(out: Array, left: Array, right: Array, weights: Array, steps: Array) -> None:
    """Scale the columns of ``left`` by ``weights`` and the diagonal of ``right``; ``steps`` 0 where one serves all."""
    n = out.size // 16
    size_l, size_r, size_w = left.size // 16, right.size // 16, weights.size // 4
    for j in range(4):
        for k in range(n):
            d = weights[j * size_w + k * steps[2]] * right[5 * j * size_r + k * steps[1]]
            for i in range(4):
                out[(4 * i + j) * n + k] = d * left[(4 * i + j) * size_l + k * steps[0]]


@kernel
def pair_product(out: Array, left: Array, right: Array, weights: Array, steps: Array) -> None:
    """Multiply ``left``, the diagonal ``weights`` and ``right`` as matrices, point by point."""
    n = out.size // 16
    size_l, size_r, size_w = left.size // 16, right.size // 16, weights.size // 4
    for i in range(4):
        for j in range(4):
            for k in range(n):
                total = 0.0
                for m in range(4):
                    total += (
                        left[(4 * i + m) * size_l + k * steps[0]]
                        * weights[m * size_w + k * steps[2]]
                        * right[(4 * m + j) * size_r + k * steps[1]]
                    )
                out[(4 * i + j) * n + k] = total
