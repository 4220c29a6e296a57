"""Metrics of random states: against QuTiP, in batches, within their bounds, invariant."""

import numpy as np
import oracles
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

import qnet_core as qc
from qnet_core import DensityMatrix
from qnet_core.errors import DimensionError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
RANKS = st.integers(1, 4)


def random_pair(seed, rank=4):
    rng = np.random.default_rng(seed)
    return DensityMatrix(oracles.random_density(rng, 4, rank)), rng


# ours, QuTiP's; QuTiP's fidelity is the square root of ours
ONE_STATE = {
    "purity": (qc.purity, lambda r: r.purity()),
    "entropy": (qc.von_neumann_entropy, lambda r: qutip.entropy_vn(r, 2)),
    "negativity": (qc.negativity, lambda r: qutip.negativity(r, 0)),
    "log negativity": (qc.log_negativity, lambda r: qutip.negativity(r, 0, logarithmic=True)),
    "concurrence": (qc.concurrence, qutip.concurrence),
    "coherent information": (
        qc.coherent_information,
        lambda r: qutip.entropy_vn(r.ptrace(1), 2) - qutip.entropy_vn(r, 2),
    ),
}
TWO_STATES = {
    "fidelity": (qc.fidelity, lambda r, s: qutip.fidelity(r, s) ** 2),
    "trace distance": (qc.trace_distance, qutip.tracedist),
    "relative entropy": (
        qc.relative_entropy,
        lambda r, s: qutip.entropy_relative(r, s, base=2),
    ),
}


def as_qutip(matrix):
    return qutip.Qobj(matrix, dims=[[2, 2], [2, 2]])


@pytest.mark.parametrize("name", ONE_STATE)
def test_one_state_against_qutip(rng, name):
    ours, theirs = ONE_STATE[name]
    matrices = oracles.stack(lambda: oracles.random_density(rng, 4), (3, 5))
    values = ours(DensityMatrix(matrices))
    assert values.shape == (3, 5)
    expected = oracles.pointwise(lambda m: theirs(as_qutip(m)), matrices)
    np.testing.assert_allclose(values, expected, atol=1e-9)


@pytest.mark.parametrize("name", TWO_STATES)
def test_two_states_against_qutip(rng, name):
    ours, theirs = TWO_STATES[name]
    left = oracles.stack(lambda: oracles.random_density(rng, 4), (3, 1))
    right = oracles.stack(lambda: oracles.random_density(rng, 4), (4,))
    values = ours(DensityMatrix(left), DensityMatrix(right))
    assert values.shape == (3, 4)
    for i, j in np.ndindex(3, 4):
        expected = theirs(as_qutip(left[i, 0]), as_qutip(right[j]))
        np.testing.assert_allclose(values[i, j], expected, atol=1e-9)


@pytest.mark.parametrize("cut", [(0,), (1,), (2,), (0, 2), (1, 2)])
def test_negativity_across_any_cut_of_unlike_subsystems(rng, cut):
    dims = (2, 3, 2)
    matrix = oracles.random_density(rng, 12, 2)
    values = np.linalg.eigvalsh(oracles.partial_transpose(matrix, dims, cut))
    expected = -values[values < 0].sum()
    actual = qc.negativity(DensityMatrix(matrix, dims), subsystems=cut)
    np.testing.assert_allclose(actual, expected, atol=1e-13)


@given(seed=SEEDS, rank=RANKS)
def test_fidelity_and_distance_bound_each_other(seed, rank):
    """Fuchs and van de Graaf: 1 - √F <= T <= √(1 - F)."""
    rho, rng = random_pair(seed, rank)
    sigma = DensityMatrix(oracles.random_density(rng, 4))
    overlap, distance = qc.fidelity(rho, sigma), qc.trace_distance(rho, sigma)
    assert 0 <= overlap <= 1 + 1e-13
    assert 1 - np.sqrt(overlap) <= distance + 1e-12
    assert distance <= np.sqrt(max(0.0, 1 - overlap)) + 1e-12
    np.testing.assert_allclose(overlap, qc.fidelity(sigma, rho), atol=1e-12)
    np.testing.assert_allclose(distance, qc.trace_distance(sigma, rho), atol=1e-13)


ENTANGLEMENT = (
    qc.negativity,
    qc.log_negativity,
    qc.concurrence,
    qc.entanglement_of_formation,
    qc.fully_entangled_fraction,
    qc.chsh_value,
    qc.coherent_information,
    qc.purity,
    qc.von_neumann_entropy,
)


@given(seed=SEEDS, rank=RANKS)
def test_local_unitaries_change_no_entanglement(seed, rank):
    rho, rng = random_pair(seed, rank)
    turned = rho
    for side in range(2):
        local = qc.Channel.from_unitary(oracles.random_unitary(rng, 2))
        turned = turned.apply(local, side)
    for metric in ENTANGLEMENT:
        np.testing.assert_allclose(metric(turned), metric(rho), atol=1e-10, err_msg=metric.__name__)


@given(seed=SEEDS, rank=RANKS)
def test_known_inequalities_of_two_qubits(seed, rank):
    rho, _ = random_pair(seed, rank)
    concurrence, negativity = qc.concurrence(rho), qc.negativity(rho)
    fraction = qc.fully_entangled_fraction(rho)
    assert 0 <= 2 * negativity <= concurrence + 1e-12 <= 1 + 2e-12
    # Verstraete and Verschelde (2002): N is bounded from below by C, f from above by both.
    assert 2 * negativity >= np.hypot(1 - concurrence, concurrence) - (1 - concurrence) - 1e-12
    assert fraction <= (1 + 2 * negativity) / 2 + 1e-12
    assert fraction >= 0.25 - 1e-13
    assert qc.chsh_value(rho) <= 2 * np.sqrt(1 + concurrence**2) + 1e-12
    assert qc.coherent_information(rho) <= qc.entanglement_of_formation(rho) + 1e-12
    assert qc.bell_weights(rho).max() <= fraction + 1e-13


@given(seed=SEEDS)
def test_formation_follows_from_concurrence(seed):
    """Wootters: E = h((1 + √(1 - C²))/2), with C from the factor of the state."""
    factor = oracles.random_factor(np.random.default_rng(seed), 4, 2)
    root = np.sqrt(1 - oracles.concurrence_of_factor(factor) ** 2)
    expected = oracles.entropy_of([(1 + root) / 2, (1 - root) / 2])
    rho = DensityMatrix(factor @ oracles.dagger(factor))
    np.testing.assert_allclose(qc.entanglement_of_formation(rho), expected, atol=1e-10)


@given(seed=SEEDS)
def test_no_rotated_bell_state_beats_the_fully_entangled_fraction(seed):
    rho, rng = random_pair(seed, 2)
    best = qc.fully_entangled_fraction(rho)
    for _ in range(20):
        vector = np.kron(np.eye(2), oracles.random_unitary(rng, 2)) @ oracles.BELL_VECTORS["phi+"]
        assert (vector.conj() @ rho.matrix @ vector).real <= best + 1e-12


@given(seed=SEEDS)
def test_no_choice_of_axes_beats_the_chsh_value(seed):
    rho, rng = random_pair(seed, 1)
    sigmas = [oracles.PAULI[p] for p in "XYZ"]
    best = qc.chsh_value(rho)
    for _ in range(20):
        axes = rng.normal(size=(4, 3))
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        a, a2, b, b2 = (sum(c * s for c, s in zip(v, sigmas, strict=True)) for v in axes)
        operator = np.kron(a, b + b2) + np.kron(a2, b - b2)
        assert abs(np.trace(rho.matrix @ operator)) <= best + 1e-12


def test_chsh_value_is_reached_by_some_axes(rng):
    """Horodecki: 2√(s1² + s2²), with s the singular values of the correlation matrix."""
    matrix = oracles.random_density(rng, 4, 2)
    correlations = [[np.trace(matrix @ oracles.pauli_string(a + b)).real for b in "XYZ"] for a in "XYZ"]
    values = np.linalg.svd(np.array(correlations), compute_uv=False)
    expected = 2 * np.hypot(values[0], values[1])
    np.testing.assert_allclose(qc.chsh_value(DensityMatrix(matrix)), expected, rtol=1e-12)


QUTRITS = qc.maximally_mixed_state((3, 2))
PAIR = qc.bell_state("phi+")
TWO_QUBIT_METRICS = (
    qc.concurrence,
    qc.entanglement_of_formation,
    qc.fully_entangled_fraction,
    qc.chsh_value,
    qc.bell_weights,
)


@pytest.mark.parametrize("metric", TWO_QUBIT_METRICS, ids=lambda f: f.__name__)
def test_metrics_of_two_qubits_refuse_anything_else(metric):
    for rho in (QUTRITS, qc.ket("0"), qc.ket("000"), qc.maximally_mixed_state(4)):
        with pytest.raises(DimensionError, match=r"`rho` must.*two qubits"):
            metric(rho)
    with pytest.raises(ParameterTypeError, match="`rho`"):
        metric(np.eye(4) / 4)


REFUSED = {
    "dims": (lambda: qc.fidelity(PAIR, QUTRITS), ["`sigma`", "(3, 2)"]),
    "same size": (lambda: qc.trace_distance(PAIR, qc.maximally_mixed_state(4)), ["`sigma`"]),
    "relative": (lambda: qc.relative_entropy(PAIR, QUTRITS), ["`sigma`"]),
    "batches": (
        lambda: qc.trace_distance(PAIR.broadcast_to((2,)), PAIR.broadcast_to((3,))),
        ["(2,)", "(3,)"],
    ),
    "negativity": (lambda: qc.negativity(PAIR, subsystems=(2,)), ["`subsystems`", "2"]),
    "twice": (lambda: qc.negativity(PAIR, subsystems=(0, 0)), ["`subsystems`", "0"]),
    "coherent": (lambda: qc.coherent_information(PAIR, target=2), ["`target`", "2"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, pieces = REFUSED[name]
    with pytest.raises(DimensionError) as caught:
        call()
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)
