"""The operator basis of the Bloch tensor, and the change to and from dense matrices.

``B_0 = 1`` and the generalized Gell-Mann matrices, normalized to ``Tr(B_i B_j) = d delta_ij``
(Bertlmann and Krammer, J. Phys. A 41, 235303 (2008), eqs. 3-6); for qubits these are 1, X, Y, Z.
"""

import math
from functools import lru_cache
from typing import cast

import numpy as np

from ._apply import apply
from ._checks import Complexes, Dims, Floats, capacity
from ._transfer import Transfer, from_dense

__all__: list[str] = []


@lru_cache(maxsize=64)
def gell_mann(dim: int) -> Complexes:
    """Return the basis of one subsystem, shape (dim**2, dim, dim): for each k the pairs j < k, then the diagonal."""
    basis = [np.eye(dim, dtype=complex)]
    for k in range(1, dim):
        for j in range(k):
            real, imaginary = np.zeros((2, dim, dim), complex)
            real[j, k] = real[k, j] = math.sqrt(dim / 2)
            imaginary[j, k], imaginary[k, j] = -1j * math.sqrt(dim / 2), 1j * math.sqrt(dim / 2)
            basis += [real, imaginary]
        diagonal = np.array([1.0] * k + [-k] + [0.0] * (dim - k - 1))
        basis.append(np.diag(math.sqrt(dim / (k * (k + 1))) * diagonal).astype(complex))
    return np.array(basis)


@lru_cache(maxsize=64)
def transposition_signs(dim: int) -> Floats:
    """Return +1 for the symmetric and -1 for the antisymmetric basis matrices of one subsystem."""
    return np.where(np.abs(gell_mann(dim).imag).any(axis=(1, 2)), -1.0, 1.0)


@lru_cache(maxsize=64)
def _to_bloch(dim: int) -> Transfer:
    return from_dense(gell_mann(dim).transpose(0, 2, 1).reshape(dim * dim, dim * dim, 1), ())


@lru_cache(maxsize=64)
def _from_bloch(dim: int) -> Transfer:
    return from_dense(gell_mann(dim).reshape(dim * dim, dim * dim).T[..., None] / dim, ())


def _interleaved(matrix: Complexes, dims: Dims) -> Complexes:
    """Return a flat copy with the row and column of each subsystem side by side and the batch last."""
    n = len(dims)
    split = matrix.reshape(-1, *dims, *dims)
    order = [axis for k in range(n) for axis in (1 + k, 1 + n + k)]
    return np.array(split.transpose(*order, 0), order="C").reshape(-1)


def bloch_from_matrix(matrix: Complexes, dims: Dims) -> Floats:
    """Return the flat Bloch tensor, batch last, of Hermitian matrices of shape (..., D, D)."""
    capacity(3 * matrix.size, "The Bloch tensor and its change of basis", 16)
    flat = _interleaved(matrix, dims)
    points = matrix.size // math.prod(dims) ** 2
    for k, dim in enumerate(dims):
        apply(_to_bloch(dim), flat, dims, (k,), (dim,), points, flat)
    return np.ascontiguousarray(flat.real)


def matrix_from_bloch(flat: Floats, dims: Dims, batch: Dims) -> Complexes:
    """Return matrices of shape (..., D, D) from a flat Bloch tensor, batch last."""
    capacity(3 * flat.size, "The dense matrix and its change of basis", 16)
    work = flat.astype(complex)
    size = math.prod(dims)
    points = work.size // size**2
    for k, dim in enumerate(dims):
        apply(_from_bloch(dim), work, dims, (k,), (dim,), points, work)
    n = len(dims)
    split = work.reshape(*(d for dim in dims for d in (dim, dim)), points)
    order = (2 * n, *range(0, 2 * n, 2), *range(1, 2 * n, 2))
    return cast("Complexes", np.ascontiguousarray(split.transpose(order)).reshape(*batch, size, size))
