"""What nodes do: repeater chains and keys."""

from .chains import ChainResult, equal_link_chain
from .keys import repeaterless_bound, secret_key_fraction, squashed_entanglement_bound

__all__ = [
    "ChainResult",
    "equal_link_chain",
    "repeaterless_bound",
    "secret_key_fraction",
    "squashed_entanglement_bound",
]
