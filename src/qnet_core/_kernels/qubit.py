"""Maps on single qubits of a flat Bloch tensor, in place, the transfer matrix being 16 numbers."""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call


@kernel
def map_columns(x0: Array, x1: Array, x2: Array, x3: Array, r: Array) -> None:
    """Replace the four columns by their images."""
    r00, r01, r02, r03 = r[0], r[1], r[2], r[3]
    r10, r11, r12, r13 = r[4], r[5], r[6], r[7]
    r20, r21, r22, r23 = r[8], r[9], r[10], r[11]
    r30, r31, r32, r33 = r[12], r[13], r[14], r[15]
    for k in range(x0.size):
        a, b, c, d = x0[k], x1[k], x2[k], x3[k]
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
    for row in range(x.size // (4 * step)):
        block = x[4 * step * row : 4 * step * (row + 1)]
        for k in range(step):
            a, b, c, d = block[k], block[k + step], block[k + 2 * step], block[k + 3 * step]
            block[k] = r00 * a + r01 * b + r02 * c + r03 * d
            block[k + step] = r10 * a + r11 * b + r12 * c + r13 * d
            block[k + 2 * step] = r20 * a + r21 * b + r22 * c + r23 * d
            block[k + 3 * step] = r30 * a + r31 * b + r32 * c + r33 * d


@kernel
def map_qubit(x: Array, r: Array, left: int, right: int) -> None:
    """Map the qubit that stands between ``left`` and ``right`` other elements."""
    if right == 1:
        map_strided(x, r, 1)
    elif right == 4:
        map_strided(x, r, 4)
    elif right == 16:
        map_strided(x, r, 16)
    else:
        for row in range(left):
            o = 4 * row * right
            map_columns(
                x[o : o + right],
                x[o + right : o + 2 * right],
                x[o + 2 * right : o + 3 * right],
                x[o + 3 * right : o + 4 * right],
                r,
            )


@kernel
def map_low_qubits(x: Array, r: Array, block: int) -> None:
    """Map the last qubits, one matrix each, block by block of ``block`` elements."""
    for b in range(x.size // block):
        part = x[block * b : block * (b + 1)]
        right = 1
        for q in range(r.size // 16 - 1, -1, -1):
            map_qubit(part, r[16 * q : 16 * (q + 1)], block // (4 * right), right)
            right *= 4
