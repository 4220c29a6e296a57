"""Teleportation and gates by pairs as circuits of dense matrices: Kraus operators on the whole register, gate by gate.

Shares nothing with the package. A register is (rho, number of qubits); every function returns the next one.
"""

from itertools import product

import numpy as np
from oracles import PAULI, apply_kraus

CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
HADAMARD = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
BRAS = np.eye(2)[:, None, :]
BITS = ((0, 0), (1, 0), (0, 1), (1, 1))  # of the Bell measurement, for phi+, phi-, psi+, psi-


def qubits(rho):
    return int(np.log2(len(rho)) + 0.5)


def apply(rho, kraus, on, outputs=None):
    """Apply Kraus operators to some qubits, which may become fewer."""
    dims_out = None if outputs is None else [2] * outputs
    return apply_kraus(kraus, rho, [2] * qubits(rho), on, dims_out)[0]


def replaced(rho, mixing, on):
    """Replace qubits by the maximally mixed state with a probability: each by a mean over the Pauli matrices."""
    mixed = rho
    for qubit in on:
        mixed = apply(mixed, [PAULI[letter] / 2 for letter in "IXYZ"], (qubit,))
    return (1 - mixing) * rho + mixing * mixed


def gate(rho, unitary, on, mixing=0.0):
    return replaced(apply(rho, [unitary], on), mixing, on)


def relaxation(wait_s, t1_s, t2_s):
    """Kraus operators of T1 and T2."""
    kept, coherence = np.exp(-wait_s / t1_s), np.exp(-wait_s / t2_s)
    damp = [np.diag([1, np.sqrt(kept)]), np.array([[0, np.sqrt(1 - kept)], [0, 0]])]
    flip = (1 - coherence / np.sqrt(kept)) / 2
    return [b @ a for a in damp for b in (np.sqrt(1 - flip) * np.eye(2), np.sqrt(flip) * PAULI["Z"])]


def read_and_turn(rho, measured, corrected, pauli, error):
    """Read a qubit, with flips, and apply a Pauli to another one where 1 was read; the measured one is gone."""
    kraus = []
    for true, said in product((0, 1), repeat=2):
        weight = np.sqrt(error if true != said else 1 - error)
        kraus.append(weight * np.kron(BRAS[0].T @ BRAS[true], PAULI[pauli] if said else np.eye(2)))
    return apply(apply(rho, kraus, (measured, corrected)), [BRAS[0]], (measured,), 0)


def reorder(rho, order):
    """Put qubit ``order[k]`` in place k."""
    n = qubits(rho)
    split = rho.reshape((2,) * 2 * n)
    return split.transpose(*order, *(n + k for k in order)).reshape(rho.shape)


def teleported_branches(rho, on, pair, mixing=0.0, error=0.0, wait=None):
    """Return the unnormalized corrected state for each announced outcome, the receiver's qubit in the place of the input."""
    n = qubits(rho)
    start = gate(np.kron(rho, pair), CNOT, (on, n), mixing)
    start = apply(start, [HADAMARD], (on,))
    if wait is not None:
        start = apply(start, wait, (n + 1,))
    branches = []
    for bits in BITS:
        after = 0
        for true in product((0, 1), repeat=2):
            weight = np.prod([error if t != b else 1 - error for t, b in zip(true, bits, strict=True)])
            bra = np.kron(BRAS[true[0]], BRAS[true[1]])
            after = after + weight * apply(start, [bra], (on, n), 0)
        turned = np.linalg.matrix_power(PAULI["Z"], bits[0]) @ np.linalg.matrix_power(PAULI["X"], bits[1])
        after = apply(after, [turned], (n - 1,))
        order = [k for k in range(n - 1)]
        order.insert(on, n - 1)
        branches.append(reorder(after, order))
    return branches


def teleported(rho, on, pair, mixing=0.0, error=0.0, wait=None):
    return sum(teleported_branches(rho, on, pair, mixing, error, wait))


def copied_gate(rho, unitary, on, pairs, mixings, errors, wait=None):
    """Do a gate on qubits ``on``, the first of which are copied to where the others are by one pair each.

    ``mixings`` and ``errors`` have a number for the node of each copied qubit, and one for where the gate is done.
    """
    copies = []
    for k, pair in enumerate(pairs):
        n = qubits(rho)
        rho = gate(np.kron(rho, pair), CNOT, (on[k], n), mixings[k])
        if wait is not None:
            rho = apply(rho, wait, (n + 1,))
        rho = read_and_turn(rho, n, n + 1, "X", errors[k])
        copies.append(n)
    rho = gate(rho, unitary, (*copies, *on[len(pairs) :]), mixings[-1])
    for k in reversed(range(len(pairs))):
        rho = apply(rho, [HADAMARD], (copies[k],))
        rho = read_and_turn(rho, copies[k], on[k], "Z", errors[-1])
    return rho


def controlled(*blocks):
    """Return the gate that does the k-th unitary where the controls hold the number k."""
    size = len(blocks[0])
    whole = np.zeros((size * len(blocks),) * 2, complex)
    for k, block in enumerate(blocks):
        whole[k * size : (k + 1) * size, k * size : (k + 1) * size] = block
    return whole
