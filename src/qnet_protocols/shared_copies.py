"""Copies of a control that serve several gates: one pair for all of them."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks

from .processors import ProcessorNode
from .remote_gates import COPIED_PAULIS
from .unitaries import BASES, axis_commutes, num_qubits, on_qubits, reordered

__all__: list[str] = []

_AXES = tuple(BASES)


class Copy(NamedTuple):
    """A copy of a qubit, taken along an axis, at a node that gates are done at."""

    control: int
    axis: str
    hub: Hashable


class Use(NamedTuple):
    """How a gate uses a copy; the first one that does opens it, the last one closes it."""

    copy: Copy
    opens: bool
    closes: bool


class Need(NamedTuple):
    """A gate, its qubits, and whether it takes pairs."""

    unitary: checks.Complexes
    on: tuple[int, ...]
    tolerance: float
    takes_pairs: bool


def shared_uses(gates: Sequence[Need], homes: Sequence[Hashable]) -> dict[int, Use]:
    """Return which gates share a copy of a control with others, by their place in the circuit.

    A copy lasts while gates on its qubit commute with its axis. Of the copies that would do for a gate the one is taken that is
    there, else the one that most gates can use; that is not always the fewest pairs, but never more than without sharing.
    """
    groups: list[tuple[Copy, list[int]]] = []
    there: dict[Copy, list[int]] = {}
    for k, gate in enumerate(gates):
        there = {copy: members for copy, members in there.items() if _survives(copy, gate)}
        options = [copy for copy in _copies(gate, homes)] if gate.takes_pairs else []
        chosen = next((copy for copy in options if copy in there), None)
        if chosen is None and options:
            chosen = max(options, key=lambda copy: _users(copy, gates[k:], homes))
            there[chosen] = []
            groups.append((chosen, there[chosen]))
        if chosen is not None:
            there[chosen].append(k)
    return {
        k: Use(copy, k == members[0], k == members[-1])
        for copy, members in groups if len(members) > 1 for k in members
    }  # fmt: skip


def _survives(copy: Copy, gate: Need) -> bool:
    """Say whether a copy is still one after a gate."""
    if copy.control not in gate.on:
        return True
    return axis_commutes(gate.unitary, gate.on.index(copy.control), copy.axis, gate.tolerance)


def _copies(gate: Need, homes: Sequence[Hashable]) -> Iterator[Copy]:
    """Yield the copies of one of its qubits that the gate can be done with, all its others being at one other node."""
    for place, qubit in enumerate(gate.on):
        hubs = {homes[other] for other in gate.on if other != qubit}
        if len(hubs) == 1 and homes[qubit] not in hubs:
            for axis in _AXES:
                if axis_commutes(gate.unitary, place, axis, gate.tolerance):
                    yield Copy(qubit, axis, *hubs)


def _users(copy: Copy, gates: Sequence[Need], homes: Sequence[Hashable]) -> int:
    """Return how many gates can use a copy that is made for the first of them."""
    count = 0
    for gate in gates:
        if not _survives(copy, gate):
            break
        count += gate.takes_pairs and copy in _copies(gate, homes)
    return count


def copied(pair: DensityMatrix, node: ProcessorNode, axis: str) -> Channel:
    """Return the map of a qubit at ``node`` on itself and its copy at the other half of a pair.

    Behind CNOT(control -> half), the Z readout of the half and X on the other one. Axes other than Z are turned to Z for it.
    """
    tensor = pair._stack.reshape(4, 4, *pair.batch_shape)
    kept, read = 1 - np.asarray(node.gate_mixing), 1 - 2 * np.asarray(node.readout_error)
    batch = checks.broadcast(resource=pair.batch_shape, gate_mixing=kept.shape, readout_error=read.shape)
    entries: dict[tuple[int, int], Any] = {}
    for pauli, other in np.ndindex(4, 4):
        source, half, sign = COPIED_PAULIS[other >> 1][pauli]
        value = sign * tensor[half, other]
        if other >> 1:
            value = value * kept * read
        elif pauli:
            value = value * kept
        entries[4 * pauli + other, source] = value
    entries[0, 0] = np.where(np.isnan(tensor[0, 0]), np.nan, 1.0)  # so that the trace is kept bit for bit
    copying = Channel._from_entries(entries, batch, (2,), (2, 2))
    if axis == "z":
        return copying
    turned = BASES[axis]
    return Channel.from_unitary(turned.conj().T).then(copying).then(Channel.from_unitary(np.kron(turned, np.eye(2))))


def erased(hub: ProcessorNode, axis: str) -> Channel:
    """Return the map of a qubit and its copy at ``hub`` on the qubit alone: the copy is read in X, and Z turns the qubit."""
    read = 1 - 2 * np.asarray(hub.readout_error)
    entries: dict[tuple[int, int], Any] = {(0, 0): 1.0, (3, 12): 1.0}
    entries |= {(pauli, 4 * pauli + 1): read for pauli in (1, 2)}
    erasing = Channel._from_entries(entries, read.shape, (2, 2), (2,))
    if axis == "z":
        return erasing
    turned = BASES[axis]
    return Channel.from_unitary(np.kron(turned.conj().T, np.eye(2))).then(erasing).then(Channel.from_unitary(turned))


def by_copy(unitary: checks.Complexes, place: int, axis: str) -> checks.Complexes:
    """Return the gate with the copy of its qubit ``place``, which it then has first and as a control along Z."""
    count = num_qubits(unitary)
    frame = on_qubits(BASES[axis], place, count)
    order = (place, *(k for k in range(count) if k != place))
    return reordered(frame.conj().T @ unitary @ frame, order)
