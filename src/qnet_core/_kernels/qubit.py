"""Maps on single qubits of a flat Bloch tensor, in place, the transfer matrix being 16 numbers."""

from typing import Any

import numpy as np

from .._jit import kernel
from .vectors import map_last_two, prefetch

Array = Any  # a flat array; Numba types it at the call

IDENTITY = np.eye(4).reshape(-1)
CACHED = 4**7  # numbers that stay in the second cache


@kernel
def map_columns(x0: Array, x1: Array, x2: Array, x3: Array, r: Array) -> None:
    """Replace the four columns by their images; the first stays where the trace is kept."""
    r00, r01, r02, r03 = r[0], r[1], r[2], r[3]
    r10, r11, r12, r13 = r[4], r[5], r[6], r[7]
    r20, r21, r22, r23 = r[8], r[9], r[10], r[11]
    r30, r31, r32, r33 = r[12], r[13], r[14], r[15]
    loses_trace = r00 != 1.0 or r01 != 0.0 or r02 != 0.0 or r03 != 0.0
    for k in range(x0.size):
        a, b, c, d = x0[k], x1[k], x2[k], x3[k]
        if loses_trace:
            x0[k] = r00 * a + r01 * b + r02 * c + r03 * d
        x1[k] = r10 * a + r11 * b + r12 * c + r13 * d
        x2[k] = r20 * a + r21 * b + r22 * c + r23 * d
        x3[k] = r30 * a + r31 * b + r32 * c + r33 * d


@kernel
def map_strided(x: Array, r: Array, step: int) -> None:
    """Map one of the last qubits; the compiler makes a version of its own for each ``step`` below."""
    r00, r01, r02, r03 = r[0], r[1], r[2], r[3]
    r10, r11, r12, r13 = r[4], r[5], r[6], r[7]
    r20, r21, r22, r23 = r[8], r[9], r[10], r[11]
    r30, r31, r32, r33 = r[12], r[13], r[14], r[15]
    loses_trace = r00 != 1.0 or r01 != 0.0 or r02 != 0.0 or r03 != 0.0
    for row in range(x.size // (4 * step)):
        block = x[4 * step * row : 4 * step * (row + 1)]
        for k in range(step):
            a, b, c, d = block[k], block[k + step], block[k + 2 * step], block[k + 3 * step]
            if loses_trace:
                block[k] = r00 * a + r01 * b + r02 * c + r03 * d
            block[k + step] = r10 * a + r11 * b + r12 * c + r13 * d
            block[k + 2 * step] = r20 * a + r21 * b + r22 * c + r23 * d
            block[k + 3 * step] = r30 * a + r31 * b + r32 * c + r33 * d


@kernel
def transposed(r: Array) -> Array:
    """Return the sixteen numbers of the transpose."""
    return np.ascontiguousarray(r.reshape(4, 4).T).reshape(16)


@kernel
def fetch(x: Array, o: int, right: int) -> None:
    """Ask for the next row if its columns are too short for the machine to see four streams in it."""
    if 16 < right < 1024:
        for k in range(0, 4 * right, 8):
            prefetch(x, o + k)


@kernel
def map_rows(x: Array, r: Array, left: int, right: int) -> None:
    """Map a qubit that has many elements to its right."""
    for row in range(left):
        o = 4 * row * right
        fetch(x, o + 4 * right, right)
        map_columns(
            x[o : o + right],
            x[o + right : o + 2 * right],
            x[o + 2 * right : o + 3 * right],
            x[o + 3 * right : o + 4 * right],
            r,
        )


@kernel
def map_qubit(x: Array, r: Array, left: int, right: int) -> None:
    """Map the qubit that stands between ``left`` and ``right`` other elements."""
    if right == 1 and left > 16 and left % 4 == 0:
        map_last_two(x, IDENTITY, transposed(r))
    elif right == 1:
        map_strided(x, r, 1)
    elif right == 4 and left > 4:
        map_last_two(x, r, IDENTITY)
    elif right == 4:
        map_strided(x, r, 4)
    elif right == 16:
        map_strided(x, r, 16)
    elif right == 64 and x.size <= CACHED:
        map_strided(x, r, 64)
    elif right == 256 and x.size <= CACHED:
        map_strided(x, r, 256)
    else:
        map_rows(x, r, left, right)


@kernel
def map_first(x: Array, r: Array, count: int) -> None:
    """Map the first ``count`` qubits, each by its own sixteen numbers, a pass for each."""
    right = x.size // 4
    for q in range(count):
        map_qubit(x, r[16 * q : 16 * (q + 1)], 4**q, right)
        right //= 4


@kernel
def map_each_qubit(x: Array, r: Array, near: int, far: int) -> None:
    """Map every qubit by sixteen numbers of its own, those of the last ``far`` and ``near`` block by block."""
    n = r.size // 16
    near, far = min(near, n), min(far, n)
    map_first(x, r, n - far)
    last = transposed(r[-16:])
    for f in range(4 ** (n - far)):
        block = x[4**far * f : 4**far * (f + 1)]
        map_first(block, r[16 * (n - far) :], far - near)
        for b in range(4 ** (far - near)):
            part = block[4**near * b : 4**near * (b + 1)]
            map_first(part, r[16 * (n - near) :], near - 2)
            map_last_two(part, r[-32:-16], last)
