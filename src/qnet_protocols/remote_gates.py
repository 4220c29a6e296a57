"""Gates between qubits on different nodes, each by one pair and two bits."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .processors import ProcessorNode, processors
from .resources import Resource, received, require_resources
from .steps import Step, composed
from .unitaries import controlled_form, num_qubits, off_blocks, require_gate

__all__ = ["remote_gate"]

Index = tuple[int, ...]
_I, _X = 0, 1
# Behind CNOT(control -> half), a Pauli on the control times Z**a on the half was, before it: (Pauli on the control,
# Pauli on the half, sign). The rows are a = 0 and 1, the columns I, X, Y, Z on the control.
COPIED_PAULIS = (
    ((0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 0, 1)),
    ((3, 3, 1), (2, 2, -1), (1, 2, 1), (0, 3, 1)),
)


class _Term(NamedTuple):
    """One product in an entry of the transfer matrix."""

    entry: tuple[int, int]
    weight: float
    out: Index  # Paulis on the controls afterwards
    target: int  # Pauli string on the targets afterwards
    halves: tuple[Index, ...]  # indices into the Bloch tensor of each pair


def remote_gate(
    gate: str | ArrayLike, resource: Resource, *,
    gate_mixing: Any = 0.0, readout_error: Any = 0.0,
    memory: Memory | tuple[Memory | None, ...] | None = None, latency_s: ArrayLike = 0.0,
) -> Channel:  # fmt: skip
    """Return a two-qubit gate between two nodes that share one pair: gate teleportation, by one ebit and two bits.

    The control is copied onto the pair (CNOT, a Z readout, X on the other half), the other node does the gate with the
    copy, measures it in X, and the control is corrected by Z. A pair's errors X, Z and Y become errors on target,
    control and both: for CNOT and CZ the process fidelity is that of the pair with phi+, whatever the pair.

    Parameters
    ----------
    gate : "cnot", "cz", or unitary of shape (4, 4) or (2**n, 2**n)
        Qubit 0 is at the first node. Any two-qubit gate of operator Schmidt rank 2, as all controlled ones; or
        any ``|0><0| x V0 + |1><1| x V1`` with several targets at the second node. For others see ``compiled_gate``.
    resource : DensityMatrix
        The pair near phi+, first half at the control's node. Of a sequence the first is taken.
    gate_mixing, readout_error : array_like, or tuple (control's node, target's node)
        Noise of the local gate at each node (all its qubits are replaced with that probability), and of each readout.
    memory, latency_s : optional
        The second half waits there for the first bit. What data qubits suffer meanwhile is not in the map.

    References
    ----------
    Gottesman and Chuang, Nature 402, 390 (1999); Eisert et al., PRA 62, 052317 (2000).

    Examples
    --------
    >>> from qnet_core import average_gate_fidelity, werner_state
    >>> cz = remote_gate("cz", werner_state(fidelity=0.9689))
    >>> average_gate_fidelity(cz, np.diag([1, 1, 1, -1])).round(9).item()
    0.97512
    """
    unitary = require_gate(gate)
    nodes = processors(2, gate_mixing, readout_error, memory)
    pair = require_resources(resource, 1)[0]
    steps = controlled_steps(unitary, pair, nodes, latency_s, 10 * checks.tolerance(gate))
    return steps[0].channel if len(steps) == 1 else composed(steps, num_qubits(unitary))


def controlled_steps(
    unitary: checks.Complexes, pair: DensityMatrix, nodes: Sequence[ProcessorNode], latency_s: ArrayLike, tolerance: float
) -> list[Step]:  # fmt: skip
    """Return a gate whose first qubit is at the first node as rotations of that qubit around a controlled gate."""
    count = num_qubits(unitary)
    if count < 2:
        raise DimensionError("Parameter `gate` must act on at least two qubits, but acts on one.")
    everywhere = tuple(range(count))
    if count > 2 and off_blocks(unitary) > tolerance:
        raise ParameterError("Parameter `gate` must be controlled by its first qubit, but mixes its states 0 and 1.")
    waited = received(pair, nodes[1].memory, latency_s)
    if off_blocks(unitary) <= tolerance:
        return [Step(copied_gate(unitary, [waited], nodes[:1], nodes[1]), everywhere, "copy", (0,))]
    form = controlled_form(unitary, tolerance)
    if form is None:
        raise ParameterError(
            "Parameter `gate` must have the operator Schmidt rank 2 to be done by one pair; see `compiled_gate`."
        )
    middle = copied_gate(form.blocks, [waited], nodes[:1], nodes[1])
    return [
        Step(Channel.from_unitary(form.before), (0,)),
        Step(middle, everywhere, "copy", (0,)),
        Step(Channel.from_unitary(form.after), (0,)),
    ]


def copied_gate(
    unitary: checks.Complexes, pairs: Sequence[DensityMatrix], controls: Sequence[ProcessorNode], hub: ProcessorNode
) -> Channel:
    """Return a gate on controls that are copied to the hub, one pair each, and on targets that are there.

    The first ``len(pairs)`` qubits of the gate control it in the Z basis, each from a node of ``controls``.
    """
    terms = list(_terms(unitary, len(pairs)))
    noise = _Noise(pairs, controls, hub)
    checks.capacity(len(terms) * int(np.prod(noise.batch)), "The transfer matrices of the gate")
    entries: dict[tuple[int, int], Any] = {}
    for term in terms:
        entries[term.entry] = entries.get(term.entry, 0.0) + noise.value(term)
    entries[0, 0] = np.where(np.isnan(entries[0, 0]), np.nan, 1.0)  # so that the trace is kept bit for bit
    return Channel._from_entries(entries, noise.batch, (2,) * num_qubits(unitary))


def _terms(unitary: checks.Complexes, count: int) -> Iterator[_Term]:
    """Follow every Pauli string on controls and targets back through the protocol.

    The X readout of a copy leaves X**b on it where the string has X or Y on the control, for the correction Z. Through
    the gate this becomes a Pauli on the copies and targets; Y and Z on a copy feel the correction X, which calls
    for Z**a on the half that was measured with the control.
    """
    transfer = Channel.from_unitary(unitary).transfer
    targets = len(transfer) // 4**count
    strings = list(product(range(4), repeat=count))
    for (at, out), target in product(enumerate(strings), range(targets)):
        seen = tuple(_X if pauli in (1, 2) else _I for pauli in out)
        row = transfer[_number(seen) * targets + target]
        for column in np.flatnonzero(np.abs(row) > 1e-15):
            copies = strings[column // targets]
            origins = [COPIED_PAULIS[j >> 1][pauli] for j, pauli in zip(copies, out, strict=True)]
            source = _number([origin[0] for origin in origins]) * targets + int(column % targets)
            sign = int(np.prod([origin[2] for origin in origins]))
            halves = tuple((origin[1], j) for origin, j in zip(origins, copies, strict=True))
            yield _Term((at * targets + target, source), sign * float(row[column]), out, target, halves)


def _number(digits: Sequence[int]) -> int:
    total = 0
    for digit in digits:
        total = 4 * total + digit
    return total


class _Noise:
    """The numbers that hardware puts into each term."""

    def __init__(self, pairs: Sequence[DensityMatrix], controls: Sequence[ProcessorNode], hub: ProcessorNode) -> None:
        shapes = {f"resource[{k}]": pair.batch_shape for k, pair in enumerate(pairs)}
        fields = [(1 - np.asarray(n.gate_mixing), 1 - 2 * np.asarray(n.readout_error)) for n in (*controls, hub)]
        for k, (kept, read) in enumerate(fields):
            shapes |= {f"gate_mixing[{k}]": kept.shape, f"readout_error[{k}]": read.shape}
        self.batch = checks.broadcast(**shapes)
        self.tensors = [pair._stack.reshape(4, 4, *pair.batch_shape) for pair in pairs]
        self.copying, (self.kept, self.read) = fields[:-1], fields[-1]

    def value(self, term: _Term) -> Any:
        """Return the weight of a term times the pairs' expectations and what noise leaves of it."""
        flips = sum(pauli in (1, 2) for pauli in term.out)
        value = term.weight if flips == term.target == 0 else term.weight * self.kept * self.read**flips
        for pauli, (i, j), tensor, (kept, read) in zip(term.out, term.halves, self.tensors, self.copying, strict=True):
            value = value * tensor[i, j]
            if j >> 1:
                value = value * kept * read
            elif pauli:
                value = value * kept
        return value
