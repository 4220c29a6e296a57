"""Waiting-time averages of a repeater chain, the slow way: dense matrices, Kraus maps, explicit sums.

All links start together, each is attempted once per cycle until it succeeds, finished pairs decay on
both sides, and when the last one is there all stations swap at once. Nothing of the package is imported.
"""

from __future__ import annotations

from itertools import product

import numpy as np

IDENTITY = np.eye(2)
PAULI_X = np.array([[0, 1], [1, 0]])
PAULI_Y = np.array([[0, -1j], [1j, 0]])
PAULI_Z = np.array([[1, 0], [0, -1]])
PAULIS = [IDENTITY, PAULI_X, PAULI_Y, PAULI_Z]
HADAMARD = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
# measured bits (first, second) of CNOT, H on the first, in the order phi+, phi-, psi+, psi-
OUTCOMES = [(0, 0), (1, 0), (0, 1), (1, 1)]


def relaxation_kraus(wait_s, t1_s, t2_s, excited_population=0.0):
    """Kraus operators of relaxation to ``excited_population`` followed by the rest of the dephasing."""
    damping = -np.expm1(-wait_s / t1_s)
    coherence = np.exp(-wait_s / t2_s)
    keep = np.sqrt(1 - damping)
    lower = np.array([[0, np.sqrt(damping)], [0, 0]])
    relax = [np.sqrt(1 - excited_population) * np.diag([1, keep]), np.sqrt(1 - excited_population) * lower]
    relax += [np.sqrt(excited_population) * np.diag([keep, 1]), np.sqrt(excited_population) * lower.T]
    flip = max(0.0, (1 - coherence / keep) / 2)
    dephase = [np.sqrt(1 - flip) * IDENTITY, np.sqrt(flip) * PAULI_Z]
    return [second @ first for first, second in product(relax, dephase)]


def both_decayed(rho, kraus):
    """The pair after the same map has acted on both of its qubits."""
    pairs = [np.kron(left, right) for left, right in product(kraus, repeat=2)]
    return sum(k @ rho @ k.conj().T for k in pairs)


def on_four_qubits(operator, first):
    """An operator on neighbouring qubits of A, B1, B2, C, starting with number ``first``."""
    rest = 16 // (2**first * len(operator))
    return np.kron(np.kron(np.eye(2**first), operator), np.eye(rest))


GATE_ERRORS = [on_four_qubits(np.kron(first, second), 1) for first, second in product(PAULIS, repeat=2)]


def swap_branch(left, right, bits, gate_mixing=0.0, readout_error=0.0):
    """Unnormalized end-to-end state after the Bell measurement said ``bits`` and C was corrected."""
    rho = np.einsum("...ab,...cd->...acbd", left, right).reshape(*left.shape[:-2], 16, 16)
    gate = on_four_qubits(CNOT, 1)
    rho = gate @ rho @ gate.T
    mixed = sum(error @ rho @ error.conj().T for error in GATE_ERRORS) / 16
    rho = (1 - gate_mixing) * rho + gate_mixing * mixed
    hadamard = on_four_qubits(HADAMARD, 1)
    rho = hadamard @ rho @ hadamard
    said = [np.diag([1 - readout_error, readout_error])[:: (-1) ** bit, :: (-1) ** bit] for bit in bits]
    rho = on_four_qubits(np.kron(*said), 1) @ rho
    ends = np.einsum("...aijbcijd->...abcd", rho.reshape(*rho.shape[:-2], *[2] * 8))
    ends = ends.reshape(*left.shape[:-2], 4, 4)
    correction = np.linalg.matrix_power(PAULI_Z, bits[0]) @ np.linalg.matrix_power(PAULI_X, bits[1])
    both = np.kron(IDENTITY, correction)
    return both @ ends @ both.T


def swapped(left, right, gate_mixing=0.0, readout_error=0.0):
    """End-to-end state when the four outcomes are corrected and then forgotten."""
    return sum(swap_branch(left, right, bits, gate_mixing, readout_error) for bits in OUTCOMES)


def swap_tensor(gate_mixing=0.0, readout_error=0.0):
    """``swapped`` as an array: entry [i, j, k, l] is what becomes of |i><j| and |k><l|."""
    units = np.eye(16).reshape(4, 4, 1, 1, 4, 4)
    left = np.broadcast_to(units, (4, 4, 4, 4, 4, 4))
    return swapped(left, left.transpose(2, 3, 0, 1, 4, 5), gate_mixing, readout_error)


def by_enumeration(link, success, num_links, cycle_s, memory, station=(0.0, 0.0), tail=1e-16):
    """Average over every ``(T_1, ..., T_N)`` whose success times lie before a tail below ``tail``.

    ``memory`` is ``(t1_s, t2_s, excited_population)``. Returns the state and the mean cycles until the last.
    """
    longest = int(np.ceil(np.log(tail) / np.log1p(-success)))
    times = np.array(list(product(range(1, longest + 1), repeat=num_links)))
    weights = np.prod(success * (1 - success) ** (times - 1.0), axis=1)
    last = times.max(axis=1)
    occurs = np.zeros((longest,) * num_links)
    np.add.at(occurs, tuple((last[:, None] - times).T), weights)
    waited = np.array([both_decayed(link, relaxation_kraus(n * cycle_s, *memory)) for n in range(longest)])
    tensor = swap_tensor(*station)
    add_link = np.einsum("ijklab,zkl->zijab", tensor, waited)
    ends = waited
    for _ in range(num_links - 1):
        ends = np.einsum("...ij,zijab->...zab", ends, add_link)
    return np.tensordot(occurs, ends, axes=num_links), weights @ last


def expectations(rho):
    """4x4 real array of Tr(rho P_i x P_j)."""
    return np.array([[np.trace(rho @ np.kron(a, b)).real for b in PAULIS] for a in PAULIS])


def by_single_sum(link, success, num_links, cycle_s, memory, station=(0.0, 0.0), tail=1e-17):
    """Sum over the moment t of the last success: [all ready by t] - [all ready before t], both at time t.

    Works on Pauli expectation values; a station acts through the outcome-averaged rule, by which the
    second pair's Bell populations are the Pauli errors of the first, times those of the Bell measurement.
    """
    kraus = relaxation_kraus(cycle_s, *memory)
    step = np.array([[sum(np.trace(p @ k @ q @ k.conj().T) for k in kraus).real / 2 for q in PAULIS] for p in PAULIS])
    step[0] = [1, 0, 0, 0]  # the trace, exactly: rounding would add up over many steps
    steps = int(np.ceil(np.log(tail / num_links) / np.log1p(-success)))
    start = expectations(link)
    before = np.zeros((steps, 4, 4))
    ready = np.zeros((steps, 4, 4))
    ready[0] = success * start
    for t in range(1, steps):
        before[t] = step @ ready[t - 1] @ step.T
        ready[t] = before[t] + success * (1 - success) ** t * start
    seen = 1 - 2 * station[1]
    faults = np.array([1, seen, -(seen**2), seen]) * np.array([1, 1 - station[0], 1 - station[0], 1 - station[0]])

    def chain(pairs):
        ends = pairs
        for _ in range(num_links - 1):
            ends = ends * (np.einsum("tii->ti", pairs) * faults)[:, None, :]
        return ends

    return (chain(ready) - chain(before)).sum(axis=0)
