"""Sums over the attempts of links that must all come within a window of the first.

Cycles t count from the beginning of an attempt, in which each link comes with probability ``p = 1 - q`` per cycle. What
ends at cycle t, with weight S(t) over all pasts, has waited as if the first link had come at t or any time before; as nothing
is remembered until the first comes, what ends at t with the first in cycle 1 has weight ``S(t) - q**n S(t - 1)``. A window of w
cycles after the first therefore leaves ``(1 - q**n) (S(1) + ... + S(w)) + S(w + 1)``, in which nothing is subtracted.
"""

from math import exp, expm1, log1p
from typing import Any

from qnet_core._jit import kernel

Array = Any  # Numba types it at the call

NODES = 16  # per panel
SHORTEST = 16.0  # cycles in the shortest panel, which its nodes sum exactly
LONGEST = 40  # of panels of 16 * 2**k cycles with nodes of their own; longer ones scale the last
FASTEST = 700.0  # decay per cycle beyond which exp(-rate) counts as 0
TAIL = 42.0  # the sum ends where exp(-TAIL) is left


@kernel
def come_before(p: float, fail: float, rate: float, t: float) -> float:
    """Return the sum over links that came in cycles 1, ..., t - 1 of their ``exp(-rate * wait)``."""
    slow, gap = min(fail, rate), abs(fail - rate)
    ratio = t - 1 if gap < 1e-300 else expm1(-gap * (t - 1)) / expm1(-gap)
    return p * exp(-rate - slow * (t - 2)) * ratio


@kernel
def power_sum(x: float, y: float, n: int) -> tuple[float, float]:
    """Return the sum over i < n of ``x**i y**(n-1-i)``, and ``y**n``, by doubling."""
    bit = 1
    while 2 * bit <= n:
        bit *= 2
    total, xs, ys = 0.0, 1.0, 1.0
    while bit > 0 and n > 0:
        total, xs, ys = total * (xs + ys), xs * xs, ys * ys
        if n & bit:
            total, xs, ys = total * y + xs, xs * x, ys * y
        bit //= 2
    return total, ys


@kernel
def add_end(sums: Array, weight: float, p: float, fail: float, n: int, rates: Array, others: Array, t: float) -> float:
    """Add what ends at cycle t: ``sums[6 * j + m]`` for column j of the first link's state and exponent m; return S(t).

    ``others`` holds for each column the coefficients of exponents 0, a, 2a, 2b of a link behind the first.
    """
    waited = sums[24:30]
    for m in range(6):
        waited[m] = come_before(p, fail, rates[m], t)
    fresh, probability = p * exp(-fail * (t - 1)), 0.0
    for j in range(4):
        c0, c1, c2, c5 = others[4 * j], others[4 * j + 1], others[4 * j + 2], others[4 * j + 3]
        before = c0 * waited[0] + c1 * waited[1] + c2 * waited[2] + c5 * waited[5]
        now = fresh * (c0 + c1 + c2 + c5)
        shared, whole = power_sum(before, before + now, n - 1)
        for m in range(6):
            sums[6 * j + m] += weight * (fresh * whole + waited[m] * now * shared)
        if j == 0:
            probability = fresh * whole + waited[0] * now * shared
    return probability


@kernel
def next_panel(start: float, least: float, left: float) -> int:
    """Return k of the next panel: as long as all before it or ``least``, but not longer than what is left; -1 if none is."""
    length, k = SHORTEST, 0
    if length > left:
        return -1
    while 2 * length <= min(max(least, start - 1), left):
        length, k = 2 * length, k + 1
    return k


@kernel
def sum_window(
    sums: Array, p: float, n: int, rates: Array, others: Array, window: float, nodes: Array, weights: Array
) -> None:
    """Sum over the cycles of a window; ``sums[24]`` becomes the mean number of cycles of an attempt.

    Panels double in length from where the fastest exponential asks for; what is left at the end is summed one by one.
    """
    sums[:] = 0.0
    fail = 745.0 if p >= 1.0 else min(745.0, -log1p(-p))
    any_comes, fastest = -expm1(-fail * n), n * (fail + max(rates[2], rates[5]))
    least, last = SHORTEST, (TAIL + n) / fail
    while 2 * least * fastest <= 8.0 and least < last:
        least *= 2.0
    stop, start, met, times = min(window, last), 1.0, 0.0, 0.0
    while start <= stop or start == 1.0:
        left = stop - start + 1 if window <= last else max(last, SHORTEST)
        k = next_panel(start, least, left)
        own, count = min(k, LONGEST), NODES if k >= 0 else int(left)
        for i in range(count):
            t, weight = start + i, 1.0
            if k >= 0:
                t, weight = (
                    start + nodes[NODES * own + i] * 2.0 ** (k - own),
                    weights[NODES * own + i] * 2.0 ** (k - own),
                )
            ended = weight * add_end(sums, weight * any_comes, p, fail, n, rates, others, t)
            met += ended
            times += t * ended
        start += SHORTEST * 2.0**k if k >= 0 else count
    length = times
    if window <= last:
        ended = add_end(sums, 1.0, p, fail, n, rates, others, window + 1)
        length += 1 / any_comes + (window * ended - met) / any_comes + window * max(0.0, 1 - sums[0] / any_comes)
    sums[24] = length


@kernel
def sum_windows(
    out: Array, p: Array, n: Array, a: Array, b: Array, others: Array, window: Array, nodes: Array, weights: Array,
    scratch: Array,
) -> None:  # fmt: skip
    """Write the 25 sums of every point: ``a``, ``b`` are cycle/T1 and cycle/T2. The first one is in units of ``1 - q**n``."""
    rates, coefficients, sums = scratch[0:6], scratch[6:22], scratch[22:52]
    for o in range(p.size):
        fast_a, fast_b = min(a[o], FASTEST), min(b[o], FASTEST)
        rates[0], rates[1], rates[2] = 0.0, fast_a, 2 * fast_a
        rates[3], rates[4], rates[5] = fast_b, fast_a + fast_b, 2 * fast_b
        for i in range(16):
            coefficients[i] = others[i, o]
        sum_window(sums, p[o], n[o], rates, coefficients, window[o], nodes, weights)
        for i in range(25):
            out[i, o] = sums[i]
