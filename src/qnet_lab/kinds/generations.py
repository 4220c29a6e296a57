"""Generations of repeaters by what their stations can do: which costs least, or what one of them costs."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from qnet_protocols import (
    RepeaterHardware,
    best_generation,
    first_generation,
    second_generation,
    third_generation,
    tree_repeater,
)

from ..axes import Axes, arguments, axes_problem, axis_label_of, axis_numbers, in_words_of, titled
from ..generation_plots import GENERATION_LABELS, generation_variables
from ..provenance import labelled, numbers_of
from ..repeater_costs import plot, summarize
from ..schema import Numbers, Scenario, Table
from ..signatures import function_of, one_of, table_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["GenerationsScenario", "evaluate", "plot", "summarize"]

Results = Mapping[str, ArrayLike]
_LABELS = {
    "rate_bit_per_s": ("bit/s", "secret bits of one chain"),
    "memory_qubits": ("1", "memory qubits of one chain"),
    "cost_s": ("s", "memory qubits per (secret bit/s)"),
    "error": ("1", "error rate of the delivered pair"),
    "success": ("1", "probability that a qubit arrives"),
    "photons": ("1", "photons per secret bit"),
    "cost": ("1", "stations per attenuation length and secret bit per photon time"),
}


def trees(
    hardware: RepeaterHardware, *, distance_km: ArrayLike, branching: Sequence[float], num_links: ArrayLike,
    reencoding_error: ArrayLike = 0.0, photon_time_s: ArrayLike = 1e-9,
) -> Any:  # fmt: skip
    """Return rate and cost of one-way trees of photons; of the hardware, its coupling, gate time and fibre count.

    Parameters
    ----------
    branching : sequence of float
        Of the three levels; trees of two levels end in 0.
    num_links : array_like
        Stations.
    reencoding_error : array_like
        Error of a depolarized qubit, each time that it is encoded anew.
    photon_time_s : array_like
        Of a photon's emission.
    """
    return tree_repeater(
        branching, distance_km=distance_km, num_links=num_links, detection_efficiency=hardware.coupling_efficiency,
        reencoding_error=reencoding_error, photon_time_s=photon_time_s, gate_time_s=hardware.gate_time_s,
        attenuation_db_per_km=hardware.attenuation_db_per_km,
    )  # fmt: skip


REPEATERS: Mapping[str, Callable[..., Any]] = {
    "two-way": first_generation,
    "encoded": second_generation,
    "one-way": third_generation,
    "tree": trees,
}

if TYPE_CHECKING:
    HardwareTable: TypeAlias = Table
    RepeaterTable: TypeAlias = Table
else:
    HardwareTable = table_of(RepeaterHardware, __name__)
    RepeaterTable = one_of(
        table_of(function, __name__, tag=("scheme", name), leave_out=("hardware", "distance_km"))
        for name, function in REPEATERS.items()
    )


class GenerationsScenario(Scenario, frozen=True, kw_only=True):
    """Repeaters of all three generations, each at its best spacing, code and number of rounds; or one that is given.

    ``hardware`` has the fields of ``RepeaterHardware``. With a table ``repeater`` results are those of one chain, "two-way",
    "encoded", "one-way" or "tree"; without it the best of each generation is searched. One or two numbers are axes.
    """

    distance_km: Numbers
    hardware: HardwareTable
    kind: Literal["generations"] = "generations"
    repeater: RepeaterTable | None = None

    def problem(self) -> str | None:
        """Refuse what the functions refuse at the ends of the axes; the best is not searched."""
        return Scenario.problem(self) or axes_problem(self, lambda axes: _results(self, axes, search=False))


def _results(scenario: GenerationsScenario, axes: Axes, *, search: bool) -> Any:
    """Return what the function says; without a search a single link stands for the best repeaters."""
    distance = arguments(scenario, "", axes)["distance_km"]
    with in_words_of("hardware"):
        hardware = RepeaterHardware(**arguments(scenario.hardware, "hardware.", axes))
    table = scenario.repeater
    if table is not None:
        with in_words_of("repeater"):
            given = arguments(table, "repeater.", axes)
            return REPEATERS[function_of(table)](hardware, distance_km=distance, **given)
    with in_words_of(""):
        if search:
            return best_generation(hardware, distance_km=distance)
        return first_generation(hardware, distance_km=distance, levels=0)


def evaluate(scenario: GenerationsScenario) -> "xr.Dataset":
    """Return cost, rate and settings of the best repeater of each generation, or what the given one takes."""
    import xarray as xr

    with titled(scenario):
        axes = axis_numbers(scenario)
        results = _results(scenario, axes, search=True)
        numbers = numbers_of(scenario)
    labels = {key: axis_label_of(key) for key in axes}
    if scenario.repeater is None:
        dataset = xr.Dataset(generation_variables(results, tuple(axes)), {"scheme": [1, 2, 3], **axes})
        return labelled(dataset, scenario, numbers, labels | GENERATION_LABELS)
    shape = tuple(map(len, axes.values()))
    found = {name: (tuple(axes), np.broadcast_to(values, shape)) for name, values in results._asdict().items()}
    return labelled(xr.Dataset(found, axes), scenario, numbers, labels | {name: _LABELS[name] for name in found})
