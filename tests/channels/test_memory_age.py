"""Memories that decay otherwise than exponentially have an age; nodes disturb what they store; ensembles lose it."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import EnsembleMemory, Memory, MemoryNode, double_click_link, gaussian_dephasing, thermal_relaxation
from qnet_core import bell_state, bell_weights, random_state
from qnet_core.errors import ParameterError
from qnet_protocols import equal_link_chain

TIMES = st.floats(0.05, 20.0)
DURATIONS = st.floats(0.0, 5.0)
EXPONENTS = st.sampled_from([0.5, 1.0, 2.0, 3.0]) | st.floats(0.3, 4.0)
MEMORIES = st.builds(
    lambda t1, ratio, population, exponent, age: Memory(t1, ratio * t1, population, exponent, age),
    TIMES,
    st.floats(0.01, 2.0),
    st.floats(0.0, 1.0),
    EXPONENTS,
    DURATIONS,
)
PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)
GAUSSIAN = Memory(t1_s=np.inf, t2_s=0.7, decay_exponent=2.0)


def coherence(channel):
    return channel.transfer[..., 1, 1]


def fields(memory):
    return [np.asarray(getattr(memory, name)).tolist() for name in memory.__dataclass_fields__]


@given(memory=MEMORIES, first=DURATIONS, second=DURATIONS)
def test_storing_twice_is_storing_once_if_the_memory_grows_older(memory, first, second):
    parts = memory.decay(duration_s=first).then(memory.older(duration_s=first).decay(duration_s=second))
    np.testing.assert_allclose(parts.transfer, memory.decay(duration_s=first + second).transfer, atol=1e-12)


def test_many_short_stores_are_one_long_store():
    memory = whole = Memory(t1_s=2.0, t2_s=0.7, excited_population=0.1, decay_exponent=2.5)
    channel = memory.decay(duration_s=0.0)
    for _ in range(50):
        channel = channel.then(memory.decay(duration_s=0.02))
        memory = memory.older(duration_s=0.02)
    np.testing.assert_allclose(channel.transfer, whole.decay(duration_s=1.0).transfer, atol=1e-13)


@pytest.mark.parametrize("exponent", [0.5, 2.0, 3.0])
def test_storing_twice_at_the_same_age_is_refocusing_in_between(exponent):
    memory = Memory(t1_s=np.inf, t2_s=1.0, decay_exponent=exponent)
    twice = memory.decay(duration_s=0.4).then(memory.decay(duration_s=0.4))
    np.testing.assert_allclose(coherence(twice), np.exp(-2 * 0.4**exponent), atol=1e-14)
    once = coherence(memory.decay(duration_s=0.8))
    assert (coherence(twice) > once) == (exponent > 1)
    assert abs(coherence(twice) - once) > 0.1


@given(memory=MEMORIES, first=DURATIONS, second=DURATIONS)
def test_refocused_starts_anew(memory, first, second):
    fresh = Memory(memory.t1_s, memory.t2_s, memory.excited_population, memory.decay_exponent)
    again = memory.older(duration_s=first).refocused()
    assert fields(again) == fields(fresh)
    np.testing.assert_array_equal(again.decay(duration_s=second).transfer, fresh.decay(duration_s=second).transfer)


@given(memory=MEMORIES, first=DURATIONS, second=DURATIONS)
def test_ages_add_and_the_memory_itself_stays_as_it_is(memory, first, second):
    before = fields(memory)
    older = memory.older(duration_s=first).older(duration_s=second)
    assert fields(memory) == before
    assert fields(older)[:4] == before[:4]
    np.testing.assert_allclose(older.age_s, memory.age_s + first + second, rtol=1e-15)


@given(memory=MEMORIES, duration=DURATIONS)
def test_an_exponential_memory_has_no_age(memory, duration):
    times = {"t1_s": memory.t1_s, "t2_s": memory.t2_s, "excited_population": memory.excited_population}
    exponential = Memory(**times, age_s=memory.age_s)
    assert exponential.is_exponential
    expected = thermal_relaxation(duration_s=duration, **times)
    np.testing.assert_array_equal(exponential.decay(duration_s=duration).transfer, expected.transfer)


@pytest.mark.parametrize("age", [0.0, 0.6])
def test_gaussian_decay_is_the_mean_over_detunings_that_stay_the_same(age):
    """Spread √2/T2 of the detuning, relaxation at the same time, and no refocusing between the two stores."""
    memory = Memory(t1_s=2.0, t2_s=0.7, excited_population=0.2, decay_exponent=2.0)
    jumps = [np.sqrt(0.8 / 2) * np.array([[0, 1], [0, 0]]), np.sqrt(0.2 / 2) * np.array([[0, 0], [1, 0]])]
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    flows = [
        oracles.lindblad_superoperator(node * np.sqrt(2) / 0.7 / 2 * oracles.PAULI["Z"], jumps, age + 0.5)
        for node in nodes
    ]
    expected = np.tensordot(weights / weights.sum(), flows, 1)
    parts = memory.decay(duration_s=age).then(memory.older(duration_s=age).decay(duration_s=0.5))
    np.testing.assert_allclose(parts.superop(), expected, atol=1e-12)


@pytest.mark.parametrize("age", [0.0, 0.3])
@pytest.mark.parametrize("t1", [0.4, 2.0, np.inf])
def test_relaxation_multiplies_the_dephasing(age, t1):
    durations = np.array([0.0, 1e-6, 0.1, 1.0, 3.0])
    memory = Memory(t1_s=t1, t2_s=1.3, excited_population=0.2, decay_exponent=2.0, age_s=age)
    transfer = memory.decay(duration_s=durations).transfer
    expected = np.exp(-durations / (2 * t1) - (durations**2 + 2 * age * durations) / 1.3**2)
    np.testing.assert_allclose(transfer[:, 1, 1], expected, rtol=1e-13)
    np.testing.assert_allclose(transfer[:, 2, 2], expected, rtol=1e-13)
    np.testing.assert_allclose(transfer[:, 3, 3], np.exp(-durations / t1), rtol=1e-13)
    np.testing.assert_allclose(transfer[:, 3, 0], 0.6 * (1 - np.exp(-durations / t1)), atol=1e-15)


@given(
    t1=st.floats(1e-3, 1e3), t2=st.floats(1e-3, 1e3), exponent=EXPONENTS.filter(lambda n: n != 1), age=DURATIONS,
    population=st.floats(0, 1),
)  # fmt: skip
def test_is_completely_positive_at_all_times_and_for_any_t2(t1, t2, exponent, age, population):
    memory = Memory(t1, t2, population, exponent, age)
    durations = np.concatenate([[0.0], np.geomspace(1e-6, 1e4, 41)])
    channel = memory.decay(duration_s=durations)
    assert np.linalg.eigvalsh(channel.choi()).min() > -1e-14
    np.testing.assert_array_equal(channel.transfer[:, 0], np.eye(4)[[0] * len(durations)])
    assert (np.diff(coherence(channel)) <= 1e-15).all()


@pytest.mark.parametrize("age", [0.0, 0.4])
def test_a_batch_may_mix_exponents(age):
    exponents, durations = np.array([1.0, 2.0, 3.0, 0.5]), np.array([[0.0], [0.2], [1.5]])
    memory = Memory(t1_s=2.0, t2_s=1.5, decay_exponent=exponents, age_s=age)
    assert not memory.is_exponential
    found = coherence(memory.decay(duration_s=durations))
    assert found.shape == (3, 4)
    grown = ((age + durations) / 1.5) ** exponents - (age / 1.5) ** exponents
    expected = np.exp(-grown - durations / 4)
    expected[:, 0] = np.exp(-durations[:, 0] / 1.5)  # T2 of an exponential memory contains the relaxation
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    for k, exponent in enumerate(exponents):
        alone = Memory(t1_s=2.0, t2_s=1.5, decay_exponent=exponent, age_s=age).decay(duration_s=durations[:, 0])
        np.testing.assert_allclose(memory.decay(duration_s=durations).transfer[:, k], alone.transfer, atol=1e-15)


def test_a_mixed_batch_grows_older_point_by_point():
    memory = Memory(t1_s=3.0, t2_s=1.5, decay_exponent=[1.0, 2.0])
    waits = np.array([[0.1], [0.7]])
    parts = memory.decay(duration_s=waits).then(memory.older(duration_s=waits).decay(duration_s=0.3))
    np.testing.assert_allclose(parts.transfer, memory.decay(duration_s=waits + 0.3).transfer, atol=1e-14)


def test_pure_dephasing_with_an_exponent_is_gaussian_dephasing():
    memory = Memory(t1_s=np.inf, t2_s=0.7, decay_exponent=3.0, age_s=0.2)
    expected = gaussian_dephasing(duration_s=0.5, t2_star_s=0.7, exponent=3.0, age_s=0.2)
    np.testing.assert_array_equal(memory.decay(duration_s=0.5).transfer, expected.transfer)


@pytest.mark.parametrize("exponent", [2.0, 0.5, [1.0, 2.0]])
def test_chains_refuse_memories_that_do_not_decay_exponentially(exponent):
    memory = Memory(t1_s=np.inf, t2_s=1.0, decay_exponent=exponent)
    with pytest.raises(ParameterError, match="`memory` must decay exponentially, but its decay_exponent is not 1"):
        equal_link_chain(double_click_link(transmissivity=0.1), num_links=2, cycle_s=1e-3, memory=memory)


def test_chains_take_exponential_memories_of_any_age():
    link = double_click_link(transmissivity=0.1)
    fresh, aged = (
        equal_link_chain(link, num_links=2, cycle_s=1e-3, memory=Memory(t1_s=1.0, t2_s=1.0, age_s=age))
        for age in (0.0, 0.5)
    )
    np.testing.assert_array_equal(fresh.state.bloch, aged.state.bloch)


STORAGES = {
    "perfect": PERFECT,
    "exponential": Memory(2.0, 1.5, 0.1),
    "gaussian": GAUSSIAN,
    "older": GAUSSIAN.older(duration_s=0.2),
}


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("attempts", [0.0, 1.0, 250.0, 1000.0])
def test_attempts_dephase_what_is_stored_on_top_of_its_own_decay(storage, attempts):
    memory = STORAGES[storage]
    node = MemoryNode(Memory(1e-3, 1e-3), memory, attempts_to_dephase=200.0)
    found = node.disturbed(attempts=attempts, attempt_duration_s=1e-3).transfer
    alone = memory.decay(duration_s=1e-3 * attempts).transfer
    kept = np.exp(-attempts / 200)
    np.testing.assert_allclose(found, np.diag([1, kept, kept, 1]) @ alone, atol=1e-15)


def test_the_number_of_attempts_to_dephase_is_that_of_one_over_e():
    node = MemoryNode(PERFECT, PERFECT, attempts_to_dephase=1234.0)
    half = bell_state("phi+").apply(node.disturbed(attempts=1234, attempt_duration_s=1.0), 1)
    np.testing.assert_allclose(half.matrix[0, 3], np.exp(-1) / 2, rtol=1e-14)


def test_without_disturbance_a_node_only_stores():
    node = MemoryNode(PERFECT, Memory(2.0, 1.0))
    found = node.disturbed(attempts=100, attempt_duration_s=0.01)
    np.testing.assert_array_equal(found.transfer, Memory(2.0, 1.0).decay(duration_s=1.0).transfer)


@pytest.mark.parametrize("fidelity", [0.5, 0.8, 0.977, 1.0])
def test_moving_a_qubit_has_its_average_fidelity(fidelity):
    """Averaged over the six axis states, which is the average over all, and from the process matrix."""
    moved = MemoryNode(PERFECT, Memory(1.0, 1.0), fidelity).swap_in()
    axes = [np.linalg.eigh(oracles.PAULI[letter])[1].T for letter in "XYZ"]
    states = [oracles.projector(vector) for vectors in axes for vector in vectors]
    kept = [np.trace(state @ oracles.act(moved.kraus(), state)).real for state in states]
    np.testing.assert_allclose(np.mean(kept), fidelity, atol=1e-14)
    process = sum(abs(np.trace(k)) ** 2 for k in moved.kraus()) / 4
    np.testing.assert_allclose((2 * process + 1) / 3, fidelity, atol=1e-14)


def test_while_it_is_moved_a_qubit_decays_as_in_communication():
    communication, storage = Memory(0.5, 0.4, 0.1), Memory(1e-6, 1e-6)
    node = MemoryNode(communication, storage, 0.9, swap_in_duration_s=0.05)
    alone = MemoryNode(PERFECT, storage, 0.9).swap_in()
    expected = alone.superop() @ communication.decay(duration_s=0.05).superop()
    np.testing.assert_allclose(node.swap_in().superop(), expected, atol=1e-15)


@pytest.mark.parametrize("exponent", [1.0, 2.0, 0.7])
def test_an_ensemble_gives_back_the_qubit_or_says_that_it_is_lost(exponent, rng):
    ensemble = EnsembleMemory(0.8, lifetime_s=0.5, decay_exponent=exponent)
    rho = random_state(2, rng=rng)
    for duration in (0.0, 0.1, 1.0, 30.0):
        back = 0.8 * np.exp(-((duration / 0.5) ** exponent))
        after = rho.apply(ensemble.decay(duration_s=duration), 0)
        assert after.dims == (3,)
        expected = np.zeros((3, 3), complex)
        expected[:2, :2], expected[2, 2] = back * rho.matrix, 1 - back
        np.testing.assert_allclose(after.matrix, expected, atol=1e-15)
        np.testing.assert_allclose(ensemble.retrieval_efficiency(duration_s=duration), back, rtol=1e-14)


def test_what_an_ensemble_gives_back_is_as_good_as_new():
    pair = bell_state("psi-").apply(EnsembleMemory(0.6, 1.0, 2.0).decay(duration_s=0.5), 1)
    arrived = pair.matrix.reshape(2, 3, 2, 3)[:, :2, :, :2].reshape(4, 4)
    probability = np.trace(arrived).real
    np.testing.assert_allclose(probability, 0.6 * np.exp(-0.25), rtol=1e-14)
    np.testing.assert_allclose(arrived / probability, bell_state("psi-").matrix, atol=1e-15)


def test_an_ensemble_without_a_lifetime_keeps_for_ever():
    efficiency = EnsembleMemory(0.7).retrieval_efficiency(duration_s=[0.0, 1.0, 1e9])
    np.testing.assert_array_equal(efficiency, [0.7, 0.7, 0.7])


def test_two_memories_of_different_ages_dephase_a_pair_differently():
    """Each half of a pair by its own memory: coherences multiply."""
    young, old = GAUSSIAN, GAUSSIAN.older(duration_s=1.0)
    channels = [young.decay(duration_s=0.2), old.decay(duration_s=0.2)]
    weights = bell_weights(bell_state("phi+").apply_each(channels))
    kept = np.exp(-(0.2**2 + 1.2**2 - 1.0**2) / 0.7**2)
    np.testing.assert_allclose(weights, [(1 + kept) / 2, (1 - kept) / 2, 0, 0], atol=1e-15)
