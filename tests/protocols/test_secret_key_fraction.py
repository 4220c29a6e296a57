"""The asymptotic key fraction: known thresholds, never negative, in bits, and from any pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core import bell_diagonal_state, bell_state, random_state, von_neumann_entropy, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import repeaterless_bound, secret_key_fraction, squashed_entanglement_bound

PROTOCOLS = ["bb84", "six-state"]
WEIGHTS = st.tuples(*[st.floats(0.0, 1.0)] * 4).filter(lambda w: sum(w) > 1e-3).map(lambda w: np.array(w) / sum(w))


def at_error_rate(error_rate):
    return werner_state(fidelity=1 - 1.5 * np.asarray(error_rate))


def entropy(*weights):
    """Shannon entropy in bits, term by term."""
    return sum(-w * np.log2(w) for w in weights if w > 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_perfect_pair_is_one_bit(protocol):
    np.testing.assert_allclose(secret_key_fraction(bell_state("phi+"), protocol), 1, rtol=1e-14)


def test_bb84_is_the_default():
    pair = at_error_rate(0.03)
    assert secret_key_fraction(pair) == secret_key_fraction(pair, "bb84")


@pytest.mark.parametrize(("protocol", "threshold"), [("bb84", 0.110027864438), ("six-state", 0.126193083277)])
def test_key_ends_at_the_known_error_rate(protocol, threshold):
    below, above = secret_key_fraction(at_error_rate([threshold - 1e-4, threshold + 1e-4]), protocol)
    assert 0 < below < 2e-3
    assert above == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_key_is_never_negative(protocol):
    fractions = secret_key_fraction(at_error_rate(np.linspace(0, 0.5, 301)), protocol)
    assert np.all(fractions >= 0)
    assert np.all(np.diff(fractions) <= 0)
    assert np.all(fractions[200:] == 0)
    assert not np.any(np.signbit(fractions))


def test_logarithms_are_to_base_two():
    """At Q = 1/16, bb84 gives 1 - 2 h(1/16) = 1 - 2 (4/16 + 15/16 log2(16/15)) bits."""
    expected = 1 - 2 * (0.25 + 15 / 16 * np.log2(16 / 15))
    np.testing.assert_allclose(secret_key_fraction(at_error_rate(1 / 16), "bb84"), expected, rtol=1e-13)


@given(weights=WEIGHTS)
def test_six_state_key_is_the_hashing_bound(weights):
    state = bell_diagonal_state(weights)
    expected = max(0.0, 1 - float(von_neumann_entropy(state)))
    np.testing.assert_allclose(secret_key_fraction(state, "six-state"), expected, atol=1e-12)


@given(weights=WEIGHTS)
def test_bb84_key_comes_from_two_error_rates(weights):
    error_z, error_x = weights[2] + weights[3], weights[1] + weights[3]
    expected = max(0.0, 1 - entropy(error_z, 1 - error_z) - entropy(error_x, 1 - error_x))
    np.testing.assert_allclose(secret_key_fraction(bell_diagonal_state(weights), "bb84"), expected, atol=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
def test_any_pair_counts_by_its_error_rates(seed):
    pair = random_state((2, 2), rank=1, rng=np.random.default_rng(seed))
    mixed = 0.95 * bell_state("phi+").bloch + 0.05 * pair.bloch
    state = type(pair).from_bloch(mixed, (2, 2))
    error_z, error_x = (1 - state.expect("ZZ")) / 2, (1 - state.expect("XX")) / 2
    expected = 1 - entropy(error_z, 1 - error_z) - entropy(error_x, 1 - error_x)
    np.testing.assert_allclose(secret_key_fraction(state, "bb84"), max(0.0, float(expected)), atol=1e-12)


@given(weights=WEIGHTS)
def test_third_basis_never_harms(weights):
    state = bell_diagonal_state(weights)
    assert secret_key_fraction(state, "six-state") >= secret_key_fraction(state, "bb84") - 1e-12


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_batches(protocol):
    rates = np.array([[0.0, 0.02, 0.3], [0.05, 0.1, 0.12]])
    fractions = secret_key_fraction(at_error_rate(rates), protocol)
    assert fractions.shape == rates.shape
    for index in np.ndindex(rates.shape):
        np.testing.assert_allclose(fractions[index], secret_key_fraction(at_error_rate(rates[index]), protocol))


def test_unknown_protocol_is_refused_with_the_known_ones():
    with pytest.raises(ParameterError, match=r"`protocol`.*bb84.*six-state.*'bb85'"):
        secret_key_fraction(bell_state("phi+"), "bb85")


@pytest.mark.parametrize("bad", [bell_state("phi+").ptrace(0), random_state((2, 3), rng=np.random.default_rng(1))])
def test_only_pairs_of_qubits_have_a_key(bad):
    with pytest.raises(DimensionError, match="`state`"):
        secret_key_fraction(bad)


def test_only_states_have_a_key():
    with pytest.raises((ParameterTypeError, DimensionError), match="`state`"):
        secret_key_fraction("phi+")


@pytest.mark.parametrize(
    ("transmissivity", "bits"), [(0.0, 0.0), (0.5, np.log2(3)), (0.1, np.log2(1.1 / 0.9)), (1.0, np.inf)]
)
def test_squashed_entanglement_bound(transmissivity, bits):
    np.testing.assert_allclose(squashed_entanglement_bound(transmissivity), bits, rtol=1e-14)
    if 0 < transmissivity < 1:
        assert repeaterless_bound(transmissivity) < squashed_entanglement_bound(transmissivity)
