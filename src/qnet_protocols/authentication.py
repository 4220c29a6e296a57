"""Authentication by a key that both ends share: no computing power forges a tag."""

from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .key_bits import Bits
from .key_store import KeyStore, require_bytes, require_store

__all__ = ["Authenticator", "forgery_probability"]

TAG_BITS = 127
_PRIME: int = 2**TAG_BITS - 1
_BLOCK = 15  # bytes, so that each block is a number below the prime


class Authenticator:
    """Makes and checks tags of messages with key of a store: a polynomial hash with a one-time pad (Wegman and Carter).

    Tag of a message of B bytes in blocks ``m_1 ... m_L`` of 15: ``sum_i m_i r^(L + 2 - i) + B r + pad`` modulo
    ``2^127 - 1``. The point r is taken from the store once, and a pad for each message, 127 bits either time. Both
    ends must treat the same messages in the same order.

    Parameters
    ----------
    store : KeyStore
        Shared beforehand, or made by earlier runs.

    References
    ----------
    Wegman and Carter, J. Comput. Syst. Sci. 22, 265 (1981); Bernstein, FSE 2005, LNCS 3557, 32 (2005).

    Examples
    --------
    >>> key = [0, 1, 1] * 127
    >>> ours, theirs = Authenticator(KeyStore(key)), Authenticator(KeyStore(key))
    >>> tag = ours.tag(b"bases: zxxz")
    >>> theirs.accepts(b"bases: zxxz", tag), theirs.accepts(b"bases: zxxx", ours.tag(b"bases: zxxz"))
    (True, False)
    """

    __slots__ = ("_point", "_store")

    def __init__(self, store: KeyStore) -> None:
        self._store = require_store(store)
        self._point = _number(store.take(TAG_BITS))

    def tag(self, message: bytes) -> int:
        """Return the tag of a message; takes 127 bits of the store."""
        text = require_bytes(message, "message")
        return (_hash(text, self._point) + _number(self._store.take(TAG_BITS))) % _PRIME

    def accepts(self, message: bytes, tag: int) -> bool:
        """Say whether this is the message's tag; takes 127 bits of the store, whatever the answer."""
        if isinstance(tag, bool) or not isinstance(tag, int):
            raise ParameterTypeError(f"Parameter `tag` must be an integer, but is {type(tag).__name__}.")
        return self.tag(message) == tag

    def __repr__(self) -> str:
        return f"Authenticator({self._store!r})"


def forgery_probability(num_bytes: int) -> float:
    """Return the most that anybody's chance is to find the tag of another message of at most this length.

    ``(L + 1)/2^127`` and twice ``2^-127`` for the round-off of key to numbers below the prime; L blocks of 15 bytes.

    >>> forgery_probability(1_000_000) < 1e-33
    True
    """
    blocks = -(-checks.integer(num_bytes, "num_bytes", 0) // _BLOCK)
    return float((blocks + 3) / 2**TAG_BITS)


def _number(key: Bits) -> int:
    return int("".join(map(str, key.tolist())), 2)


def _hash(text: bytes, point: int) -> int:
    """Return the polynomial at a point by the scheme of Horner; its last term holds the length."""
    total = 0
    for start in range(0, len(text), _BLOCK):
        total = (total + int.from_bytes(text[start : start + _BLOCK], "big")) * point % _PRIME
    return (total + len(text)) * point % _PRIME
