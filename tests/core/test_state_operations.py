"""Tracing out, permuting, measuring expectations, joining, and handling batch axes."""

from itertools import chain, combinations, permutations

import numpy as np
import oracles
import pytest
import qutip

from qnet_core import DensityMatrix, tensor
from qnet_core.errors import DimensionError

DIMS = (2, 3, 2)
SUBSETS = list(chain.from_iterable(combinations(range(3), n) for n in range(4)))


@pytest.fixture
def matrices(rng):
    return oracles.stack(lambda: oracles.random_density(rng, 12), (2,))


@pytest.fixture
def rho(matrices):
    return DensityMatrix(matrices, DIMS)


@pytest.mark.parametrize("keep", SUBSETS)
def test_ptrace_keeps_any_subset(rho, matrices, keep):
    reduced = rho.ptrace(keep)
    assert reduced.dims == tuple(DIMS[s] for s in keep)
    expected = oracles.pointwise(lambda m: oracles.partial_trace(m, DIMS, keep), matrices)
    np.testing.assert_allclose(reduced.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("keep", [(2, 0), (1, 0), [2, 1, 0]])
def test_ptrace_keeps_the_order_of_subsystems_as_qutip_does(rho, matrices, keep):
    for index in range(2):
        whole = qutip.Qobj(matrices[index], dims=[list(DIMS)] * 2)
        expected = whole.ptrace(list(keep)).full()
        np.testing.assert_allclose(rho[index].ptrace(keep).matrix, expected, atol=1e-14)


def test_ptrace_of_one_subsystem_takes_an_integer(rho):
    np.testing.assert_array_equal(rho.ptrace(1).bloch, rho.ptrace((1,)).bloch)
    np.testing.assert_array_equal(rho.ptrace(np.int64(1)).bloch, rho.ptrace((1,)).bloch)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_permute_moves_subsystems(rho, matrices, order):
    moved = rho.permute(order)
    assert moved.dims == tuple(DIMS[s] for s in order)
    expected = oracles.pointwise(lambda m: oracles.permute(m, DIMS, order), matrices)
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("letters", ["XYZ", "IIZ", "YXI", "III"])
def test_expect_of_pauli_strings_on_all_qubits(rng, letters):
    matrix = oracles.random_density(rng, 8)
    expected = np.trace(matrix @ oracles.pauli_string(letters)).real
    np.testing.assert_allclose(DensityMatrix(matrix).expect(letters), expected, atol=1e-14)


@pytest.mark.parametrize(("letters", "on", "whole"), [("XZ", (2, 0), "ZIX"), ("Y", 1, "IYI")])
def test_expect_of_pauli_strings_on_some_qubits(rng, letters, on, whole):
    matrix = oracles.random_density(rng, 8)
    expected = np.trace(matrix @ oracles.pauli_string(whole)).real
    np.testing.assert_allclose(DensityMatrix(matrix).expect(letters, on), expected, atol=1e-14)


@pytest.mark.parametrize("on", [None, (1,), (1, 0), (2, 1), (0, 1, 2), (2, 0, 1)])
def test_expect_of_matrices(rng, rho, matrices, on):
    targets = range(3) if on is None else on
    size = int(np.prod([DIMS[s] for s in targets]))
    observable = oracles.random_complex(rng, size, size)
    observable = observable + oracles.dagger(observable)
    (whole,), _ = oracles.embedded_kraus([observable], DIMS, targets, [DIMS[s] for s in targets])
    expected = [np.trace(m @ whole).real for m in matrices]
    values = rho.expect(observable, on)
    assert np.shape(values) == (2,)
    np.testing.assert_allclose(values, expected, atol=1e-13)


def test_expect_of_an_unnormalized_state_carries_its_trace():
    rho = DensityMatrix(np.diag([0.5, 0.25]))
    np.testing.assert_allclose(rho.expect("Z"), 0.25, atol=1e-15)
    np.testing.assert_allclose(rho.expect("I"), 0.75, atol=1e-15)


def test_tensor_is_the_kronecker_product(rng):
    factors = [oracles.random_density(rng, d) for d in (2, 6, 3)]
    states = [DensityMatrix(m, d) for m, d in zip(factors, (2, (3, 2), 3), strict=True)]
    joined = tensor(*states)
    assert joined.dims == (2, 3, 2, 3)
    np.testing.assert_allclose(joined.matrix, oracles.kron(*factors), atol=1e-14)
    np.testing.assert_array_equal(tensor(states[0]).bloch, states[0].bloch)


def test_tensor_broadcasts_and_multiplies_traces(rng):
    left = oracles.stack(lambda: 0.5 * oracles.random_density(rng, 2), (3, 1))
    right = oracles.stack(lambda: 0.25 * oracles.random_density(rng, 2), (4,))
    joined = tensor(DensityMatrix(left), DensityMatrix(right))
    assert joined.batch_shape == (3, 4)
    np.testing.assert_allclose(joined.trace(), 0.125, rtol=1e-14)
    np.testing.assert_allclose(joined.matrix[2, 1], np.kron(left[2, 0], right[1]), atol=1e-15)


INDICES = [0, -1, slice(1, None), (slice(None), 0), (..., 2), (1, 2), None, [1, 0, 1], (0, [2, 1])]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing_reaches_the_batch_axes_only(rng, index):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 6), (2, 3))
    rho = DensityMatrix(matrices, (2, 3))
    labels = np.arange(6).reshape(2, 3)[index]
    expected = matrices.reshape(6, 6, 6)[labels]
    assert rho[index].batch_shape == np.shape(labels)
    assert rho[index].dims == (2, 3)
    np.testing.assert_allclose(rho[index].matrix, expected, atol=1e-14)


def test_boolean_masks_select_points(rng):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 2), (4,))
    chosen = DensityMatrix(matrices)[np.array([True, False, True, True])]
    np.testing.assert_allclose(chosen.matrix, matrices[[0, 2, 3]], atol=1e-15)


@pytest.mark.parametrize("index", [slice(1, 1), [], np.zeros(2, bool)], ids=repr)
def test_choosing_no_point_at_all_is_refused(rho, index):
    """An empty batch is no batch of states, however it comes about."""
    with pytest.raises(DimensionError, match="`index` must"):
        rho[index]


def test_indexing_beyond_the_batch_is_an_error(rho):
    for index in (2, (0, 0), (0, 0, 0, 0)):
        with pytest.raises(IndexError):
            rho[index]
    with pytest.raises((IndexError, DimensionError)):
        rho[0][0]


def test_reshape_and_broadcast_to(rng):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 2), (6,))
    rho = DensityMatrix(matrices)
    np.testing.assert_allclose(rho.reshape((2, 3)).matrix, matrices.reshape(2, 3, 2, 2), atol=1e-15)
    wide = rho.broadcast_to((4, 6))
    assert wide.batch_shape == (4, 6)
    np.testing.assert_allclose(wide.matrix[3], matrices, atol=1e-15)
