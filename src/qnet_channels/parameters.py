"""Several parameters at one door: each in its range, all of them of shapes that broadcast."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__: list[str] = []

_RANGES: Mapping[str, Mapping[str, Any]] = {
    "signed": {},
    "positive": {"low": 0.0, "open_low": True},
    "not_negative": {"low": 0.0},
    "fractions": {"low": 0.0, "high": 1.0},
    "from_one": {"low": 1.0},
    "elevations": {"low": 0.0, "high": 90.0},
    "raised": {"low": 0.0, "high": 90.0, "open_low": True},
    "counts": {"low": 0.0},
}


def parameters(**groups: Mapping[str, ArrayLike]) -> tuple[checks.Floats, ...]:
    """Return arrays in the order given; a group's name says in which range its parameters lie.

    ``parameters(positive={"waist_m": waist_m}, signed={"offset_m": offset_m})``
    """
    found = {name: _number(value, name, group) for group, named in groups.items() for name, value in named.items()}
    checks.broadcast_parameters(found)
    return tuple(found.values())


def freeze(device: object, **groups: Sequence[str]) -> None:
    """Replace the fields of a frozen dataclass by arrays that can't be written to, after the same checks."""
    names = [name for group in groups.values() for name in group]
    named = {group: {name: getattr(device, name) for name in fields} for group, fields in groups.items()}
    for name, value in zip(names, parameters(**named), strict=True):
        object.__setattr__(device, name, checks.frozen(value))


def runs(values: Sequence[checks.Floats], batch: checks.Dims) -> tuple[list[checks.Floats], checks.Ints]:
    """Return each as a flat array for a kernel, with the step from point to point: 0 where one number serves all."""
    flat = [value if value.shape in ((), batch) else np.broadcast_to(value, batch) for value in values]
    steps = [int(bool(value.shape)) for value in flat]
    return [np.ascontiguousarray(value).reshape(-1) for value in flat], np.array(steps)


def choice(value: object, name: str, allowed: Sequence[str]) -> None:
    """Refuse what is not one of these words."""
    if not isinstance(value, str) or value not in allowed:
        raise ParameterError(f"Parameter `{name}` must be one of {', '.join(allowed)}, but is {value!r}.")


def _number(value: ArrayLike, name: str, group: str) -> checks.Floats:
    array = checks.real(value, name, **_RANGES[group])
    if group == "counts" and (broken := array != np.round(array)).any():
        at = np.argwhere(broken)[0]
        raise ParameterError(f"Parameter `{name}` must be a whole number, but is {array[tuple(at)]:.12g}.")
    return array
