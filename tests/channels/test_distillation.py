"""One round of distillation against density matrices of all qubits, and its laws."""

import distillation_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnet_channels
from qnet_channels import bbpssw, dejmps, depolarizing, double_selection, epl
from qnet_channels.detection import Readout
from qnet_channels.distillation import unnormalized_round
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    ket,
    random_state,
    tensor,
    werner_state,
)

PAIRS_USED = {"bbpssw": 2, "dejmps": 2, "epl": 2, "double_selection": 3}
SEEDS = st.integers(0, 2**32 - 1)
PROBABILITIES = st.floats(0.0, 1.0)
NOISES = st.fixed_dictionaries({"gate_mixing": PROBABILITIES, "readout_error": PROBABILITIES})
FLIP = Channel.from_unitary([[0, 1], [1, 0]])
CNOT = Channel.from_unitary([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


def round_of(name):
    return getattr(qnet_channels, name)


def random_pair(seed, rank=None):
    return random_state((2, 2), rank=rank, rng=np.random.default_rng(seed))


def random_pairs(name, seed, rank=None):
    return [random_pair((seed, k), rank) for k in range(PAIRS_USED[name])]


def noise_of(seed):
    """Every fourth round is perfect, some have one fault only."""
    both = np.random.default_rng(1000 + seed).uniform(0, 1, size=2)
    return [value if seed % 4 & bit else 0.0 for bit, value in zip((1, 2), both, strict=True)]


@pytest.mark.parametrize("name", PAIRS_USED)
@pytest.mark.parametrize("seed", range(16))
def test_round_is_the_simulated_one(name, seed):
    pairs = random_pairs(name, seed, rank=1 + seed % 4)
    mixing, flip = noise_of(seed)
    state, probability = round_of(name)(*pairs, gate_mixing=mixing, readout_error=flip)
    expected = oracle.ROUNDS[name]([pair.matrix for pair in pairs], mixing, flip)
    chance = np.trace(expected).real
    np.testing.assert_allclose(probability, chance, atol=1e-14)
    np.testing.assert_allclose(state.matrix, expected / chance, atol=1e-12)
    np.testing.assert_array_equal(state.trace(), 1)


def by_public_calls(name, first, second, mixing, flip):
    """A round of two pairs by gates and readouts on four qubits."""
    whole = tensor(first, second)  # A1 B1 A2 B2
    if name == "dejmps":
        turns = [qnet_channels.rotation("x", angle_rad=sign * np.pi / 2) for sign in (1, -1, 1, -1)]
        whole = whole.apply_each(turns)
    for on in ((0, 2), (1, 3)):
        whole = whole.apply(CNOT, on).apply(depolarizing(mixing=mixing, num_qubits=2), on)
    reader = Readout(flip, flip).instrument(destructive=True)
    kept = ((1, 1),) if name == "epl" else ((0, 0), (1, 1))
    parts = []
    for a, b in kept:
        one = reader.branches(whole, 3)[b]
        other = reader.branches(one.state, 2)[a]
        parts.append(one.probability * other.probability * other.state.matrix)
    return sum(parts)


@pytest.mark.parametrize("name", ["bbpssw", "dejmps", "epl"])
@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.03, 0.02)])
def test_round_is_what_gates_and_readouts_give(name, mixing, flip):
    first, second = random_pairs(name, 5)
    expected = by_public_calls(name, first, second, mixing, flip)
    state, probability = round_of(name)(first, second, gate_mixing=mixing, readout_error=flip)
    np.testing.assert_allclose(probability * state.matrix, expected, atol=1e-13)


@given(seed=SEEDS, noise=NOISES)
@pytest.mark.parametrize("name", PAIRS_USED)
def test_probabilities_and_states_are_possible(name, seed, noise):
    state, probability = round_of(name)(*random_pairs(name, seed), **noise)
    assert 0 <= probability <= 1 + 1e-14
    assert np.linalg.eigvalsh(state.matrix).min() > -1e-12


@given(seed=SEEDS, noise=NOISES)
def test_what_is_kept_and_what_is_not_are_everything(seed, noise):
    """Z of the second pair is flipped by X before the round: then what was dropped is kept."""
    first, second = random_pairs("bbpssw", seed)
    flipped = second.apply(FLIP, 1)
    for protocol in (bbpssw, dejmps):
        total = protocol(first, second, **noise).probability + protocol(first, flipped, **noise).probability
        np.testing.assert_allclose(total, 1, atol=1e-14)
    four = [epl(first, pair, **noise) for one in (second, flipped) for pair in (one, one.apply(FLIP, 0))]
    np.testing.assert_allclose(sum(branch.probability for branch in four), 1, atol=1e-14)


@given(seed=SEEDS, noise=NOISES)
def test_epl_keeps_half_of_what_bbpssw_keeps(seed, noise):
    """Reading 11 is one of the two ways to read the same; the other is that of pairs flipped on both sides."""
    first, second = random_pairs("epl", seed)
    both = second.apply(FLIP, 0).apply(FLIP, 1)
    parts = [
        branch.probability * branch.state.matrix for branch in (epl(first, second, **noise), epl(first, both, **noise))
    ]
    whole = bbpssw(first, second, **noise)
    np.testing.assert_allclose(sum(parts), whole.probability * whole.state.matrix, atol=1e-14)


@given(seed=SEEDS, noise=NOISES)
@pytest.mark.parametrize("name", PAIRS_USED)
def test_bell_diagonal_pairs_stay_so(name, seed, noise):
    weights = np.random.default_rng(seed).dirichlet(np.ones(4), size=PAIRS_USED[name])
    state = round_of(name)(*map(bell_diagonal_state, weights), **noise).state
    np.testing.assert_allclose(state.bloch, np.diag(np.diag(state.bloch)), atol=1e-15)


@given(seed=SEEDS, noise=NOISES)
@pytest.mark.parametrize("name", ["bbpssw", "dejmps", "double_selection"])
def test_bell_weights_come_from_bell_weights_alone(name, seed, noise):
    """Whatever else the pairs are: both sides do the same and compare. (Reading 11, as epl does, is no comparison.)"""
    pairs = random_pairs(name, seed)
    one = round_of(name)(*pairs, **noise)
    other = round_of(name)(*map(qnet_channels.twirl_to_bell_diagonal, pairs), **noise)
    np.testing.assert_allclose(one.probability, other.probability, atol=1e-14)
    np.testing.assert_allclose(bell_weights(one.state), bell_weights(other.state), atol=1e-13)


@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.1, 0.05), (0.0, 0.5)])
def test_werner_pairs_that_are_twirled_follow_the_formula_of_their_parameters(mixing, flip):
    """``p x' = p2**2 (x1 + D x2 + 4 A x1 x2)/6``: where readout is noisy, the pair that is kept counts for more."""
    kept, measured, contrast = 0.8, 0.4, (1 - 2 * flip) ** 2
    pairs = [werner_state(fidelity=(1 + 3 * x) / 4) for x in (kept, measured)]
    state, probability = bbpssw(*pairs, gate_mixing=mixing, readout_error=flip)
    np.testing.assert_allclose(probability, (1 + (1 - mixing) ** 2 * contrast * kept * measured) / 2, rtol=1e-14)
    sum_of_three = kept + contrast * measured + 2 * (1 + contrast) * kept * measured
    expected = (1 - mixing) ** 2 * sum_of_three / 6 / probability
    np.testing.assert_allclose((4 * bell_weights(state)[0] - 1) / 3, expected, rtol=1e-13)


def test_perfect_pairs_pass_unharmed():
    phi, psi = bell_state("phi+"), bell_state("psi+")
    for name in ("bbpssw", "dejmps", "double_selection"):
        state, probability = round_of(name)(*[phi] * PAIRS_USED[name])
        np.testing.assert_allclose(state.bloch, phi.bloch, atol=1e-15)
        assert probability == 1
    state, probability = epl(psi, psi)
    np.testing.assert_allclose(state.bloch, psi.bloch, atol=1e-15)
    assert probability == 0.5


def test_epl_drops_a_phase_that_both_pairs_share():
    turn = qnet_channels.rotation("z", angle_rad=np.linspace(0, 3, 4))
    raw = tensor(ket("1"), ket("1")).matrix * 0.3 + bell_state("psi+").matrix * 0.7
    pair = DensityMatrix(raw).apply(turn, 0)
    state, probability = epl(pair, pair)
    np.testing.assert_allclose(bell_weights(state)[:, 2], 1, atol=1e-14)
    np.testing.assert_allclose(probability, 0.7**2 / 2, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "chance"), [("bbpssw", 0.5), ("dejmps", 0.5), ("epl", 0.25), ("double_selection", 0.25)]
)
def test_useless_gates_toss_coins(name, chance):
    state, probability = round_of(name)(*random_pairs(name, 2), gate_mixing=1.0)
    np.testing.assert_allclose(probability, chance, rtol=1e-14)
    np.testing.assert_allclose(state.matrix, np.eye(4) / 4, atol=1e-15)


def test_double_selection_sees_what_the_second_pair_would_pass_on():
    """Phase errors of the measured pair go over to the kept one unseen, unless a third pair shows them."""
    bad, good = bell_diagonal_state([0.8, 0.2, 0, 0]), bell_state("phi+")
    np.testing.assert_allclose(bell_weights(bbpssw(good, bad).state), [0.8, 0.2, 0, 0], atol=1e-15)
    state, probability = double_selection(good, bad, good)
    np.testing.assert_allclose(bell_weights(state), [1, 0, 0, 0], atol=1e-15)
    np.testing.assert_allclose(probability, 0.8, rtol=1e-14)


@pytest.mark.parametrize("name", PAIRS_USED)
def test_pairs_and_noise_broadcast(name, rng):
    pairs = [random_state((2, 2), batch_shape=shape, rng=rng) for shape in ((3, 1), (2,), ())]
    pairs = pairs[: PAIRS_USED[name]]
    mixing, flip = np.array([[[0.0]], [[0.1]]]), np.array([0.0, 0.2])
    state, probability = round_of(name)(*pairs, gate_mixing=mixing, readout_error=flip)
    assert state.batch_shape == probability.shape == (2, 3, 2)
    for s, i, j in np.ndindex(2, 3, 2):
        single = [pairs[0][i, 0], pairs[1][j], *pairs[2:]]
        expected = round_of(name)(*single, gate_mixing=mixing[s, 0, 0], readout_error=flip[j])
        np.testing.assert_allclose(state[s, i, j].bloch, expected.state.bloch, atol=1e-15)
        np.testing.assert_allclose(probability[s, i, j], expected.probability, atol=1e-15)


@pytest.mark.parametrize("shared", ["neither", "first", "second"])
def test_batches_longer_than_a_chunk(shared, rng):
    count = 515
    pairs = {name: random_state((2, 2), batch_shape=(count,), rng=rng) for name in ("first", "second")}
    if shared != "neither":
        pairs[shared] = pairs[shared][0]
    mixing = rng.uniform(0, 0.2, count)
    state, probability = dejmps(**pairs, gate_mixing=mixing, readout_error=0.01)
    for k in (0, 1, 511, 512, 514):
        one = {name: pair[k] if pair.batch_shape else pair for name, pair in pairs.items()}
        expected = dejmps(**one, gate_mixing=mixing[k], readout_error=0.01)
        np.testing.assert_allclose(state[k].bloch, expected.state.bloch, atol=1e-15)
        np.testing.assert_allclose(probability[k], expected.probability, atol=1e-15)


@given(seed=SEEDS, noise=NOISES)
@pytest.mark.parametrize("name", ["bbpssw", "dejmps", "epl"])
def test_the_round_before_normalization_is_bilinear(name, seed, noise):
    """Averages over waiting times go through it, and differences of states as well."""
    a, b, c = (random_pair((seed, k)) for k in range(3))
    mixture = DensityMatrix.from_bloch(0.3 * a.bloch - 0.1 * b.bloch, (2, 2))
    one, other, both = (unnormalized_round(x, c, name, **noise).bloch for x in (a, b, mixture))
    np.testing.assert_allclose(both, 0.3 * one - 0.1 * other, atol=1e-14)
    one, other, both = (unnormalized_round(c, x, name, **noise).bloch for x in (a, b, mixture))
    np.testing.assert_allclose(both, 0.3 * one - 0.1 * other, atol=1e-14)
    whole = round_of(name)(a, b, **noise)
    raw = unnormalized_round(a, b, name, **noise)
    np.testing.assert_allclose(raw.bloch, whole.probability * whole.state.bloch, atol=1e-14)


def test_pairs_of_a_trace_below_1_carry_their_probability():
    half = DensityMatrix(0.5 * random_pair(3).matrix)
    state, probability = dejmps(half, half)
    whole = dejmps(half.normalized(), half.normalized())
    np.testing.assert_allclose(probability, whole.probability / 4, rtol=1e-14)
    np.testing.assert_allclose(state.bloch, whole.state.bloch, atol=1e-14)


def test_what_never_succeeds_leaves_no_state_there_and_everywhere_else_one():
    second = tensor(ket("0"), ket("0"))
    first = DensityMatrix.from_bloch(
        np.stack([ket("01").bloch, werner_state(fidelity=0.9).bloch, ket("00").bloch]), (2, 2)
    )
    state, probability = bbpssw(first, second)
    assert probability[0] == 0
    assert np.isnan(state.bloch[0]).all()
    np.testing.assert_allclose(probability[1:], [1 / 2 + 1 / 2 * (4 * 0.9 - 1) / 3, 1], rtol=1e-14)
    assert np.isfinite(state.bloch[1:]).all()
    state, probability = epl(ket("00"), werner_state(fidelity=np.array([0.3, 0.9])))
    assert np.isfinite(state.bloch).all()
    state, probability = epl(ket("00"), ket("00"))
    assert probability == 0
    assert np.isnan(state.bloch).all()


def test_round_off_is_no_probability():
    """Opposite bits that rounding makes not quite opposite."""
    almost = DensityMatrix.from_bloch(ket("01").bloch * [1, 1, 1, 1 - 1e-16], (2, 2))
    turn = qnet_channels.rotation("z", angle_rad=0.3)
    state, probability = bbpssw(almost.apply(turn, 0), ket("00").apply(turn, 1))
    assert probability == 0
    assert np.isnan(state.bloch).all()


def test_a_point_that_has_no_state_stays_without():
    pairs = werner_state(fidelity=np.array([0.8, 0.9]))
    zeros = DensityMatrix.from_bloch(np.stack([ket("01").bloch, ket("00").bloch]), (2, 2))
    lost = bbpssw(zeros, ket("00")).state
    for name in PAIRS_USED:
        state, probability = round_of(name)(lost, *[pairs] * (PAIRS_USED[name] - 1))
        expected = round_of(name)(ket("00"), *[pairs[1]] * (PAIRS_USED[name] - 1))
        assert np.isnan(state.bloch[0]).all()
        assert np.isnan(probability[0])
        np.testing.assert_allclose(state.bloch[1], expected.state.bloch, atol=1e-15)
        np.testing.assert_allclose(probability[1], expected.probability, rtol=1e-14)


def test_inputs_are_left_alone():
    pair = random_pair(1)
    before = pair.bloch.copy()
    dejmps(pair, pair)
    bbpssw(pair, pair, gate_mixing=np.linspace(0, 1, 3))
    np.testing.assert_array_equal(pair.bloch, before)
