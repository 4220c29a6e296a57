"""What the chain of a scenario delivers under its policy, cut-offs and distillation."""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_channels import BellStation, Memory
from qnet_core import Heralded
from qnet_protocols import ChainResult, RepeaterChain, best_chain, cut_off_chain, equal_link_chain

from .kinds.chain import Policy
from .rare_links import cycles_at_once, extrapolated, put_together

__all__ = ["Segments", "delivered"]

_LONGEST = 20.0  # longest cut-off that is tried, in mean waiting times for the slowest link, or so
_SUMMED = 1 << 20  # more than any number of links
Floats = NDArray[Any]
Deliver = Callable[[Floats], ChainResult]


class Segments(NamedTuple):
    """Links of chains, all alike in each, what stands between them, and how long they wait; all fields broadcast."""

    link: Heralded
    num_links: Floats
    cycle_s: Floats
    memory: Memory
    station: BellStation
    multiplexing: Floats
    cutoff_s: Floats | float | None  # None: the best
    distillation: Floats | int

    @property
    def batch(self) -> tuple[int, ...]:
        """The shape that everything broadcasts to."""
        arrays = [self.link.probability, self.num_links, self.cycle_s, self.multiplexing, self.distillation]
        devices = [value for device in (self.memory, self.station) for value in _numbers(device).values()]
        cutoff = () if self.cutoff_s is None else np.shape(self.cutoff_s)
        return np.broadcast_shapes(cutoff, self.link.state.batch_shape, *map(np.shape, [*arrays, *devices]))

    def at(self, places: Floats) -> "Segments":
        """Return those of some points, which are counted in one row."""

        def chosen(value: Any) -> Any:
            return value if np.ndim(value) == 0 else np.broadcast_to(value, self.batch).reshape(-1)[places]

        states = self.link.state.broadcast_to(self.batch).reshape(math.prod(self.batch))
        memory = replace(self.memory, **{name: chosen(value) for name, value in _numbers(self.memory).items()})
        station = replace(self.station, **{name: chosen(value) for name, value in _numbers(self.station).items()})
        cutoff = None if self.cutoff_s is None else chosen(self.cutoff_s)
        return Segments(
            Heralded(states[places], chosen(self.link.probability)), chosen(self.num_links), chosen(self.cycle_s), memory,
            station, chosen(self.multiplexing), cutoff, chosen(self.distillation),
        )  # fmt: skip


def _numbers(device: Any) -> dict[str, Any]:
    return {field.name: getattr(device, field.name) for field in fields(device) if field.init}


def delivered(policy: Policy, segments: Segments) -> dict[str, Floats]:
    """Return the results of these chains and their cut-offs, by name: all at once in closed form, else by number of links."""
    batch = segments.batch
    rounds, links = (np.broadcast_to(value, batch) for value in (segments.distillation, segments.num_links))
    closed = (rounds == 0) & (policy == "swap-at-end")
    if closed.all():
        return _results(segments, _closed(segments))
    kinds, which = np.unique(np.where(closed, 0, links + _SUMMED * rounds), return_inverse=True)
    found: dict[str, Floats] = {}
    for k, kind in enumerate(kinds):
        places = np.flatnonzero(which.reshape(-1) == k)
        some = segments.at(places)
        results = _results(some, _closed(some) if kind == 0 else _summed(policy, some, *divmod(int(kind), _SUMMED)))
        for name, array in results.items():
            shape = array.shape[1:] if name == "bloch" else ()
            row = found.setdefault(name, np.empty((which.size, *shape)))
            row[places] = array
    return {name: array.reshape(batch + array.shape[1:]) for name, array in found.items()}


def _results(segments: Segments, deliver: Deliver) -> dict[str, Floats]:
    cutoff = _best_cutoff(segments, deliver) if segments.cutoff_s is None else np.asarray(segments.cutoff_s)
    result = deliver(cutoff)
    return {
        "fidelity": result.fidelity, "rate_hz": result.rate_hz, "secret_key_fraction": result.secret_key_fraction,
        "waiting_time_s": result.waiting_time_s, "bloch": result.state.bloch,
        "cutoff_s": np.broadcast_to(cutoff, result.rate_hz.shape),
    }  # fmt: skip


def _closed(segments: Segments) -> Deliver:
    """Return closed sums over the waiting times, for links that wait for the slowest."""

    def deliver(cutoff_s: Floats) -> ChainResult:
        if np.isinf(cutoff_s).all():
            return equal_link_chain(
                segments.link, num_links=segments.num_links, cycle_s=segments.cycle_s, memory=segments.memory,
                station=segments.station, multiplexing=segments.multiplexing,
            )  # fmt: skip
        return cut_off_chain(
            segments.link, num_links=segments.num_links, cycle_s=segments.cycle_s, memory=segments.memory, cutoff_s=cutoff_s,
            station=segments.station, multiplexing=segments.multiplexing,
        )  # fmt: skip

    return deliver


def _summed(policy: Policy, segments: Segments, rounds: int, num_links: int) -> Deliver:
    """Return sums step by step, for one number of links; a step is many cycles where links come rarely."""
    index = np.arange(math.prod(segments.batch)).reshape(segments.batch)

    def deliver(cutoff_s: Floats) -> ChainResult:
        limit_s, which, often, cycle_s = np.broadcast_arrays(cutoff_s, index, _successes(segments), segments.cycle_s)
        flat_limits, flat_index = limit_s.reshape(-1), which.reshape(-1)

        def result(cycles: int, places: NDArray[np.int64]) -> ChainResult:
            some = segments.at(flat_index[places])
            chain = RepeaterChain(
                some.link, some.memory, some.station, policy, distillation=rounds, multiplexing=some.multiplexing,
                num_links=num_links, cycle_s=some.cycle_s,
            )  # fmt: skip
            return extrapolated(chain, flat_limits[places], np.asarray(some.cycle_s), cycles)

        lifetime_s = np.minimum(segments.memory.t1_s, segments.memory.t2_s)
        return put_together(cycles_at_once(often, limit_s / cycle_s, lifetime_s / cycle_s), result)

    return deliver


def _successes(segments: Segments) -> Floats:
    """Return how likely a link comes in a cycle, in any of its modes."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(segments.multiplexing * np.log1p(-np.asarray(segments.link.probability))))


def _best_cutoff(segments: Segments, deliver: Deliver) -> Floats:
    """Return the cut-offs of the highest key rates; infinite where none is better, or there is no key with any."""
    success = _successes(segments)
    longest = 2 + _LONGEST * (1 + np.log(segments.num_links)) / np.where(success > 0, success, 1.0)
    best = best_chain(deliver, ranges={"cutoff_s": (segments.cycle_s, segments.cycle_s * longest)})
    endless = deliver(np.array(np.inf)).secret_key_rate_bit_per_s
    return np.where(best.value > endless * (1 + 1e-12), best.settings["cutoff_s"], np.inf)
