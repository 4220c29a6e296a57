"""The oracles themselves, against QuTiP: a wrong oracle would excuse a wrong library."""

import numpy as np
import oracles
import pytest
import qutip

DIMS = (2, 3, 2)


def qobj(matrix, dims):
    """Return a QuTiP operator on subsystems of the given dimensions."""
    return qutip.Qobj(matrix, dims=[list(dims)] * 2)


@pytest.mark.parametrize("keep", [(0,), (2,), (0, 1), (0, 2), (1, 2)])
def test_partial_trace(rng, keep):
    rho = oracles.random_density(rng, 12)
    expected = qobj(rho, DIMS).ptrace(keep).full()
    np.testing.assert_allclose(oracles.partial_trace(rho, DIMS, keep), expected, atol=1e-14)


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 2, 0), (1, 0, 2)])
def test_permute(rng, order):
    rho = oracles.random_density(rng, 12)
    expected = qobj(rho, DIMS).permute(list(order)).full()
    np.testing.assert_allclose(oracles.permute(rho, DIMS, order), expected, atol=1e-14)


@pytest.mark.parametrize("subsystems", [(0,), (1,), (0, 2)])
def test_partial_transpose(rng, subsystems):
    rho = oracles.random_density(rng, 12)
    mask = [int(s in subsystems) for s in range(3)]
    expected = qutip.partial_transpose(qobj(rho, DIMS), mask).full()
    actual = oracles.partial_transpose(rho, DIMS, subsystems)
    np.testing.assert_allclose(actual, expected, atol=1e-14)


def test_embedded_kraus_on_reversed_targets(rng):
    """A gate on (2, 0) is the gate with its factors exchanged, spread over 0 and 2."""
    left, middle, right = (oracles.random_unitary(rng, d) for d in DIMS)
    whole, dims = oracles.embedded_kraus([np.kron(right, left)], DIMS, (2, 0), (2, 2))
    np.testing.assert_allclose(whole[0], oracles.kron(left, np.eye(3), right), atol=1e-14)
    whole, dims = oracles.embedded_kraus([middle[:2]], DIMS, (1,), (2,))
    assert dims == (2, 2, 2)
    np.testing.assert_allclose(whole[0], oracles.kron(np.eye(2), middle[:2], np.eye(2)))


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (4, 2)])
def test_choi_and_superoperator(rng, shape):
    kraus = oracles.random_kraus(rng, *shape, count=3)
    d_in, d_out = shape
    maps = [qutip.to_super(qutip.Qobj(k)) if d_in == d_out else None for k in kraus]
    if d_in == d_out:
        expected = qutip.Qobj(sum(m.full() for m in maps), dims=maps[0].dims, superrep="super")
        np.testing.assert_allclose(oracles.superoperator(kraus), expected.full(), atol=1e-13)
        choi = qutip.to_choi(expected).full()
        np.testing.assert_allclose(oracles.choi_matrix(kraus), choi, atol=1e-13)
    rho = oracles.random_density(rng, d_in)
    image = oracles.superoperator(kraus) @ rho.T.reshape(-1)
    expected = oracles.act(kraus, rho)
    np.testing.assert_allclose(image.reshape(d_out, d_out).T, expected, atol=1e-13)
    choi = oracles.choi_matrix(kraus).reshape(d_in, d_out, d_in, d_out)
    np.testing.assert_allclose(np.einsum("ij,iojp->op", rho, choi), expected, atol=1e-13)


@pytest.mark.parametrize("dim", [2, 3, 4])
def test_gell_mann_basis_is_orthogonal(dim):
    basis = np.array(oracles.gell_mann(dim))
    products = np.einsum("iab,jba->ij", basis, basis)
    np.testing.assert_allclose(products, dim * np.eye(dim**2), atol=1e-14)
    np.testing.assert_allclose(basis, np.conj(np.swapaxes(basis, 1, 2)), atol=0)


def test_transfer_matrix_moves_bloch_tensors(rng):
    kraus = oracles.random_kraus(rng, 6, 4)
    rho = oracles.random_density(rng, 6)
    moved = oracles.transfer_matrix(kraus, (2, 3), (4,)) @ oracles.bloch_tensor(rho, (2, 3)).ravel()
    expected = oracles.bloch_tensor(oracles.act(kraus, rho), (4,))
    np.testing.assert_allclose(moved, expected, atol=1e-14)


def test_lindblad_superoperator(rng):
    hamiltonian = oracles.random_density(rng, 3)
    jumps = [oracles.random_complex(rng, 3, 3) for _ in range(2)]
    liouvillian = qutip.liouvillian(qutip.Qobj(hamiltonian), [qutip.Qobj(j) for j in jumps])
    expected = (liouvillian * 0.3).expm().full()
    actual = oracles.lindblad_superoperator(hamiltonian, jumps, 0.3)
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_metrics_of_factors(rng):
    left, right = (oracles.random_factor(rng, 4) for _ in range(2))
    states = [qobj(f @ oracles.dagger(f), (2, 2)) for f in (left, right)]
    root = qutip.fidelity(*states)
    np.testing.assert_allclose(oracles.fidelity_of_factors(left, right), root**2, rtol=1e-10)
    factor = oracles.random_factor(rng, 4, 2)
    concurrence = qutip.concurrence(qobj(factor @ oracles.dagger(factor), (2, 2)))
    assert 0 < concurrence < 1
    np.testing.assert_allclose(oracles.concurrence_of_factor(factor), concurrence, atol=1e-6)
