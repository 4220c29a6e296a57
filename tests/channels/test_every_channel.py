"""Laws of every channel of the package, walked over the whole list of them."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnet_channels
from qnet_channels import amplitude_damping, dephasing, depolarizing, erasure, pauli_channel, thermal_relaxation
from qnet_core import Channel, DensityMatrix, random_state, trace_distance

ONE, X, Y, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
LOWER = np.array([[0, 1], [0, 0]])
AMOUNTS = st.sampled_from([0.0, 1.0, 0.5, 1e-9, 1 - 1e-9]) | st.floats(0, 1)
SEEDS = st.integers(0, 2**32 - 1)


def mixture(*weights):
    return [np.sqrt(weight) * pauli for weight, pauli in zip(weights, (ONE, X, Y, Z), strict=True)]


def damped(amount):
    return [np.diag([1, np.sqrt(1 - amount)]), np.sqrt(amount) * LOWER]


def warm(amount):
    """Relaxation at t1 = t2 to a population of 0.2: excitation is damping seen with both levels exchanged."""
    keep = np.sqrt(1 - amount)
    relaxed = [np.sqrt(0.8) * k for k in damped(amount)] + [np.sqrt(0.2) * X @ k @ X for k in damped(amount)]
    return [
        np.sqrt(weight) * flip @ k for k in relaxed for weight, flip in (((1 + keep) / 2, ONE), ((1 - keep) / 2, Z))
    ]


def relaxation(amount):
    with np.errstate(divide="ignore"):
        duration_s = min(-np.log1p(-amount), 800.0)
    return thermal_relaxation(duration_s=duration_s, t1_s=1.0, t2_s=1.0, excited_population=0.2)


def arrival(amount):
    survive = np.sqrt(1 - amount) * np.eye(3, 2)
    return [survive, *(np.sqrt(amount) * np.outer(np.eye(3)[2], level) for level in np.eye(2))]


# A channel for each strength from 0 (nothing happens) to 1, and Kraus operators written down by hand.
CHANNELS = {
    "depolarizing": (lambda a: depolarizing(mixing=a), lambda a: mixture(1 - 0.75 * a, a / 4, a / 4, a / 4)),
    "dephasing": (lambda a: dephasing(probability=a), lambda a: mixture(1 - a, 0, 0, a)),
    "pauli_channel": (
        lambda a: pauli_channel(x=0.2 * a, y=0.3 * a, z=0.5 * a),
        lambda a: mixture(max(0.0, 1 - a), 0.2 * a, 0.3 * a, 0.5 * a),
    ),
    "amplitude_damping": (lambda a: amplitude_damping(damping=a), damped),
    "thermal_relaxation": (relaxation, warm),
    "erasure": (lambda a: erasure(transmissivity=1 - a), arrival),
}
# What two stages of the same channel are in one.
STAGES = {
    "depolarizing": lambda a, b: 1 - (1 - a) * (1 - b),
    "dephasing": lambda a, b: a + b - 2 * a * b,
    "amplitude_damping": lambda a, b: 1 - (1 - a) * (1 - b),
    "thermal_relaxation": lambda a, b: 1 - (1 - a) * (1 - b),
}
UNITAL = {"depolarizing", "dephasing", "pauli_channel"}
every_channel = pytest.mark.parametrize("name", CHANNELS)


def test_the_list_is_complete():
    functions = inspect.getmembers(qnet_channels, inspect.isfunction)
    assert sorted(CHANNELS) == [name for name, f in functions if f.__annotations__.get("return") is Channel]


@every_channel
@given(amount=AMOUNTS)
def test_is_its_kraus_operators(name, amount):
    make, kraus = CHANNELS[name]
    expected = sum(np.kron(k.conj(), k) for k in kraus(amount))  # columns stacked
    np.testing.assert_allclose(make(amount).superop(), expected, atol=1e-13)


@every_channel
@given(amount=AMOUNTS)
def test_is_physical(name, amount):
    channel = CHANNELS[name][0](amount)
    assert channel.is_completely_positive()
    assert channel.is_trace_preserving()
    np.testing.assert_array_equal(channel.transfer[0, 1:], 0)
    own = channel.kraus()
    np.testing.assert_allclose(sum(k.conj().T @ k for k in own), np.eye(2), atol=1e-12)


@every_channel
def test_is_unital_or_not(name):
    assert CHANNELS[name][0](0.3).is_unital() == (name in UNITAL)


@every_channel
@given(amount=AMOUNTS, seeds=st.tuples(SEEDS, SEEDS))
def test_brings_states_closer(name, amount, seeds):
    rho, sigma = (random_state(2, rng=np.random.default_rng(seed)) for seed in seeds)
    channel = CHANNELS[name][0](amount)
    after = trace_distance(rho.apply(channel, 0), sigma.apply(channel, 0))
    assert after <= trace_distance(rho, sigma) + 1e-13


@every_channel
@given(amount=AMOUNTS, seed=SEEDS)
def test_acts_on_its_qubit_only(name, amount, seed):
    rho = random_state((2, 2), rng=np.random.default_rng(seed))
    after = rho.apply(CHANNELS[name][0](amount), 1)
    np.testing.assert_allclose(after.ptrace(0).bloch, rho.ptrace(0).bloch, atol=1e-14)


@every_channel
def test_nothing_is_nothing(name):
    channel, qubit = CHANNELS[name][0](0.0), DensityMatrix([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]])
    np.testing.assert_allclose(qubit.apply(channel, 0).matrix[:2, :2], qubit.matrix, atol=1e-16)


@pytest.mark.parametrize("name", STAGES)
@given(first=st.floats(0, 0.99), second=st.floats(0, 0.99))
def test_two_stages_are_one(name, first, second):
    make, both = CHANNELS[name][0], STAGES[name](first, second)
    np.testing.assert_allclose(make(first).then(make(second)).transfer, make(both).transfer, atol=1e-13)


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_losses_multiply(first, second):
    """A lost qubit stays lost: the second erasure acts on the first one's three levels."""
    once = erasure(transmissivity=first)
    again = once.then(erasure(transmissivity=second, dim=3))
    rho = random_state(2, rng=np.random.default_rng(1))
    arrived = rho.apply(again, 0).matrix[:2, :2]
    np.testing.assert_allclose(arrived, rho.apply(erasure(transmissivity=first * second), 0).matrix[:2, :2], atol=1e-14)
