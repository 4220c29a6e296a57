"""The only door to the kernels: convert, validate, and refuse in the caller's words."""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _kernels
from .errors import CapacityError, DimensionError, ParameterError, ParameterTypeError

Floats = NDArray[np.floating[Any]]
Complexes = NDArray[np.complexfloating[Any, Any]]
Ints = NDArray[np.integer[Any]]
Dims = tuple[int, ...]
Numbers = TypeVar("Numbers", Floats, Complexes)

ATOL = 1e-9  # how far a matrix may be from Hermitian, positive, normalized or complete
ATOL_SINGLE = 1e-6  # the same for single-precision input
_SMALL_BYTES = 1 << 26  # below this no check of free memory is made
_LONG = 512  # elements that one pass of a kernel reads faster than NumPy's two
_LARGEST = sys.float_info.max


def _numbers(value: ArrayLike, name: str, kinds: str) -> NDArray[Any]:
    """Return ``value`` as an array whose dtype is of one of the ``kinds``, and not empty."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DimensionError(f"Parameter `{name}` must be a rectangular array, but is ragged.") from error
    if array.dtype.kind not in kinds:
        wanted = "real numbers" if "c" not in kinds else "numbers"
        raise ParameterTypeError(f"Parameter `{name}` must hold {wanted}, but is {value!r:.80} ({array.dtype}).")
    if array.size == 0:
        raise DimensionError(f"Parameter `{name}` must not be empty, but has shape {array.shape}.")
    return array


def _range_text(low: float, high: float, open_low: bool) -> str:
    if low > -math.inf and high < math.inf:
        return f"must be between {low:g} and {high:g}" + (f" and not {low:g}" if open_low else "")
    if low > -math.inf:
        return f"must be {'greater than' if open_low else 'at least'} {low:g}"
    return f"must be at most {high:g}" if high < math.inf else "must be a number"


def _refuse_out_of_range(array: Floats, name: str, low: float, high: float, open_low: bool, infinite: bool) -> None:
    """Raise for the first element that is not allowed."""
    good = (array > low if open_low else array >= low) & (array <= high)
    if not infinite:
        good &= np.isfinite(array)
    at = tuple(int(i) for i in np.argwhere(~good)[0])
    where = f" (at index {at})" if at else ""
    text = _range_text(low, high, open_low) + ("" if infinite or high < math.inf else " and finite")
    raise ParameterError(f"Parameter `{name}` {text}, but is {array[at]:.12g}{where}.")


def real(
    value: ArrayLike, name: str, *, low: float = -math.inf, high: float = math.inf,
    open_low: bool = False, infinite: bool = False,
) -> Floats:  # fmt: skip
    """Return a float array with every element in [low, high]; NaN is refused, infinity unless ``infinite``."""
    if type(value) is float and (low < value < high or (value == low > -math.inf and not open_low)):
        return np.float64(value)
    array = np.asarray(_numbers(value, name, "fiu"), dtype=np.float64)
    if not _within(array, low, high, open_low, infinite):
        _refuse_out_of_range(array, name, low, high, open_low, infinite)
    return array


def _within(array: Floats, low: float, high: float, open_low: bool, infinite: bool) -> bool:
    """Say whether every element is in the range; NaN is in none."""
    if array.size > _LONG and array.flags.c_contiguous:
        least = low if infinite else max(low, -_LARGEST)
        most = high if infinite else min(high, _LARGEST)
        least = math.nextafter(least, math.inf) if open_low else least
        return _kernels.ranges.count_outside(array.reshape(-1), least, most) == 0
    least, most = array.min(), array.max()  # NaN passes through both
    inside = (least > low if open_low else least >= low) and most <= high
    return bool(inside) and (infinite or bool(most < math.inf and least > -math.inf))


def frozen(values: Floats) -> Floats:
    """Return a copy that can't be written to, for the fields of devices."""
    copy = np.array(values)
    copy.flags.writeable = False
    return copy


def probability(value: ArrayLike, name: str) -> Floats:
    """Return a float array of probabilities."""
    return real(value, name, low=0.0, high=1.0)


def matrix(value: ArrayLike, name: str, ndim: int = 2) -> Complexes:
    """Return a finite complex array of at least ``ndim`` axes."""
    array = np.asarray(_numbers(value, name, "fiuc"), dtype=np.complex128)
    if array.ndim < ndim:
        raise DimensionError(f"Parameter `{name}` must have at least {ndim} axes, but has shape {array.shape}.")
    if not np.isfinite(array).all():
        raise ParameterError(f"Parameter `{name}` must be finite, but holds NaN or infinity.")
    return array


def rectangle(value: ArrayLike, name: str, rows: int, cols: int) -> Complexes:
    """Return a finite complex array of shape (..., rows, cols)."""
    return require_shape(matrix(value, name), name, rows, cols)


def square(value: ArrayLike, name: str, size: int | None = None) -> Complexes:
    """Return a finite complex array of shape (..., D, D)."""
    array = matrix(value, name)
    side = array.shape[-1] if size is None else size
    return require_shape(array, name, side, side)


def require_shape(array: Numbers, name: str, rows: int, cols: int) -> Numbers:
    """Return the array if its last two axes are ``rows`` and ``cols``."""
    if array.shape[-2:] != (rows, cols):
        raise DimensionError(f"Parameter `{name}` must have shape (..., {rows}, {cols}), but has shape {array.shape}.")
    return array


def tolerance(value: Any) -> float:
    """Return how far from exact the input may be, by the precision it came in."""
    dtype = np.asarray(value).dtype
    return ATOL_SINGLE if dtype in (np.complex64, np.float32, np.float16) else ATOL


def flag(value: Any, name: str) -> bool:
    """Return True or False, and refuse what only counts as one."""
    if not isinstance(value, bool | np.bool_):
        raise ParameterTypeError(f"Parameter `{name}` must be True or False, but is {value!r}.")
    return bool(value)


def integer(value: Any, name: str, low: int, high: float = math.inf) -> int:
    """Return a Python integer in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ParameterTypeError(f"Parameter `{name}` must be an integer, but is {value!r}.")
    if not low <= value <= high:
        raise ParameterError(f"Parameter `{name}` {_range_text(low, high, False)}, but is {value}.")
    return int(value)


def shape(value: int | Sequence[int], name: str) -> Dims:
    """Return a batch shape; no axis may be empty."""
    if not isinstance(value, int | np.integer | Sequence | np.ndarray) or isinstance(value, str):
        raise ParameterTypeError(f"Parameter `{name}` must be an integer or a sequence of integers, but is {value!r}.")
    sizes = (value,) if isinstance(value, int | np.integer) else tuple(value)
    return tuple(integer(size, name, 1) for size in sizes)


def dims(value: int | Sequence[int], name: str = "dims") -> Dims:
    """Return subsystem dimensions; an integer is one subsystem."""
    if isinstance(value, int | np.integer):
        value = (int(value),)
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        raise ParameterTypeError(f"Parameter `{name}` must be a sequence of dimensions, but is {value!r}.")
    for d in value:
        if isinstance(d, bool) or not isinstance(d, int | np.integer) or d < 2:
            raise DimensionError(f"Parameter `{name}` must hold dimensions of at least 2, but is {tuple(value)}.")
    return tuple(int(d) for d in value)


def dims_or_nothing(value: int | Sequence[int], name: str) -> Dims:
    """Return subsystem dimensions, of which there may be none."""
    return () if isinstance(value, Sequence) and len(value) == 0 else dims(value, name)


def qubits_or(value: int | Sequence[int] | None, size: int, name: str, other: Dims = ()) -> Dims:
    """Return dimensions whose product is ``size``: the given ones, or ``other`` if they fit, or all qubits."""
    if value is None and math.prod(other) == size:
        return other
    if value is None:
        count = size.bit_length() - 1
        if size < 1 or 1 << count != size:
            raise DimensionError(f"Parameter `{name}` must be given where the size {size} is no power of 2.")
        return (2,) * count
    given = dims_or_nothing(value, name)
    if math.prod(given) != size:
        raise DimensionError(f"Parameter `{name}` must have the product {size} of the matrix, but is {given}.")
    return given


def subsystems(on: int | Sequence[int], count: int, name: str = "on") -> tuple[int, ...]:
    """Return distinct subsystem indices below ``count``."""
    if isinstance(on, str) or not isinstance(on, int | np.integer | Sequence | range | np.ndarray):
        raise ParameterTypeError(f"Parameter `{name}` must be an integer or a sequence of integers, but is {on!r}.")
    chosen = (
        (on,) if isinstance(on, int | np.integer) else tuple(np.atleast_1d(on) if isinstance(on, np.ndarray) else on)
    )
    for k in chosen:
        if isinstance(k, bool) or not isinstance(k, int | np.integer):
            raise ParameterTypeError(f"Parameter `{name}` must hold integers, but is {on!r}.")
        if not 0 <= k < count:
            raise DimensionError(f"Parameter `{name}` must lie between 0 and {count - 1}, but is {on}.")
    if len(set(chosen)) < len(chosen):
        raise DimensionError(f"Parameter `{name}` must name each subsystem once, but is {on}.")
    return tuple(int(k) for k in chosen)


def broadcast(**shapes: tuple[int, ...]) -> Dims:
    """Return the common batch shape, or say which batches don't fit."""
    distinct = {value for value in shapes.values() if value}
    if len(distinct) < 2:
        return distinct.pop() if distinct else ()
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        text = ", ".join(f"`{name}` {value}" for name, value in shapes.items())
        raise DimensionError(f"Batch shapes must broadcast, but are {text}.") from None


def broadcast_parameters(values: Mapping[str, Floats]) -> Dims:
    """Return the common shape of parameters, or say which don't fit."""
    return broadcast(**{name: value.shape for name, value in values.items()})


def _available_bytes() -> float:
    """Return how much memory a new array may take, as far as the system tells."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return 1024.0 * int(line.split()[1])
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (OSError, ValueError, AttributeError):
        return math.inf


def plain(values: Any) -> Floats:
    """Return an array, or a NumPy scalar where there are no axes, which can be formatted and rounded."""
    return cast("Floats", np.asarray(values)[()])


def capacity(count: int, what: str, itemsize: int = 8) -> None:
    """Refuse an array of ``count`` elements that would not fit, before it is allocated."""
    needed = count * itemsize
    if needed > _SMALL_BYTES and needed > (free := _available_bytes()):
        raise CapacityError(f"{what} would need {needed / 1e9:.3g} GB, but {free / 1e9:.3g} GB are available.")
