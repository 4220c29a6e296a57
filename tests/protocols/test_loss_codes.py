"""Codes against loss: all patterns of lost qubits one by one, stabilizers, and what cloning forbids."""

from itertools import product

import erasure_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import parity_code_readout, parity_code_success, tree_code_success, tree_photons

ARRIVING = np.array([0.0, 0.2, 0.5, 0.7, 0.95, 1.0])
PARITY_CODES = [(1, 2), (1, 4), (4, 1), (2, 2), (3, 3), (5, 2), (2, 4)]
TREES = [(1,), (3,), (2, 2), (3, 1), (2, 2, 1), (2, 1, 2), (1, 2, 2), (1, 1, 2, 1)]


@pytest.mark.parametrize(("blocks", "qubits"), PARITY_CODES)
def test_parity_code_survives_where_no_logical_operator_is_lost(blocks, qubits):
    arrived = oracle.patterns(blocks * qubits)
    code = oracle.parity_code(blocks, qubits)
    good = np.array([oracle.is_recoverable(*code, row) for row in arrived])
    expected = [oracle.weights(arrived[good], eta).sum() for eta in ARRIVING]
    computed = parity_code_success(blocks=blocks, qubits=qubits, transmissivity=ARRIVING)
    np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("branching", TREES)
def test_tree_survives_as_its_photons_are_measured(branching):
    arrived = oracle.patterns(int(tree_photons(branching)))
    good = np.array([oracle.tree_survives(branching, row) for row in arrived])
    expected = [oracle.weights(arrived[good], eta).sum() for eta in ARRIVING]
    np.testing.assert_allclose(tree_code_success(branching, loss=1 - ARRIVING), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("branching", [(3,), (2, 2), (2, 2, 1), (2, 1, 2), (1, 2, 2)])
def test_tree_measured_so_survives_only_where_the_code_does(branching):
    code = oracle.tree_code(branching)
    for row in oracle.patterns(int(tree_photons(branching))):
        assert oracle.is_recoverable(*code, row) or not oracle.tree_survives(branching, row)


@given(st.integers(1, 30), st.integers(1, 12), st.lists(st.integers(1, 9), min_size=1, max_size=4), st.floats(0.0, 1.0))
def test_receiver_and_thief_never_both_have_the_qubit(blocks, qubits, branching, eta):
    """What is lost may have gone to somebody else, with the probabilities of loss and arrival exchanged."""
    both = np.array([eta, 1 - eta])
    assert parity_code_success(blocks=blocks, qubits=qubits, transmissivity=both).sum() <= 1 + 1e-12
    assert tree_code_success(branching, loss=both).sum() <= 1 + 1e-12


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 20), st.integers(1, 9))
def test_success_grows_with_what_arrives(branching, blocks, qubits):
    eta = np.linspace(0, 1, 21)
    for success in (
        parity_code_success(blocks=blocks, qubits=qubits, transmissivity=eta), tree_code_success(branching, loss=1 - eta)
    ):  # fmt: skip
        assert (np.diff(success) > -1e-12).all()
        assert success[0] == 0 and success[-1] == 1


def test_rare_success_keeps_its_digits():
    """One qubit per block, all of which must arrive; one block, whose only way is the same."""
    np.testing.assert_allclose(parity_code_success(blocks=20, qubits=1, transmissivity=1e-9), 1e-180, rtol=1e-12)
    np.testing.assert_allclose(parity_code_success(blocks=1, qubits=20, transmissivity=1e-9), 1e-180, rtol=1e-12)


def readout_by_hand(blocks, qubits, transmissivity, error):
    """Every pattern of loss and of errors; ties count one half."""
    success = x_error = z_error = 0.0
    errors = np.array(list(product((0, 1), repeat=blocks * qubits))).reshape(-1, blocks, qubits)
    chance = np.where(errors, error, 1 - error).prod(axis=(1, 2))
    for row, weight in zip(
        oracle.patterns(blocks * qubits), oracle.weights(oracle.patterns(blocks * qubits), transmissivity), strict=True
    ):
        here = row.reshape(blocks, qubits)
        whole = here.all(axis=1)
        if not (here.any(axis=1).all() and whole.any()):
            continue
        wrong_blocks = (errors * here).sum(axis=2) - here.sum(axis=1) / 2
        sign = -np.sign(wrong_blocks).prod(axis=1) * (-1) ** (blocks + 1)
        votes = np.sign((errors[:, whole].sum(axis=2) % 2).sum(axis=1) - whole.sum() / 2)
        success += weight
        z_error += weight * (chance * (1 - sign) / 2).sum()
        x_error += weight * (chance * (1 + votes) / 2).sum()
    return success, x_error / success, z_error / success


@pytest.mark.parametrize(("blocks", "qubits"), [(1, 1), (2, 2), (3, 1), (1, 3), (2, 3), (3, 2), (2, 4)])
def test_readout_of_every_pattern_of_loss_and_error(blocks, qubits):
    computed = parity_code_readout(blocks=blocks, qubits=qubits, transmissivity=0.8, error_probability=0.07)
    np.testing.assert_allclose(computed, readout_by_hand(blocks, qubits, 0.8, 0.07), rtol=1e-11)


def test_readouts_broadcast():
    grid = np.ix_([1, 3, 5], [2, 4], [0.6, 0.9, 1.0], [0.0, 0.01])
    names = ("blocks", "qubits", "transmissivity", "error_probability")
    whole = parity_code_readout(**dict(zip(names, grid, strict=True)))
    for at in np.ndindex(3, 2, 3, 2):
        one = parity_code_readout(**{name: axis.reshape(-1)[k] for name, axis, k in zip(names, grid, at, strict=True)})
        np.testing.assert_allclose([field[at] for field in whole], one, rtol=1e-13, atol=1e-15)


def test_nothing_arrives_at_one_point_only():
    readout = parity_code_readout(blocks=3, qubits=2, transmissivity=[0.0, 1.0], error_probability=0.0)
    assert readout.success.tolist() == [0.0, 1.0]
    assert np.isnan(readout.x_error[0]) and np.isnan(readout.z_error[0])
    assert readout.x_error[1] == readout.z_error[1] == 0


def test_trees_of_several_depths_in_one_batch():
    success = tree_code_success([[2, 3, 0], [2, 3, 2]], loss=[[0.1], [0.2]])
    alone = [[tree_code_success(tree, loss=mu) for tree in ((2, 3), (2, 3, 2))] for mu in (0.1, 0.2)]
    np.testing.assert_allclose(success, alone, rtol=1e-14)
    assert tree_photons([[2, 3, 0], [2, 3, 2]]).tolist() == [8, 20]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: parity_code_success(blocks=0, qubits=2, transmissivity=0.5), ParameterError, "`blocks` must be at least 1"),
        (lambda: parity_code_success(blocks=2, qubits=1.5, transmissivity=0.5), ParameterError, "`qubits` must be a whole"),
        (lambda: parity_code_success(blocks=2, qubits=2, transmissivity=1.5), ParameterError, "`transmissivity` must be"),
        (lambda: parity_code_success(blocks=[2, 3], qubits=[1, 2, 3], transmissivity=1.0), DimensionError, "broadcast"),
        (
            lambda: parity_code_readout(blocks=2, qubits=2, transmissivity=0.5, error_probability=np.nan),
            ParameterError, "`error_probability` must be",
        ),
        (lambda: tree_code_success([0, 2], loss=0.1), ParameterError, "must be at least 1"),
        (lambda: tree_code_success(3, loss=0.1), DimensionError, r"shape \(..., depth\)"),
        (lambda: tree_code_success([2, -1], loss=0.1), ParameterError, "`branching` must be at least 0"),
        (lambda: tree_code_success([2, 2], loss="much"), ParameterTypeError, "`loss` must hold real numbers"),
    ],
)  # fmt: skip
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
