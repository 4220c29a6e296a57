"""Numbers of a platform by name, refused in the caller's words where there are none."""

from qnet_core.errors import ParameterError

from .sheets import EmitterRoles, EnsembleRoles, MemoryRoles, Quantity, sheet

__all__: list[str] = []


def require_quantity(name: str, key: str) -> Quantity:
    """Return a number that the platform must have."""
    found = sheet(name).parameters.get(key)
    if found is None:
        raise ParameterError(
            f"Parameter `name` must be a platform with a value of {key}, but is {name!r}, which has none."
        )
    return found


def optional_value(name: str, key: str, default: float) -> float:
    """Return the value of a number, or the default where the platform has none."""
    found = sheet(name).parameters.get(key)
    return default if found is None else found.value


def memory_roles(name: str, role: str) -> MemoryRoles:
    """Return the numbers of the platform's "storage" or "communication" memory."""
    found = sheet(name).memories
    if role not in found:
        have = ", ".join(found) or "none"
        raise ParameterError(f"Parameter `role` must be one of the memories of {name!r} ({have}), but is {role!r}.")
    return found[role]


def ensemble_roles(name: str) -> EnsembleRoles:
    """Return the numbers of the platform's ensemble."""
    found = sheet(name).ensemble
    if found is None:
        raise ParameterError(f"Parameter `name` must be a platform with an ensemble memory, but is {name!r}.")
    return found


def emitter_roles(name: str) -> EmitterRoles:
    """Return the numbers of the platform's source of photons."""
    found = sheet(name).emitter
    if found is None:
        raise ParameterError(f"Platform {name!r} has no number for its source of photons: give an Emitter.")
    return found
