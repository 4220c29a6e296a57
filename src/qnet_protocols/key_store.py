"""Stores of key, from which every bit is taken once."""

from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import parameters
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .key_bits import Bits, bits

__all__ = ["KeyStore", "StoredKey", "stored_key", "vernam_cipher"]


class KeyStore:
    """Secret bits that two nodes share; each of them keeps a store of the same bits, and takes them in the same order.

    What is taken is gone. A store shows how many bits it has and never which, and refuses to be copied or pickled: a
    one-time pad that is used twice is none.

    Parameters
    ----------
    key : array_like of 0 and 1
        What is in the store at the beginning.

    Examples
    --------
    >>> store = KeyStore([1, 0, 1, 1])
    >>> store.take(3).tolist(), store
    ([1, 0, 1], KeyStore(num_bits=1, num_taken=3))
    """

    __slots__ = ("_bits", "_taken")

    def __init__(self, key: ArrayLike = ()) -> None:
        self._bits = bits(key, "key")
        self._taken = 0

    @property
    def num_bits(self) -> int:
        """How many bits are left."""
        return self._bits.size

    @property
    def num_taken(self) -> int:
        """How many were taken so far."""
        return self._taken

    def add(self, key: ArrayLike) -> None:
        """Put a new key behind what is there."""
        self._bits = np.concatenate([self._bits, bits(key, "key")])

    def take(self, num_bits: int) -> Bits:
        """Return the oldest bits and forget them; refuse, and take nothing, if there are not as many."""
        count = checks.integer(num_bits, "num_bits", 0)
        if count > self.num_bits:
            raise ParameterError(
                f"Parameter `num_bits` must be at most the {self.num_bits} bits left in the store, but is {count}."
            )
        taken = self._bits[:count].copy()
        self._bits[:count] = 0
        self._bits = self._bits[count:]
        self._taken += count
        return taken

    def __repr__(self) -> str:
        return f"KeyStore(num_bits={self.num_bits}, num_taken={self.num_taken})"

    def __reduce__(self) -> NoReturn:
        raise ParameterTypeError("A KeyStore is not copied: its bits are to be used once.")


def vernam_cipher(message: bytes, store: KeyStore) -> bytes:
    """Return a message XOR as many bits of a store; the same with the other node's store gives the message back.

    Nothing can be learnt from the result but its length, whatever computers will be. It is not authenticated: who flips
    a bit of it flips that bit of the message (see ``Authenticator``).

    Parameters
    ----------
    message : bytes
        Takes eight bits of key for each byte.
    store : KeyStore
        Of one of both nodes.

    References
    ----------
    Vernam, US patent 1,310,719 (1919); Shannon, Bell Syst. Tech. J. 28, 656 (1949).

    Examples
    --------
    >>> key = [0, 1, 1, 0, 1, 0, 0, 1] * 5
    >>> vernam_cipher(vernam_cipher(b"qubit", KeyStore(key)), KeyStore(key))
    b'qubit'
    """
    text = require_bytes(message, "message")
    pad = np.packbits(require_store(store).take(8 * len(text)))
    return (np.frombuffer(text, np.uint8) ^ pad).tobytes()


def require_bytes(value: object, name: str) -> bytes:
    """Return bytes; refuse all else without showing it."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise ParameterTypeError(f"Parameter `{name}` must be bytes, but is {type(value).__name__}.")
    return bytes(value)


def require_store(store: object) -> KeyStore:
    """Return the store; refuse what is none without showing it."""
    if not isinstance(store, KeyStore):
        raise ParameterTypeError(f"Parameter `store` must be a KeyStore, but is {type(store).__name__}.")
    return store


class StoredKey(NamedTuple):
    """How a store fares; all fields have the shape of the batch.

    Attributes
    ----------
    num_bits : ndarray
        In the store at the end.
    unmet_bits : ndarray
        Asked for when it was empty.
    overflow_bits : ndarray
        Delivered when it was full.
    """

    num_bits: checks.Floats
    unmet_bits: checks.Floats
    overflow_bits: checks.Floats


def stored_key(
    *, initial_bits: ArrayLike, key_rate_hz: ArrayLike, consumption_rate_hz: ArrayLike, duration_s: ArrayLike,
    capacity_bits: ArrayLike | None = None,
) -> StoredKey:  # fmt: skip
    """Return how much key a store has after a time in which key comes and goes at steady rates.

    The store fills or empties at the difference of both rates; once full or empty it stays so. Bits are taken as
    they come where it is empty.

    Parameters
    ----------
    initial_bits, capacity_bits : array_like
        At the beginning, and at most (no limit if not given; else not less than at the beginning).
    key_rate_hz, consumption_rate_hz : array_like
        Bits per second that are delivered, and that are asked for.
    duration_s : array_like
        Until the end.

    Examples
    --------
    >>> stored_key(initial_bits=1e3, key_rate_hz=50.0, consumption_rate_hz=80.0, duration_s=[20.0, 60.0]).num_bits.tolist()
    [400.0, 0.0]
    """
    given = {
        "initial_bits": initial_bits, "key_rate_hz": key_rate_hz, "consumption_rate_hz": consumption_rate_hz,
        "duration_s": duration_s,
    }  # fmt: skip
    limit = np.float64(np.inf) if capacity_bits is None else checks.real(capacity_bits, "capacity_bits", low=0.0)
    initial, gain, cost, duration = parameters(not_negative=given)
    checks.broadcast(capacity_bits=limit.shape, **{name: np.shape(value) for name, value in given.items()})
    if (initial > limit).any():
        raise ParameterError("Parameter `initial_bits` must be at most `capacity_bits`, but is more.")
    level = initial + (gain - cost) * duration
    fields = (np.clip(level, 0.0, limit), np.maximum(0.0, 0.0 - level), np.maximum(0.0, level - limit))
    return StoredKey(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))
