"""Distributed circuits in QuTiP, pair qubits, measurements and corrections included; shares nothing with the package."""

import numpy as np
import qutip

H = (qutip.sigmax() + qutip.sigmaz()) / np.sqrt(2)
ONE = qutip.qeye(2)
BITS = [qutip.basis(2, k).proj() for k in (0, 1)]
LOCAL = {"h": H, "x": qutip.sigmax(), "z": qutip.sigmaz(), "s": qutip.Qobj(np.diag([1, 1j]))}
PAULIS = {"cnot": qutip.sigmax(), "cz": qutip.sigmaz()}


def on_qubits(operator, on, count):
    """Return an operator on some of several qubits."""
    rest = [k for k in range(count) if k not in on]
    whole = qutip.tensor(operator, *[ONE] * len(rest)) if rest else operator
    places = [*on, *rest]
    return whole.permute([places.index(k) for k in range(count)])


def conjugated(operator, rho):
    return operator @ rho @ operator.dag()


def replaced(rho, on, mixing):
    """Replace qubits by the maximally mixed state with a probability."""
    if not mixing:
        return rho
    count = len(rho.dims[0])
    rest = [k for k in range(count) if k not in on]
    mixed = qutip.tensor(*[ONE / 2] * len(on), *([rho.ptrace(rest)] if rest else []))
    places = [*on, *rest]
    return (1 - mixing) * rho + mixing * mixed.permute([places.index(k) for k in range(count)])


def controlled(name):
    return qutip.tensor(BITS[0], ONE) + qutip.tensor(BITS[1], PAULIS[name])


def read_and_turn(rho, measured, turned, pauli, error):
    """Read a qubit, with flips, and turn another one where 1 was said."""
    count, total = len(rho.dims[0]), 0
    for true in (0, 1):
        seen = conjugated(on_qubits(BITS[true], [measured], count), rho)
        moved = conjugated(on_qubits(pauli, [turned], count), seen)
        total = total + ((1 - error) * (seen, moved)[true] + error * (moved, seen)[true])
    return total


def remote(rho, name, on, pair, gate_mixing, readout_error):
    """Do a CNOT or CZ between two nodes by a pair, whose halves are two qubits more for the time being."""
    count = len(rho.dims[0])
    rho = conjugated(on_qubits(controlled("cnot"), [on[0], count], count + 2), qutip.tensor(rho, pair))
    rho = replaced(rho, [on[0], count], gate_mixing)
    rho = read_and_turn(rho, count, count + 1, qutip.sigmax(), readout_error)
    rho = conjugated(on_qubits(controlled(name), [count + 1, on[1]], count + 2), rho)
    rho = replaced(rho, [count + 1, on[1]], gate_mixing)
    rho = conjugated(on_qubits(H, [count + 1], count + 2), rho)
    return read_and_turn(rho, count + 1, on[0], qutip.sigmaz(), readout_error).ptrace(range(count))


def run(circuit, homes, matrix, *, gate_mixing=0.0, one_qubit_mixing=0.0, readout_error=0.0, wait=None):
    """Return the output of a circuit by pairs of one density matrix; before each gate between nodes all qubits wait."""
    count = len(homes)
    pair = qutip.Qobj(np.asarray(matrix), dims=[[2, 2]] * 2)
    rho = qutip.tensor(*[BITS[0]] * count)
    for name, on in circuit:
        qubits = [on] if isinstance(on, int) else list(on)
        if name in LOCAL:
            rho = replaced(conjugated(on_qubits(LOCAL[name], qubits, count), rho), qubits, one_qubit_mixing)
        elif homes[qubits[0]] == homes[qubits[1]]:
            rho = replaced(conjugated(on_qubits(controlled(name), qubits, count), rho), qubits, gate_mixing)
        else:
            for qubit in range(count) if wait is not None else ():
                rho = sum(conjugated(on_qubits(qutip.Qobj(k), [qubit], count), rho) for k in wait)
            rho = remote(rho, name, qubits, pair, gate_mixing, readout_error)
    return rho.full()
