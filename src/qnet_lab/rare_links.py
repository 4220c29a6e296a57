"""Chains whose links come rarely, summed in steps of many cycles."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import DensityMatrix
from qnet_protocols import ChainResult, RepeaterChain

__all__ = ["cycles_at_once", "extrapolated", "put_together"]

Floats = NDArray[Any]

_SUCCESS = 2.5e-3  # of a link in a step, at most; its square is about the part by which results are wrong
_STEPS_OF_CUTOFF, _STEPS_OF_LIFETIME = 200, 40  # at least; the inverse of their squares over 100 is
_LEAST = 1e-4  # success in a step, whatever the lifetime: links that come later than memories last are of little use


def cycles_at_once(success: Floats, cutoff: Floats, lifetime: Floats) -> NDArray[np.int64]:
    """Return how many cycles count as one, a power of two: 1 where links come often; times are in cycles."""
    slow_enough = np.maximum(lifetime / _STEPS_OF_LIFETIME, _LEAST / success)
    most = np.minimum.reduce([_SUCCESS / success, cutoff / _STEPS_OF_CUTOFF, slow_enough])
    return np.asarray(2 ** np.floor(np.log2(np.clip(most, 1, 2**29))).astype(np.int64))


def extrapolated(chain: RepeaterChain, cutoff_s: Floats, cycle_s: Floats, cycles: int) -> ChainResult:
    """Return what a chain with this cut-off delivers, from chains in which so many cycles, and twice as many, count as one.

    See ``RepeaterChain.coarsened``: what is left of the error is of second order. Cut-offs between whole steps are interpolated.
    """
    if cycles == 1:
        return replace(chain, cutoff_s=cutoff_s).exact()
    step_s = 2 * cycles * cycle_s
    whole_s = np.floor(cutoff_s / step_s) * step_s
    below = _coarse(replace(chain, cutoff_s=whole_s), cycles)
    if np.isinf(cutoff_s).all():
        return _result(*below)
    above = _coarse(replace(chain, cutoff_s=whole_s + step_s), cycles)
    with np.errstate(invalid="ignore"):
        part = np.nan_to_num((cutoff_s - whole_s) / step_s)  # of no cut-off: none
    return _result(*map(_between, below, above, (part[:, None, None], part)))


def _coarse(chain: RepeaterChain, cycles: int) -> tuple[Floats, Floats]:
    """Return Pauli expectation values and waiting times in the limit of a single cycle in a step."""
    one, two = (chain.coarsened(count * cycles).exact() for count in (1, 2))
    weight = np.array(1 / cycles - 1)
    return _between(one.state.bloch, two.state.bloch, weight), _between(one.waiting_time_s, two.waiting_time_s, weight)


def _between(at_0: ArrayLike, at_1: ArrayLike, part: Floats) -> Floats:
    """Return values on straight lines; what is infinite or undefined at 0 stays."""
    start = np.asarray(at_0)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(start), start + part * (at_1 - start), start)


def put_together(
    groups: NDArray[np.int64], results: Callable[[int, NDArray[np.int64]], ChainResult]
) -> ChainResult:  # fmt: skip
    """Return the results of all points from those of groups, each of which is computed at once, by its flat indices."""
    bloch, waiting_time_s = np.empty((groups.size, 4, 4)), np.empty(groups.size)
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        found = results(int(group), places)
        bloch[places], waiting_time_s[places] = found.state.bloch, found.waiting_time_s
    return _result(bloch.reshape(*groups.shape, 4, 4), waiting_time_s.reshape(groups.shape))


def _result(bloch: Floats, waiting_time_s: Floats) -> ChainResult:
    with np.errstate(divide="ignore"):
        return ChainResult(DensityMatrix.from_bloch(bloch, (2, 2)), 1 / waiting_time_s, waiting_time_s, method="fft")
