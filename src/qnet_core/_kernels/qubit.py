"""Maps on single qubits of a flat Bloch tensor, in place, the transfer matrix being 16 numbers."""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call

TILE = 64  # points that are brought together where a qubit's own stride is too short


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
def gather(block: Array, s0: Array, s1: Array, s2: Array, s3: Array, right: int) -> None:
    """Bring the four columns of ``TILE`` points, ``right`` (1 or 4) of them side by side, together."""
    if right == 1:
        for k in range(TILE):
            s0[k], s1[k], s2[k], s3[k] = block[4 * k], block[4 * k + 1], block[4 * k + 2], block[4 * k + 3]
    else:
        for row in range(TILE // 4):
            for k in range(4):
                o, s = 16 * row + k, 4 * row + k
                s0[s], s1[s], s2[s], s3[s] = block[o], block[o + 4], block[o + 8], block[o + 12]


@kernel
def scatter(block: Array, s0: Array, s1: Array, s2: Array, s3: Array, right: int) -> None:
    """Put back what ``gather`` brought together."""
    if right == 1:
        for k in range(TILE):
            block[4 * k], block[4 * k + 1], block[4 * k + 2], block[4 * k + 3] = s0[k], s1[k], s2[k], s3[k]
    else:
        for row in range(TILE // 4):
            for k in range(4):
                o, s = 16 * row + k, 4 * row + k
                block[o], block[o + 4], block[o + 8], block[o + 12] = s0[s], s1[s], s2[s], s3[s]


@kernel
def map_tiles(x: Array, r: Array, right: int, scratch: Array) -> int:
    """Map by tiles of ``TILE`` points gathered in ``scratch``; return how many points were done."""
    s0, s1 = scratch[0:TILE], scratch[TILE : 2 * TILE]
    s2, s3 = scratch[2 * TILE : 3 * TILE], scratch[3 * TILE : 4 * TILE]
    tiles = x.size // (4 * TILE)
    for t in range(tiles):
        block = x[4 * TILE * t : 4 * TILE * (t + 1)]
        gather(block, s0, s1, s2, s3, right)
        map_columns(s0, s1, s2, s3, r)
        scatter(block, s0, s1, s2, s3, right)
    return int(tiles * TILE)


@kernel
def map_qubit(x: Array, r: Array, left: int, right: int, scratch: Array) -> None:
    """Map the qubit that stands between ``left`` and ``right`` other elements."""
    done = 0
    if scratch.size > 0 and (right == 1 or right == 4):
        done = map_tiles(x, r, right, scratch) // right
    for row in range(done, left):
        o = 4 * row * right
        map_columns(
            x[o : o + right],
            x[o + right : o + 2 * right],
            x[o + 2 * right : o + 3 * right],
            x[o + 3 * right : o + 4 * right],
            r,
        )


@kernel
def map_low_qubits(x: Array, r: Array, block: int, scratch: Array) -> None:
    """Map the last qubits, one matrix each, block by block of ``block`` elements."""
    for b in range(x.size // block):
        part = x[block * b : block * (b + 1)]
        right = 1
        for q in range(r.size // 16 - 1, -1, -1):
            map_qubit(part, r[16 * q : 16 * (q + 1)], block // (4 * right), right, scratch)
            right *= 4


@kernel
def map_high_qubits(x: Array, r: Array, rows: int, right: int, width: int, scratch: Array) -> None:
    """Map qubits that span ``rows``, ``width`` columns of ``right`` at a time, gathered in ``scratch``."""
    part = scratch[: rows * width]
    for o in range(0, x.size, rows * right):
        for c in range(o, o + right, width):
            for row in range(rows):
                part[row * width : (row + 1) * width] = x[c + row * right : c + row * right + width]
            stride = width
            for q in range(r.size // 16 - 1, -1, -1):
                map_qubit(part, r[16 * q : 16 * (q + 1)], part.size // (4 * stride), stride, scratch[:0])
                stride *= 4
            for row in range(rows):
                x[c + row * right : c + row * right + width] = part[row * width : (row + 1) * width]
