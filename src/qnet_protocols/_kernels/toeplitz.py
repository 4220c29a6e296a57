"""Products of a Toeplitz matrix of blocks, frequency by frequency."""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # an array; Numba types it at the call

TILE = 256  # frequencies at a time, of all blocks: they stay in cache


@kernel
def add_block_products(out: Array, segments: Array, spectra: Array) -> None:
    """Add to ``out[row]`` the sum over columns of ``segments[row - column + columns - 1] * spectra[column]``."""
    columns = spectra.shape[0]
    for start in range(0, out.shape[1], TILE):
        stop = min(start + TILE, out.shape[1])
        for row in range(out.shape[0]):
            for column in range(columns):
                a, b = segments[row - column + columns - 1], spectra[column]
                for f in range(start, stop):
                    out[row, f] += a[f] * b[f]
