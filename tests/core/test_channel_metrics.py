"""Fidelities, unitarity and the diamond distance of channels."""

import cvxpy
import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnet_core as qc
from qnet_core import Channel
from qnet_core.errors import DimensionError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
WEIGHTS = np.array([0.8, 0.1, 0.06, 0.04])


def depolarizing(mixing):
    weights = np.array([1 - 0.75 * mixing] + [mixing / 4] * 3)
    return np.array([np.sqrt(w) * oracles.PAULI[p] for w, p in zip(weights, "IXYZ", strict=True)])


def dephasing(probability):
    return np.array([np.sqrt(1 - probability) * np.eye(2), np.sqrt(probability) * np.diag([1, -1])])


def damping(amount):
    return np.array([np.diag([1, np.sqrt(1 - amount)]), [[0, np.sqrt(amount)], [0, 0]]])


def rotation(angle):
    return np.array([np.diag(np.exp([-0.5j * angle, 0.5j * angle]))])


def pauli(weights):
    return np.array([np.sqrt(w) * oracles.PAULI[p] for w, p in zip(weights, "IXYZ", strict=True)])


# name: Kraus, process fidelity, unitarity, diamond distance from the identity
KNOWN = {
    "identity": (rotation(0.0), 1, 1, 0),
    "depolarizing": (depolarizing(0.2), 1 - 0.15, 0.64, 0.15),
    "replacing": (depolarizing(1.0), 0.25, 0, 0.75),
    "dephasing": (dephasing(0.1), 0.9, (2 * 0.64 + 1) / 3, 0.1),
    "amplitude damping": (damping(0.3), (1 + np.sqrt(0.7)) ** 2 / 4, (2 * 0.7 + 0.49) / 3, 0.3),
    "rotation": (rotation(0.4), np.cos(0.2) ** 2, 1, np.sin(0.2)),
    "pauli": (pauli(WEIGHTS), 0.8, (0.72**2 + 0.68**2 + 0.8**2) / 3, 0.2),
    "flip": (pauli([0, 1, 0, 0]), 0, 1, 1),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_channels(name):
    kraus, process, unitarity, diamond = KNOWN[name]
    channel = Channel.from_kraus(kraus)
    np.testing.assert_allclose(qc.process_fidelity(channel), process, atol=1e-13)
    average = (2 * process + 1) / 3
    np.testing.assert_allclose(qc.average_gate_fidelity(channel), average, atol=1e-13)
    np.testing.assert_allclose(qc.unitarity(channel), unitarity, atol=1e-13)
    distance = qc.diamond_distance(channel, Channel.identity(2))
    np.testing.assert_allclose(distance, diamond, atol=1e-6)
    assert np.shape(distance) == ()


@given(seed=SEEDS, dim=st.sampled_from([2, 3, 4]))
def test_process_fidelity_of_kraus_operators(seed, dim):
    """F = sum_k |Tr(U† K_k)|² / d², whether the target is a matrix or a channel."""
    rng = np.random.default_rng(seed)
    kraus, unitary = oracles.random_kraus(rng, dim), oracles.random_unitary(rng, dim)
    channel = Channel.from_kraus(kraus, dim, dim)
    expected = sum(abs(np.trace(oracles.dagger(unitary) @ k)) ** 2 for k in kraus) / dim**2
    for target in (unitary, Channel.from_unitary(unitary, dim)):
        np.testing.assert_allclose(qc.process_fidelity(channel, target), expected, atol=1e-12)
        average = (dim * expected + 1) / (dim + 1)
        np.testing.assert_allclose(qc.average_gate_fidelity(channel, target), average, atol=1e-12)
    identity = sum(abs(np.trace(k)) ** 2 for k in kraus) / dim**2
    np.testing.assert_allclose(qc.process_fidelity(channel), identity, atol=1e-13)


def test_average_gate_fidelity_is_an_average_over_states(rng):
    """At 5 sigma of the mean over random pure inputs."""
    kraus, unitary = oracles.random_kraus(rng, 2), oracles.random_unitary(rng, 2)
    vectors = oracles.random_complex(rng, 4000, 2)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ideal = vectors @ unitary.T
    overlaps = sum(np.abs(np.sum(ideal.conj() * (vectors @ k.T), axis=1)) ** 2 for k in kraus)
    channel = Channel.from_kraus(kraus)
    spread = overlaps.std() / np.sqrt(len(vectors))
    assert abs(qc.average_gate_fidelity(channel, unitary) - overlaps.mean()) < 5 * spread


def test_metrics_of_batches(rng):
    kraus = oracles.stack(lambda: oracles.random_kraus(rng, 2), (3, 2))
    channel = Channel.from_kraus(kraus)
    for metric in (qc.process_fidelity, qc.average_gate_fidelity, qc.unitarity):
        values = metric(channel)
        assert values.shape == (3, 2)
        single = metric(Channel.from_kraus(kraus[2, 1]))
        np.testing.assert_allclose(values[2, 1], single, rtol=1e-13)
    probability = np.array([0.0, 0.25, 1.0])
    batch = Channel.from_kraus(np.array([dephasing(p) for p in probability]))
    distances = qc.diamond_distance(batch, Channel.identity(2))
    np.testing.assert_allclose(distances, probability, atol=1e-13)
    amounts = np.array([[0.1], [0.6]])
    batch = Channel.from_kraus(np.array([[damping(g[0])] for g in amounts]))
    distances = qc.diamond_distance(batch, Channel.identity(2))
    np.testing.assert_allclose(distances, amounts, atol=1e-6)


@given(seed=SEEDS)
def test_unitarity_is_blind_to_unitaries(seed):
    rng = np.random.default_rng(seed)
    channel = Channel.from_kraus(oracles.random_kraus(rng, 3), 3, 3)
    before, after = (Channel.from_unitary(oracles.random_unitary(rng, 3), 3) for _ in range(2))
    turned = before.then(channel).then(after)
    np.testing.assert_allclose(qc.unitarity(turned), qc.unitarity(channel), atol=1e-12)
    assert 0 <= qc.unitarity(channel) <= 1 + 1e-12
    np.testing.assert_allclose(qc.unitarity(after), 1, atol=1e-12)


def test_diamond_distance_of_pauli_channels_two_ways(rng):
    """The closed form is half the sum of |p - q|; a change of basis forces the general route."""
    left, right = pauli([0.7, 0.2, 0.06, 0.04]), pauli([0.6, 0.05, 0.3, 0.05])
    expected = (0.1 + 0.15 + 0.24 + 0.01) / 2
    a, b = Channel.from_kraus(left), Channel.from_kraus(right)
    np.testing.assert_allclose(qc.diamond_distance(a, b), expected, atol=1e-13)
    turn = Channel.from_unitary(oracles.random_unitary(rng, 2))
    np.testing.assert_allclose(qc.diamond_distance(a.then(turn), b.then(turn)), expected, atol=1e-6)
    tiny = Channel.from_unitary(np.diag(np.exp([-1e-9j, 1e-9j])) @ np.array([[1, 0], [0, 1]]))
    np.testing.assert_allclose(qc.diamond_distance(a.then(tiny), b.then(tiny)), expected, atol=1e-6)


def test_diamond_distance_of_two_qubit_pauli_channels(rng):
    left, right = rng.dirichlet(np.ones(16)), rng.dirichlet(np.ones(16))
    strings = [oracles.pauli_string(a + b) for a in "IXYZ" for b in "IXYZ"]
    a, b = (
        Channel.from_kraus(np.array([np.sqrt(w) * s for w, s in zip(weights, strings, strict=True)]))
        for weights in (left, right)
    )
    expected = np.abs(left - right).sum() / 2
    np.testing.assert_allclose(qc.diamond_distance(a, b), expected, atol=1e-13)


def dual_program(difference, d_in, d_out):
    """Return min ||Tr_out Z|| over Z >= J and Z >= 0, the upper end of Watrous' two programs."""
    bound = cvxpy.Variable((d_in * d_out, d_in * d_out), hermitian=True)
    traced = cvxpy.partial_trace(bound, (d_in, d_out), axis=1)
    rules = [bound >> 0, bound - difference >> 0]
    program = cvxpy.Problem(cvxpy.Minimize(cvxpy.lambda_max(traced)), rules)
    return program.solve(solver="CLARABEL", tol_gap_abs=1e-7, tol_gap_rel=1e-7, tol_feas=1e-7)


@pytest.mark.parametrize(("d_in", "d_out"), [(2, 2), (3, 3), (2, 3), (3, 2), (4, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_diamond_distance_of_random_channels(seed, d_in, d_out):
    """Between the dual program and what random inputs achieve; without a solver's warning."""
    rng = np.random.default_rng(seed)
    kraus = [oracles.random_kraus(rng, d_in, d_out) for _ in range(2)]
    a, b = (Channel.from_kraus(k, d_in, d_out) for k in kraus)
    distance = qc.diamond_distance(a, b)
    upper = dual_program(oracles.choi_matrix(kraus[0]) - oracles.choi_matrix(kraus[1]), d_in, d_out)
    np.testing.assert_allclose(distance, upper, atol=2e-6)
    np.testing.assert_allclose(qc.diamond_distance(b, a), distance, atol=1e-6)
    for _ in range(20):
        psi = oracles.random_factor(rng, d_in * d_in, 1)
        rho = oracles.projector(psi[:, 0])
        ends = [oracles.apply_kraus(k, rho, (d_in, d_in), (1,), (d_out,))[0] for k in kraus]
        assert np.abs(np.linalg.eigvalsh(ends[0] - ends[1])).sum() / 2 <= distance + 1e-6


def test_diamond_distance_of_unitaries_is_geometry(rng):
    """Half the norm is √(1 - r²), r the distance of 0 from the hull of the spectrum of U†V."""
    phases = np.array([0.0, 0.3, -0.5])
    basis = oracles.random_unitary(rng, 3)
    other = basis * np.exp(1j * phases) @ oracles.dagger(basis)
    start = oracles.random_unitary(rng, 3)
    a, b = Channel.from_unitary(start, 3), Channel.from_unitary(start @ other, 3)
    np.testing.assert_allclose(qc.diamond_distance(a, b), np.sin(0.4), atol=1e-6)


def test_diamond_distance_of_maps_into_a_larger_space():
    """A photon that survives with probability s against one that always does: 1 - s."""
    survive = 0.7
    kept = np.sqrt(survive) * np.eye(3, 2)
    lost = [np.sqrt(1 - survive) * np.outer(np.eye(3)[2], np.eye(2)[k]) for k in range(2)]
    a = Channel.from_kraus(np.array([kept, *lost]), 2, 3)
    b = Channel.from_kraus(np.eye(3, 2)[None], 2, 3)
    np.testing.assert_allclose(qc.diamond_distance(a, b), 1 - survive, atol=1e-6)


QUBIT, QUTRIT = Channel.identity(2), Channel.identity(3)
REFUSED = {
    "dims": (lambda: qc.diamond_distance(QUBIT, QUTRIT), DimensionError, ["`b`", "3"]),
    "target": (lambda: qc.process_fidelity(QUBIT, QUTRIT), DimensionError, ["`target`", "3"]),
    "target size": (lambda: qc.process_fidelity(QUBIT, np.eye(3)), DimensionError, ["3"]),
    "average": (lambda: qc.average_gate_fidelity(QUBIT, QUTRIT), DimensionError, ["`target`"]),
    "a matrix": (lambda: qc.unitarity(np.eye(4)), ParameterTypeError, ["`channel`"]),
    "two matrices": (lambda: qc.diamond_distance(np.eye(4), QUBIT), ParameterTypeError, ["`a`"]),
    "no channel": (lambda: qc.average_gate_fidelity(None), ParameterTypeError, ["`channel`"]),
    "no unitary": (lambda: qc.process_fidelity(QUBIT, 2 * np.eye(2)), ValueError, ["`target`", "4"]),
    "no number": (lambda: qc.process_fidelity(QUBIT, "X"), ParameterTypeError, ["`target`", "X"]),
    "not square": (
        lambda: qc.process_fidelity(Channel.from_kraus(np.eye(3, 2)[None], 2, 3)),
        DimensionError,
        ["3"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, error, pieces = REFUSED[name]
    with pytest.raises(error) as caught:
        call()
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)
