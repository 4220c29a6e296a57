"""Where random bits come from: the operating system's cryptographic generator, or a seeded one for simulations."""

import secrets

import numpy as np
from numpy.typing import NDArray

from qnet_core.errors import ParameterTypeError

__all__: list[str] = []

Bits = NDArray[np.uint8]


class Randomness:
    """Random bits from the operating system, or reproducible ones from ``rng``."""

    __slots__ = ("_rng", "is_seeded")

    def __init__(self, rng: np.random.Generator | None = None) -> None:
        if rng is not None and not isinstance(rng, np.random.Generator):
            raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
        self._rng = rng
        self.is_seeded = rng is not None

    def packed(self, num_bytes: int) -> bytes:
        """Return random bytes."""
        return secrets.token_bytes(num_bytes) if self._rng is None else self._rng.bytes(num_bytes)

    def words(self, count: int) -> NDArray[np.uint64]:
        """Return random numbers of 64 bits."""
        return np.frombuffer(self.packed(8 * count), np.dtype("<u8"))

    def bits(self, count: int) -> Bits:
        """Return random bits, one per element."""
        return np.unpackbits(np.frombuffer(self.packed(-(-count // 8)), np.uint8), count=count)

    def generator(self) -> np.random.Generator:
        """Return a generator for what is no secret: counts of events, and orders that are told anyway."""
        return np.random.default_rng(secrets.randbits(256)) if self._rng is None else self._rng
