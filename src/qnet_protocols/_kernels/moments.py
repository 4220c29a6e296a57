"""Means and variances of many samples, chunk by chunk, so that they don't depend on who drew which chunk."""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # Numba types it at the call


@kernel
def chunk_moments(rows: Array, values: Array, first: int, chunk: int) -> None:
    """Write for each chunk of samples, the first of which has number ``first``, count, means and summed squares about them.

    Chunks begin at multiples of their length.
    """
    width, begin, row = values.shape[1], 0, 0
    while begin < values.shape[0]:
        end = min(values.shape[0], begin + chunk - (first + begin) % chunk)
        rows[row, :] = 0.0
        rows[row, 0] = end - begin
        for s in range(begin, end):
            for k in range(width):
                gap = values[s, k] - values[begin, k]
                rows[row, 1 + k] += gap
                rows[row, 1 + width + k] += gap * gap
        for k in range(width):
            mean = rows[row, 1 + k] / (end - begin)
            rows[row, 1 + width + k] -= rows[row, 1 + k] * mean
            rows[row, 1 + k] = values[begin, k] + mean
        begin, row = end, row + 1


@kernel
def merge(total: Array, row: Array) -> None:
    """Add a chunk to what was there, by the update of Chan, Golub and LeVeque (COMPSTAT 1982, 30)."""
    width = (total.size - 1) // 2
    share = row[0] / (total[0] + row[0])
    for k in range(width):
        gap = row[1 + k] - total[1 + k]
        total[1 + k] += share * gap
        total[1 + width + k] += row[1 + width + k] + gap * gap * (total[0] * share)
    total[0] += row[0]


@kernel
def precise(total: Array, column: int, wanted: float) -> bool:
    """Return whether the standard error of a column's mean is as small as wanted, as all are where nothing is wanted."""
    width, n = (total.size - 1) // 2, total[0]
    return wanted == 0.0 or bool(n > 1.0 and total[1 + width + column] <= n * (n - 1.0) * wanted * wanted)


@kernel
def enough(totals: Array, absolute: float, relative: float) -> bool:
    """Return whether something is wanted and there at all points: precision of the last column, or of the one before.

    That of the one before is wanted in parts of its mean.
    """
    last, good = (totals.shape[1] - 1) // 2 - 1, absolute > 0.0 or relative > 0.0
    for p in range(len(totals)):
        good = good and precise(totals[p], last, absolute)
        good = good and precise(totals[p], last - 1, relative * totals[p, last])
    return good


@kernel
def merge_chunks(totals: Array, rows: Array, absolute: float, relative: float) -> int:
    """Add chunks, for all points, until that is enough; return how many it took, negative if it is enough."""
    for c in range(len(rows)):
        for p in range(len(totals)):
            merge(totals[p], rows[c, p])
        if enough(totals, absolute, relative):
            return -c - 1
    return len(rows)
