"""Gates by pairs give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable
from teleportation_oracle import CNOT

from qnet_channels import amplitude_damping
from qnet_core import (
    Channel,
    average_gate_fidelity,
    bell_diagonal_state,
    bell_state,
    pauli_probabilities,
    process_fidelity,
    werner_state,
)
from qnet_protocols import Gate, compiled_gate, remote_gate, run_distributed

CASES = CaseTable("remote_gates.toml", digits=9)
CZ = np.diag([1, 1, 1, -1])
SWAP = np.eye(4)[[0, 2, 1, 3]]
ISWAP = SWAP * np.array([1, 1j, 1j, 1])
TOFFOLI = np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]]
_II, _IX, _IZ, _ZI, _ZX, _ZZ = 0, 1, 3, 12, 13, 15


def errors_after(channel, unitary):
    """Return the probabilities of all Pauli strings as errors after the ideal gate."""
    return pauli_probabilities(Channel.from_unitary(unitary.conj().T).then(channel))


@CASES.check
def pauli_errors(weights):
    pair = bell_diagonal_state(weights)
    cnot, cz = errors_after(remote_gate("cnot", pair), CNOT), errors_after(remote_gate("cz", pair), CZ)
    return {
        "cnot": cnot[[_II, _IX, _ZI, _ZX]],
        "cz": cz[[_II, _IZ, _ZI, _ZZ]],
        "average": average_gate_fidelity(remote_gate("cnot", pair), CNOT),
    }


@CASES.check
def noisy_cnot(fidelity, two_qubit_reliability, readout_reliability):
    noise = {"gate_mixing": 1 - two_qubit_reliability, "readout_error": 1 - readout_reliability}
    channel = remote_gate("cnot", werner_state(fidelity=fidelity), **noise)
    return {"process": process_fidelity(channel, CNOT), "average": average_gate_fidelity(channel, CNOT)}


@CASES.check
def damped_pair(damping):
    pair = bell_state().apply(amplitude_damping(damping=damping), 1)
    return {"process": process_fidelity(remote_gate("cnot", pair), CNOT)}


@CASES.check
def compiled(**pair):
    resource = werner_state(**pair)
    return {
        "swap": process_fidelity(compiled_gate("swap", resource, method="gates"), SWAP),
        "iswap": process_fidelity(compiled_gate("iswap", resource, method="gates"), ISWAP),
        "swap_by_states": process_fidelity(compiled_gate("swap", resource), SWAP),
    }


@CASES.check
def toffoli(first, second):
    pairs = [bell_diagonal_state(first), bell_diagonal_state(second)]
    return {"process": process_fidelity(compiled_gate("toffoli", pairs), TOFFOLI)}


def grover_circuit(marked):
    """Search two bits for ``marked``: one CZ marks it, another one inverts about the mean."""
    zeros = [Gate("x", k) for k in (0, 1) if not marked >> (1 - k) & 1]
    both = [[Gate(name, 0), Gate(name, 1)] for name in ("h", "x")]
    mark = [*both[0], *zeros, Gate("cz", (0, 1)), *zeros]
    return [*mark, *both[0], *both[1], Gate("cz", (0, 1)), *both[1], *both[0]]


@CASES.check
def grover(**pair):
    results = [run_distributed(grover_circuit(k), ["left", "right"], werner_state(**pair)) for k in range(4)]
    assert all(result.num_pairs == 2 for result in results)
    return {"successes": [result.state.matrix[k, k].real for k, result in enumerate(results)]}


@CASES.parametrize
def test_remote_gate_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
