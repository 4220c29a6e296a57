"""Scenarios of one kind side by side: the lines of a quantity, and where one overtakes the other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .provenance import kind_of
from .schema import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Lead", "Line", "compared_variables", "leads", "lines", "refuse_several_kinds"]

_CHAIN = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
_LESS_IS_BETTER = ("waiting_time_s", "loss_db", "link_loss_db")


class Line(NamedTuple):
    """A quantity of one scenario along an axis; ``label`` tells the lines of one scenario apart."""

    scenario: str
    label: str
    axis: str
    x: np.ndarray
    y: np.ndarray


class Lead(NamedTuple):
    """From where to where along the axis one scenario is ahead of another; both are None where they are equal."""

    label: str
    start: float
    stop: float
    ahead: str | None
    behind: str | None


def refuse_several_kinds(scenarios: Mapping[str, Scenario]) -> None:
    """Refuse scenarios of several kinds, whose results mean different things."""
    if len({scenario.kind for scenario in scenarios.values()}) > 1:
        told = ", ".join(f"`{name}` is of kind {scenario.kind}" for name, scenario in scenarios.items())
        raise ScenarioError(f"Only scenarios of one kind can be compared, but {told}.")


def compared_variables(datasets: "Mapping[str, xr.Dataset]", variable: str | None) -> tuple[str, ...]:
    """Return what is compared: the variable that was asked for, or of chains fidelity, rate and key rate.

    Raises
    ------
    ScenarioError
        Where not all have the variable as numbers along one axis.
    """
    one = next(iter(datasets.values()))
    if variable is None and kind_of(one) == "chain":
        return _CHAIN
    shared = [str(name) for name in one.data_vars if _is_shared(str(name), datasets)]
    if variable not in shared:
        wrong = "is needed here" if variable is None else f"can't be `{variable}`"
        allowed = f"it may be {', '.join(shared)}" if shared else "these scenarios have none along one axis"
        raise ScenarioError(f"The variable to compare {wrong}; {allowed}.")
    return (variable,)


def _is_shared(name: str, datasets: "Mapping[str, xr.Dataset]") -> bool:
    """Say whether every dataset has the variable as numbers along one axis."""
    return all(
        name in dataset and dataset[name].dtype.kind in "fiu" and len(_axes(dataset[name])) == 1
        for dataset in datasets.values()
    )


def _axes(values: "xr.DataArray") -> list[str]:
    """Return the dimensions along which a line can be drawn; the number of repeaters is chosen."""
    return [str(dim) for dim in values.dims if dim != "repeaters" and values[dim].dtype.kind in "fiu"]


def lines(name: str, dataset: "xr.Dataset", variable: str, repeaters: int | None) -> Iterator[Line]:
    """Yield the lines of a variable, those of a chain with so many repeaters or at each distance the best number of them."""
    values = _chosen(name, dataset[variable], repeaters)
    (axis,) = _axes(values)
    labels = [dim for dim in values.dims if dim != axis]
    for key in product(*(values[dim].values for dim in labels)):
        line = values.sel(dict(zip(labels, key, strict=True))).sortby(axis)
        x, y = np.asarray(line[axis].values, float), np.asarray(line.values, float)
        yield Line(name, ", ".join(map(str, key)), axis, x, y)


def _chosen(name: str, values: "xr.DataArray", repeaters: int | None) -> "xr.DataArray":
    """Return the values with one number of repeaters, or the best one at each point."""
    if "repeaters" not in values.dims:
        return values
    if repeaters is None:
        return values.min("repeaters") if values.name in _LESS_IS_BETTER else values.max("repeaters")
    known = values["repeaters"].values.tolist()
    if repeaters not in known:
        raise ScenarioError(f"Scenario `{name}` has no {repeaters} repeaters, only {', '.join(map(str, known))}.")
    return values.sel(repeaters=repeaters)


def leads(drawn: Sequence[Line], variable: str) -> Iterator[Lead]:
    """Yield who is ahead of whom, and where, for each two scenarios and the lines that they have both.

    Between points lines are straight on a logarithmic scale.
    """
    for one, other in combinations(drawn, 2):
        if one.label == other.label and one.scenario != other.scenario:
            yield from _leads(one, other, -1 if variable in _LESS_IS_BETTER else 1)


def _leads(one: Line, other: Line, better: int) -> Iterator[Lead]:
    """Yield the stretches of the axis over which one of two lines is ahead."""
    x = np.unique(np.concatenate([one.x, other.x]))
    a, b = _at(one, x), _at(other, x)
    known = np.isfinite(a) & np.isfinite(b)  # and within both axes
    x, a, b = x[known], a[known], b[known]
    if not len(x):
        return
    ahead = np.sign(a - b) * better
    changes = np.flatnonzero(np.diff(ahead))
    borders = [x[0], *(_border(x, a, b, int(i)) for i in changes), x[-1]]
    names = {1: (one.scenario, other.scenario), -1: (other.scenario, one.scenario), 0: (None, None)}
    for i, (start, stop) in zip([0, *(changes + 1)], pairwise(borders), strict=True):
        yield Lead(one.label, float(start), float(stop), *names[int(ahead[i])])


def _at(line: Line, x: np.ndarray) -> np.ndarray:
    """Return the line at any points: straight between its own on a logarithmic scale where both are positive, else plainly."""
    plain: np.ndarray = np.interp(x, line.x, line.y, left=np.nan, right=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        curved = np.exp(np.interp(x, line.x, np.log(line.y), left=np.nan, right=np.nan))
    return np.where(np.isin(x, line.x) | ~np.isfinite(curved) | (curved == 0), plain, curved)


def _border(x: np.ndarray, a: np.ndarray, b: np.ndarray, i: int) -> float:
    """Return where the order changes between the points i and i + 1; at the equal one where the lines meet there."""
    left, right = slice(i, i + 1), slice(i + 1, i + 2)
    if a[i] == b[i] or a[i + 1] == b[i + 1]:
        return float(x[i] if a[i] == b[i] else x[i + 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.log(a[i : i + 2]) - np.log(b[i : i + 2])
    if not np.isfinite(gaps).all():
        gaps = np.concatenate([a[left] - b[left], a[right] - b[right]])
    return float(x[i] + (x[i + 1] - x[i]) * gaps[0] / (gaps[0] - gaps[1]))
