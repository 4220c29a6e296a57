"""The state of a chain whose links wait for the slowest, averaged over all waiting times, with a cut-off or without.

A link that is attempted once per cycle with success probability ``p = 1 - q`` waits ``t - T`` cycles for cycle t. Each
component of its state is a sum of exponentials ``z**(t - T)``. What ends at cycle t has the weight
``S(t) = prod u(t) - prod v(t)``: ``u(t) = sum_{s <= t} p q**(s-1) z**(t-s)`` is over links done by cycle t, v over those done
before. The differences are taken factor by factor, so that every term keeps its relative accuracy.

With a window of w cycles after the first link, and as nothing is remembered until it comes, what ends at t with the first
in cycle 1 has weight ``S(t) - q**n S(t - 1)``, and all of them ``(1 - q**n) (S(1) + ... + S(w)) + S(w + 1)``.

The sum over t runs over Gauss nodes of the counting measure, sixteen at a time: all loops within a panel are over
rows of sixteen numbers of one scratch array, as the compiler makes vectors of them if it can see that rows don't overlap.
"""

from math import exp, expm1, log, log1p
from typing import Any

from qnet_core._jit import kernel, uncounted
from qnet_core._kernels.exponential import decay_run

Array = Any  # a flat array; Numba types it at the call

NODES = 16  # per panel
SHORTEST = 16.0  # cycles in the shortest panel, which its nodes sum exactly
LONGEST = 40  # of panels of 16 * 2**k cycles with nodes of their own; longer ones scale the last
SPREAD = 16.0  # the fastest exponential may fall by exp(-SPREAD) in the first panel
FASTEST = 700.0  # decay per cycle beyond which exp(-rate) counts as 0
TAIL = 42.0  # the sum ends where exp(-TAIL) is left
CLOSE = 1e-300  # rates that differ by less count as equal

# where rows begin; the first three have eight each: of the rates fail, a, b, then of |fail - a|, 2a, b, a + b, 2b
ARGUMENT, LOST, KEPT = 0, 8 * NODES, 16 * NODES
CYCLE, WEIGHT, FRESH, ALONE, SHARED = 24 * NODES, 25 * NODES, 26 * NODES, 27 * NODES, 28 * NODES
WAITED = 29 * NODES  # six: by exponent 0, a, 2a, b, a + b, 2b
BEFORE, BOTH, TOTAL, LOW, HIGH = 35 * NODES, 39 * NODES, 43 * NODES, 47 * NODES, 51 * NODES  # four each: by column
SUMS, TIMES = 55 * NODES, 79 * NODES  # six for each column, by exponent; cycles times weights
ROOM = 80 * NODES


@uncounted
def fill_decays(s: Array, fail: float, rates: Array, bits: Array) -> None:
    """Write what is lost and kept by each rate before the panel's cycles."""
    for i in range(NODES):
        earlier = s[CYCLE + i] - 1.0
        s[ARGUMENT + i] = -fail * earlier
        s[ARGUMENT + NODES + i] = -rates[1] * earlier
        s[ARGUMENT + 2 * NODES + i] = -rates[3] * earlier
    for m in range(1, 6):
        gap = abs(fail - rates[m])
        for i in range(NODES):
            s[ARGUMENT + NODES * (2 + m) + i] = -gap * (s[CYCLE + i] - 1.0)
    decay_run(s[LOST:KEPT], s[KEPT:CYCLE], s[ARGUMENT:LOST], bits)


@uncounted
def fill_waits(s: Array, p: float, fail: float, rates: Array, gains: Array) -> None:
    """Write what comes in each cycle, and ``sum_{s < t} p q**(s-1) z**(t-s)`` for each exponent."""
    for i in range(NODES):
        a, b = s[KEPT + NODES + i], s[KEPT + 2 * NODES + i]
        s[FRESH + i] = p * s[KEPT + i]
        s[WAITED + i], s[WAITED + NODES + i], s[WAITED + 2 * NODES + i] = 1.0, a, a * a
        s[WAITED + 3 * NODES + i], s[WAITED + 4 * NODES + i], s[WAITED + 5 * NODES + i] = b, a * b, b * b
    for m in range(6):
        row, lost = WAITED + NODES * m, LOST + (NODES * (2 + m) if m else 0)
        if rates[m] >= fail:  # of z**t and q**t the one that falls slowly
            for i in range(NODES):
                s[row + i] = s[KEPT + i]
        if abs(fail - rates[m]) < CLOSE:
            for i in range(NODES):
                s[row + i] *= gains[m] * (s[CYCLE + i] - 1.0)
        else:
            for i in range(NODES):
                s[row + i] *= gains[m] * s[lost + i]


@uncounted
def fill_columns(s: Array, others: Array) -> None:
    """Write for each column what a link behind the first adds that is done before each cycle, and by then.

    ``others`` holds for each column the coefficients of exponents 0, a, 2a, 2b.
    """
    for j in range(4):
        c0, c1, c2, c5 = others[4 * j], others[4 * j + 1], others[4 * j + 2], others[4 * j + 3]
        row, now = NODES * j, c0 + c1 + c2 + c5
        for i in range(NODES):
            waited = c0 * s[WAITED + i] + c1 * s[WAITED + NODES + i] + c2 * s[WAITED + 2 * NODES + i]
            s[BEFORE + row + i] = waited + c5 * s[WAITED + 5 * NODES + i]
            s[BOTH + row + i] = s[BEFORE + row + i] + now * s[FRESH + i]


@uncounted
def fill_powers(s: Array, n: int) -> None:
    """Write ``TOTAL``, the sum over i < n of ``BEFORE**i BOTH**(n-1-i)``, and ``HIGH = BOTH**n``, by doubling."""
    for i in range(4 * NODES):
        s[TOTAL + i], s[LOW + i], s[HIGH + i] = 0.0, 1.0, 1.0
    bit = 1
    while 2 * bit <= n:
        bit *= 2
    while bit > 0 and n > 0:
        for i in range(4 * NODES):
            s[TOTAL + i] *= s[LOW + i] + s[HIGH + i]
            s[LOW + i] *= s[LOW + i]
            s[HIGH + i] *= s[HIGH + i]
        if n & bit:
            for i in range(4 * NODES):
                s[TOTAL + i] = s[TOTAL + i] * s[BOTH + i] + s[LOW + i]
                s[LOW + i] *= s[BEFORE + i]
                s[HIGH + i] *= s[BOTH + i]
        bit //= 2


@uncounted
def add_ends(s: Array, others: Array) -> None:
    """Add what ends in each cycle, for the exponents that a column of a pair of qubits has."""
    for j in range(4):
        now = others[4 * j] + others[4 * j + 1] + others[4 * j + 2] + others[4 * j + 3]
        row, first, last = NODES * j, 3 if 1 <= j <= 2 else 0, 4 if j == 0 else 5 if j == 3 else 6
        for i in range(NODES):
            fresh = s[WEIGHT + i] * s[FRESH + i]
            s[ALONE + i] = fresh * s[HIGH + row + i]
            s[SHARED + i] = fresh * now * s[TOTAL + row + i]
        for m in range(first, last):
            for i in range(NODES):
                s[SUMS + NODES * (6 * j + m) + i] += s[ALONE + i] + s[SHARED + i] * s[WAITED + NODES * m + i]
        if j == 0:
            for i in range(NODES):
                s[TIMES + i] += s[CYCLE + i] * (s[ALONE + i] + s[SHARED + i] * s[WAITED + i])


@uncounted
def add_panel(
    s: Array, p: float, fail: float, n: int, rates: Array, gains: Array, others: Array, bits: Array
) -> None:  # fmt: skip
    """Add what ends at the cycles of a panel, times their weights."""
    fill_decays(s, fail, rates, bits)
    fill_waits(s, p, fail, rates, gains)
    fill_columns(s, others)
    fill_powers(s, n - 1)
    add_ends(s, others)


@uncounted
def fill_panel(s: Array, start: float, k: int, count: int, nodes: Array, weights: Array) -> None:
    """Write cycles and weights: the nodes of ``16 * 2**k`` cycles, or ``count`` single ones if k is negative."""
    own = min(max(k, 0), LONGEST)
    scale = 2.0 ** (k - own)
    for i in range(NODES):
        if k >= 0:
            s[CYCLE + i] = start + nodes[NODES * own + i] * scale
            s[WEIGHT + i] = weights[NODES * own + i] * scale
        else:
            s[CYCLE + i] = start + min(i, count - 1)
            s[WEIGHT + i] = 1.0 if i < count else 0.0


@uncounted
def longer_panel(least: float, start: float, n: int, fail: float, rates: Array, last: float) -> float:
    """Return how long a panel may be for the fastest exponential that is left, by doubling ``least``."""
    fastest = fail
    for m in range(1, 4, 2):
        if rates[m] * start < TAIL:
            fastest = max(fastest, fail + 2 * rates[m])
    while 2 * least * n * fastest <= SPREAD and least < last:
        least *= 2.0
    return least


@uncounted
def next_panel(start: float, least: float, left: float) -> int:
    """Return k of the next panel: as long as all before it or ``least``, but not longer than what is left; -1 if none is."""
    length, k = SHORTEST, 0
    if length > left:
        return -1
    while 2 * length <= min(max(least, start - 1), left):
        length, k = 2 * length, k + 1
    return k


@uncounted
def gather(sums: Array, s: Array, factor: float) -> None:
    """Add rows to sums, times a factor, and empty them."""
    for r in range(25):
        total = 0.0
        for i in range(NODES):
            total += s[SUMS + NODES * r + i]
        sums[r] += factor * total
    s[SUMS:] = 0.0


@uncounted
def sum_window(
    sums: Array, s: Array, p: float, n: int, rates: Array, gains: Array, others: Array, window: float, nodes: Array,
    weights: Array, bits: Array,
) -> float:  # fmt: skip
    """Write ``sums[6 * j + m]`` for column j and exponent m; return the mean cycles of an attempt.

    Panels double in length, or more where the fastest exponential is gone. Sums are in units of ``1 - q**n`` of all attempts.
    """
    fail = 745.0 if p >= 1.0 else min(745.0, -log1p(-p))
    for m in range(6):
        gap = abs(fail - rates[m])
        gains[m] = p * exp(min(0.0, fail - rates[m])) / (-expm1(-gap) if gap >= CLOSE else 1.0)
    least, last, start = SHORTEST, (TAIL + log(n)) / fail, 1.0
    sums[:] = s[SUMS:] = 0.0
    stop = min(window, last)
    while start <= stop or start == 1.0:
        least = longer_panel(least, start, n, fail, rates, last)
        left = stop - start + 1 if window <= last else max(last, SHORTEST)
        k, count = next_panel(start, least, left), int(min(left, SHORTEST))
        fill_panel(s, start, k, count, nodes, weights)
        add_panel(s, p, fail, n, rates, gains, others, bits)
        start += SHORTEST * 2.0**k if k >= 0 else count
    gather(sums, s, 1.0)
    length = sums[24]
    if window <= last:
        any_comes, met = -expm1(-fail * n), sums[0]
        fill_panel(s, window + 1, -1, 1, nodes, weights)
        add_panel(s, p, fail, n, rates, gains, others, bits)
        ended = s[SUMS]
        gather(sums, s, 1 / any_comes)
        length += 1 / any_comes + (window * ended - met) / any_comes + window * max(0.0, 1 - sums[0])
    return float(length)


@kernel
def sum_windows(
    out: Array, mean: Array, p: Array, n: Array, a: Array, b: Array, others: Array, window: Array, nodes: Array,
    weights: Array, scratch: Array, bits: Array,
) -> None:  # fmt: skip
    """Write the 24 sums of every point, and the mean cycles of an attempt: ``a``, ``b`` are cycle/T1 and cycle/T2."""
    size, s, rates, gains = p.size, scratch[:ROOM], scratch[ROOM : ROOM + 6], scratch[ROOM + 6 : ROOM + 12]
    behind, sums = scratch[ROOM + 12 : ROOM + 28], scratch[ROOM + 28 : ROOM + 53]
    for o in range(size):
        fast_a, fast_b = min(a[o], FASTEST), min(b[o], FASTEST)
        rates[0], rates[1], rates[2] = 0.0, fast_a, 2 * fast_a
        rates[3], rates[4], rates[5] = fast_b, fast_a + fast_b, 2 * fast_b
        for k in range(16):
            behind[k] = others[k * size + o]
        mean[o] = sum_window(sums, s, p[o], n[o], rates, gains, behind, window[o], nodes, weights, bits)
        for k in range(24):
            out[k * size + o] = sums[k]
