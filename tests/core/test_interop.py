"""States and channels to QuTiP and back."""

from math import prod

import numpy as np
import oracles
import pytest
import qutip

import qnet_core as qc
from qnet_core import Channel, DensityMatrix
from qnet_core.errors import DimensionError, ParameterTypeError, StateError

DIMS = [(2,), (3,), (2, 2), (2, 3), (4, 2, 3)]


@pytest.mark.parametrize("dims", DIMS)
def test_states(rng, dims):
    matrix = oracles.random_density(rng, prod(dims))
    qobj = qc.to_qutip(DensityMatrix(matrix, dims))
    assert qobj.isoper
    assert qobj.dims == [list(dims), list(dims)]
    np.testing.assert_allclose(qobj.full(), matrix, atol=1e-15)
    back = qc.from_qutip(qutip.Qobj(matrix, dims=[list(dims)] * 2))
    assert isinstance(back, DensityMatrix)
    assert (back.dims, back.batch_shape) == (dims, ())
    np.testing.assert_allclose(back.matrix, matrix, atol=1e-15)


def test_kets():
    ket = qutip.tensor(qutip.basis(2, 1), (qutip.basis(3, 0) + 1j * qutip.basis(3, 2)).unit())
    rho = qc.from_qutip(ket)
    assert rho.dims == (2, 3)
    np.testing.assert_allclose(rho.matrix, qutip.ket2dm(ket).full(), atol=1e-15)


def test_sparse_storage_and_named_states():
    for label, name in (("phi+", "00"), ("psi-", "11")):
        rho = qc.from_qutip(qutip.bell_state(name).proj().to("csr"))
        np.testing.assert_allclose(rho.bloch, qc.bell_state(label).bloch, atol=1e-15)


@pytest.mark.parametrize("batch", [(3,), (2, 3), (1,)])
def test_batches_are_arrays_of_objects(rng, batch):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 6), batch)
    qobjs = qc.to_qutip(DensityMatrix(matrices, (2, 3)))
    assert isinstance(qobjs, np.ndarray)
    assert (qobjs.dtype, qobjs.shape) == (object, batch)
    for point in np.ndindex(batch):
        assert qobjs[point].dims == [[2, 3], [2, 3]]
        np.testing.assert_allclose(qobjs[point].full(), matrices[point], atol=1e-15)
    back = qc.from_qutip(qobjs)
    assert (back.dims, back.batch_shape) == ((2, 3), batch)
    np.testing.assert_allclose(back.matrix, matrices, atol=1e-14)


SHAPES = [((2,), (2,)), ((3,), (3,)), ((2, 3), (2, 3)), ((2,), (3,)), ((2, 2), (2,))]


@pytest.mark.parametrize(("dims_in", "dims_out"), SHAPES)
def test_channels(rng, dims_in, dims_out):
    kraus = oracles.random_kraus(rng, prod(dims_in), prod(dims_out))
    channel = Channel.from_kraus(kraus, dims_in, dims_out)
    qobj = qc.to_qutip(channel)
    assert qobj.issuper
    assert qobj.superrep == "super"
    matrix = oracles.random_density(rng, prod(dims_in))
    image = qobj(qutip.Qobj(matrix, dims=[list(dims_in)] * 2))
    assert image.dims == [list(dims_out)] * 2
    np.testing.assert_allclose(image.full(), oracles.act(kraus, matrix), atol=1e-14)
    back = qc.from_qutip(qobj)
    assert isinstance(back, Channel)
    assert (back.dims_in, back.dims_out) == (dims_in, dims_out)
    np.testing.assert_allclose(back.transfer, channel.transfer, atol=1e-14)


def test_batches_of_channels(rng):
    kraus = oracles.stack(lambda: oracles.random_kraus(rng, 2), (2, 3))
    channel = Channel.from_kraus(kraus)
    qobjs = qc.to_qutip(channel)
    assert (qobjs.dtype, qobjs.shape) == (object, (2, 3))
    expected = oracles.superoperator(kraus[1, 2])
    np.testing.assert_allclose(qobjs[1, 2].full(), expected, atol=1e-14)
    np.testing.assert_allclose(qc.from_qutip(qobjs).transfer, channel.transfer, atol=1e-14)


def test_a_superoperator_made_by_qutip():
    lower = qutip.destroy(2)
    superop = (0.3 * qutip.liouvillian(0.7 * qutip.sigmax(), [np.sqrt(0.5) * lower])).expm()
    jumps = [np.sqrt(0.5) * lower.full()]
    expected = Channel.from_lindblad(0.7 * oracles.PAULI["X"], jumps, duration_s=0.3)
    np.testing.assert_allclose(qc.from_qutip(superop).transfer, expected.transfer, atol=1e-13)


def test_a_choi_matrix_is_not_mistaken_for_a_superoperator(rng):
    superop = qutip.to_super(qutip.Qobj(oracles.random_unitary(rng, 2)))
    expected = qc.from_qutip(superop).transfer
    actual = qc.from_qutip(qutip.to_choi(superop)).transfer
    np.testing.assert_allclose(actual, expected, atol=1e-14)


def test_fidelity_is_the_square_of_qutips(rng):
    rho, sigma = (DensityMatrix(oracles.random_density(rng, 4)) for _ in range(2))
    root = qutip.fidelity(qc.to_qutip(rho), qc.to_qutip(sigma))
    np.testing.assert_allclose(qc.fidelity(rho, sigma), root**2, rtol=1e-9)


REFUSED = {
    "observable": (lambda: qc.from_qutip(qutip.sigmax()), StateError),
    "long ket": (lambda: qc.from_qutip(2 * qutip.basis(2, 0)), StateError),
    "bra": (lambda: qc.from_qutip(qutip.basis(2, 0).dag()), (ParameterTypeError, DimensionError)),
    "liouvillian": (
        lambda: qc.from_qutip(qutip.liouvillian(qutip.sigmax(), [qutip.destroy(2)])),
        ValueError,
    ),
    "matrix": (lambda: qc.from_qutip(np.eye(2) / 2), ParameterTypeError),
    "to": (lambda: qc.to_qutip(np.eye(2) / 2), ParameterTypeError),
    "unlike": (
        lambda: qc.from_qutip(np.array([qutip.fock_dm(2, 0), qutip.fock_dm(3, 0)], dtype=object)),
        DimensionError,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, error = REFUSED[name]
    with pytest.raises(error, match="must"):
        call()
