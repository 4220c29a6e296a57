"""Circuits, the nodes that their qubits are on, and the pairs that this takes."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .gate_plans import Link, Plan, plan_gate
from .processors import ProcessorNode
from .resources import Resource as Pairs
from .resources import oriented, require_resources
from .shared_copies import Need, Use, shared_uses
from .unitaries import num_qubits, require_gate

__all__ = ["Gate", "pairs_per_link"]

Assignment = Mapping[int, Hashable] | Sequence[Hashable]
Resource = Pairs | Mapping[Link, Pairs]


class Gate(NamedTuple):
    """A gate of a circuit: its name or unitary, and the qubit or qubits that it acts on, in its order."""

    gate: str | ArrayLike
    on: int | Sequence[int]


class Placed(NamedTuple):
    """A gate that was checked, and how it is done."""

    unitary: checks.Complexes
    on: tuple[int, ...]
    plan: Plan
    tolerance: float
    use: Use | None = None


def placed(
    circuit: Iterable[Gate | tuple[Any, Any]], assignment: Assignment, share_copies: bool
) -> tuple[list[Placed], list[Hashable]]:
    """Return the gates with their plans, and the node of each qubit."""
    homes = _require_homes(assignment)
    if not isinstance(circuit, Iterable) or isinstance(circuit, str):
        raise ParameterTypeError(f"Parameter `circuit` must be a sequence of gates, but is {circuit!r:.80}.")
    gates = [_placed(k, gate, homes) for k, gate in enumerate(circuit)]
    return (_sharing(gates, homes) if checks.flag(share_copies, "share_copies") else gates), homes


def _sharing(gates: list[Placed], homes: list[Hashable]) -> list[Placed]:
    """Return the gates, those done with one copy together planned so."""
    uses = shared_uses([Need(g.unitary, g.on, g.tolerance, bool(g.plan.links)) for g in gates], homes)
    found = list(gates)
    for k, use in uses.items():
        link = (homes[use.copy.control], use.copy.hub)
        plan = Plan("shared", gates[k].plan.homes, use.copy.hub, (link,) if use.opens else ())
        found[k] = gates[k]._replace(plan=plan, use=use)
    return found


def _placed(k: int, gate: Any, homes: list[Hashable]) -> Placed:
    if not isinstance(gate, tuple) or len(gate) != 2:
        raise ParameterTypeError(f"Parameter `circuit` must hold (gate, qubits), but circuit[{k}] is {gate!r:.80}.")
    unitary = require_gate(gate[0], f"circuit[{k}]")
    on = _qubits(gate[1], f"circuit[{k}]", len(homes))
    if len(on) != num_qubits(unitary):
        raise DimensionError(
            f"Parameter `circuit[{k}]` must name {num_qubits(unitary)} qubits for this gate, but names {len(on)}."
        )
    tolerance = 10 * (checks.ATOL if isinstance(gate[0], str) else checks.tolerance(gate[0]))
    return Placed(unitary, on, plan_gate(unitary, [homes[q] for q in on], tolerance), tolerance)


def _qubits(on: Any, name: str, count: int) -> tuple[int, ...]:
    chosen = (on,) if isinstance(on, int | np.integer) else on
    for qubit in chosen if isinstance(chosen, Iterable) else ():
        if isinstance(qubit, int | np.integer) and qubit >= count:
            raise ParameterError(f"Parameter `assignment` must give qubit {qubit} a node, as `{name}` acts on it.")
    return checks.subsystems(on, count, name)


def _require_homes(assignment: Assignment) -> list[Hashable]:
    if not isinstance(assignment, Mapping | Sequence) or not assignment:
        raise ParameterTypeError(
            f"Parameter `assignment` must give the node of each qubit, as a sequence or a mapping, but is {assignment!r:.80}."
        )
    table = dict(assignment) if isinstance(assignment, Mapping) else dict(enumerate(assignment))
    for qubit in table:
        checks.integer(qubit, "assignment", 0)
    homes = [table.get(qubit) for qubit in range(max(table) + 1)]
    for qubit, home in enumerate(homes):
        if not isinstance(home, Hashable):
            raise ParameterTypeError(
                f"Parameter `assignment` must name nodes by what can be a key, but qubit {qubit} is on {home!r:.80}."
            )
        if home is None:
            raise ParameterError(f"Parameter `assignment` must give every qubit a node, but qubit {qubit} has none.")
    return homes


def require_nodes(
    nodes: ProcessorNode | Mapping[Hashable, ProcessorNode] | None, homes: list[Hashable]
) -> dict[Hashable, ProcessorNode]:
    """Return the hardware of each node that has qubits; no node may have more than it has room for."""
    found = {}
    for home, count in Counter(homes).items():
        node = _hardware(nodes, home)
        if node.num_qubits is not None and count > node.num_qubits:
            raise ParameterError(
                f"Parameter `assignment` must put at most {node.num_qubits} of its qubits on the node {home!r}, but puts {count}."
            )
        found[home] = node
    return found


def _hardware(nodes: ProcessorNode | Mapping[Hashable, ProcessorNode] | None, home: Hashable) -> ProcessorNode:
    if nodes is None:
        return ProcessorNode()
    if isinstance(nodes, Mapping) and home not in nodes:
        raise ParameterError(f"Parameter `nodes` must hold the node {home!r}, but holds {', '.join(map(repr, nodes))}.")
    node = nodes[home] if isinstance(nodes, Mapping) else nodes
    if not isinstance(node, ProcessorNode):
        raise ParameterTypeError(f"Parameter `nodes` must hold a ProcessorNode, but holds {type(node).__name__}.")
    return node


def named_link(link: Link, homes: list[Hashable]) -> Link:
    """Return a link with the node first that comes first in the assignment."""
    return link if homes.index(link[0]) <= homes.index(link[1]) else (link[1], link[0])


def pairs_per_link(
    circuit: Iterable[Gate | tuple[Any, Any]], assignment: Assignment, *, share_copies: bool = False
) -> dict[Link, int]:
    """Return how many pairs a circuit takes on each link between nodes, without running it.

    ``share_copies`` as in ``run_distributed``.

    >>> bell = [Gate("h", 0), Gate("cnot", (0, 1)), Gate("cnot", (1, 2))]
    >>> pairs_per_link(bell, ["a", "b", "b"]), pairs_per_link(bell, ["a", "b", "a"])
    ({('a', 'b'): 1}, {('a', 'b'): 2})
    >>> fan = [Gate("cnot", (0, 1)), Gate("t", 0), Gate("cnot", (0, 2))]
    >>> pairs_per_link(fan, "abb"), pairs_per_link(fan, "abb", share_copies=True)
    ({('a', 'b'): 2}, {('a', 'b'): 1})
    """
    gates, homes = placed(circuit, assignment, share_copies)
    return dict(Counter(named_link(link, homes) for gate in gates for link in gate.plan.links))


def supplied(gates: list[Placed], homes: list[Hashable], resource: Resource) -> list[list[DensityMatrix]]:
    """Return the pairs of each gate in the order of its plan, first halves where the links start."""
    order = [link for gate in gates for link in gate.plan.links]
    if isinstance(resource, Mapping):
        stores = {
            link: _of_link(resource, link, order, homes) for link in dict.fromkeys(named_link(k, homes) for k in order)
        }
    else:
        everything = require_resources(resource, len(order), " for this circuit")
        stores = dict.fromkeys((named_link(link, homes) for link in order), everything)
    return [
        [oriented(stores[named := named_link(link, homes)].pop(0), link != named) for link in gate.plan.links]
        for gate in gates
    ]


def _of_link(
    resource: Mapping[Link, Pairs], link: Link, order: list[Link], homes: list[Hashable]
) -> list[DensityMatrix]:
    """Return the pairs of one link, first halves at its first node."""
    backwards = (link[1], link[0])
    if link not in resource and backwards not in resource:
        raise ParameterError(f"Parameter `resource` must hold pairs of the link {link!r}, but has none.")
    count = sum(named_link(each, homes) == link for each in order)
    given = link if link in resource else backwards
    found = require_resources(resource[given], count, f" for the link {link!r}")
    return [oriented(pair, given != link) for pair in found]
