"""Stations the slow way: dense matrices of four qubits, and photons followed one by one through beam splitters.

Nothing of the package is imported, and no formula of it is used.
"""

from __future__ import annotations

from itertools import product

import fock_oracle
import numpy as np
from oracles import BELL_VECTORS, CNOT, PAULI, apply_kraus, kron, partial_trace

BELL_LABELS = tuple(BELL_VECTORS)
NOTHING = (np.eye(2)[None], np.eye(2)[None])
CORRECTION = dict(zip(BELL_LABELS, ["I", "Z", "X", "Y"], strict=True))  # on the right end, up to a phase


def measured(left, right, effect, correction="I", before_correction=NOTHING):
    """Unnormalized state of A and C after the effect (a 4x4 matrix) on B and B', Kraus maps on A and C, and a Pauli on C."""
    both = kron(left, right).reshape((2,) * 8)  # A B B' C, A B B' C
    ends = np.einsum("abcdefgh,fgbc->adeh", both, effect.reshape((2,) * 4)).reshape(4, 4)
    pauli = kron(PAULI["I"], PAULI[correction])
    operators = [pauli @ kron(k, m) for k in before_correction[0] for m in before_correction[1]]
    return sum(k @ ends @ k.conj().T for k in operators)


def bell_effect(label):
    """The projector on a Bell state."""
    return np.outer(BELL_VECTORS[label], BELL_VECTORS[label].conj())


def linear_optics_effects(*, transmissivity, dark_count_probability=0.0, visibility=1.0, number_resolving=False):
    """The effect of each Bell state that four detectors may announce, from every pattern of two clicks."""
    photons = {
        (arm, rail): fock_oracle.photon(arm, rail, transmissivity[arm], visibility, 0.0)
        for arm, rail in product((0, 1), repeat=2)
    }
    bits = list(product((0, 1), repeat=2))
    light = fock_oracle.light_and_memories([((a, b), 1.0, [photons[0, a], photons[1, b]]) for a, b in bits])
    effects = dict.fromkeys(BELL_LABELS, np.zeros((4, 4)))
    for clicked, label in fock_oracle.DOUBLE_CLICKS:
        seen = fock_oracle.memories_given(light, clicked, dark_count_probability, number_resolving)
        effects[label] = effects[label] + seen.conj()
    return effects


def chain_measured(pairs, labels):
    """Unnormalized state of the ends of a chain after uncorrected Bell outcomes, and one Pauli on the right end for all."""
    ends = pairs[0]
    for pair, label in zip(pairs[1:], labels, strict=True):
        ends = measured(ends, pair, bell_effect(label))
    for label in labels:
        pauli = kron(PAULI["I"], PAULI[CORRECTION[label]])
        ends = pauli @ ends @ pauli.conj().T
    return ends


def fused(left, right, on, gate_mixing, readout_error):
    """Unnormalized corrected states for each reading of the measured qubit, by dense matrices."""
    counts = [int(np.log2(len(rho))) for rho in (left, right)]
    count, kept, measured_qubit = sum(counts), on[0], counts[0] + on[1]
    dims = (2,) * count
    rho, _ = apply_kraus([CNOT], kron(left, right), dims, (kept, measured_qubit))
    paulis = [kron(a, b) / 4 for a, b in product(PAULI.values(), repeat=2)]
    mixed, _ = apply_kraus(paulis, rho, dims, (kept, measured_qubit))
    rho = (1 - gate_mixing) * rho + gate_mixing * mixed
    others = [k for k in range(count) if k != measured_qubit]
    branches = []
    for reading in (0, 1):
        shares = np.array([1 - readout_error, readout_error])[[reading, 1 - reading]]
        seen, _ = apply_kraus([np.diag(np.sqrt(shares))], rho, dims, (measured_qubit,))
        if reading:
            for k in range(counts[0], count):
                seen, _ = apply_kraus([PAULI["X"]], seen, dims, (k,))
        branches.append(partial_trace(seen, dims, others))
    return branches
