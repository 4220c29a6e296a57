"""Pairs that come about at random times: when, in what state, and what has waited of them."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from qnet_core import _checks as checks

from . import _kernels
from .clock import Steps
from .hardware import Link, Node
from .renewal import lengthened, without_traces

__all__: list[str] = []

Rows = tuple[int, ...]  # of the correlators of a pair, those that are not 0 throughout; the first is the trace

# Row 4 * i + j is Tr(rho P_i x P_j). Where the right half waits before a correction, the Pauli that the swaps choose
# and that on the right half part ways as Z relaxes into I: row 16 + i is for Z and I.
_FRAMED = 16


class Stream(NamedTuple):
    """The next pair to come between two nodes, all links in it having started at step 0.

    ``arriving[r, p, t]`` is correlator ``rows[r]`` of the pair that comes at step t, averaged over histories and weighted by
    their probability: the trace is the probability of step t itself. ``missing[p, t]`` is the probability that it has not
    come by step t, ``mean`` the mean step, ``average`` the mean state. Arrays are (rows, points, steps + 1).
    """

    rows: Rows
    arriving: checks.Floats
    missing: checks.Floats
    mean: checks.Floats
    average: checks.Floats


class Waiting(NamedTuple):
    """What comes at step t, and what came before and has waited until t, in the same rows."""

    rows: Rows
    arriving: checks.Floats
    waited: checks.Floats

    @property
    def now(self) -> tuple[Rows, checks.Floats]:
        """What comes now."""
        return self.rows, self.arriving

    @property
    def before(self) -> tuple[Rows, checks.Floats]:
        """What came before."""
        return self.rows, self.waited


def link_stream(link: Link, steps: int, tail: float = 0.0) -> Stream:
    """Return when a link comes: after a geometric number of attempts, always in the same state; up to a tail, if one is given."""
    rows = tuple(r for r in range(16) if r == 0 or link.state[r].any())
    again = 1 - link.success[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(again < 1, 2 + np.log(tail) / np.log(again), np.inf)
    last = int(np.fmin(steps, link.cycle[:, None] * most).max())
    attempts, phase = np.divmod(np.arange(last + 1), link.cycle[:, None])
    comes = np.where((phase == 0) & (attempts > 0), link.success[:, None] * again ** np.maximum(attempts - 1, 0), 0.0)
    with np.errstate(divide="ignore"):
        mean = link.cycle / link.success
    state = link.state[list(rows)]
    return Stream(rows, state[..., None] * without_traces(comes), without_traces(again**attempts), mean, state)


def lengthened_stream(stream: Stream, steps: int) -> Stream:
    """Return a stream up to a step, with nothing where it had ended."""
    return stream._replace(arriving=lengthened(stream.arriving, steps), missing=lengthened(stream.missing, steps))


def equally_long(streams: Iterable[Stream]) -> list[Stream]:
    """Return streams up to the step where the last of them ends."""
    every = list(streams)
    longest = max(stream.missing.shape[-1] for stream in every) - 1
    return [lengthened_stream(stream, longest) for stream in every]


def with_rows(values: checks.Floats, rows: Rows, wanted: Rows) -> checks.Floats:
    """Return the values of more rows, 0 where there were none."""
    if rows == wanted:
        return values
    more = np.zeros((len(wanted), *values.shape[1:]))
    more[[wanted.index(r) for r in rows]] = values
    return more


def paulis(row: int) -> tuple[int, int]:
    """Return the Paulis on the left and the right half."""
    return divmod(row, 4) if row < _FRAMED else (row - _FRAMED, 0)


def equilibrium_rows(rows: Iterable[int], side: int) -> list[tuple[int, int]]:
    """Return which rows Z relaxes into on a side, as pairs (row of Z, row of I)."""
    framed = max(rows) >= _FRAMED
    if side == 0:
        return [(z, i) for z, i in ((12, 0), (13, 1), (14, 2), (15, 3), (19, 16)) if framed or z < _FRAMED]
    return [(4 * k + 3, _FRAMED + k if framed else 4 * k) for k in range(4)]


def decayed_rows(rows: Rows, left: Node, right: Node) -> Rows:
    """Return the rows that are not 0 after decay, as I feeds Z."""
    found = set(rows)
    for side, node in enumerate((left, right)):
        if (node.equilibrium * node.relaxation).any():
            found |= {z for z, i in equilibrium_rows(rows, side) if i in found}
    return tuple(sorted(found))


def rates(rows: Rows, left: Node, right: Node) -> checks.Floats:
    """Return the decay rate of every row, shape (rows, points), in terms of Z - equilibrium."""
    first, second = left.rates, right.rates
    return np.array([first[paulis(r)[0]] + second[paulis(r)[1]] for r in rows])


def shift_equilibrium(values: checks.Floats, rows: Rows, left: Node, right: Node, sign: int) -> None:
    """Add ``sign`` times the equilibrium of Z to Z on either side, in place."""
    for side, node in enumerate((left, right)):
        for z, i in equilibrium_rows(rows, side):
            if z in rows and i in rows and (node.equilibrium * node.relaxation).any():
                values[rows.index(z)] += sign * node.equilibrium[:, None] * values[rows.index(i)]


def waiting(stream: Stream, left: Node, right: Node, window: Steps) -> Waiting:
    """Return what has waited for 1 to ``window`` steps, both halves decaying exponentially."""
    rows = decayed_rows(stream.rows, left, right)
    arriving = with_rows(stream.arriving, stream.rows, rows)
    waited, relaxing = np.empty_like(arriving), arriving.copy()
    shift_equilibrium(relaxing, rows, left, right, -1)
    _wait(waited, relaxing, np.exp(-rates(rows, left, right)), window)
    shift_equilibrium(waited, rows, left, right, 1)
    return Waiting(rows, arriving, waited)


def _wait(out: checks.Floats, x: checks.Floats, factors: checks.Floats, window: Steps) -> None:
    _kernels.series.wait_all(out, x, np.ascontiguousarray(factors), window, np.empty(x.shape[-1] + 1))


def recent(x: checks.Floats, steps: Steps) -> checks.Floats:
    """Return the sum of the last ``steps`` terms of series, shape (points, steps), up to each."""
    out = np.empty((1, *x.shape))
    _wait(out, x[None], np.ones((1, len(x))), np.maximum(steps - 1, 0))
    return np.asarray(np.where(steps[:, None] > 0, out[0] + x, 0.0))


def delayed(values: checks.Floats, rows: Rows, left: Node, right: Node, steps: Steps) -> tuple[Rows, checks.Floats]:
    """Return pairs that come ``steps`` later, decayed on both halves."""
    if not steps.any():
        return rows, values
    wanted = decayed_rows(rows, left, right)
    relaxing = with_rows(values, rows, wanted).copy()
    shift_equilibrium(relaxing, wanted, left, right, -1)
    later = np.empty_like(relaxing)
    _kernels.series.delay(later, relaxing, np.exp(-rates(wanted, left, right) * steps), steps)
    shift_equilibrium(later, wanted, left, right, 1)
    return wanted, later


def with_frames(values: checks.Floats, rows: Rows) -> tuple[Rows, checks.Floats]:
    """Return links with the rows that pairs have whose corrections are put off."""
    extra = tuple(_FRAMED + k for k in range(4) if 4 * k in rows)
    more = [rows.index(4 * (r - _FRAMED)) for r in extra]
    return rows + extra, np.concatenate([values, values[more]])


def corrected(stream: Stream) -> Stream:
    """Return delivered pairs, all corrections done."""
    count = sum(r < _FRAMED for r in stream.rows)
    return stream._replace(rows=stream.rows[:count], arriving=stream.arriving[:count], average=stream.average[:count])
