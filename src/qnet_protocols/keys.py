"""Secret key from pairs: asymptotic fractions."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, bell_weights
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError

__all__ = ["repeaterless_bound", "secret_key_fraction", "squashed_entanglement_bound"]

Protocol = Literal["bb84", "six-state"]


def _entropy(weights: checks.Floats) -> checks.Floats:
    """Return the entropy in bits of weights on the last axis."""
    positive = weights > 0
    return checks.plain(-(weights * np.log2(np.where(positive, weights, 1))).sum(axis=-1))


def _binary_entropy(rate: checks.Floats) -> checks.Floats:
    return _entropy(np.stack([rate, 1 - rate], axis=-1))


def secret_key_fraction(state: DensityMatrix, protocol: Protocol = "bb84") -> checks.Floats:
    """Return the secret bits per sifted pair, shape (...), in the limit of many pairs; 0 where there is no key.

    The pair is used as it is (near phi+), with one-way post-processing at the Shannon limit and without
    the factor for sifting. "bb84": ``1 - h(e_Z) - h(e_X)``. "six-state": ``1 - H(weights)`` of the Bell weights.
    Entropies are in bits.

    References
    ----------
    Shor and Preskill, PRL 85, 441 (2000); Lo, Quantum Inf. Comput. 1, 81 (2001).

    Examples
    --------
    >>> from qnet_core import bell_diagonal_state
    >>> secret_key_fraction(bell_diagonal_state([0.9025, 0.0475, 0.0475, 0.0025])).round(9).item()
    0.427206086
    """
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `state` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `state` must be a state of two qubits, but has dims {state.dims}.")
    if protocol not in get_args(Protocol):
        raise ParameterError(
            f"Parameter `protocol` must be one of {', '.join(get_args(Protocol))}, but is {protocol!r}."
        )
    gap = np.abs(state.trace() - 1)
    if (gap > checks.ATOL).any():
        raise StateError(
            f"Parameter `state` must have trace 1 (normalize it first), but is off by {np.nanmax(gap):.3g}."
        )
    weights = bell_weights(state)
    if protocol == "six-state":
        return checks.plain(np.maximum(0, 1 - _entropy(weights)))
    bit_errors, phase_errors = weights[..., 2] + weights[..., 3], weights[..., 1] + weights[..., 3]
    return checks.plain(np.maximum(0, 1 - _binary_entropy(bit_errors) - _binary_entropy(phase_errors)))


def repeaterless_bound(transmissivity: ArrayLike) -> checks.Floats:
    """Return the most secret bits per use of a lossy channel without repeater, ``-log2(1 - η)``, shape (...).

    Pirandola et al. (PLOB), Nat. Commun. 8, 15043 (2017); infinite at η = 1.

    >>> repeaterless_bound(0.1).round(9).item()
    0.152003093
    """
    value = checks.probability(transmissivity, "transmissivity")
    with np.errstate(divide="ignore"):
        return checks.plain(-np.log1p(-value) / np.log(2))


def squashed_entanglement_bound(transmissivity: ArrayLike) -> checks.Floats:
    """Return the older, looser bound ``log2((1 + η)/(1 - η))`` on secret bits per use of a lossy channel, shape (...).

    Takeoka, Guha and Wilde (TGW), Nat. Commun. 5, 5235 (2014); infinite at η = 1.

    >>> squashed_entanglement_bound(0.1).round(9).item()
    0.289506617
    """
    value = checks.probability(transmissivity, "transmissivity")
    with np.errstate(divide="ignore"):
        return checks.plain(2 * np.arctanh(value) / np.log(2))
