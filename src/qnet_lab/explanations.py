"""What is wrong in a scenario file, by the key where it is wrong and with what is there."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from .schema import Table

__all__ = ["explained"]


def explained(message: str, raw: Any, hint: Any, prefix: str = "") -> str:
    """Return msgspec's message on why ``raw`` is not of a type, with the key and the value; ``prefix`` stands before keys."""
    what, _, where = message.partition(" - at ")
    path = where.strip("`").removeprefix("$").removeprefix(".")
    if "[...]" in path:
        return _explained_entry(path.partition("[...]")[0], raw, hint, prefix)
    what, value = (
        what.replace("Object missing required field", "lacks the key").replace(" | null", ""),
        _value_at(raw, path),
    )
    if "unknown field" in what:
        known = ", ".join(_keys(_chosen(_hint_at(hint, path, raw), value)))
        what = what.replace("Object contains unknown field", "has an unknown key") + f" (known are {known})"
    elif what.startswith("Invalid value") and (tags := _tags(hint, path, raw)):
        what = f"expected one of {', '.join(tags)}"
    elif what.startswith("Invalid enum value"):
        what = f"expected {_allowed(_hint_at(hint, path, raw))}"
    key = (prefix + path).rstrip(".")
    place = f"key `{key}`" if key else "the file"
    return f"{place}: {what}." if "key" in what else f"{place}: {what}, but it is {value!r}."


def _explained_entry(path: str, raw: Any, hint: Any, prefix: str) -> str:
    """Explain the first wrong one of the entries whose names the file chooses."""
    table = _bare(_hint_at(hint, path, raw))
    kind = get_args(table)[1]
    for name, value in _value_at(raw, path).items():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            return explained(str(error), value, kind, f"{prefix}{path}.{name}.")
    return f"key `{prefix}{path}`: expected {table}."


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _tables(hint: Any) -> Iterator[type[Table]]:
    """Yield the tables that a type allows."""
    if isinstance(hint, type) and issubclass(hint, Table):
        yield hint
    for argument in get_args(hint):
        yield from _tables(argument)


def _chosen(hint: Any, raw: Any) -> type[Table]:
    """Return the table that a type allows, of several the one whose tag the file gives, or the first one."""
    tables, given = list(_tables(hint)), raw if isinstance(raw, dict) else {}
    tagged = (table for table in tables if _tag(table)[1] == given.get(_tag(table)[0], ""))
    return next(tagged, tables[0])


def _tag(table: type[Table]) -> tuple[str | None, Any]:
    """Return the key by which a table is told from others, and its value there."""
    return table.__struct_config__.tag_field, table.__struct_config__.tag


def _hint_at(hint: Any, path: str, raw: Any) -> Any:
    """Return the type of what stands at a path."""
    for part in filter(None, re.sub(r"\[\d+\]", "", path).split(".")):
        hint = get_type_hints(_chosen(hint, raw), include_extras=True)[part]
        raw = raw.get(part) if isinstance(raw, dict) else None
    return hint


def _value_at(raw: Any, path: str) -> Any:
    """Return what a file has at a path of keys and positions."""
    for part in filter(None, re.split(r"\.|\[(\d+)\]", path)):
        raw = raw[int(part)] if part.isdigit() and isinstance(raw, list) else raw.get(part, {})
    return raw


def _allowed(hint: Any) -> str:
    """Return the words that a type allows, and that it may be a number."""
    parts = list(_parts(hint))
    words = ", ".join(part for part in parts if isinstance(part, str))
    return f"a number or {words}" if float in parts or int in parts else f"one of {words}"


def _parts(hint: Any) -> Iterator[Any]:
    """Yield the words and the plain types that a type allows."""
    hint = _bare(hint)
    for argument in get_args(hint):
        yield from _parts(argument)
    if not get_args(hint):
        yield hint


def _keys(table: type[Table]) -> list[str]:
    """Return the keys of a table, first the one by which it is told from others."""
    key = _tag(table)[0]
    return [*filter(None, [key]), *(field.name for field in msgspec.structs.fields(table))]


def _tags(hint: Any, path: str, raw: Any) -> list[str]:
    """Return the words that the last key of a path may be, where it tells tables apart."""
    head, _, last = path.rpartition(".")
    return [str(value) for key, value in map(_tag, _tables(_hint_at(hint, head, raw))) if key == last]
