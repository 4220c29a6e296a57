"""Fusion of states at a station against dense matrices, and GHZ states made of pairs."""

import numpy as np
import pytest
import station_oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import dephasing, fuse, fuse_branches, ghz_from_pairs
from qnet_core import (
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    fidelity,
    ghz_state,
    ket,
    maximally_mixed_state,
    random_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
PROBABILITIES = st.floats(0.0, 1.0)
PHI = bell_state("phi+")
LAYOUTS = ("star", "chain")
SHAPES = [(1, 2, (0, 0)), (2, 2, (1, 0)), (2, 2, (0, 1)), (3, 2, (1, 1)), (2, 3, (1, 1)), (2, 1, (0, 0))]


def random_qubits(seed, count, **options):
    return random_state((2,) * count, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize(("first", "second", "on"), SHAPES)
@pytest.mark.parametrize("noise", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.15, 0.05)])
def test_each_reading_and_the_mean_are_the_simulated_ones(first, second, on, noise):
    left, right = random_qubits(first, first), random_qubits(100 + second, second)
    expected = station_oracle.fused(left.matrix, right.matrix, on, *noise)
    options = {"on": on, "gate_mixing": noise[0], "readout_error": noise[1]}
    for branch, matrix in zip(fuse_branches(left, right, **options), expected, strict=True):
        np.testing.assert_allclose(branch.probability, np.trace(matrix).real, rtol=1e-12)
        np.testing.assert_allclose(branch.state.matrix, matrix / np.trace(matrix), atol=1e-12)
    np.testing.assert_allclose(fuse(left, right, **options).matrix, sum(expected), atol=1e-12)


def test_last_and_first_qubit_meet_if_nothing_is_said():
    left, right = random_qubits(1, 3), random_qubits(2, 2)
    np.testing.assert_array_equal(fuse(left, right).bloch, fuse(left, right, on=(2, 0)).bloch)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_perfect_pairs_make_perfect_ghz_states(layout, count):
    state = ghz_from_pairs([PHI] * count, layout=layout)
    np.testing.assert_allclose(state.bloch, ghz_state(count + 1).bloch, atol=1e-15)


@pytest.mark.parametrize(("first", "second"), [(2, 2), (3, 2), (3, 3)])
def test_ghz_states_fuse_whichever_qubits_meet(first, second):
    for on in np.ndindex(first, second):
        state = fuse(ghz_state(first), ghz_state(second), on=on)
        np.testing.assert_allclose(state.bloch, ghz_state(first + second - 1).bloch, atol=1e-15)
        for branch in fuse_branches(ghz_state(first), ghz_state(second), on=on):
            np.testing.assert_allclose(branch.probability, 0.5, rtol=1e-15)
            np.testing.assert_allclose(branch.state.bloch, state.bloch, atol=1e-15)


@given(seed=SEEDS, layout=st.sampled_from(LAYOUTS), count=st.integers(1, 4))
def test_errors_of_bell_diagonal_pairs_in_the_ghz_state(seed, layout, count):
    """No flip anywhere and an even number of phase flips, counted one by one."""
    weights = np.random.default_rng(seed).dirichlet([1] * 4, size=count)
    state = ghz_from_pairs([bell_diagonal_state(one) for one in weights], layout=layout)
    expected = sum(
        np.prod([weights[k, flip] for k, flip in enumerate(flips)])
        for flips in np.ndindex(*(2,) * count)
        if sum(flips) % 2 == 0
    )
    np.testing.assert_allclose(fidelity(state, ghz_state(count + 1)), expected, atol=1e-12)


@given(seed=SEEDS)
def test_star_of_bell_diagonal_pairs_is_paulis_on_the_leaves(seed):
    weights = np.random.default_rng(seed).dirichlet([1] * 4, size=2)
    state = ghz_from_pairs([bell_diagonal_state(one) for one in weights], layout="star")
    paulis = [np.eye(2), *(station_oracle.PAULI[letter] for letter in "ZXY")]
    ghz = ghz_state(3).matrix
    expected = np.zeros((8, 8), complex)
    for k, m in np.ndindex(4, 4):
        error = station_oracle.kron(np.eye(2), paulis[k], paulis[m])
        expected += weights[0, k] * weights[1, m] * error @ ghz @ error.conj().T
    np.testing.assert_allclose(state.matrix, expected, atol=1e-13)


@pytest.mark.parametrize(("layout", "flipped"), [("star", ([2], [3])), ("chain", ([2, 3], [3]))])
def test_wrong_readings_of_two_fusions_by_hand(layout, flipped):
    """Each flips one leaf, or the rest of the chain, against all others."""
    ghz = ghz_state(4).matrix
    expected = np.zeros((16, 16), complex)
    for wrong in np.ndindex(2, 2):
        letters = ["IX"[sum(wrong[k] and j in flipped[k] for k in range(2)) % 2] for j in range(4)]
        error = station_oracle.kron(*(station_oracle.PAULI[letter] for letter in letters))
        expected += np.prod([(0.9, 0.1)[one] for one in wrong]) * error @ ghz @ error
    state = ghz_from_pairs([PHI] * 3, layout=layout, readout_error=0.1)
    np.testing.assert_allclose(state.matrix, expected, atol=1e-15)


@given(seeds=st.tuples(SEEDS, SEEDS), gate_mixing=PROBABILITIES, readout_error=PROBABILITIES)
def test_readings_are_everything_and_average_to_the_mean(seeds, gate_mixing, readout_error):
    left, right = random_qubits(seeds[0], 2, rank=2), random_qubits(seeds[1], 2)
    noise = {"gate_mixing": gate_mixing, "readout_error": readout_error}
    branches = fuse_branches(left, right, **noise)
    np.testing.assert_allclose(sum(branch.probability for branch in branches), 1, rtol=1e-13)
    mixture = sum(branch.probability * branch.state.matrix for branch in branches)
    np.testing.assert_allclose(fuse(left, right, **noise).matrix, mixture, atol=1e-13)


@given(seeds=st.tuples(SEEDS, SEEDS, SEEDS), gate_mixing=PROBABILITIES, readout_error=PROBABILITIES)
def test_ends_of_a_chain_may_fuse_in_any_order(seeds, gate_mixing, readout_error):
    noise = {"gate_mixing": gate_mixing, "readout_error": readout_error}
    first, second, third = (random_qubits(seed, 2) for seed in seeds)
    from_left = fuse(fuse(first, second, **noise), third, **noise)
    from_right = fuse(first, fuse(second, third, **noise), **noise)
    np.testing.assert_allclose(from_left.bloch, from_right.bloch, atol=1e-13)


def test_fusion_with_plus_and_with_nothing():
    """|+> on the right is a qubit that learns nothing; a product qubit in 0 adds nothing to what the left state has."""
    left = random_qubits(5, 2)
    np.testing.assert_allclose(fuse(left, ket("+")).bloch, left.bloch, atol=1e-15)
    dephased = left.apply(dephasing(probability=0.5), 1)
    np.testing.assert_allclose(fuse(left, ket("0")).bloch, dephased.bloch, atol=1e-15)


def test_useless_gate_separates_the_two_sides():
    state = fuse(PHI, PHI, gate_mixing=1.0)
    np.testing.assert_allclose(state.bloch, maximally_mixed_state((2, 2, 2)).bloch, atol=1e-15)


def test_impossible_reading_is_nan_at_its_point():
    right = DensityMatrix.from_bloch([ket("00").bloch, random_qubits(3, 2).bloch], (2, 2))
    zero, one = fuse_branches(ket("00"), right)
    np.testing.assert_allclose(zero.probability[0], 1, rtol=1e-15)
    assert one.probability[0] == 0
    assert np.isnan(one.state.bloch[0]).all()
    assert np.isfinite(one.state.bloch[1]).all()
    assert np.isfinite(zero.state.bloch).all()


def test_trace_of_what_was_heralded_stays():
    half = DensityMatrix.from_bloch(0.5 * PHI.bloch, (2, 2))
    np.testing.assert_allclose(fuse(half, PHI).trace(), 0.5, rtol=1e-15)
    np.testing.assert_allclose([branch.probability for branch in fuse_branches(PHI, half)], [0.25, 0.25], rtol=1e-15)


def test_states_and_noise_broadcast(rng):
    left = random_state((2, 2, 2), batch_shape=(3, 1), rng=rng)
    right = random_state((2, 2), batch_shape=(2,), rng=rng)
    mixing, error = np.array([[[0.0]], [[0.2]]]), np.array([0.1, 0.3])
    state = fuse(left, right, on=(1, 0), gate_mixing=mixing, readout_error=error)
    assert state.batch_shape == (2, 3, 2)
    for g, i, j in np.ndindex(2, 3, 2):
        noise = {"gate_mixing": mixing[g, 0, 0], "readout_error": error[j]}
        expected = fuse(left[i, 0], right[j], on=(1, 0), **noise)
        np.testing.assert_allclose(state[g, i, j].bloch, expected.bloch, atol=1e-15)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sweep_of_ghz_states(layout):
    fidelities = np.array([0.8, 0.9, 1.0])
    error = np.array([[0.0], [0.1]])
    state = ghz_from_pairs([werner_state(fidelity=fidelities)] * 3, layout=layout, readout_error=error)
    assert state.batch_shape == (2, 3)
    for e, f in np.ndindex(2, 3):
        one = ghz_from_pairs([werner_state(fidelity=fidelities[f])] * 3, layout=layout, readout_error=error[e, 0])
        np.testing.assert_allclose(state[e, f].bloch, one.bloch, atol=1e-15)


REFUSED = [
    (fuse, {"left": PHI.matrix}, ParameterTypeError, "`left` must be a DensityMatrix, but is ndarray"),
    (
        fuse,
        {"right": maximally_mixed_state((2, 3))},
        DimensionError,
        r"`right` must be a state of qubits, but has dims \(2, 3\)",
    ),
    (fuse, {"on": (2, 0)}, DimensionError, r"`on\[0\]` must lie between 0 and 1, but is 2"),
    (fuse, {"on": (0, -1)}, DimensionError, r"`on\[1\]` must lie between 0 and 1, but is -1"),
    (fuse, {"on": 0}, ParameterTypeError, "`on` must be a pair"),
    (fuse, {"on": ((0, 1), 0)}, DimensionError, "`on` must name one qubit of each state"),
    (fuse, {"gate_mixing": 1.5}, ParameterError, "`gate_mixing` must be between 0 and 1, but is 1.5"),
    (fuse, {"readout_error": np.nan}, ParameterError, "`readout_error` must be between 0 and 1, but is nan"),
    (
        fuse,
        {"left": PHI.broadcast_to(2), "gate_mixing": [0.1] * 3},
        DimensionError,
        r"`left` \(2,\), .*`gate_mixing` \(3,\)",
    ),
    (ghz_from_pairs, {"layout": "ring"}, ParameterError, "`layout` must be one of star, chain, but is 'ring'"),
    (ghz_from_pairs, {"pairs": []}, DimensionError, "`pairs` must hold at least one pair, but is empty"),
    (ghz_from_pairs, {"pairs": PHI}, ParameterTypeError, "`pairs` must be a sequence, but is DensityMatrix"),
    (ghz_from_pairs, {"pairs": [PHI, ket("0")]}, DimensionError, r"`pairs\[1\]` must be a state of two qubits"),
    (ghz_from_pairs, {"readout_error": -0.1}, ParameterError, "`readout_error` must be between 0 and 1, but is -0.1"),
]
GOOD = {fuse: {"left": PHI, "right": PHI}, ghz_from_pairs: {"pairs": [PHI, PHI]}}


@pytest.mark.parametrize(("function", "wrong", "error", "message"), REFUSED)
def test_what_can_not_be_fused_is_refused(function, wrong, error, message):
    with pytest.raises(error, match=message):
        function(**(GOOD[function] | wrong))
    if function is fuse:
        with pytest.raises(error, match=message):
            fuse_branches(**(GOOD[fuse] | wrong))
