"""Teleportation, remote gates and a distributed circuit: a hundred thousand pairs in one call, beside loops over QuTiP."""

import numpy as np
import pytest
import qutip
import teleportation_oracle as circuits
from workloads import GATE_MIXING, READOUT_ERROR, STATION, T1_S, T2_S, size

from qnet_channels import Memory
from qnet_core import DensityMatrix, ket, pure_state, random_state
from qnet_protocols import Gate, ProcessorNode, remote_gate, run_distributed, teleport

POINTS = size(100_000, 100)
WAIT_S = 0.1
MEMORY = Memory(t1_s=T1_S, t2_s=T2_S)
PAIRS = random_state((2, 2), batch_shape=(POINTS,), rng=np.random.default_rng(3))
INPUT = pure_state([np.cos(0.55), np.exp(0.7j) * np.sin(0.55)])
CNOT = np.eye(4)[[0, 1, 3, 2]]
QUBITS = size(12, 6)

teleports = pytest.mark.benchmark(group="teleportation through noisy pairs")
gates = pytest.mark.benchmark(group="remote CNOT by noisy pairs")
FEW = 5


def teleported(pairs):
    return teleport(INPUT, pairs, station=STATION, memory=MEMORY, latency_s=WAIT_S)


def qutip_teleported(pair, wait):
    """Return the output for one pair: circuit, noise, readout of both bits, and the corrections."""
    one, bits = qutip.qeye(2), [qutip.basis(2, k).proj() for k in (0, 1)]
    hadamard = (qutip.sigmax() + qutip.sigmaz()) / np.sqrt(2)
    rho = qutip.tensor(qutip.Qobj(INPUT.matrix), qutip.Qobj(pair, dims=[[2, 2]] * 2))
    cnot = qutip.tensor(bits[0], one, one) + qutip.tensor(bits[1], qutip.sigmax(), one)
    rho = cnot @ rho @ cnot.dag()
    rho = (1 - GATE_MIXING) * rho + GATE_MIXING * qutip.tensor(one / 2, one / 2, rho.ptrace(2))
    rho = (m := qutip.tensor(hadamard, one, one)) @ rho @ m.dag()
    rho = sum(qutip.tensor(one, one, qutip.Qobj(k)) @ rho @ qutip.tensor(one, one, qutip.Qobj(k)).dag() for k in wait)
    seen = [((1 - READOUT_ERROR) * bits[k] + READOUT_ERROR * bits[1 - k]).sqrtm() for k in (0, 1)]
    total = 0
    for first, second in np.ndindex(2, 2):
        turn = qutip.sigmaz() ** first @ qutip.sigmax() ** second
        total = total + (m := qutip.tensor(seen[first], seen[second], turn)) @ rho @ m.dag()
    return total.ptrace(2).full()


@teleports
def test_teleport(measure):
    assert teleported(PAIRS).batch_shape == (POINTS,)
    measure("ours", lambda: teleported(PAIRS), units=POINTS)


@teleports
def test_teleport_in_qutip(measure):
    wait = circuits.relaxation(WAIT_S, T1_S, T2_S)
    matrices = PAIRS[:FEW].matrix

    def run():
        return [qutip_teleported(matrix, wait) for matrix in matrices]

    np.testing.assert_allclose(run(), teleported(PAIRS[:FEW]).matrix, atol=1e-12)
    measure("QuTiP", run, units=FEW)


def output(pairs):
    channel = remote_gate("cnot", pairs, gate_mixing=GATE_MIXING, readout_error=READOUT_ERROR)
    return ket("+0").apply(channel, (0, 1))


@gates
def test_remote_gate(measure):
    assert output(PAIRS).batch_shape == (POINTS,)
    measure("ours", lambda: output(PAIRS), units=POINTS)


@gates
def test_remote_gate_as_dense_circuit(measure):
    matrices = PAIRS[:FEW].matrix
    noise = (GATE_MIXING,) * 2, (READOUT_ERROR,) * 2

    def run():
        return [circuits.copied_gate(ket("+0").matrix, CNOT, (0, 1), [matrix], *noise) for matrix in matrices]

    np.testing.assert_allclose(run(), output(PAIRS[:FEW]).matrix, atol=1e-12)
    measure("dense circuit in NumPy", run, units=FEW)


@pytest.mark.benchmark(group=f"GHZ state of {QUBITS} qubits on four nodes, noisy")
def test_distributed_circuit(measure):
    chain = [Gate("h", 0), *(Gate("cnot", (k, k + 1)) for k in range(QUBITS - 1))]
    homes = [4 * k // QUBITS for k in range(QUBITS)]
    node = ProcessorNode(gate_mixing=1e-3, one_qubit_mixing=1e-4, readout_error=1e-3, memory=MEMORY)

    def run():
        return run_distributed(chain, homes, PAIRS[0], nodes=node, latency_s=1e-3)

    assert isinstance(run().state, DensityMatrix)
    measure("ours", run, once=True)
