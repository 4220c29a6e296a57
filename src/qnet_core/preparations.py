"""States to begin with: products, Bell, Werner, GHZ, W, mixed and random ones."""

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _checks, _kernels
from ._checks import ATOL, Dims, Floats
from .channels import Channel
from .errors import DimensionError, ParameterError, ParameterTypeError, StateError
from .states import DensityMatrix

__all__ = [
    "bell_diagonal_state",
    "bell_state",
    "ghz_state",
    "ket",
    "maximally_mixed_state",
    "pure_state",
    "random_channel",
    "random_state",
    "tensor",
    "w_state",
    "werner_state",
]

BELL_LABELS = ("phi+", "phi-", "psi+", "psi-")
BELL_SIGNS = np.array([[1, 1, -1, 1], [1, -1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]], float)  # II, XX, YY, ZZ
_BLOCH_VECTORS = {
    "0": (1, 0, 0, 1), "1": (1, 0, 0, -1), "+": (1, 1, 0, 0), "-": (1, -1, 0, 0), "r": (1, 0, 1, 0), "l": (1, 0, -1, 0)
}  # fmt: skip


def tensor(*states: DensityMatrix) -> DensityMatrix:
    """Return the product of states side by side; batch axes broadcast.

    >>> tensor(ket("0"), ket("1")).expect("ZZ").item()
    -1.0
    """
    if not states or not all(isinstance(state, DensityMatrix) for state in states):
        raise ParameterTypeError("Parameter `states` must hold at least one DensityMatrix and nothing else.")
    batch = _checks.broadcast(**{f"states[{k}]": state.batch_shape for k, state in enumerate(states)})
    dims = tuple(d for state in states for d in state.dims)
    _checks.capacity(math.prod(d * d for d in dims) * math.prod(batch), "The product state")
    shaped = [state._flat.reshape(-1, *(1,) * (len(batch) - len(state._batch)), *state._batch) for state in states]
    product = reduce(
        lambda a, b: (a[:, None] * b[None]).reshape(-1, *np.broadcast_shapes(a.shape[1:], b.shape[1:])), shaped
    )
    return DensityMatrix._wrap(np.array(product, order="C").reshape(-1), dims, batch)


def ket(symbols: str) -> DensityMatrix:
    """Return a product of qubit states: 0, 1, + and - (of X), r = (0 + i1)/√2 and l = (0 - i1)/√2.

    >>> ket("0+").expect("ZX").item()
    1.0
    """
    if not isinstance(symbols, str):
        raise ParameterTypeError(f"Parameter `symbols` must be a string, but is {symbols!r}.")
    if not symbols or any(symbol not in _BLOCH_VECTORS for symbol in symbols):
        raise ParameterError(f"Parameter `symbols` must be letters of 0, 1, +, -, r, l, but is {symbols!r}.")
    _checks.capacity(4 ** len(symbols), f"A state of {len(symbols)} qubits")
    flat = reduce(np.kron, [np.array(_BLOCH_VECTORS[symbol], float) for symbol in symbols])
    return DensityMatrix._wrap(flat, (2,) * len(symbols), ())


def pure_state(vector: ArrayLike, dims: int | Sequence[int] | None = None) -> DensityMatrix:
    """Return ``|psi><psi|`` of vectors of length 1, shape (..., D).

    Raises
    ------
    StateError
        Where a vector is not normalized.
    """
    array = _checks.matrix(vector, "vector", ndim=1)
    sizes = _checks.qubits_or(dims, array.shape[-1], "dims")
    norms = np.linalg.norm(array, axis=-1)
    worst = norms.flat[np.abs(norms - 1).argmax()]
    if abs(worst - 1) > _checks.tolerance(vector):
        raise StateError(f"Parameter `vector` must have norm 1, but has {worst:.9g}.")
    _checks.capacity(array.size * array.shape[-1], "The density matrix", 16)
    return DensityMatrix(array[..., :, None] * array[..., None, :].conj(), sizes, check=False)


def bell_index(label: str, name: str = "label") -> int:
    """Return the place of a Bell state in the order phi+, phi-, psi+, psi-."""
    if label not in BELL_LABELS:
        raise ParameterError(f"Parameter `{name}` must be one of {', '.join(BELL_LABELS)}, but is {label!r}.")
    return BELL_LABELS.index(label)


def _from_correlations(diagonal: Floats) -> DensityMatrix:
    """Return pairs with the expectations II, XX, YY, ZZ on the first axis and all others 0."""
    stack = np.zeros((16, *diagonal.shape[1:]))
    stack[::5] = diagonal
    return DensityMatrix._wrap(stack.reshape(-1), (2, 2), diagonal.shape[1:])


def bell_state(label: str = "phi+") -> DensityMatrix:
    """Return a Bell state: "phi+", "phi-" = (00 ± 11)/√2, "psi+", "psi-" = (01 ± 10)/√2.

    >>> bell_state("psi-").expect("ZZ").item()
    -1.0
    """
    return _from_correlations(BELL_SIGNS[bell_index(label)])


def werner_state(*, fidelity: ArrayLike, label: str = "phi+") -> DensityMatrix:
    """Return a Bell state mixed with white noise, of the given fidelity in [0, 1], shape (...).

    ``rho = x |B><B| + (1 - x) 1/4`` with ``x = (4 F - 1)/3`` (Werner, PRA 40, 4277 (1989)).

    >>> werner_state(fidelity=0.85).expect("XX").round(12).item()
    0.8
    """
    weight = _checks.probability(fidelity, "fidelity")
    signs = BELL_SIGNS[bell_index(label)]
    _checks.capacity(16 * weight.size, "The pairs")
    flat = np.empty(16 * weight.size)
    _kernels.pairs.fill_werner(flat, np.ascontiguousarray(weight).reshape(-1), signs)
    return DensityMatrix._wrap(flat, (2, 2), weight.shape)


def bell_diagonal_state(weights: ArrayLike) -> DensityMatrix:
    """Return mixtures of phi+, phi-, psi+, psi- (in this order), shape (..., 4), of weights that sum to 1."""
    array = _checks.real(weights, "weights", low=0.0)
    if array.shape[-1:] != (4,):
        raise DimensionError(f"Parameter `weights` must have shape (..., 4), but has shape {array.shape}.")
    gap = np.abs(array.sum(axis=-1) - 1)
    if gap.max() > ATOL:
        raise StateError(f"Parameter `weights` must sum to 1, but the sum is off by {gap.max():.3g}.")
    return _from_correlations(np.tensordot(BELL_SIGNS.T, array, axes=(1, array.ndim - 1)))


def ghz_state(num_qubits: int) -> DensityMatrix:
    """Return ``(|00...0> + |11...1>)/√2``."""
    count = _checks.integer(num_qubits, "num_qubits", 1)
    _checks.capacity(4**count, f"A state of {count} qubits", 40)
    zeros, ones, flip = (np.array(v) for v in ((1.0, 0, 0, 1), (1.0, 0, 0, -1), (0, 1, 1j, 0)))
    flat = (
        reduce(np.kron, [zeros] * count) / 2
        + reduce(np.kron, [ones] * count) / 2
        + reduce(np.kron, [flip] * count).real
    )
    return DensityMatrix._wrap(flat, (2,) * count, ())


def w_state(num_qubits: int) -> DensityMatrix:
    """Return the equal superposition of all states with one qubit in 1."""
    count = _checks.integer(num_qubits, "num_qubits", 1)
    _checks.capacity(4**count, f"A state of {count} qubits", 56)
    vector = np.zeros(2**count)
    vector[2 ** np.arange(count)] = 1 / math.sqrt(count)
    return pure_state(vector)


def maximally_mixed_state(dims: int | Sequence[int]) -> DensityMatrix:
    """Return ``1/D`` on subsystems of these dimensions; an integer is one subsystem."""
    sizes = _checks.dims(dims)
    size = math.prod(d * d for d in sizes)
    _checks.capacity(size, f"A state of {len(sizes)} subsystems")
    flat = np.zeros(size)
    flat[0] = 1
    return DensityMatrix._wrap(flat, sizes, ())


def _ginibre(rng: np.random.Generator, shape: Dims) -> Any:
    if not isinstance(rng, np.random.Generator):
        raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
    real, imaginary = rng.standard_normal((2, *shape))
    return real + 1j * imaginary


def random_state(
    dims: int | Sequence[int], *, rank: int | None = None, batch_shape: int | Sequence[int] = (),
    rng: np.random.Generator,
) -> DensityMatrix:  # fmt: skip
    """Return random states of a rank (full if not given), by partial trace of random pure ones.

    Życzkowski and Sommers, J. Phys. A 34, 7111 (2001); full rank is the Hilbert-Schmidt measure.
    """
    sizes = _checks.dims(dims)
    size = math.prod(sizes)
    width = size if rank is None else _checks.integer(rank, "rank", 1, size)
    _checks.capacity(size * size * math.prod(_checks.shape(batch_shape, "batch_shape")), "The random states", 64)
    factor = _ginibre(rng, (*_checks.shape(batch_shape, "batch_shape"), size, width))
    factor /= np.linalg.norm(factor, axis=(-1, -2), keepdims=True)
    return DensityMatrix(factor @ factor.conj().swapaxes(-1, -2), sizes, check=False)


def random_channel(
    dims_in: int | Sequence[int], dims_out: int | Sequence[int] | None = None, *, num_kraus: int | None = None,
    batch_shape: int | Sequence[int] = (), rng: np.random.Generator,
) -> Channel:  # fmt: skip
    """Return random trace-preserving maps with ``num_kraus`` Kraus operators (D_in D_out if not given).

    A random isometry into the output and an environment (Bruzda et al., Phys. Lett. A 373, 320 (2009)).
    """
    inside = _checks.dims(dims_in, "dims_in")
    outside = inside if dims_out is None else _checks.dims(dims_out, "dims_out")
    size_in, size_out = math.prod(inside), math.prod(outside)
    most = size_in * size_out
    count = _checks.integer(most if num_kraus is None else num_kraus, "num_kraus", -(-size_in // size_out))
    batch = _checks.shape(batch_shape, "batch_shape")
    _checks.capacity((size_in * size_out) ** 2 * math.prod(batch), "The random maps", 64)
    columns = _ginibre(rng, (*batch, count * size_out, size_in))
    isometry = np.linalg.qr(columns).Q
    return Channel.from_kraus(isometry.reshape(*columns.shape[:-2], count, size_out, size_in), inside, outside)
