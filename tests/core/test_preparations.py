"""Named states, against their vectors and matrices in textbooks."""

import numpy as np
import oracles
import pytest
import qutip

import qnet_core as qc
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError

ROOT = 1 / np.sqrt(2)
QUBITS = {
    "0": [1, 0],
    "1": [0, 1],
    "+": [ROOT, ROOT],
    "-": [ROOT, -ROOT],
    "r": [ROOT, 1j * ROOT],
    "l": [ROOT, -1j * ROOT],
}
BLOCH = {"0": "Z", "1": "-Z", "+": "X", "-": "-X", "r": "Y", "l": "-Y"}


@pytest.mark.parametrize("letter", QUBITS)
def test_ket_of_one_letter(letter):
    np.testing.assert_allclose(qc.ket(letter).matrix, oracles.projector(QUBITS[letter]), atol=1e-15)
    sign, axis = (-1 if BLOCH[letter][0] == "-" else 1), BLOCH[letter][-1]
    np.testing.assert_allclose(qc.ket(letter).expect(axis), sign, rtol=1e-15)


def test_ket_of_a_word_is_a_product_left_to_right():
    rho = qc.ket("01+-rl")
    assert rho.dims == (2,) * 6
    vector = oracles.kron(*(np.array(QUBITS[c])[:, None] for c in "01+-rl"))[:, 0]
    np.testing.assert_allclose(rho.matrix, oracles.projector(vector), atol=1e-15)


def test_pure_state(rng):
    vectors = oracles.random_complex(rng, 3, 6)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    rho = qc.pure_state(vectors, (2, 3))
    assert (rho.dims, rho.batch_shape) == ((2, 3), (3,))
    for point in range(3):
        expected = oracles.projector(vectors[point])
        np.testing.assert_allclose(rho.matrix[point], expected, atol=1e-15)
    np.testing.assert_array_equal(qc.pure_state([0, 1, 0, 0]).matrix, np.diag([0, 1, 0, 0]))


@pytest.mark.parametrize("label", oracles.BELL_VECTORS)
def test_bell_states(label):
    rho = qc.bell_state(label)
    assert rho.dims == (2, 2)
    expected = oracles.projector(oracles.BELL_VECTORS[label])
    np.testing.assert_allclose(rho.matrix, expected, atol=1e-15)


def test_bell_states_are_qutips():
    for label, name in zip(("phi+", "phi-", "psi+", "psi-"), ("00", "01", "10", "11"), strict=True):
        expected = qutip.ket2dm(qutip.bell_state(name)).full()
        np.testing.assert_allclose(qc.bell_state(label).matrix, expected, atol=1e-15)


@pytest.mark.parametrize("label", oracles.BELL_VECTORS)
@pytest.mark.parametrize("fidelity", [0.0, 0.25, 0.5, 1.0, np.array([[0.3], [0.9]])])
def test_werner_states(label, fidelity):
    rho = qc.werner_state(fidelity=fidelity, label=label)
    assert rho.batch_shape == np.shape(fidelity)
    target = oracles.projector(oracles.BELL_VECTORS[label])
    rest = np.asarray(1 - np.asarray(fidelity))[..., None, None] / 3
    expected = np.asarray(fidelity)[..., None, None] * target + rest * (np.eye(4) - target)
    np.testing.assert_allclose(rho.matrix, expected, atol=1e-15)


def test_werner_is_about_phi_plus_unless_asked():
    expected = qc.werner_state(fidelity=0.8, label="phi+").bloch
    np.testing.assert_array_equal(qc.werner_state(fidelity=0.8).bloch, expected)


def test_bell_diagonal_order():
    weights = np.array([[0.4, 0.3, 0.2, 0.1], [0.0, 0.0, 1.0, 0.0]])
    rho = qc.bell_diagonal_state(weights)
    projectors = [oracles.projector(oracles.BELL_VECTORS[label]) for label in ("phi+", "phi-", "psi+", "psi-")]
    for point in range(2):
        expected = sum(w * p for w, p in zip(weights[point], projectors, strict=True))
        np.testing.assert_allclose(rho.matrix[point], expected, atol=1e-15)


@pytest.mark.parametrize("num_qubits", [2, 3, 5])
def test_ghz_and_w(num_qubits):
    ghz = np.zeros(2**num_qubits)
    ghz[[0, -1]] = ROOT
    w = np.zeros(2**num_qubits)
    w[[2**k for k in range(num_qubits)]] = num_qubits**-0.5
    for made, vector in ((qc.ghz_state(num_qubits), ghz), (qc.w_state(num_qubits), w)):
        assert made.dims == (2,) * num_qubits
        np.testing.assert_allclose(made.matrix, oracles.projector(vector), atol=1e-15)


@pytest.mark.parametrize(("dims", "size"), [(2, 2), (3, 3), ((2, 3), 6), ((2, 2, 2), 8)])
def test_maximally_mixed(dims, size):
    rho = qc.maximally_mixed_state(dims)
    assert rho.dims == tuple(np.atleast_1d(dims))
    np.testing.assert_allclose(rho.matrix, np.eye(size) / size, atol=1e-16)


REFUSED = {
    "letter": (lambda: qc.ket("02"), ParameterError, ["2"]),
    "no letter": (lambda: qc.ket(""), (ParameterError, DimensionError), []),
    "number": (lambda: qc.ket(0), ParameterTypeError, ["0"]),
    "norm": (lambda: qc.pure_state([1, 1]), StateError, ["`vector`", "norm"]),
    "zero": (lambda: qc.pure_state([0, 0]), StateError, ["`vector`", "0"]),
    "a bit long": (lambda: qc.pure_state([1.001, 0]), StateError, ["`vector`", "1.00"]),
    "NaN": (lambda: qc.pure_state([np.nan, 0]), ValueError, ["`vector`", "finite"]),
    "three": (lambda: qc.pure_state([1, 0, 0]), DimensionError, ["3"]),
    "scalar": (lambda: qc.pure_state(1.0), DimensionError, ["`vector`", "()"]),
    "empty": (lambda: qc.pure_state(np.zeros((0, 2))), DimensionError, ["`vector`", "(0, 2)"]),
    "label": (lambda: qc.bell_state("phi"), ParameterError, ["`label`", "phi", "psi-"]),
    "label type": (lambda: qc.bell_state(0), (ParameterError, ParameterTypeError), ["`label`"]),
    "above": (lambda: qc.werner_state(fidelity=1.2), ParameterError, ["`fidelity`", "1.2"]),
    "below": (lambda: qc.werner_state(fidelity=-0.1), ParameterError, ["`fidelity`", "-0.1"]),
    "one above": (
        lambda: qc.werner_state(fidelity=[0.9, 1.3]),
        ParameterError,
        ["`fidelity`", "1.3"],
    ),
    "fidelity NaN": (
        lambda: qc.werner_state(fidelity=[0.9, np.nan]),
        ParameterError,
        ["`fidelity`", "nan"],
    ),
    "fidelity text": (
        lambda: qc.werner_state(fidelity="0.9"),
        ParameterTypeError,
        ["`fidelity`", "0.9"],
    ),
    "fidelity complex": (
        lambda: qc.werner_state(fidelity=0.9j),
        ParameterTypeError,
        ["`fidelity`"],
    ),
    "fidelity empty": (
        lambda: qc.werner_state(fidelity=[]),
        DimensionError,
        ["`fidelity`", "(0,)"],
    ),
    "weights length": (
        lambda: qc.bell_diagonal_state([0.5, 0.5]),
        DimensionError,
        ["`weights`", "(2,)"],
    ),
    "weights negative": (
        lambda: qc.bell_diagonal_state([1.1, -0.1, 0, 0]),
        (ParameterError, StateError),
        ["`weights`", "-0.1"],
    ),
    "weights above": (
        lambda: qc.bell_diagonal_state([0.5, 0.5, 0.5, 0]),
        (ParameterError, StateError),
        ["`weights`", "0.5"],
    ),
    "ghz of none": (lambda: qc.ghz_state(0), ParameterError, ["`num_qubits`", "0"]),
    "ghz of a fraction": (lambda: qc.ghz_state(2.5), ParameterTypeError, ["`num_qubits`", "2.5"]),
    "w of none": (lambda: qc.w_state(-1), ParameterError, ["`num_qubits`", "-1"]),
    "mixed of zero": (lambda: qc.maximally_mixed_state((2, 0)), DimensionError, ["`dims`", "0"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, error, pieces = REFUSED[name]
    with pytest.raises(error) as caught:
        call()
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)


def test_physics_parameters_are_keywords():
    with pytest.raises(TypeError):
        qc.werner_state(0.9)
