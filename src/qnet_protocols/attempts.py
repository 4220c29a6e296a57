"""One attempt to join pairs that are made side by side, begun anew until it succeeds."""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from qnet_core import _checks as checks

from . import _kernels
from .clock import Steps
from .hardware import Joint, Node
from .renewal import Method, begun_anew, lengthened
from .streams import Rows, Stream, Waiting, delayed, recent, with_rows

__all__: list[str] = []


class Joined(NamedTuple):
    """What an attempt yields at each step: the joined pair before any failure, and the probability that all pairs have met.

    Arrays are (rows, points, steps + 1) and (points, steps + 1).
    """

    rows: Rows
    pairs: checks.Floats
    met: checks.Floats


class Limits(NamedTuple):
    """How an attempt ends: cut-off and message in steps, probability of success, when failure is known; the last step."""

    window: Steps
    message: Steps
    success: checks.Floats
    failure_needs_message: bool
    steps: int


def products(joint: Joint, a: tuple[Rows, checks.Floats], b: tuple[Rows, checks.Floats]) -> tuple[Rows, checks.Floats]:
    """Return the pairs that come of two pairs, step by step."""
    terms, (rows_a, x), (rows_b, y) = joint.terms, a, b
    chosen = terms.rows.reshape(-1, 2)
    outs = np.repeat(np.arange(len(terms.bounds) - 1), np.diff(terms.bounds))
    used = [k for k, (i, j) in enumerate(chosen) if i in rows_a and j in rows_b]
    rows = tuple(sorted({int(outs[k]) for k in used} | {0}))
    out = np.zeros((len(rows), *x.shape[1:]))
    _kernels.series.add_products(
        out, x, y, joint.weights,
        np.array([rows.index(outs[k]) for k in used], np.int64),
        np.array([rows_a.index(chosen[k, 0]) for k in used], np.int64),
        np.array([rows_b.index(chosen[k, 1]) for k in used], np.int64),
        terms.kinds[used], terms.signs[used],
    )  # fmt: skip
    return rows, out


def total(*parts: tuple[Rows, checks.Floats]) -> tuple[Rows, checks.Floats]:
    """Return the sum of series that may have different rows."""
    rows = tuple(sorted({r for own, _ in parts for r in own}))
    return rows, np.add.reduce([with_rows(values, own, rows) for own, values in parts])


def met_now(joint: Joint, a: Waiting, b: Waiting) -> tuple[Rows, checks.Floats]:
    """Return what two pairs give of which the later one comes now."""
    there = b.rows, b.arriving + b.waited
    return total(products(joint, a.now, there), products(joint, a.before, b.now))


def joined_in_turn(joints: Sequence[Joint], pairs: Sequence[Waiting]) -> tuple[Rows, checks.Floats]:
    """Return what any number of pairs give that wait for the last of them."""
    now = pairs[0]
    for joint, other in zip(joints, pairs[1:], strict=True):
        (rows, arriving), (old, waited) = met_now(joint, now, other), products(joint, now.before, other.before)
        union = tuple(sorted({*rows, *old}))
        now = Waiting(union, with_rows(arriving, rows, union), with_rows(waited, old, union))
    return now.rows, now.arriving


def all_met(arriving: Sequence[checks.Floats], waited: Sequence[checks.Floats]) -> checks.Floats:
    """Return the probability that the last of several pairs comes now, from those that each comes, and has waited."""
    now: checks.Floats = arriving[0]
    before: checks.Floats = waited[0]
    for fresh, old in zip(arriving[1:], waited[1:], strict=True):
        now, before = now * (fresh + old) + before * fresh, before * old
    return now


def cut_off(streams: Sequence[Stream], window: Steps) -> tuple[checks.Floats, checks.Floats]:
    """Return the probabilities that an attempt is cut off at step t, and that it has neither met nor been cut off by t.

    Cut off at t: all came later than t - window - 1, one of them at t - window, and one has not come by t.
    """
    zero, one = np.zeros_like(streams[0].missing), np.ones_like(streams[0].missing)
    if (window >= zero.shape[-1]).all():
        return zero, reduce(lambda some, stream: some + stream.missing * (1 - some), streams, zero)
    old, late, both, none = zero, zero, zero, one  # one came at t - window, one is missing, both, none
    missing, open_ = zero, one  # one is missing, none
    for stream in streams:
        first = np.empty((1, *stream.missing.shape))
        _kernels.series.delay(first, np.ascontiguousarray(stream.arriving[:1]), np.ones((1, len(window))), window)
        new, gone, a = recent(stream.arriving[0], window), stream.missing, first[0]
        both = both * (a + new + gone) + old * gone + late * a
        old, late, none = old * (a + new) + none * a, late * (new + gone) + none * gone, none * new
        missing, open_ = missing * (new + gone) + open_ * gone, open_ * new
    return both, missing


def begun_until_met(
    streams: Sequence[Stream], joined: Joined, ends: tuple[Node, Node], limits: Limits, method: Method
) -> Stream:
    """Return the pairs that attempts deliver, each of which begins when the one before it has failed.

    The probability of each step is divided by that of success as power series; failures are of rounds or swaps, and of cut-offs.
    """
    last = min(limits.steps, streams[0].missing.shape[-1] - 1 + int(limits.message.max()))
    cut, missing = (lengthened(series, last) for series in cut_off(streams, limits.window))
    met, kept = lengthened(joined.met, last), lengthened(joined.pairs * limits.success[:, None], last)
    failed: checks.Floats = met - kept[0]
    told = met if limits.failure_needs_message else kept[0]
    rows, kept = delayed(kept, joined.rows, *ends, limits.message)
    if limits.failure_needs_message:
        failed = delayed(failed[None], (0,), *ends, limits.message)[1][0]
    lost = failed + cut
    longer = missing + recent(told, limits.message)
    series = begun_anew(np.concatenate([kept, [longer]]), lost, method, limits.steps)
    good, bad = kept.sum(axis=-1), lost.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(good[0] > 0, good[0] / (good[0] + bad), 0.0)
        mean = _mean_duration(streams, missing, limits, told) / share
        return Stream(rows, series[:-1], series[-1], mean, good / good[0])


def _mean_duration(
    streams: Sequence[Stream], missing: checks.Floats, limits: Limits, told: checks.Floats
) -> checks.Floats:
    """Return the mean steps of an attempt.

    Beyond the last step and without cut-off, one of the pairs at most is missing, up to terms of second order: their means are
    known.
    """
    endless = limits.window >= missing.shape[-1]
    beyond = sum(stream.mean - stream.missing.sum(axis=-1) for stream in streams)
    with np.errstate(invalid="ignore"):
        length = missing.sum(axis=-1) + np.where(endless, beyond, 0.0)
    messages = limits.message * told.sum(axis=-1)
    return np.asarray(length + messages)
