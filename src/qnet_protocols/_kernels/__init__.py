"""Compiled loops of the protocols, imported when they are first needed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import cascade, moments, records, sampling, series, stored, toeplitz, waiting, windows

__all__ = ["cascade", "moments", "records", "sampling", "series", "stored", "toeplitz", "waiting", "windows"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
