"""Keys as arrays of bits, one per element, and what is said where something else is given."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

__all__: list[str] = []

Bits = NDArray[np.uint8]


def bits(value: ArrayLike, name: str) -> Bits:
    """Return bits as an array of uint8; nothing of the value is in a refusal, as it may be secret."""
    array: NDArray[Any] = np.asarray(value)
    if array.ndim != 1:
        raise DimensionError(f"Parameter `{name}` must be a sequence of bits, but has shape {array.shape}.")
    if array.dtype.kind not in "biu" and array.size:
        raise ParameterTypeError(f"Parameter `{name}` must hold bits, but holds {array.dtype}.")
    if array.size and (array.max() > 1 or array.min() < 0):
        raise ParameterError(f"Parameter `{name}` must hold 0 and 1 only, but holds something else.")
    return array.astype(np.uint8)


def require_equal_length(first: Bits, second: Bits, names: tuple[str, str]) -> None:
    """Refuse keys of different lengths."""
    if first.size != second.size:
        raise DimensionError(
            f"Parameters `{names[0]}`, `{names[1]}` must hold as many bits, but hold {first.size} and {second.size}."
        )
