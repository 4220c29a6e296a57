"""Is everything installed that qnet-engine needs, and is it ours? Imports nothing that could be missing."""

import base64
import hashlib
import platform
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Finding

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["dependencies", "extras", "our_packages", "python"]

_NAME = "qnet-engine"
_PACKAGES = ("qnet_core", "qnet_channels", "qnet_protocols", "qnet_lab")
_STRANGER = "qnet-core"  # on the package index, by others, with a package that has the name of ours
_REMEDY = f"pip uninstall {_STRANGER}, then pip install --force-reinstall --no-deps {_NAME}"


def _own() -> Distribution | None:
    try:
        return distribution(_NAME)
    except PackageNotFoundError:
        return None


def python() -> Iterator[Finding]:
    """Find whether this Python is new enough."""
    own, running = _own(), platform.python_version()
    wanted = own.metadata["Requires-Python"] if own else None
    if own is None:
        yield Finding(_NAME, "note", "isn't installed; it runs from where its source lies")
    else:
        yield Finding(_NAME, "ok", f"{own.version}, in {Path(__file__).parents[1]}")
    yield _judged("python", running, wanted)


def dependencies() -> Iterator[Finding]:
    """Find whether everything that is needed is there, and new enough."""
    for requirement in _requirements(""):
        yield _judged(requirement.name, _version(requirement.name), str(requirement.specifier))


def extras() -> Iterator[Finding]:
    """Find which optional parts are there."""
    own = _own()
    for extra in (own.metadata.get_all("Provides-Extra") or []) if own else []:
        versions = {requirement.name: _version(requirement.name) for requirement in _requirements(extra)}
        missing = [name for name, found in versions.items() if found is None]
        there = ", ".join(f"{name} {found}" for name, found in versions.items() if found)
        lack = f"without {', '.join(missing)}: pip install '{_NAME}[{extra}]'" if missing else ""
        yield Finding(f"extra {extra}", "note" if missing else "ok", "; ".join(filter(None, [there, lack])))


def our_packages() -> Iterator[Finding]:
    """Find whether each of our packages is ours, and as it was installed."""
    home = Path(__file__).parents[1]
    for name in _PACKAGES:
        spec = find_spec(name)
        place = Path(spec.origin).parents[1] if spec and spec.origin else None
        if place != home:
            yield Finding(name, "BROKEN", f"comes from {place or 'nowhere'} instead of {home}; {_REMEDY}")
    altered = list(_altered())
    if altered:
        yield Finding("our files", "BROKEN", f"{len(altered)} were altered, such as {altered[0]}; {_REMEDY}")
    if stranger := _version(_STRANGER):
        text = f"{stranger} isn't part of {_NAME}, but has a package of the same name: one of them can't be used"
        yield Finding(_STRANGER, "note", f"{text}; {_REMEDY}")


def _altered() -> Iterator[str]:
    """Yield the source files whose bytes aren't those that were installed; nothing is known of an editable install."""
    own = _own()
    for file in (own.files or []) if own else []:
        if file.suffix == ".py" and file.hash is not None and file.hash.mode == "sha256":
            path = Path(str(file.locate()))
            if not path.is_file() or _digest(path) != file.hash.value:
                yield str(file)


def _digest(path: Path) -> str:
    """Return the digest of a file as the list of installed files has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")


def _requirements(extra: str) -> "Iterator[Requirement]":
    """Yield what is required always, or by an extra alone."""
    from packaging.requirements import Requirement  # comes with xarray and matplotlib

    own = _own()
    for requirement in map(Requirement, (own.requires or []) if own else []):
        marker = requirement.marker
        always = marker is None or marker.evaluate({"extra": ""})
        asked = marker is None or marker.evaluate({"extra": extra})
        if asked and always != bool(extra):
            yield requirement


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _judged(name: str, found: str | None, wanted: str | None) -> Finding:
    """Compare a version with what is wanted."""
    from packaging.specifiers import SpecifierSet

    needs = f"needs {wanted}" if wanted else "any will do"
    if found is None:
        return Finding(name, "BROKEN", f"is missing; {needs}")
    fits = SpecifierSet(wanted or "").contains(found, prereleases=True)
    return Finding(name, "ok" if fits else "BROKEN", f"{found} ({needs})" if fits else f"is {found}, but {needs}")
