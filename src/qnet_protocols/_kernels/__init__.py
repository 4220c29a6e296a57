"""Compiled loops of the protocols, imported when they are first needed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import cascade, correlators, moments, records, sampling, series, stored, toeplitz, waiting

__all__ = ["cascade", "correlators", "moments", "records", "sampling", "series", "stored", "toeplitz", "waiting"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
