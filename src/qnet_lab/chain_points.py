"""What chains of repeaters deliver, with hardware that differs from point to point: one call, every number broadcasts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels import BellStation, Fiber, Memory, depolarizing, double_click_link, single_click_link
from qnet_core import Heralded
from qnet_protocols import repeaterless_bound

from .delivery import Segments, delivered
from .kinds.chain import ChainScenario
from .point_values import Number, all_numbers
from .schema import Scenario, ScenarioError

__all__ = ["require_chain", "scenario_points"]

Numbers = Mapping[str, Number]


def scenario_points(scenario: Scenario, values: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    """Return fidelity, rate, key rate and state of a chain at numbers that may differ from point to point.

    All points are computed in one call, so that a million of them want the memory of a million; ``sweep_scenario`` takes them
    in blocks. Each number is within the limits that the file has for it, and counts for every point where it is one number.

    Parameters
    ----------
    scenario : Scenario
        A chain of repeaters, as of ``load_scenario``; it gives every number that ``values`` doesn't.
    values : mapping of str to array_like
        Numbers by the key of the scenario file, such as "memory.t2_s", "link.visibility" or "chain.cutoff_s", and
        "distance_km" and "repeaters", which may be left out where the scenario has one. They broadcast.

    Returns
    -------
    dict of str to array
        The variables of ``fidelity_distance_curve``, whose model it is, of the shape that the values broadcast to;
        "bloch" has two more axes.

    Raises
    ------
    ScenarioError
        Where a key is no number's, or a value is out of the range that a file may have.

    Examples
    --------
    >>> from qnet_lab import load_scenario
    >>> found = scenario_points(
    ...     load_scenario("ion_sr88_ca43"), {"distance_km": 50, "repeaters": [0, 1], "memory.t2_s": [[1.0], [100.0]]})
    >>> found["fidelity"].round(3).tolist()
    [[0.917, 0.831], [0.917, 0.833]]
    """
    chain = require_chain(scenario)
    numbers = all_numbers(chain, values)
    found = _delivered(chain, numbers)
    batch = np.broadcast_shapes(*(np.shape(number) for number in numbers.values()))
    shapes = {name: batch + ((4, 4) if name == "bloch" else ()) for name in found}
    return {name: np.broadcast_to(array, shapes[name]) for name, array in found.items()}


def require_chain(scenario: object) -> ChainScenario:
    """Return the scenario, or refuse what is none of a chain."""
    if not isinstance(scenario, ChainScenario):
        found = f"one of kind {scenario.kind}" if isinstance(scenario, Scenario) else repr(scenario)
        raise ScenarioError(f"Parameter `scenario` must be the scenario of a chain (kind chain), but is {found}.")
    return scenario


def _of(numbers: Numbers, table: str) -> dict[str, Any]:
    return {key.partition(".")[2]: number for key, number in numbers.items() if key.startswith(table + ".")}


def _fresh_link(scenario: ChainScenario, numbers: Numbers, length_km: NDArray[Any]) -> Heralded:
    """Return a link at its herald: transferred to the memories, which have waited for the herald."""
    link, fiber = _of(numbers, "link"), _of(numbers, "fiber")
    arm = Fiber(length_km / 2, **fiber).transmissivity
    shared: dict[str, Any] = {
        "transmissivity": link["photon_detection_probability"] * link["frequency_conversion_efficiency"] * arm,
        "dark_count_probability": link["dark_count_probability"],
        "visibility": link["visibility"],
    }
    resolving = scenario.link.number_resolving
    if scenario.link.scheme == "single-click":
        state, probability = single_click_link(
            bright_population=link["bright_population"], phase_std_rad=link["phase_std_rad"],
            number_resolving=resolving, **shared,
        )  # fmt: skip
    else:
        state, probability = double_click_link(number_resolving=resolving, **shared)
    transfer = depolarizing(mixing=2 * (1 - numbers["memory.swap_in_fidelity"]))
    wait = _memory(numbers).decay(duration_s=Fiber(length_km, **fiber).latency_s)
    for half in (0, 1):
        state = state.apply(transfer, half).apply(wait, half)
    return Heralded(state, probability)


def _memory(numbers: Numbers) -> Memory:
    return Memory(numbers["memory.t1_s"], numbers["memory.t2_s"], numbers["memory.excited_population"])


def _station(numbers: Numbers) -> BellStation:
    """Return the station: a depolarized gate of average fidelity F has mixing 4/3 (1 - F)."""
    return BellStation(
        gate_mixing=4 / 3 * (1 - numbers["station.gate_fidelity"]),
        readout_error=numbers["station.readout_error"],
        success_probability=numbers["station.success_probability"] * numbers["memory.retrieval_efficiency"] ** 2,
    )


def _delivered(scenario: ChainScenario, numbers: Numbers) -> dict[str, NDArray[Any]]:
    """Return the results by name, each of a shape that broadcasts to that of all points."""
    distance_km, links = np.asarray(numbers["distance_km"]), np.asarray(numbers["repeaters"]) + 1
    length_km, fiber = distance_km / links, _of(numbers, "fiber")
    link = _fresh_link(scenario, numbers, length_km)
    cycle_s = np.asarray(Fiber(length_km, **fiber).latency_s + numbers["link.preparation_s"])
    chain = _of(numbers, "chain")
    segments = Segments(
        link, links, cycle_s, _memory(numbers), _station(numbers), np.asarray(numbers["link.multiplexing"]),
        chain.get("cutoff_s"), chain["distillation"],
    )  # fmt: skip
    found = delivered(scenario.chain.policy, segments)
    rate = found["rate_hz"] * numbers["memory.retrieval_efficiency"] ** 2
    fraction = np.where(rate > 0, found["secret_key_fraction"], 0.0)  # no pairs, no key
    bound = numbers["direct.repetition_rate_hz"] * repeaterless_bound(Fiber(distance_km, **fiber).transmissivity)
    return found | {
        "rate_hz": rate, "secret_key_rate_bit_per_s": rate * fraction, "secret_key_fraction": fraction,
        "link_probability": link.probability, "direct_bound_bit_per_s": bound,
    }  # fmt: skip
