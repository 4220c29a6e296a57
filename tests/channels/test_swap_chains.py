"""Chains of unlike pairs against dense matrices, in every order, averaged and outcome by outcome."""

from itertools import permutations, product

import numpy as np
import pytest
import station_oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, LinearOpticsStation, amplitude_damping, swap, swap_branches, swap_chain
from qnet_core import Channel, bell_diagonal_state, bell_state, bell_weights, negativity, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
LABELS = station_oracle.BELL_LABELS
PHI = bell_state("phi+")


def random_pairs(seed, count, **options):
    rng = np.random.default_rng(seed)
    return [random_state((2, 2), rng=rng, **options) for _ in range(count)]


def noisy_stations(seed, count, success=1.0):
    rng = np.random.default_rng(seed + 1)
    return [BellStation(*rng.uniform(0, 0.5, size=2), success_probability=success) for _ in range(count)]


@pytest.mark.parametrize("labels", list(product(LABELS, repeat=2)))
def test_outcomes_of_two_nodes_are_the_simulated_ones(labels):
    pairs = random_pairs(3, 3)
    expected = station_oracle.chain_measured([pair.matrix for pair in pairs], labels)
    state, probability = swap_chain(pairs, outcomes=labels)
    np.testing.assert_allclose(probability, np.trace(expected).real, rtol=1e-12)
    np.testing.assert_allclose(state.matrix, expected / np.trace(expected), atol=1e-12)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_mean_is_the_mixture_of_simulated_outcomes(count):
    pairs = random_pairs(5, count)
    dense = [pair.matrix for pair in pairs]
    mixture = sum(station_oracle.chain_measured(dense, labels) for labels in product(LABELS, repeat=count - 1))
    state, probability = swap_chain(pairs)
    np.testing.assert_allclose(probability, 1, rtol=1e-12)
    np.testing.assert_allclose(state.matrix, mixture, atol=1e-12)


@pytest.mark.parametrize("order", [*permutations((1, 2, 3)), "sequential", "nested", None])
def test_order_does_not_matter_for_the_mean_of_bell_stations(order):
    pairs, stations = random_pairs(7, 4), noisy_stations(7, 3, success=0.9)
    expected = pairs[0], 1.0
    for pair, station in zip(pairs[1:], stations, strict=True):
        state, probability = swap(expected[0], pair, station=station)
        expected = state, probability * expected[1]
    state, probability = swap_chain(pairs, stations=stations, order=order)
    np.testing.assert_allclose(probability, 0.9**3, rtol=1e-13)
    np.testing.assert_allclose(state.bloch, expected[0].bloch, atol=1e-13)


@given(seed=SEEDS, count=st.integers(2, 7), data=st.data())
def test_any_order_of_any_chain(seed, count, data):
    pairs, stations = random_pairs(seed, count, rank=2), noisy_stations(seed, count - 1)
    order = data.draw(st.permutations(range(1, count)))
    expected = swap_chain(pairs, stations=stations).state.bloch
    np.testing.assert_allclose(swap_chain(pairs, stations=stations, order=order).state.bloch, expected, atol=1e-12)


OPTICS = [LinearOpticsStation((0.8, 0.6), 0.05, 0.9), BellStation(0.1, 0.05), LinearOpticsStation(0.7, 0.1, 0.8, True)]
ONE_BY_ONE = {
    "sequential": lambda a, b, c, d, s: swapped(swapped(swapped(a, b, s[0]), c, s[1]), d, s[2]),
    "nested": lambda a, b, c, d, s: swapped(swapped(a, b, s[0]), swapped(c, d, s[2]), s[1]),
    (3, 2, 1): lambda a, b, c, d, s: swapped(a, swapped(b, swapped(c, d, s[2]), s[1]), s[0]),
    (2, 1, 3): lambda a, b, c, d, s: swapped(swapped(a, swapped(b, c, s[1]), s[0]), d, s[2]),
}


def swapped(left, right, station):
    """States with the probabilities of what led to them."""
    state, probability = swap(left[0], right[0], station=station)
    return state, left[1] * right[1] * probability


@pytest.mark.parametrize("order", ONE_BY_ONE)
def test_an_order_is_that_of_single_swaps(order):
    """Also for stations that don't announce every outcome, where the order does matter."""
    pairs = random_pairs(11, 4)
    state, probability = swap_chain(pairs, stations=OPTICS, order=order)
    expected = ONE_BY_ONE[order](*((pair, 1.0) for pair in pairs), OPTICS)
    np.testing.assert_allclose(probability, expected[1], rtol=1e-12)
    np.testing.assert_allclose(state.bloch, expected[0].bloch, atol=1e-12)


def test_no_order_is_one_correction_at_the_end():
    pairs = random_pairs(11, 4)
    last = swap_chain(pairs, stations=OPTICS, order=(3, 2, 1))
    np.testing.assert_array_equal(swap_chain(pairs, stations=OPTICS).state.bloch, last.state.bloch)
    first = swap_chain(pairs, stations=OPTICS, order=(1, 2, 3))
    assert np.abs(first.state.bloch - last.state.bloch).max() > 1e-3


@given(seed=SEEDS)
def test_order_does_not_matter_for_bell_diagonal_pairs(seed):
    pairs = [bell_diagonal_state(weights) for weights in np.random.default_rng(seed).dirichlet([1] * 4, size=4)]
    expected = swap_chain(pairs, stations=OPTICS)
    for order in ("sequential", "nested", (2, 3, 1)):
        state, probability = swap_chain(pairs, stations=OPTICS, order=order)
        np.testing.assert_allclose(probability, expected.probability, rtol=1e-12)
        np.testing.assert_allclose(state.bloch, expected.state.bloch, atol=1e-12)


@pytest.mark.parametrize("order", [None, "sequential", "nested"])
def test_outcomes_of_a_chain_add_up_to_its_mean(order):
    pairs = random_pairs(13, 3)
    options = {"stations": [OPTICS[0], noisy_stations(13, 1)[0]], "order": order}
    parts = [swap_chain(pairs, outcomes=labels, **options) for labels in product(LABELS, repeat=2)]
    happened = [part for part in parts if part.probability]
    state, probability = swap_chain(pairs, **options)
    assert len(happened) == 8
    np.testing.assert_allclose(probability, sum(part.probability for part in happened), rtol=1e-13)
    mixture = sum(part.probability * part.state.matrix for part in happened)
    np.testing.assert_allclose(probability * state.matrix, mixture, atol=1e-13)


def test_one_link_is_its_own_chain_and_perfect_links_pass_a_state_on():
    pair = random_pairs(17, 1)[0]
    state, probability = swap_chain([pair])
    np.testing.assert_allclose(state.bloch, pair.bloch, atol=1e-15)
    np.testing.assert_allclose(probability, 1, rtol=1e-15)
    np.testing.assert_allclose(swap_chain([pair, PHI, PHI, PHI], order="nested").state.bloch, pair.bloch, atol=1e-14)


@given(seed=SEEDS, count=st.integers(2, 6))
def test_weights_of_a_chain_are_the_convolution_of_those_of_the_pairs(seed, count):
    pairs = random_pairs(seed, count)
    expected = np.array([1.0, 0, 0, 0])
    for pair in pairs:
        weights = bell_weights(pair)
        expected = np.array([sum(expected[a] * weights[a ^ c] for a in range(4)) for c in range(4)])
    np.testing.assert_allclose(bell_weights(swap_chain(pairs).state), expected, atol=1e-13)


def test_ends_wait_before_the_correction():
    pairs = random_pairs(19, 3)
    left, right = amplitude_damping(damping=0.3), amplitude_damping(damping=0.6)
    state = swap_chain(pairs, feed_forward=(left, right), outcomes=("psi+", "phi-")).state
    dense = [pair.matrix for pair in (pairs[0].apply(left, 0), pairs[1], pairs[2].apply(right, 1))]
    expected = station_oracle.chain_measured(dense, ("psi+", "phi-"))
    np.testing.assert_allclose(state.matrix, expected / np.trace(expected), atol=1e-12)
    alone = swap_chain(pairs[:1], feed_forward=left).state
    np.testing.assert_allclose(alone.bloch, pairs[0].apply(left, 0).apply(left, 1).bloch, atol=1e-14)


@given(seed=SEEDS, rank=st.integers(1, 3))
def test_entanglement_does_not_grow_on_average(seed, rank):
    pairs = random_pairs(seed, 3, rank=rank)
    happened = [swap_chain(pairs, outcomes=labels) for labels in product(LABELS, repeat=2)]
    mean = sum(part.probability * negativity(part.state) for part in happened if part.probability > 1e-12)
    assert mean <= min(negativity(pair) for pair in pairs) + 1e-9
    assert negativity(swap_chain(pairs).state) <= mean + 1e-9


def test_pairs_and_stations_broadcast(rng):
    pairs = [random_state((2, 2), batch_shape=batch, rng=rng) for batch in ((3, 1), (), (2,))]
    stations = [BellStation(readout_error=np.array([[[0.0]], [[0.2]]])), LinearOpticsStation(transmissivity=[0.3, 0.9])]
    state, probability = swap_chain(pairs, stations=stations)
    assert state.batch_shape == probability.shape == (2, 3, 2)
    for s, i, j in np.ndindex(2, 3, 2):
        used = [BellStation(readout_error=0.2 * s), LinearOpticsStation(transmissivity=[0.3, 0.9][j])]
        expected = swap_chain([pairs[0][i, 0], pairs[1], pairs[2][j]], stations=used)
        np.testing.assert_allclose(state[s, i, j].bloch, expected.state.bloch, atol=1e-14)
        np.testing.assert_allclose(probability[s, i, j], expected.probability, rtol=1e-13)


def test_chain_that_never_succeeds_is_nan_at_its_point():
    stations = [BellStation(), BellStation(success_probability=[0.0, 1.0])]
    state, probability = swap_chain([PHI] * 3, stations=stations)
    np.testing.assert_array_equal(probability, [0, 1])
    assert np.isnan(state.bloch[0]).all()
    np.testing.assert_allclose(state.bloch[1], PHI.bloch, atol=1e-15)


def test_a_long_chain_of_werner_pairs():
    fidelities = np.linspace(0.95, 0.999, 64)
    state = swap_chain([werner_state(fidelity=f) for f in fidelities], order="nested").state
    parameter = np.prod((4 * fidelities - 1) / 3)
    np.testing.assert_allclose(bell_weights(state), (1 + parameter * np.array([3, -1, -1, -1])) / 4, rtol=1e-12)


REFUSED = [
    ({"pairs": []}, DimensionError, "`pairs` must hold at least one item, but is empty"),
    ({"pairs": PHI}, ParameterTypeError, "`pairs` must be a sequence, but is DensityMatrix"),
    (
        {"pairs": [PHI, PHI.ptrace(0)]},
        DimensionError,
        r"`pairs\[1\]` must be a state of two qubits, but has dims \(2,\)",
    ),
    ({"pairs": [PHI, None]}, ParameterTypeError, r"`pairs\[1\]` must be a DensityMatrix, but is NoneType"),
    ({"stations": [BellStation()]}, DimensionError, "`stations` must have 2 items, one per inner node, but has 1"),
    ({"stations": [BellStation(), 1]}, ParameterTypeError, r"`stations\[1\]` must be a station, but is int"),
    ({"stations": "ab"}, ParameterTypeError, "`stations` must be a sequence, but is str"),
    ({"order": "random"}, ParameterError, "`order` must be one of sequential, nested, but is 'random'"),
    ({"order": (1, 1)}, ParameterError, r"`order` must name each inner node once, but is \(1, 1\)"),
    ({"order": (0, 1)}, ParameterError, "`order` must be between 1 and 2, but is 0"),
    ({"order": (1,)}, DimensionError, "`order` must have 2 items, one per inner node, but has 1"),
    ({"order": 1}, ParameterTypeError, "`order` must be a sequence, but is int"),
    ({"outcomes": ("phi+", "phi")}, ParameterError, r"`outcomes\[1\]` must be one of phi\+, .*, but is 'phi'"),
    ({"outcomes": ("phi+",)}, DimensionError, "`outcomes` must have 2 items, one per inner node, but has 1"),
    ({"outcomes": "phi+"}, ParameterTypeError, "`outcomes` must be a sequence, but is str"),
    ({"feed_forward": 0.1}, ParameterTypeError, "`feed_forward` must be a Channel or a pair of them, but is float"),
    (
        {"feed_forward": (Channel.identity(2),)},
        DimensionError,
        r"`feed_forward` must be one .* \(left, right\), but has 1",
    ),
    (
        {"feed_forward": Channel.identity(3)},
        DimensionError,
        r"must take a qubit to a qubit, but takes dims \(3,\) to \(3,\)",
    ),
    (
        {"pairs": [PHI.broadcast_to(2), PHI, PHI], "stations": BellStation(0.1, [0.1, 0.2, 0.3])},
        DimensionError,
        r"Batch shapes must broadcast, but are `pairs\[0\]` \(2,\), .* `stations\[0\]` \(3,\)",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED)
def test_what_is_no_chain_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        swap_chain(**({"pairs": [PHI] * 3} | wrong))


def test_a_branch_of_one_swap_is_that_of_the_chain():
    left, right = random_pairs(23, 2)
    for label, branch in zip(LABELS, swap_branches(left, right, station=OPTICS[1]), strict=True):
        state, probability = swap_chain([left, right], stations=OPTICS[1], outcomes=[label])
        np.testing.assert_array_equal(probability, branch.probability)
        np.testing.assert_array_equal(state.bloch, branch.state.bloch)
