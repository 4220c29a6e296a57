"""Relaxation in time gives the tabulated numbers."""

import numpy as np
import pytest
from channels.case_tables import CaseTable, parts

from qnet_channels import (
    Memory,
    bath_relaxation,
    generalized_amplitude_damping,
    thermal_population,
    thermal_relaxation,
)
from qnet_core import (
    Channel,
    DensityMatrix,
    average_gate_fidelity,
    bell_state,
    bell_weights,
    fidelity,
    pauli_probabilities,
    process_fidelity,
)
from qnet_core.errors import ChannelError, ParameterError

CASES = CaseTable("relaxation.toml", digits=12)
TEST_STATE = DensityMatrix(np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]]))
BELL = bell_state("phi+")


def shrinkage(channel):
    """How much the channel leaves of <X>, <Y>, <Z>."""
    return np.diagonal(channel.transfer)[1:]


def matrix_after(channel):
    return TEST_STATE.apply(channel, 0).matrix


@CASES.check
def pure_dephasing_in_time(duration_s, t2_s):
    channel = thermal_relaxation(duration_s=duration_s, t1_s=np.inf, t2_s=t2_s)
    factor = shrinkage(channel)[0]
    return {
        "coherence": factor,
        "flip_probability": 1 - process_fidelity(channel),
        "damping": 1 - factor**2,
        "rho01": parts(matrix_after(channel)[0, 1]),
    }


@CASES.check
def bell_pair_in_two_memories(duration_s, longer_s, t2_s):
    memory = Memory(t1_s=np.inf, t2_s=t2_s)
    short, long = memory.decay(duration_s=duration_s), memory.decay(duration_s=longer_s)
    return {
        "fidelity": fidelity(BELL.apply(short, 0).apply(short, 1), BELL),
        "fidelity_unequal": fidelity(BELL.apply(short, 0).apply(long, 1), BELL),
    }


@CASES.check
def decay_without_dephasing(duration_s, t1_s):
    channel = thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=2 * t1_s)
    return {
        "damping": channel.transfer[3, 0],
        "process_fidelity": process_fidelity(channel),
        "average_gate_fidelity": average_gate_fidelity(channel),
    }


@CASES.check
def generalized_amplitude_damping_on_test_state(damping, excited_population):
    channel = generalized_amplitude_damping(damping=damping, excited_population=excited_population)
    in_time = thermal_relaxation(
        duration_s=-np.log1p(-damping), t1_s=1.0, t2_s=2.0, excited_population=excited_population
    )
    np.testing.assert_allclose(channel.transfer, in_time.transfer, atol=1e-15)
    rho = matrix_after(channel)
    return {"rho11": rho[1, 1].real, "rho01": parts(rho[0, 1])}


@CASES.check
def relaxation_into_a_bath(duration_s, rate_hz, mean_quanta):
    bath = bath_relaxation(decay_rate_hz=rate_hz, mean_photons=mean_quanta)
    down, up = rate_hz * (mean_quanta + 1), rate_hz * mean_quanta
    jumps = np.array([[[0, np.sqrt(down)], [0, 0]], [[0, 0], [np.sqrt(up), 0]]])
    flow = Channel.from_lindblad(np.zeros((2, 2)), jumps, duration_s=duration_s)
    channel = thermal_relaxation(duration_s=duration_s, t2_s=2 * bath.t1_s, **bath._asdict())
    np.testing.assert_allclose(channel.transfer, flow.transfer, atol=1e-13)
    return {
        "relaxation_rate_hz": 1 / bath.t1_s,
        "excited_population": bath.excited_population,
        "damping": 1 - shrinkage(channel)[2],
        "rho11": matrix_after(channel)[1, 1].real,
        "coherence": shrinkage(channel)[0],
    }


@CASES.check
def equilibrium_of_two_levels(frequency_hz, temperature_k):
    population = thermal_population(frequency_hz=frequency_hz, temperature_k=temperature_k)
    return {
        "energy_over_kt": np.log1p(-population) - np.log(population),
        "excited_population_ppm": 1e6 * population,
        "mean_photons_ppm": 1e6 * population / (1 - 2 * population),
    }


@CASES.check
def thermal_relaxation_on_test_state(duration_s, t1_s, t2_s, excited_population):
    channel = thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=t2_s, excited_population=excited_population)
    rho = matrix_after(channel)
    return {
        "rho11": rho[1, 1].real,
        "rho01": parts(rho[0, 1]),
        "process_fidelity": process_fidelity(channel),
        "average_gate_fidelity": average_gate_fidelity(channel),
    }


@CASES.check
def spectrum(duration_s, t1_s, t2_s, excited_population):
    channel = thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=t2_s, excited_population=excited_population)
    return {"choi_eigenvalues": np.linalg.eigvalsh(channel.choi())[::-1]}


@CASES.check
def relaxation_as_mixture(duration_s, t1_s, t2_s):
    transfer = thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=t2_s).transfer
    reset, kept = transfer[3, 0], transfer[3, 3]
    return {
        "reset_probability": reset,
        "phase_flip_probability": (kept - transfer[1, 1]) / 2,
        "idle_probability": (kept + transfer[1, 1]) / 2,
    }


@CASES.check
def relaxation_twirled(duration_s, t1_s, t2_s, excited_population):
    channel = thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=t2_s, excited_population=excited_population)
    _, x, y, z = pauli_probabilities(channel)
    np.testing.assert_allclose(bell_weights(BELL.apply(channel, 1))[1:], [z, x, y], atol=1e-15)
    return {"x_probability": x, "y_probability": y, "z_probability": z}


@CASES.check
def unphysical_relaxation(duration_s, t1_s, t2_s):
    with pytest.raises(ParameterError, match="`t2_s` must be at most 2"):
        thermal_relaxation(duration_s=duration_s, t1_s=t1_s, t2_s=t2_s)
    damping, coherence = 1 - np.exp(-duration_s / t1_s), np.exp(-duration_s / t2_s)
    choi = np.array([[1, 0, 0, coherence], [0, 0, 0, 0], [0, 0, damping, 0], [coherence, 0, 0, 1 - damping]])
    with pytest.raises(ChannelError):
        Channel.from_choi(choi, (2,), (2,))
    return {"smallest_choi_eigenvalue": np.linalg.eigvalsh(choi)[0]}


@CASES.parametrize
def test_relaxation_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
