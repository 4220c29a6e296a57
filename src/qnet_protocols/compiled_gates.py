"""Gates that take more than one pair: SWAP, iSWAP, Toffoli and whatever else."""

from collections.abc import Hashable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_channels.parameters import choice
from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .gate_plans import Plan, gate_steps, plan_gate
from .processors import ProcessorNode, processors
from .resources import Resource, oriented, require_resources
from .steps import Step, composed
from .unitaries import GATES, Matrix, num_qubits, require_gate

__all__ = ["compiled_gate", "pairs_needed"]

Method = Literal["fewest", "gates"]
_METHODS = ("fewest", "gates")
_Part = tuple[Matrix, tuple[int, int]]  # a gate of one pair, and its qubits


def _half_turn(pauli: str) -> Matrix:
    """Return ``exp(i π/4 P x P)``."""
    both = np.kron(GATES[pauli], GATES[pauli])
    turned: Matrix = (np.eye(4) + 1j * both) / np.sqrt(2)
    return turned


_BY_GATES: dict[str, tuple[_Part, ...]] = {
    "swap": ((GATES["cnot"], (0, 1)), (GATES["cnot"], (1, 0)), (GATES["cnot"], (0, 1))),
    "iswap": ((_half_turn("x"), (0, 1)), (_half_turn("y"), (0, 1))),
}


def pairs_needed(gate: str | ArrayLike, *, method: Method = "fewest") -> int:
    """Return how many pairs ``compiled_gate`` takes for a gate with each qubit on a node of its own.

    >>> [pairs_needed(name) for name in ("cz", "iswap", "swap", "toffoli")], pairs_needed("swap", method="gates")
    ([1, 2, 2, 2], 3)
    """
    unitary, tolerance = _require_gate(gate)
    return sum(len(plan.links) for _, plan, _ in _parts(unitary, tolerance, method))


def compiled_gate(
    gate: str | ArrayLike, resource: Resource, *, method: Method = "fewest",
    gate_mixing: Any = 0.0, readout_error: Any = 0.0,
    memory: Memory | tuple[Memory | None, ...] | None = None, latency_s: ArrayLike = 0.0,
) -> Channel:  # fmt: skip
    """Return any gate between qubits that are each on a node of its own, with as few pairs as are known to do.

    A gate of operator Schmidt rank 2 takes one pair (``remote_gate``), every other two-qubit gate two: SWAP teleports both
    qubits (``F**2``), iSWAP and the rest one of them there and back. Of three qubits and more, those that control
    the gate along an axis are copied to the node of another one, one pair each (Toffoli: two), others moved there and back.
    The fidelity is not the product of the pairs' where their errors cancel or half commute with the gate.

    Parameters
    ----------
    gate : str or array_like
        "cnot", "cz", "swap", "iswap", "toffoli", "ccz", or a unitary of shape (2**n, 2**n).
    resource : DensityMatrix or sequence of DensityMatrix
        One state for all pairs, or the pairs in the order of their use: ways there before ways back. The first half of each is
        at the node of the lower qubit.
    method : {"fewest", "gates"}
        "gates" teleports no states: SWAP as three CNOTs (``F**3 + 3 e**3``, e = (1 - F)/3), iSWAP as two gates.
    gate_mixing, readout_error, memory, latency_s :
        As in ``remote_gate``; a tuple has a value for each qubit's node.

    References
    ----------
    Eisert et al., PRA 62, 052317 (2000); Main et al., Nature 638, 383 (2025).

    Examples
    --------
    >>> from qnet_core import process_fidelity, werner_state
    >>> swap = compiled_gate("swap", werner_state(fidelity=0.97), method="gates")
    >>> process_fidelity(swap, np.eye(4)[[0, 2, 1, 3]]).round(9).item()
    0.912676
    """
    unitary, tolerance = _require_gate(gate)
    parts = _parts(unitary, tolerance, method)
    count = num_qubits(unitary)
    nodes: dict[Hashable, ProcessorNode] = dict(enumerate(processors(count, gate_mixing, readout_error, memory)))
    left = require_resources(resource, sum(len(plan.links) for _, plan, _ in parts), " for this gate")
    steps: list[Step] = []
    for part, plan, on in parts:
        pairs = [oriented(left.pop(0), start > end) for start, end in plan.links]  # type: ignore[operator]
        found = gate_steps(part, plan, pairs, nodes, latency_s, tolerance)
        steps += [step._replace(on=tuple(on[k] for k in step.on)) for step in found]
    return composed(steps, count)


def _require_gate(gate: str | ArrayLike) -> tuple[checks.Complexes, float]:
    unitary = require_gate(gate)
    if num_qubits(unitary) < 2:
        raise DimensionError("Parameter `gate` must act on at least two qubits, but acts on one.")
    return unitary, 10 * checks.tolerance(unitary if isinstance(gate, str) else gate)


def _parts(
    unitary: checks.Complexes, tolerance: float, method: Method
) -> list[tuple[checks.Complexes, Plan, tuple[int, ...]]]:
    """Return the gates to be done one after another, the plan of each, and its qubits."""
    choice(method, "method", _METHODS)
    everywhere = tuple(range(num_qubits(unitary)))
    whole = plan_gate(unitary, everywhere, tolerance)
    if method == "fewest" or not (whole.kind == "exchange" or whole.moved):
        return [(unitary, whole, everywhere)]
    for name, parts in _BY_GATES.items():
        if unitary.shape == (4, 4) and np.abs(unitary - GATES[name]).max() <= tolerance:
            return [(part, plan_gate(part, on, tolerance), on) for part, on in parts]
    raise ParameterError("Parameter `method` must be 'fewest' for a gate that is neither 'swap' nor 'iswap'.")
