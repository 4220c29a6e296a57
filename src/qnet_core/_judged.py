"""Whatever a user has for a map, as a batch of superoperators, and how far these are from a channel.

QuTiP is recognized by the module of an object's type, and imported only for such an object.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from . import _checks, _conversions, errors
from ._checks import Complexes, Dims
from .channels import Channel
from .errors import DimensionError, ParameterTypeError

Family = Callable[[float], "Judged"]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A linear map by its superoperator on column-stacked matrices, and what is known of where it comes from.

    Attributes
    ----------
    superop : array, shape (..., D_out**2, D_in**2)
    place : str
        The duration, "" for a map that has none.
    channel, kraus, function
        What was given, where it was that: ``kraus`` has the shape (..., K, D_out, D_in).
    """

    superop: Complexes
    size_in: int
    size_out: int
    place: str = ""
    channel: Channel | None = None
    kraus: Complexes | None = None
    function: Callable[[Complexes], Complexes] | None = None

    @property
    def choi(self) -> Complexes:
        """The Choi matrix, input first, shape (..., D_in D_out, D_in D_out)."""
        return _conversions.choi_from_superop(self.superop, self.size_in, self.size_out)

    @property
    def kept_trace(self) -> Any:
        """The operator whose expectation value is the trace kept, ``sum K†K``, shape (..., D_in, D_in)."""
        split = self.choi.reshape(*self.superop.shape[:-2], self.size_in, self.size_out, self.size_in, self.size_out)
        return np.trace(split, axis1=-3, axis2=-1).swapaxes(-1, -2)

    def __call__(self, rho: Any) -> Any:
        """Return the images of matrices (N, D_in, D_in), shape (..., N, D_out, D_out)."""
        columns = rho.swapaxes(-1, -2).reshape(len(rho), -1)
        images = np.einsum("...ij,nj->...ni", self.superop, columns)
        return images.reshape(*images.shape[:-1], self.size_out, self.size_out).swapaxes(-1, -2)


def family(given: Any, name: str, size: int | None, timed: bool) -> Family:
    """Return a function of the duration, which a fixed map ignores, that gives the map and remembers it."""

    @cache
    def at(duration_s: float) -> Judged:
        kind = "a duration in seconds (one of a density matrix needs `dims`)"
        found = _called(given, duration_s, name, kind) if timed else given
        return judged(found, name, size, f"t = {duration_s:g} s" if timed else "")

    return at


def judged(given: Any, name: str, size: int | None, place: str = "") -> Judged:
    """Return a Channel, Kraus operators, QuTiP objects or a function of a matrix of this size as a superoperator."""
    found = _converted(given, name, size, place)
    if size not in (None, found.size_in):
        raise DimensionError(f"Parameter `{name}` must take dimension {size} as in `dims`, but takes {found.size_in}.")
    return found


def _converted(given: Any, name: str, size: int | None, place: str) -> Judged:
    if isinstance(given, Channel):
        sizes = math.prod(given.dims_in), math.prod(given.dims_out)
        return Judged(given.superop(), *sizes, place, channel=given)
    if _is_qobj(given):
        return _from_qobj(given, name, place)
    if isinstance(given, Sequence) and any(_is_qobj(item) for item in given):
        return _from_kraus(_operators(given, name), name, place)
    if callable(given):
        return _from_function(given, name, size, place)
    return _from_kraus(given, name, place)


def is_function(given: Any) -> bool:
    """Say whether it is a user's function; QuTiP's objects can be called as well."""
    return callable(given) and not _is_qobj(given)


def _is_qobj(given: Any) -> bool:
    return type(given).__name__ == "Qobj" and type(given).__module__.partition(".")[0] == "qutip"


def _from_qobj(given: Any, name: str, place: str) -> Judged:
    """Convert a superoperator in any of QuTiP's representations, or a single operator."""
    if not getattr(given, "issuper", False):
        return _from_kraus(_operators([given], name), name, place)
    import qutip

    superop = qutip.to_super(given).full()
    return Judged(superop, math.isqrt(superop.shape[1]), math.isqrt(superop.shape[0]), place)


def _operators(items: Sequence[Any], name: str) -> list[Complexes]:
    """Return the matrices of a list of QuTiP operators."""
    for item in items:
        if not getattr(item, "isoper", False):
            kind = getattr(item, "type", type(item).__name__)
            raise ParameterTypeError(f"Parameter `{name}` must hold QuTiP operators or a superoperator, but is {kind}.")
    return [item.full() for item in items]


def _from_kraus(given: Any, name: str, place: str) -> Judged:
    kraus = _checks.matrix(given, name, ndim=0)
    if kraus.ndim < 3:
        raise DimensionError(
            f"Parameter `{name}` must give Kraus operators of shape (..., K, D_out, D_in), or be a function of a "
            f"density matrix with `dims`, but gives shape {kraus.shape}."
        )
    size_out, size_in = kraus.shape[-2:]
    superop = _conversions._kron(kraus.conj(), kraus).sum(axis=-3)
    return Judged(superop, size_in, size_out, place, kraus=kraus)


def _from_function(given: Callable[[Complexes], Any], name: str, size: int | None, place: str) -> Judged:
    """Read a map off from what it does to D**2 pure states, as if it were linear."""
    if size is None:
        raise ParameterTypeError(f"Parameter `dims` must be given where `{name}` takes a density matrix, but is None.")

    def image(rho: Complexes) -> Complexes:
        found = _called(given, rho.copy(), name, f"a {size} x {size} density matrix")
        matrix = _checks.matrix(found, name)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise DimensionError(f"Parameter `{name}` must return a square matrix, but returns shape {matrix.shape}.")
        return matrix

    units = _images_of_units(image, size, name)
    size_out = units.shape[-1]
    superop = units.transpose(3, 2, 1, 0).reshape(size_out**2, size**2)
    return Judged(superop, size, size_out, place, function=image)


def _images_of_units(image: Callable[[Complexes], Complexes], size: int, name: str) -> Complexes:
    """Return the images of |i><j|, shape (i, j, D_out, D_out), from those of |i>, (|i>+|j>)/√2 and (|i>+i|j>)/√2."""
    kets = np.eye(size, dtype=complex)
    own = [image(_projector(ket)) for ket in kets]
    if len({matrix.shape for matrix in own}) > 1:
        raise DimensionError(f"Parameter `{name}` must return matrices of one shape, but returns several.")
    units = np.zeros((size, size, *own[0].shape), dtype=complex)
    for i in range(size):
        units[i, i] = own[i]
        for j in range(i):
            real, turned = (image(_projector(kets[i] + phase * kets[j]) / 2) for phase in (1, 1j))
            both = (own[i] + own[j]) / 2
            units[i, j] = real - both + 1j * (turned - both)
            units[j, i] = real - both - 1j * (turned - both)
    return units


def _projector(ket: Complexes) -> Any:
    return np.outer(ket, ket.conj())


def _called(function: Callable[[Any], Any], argument: Any, name: str, kind: str) -> Any:
    """Call what a user gave; what it raises is told in the caller's words unless this library raised it."""
    try:
        return function(argument)
    except Exception as error:
        if type(error).__module__ == errors.__name__:
            raise
        raise ParameterTypeError(
            f"Parameter `{name}` must be a function of {kind}, but raises {type(error).__name__}: {error}"
        ) from error


def lindblad_family(lindblad: Any) -> Family:
    """Return the evolution under a pair (hamiltonian or None, jumps) as a function of the duration."""
    if not isinstance(lindblad, tuple | list) or len(lindblad) != 2:
        raise ParameterTypeError(
            f"Parameter `lindblad` must be a pair (hamiltonian or None, jumps), but is {lindblad!r:.80}."
        )
    hamiltonian, jumps = lindblad
    listed = isinstance(jumps, Sequence | np.ndarray) and len(jumps) > 0
    dims: Dims | None = np.shape(jumps[0] if hamiltonian is None and listed else hamiltonian)[-1:] or None

    def channel(duration_s: float) -> Channel:
        return Channel.from_lindblad(hamiltonian, jumps, duration_s=duration_s, dims=dims)

    return family(channel, "lindblad", None, True)


def adjoint(matrix: Complexes) -> Any:
    """Return the conjugate transpose of the last two axes."""
    return matrix.conj().swapaxes(-1, -2)


def skewness(m: Judged) -> Any:
    """Return how far Hermitian matrices are from staying so, shape (...)."""
    return np.abs(m.choi - adjoint(m.choi)).max(axis=(-1, -2))


def negativity(m: Judged) -> Any:
    """Return how far the smallest eigenvalue of the Choi matrix lies below 0, shape (...)."""
    return -np.linalg.eigvalsh((m.choi + adjoint(m.choi)) / 2)[..., 0]


def trace_gap(m: Judged) -> Any:
    """Return how far traces are from staying the same, shape (...)."""
    return np.abs(m.kept_trace - np.eye(m.size_in)).max(axis=(-1, -2))


def trace_gain(m: Judged) -> Any:
    """Return the largest relative gain of trace, shape (...)."""
    return np.linalg.eigvalsh(m.kept_trace)[..., -1] - 1


def mixed_gap(m: Judged) -> Any:
    """Return how far the image of 1/D_in is from 1/D_out, times D_out, shape (...)."""
    image = m.size_out * m(np.eye(m.size_in)[None] / m.size_in)[..., 0, :, :]
    return np.abs(image - np.eye(m.size_out)).max(axis=(-1, -2))


def expansion(m: Judged, states: Complexes) -> Any:
    """Return by how much the trace distance of pairs of states grows at most, shape (...)."""
    differences = states[::2] - states[1::2]
    before, after = (np.abs(np.linalg.eigvalsh(d)).sum(axis=-1) / 2 for d in (differences, m(differences)))
    return (after - before).max(axis=-1)


def nonlinearity(m: Judged, states: Complexes) -> Any:
    """Return how far states go from where the pure states, by which a function is known, say; a number."""
    images = m(states) if m.function is None else np.array([m.function(rho) for rho in states])
    return np.abs(images - m(states)).max()
