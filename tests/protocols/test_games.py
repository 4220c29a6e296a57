"""Games: quantum and classical values, hardware by a circuit with dense matrices, and refusals."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PAULI, pauli_string, permute

from qnet_channels import amplitude_damping
from qnet_core import DensityMatrix, bell_state, chsh_value, ket, maximally_mixed_state, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import chsh_probability, game_probability, magic_square_probability

Z, X = (0, 0, 1), (1, 0, 0)
BEST = {"alice_axes": [Z, X], "bob_axes": np.array([(1, 0, 1), (-1, 0, 1)]) / np.sqrt(2)}
ROWS = (("XI", "IX", "XX"), ("IZ", "ZI", "ZZ"), ("XZ", "ZX", "YY"))
SIGNS = list(product((1, -1), repeat=2))


def best_classical(wins, questions):
    """The best of all pairs of deterministic strategies, answers from a list."""
    first, second, answers = questions
    return max(
        np.mean([wins(x, y, a[x], b[y]) for x in range(first) for y in range(second)])
        for a in product(answers, repeat=first)
        for b in product(answers, repeat=second)
    )


def test_chsh_of_phi_plus_and_without_entanglement():
    assert chsh_probability(bell_state(), **BEST) == pytest.approx((2 + np.sqrt(2)) / 4, abs=1e-12)
    assert chsh_probability(bell_state()) == pytest.approx((2 + np.sqrt(2)) / 4, abs=1e-12)
    assert chsh_probability(ket("00"), alice_axes=[Z, Z], bob_axes=[Z, Z]) == pytest.approx(0.75, abs=1e-12)
    assert best_classical(lambda x, y, a, b: a ^ b == x * y, (2, 2, (0, 1))) == 0.75


def random_axes(rng, *batch):
    axes = rng.standard_normal((*batch, 2, 3))
    return axes / np.linalg.norm(axes, axis=-1, keepdims=True)


def measurements(axes, error=0.0):
    """Answers 0 and 1 for each axis, flipped with some probability."""
    spins = [sum(n * PAULI[p] for n, p in zip(axis, "XYZ", strict=True)) for axis in axes]
    return np.array([[(np.eye(2) + s * (1 - 2 * error) * spin) / 2 for s in (1, -1)] for spin in spins])


@given(st.integers(0, 2**32 - 1))
def test_chsh_counts_won_rounds(seed):
    rng = np.random.default_rng(seed)
    rho, alice, bob = random_state((2, 2), rng=rng), random_axes(rng), random_axes(rng)
    won = 0
    for x, y, a, b in product((0, 1), repeat=4):
        if a ^ b == x * y:
            effect = np.kron(measurements(alice, 0.1)[x, a], measurements(bob, 0.1)[y, b])
            won += np.trace(rho.matrix @ effect).real / 4
    found = chsh_probability(rho, alice_axes=alice, bob_axes=bob, readout_error=0.1)
    assert found == pytest.approx(won, abs=1e-12)
    assert found <= chsh_probability(rho) + 1e-12
    general = game_probability(
        rho, alice=measurements(alice, 0.1), bob=measurements(bob, 0.1), wins=lambda x, y, a, b: a ^ b == x * y
    )
    assert general == pytest.approx(won, abs=1e-12)


def test_best_axes_are_reached_by_search(rng):
    rho = bell_state().apply(amplitude_damping(damping=0.3), 1)
    alice, bob = random_axes(rng, 40_000), random_axes(rng, 40_000)
    best = chsh_probability(rho, alice_axes=alice, bob_axes=bob).max()
    assert 0.5 + chsh_value(rho) / 8 - 0.03 < best <= 0.5 + chsh_value(rho) / 8


# --- magic square --------------------------------------------------------------------------------------------------


def square_by_hand(first, second, mixing=0.0, error=0.0):
    """Both measure a line: two commuting observables, read with flips, after a gate that may fail in the joint lines."""
    rho = permute(np.kron(first, second), [2, 2, 2, 2], (0, 2, 1, 3))  # one player's qubits, then the other's
    won = 0
    for row, column in product(range(3), repeat=2):
        mine = [pauli_string(word) for word in ROWS[row][:2]]
        hers = [pauli_string(ROWS[k][column]).T for k in range(2)]
        for sides in product(
            line_effects(mine, mixing * (row == 2), error), line_effects(hers, mixing * (column == 2), error)
        ):
            (answers, effect), (replies, other) = sides
            cells = (*answers, answers[0] * answers[1])
            column_cells = (*replies, replies[0] * replies[1] * (-1 if column == 2 else 1))
            if cells[column] == column_cells[row]:
                won += np.trace(rho @ np.kron(effect, other)).real / 9
    return won


def line_effects(observables, mixing, error):
    """Effects of two signs said, and the signs."""
    found = []
    for said in SIGNS:
        effect = 0
        for true in SIGNS:
            flips = np.prod([error if s != t else 1 - error for s, t in zip(said, true, strict=True)])
            projector = (np.eye(4) + true[0] * observables[0]) @ (np.eye(4) + true[1] * observables[1]) / 4
            effect = effect + flips * ((1 - mixing) * projector + mixing * np.eye(4) / 4)
        found.append((said, effect))
    return found


def test_square_is_mermins():
    """Rows multiply to 1 and columns to 1, 1, -1, and all observables of a line commute."""
    cells = [[pauli_string(word) for word in row] for row in ROWS]
    for k in range(3):
        np.testing.assert_allclose(cells[k][0] @ cells[k][1] @ cells[k][2], np.eye(4), atol=1e-15)
        sign = -1 if k == 2 else 1
        np.testing.assert_allclose(cells[0][k] @ cells[1][k] @ cells[2][k], sign * np.eye(4), atol=1e-15)


def test_square_is_always_won_with_two_pairs():
    assert magic_square_probability(bell_state()) == pytest.approx(1, abs=1e-12)


def test_square_without_entanglement():
    """All signs of three rows with product 1, and of three columns with product -1: 8/9."""
    rows = [(a, b, a * b) for a, b in SIGNS]
    columns = [(a, b, -a * b) for a, b in SIGNS]
    best = best_of_lines(rows, columns)
    assert best == pytest.approx(8 / 9)


def best_of_lines(rows, columns):
    return max(
        np.mean([mine[r][c] == hers[c][r] for r in range(3) for c in range(3)])
        for mine in product(rows, repeat=3)
        for hers in product(columns, repeat=3)
    )


@pytest.mark.parametrize(("mixing", "error"), [(0.0, 0.0), (0.2, 0.0), (0.0, 0.1), (0.15, 0.05)])
def test_square_by_hand(rng, mixing, error):
    first, second = random_state((2, 2), rng=rng), random_state((2, 2), rng=rng)
    found = magic_square_probability([first, second], gate_mixing=mixing, readout_error=error)
    assert found == pytest.approx(square_by_hand(first.matrix, second.matrix, mixing, error), abs=1e-12)


def test_square_of_nothing_is_a_coin():
    assert magic_square_probability(maximally_mixed_state((2, 2))) == pytest.approx(0.5)
    assert magic_square_probability(bell_state(), readout_error=0.5) == pytest.approx(0.5)


# --- any game ------------------------------------------------------------------------------------------------------


def test_any_game_on_qutrits():
    """Guess the same of three letters: a maximally entangled pair of qutrits always does."""
    vector = np.eye(3).reshape(9) / np.sqrt(3)
    read = np.array([[np.diag(row) for row in np.eye(3)]])
    pair = DensityMatrix(np.outer(vector, vector), (3, 3))
    assert game_probability(pair, alice=read, bob=read, wins=lambda x, y, a, b: a == b) == pytest.approx(1)
    mixed = maximally_mixed_state((3, 3))
    assert game_probability(mixed, alice=read, bob=read, wins=np.eye(3, dtype=bool)[None, None]) == pytest.approx(1 / 3)


def test_everything_broadcasts(rng):
    pairs = werner_state(fidelity=[[0.9], [0.8]])
    assert chsh_probability(pairs, readout_error=[0.0, 0.1, 0.2]).shape == (2, 3)
    axes = {"alice_axes": random_axes(rng, 3), "bob_axes": random_axes(rng, 2, 1)}
    found = chsh_probability(pairs, **axes)
    assert found.shape == (2, 3)
    one = chsh_probability(pairs[1, 0], alice_axes=axes["alice_axes"][2], bob_axes=axes["bob_axes"][1, 0])
    assert found[1, 2] == pytest.approx(one, abs=1e-14)
    square = magic_square_probability([pairs, bell_state()], gate_mixing=[0.0, 0.1, 0.2])
    assert square.shape == (2, 3)
    assert square[1, 2] == pytest.approx(
        magic_square_probability([pairs[1, 0], bell_state()], gate_mixing=0.2), abs=1e-14
    )
    alice = np.array([measurements(one) for one in random_axes(rng, 3)])
    general = game_probability(pairs, alice=alice, bob=alice, wins=np.ones((2, 2, 2, 2), bool))
    np.testing.assert_allclose(general, np.ones((2, 3)))


def test_no_state_is_nan_at_its_point_only():
    pairs = werner_state(fidelity=[0.9, 0.9])
    pairs._stack[:, 1] = np.nan
    for found in (chsh_probability(pairs), chsh_probability(pairs, **BEST), magic_square_probability(pairs)):
        assert np.isnan(found).tolist() == [False, True]
    one = measurements([Z, X])
    assert np.isnan(game_probability(pairs, alice=one, bob=one, wins=np.ones((2,) * 4, bool))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"state": ket("0")}, DimensionError, "Parameter `state` must be a state of two qubits"),
        ({"alice_axes": [Z, X]}, ParameterTypeError, "Parameters `alice_axes` and `bob_axes` must be given both"),
        ({**BEST, "bob_axes": [Z, (1, 1, 0)]}, ParameterError, "Parameter `bob_axes` must hold axes of length 1"),
        ({**BEST, "bob_axes": [Z]}, DimensionError, "Parameter `bob_axes` must have shape (..., 2, 3)"),
        ({"readout_error": 1.5}, ParameterError, "Parameter `readout_error` must be between 0 and 1, but is 1.5"),
        ({"state": werner_state(fidelity=[0.9, 0.8]), "readout_error": [0.1] * 3}, DimensionError, "must broadcast"),
    ],
)
def test_chsh_refusals(given, error, text):
    with pytest.raises(error) as raised:
        chsh_probability(**{"state": bell_state()} | given)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"resource": [bell_state()]}, ParameterError, "Parameter `resource` must hold at least 2 pairs, but holds 1"),
        ({"resource": ket("00").matrix}, ParameterTypeError, "Parameter `resource` must be a DensityMatrix or a"),
        ({"resource": DensityMatrix.from_bloch(0.5 * bell_state().bloch, (2, 2))}, StateError, "must have trace 1"),
        ({"gate_mixing": np.nan}, ParameterError, "Parameter `gate_mixing` must be between 0 and 1, but is nan"),
        ({"readout_error": "no"}, ParameterTypeError, "Parameter `readout_error` must hold real numbers"),
    ],
)
def test_square_refusals(given, error, text):
    with pytest.raises(error) as raised:
        magic_square_probability(**{"resource": bell_state()} | given)
    assert text in str(raised.value)


READ = [[np.diag([1, 0]), np.diag([0, 1])]]


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"state": 1}, ParameterTypeError, "Parameter `state` must be a DensityMatrix"),
        ({"state": ket("000")}, DimensionError, "Parameters `alice` and `bob` must have sizes that multiply to 8"),
        ({"alice": np.eye(2)}, DimensionError, "Parameter `alice` must have at least 4 axes"),
        (
            {"bob": [[np.eye(2), np.eye(2)]]},
            ParameterError,
            "Parameter `bob` must hold positive operators that add up to 1",
        ),
        (
            {"bob": [[np.diag([2, 0]), np.diag([-1, 1])]]},
            ParameterError,
            "Parameter `bob` must hold positive operators",
        ),
        ({"bob": np.zeros((1, 2, 2, 3))}, DimensionError, "Parameter `bob` must have shape"),
        (
            {"wins": np.ones((2, 2))},
            DimensionError,
            "Parameter `wins` must hold a truth value for each of (1, 1, 2, 2)",
        ),
    ],
)
def test_game_refusals(given, error, text):
    whole = {"state": bell_state(), "alice": READ, "bob": READ, "wins": lambda x, y, a, b: a == b}
    with pytest.raises(error) as raised:
        game_probability(**whole | given)
    assert text in str(raised.value)
