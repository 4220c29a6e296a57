"""What the server of a blind computation sees, whatever it does."""

from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .blind import Ints, require_turns, vertical_links

__all__ = ["server_view"]

_ANGLES = 8


def server_view(eighth_turns: ArrayLike, *, reported: ArrayLike = 0, num_photons: int = 1) -> DensityMatrix:
    """Return all that a server sees of a blind computation: the qubits that it gets and the angles that it is told.

    The angles δ are axes of the batch, in multiples of π/4, and the trace of a state is the probability of its angles,
    given what the server reports. Blindness says that all this is the same for any two computations of equal size, so
    that ``trace_distance(server_view(a), server_view(b)).sum(...)`` over these axes is 0, for every report. It holds
    because θ, and thus δ, is even, and given δ the bit r makes each qubit maximally mixed. With two photons in the same
    state it fails.

    Parameters
    ----------
    eighth_turns : array_like of int, shape (rows, steps)
        The angles φ in multiples of π/4 of all measured qubits; at most four.
    reported : array_like of 0 and 1, shape (rows, steps) or one that broadcasts to it
        The results b that the server reports, on which later angles depend. It may report what it likes.
    num_photons : int
        In how many copies the client's source emits each qubit.

    Returns
    -------
    DensityMatrix
        Batch shape (8,) * rows * steps, row by row; ``num_photons`` qubits for each measured one, in the same order.

    References
    ----------
    Broadbent, Fitzsimons and Kashefi, Proc. 50th IEEE FOCS, 517 (2009); Dunjko, Kashefi and Leverrier, PRL 108, 200502
    (2012).

    Examples
    --------
    >>> from qnet_core import trace_distance
    >>> first, second = [[1, 2]], [[7, 4]]
    >>> trace_distance(server_view(first), server_view(second)).sum().round(9).item()
    0.0
    >>> copied = (server_view(turns, num_photons=2) for turns in (first, second))
    >>> bool(trace_distance(*copied).sum() > 0.3)
    True
    """
    turns = require_turns(eighth_turns)
    photons = checks.integer(num_photons, "num_photons", 1)
    if turns.ndim > 2:
        raise DimensionError(f"Parameter `eighth_turns` must have shape (rows, steps), but has shape {turns.shape}.")
    if turns.size > 4:
        raise ParameterError(f"Parameter `eighth_turns` must hold at most 4 angles, but holds {turns.size}.")
    results = _require_bits(reported, turns.shape)
    checks.capacity((_ANGLES * 4**photons) ** turns.size, "The server's view", 24)
    table = _copies(photons)
    total = np.zeros((4 ** (photons * turns.size), _ANGLES**turns.size))
    for bits in product((0, 1), repeat=turns.size):
        hidden = np.array(bits).reshape(turns.shape)
        total += _given(adapted(turns, results ^ hidden) + 4 * hidden, table)
    flat = total.reshape(-1) / (2 * _ANGLES) ** turns.size
    return DensityMatrix._wrap(flat, (2,) * photons * turns.size, (_ANGLES,) * turns.size)


def _require_bits(reported: ArrayLike, shape: tuple[int, ...]) -> Ints:
    bits = checks.real(reported, "reported")
    if not np.isin(bits, (0, 1)).all():
        raise ParameterError("Parameter `reported` must hold results, 0 or 1, and nothing else.")
    if checks.broadcast(eighth_turns=shape, reported=bits.shape) != shape:
        raise DimensionError(f"Parameter `reported` must have the shape {shape} of the angles, but has {bits.shape}.")
    return np.asarray(np.broadcast_to(bits, shape), np.int64)


def adapted(turns: Ints, results: Ints) -> Ints:
    """Return the angles after the corrections for earlier results: X turns the sign, Z adds half a turn.

    A result does X to the next qubit of its row, and Z to all others that this one is joined with.
    """
    flips = np.zeros_like(turns)
    flips[:, 1:] = results[:, :-1]
    halves = np.zeros_like(turns)
    halves[:, 2:] = results[:, :-2]
    rows, steps = turns.shape
    for column in range(1, steps):
        for row in vertical_links(column, rows):
            halves[row, column] += flips[row + 1, column]
            halves[row + 1, column] += flips[row, column]
    return np.asarray((-1) ** flips * turns + 4 * halves)


def _copies(photons: int) -> checks.Floats:
    """Return the Bloch tensors of equal qubits ``|0> + e^{iθ}|1>``, shape (8, 4^photons)."""
    angles = np.arange(_ANGLES) * np.pi / 4
    one = np.stack([np.ones(_ANGLES), np.cos(angles), np.sin(angles), np.zeros(_ANGLES)], axis=1)
    found = np.ones((_ANGLES, 1))
    for _ in range(photons):
        found = (found[:, :, None] * one[:, None]).reshape(_ANGLES, -1)
    return found


def _given(offsets: Ints, table: checks.Floats) -> checks.Floats:
    """Return the product of qubits with ``θ = δ - offset``, shape (elements of all, 8, 8, ...)."""
    found = np.ones((1, 1))
    for offset in offsets.reshape(-1):
        qubit = table[(np.arange(_ANGLES) - offset) % _ANGLES].T
        found = (found[:, None, :, None] * qubit[None, :, None, :]).reshape(len(found) * len(qubit), -1)
    return found
