"""Conference keys and shared secrets: counted readings, closed forms, two nodes as BB84, and GHZ states from pairs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PAULI, kron, pauli_string

from qnet_channels import amplitude_damping, bit_flip, dephasing, depolarizing, ghz_from_pairs
from qnet_core import (
    DensityMatrix,
    bell_state,
    ghz_state,
    ket,
    maximally_mixed_state,
    random_state,
    w_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import (
    conference_errors,
    conference_key_fraction,
    secret_key_fraction,
    secret_sharing_errors,
    secret_sharing_fraction,
)

KEYS = [conference_key_fraction, secret_sharing_fraction]


def h(x):
    return 0.0 if x in (0, 1) else -x * np.log2(x) - (1 - x) * np.log2(1 - x)


def readings(rho, word):
    """Probability of each list of signs when these Pauli matrices are measured."""
    effects = {s: [(np.eye(2) + s * PAULI[letter]) / 2 for letter in word] for s in (1, -1)}
    return {
        signs: np.trace(rho @ kron(*(effects[s][k] for k, s in enumerate(signs)))).real
        for signs in product((1, -1), repeat=len(word))
    }


def near_ghz(seed, n):
    """A state of no particular form that still makes a key."""
    noise = random_state((2,) * n, rank=1, rng=np.random.default_rng(seed))
    return DensityMatrix(0.9 * ghz_state(n).matrix + 0.1 * noise.matrix)


def on_each(state, channel):
    return state.apply_each([channel] * state.num_subsystems)


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_conference_errors_are_counted(seed, n):
    rho = near_ghz(seed, n)
    odd = sum(p for signs, p in readings(rho.matrix, "X" * n).items() if np.prod(signs) < 0)
    along = readings(rho.matrix, "Z" * n)
    differ = [sum(p for signs, p in along.items() if signs[0] != signs[k]) for k in range(1, n)]
    found = conference_errors(rho)
    assert found.x_error == pytest.approx(odd, abs=1e-12)
    np.testing.assert_allclose(found.z_errors, differ, atol=1e-12)
    fraction = max(0, 1 - h(odd) - 1.2 * max(h(q) for q in differ))
    assert fraction > 0
    assert conference_key_fraction(rho, reconciliation_efficiency=1.2) == pytest.approx(fraction, abs=1e-10)


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_sharing_errors_are_counted(seed, n):
    """All choices of X and Y with an even number of Y: the product of the signs is (-1)^(half of them) for GHZ."""
    rho = near_ghz(seed, n)
    wrong = {"X": [], "Y": []}
    for word in product("XY", repeat=n):
        if word.count("Y") % 2 == 0:
            right = (-1) ** (word.count("Y") // 2)
            wrong[word[0]].append(sum(p for signs, p in readings(rho.matrix, word).items() if np.prod(signs) != right))
    found = secret_sharing_errors(rho)
    assert found.x_error == pytest.approx(np.mean(wrong["X"]), abs=1e-12)
    assert found.y_error == pytest.approx(np.mean(wrong["Y"]), abs=1e-12)
    fraction = max(0, 1 - h(found.y_error) - 1.1 * h(found.x_error))
    assert fraction > 0
    assert secret_sharing_fraction(rho, reconciliation_efficiency=1.1) == pytest.approx(fraction, abs=1e-10)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_ghz_gives_a_bit_and_others_nothing(key, n):
    assert key(ghz_state(n)) == pytest.approx(1, abs=1e-12)
    assert key(maximally_mixed_state((2,) * n)) == 0
    assert key(ket("0" * n)) == 0


def test_w_states_are_no_ghz_states():
    assert conference_key_fraction(w_state(3)) == 0
    assert secret_sharing_fraction(w_state(3)) == 0


@pytest.mark.parametrize("n", [2, 3, 6])
def test_closed_forms(n):
    mixing = np.array([0.01, 0.03])
    errors = conference_errors(on_each(ghz_state(n), depolarizing(mixing=mixing)))
    np.testing.assert_allclose(errors.x_error, (1 - (1 - mixing) ** n) / 2, rtol=1e-12)
    np.testing.assert_allclose(errors.z_errors, np.tile(((1 - (1 - mixing) ** 2) / 2)[:, None], n - 1), rtol=1e-12)
    shared = secret_sharing_errors(on_each(ghz_state(n), depolarizing(mixing=mixing)))
    np.testing.assert_allclose(shared.x_error, errors.x_error, rtol=1e-12)  # every kept word has n letters
    np.testing.assert_allclose(shared.y_error, errors.x_error, rtol=1e-12)


def test_two_nodes_do_bb84(rng):
    pairs = random_state((2, 2), rank=1, batch_shape=200, rng=rng)
    near = DensityMatrix(0.9 * bell_state().matrix + 0.1 * pairs.matrix)
    keys = conference_key_fraction(near, reconciliation_efficiency=1.16)
    np.testing.assert_allclose(keys, secret_key_fraction(near, "bb84", reconciliation_efficiency=1.16), atol=1e-12)
    assert keys.min() > 0


def test_the_worst_node_sets_the_pace():
    one_bad = ghz_state(4).apply(bit_flip(probability=0.1), 2)
    np.testing.assert_allclose(conference_errors(one_bad).z_errors, [0, 0.1, 0], atol=1e-12)
    assert conference_key_fraction(one_bad) == pytest.approx(1 - h(0.1), abs=1e-12)
    first_bad = ghz_state(4).apply(bit_flip(probability=0.1), 0)
    np.testing.assert_allclose(conference_errors(first_bad).z_errors, [0.1] * 3, atol=1e-12)


def test_flips_of_the_dealer_are_seen_in_y_only():
    """A flip X of one qubit is seen where it measured Y, and never where it measured X."""
    flipped = secret_sharing_errors(ghz_state(3).apply(bit_flip(probability=0.1), 0))
    assert flipped.x_error == pytest.approx(0, abs=1e-12)
    assert flipped.y_error == pytest.approx(0.1, abs=1e-12)


def test_ghz_from_pairs_makes_a_key():
    """Of Werner pairs in a star: Q_X and Q_Z from flips that compose."""
    fidelity = 0.98
    x = (4 * fidelity - 1) / 3
    errors = conference_errors(ghz_from_pairs([werner_state(fidelity=fidelity)] * 3))
    assert errors.x_error == pytest.approx((1 - x**3) / 2, abs=1e-12)
    np.testing.assert_allclose(errors.z_errors, [(1 - x) / 2] * 3, atol=1e-12)


def test_relaxation_is_worse_for_many():
    damped = [conference_key_fraction(on_each(ghz_state(n), amplitude_damping(damping=0.02))) for n in (2, 3, 4, 5)]
    assert all(np.diff(damped) < 0)


@pytest.mark.parametrize("key", KEYS)
def test_everything_broadcasts(key):
    states = on_each(ghz_state(3), dephasing(probability=[[0.0], [0.02]]))
    found = key(states, reconciliation_efficiency=[1.0, 1.1, 1.2])
    assert found.shape == (2, 3)
    assert found[1, 2] == pytest.approx(key(states[1, 0], reconciliation_efficiency=1.2), abs=1e-14)


@pytest.mark.parametrize("key", KEYS)
def test_no_state_is_nan_at_its_point_only(key):
    states = on_each(ghz_state(3), dephasing(probability=[0.0, 0.0]))
    states._stack[:, 1] = np.nan
    assert np.isnan(key(states)).tolist() == [False, True]


@pytest.mark.parametrize("function", [*KEYS, conference_errors, secret_sharing_errors])
@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        (np.eye(4) / 4, ParameterTypeError, "Parameter `state` must be a DensityMatrix, but is ndarray"),
        (ket("0"), DimensionError, "Parameter `state` must be a state of at least 2 qubits, but has dims (2,)"),
        (maximally_mixed_state((2, 3)), DimensionError, "but has dims (2, 3)"),
        (DensityMatrix(np.eye(4) / 8), StateError, "Parameter `state` must have trace 1"),
    ],
)
def test_refused_states(function, state, error, text):
    with pytest.raises(error) as raised:
        function(state)
    assert text in str(raised.value)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("efficiency", [0.9, np.nan])
def test_refused_efficiency(key, efficiency):
    with pytest.raises(ParameterError, match="Parameter `reconciliation_efficiency` must be at least 1"):
        key(ghz_state(3), reconciliation_efficiency=efficiency)


def test_batches_that_do_not_fit():
    states = on_each(ghz_state(3), dephasing(probability=[0.0, 0.1]))
    with pytest.raises(DimensionError, match="must broadcast"):
        conference_key_fraction(states, reconciliation_efficiency=[1.0, 1.1, 1.2])


def test_words_of_the_counts():
    """The counted words are stabilizers of the GHZ state, up to their sign."""
    rho = ghz_state(3).matrix
    assert np.trace(rho @ pauli_string("XYY")).real == pytest.approx(-1)
