"""Numbers that say how good a state is. Entropies are in bits; states count as they are, so normalize first.

Where eigenvalues vanish, their square roots would turn round-off of 1e-16 into errors of 1e-8.
Hence fidelity and concurrence are singular values of products of factors ``A`` with ``rho = A A†``,
in which eigenvalues within round-off of zero are left out.
"""

import math
from collections.abc import Sequence

import numpy as np

from . import _checks, _kernels
from ._checks import Complexes, Floats
from .errors import DimensionError, ParameterTypeError
from .preparations import BELL_SIGNS
from .states import DensityMatrix

__all__ = [
    "bell_weights",
    "chsh_value",
    "coherent_information",
    "concurrence",
    "entanglement_of_formation",
    "fidelity",
    "fully_entangled_fraction",
    "log_negativity",
    "negativity",
    "purity",
    "relative_entropy",
    "trace_distance",
    "von_neumann_entropy",
]

_YY = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
_MAGIC = np.array([[1, 0, 0, 1], [1j, 0, 0, -1j], [0, 1j, 1j, 0], [0, 1, -1, 0]]) / math.sqrt(
    2
)  # phi+, i phi-, i psi+, psi-


def _state(rho: DensityMatrix, name: str = "rho") -> DensityMatrix:
    if not isinstance(rho, DensityMatrix):
        raise ParameterTypeError(f"Parameter `{name}` must be a DensityMatrix, but is {type(rho).__name__}.")
    return rho


def _same_dims(rho: DensityMatrix, sigma: DensityMatrix) -> None:
    _state(rho), _state(sigma, "sigma")
    if rho.dims != sigma.dims:
        raise DimensionError(f"Parameter `sigma` must have dims {rho.dims}, but has {sigma.dims}.")
    _checks.broadcast(rho=rho.batch_shape, sigma=sigma.batch_shape)


def _two_qubits(rho: DensityMatrix) -> DensityMatrix:
    if _state(rho).dims != (2, 2):
        raise DimensionError(f"Parameter `rho` must be a state of two qubits, but has dims {rho.dims}.")
    return rho


def _dense(rho: DensityMatrix) -> Complexes:
    """Return the matrices, with zeros at points where there is no state, so that LAPACK gets through."""
    matrix = rho.matrix
    return np.nan_to_num(matrix, nan=0.0) if np.isnan(rho._stack[0]).any() else matrix


def _marked(values: Floats, *states: DensityMatrix) -> Floats:
    """Return the values, NaN where there is no state."""
    for state in states:
        values = values + 0 * state.trace()
    return _checks.plain(values)


def _factor(rho: DensityMatrix) -> Complexes:
    """Return ``A`` with ``rho = A A†``, without eigenvalues that are zero to round-off."""
    values, vectors = np.linalg.eigh(_dense(rho))
    floor = 8 * values.shape[-1] * np.finfo(float).eps * values[..., -1:]
    return vectors * np.sqrt(np.where(values > floor, values, 0))[..., None, :]


def _xlog2x(values: Floats) -> Floats:
    positive = values > 0
    return np.where(positive, values * np.log2(np.where(positive, values, 1)), 0)


def fidelity(rho: DensityMatrix, sigma: DensityMatrix) -> Floats:
    """Return the squared (Jozsa) fidelity ``(Tr |√rho √sigma|)**2``, shape (...); QuTiP's is its square root.

    For a pure target it is ``<psi|rho|psi>`` (Jozsa, J. Mod. Opt. 41, 2315 (1994)).

    >>> from qnet_core import ket
    >>> fidelity(ket("0"), ket("+")).round(12).item()
    0.5
    """
    _same_dims(rho, sigma)
    for pure, other in sorted(((sigma, rho), (rho, sigma)), key=lambda pair: len(pair[0].batch_shape)):
        if _is_pure(pure):
            return _overlap(pure, other)
    product = _factor(rho).conj().swapaxes(-1, -2) @ _factor(sigma)
    return _marked(np.linalg.svd(product, compute_uv=False).sum(axis=-1) ** 2, rho, sigma)


def _is_pure(rho: DensityMatrix) -> bool:
    """Say whether every state of the batch is pure to a few units of the last place."""
    if rho.batch_shape:
        gap = float(np.abs(purity(rho) - rho.trace() ** 2).max())
    else:
        gap = abs(float(rho._flat @ rho._flat) / math.prod(rho.dims) - float(rho._flat[0]) ** 2)
    return gap <= 8 * math.ulp(1.0)


def _overlap(rho: DensityMatrix, sigma: DensityMatrix) -> Floats:
    """Return ``Tr(rho sigma)``."""
    batch = _checks.broadcast(rho=rho.batch_shape, sigma=sigma.batch_shape)
    if not rho.batch_shape:
        rows, total = np.flatnonzero(rho._flat), np.empty(math.prod(batch))  # a Bell state has four
        _kernels.pairs.weighted_rows(total, sigma._flat, rows, rho._flat[rows] / math.prod(rho.dims))
        return _checks.plain(total.reshape(batch))
    a, b = (s._flat.reshape(-1, *(1,) * (len(batch) - len(s._batch)), *s._batch) for s in (rho, sigma))
    total = np.zeros(batch)
    for row in np.flatnonzero(rho._stack.any(axis=1)):
        total = total + a[row] * b[row]
    return _checks.plain(total / math.prod(rho.dims))


def trace_distance(rho: DensityMatrix, sigma: DensityMatrix) -> Floats:
    """Return ``Tr |rho - sigma| / 2``, shape (...)."""
    _same_dims(rho, sigma)
    return _marked(np.abs(np.linalg.eigvalsh(_dense(rho) - _dense(sigma))).sum(axis=-1) / 2, rho, sigma)


def purity(rho: DensityMatrix) -> Floats:
    """Return ``Tr rho**2``, shape (...)."""
    return _checks.plain((_state(rho)._stack ** 2).sum(axis=0).reshape(rho.batch_shape) / math.prod(rho.dims))


def von_neumann_entropy(rho: DensityMatrix) -> Floats:
    """Return ``-Tr rho log2 rho``, shape (...)."""
    return _marked(-_xlog2x(np.linalg.eigvalsh(_dense(_state(rho)))).sum(axis=-1), rho)


def relative_entropy(rho: DensityMatrix, sigma: DensityMatrix) -> Floats:
    """Return ``Tr rho (log2 rho - log2 sigma)``, shape (...): infinite where rho leaves the support of sigma."""
    _same_dims(rho, sigma)
    values, vectors = np.linalg.eigh(_dense(sigma))
    tiny = 8 * values.shape[-1] * np.finfo(float).eps
    weights = np.einsum("...ji,...jk,...ki->...i", vectors.conj(), _dense(rho), vectors).real
    absent = values <= tiny * values[..., -1:]
    cross = np.where(absent, 0, weights * np.log2(np.where(absent, 1, values))).sum(axis=-1)
    outside = np.where(absent, weights, 0).sum(axis=-1) > 4 * tiny
    return _marked(np.where(outside, np.inf, -von_neumann_entropy(rho) - cross), rho, sigma)


def _partial_transpose(rho: DensityMatrix, subsystems: int | Sequence[int]) -> Complexes:
    chosen = _checks.subsystems(subsystems, _state(rho).num_subsystems, "subsystems")
    matrix, n, nb = _dense(rho), rho.num_subsystems, len(rho.batch_shape)
    axes = list(range(nb + 2 * n))
    for k in chosen:
        axes[nb + k], axes[nb + n + k] = axes[nb + n + k], axes[nb + k]
    return matrix.reshape(*rho.batch_shape, *rho.dims, *rho.dims).transpose(axes).reshape(matrix.shape)


def negativity(rho: DensityMatrix, subsystems: int | Sequence[int] = 0) -> Floats:
    """Return ``(‖rho^T‖_1 - 1)/2`` for the transposition of ``subsystems``, shape (...).

    The sum of the negative eigenvalues' sizes: 1/2 for a Bell state.

    Vidal and Werner, PRA 65, 032314 (2002).
    """
    values = np.linalg.eigvalsh(_partial_transpose(rho, subsystems))
    return _marked(np.where(values < 0, -values, 0).sum(axis=-1), rho)


def log_negativity(rho: DensityMatrix, subsystems: int | Sequence[int] = 0) -> Floats:
    """Return ``log2 ‖rho^T‖_1 = log2(2 N + 1)`` of states of trace 1, shape (...)."""
    return _checks.plain(np.log2(2 * negativity(rho, subsystems) + 1))


def concurrence(rho: DensityMatrix) -> Floats:
    """Return Wootters' concurrence of two qubits, shape (...) (PRL 80, 2245 (1998))."""
    factor = _factor(_two_qubits(rho))
    singular = np.linalg.svd(factor.swapaxes(-1, -2) @ _YY @ factor, compute_uv=False)
    return _marked(np.maximum(0, 2 * singular[..., 0] - singular.sum(axis=-1)), rho)


def entanglement_of_formation(rho: DensityMatrix) -> Floats:
    """Return ``h((1 + √(1 - C**2))/2)`` of two qubits, shape (...), C being the concurrence (Wootters)."""
    squared = np.minimum(concurrence(rho) ** 2, 1)
    small = squared / (2 * (1 + np.sqrt(1 - squared)))
    return _marked(-_xlog2x(small) - _xlog2x(1 - small), rho)


def coherent_information(rho: DensityMatrix, target: int | Sequence[int] = 1) -> Floats:
    """Return ``S(target) - S(rho)``, shape (...): I(A>B) for a pair A, B with B the target."""
    kept = _checks.subsystems(target, _state(rho).num_subsystems, "target")
    return _checks.plain(von_neumann_entropy(rho.ptrace(kept)) - von_neumann_entropy(rho))


def fully_entangled_fraction(rho: DensityMatrix) -> Floats:
    """Return the best fidelity with a maximally entangled state of two qubits, shape (...).

    The largest eigenvalue of the real part in the magic basis (Bennett et al., PRA 54, 3824 (1996)).
    """
    magic = _MAGIC.conj() @ _dense(_two_qubits(rho)) @ _MAGIC.T
    return _marked(np.linalg.eigvalsh(magic.real)[..., -1], rho)


def chsh_value(rho: DensityMatrix) -> Floats:
    """Return the largest CHSH value of two qubits over all settings, shape (...): 2√2 for a Bell state.

    ``2 √(s1**2 + s2**2)`` with the two largest singular values of the correlation matrix
    (Horodecki, Phys. Lett. A 200, 340 (1995)).
    """
    correlations = np.nan_to_num(_two_qubits(rho).bloch[..., 1:, 1:])
    return _marked(2 * np.linalg.norm(np.linalg.svd(correlations, compute_uv=False)[..., :2], axis=-1), rho)


def bell_weights(rho: DensityMatrix) -> Floats:
    """Return the fidelities with phi+, phi-, psi+, psi- of two qubits, shape (..., 4): four reads, no eigenvalues."""
    diagonal = _two_qubits(rho)._stack[::5]
    return np.ascontiguousarray((BELL_SIGNS @ diagonal / 4).T).reshape(*rho.batch_shape, 4)
