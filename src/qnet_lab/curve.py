"""Fidelity, rate and key rate against distance: the main job."""

from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from qnet_channels import BellStation, Fiber, Memory, Quantity, depolarizing, double_click_link, single_click_link
from qnet_core import Heralded
from qnet_protocols import repeaterless_bound

from .delivery import Segments, delivered
from .hardware import resolve
from .kinds.chain import ChainScenario
from .provenance import labelled
from .schema import ScenarioError, points

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["fidelity_distance_curve"]

_BLOCK = 20_000  # points computed in one call; more show progress
_LABELS = {
    "fidelity": ("1", "fidelity with phi+"),
    "rate_hz": ("1/s", "entanglement rate"),
    "secret_key_rate_bit_per_s": ("bit/s", "secret-key rate"),
    "secret_key_fraction": ("bit", "secret bits per pair"),
    "waiting_time_s": ("s", "mean time until all links are there"),
    "cutoff_s": ("s", "longest wait for another link"),
    "link_probability": ("1", "success probability of a link per attempt and mode"),
    "bloch": ("1", "Pauli expectation values of the end-to-end pair"),
    "direct_bound_bit_per_s": ("bit/s", "PLOB bound of direct transmission"),
    "distance_km": ("km", "distance"),
    "repeaters": ("1", "number of repeaters"),
}


def _values(numbers: dict[str, Quantity], table: str) -> dict[str, float]:
    return {key.partition(".")[2]: q.value for key, q in numbers.items() if key.startswith(table + ".")}


def _fresh_link(scenario: ChainScenario, numbers: dict[str, Quantity], length_km: np.ndarray) -> Heralded:
    """Return a link at its herald: transferred to the memories, which have waited for the herald."""
    link, fiber = _values(numbers, "link"), _values(numbers, "fiber")
    memory = _values(numbers, "memory")
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
    transfer = depolarizing(mixing=2 * (1 - memory["swap_in_fidelity"]))
    wait = _memory(numbers).decay(duration_s=Fiber(length_km, **fiber).latency_s)
    for half in (0, 1):
        state = state.apply(transfer, half).apply(wait, half)
    return Heralded(state, probability)


def _memory(numbers: dict[str, Quantity]) -> Memory:
    memory = _values(numbers, "memory")
    return Memory(memory["t1_s"], memory["t2_s"], memory["excited_population"])


def _station(numbers: dict[str, Quantity]) -> BellStation:
    """Return the station: a depolarized gate of average fidelity F has mixing 4/3 (1 - F)."""
    station, memory = _values(numbers, "station"), _values(numbers, "memory")
    return BellStation(
        gate_mixing=4 / 3 * (1 - station["gate_fidelity"]),
        readout_error=station["readout_error"],
        success_probability=station["success_probability"] * memory["retrieval_efficiency"] ** 2,
    )


def _columns(scenario: ChainScenario, numbers: dict[str, Quantity], distance_km: np.ndarray) -> dict[str, np.ndarray]:
    """Return the results for some distances, the numbers of repeaters on the first axis."""
    links = np.array(scenario.sweep.repeaters)[:, None] + 1
    length_km = distance_km / links
    link = _fresh_link(scenario, numbers, length_km)
    cycle_s = Fiber(length_km, **_values(numbers, "fiber")).latency_s + numbers["link.preparation_s"].value
    found = delivered(
        scenario.chain,
        Segments(link, links, cycle_s, _memory(numbers), _station(numbers), numbers["link.multiplexing"].value),
    )
    rate = found["rate_hz"] * numbers["memory.retrieval_efficiency"].value ** 2
    fraction = np.where(rate > 0, found["secret_key_fraction"], 0.0)  # no pairs, no key
    return found | {
        "rate_hz": rate, "secret_key_rate_bit_per_s": rate * fraction, "secret_key_fraction": fraction,
        "link_probability": link.probability,
    }  # fmt: skip


def fidelity_distance_curve(scenario: ChainScenario, *, progress: bool = False) -> "xr.Dataset":
    """Return fidelity, entanglement rate, secret-key rate and state against distance and number of repeaters.

    All points are one batch (long ones are computed in blocks, with a progress bar on a terminal if
    ``progress``). Equal scenarios give equal datasets: the attributes hold the scenario, every number
    with unit, grade and source, and the version, but no date.

    Notes
    -----
    Model: photons meet half-way; a cycle is the preparation plus the light time of one link (photon and
    herald, half a link each), during which the memories already decay; links wait for the slowest
    (``equal_link_chain``, with a cut-off ``cut_off_chain``); stations swap at the end. With another policy or distillation it is
    that of ``RepeaterChain.exact``. The key is asymptotic BB84 with efficient sifting.
    Memories that give back photons (``retrieval_efficiency``) do so once at each end and twice at each station.

    Returns
    -------
    xarray.Dataset
        Dimensions ``repeaters`` and ``distance_km``; each variable has ``units`` and ``long_name``.
    """
    import xarray as xr

    if not isinstance(scenario, ChainScenario):
        raise ScenarioError(
            "Parameter `scenario` must be a Scenario of a chain (see load_scenario; evaluate_scenario takes every kind), "
            f"but is {scenario!r}."
        )
    numbers = resolve(scenario)
    distances = points(scenario.sweep.distances_km)
    count = max(1, _BLOCK // len(scenario.sweep.repeaters))
    blocks = [distances[i : i + count] for i in range(0, len(distances), count)]
    hidden = None if progress and len(blocks) > 1 else True
    parts = [_columns(scenario, numbers, block) for block in tqdm(blocks, "curve", disable=hidden, unit="block")]
    grid = ("repeaters", "distance_km")
    dims = {name: grid for name in parts[0]} | {"bloch": (*grid, "pauli_left", "pauli_right")}
    variables = {name: (dims[name], np.concatenate([part[name] for part in parts], axis=1)) for name in parts[0]}
    whole = Fiber(distances, **_values(numbers, "fiber")).transmissivity
    bound = numbers["direct.repetition_rate_hz"].value * repeaterless_bound(whole)
    paulis = list("IXYZ")
    dataset = xr.Dataset(
        variables | {"direct_bound_bit_per_s": ("distance_km", bound)},
        {
            "repeaters": scenario.sweep.repeaters, "distance_km": distances,
            "pauli_left": paulis, "pauli_right": paulis,
        },
    )  # fmt: skip
    return labelled(dataset, scenario, numbers, _LABELS)
