"""Density matrices, kept as real Bloch tensors."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks
from ._checks import Complexes, Dims, Floats
from ._evolution import apply_each, apply_general, apply_to_qubit
from ._expectation import observable_weights, pauli_row
from ._positivity import require_state
from .basis import bloch_from_matrix, matrix_from_bloch
from .errors import DimensionError

if TYPE_CHECKING:
    from .channels import Channel

__all__ = ["DensityMatrix"]


class DensityMatrix:
    """A state of subsystems of any dimensions, or a batch of states with leading batch axes.

    Immutable, except that ``apply(..., out=rho)`` works in place. A trace below 1 is the
    probability of what was heralded so far. Subsystem 0 is the leftmost tensor factor.

    Parameters
    ----------
    matrix : array_like, shape (..., D, D)
        Hermitian, positive, of trace in (0, 1].
    dims : int or sequence of int, optional
        Dimension of each subsystem, with product D; all qubits if not given.
    check : bool
        False skips the checks of Hermiticity, positivity and trace.

    Raises
    ------
    StateError, DimensionError, ParameterError

    Examples
    --------
    >>> rho = DensityMatrix([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]])
    >>> [float(round(rho.expect(pauli), 12)) for pauli in "XYZ"]
    [0.3, -0.4, 0.5]
    """

    __slots__ = ("_batch", "_dims", "_flat")
    _flat: Floats  # Bloch tensor with the batch axes last
    _dims: Dims
    _batch: Dims

    def __init__(self, matrix: ArrayLike, dims: int | Sequence[int] | None = None, *, check: bool = True) -> None:
        if isinstance(matrix, DensityMatrix):
            dims, matrix = dims or matrix.dims, matrix.matrix
        array = _checks.matrix(matrix, "matrix")
        if array.shape[-1] != array.shape[-2]:
            raise DimensionError(f"Parameter `matrix` must have shape (..., D, D), but has shape {array.shape}.")
        self._dims = _checks.qubits_or(dims, array.shape[-1], "dims")
        self._batch = array.shape[:-2]
        if check:
            require_state(array, "matrix", _checks.tolerance(matrix))
        self._flat = bloch_from_matrix(array, self._dims)

    @classmethod
    def from_bloch(cls, bloch: ArrayLike, dims: int | Sequence[int]) -> Self:
        """Return the state with the Bloch tensor ``Tr(rho B_i1 x B_i2 x ...)``, shape (..., d1**2, d2**2, ...).

        The numbers are taken as they are: positivity is not checked.
        """
        sizes = _checks.dims(dims)
        tensor_shape = tuple(d * d for d in sizes)
        array = _checks.real(bloch, "bloch")
        n = len(sizes)
        if array.ndim < n or array.shape[array.ndim - n :] != tensor_shape:
            raise DimensionError(f"Parameter `bloch` must have shape (..., {tensor_shape}), but has {array.shape}.")
        batch = array.shape[: array.ndim - n]
        last = array.reshape(-1, math.prod(tensor_shape)).T
        return cls._wrap(np.array(last, order="C").reshape(-1), sizes, batch)

    @classmethod
    def _wrap(cls, flat: Floats, dims: Dims, batch: Dims) -> Self:
        self = object.__new__(cls)
        self._flat, self._dims, self._batch = flat, dims, batch
        return self

    @property
    def dims(self) -> Dims:
        """Dimension of each subsystem."""
        return self._dims

    @property
    def num_subsystems(self) -> int:
        """Number of subsystems."""
        return len(self._dims)

    @property
    def batch_shape(self) -> Dims:
        """Shape of the batch axes, () for one state."""
        return self._batch

    @property
    def _stack(self) -> Floats:
        """The Bloch tensor as (elements, points)."""
        return self._flat.reshape(-1, math.prod(self._batch))

    @property
    def bloch(self) -> Floats:
        """The Bloch tensor, read-only, shape (..., d1**2, d2**2, ...)."""
        view = self._flat.view()
        view.flags.writeable = False
        n, nb = len(self._dims), len(self._batch)
        shaped = view.reshape(*(d * d for d in self._dims), *self._batch)
        return shaped.transpose(*range(n, n + nb), *range(n))

    @property
    def matrix(self) -> Complexes:
        """The dense matrix, shape (..., D, D)."""
        return matrix_from_bloch(self._flat, self._dims, self._batch)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.matrix if dtype is None else self.matrix.astype(dtype)

    def __repr__(self) -> str:
        return f"DensityMatrix(dims={self._dims}, batch_shape={self._batch})"

    def trace(self) -> Floats:
        """Return the trace, shape (...): 1, or the probability of what was heralded."""
        return _checks.plain(self._stack[0].reshape(self._batch).copy())

    def normalized(self) -> Self:
        """Return the state divided by its trace; NaN at points of trace 0."""
        stack = self._stack
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._wrap((stack / stack[0]).reshape(-1), self._dims, self._batch)

    def apply(self, channel: "Channel", on: int | Sequence[int], *, out: Self | None = None) -> Self:
        """Return the state after ``channel`` acted on the subsystems ``on``.

        Batch axes of state and channel broadcast. A channel with as many outputs as inputs puts
        them in the place of its inputs; otherwise all outputs stand where ``on[0]`` stood.

        Parameters
        ----------
        on : int or sequence of int
            Distinct subsystems, in the order of the channel's inputs.
        out : DensityMatrix, optional
            Where the result goes, of the same shape as the result; ``out=rho`` works in place.

        Raises
        ------
        DimensionError, ParameterTypeError, CapacityError
        """
        r = getattr(channel, "_qubit", None)
        if r is not None and type(on) is int and 0 <= on < len(self._dims) and self._dims[on] == 2:
            return apply_to_qubit(self, r, on, out)
        return apply_general(self, channel, on, out)

    def apply_each(self, channels: "Sequence[Channel | None]", *, out: Self | None = None) -> Self:
        """Return the state after one channel on each subsystem, ``None`` for those left alone.

        On large states of qubits it takes a few passes over memory in all, not one per channel.
        """
        return apply_each(self, channels, out)

    def ptrace(self, keep: int | Sequence[int]) -> Self:
        """Return the state of the subsystems ``keep``, which stay in their order; the others are traced out."""
        kept = sorted(_checks.subsystems(keep, len(self._dims), "keep"))
        index = tuple(slice(None) if k in kept else 0 for k in range(len(self._dims)))
        part = self._flat.reshape(*(d * d for d in self._dims), -1)[index]
        return self._wrap(np.array(part, order="C").reshape(-1), tuple(self._dims[k] for k in kept), self._batch)

    def permute(self, order: Sequence[int]) -> Self:
        """Return the state with subsystem ``order[k]`` in place ``k``."""
        new = _checks.subsystems(order, len(self._dims), "order")
        if len(new) != len(self._dims):
            raise DimensionError(f"Parameter `order` must name all {len(self._dims)} subsystems, but is {order}.")
        shaped = self._flat.reshape(*(d * d for d in self._dims), -1).transpose(*new, len(new))
        return self._wrap(np.array(shaped, order="C").reshape(-1), tuple(self._dims[k] for k in new), self._batch)

    def expect(self, observable: str | ArrayLike, on: int | Sequence[int] | None = None) -> Floats:
        """Return ``Tr(rho O)``, shape (...), of a Pauli string such as "XZ" or Hermitian matrices (..., D, D).

        ``on`` names the subsystems that the observable's factors act on, in their order; all if not given.
        """
        where = _checks.subsystems(range(len(self._dims)) if on is None else on, len(self._dims))
        if isinstance(observable, str):
            return _checks.plain(self._stack[pauli_row(observable, where, self._dims)].reshape(self._batch).copy())
        part = self.ptrace(where).permute(np.argsort(np.argsort(where)).tolist())
        weights, batch = observable_weights(observable, part._dims)
        total = _checks.broadcast(state=self._batch, observable=batch)
        shaped = weights.reshape(-1, *(1,) * (len(total) - len(batch)), *batch)
        own = part._flat.reshape(-1, *(1,) * (len(total) - len(self._batch)), *self._batch)
        return _checks.plain((shaped * own).sum(axis=0))

    def __getitem__(self, index: Any) -> Self:
        """Return some points of the batch; subsystems are not indexed."""
        keys = index if isinstance(index, tuple) else (index,)
        if not self._batch and any(key is not None and key is not Ellipsis for key in keys):
            raise IndexError("A single state has no batch axes to index; subsystems are reached by ptrace and apply.")
        if all(key is None or key is Ellipsis or isinstance(key, int | slice) for key in keys):
            part = self._flat.reshape(-1, *self._batch)[(slice(None), *keys)]
            if part.size > 0:
                return self._wrap(np.array(part, order="C").reshape(-1), self._dims, part.shape[1:])
        places = np.arange(math.prod(self._batch)).reshape(self._batch)[index]
        if places.size == 0:
            raise DimensionError(f"Parameter `index` must select at least one point, but is {index!r}.")
        return self._wrap(np.array(self._stack[:, places], order="C").reshape(-1), self._dims, places.shape)

    def reshape(self, *batch_shape: int | Sequence[int]) -> Self:
        """Return the same states with another batch shape of as many points."""
        given = batch_shape[0] if len(batch_shape) == 1 else cast("Sequence[int]", batch_shape)
        batch = _checks.shape(given, "batch_shape")
        if math.prod(batch) != math.prod(self._batch):
            raise DimensionError(f"Parameter `batch_shape` must have as many points as {self._batch}, but is {batch}.")
        return self._wrap(self._flat.copy(), self._dims, batch)

    def broadcast_to(self, *batch_shape: int | Sequence[int]) -> Self:
        """Return a copy with a larger batch shape, by NumPy's rules."""
        given = batch_shape[0] if len(batch_shape) == 1 else cast("Sequence[int]", batch_shape)
        batch = _checks.shape(given, "batch_shape")
        if _checks.broadcast(state=self._batch, batch_shape=batch) != batch:
            raise DimensionError(f"Parameter `batch_shape` must extend {self._batch}, but is {batch}.")
        elements = len(self._flat) // math.prod(self._batch)
        _checks.capacity(elements * math.prod(batch), "The broadcast batch")
        shaped = self._flat.reshape(elements, *(1,) * (len(batch) - len(self._batch)), *self._batch)
        return self._wrap(
            np.array(np.broadcast_to(shaped, (elements, *batch)), order="C").reshape(-1), self._dims, batch
        )
