"""Grover's search on two nodes and a GHZ state on three: a hundred thousand pairs in one call, beside loops over QuTiP."""

import distributed_qutip
import numpy as np
import pytest
import teleportation_oracle as circuits
from workloads import GATE_MIXING, READOUT_ERROR, T1_S, T2_S, size

from qnet_channels import Memory
from qnet_core import random_state
from qnet_protocols import Gate, ProcessorNode, run_distributed

POINTS = size(100_000, 100)
FEW = 3
PAIRS = random_state((2, 2), batch_shape=(POINTS,), rng=np.random.default_rng(5))
WAIT_S, SINGLE = 0.1, 1e-4
NODE = ProcessorNode(
    gate_mixing=GATE_MIXING, one_qubit_mixing=SINGLE, readout_error=READOUT_ERROR, memory=Memory(T1_S, T2_S)
)


def both(name):
    return [Gate(name, 0), Gate(name, 1)]


CZ = Gate("cz", (0, 1))
SEARCH = [*both("h"), CZ, *both("h"), *both("x"), CZ, *both("x"), *both("h")]
GHZ = [Gate("h", 0), *(Gate("cnot", (k, k + 1)) for k in range(3))]
CIRCUITS = {"search on two nodes": (SEARCH, "ab"), "GHZ state of four qubits on three nodes": (GHZ, "abbc")}


def ours(circuit, homes, pairs):
    # first halves are at the node that the assignment names first, which is the control's here
    return run_distributed(circuit, homes, pairs, nodes=NODE, pair_wait_s=WAIT_S).state


@pytest.mark.parametrize("name", CIRCUITS)
def test_sweep_over_pairs(measure, benchmark, name):
    benchmark.group = f"distributed {name}"
    circuit, homes = CIRCUITS[name]
    assert ours(circuit, homes, PAIRS).batch_shape == (POINTS,)
    measure("ours", lambda: ours(circuit, homes, PAIRS), units=POINTS, once=True)


@pytest.mark.parametrize("name", CIRCUITS)
def test_sweep_over_pairs_in_qutip(measure, benchmark, name):
    benchmark.group = f"distributed {name}"
    circuit, homes = CIRCUITS[name]
    matrices, wait = PAIRS[:FEW].matrix, circuits.relaxation(WAIT_S, T1_S, T2_S)

    def run():
        return [
            distributed_qutip.run(
                circuit, homes, matrix, gate_mixing=GATE_MIXING, one_qubit_mixing=SINGLE, readout_error=READOUT_ERROR, wait=wait
            )
            for matrix in matrices
        ]  # fmt: skip

    np.testing.assert_allclose(run(), ours(circuit, homes, PAIRS[:FEW]).matrix, atol=1e-12)
    measure("QuTiP", run, units=FEW, once=True)
