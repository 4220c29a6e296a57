"""The JSON Schema of scenario files, made from the structures that validate them."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec

from .evaluation import KINDS
from .schema import ScenarioError

__all__ = ["scenario_schema"]

_UNSAID = "chain"  # what a file without the key ``kind`` is


def scenario_schema(kind: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files of one kind, or of all.

    It is generated from the structures that ``load_scenario`` checks files with, so that an editor that has it knows every
    key, its type and its meaning. What depends on several numbers at once, or on the function behind a table, is not in a
    schema: a file that it accepts may still be refused.

    Parameters
    ----------
    kind : str, optional
        What a file's key ``kind`` says; files of every kind if not given.

    Examples
    --------
    >>> sorted(scenario_schema("reach")["properties"])[:4]
    ['fiber', 'ground', 'hollow_core', 'kind']
    >>> [choice["$ref"] for choice in scenario_schema()["anyOf"]][1]
    '#/$defs/ChainScenario'
    """
    if kind is not None and kind not in KINDS:
        raise ScenarioError(f"Parameter `kind` must be one of {', '.join(KINDS)}, but is {kind!r}.")
    names = list(KINDS) if kind is None else [kind]
    references, tables = msgspec.json.schema_components(
        [KINDS[name].scenario for name in names], ref_template="#/$defs/{name}"
    )
    tables = msgspec.json.decode(msgspec.json.encode(tables))  # lists for tuples among the defaults
    for table in tables.values():
        table["description"] = inspect.cleandoc(table["description"])
    for name, reference in zip(names, references, strict=True):
        _require_kind(tables[_name(reference)], name)
    if kind is not None:
        (reference,) = references
        return {**tables.pop(_name(reference)), "$defs": tables}
    return {"title": "Scenario", "description": "A scenario of any kind.", "anyOf": list(references), "$defs": tables}


def _name(reference: Mapping[str, Any]) -> str:
    """Return which definition is meant."""
    return str(reference["$ref"]).rpartition("/")[2]


def _require_kind(table: dict[str, Any], kind: str) -> None:
    """Ask for the key by which kinds are told apart, but of the kind that a file without it has."""
    if kind != _UNSAID:
        table["required"] = ["kind", *table.get("required", [])]
