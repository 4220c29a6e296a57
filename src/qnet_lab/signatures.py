"""Tables of scenario files made from functions: keys, types and defaults are those of the signature, and stand nowhere else."""

import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Union, cast

import msgspec
from numpy.typing import ArrayLike

from .schema import Numbers, Span, Table

__all__ = ["function_of", "one_of", "table_of"]

Field = tuple[str, Any] | tuple[str, Any, Any]
_SEVERAL = tuple[float, ...]  # numbers that belong together; a list is an axis
_TYPES: Mapping[Any, Any] = {
    ArrayLike: Numbers,
    ArrayLike | None: Numbers | None,
    ArrayLike | Sequence[ArrayLike]: _SEVERAL,
    Sequence[ArrayLike]: _SEVERAL,
    Sequence[float]: _SEVERAL,
    Sequence[float] | None: _SEVERAL | None,
    Sequence[int]: tuple[int, ...],
    Sequence[str]: tuple[str, ...],
}
_EACH: Mapping[Any, Any] = {  # one for all, or a list with one for each
    ArrayLike | Sequence[ArrayLike]: float | Span | _SEVERAL,
    int | Sequence[int]: int | tuple[int, ...],
}
_PLAIN: Mapping[Any, Any] = {Numbers: float, Numbers | None: float | None}
_HEAD = re.compile(r"^(\w+(?:, \w+)*)(?: :.*)?$")  # the line above what is said of some parameters


def table_of(
    function: Callable[..., Any], module: str, *, leave_out: Iterable[str] = (), optional: Iterable[str] = (),
    sweeps: bool = True, more: Iterable[Field] = (), tag: tuple[str, str] | None = None, arms: Iterable[str] = (),
    each: Iterable[str] = (),
) -> type[Table]:  # fmt: skip
    """Return the table whose keys are the parameters of a function, or the fields of a device, of which files can say something.

    States and channels can't be given in a file and are left out, as is what ``leave_out`` names. ``optional`` keys need
    not be given; ``more`` keys come first. Without ``sweeps`` every number is one number. ``tag`` is the key, and its
    value, by which the table is told from others. ``arms`` are parameters that may be (left, right): what differs in the
    right arm stands in a table ``right`` in the table. ``each`` are parameters that may be one for all, or a list with one
    for each. Keys whose default is infinite need not be given. ``module`` is where the table is used, which tells tables of
    one function from one another in a schema.
    """
    told = _told(function)
    fields: list[Field] = list(more)
    for parameter in inspect.signature(function).parameters.values():
        types = _EACH if parameter.name in each else _TYPES
        hint = types.get(parameter.annotation, parameter.annotation)
        if parameter.name in leave_out or not _writable(hint):
            continue
        hint = hint if sweeps else _PLAIN.get(hint, hint)
        endless = parameter.default == math.inf  # for which JSON, and so a schema, has no number
        default = None if parameter.name in optional or endless else parameter.default
        hint = Annotated[hint | None if default is None else hint, msgspec.Meta(description=told.get(parameter.name))]
        fields.append((parameter.name, hint) if default is parameter.empty else (parameter.name, hint, default))
    title = _title(function, tag)
    if arms := tuple(arms):
        fields.append(("right", _right_arm(title, module, arms) | None, None))
    return _defined(title, module, _summary(function), fields, tag)


def _defined(
    title: str, module: str, summary: str, fields: Iterable[Field], tag: tuple[str, str] | None = None
) -> type[Table]:
    """Return a table with these keys."""
    key, value = (None, None) if tag is None else tag
    made = msgspec.defstruct(
        title,
        fields,
        bases=(Table,),
        kw_only=True,
        module=module,
        namespace={"__doc__": summary},
        tag_field=key,
        tag=value,
    )
    return cast("type[Table]", made)


def _right_arm(title: str, module: str, arms: Iterable[str]) -> type[Table]:
    """Return the table of what differs in the right arm."""
    fields = [(name, Numbers | None, None) for name in arms]
    return _defined(f"Right{title}", module, "What differs in the right arm.", fields)


def one_of(tables: Iterable[type[Table]]) -> Any:
    """Return the type of a table that may be any of these, which their tags tell apart."""
    return Union[tuple(tables)]  # noqa: UP007


def function_of(table: Table) -> str:
    """Return the name by which a table of ``one_of`` was chosen."""
    return str(type(table).__struct_config__.tag)


def _writable(hint: Any) -> bool:
    """Say whether a file can hold a value of this type."""
    try:
        msgspec.json.schema(hint)
    except TypeError:
        return False
    return True


def _bare(function: Callable[..., Any]) -> Callable[..., Any]:
    return function.func if isinstance(function, partial) else function


def _title(function: Callable[..., Any], tag: tuple[str, str] | None) -> str:
    """Return what the table is called in the schema."""
    name = _bare(function).__name__ if tag is None else tag[1]
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", name)) + "Table"


def _summary(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a function's docstring."""
    return " ".join((inspect.getdoc(_bare(function)) or "").partition("\n\n")[0].split())


def _told(function: Callable[..., Any]) -> dict[str, str]:
    """Return what a docstring says of each parameter."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in (inspect.getdoc(_bare(function)) or "").splitlines():
        if line.startswith(" ") or not line:
            for name in names:
                found[name].append(line.strip())
        else:
            head = _HEAD.match(line)
            names = head.group(1).split(", ") if head else []
            found |= {name: [] for name in names}
    return {name: " ".join(filter(None, lines)) for name, lines in found.items()}
