"""Slow, obvious formulas that the tests compare the library with.

Plain NumPy on single points: Kronecker products, loops over indices, explicit sums.
Nothing here imports the library, and nothing here is meant to be fast.
Subsystem 0 is the leftmost tensor factor; ``dims`` is a sequence of subsystem dimensions.
"""

from functools import reduce
from itertools import product
from math import prod

import numpy as np
import scipy.linalg

PAULI = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]).astype(complex),
}
CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=complex)
HADAMARD = np.array([[1, 1], [1, -1]], dtype=complex) / np.sqrt(2)

BELL_VECTORS = {
    "phi+": np.array([1, 0, 0, 1], dtype=complex) / np.sqrt(2),
    "phi-": np.array([1, 0, 0, -1], dtype=complex) / np.sqrt(2),
    "psi+": np.array([0, 1, 1, 0], dtype=complex) / np.sqrt(2),
    "psi-": np.array([0, 1, -1, 0], dtype=complex) / np.sqrt(2),
}

# The state used throughout the physics tables: Bloch vector (0.3, -0.4, 0.5).
TILTED_QUBIT = np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]])


def kron(*matrices):
    """Return the Kronecker product of all matrices, left to right."""
    return reduce(np.kron, matrices, np.eye(1))


def dagger(matrix):
    """Return the conjugate transpose."""
    return np.conj(np.transpose(matrix))


def projector(vector):
    """Return |v><v|."""
    return np.outer(vector, np.conj(vector))


def pauli_string(letters):
    """Return the Kronecker product that a string such as ``"XZ"`` names."""
    return kron(*(PAULI[letter] for letter in letters))


def permutation_matrix(dims, order):
    """Return the matrix that makes old subsystem ``order[k]`` the new subsystem ``k``."""
    new_dims = [dims[s] for s in order]
    matrix = np.zeros((prod(dims), prod(dims)))
    for column, digits in enumerate(product(*(range(d) for d in dims))):
        row = 0
        for subsystem, dim in zip(order, new_dims, strict=True):
            row = row * dim + digits[subsystem]
        matrix[row, column] = 1
    return matrix


def permute(rho, dims, order):
    """Return the state with old subsystem ``order[k]`` in place ``k``."""
    matrix = permutation_matrix(dims, order)
    return matrix @ rho @ matrix.T


def partial_trace(rho, dims, keep):
    """Return the state of the subsystems in ``keep``, which stay in ascending order."""
    lost = [s for s in range(len(dims)) if s not in keep]
    reduced = 0
    for digits in product(*(range(dims[s]) for s in lost)):
        level = dict(zip(lost, digits, strict=True))
        factors = [np.eye(d)[[level[s]]] if s in level else np.eye(d) for s, d in enumerate(dims)]
        reduced = reduced + kron(*factors) @ rho @ kron(*factors).T
    return reduced


def partial_transpose(rho, dims, subsystems):
    """Return the state with rows and columns of ``subsystems`` exchanged: sum_ij |i><j| rho |i><j| for each."""
    for s in subsystems:
        before, after = np.eye(prod(dims[:s])), np.eye(prod(dims[s + 1 :]))
        units = [kron(before, unit, after) for _, unit in unit_matrices(dims[s])]
        rho = sum(unit @ rho @ unit for unit in units)
    return rho


def gell_mann(dim):
    """Return 1 and the matrices with Tr(B_i B_j) = dim δ_ij: for each k the pairs j < k, then the diagonal one."""
    basis = [np.eye(dim, dtype=complex)]
    for k in range(1, dim):
        for j in range(k):
            symmetric = np.zeros((dim, dim), dtype=complex)
            symmetric[j, k] = symmetric[k, j] = 1
            antisymmetric = np.zeros((dim, dim), dtype=complex)
            antisymmetric[j, k], antisymmetric[k, j] = -1j, 1j
            basis += [np.sqrt(dim / 2) * symmetric, np.sqrt(dim / 2) * antisymmetric]
        diagonal = np.diag([1.0] * k + [-float(k)] + [0.0] * (dim - k - 1))
        basis.append(np.sqrt(dim / (k * (k + 1))) * diagonal.astype(complex))
    return basis


def product_basis(dims):
    """Return all Kronecker products of the bases, the last subsystem running fastest."""
    return [kron(*factors) for factors in product(*(gell_mann(d) for d in dims))]


def bloch_tensor(rho, dims):
    """Return Tr(rho B_i1 ⊗ B_i2 ⊗ …) for all indices."""
    values = [np.sum(rho * element.T).real for element in product_basis(dims)]
    return np.array(values).reshape([d * d for d in dims])


def embedded_kraus(kraus, dims, on, dims_out):
    """Return the Kraus operators on the whole register, and the dimensions after them.

    As many outputs as targets take the targets' places; otherwise all stand where the first target stood.
    """
    on, dims_out = tuple(on), list(dims_out)
    rest = [s for s in range(len(dims)) if s not in on]
    front_dims = dims_out + [dims[s] for s in rest]
    places = {s: [len(dims_out) + rest.index(s)] for s in rest}
    if len(dims_out) == len(on):
        places |= {s: [k] for k, s in enumerate(on)}
    else:
        places |= {s: [] for s in on} | {on[0]: list(range(len(dims_out)))}
    layout = [place for s in range(len(dims)) for place in places[s]]
    to_front = permutation_matrix(dims, [*on, *rest])
    to_places = permutation_matrix(front_dims, layout)
    identity = np.eye(prod(dims[s] for s in rest))
    whole = [to_places @ np.kron(operator, identity) @ to_front for operator in kraus]
    return whole, tuple(front_dims[place] for place in layout)


def apply_kraus(kraus, rho, dims, on=None, dims_out=None):
    """Return sum_k K rho K† for operators on some subsystems, and the new dimensions."""
    on = tuple(range(len(dims))) if on is None else on
    dims_out = [dims[s] for s in on] if dims_out is None else dims_out
    whole, new_dims = embedded_kraus(kraus, dims, on, dims_out)
    return sum(operator @ rho @ dagger(operator) for operator in whole), new_dims


def unit_matrices(dim):
    """Return the pairs (i, j) and matrices |i><j|."""
    eye = np.eye(dim)
    return [((i, j), np.outer(eye[i], eye[j])) for i in range(dim) for j in range(dim)]


def act(kraus, matrix):
    """Return sum_k K matrix K†."""
    return sum(operator @ matrix @ dagger(operator) for operator in kraus)


def choi_matrix(kraus):
    """Return sum_ij |i><j| ⊗ E(|i><j|)."""
    return sum(np.kron(unit, act(kraus, unit)) for _, unit in unit_matrices(len(kraus[0][0])))


def superoperator(kraus):
    """Return the matrix S with vec(E(rho)) = S vec(rho), columns stacked."""
    d_out, d_in = np.shape(kraus[0])
    matrix = np.zeros((d_out**2, d_in**2), dtype=complex)
    for (i, j), unit in unit_matrices(d_in):
        matrix[:, j * d_in + i] = act(kraus, unit).T.reshape(-1)
    return matrix


def transfer_matrix(kraus, dims_in, dims_out):
    """Return R[i, j] = Tr(B_i E(B_j)) / d_in."""
    images = [act(kraus, element) for element in product_basis(dims_in)]
    rows = [[np.trace(b @ image).real for image in images] for b in product_basis(dims_out)]
    return np.array(rows) / prod(dims_in)


def lindblad_superoperator(hamiltonian, jumps, duration):
    """Return exp(L t), columns stacked, with L built from its action on every |i><j|."""
    dim = len(hamiltonian)
    generator = np.zeros((dim**2, dim**2), dtype=complex)
    for (i, j), unit in unit_matrices(dim):
        change = -1j * (hamiltonian @ unit - unit @ hamiltonian)
        for jump in jumps:
            square = dagger(jump) @ jump
            change = change + jump @ unit @ dagger(jump) - (square @ unit + unit @ square) / 2
        generator[:, j * dim + i] = change.T.reshape(-1)
    return scipy.linalg.expm(generator * duration)


def fidelity_of_factors(left, right):
    """Return the squared fidelity of A A† and B B†, (||A† B||_1)²: no square root of noise."""
    return np.linalg.svd(dagger(left) @ right, compute_uv=False).sum() ** 2


def concurrence_of_factor(factor):
    """Return the concurrence of A A† from the singular values of A^T (Y ⊗ Y) A."""
    values = np.linalg.svd(factor.T @ pauli_string("YY") @ factor, compute_uv=False)
    return max(0.0, values[0] - values[1:].sum())


def entropy_of(probabilities):
    """Return -sum p log2 p, with 0 log 0 = 0."""
    return -sum(p * np.log2(p) for p in np.ravel(probabilities) if p > 0)


def random_complex(rng, *shape):
    """Return independent complex normal numbers."""
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_unitary(rng, dim):
    """Return a Haar-random unitary (QR with the phases of R's diagonal removed)."""
    q, r = np.linalg.qr(random_complex(rng, dim, dim))
    return q * (np.diag(r) / abs(np.diag(r)))


def random_factor(rng, dim, rank=None):
    """Return A with Tr(A A†) = 1."""
    factor = random_complex(rng, dim, rank or dim)
    return factor / np.linalg.norm(factor)


def random_density(rng, dim, rank=None):
    """Return a random state A A†."""
    factor = random_factor(rng, dim, rank)
    return factor @ dagger(factor)


def random_kraus(rng, d_in, d_out=None, count=2):
    """Return operators of a random trace-preserving map, cut from a random isometry."""
    d_out = d_out or d_in
    count = max(count, -(-d_in // d_out))
    isometry = np.linalg.qr(random_complex(rng, count * d_out, d_in))[0]
    return isometry.reshape(count, d_out, d_in)


def pointwise(function, matrices):
    """Return ``function`` of every matrix of a batch, as one array."""
    matrices = np.asarray(matrices)
    results = [function(m) for m in matrices.reshape(-1, *matrices.shape[-2:])]
    return np.array(results).reshape(matrices.shape[:-2] + np.shape(results[0]))


def stack(make, batch_shape):
    """Return ``make()`` for every point of a batch, as one array."""
    points = [make() for _ in range(prod(batch_shape))]
    return np.array(points).reshape(tuple(batch_shape) + np.shape(points[0]))
