"""Circuits on several nodes: gates between nodes are teleported."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel, DensityMatrix, fidelity, ket
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .circuits import Assignment, Gate, Placed, Resource, named_link, placed, require_nodes, supplied
from .gate_plans import Link, gate_steps
from .node_registers import Register, closed, done, gate_by_copy, opened, waited
from .processors import ProcessorNode
from .resources import require_state
from .shared_copies import Use

__all__ = ["DistributedResult", "run_distributed"]


@dataclass(frozen=True, slots=True, eq=False)
class DistributedResult:
    """What a distributed circuit gives, and what it took.

    ``fidelity`` is that with the output of the same circuit without noise, ``pairs`` the number used on each link.
    """

    state: DensityMatrix
    fidelity: checks.Floats
    pairs: Mapping[Link, int]

    @property
    def num_pairs(self) -> int:
        """Pairs used on all links together."""
        return sum(self.pairs.values())


def run_distributed(
    circuit: Iterable[Gate | tuple[Any, Any]], assignment: Assignment, resource: Resource, *,
    nodes: ProcessorNode | Mapping[Hashable, ProcessorNode] | None = None,
    latency_s: ArrayLike | Mapping[Link, ArrayLike] = 0.0, pair_wait_s: ArrayLike | Mapping[Link, ArrayLike] = 0.0,
    share_copies: bool = False, state: DensityMatrix | None = None,
) -> DistributedResult:  # fmt: skip
    """Return the output of a circuit whose qubits are on several nodes; gates between nodes become teleported ones.

    Another assignment is all it takes for another distribution of the same circuit. Gates run one after another, and while
    messages travel every data qubit waits in its node's memory: through two of them for a gate by copied controls, through
    one for each qubit that is moved, and before each gate for its pairs. All parameters broadcast.

    Parameters
    ----------
    circuit : sequence of Gate or (gate, qubits)
        Gates by name (x, y, z, h, s, sdg, t, tdg, cnot, cz, swap, iswap, toffoli, ccz) or unitary.
    assignment : sequence or mapping
        The node of each qubit 0, 1, ..., by any names.
    resource : DensityMatrix, sequence of them, or mapping
        One state for any number of pairs, or the pairs in the order of their use; a mapping has one or the other for each
        link ``(node, node)``, first halves at the first node named. Elsewhere that is the node of the lower qubit: the one
        which the assignment names first.
    nodes : ProcessorNode or mapping, optional
        Their hardware and capacity, of all alike or by name; perfect if not given.
    latency_s : array_like or mapping
        Of one message; a mapping has one for each link.
    pair_wait_s : array_like or mapping
        How long data qubits wait for each pair of a gate, one pair after another; 0 where pairs are ready when they are wanted.
    share_copies : bool
        True lets several gates with the same control, or target, between the same nodes use one copy of it and so one pair.
        The copy is a qubit more, in the memory of its node.
    state : DensityMatrix, optional
        The input; all qubits in 0 if not given.

    References
    ----------
    Cirac et al., PRA 59, 4249 (1999); Eisert et al., PRA 62, 052317 (2000); Main et al., Nature 638, 383 (2025).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> ghz = [Gate("h", 0), Gate("cnot", (0, 1)), Gate("cnot", (1, 2))]
    >>> result = run_distributed(ghz, ["left", "left", "right"], werner_state(fidelity=0.94))
    >>> result.fidelity.round(12).item(), dict(result.pairs)
    (0.94, {('left', 'right'): 1})
    """
    gates, homes = placed(circuit, assignment, share_copies)
    hardware = require_nodes(nodes, homes)
    pairs = supplied(gates, homes, resource)
    start = ket("0" * len(homes)) if state is None else _require_input(state, len(homes))
    found = Register(start.broadcast_to(start.batch_shape), tuple(hardware[home] for home in homes))
    for gate, own in zip(gates, pairs, strict=True):
        found = _after_pairs(found, gate, homes, pair_wait_s)
        found = _run(found, gate, own, hardware, _slowest(gate, homes, latency_s, "latency_s"))
    used = Counter(named_link(link, homes) for gate in gates for link in gate.plan.links)
    return DistributedResult(found.state, _closeness(found.state, _without_noise(start, gates)), dict(used))


def _run(
    register: Register, gate: Placed, pairs: list[DensityMatrix], nodes: Mapping[Hashable, ProcessorNode],
    latency_s: checks.Floats,
) -> Register:  # fmt: skip
    """Return the register after a gate, whose pairs are there."""
    if gate.use is not None:
        return _run_by_copy(register, gate, gate.use, pairs, nodes[gate.plan.hub], latency_s)
    for step in gate_steps(gate.unitary, gate.plan, pairs, nodes, latency_s, gate.tolerance):
        on, away = (tuple(gate.on[k] for k in places) for places in (step.on, step.away))
        register = done(register, step._replace(on=on, away=away), latency_s)
    return register


def _run_by_copy(
    register: Register, gate: Placed, use: Use, pairs: list[DensityMatrix], hub: ProcessorNode, latency_s: checks.Floats
) -> Register:
    """Return the register after a gate that shares its copy of the control with others."""
    if use.opens:
        register = opened(register, use.copy, pairs[0], hub, latency_s)
    register = gate_by_copy(register, use.copy, gate.unitary, gate.on, hub)
    return closed(register, use.copy, hub, latency_s) if use.closes else register


def _after_pairs(
    register: Register, gate: Placed, homes: list[Hashable], pair_wait_s: ArrayLike | Mapping[Link, ArrayLike]
) -> Register:
    """Return the register after all its qubits waited for the pairs of a gate, one after another."""
    everyone = [1] * len(register.nodes)
    for link in gate.plan.links:
        register = waited(register, everyone, _of_link(pair_wait_s, link, homes, "pair_wait_s"))
    return register


def _require_input(state: DensityMatrix, count: int) -> DensityMatrix:
    if require_state(state, "state").dims != (2,) * count:
        raise DimensionError(f"Parameter `state` must be a state of {count} qubits, but has dims {state.dims}.")
    return state


def _slowest(
    gate: Placed, homes: list[Hashable], times_s: ArrayLike | Mapping[Link, ArrayLike], name: str
) -> checks.Floats:
    """Return how long the slowest message of a gate takes."""
    if not isinstance(times_s, Mapping):
        return checks.real(times_s, name, low=0.0)
    links = gate.plan.links if gate.use is None else [(homes[gate.use.copy.control], gate.use.copy.hub)]
    return reduce(np.maximum, [_of_link(times_s, link, homes, name) for link in links], np.asarray(0.0))


def _of_link(
    times_s: ArrayLike | Mapping[Link, ArrayLike], link: Link, homes: list[Hashable], name: str
) -> checks.Floats:
    """Return the time of one link."""
    if not isinstance(times_s, Mapping):
        return checks.real(times_s, name, low=0.0)
    named = named_link(link, homes)
    given = times_s.get(named, times_s.get((named[1], named[0])))
    if given is None:
        raise ParameterError(f"Parameter `{name}` must hold the link {named!r}, but does not.")
    return checks.real(given, name, low=0.0)


def _without_noise(start: DensityMatrix, gates: list[Placed]) -> DensityMatrix:
    ideal = start.broadcast_to(start.batch_shape)
    for gate in gates:
        where = gate.on[0] if len(gate.on) == 1 else gate.on
        ideal.apply(Channel.from_unitary(gate.unitary), where, out=ideal)
    return ideal


def _closeness(found: DensityMatrix, ideal: DensityMatrix) -> checks.Floats:
    """Return the fidelity with the ideal output: where that is pure an overlap."""
    if (_overlap(ideal, ideal) > 1 - checks.ATOL).all():
        return checks.plain(_overlap(found, ideal))
    return fidelity(found, ideal)


def _overlap(a: DensityMatrix, b: DensityMatrix) -> checks.Floats:
    """Return ``Tr(a b)``."""
    batch = checks.broadcast(state=a.batch_shape, ideal=b.batch_shape)
    shaped = (s._stack.reshape(-1, *(1,) * (len(batch) - len(s.batch_shape)), *s.batch_shape) for s in (a, b))
    return np.asarray(np.einsum("k...,k...->...", *shaped) / 2 ** len(a.dims))
