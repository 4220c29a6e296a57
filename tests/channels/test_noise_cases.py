"""The noise channels give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable, parts

from qnet_channels import (
    amplitude_damping,
    bit_flip,
    dephasing,
    depolarizing,
    depolarizing_strength,
    pauli_channel,
    phase_damping,
    poisson_pauli_channel,
)
from qnet_core import (
    Channel,
    DensityMatrix,
    average_gate_fidelity,
    bell_state,
    concurrence,
    fidelity,
    process_fidelity,
    purity,
)

CASES = CaseTable("noise.toml", digits=12)
TEST_STATE = DensityMatrix(np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]]))
BELL = bell_state("phi+")


def shrinkage(channel):
    """How much the channel leaves of <X>, <Y>, <Z>."""
    return np.diagonal(channel.transfer)[1:]


def bloch_vector(rho):
    return [rho.expect(pauli) for pauli in "XYZ"]


def matrix_after(channel):
    return TEST_STATE.apply(channel, 0).matrix


@CASES.check
def depolarizing_on_test_state(mixing):
    rho = TEST_STATE.apply(depolarizing(mixing=mixing), 0)
    x, y, z = bloch_vector(rho)
    return {"x": x, "y": y, "z": z, "rho01": parts(rho.matrix[0, 1]), "purity": purity(rho)}


@CASES.check
def uniform_pauli_error_on_test_state(error_probability):
    strength = depolarizing_strength(pauli_error=error_probability)
    channel, each = depolarizing(mixing=strength.mixing), error_probability / 3
    np.testing.assert_allclose(channel.transfer, pauli_channel(x=each, y=each, z=each).transfer, atol=1e-15)
    x, y, z = bloch_vector(TEST_STATE.apply(channel, 0))
    return {"scale": shrinkage(channel)[0], "x": x, "y": y, "z": z, "mixing": strength.mixing}


@CASES.check
def depolarizing_on_bell_pair(mixing):
    noise = depolarizing(mixing=mixing)
    one, both = BELL.apply(noise, 0), BELL.apply(noise, 0).apply(noise, 1)
    return {
        "fidelity_one_side": fidelity(one, BELL),
        "fidelity_both_sides": fidelity(both, BELL),
        "concurrence_both_sides": concurrence(both),
    }


@CASES.check
def depolarizing_in_time(duration_s, decay_time_s):
    channel = depolarizing(mixing=1 - np.exp(-duration_s / decay_time_s))
    paulis = [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]
    jumps = np.array(paulis) / (2 * np.sqrt(decay_time_s))
    flow = Channel.from_lindblad(np.zeros((2, 2)), jumps, duration_s=duration_s)
    np.testing.assert_allclose(flow.transfer, channel.transfer, atol=1e-13)
    strength = depolarizing_strength(mixing=1 - shrinkage(flow)[0])
    np.testing.assert_allclose(strength.process_fidelity, process_fidelity(channel), rtol=1e-13)
    np.testing.assert_allclose(strength.average_gate_fidelity, average_gate_fidelity(channel), rtol=1e-13)
    return {name: getattr(strength, name) for name in ("mixing", "process_fidelity", "average_gate_fidelity")}


@CASES.check
def depolarizing_twice(first, second):
    both = depolarizing(mixing=first).then(depolarizing(mixing=second))
    one, two = (depolarizing(mixing=depolarizing_strength(pauli_error=p).mixing) for p in (first, second))
    errors = depolarizing_strength(process_fidelity=process_fidelity(one.then(two)))
    return {"mixing": 1 - shrinkage(both)[2], "error_probability": errors.pauli_error}


@CASES.check
def phase_flip_is_phase_damping(damping, probability):
    flip, damped = dephasing(probability=probability), phase_damping(damping=damping)
    kraus = [np.diag([1, np.sqrt(1 - damping)]), np.diag([0, np.sqrt(damping)])]
    np.testing.assert_allclose(damped.transfer, Channel.from_kraus(np.array(kraus)).transfer, atol=1e-15)
    return {
        "coherence": shrinkage(flip)[0],
        "damping_coherence": shrinkage(damped)[0],
        "flip_probability": 1 - process_fidelity(damped),
        "rho01": parts(matrix_after(flip)[0, 1]),
    }


@CASES.check
def dephasing_twice(first, second):
    return {"probability": 1 - process_fidelity(dephasing(probability=first).then(dephasing(probability=second)))}


@CASES.check
def amplitude_damping_on_test_state(damping):
    rho = matrix_after(amplitude_damping(damping=damping))
    return {"rho11": rho[1, 1].real, "rho00": rho[0, 0].real, "rho01": parts(rho[0, 1])}


@CASES.check
def amplitude_damping_on_bell_pairs(damping):
    loss, psi = amplitude_damping(damping=damping), bell_state("psi+")
    return {
        "phi_one_side": fidelity(BELL.apply(loss, 1), BELL),
        "phi_both_sides": fidelity(BELL.apply(loss, 0).apply(loss, 1), BELL),
        "psi_both_sides": fidelity(psi.apply(loss, 0).apply(loss, 1), psi),
    }


@CASES.check
def amplitude_damping_twice(first, second):
    both = amplitude_damping(damping=first).then(amplitude_damping(damping=second))
    return {"damping": both.transfer[3, 0]}


@CASES.check
def pauli_channel_on_test_state(x, y, z):
    channel = pauli_channel(x=x, y=y, z=z)
    return {
        "scales": shrinkage(channel),
        "bloch_vector": bloch_vector(TEST_STATE.apply(channel, 0)),
        "process_fidelity": process_fidelity(channel),
    }


@CASES.check
def bit_flip_on_test_state(probability):
    channel = bit_flip(probability=probability)
    return {
        "scales": shrinkage(channel),
        "bloch_vector": bloch_vector(TEST_STATE.apply(channel, 0)),
        "process_fidelity": process_fidelity(channel),
    }


@CASES.check
def two_qubit_depolarizing(mixing, error_probability):
    pair, as_mixing = (0, 1), depolarizing_strength(pauli_error=error_probability, num_qubits=2).mixing
    replaced = depolarizing(mixing=mixing, num_qubits=2)
    errors = depolarizing(mixing=as_mixing, num_qubits=2)
    return {
        "bell_fidelity": fidelity(BELL.apply(replaced, pair), BELL),
        "average_gate_fidelity": average_gate_fidelity(replaced),
        "bell_fidelity_of_errors": fidelity(BELL.apply(errors, pair), BELL),
        "average_gate_fidelity_of_errors": average_gate_fidelity(errors),
        "mixing_of_errors": as_mixing,
    }


@CASES.parametrize
def test_noise_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()


def test_rare_errors_show_beside_frequent_ones():
    """X commutes with the X errors, however many there are: only Y and Z take <X> away."""
    often = poisson_pauli_channel(duration_s=1.0, x_rate_hz=1e9, y_rate_hz=0.1, z_rate_hz=0.2)
    np.testing.assert_allclose(shrinkage(often), [np.exp(-0.6), 0, 0], rtol=1e-14)
