"""Process tomography: the channel behind anything that turns states into states."""

from collections.abc import Callable
from functools import reduce
from itertools import product

import numpy as np

from qnet_core import Channel, DensityMatrix, ket
from qnet_core import _checks as checks
from qnet_core._conversions import choi_from_transfer
from qnet_core.errors import DimensionError, ParameterTypeError

from .resources import require_state

__all__ = ["process_tomography"]

_INPUTS = "01+r"
_BLOCH_VECTORS = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [1, 1, 0, 0], [1, 0, 1, 0]], float)
_ROUNDS, _NEAR = 2000, 1e-7


def process_tomography(
    process: Callable[[DensityMatrix], DensityMatrix], *, num_qubits: int = 1, shots: int | None = None,
    rng: np.random.Generator | None = None,
) -> Channel:  # fmt: skip
    """Return the channel that takes states of qubits where ``process`` takes them.

    The process runs once on each product of 0, 1, + and r. With full knowledge of the outputs the channel follows by inversion.
    With finite counts the inverted map is not completely positive in general: what is returned is the nearest
    channel in Frobenius norm (to 1e-6), whose bias towards noise makes a fidelity near 1 come out too low.

    Parameters
    ----------
    process : callable
        A linear map of a DensityMatrix to one; its outputs may have batch axes. A map that is not linear has no channel,
        and what comes out is refused unless it happens to be one.
    shots : int, optional
        Measurements of each output in each product of the bases X, Y and Z; all is known if not given.
    rng : numpy.random.Generator
        Needed with ``shots``.

    References
    ----------
    Chuang and Nielsen, J. Mod. Opt. 44, 2455 (1997); Surawy-Stepney et al., Quantum 6, 844 (2022).

    Examples
    --------
    >>> from qnet_core import process_fidelity, werner_state
    >>> from qnet_protocols.teleportation import teleport
    >>> seen = process_tomography(lambda state: teleport(state, werner_state(fidelity=0.9)))
    >>> process_fidelity(seen).round(12).item()
    0.9
    """
    count = checks.integer(num_qubits, "num_qubits", 1)
    checks.capacity(4 ** (2 * count), "The transfer matrix", 64)
    if not callable(process):
        raise ParameterTypeError(f"Parameter `process` must be callable, but is {type(process).__name__}.")
    outputs = [_require_qubits(process(ket("".join(symbols)))) for symbols in product(_INPUTS, repeat=count)]
    if len({state.dims for state in outputs}) > 1:
        raise DimensionError("Parameter `process` must give states of the same dims for all inputs, but does not.")
    dims = outputs[0].dims
    rows = [state.bloch.reshape(*state.batch_shape, 4 ** len(dims)) for state in outputs]
    seen = np.array(np.broadcast_arrays(*rows))
    if shots is not None:
        seen = _counted(seen, outputs, checks.integer(shots, "shots", 1), rng)
    inverse = reduce(np.kron, [np.linalg.inv(_BLOCH_VECTORS)] * count)
    transfer = np.moveaxis(np.tensordot(inverse, seen, 1), 0, -1)
    if shots is None:
        return Channel.from_transfer(transfer, (2,) * count, dims)
    return _nearest_channel(transfer, count, len(dims))


def _require_qubits(state: DensityMatrix) -> DensityMatrix:
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(
            f"Parameter `process` must return a DensityMatrix, but returned {type(state).__name__}."
        )
    if set(state.dims) != {2}:
        raise DimensionError(f"Parameter `process` must return states of qubits, but returned dims {state.dims}.")
    return state


def _counted(
    exact: checks.Floats, outputs: list[DensityMatrix], shots: int, rng: np.random.Generator | None
) -> checks.Floats:
    """Return Pauli expectations, shape (inputs, ..., 4**m), estimated from counts in all product bases."""
    if not isinstance(rng, np.random.Generator):
        raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
    for state in outputs:
        require_state(state, "process(state)")
    m = len(outputs[0].dims)
    parities = reduce(np.kron, [np.array([[1, 1], [1, -1]])] * m)
    total, times = np.zeros_like(exact), np.zeros(4**m)
    for setting in product((1, 2, 3), repeat=m):
        strings = _marginals(setting)
        chances = np.clip(exact[..., strings] @ parities / 2**m, 0, None)
        counts = rng.multinomial(shots, chances / chances.sum(axis=-1, keepdims=True))
        total[..., strings] += counts @ parities / shots
        times[strings] += 1
    return total / times


def _marginals(setting: tuple[int, ...]) -> list[int]:
    """Return the Pauli strings that a product basis measures: each of its letters or the identity, in binary order."""
    found = [0]
    for letter in setting:
        found = [4 * string + pauli for string in found for pauli in (0, letter)]
    return found


def _nearest_channel(transfer: checks.Floats, num_in: int, num_out: int) -> Channel:
    """Project on the channels: Dykstra's alternation between positive and trace-preserving Choi matrices.

    What is left of negative eigenvalues is made up for by a little white noise.
    """
    size_in, size_out = 2**num_in, 2**num_out
    stack = np.moveaxis(transfer.reshape(-1, *transfer.shape[-2:]), 0, -1)
    choi = choi_from_transfer(stack, (2,) * num_in, (2,) * num_out, transfer.shape[:-2])
    correction = np.zeros_like(choi)
    for _ in range(_ROUNDS):
        positive = _positive(choi + correction)
        correction = choi + correction - positive
        choi = _trace_preserving(positive, size_in, size_out)
        if np.linalg.eigvalsh(choi).min() > -_NEAR:
            break
    lowest = np.maximum(0, -np.linalg.eigvalsh(choi)[..., :1, None]) * size_out
    mixing = lowest / (1 + lowest)
    noisy = (1 - mixing) * choi + mixing * np.eye(size_in * size_out) / size_out
    return Channel.from_choi(noisy, (2,) * num_in, (2,) * num_out)


def _positive(matrix: checks.Complexes) -> checks.Complexes:
    values, vectors = np.linalg.eigh(matrix)
    positive: checks.Complexes = (vectors * np.maximum(values, 0)[..., None, :]) @ vectors.conj().swapaxes(-1, -2)
    return positive


def _trace_preserving(choi: checks.Complexes, size_in: int, size_out: int) -> checks.Complexes:
    """Return the nearest matrix whose trace over the output is the identity."""
    split = choi.reshape(*choi.shape[:-2], size_in, size_out, size_in, size_out)
    missing = np.eye(size_in) - np.trace(split, axis1=-3, axis2=-1)
    share = missing[..., :, None, :, None] * np.eye(size_out)[:, None, :] / size_out
    changed: checks.Complexes = (split + share).reshape(choi.shape)
    return changed
