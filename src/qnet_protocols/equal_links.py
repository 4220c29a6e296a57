"""Chains of equal links point by point: the sum over the cycles in which the last link can come."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.preparations import BELL_SIGNS

from . import _kernels

__all__: list[str] = []

IMPOSSIBLE = (
    1e-290  # probabilities of a link, and of all within the cut-off, up to this count as 0: digits would be lost
)


class EqualLinks(NamedTuple):
    """Success probability in a cycle, number of links, cycle/T1, cycle/T2, equilibrium of Z, cut-off in cycles; all broadcast."""

    success: Any
    count: Any
    relaxation: Any
    dephasing: Any
    equilibrium: Any
    window: Any


def averaged(
    pair: DensityMatrix, links: EqualLinks, characters: checks.Floats, batch: checks.Dims
) -> tuple[DensityMatrix, checks.Floats]:
    """Return the mean state, and the mean number of cycles until all links are there within the cut-off."""
    success, count, t1, t2, equilibrium, window = (_flat(value, batch) for value in links)
    state, size = pair.broadcast_to(batch)._flat, success.size
    factors = BELL_SIGNS[0].reshape(4, *(1,) * len(batch)) * _rows(characters, batch)
    others, sums, joined = (np.empty(rows * size) for rows in (16, 24, 16))
    length = np.empty(size)
    _kernels.correlators.fill_others(others, state, equilibrium, factors.reshape(-1))
    possible = success > IMPOSSIBLE
    _kernels.waiting.sum_windows(
        sums, length, np.where(possible, success, 1.0), count.astype(np.int64), t1, t2, others, window, *panels(),
        np.empty(_kernels.waiting.ROOM + 53), np.empty(8 * _kernels.waiting.NODES, np.int64),
    )  # fmt: skip
    sums[:size] *= possible & (sums[:size] > IMPOSSIBLE)
    _kernels.correlators.combine(joined, state, equilibrium, sums)
    joined.reshape(16, size)[:, sums[:size] == 0] = np.nan
    with np.errstate(divide="ignore", over="ignore"):
        cycles = length / sums[:size]
    return DensityMatrix._wrap(joined, (2, 2), batch), cycles.reshape(batch)


def _flat(value: Any, batch: checks.Dims) -> checks.Floats:
    return np.broadcast_to(np.asarray(value, float), batch).reshape(-1)


def _rows(characters: checks.Floats, batch: checks.Dims) -> checks.Floats:
    """Return the four characters of a station, each for the whole batch."""
    own = characters.shape[1:]
    return np.broadcast_to(characters.reshape(4, *(1,) * (len(batch) - len(own)), *own), (4, *batch))


@cache
def panels() -> tuple[checks.Floats, checks.Floats]:
    """Return Gauss nodes and weights for sums over 16 * 2**k consecutive integers, k = 0, 1, ...

    Golub and Welsch, Math. Comp. 23, 221 (1969), with the recurrence of the discrete Chebyshev
    polynomials (Gautschi, Orthogonal Polynomials (2004), section 1.5).
    """
    nodes, weights = [], []
    order = np.arange(1.0, _kernels.waiting.NODES)
    for k in range(_kernels.waiting.LONGEST + 1):
        length = _kernels.waiting.SHORTEST * 2.0**k
        if k == 0:  # as many nodes as integers: these themselves
            nodes.append(np.arange(length))
            weights.append(np.ones(_kernels.waiting.NODES))
            continue
        beta = order / 2 * np.sqrt((1 - (order / length) ** 2) / (4 * order**2 - 1))
        values, vectors = np.linalg.eigh(np.diag(beta, 1) + np.diag(beta, -1))
        nodes.append(length * values + (length - 1) / 2)
        weights.append(length * vectors[0] ** 2)
    return np.concatenate(nodes), np.concatenate(weights)
