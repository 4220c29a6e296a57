"""The state of a chain whose links wait for the slowest, averaged over all waiting times.

A link that is attempted once per cycle with success probability ``p = 1 - q`` waits ``t - T`` cycles
for cycle t. Each component of its state is a sum of exponentials ``z**(t - T)``, with the mean
``u(t) = sum_{s <= t} p q**(s-1) z**(t-s)`` over links done by cycle t. All are done at cycle t and not
before with weight ``prod u(t) - prod z u(t-1)``; the differences are taken factor by factor, so that
every term keeps its relative accuracy. The sum over t runs over Gauss nodes of the counting measure.
"""

from math import exp, expm1, log1p
from typing import Any

from qnet_core._jit import kernel

Array = Any  # a flat array; Numba types it at the call

NODES = 16  # per panel
SHORTEST = 16.0  # cycles in the shortest panel, which its nodes sum exactly
LONGEST = 40  # of panels of 16 * 2**k cycles with nodes of their own; longer ones scale the last
FASTEST = 700.0  # decay per cycle beyond which exp(-rate) counts as 0
TAIL = 42.0  # the sum ends where exp(-TAIL) is left


@kernel
def waited_mean(p: float, fail: float, rate: float, t: float) -> float:
    """Return ``z u(t - 1)``, over links done before cycle t, for the decay ``z = exp(-rate)`` and ``q = exp(-fail)``."""
    slow, gap = min(fail, rate), abs(fail - rate)
    ratio = t - 1 if gap < 1e-300 else expm1(-gap * (t - 1)) / expm1(-gap)
    return p * exp(-rate - slow * (t - 2)) * ratio


@kernel
def add_cycle(sums: Array, weight: float, p: float, fail: float, n: int, rates: Array, others: Array, t: float) -> None:
    """Add what ends at cycle ``t``: ``sums[6 * j + m]`` for column j of the state and exponent m, then the mean of t.

    ``others`` holds for each column the coefficients of exponents 0, a, 2a, 2b of a link behind the first.
    """
    waited = sums[25:31]
    for m in range(6):
        waited[m] = waited_mean(p, fail, rates[m], t)
    last = p * exp(-fail * (t - 1))  # the links that are done in cycle t itself
    for j in range(4):
        c0, c1, c2, c5 = others[4 * j], others[4 * j + 1], others[4 * j + 2], others[4 * j + 3]
        before = c0 * waited[0] + c1 * waited[1] + c2 * waited[2] + c5 * waited[5]
        fresh = last * (c0 + c1 + c2 + c5)
        total, power, whole = 0.0, 1.0, 1.0
        for _ in range(n - 1):
            total = total * (before + fresh) + power
            power *= before
            whole *= before + fresh
        for m in range(6):
            sums[6 * j + m] += weight * (last * whole + waited[m] * fresh * total)
        if j == 0:
            sums[24] += t * (weight * (last * whole + waited[0] * fresh * total))


@kernel
def sum_cycles(sums: Array, p: float, n: int, rates: Array, others: Array, nodes: Array, weights: Array) -> None:
    """Sum over all cycles, in panels that double in length from where the fastest exponential asks for."""
    sums[:] = 0.0
    fail = 745.0 if p >= 1.0 else min(745.0, -log1p(-p))
    fastest = n * (fail + max(rates[2], rates[5]))
    length, k = SHORTEST, 0
    while 2 * length * fastest <= 8.0:
        length *= 2.0
        k = min(k + 1, LONGEST)
    start, end, first = 1.0, (TAIL + n) / fail, True
    while first or start <= end:
        scale = length / (SHORTEST * 2.0**k)
        for i in range(NODES):
            node, weight = scale * nodes[NODES * k + i], scale * weights[NODES * k + i]
            add_cycle(sums, weight, p, fail, n, rates, others, start + node)
        start += length
        if not first:
            length *= 2.0
            k = min(k + 1, LONGEST)
        first = False


@kernel
def combine(out: Array, o: int, size: int, x: Array, z: float, sums: Array) -> None:
    """Write the Bloch tensor: the components of the first link, by exponent, times their sums.

    Off equilibrium, Z decays by exp(-a): ``Z -> z + (Z - z) exp(-a t)`` on each side; X and Y by exp(-b t).
    """
    for j in range(4):
        s = 6 * j
        one, a, aa, b, ab, bb = sums[s], sums[s + 1], sums[s + 2], sums[s + 3], sums[s + 4], sums[s + 5]
        for i in range(4):
            v, left, right = x[4 * i + j], x[j], x[4 * i]
            if i == 3 and j == 3:
                value = (v - z * (left + right) + z * z) * aa + z * (left + right - 2 * z) * a + z * z * one
            elif i == 3:
                value = (v - z * left) * (a if j == 0 else ab) + z * left * (one if j == 0 else b)
            elif j == 3:
                value = (v - z * right) * (a if i == 0 else ab) + z * right * (one if i == 0 else b)
            elif i == 0 and j == 0:
                value = v * one
            elif i == 0 or j == 0:
                value = v * b
            else:
                value = v * bb
            out[(4 * i + j) * size + o] = value / sums[0]


@kernel
def average_chain(
    out: Array, mean: Array, link: Array, p: Array, n: Array, a: Array, b: Array, z: Array, factors: Array,
    nodes: Array, weights: Array, scratch: Array,
) -> None:  # fmt: skip
    """Average every point: ``a``, ``b`` are cycle/T1, cycle/T2, ``z`` the equilibrium of Z, ``factors`` a swap's."""
    size = p.size
    x, rates, others, sums = scratch[0:16], scratch[16:22], scratch[22:38], scratch[38:69]
    for o in range(size):
        for i in range(16):
            x[i] = link[i * size + o]
        fast_a, fast_b = min(a[o], FASTEST), min(b[o], FASTEST)
        rates[0], rates[1], rates[2] = 0.0, fast_a, 2 * fast_a
        rates[3], rates[4], rates[5] = fast_b, fast_a + fast_b, 2 * fast_b
        others[:] = 0.0
        others[0] = factors[o]
        others[7] = factors[size + o] * x[5]
        others[11] = factors[2 * size + o] * x[10]
        side = x[3] + x[12]
        others[12] = factors[3 * size + o] * z[o] * z[o]
        others[13] = factors[3 * size + o] * z[o] * (side - 2 * z[o])
        others[14] = factors[3 * size + o] * (x[15] - z[o] * side + z[o] * z[o])
        sum_cycles(sums, p[o], n[o], rates, others, nodes, weights)
        combine(out, o, size, x, z[o], sums)
        mean[o] = sums[24] / sums[0]  # sums[0] is the total probability, 1 up to round-off
