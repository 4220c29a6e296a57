"""What a function of a sweep returns, taken apart into arrays with names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_core import Channel, DensityMatrix
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

__all__ = ["Arrays", "Column", "Layout", "columns_of", "dimensions", "fitted", "layout_of"]


class Column(NamedTuple):
    """A variable at one point: its shape, whether it is complex, and of a state the dimensions of its subsystems."""

    shape: tuple[int, ...]
    is_complex: bool
    dims: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers: all that are real become floats, which can be NaN where a point failed."""
        return np.dtype(np.complex128 if self.is_complex else np.float64)


Layout = dict[str, Column]
Arrays = dict[str, NDArray[Any]]
Columns = dict[str, tuple[NDArray[Any], tuple[int, ...]]]


def columns_of(result: Any, axes: Collection[str]) -> Columns:
    """Return every number, array and state in a result by name, with the dimensions of states.

    A bare number is called "value" and a bare state "bloch"; what has a name in a mapping or result keeps it,
    but nothing else in the dataset may be called so.
    """
    listed = list(_columns(result, ""))
    found = dict(listed)
    if not found:
        raise ParameterTypeError(
            f"Parameter `function` must return numbers, states or results, but returned {result!r:.80}."
        )
    dims = {dim for name, column in layout_of(found).items() for dim in dimensions(name, column)}
    names = [*(name for name, _ in listed), *dims, *axes, "failed", "error"]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ParameterError(f"Parameter `function` must give its results names of their own, but {twice!r} is taken.")
    return found


def _columns(value: Any, name: str) -> Iterator[tuple[str, tuple[NDArray[Any], tuple[int, ...]]]]:
    if isinstance(value, DensityMatrix):
        yield _joined(name, "bloch"), (value.bloch, value.dims)
    elif isinstance(value, Channel):
        yield _joined(name, "transfer"), (np.asarray(value.transfer), ())
    elif (parts := _parts(value)) is not None:
        for key, part in parts.items():
            yield from _columns(part, _joined(name, key))
    else:
        yield name or "value", (_numbers(value, name), ())


def _joined(name: str, key: Any) -> str:
    if not isinstance(key, str) or not key.isidentifier():
        raise ParameterTypeError(f"Parameter `function` must name its results by words, but names one {key!r}.")
    return f"{name}_{key}" if name else key


def _parts(value: Any) -> Mapping[Any, Any] | None:
    """Return what a mapping or result holds, None where it is neither; of results only what can be kept."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type) or not (hasattr(value, "_fields") or is_dataclass(value)):
        return None
    names = value._fields if hasattr(value, "_fields") else [field.name for field in fields(value)]
    named = {name: getattr(value, name) for name in [*names, *_properties(type(value))] if name[0] != "_"}
    return {name: part for name, part in named.items() if _can_be_kept(part)}


def _properties(kind: type) -> list[str]:
    """Return the names of the properties of a class, which results compute from their fields."""
    return [name for base in reversed(kind.__mro__) for name, item in vars(base).items() if isinstance(item, property)]


def _can_be_kept(part: Any) -> bool:
    if isinstance(part, DensityMatrix | Channel) or hasattr(part, "_fields"):
        return True
    number = isinstance(part, bool | int | float | complex | np.generic | np.ndarray)
    return number and np.asarray(part).dtype.kind in "biufc" and np.size(part) > 0


def _numbers(value: Any, name: str) -> NDArray[Any]:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc" or not array.size:
        what = f"`{name}` as numbers or a state" if name else "numbers, states or results"
        raise ParameterTypeError(f"Parameter `function` must return {what}, but returned {value!r:.80}.")
    return array


def layout_of(columns: Columns) -> Layout:
    """Return the layout of the results of a point."""
    return {name: Column(array.shape, array.dtype.kind == "c", dims) for name, (array, dims) in columns.items()}


def fitted(columns: Columns, layout: Layout, batch: tuple[int, ...]) -> Arrays:
    """Return arrays whose first axes are the batch's, or refuse what does not have the layout of the other points.

    A result without the batch's axes is the same at all points.
    """
    if columns.keys() != layout.keys():
        have, wanted = (", ".join(names) for names in (columns, layout))
        raise DimensionError(f"Parameter `function` must return {wanted} at every point, but returned {have}.")
    return {name: _fitted(name, *columns[name], layout[name], batch) for name in layout}


def _fitted(
    name: str, array: NDArray[Any], dims: tuple[int, ...], column: Column, batch: tuple[int, ...]
) -> NDArray[Any]:
    wanted = batch + column.shape
    shapes_fit = array.shape in (wanted, column.shape) and dims == column.dims
    if not shapes_fit or (array.dtype.kind == "c" and not column.is_complex):
        kind = "complex" if column.is_complex else "real"
        raise DimensionError(
            f"Parameter `function` must return `{name}` as {kind} numbers of shape {wanted}, as at the first point tried, "
            f"but returned shape {array.shape} of {array.dtype}."
        )
    return (array if array.shape == wanted else np.broadcast_to(array, wanted)).astype(column.dtype)


def dimensions(name: str, column: Column) -> tuple[str, ...]:
    """Return names for the axes of a variable at one point; those of states tell operators, and states share them."""
    plain = len(column.shape) - len(column.dims)
    basis = [f"pauli_{k}" if d == 2 else f"operator_{k}_of_{d}" for k, d in enumerate(column.dims)]
    return (*(f"{name}_dim_{k}" for k in range(plain)), *basis)
