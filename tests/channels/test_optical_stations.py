"""Stations of linear optics against photons that are followed one by one, and their laws and limits."""

from itertools import product

import numpy as np
import pytest
import station_oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import LinearOpticsStation, dephasing, double_click_link, swap, swap_branches
from qnet_core import bell_diagonal_state, bell_state, bell_weights, random_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
PROBABILITIES = st.floats(0.0, 1.0)
STATIONS = st.builds(
    LinearOpticsStation,
    transmissivity=st.tuples(PROBABILITIES, PROBABILITIES),
    dark_count_probability=st.floats(1e-3, 0.9),
    visibility=PROBABILITIES,
    number_resolving=st.booleans(),
)
PHI = bell_state("phi+")


def random_pair(seed, rank=None):
    return random_state((2, 2), rank=rank, rng=np.random.default_rng(seed))


def random_hardware(seed):
    """Parameters of a station; some photons are alike, some detectors dark."""
    rng = np.random.default_rng(seed)
    left, right, visibility = rng.uniform(0.05, 1, size=3)
    return {
        "transmissivity": (left, right), "dark_count_probability": rng.uniform(0, 0.3) if seed % 3 else 0.0,
        "visibility": visibility if seed % 4 else 1.0, "number_resolving": bool(seed % 2),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(16))
def test_every_announcement_is_the_simulated_one(seed):
    hardware = random_hardware(seed)
    left, right = random_pair(seed, rank=1 + seed % 4), random_pair(seed + 100)
    effects = station_oracle.linear_optics_effects(**hardware)
    branches = swap_branches(left, right, station=LinearOpticsStation(**hardware))
    total = np.zeros((4, 4), complex)
    for label, branch in zip(station_oracle.BELL_LABELS, branches, strict=True):
        correction = station_oracle.CORRECTION[label]
        expected = station_oracle.measured(left.matrix, right.matrix, effects[label], correction)
        total += expected
        chance = np.trace(expected).real
        np.testing.assert_allclose(branch.probability, chance, rtol=1e-10, atol=1e-15)
        if chance:
            np.testing.assert_allclose(branch.state.matrix, expected / chance, atol=1e-10)
    state, probability = swap(left, right, station=LinearOpticsStation(**hardware))
    np.testing.assert_allclose(probability, np.trace(total).real, rtol=1e-10)
    np.testing.assert_allclose(state.matrix, total / np.trace(total).real, atol=1e-10)


def test_the_simulated_station_measures_bell_states():
    perfect = station_oracle.linear_optics_effects(transmissivity=(1.0, 1.0))
    for label in ("psi+", "psi-"):
        np.testing.assert_allclose(perfect[label], station_oracle.bell_effect(label), atol=1e-15)


@pytest.mark.parametrize("seed", range(6))
def test_on_perfect_pairs_it_is_the_double_click_link(seed):
    hardware = random_hardware(seed)
    state, probability = swap(PHI, PHI, station=LinearOpticsStation(**hardware))
    link = double_click_link(**hardware)
    np.testing.assert_allclose(probability, link.probability, rtol=1e-14)
    np.testing.assert_allclose(state.bloch, link.state.bloch, atol=1e-14)


@given(losses=st.tuples(PROBABILITIES, PROBABILITIES), dark=PROBABILITIES)
def test_probability_is_the_published_yield_of_single_photons(losses, dark):
    """Y11 of Ma and Razavi, PRA 86, 062319 (2012)."""
    a, b = losses
    expected = (1 - dark) ** 2 * (a * b / 2 + (2 * a + 2 * b - 3 * a * b) * dark + 4 * (1 - a) * (1 - b) * dark**2)
    probability = swap(PHI, PHI, station=LinearOpticsStation(losses, dark)).probability
    np.testing.assert_allclose(probability, expected, rtol=1e-12, atol=1e-15)


def test_perfect_optics_measure_psi_and_miss_phi():
    pair = random_pair(1)
    ideal, optical = swap_branches(pair, PHI), swap_branches(pair, PHI, station=LinearOpticsStation())
    for k in (0, 1):
        assert optical[k].probability == 0
        assert np.isnan(optical[k].state.bloch).all()
    for k in (2, 3):
        np.testing.assert_allclose(optical[k].probability, ideal[k].probability, rtol=1e-14)
        np.testing.assert_allclose(optical[k].state.bloch, ideal[k].state.bloch, atol=1e-14)


@given(seed=SEEDS, losses=st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 1.0)))
def test_loss_alone_costs_rate_and_no_fidelity(seed, losses):
    pairs = [bell_diagonal_state(weights) for weights in np.random.default_rng(seed).dirichlet([1] * 4, size=2)]
    state, probability = swap(*pairs, station=LinearOpticsStation(transmissivity=losses))
    np.testing.assert_allclose(probability, losses[0] * losses[1] / 2, rtol=1e-13)
    np.testing.assert_allclose(state.bloch, swap(*pairs).state.bloch, atol=1e-13)


@given(visibility=PROBABILITIES, seed=SEEDS)
def test_unlike_photons_are_dephased_ones(visibility, seed):
    """Without dark counts: coherence of both announcements goes with V, their probability does not."""
    left, right = random_pair(seed), random_pair(seed + 1)
    blurred = swap_branches(left, right, station=LinearOpticsStation(visibility=visibility, transmissivity=0.3))
    noisy = right.apply(dephasing(probability=(1 - visibility) / 2), 0)
    for one, other in zip(blurred[2:], swap_branches(left, noisy)[2:], strict=True):
        np.testing.assert_allclose(one.probability, 0.09 * other.probability, rtol=1e-12)
        np.testing.assert_allclose(one.state.bloch, other.state.bloch, atol=1e-12)


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS)
def test_outcomes_are_probabilities_and_average_to_the_mean(seeds, station):
    left, right = map(random_pair, seeds)
    branches = swap_branches(left, right, station=station)
    total = sum(branch.probability for branch in branches)
    assert 0 < total < 1 + 1e-14
    mean = swap(left, right, station=station)
    np.testing.assert_allclose(mean.probability, total, rtol=1e-13)
    mixture = sum(branch.probability * branch.state.matrix for branch in branches if branch.probability)
    np.testing.assert_allclose(mean.state.matrix, mixture / total, atol=1e-12)


@given(seed=SEEDS, station=STATIONS)
def test_bell_diagonal_pairs_stay_so(seed, station):
    left, right = map(bell_diagonal_state, np.random.default_rng(seed).dirichlet([1] * 4, size=2))
    state = swap(left, right, station=station).state
    np.testing.assert_allclose(bell_diagonal_state(bell_weights(state)).bloch, state.bloch, atol=1e-12)


@given(station=STATIONS)
def test_effects_are_positive_and_at_most_one(station):
    """Eigenvalues of the announced operators in the Bell basis, and of failure."""
    signs = np.array([[1, 1, -1, 1], [1, -1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]])
    weights = signs @ station.correlations.T
    assert weights.min() > -1e-15
    assert weights.sum(axis=1).max() < 1 + 1e-14


def test_mirrored_station_gives_the_mirrored_pair():
    left, right = random_pair(1), random_pair(2)
    one = swap_branches(left, right, station=LinearOpticsStation((0.3, 0.8), 0.1, 0.7))
    other = swap_branches(
        right.permute((1, 0)), left.permute((1, 0)), station=LinearOpticsStation((0.8, 0.3), 0.1, 0.7)
    )
    for branch, mirrored, correction in zip(one[2:], other[2:], "XY", strict=True):
        np.testing.assert_allclose(branch.probability, mirrored.probability, rtol=1e-13)
        turned = station_oracle.kron(*(station_oracle.PAULI[correction],) * 2)  # the correction is at the other end
        back = turned @ mirrored.state.permute((1, 0)).matrix @ turned
        np.testing.assert_allclose(branch.state.matrix, back, atol=1e-13)


def test_station_of_dark_detectors_alone_leaves_no_correlation():
    pairs = random_pair(1), random_pair(2)
    station = LinearOpticsStation(transmissivity=0.0, dark_count_probability=0.1)
    state, probability = swap(*pairs, station=station)
    np.testing.assert_allclose(probability, 4 * 0.1**2 * 0.9**2, rtol=1e-13)
    ends = np.kron(pairs[0].ptrace(0).matrix, pairs[1].ptrace(1).matrix)
    mean = sum(
        (turn := station_oracle.kron(np.eye(2), station_oracle.PAULI[correction])) @ ends @ turn.conj().T / 2
        for correction in "XY"
    )
    np.testing.assert_allclose(state.matrix, mean, atol=1e-14)


def test_blind_station_loses_its_own_point_only():
    state, probability = swap(PHI, PHI, station=LinearOpticsStation(transmissivity=[0.0, 1.0]))
    np.testing.assert_allclose(probability, [0, 0.5], atol=1e-16)
    assert np.isnan(state.bloch[0]).all()
    np.testing.assert_allclose(state[1].bloch, PHI.bloch, atol=1e-15)


def test_pairs_and_stations_broadcast(rng):
    left = random_state((2, 2), batch_shape=(3, 1), rng=rng)
    right = random_state((2, 2), batch_shape=(2,), rng=rng)
    losses = np.array([[[0.3]], [[0.9]]])
    station = LinearOpticsStation(transmissivity=(losses, 0.5), dark_count_probability=0.01)
    state, probability = swap(left, right, station=station)
    assert state.batch_shape == probability.shape == (2, 3, 2)
    for s, i, j in np.ndindex(2, 3, 2):
        one = LinearOpticsStation(transmissivity=(losses[s, 0, 0], 0.5), dark_count_probability=0.01)
        expected = swap(left[i, 0], right[j], station=one)
        np.testing.assert_allclose(state[s, i, j].bloch, expected.state.bloch, atol=1e-14)
        np.testing.assert_allclose(probability[s, i, j], expected.probability, rtol=1e-14)


@pytest.mark.parametrize("batches", list(product([(), (1,), (4,)], repeat=3)))
def test_any_operand_may_be_the_only_batch(batches, rng):
    left, right = (random_state((2, 2), batch_shape=batch, rng=rng) for batch in batches[:2])
    losses = rng.uniform(0.1, 1, size=batches[2])
    state = swap(left, right, station=LinearOpticsStation(transmissivity=losses)).state
    assert state.batch_shape == np.broadcast_shapes(*batches)
    parts = [rho.broadcast_to(state.batch_shape or (1,)) for rho in (left, right)]
    losses = np.broadcast_to(losses, state.batch_shape or (1,))
    for k in range(len(losses)):
        expected = swap(parts[0][k], parts[1][k], station=LinearOpticsStation(transmissivity=losses[k])).state
        np.testing.assert_allclose(state.bloch if not state.batch_shape else state.bloch[k], expected.bloch, atol=1e-14)


def test_station_is_a_frozen_value():
    losses = np.array([0.1, 0.2])
    station = LinearOpticsStation(transmissivity=(losses, 0.5))
    losses[:] = 1.0
    np.testing.assert_array_equal(station.transmissivity[0], [0.1, 0.2])
    with pytest.raises(ValueError, match="read-only"):
        station.transmissivity[0][0] = 1.0
    with pytest.raises(AttributeError):
        station.visibility = 0.5


def test_bad_stations_are_refused():
    with pytest.raises(ParameterError, match=r"Parameter `transmissivity\[1\]` must be between 0 and 1, but is 1.5."):
        LinearOpticsStation(transmissivity=(0.5, 1.5))
    with pytest.raises(DimensionError, match=r"`transmissivity` must be one value or a pair \(left, right\)"):
        LinearOpticsStation(transmissivity=(0.5, 0.5, 0.5))
    with pytest.raises(ParameterTypeError, match="`number_resolving` must be True or False, but is 1"):
        LinearOpticsStation(number_resolving=1)
    with pytest.raises(DimensionError, match=r"`visibility` \(2,\)"):
        LinearOpticsStation(transmissivity=[0.1, 0.2, 0.3], visibility=[0.5, 1.0])
    with pytest.raises(ParameterTypeError, match="`station` must be a station, but is float"):
        swap(PHI, PHI, station=0.5)
    with pytest.raises(DimensionError, match=r"`left` \(2,\), `right` \(\), `station` \(3,\)"):
        swap(PHI.broadcast_to(2), PHI, station=LinearOpticsStation(transmissivity=[0.1, 0.2, 0.3]))
    with pytest.raises(DimensionError, match=r"`right` must be a state of two qubits, but has dims \(2,\)"):
        swap(PHI, PHI.ptrace(0), station=LinearOpticsStation())
    with pytest.raises(ParameterTypeError, match="`left` must be a DensityMatrix, but is ndarray"):
        swap_branches(PHI.matrix, PHI, station=LinearOpticsStation())
