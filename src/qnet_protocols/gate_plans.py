"""How a gate on qubits of several nodes is done with the fewest pairs."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks

from .processors import ProcessorNode
from .remote_gates import controlled_steps, copied_gate
from .resources import received
from .steps import Step
from .teleportation import teleportation_channel
from .unitaries import (
    BASES,
    SWAP,
    control_axis,
    controlled_form,
    is_exchange,
    num_qubits,
    on_qubits,
    product_factors,
    reordered,
)

__all__: list[str] = []

Link = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pairs a gate takes, and what for.

    ``controls`` are copied to the hub, one pair each, along their axes; ``moved`` are teleported there and back,
    two pairs each. ``links`` has (from, to) of each pair: controls first, then ways there, then ways back. "shared" is
    done with a copy that serves several gates; the first of them has its link.
    """

    kind: Literal["local", "separate", "controlled", "exchange", "hub", "shared"]
    homes: tuple[Hashable, ...]
    hub: Hashable
    links: tuple[Link, ...] = ()
    controls: Mapping[int, str] | None = None
    moved: tuple[int, ...] = ()


def plan_gate(unitary: checks.Complexes, homes: Sequence[Hashable], tolerance: float) -> Plan:
    """Return the plan of fewest pairs for a gate whose qubits have these homes.

    No local operations and messages can do with less for two qubits: a gate of operator Schmidt rank 2 takes
    one pair, and two take every other gate there and back.
    """
    where = tuple(homes)
    if len(set(where)) == 1:
        return Plan("local", where, where[0])
    if len(where) == 2:
        return _for_two(unitary, where, tolerance)
    hubs = dict.fromkeys(reversed(where))
    return min((_with_hub(unitary, where, hub, tolerance) for hub in hubs), key=lambda plan: len(plan.links))


def _for_two(unitary: checks.Complexes, homes: tuple[Hashable, ...], tolerance: float) -> Plan:
    here, there = homes
    if product_factors(unitary, tolerance) is not None:
        return Plan("separate", homes, there)
    if controlled_form(unitary, tolerance) is not None:
        return Plan("controlled", homes, there, ((here, there),))
    both = ((here, there), (there, here))
    if is_exchange(unitary, tolerance):
        return Plan("exchange", homes, there, both)
    return Plan("hub", homes, there, both, {}, (0,))


def _with_hub(unitary: checks.Complexes, homes: tuple[Hashable, ...], hub: Hashable, tolerance: float) -> Plan:
    axes = {k: control_axis(unitary, k, tolerance) for k, home in enumerate(homes) if home != hub}
    controls = {k: axis for k, axis in axes.items() if axis is not None}
    moved = tuple(k for k in axes if k not in controls)
    ways = [(homes[k], hub) for k in (*controls, *moved)] + [(hub, homes[k]) for k in moved]
    return Plan("hub", homes, hub, tuple(ways), controls, moved)


def gate_steps(
    unitary: checks.Complexes, plan: Plan, pairs: Sequence[DensityMatrix], nodes: Mapping[Hashable, ProcessorNode],
    latency_s: ArrayLike, tolerance: float,
) -> list[Step]:  # fmt: skip
    """Return what is done, given a pair for each of the plan's links, first half where it starts."""
    everywhere = tuple(range(len(plan.homes)))
    if plan.kind == "local":
        return [Step(nodes[plan.hub].gate(unitary), everywhere)]
    if plan.kind == "separate":
        factors = product_factors(unitary, tolerance) or ()
        return [Step(nodes[home].gate(u), (k,)) for k, (home, u) in enumerate(zip(plan.homes, factors, strict=True))]
    ends = [(nodes[link[0]], nodes[link[1]]) for link in plan.links]
    if plan.kind == "controlled":
        return controlled_steps(unitary, pairs[0], ends[0], latency_s, tolerance)
    ways = [_way(pair, *end, latency_s) for pair, end in zip(pairs, ends, strict=True)]
    if plan.kind == "exchange":
        turned = [
            Step(Channel.from_unitary(u), (k,)) for k, u in enumerate(product_factors(SWAP @ unitary, tolerance) or ())
        ]
        return [*turned, Step(ways[0].tensor(ways[1]).then(Channel.from_unitary(SWAP)), (0, 1), "move", (0, 1))]
    return _around_hub(unitary, plan, pairs, ways, nodes, latency_s)


def _way(pair: DensityMatrix, start: ProcessorNode, end: ProcessorNode, latency_s: ArrayLike) -> Channel:
    return teleportation_channel(pair, station=start.station, memory=end.memory, latency_s=latency_s)


def _around_hub(
    unitary: checks.Complexes, plan: Plan, pairs: Sequence[DensityMatrix], ways: Sequence[Channel],
    nodes: Mapping[Hashable, ProcessorNode], latency_s: ArrayLike,
) -> list[Step]:  # fmt: skip
    """Return: move there, copy the controls, do the gate, move back."""
    controls = plan.controls or {}
    first_back = len(controls) + len(plan.moved)
    there = [Step(ways[len(controls) + k], (q,), "move", (q,)) for k, q in enumerate(plan.moved)]
    back = [Step(ways[first_back + k], (q,), "move", (q,)) for k, q in enumerate(plan.moved)]
    if not controls:
        return [*there, Step(nodes[plan.hub].gate(unitary), tuple(range(num_qubits(unitary)))), *back]
    turned = {q: BASES[axis] for q, axis in controls.items() if axis != "z"}
    frame = reduce(np.matmul, [on_qubits(w, q, num_qubits(unitary)) for q, w in turned.items()], np.eye(len(unitary)))
    order = (*controls, *(k for k in range(num_qubits(unitary)) if k not in controls))
    waited = [received(pair, nodes[plan.hub].memory, latency_s) for pair in pairs[: len(controls)]]
    copied = copied_gate(
        reordered(frame.conj().T @ unitary @ frame, order),
        waited,
        [nodes[plan.homes[q]] for q in controls],
        nodes[plan.hub],
    )
    before = [Step(Channel.from_unitary(w.conj().T), (q,)) for q, w in turned.items()]
    after = [Step(Channel.from_unitary(w), (q,)) for q, w in turned.items()]
    return [*there, *before, Step(copied, order, "copy", tuple(controls)), *after, *back]
