"""The pairs that a chain delivers, from its links upwards, under each policy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qnet_core import _checks as checks

from .aged_links import memory_of, waiting_link
from .as_soon import segments
from .attempts import Joined, Limits, all_met, begun_until_met, joined_in_turn, met_now
from .chain_parts import parts
from .clock import Steps
from .hardware import Hardware, Joint, Spread, spread
from .renewal import Method
from .streams import Stream, Waiting, corrected, equally_long, lengthened_stream, link_stream, waiting

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__: list[str] = []

_NOTHING = 1e-17  # of a probability


@dataclass(frozen=True, slots=True, eq=False)
class Builder:
    """Some points of a chain, to a number of steps; equal parts are worked out once."""

    chain: "RepeaterChain"
    hardware: Hardware
    at: Spread
    steps: int
    method: Method
    known: dict[Any, Stream] = field(default_factory=dict)

    def pair(self, level: int, first: int) -> Stream:
        """Return the pairs of a level of nested links from ``first`` on, after this level's distillation."""
        key = (level, *self._kinds(first, first + 2**level))
        if key not in self.known:
            raw = self.link(first) if level == 0 else self._nested(level, first)
            self.known[key] = self.distilled(raw, level, first, first + 2**level)
        return self.known[key]

    def link(self, which: int) -> Stream:
        """Return the pairs of a link; sums by FFT end where nothing is left."""
        return link_stream(self.hardware.links[which], self.steps, _NOTHING if self.method == "fft" else 0.0)

    def bottom(self, which: int) -> Stream:
        """Return the pairs of a link after its distillation."""
        return self.pair(0, which)

    def _kinds(self, first: int, last: int) -> tuple[Any, ...]:
        links, nodes, stations = self.hardware.kinds
        return links[first:last], nodes[first : last + 1], stations[first : last - 1]

    def _nested(self, level: int, first: int) -> Stream:
        half = 2 ** (level - 1)
        middle, last = first + half, first + 2 * half
        station, window = self.hardware.stations[middle - 1], self.hardware.cutoffs[level - 1]
        spans = [(first, middle), (middle, last)]
        streams = equally_long(self.pair(level - 1, start) for start, _ in spans)
        message = np.maximum(self._messages(first, middle), self._messages(middle, last))
        return self._swapped(streams, spans, [station], window, message)

    def at_end(self) -> Stream:
        """Return the pairs of all links, swapped when the last is there."""
        count = len(self.hardware.links)
        spans = [(k, k + 1) for k in range(count)]
        streams = equally_long(self.bottom(k) for k in range(count))
        return self._swapped(streams, spans, self.hardware.stations, self.hardware.cutoffs[0], self._longest_way())

    def _longest_way(self) -> Steps:
        count = len(self.hardware.links)
        return np.maximum(self._messages(0, count - 1), self._messages(1, count))

    def _messages(self, first: int, last: int) -> Steps:
        ways = [link.message for link in self.hardware.links[first:last]]
        return np.add.reduce(ways, dtype=np.int64) if ways else np.zeros(self.hardware.points, np.int64)

    def _swapped(
        self, streams: Sequence[Stream], spans: Sequence[tuple[int, int]], stations: Sequence[Joint], window: Steps,
        message: Steps,
    ) -> Stream:  # fmt: skip
        """Return the pairs of neighbouring pairs that wait for the last of them, and are swapped."""
        nodes = self.hardware.nodes
        if self.links_wait_alone:
            found = [self._waiting_link(k, stream, window) for (k, _), stream in zip(spans, streams, strict=True)]
            pairs = [pair for pair, _ in found]
            met = all_met([stream.arriving[0] for stream in streams], [waited for _, waited in found])
        else:
            pairs = [waiting(s, nodes[a], nodes[b], window) for s, (a, b) in zip(streams, spans, strict=True)]
            met = None
        rows, values = joined_in_turn(stations, pairs)
        success = np.multiply.reduce([station.success for station in stations])
        joined = Joined(rows, values, values[0] if met is None else met)
        ends = nodes[spans[0][0]], nodes[spans[-1][1]]
        return begun_until_met(streams, joined, ends, Limits(window, message, success, True, self.steps), self.method)

    @property
    def links_wait_alone(self) -> bool:
        """Whether links need their whole history: other than exponential decay, or a limit on their fidelity."""
        return bool(self.hardware.min_fidelity.any()) or not all(
            node.memory.is_exponential for node in self.hardware.nodes
        )

    def _waiting_link(self, which: int, stream: Stream, window: Steps) -> tuple[Waiting, checks.Floats]:
        memories = tuple(memory_of(self.hardware.nodes[k].memory, self.at) for k in (which, which + 1))
        return waiting_link(self.hardware, which, stream, memories, window)  # type: ignore[arg-type]

    def distilled(self, raw: Stream, level: int, first: int, last: int) -> Stream:
        """Return the pairs after the rounds of a level, each of two equal pairs that are made side by side."""
        window, message = self.hardware.cutoffs[level], self._messages(first, last)
        left, right = self.hardware.nodes[first], self.hardware.nodes[last]
        for _ in range(parts(self.chain).rounds[level]):
            pair = waiting(raw, left, right, window)
            rows, values = met_now(self.hardware.distill, pair, pair)
            met = all_met([pair.arriving[0]] * 2, [pair.waited[0]] * 2)
            limits = Limits(window, message, np.ones(self.hardware.points), True, self.steps)
            raw = begun_until_met([raw, raw], Joined(rows, values, met), (left, right), limits, self.method)
        return raw

    def as_soon(self) -> Stream:
        """Return the pairs of all links, whose neighbours are swapped as soon as both are there."""
        hardware, streams = self.hardware, equally_long(self.bottom(k) for k in range(len(self.hardware.links)))
        window = hardware.cutoffs[0]
        rows, values = segments(hardware, streams, window)
        success = np.multiply.reduce([station.success for station in hardware.stations])
        limits = Limits(window, self._longest_way(), success, False, self.steps)
        ends = hardware.nodes[0], hardware.nodes[-1]
        return corrected(begun_until_met(streams, Joined(rows, values, values[0]), ends, limits, self.method))

    def delivered(self) -> Stream:
        """Return the pairs of the two ends."""
        count = len(self.hardware.links)
        if count == 1 or self.chain.policy == "nested":
            return self.pair(self.chain.num_levels - 1, 0)
        alone = self.links_wait_alone or self.chain.policy == "swap-at-end"
        return self.distilled(self.at_end() if alone else self.as_soon(), 1, 0, count)


def build(chain: "RepeaterChain", parts: Hardware, points: NDArray[np.int64], steps: int, method: Method) -> Stream:
    """Return the pairs that some points of a chain, with this hardware, deliver up to a number of steps."""
    return lengthened_stream(Builder(chain, parts, spread(chain, points), steps, method).delivered(), steps)
