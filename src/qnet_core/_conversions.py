"""Changes between the representations of a map: Kraus, Choi, superoperator, transfer matrix.

The Choi matrix has the input first and trace d; the superoperator acts on column-stacked matrices.
Arrays of numbers have batch axes first; transfer matrices here have one flat batch axis last.
"""

import math
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from ._checks import Complexes, Dims, Floats, capacity
from .basis import bloch_from_matrix, matrix_from_bloch, transposition_signs


@lru_cache(maxsize=256)
def _signs(dims: Dims) -> Floats:
    return reduce(np.kron, [transposition_signs(d) for d in dims], np.ones(1))


def choi_from_kraus(kraus: Complexes) -> Complexes:
    """Sum the projectors on the Kraus operators (..., K, D_out, D_in), stacked with the input index first."""
    *batch, _, size_out, size_in = kraus.shape
    capacity((size_in * size_out) ** 2 * math.prod(batch), "The Choi matrix of the map", 64)
    vectors = kraus.swapaxes(-1, -2).reshape(*kraus.shape[:-2], -1)
    choi: Complexes = np.matmul(vectors.swapaxes(-1, -2), vectors.conj())
    return choi


def kraus_from_choi(choi: Complexes, size_in: int, size_out: int) -> Complexes:
    """Return the Kraus operators of largest weight first, leaving out those that vanish at every point."""
    weights, vectors = np.linalg.eigh(choi)
    count = max(1, int((weights > 1e-14 * weights[..., -1:]).sum(axis=-1).max()))
    scaled = vectors * np.sqrt(np.clip(weights, 0, None))[..., None, :]
    stacked = scaled[..., : -count - 1 : -1].swapaxes(-1, -2)
    kraus: Complexes = stacked.reshape(*stacked.shape[:-1], size_in, size_out).swapaxes(-1, -2)
    return kraus


def choi_from_superop(superop: Complexes, size_in: int, size_out: int) -> Complexes:
    """Reorder S[(o', o), (j, i)] to J[(i, o), (j, o')]."""
    batch = superop.shape[:-2]
    n = len(batch)
    split = superop.reshape(*batch, size_out, size_out, size_in, size_in)
    moved = split.transpose(*range(n), n + 3, n + 1, n + 2, n)
    return moved.reshape(*batch, size_in * size_out, size_in * size_out)


def superop_from_choi(choi: Complexes, size_in: int, size_out: int) -> Complexes:
    """Reorder J[(i, o), (j, o')] to S[(o', o), (j, i)]."""
    batch = choi.shape[:-2]
    n = len(batch)
    split = choi.reshape(*batch, size_in, size_out, size_in, size_out)
    moved = split.transpose(*range(n), n + 3, n + 1, n + 2, n)
    return moved.reshape(*batch, size_out * size_out, size_in * size_in)


def transfer_from_choi(choi: Complexes, dims_in: Dims, dims_out: Dims) -> Floats:
    """Return R[i, j] = Tr(B_i E(B_j)) / d_in, shape (M_out, M_in, points).

    The Bloch tensor of the Choi matrix is Tr(B_i E(B_j^T)), and B_j^T is B_j or -B_j.
    """
    signs = _signs(dims_in) / math.prod(dims_in)
    flat = bloch_from_matrix(choi, dims_in + dims_out)
    shaped = flat.reshape(len(signs), math.prod(dims_out) ** 2, -1)
    return shaped.transpose(1, 0, 2) * signs[:, None]


def choi_from_transfer(transfer: Floats, dims_in: Dims, dims_out: Dims, batch: Dims) -> Complexes:
    """Undo ``transfer_from_choi`` for an array of shape (M_out, M_in, points)."""
    signs = _signs(dims_in) * math.prod(dims_in)
    flat = np.ascontiguousarray(transfer.transpose(1, 0, 2) * signs[:, None, None]).reshape(-1)
    return matrix_from_bloch(flat, dims_in + dims_out, batch)


def liouvillian(hamiltonian: Complexes, jumps: list[Complexes]) -> Complexes:
    """Return the generator of dρ/dt = -i[H, ρ] + Σ LρL† - {L†L, ρ}/2 on column-stacked matrices."""
    one = np.eye(hamiltonian.shape[-1], dtype=complex)
    total: Complexes = -1j * (_kron(one, hamiltonian) - _kron(hamiltonian.swapaxes(-1, -2), one))
    for jump in jumps:
        rate = jump.conj().swapaxes(-1, -2) @ jump
        total = total + _kron(jump.conj(), jump) - (_kron(one, rate) + _kron(rate.swapaxes(-1, -2), one)) / 2
    return total


def _kron(a: Complexes, b: Complexes) -> Any:
    """Kronecker product of the last two axes, the others broadcasting."""
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    return product.reshape(*product.shape[:-4], a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1])
