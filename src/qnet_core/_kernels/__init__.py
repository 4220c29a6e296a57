"""Compiled loops on flat arrays: no checks, no allocation, no kernel imports another file.

A kernel file is imported when it is first needed: importing Numba takes longer than all the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import entries, pairs, qubit, ranges

__all__ = ["entries", "pairs", "qubit", "ranges"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
