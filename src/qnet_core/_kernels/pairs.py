"""Two-qubit pairs as 4 x 4 real matrices, ``x[4 * i + j]`` being a run of points."""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call


CHUNK = 512  # points that are worked on while they stay in cache


@kernel
def times(out: Array, a: Array, a_step: int, b: Array, b_step: int) -> None:
    """Write the product of two runs, each of which may be one number (step 0)."""
    if a_step == 1 and b_step == 1:
        for k in range(out.size):
            out[k] = a[k] * b[k]
    elif a_step == 1:
        for k in range(out.size):
            out[k] = a[k] * b[0]
    elif b_step == 1:
        for k in range(out.size):
            out[k] = a[0] * b[k]
    else:
        out[:] = a[0] * b[0]


@kernel
def run_of(x: Array, row: int, rows: int, c: int, n: int, step: int) -> Array:
    """Return n points of a row from c on, or its only one."""
    size = x.size // rows
    start = row * size + c * step
    return x[start : start + n] if step == 1 else x[start : start + 1]


@kernel
def fill_werner(out: Array, fidelity: Array, signs: Array) -> None:
    """Write Bell states, whose correlations have these ``signs``, mixed with white noise to a fidelity."""
    n = fidelity.size
    out[:n] = 1.0
    for i in range(1, 16):
        row = out[i * n : (i + 1) * n]
        if i % 5 == 0:
            for k in range(n):
                row[k] = signs[i // 5] * ((4 * fidelity[k] - 1) / 3)
        else:
            row[:] = 0.0


@kernel
def weighted_rows(out: Array, x: Array, rows: Array, weights: Array) -> None:
    """Write the sum of some rows of ``x``, each times a number."""
    n = out.size
    out[:] = 0.0
    for r in range(rows.size):
        row, weight = x[rows[r] * n : (rows[r] + 1) * n], weights[r]
        for k in range(n):
            out[k] += weight * row[k]


@kernel
def swap_mean(out: Array, left: Array, right: Array, weights: Array, steps: Array, factors: Array) -> None:
    """Scale the columns of ``left`` by ``weights`` and the diagonal of ``right``; ``steps`` 0 where one serves all."""
    size = out.size // 16
    for c in range(0, size, CHUNK):
        n = min(CHUNK, size - c)
        factor = factors[:n]
        for j in range(4):
            weight, read = run_of(weights, j, 4, c, n, steps[2]), run_of(right, 5 * j, 16, c, n, steps[1])
            times(factor, weight, steps[2], read, steps[1])
            for i in range(4):
                source = run_of(left, 4 * i + j, 16, c, n, steps[0])
                times(run_of(out, 4 * i + j, 16, c, n, 1), source, steps[0], factor, 1)


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
