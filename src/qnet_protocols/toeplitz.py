"""Privacy amplification: a random Toeplitz matrix makes of a key that is partly known a shorter one that is not."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

from . import _kernels
from .key_bits import Bits, bits

__all__ = ["toeplitz_hash"]

_PARTS = 16  # a key is cut into at least so many blocks, whose transforms stay near the processor
_SHORTEST, _LONGEST = 2**6, 2**18  # longer transforms leave the cache and take several times as long per number
_FEW = 256  # rows that are faster one by one


def toeplitz_hash(key: ArrayLike, *, seed: ArrayLike, length: int) -> Bits:
    """Return the product of a Toeplitz matrix and a key, modulo 2: ``y_i = sum_j s_(i-j+n-1) x_j``, shape (length,).

    Two different keys have the same hash with probability 2^-length where the seed is random. What is left is secret if
    ``length <= H_min - 2 log2(1/(2 ε))`` (leftover hashing). The seed is told in public, but
    only after the signals have arrived. Sums are made by Fourier transforms of blocks and are exact: they are whole numbers up
    to n, and round-off is below 1e-5 of one for 10^9 bits.

    Parameters
    ----------
    key : array_like of 0 and 1, shape (n,)
        x.
    seed : array_like of 0 and 1, shape (n + length - 1,)
        s, the first row of the matrix from right to left, then its first column downwards.
    length : int
        Bits of the hash.

    References
    ----------
    Krawczyk, CRYPTO '94, LNCS 839, 129 (1994); Tomamichel, Schaffner, Smith and Renner, IEEE Trans. Inf. Theory 57, 5524 (2011).

    Examples
    --------
    >>> toeplitz_hash([1, 0, 0, 1, 1, 0, 1, 0], seed=[1, 0, 1, 1, 0, 0, 1, 0, 1, 1], length=3).tolist()
    [1, 0, 1]
    """
    x, s = bits(key, "key"), bits(seed, "seed")
    rows = checks.integer(length, "length", 0)
    needed = max(0, x.size + rows - 1)
    if s.size != needed:
        raise DimensionError(f"Parameter `seed` must hold n + length - 1 = {needed} bits, but holds {s.size}.")
    if not rows or not x.size:
        return np.zeros(rows, np.uint8)
    if rows <= _FEW:
        return _few_rows(s, x, rows)
    checks.capacity(2 * (x.size + rows), "The transforms", 16)
    return _product(s, x, rows, _block_size(max(x.size, rows)))


def _few_rows(s: Bits, x: Bits, rows: int) -> Bits:
    """Return the product row by row: each is the parity of a window of the seed AND the key from its end."""
    shifted, backwards = [np.packbits(s[k:]) for k in range(8)], np.packbits(x[::-1])
    both = (shifted[i % 8][i // 8 :][: backwards.size] & backwards for i in range(rows))
    return np.array([int(np.bitwise_xor.reduce(one)).bit_count() & 1 for one in both], np.uint8)


def _block_size(count: int) -> int:
    return min(_LONGEST, max(_SHORTEST, 1 << (count // _PARTS).bit_length()))


def _product(s: Bits, x: Bits, rows: int, size: int) -> Bits:
    """Return the product, block by block: each diagonal of blocks of the matrix has one segment of the seed."""
    across, down = -(-x.size // size), -(-rows // size)
    spectra = _transforms(_filled(x, across * size), size, size)
    seeds = _filled(np.concatenate([np.zeros(across * size - x.size, np.uint8), s]), (across + down) * size)
    sums = np.zeros((down, size + 1), np.complex128)
    _kernels.toeplitz.add_block_products(sums, _transforms(seeds, size, 2 * size), spectra)
    return np.concatenate([_lower_half(row, size) for row in sums])[:rows]


def _filled(values: Bits, size: int) -> Bits:
    return np.concatenate([values, np.zeros(size - values.size, np.uint8)])


def _transforms(values: Bits, step: int, length: int) -> NDArray[np.complex128]:
    """Return the transforms of pieces of this length, one at each step, with zeros up to twice the step."""
    starts = range(0, values.size - length + 1, step)
    found = np.empty((len(starts), step + 1), np.complex128)
    for k, start in enumerate(starts):
        np.fft.rfft(values[start : start + length], 2 * step, out=found[k])
    return found


def _lower_half(spectrum: NDArray[np.complex128], size: int) -> Bits:
    """Return the sums of a row of blocks, which stand where nothing of the other half wraps around to, modulo 2."""
    sums = np.fft.irfft(spectrum, 2 * size)[size - 1 : 2 * size - 1]
    return (np.rint(sums).astype(np.int64) & 1).astype(np.uint8)
