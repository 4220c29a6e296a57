"""A distributed circuit with the noise of its parts: what it gives, and how good the gates between its nodes are."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from qnet_channels import Memory, depolarizing_strength
from qnet_core import DensityMatrix, bell_diagonal_state, bell_state, tensor
from qnet_core import _checks as checks
from qnet_protocols import DistributedResult, Gate, ProcessorNode, run_distributed

from .pair_errors import error_weights

__all__ = ["PARTS", "Circuit", "gate_fidelities", "ideal_outcomes", "outcomes", "run", "switched"]

Floats = checks.Floats
Values = Mapping[str, Any]
# what can be switched off, and the values that make it perfect
PARTS: Mapping[str, Mapping[str, float]] = {
    "pairs": {"pair.fidelity": 1.0},
    "two-qubit gates": {"nodes.two_qubit_gate_fidelity": 1.0},
    "one-qubit gates": {"nodes.one_qubit_gate_fidelity": 1.0},
    "readout": {"nodes.readout_error": 0.0},
    "memory": {"nodes.t1_s": np.inf, "nodes.t2_s": np.inf},
}


class Circuit(NamedTuple):
    """Gates by name, the node of each qubit, the qubits that a node has room for, and whether gates share copies of controls."""

    gates: tuple[Gate, ...]
    assignment: tuple[str, ...]
    num_qubits: int | None
    share_copies: bool


def switched(values: Values) -> dict[str, Any]:
    """Return the values with an axis: all noise, then all but one part after another, of which each value is perfect."""
    found = dict(values)
    for k, perfect in enumerate(PARTS.values()):
        for key, value in perfect.items():
            column = np.broadcast_to(np.asarray(found[key], float), len(PARTS) + 1).copy()
            column[k + 1] = value
            found[key] = column
    return found


def _node(values: Values, num_qubits: int | None) -> ProcessorNode:
    two, one = (
        depolarizing_strength(
            average_gate_fidelity=values[f"nodes.{name}_qubit_gate_fidelity"], num_qubits=count
        ).mixing
        for count, name in ((2, "two"), (1, "one"))
    )
    memory = Memory(values["nodes.t1_s"], values["nodes.t2_s"], decay_exponent=values["nodes.decay_exponent"])
    return ProcessorNode(
        num_qubits=num_qubits, gate_mixing=two, one_qubit_mixing=one, readout_error=values["nodes.readout_error"],
        memory=memory,
    )  # fmt: skip


def _pair(values: Values) -> DensityMatrix:
    return bell_diagonal_state(error_weights(values["pair.fidelity"], values["pair.phase_error_share"]))


def run(values: Values, circuit: Circuit) -> DistributedResult:
    """Return the output of the circuit with all noise; values broadcast."""
    return run_distributed(
        circuit.gates, circuit.assignment, _pair(values), nodes=_node(values, circuit.num_qubits),
        latency_s=values["message.latency_s"], pair_wait_s=values["pair.wait_s"], share_copies=circuit.share_copies,
    )  # fmt: skip


def outcomes(state: DensityMatrix, readout_error: Any) -> Floats:
    """Return the probability of each string of bits when all qubits are read, shape (..., 2**n), first qubit first."""
    n, batch = state.num_subsystems, state.batch_shape
    kept = 1 - 2 * np.asarray(readout_error, float)
    shape = np.broadcast_shapes(batch, kept.shape)
    signs: tuple[Any, ...] = (..., *[slice(None, None, 3)] * n)  # I and Z of each qubit
    found = state.bloch[signs]
    for k in range(n):
        sums = np.moveaxis(found, len(found.shape) - n + k, 0)
        signal = kept.reshape(*kept.shape, *(1,) * (n - 1)) * sums[1]
        found = np.moveaxis(np.stack(np.broadcast_arrays(sums[0] + signal, sums[0] - signal)), 0, -n + k) / 2
    flat = found.reshape(*found.shape[: found.ndim - n], 2**n)
    return np.broadcast_to(np.clip(flat, 0.0, 1.0), (*shape, 2**n))  # round-off only


def ideal_outcomes(circuit: Circuit) -> Floats:
    """Return the same of the circuit on one computer without noise."""
    alone = ["computer"] * len(circuit.assignment)
    return outcomes(run_distributed(circuit.gates, alone, bell_state()).state, 0.0)


def gate_fidelities(values: Values, circuit: Circuit) -> dict[str, Floats]:
    """Return the average fidelity of each gate of the circuit that qubits of several nodes take part in, waits included.

    Each qubit has a partner at a node without noise, to which it is maximally entangled; the fidelity of the
    output is that of the process.
    """
    found: dict[str, Floats] = {}
    for gate, on in circuit.gates:
        qubits = [on] if isinstance(on, int) else list(on)
        homes = [circuit.assignment[q] for q in qubits]
        name = f"{gate!s} {'-'.join(homes)}"
        if len(set(homes)) > 1 and name not in found:
            found[name] = _average_fidelity(values, gate, homes)
    return found


def _average_fidelity(values: Values, gate: Any, homes: Sequence[str]) -> Floats:
    count, node = len(homes), _node(values, None)
    order = (*range(0, 2 * count, 2), *range(1, 2 * count, 2))
    nodes: dict[Hashable, ProcessorNode] = {**dict.fromkeys(homes, node), ("partner",): ProcessorNode()}
    result = run_distributed(
        [Gate(gate, tuple(range(count)))], [*homes, *[("partner",)] * count], _pair(values), nodes=nodes,
        latency_s=values["message.latency_s"], pair_wait_s=values["pair.wait_s"],
        state=tensor(*[bell_state()] * count).permute(order),
    )  # fmt: skip
    return np.asarray((2**count * result.fidelity + 1) / (2**count + 1))
