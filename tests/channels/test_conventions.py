"""One strength of depolarizing noise in every convention, against Kraus operators written down for each."""

from functools import cache, reduce
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import CNOT, HADAMARD, PAULI, act, kron, pauli_string, projector, random_density

from qnet_channels import depolarizing, depolarizing_strength
from qnet_core.errors import ParameterError, ParameterTypeError

SIZES = (1, 2, 3)
# The noise that each value of a convention means, as the probability of an error that is not the identity.
FROM_PAULI_ERROR = {
    "mixing": lambda p, dim: p * dim**2 / (dim**2 - 1),
    "pauli_error": lambda p, dim: p,
    "each_pauli": lambda p, dim: p / (dim**2 - 1),
    "process_fidelity": lambda p, dim: 1 - p,
    "average_gate_fidelity": lambda p, dim: 1 - p * dim / (dim + 1),
}
each_convention = pytest.mark.parametrize("name", FROM_PAULI_ERROR)
each_size = pytest.mark.parametrize("num_qubits", SIZES)
PAULI_ERRORS = (0.0, 1e-6, 0.04, 0.5, 0.75, 1.0)


def error_operators(num_qubits, pauli_error):
    """Identity with what is left of certainty, and every other Pauli string with its part of the error."""
    strings = [pauli_string(letters) for letters in product("IXYZ", repeat=num_qubits)]
    each = pauli_error / (4**num_qubits - 1)
    return [np.sqrt(1 - pauli_error) * strings[0], *(np.sqrt(each) * string for string in strings[1:])]


@cache
def stabilizer_states(num_qubits):
    """All stabilizer states: an average over them is one over all pure states, as they are a 2-design."""
    phase = np.diag([1, 1j])
    gates = [
        kron(*(gate if k == target else PAULI["I"] for k in range(num_qubits)))
        for target in range(num_qubits)
        for gate in (HADAMARD, phase)
    ]
    gates += [kron(*([PAULI["I"]] * k), CNOT, *([PAULI["I"]] * (num_qubits - 2 - k))) for k in range(num_qubits - 1)]
    start = np.zeros(2**num_qubits, complex)
    start[0] = 1
    found, fresh = {}, [start]
    while fresh:
        vector = fresh.pop()
        first = vector[np.flatnonzero(abs(vector) > 1e-9)[0]]
        vector = vector * abs(first) / first
        key = tuple(np.round(vector * 8).astype(complex))
        if key not in found:
            found[key] = vector
            fresh += [gate @ vector for gate in gates]
    return np.array(list(found.values()))


def mean_output_fidelity(operators, states):
    """Mean over pure states of the fidelity of the output with the input."""
    overlaps = [np.einsum("ka,ab,kb->k", states.conj(), operator, states) for operator in operators]
    return np.mean(np.sum(np.abs(overlaps) ** 2, axis=0))


@each_size
def test_stabilizer_states_are_all_there_and_a_2_design(num_qubits):
    """2**n prod (2**k + 1) of them, with the mean of |psi psi><psi psi| on the symmetric subspace."""
    states, dim = stabilizer_states(num_qubits), 2**num_qubits
    assert len(states) == dim * np.prod([2**k + 1 for k in range(1, num_qubits + 1)])
    twice = np.einsum("ka,kb->kab", states, states).reshape(len(states), dim**2)
    swapped = np.eye(dim**2).reshape(dim, dim, dim**2).transpose(1, 0, 2).reshape(dim**2, dim**2)
    expected = (np.eye(dim**2) + swapped) / (dim * (dim + 1))
    np.testing.assert_allclose(twice.T @ twice.conj() / len(states), expected, atol=1e-12)


@each_size
@pytest.mark.parametrize("pauli_error", PAULI_ERRORS)
@each_convention
def test_every_convention_means_these_pauli_errors(name, pauli_error, num_qubits):
    dim = 2**num_qubits
    operators = error_operators(num_qubits, pauli_error)
    strength = depolarizing_strength(num_qubits=num_qubits, **{name: FROM_PAULI_ERROR[name](pauli_error, dim)})
    process = sum(abs(np.trace(operator)) ** 2 for operator in operators) / dim**2
    average = mean_output_fidelity(operators, stabilizer_states(num_qubits))
    np.testing.assert_allclose(strength.pauli_error, pauli_error, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(strength.each_pauli, np.trace(operators[1] @ operators[1]).real / dim, rtol=1e-9)
    np.testing.assert_allclose(strength.process_fidelity, process, atol=1e-14)
    np.testing.assert_allclose(strength.average_gate_fidelity, average, atol=1e-14)


@each_size
@pytest.mark.parametrize("pauli_error", PAULI_ERRORS)
def test_mixing_is_replacement_by_the_mixed_state(pauli_error, num_qubits, rng):
    rho, dim = random_density(rng, 2**num_qubits), 2**num_qubits
    mixing = depolarizing_strength(pauli_error=pauli_error, num_qubits=num_qubits).mixing
    expected = act(error_operators(num_qubits, pauli_error), rho)
    np.testing.assert_allclose((1 - mixing) * rho + mixing * np.eye(dim) / dim, expected, atol=1e-14)


@each_size
def test_mixing_is_what_depolarizing_takes(num_qubits):
    strength = depolarizing_strength(pauli_error=0.3, num_qubits=num_qubits)
    operators = error_operators(num_qubits, 0.3)
    expected = sum(np.kron(operator.conj(), operator) for operator in operators)
    channel = depolarizing(mixing=strength.mixing, num_qubits=num_qubits)
    np.testing.assert_allclose(channel.superop(), expected, atol=1e-14)


@each_convention
@given(pauli_error=st.floats(0, 1), num_qubits=st.integers(1, 6))
def test_there_and_back(name, pauli_error, num_qubits):
    there = depolarizing_strength(pauli_error=pauli_error, num_qubits=num_qubits)
    least = 1 / (2**num_qubits + 1)  # rounding may have gone below what any channel has
    value = np.clip(getattr(there, name), least if name == "average_gate_fidelity" else 0, None)
    back = depolarizing_strength(num_qubits=num_qubits, **{name: value})
    np.testing.assert_allclose(back, there, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("num_qubits", range(1, 9))
@each_convention
def test_errors_that_are_certain_are_taken(name, num_qubits):
    value = FROM_PAULI_ERROR[name](1.0, 2**num_qubits)
    strength = depolarizing_strength(num_qubits=num_qubits, **{name: value})
    np.testing.assert_allclose(strength.pauli_error, 1.0, rtol=1e-14)


@pytest.mark.parametrize("num_qubits", SIZES)
def test_least_average_gate_fidelity_is_taken_as_it_is_written(num_qubits):
    """1/(D + 1), such as 1/3 for a qubit, is that of certain errors."""
    strength = depolarizing_strength(average_gate_fidelity=1 / (2**num_qubits + 1), num_qubits=num_qubits)
    np.testing.assert_allclose(strength.pauli_error, 1.0, rtol=1e-14)


@each_size
@pytest.mark.parametrize("excess", [1e-3, 0.5])
@each_convention
def test_what_belongs_to_no_channel_is_refused(name, excess, num_qubits):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        value = FROM_PAULI_ERROR[name](1 + excess, 2**num_qubits)
        depolarizing_strength(num_qubits=num_qubits, **{name: value})
    with pytest.raises(ParameterError, match=f"`{name}`"):
        value = FROM_PAULI_ERROR[name](-excess, 2**num_qubits)
        depolarizing_strength(num_qubits=num_qubits, **{name: value})


@pytest.mark.parametrize("given_values", [{}, {"mixing": 0.1, "pauli_error": 0.1}, {"mixing": 0.0, "each_pauli": 0.0}])
def test_exactly_one_convention_must_be_given(given_values):
    with pytest.raises(ParameterTypeError, match="Exactly one"):
        depolarizing_strength(**given_values)


@pytest.mark.parametrize("num_qubits", [0, -1, 1.0, True, "2"])
def test_qubits_are_counted_in_whole_numbers(num_qubits):
    with pytest.raises((ParameterError, ParameterTypeError), match="`num_qubits`"):
        depolarizing_strength(mixing=0.1, num_qubits=num_qubits)


@each_convention
def test_arrays_are_point_by_point(name):
    values = FROM_PAULI_ERROR[name](np.array([[0.1, 0.2, 0.3]]), 4)
    together = depolarizing_strength(num_qubits=2, **{name: values})
    alone = [depolarizing_strength(num_qubits=2, **{name: value}) for value in values[0]]
    for k, field in enumerate(together):
        assert field.shape == (1, 3)
        np.testing.assert_array_equal(field[0], [strength[k] for strength in alone])


# The same noise as others write it: (their number, in our words) and the factor that it leaves of every Pauli string.
@pytest.mark.parametrize(
    ("theirs", "num_qubits", "left"),
    [
        ({"mixing": 0.1}, 1, 0.9),  # replacement: Qiskit Aer, QuantumSavory
        ({"pauli_error": 0.1}, 1, 1 - 4 * 0.1 / 3),  # any of three: Cirq, PennyLane
        ({"each_pauli": 0.1}, 1, 1 - 4 * 0.1),  # each of three
        ({"pauli_error": 0.15}, 2, 1 - 16 * 0.15 / 15),  # any of 15: Stim's DEPOLARIZE2
    ],
)
def test_what_a_number_leaves_of_pauli_strings(theirs, num_qubits, left):
    mixing = depolarizing_strength(num_qubits=num_qubits, **theirs).mixing
    expected = reduce(np.append, [np.ones(1), np.full(4**num_qubits - 1, left)])
    np.testing.assert_allclose(
        depolarizing(mixing=mixing, num_qubits=num_qubits).transfer, np.diag(expected), atol=1e-15
    )


def test_a_projector_of_half_a_pair_has_the_process_fidelity():
    """The process fidelity is the overlap of a maximally entangled pair with what becomes of it."""
    strength = depolarizing_strength(each_pauli=0.07)
    pair = np.eye(2).reshape(4) / np.sqrt(2)
    operators = [np.kron(PAULI["I"], k) for k in error_operators(1, 0.21)]
    np.testing.assert_allclose(pair @ act(operators, projector(pair)) @ pair, strength.process_fidelity, rtol=1e-14)
