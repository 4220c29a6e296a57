"""What a diagram of a repeater chain says: of each link, node, station and level, as short texts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, bell_weights
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import RepeaterChain

from .hardware import resolve
from .kinds.chain import ChainScenario
from .schema import points

__all__ = ["ChainFacts", "facts_of"]

Facts = dict[str, list[str]]  # by what they are of: a text for each link, node or station


# what is said of a scenario's memories and stations, and the keys of its numbers
_TIMES = {"T1": "memory.t1_s", "T2": "memory.t2_s"}
_STATION = {
    "gate fidelity": "station.gate_fidelity",
    "readout error": "station.readout_error",
    "success": "station.success_probability",
}


class ChainFacts(NamedTuple):
    """The texts of a diagram; a level is what its pairs span, in links, and how they are treated."""

    title: str
    links: Facts
    nodes: Facts
    stations: Facts
    levels: Sequence[tuple[int, str]]
    num_links: int


def facts_of(chain: RepeaterChain | ChainScenario, length_km: ArrayLike | None, repeaters: int | None) -> ChainFacts:
    """Return the texts of a chain, or of a scenario with so many repeaters."""
    if isinstance(chain, ChainScenario):
        return _of_scenario(chain, length_km, repeaters)
    if not isinstance(chain, RepeaterChain):
        raise ParameterTypeError(
            f"Parameter `chain` must be a RepeaterChain or the scenario of a chain, but is {type(chain).__name__}."
        )
    if repeaters is not None:
        raise ParameterError(
            "Parameter `repeaters` must be left out where `chain` is a RepeaterChain, which has its own."
        )
    return _of_chain(chain, length_km)


def number_text(values: ArrayLike) -> str:
    """Return a number, or the range of several.

    >>> number_text([0.25, 0.5]), number_text(3.0)
    ('0.25 to 0.5', '3')
    """
    array = np.asarray(values, float)
    low, high = float(array.min()), float(array.max())
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def time_text(values: ArrayLike) -> str:
    """Return a time, or the range of several, in units that suit it.

    >>> time_text(0.0125), time_text([1e-6, np.inf])
    ('12.5 ms', '1 µs to ∞')
    """
    from matplotlib.ticker import EngFormatter

    array = np.asarray(values, float)
    name = EngFormatter(unit="s")
    low, high = (
        "∞" if np.isinf(t) else f"{t:.3g} s" if t >= 1 else name(float(f"{t:.3g}")) for t in (array.min(), array.max())
    )
    return low if low == high else f"{low} to {high}"


def _lengths(length_km: ArrayLike | None, count: int) -> Facts:
    """Return the length of each link, if lengths are given."""
    if length_km is None:
        return {}
    lengths = checks.real(length_km, "length_km", low=0.0)
    if lengths.shape not in ((), (count,)):
        raise DimensionError(
            f"Parameter `length_km` must be a number or hold one per link ({count}), but has shape {lengths.shape}."
        )
    return {"length": [f"{length:.4g} km" for length in np.broadcast_to(lengths, count)]}


def _link_facts(links: Sequence[Heralded], chain: RepeaterChain) -> Facts:
    return {
        "success": [number_text(each) for each in chain.link_probabilities],
        "cycle": [time_text(each) for each in chain.cycle_s],  # type: ignore[union-attr]
        "fidelity": [number_text(np.asarray(bell_weights(link.state))[..., 0]) for link in links],
    }


def _memory_facts(memories: Sequence[Memory]) -> Facts:
    return {"T1": [time_text(each.t1_s) for each in memories], "T2": [time_text(each.t2_s) for each in memories]}


def _station_facts(stations: Sequence[BellStation]) -> Facts:
    names = ("gate_mixing", "readout_error", "success_probability")
    texts = ("gate mixing", "readout error", "success")
    return {
        text: [number_text(getattr(station, name)) for station in stations]
        for name, text in zip(names, texts, strict=True)
    }


def _treated(cutoff_s: ArrayLike | str, rounds: int, protocol: str, is_last: bool) -> str:
    """Return how the pairs of a level are treated; those of the last one wait for nothing but distillation."""
    waits = ""
    if isinstance(cutoff_s, str):
        waits = "wait as long as gives the most key"
    elif not np.isinf(cutoff_s).all():
        waits = f"wait at most {time_text(cutoff_s)}"
    if is_last and not rounds:
        return ""
    distilled = f"{rounds} round{'s' * (rounds > 1)} of {protocol}" if rounds else ""
    return ", ".join(filter(None, (distilled, waits)))


def _spans(policy: str, num_links: int) -> list[int]:
    """Return over how many links the pairs of each level go."""
    if policy == "nested":
        return [2**level for level in range(num_links.bit_length())]
    return [1] if num_links == 1 else [1, num_links]


def _of_chain(chain: RepeaterChain, length_km: ArrayLike | None) -> ChainFacts:
    fields: Any = chain  # whose fields are tuples by now
    count = len(fields.links)
    spans = _spans(chain.policy, count)
    levels = [
        (span, _treated(cutoff, rounds, chain.distillation_protocol, span == count))
        for span, cutoff, rounds in zip(spans, fields.cutoff_s, fields.distillation, strict=True)
    ]
    return ChainFacts(
        _title(chain.policy, count), _lengths(length_km, count) | _link_facts(fields.links, chain),
        _memory_facts(fields.memory), _station_facts(fields.station), levels, count,
    )  # fmt: skip


def _title(policy: str, num_links: int) -> str:
    return f"{num_links} links, {policy}" if num_links > 1 else "1 link"


def _of_scenario(scenario: ChainScenario, length_km: ArrayLike | None, repeaters: int | None) -> ChainFacts:
    count = 1 + _repeaters(scenario, repeaters)
    numbers = {key: quantity.value for key, quantity in resolve(scenario).items()}
    lengths = _lengths(length_km, count) or _parts(scenario, count)
    links: Facts = {
        "scheme": [str(scenario.link.scheme)] * count,
        "visibility": [number_text(numbers["link.visibility"])] * count,
    }
    times = {text: [time_text(numbers[key])] * (count + 1) for text, key in _TIMES.items()}
    stations = {text: [number_text(numbers[key])] * (count - 1) for text, key in _STATION.items()}
    levels = _levels(scenario, count)
    return ChainFacts(_title(scenario.chain.policy, count), lengths | links, times, stations, levels, count)


def _repeaters(scenario: ChainScenario, repeaters: int | None) -> int:
    """Return the number of repeaters that is asked for, or the fewest of the scenario above none."""
    known = scenario.sweep.repeaters
    if repeaters is None:
        return min((number for number in known if number), default=0)
    number = checks.integer(repeaters, "repeaters", 0)
    if number not in known:
        raise ParameterError(f"Parameter `repeaters` must be one of {', '.join(map(str, known))}, but is {number}.")
    return number


def _parts(scenario: ChainScenario, count: int) -> Facts:
    """Return the length of each link as a part of the distances that are swept."""
    distances = points(scenario.sweep.distances_km)
    return {"length": [f"{number_text(distances / count)} km"] * count}


def _levels(scenario: ChainScenario, count: int) -> list[tuple[int, str]]:
    chain = scenario.chain
    cutoff = np.inf if chain.cutoff_s is None else chain.cutoff_s
    spans = _spans(chain.policy, count)
    return [(span, _treated(cutoff, chain.distillation, "dejmps", span == count)) for span in spans]
