"""The table of a fibre in scenario files: the fields of ``Fiber``, or a kind of fibre in place of what its sheet knows."""

import inspect
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from qnet_channels import Fiber, Quantity, fiber_kind, fiber_kinds

from .axes import Axes, arguments
from .provenance import unit_of
from .schema import ScenarioError, Table
from .signatures import Field, table_of

__all__ = ["fiber_fields", "fiber_numbers", "fiber_table"]

_OF_KIND = {"attenuation_db_per_km": "attenuation", "group_index": "group_index"}
_KIND = Annotated[
    str | None, msgspec.Meta(description="A kind of fibre, from whose sheet the rest is: see fiber_kinds.")
]


def fiber_table(module: str, *, sweeps: bool = True, more: Iterable[Field] = ()) -> type[Table]:
    """Return the table of a fibre; what its kind may give need not be given."""
    return table_of(Fiber, module, sweeps=sweeps, optional=_OF_KIND, more=[("kind", _KIND, None), *more])


def fiber_fields(table: Table, axes: Axes, key: str = "fiber") -> dict[str, Any]:
    """Return the fields of a fibre from its table, whose key this is, each axis along its own dimension."""
    own = arguments(table, f"{key}.", axes)
    own.pop("kind", None)
    return {name: number.value for name, number in _lacking(table, key).items()} | own


def fiber_numbers(table: Table | None, key: str = "fiber") -> dict[str, Quantity]:
    """Return the numbers of a fibre that its table does not give itself, by their keys."""
    return {} if table is None else {f"{key}.{name}": number for name, number in _lacking(table, key).items()}


def _lacking(table: Any, key: str) -> dict[str, Quantity]:
    """Return what the sheet of the kind knows and the table does not give; without a kind, the defaults of ``Fiber``."""
    lacking = [name for name in _OF_KIND if getattr(table, name) is None]
    if table.kind is None:
        defaults = inspect.signature(Fiber).parameters
        return {name: Quantity(defaults[name].default, unit_of(name), "A", "default") for name in lacking}
    if table.kind not in fiber_kinds():
        raise ScenarioError(f"key `{key}.kind`: expected one of {', '.join(fiber_kinds())}, but it is {table.kind!r}.")
    sheet = fiber_kind(table.kind)
    numbers = {name: getattr(sheet, _OF_KIND[name]) for name in lacking}
    return {
        name: msgspec.structs.replace(number, source=f"fibre {sheet.name}: {number.source}")
        for name, number in numbers.items()
    }
