"""Shannon entropies in bits."""

import math

import numpy as np

from qnet_core._checks import Floats, plain

__all__: list[str] = []


def entropy(weights: Floats) -> Floats:
    """Return the entropy of weights on the last axis."""
    return plain(-(weights * np.log2(np.where(weights > 0, weights, 1))).sum(axis=-1))


def binary_entropy(rate: Floats) -> Floats:
    """Return ``h(x)`` for x in [0, 1]: 1 at one half, 0 at both ends, to its own precision near 0."""
    inside = (rate > 0) & (rate < 1)
    some = np.where(inside, rate, 0.5)
    bits = -(some * np.log2(some) + (1 - some) * np.log1p(-some) / math.log(2))
    return plain(np.where(inside, bits, 0 * rate))


def error_entropy(rate: Floats) -> Floats:
    """Return what is not known of a bit that is wrong with a probability of at most ``rate``: 1 from one half on.

    Where the rate is NaN, as there was nothing to count, nothing is known either.
    """
    return binary_entropy(np.where(rate < 0.5, rate, 0.5))
