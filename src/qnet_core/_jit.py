"""How kernels are compiled and cached.

Numba keeps a compiled function until the *file of that function* changes. Here the cache
directory also carries a hash of all kernel sources, so that an edited kernel is never served stale.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

__all__ = ["inlined", "kernel", "uncounted"]

P = ParamSpec("P")
R = TypeVar("R")


def _source_hash() -> str:
    """Hash this file, every kernel file and the version of Numba."""
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for path in [Path(__file__), *sorted(here.parent.glob("qnet_*/_kernels/*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_home() -> Path:
    """Return the user's cache directory; RuntimeError where there is no home."""
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(given) if given else Path.home() / ".cache"


def _cache_directory() -> str | None:
    """Return a directory that can be written to, or None to compile in memory only."""
    try:
        directory = _cache_home() / "qnet-engine" / _source_hash()
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return str(directory)
    except (OSError, RuntimeError):
        return None


_USER_CACHE: str = numba.config.CACHE_DIR  # type: ignore[attr-defined]
_CACHE = _USER_CACHE or _cache_directory()


def _compiled(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """Compile at the first call, without the GIL, and keep the result on disk."""
    numba.config.CACHE_DIR = _CACHE or ""  # type: ignore[attr-defined]
    try:
        compiled = numba.njit(cache=_CACHE is not None, nogil=True, error_model="numpy", **options)(function)
    except RuntimeError:  # a cache directory of the user's that cannot be written to
        compiled = numba.njit(nogil=True, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = _USER_CACHE  # type: ignore[attr-defined]
    return cast("Callable[P, R]", compiled)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` at its first call, without the GIL, and keep the result on disk."""
    return _compiled(function)


def uncounted(function: Callable[P, R]) -> Callable[P, R]:
    """Compile without counting references to arrays: among small functions it costs as much as their work."""
    return _compiled(function, _nrt=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile into the callers, too: a call hands over every array, which can take longer than the work."""
    return _compiled(function, _nrt=False, forceinline=True)
