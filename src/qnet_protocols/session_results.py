"""What a run of BB84 leaves: keys, counts, and all that was said in public."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from .key_bits import Bits

__all__ = ["Message", "SessionResult"]


class Message(NamedTuple):
    """Something told in public by one of both ends."""

    speaker: Literal["sender", "receiver"]
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SessionResult:
    """A run of BB84. No secret is in its ``repr``, nor in any field but the two keys.

    Attributes
    ----------
    sender_key, receiver_key : ndarray of uint8
        The secret key at both ends, one bit per element; empty where the run was aborted.
    aborted : str or None
        Why there is no key.
    is_simulation : bool
        True where the run had an ``rng``: whoever has its seed has the key, which is good for tests and nothing else.
    num_signals, num_detected, num_double_clicks : int
        Sent; seen by a detector; seen by both.
    num_key_bits, num_test_bits, num_sample_bits : int
        Sifted bits of the key that were not told, those of the other basis, and those of the key's basis that were told.
    key_error_rate, test_error_rate : float
        Wrong bits in both bases, as both ends know them: of all sifted bits of the key if these were corrected, of the
        sample if not. NaN where there were none.
    predicted_gain, predicted_key_error_rate, predicted_test_error_rate : float
        What density matrices say: detections per signal, and the error rates.
    leaked_bits, reconciliation_efficiency : int, float
        Told by reconciliation, and how many times the Shannon limit of the error rate that is.
    phase_error_rate : float
        The bound that the length of the key comes from.
    authentication_bits : int
        Taken from the store of the key shared beforehand.
    transcript : tuple of Message
        What Eve heard.
    """

    sender_key: Bits = field(repr=False)
    receiver_key: Bits = field(repr=False)
    aborted: str | None
    is_simulation: bool
    num_signals: int
    num_detected: int
    num_double_clicks: int
    num_key_bits: int
    num_test_bits: int
    num_sample_bits: int
    key_error_rate: float
    test_error_rate: float
    predicted_gain: float
    predicted_key_error_rate: float
    predicted_test_error_rate: float
    leaked_bits: int
    reconciliation_efficiency: float
    phase_error_rate: float
    authentication_bits: int
    transcript: tuple[Message, ...] = field(repr=False)

    @property
    def key_length(self) -> int:
        """Secret bits."""
        return self.sender_key.size

    @property
    def keys_match(self) -> bool:
        """Whether there is a key, the same at both ends, which they know but for a probability of ``epsilon_correctness``."""
        return self.key_length > 0 and bool(np.array_equal(self.sender_key, self.receiver_key))

    @property
    def secret_fraction(self) -> float:
        """Secret bits per signal, without those that authentication took."""
        return self.key_length / self.num_signals
