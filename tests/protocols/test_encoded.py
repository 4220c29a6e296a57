"""Codes against errors: all patterns of errors of real codes, density matrices of what a connection does, limits."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, swap
from qnet_core import bell_state, ket, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import connection_error, css_logical_error, encoded_chain, remote_gate

HAMMING = np.array([[(column >> row) & 1 for column in range(1, 8)] for row in range(3)])
CODE = {"num_qubits": 7, "correctable_errors": 1}


def steane_failures():
    """Number of errors of each of the 128 patterns of one kind, and whether the decoder fails: an odd logical flip is left."""
    errors = np.array(list(product((0, 1), repeat=7)))
    place = (errors @ HAMMING.T % 2) @ [1, 2, 4]  # the syndrome is the place of a single error
    corrected = errors ^ np.where(np.arange(1, 8) == place[:, None], 1, 0)
    assert not (corrected @ HAMMING.T % 2).any()
    return errors.sum(axis=1), corrected.sum(axis=1) % 2 == 1


@pytest.mark.parametrize("wrong", [0.0, 1e-3, 0.1, 0.4])
def test_steane_code_fails_less_often_than_two_errors_happen(wrong):
    """The patterns that differ from a stabilizer by one error are corrected by luck; pairs of errors never are."""
    number, fails = steane_failures()
    chance = wrong**number * (1 - wrong) ** (7 - number)
    bound = css_logical_error(error_probability=wrong, **CODE)
    np.testing.assert_allclose(bound, chance[number > 1].sum(), rtol=1e-12)
    assert chance[fails].sum() <= bound + 1e-15
    assert fails[number == 2].all() and not fails[number < 2].any()


def test_golay_code_is_perfect():
    """Its 2^11 syndromes are as many as patterns of up to three errors, and at 1/2 all 2^23 patterns are equally likely."""
    number = np.arange(24)
    patterns = np.array([float(_choose(23, k)) for k in number])
    assert patterns[:4].sum() == 2**11
    np.testing.assert_allclose(
        css_logical_error(num_qubits=23, correctable_errors=3, error_probability=0.5), 1 - 2**11 / 2**23, rtol=1e-13
    )


def _choose(total, number):
    return 1 if number == 0 else _choose(total, number - 1) * (total - number + 1) // number


@given(st.sampled_from([(1, 0), (7, 1), (17, 2), (23, 3), (47, 5)]), st.floats(1e-12, 1.0))
def test_tail_is_a_sum_of_positive_terms(code, wrong):
    size, most = code
    terms = [_choose(size, k) * wrong**k * (1 - wrong) ** (size - k) for k in range(most + 1, size + 1)]
    computed = css_logical_error(num_qubits=size, correctable_errors=most, error_probability=wrong)
    np.testing.assert_allclose(computed, sum(sorted(terms)), rtol=1e-11)


def test_chain_of_flips_is_a_power_of_a_matrix():
    """Each connection flips or doesn't: a Markov chain of two states; a bound that says nothing flips half of the time."""
    chain = encoded_chain(error_probability=[[0.02], [0.1], [0.9]], num_connections=[0, 1, 2, 7, 30], **CODE)
    for flip, row in zip(chain.logical_error[:, 0], chain.error, strict=True):
        flip = min(flip, 0.5)
        step = np.array([[1 - flip, flip], [flip, 1 - flip]])
        expected = [np.linalg.matrix_power(step, n)[0, 1] for n in (0, 1, 2, 7, 30)]
        np.testing.assert_allclose(row, expected, rtol=1e-12, atol=1e-15)


def test_rare_errors_add_up():
    chain = encoded_chain(error_probability=1e-9, num_connections=1000, **CODE)
    np.testing.assert_allclose(chain.error, 1000 * 21e-18, rtol=1e-8)
    assert 1 - chain.secret_fraction < 1e-11


def test_key_ends_at_eleven_percent():
    """The limit of BB84, 1 - 2h(e) = 0 at e = 0.110028, by Shor and Preskill."""
    bare = {"num_qubits": 1, "correctable_errors": 0, "num_connections": 1}
    keys = encoded_chain(error_probability=[0.0, 0.1100, 0.1101, 0.5], **bare).secret_fraction
    assert keys[0] == 1 and keys[1] > 0 and keys[2] == keys[3] == 0


@pytest.mark.parametrize("noise", [(0.97, 0.0, 0.0), (1.0, 0.05, 0.0), (1.0, 0.0, 0.04), (0.93, 0.02, 0.01)])
def test_connection_reads_what_density_matrices_say(noise):
    """A station compares the target of the teleported CNOT on its left with the control of the one on its right."""
    fidelity, mixing, flip = noise
    gate = remote_gate("cnot", werner_state(fidelity=fidelity), gate_mixing=mixing, readout_error=flip)
    perfect = bell_state("phi+")
    station = swap(perfect, perfect, station=BellStation(mixing, flip)).state
    expected = connection_error(pair_error=2 * (1 - fidelity) / 3, gate_mixing=mixing, readout_error=flip)
    for basis, label in (("Z", "00"), ("X", "++")):
        blocks = ket(label).apply(gate, (0, 1))
        sign = blocks.expect(basis, 0) * blocks.expect(basis, 1) * station.expect(2 * basis)
        np.testing.assert_allclose((1 - sign) / 2, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"num_qubits": 0}, ParameterError, "`num_qubits` must be at least 1"),
        ({"num_qubits": 7.5}, ParameterError, "`num_qubits` must be a whole number"),
        ({"correctable_errors": 2}, ParameterError, "`correctable_errors` must be at most"),
        ({"error_probability": 1.5}, ParameterError, "`error_probability` must be between 0 and 1"),
        ({"error_probability": np.nan}, ParameterError, "`error_probability` must be between 0 and 1"),
        ({"num_connections": -1}, ParameterError, "`num_connections` must be at least 0"),
        ({"num_connections": "many"}, ParameterTypeError, "`num_connections` must hold real numbers"),
        ({"num_connections": [1, 2], "error_probability": [0.1] * 3}, DimensionError, "broadcast"),
    ],
)
def test_refusals(change, error, text):
    with pytest.raises(error, match=text):
        encoded_chain(**({"error_probability": 0.01, "num_connections": 3} | CODE | change))
