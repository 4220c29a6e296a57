"""What made a result: version and source of this package, and the libraries that it computed with."""

import functools
import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import qnet_core

__all__ = ["build", "library_versions", "source_hash"]

_LIBRARIES = ("numpy", "numba", "scipy", "xarray")
_SOURCES = ("*.py", "*.toml")  # code, and the numbers of platforms, fibres and scenarios


@functools.cache  # files that change under a running program aren't those that it runs
def source_hash() -> str:
    """Return a digest of every source file of the four packages, by their names and bytes."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(root).as_posix() for end in _SOURCES for path in root.glob(f"qnet_*/**/{end}")):
        content = (root / name).read_bytes()
        digest.update(f"{len(name)} {name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that numbers come from."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


@functools.cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def build() -> dict[str, str]:
    """Return the attributes that say what made a dataset; no date, no place, so that equal results stay equal.

    >>> sorted(build())
    ['libraries', 'source_sha256', 'version']
    """
    return {
        "version": f"qnet-engine {qnet_core.__version__}",
        "source_sha256": source_hash(),
        "libraries": json.dumps(library_versions(), sort_keys=True),
    }
