"""Results made again: the scenario that a result file holds, and whether the numbers are the same as before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .builds import build
from .evaluation import KINDS
from .schema import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["agreement", "build_differences", "read_result", "stored_scenario"]


def read_result(path: Path) -> "xr.Dataset":
    """Return the dataset of a result file, or refuse the file in the user's words.

    Raises
    ------
    ScenarioError
        Where the file can't be read, is no NetCDF, or isn't the result of a scenario.
    """
    import xarray as xr

    try:
        path.open("rb").close()  # says why it can't, in the system's words
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            dataset = stored.load()
    except (OSError, ValueError, KeyError) as error:
        reason = getattr(error, "strerror", None) or "it is no NetCDF file, or damaged"
        raise ScenarioError(f"Result `{path}` can't be read: {reason}.") from None
    if "scenario" not in dataset.attrs:
        raise ScenarioError(f"Result `{path}` doesn't say from which scenario it was computed.")
    if "axes" in dataset.attrs:
        raise ScenarioError(
            f"Result `{path}` is a sweep over {dataset.attrs['axes']}, which only `qnet sweep` computes."
        )
    return dataset


def stored_scenario(dataset: "xr.Dataset") -> Scenario:
    """Return the scenario that a dataset was computed from.

    >>> from qnet_lab import evaluate_scenario, load_scenario
    >>> scenario = load_scenario("fibre_or_satellite")
    >>> stored_scenario(evaluate_scenario(scenario)) == scenario
    True
    """
    made_by = dataset.attrs.get("version", "another version")
    try:
        raw = json.loads(dataset.attrs["scenario"])
        struct = KINDS[raw.get("kind", "chain")].scenario
        scenario = msgspec.convert(_with_infinities(raw, struct), struct)
    except (ValueError, KeyError, AttributeError) as error:
        raise ScenarioError(
            f"The scenario in the result, made by {made_by}, doesn't fit this version: {error}."
        ) from None
    if problem := scenario.problem():
        raise ScenarioError(f"The scenario in the result, made by {made_by}: {problem}")
    return scenario


def _with_infinities(table: dict[str, Any], struct: type[Scenario], prefix: str = "") -> dict[str, Any]:
    """Return the tables with numbers where infinity had to be written as a text."""

    def number(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _with_infinities(value, struct, f"{key}.")
        if isinstance(value, list):
            return [number(key, item) for item in value]
        return float(value) if value == "inf" and struct.is_infinite_at(key) else value

    return {name: number(prefix + name, value) for name, value in table.items()}


def build_differences(dataset: "xr.Dataset") -> Iterator[str]:
    """Yield what was different when the dataset was made: "numpy was 2.4.6 and is 2.5.0"."""
    now = _flat(build())
    then = _flat({name: dataset.attrs.get(name, "unknown") for name in build()})
    for name, text in now.items():
        before = then.get(name, "unknown")
        if before != text:
            yield f"{name} was {before[:24]} and is {text[:24]}"


def _flat(attributes: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of a build with each library by itself."""
    libraries = attributes["libraries"]
    return {k: str(v) for k, v in attributes.items() if k != "libraries"} | (
        json.loads(libraries) if libraries.startswith("{") else {}
    )


def agreement(before: "xr.Dataset", now: "xr.Dataset", *, same_bytes: bool) -> tuple[bool, str]:
    """Return whether two results have the same numbers, and say how far they agree."""
    if same_bytes:
        return True, "the same bytes as"
    if before.equals(now):
        return True, "the same numbers, made by another version, as"
    return False, "OTHER NUMBERS than"
