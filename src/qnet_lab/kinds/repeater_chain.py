"""Repeater chains of any links, memories and stations: how long a pair takes, and how good it is."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
import numpy as np

from qnet_channels import Quantity
from qnet_core import bell_weights
from qnet_core.errors import CapacityError, ParameterError
from qnet_protocols import ChainResult, RepeaterChain

from ..axes import Axes, arguments, axes_problem, axis_label_of, axis_numbers, titled
from ..fiber_tables import fiber_numbers
from ..pair_storage import borrowed_numbers
from ..provenance import labelled, numbers_of
from ..repeater_parts import RepeaterParts, repeater_chain
from ..repeater_plots import plot, summarize
from ..schema import Scenario, ScenarioError
from ..signatures import function_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["RepeaterChainScenario", "evaluate", "plot", "summarize"]

_HALVES = ("pauli_left", "pauli_right")
_FIGURES = ("fidelity", "rate_hz", "waiting_time_s", "secret_key_fraction", "secret_key_rate_bit_per_s")
_ERRORS = ("fidelity_error", "rate_error_hz", "waiting_time_error_s", "lost_probability")  # where there are any
_LABELS = {
    "pauli_left": ("1", "Pauli operator on the left half"),
    "pauli_right": ("1", "Pauli operator on the right half"),
    "link": ("1", "link"),
    "bloch": ("1", "expectation of the Pauli operators"),
    "bloch_error": ("1", "standard error of the expectations"),
    "link_probability": ("1", "success probability of a link per cycle"),
    "fidelity": ("1", "fidelity with phi+"),
    "rate_hz": ("1/s", "pairs per second"),
    "waiting_time_s": ("s", "mean waiting time"),
    "secret_key_fraction": ("1", "secret bits per pair"),
    "secret_key_rate_bit_per_s": ("bit/s", "secret key rate"),
    "fidelity_error": ("1", "standard error of the fidelity"),
    "rate_error_hz": ("1/s", "standard error of the rate"),
    "waiting_time_error_s": ("s", "standard error of the waiting time"),
    "lost_probability": ("1", "probability of a longer time than was summed"),
    "step": ("1", "steps of the clock"),
    "pair": ("1", "sampled pair"),
    "num_pairs": ("1", "pairs that were sampled"),
    "step_s": ("s", "duration of a step"),
    "delivery_probability": ("1", "probability that a pair is there after exactly so many steps"),
    "delivery_fidelity": ("1", "fidelity of the pairs of a step"),
    "sampled_times_s": ("s", "waiting time of each sampled pair"),
}


class RepeaterChainScenario(RepeaterParts, frozen=True, kw_only=True):
    """A chain of repeaters whose links, memories and stations may differ, by one of three policies.

    ``links``, ``memories`` and ``stations`` have a table for each link, node and inner node, from left to right and by any
    names; one table alone is for all (``chain.num_links`` then says how many links there are). ``chain`` has the other
    parameters of ``RepeaterChain``, ``calculation`` says how results are found, exactly if it is left out. Up to two numbers
    may be axes.
    """

    kind: Literal["repeater-chain"] = "repeater-chain"
    may_be_infinite: ClassVar[tuple[str, ...]] = (
        "memories.*.t1_s", "memories.*.t2_s", "chain.cutoff_s", "chain.max_run_s"
    )  # fmt: skip

    def problem(self) -> str | None:
        """Refuse parts that make no chain: it is put together at the ends of the axes."""
        return Scenario.problem(self) or axes_problem(self, lambda axes: repeater_chain(self, axes), least=0)


def evaluate(scenario: RepeaterChainScenario) -> "xr.Dataset":
    """Return the delivered pair, its rate and what key it gives, and how its waiting time is distributed.

    Exact results have the probability of each step of the clock and the fidelity of what comes then, sampled ones the time of
    each pair, and standard errors. Points that never deliver are NaN.
    """
    import xarray as xr

    with titled(scenario):
        axes = axis_numbers(scenario)
        chain = repeater_chain(scenario, axes)
        result = _result(scenario, chain)
        numbers = numbers_of(scenario) | _borrowed(scenario)
    paulis = {half: list("IXYZ") for half in _HALVES}
    variables = _figures(result, axes) | _times(result, axes) | _links(scenario, chain, axes)
    dataset = xr.Dataset(variables, {**axes, **paulis})
    labels = {str(name): _LABELS[str(name)] for name in dataset.variables if name not in axes}
    return labelled(dataset, scenario, numbers, {key: axis_label_of(key) for key in axes} | labels)


def _figures(result: ChainResult, axes: Axes) -> dict[str, Any]:
    """Return the numbers that there are one of at each point, and the state."""
    shape = tuple(map(len, axes.values()))
    single = {name: getattr(result, name) for name in (*_FIGURES, *_ERRORS)}
    found: dict[str, Any] = {
        name: (tuple(axes), np.broadcast_to(values, shape)) for name, values in single.items() if values is not None
    }
    found["bloch"] = ((*axes, *_HALVES), result.state.broadcast_to(shape).bloch)
    if result.bloch_error is not None:
        found["bloch_error"] = ((*axes, *_HALVES), np.broadcast_to(result.bloch_error, (*shape, 4, 4)))
        found["num_pairs"] = ((), result.num_pairs)
    return found


def _links(scenario: RepeaterChainScenario, chain: RepeaterChain, axes: Axes) -> dict[str, Any]:
    """Return how often each link succeeds, by its name."""
    shape = tuple(map(len, axes.values()))
    chances = np.stack([np.broadcast_to(one, shape) for one in chain.link_probabilities], axis=-1)
    names = list(scenario.links)
    if len(names) != chances.shape[-1]:
        names = [f"{names[0]} {k + 1}" for k in range(chances.shape[-1])]
    return {"link_probability": ((*axes, "link"), chances), "link": names}


def _result(scenario: RepeaterChainScenario, chain: RepeaterChain) -> ChainResult:
    """Return what the chain delivers, found as the scenario says."""
    table = scenario.calculation
    given = {} if table is None else arguments(table, "", {})
    try:
        if table is None or function_of(table) == "exact":
            cycles = given.pop("coarsened", 1)  # not by 1, after which equal links are no longer one and the same
            return (chain if cycles == 1 else chain.coarsened(cycles)).exact(**given)
        rng = np.random.default_rng(given.pop("seed"))
        return chain.sample(**given, rng=rng, keep_times=not chain.batch_shape)
    except (ParameterError, CapacityError) as error:
        text = str(error).replace("`sample`", 'kind = "sampled"')
        raise ScenarioError(f"table `calculation`: {text}") from None


def _times(result: ChainResult, axes: Axes) -> dict[str, Any]:
    """Return how waiting times are distributed."""
    if result.sampled_times_s is not None:
        times = result.sampled_times_s
        return {"sampled_times_s": ((*axes, "pair"), times), "pair": ("pair", 1 + np.arange(times.shape[-1]))}
    waiting = result.distribution
    if waiting is None:
        return {}
    shape = (*map(len, axes.values()), waiting.num_steps)
    fidelities = bell_weights(waiting.states)[..., 0]
    return {
        "step": ("step", 1 + np.arange(waiting.num_steps)),
        "step_s": (tuple(axes), np.broadcast_to(waiting.step_s, shape[:-1])),
        "delivery_probability": ((*axes, "step"), np.broadcast_to(waiting.probabilities, shape)),
        "delivery_fidelity": ((*axes, "step"), np.broadcast_to(fidelities, shape)),
    }


def _borrowed(scenario: RepeaterChainScenario) -> dict[str, Quantity]:
    """Return the numbers of memories' platforms and of kinds of fibre, with their sources."""
    found: dict[str, Quantity] = {}
    for name, table in scenario.memories.items():
        found |= borrowed_numbers(table, f"memories.{name}")
    for name, link in scenario.links.items():
        found |= fiber_numbers(msgspec.structs.asdict(link)["fiber"], f"links.{name}.fiber")
    return found
