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
from .processors import ProcessorNode
from .resources import require_state
from .steps import Step

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
    latency_s: ArrayLike | Mapping[Link, ArrayLike] = 0.0, state: DensityMatrix | None = None,
) -> DistributedResult:  # fmt: skip
    """Return the output of a circuit whose qubits are on several nodes; gates between nodes become teleported ones.

    Another assignment is all it takes for another distribution of the same circuit. Gates run one after another, and while
    messages travel every data qubit waits in its node's memory: through two of them for a gate by copied controls, through
    one for each qubit that is moved. Pairs are ready when they are wanted. All parameters broadcast.

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
    gates, homes = placed(circuit, assignment)
    hardware = require_nodes(nodes, homes)
    pairs = supplied(gates, homes, resource)
    start = ket("0" * len(homes)) if state is None else _require_input(state, len(homes))
    found = start.broadcast_to(start.batch_shape)
    for gate, own in zip(gates, pairs, strict=True):
        latency = _latency(gate, homes, latency_s)
        steps = gate_steps(gate.unitary, gate.plan, own, hardware, latency, gate.tolerance)
        for step in steps:
            found = _done(found, step._replace(on=tuple(gate.on[k] for k in step.on), away=tuple(gate.on[k] for k in step.away)),
                          [hardware[home] for home in homes], latency)  # fmt: skip
    used = Counter(named_link(link, homes) for gate in gates for link in gate.plan.links)
    return DistributedResult(found, _closeness(found, _without_noise(start, gates)), dict(used))


def _require_input(state: DensityMatrix, count: int) -> DensityMatrix:
    if require_state(state, "state").dims != (2,) * count:
        raise DimensionError(f"Parameter `state` must be a state of {count} qubits, but has dims {state.dims}.")
    return state


def _latency(gate: Placed, homes: list[Hashable], latency_s: ArrayLike | Mapping[Link, ArrayLike]) -> checks.Floats:
    """Return how long the slowest message of a gate takes."""
    if not isinstance(latency_s, Mapping):
        return checks.real(latency_s, "latency_s", low=0.0)
    found = [np.asarray(0.0)]
    for link in gate.plan.links:
        named = named_link(link, homes)
        given = latency_s.get(named, latency_s.get((named[1], named[0])))
        if given is None:
            raise ParameterError(f"Parameter `latency_s` must hold the link {named!r}, but does not.")
        found.append(checks.real(given, "latency_s", low=0.0))
    return reduce(np.maximum, found)


def _done(state: DensityMatrix, step: Step, nodes: list[ProcessorNode], latency_s: checks.Floats) -> DensityMatrix:
    """Return the state after a step and the waits before and after it."""
    everyone = range(len(nodes))
    others = [int(k not in step.away) for k in everyone]
    if step.kind == "copy":
        state = _after_wait(state, others, nodes, latency_s)
    state = _applied(state, step.channel, step.on)
    if step.kind == "copy":
        return _after_wait(state, [2 - other for other in others], nodes, latency_s)
    return _after_wait(state, others, nodes, latency_s) if step.kind == "move" else state


def _after_wait(
    state: DensityMatrix, messages: list[int], nodes: list[ProcessorNode], latency_s: checks.Floats
) -> DensityMatrix:
    """Return the state after each qubit waited for so many messages."""
    if not latency_s.any():
        return state
    decays = [
        node.memory.decay(duration_s=count * latency_s) if count and node.memory is not None else None
        for count, node in zip(messages, nodes, strict=True)
    ]
    shapes = {f"memory[{k}]": decay.batch_shape for k, decay in enumerate(decays) if decay is not None}
    if checks.broadcast(state=state.batch_shape, **shapes) == state.batch_shape:
        return state.apply_each(decays, out=state)
    return state.apply_each(decays)


def _applied(state: DensityMatrix, channel: Channel, on: tuple[int, ...]) -> DensityMatrix:
    """Apply in place, or to more points than there were."""
    batch = checks.broadcast(state=state.batch_shape, resource=channel.batch_shape)
    where = on[0] if len(on) == 1 else on
    return state.apply(channel, where, out=state if batch == state.batch_shape else None)


def _without_noise(start: DensityMatrix, gates: list[Placed]) -> DensityMatrix:
    ideal = start.broadcast_to(start.batch_shape)
    for gate in gates:
        _applied(ideal, Channel.from_unitary(gate.unitary), gate.on)
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
