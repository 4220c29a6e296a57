"""Circuits by name as products of dense matrices on one computer, and random ones."""

import numpy as np
import oracles
import teleportation_oracle as circuits
from teleportation_oracle import CNOT, HADAMARD

from qnet_protocols import Gate

MATRICES = {
    "h": HADAMARD, "x": oracles.PAULI["X"], "y": oracles.PAULI["Y"], "z": oracles.PAULI["Z"], "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]), "t": np.diag([1, np.exp(0.25j * np.pi)]), "tdg": np.diag([1, np.exp(-0.25j * np.pi)]),
    "cnot": CNOT, "cz": np.diag([1, 1, 1, -1]), "swap": np.eye(4)[[0, 2, 1, 3]],
    "iswap": np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]),
    "toffoli": np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]], "ccz": np.diag([1, 1, 1, 1, 1, 1, 1, -1]),
}  # fmt: skip


def matrix_of(gate):
    return MATRICES[gate] if isinstance(gate, str) else gate


def dense(circuit, rho):
    """Run the circuit on one computer."""
    for gate, on in circuit:
        rho = circuits.gate(rho, matrix_of(gate), np.atleast_1d(on).tolist())
    return rho


def random_circuit(rng, count, length):
    """Return gates by name, and some unitaries, on random qubits."""
    found = []
    for _ in range(length):
        name = rng.choice([*MATRICES, "unitary", "controlled"])
        width = rng.integers(1, 4) if name in ("unitary", "controlled") else int(np.log2(len(MATRICES[name])))
        gate = str(name) if name in MATRICES else oracles.random_unitary(rng, 2**width)
        if name == "controlled" and width > 1:
            gate = circuits.controlled(*(oracles.random_unitary(rng, 2 ** (width - 1)) for _ in range(2)))
        found.append(Gate(gate, tuple(int(k) for k in rng.permutation(count)[:width])))
    return found
