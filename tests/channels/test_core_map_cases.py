"""What is also made by hand from unitaries, jumps and Kraus operators is the same, and gives the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable, parts

from qnet_channels import Readout, bit_flip, pauli_channel, poisson_pauli_channel, rotation
from qnet_channels import collective_dephasing as shared_dephasing
from qnet_core import (
    Channel,
    DensityMatrix,
    Instrument,
    average_gate_fidelity,
    bell_state,
    fidelity,
    ghz_state,
    pauli_probabilities,
    process_fidelity,
    w_state,
)

CASES = CaseTable("core_maps.toml", digits=12)
TEST_STATE = DensityMatrix(np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]]))
PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def assert_same_map(channel, by_hand):
    np.testing.assert_allclose(channel.transfer, by_hand.transfer, atol=1e-13)


def assert_same_measurement(readout, by_hand):
    for outcome, (own, other) in enumerate(
        zip(readout.branches(TEST_STATE, 0), by_hand.branches(TEST_STATE, 0), strict=True)
    ):
        np.testing.assert_allclose(own.probability, other.probability, rtol=1e-14, err_msg=str(outcome))
        np.testing.assert_allclose(own.state.matrix, other.state.matrix, atol=1e-14, err_msg=str(outcome))


@CASES.check
def pauli_errors_at_rates(rates_hz, duration_s):
    x_rate, y_rate, z_rate = rates_hz
    channel = poisson_pauli_channel(duration_s=duration_s, x_rate_hz=x_rate, y_rate_hz=y_rate, z_rate_hz=z_rate)
    jumps = np.sqrt(rates_hz)[:, None, None] * PAULIS
    assert_same_map(channel, Channel.from_lindblad(np.zeros((2, 2)), jumps, duration_s=duration_s))
    _, x, y, z = pauli_probabilities(channel)
    assert_same_map(channel, pauli_channel(x=x, y=y, z=z))
    return {"scales": np.diagonal(channel.transfer)[1:], "probabilities": [x, y, z]}


@CASES.check
def over_rotation(angle_rad, repeats):
    channel = rotation("x", angle_rad=angle_rad)
    by_hand = np.cos(angle_rad / 2) * np.eye(2) - 1j * np.sin(angle_rad / 2) * PAULIS[0]
    assert_same_map(channel, Channel.from_unitary(by_hand))
    rho = TEST_STATE.apply(channel, 0)
    flip = pauli_probabilities(channel)[1]
    assert_same_map(channel.pauli_twirl(), bit_flip(probability=flip))
    return {
        "y": rho.expect("Y"),
        "z": rho.expect("Z"),
        "process_fidelity": process_fidelity(channel),
        "average_gate_fidelity": average_gate_fidelity(channel),
        "twirled_x_probability": flip,
        "repeated_infidelity": 1 - process_fidelity(channel.power(repeats)),
        "repeated_twirled_infidelity": 1 - process_fidelity(bit_flip(probability=flip).power(repeats)),
    }


def all_phases(num_qubits):
    """Sum of Z over the qubits."""
    signs = 1 - 2 * ((np.arange(2**num_qubits)[:, None] >> np.arange(num_qubits)) & 1)
    return np.diag(signs.sum(axis=1))


def after_common_noise(rho, duration_s, t2_s):
    """The state after dephasing by one fluctuating field that all its qubits see."""
    size = rho.num_subsystems
    jump = all_phases(size)[None] / np.sqrt(2 * t2_s)
    by_hand = Channel.from_lindblad(np.zeros((2**size, 2**size)), jump, duration_s=duration_s, dims=(2,) * size)
    noise = shared_dephasing(num_qubits=size, duration_s=duration_s, t2_s=t2_s)
    assert_same_map(noise, by_hand)
    return rho.apply(noise, tuple(range(size)))


@CASES.check
def collective_dephasing(duration_s, t2_s):
    def left_of(rho, row, column):
        return 2 * after_common_noise(rho, duration_s, t2_s).matrix[row, column].real

    alone = shared_dephasing(num_qubits=3, duration_s=duration_s, t2_s=t2_s, correlation=0.0)
    one_by_one, flip = ghz_state(3), (1 - np.exp(-duration_s / t2_s)) / 2
    for qubit in range(3):
        one_by_one = one_by_one.apply(pauli_channel(x=0.0, y=0.0, z=flip), qubit)
    after = ghz_state(3).apply(alone, (0, 1, 2)).matrix
    np.testing.assert_allclose(after, one_by_one.matrix, atol=1e-14)
    return {
        "phi_coherence": left_of(bell_state("phi+"), 0, 3),
        "psi_coherence": left_of(bell_state("psi+"), 1, 2),
        "ghz3_coherence": left_of(ghz_state(3), 0, 7),
        "ghz4_coherence": left_of(ghz_state(4), 0, 15),
        "ghz3_coherence_independent": 2 * after[0, 7].real,
        "w3_fidelity": fidelity(after_common_noise(w_state(3), duration_s, t2_s), w_state(3)),
    }


def unsharp(error_0, error_1):
    """Lueders instrument of a detector that says 1 with probability error_0 on |0>, 0 with error_1 on |1>."""
    operators = np.sqrt([[1 - error_0, error_1], [error_0, 1 - error_1]])
    return Instrument([Channel.from_kraus(np.diag(diagonal)[None]) for diagonal in operators])


def sharp_with_flipped_record(error_0, error_1):
    """An exact measurement whose record is then flipped."""
    flipped = np.sqrt([[[1 - error_0, 0], [0, error_1]], [[error_0, 0], [0, 1 - error_1]]])
    projectors = np.array([np.diag([1, 0]), np.diag([0, 1])])
    return Instrument([Channel.from_kraus(np.diagonal(row)[:, None, None] * projectors) for row in flipped])


@CASES.check
def unsharp_readout(error_0, error_1):
    readout = Readout(error_0, error_1)
    zero, one = readout.instrument("lueders").probabilities(TEST_STATE, 0)
    certain = [readout.instrument().probabilities(DensityMatrix(np.diag(row)), 0) for row in np.eye(2)]
    np.testing.assert_allclose(readout.instrument().probabilities(TEST_STATE, 0), [zero, one], rtol=1e-14)
    after = readout.instrument("lueders").branches(TEST_STATE, 0)[1].state
    return {
        "probability_1": one,
        "assignment_fidelity": readout.assignment_fidelity,
        "measured_z": zero - one,
        "contrast": certain[0][0] - certain[1][0],
        "rho11_after_1": after.matrix[1, 1].real,
    }


@CASES.check
def unsharp_readout_coherence(error_0, error_1):
    readout = Readout(error_0, error_1)
    assert_same_measurement(readout.instrument("lueders"), unsharp(error_0, error_1))
    assert_same_measurement(readout.instrument("projective"), sharp_with_flipped_record(error_0, error_1))
    lueders, record = (
        readout.instrument(model).branches(TEST_STATE, 0)[1].state for model in ("lueders", "projective")
    )
    return {"lueders_rho01": parts(lueders.matrix[0, 1]), "flipped_record_rho01": parts(record.matrix[0, 1])}


@CASES.parametrize
def test_core_map_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
