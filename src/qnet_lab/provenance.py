"""Where the numbers of a scenario come from, and how a dataset says so."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from qnet_channels import Quantity

from .builds import build
from .schema import Scenario, ScenarioError, Source, Span, Table

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["described", "graded", "kind_of", "labelled", "numbers_of", "reported", "unit_of", "weak_numbers"]

# units by the end of a name, those that end others first
_UNITS: Mapping[str, str] = {
    "_per_km_nm": "1/(km nm)",
    "_db_per_km": "dB/km",
    "_s_per_km": "s/km",
    "_bit_per_s": "bit/s",
    "_dbm": "dBm",
    "_db": "dB",
    "_hz": "1/s",
    "_km": "km",
    "_nm": "nm",
    "_m": "m",
    "_deg": "deg",
    "_urad": "urad",
    "_rad": "rad",
    "_w": "W",
    "_ms": "ms",
    "_us": "us",
    "_ns": "ns",
    "_ps": "ps",
    "_bit": "bit",
    "_s2": "s^2",
    "_s": "s",
}
_MEASURED = "reported."  # numbers that are drawn for comparison and enter no formula


def unit_of(name: str) -> str:
    """Return the unit that a name ends with, "1" where it names none.

    >>> unit_of("fiber.attenuation_db_per_km"), unit_of("window_s"), unit_of("visibility")
    ('dB/km', 's', '1')
    """
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "1")


def described(name: str) -> dict[str, str]:
    """Return the attributes of a variable whose name is all that is known of it.

    >>> described("waiting_time_s")
    {'units': 's', 'long_name': 'waiting time'}
    """
    ending = next((ending for ending in _UNITS if name.endswith(ending)), "")
    return {"units": unit_of(name), "long_name": name.removesuffix(ending).replace("_", " ") or name}


def graded(scenario: Scenario, key: str, value: float, unit: str) -> Quantity:
    """Return a number that the scenario gives, with its source; a source that is a text alone has grade A."""
    source = scenario.sources.get(key, "given in the scenario")
    if isinstance(source, Source):
        return Quantity(float(value), unit, source.grade, source.source)
    return Quantity(float(value), unit, "A", source)


def _numbers(table: Table, prefix: str) -> Iterator[tuple[str, float, Any]]:
    """Yield key, number and default of every number of a table and the tables in it; sweeps are none."""
    for field in msgspec.structs.fields(table):
        value, key = getattr(table, field.name), prefix + field.name
        if isinstance(value, Table) and not isinstance(value, Span) and field.name != "sweep":
            yield from _numbers(value, f"{key}.")
        elif isinstance(value, dict) and field.name != "sources":
            for name, item in value.items():
                yield from _numbers(item, f"{key}.{name}.")
        elif isinstance(value, tuple):
            yield from ((f"{key}[{k}]", item, None) for k, item in enumerate(value) if not isinstance(item, str))
        elif isinstance(value, float | int) and not isinstance(value, bool):
            yield key, value, field.default


def _named(key: str) -> str:
    """Return the key under which a number has its source: numbers that belong together have one."""
    return re.sub(r"\[\d+\]$", "", key)


def numbers_of(scenario: Scenario) -> dict[str, Quantity]:
    """Return every number of a scenario by its key, with unit, grade and source.

    A number without a source that has its default value counts as a default. Units are those that the names end with.
    """
    found = {}
    for key, value, default in _numbers(scenario, ""):
        named = _named(key)
        own = named in scenario.sources or value != default
        unit = unit_of(named)
        found[key] = graded(scenario, named, value, unit) if own else Quantity(float(value), unit, "A", "default")
    known = dict.fromkeys(map(_named, found))
    for key in scenario.sources:
        if key not in known:
            raise ScenarioError(
                f"Scenario `{scenario.title}`: key `sources`: expected only {', '.join(known)}, but it has {key!r}."
            )
    return found


def _writable(value: Any) -> Any:
    """Return nested values with infinities as text, for which JSON has no number."""
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return str(value) if value == float("inf") else value


def _written(scenario: Scenario) -> Any:
    """Return a scenario as tables in the order of its file, with numbers as they are after reading: a default 0 is 0.0."""
    return msgspec.to_builtins(msgspec.convert(msgspec.to_builtins(scenario), type(scenario)))


def labelled(
    dataset: "xr.Dataset", scenario: Scenario, numbers: Mapping[str, Quantity], labels: Mapping[str, tuple[str, str]]
) -> "xr.Dataset":
    """Add unit and name of every variable and coordinate, and where everything comes from."""
    for name, (unit, text) in labels.items():
        dataset[name].attrs = {"units": unit, "long_name": text}
    dataset.attrs = {
        "title": scenario.title,
        "scenario": json.dumps(_writable(_written(scenario))),
        "parameters": json.dumps(
            {key: {**msgspec.to_builtins(q), "value": repr(q.value)} for key, q in numbers.items()}, sort_keys=True
        ),
        **build(),
        **_seeds(scenario),
    }
    return dataset


def _seeds(scenario: Scenario) -> dict[str, str]:
    """Return the attribute with the seeds of a scenario, by their keys; none where nothing is left to chance."""
    seeds = {key: value for key, value, _ in _numbers(scenario, "") if key.rpartition(".")[2] == "seed"}
    return {"seed_entropy": json.dumps(seeds, sort_keys=True)} if seeds else {}


def kind_of(dataset: "xr.Dataset") -> str:
    """Return the kind of the scenario that a dataset was computed from."""
    return str(json.loads(dataset.attrs["scenario"]).get("kind", "chain"))


def weak_numbers(dataset: "xr.Dataset") -> str:
    """Say how many of the numbers that were computed with are assumed or remembered rather than read in a source."""
    numbers = json.loads(dataset.attrs["parameters"]).items()
    used = [number for key, number in numbers if number["source"] != "default" and not key.startswith(_MEASURED)]
    weak = sum(number["grade"] in "AM" for number in used)
    return f"{weak} of {len(used)} hardware numbers are assumed or unverified"


def reported(dataset: "xr.Dataset", name: str) -> float | None:
    """Return a number of the table ``reported``, which a figure draws for comparison; None where there is none."""
    number = json.loads(dataset.attrs["parameters"]).get(_MEASURED + name)
    return None if number is None else float(number["value"])
