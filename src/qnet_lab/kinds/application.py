"""What a network is for: games, shared secrets, hidden messages and computations, clocks; every number may be an axis."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from qnet_core import DensityMatrix, Heralded, bell_state, fidelity, ghz_state

from ..application_plots import plot, summarize
from ..applications import APPLICATIONS, FIGURES, resource_of
from ..axes import Axes, arguments, axes_problem, axis_label_of, axis_numbers, in_words_of, titled
from ..ghz_sources import GHZ_SOURCES, GIVEN
from ..pair_pipeline import pair_results
from ..pair_storage import pair_borrowed
from ..pair_tables import PairSteps, step_tables
from ..provenance import labelled, numbers_of
from ..schema import Scenario, Table
from ..signatures import function_of, one_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ApplicationScenario", "evaluate", "plot", "summarize"]

_RESOURCE = {
    "resource_fidelity": ("1", "fidelity of the resource"),
    "resource_probability": ("1", "probability that all steps to the GHZ state succeed"),
    "link_probability": ("1", "success probability of a link per attempt"),
    "links_per_pair": ("1", "links that one pair takes in the mean"),
}

if TYPE_CHECKING:
    GhzTable: TypeAlias = Table
    ApplicationTable: TypeAlias = Table
else:
    GhzTable = one_of(step_tables(GHZ_SOURCES, "method", __name__))
    ApplicationTable = one_of(step_tables(APPLICATIONS, "name", __name__))


class ApplicationScenario(PairSteps, frozen=True, kw_only=True):
    """An application, and the pair or GHZ state that it takes, if it takes one.

    The tables from ``link`` to ``distillation`` make pairs, as in the kind "pairs"; ``ghz`` makes a GHZ state of them, or is
    "white-noise" of a known fidelity and needs none. Clocks, one-time pads and blind computations need neither. One or two
    numbers are axes.
    """

    protocol: ApplicationTable
    kind: Literal["application"] = "application"
    ghz: GhzTable | None = None

    def problem(self) -> str | None:
        """Refuse tables that don't fit the protocol, and what the functions refuse at the ends of the axes."""
        return Scenario.problem(self) or _misfit(self) or axes_problem(self, lambda axes: _results(self, axes))


def _misfit(scenario: ApplicationScenario) -> str | None:
    """Return which tables are missing or too many for the protocol."""
    name = function_of(scenario.protocol)
    needs, ghz = resource_of(name), scenario.ghz
    pairs = needs == "pair" or (ghz is not None and function_of(ghz) != GIVEN)
    given = [table for table in PairSteps.__struct_fields__ if table not in Scenario.__struct_fields__]
    given = [table for table in given if getattr(scenario, table)]
    if (needs == "ghz") != (ghz is not None):
        return f"the file: {'lacks the key' if needs == 'ghz' else 'has no use for the key'} `ghz` with the protocol {name}."
    if pairs and scenario.link is None:
        return f"the file: lacks the key `link`, whose pairs {name} is done with."
    if given and not pairs:
        return f"the file: has no use for the key `{given[0]}`, as no pairs are made."
    return None


def _results(scenario: ApplicationScenario, axes: Axes) -> dict[str, Any]:
    """Return the figures of the application, and of what it takes."""
    name = function_of(scenario.protocol)
    given = arguments(scenario.protocol, "protocol.", axes)
    figures: dict[str, Any] = {}
    resource: list[DensityMatrix] = []
    if scenario.link is not None:
        pair, steps = pair_results(scenario, axes)
        figures |= {key: steps[key] for key in ("link_probability", "links_per_pair")}
        resource = [pair]
    if scenario.ghz is not None:
        state, probability = _ghz(scenario.ghz, resource, axes)
        figures["resource_probability"] = probability
        resource = [state]
    if resource:
        figures["resource_fidelity"] = _fidelity(resource[0])
    with in_words_of("protocol"):
        return APPLICATIONS[name](*resource, **given) | figures


def _ghz(table: Table, pairs: list[DensityMatrix], axes: Axes) -> Heralded:
    with in_words_of("ghz"):
        return GHZ_SOURCES[function_of(table)](*pairs, **arguments(table, "ghz.", axes))


def _fidelity(state: DensityMatrix) -> Any:
    count = state.num_subsystems
    return fidelity(state, bell_state() if count == 2 else ghz_state(count))


def evaluate(scenario: ApplicationScenario) -> "xr.Dataset":
    """Return the figures of the application along the axes of the file, and the fidelity of what it takes."""
    import xarray as xr

    with titled(scenario):
        axes = axis_numbers(scenario)
        figures = _results(scenario, axes)
        numbers = numbers_of(scenario) | pair_borrowed(scenario)
    shape = tuple(map(len, axes.values()))
    dataset = xr.Dataset(
        {name: (tuple(axes), np.broadcast_to(values, shape)) for name, values in figures.items()}, dict(axes)
    )
    known = {**FIGURES, **_RESOURCE}
    labels = {key: axis_label_of(key) for key in axes} | {name: known[name] for name in figures}
    return labelled(dataset, scenario, numbers, labels)
