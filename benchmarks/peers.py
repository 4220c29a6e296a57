"""The same work in NumPy, Qiskit Aer and QuTiP, written as their users would."""

import itertools

import numpy as np
import qutip
from chain_oracle import swap_tensor
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator
from workloads import GATE_MIXING, MIXING, READOUT_ERROR, T1_S, T2_S

AER = AerSimulator(method="density_matrix", fusion_enable=False, max_parallel_threads=1)
BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / np.sqrt(2)
BELL_BITS = ((0, 0), (1, 0), (0, 1), (1, 1))  # what CNOT and Hadamard turn these into


# Large states


def numpy_map(tensor, superop, on):
    """Map qubits of a dense state of shape (2,) * 2n by a superoperator on column-stacked matrices."""
    n, legs = tensor.ndim // 2, 2 * len(on)
    places = [n + k for k in on] + list(on)
    mapped = np.tensordot(superop.reshape((2,) * 2 * legs), tensor, axes=(range(legs, 2 * legs), places))
    return np.moveaxis(mapped, range(legs), places)


def numpy_real_map(bloch, transfer, on):
    """Map qubits of a real tensor of Pauli expectation values, shape (4,) * n."""
    legs = len(on)
    mapped = np.tensordot(transfer.reshape((4,) * 2 * legs), bloch, axes=(range(legs, 2 * legs), on))
    return np.moveaxis(mapped, range(legs), on)


def aer_circuit(num_qubits, maps, save="parity"):
    """Return a circuit of maps, each given by superoperator and targets; Aer counts qubits from the right.

    Saving the parity of all qubits costs next to nothing, but keeps Aer from leaving out qubits.
    """
    circuit = QuantumCircuit(num_qubits)
    for superop, on in maps:
        circuit.append(Instruction("superop", len(on), 0, [superop]), [num_qubits - 1 - k for k in reversed(on)])
    if save == "state":
        circuit.save_density_matrix()
    else:
        circuit.save_expectation_value(Pauli("Z" * num_qubits), range(num_qubits))
    return circuit


def aer_run(circuit):
    """Return what the circuit saved."""
    (saved,) = AER.run(circuit).result().data().values()
    return saved


def qutip_kraus(kraus, on, num_qubits):
    """Return sparse Kraus operators on one of several qubits."""
    left, right = (qutip.qeye([2] * k) if k else None for k in (on, num_qubits - on - 1))
    full = [[part for part in (left, qutip.Qobj(k), right) if part is not None] for k in kraus]
    return [qutip.tensor(parts).to("csr") for parts in full]


def qutip_map(rho, kraus):
    """Return the sum of ``K rho K^dagger``."""
    return sum(k @ rho @ k.dag() for k in kraus)


# Batches of pairs as dense arrays (points, 2, 2, 2, 2)


def numpy_relaxation(duration_s):
    """Return superoperators (points, 2, 2, 2, 2) of relaxation towards 0."""
    kept, coherence = np.exp(-duration_s / T1_S), np.exp(-duration_s / T2_S)
    maps = np.zeros((len(duration_s), 2, 2, 2, 2), complex)
    maps[:, 0, 0, 0, 0], maps[:, 0, 0, 1, 1], maps[:, 1, 1, 1, 1] = 1, 1 - kept, kept
    maps[:, 0, 1, 0, 1] = maps[:, 1, 0, 1, 0] = coherence
    return maps


def numpy_werner(fidelity):
    """Return Werner pairs."""
    mixing = (4 * fidelity - 1) / 3
    bell = np.outer(BELL[0], BELL[0])
    pairs = mixing[:, None, None] * bell + (1 - mixing)[:, None, None] * np.eye(4) / 4
    return pairs.reshape(-1, 2, 2, 2, 2).astype(complex)


def numpy_relax(pairs, duration_s):
    """Relax the second qubit of each pair for its own time."""
    return np.einsum("nijkl,nakbl->naibj", numpy_relaxation(duration_s), pairs)


def numpy_swapped_fidelity(left_fidelity, right_fidelity, left_wait_s, right_wait_s):
    """Do what ``workloads.swapped_fidelity`` does by batched einsum."""
    depolarizing = (1 - MIXING) * np.einsum("ik,jl->ijkl", np.eye(2), np.eye(2))
    depolarizing = depolarizing + MIXING / 2 * np.einsum("ij,kl->ijkl", np.eye(2), np.eye(2))
    pairs = []
    for initial, wait_s in ((left_fidelity, left_wait_s), (right_fidelity, right_wait_s)):
        maps = numpy_relaxation(wait_s)
        pair = np.einsum("nijkl,nkalb->niajb", maps, numpy_werner(initial))
        pair = np.einsum("nijkl,nakbl->naibj", maps, pair)
        pairs.append(np.einsum("ijkl,nkalb->niajb", depolarizing, pair).reshape(-1, 4, 4))
    ends = np.einsum("nij,nkl,ijklab->nab", *pairs, SWAP, optimize=SWAP_ORDER)
    return np.einsum("a,nab,b->n", BELL[0], ends, BELL[0]).real


SWAP = swap_tensor(GATE_MIXING, READOUT_ERROR)
SWAP_ORDER = ["einsum_path", (0, 2), (0, 1)]


# The same in QuTiP, point by point


def qutip_relaxation(duration_s):
    """Return Kraus operators of amplitude damping and of what dephasing remains."""
    kept, coherence = np.exp(-duration_s / T1_S), np.exp(-duration_s / T2_S)
    flip = (1 - coherence / np.sqrt(kept)) / 2
    relax = [qutip.Qobj(np.diag([1, np.sqrt(kept)])), qutip.Qobj([[0, np.sqrt(1 - kept)], [0, 0]])]
    dephase = [np.sqrt(1 - flip) * qutip.qeye(2), np.sqrt(flip) * qutip.sigmaz()]
    return [second @ first for first, second in itertools.product(relax, dephase)]


def qutip_swapped_fidelity(left_fidelity, right_fidelity, left_wait_s, right_wait_s):
    """Do what ``workloads.swapped_fidelity`` does for one point."""
    one, pairs = qutip.qeye(2), []
    for initial, wait_s in ((left_fidelity, left_wait_s), (right_fidelity, right_wait_s)):
        mixing = (4 * initial - 1) / 3
        pair = mixing * PHI_PLUS + (1 - mixing) * qutip.qeye([2, 2]) / 4
        kraus = qutip_relaxation(wait_s)
        pair = qutip_map(pair, [qutip.tensor(k, one) for k in kraus])
        pair = qutip_map(pair, [qutip.tensor(one, k) for k in kraus])
        pairs.append((1 - MIXING) * pair + MIXING * qutip.tensor(one / 2, pair.ptrace(1)))
    joint = qutip.tensor(pairs)
    nothing = qutip.tensor(joint.ptrace(0), joint.ptrace(3)) / 4  # of the outcome where the gate failed
    found = [bra @ joint @ bra.dag() for bra in BELL_BRAS]
    ends = 0
    for said, correct in zip(BELL_BITS, CORRECTIONS, strict=True):
        wrong = [sum(a != b for a, b in zip(said, bits, strict=True)) for bits in BELL_BITS]
        seen = sum(READOUT_ERROR**w * (1 - READOUT_ERROR) ** (2 - w) * f for w, f in zip(wrong, found, strict=True))
        ends = ends + correct @ ((1 - GATE_MIXING) * seen + GATE_MIXING * nothing) @ correct.dag()
    return (PHI_PLUS @ ends).tr().real


def _bell_bras():
    """Return the operators that project the inner qubits of two pairs on the Bell states, and remove them."""
    one = qutip.qeye(2)
    vectors = [qutip.Qobj(vector, dims=[[2, 2], [1, 1]]) for vector in BELL]
    full = [qutip.tensor(one, vector.dag(), one).full() for vector in vectors]
    return [qutip.Qobj(bra, dims=[[2, 2], [2, 2, 2, 2]]) for bra in full]


PHI_PLUS = qutip.ket2dm(qutip.Qobj(BELL[0], dims=[[2, 2], [1, 1]]))
BELL_BRAS = _bell_bras()
CORRECTIONS = [
    qutip.tensor(qutip.qeye(2), qutip.sigmaz() ** phase @ qutip.sigmax() ** parity) for phase, parity in BELL_BITS
]
