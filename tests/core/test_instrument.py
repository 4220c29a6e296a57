"""Measurements: Born's rule, the states left behind, and samples."""

import numpy as np
import oracles
import pytest

from qnet_core import Channel, DensityMatrix, Heralded, Instrument, bell_state, ket

PROJECTORS = [np.diag([1, 0]), np.diag([0, 1])]


def measurement(outcomes=None):
    return Instrument([Channel.from_kraus(np.array([p])) for p in PROJECTORS], outcomes)


def random_instrument(rng, dim, num_outcomes):
    """Return the Kraus sets of a generic instrument, each outcome with two operators."""
    kraus = oracles.random_kraus(rng, dim, count=2 * num_outcomes)
    return kraus.reshape(num_outcomes, 2, dim, dim)


@pytest.mark.parametrize(("dims", "on"), [((2,), 0), ((2, 3), 1), ((2, 3, 2), (2, 0)), ((3,), (0,))])
def test_probabilities_and_branches(rng, dims, on):
    targets = np.atleast_1d(on)
    dims_on = tuple(dims[s] for s in targets)
    maps = random_instrument(rng, int(np.prod(dims_on)), 3)
    instrument = Instrument([Channel.from_kraus(k, dims_on, dims_on) for k in maps])
    size = int(np.prod(dims))
    matrices = oracles.stack(lambda: oracles.random_density(rng, size), (4,))
    rho = DensityMatrix(matrices, dims)
    branches = instrument.branches(rho, on)
    probabilities = instrument.probabilities(rho, on)
    assert probabilities.shape == (3, 4)
    assert isinstance(branches, tuple)
    for outcome, point in np.ndindex(3, 4):
        expected, _ = oracles.apply_kraus(maps[outcome], matrices[point], dims, tuple(targets))
        weight = np.trace(expected).real
        branch = branches[outcome]
        assert isinstance(branch, Heralded)
        np.testing.assert_allclose(probabilities[outcome, point], weight, rtol=1e-12)
        np.testing.assert_allclose(branch.probability[point], weight, rtol=1e-12)
        np.testing.assert_allclose(branch.state[point].matrix, expected / weight, atol=1e-13)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, rtol=1e-13)
    np.testing.assert_array_equal(rho.matrix, DensityMatrix(matrices, dims).matrix)


def test_born_rule_on_the_qubit_of_the_tables():
    rho = DensityMatrix(oracles.TILTED_QUBIT)
    np.testing.assert_allclose(measurement().probabilities(rho, 0), [0.75, 0.25], rtol=1e-14)
    for bit, branch in enumerate(measurement().branches(rho, 0)):
        np.testing.assert_allclose(branch.state.matrix, PROJECTORS[bit], atol=1e-15)


def test_measuring_one_half_steers_the_other():
    for bit, branch in enumerate(measurement().branches(bell_state("psi-"), 0)):
        np.testing.assert_allclose(branch.probability, 0.5, rtol=1e-15)
        expected = np.kron(PROJECTORS[bit], PROJECTORS[1 - bit])
        np.testing.assert_allclose(branch.state.matrix, expected, atol=1e-15)


def test_destructive_measurement_removes_its_target(rng):
    bras = [Channel.from_kraus(np.eye(2)[[bit]][None], 2, ()) for bit in range(2)]
    matrix = oracles.random_density(rng, 6)
    rho = DensityMatrix(matrix, (2, 3))
    for bit, branch in enumerate(Instrument(bras).branches(rho, 0)):
        assert branch.state.dims == (3,)
        block = matrix[3 * bit : 3 * bit + 3, 3 * bit : 3 * bit + 3]
        np.testing.assert_allclose(branch.probability, np.trace(block).real, rtol=1e-13)
        expected = block / np.trace(block)
        np.testing.assert_allclose(branch.state.matrix, expected, atol=1e-14)


def test_an_impossible_outcome_has_probability_zero_and_no_state():
    rho = DensityMatrix(np.array([np.diag([1, 0]), np.eye(2) / 2]))
    never = measurement().branches(rho, 0)[1]
    np.testing.assert_allclose(never.probability, [0, 0.5], atol=1e-16)
    assert np.all(np.isnan(never.state.bloch[0]))
    np.testing.assert_allclose(never.state.matrix[1], np.diag([0, 1]), atol=1e-15)


def test_total_forgets_the_outcome(rng):
    maps = random_instrument(rng, 3, 2)
    total = Instrument([Channel.from_kraus(k, 3, 3) for k in maps]).total()
    expected = oracles.transfer_matrix(maps.reshape(-1, 3, 3), (3,), (3,))
    np.testing.assert_allclose(total.transfer, expected, atol=1e-14)
    dephased = measurement().total()
    np.testing.assert_allclose(dephased.transfer, np.diag([1, 0, 0, 1]), atol=1e-15)


def test_outcomes_are_named():
    assert tuple(measurement().outcomes) == (0, 1)
    assert tuple(measurement(["up", "down"]).outcomes) == ("up", "down")


def test_batched_maps(rng):
    """Readout that errs with a probability of its own at every point."""
    flip = np.array([0.0, 0.1, 0.5])[:, None, None, None]
    kraus = np.array([np.sqrt(1 - flip) * PROJECTORS[0], np.sqrt(flip) * PROJECTORS[1]])
    wrong = np.array([np.sqrt(flip) * PROJECTORS[0], np.sqrt(1 - flip) * PROJECTORS[1]])
    maps = [Channel.from_kraus(np.concatenate(list(k), axis=-3)) for k in (kraus, wrong)]
    seen = Instrument(maps).probabilities(ket("0"), 0)
    np.testing.assert_allclose(seen, [[1, 0.9, 0.5], [0, 0.1, 0.5]], atol=1e-15)


def test_samples_follow_born_rule():
    """At 5 sigma of a binomial count, over a batch of 20000 copies."""
    copies = 20_000
    rho = DensityMatrix(oracles.TILTED_QUBIT).broadcast_to((copies,))
    indices, after = measurement().sample(rho, 0, rng=np.random.default_rng(7))
    assert indices.shape == after.batch_shape == (copies,)
    assert np.issubdtype(indices.dtype, np.integer)
    spread = np.sqrt(copies * 0.25 * 0.75)
    assert abs(indices.sum() - 0.25 * copies) < 5 * spread
    np.testing.assert_allclose(after.trace(), 1, rtol=1e-13)
    np.testing.assert_allclose(after.expect("Z"), 1 - 2 * indices, atol=1e-14)


def test_samples_of_three_outcomes_at_unequal_points():
    weights = np.array([[0.2, 0.5, 0.3], [0.9, 0.0, 0.1]])
    projectors = [Channel.from_kraus(np.diag(row)[None], 3, 3) for row in np.eye(3)]
    rho = DensityMatrix(np.array([np.diag(w) for w in weights]), 3).broadcast_to((10_000, 2))
    indices, _ = Instrument(projectors).sample(rho, 0, rng=np.random.default_rng(8))
    counts = np.array([[np.sum(indices[:, i] == k) for k in range(3)] for i in range(2)])
    spread = np.sqrt(10_000 * weights * (1 - weights))
    assert np.all(np.abs(counts - 10_000 * weights) <= 5 * spread)


def test_a_single_state_gives_a_single_outcome():
    indices, after = measurement().sample(ket("1"), 0, rng=np.random.default_rng(1))
    assert np.shape(indices) == ()
    assert indices == 1
    np.testing.assert_allclose(after.matrix, np.diag([0, 1]), atol=1e-15)


def test_the_same_seed_gives_the_same_samples(rng):
    rho = DensityMatrix(np.eye(2) / 2).broadcast_to((200,))
    first, again, other = (measurement().sample(rho, 0, rng=np.random.default_rng(seed))[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_a_measured_state_stays_as_it_was_found():
    rho = bell_state("phi+").broadcast_to((50,))
    generator = np.random.default_rng(5)
    left, after = measurement().sample(rho, 0, rng=generator)
    right, _ = measurement().sample(after, 1, rng=generator)
    np.testing.assert_array_equal(left, right)


def test_sampling_needs_a_generator():
    with pytest.raises(TypeError, match="`rng`"):
        measurement().sample(ket("0"), 0, rng=42)
