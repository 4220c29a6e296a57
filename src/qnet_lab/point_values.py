"""Numbers of a chain that differ from point to point, by the keys of its file and checked as the file is."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, get_args

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .hardware import NUMBERS, refuse_idle, require_physical_times, resolve
from .kinds.chain import ChainScenario, Place
from .schema import Scenario, ScenarioError, points

__all__ = [
    "POINT_KEYS",
    "Floats",
    "Number",
    "all_numbers",
    "allowed",
    "checked_values",
    "places",
    "refusal",
    "require_known",
]

Floats = NDArray[Any]
Number = float | Floats
_CHAIN = ("chain.cutoff_s", "chain.distillation")
_PLACE = ("distance_km", "repeaters")
POINT_KEYS = (*_PLACE, *NUMBERS, *_CHAIN)  # that may have a value for each point


@cache
def _type_of(key: str) -> Any:
    """Return what the file allows for a key."""
    table, _, name = key.rpartition(".")
    struct = {field.name: field.type for field in msgspec.structs.fields(ChainScenario)}[table] if table else Place
    return {field.name: field.type for field in msgspec.structs.fields(struct)}[name]


def allowed(key: str) -> tuple[float, float]:
    """Return the least and the greatest value that the file may have."""
    metas = [meta for part in get_args(_type_of(key)) for meta in getattr(part, "__metadata__", ())]
    least = next((bound for meta in metas for bound in (meta.ge, meta.gt) if bound is not None), -np.inf)
    return least, next((meta.le for meta in metas if meta.le is not None), np.inf)


def _is_whole(key: str) -> bool:
    return isinstance(msgspec.convert(1, _type_of(key)), int)


def checked_values(scenario: ChainScenario, values: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """Return arrays by key, all of them within the limits of the file, or refuse them in its words."""
    found = {key: _checked(scenario, key, value) for key, value in values.items()}
    if "repeaters" in found and (problem := scenario.misfit("repeaters", np.unique(found["repeaters"]).tolist())):
        raise ScenarioError(f"Scenario `{scenario.title}`: {problem}")
    return found


def _checked(scenario: ChainScenario, key: str, value: ArrayLike) -> Floats:
    require_known(scenario, key)
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not array.size:
        raise refusal(scenario, key, "expected numbers", value)
    refuse_idle(scenario, key, array.flat[0])
    whole = _is_whole(key)
    for number in _extremes(array, whole):
        if number != number or (abs(number) == np.inf and key not in scenario.may_be_infinite):
            raise refusal(scenario, key, "expected a finite number", number)
        try:
            msgspec.convert(number, _type_of(key))
        except msgspec.ValidationError as error:
            raise refusal(scenario, key, str(error).replace(" | null", ""), number) from None
    return array.astype(np.int64 if whole else np.float64)


def _extremes(array: Floats, whole: bool) -> Iterator[float]:
    """Yield the numbers that tell whether all are allowed: the least and the greatest, which NaN is too, and a broken one."""
    broken = array[array % 1 != 0] if whole and np.isfinite(array).all() else []
    for number in (array.min(), array.max(), *broken[:1]):
        yield int(number) if whole and float(number).is_integer() else number.item()


def require_known(scenario: Scenario, key: object, known: Collection[str] = POINT_KEYS) -> None:
    """Refuse a key that is none of these, and name the nearest."""
    if key in known:
        return
    near = difflib.get_close_matches(str(key), known, 1, 0.4)
    meant = f" (perhaps {near[0]})" if near else ""
    raise ScenarioError(
        f"Scenario `{scenario.title}`: key `{key}`: expected the key of a number{meant}, one of {', '.join(known)}."
    )


def refusal(scenario: Scenario, key: str, expected: str, value: object) -> ScenarioError:
    """Return the error in the file's words."""
    return ScenarioError(f"Scenario `{scenario.title}`: key `{key}`: {expected}, but it is {value!r:.80}.")


def all_numbers(scenario: ChainScenario, values: Mapping[str, ArrayLike]) -> dict[str, Number]:
    """Return every number that points need: those that are given for them, the others from the scenario.

    ``chain.cutoff_s`` is not among them where the best one is asked for.
    """
    given = checked_values(scenario, values)
    numbers: dict[str, Number] = {key: quantity.value for key, quantity in resolve(scenario, given).items()}
    numbers["chain.distillation"] = scenario.chain.distillation
    if scenario.chain.cutoff_s != "best":
        numbers["chain.cutoff_s"] = scenario.chain.cutoff_s or np.inf
    numbers |= {key: _only_one(scenario, key) for key in _PLACE if key not in given}
    numbers |= given
    require_physical_times(scenario, numbers["memory.t1_s"], numbers["memory.t2_s"])
    return numbers


def places(scenario: ChainScenario) -> dict[str, Floats]:
    """Return the distances and numbers of repeaters of the scenario's own curve, by key."""
    return {"repeaters": np.array(scenario.sweep.repeaters), "distance_km": points(scenario.sweep.distances_km)}


def _only_one(scenario: ChainScenario, key: str) -> float:
    """Return the scenario's own distance or number of repeaters, if it has one."""
    own = places(scenario)[key]
    if len(own) > 1:
        raise ScenarioError(
            f"Scenario `{scenario.title}`: lacks a value of the key `{key}` for each point: it has {len(own)} itself."
        )
    number: float = own[0].item()
    return number
