"""The qubits of several nodes, and the copies that there are meanwhile, as one state that gates and waits act on."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks

from .processors import ProcessorNode
from .resources import received
from .shared_copies import Copy, by_copy, copied, erased
from .steps import Step

__all__: list[str] = []


class Register(NamedTuple):
    """A state, the node of each of its qubits, and the copies, which come after all others."""

    state: DensityMatrix
    nodes: tuple[ProcessorNode, ...]
    copies: tuple[Copy, ...] = ()

    def place(self, copy: Copy) -> int:
        """Return which qubit of the state a copy is."""
        return len(self.nodes) - len(self.copies) + self.copies.index(copy)


def done(register: Register, step: Step, latency_s: checks.Floats) -> Register:
    """Return the register after a step and the waits before and after it."""
    others = [int(k not in step.away) for k in range(len(register.nodes))]
    if step.kind == "copy":
        register = waited(register, others, latency_s)
    register = applied(register, step.channel, step.on)
    if step.kind == "copy":
        return waited(register, [2 - other for other in others], latency_s)
    return waited(register, others, latency_s) if step.kind == "move" else register


def applied(register: Register, channel: Channel, on: tuple[int, ...]) -> Register:
    """Apply in place, or to more points than there were."""
    state = register.state
    batch = checks.broadcast(state=state.batch_shape, resource=channel.batch_shape)
    where = on[0] if len(on) == 1 else on
    return register._replace(
        state=state.apply(channel, where, out=state if batch == state.batch_shape else None)
    )  # fmt: skip


def waited(register: Register, times: Sequence[int], duration_s: checks.Floats) -> Register:
    """Return the register after each qubit waited so many times in the memory of its node."""
    if not duration_s.any():
        return register
    decays = [
        node.memory.decay(duration_s=count * duration_s) if count and node.memory is not None else None
        for count, node in zip(times, register.nodes, strict=True)
    ]
    state = register.state
    shapes = {f"memory[{k}]": decay.batch_shape for k, decay in enumerate(decays) if decay is not None}
    fits = checks.broadcast(state=state.batch_shape, **shapes) == state.batch_shape
    return register._replace(state=state.apply_each(decays, out=state if fits else None))


def opened(
    register: Register, copy: Copy, pair: DensityMatrix, hub: ProcessorNode, latency_s: checks.Floats
) -> Register:
    """Return the register with one qubit more, the copy, after the message that it takes."""
    own = copied(received(pair, hub.memory, latency_s), register.nodes[copy.control], copy.axis)
    count = len(register.nodes)
    checks.capacity(
        3 * 4 ** (count + 1) * math.prod(register.state.batch_shape), "The state with its copies of controls"
    )
    before = waited(register, [int(k != copy.control) for k in range(count)], latency_s)
    state = before.state.apply(own, copy.control)  # the copy stands behind its control
    order = [k + (k > copy.control) for k in range(count)]
    larger = Register(state.permute([*order, copy.control + 1]), (*before.nodes, hub), (*before.copies, copy))
    return waited(larger, [int(k == copy.control) for k in range(count + 1)], latency_s)


def gate_by_copy(
    register: Register, copy: Copy, unitary: checks.Complexes, on: tuple[int, ...], hub: ProcessorNode
) -> Register:
    """Return the register after a gate in which the copy stands for the control."""
    place = on.index(copy.control)
    others = tuple(qubit for qubit in on if qubit != copy.control)
    return applied(register, hub.gate(by_copy(unitary, place, copy.axis)), (register.place(copy), *others))


def closed(register: Register, copy: Copy, hub: ProcessorNode, latency_s: checks.Floats) -> Register:
    """Return the register without the copy, after the message that corrects its control."""
    at = register.place(copy)
    count = len(register.nodes)
    left = waited(register, [int(k != at) for k in range(count)], latency_s)
    moved = [k for k in range(count) if k != at]
    moved.insert(copy.control + 1, at)
    state = left.state.permute(moved).apply(erased(hub, copy.axis), (copy.control, copy.control + 1))
    nodes = tuple(node for k, node in enumerate(left.nodes) if k != at)
    return Register(state, nodes, tuple(other for other in left.copies if other != copy))
