"""Stabilizer codes against projections, counted errors and a simulation of the decoding circuit."""

from itertools import product

import distillation_oracle as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import CNOT, HADAMARD, PAULI, pauli_string

from qnet_channels import bbpssw, stabilizer_distillation
from qnet_channels.codes import FIVE_QUBIT_CODE, decoder
from qnet_core import bell_diagonal_state, bell_state, bell_weights, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

CODES = {
    "bit flips": ("ZZI", "IZZ"),
    "phase flips": ("XXI", "IXX"),
    "odd Y": ("XYZ", "YXI"),
    "products": ("ZZII", "IZZI", "XXXX"),
    "five": FIVE_QUBIT_CODE,
}
STEANE = ("IIIXXXX", "IXXIIXX", "XIXIXIX", "IIIZZZZ", "IZZIIZZ", "ZIZIZIZ")
GATES = {"h": HADAMARD, "x90": oracle.X90, "cx": CNOT}


def in_paulis(weights):
    """Weights of the errors I, X, Y, Z of pairs with weights of phi+, phi-, psi+, psi-."""
    return [weights[k] for k in (0, 2, 3, 1)]


@pytest.mark.parametrize("name", CODES)
def test_the_circuit_shows_the_syndrome(name):
    """Every generator ends as a product of Z of measured qubits, of which no two are equal."""
    code = decoder(CODES[name])
    n = len(CODES[name]) + 1
    assert sorted([*code.measured, code.kept]) == list(range(n))
    assert sum(gate.kind == "cx" for gate in code.gates) <= n * (n - 1)


def by_circuit(generators, states, mixing, flip):
    """The kept pair with equal bits, from the gates one after another."""
    code = decoder(generators)
    rho = oracle.side_by_side(states)
    for kind, on in code.gates:
        rho = oracle.both_sides(rho, GATES[kind], on, mixing if kind == "cx" else 0.0)
    for pair in sorted(code.measured, reverse=True):
        rho = oracle.read_pair(rho, pair, oracle.SAME, flip)
    return oracle.square(rho)


@pytest.mark.parametrize("name", ["bit flips", "phase flips", "odd Y", "products"])
@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.05, 0.02)])
def test_detection_is_what_the_circuit_gives(name, mixing, flip, rng):
    pairs = [random_state((2, 2), rng=rng) for _ in range(len(CODES[name]) + 1)]
    expected = by_circuit(CODES[name], [pair.matrix for pair in pairs], mixing, flip)
    state, probability = stabilizer_distillation(*pairs, generators=CODES[name], gate_mixing=mixing, readout_error=flip)
    np.testing.assert_allclose(probability * state.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("name", CODES)
def test_detection_is_projection_on_equal_syndromes(name, rng):
    pairs = [random_state((2, 2), rank=2, rng=rng) for _ in range(len(CODES[name]) + 1)]
    state, probability = stabilizer_distillation(*pairs, generators=CODES[name])
    kept, fidelity = oracle.detected_by_projection(CODES[name], [pair.matrix for pair in pairs])
    np.testing.assert_allclose(probability, kept, rtol=1e-12)
    np.testing.assert_allclose(bell_weights(state)[0], fidelity, rtol=1e-11)


@pytest.mark.parametrize("name", CODES)
def test_detection_counts_errors(name, rng):
    weights = rng.dirichlet([8, 1, 1, 1])
    state, probability = stabilizer_distillation(bell_diagonal_state(weights), generators=CODES[name])
    kept, fidelity = oracle.detected(CODES[name], in_paulis(weights))
    np.testing.assert_allclose([probability, bell_weights(state)[0]], [kept, fidelity], rtol=1e-12)


@pytest.mark.parametrize(
    "generators",
    [
        FIVE_QUBIT_CODE,
        CODES["bit flips"],
        CODES["phase flips"],
        ("XXXXI", "XIXXX", "IIZZI", "ZIIZI"),
        ("XIXII", "XXIXX", "IIIZZ", "IZIIZ"),
        STEANE,
    ],
)
def test_correction_takes_light_errors_away(generators, rng):
    weights = rng.dirichlet([20, 1, 2, 3])
    expected = oracle.corrected(generators, in_paulis(weights))
    state, probability = stabilizer_distillation(bell_diagonal_state(weights), generators=generators, correct=True)
    assert probability == 1
    np.testing.assert_allclose(bell_weights(state)[0], expected, rtol=1e-12)


def test_one_error_of_each_kind_is_corrected():
    """A single wrong pair, of any state, does no harm to the five-qubit code; two wrong pairs do."""
    good = bell_state()
    wrong = random_state((2, 2), rng=np.random.default_rng(4))
    for place in range(5):
        pairs = [wrong if k == place else good for k in range(5)]
        state, probability = stabilizer_distillation(*pairs, correct=True)
        np.testing.assert_allclose(state.bloch, good.bloch, atol=1e-13)
        assert probability == pytest.approx(1, abs=1e-14)
    assert bell_weights(stabilizer_distillation(wrong, wrong, good, good, good, correct=True).state)[0] < 0.9


def logical_letter(error, code):
    """What an error on side B does to the logical qubit, by matrices: and to which bits."""
    n = len(error)
    unitary = np.eye(2**n).reshape((2,) * (2 * n))
    for kind, on in code.gates:
        legs = len(on)
        gate = GATES[kind].conj().reshape((2,) * (2 * legs))
        unitary = np.moveaxis(np.tensordot(gate, unitary, (range(legs, 2 * legs), on)), range(legs), on)
    unitary = unitary.reshape(2**n, 2**n)
    after = unitary @ pauli_string(error) @ unitary.conj().T
    for letters in product("IXYZ", repeat=n):
        if abs(np.trace(pauli_string(letters) @ after)) > 1:
            return letters[code.kept], tuple(letters[q] in "XY" for q in code.measured)
    raise AssertionError


@pytest.mark.parametrize("name", ["bit flips", "phase flips"])
@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.05, 0.1)])
def test_correction_is_what_the_circuit_and_a_table_of_errors_give(name, mixing, flip, rng):
    generators, code = CODES[name], decoder(CODES[name])
    pairs = [random_state((2, 2), rng=rng) for _ in range(3)]
    kind = "X" if name == "bit flips" else "Z"
    light = ["".join(kind if k == place else "I" for k in range(3)) for place in range(4)]  # the last one is no error
    letters = {bits: letter for letter, bits in (logical_letter(error, code) for error in light)}
    rho = oracle.side_by_side([pair.matrix for pair in pairs])
    for gate, on in code.gates:
        rho = oracle.both_sides(rho, GATES[gate], on, mixing if gate == "cx" else 0.0)
    order = sorted(range(2), key=lambda k: -code.measured[k])
    expected = 0
    for bits in product((0, 1), repeat=4):
        a, b, part = bits[:2], bits[2:], rho
        for k in order:
            part = oracle.read_pair(part, code.measured[k], ((a[k], b[k]),), flip)
        letter = letters[tuple(one != other for one, other in zip(a, b, strict=True))]
        expected = expected + oracle.square(oracle.gate(part, PAULI[letter], (1,)))
    state, probability = stabilizer_distillation(
        *pairs, generators=generators, correct=True, gate_mixing=mixing, readout_error=flip
    )
    np.testing.assert_allclose(probability, 1, rtol=1e-14)
    np.testing.assert_allclose(state.matrix, expected, atol=1e-14)


@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.02, 0.01)])
def test_the_smallest_code_is_bbpssw(mixing, flip, rng):
    pairs = [random_state((2, 2), rng=rng) for _ in range(2)]
    one = stabilizer_distillation(*pairs, generators=("ZZ",), gate_mixing=mixing, readout_error=flip)
    other = bbpssw(*pairs, gate_mixing=mixing, readout_error=flip)
    np.testing.assert_allclose(one.probability, other.probability, rtol=1e-14)
    np.testing.assert_allclose(one.state.bloch, other.state.bloch, atol=1e-14)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), noise=st.tuples(st.floats(0, 1), st.floats(0, 1)), correct=st.booleans())
def test_what_comes_out_is_a_state(seed, noise, correct):
    rng = np.random.default_rng(seed)
    pairs = [random_state((2, 2), rng=rng) for _ in range(3)]
    state, probability = stabilizer_distillation(
        *pairs, generators=CODES["odd Y"], correct=correct, gate_mixing=noise[0], readout_error=noise[1]
    )
    assert 0 < probability <= 1 + 1e-14
    assert np.linalg.eigvalsh(state.matrix).min() > -1e-13
    if correct:
        np.testing.assert_allclose(probability, 1, rtol=1e-14)


def test_gate_errors_spoil_perfect_pairs():
    kept = stabilizer_distillation(bell_state(), gate_mixing=np.array([0.0, 0.01, 1.0]))
    assert kept.probability[0] == 1
    assert 0.9 < bell_weights(kept.state)[1, 0] < 1
    np.testing.assert_allclose(kept.state.matrix[2], np.eye(4) / 4, atol=1e-15)


def test_batches(rng):
    pair = werner_state(fidelity=np.array([[0.8], [0.9]]))
    mixing = np.array([0.0, 0.01, 0.1])
    kept = stabilizer_distillation(pair, gate_mixing=mixing, readout_error=0.01)
    assert kept.state.batch_shape == kept.probability.shape == (2, 3)
    one = stabilizer_distillation(pair[1, 0], gate_mixing=0.1, readout_error=0.01)
    np.testing.assert_allclose(kept.state[1, 2].bloch, one.state.bloch, atol=1e-15)


@pytest.mark.parametrize(
    ("generators", "error", "message"),
    [
        ("XZZXI", ParameterTypeError, "sequence of Pauli strings, but is 'XZZXI'"),
        (None, ParameterTypeError, "sequence of Pauli strings, but is None"),
        (["XA"], ParameterError, "letters of I, X, Y, Z, but holds 'XA'"),
        ([3], ParameterError, "letters of I, X, Y, Z, but holds 3"),
        ([], DimensionError, "n - 1 strings of n letters"),
        (["ZZI"], DimensionError, "n - 1 strings of n letters"),
        (["ZZI", "IZ"], DimensionError, "n - 1 strings of n letters"),
        (["ZZI", "XII"], ParameterError, "commute, but ZZI and XII do not"),
        (["ZZI", "ZZI"], ParameterError, "be independent, but ZZI is a product"),
        (["III", "ZZI"], ParameterError, "be independent, but III is a product"),
        (["Z" * 11] * 10, ParameterError, "at most 10 letters, but has 11"),
    ],
)
def test_what_is_no_code_is_refused(generators, error, message):
    with pytest.raises(error, match=f"`generators` must .*{message}"):
        stabilizer_distillation(bell_state(), generators=generators)


def test_as_many_pairs_as_letters():
    with pytest.raises(DimensionError, match="`pairs` must be one pair or 5, but there are 2"):
        stabilizer_distillation(bell_state(), bell_state())
    with pytest.raises(ParameterTypeError, match="`correct` must be True or False"):
        stabilizer_distillation(bell_state(), correct=1)
