"""Pauli noise on qubits. Each function returns a Channel; every parameter broadcasts."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

__all__ = [
    "bit_flip",
    "bit_phase_flip",
    "dephasing",
    "depolarizing",
    "pauli_channel",
    "poisson_pauli_channel",
    "two_qubit_pauli_channel",
]

_QUBIT = (2,)
_I, _X, _Y, _Z = range(4)
# Whether two Pauli matrices anticommute: an error P turns the sign of every Q that anticommutes with it.
_ANTICOMMUTE = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]])
_TWO_QUBIT_SIGNS = np.kron(1 - 2 * _ANTICOMMUTE, 1 - 2 * _ANTICOMMUTE)


def _diagonal(batch: checks.Dims, x: Any, y: Any, z: Any) -> Channel:
    """Return the channel that multiplies the Bloch components by these factors."""
    return Channel._from_entries({(_I, _I): 1.0, (_X, _X): x, (_Y, _Y): y, (_Z, _Z): z}, batch, _QUBIT)


def pauli_channel(*, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Channel:
    """Return the channel that applies X, Y or Z with the given probabilities (sum at most 1).

    It multiplies the Bloch component of each Pauli matrix by 1 - 2 (sum of the other two).

    >>> pauli_channel(x=0.05, y=0.02, z=0.10).transfer.diagonal().round(12).tolist()
    [1.0, 0.76, 0.7, 0.86]
    """
    weights = {"x": checks.probability(x, "x"), "y": checks.probability(y, "y"), "z": checks.probability(z, "z")}
    batch = checks.broadcast_parameters(weights)
    total = np.asarray(sum(weights.values()))
    if total.max() > 1 + checks.ATOL:
        raise ParameterError(f"Parameters `x`, `y`, `z` must have a sum of at most 1, but it is {total.max():.12g}.")
    return _diagonal(batch, *(1 - 2 * (total - weights[key]) for key in weights))


def two_qubit_pauli_channel(weights: ArrayLike) -> Channel:
    """Return the channel that applies a product of two Pauli matrices with the given probabilities.

    Parameters
    ----------
    weights : array_like, shape (..., 16)
        Probabilities of II, IX, IY, IZ, XI, XX, ...: non-negative, with the sum 1. Errors may be correlated.

    Examples
    --------
    >>> both_flip = two_qubit_pauli_channel([0.9] + [0.0] * 4 + [0.1] + [0.0] * 10)  # XX
    >>> both_flip.transfer.diagonal().round(12).tolist()[:4]
    [1.0, 1.0, 0.8, 0.8]
    """
    values = checks.probability(weights, "weights")
    if values.ndim == 0 or values.shape[-1] != 16:
        raise DimensionError(f"Parameter `weights` must have shape (..., 16), but has shape {values.shape}.")
    total = values.sum(axis=-1)
    if np.abs(total - 1).max() > checks.ATOL:
        worst = total.reshape(-1)[np.abs(total - 1).argmax()]
        raise ParameterError(f"Parameter `weights` must have the sum 1 over its last axis, but it is {worst:.12g}.")
    factors = np.moveaxis(values, -1, 0)
    diagonal = np.tensordot(_TWO_QUBIT_SIGNS, factors, 1)
    return Channel._from_entries({(k, k): diagonal[k] if k else 1.0 for k in range(16)}, total.shape, _QUBIT * 2)


def poisson_pauli_channel(
    *, duration_s: ArrayLike, x_rate_hz: ArrayLike, y_rate_hz: ArrayLike, z_rate_hz: ArrayLike
) -> Channel:
    """Return what X, Y and Z errors at constant rates (per second) do in a time; a semigroup in ``duration_s``.

    Jump operators ``√rate P``. The rate is that of *errors*: Z errors alone at a rate g dephase with T2 = 1/(2 g).

    >>> poisson_pauli_channel(duration_s=1.0, x_rate_hz=0.0, y_rate_hz=0.0, z_rate_hz=0.5).transfer[1, 1].round(12).item()
    0.367879441171
    """
    duration = checks.real(duration_s, "duration_s", low=0.0)
    rates = {
        name: checks.real(value, name, low=0.0)
        for name, value in (("x_rate_hz", x_rate_hz), ("y_rate_hz", y_rate_hz), ("z_rate_hz", z_rate_hz))
    }
    batch = checks.broadcast_parameters({"duration_s": duration, **rates})
    x, y, z = rates.values()
    return _diagonal(batch, *(np.exp(-2 * duration * others) for others in (y + z, z + x, x + y)))


def bit_flip(*, probability: ArrayLike) -> Channel:
    """Return the channel that applies X with a probability in [0, 1]."""
    factor = 1 - 2 * checks.probability(probability, "probability")
    return _diagonal(factor.shape, 1.0, factor, factor)


def bit_phase_flip(*, probability: ArrayLike) -> Channel:
    """Return the channel that applies Y with a probability in [0, 1]."""
    factor = 1 - 2 * checks.probability(probability, "probability")
    return _diagonal(factor.shape, factor, 1.0, factor)


def dephasing(*, probability: ArrayLike) -> Channel:
    """Return the phase flip: Z with a probability in [0, 1], which multiplies coherence by 1 - 2 probability.

    A decay of coherence by ``exp(-t/T)`` is a *probability* of ``(1 - exp(-t/T))/2``: without the half,
    coherence would pass through zero to negative values.

    >>> dephasing(probability=0.1).transfer.diagonal().round(12).tolist()
    [1.0, 0.8, 0.8, 1.0]
    """
    factor = 1 - 2 * checks.probability(probability, "probability")
    return _diagonal(factor.shape, factor, factor, 1.0)


def depolarizing(*, mixing: ArrayLike, num_qubits: int = 1) -> Channel:
    """Return the channel that replaces ``num_qubits`` qubits by the maximally mixed state with probability ``mixing``.

    ``rho -> (1 - mixing) rho + mixing Tr(rho) 1/D``, with mixing in [0, 1]. Some libraries count Pauli
    errors instead: ``depolarizing_strength`` converts.

    >>> depolarizing(mixing=0.1).transfer.diagonal().round(12).tolist()
    [1.0, 0.9, 0.9, 0.9]
    """
    value = checks.probability(mixing, "mixing")
    count = checks.integer(num_qubits, "num_qubits", 1)
    checks.capacity(4**count, f"The transfer matrix of {count} qubits", 40)
    kept = 1 - value
    entries = {(i, i): kept if i else 1.0 for i in range(4**count)}
    return Channel._from_entries(entries, value.shape, _QUBIT * count)
