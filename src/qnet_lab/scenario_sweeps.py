"""A scenario at every combination of numbers of its hardware."""

import functools
import json
import math
import os
import re
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from numpy.typing import ArrayLike, NDArray

from qnet_channels import Quantity

from .chain_points import scenario_points
from .curve import LABELS
from .evaluation import KINDS, evaluate_scenario
from .grids import grid_of
from .hardware import resolve
from .kinds.chain import ChainScenario
from .point_values import POINT_KEYS, checked_values, places, refusal, require_known
from .provenance import described, labelled, numbers_of, unit_of
from .schema import Scenario, ScenarioError
from .sweeps import OnError, sweep

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sweep_scenario"]


def sweep_scenario(
    scenario: Scenario, axes: Mapping[str, ArrayLike], *, executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None, progress: bool = True, block_size: int | None = None,
    on_error: OnError = "record",
) -> "xr.Dataset":  # fmt: skip
    """Return the results of a scenario at every combination of values of its numbers: ``sweep`` of it.

    A chain of repeaters takes a block of points in one call (``scenario_points``). Any other kind is evaluated point by
    point, and of its results those are kept that are single numbers.

    Parameters
    ----------
    scenario : Scenario
        As of ``load_scenario``.
    axes : mapping of str to one-dimensional values
        Dimensions of the result, by the key of the scenario file such as "memory.t2_s". A chain has "distance_km" and
        "repeaters" too: where they are left out they are its own, as the last dimensions.
    executor, store, progress, block_size, on_error
        As of ``sweep``.

    Returns
    -------
    xarray.Dataset
        For a chain the variables of ``fidelity_distance_curve``. The attributes hold the scenario and its other
        numbers with their sources, and under "axes" the keys of those that were replaced.

    Raises
    ------
    ScenarioError
        Where a key is no number's, or a value is out of the range that the file may have. What is wrong at some
        points only, such as T2 beyond 2 T1, is recorded there.

    Examples
    --------
    >>> from qnet_lab import load_scenario
    >>> dataset = sweep_scenario(load_scenario("ion_sr88_ca43"), {
    ...     "memory.t2_s": [1.0, 10.0, 100.0], "distance_km": [50, 100], "repeaters": [1]}, progress=False)
    >>> dataset["fidelity"].sel({"distance_km": 50, "repeaters": 1}).values.round(3).tolist()
    [0.831, 0.832, 0.833]
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"Parameter `scenario` must be a Scenario (see load_scenario), but is {scenario!r}.")
    _require_keys(scenario, axes)
    given = grid_of(axes).axes
    is_chain = isinstance(scenario, ChainScenario)
    job = _chain_job(scenario, given) if isinstance(scenario, ChainScenario) else _single_job(scenario, given)
    dataset = sweep(
        job.function, job.axes, executor=executor, store=store, progress=progress, block_size=block_size, on_error=on_error,
        broadcasts=is_chain,
    )  # fmt: skip
    return _named(dataset, scenario, job)


def _require_keys(scenario: Scenario, keys: Iterable[str]) -> None:
    """Refuse keys that no single number has; those that are drawn for comparison enter no formula."""
    if isinstance(scenario, ChainScenario):
        known: Collection[str] = POINT_KEYS
    else:
        known = [key for key in numbers_of(scenario) if _is_plain(key) and not key.startswith("reported.")]
    for key in keys:
        require_known(scenario, key, known)


def _is_plain(key: str) -> bool:
    """Say whether a key is made of words; there are lists of numbers, and tables with names of their own."""
    return all(map(str.isidentifier, key.split(".")))


class _Job(NamedTuple):
    """What is swept over what, what the results are called, and the numbers that stay the same."""

    function: Any
    axes: dict[str, NDArray[Any]]
    labels: Mapping[str, tuple[str, str]]
    numbers: Mapping[str, Quantity]


def _chain_job(scenario: ChainScenario, given: Mapping[str, NDArray[Any]]) -> _Job:
    axes = checked_values(scenario, given)
    rest = {key: own for key, own in places(scenario).items() if key not in axes}
    function = functools.partial(chain_results, msgspec.msgpack.encode(scenario))
    return _Job(function, axes | rest, LABELS, resolve(scenario, axes))


def _single_job(scenario: Scenario, given: Mapping[str, NDArray[Any]]) -> _Job:
    for key, values in given.items():
        for value in values:
            _changed(scenario, {key: value.item()})
    numbers = numbers_of(scenario)
    labels = _labels_of_numbers(scenario)
    function = functools.partial(single_results, scenario.kind, msgspec.msgpack.encode(scenario), tuple(labels))
    return _Job(function, dict(given), labels, {key: number for key, number in numbers.items() if key not in given})


def _labels_of_numbers(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Return unit and name of each result that is a single number."""
    dataset = evaluate_scenario(scenario)
    found = {
        str(name): (array.attrs["units"], array.attrs["long_name"])
        for name, array in dataset.data_vars.items()
        if array.ndim == 0 and array.dtype.kind in "biuf"
    }
    if not found:
        raise ScenarioError(
            f"Scenario `{scenario.title}`: none of its results is a single number, so that it can't be swept (they are "
            f"{', '.join(map(str, dataset.data_vars))}); its own file may have lists of numbers, for `qnet curve`."
        )
    return found


def chain_results(packed: bytes, /, **values: ArrayLike) -> dict[str, Any]:
    """Return the results of a chain at values by key; the scenario is bytes, so that it is the same in every process."""
    return scenario_points(msgspec.msgpack.decode(packed, type=ChainScenario), values)


def single_results(kind: str, packed: bytes, names: tuple[str, ...], /, **values: float) -> dict[str, float]:
    """Return the results of any scenario that are single numbers, with the values of its numbers by key."""
    scenario = msgspec.msgpack.decode(packed, type=KINDS[kind].scenario)
    dataset = evaluate_scenario(_changed(scenario, values))
    return {name: float(dataset[name]) for name in names}


def _changed(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return the scenario with other numbers, checked as those of a file are."""
    tables = msgspec.to_builtins(scenario)
    for key, value in values.items():
        *path, last = key.split(".")
        table = functools.reduce(dict.__getitem__, path, tables)
        whole = isinstance(table[last], int) and isinstance(value, float) and value.is_integer()
        table[last] = int(value) if whole else value
        if isinstance(value, float) and math.isinf(value) and not scenario.is_infinite_at(key):
            raise refusal(scenario, key, "expected a finite number", value)
        try:
            msgspec.convert(tables, type(scenario))
        except msgspec.ValidationError as error:
            raise refusal(scenario, key, str(error).partition(" - at ")[0].replace(" | null", ""), value) from None
    changed = msgspec.convert(tables, type(scenario))
    if problem := changed.problem():
        raise ScenarioError(f"Scenario `{scenario.title}`: {problem}")
    return changed


def _named(dataset: "xr.Dataset", scenario: Scenario, job: _Job) -> "xr.Dataset":
    """Add units and names, the operators of states, and where everything comes from."""
    if "bloch" in dataset:
        dataset = dataset.rename({f"bloch_dim_{k}": f"pauli_{side}" for k, side in enumerate(("left", "right"))})
        dataset = dataset.assign_coords({f"pauli_{side}": list("IXYZ") for side in ("left", "right")})
    keys = {key: (unit_of(key), _words(key)) for key in job.axes}
    labels = {name: label for name, label in {**keys, **job.labels}.items() if name in dataset.variables}
    dataset = labelled(dataset, scenario, job.numbers, labels)
    return dataset.assign_attrs(axes=json.dumps(list(job.axes)))


def _words(key: str) -> str:
    """Return what figures call a key: "memory T2" for memory.t2_s."""
    return re.sub(r"\bt([12])\b", r"T\1", described(key)["long_name"].replace(".", " "))
