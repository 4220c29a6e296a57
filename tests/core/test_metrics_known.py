"""Metrics of states whose values are known on paper."""

import numpy as np
import oracles
import pytest

import qnet_core as qc

PHI_PLUS = oracles.projector(oracles.BELL_VECTORS["phi+"])


def table_state(shift):
    """Return the generic state of the physics tables, K K† / Tr with rational entries."""
    j, k = np.indices((4, 4))
    factor = 1 / (j + k + 1 + shift) + 1j * (j - k) / (j + 2 * k + 3 + shift)
    rho = factor @ factor.conj().T
    return rho / np.trace(rho)


def werner(fidelity):
    return fidelity * PHI_PLUS + (1 - fidelity) / 3 * (np.eye(4) - PHI_PLUS)


GENERIC = table_state(0)
DAMPING = np.array([np.diag([1, np.sqrt(0.7)]), [[0, np.sqrt(0.3)], [0, 0]]])
TILTED = np.array([np.cos(0.6), 0, 0, np.sin(0.6)])
STATES = {
    "8-a": GENERIC,
    "8-b": 0.8 * PHI_PLUS + 0.2 * GENERIC,
    "8-c": 0.7 * oracles.projector(TILTED) + 0.3 * np.diag([0, 1, 0, 0]),
    "8-d": werner(0.8),
    "8-e": oracles.apply_kraus(DAMPING, PHI_PLUS, (2, 2), (1,))[0],
}
METRICS = {
    "fidelity": lambda rho: qc.fidelity(rho, qc.bell_state("phi+")),
    "purity": qc.purity,
    "entropy": qc.von_neumann_entropy,
    "concurrence": qc.concurrence,
    "formation": qc.entanglement_of_formation,
    "negativity": qc.negativity,
    "log_negativity": qc.log_negativity,
    "coherent, B kept": lambda rho: qc.coherent_information(rho, target=1),
    "coherent, A kept": lambda rho: qc.coherent_information(rho, target=0),
}
# One row per state, in the order of METRICS. The concurrence of 8-a, whose smallest eigenvalue is
# 4e-8, is from exact rational arithmetic and its formation follows; often-quoted 0.243264131731 is
# what eigenvalues of the non-Hermitian product give.
TABLE = """
8-a 0.454414208158 0.983831043258 0.0723625192939 0.243264131885136 0.1124811826463 0.1193781253 0.308892337078 0.0665844750591 0.0831718740015
8-b 0.890882841632 0.824765788341 0.469668865876 0.840277743235 0.776127218772 0.396309738534 0.842069276935 0.503523838001 0.503858979449
8-c 0.676213680089 0.58 0.881290899231 0.652427360177 0.532441237156 0.209047859034 0.503954914327 0.117158886961 -0.115368555105
8-d 0.8 0.653333333333 1.03892059503 0.6 0.468995593589 0.3 0.678071905113 -0.0389205950316 -0.0389205950316
8-e 0.843330013267 0.745 0.609840304716 0.836660026534 0.771219258988 0.35 0.765534746363 0.324227750659 0.390159695284
"""  # noqa: E501
ROWS = {row.split()[0]: [float(x) for x in row.split()[1:]] for row in TABLE.strip().splitlines()}


@pytest.mark.parametrize("name", METRICS)
def test_published_table(name):
    column = list(METRICS).index(name)
    batch = qc.DensityMatrix(np.array([STATES[key] for key in ROWS]))
    expected = [ROWS[key][column] for key in ROWS]
    np.testing.assert_allclose(METRICS[name](batch), expected, rtol=2e-11)


def test_published_pairs_of_states():
    generic, other = (qc.DensityMatrix(STATES[key]) for key in ("8-a", "8-b"))
    np.testing.assert_allclose(qc.fidelity(generic, other), 0.584512549807, rtol=1e-11)
    np.testing.assert_allclose(qc.trace_distance(generic, other), 0.589283455518, rtol=1e-11)
    high, low = qc.werner_state(fidelity=0.9), qc.werner_state(fidelity=0.7)
    np.testing.assert_allclose(qc.fidelity(high, low), 0.934954541697, rtol=1e-11)
    np.testing.assert_allclose(qc.trace_distance(high, low), 0.2, rtol=1e-13)


def test_published_fully_entangled_fractions():
    batch = qc.DensityMatrix(np.array([STATES["8-a"], STATES["8-e"]]))
    expected = [0.619312918432, 0.843330013267]
    np.testing.assert_allclose(qc.fully_entangled_fraction(batch), expected, rtol=1e-11)


# metric: values on phi+, |00>, |0+>, I/4
SIMPLE = {
    qc.purity: (1, 1, 1, 0.25),
    qc.von_neumann_entropy: (0, 0, 0, 2),
    qc.negativity: (0.5, 0, 0, 0),
    qc.log_negativity: (1, 0, 0, 0),
    qc.concurrence: (1, 0, 0, 0),
    qc.entanglement_of_formation: (1, 0, 0, 0),
    qc.coherent_information: (1, 0, 0, -1),
    qc.fully_entangled_fraction: (1, 0.5, 0.5, 0.25),
    qc.chsh_value: (2 * np.sqrt(2), 2, 2, 0),
}


@pytest.mark.parametrize("metric", SIMPLE, ids=lambda f: f.__name__)
def test_extreme_states(metric):
    states = [qc.bell_state("phi+"), qc.ket("00"), qc.ket("0+"), qc.maximally_mixed_state((2, 2))]
    values = [metric(state) for state in states]
    assert [np.shape(value) for value in values] == [()] * 4
    np.testing.assert_allclose(values, SIMPLE[metric], atol=1e-12)


@pytest.mark.parametrize("label", oracles.BELL_VECTORS)
def test_werner_states_of_every_bell_state(label):
    """Closed forms in the fidelity F: C = 2F - 1, N = F - 1/2, CHSH = 2√2 (4F - 1)/3."""
    fidelity = np.array([0.25, 0.4, 0.5, 0.6, 0.75, 1.0])
    rho = qc.werner_state(fidelity=fidelity, label=label)
    entangled = np.maximum(2 * fidelity - 1, 0)
    rest = (1 - fidelity) / 3
    np.testing.assert_allclose(qc.concurrence(rho), entangled, atol=1e-13)
    np.testing.assert_allclose(qc.negativity(rho), entangled / 2, atol=1e-13)
    np.testing.assert_allclose(qc.log_negativity(rho), np.log2(entangled + 1), atol=1e-13)
    chsh = 2 * np.sqrt(2) * (4 * fidelity - 1) / 3
    np.testing.assert_allclose(qc.chsh_value(rho), chsh, atol=1e-13)
    np.testing.assert_allclose(qc.fully_entangled_fraction(rho), fidelity, atol=1e-13)
    np.testing.assert_allclose(qc.purity(rho), fidelity**2 + 3 * rest**2, rtol=1e-13)
    entropy = [oracles.entropy_of([f, r, r, r]) for f, r in zip(fidelity, rest, strict=True)]
    np.testing.assert_allclose(qc.von_neumann_entropy(rho), entropy, atol=1e-12)


def test_bell_weights_stand_in_the_documented_order():
    weights = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.0, 0.0, 0.9]])
    np.testing.assert_allclose(qc.bell_weights(qc.bell_diagonal_state(weights)), weights, atol=1e-15)
    product_state = qc.bell_weights(qc.ket("01"))
    np.testing.assert_allclose(product_state, [0, 0, 0.5, 0.5], atol=1e-15)
    generic = qc.bell_weights(qc.DensityMatrix(GENERIC))
    vectors = [oracles.BELL_VECTORS[label] for label in ("phi+", "phi-", "psi+", "psi-")]
    expected = [(v.conj() @ GENERIC @ v).real for v in vectors]
    np.testing.assert_allclose(generic, expected, atol=1e-15)


def test_entanglement_across_any_cut_of_ghz_and_w():
    """One qubit against the rest: 1/2 for GHZ; √2/3 for W on three qubits."""
    for cut in ((0,), (1,), (2,), (0, 1), (2, 0)):
        ghz, w = qc.ghz_state(3), qc.w_state(3)
        np.testing.assert_allclose(qc.negativity(ghz, subsystems=cut), 0.5, rtol=1e-13)
        np.testing.assert_allclose(qc.negativity(w, subsystems=cut), np.sqrt(2) / 3, rtol=1e-13)
    np.testing.assert_allclose(qc.concurrence(qc.w_state(3).ptrace((0, 2))), 2 / 3, rtol=1e-13)
    np.testing.assert_allclose(qc.concurrence(qc.ghz_state(3).ptrace((0, 2))), 0, atol=1e-13)


def test_negativity_of_a_maximally_entangled_pair_of_qutrits():
    vector = np.eye(3).ravel() / np.sqrt(3)
    rho = qc.pure_state(vector, (3, 3))
    np.testing.assert_allclose(qc.negativity(rho), 1, rtol=1e-13)
    np.testing.assert_allclose(qc.log_negativity(rho), np.log2(3), rtol=1e-13)
    np.testing.assert_allclose(qc.coherent_information(rho), np.log2(3), rtol=1e-13)
