"""Keys from blocks of finite length, by single photons or pairs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import error_entropy
from qnet_core import _checks as checks

from .key_rate import BackgroundModel, background, clicks, require_model

__all__ = ["FiniteKey", "finite_bb84", "finite_key"]

Floats = checks.Floats
_FRACTION: Mapping[str, Any] = {"low": 0.0, "high": 1.0}
_SECURITY: Mapping[str, Any] = {"low": 0.0, "high": 1.0, "open_low": True}
_RANGES: Mapping[str, Mapping[str, Any]] = {
    "num_pulses": {"low": 0.0},
    "num_key_bits": {"low": 0.0},
    "num_test_bits": {"low": 0.0},
    "error_rate": {"low": 0.0, "high": 0.5},
    "misalignment_error": {"low": 0.0, "high": 0.5},
    "reconciliation_efficiency": {"low": 1.0},
    "epsilon_secrecy": _SECURITY,
    "epsilon_correctness": _SECURITY,
}


class FiniteKey(NamedTuple):
    """A key from one block; all fields have the shape of the batch.

    Attributes
    ----------
    key_length : ndarray
        Secret bits, a whole number; 0 where the block is too short or too noisy.
    balance : ndarray
        The same before rounding and before the cut at 0.
    phase_error_rate : ndarray
        The most errors that the key bits would have shown in the other basis, at most 1/2.
    deviation : ndarray
        By how much that is above the error rate of the test.
    """

    key_length: Floats
    balance: Floats
    phase_error_rate: Floats
    deviation: Floats


def whole_bits(balance: Floats) -> Floats:
    """Return the length of a key: whole bits, and none below 0."""
    return checks.plain(np.maximum(0, np.floor(balance)))


def block(**given: ArrayLike) -> dict[str, Floats]:
    """Return parameters of a block as arrays, each in the range that its name has, and of shapes that broadcast."""
    found = {name: checks.real(value, name, **_RANGES.get(name, _FRACTION)) for name, value in given.items()}
    checks.broadcast_parameters(found)
    return found


def finite_key(
    *, num_key_bits: ArrayLike, num_test_bits: ArrayLike, error_rate: ArrayLike,
    reconciliation_efficiency: ArrayLike = 1.16, epsilon_secrecy: ArrayLike = 1e-10,
    epsilon_correctness: ArrayLike = 1e-15,
) -> FiniteKey:  # fmt: skip
    """Return the length of a BB84 key from a finite block, against any attack.

    ``l = n (1 - h(Q + ν)) - f n h(Q) - log2(2/(ε_sec² ε_cor))`` with
    ``ν = √((n + k)/(n k) (k + 1)/k ln(4/ε_sec))``. One bit of each pulse with one photon, or of each pair: pulses
    with several photons need ``finite_decoy_key``. Q is the error rate that the test tolerates, fixed beforehand.

    Parameters
    ----------
    num_key_bits, num_test_bits : array_like
        n sifted bits in the basis of the key, and k in the other one, which are compared.
    error_rate : array_like
        Q in [0, 1/2].
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    epsilon_secrecy, epsilon_correctness : array_like
        How far the key may be from a secret one, and the probability that it differs at both ends.

    References
    ----------
    Tomamichel, Lim, Gisin and Renner, Nat. Commun. 3, 634 (2012).

    Examples
    --------
    >>> key = finite_key(num_key_bits=[1e3, 1e5], num_test_bits=[1e2, 1e4], error_rate=0.01)
    >>> key.key_length.tolist()
    [0.0, 57046.0]
    """
    found = block(
        num_key_bits=num_key_bits,
        num_test_bits=num_test_bits,
        error_rate=error_rate,
        reconciliation_efficiency=reconciliation_efficiency,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )
    return _key(*found.values())


def _key(
    bits: Floats, tested: Floats, error: Floats, efficiency: Floats, secrecy: Floats, correctness: Floats
) -> FiniteKey:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = (bits + tested) / (bits * tested) * (tested + 1) / tested * np.log(4 / secrecy)
    deviation = np.sqrt(np.where(bits * tested > 0, spread, np.inf))
    phase = np.minimum(0.5, error + deviation)
    cost = 1 - 2 * np.log2(secrecy) - np.log2(correctness)
    balance = bits * (1 - error_entropy(phase) - efficiency * error_entropy(error)) - cost
    fields = (whole_bits(balance), balance, phase, deviation)
    return FiniteKey(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))


def finite_bb84(
    *, num_pulses: ArrayLike, key_basis_probability: ArrayLike, transmissivity: ArrayLike,
    dark_count_probability: ArrayLike = 0.0, background_yield: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, epsilon_secrecy: ArrayLike = 1e-10,
    epsilon_correctness: ArrayLike = 1e-15, background_model: BackgroundModel = "added",
) -> FiniteKey:  # fmt: skip
    """Return the length of the key that BB84 with single photons is expected to give from a finite number of pulses.

    Both ends choose the basis of the key with the same probability p: ``p²`` of the clicks make key, ``(1 - p)²`` are
    compared, and the error rate is as expected. For the best p see ``best_settings``.

    Parameters
    ----------
    num_pulses : array_like
        Photons sent.
    key_basis_probability : array_like
        p.
    transmissivity, dark_count_probability, background_yield, misalignment_error, background_model
        As in ``bb84``.
    reconciliation_efficiency, epsilon_secrecy, epsilon_correctness : array_like
        As in ``finite_key``.

    References
    ----------
    Tomamichel, Lim, Gisin and Renner, Nat. Commun. 3, 634 (2012).

    Examples
    --------
    >>> finite_bb84(num_pulses=[1e6, 1e8], key_basis_probability=0.9, transmissivity=0.01, misalignment_error=0.01,
    ...             dark_count_probability=1e-6).key_length.tolist()
    [0.0, 468840.0]
    """
    found = block(
        num_pulses=num_pulses,
        key_basis_probability=key_basis_probability,
        transmissivity=transmissivity,
        dark_count_probability=dark_count_probability,
        background_yield=background_yield,
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )
    pulses, chosen, seen, dark, light, misalignment, *rest = found.values()
    empty = background(dark, light)
    require_model(background_model)
    gain, wrong = clicks(seen, empty, misalignment, background_model)
    error = np.where(gain > 0, wrong / np.where(gain > 0, gain, 1), 0.5)
    return _key(pulses * chosen**2 * gain, pulses * (1 - chosen) ** 2 * gain, checks.plain(error), *rest)
