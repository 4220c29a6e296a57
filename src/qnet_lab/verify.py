"""Verification of the whole library, and of a user's own channel, for the command line."""

import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from qnet_channels.catalog import CATALOG, Entry
from qnet_core import Verification, verify_channel

__all__ = ["load_object", "verify_entry", "verify_library"]

_LONG_S = 100.0  # after which every channel of the catalog has reached its limit
_TRIED_S = 0.3  # what channels that don't start from nothing are tried at


def verify_entry(entry: Entry) -> Verification:
    """Return the report on one channel of the library, against its Lindblad form and QuTiP where they apply."""
    laws: dict[str, Any] = {"unital": entry.unital, "trace_preserving": entry.trace_preserving, "with_qutip": True}
    if not entry.evolves:
        return verify_channel(entry.make(_TRIED_S), **laws)
    if entry.jumps is not None:
        laws["lindblad"] = (entry.hamiltonian, entry.jumps)
    if entry.limit is not None:
        laws |= {"limit": entry.limit(), "limit_s": _LONG_S}
    return verify_channel(entry.make, semigroup=entry.semigroup, **laws)


def verify_library() -> Iterator[tuple[str, Verification]]:
    """Yield the name and the report of every channel of the library."""
    for entry in CATALOG:
        yield entry.name, verify_entry(entry)


def load_object(address: str) -> Any:
    """Return what ``package.module:name`` names, looked for in the working directory first.

    Raises
    ------
    ValueError
        In the words of someone who typed it.
    """
    module_name, colon, name = address.partition(":")
    if not colon or not module_name or not name:
        raise ValueError(f"`{address}` must have the form package.module:name.")
    sys.path.insert(0, "")
    try:
        found: Any = import_module(module_name)
    except ImportError as error:
        raise ValueError(f"Module `{module_name}` can't be imported: {error}.") from error
    finally:
        sys.path.remove("")
    for part in name.split("."):
        if not hasattr(found, part):
            raise ValueError(f"Module `{module_name}` has no `{name}`.")
        found = getattr(found, part)
    return found
