"""The parts of a repeater chain: one for all or one for each, checked and frozen."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from qnet_channels import BellStation, Memory
from qnet_channels.parameters import parameters
from qnet_core import Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .chains import MAX_LINKS, require_link

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__: list[str] = []

POLICIES = ("nested", "swap-asap", "swap-at-end")
PROTOCOLS = ("dejmps", "bbpssw")
_MAX_ROUNDS = 16
_PLAIN = ("multiplexing", "distillation_gate_mixing", "distillation_readout_error", "min_fidelity", "max_run_s")
_ROUND_OFF = 1e-9
Device = TypeVar("Device")


class Parts(NamedTuple):
    """The parts of a checked chain, one for each link, node, station or level."""

    links: tuple[Heralded, ...]
    successes: tuple[checks.Floats, ...]
    memories: tuple[Memory, ...]
    stations: tuple[BellStation, ...]
    cutoffs: tuple[checks.Floats, ...]
    rounds: tuple[int, ...]
    cycles: tuple[checks.Floats, ...]
    messages: tuple[checks.Floats, ...]


def parts(chain: Any) -> Parts:
    """Return the parts of a checked chain, whose fields are tuples by now."""
    modes = np.asarray(chain.multiplexing)
    with np.errstate(divide="ignore"):
        success = {id(link): -np.expm1(modes * np.log1p(-np.asarray(link.probability))) for link in chain.links}
    successes = tuple(success[id(link)] for link in chain.links)
    return Parts(
        chain.links, successes, chain.memory, chain.station, chain.cutoff_s, chain.distillation, chain.cycle_s,
        chain.communication_s,
    )  # fmt: skip


def num_levels(policy: str, num_links: int) -> int:
    """Return how many levels have distillation and cut-offs."""
    if num_links == 1:
        return 1
    return num_links.bit_length() if policy == "nested" else 2


def _is_list(value: Any) -> bool:
    """Return whether a value is one for each; a Heralded is a tuple too."""
    return isinstance(value, list | tuple) and not isinstance(value, Heralded)


def _each(value: Any, name: str, count: int, what: str) -> tuple[Any, ...]:
    """Return one value per ``what``: the one for all, or those of a list of the right length."""
    if not _is_list(value):
        return (value,) * count
    if len(value) != count:
        raise DimensionError(f"Parameter `{name}` must hold one value per {what} ({count}), but holds {len(value)}.")
    return tuple(value)


def _of_kind(values: tuple[Any, ...], name: str, kind: type[Device]) -> tuple[Device, ...]:
    for value in values:
        if not isinstance(value, kind):
            raise ParameterTypeError(
                f"Parameter `{name}` must be a {kind.__name__} or a list of them, but holds {type(value).__name__}."
            )
    return values


def _count_links(chain: "RepeaterChain") -> int:
    """Return the number of links, which the list of links and ``num_links`` must agree on."""
    given = None if chain.num_links is None else checks.integer(chain.num_links, "num_links", 1, MAX_LINKS)
    count = len(chain.links) if _is_list(chain.links) else given
    if not count:
        raise ParameterTypeError(
            "Parameter `num_links` must be given where `links` is one Heralded, and `links` not empty."
        )
    if given not in (None, count):
        raise DimensionError(f"Parameter `links` must hold `num_links` = {given} links, but holds {count}.")
    if chain.policy == "nested" and count & (count - 1):
        raise ParameterError(f'Parameter `num_links` must be a power of 2 for the policy "nested", but is {count}.')
    return count


def checked_devices(chain: "RepeaterChain") -> Mapping[str, Any]:
    """Return links, memories, stations and rounds as tuples."""
    count = _count_links(chain)
    links = _each(chain.links, "links", count, "link")
    for link in {id(link): link for link in links}.values():
        require_link(link, "links")
        checks.probability(link.probability, "links[k].probability")
    rounds = _each(chain.distillation, "distillation", num_levels(chain.policy, count), "level")
    return {
        "links": links,
        "memory": _of_kind(_each(chain.memory, "memory", count + 1, "node"), "memory", Memory),
        "station": _of_kind(_each(chain.station, "station", count - 1, "inner node"), "station", BellStation),
        "distillation": tuple(checks.integer(value, "distillation", 0, _MAX_ROUNDS) for value in rounds),
        "num_links": count,
    }


def _real_each(
    value: Any, name: str, count: int, what: str, *, open_low: bool = False, infinite: bool = False
) -> tuple[checks.Floats, ...]:
    """Return frozen numbers; what is given once stays one and the same array."""
    given = list(value) if _is_list(value) else [value]
    checked = [checks.frozen(checks.real(v, name, low=0.0, open_low=open_low, infinite=infinite)) for v in given]
    return _each(checked if _is_list(value) else checked[0], name, count, what)


def checked_numbers(chain: "RepeaterChain") -> Mapping[str, Any]:
    """Return all numbers as arrays that can't be written to, tuples of them where there is one for each."""
    count, levels = len(chain.links), chain.num_levels
    fractions = {name: getattr(chain, name) for name in _PLAIN[1:4]}
    checked = parameters(
        from_one={"multiplexing": chain.multiplexing}, counts={"multiplexing": chain.multiplexing}, fractions=fractions
    )
    run = checks.real(chain.max_run_s, "max_run_s", low=0.0, open_low=True, infinite=True)
    return {
        **{name: checks.frozen(value) for name, value in zip(_PLAIN, (*checked, run), strict=True)},
        "cutoff_s": _real_each(chain.cutoff_s, "cutoff_s", levels, "level", infinite=True),
        "cycle_s": _real_each(chain.cycle_s, "cycle_s", count, "link", open_low=True),
        "communication_s": _real_each(chain.communication_s, "communication_s", count, "link"),
    }


def shapes(chain: "RepeaterChain") -> Mapping[str, checks.Dims]:
    """Return the batch of every parameter, by a name that a message can give."""
    known, found = parts(chain), {name: np.shape(getattr(chain, name)) for name in _PLAIN}
    for name, values in (("cutoff_s", known.cutoffs), ("cycle_s", known.cycles), ("communication_s", known.messages)):
        found |= {f"{name}[{k}]": value.shape for k, value in enumerate(values)}
    devices: dict[str, tuple[Any, ...]] = {"memory": known.memories, "station": known.stations}
    for name, each in devices.items():
        for k, device in enumerate(each):
            found |= {f"{name}[{k}].{f.name}": np.shape(getattr(device, f.name)) for f in fields(device) if f.init}
    for k, link in enumerate(known.links):
        found |= {f"links[{k}].state": link.state.batch_shape, f"links[{k}].probability": np.shape(link.probability)}
    return found


def refuse_impossible(chain: "RepeaterChain") -> None:
    """Refuse what can never deliver, and say why; in a batch such points are left to give NaN."""
    known, batch = parts(chain), chain.batch_shape
    if chain.policy == "swap-asap" and np.any(chain.min_fidelity):
        raise ParameterError(
            'Parameter `min_fidelity` must be 0 for the policy "swap-asap", whose swaps are corrected at the end; use `cutoff_s`.'
        )
    _require_waits(known)
    if not batch:
        _require_successes(known)
        if np.asarray(chain.max_run_s) < max(known.cycles) * (1 - _ROUND_OFF):
            raise ParameterError(
                f"The chain can't deliver: `max_run_s` = {chain.max_run_s:.6g} s is shorter than a cycle."
            )


def _require_waits(known: Parts) -> None:
    shortest = np.minimum.reduce(np.broadcast_arrays(*known.cycles))
    for level, cutoff in enumerate(known.cutoffs):
        if np.any(cutoff < shortest * (1 - _ROUND_OFF)):
            raise ParameterError(
                f"Parameter `cutoff_s` must be at least a cycle, or no pair could wait for its partner at level {level}, "
                f"but is {np.min(cutoff):.12g}."
            )


def _require_successes(known: Parts) -> None:
    numbers = {"link": known.successes, "station": [station.success_probability for station in known.stations]}
    for what, values in numbers.items():
        for k, value in enumerate(values):
            if value == 0:
                raise ParameterError(f"The chain can't deliver: {what} {k} has success probability 0.")
