"""Stations boosted by ancillary photons against every pattern of their counts, and their laws and limits."""

from functools import cache
from math import comb

import boosted_oracle
import numpy as np
import pytest
import station_oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BoostedStation, LinearOpticsStation, swap, swap_branches, swap_chain
from qnet_core import bell_diagonal_state, bell_state, negativity, random_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
PROBABILITIES = st.floats(0.0, 1.0)
SCHEMES = {
    "bell-pair": ("grice", 2),
    "bell-pair-and-ghz": ("grice", 3),
    "four-photons": ("ewert-van-loock", 2),
}
BEST = {"bell-pair": (2, 0.75), "bell-pair-and-ghz": (6, 0.875), "four-photons": (4, 0.75)}
SMALL = ("bell-pair", "four-photons")
STATIONS = st.builds(
    BoostedStation,
    st.sampled_from(list(BEST)),
    transmissivity=st.tuples(PROBABILITIES, PROBABILITIES),
    ancilla_transmissivity=PROBABILITIES,
    dark_count_probability=st.floats(1e-2, 0.9),
)
SIGNS = np.array([[1, 1, -1, 1], [1, -1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]])  # II, XX, YY, ZZ of the Bell states
PHI = bell_state("phi+")


def random_pair(seed, rank=None):
    return random_state((2, 2), rank=rank, rng=np.random.default_rng(seed))


def scheme_of(ancillas):
    return boosted_oracle.SCHEMES[SCHEMES[ancillas]]


@cache
def table_of(ancillas):
    return boosted_oracle.table(scheme_of(ancillas))


def summed(table, num_detectors, left, right, kept, dark):
    """What the announcements measure, from a table of the oracle."""
    num_ancillas = max(lost for _, lost in table)
    arrived = {2: left * right, 1: left * (1 - right) + right * (1 - left), 0: (1 - left) * (1 - right)}
    total = 0
    for (signals, lost), values in table.items():
        missing = 2 - signals + lost
        total = total + values * (
            arrived[signals] * kept ** (num_ancillas - lost) * (1 - kept) ** lost
            * dark**missing * (1 - dark) ** (num_detectors - missing)
        )  # fmt: skip
    return total


@pytest.mark.parametrize("ancillas", BEST)
@pytest.mark.parametrize("numbers", [(1.0, 1.0, 1.0, 0.0), (0.7, 0.4, 0.8, 0.05), (0.0, 1.0, 0.5, 0.3)])
def test_announcements_are_those_of_all_patterns(ancillas, numbers):
    expected = summed(table_of(ancillas), 2 * scheme_of(ancillas).optics.modes, *numbers)
    left, right, kept, dark = numbers
    station = BoostedStation(ancillas, (left, right), kept, dark)
    np.testing.assert_allclose(station.correlations, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("ancillas", SMALL)
def test_loss_at_the_sources_is_loss_at_the_detectors(ancillas):
    """Equal losses may come last: then counts are thinned out from patterns of all photons, and dark ones added."""
    eta, dark, scheme = 0.7, 0.04, scheme_of(ancillas)
    modes = scheme.optics.modes
    announced = boosted_oracle.announced_patterns(scheme)
    seen = np.zeros((9, 9))  # counts given photons at one detector
    for n in range(8):
        for k in range(n + 1):
            chance = comb(n, k) * eta**k * (1 - eta) ** (n - k)
            seen[k, n] += chance * (1 - dark)
            seen[k + 1, n] += chance * dark

    def transition(after, before):
        """Probability to count one pattern given another, of the detectors of one polarization."""
        columns = np.array(boosted_oracle.patterns(modes, before)[0])
        rows = np.array(boosted_oracle.patterns(modes, after)[0])
        return np.prod(seen[rows[:, None], columns[None]], axis=-1)

    expected = np.zeros((4, 4))
    for (h, v), values in boosted_oracle.effects(scheme, (1, 1), 0)[0].items():
        for (counted_h, counted_v), accepted in announced.items():
            pulled = transition(counted_h, h).T @ accepted @ transition(counted_v, v)
            expected += np.einsum("mab,kab->mk", pulled, values)
    np.testing.assert_allclose(BoostedStation(ancillas, eta, eta, dark).correlations, expected, atol=1e-13)


@pytest.mark.parametrize("name", [("grice", 1), *(SCHEMES[ancillas] for ancillas in SMALL)])
@pytest.mark.parametrize("signals", [(1, 1), (1, 0), (0, 1), (0, 0)])
def test_simulated_patterns_are_everything(name, signals):
    scheme = boosted_oracle.SCHEMES[name]
    num_ancillas = sum(len(group) for group in scheme.groups)
    found = boosted_oracle.effects(scheme, signals)
    assert set(found) == set(range(num_ancillas + 1))
    for lost, by_numbers in found.items():
        total = sum(values.sum(axis=(1, 2)) for values in by_numbers.values())
        np.testing.assert_allclose(total, comb(num_ancillas, lost) * np.eye(4)[0], atol=1e-12)


def test_no_ancillas_is_plain_linear_optics():
    """The simulation, not the table: it has another way to count photons than the formulas of that station."""
    scheme = boosted_oracle.SCHEMES["grice", 1]
    station = LinearOpticsStation((0.7, 0.4), 0.05, number_resolving=True)
    expected = summed(boosted_oracle.table(scheme), 4, 0.7, 0.4, 1.0, 0.05)
    np.testing.assert_allclose(station.correlations, expected, atol=1e-14)


@pytest.mark.parametrize("ancillas", BEST)
def test_perfect_station_measures_bell_states_as_often_as_published(ancillas):
    pair, (_, best) = random_pair(1), BEST[ancillas]
    ideal, boosted = swap_branches(pair, PHI), swap_branches(pair, PHI, station=BoostedStation(ancillas))
    for k, share in enumerate([2 * best - 1, 2 * best - 1, 1, 1]):
        np.testing.assert_allclose(boosted[k].probability, share * ideal[k].probability, rtol=1e-14)
        np.testing.assert_allclose(boosted[k].state.bloch, ideal[k].state.bloch, atol=1e-14)
    np.testing.assert_allclose(swap(PHI, PHI, station=BoostedStation(ancillas)).probability, best, rtol=1e-15)


@pytest.mark.parametrize("ancillas", BEST)
@given(seed=SEEDS, losses=st.tuples(*[st.floats(0.05, 1.0)] * 3))
def test_loss_alone_costs_rate_and_no_fidelity(ancillas, seed, losses):
    pairs = [bell_diagonal_state(weights) for weights in np.random.default_rng(seed).dirichlet([1] * 4, size=2)]
    num_ancillas, best = BEST[ancillas]
    state, probability = swap(*pairs, station=BoostedStation(ancillas, losses[:2], losses[2]))
    np.testing.assert_allclose(probability, best * losses[0] * losses[1] * losses[2] ** num_ancillas, rtol=1e-12)
    np.testing.assert_allclose(state.bloch, swap(*pairs).state.bloch, atol=1e-13)


@pytest.mark.parametrize(
    ("ancillas", "worth"), [("bell-pair", 0.8165), ("bell-pair-and-ghz", 0.9110), ("four-photons", 0.9036)]
)
def test_where_ancillas_are_worth_it(ancillas, worth):
    plain = swap(PHI, PHI, station=LinearOpticsStation(transmissivity=0.5)).probability
    for kept, better in ((worth - 2e-4, False), (worth + 2e-4, True)):
        boosted = swap(PHI, PHI, station=BoostedStation(ancillas, 0.5, kept)).probability
        assert (boosted > plain) == better


@given(station=STATIONS)
def test_effects_are_positive_and_at_most_one(station):
    weights = SIGNS @ station.correlations.T
    assert weights.min() > -1e-13
    assert weights.sum(axis=1).max() < 1 + 1e-12


@given(seeds=st.tuples(SEEDS, SEEDS), station=STATIONS)
def test_outcomes_are_probabilities_and_average_to_the_mean(seeds, station):
    left, right = map(random_pair, seeds)
    branches = [branch for branch in swap_branches(left, right, station=station) if branch.probability]
    total = sum(branch.probability for branch in branches)
    mean = swap(left, right, station=station)
    np.testing.assert_allclose(mean.probability, total, rtol=1e-13)
    mixture = sum(branch.probability * branch.state.matrix for branch in branches)
    np.testing.assert_allclose(mean.state.matrix * total, mixture, atol=1e-13)


@pytest.mark.parametrize("ancillas", BEST)
def test_announcements_on_any_pairs_by_dense_matrices(ancillas):
    left, right = random_pair(3, rank=2), random_pair(4)
    station = BoostedStation(ancillas, (0.8, 0.6), 0.9, 0.01)
    paulis = [np.kron(p, p) for p in station_oracle.PAULI.values()]
    branches = swap_branches(left, right, station=station)
    for label, branch, weights in zip(station_oracle.BELL_LABELS, branches, station.correlations, strict=True):
        effect = sum(weight * pauli for weight, pauli in zip(weights, paulis, strict=True))
        correction = station_oracle.CORRECTION[label]
        expected = station_oracle.measured(left.matrix, right.matrix, effect, correction)
        np.testing.assert_allclose(branch.probability, np.trace(expected).real, rtol=1e-12)
        np.testing.assert_allclose(branch.state.matrix, expected / np.trace(expected), atol=1e-12)


@pytest.mark.parametrize("ancillas", BEST)
def test_dark_counts_make_false_announcements(ancillas):
    dark = np.array([0.0, 1e-4, 1e-3, 1e-2])
    state, probability = swap(PHI, PHI, station=BoostedStation(ancillas, 0.5, 0.9, dark))
    entanglement = negativity(state)
    assert (np.diff(entanglement) < 0).all()
    assert (np.diff(probability) > 0).all()


def test_unequal_arms_are_alike():
    one, other = (
        BoostedStation("four-photons", (0.3, 0.8), 0.9, 0.01),
        BoostedStation("four-photons", (0.8, 0.3), 0.9, 0.01),
    )
    np.testing.assert_allclose(one.correlations, other.correlations, rtol=1e-14)


def test_fields_broadcast_and_a_blind_point_is_lost_alone():
    arms = (np.array([0.0, 1.0]), 0.9)
    station = BoostedStation("bell-pair", arms, np.array([[0.8], [1.0]]))
    state, probability = swap(PHI, PHI, station=station)
    assert state.batch_shape == (2, 2)
    np.testing.assert_allclose(probability, [[0, 0.75 * 0.9 * 0.64], [0, 0.75 * 0.9]], rtol=1e-14)
    assert np.isnan(state.bloch[:, 0]).all()
    np.testing.assert_allclose(state.bloch[:, 1], np.broadcast_to(PHI.bloch, (2, 4, 4)), atol=1e-14)


def test_chain_of_unlike_stations():
    stations = [BoostedStation("four-photons", 0.9, 0.95), LinearOpticsStation(0.8)]
    state, probability = swap_chain([PHI] * 3, stations=stations)
    np.testing.assert_allclose(probability, 0.75 * 0.81 * 0.95**4 * 0.32, rtol=1e-13)
    np.testing.assert_allclose(state.bloch, PHI.bloch, atol=1e-14)


def test_bad_stations_are_refused():
    with pytest.raises(
        ParameterError, match="`ancillas` must be one of bell-pair, bell-pair-and-ghz, four-photons, but is 'w'"
    ):
        BoostedStation("w")
    with pytest.raises(ParameterError, match=r"Parameter `transmissivity\[0\]` must be between 0 and 1, but is -0.1."):
        BoostedStation(transmissivity=(-0.1, 0.5))
    with pytest.raises(ParameterError, match="`ancilla_transmissivity` must be between 0 and 1, but is nan"):
        BoostedStation(ancilla_transmissivity=np.nan)
    with pytest.raises(ParameterTypeError, match="`dark_count_probability` must hold real numbers"):
        BoostedStation(dark_count_probability="0")
    with pytest.raises(DimensionError, match=r"`ancilla_transmissivity` \(2,\), `dark_count_probability` \(3,\)"):
        BoostedStation(ancilla_transmissivity=[0.1, 0.2], dark_count_probability=[0.1, 0.2, 0.3])
    with pytest.raises(AttributeError):
        BoostedStation().ancillas = "four-photons"
