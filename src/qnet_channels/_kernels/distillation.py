"""Pairs that meet in local circuits and are measured: sums of products of their correlators.

``x[row * length + k]`` is correlator ``row`` of point k. An operand with one value for all points comes as runs
of ``CHUNK`` equal numbers and is read with step 0, so that every loop over points is the same.
"""

from math import nan
from typing import Any

from qnet_core._jit import kernel

Array = Any  # a flat array, or a tuple of them; Numba types it at the call

CHUNK = 512  # points that are worked on while they stay in cache


@kernel
def part(x: Array, rows: int, row: int, c: int, n: int, step: int) -> Array:
    """Return n points of a row from c on."""
    start = row * (x.size // rows) + c * step
    return x[start : start + n]


@kernel
def multiply(target: Array, factor: Array) -> None:
    """Scale a run by another."""
    for k in range(target.size):
        target[k] *= factor[k]


@kernel
def add_product(target: Array, first: bool, sign: float, weight: Array, a: Array, b: Array) -> None:
    """Write or add a product of three runs."""
    if first:
        for k in range(target.size):
            target[k] = sign * weight[k] * a[k] * b[k]
    else:
        for k in range(target.size):
            target[k] += sign * weight[k] * a[k] * b[k]


@kernel
def put_two_products(
    target: Array, scale: Array, sign: float, weight: Array, a: Array, b: Array, sign2: float, weight2: Array,
    a2: Array, b2: Array,
) -> None:  # fmt: skip
    """Write a scaled sum of two products of three runs."""
    for k in range(target.size):
        target[k] = scale[k] * (sign * weight[k] * a[k] * b[k] + sign2 * weight2[k] * a2[k] * b2[k])


@kernel
def correlator(pairs: Array, which: Array, steps: Array, q: int, row: int, c: int, n: int) -> Array:
    """Return n points of a correlator of pair q."""
    return part(pairs[which[q]], 16, row, c, n, steps[which[q]])


@kernel
def weight_of(weights: Array, steps: Array, kind: int, c: int, n: int) -> Array:
    """Return n points of the weight of a kind of term."""
    return part(weights, steps[-1], kind, c, n, steps[-2])


@kernel
def correlators_of_two(
    out: Array, start: int, end: int, c: int, n: int, scale: Array, pairs: Array, which: Array, weights: Array,
    steps: Array, rows: Array, kinds: Array, signs: Array,
) -> None:  # fmt: skip
    """Write some correlators of the kept pair of two, of two terms each, for n points from c on."""
    for o in range(start, end):
        t, u = 2 * o, 2 * o + 1
        put_two_products(
            part(out, 16, o, c, n, 1), scale,
            signs[t], weight_of(weights, steps, kinds[t], c, n),
            correlator(pairs, which, steps, 0, rows[t, 0], c, n), correlator(pairs, which, steps, 1, rows[t, 1], c, n),
            signs[u], weight_of(weights, steps, kinds[u], c, n),
            correlator(pairs, which, steps, 0, rows[u, 0], c, n), correlator(pairs, which, steps, 1, rows[u, 1], c, n),
        )  # fmt: skip


@kernel
def correlators_of_many(
    out: Array, start: int, end: int, c: int, n: int, scale: Array, pairs: Array, which: Array, weights: Array,
    steps: Array, bounds: Array, rows: Array, kinds: Array, signs: Array, factor: Array,
) -> None:  # fmt: skip
    """Write some correlators of the kept pair for n points from c on."""
    last = which.size - 1
    for o in range(start, end):
        target = part(out, 16, o, c, n, 1)
        for t in range(bounds[o], bounds[o + 1]):
            factor[:] = scale
            multiply(factor, weight_of(weights, steps, kinds[t], c, n))
            for q in range(1, last):
                multiply(factor, correlator(pairs, which, steps, q, rows[t, q], c, n))
            a = correlator(pairs, which, steps, 0, rows[t, 0], c, n)
            b = correlator(pairs, which, steps, last, rows[t, last], c, n)
            add_product(target, t == bounds[o], signs[t], factor, a, b)


@kernel
def take_probability(
    trace: Array, probability: Array, scale: Array, pairs: Array, which: Array, steps: Array, c: int, floor: float
) -> None:
    """Move the trace into the probability, and its inverse into the scale; within round-off of 0 it is 0, and that NaN."""
    scale[:] = floor
    for q in range(which.size):
        multiply(scale, correlator(pairs, which, steps, q, 0, c, trace.size))
    for k in range(trace.size):
        possible = not trace[k] <= scale[k]  # so that NaN passes
        probability[k] = trace[k] if possible else 0.0
        scale[k] = 1.0 / trace[k] if possible else nan
        trace[k] = trace[k] / trace[k] if possible else nan


@kernel
def kept_pair(
    out: Array, probability: Array, pairs: Array, which: Array, weights: Array, steps: Array, bounds: Array,
    rows: Array, kinds: Array, signs: Array, scratch: Array, floor: float,
) -> None:  # fmt: skip
    """Write the kept pair: with its probability as its trace, or normalized where there is room for probabilities."""
    size, two_each = out.size // 16, which.size == 2 and bounds[16] == 32
    for c in range(0, size, CHUNK):
        n = min(CHUNK, size - c)
        scale, factor = scratch[:n], scratch[CHUNK : CHUNK + n]
        scale[:] = 1.0
        for start, end in ((0, 1), (1, 16)):  # the trace before all others
            if start == 1 and probability.size > 0:
                trace, target = part(out, 16, 0, c, n, 1), part(probability, 1, 0, c, n, 1)
                take_probability(trace, target, scale, pairs, which, steps, c, floor)
            if two_each:
                correlators_of_two(out, start, end, c, n, scale, pairs, which, weights, steps, rows, kinds, signs)
            else:
                correlators_of_many(
                    out, start, end, c, n, scale, pairs, which, weights, steps, bounds, rows, kinds, signs, factor
                )
