"""Cascade: both ends make their keys equal by telling parities of blocks."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from . import _kernels
from .key_bits import Bits, bits, require_equal_length
from .single_numbers import one_number

__all__ = ["ReconciledKey", "cascade"]

_FRAME = 2**16  # bits that are corrected together: a longer frame tells little less, and leaves the processor's cache


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ReconciledKey:
    """What reconciliation has made of the receiver's bits, and what it has told.

    Attributes
    ----------
    key : ndarray of uint8
        The receiver's bits, corrected; not in the ``repr``.
    leaked_bits : int
        Parities of the key that the sender told: all of what Eve heard of it.
    corrected_bits : int
        How many were wrong.
    parities : ndarray of uint8
        What was told, in the order in which it was; not in the ``repr``.
    """

    key: Bits = field(repr=False)
    leaked_bits: int
    corrected_bits: int
    parities: Bits = field(repr=False)


class _Passes(NamedTuple):
    """The shuffled orders of a frame, their inverses, and the size of a block in each; the same for every frame."""

    order: NDArray[np.int32]
    place: NDArray[np.int32]
    sizes: NDArray[np.int64]
    side: int


def cascade(
    sent: ArrayLike, received: ArrayLike, *, error_rate: float, num_passes: int = 24,
    rng: np.random.Generator | None = None,
) -> ReconciledKey:  # fmt: skip
    """Return the receiver's key after its errors have been found by parities of blocks.

    A block with an odd number of errors is halved until the wrong bit is found; that bit makes blocks of earlier passes
    odd, which show the error that was hidden there beside it. What is told is about 1.05 times the Shannon limit
    ``n h(error_rate)``. Keys may still differ (rarely): compare hashes of them. Each parity of the sender counts as one bit for
    Eve; that the receiver's answers, which show where errors were, tell her nothing more is for the security proof to say.

    Parameters
    ----------
    sent, received : array_like of 0 and 1, shape (n,)
        Both keys.
    error_rate : float
        About the share of different bits, in [0, 1/2]: it sets the sizes of blocks. A wrong one costs leaked bits, not keys.
    num_passes : int
        The first one has blocks of about 1/error_rate bits, all others are shuffled, with halves or thirds of a frame from
        the fourth on. Errors that hide in pairs are missed by each of these with a probability of about 1/2.
    rng : numpy.random.Generator, optional
        For the shuffling, which both ends and Eve know.

    References
    ----------
    Brassard and Salvail, EUROCRYPT '93, LNCS 765, 410 (1994); Martinez-Mateo et al., Quantum Inf. Comput. 15, 453 (2015).

    Examples
    --------
    >>> found = cascade([0, 1, 1, 0, 1, 0, 0, 1], [0, 1, 1, 0, 1, 1, 0, 1], error_rate=0.1)
    >>> found.key.tolist(), found.corrected_bits
    ([0, 1, 1, 0, 1, 0, 0, 1], 1)
    """
    a, b = bits(sent, "sent"), bits(received, "received")
    require_equal_length(a, b, ("sent", "received"))
    rate = one_number(error_rate, "error_rate", low=0.0, high=0.5)
    count = checks.integer(num_passes, "num_passes", 1, 64)
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
    if not a.size:
        return ReconciledKey(key=b, leaked_bits=0, corrected_bits=0, parities=b)
    frames = _frames(a, b)
    passes = _passes(frames.shape[1], rate, count, np.random.default_rng() if rng is None else rng)
    parities = np.concatenate([_reconciled(frame, passes) for frame in frames])
    key = frames.reshape(-1)[: a.size] >> np.uint8(1)
    wrong = int(np.count_nonzero(key != b))
    return ReconciledKey(key=key, leaked_bits=parities.size, corrected_bits=wrong, parities=parities)


def _frames(sent: Bits, received: Bits) -> Bits:
    """Return both keys, a bit of each per element, in frames of equal length; the last is filled up with zeros."""
    count = -(-sent.size // _FRAME)
    size = -(-sent.size // count)
    pairs = np.zeros(count * size, np.uint8)
    pairs[: sent.size] = sent + 2 * received
    return pairs.reshape(count, size)


def _passes(size: int, error_rate: float, count: int, rng: np.random.Generator) -> _Passes:
    side = 1 << (size - 1).bit_length()
    order = np.array([np.arange(size), *(rng.permutation(size) for _ in range(count - 1))], np.int32)
    place = np.empty_like(order)
    np.put_along_axis(place, order.astype(np.int64), np.arange(size, dtype=np.int32)[None], axis=1)
    return _Passes(order, place, _block_sizes(size, side, error_rate, count), side)


def _block_sizes(size: int, side: int, error_rate: float, count: int) -> NDArray[np.int64]:
    """Return the sizes of blocks that Martinez-Mateo et al. found best, powers of two."""
    bits_per_error = math.log2(max(1 / side, error_rate) ** -1)
    exponents = [math.ceil(bits_per_error), math.ceil((bits_per_error + 12) / 2), 12]
    sizes = [2**k for k in exponents] + [side] * count
    largest = side // 2 if size > 0.75 * side else side // 4  # not nearly all in one block: it would hide two errors
    return np.array([max(1, min(wanted, largest)) for wanted in sizes[:count]])


def _reconciled(frame: Bits, passes: _Passes) -> Bits:
    """Correct a frame in place and return the parities that were told; the frame itself where they would be as many."""
    shape = (len(passes.sizes), 2 * passes.side)
    state, split = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    told = np.empty(frame.size + 64, np.uint8)
    blocks = int((-(-frame.size // passes.sizes)).sum())
    queue = np.empty((blocks + told.size, 2), np.int32)
    asked = _kernels.cascade.reconcile(frame, passes.order, passes.place, passes.sizes, state, split, told, queue)
    if 0 <= asked < frame.size:
        return told[:asked]
    frame &= 1
    frame *= 3
    return frame & np.uint8(1)
