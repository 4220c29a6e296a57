"""How pairs of scenario files are stored: memories, nodes of two kinds of qubits, ensembles."""

from typing import Any

import msgspec

from qnet_channels import EnsembleMemory, Memory, MemoryNode, Quantity, preset, presets
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .axes import Axes, arguments, in_words_of
from .fiber_tables import fiber_numbers
from .pair_tables import MEMORY, PairSteps
from .schema import ScenarioError, Table

__all__ = ["borrowed_numbers", "memory_of", "moved", "pair_borrowed", "platform_numbers", "retrieved", "stored"]

_ROLES = ("communication", "storage")
_NOT_FIELDS = ("platform", "role", "duration_s")


def platform_numbers(table: Any, key: str = "memory") -> dict[str, Quantity]:
    """Return the numbers of a memory's platform that the file does not give itself."""
    if table is None or table.platform is None:
        return {}
    if table.platform not in presets():
        known = ", ".join(presets())
        raise ScenarioError(f"key `{key}.platform`: expected one of {known}, but it is {table.platform!r}.")
    found = preset(table.platform).sheet.memories
    if table.role not in found:
        have = ", ".join(found) or "none"
        raise ScenarioError(f"key `{key}.role`: expected one of {have}, but it is {table.role!r}.")
    roles = found[table.role]
    numbers = dict(zip(MEMORY, (roles.t1, roles.t2, roles.excited_population, roles.exponent), strict=True))
    return {name: number for name, number in numbers.items() if getattr(table, name) is None}


def borrowed_numbers(table: Any, key: str) -> dict[str, Quantity]:
    """Return the numbers of a memory's platform by their keys, with their sources."""
    return {
        f"{key}.{name}": msgspec.structs.replace(number, source=f"preset {table.platform}: {number.source}")
        for name, number in platform_numbers(table, key).items()
    }


def pair_borrowed(steps: PairSteps) -> dict[str, Quantity]:
    """Return the numbers of memories' platforms and of the kind of fibre, by their keys, with their sources."""
    node: Any = steps.node
    tables = {"memory": steps.memory} | (
        {} if node is None else {f"node.{role}": getattr(node, role) for role in _ROLES}
    )
    found = fiber_numbers(steps.fiber)
    for key, table in tables.items():
        found |= borrowed_numbers(table, key)
    return found


def memory_of(table: Table, axes: Axes, key: str = "memory") -> Memory:
    """Return a memory, what the file leaves out from its platform."""
    theirs = {name: number.value for name, number in platform_numbers(table, key).items()}
    own = arguments(table, f"{key}.", axes)
    given = theirs | {name: value for name, value in own.items() if name not in _NOT_FIELDS}
    for name in ("t1_s", "t2_s"):
        if name not in given:
            raise ScenarioError(f"key `{key}`: lacks the key `{name}`, and no `platform` is given.")
    with in_words_of(key):
        return Memory(**given)


def moved(pair: DensityMatrix, table: Any, axes: Axes) -> DensityMatrix:
    """Return the pair after both halves went into storage, and other attempts at links have disturbed them there."""
    communication, storage = (memory_of(getattr(table, role), axes, f"node.{role}") for role in _ROLES)
    own = {name: value for name, value in arguments(table, "node.", axes).items() if name not in _ROLES}
    attempts = {name: own.pop(name) for name in ("attempts", "attempt_duration_s")}
    with in_words_of("node"):
        node = MemoryNode(communication, storage, **own)
        change = node.swap_in().then(node.disturbed(**attempts))
        return pair.apply(change, 0).apply(change, 1)


def stored(pair: DensityMatrix, table: Table, axes: Axes) -> DensityMatrix:
    """Return the pair after both halves have waited."""
    memory, waits = memory_of(table, axes), arguments(table, "memory.", axes)["duration_s"]
    with in_words_of("memory"):
        decay = memory.decay(duration_s=waits)
        return pair.apply(decay, 0).apply(decay, 1)


def retrieved(pair: DensityMatrix, table: Table, axes: Axes) -> Heralded:
    """Return the pair as it comes out of two ensembles, and the probability that both photons do: losses are seen."""
    own = arguments(table, "ensemble.", axes)
    waits = own.pop("duration_s")
    with in_words_of("ensemble"):
        kept = EnsembleMemory(**own).retrieval_efficiency(duration_s=waits)
    return Heralded(pair, checks.plain(kept**2))
