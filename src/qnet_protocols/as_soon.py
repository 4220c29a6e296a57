"""Stations that always succeed and swap as soon as both of their pairs are there.

The last link of a segment to come, and the segments on its two sides, which have swapped all they could and wait: this
cuts a segment into shorter ones, and the sum over histories of N links into N**3 sums over two times each.
"""

from collections.abc import Sequence

import numpy as np

from qnet_channels.bilateral import Terms
from qnet_core import _checks as checks

from .attempts import products, total
from .clock import Steps
from .hardware import Hardware, Joint
from .streams import Rows, Stream, Waiting, waiting, with_frames

__all__: list[str] = []

Kinds = tuple[tuple[int, ...], ...]


def framed_swap(station: Joint) -> Joint:
    """Return the swap whose correction is put off: rows 16 + i have Z chosen by the swaps, and I on the right."""
    terms = station.terms
    more = np.array([(4 * i + 3, 19) for i in range(4)])
    rows, kinds = np.concatenate([terms.rows, more.ravel()]), np.concatenate([terms.kinds, np.full(4, 3)])
    signs = np.concatenate([terms.signs, np.full(4, terms.signs[3])])
    return station._replace(terms=Terms(np.arange(21), rows, kinds, signs, terms.powers))


def segments(hardware: Hardware, streams: Sequence[Stream], window: Steps) -> tuple[Rows, checks.Floats]:
    """Return the pairs of all links at the time when the last one comes."""
    done: dict[Kinds, Waiting] = {}
    count, swaps = len(streams), [framed_swap(station) for station in hardware.stations]
    for size in range(1, count):
        for first in range(count - size + 1):
            last = first + size
            if (key := _kinds(hardware, first, last)) not in done:
                rows, arriving = _segment(hardware, done, swaps, streams, first, last)
                stream = streams[first]._replace(rows=rows, arriving=arriving)
                done[key] = waiting(stream, hardware.nodes[first], hardware.nodes[last], window)
    return _segment(hardware, done, swaps, streams, 0, count)


def _kinds(hardware: Hardware, first: int, last: int) -> Kinds:
    links, nodes, stations = hardware.kinds
    return links[first:last], nodes[first : last + 1], stations[first : last - 1]


def _segment(
    hardware: Hardware,
    done: dict[Kinds, Waiting],
    swaps: Sequence[Joint],
    streams: Sequence[Stream],
    first: int,
    last: int,
) -> tuple[Rows, checks.Floats]:
    """Return the pairs of a segment: each link in turn is the last, the leftmost of them where several come at once."""
    parts = []
    for which in range(first, last):
        found = with_frames(streams[which].arriving, streams[which].rows)
        if which > first:
            found = products(swaps[which - 1], done[_kinds(hardware, first, which)].before, found)
        if which < last - 1:
            right = done[_kinds(hardware, which + 1, last)]
            found = products(swaps[which], found, (right.rows, right.arriving + right.waited))
        parts.append(found)
    return total(*parts)
