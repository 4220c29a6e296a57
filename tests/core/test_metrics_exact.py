"""Twelve digits where noise hurts most: pure states and states that lack full rank.

Square roots of eigenvalues turn an error of 1e-16 into one of 1e-8 unless it is cared for.
Expected values come from how the states were made, never from their matrices.
"""

import numpy as np
import oracles
import pytest

import qnet_core as qc
from qnet_core import DensityMatrix

TIGHT = {"rtol": 0, "atol": 1e-12}


def state(factor, dims=None):
    return DensityMatrix(factor @ oracles.dagger(factor), dims)


def rotated(rng, weights):
    """Return a state with the given spectrum in a random basis, and that basis."""
    unitary = oracles.random_unitary(rng, len(weights))
    return DensityMatrix((unitary * weights) @ oracles.dagger(unitary), len(weights)), unitary


@pytest.mark.parametrize("dim", [2, 3, 4, 8])
def test_fidelity_and_distance_of_pure_states(rng, dim):
    for _ in range(10):
        left, right = (oracles.random_factor(rng, dim, 1) for _ in range(2))
        overlap = abs(np.vdot(left, right)) ** 2
        pair = state(left, dim), state(right, dim)
        np.testing.assert_allclose(qc.fidelity(*pair), overlap, **TIGHT)
        np.testing.assert_allclose(qc.trace_distance(*pair), np.sqrt(1 - overlap), **TIGHT)
        np.testing.assert_allclose(qc.fidelity(pair[0], pair[0]), 1, **TIGHT)
        np.testing.assert_allclose(qc.trace_distance(pair[0], pair[0]), 0, **TIGHT)


@pytest.mark.parametrize("dim", [2, 4, 6])
def test_fidelity_of_orthogonal_states_is_zero(rng, dim):
    unitary = oracles.random_unitary(rng, dim)
    half = dim // 2
    lower, upper = (state(unitary[:, s] / np.sqrt(half), dim) for s in (slice(half), slice(half, dim)))
    np.testing.assert_allclose(qc.fidelity(lower, upper), 0, **TIGHT)
    np.testing.assert_allclose(qc.trace_distance(lower, upper), 1, **TIGHT)


@pytest.mark.parametrize("ranks", [(1, 2), (1, 4), (2, 2), (2, 3), (3, 3), (2, 4), (4, 4)])
def test_fidelity_of_any_ranks(rng, ranks):
    for dim in (4, 6):
        left, right = (oracles.random_factor(rng, dim, rank) for rank in ranks)
        expected = oracles.fidelity_of_factors(left, right)
        pair = state(left, dim), state(right, dim)
        np.testing.assert_allclose(qc.fidelity(*pair), expected, **TIGHT)
        np.testing.assert_allclose(qc.fidelity(*pair[::-1]), expected, **TIGHT)


SPECTRA = [
    ([0.5, 0.5, 0, 0], [0, 0.25, 0.75, 0]),
    ([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]),
    ([0.7, 0.3, 0, 0], [0, 0, 0.1, 0.9]),
    ([0.6, 0.3, 0.1, 0], [0.1, 0.2, 0.7, 0]),
]


@pytest.mark.parametrize(("left", "right"), SPECTRA)
def test_commuting_states_are_classical_distributions(rng, left, right):
    left, right = np.array(left), np.array(right)
    for unitary in (np.eye(4), oracles.random_unitary(rng, 4)):
        rho, sigma = (DensityMatrix((unitary * w) @ oracles.dagger(unitary)) for w in (left, right))
        fidelity = np.sqrt(left * right).sum() ** 2
        np.testing.assert_allclose(qc.fidelity(rho, sigma), fidelity, **TIGHT)
        distance = np.abs(left - right).sum() / 2
        np.testing.assert_allclose(qc.trace_distance(rho, sigma), distance, **TIGHT)
        inside = np.all(right[left > 0] > 0)
        both = (left > 0) & (right > 0)
        relative = (left[both] * np.log2(left[both] / right[both])).sum() if inside else np.inf
        np.testing.assert_allclose(qc.relative_entropy(rho, sigma), relative, **TIGHT)


@pytest.mark.parametrize("weights", [[1, 0], [1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.9, 0.1, 0], [0.25] * 4])
def test_entropy_and_purity_of_a_known_spectrum(rng, weights):
    rho, _ = rotated(rng, np.array(weights))
    np.testing.assert_allclose(qc.von_neumann_entropy(rho), oracles.entropy_of(weights), **TIGHT)
    np.testing.assert_allclose(qc.purity(rho), np.sum(np.square(weights)), **TIGHT)


def test_relative_entropy_of_a_state_with_itself_is_zero(rng):
    for rank in (1, 2, 3, 4):
        rho = state(oracles.random_factor(rng, 4, rank))
        np.testing.assert_allclose(qc.relative_entropy(rho, rho), 0, **TIGHT)


def test_small_genuine_eigenvalues_count():
    """Nothing is cut off far above rounding: 1e-10 is a probability like any other."""
    tiny = 1e-10
    rho = DensityMatrix(np.diag([1 - tiny, tiny]))
    one = qc.ket("1")
    np.testing.assert_allclose(qc.fidelity(rho, one), tiny, rtol=1e-5)
    np.testing.assert_allclose(qc.relative_entropy(one, rho), -np.log2(tiny), rtol=1e-6)
    entropy = oracles.entropy_of([1 - tiny, tiny])
    np.testing.assert_allclose(qc.von_neumann_entropy(rho), entropy, rtol=1e-5)


@pytest.mark.parametrize("small", [1e-3, 1e-8, 1e-12])
def test_small_genuine_eigenvalues_count_in_square_roots(rng, small):
    """A weight of 1e-12 changes fidelity and concurrence by 1e-6, so it must not be left out."""
    mixed = DensityMatrix(np.eye(2) / 2)
    expected = (np.sqrt((1 - small) / 2) + np.sqrt(small / 2)) ** 2
    rho = DensityMatrix(np.diag([1 - small, small]))
    np.testing.assert_allclose(qc.fidelity(rho, mixed), expected, rtol=1e-9)
    factor = oracles.random_factor(rng, 4, 2) * np.sqrt([1 - small, small])
    other = oracles.random_factor(rng, 4, 2)
    factor, other = factor / np.linalg.norm(factor), other / np.linalg.norm(other)
    noise = 1e-16 / np.sqrt(small)
    np.testing.assert_allclose(qc.concurrence(state(factor)), oracles.concurrence_of_factor(factor), atol=100 * noise)
    expected = oracles.fidelity_of_factors(factor, other)
    np.testing.assert_allclose(qc.fidelity(state(factor), state(other)), expected, atol=100 * noise)


@pytest.mark.parametrize("weight", [0.0, 1e-6, 0.1, 0.5, 0.9, 1.0])
def test_schmidt_states(rng, weight):
    """√p|00> + √(1-p)|11>, locally rotated: C = 2√(p(1-p)), N = C/2, EoF = h(p)."""
    local = np.kron(oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2))
    vector = local @ np.array([np.sqrt(weight), 0, 0, np.sqrt(1 - weight)])
    rho = DensityMatrix(oracles.projector(vector))
    concurrence = 2 * np.sqrt(weight * (1 - weight))
    entropy = oracles.entropy_of([weight, 1 - weight])
    np.testing.assert_allclose(qc.concurrence(rho), concurrence, **TIGHT)
    np.testing.assert_allclose(qc.negativity(rho), concurrence / 2, **TIGHT)
    np.testing.assert_allclose(qc.coherent_information(rho), entropy, **TIGHT)
    np.testing.assert_allclose(qc.fully_entangled_fraction(rho), (1 + concurrence) / 2, **TIGHT)
    chsh = 2 * np.sqrt(1 + concurrence**2)
    np.testing.assert_allclose(qc.chsh_value(rho), chsh, **TIGHT)
    # dh(p)/dC diverges as C → 1 and C → 0 only logarithmically in these steps.
    np.testing.assert_allclose(qc.entanglement_of_formation(rho), entropy, rtol=0, atol=1e-11)


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_concurrence_of_any_rank(rng, rank):
    for _ in range(10):
        factor = oracles.random_factor(rng, 4, rank)
        expected = oracles.concurrence_of_factor(factor)
        np.testing.assert_allclose(qc.concurrence(state(factor)), expected, **TIGHT)


def test_concurrence_of_mixtures_with_one_separable_state(rng):
    """p|psi><psi| + (1-p)|00><00| with psi in span{01, 10} has C = p C(psi)."""
    local = np.kron(oracles.random_unitary(rng, 2), oracles.random_unitary(rng, 2))
    for weight in (0.1, 0.5, 0.95):
        psi = local @ np.array([0, 0.6, 0.8, 0])
        zero = local @ np.array([1, 0, 0, 0])
        rho = weight * oracles.projector(psi) + (1 - weight) * oracles.projector(zero)
        np.testing.assert_allclose(qc.concurrence(DensityMatrix(rho)), weight * 0.96, **TIGHT)


@pytest.mark.parametrize("ranks", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_product_states_are_not_entangled(rng, ranks):
    for _ in range(10):
        left, right = (oracles.random_density(rng, 2, rank) for rank in ranks)
        rho = DensityMatrix(np.kron(left, right))
        for metric in (qc.concurrence, qc.negativity, qc.log_negativity):
            np.testing.assert_allclose(metric(rho), 0, err_msg=metric.__name__, **TIGHT)
            assert metric(rho) >= 0


def test_bell_diagonal_states_of_low_rank():
    for weights in ([0.5, 0.5, 0, 0], [0.7, 0, 0.3, 0], [0, 0, 0.2, 0.8], [0.6, 0.3, 0.1, 0]):
        rho = qc.bell_diagonal_state(weights)
        expected = max(0.0, 2 * max(weights) - 1)
        np.testing.assert_allclose(qc.concurrence(rho), expected, **TIGHT)
        np.testing.assert_allclose(qc.negativity(rho), expected / 2, **TIGHT)
        entropy = oracles.entropy_of(weights)
        np.testing.assert_allclose(qc.von_neumann_entropy(rho), entropy, **TIGHT)
        np.testing.assert_allclose(qc.fully_entangled_fraction(rho), max(weights), **TIGHT)
