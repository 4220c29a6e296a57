"""Scenario files: what hardware, over which distances, with how many repeaters."""

import math
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from qnet_channels import presets

__all__ = ["Scenario", "ScenarioError", "load_scenario", "shipped_scenarios"]

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Distance = Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)]  # km, from a millimetre up


class ScenarioError(ValueError):
    """A scenario file is wrong: the message names the file, the key, what is allowed and what is there."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a scenario file: unknown keys are refused; None stands for the platform's number or the default."""


class Link(_Table, frozen=True):
    """How two neighbours are entangled by their photons meeting half-way."""

    scheme: Literal["single-click", "double-click"]
    photon_detection_probability: Probability | None = None
    frequency_conversion_efficiency: Probability | None = None
    bright_population: Probability | None = None
    visibility: Probability | None = None
    phase_std_rad: NotNegative | None = None
    dark_count_probability: Probability | None = None
    number_resolving: bool = False
    preparation_s: NotNegative | None = None
    multiplexing: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None


class FiberTable(_Table, frozen=True):
    """The fibre between neighbours and from each to the midpoint."""

    attenuation_db_per_km: NotNegative | None = None
    insertion_loss_db: NotNegative | None = None
    group_index: Annotated[float, msgspec.Meta(ge=1)] | None = None


class MemoryTable(_Table, frozen=True):
    """The memories: times may be infinite; ``retrieval_efficiency`` is that of memories that give back photons."""

    t1_s: Positive | None = None
    t2_s: Positive | None = None
    excited_population: Probability | None = None
    swap_in_fidelity: Annotated[float, msgspec.Meta(ge=0.5, le=1)] | None = None
    retrieval_efficiency: Probability | None = None


class StationTable(_Table, frozen=True):
    """The Bell measurement of every repeater; fidelities are average gate fidelities."""

    gate_fidelity: Annotated[float, msgspec.Meta(ge=0.25, le=1)] | None = None
    readout_error: Probability | None = None
    success_probability: Probability | None = None


class Direct(_Table, frozen=True):
    """Direct transmission, for comparison: signals sent per second."""

    repetition_rate_hz: Positive | None = None


class Grid(_Table, frozen=True):
    """Evenly spaced distances."""

    start: Distance
    stop: Distance
    num: Annotated[int, msgspec.Meta(ge=2, le=10_000_000)]


class Sweep(_Table, frozen=True):
    """Where the curve is computed: end-to-end distances, and numbers of repeaters."""

    distances_km: Grid | Annotated[list[Distance], msgspec.Meta(min_length=1)]
    repeaters: Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=4095)]], msgspec.Meta(min_length=1)]


class Scenario(_Table, frozen=True):
    """A scenario. Numbers of ``platform`` (a preset's name) stand in for those that are not given.

    ``sources`` says for each number that the file gives, by its key such as "link.visibility", where it is from.
    """

    title: str
    link: Link
    sweep: Sweep
    platform: str | None = None
    fiber: FiberTable = FiberTable()
    memory: MemoryTable = MemoryTable()
    station: StationTable = StationTable()
    direct: Direct = Direct()
    sources: dict[str, str] = {}


def shipped_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    >>> shipped_scenarios()
    ('eu_yso', 'ion_sr88_ca43', 'nv_delft')
    """
    folder = files(__package__).joinpath("scenarios")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


_TABLES: dict[str, type[_Table]] = {
    "": Scenario,
    "link": Link,
    "fiber": FiberTable,
    "memory": MemoryTable,
    "station": StationTable,
    "direct": Direct,
    "sweep": Sweep,
    "sweep.distances_km": Grid,
}


def _read(scenario: str | Path) -> tuple[str, str]:
    """Return the name and text of a shipped scenario or of a file."""
    if str(scenario) in shipped_scenarios():
        return str(scenario), files(__package__).joinpath(f"scenarios/{scenario}.toml").read_text(encoding="utf-8")
    path = Path(scenario)
    try:
        return path.name, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        known = ", ".join(shipped_scenarios())
        raise ScenarioError(f"Scenario `{scenario}` can't be read ({reason}); shipped scenarios are {known}.") from None


def load_scenario(scenario: str | Path) -> Scenario:
    """Return the scenario of a TOML file, or a shipped one by its name.

    Raises
    ------
    ScenarioError
        Where the file can't be read, is no TOML, has an unknown key, lacks one, or holds a value
        of the wrong kind or out of range.
    """
    name, text = _read(scenario)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"Scenario `{name}` is not valid TOML: {error}.") from None
    try:
        loaded = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"Scenario `{name}`: {_explain(str(error), raw)}") from None
    _check_numbers(name, raw)
    return _check_meaning(name, loaded)


def _explain(message: str, raw: dict[str, Any]) -> str:
    """Add the key and the value to msgspec's message."""
    what, _, where = message.partition(" - at ")
    key = re.sub(r"^\$\.?|\[\.\.\.\]", "", where.strip("`"))
    what = what.replace("Object missing required field", "lacks the key").replace(" | null", "")
    if "unknown field" in what:
        known = ", ".join(field.name for field in msgspec.structs.fields(_TABLES[key]))
        what = what.replace("Object contains unknown field", "has an unknown key") + f" (known are {known})"
    value: Any = raw
    for part in filter(None, re.split(r"\.|\[(\d+)\]", key)):
        value = value[int(part)] if part.isdigit() and isinstance(value, list) else value.get(part, {})
    place = f"key `{key}`" if key else "the file"
    return f"{place}: {what}." if "key" in what else f"{place}: {what}, but it is {value!r}."


def _check_numbers(name: str, table: dict[str, Any], prefix: str = "") -> None:
    """Refuse NaN, and infinities other than memory times, which TOML can write."""
    for key, value in table.items():
        if isinstance(value, dict):
            _check_numbers(name, value, f"{prefix}{key}.")
        for number in value if isinstance(value, list) else [value]:
            endless = (
                isinstance(number, float) and math.isinf(number) and prefix + key not in ("memory.t1_s", "memory.t2_s")
            )
            if endless or number != number:
                raise ScenarioError(
                    f"Scenario `{name}`: key `{prefix}{key}`: expected a finite number, but it is {number}."
                )


def _check_meaning(name: str, scenario: Scenario) -> Scenario:
    """Refuse what no single key shows."""
    if scenario.platform is not None and scenario.platform not in presets():
        known = ", ".join(presets())
        raise ScenarioError(
            f"Scenario `{name}`: key `platform`: expected one of {known}, but it is {scenario.platform!r}."
        )
    grid = scenario.sweep.distances_km
    if isinstance(grid, Grid) and grid.stop <= grid.start:
        raise ScenarioError(
            f"Scenario `{name}`: key `sweep.distances_km.stop`: expected more than start = {grid.start}, but it is {grid.stop}."
        )
    if len(set(scenario.sweep.repeaters)) < len(scenario.sweep.repeaters):
        raise ScenarioError(
            f"Scenario `{name}`: key `sweep.repeaters`: expected each number once, but it is {scenario.sweep.repeaters}."
        )
    return scenario
