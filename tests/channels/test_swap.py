"""Entanglement swapping against a four-qubit density-matrix simulation, and its laws."""

import chain_oracle
import numpy as np
import oracles
import pytest
import station_oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, LinearOpticsStation, amplitude_damping, swap, swap_branches
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    coherent_information,
    ket,
    negativity,
    random_state,
    tensor,
    werner_state,
)

SEEDS = st.integers(0, 2**32 - 1)
PROBABILITIES = st.floats(0.0, 1.0)
PHI = bell_state("phi+")
PAULIS = [oracles.PAULI[letter] for letter in "XYZ"]
STATIONS = st.builds(BellStation, gate_mixing=PROBABILITIES, readout_error=PROBABILITIES)


def random_pair(seed, rank=None):
    return random_state((2, 2), rank=rank, rng=np.random.default_rng(seed))


def noise_of(seed):
    """Gate mixing and readout error; every fourth station is ideal, some have one fault only."""
    rng = np.random.default_rng(1000 + seed)
    return [value if seed % 4 & bit else 0.0 for bit, value in zip((1, 2), rng.uniform(0, 1, size=2), strict=True)]


@pytest.mark.parametrize("seed", range(24))
def test_average_is_the_simulated_one(seed):
    left, right = random_pair(seed, rank=1 + seed % 4), random_pair(seed + 100)
    gate_mixing, readout_error = noise_of(seed)
    state, probability = swap(left, right, station=BellStation(gate_mixing=gate_mixing, readout_error=readout_error))
    expected = chain_oracle.swapped(left.matrix, right.matrix, gate_mixing, readout_error)
    np.testing.assert_allclose(state.matrix, expected, atol=1e-12)
    np.testing.assert_allclose(probability, 1, rtol=1e-14)


@pytest.mark.parametrize("seed", range(24))
def test_every_branch_is_the_simulated_one(seed):
    left, right = random_pair(seed, rank=1 + seed % 4), random_pair(seed + 100)
    gate_mixing, readout_error = noise_of(seed)
    station = BellStation(gate_mixing=gate_mixing, readout_error=readout_error, success_probability=0.7)
    branches = swap_branches(left, right, station=station)
    assert len(branches) == 4
    for branch, bits in zip(branches, chain_oracle.OUTCOMES, strict=True):
        expected = chain_oracle.swap_branch(left.matrix, right.matrix, bits, gate_mixing, readout_error)
        chance = np.trace(expected).real
        np.testing.assert_allclose(branch.probability, 0.7 * chance, atol=1e-13)
        np.testing.assert_allclose(branch.state.matrix, expected / chance, atol=1e-12)


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS)
def test_average_is_the_mixture_of_the_branches(seeds, station):
    left, right = map(random_pair, seeds)
    branches = swap_branches(left, right, station=station)
    mixture = sum(branch.probability * branch.state.matrix for branch in branches)
    average = swap(left, right, station=station)
    np.testing.assert_allclose(average.probability * average.state.matrix, mixture, atol=1e-13)


@given(seeds=st.tuples(SEEDS, SEEDS, SEEDS), station=STATIONS)
def test_order_of_swapping_does_not_matter(seeds, station):
    first, second, third = map(random_pair, seeds)
    from_left = swap(swap(first, second, station=station).state, third, station=station)
    from_right = swap(first, swap(second, third, station=station).state, station=station)
    np.testing.assert_allclose(from_left.state.bloch, from_right.state.bloch, atol=1e-13)


@given(seed=SEEDS)
def test_swapping_into_a_perfect_pair_passes_the_state_on(seed):
    pair = random_pair(seed)
    np.testing.assert_allclose(swap(pair, bell_state("phi+")).state.bloch, pair.bloch, atol=1e-14)
    for branch in swap_branches(pair, bell_state("phi+")):
        np.testing.assert_allclose(branch.state.bloch, pair.bloch, atol=1e-13)
        np.testing.assert_allclose(branch.probability, 0.25, rtol=1e-13)


@given(seeds=st.tuples(SEEDS, SEEDS))
def test_errors_compose_by_exclusive_or(seeds):
    left, right = map(random_pair, seeds)
    one, two = bell_weights(left), bell_weights(right)
    expected = [sum(one[a] * two[a ^ c] for a in range(4)) for c in range(4)]
    np.testing.assert_allclose(bell_weights(swap(left, right).state), expected, atol=1e-14)


@given(seed=SEEDS, station=STATIONS)
def test_bell_diagonal_pairs_do_not_tell_the_outcomes_apart(seed, station):
    weights = np.random.default_rng(seed).dirichlet([1, 1, 1, 1], size=2)
    left, right = map(bell_diagonal_state, weights)
    expected = swap(left, right, station=station).state.bloch
    for branch in swap_branches(left, right, station=station):
        np.testing.assert_allclose(branch.probability, 0.25, rtol=1e-13)
        np.testing.assert_allclose(branch.state.bloch, expected, atol=1e-13)


def test_a_useless_gate_or_coin_toss_readout_leaves_no_correlation():
    pair = bell_state("phi+")
    np.testing.assert_allclose(swap(pair, pair, station=BellStation(gate_mixing=1.0)).state.matrix, np.eye(4) / 4)
    np.testing.assert_allclose(
        swap(pair, pair, station=BellStation(readout_error=0.5)).state.matrix, np.eye(4) / 4, atol=1e-16
    )


def test_success_probability_does_not_touch_the_state():
    left, right = random_pair(1), random_pair(2)
    half = swap(left, right, station=BellStation(gate_mixing=0.1, success_probability=0.5))
    full = swap(left, right, station=BellStation(gate_mixing=0.1))
    np.testing.assert_allclose(half.state.bloch, full.state.bloch, atol=1e-15)
    np.testing.assert_allclose(half.probability, 0.5, rtol=1e-15)


def test_station_that_never_succeeds_leaves_no_state():
    station = BellStation(success_probability=np.array([0.0, 1.0]))
    state, probability = swap(bell_state("phi+"), bell_state("phi+"), station=station)
    np.testing.assert_array_equal(probability, [0, 1])
    assert np.all(np.isnan(state.bloch[0]))
    np.testing.assert_allclose(state.bloch[1], bell_state("phi+").bloch, atol=1e-15)


def test_outcome_that_never_occurs_leaves_no_state():
    branches = swap_branches(ket("00"), ket("00"))
    np.testing.assert_allclose([branch.probability for branch in branches], [0.5, 0.5, 0, 0], atol=1e-16)
    assert np.all(np.isnan(branches[2].state.bloch))
    np.testing.assert_allclose(branches[0].state.matrix, ket("00").matrix, atol=1e-16)


@given(seed=SEEDS, station=st.sampled_from([BellStation(success_probability=1e-9), LinearOpticsStation(1e-6)]))
def test_outcome_that_round_off_alone_makes_is_one_that_never_occurs(seed, station):
    """Qubits that stand at right angles to an outcome, in any direction and for any small chance of success."""
    bloch = random_state(2, rank=1, rng=np.random.default_rng(seed)).bloch[1:]
    for k, label in enumerate(station_oracle.BELL_LABELS[2:], start=2):
        signs = [oracles.BELL_VECTORS[label].conj() @ np.kron(p, p) @ oracles.BELL_VECTORS[label] for p in PAULIS]
        met = DensityMatrix.from_bloch([1, *(-bloch * np.real(signs))], 2)
        left = tensor(ket("0"), DensityMatrix.from_bloch([1, *bloch], 2))
        branches = swap_branches(left, tensor(met, ket("+")), station=station)
        assert branches[k].probability == 0
        assert np.isnan(branches[k].state.bloch).all()
        assert np.isfinite(branches[5 - k].state.bloch).all()


def test_pairs_and_stations_broadcast(rng):
    left = random_state((2, 2), batch_shape=(3, 1), rng=rng)
    right = random_state((2, 2), batch_shape=(2,), rng=rng)
    errors = np.array([[[0.0]], [[0.1]]])
    state, probability = swap(left, right, station=BellStation(readout_error=errors))
    assert state.batch_shape == probability.shape == (2, 3, 2)
    for s, i, j in np.ndindex(2, 3, 2):
        expected = swap(left[i, 0], right[j], station=BellStation(readout_error=errors[s, 0, 0]))
        np.testing.assert_allclose(state[s, i, j].bloch, expected.state.bloch, atol=1e-15)


def test_three_werner_pairs_multiply_their_parameters():
    pair = werner_state(fidelity=np.array([0.7, 0.9]))
    state = swap(swap(pair, pair).state, pair).state
    parameter = (4 * np.array([0.7, 0.9]) - 1) / 3
    assert isinstance(state, DensityMatrix)
    np.testing.assert_allclose(bell_weights(state)[:, 0], (1 + 3 * parameter**3) / 4, rtol=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_ends_decay_before_the_correction(seed):
    """Relaxation while the outcome travels, which a Pauli on C does not commute with."""
    left, right = random_pair(seed), random_pair(seed + 100)
    damping = np.random.default_rng(seed).uniform(0.1, 0.9, size=2)
    waits = [amplitude_damping(damping=one) for one in damping]
    gate_mixing, readout_error = noise_of(seed)
    station = BellStation(gate_mixing=gate_mixing, readout_error=readout_error)
    branches = swap_branches(left, right, station=station, feed_forward=tuple(waits))
    kraus = [np.array([[[1, 0], [0, np.sqrt(1 - one)]], [[0, np.sqrt(one)], [0, 0]]]) for one in damping]
    total = 0
    for k, branch in enumerate(branches):
        expected = 0
        for heard, label in enumerate(station_oracle.BELL_LABELS):  # a flipped bit is a wrong label
            flips = bin(k ^ heard).count("1")
            chance = (1 - gate_mixing) * readout_error**flips * (1 - readout_error) ** (2 - flips)
            effect = chance * station_oracle.bell_effect(label) + gate_mixing * np.eye(4) / 16
            correction = station_oracle.CORRECTION[station_oracle.BELL_LABELS[k]]
            expected = expected + station_oracle.measured(left.matrix, right.matrix, effect, correction, kraus)
        np.testing.assert_allclose(branch.probability * branch.state.matrix, expected, atol=1e-12)
        total = total + expected
    state = swap(left, right, station=station, feed_forward=tuple(waits)).state
    np.testing.assert_allclose(state.matrix, total, atol=1e-12)


def test_decay_before_the_correction_is_not_decay_after_it():
    """By hand: of phi+ pairs psi± leaves C the opposite of A, so that it relaxes where A is 0, and is flipped then."""
    loss = amplitude_damping(damping=0.3)
    before = swap_branches(PHI, PHI, feed_forward=(Channel.identity(2), loss))
    after = [branch.state.apply(loss, 1) for branch in swap_branches(PHI, PHI)]
    for branch, late, population in zip(before, after, ([0, 0.3], [0, 0.3], [0.3, 0], [0.3, 0]), strict=True):
        np.testing.assert_allclose(branch.state.matrix.diagonal()[[1, 2]].real, np.array(population) / 2, atol=1e-15)
        np.testing.assert_allclose(late.matrix.diagonal()[[1, 2]].real, [0, 0.15], atol=1e-15)
    mean = swap(PHI, PHI, feed_forward=(Channel.identity(2), loss)).state
    np.testing.assert_allclose(bell_weights(mean), [((1 + np.sqrt(0.7)) / 2) ** 2, 0.0067, 0.075, 0.075], atol=5e-5)


def test_one_feed_forward_serves_both_ends_and_batches():
    waits = amplitude_damping(damping=[0.1, 0.2])
    state = swap(PHI, werner_state(fidelity=0.9), feed_forward=waits).state
    both = swap(PHI.apply(waits, 0), werner_state(fidelity=0.9).apply(waits, 1)).state
    assert state.batch_shape == (2,)
    np.testing.assert_allclose(state.bloch, both.bloch, atol=1e-15)


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS, rank=st.integers(1, 3))
def test_entanglement_does_not_grow_on_average(seeds, station, rank):
    left, right = (random_pair(seed, rank=rank) for seed in seeds)
    branches = [branch for branch in swap_branches(left, right, station=station) if branch.probability > 1e-12]
    mean = sum(branch.probability * negativity(branch.state) for branch in branches)
    assert mean <= min(negativity(left), negativity(right)) + 1e-9
    assert negativity(swap(left, right, station=station).state) <= mean + 1e-9


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS, rank=st.integers(1, 3))
def test_the_far_end_learns_no_more_about_the_near_one_than_the_station_did(seeds, station, rank):
    """Data processing, from either end: the mean coherent information is at most that of the end's own pair."""
    left, right = (random_pair(seed, rank=rank) for seed in seeds)
    branches = [branch for branch in swap_branches(left, right, station=station) if branch.probability > 1e-12]
    for end, own in ((0, left), (1, right)):
        mean = sum(branch.probability * coherent_information(branch.state, target=1 - end) for branch in branches)
        assert mean <= coherent_information(own, target=1 - end) + 1e-9


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS)
def test_bell_diagonal_pairs_stay_so(seeds, station):
    weights = [np.random.default_rng(seed).dirichlet([1] * 4) for seed in seeds]
    state = swap(*map(bell_diagonal_state, weights), station=station).state
    np.testing.assert_allclose(bell_diagonal_state(bell_weights(state)).bloch, state.bloch, atol=1e-14)


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS, success=PROBABILITIES)
def test_outcomes_and_failure_are_everything(seeds, station, success):
    left, right = map(random_pair, seeds)
    limited = BellStation(station.gate_mixing, station.readout_error, success)
    branches = swap_branches(left, right, station=limited)
    np.testing.assert_allclose(sum(branch.probability for branch in branches), success, atol=1e-13)
