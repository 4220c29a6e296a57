"""Maps made from unitaries, jumps and Kraus operators give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable, parts

from qnet_channels import pauli_channel
from qnet_core import (
    Channel,
    DensityMatrix,
    Instrument,
    average_gate_fidelity,
    bell_state,
    bell_weights,
    fidelity,
    ghz_state,
    process_fidelity,
    w_state,
)

CASES = CaseTable("core_maps.toml", digits=12)
TEST_STATE = DensityMatrix(np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]]))
PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def error_weights(channel):
    """Diagonal of the process matrix in the order I, Z, X, Y: Bell weights of half a pair sent through."""
    return bell_weights(bell_state("phi+").apply(channel, 1))


@CASES.check
def pauli_errors_at_rates(rates_hz, duration_s):
    jumps = np.sqrt(rates_hz)[:, None, None] * PAULIS
    flow = Channel.from_lindblad(np.zeros((2, 2)), jumps, duration_s=duration_s)
    _, z, x, y = error_weights(flow)
    np.testing.assert_allclose(pauli_channel(x=x, y=y, z=z).transfer, flow.transfer, atol=1e-13)
    return {"scales": np.diagonal(flow.transfer)[1:], "probabilities": [x, y, z]}


@CASES.check
def over_rotation(angle_rad, repeats):
    rotation = np.cos(angle_rad / 2) * np.eye(2) - 1j * np.sin(angle_rad / 2) * PAULIS[0]
    channel = Channel.from_unitary(rotation)
    rho = TEST_STATE.apply(channel, 0)
    flip = error_weights(channel)[2]
    return {
        "y": rho.expect("Y"),
        "z": rho.expect("Z"),
        "process_fidelity": process_fidelity(channel),
        "average_gate_fidelity": average_gate_fidelity(channel),
        "twirled_x_probability": flip,
        "repeated_infidelity": 1 - process_fidelity(channel.power(repeats)),
        "repeated_twirled_infidelity": 1 - process_fidelity(pauli_channel(x=flip, y=0.0, z=0.0).power(repeats)),
    }


def all_phases(num_qubits):
    """Sum of Z over the qubits."""
    signs = 1 - 2 * ((np.arange(2**num_qubits)[:, None] >> np.arange(num_qubits)) & 1)
    return np.diag(signs.sum(axis=1))


def after_common_noise(rho, duration_s, t2_s):
    """The state after dephasing by one fluctuating field that all its qubits see."""
    size = rho.num_subsystems
    jump = all_phases(size)[None] / np.sqrt(2 * t2_s)
    noise = Channel.from_lindblad(np.zeros((2**size, 2**size)), jump, duration_s=duration_s, dims=(2,) * size)
    return rho.apply(noise, tuple(range(size)))


@CASES.check
def collective_dephasing(duration_s, t2_s):
    def left_of(rho, row, column):
        return 2 * after_common_noise(rho, duration_s, t2_s).matrix[row, column].real

    alone = ghz_state(3)
    for qubit in range(3):
        flip = (1 - np.exp(-duration_s / t2_s)) / 2
        alone = alone.apply(pauli_channel(x=0.0, y=0.0, z=flip), qubit)
    return {
        "phi_coherence": left_of(bell_state("phi+"), 0, 3),
        "psi_coherence": left_of(bell_state("psi+"), 1, 2),
        "ghz3_coherence": left_of(ghz_state(3), 0, 7),
        "ghz4_coherence": left_of(ghz_state(4), 0, 15),
        "ghz3_coherence_independent": 2 * alone.matrix[0, 7].real,
        "w3_fidelity": fidelity(after_common_noise(w_state(3), duration_s, t2_s), w_state(3)),
    }


def unsharp(error_0, error_1):
    """Lueders instrument of a detector that says 1 with probability error_0 on |0>, 0 with error_1 on |1>."""
    operators = np.sqrt([[1 - error_0, error_1], [error_0, 1 - error_1]])
    return Instrument([Channel.from_kraus(np.diag(diagonal)[None]) for diagonal in operators])


@CASES.check
def unsharp_readout(error_0, error_1):
    readout = unsharp(error_0, error_1)
    zero, one = readout.probabilities(TEST_STATE, 0)
    after = readout.branches(TEST_STATE, 0)[1].state
    return {"probability_1": one, "measured_z": zero - one, "rho11_after_1": after.matrix[1, 1].real}


@CASES.check
def unsharp_readout_coherence(error_0, error_1):
    lueders = unsharp(error_0, error_1).branches(TEST_STATE, 0)[1].state.matrix[0, 1]
    flipped = np.sqrt([[[1 - error_0, 0], [0, error_1]], [[error_0, 0], [0, 1 - error_1]]])
    projectors = np.array([np.diag([1, 0]), np.diag([0, 1])])
    record = Instrument([Channel.from_kraus(np.diagonal(row)[:, None, None] * projectors) for row in flipped])
    return {
        "lueders_rho01": parts(lueders),
        "flipped_record_rho01": parts(record.branches(TEST_STATE, 0)[1].state.matrix[0, 1]),
    }


@CASES.parametrize
def test_core_map_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
