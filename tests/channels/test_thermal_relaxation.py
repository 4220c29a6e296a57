"""Relaxation and dephasing in time against master equations, and its laws and limits."""

import numpy as np
import pytest
import qutip
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import Memory, amplitude_damping, dephasing, thermal_relaxation
from qnet_core.errors import ParameterError

PARAMETERS = [
    {"duration_s": 0.2, "t1_s": 1.0, "t2_s": 0.5, "excited_population": 0.0},
    {"duration_s": 0.2, "t1_s": 1.0, "t2_s": 1.6, "excited_population": 0.1},
    {"duration_s": 0.7, "t1_s": 1.0, "t2_s": 2.0, "excited_population": 0.0},
    {"duration_s": 0.25, "t1_s": 100.0, "t2_s": 0.3, "excited_population": 0.5},
    {"duration_s": 3.0, "t1_s": 0.8, "t2_s": 0.9, "excited_population": 1.0},
    {"duration_s": 1e-3, "t1_s": 2e-3, "t2_s": 0.7e-3, "excited_population": 0.02},
]
RATES = st.floats(0.05, 20.0)
MEMORIES = st.builds(
    lambda t1_s, ratio, excited_population: {
        "t1_s": t1_s,
        "t2_s": t1_s * ratio,
        "excited_population": excited_population,
    },
    RATES,
    st.floats(0.01, 2.0),
    st.floats(0.0, 1.0),
)
DURATIONS = st.floats(0.0, 10.0)


def jumps(t1_s, t2_s, excited_population):
    """Lindblad operators with |0> the ground state."""
    lower = np.array([[0, 1], [0, 0]])
    dephasing_rate = max(0.0, (1 / t2_s - 1 / (2 * t1_s)) / 2)
    return [
        np.sqrt((1 - excited_population) / t1_s) * lower,
        np.sqrt(excited_population / t1_s) * lower.T,
        np.sqrt(dephasing_rate) * np.diag([1, -1]),
    ]


def generator(operators):
    """Row-stacked Lindblad superoperator."""
    identity = np.eye(2)
    total = sum(a.T @ a for a in operators)
    flow = sum(np.kron(a, a.conj()) for a in operators)
    return flow - (np.kron(total, identity) + np.kron(identity, total.T)) / 2


def acts_as(channel, matrix):
    """The channel on an arbitrary 2x2 matrix, through its Choi matrix."""
    blocks = channel.choi().reshape(2, 2, 2, 2)
    return np.einsum("ij,iojp->op", matrix, blocks)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_is_the_exponential_of_its_generator(parameters, rng):
    channel = thermal_relaxation(**parameters)
    times = {name: value for name, value in parameters.items() if name != "duration_s"}
    flow = scipy.linalg.expm(generator(jumps(**times)) * parameters["duration_s"])
    matrix = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    expected = (flow @ matrix.reshape(4)).reshape(2, 2)
    np.testing.assert_allclose(acts_as(channel, matrix), expected, atol=1e-13)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_agrees_with_mesolve(parameters):
    times = {name: value for name, value in parameters.items() if name != "duration_s"}
    collapse = [qutip.Qobj(a) for a in jumps(**times)]
    start = qutip.Qobj(np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]]))
    options = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 10_000, "progress_bar": ""}
    solved = qutip.mesolve(0 * qutip.sigmaz(), start, [0, parameters["duration_s"]], collapse, options=options)
    expected = solved.states[-1].full()
    np.testing.assert_allclose(acts_as(thermal_relaxation(**parameters), start.full()), expected, atol=1e-9)


@given(memory=MEMORIES, first=DURATIONS, second=DURATIONS)
def test_waiting_twice_is_waiting_the_sum(memory, first, second):
    twice = thermal_relaxation(duration_s=first, **memory).then(thermal_relaxation(duration_s=second, **memory))
    once = thermal_relaxation(duration_s=first + second, **memory)
    np.testing.assert_allclose(twice.transfer, once.transfer, atol=1e-13)


@given(memory=MEMORIES, duration_s=DURATIONS)
def test_is_a_channel(memory, duration_s):
    channel = thermal_relaxation(duration_s=duration_s, **memory)
    assert channel.is_trace_preserving()
    assert channel.is_completely_positive()
    assert np.linalg.eigvalsh(channel.choi())[0] > -1e-13
    np.testing.assert_array_equal(channel.transfer[0], [1, 0, 0, 0])


@given(memory=MEMORIES)
def test_no_time_is_no_change(memory):
    np.testing.assert_array_equal(thermal_relaxation(duration_s=0.0, **memory).transfer, np.eye(4))


@given(memory=MEMORIES)
def test_short_times_decay_at_the_rates(memory):
    step = 1e-7 * memory["t2_s"]
    transfer = thermal_relaxation(duration_s=step, **memory).transfer
    bias = 1 - 2 * memory["excited_population"]
    np.testing.assert_allclose(1 - transfer[1, 1], step / memory["t2_s"], rtol=1e-6)
    np.testing.assert_allclose(1 - transfer[3, 3], step / memory["t1_s"], rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(transfer[3, 0], bias * step / memory["t1_s"], rtol=1e-6, atol=1e-15)


@given(memory=MEMORIES)
def test_long_times_leave_the_equilibrium_and_no_coherence(memory):
    transfer = thermal_relaxation(duration_s=100 * memory["t1_s"], **memory).transfer
    expected = np.zeros((4, 4))
    expected[0, 0], expected[3, 0] = 1, 1 - 2 * memory["excited_population"]
    np.testing.assert_allclose(transfer, expected, atol=1e-15)


def test_coherence_never_turns_negative():
    durations_s = np.linspace(0, 50, 400)
    coherence = thermal_relaxation(duration_s=durations_s, t1_s=3.0, t2_s=1.0).transfer[:, 1, 1]
    assert np.all(coherence >= 0)
    assert np.all(np.diff(coherence) < 0)


def test_alone_relaxation_is_amplitude_damping():
    damped = amplitude_damping(damping=1 - np.exp(-0.35))
    np.testing.assert_allclose(
        thermal_relaxation(duration_s=0.7, t1_s=2.0, t2_s=4.0).transfer, damped.transfer, atol=1e-15
    )


def test_perfect_populations_only_dephase():
    flip = dephasing(probability=(1 - np.exp(-0.7)) / 2)
    for population in (0.0, 0.3):
        channel = thermal_relaxation(duration_s=0.7, t1_s=np.inf, t2_s=1.0, excited_population=population)
        np.testing.assert_allclose(channel.transfer, flip.transfer, atol=1e-15)


def test_perfect_memory_does_nothing_at_any_time():
    channel = Memory(t1_s=np.inf, t2_s=np.inf).decay(duration_s=np.array([0.0, 1.0, 1e9]))
    np.testing.assert_array_equal(channel.transfer, np.broadcast_to(np.eye(4), (3, 4, 4)))


def test_hot_memory_with_equal_times_depolarizes():
    transfer = thermal_relaxation(duration_s=0.4, t1_s=2.0, t2_s=2.0, excited_population=0.5).transfer
    np.testing.assert_allclose(transfer, np.diag([1, *[np.exp(-0.2)] * 3]), atol=1e-15)


def test_memory_hands_out_its_relaxation():
    memory = Memory(t1_s=2.0, t2_s=1.5, excited_population=0.1)
    expected = thermal_relaxation(duration_s=0.3, t1_s=2.0, t2_s=1.5, excited_population=0.1)
    np.testing.assert_array_equal(memory.decay(duration_s=0.3).transfer, expected.transfer)


def test_transverse_time_may_be_twice_the_longitudinal_and_no_more():
    Memory(t1_s=0.01, t2_s=0.02)
    with pytest.raises(ParameterError, match=r"`t2_s` must be at most 2 \* t1_s = 0\.02, but is 0\.03"):
        Memory(t1_s=0.01, t2_s=0.03)
    with pytest.raises(ParameterError, match=r"`t2_s` must be at most 2 \* t1_s = 0\.02, but is 0\.03"):
        thermal_relaxation(duration_s=0.0, t1_s=np.array([1.0, 0.01]), t2_s=0.03)
