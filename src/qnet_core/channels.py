"""Completely positive maps, kept as real transfer matrices."""

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from . import _checks, _conversions
from . import _composition as composition
from ._checks import ATOL, Complexes, Dims, Floats
from ._completeness import require_channel, require_complete
from ._positivity import require_hermitian
from ._transfer import Entries, Places, Transfer, from_dense, from_entries, from_rows
from .errors import ParameterError, ParameterTypeError

__all__ = ["Channel"]

_ROUND_OFF = 4 * np.finfo(float).eps  # what changing representations leaves of zeros and ones


class Channel:
    """A completely positive map that does not raise the trace, or a batch of them; an immutable value.

    A trace-preserving map is a channel in the textbook's sense; one that loses trace is a heralded
    event or one outcome of a measurement. Made by the ``from_...`` methods and by the functions of
    ``qnet_channels``. Input and output dimensions may differ, and the output may be nothing.

    Examples
    --------
    >>> flip = Channel.from_kraus([[[0.6, 0], [0, 0.6]], [[0, 0.8], [0.8, 0]]])
    >>> flip.transfer.diagonal().round(3).tolist()
    [1.0, 1.0, -0.28, -0.28]
    """

    __slots__ = ("_dims_in", "_dims_out", "_qubit", "_transfer")
    _dims_in: Dims
    _dims_out: Dims
    _transfer: Transfer
    _qubit: Floats | None  # the 16 numbers of a single one-qubit map

    def __init__(self) -> None:
        raise ParameterTypeError("Channels are made by Channel.from_kraus, from_unitary, from_choi and the like.")

    @classmethod
    def _wrap(cls, transfer: Transfer, dims_in: Dims, dims_out: Dims) -> Self:
        self = object.__new__(cls)
        self._transfer, self._dims_in, self._dims_out = transfer, dims_in, dims_out
        one_qubit = dims_in == dims_out == (2,) and not transfer.batch
        self._qubit = transfer.dense().reshape(-1) if one_qubit else None
        return self

    @classmethod
    def _from_entries(cls, entries: Entries, batch: Dims, dims_in: Dims, dims_out: Dims | None = None) -> Self:
        """Return a map known to be a channel from the nonzero entries of its transfer matrix."""
        out = dims_in if dims_out is None else dims_out
        shape = (math.prod(out) ** 2, math.prod(dims_in) ** 2)
        return cls._wrap(from_entries(shape, batch, entries), dims_in, out)

    @classmethod
    def _from_rows(cls, places: Places, values: Floats, batch: Dims, dims: Dims) -> Self:
        """Return a map known to be a channel from numbers that lie as ``from_rows`` wants them."""
        side = math.prod(dims) ** 2
        return cls._wrap(from_rows((side, side), batch, places, values), dims, dims)

    @classmethod
    def _from_stack(cls, full: Floats, batch: Dims, dims_in: Dims, dims_out: Dims) -> Self:
        return cls._wrap(from_dense(full, batch), dims_in, dims_out)

    @classmethod
    def _from_choi(cls, choi: Complexes, dims_in: Dims, dims_out: Dims) -> Self:
        stack = _conversions.transfer_from_choi(choi, dims_in, dims_out)
        stack[np.abs(stack) <= _ROUND_OFF * np.abs(stack).max(axis=(0, 1))] = 0
        stack[0, 0, np.abs(stack[0, 0] - 1) <= _ROUND_OFF] = 1  # so that the trace is kept bit for bit
        return cls._from_stack(stack, choi.shape[:-2], dims_in, dims_out)

    @classmethod
    def identity(cls, dims: int | Sequence[int]) -> Self:
        """Return the map that does nothing to subsystems of these dimensions."""
        sizes = _checks.dims(dims)
        _checks.capacity(math.prod(sizes) ** 2, "The transfer matrix", 200)
        return cls._from_entries({(i, i): 1.0 for i in range(math.prod(sizes) ** 2)}, (), sizes)

    @classmethod
    def from_kraus(
        cls, kraus: ArrayLike, dims_in: int | Sequence[int] | None = None, dims_out: int | Sequence[int] | None = None,
        *, trace_preserving: bool = False,
    ) -> Self:  # fmt: skip
        """Return the map ``rho -> sum_k K_k rho K_k^dagger``.

        Parameters
        ----------
        kraus : array_like, shape (..., K, D_out, D_in)
            With ``sum_k K_k^dagger K_k <= 1``: a smaller sum is a map that loses trace.
        dims_in, dims_out : optional
            All qubits if not given.
        trace_preserving : bool
            True refuses operators that don't sum to the identity.

        Raises
        ------
        KrausError, DimensionError
        """
        array = _checks.matrix(kraus, "kraus", ndim=3)
        inside = _checks.qubits_or(dims_in, array.shape[-1], "dims_in")
        outside = _checks.qubits_or(dims_out, array.shape[-2], "dims_out", inside)
        require_complete(array, trace_preserving, _checks.tolerance(kraus))
        return cls._from_choi(_conversions.choi_from_kraus(array), inside, outside)

    @classmethod
    def from_unitary(cls, u: ArrayLike, dims: int | Sequence[int] | None = None) -> Self:
        """Return the map ``rho -> U rho U^dagger`` of unitaries of shape (..., D, D)."""
        array = _checks.square(u, "u")
        sizes = _checks.qubits_or(dims, array.shape[-1], "dims")
        require_complete(array[..., None, :, :], True, _checks.tolerance(u), "u", "must be unitary")
        return cls._from_choi(_conversions.choi_from_kraus(array[..., None, :, :]), sizes, sizes)

    @classmethod
    def from_choi(cls, choi: ArrayLike, dims_in: int | Sequence[int], dims_out: int | Sequence[int]) -> Self:
        """Return the map with the Choi matrix ``sum_ij |i><j| x E(|i><j|)``, shape (..., D_in D_out, D_in D_out)."""
        inside, outside = _checks.dims_or_nothing(dims_in, "dims_in"), _checks.dims_or_nothing(dims_out, "dims_out")
        size = math.prod(inside) * math.prod(outside)
        array = _checks.square(choi, "choi", size)
        require_channel(array, math.prod(inside), "choi", _checks.tolerance(choi))
        return cls._from_choi(array, inside, outside)

    @classmethod
    def from_superop(cls, s: ArrayLike, dims_in: int | Sequence[int], dims_out: int | Sequence[int]) -> Self:
        """Return the map with a superoperator on column-stacked matrices, shape (..., D_out**2, D_in**2)."""
        inside, outside = _checks.dims_or_nothing(dims_in, "dims_in"), _checks.dims_or_nothing(dims_out, "dims_out")
        size_in, size_out = math.prod(inside), math.prod(outside)
        array = _checks.rectangle(s, "s", size_out**2, size_in**2)
        choi = _conversions.choi_from_superop(array, size_in, size_out)
        require_channel(choi, size_in, "s", _checks.tolerance(s))
        return cls._from_choi(choi, inside, outside)

    @classmethod
    def from_transfer(
        cls, matrix: ArrayLike, dims_in: int | Sequence[int], dims_out: int | Sequence[int] | None = None
    ) -> Self:
        """Return the map with the transfer matrix ``Tr(B_i E(B_j)) / d_in``, shape (..., M_out, M_in), real."""
        inside = _checks.dims_or_nothing(dims_in, "dims_in")
        outside = inside if dims_out is None else _checks.dims_or_nothing(dims_out, "dims_out")
        array = _checks.real(matrix, "matrix")
        array = _checks.require_shape(array, "matrix", math.prod(outside) ** 2, math.prod(inside) ** 2)
        batch = array.shape[:-2]
        stack = np.array(array.reshape(-1, *array.shape[-2:]).transpose(1, 2, 0), order="C")
        choi = _conversions.choi_from_transfer(stack, inside, outside, batch)
        require_channel(choi, math.prod(inside), "matrix", _checks.tolerance(matrix))
        return cls._from_stack(stack, batch, inside, outside)

    @classmethod
    def from_lindblad(
        cls, hamiltonian: ArrayLike | None, jumps: Sequence[ArrayLike], *, duration_s: ArrayLike,
        dims: int | Sequence[int] | None = None,
    ) -> Self:  # fmt: skip
        """Return the evolution for ``duration_s`` under a Hamiltonian (rad/s) and jump operators.

        ``d rho/dt = -i[H, rho] + sum_k L_k rho L_k^dagger - {L_k^dagger L_k, rho}/2``; a jump operator
        carries the square root of its rate (1/sqrt(s)). All broadcast; None stands for no Hamiltonian.
        """
        duration = _checks.real(duration_s, "duration_s", low=0.0)
        if not isinstance(jumps, Sequence | np.ndarray) or isinstance(jumps, str):
            raise ParameterTypeError(f"Parameter `jumps` must be a sequence of matrices, but is {jumps!r}.")
        operators = [_checks.square(jump, "jumps") for jump in jumps]
        if hamiltonian is None and not operators:
            raise ParameterTypeError("Parameter `hamiltonian` must be given where `jumps` is empty, but is None.")
        own = _checks.square(np.zeros_like(operators[0]) if hamiltonian is None else hamiltonian, "hamiltonian")
        size = own.shape[-1]
        sizes = _checks.qubits_or(dims, size, "dims")
        atol = (_checks.ATOL if hamiltonian is None else _checks.tolerance(hamiltonian)) * max(1.0, np.abs(own).max())
        require_hermitian(own, "hamiltonian", atol, ParameterError)
        return cls._from_generator(own, [_checks.square(jump, "jumps", size) for jump in operators], duration, sizes)

    @classmethod
    def _from_generator(cls, hamiltonian: Complexes, jumps: list[Complexes], duration: Floats, dims: Dims) -> Self:
        from scipy.linalg import expm

        superop = _conversions.liouvillian(hamiltonian, jumps)
        size = math.prod(dims)
        choi = _conversions.choi_from_superop(superop, size, size)
        _checks.broadcast(generator=choi.shape[:-2], duration_s=duration.shape)
        generator = _conversions.transfer_from_choi(choi, dims, dims).transpose(2, 0, 1)
        generator[:, 0] = 0  # such a generator keeps the trace: only round-off stood here
        with np.errstate(all="ignore"):
            maps = expm(generator.reshape(*choi.shape[:-2], *generator.shape[1:]) * duration[..., None, None])
        stack = maps.reshape(-1, *maps.shape[-2:]).transpose(1, 2, 0)
        found = cls._from_stack(stack, maps.shape[:-2], dims, dims)
        if not np.isfinite(maps).all() or not found.is_completely_positive().all():
            raise ParameterError(
                f"Parameter `duration_s` must be short enough for double precision to follow the evolution "
                f"(leave the fast rotation of the Hamiltonian out), but is up to {duration.max():.6g}."
            )
        return found

    @property
    def dims_in(self) -> Dims:
        """Dimensions of the subsystems that the map takes."""
        return self._dims_in

    @property
    def dims_out(self) -> Dims:
        """Dimensions of the subsystems that it gives."""
        return self._dims_out

    @property
    def batch_shape(self) -> Dims:
        """Shape of the batch axes, () for one map."""
        return self._transfer.batch

    @property
    def _stack(self) -> Floats:
        """The transfer matrices as (M_out, M_in, points)."""
        full = self._transfer.dense()
        return full.reshape(*full.shape[:2], -1)

    @property
    def transfer(self) -> Floats:
        """The transfer matrix ``Tr(B_i E(B_j)) / d_in``, shape (..., M_out, M_in), real."""
        full = self._transfer.dense()
        return np.ascontiguousarray(full.transpose(*range(2, full.ndim), 0, 1))

    def choi(self) -> Complexes:
        """Return the Choi matrix, input first, of trace d: shape (..., D_in D_out, D_in D_out)."""
        return _conversions.choi_from_transfer(self._stack, self.dims_in, self.dims_out, self.batch_shape)

    def superop(self) -> Complexes:
        """Return the superoperator on column-stacked matrices, shape (..., D_out**2, D_in**2)."""
        return _conversions.superop_from_choi(self.choi(), math.prod(self.dims_in), math.prod(self.dims_out))

    def kraus(self) -> Complexes:
        """Return Kraus operators, shape (..., K, D_out, D_in), orthogonal to one another and the largest first."""
        return _conversions.kraus_from_choi(self.choi(), math.prod(self.dims_in), math.prod(self.dims_out))

    def then(self, other: "Channel") -> "Channel":
        """Return this map followed by ``other``; batch axes broadcast."""
        return composition.then(self, other)

    def tensor(self, other: "Channel") -> "Channel":
        """Return this map on the first subsystems and ``other`` on those behind them."""
        return composition.tensor(self, other)

    def power(self, n: int) -> "Channel":
        """Return the map applied ``n`` times."""
        return composition.power(self, n)

    def pauli_twirl(self) -> "Channel":
        """Return the mean over conjugations by Pauli matrices: the Pauli channel that a Pauli-frame simulator runs."""
        return composition.pauli_twirl(self)

    def broadcast_to(self, *batch_shape: int | Sequence[int]) -> "Channel":
        """Return a copy with a larger batch shape, by NumPy's rules."""
        return composition.broadcast_to(self, batch_shape)

    def is_completely_positive(self, atol: float = ATOL) -> Any:
        """Say, shape (...), whether no eigenvalue of the Choi matrix lies below ``-atol``."""
        return np.bool_(np.linalg.eigvalsh(self.choi())[..., 0] >= -atol)

    def is_trace_preserving(self, atol: float = ATOL) -> Any:
        """Say, shape (...), whether every state keeps its trace: the first row is 1, 0, 0, ..."""
        return composition.is_unit_vector(self.transfer[..., 0, :], atol)

    def is_unital(self, atol: float = ATOL) -> Any:
        """Say, shape (...), whether the maximally mixed state stays so: the first column is 1, 0, 0, ..."""
        return composition.is_unit_vector(self.transfer[..., :, 0], atol)

    def __repr__(self) -> str:
        return f"Channel(dims_in={self.dims_in}, dims_out={self.dims_out}, batch_shape={self.batch_shape})"
