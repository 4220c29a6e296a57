"""Parameters of what runs once, and so takes one number and no array."""

from typing import Any

from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

__all__: list[str] = []


def one_number(value: ArrayLike, name: str, **limits: Any) -> float:
    """Return one number in the range that ``checks.real`` is told."""
    found = checks.real(value, name, **limits)
    if found.ndim:
        raise DimensionError(f"Parameter `{name}` must be one number, but has shape {found.shape}.")
    return float(found)


def one_probability(value: ArrayLike, name: str) -> float:
    """Return one number in [0, 1]."""
    return one_number(value, name, low=0.0, high=1.0)
