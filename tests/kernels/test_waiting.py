"""Sums over the cycles in which the last link can come, against sums cycle by cycle in exact fractions."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from qnet_protocols import _kernels
from qnet_protocols.equal_links import panels

NODES, ROOM = _kernels.waiting.NODES, _kernels.waiting.ROOM
OTHERS = np.array([1.0, 0, 0, 0, 0, 0, 0, 0.9, 0, 0, 0, -0.8, 0.04, 0.15, 0.7, 0])  # of a warm memory
READ = [0, 1, 3, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22]  # what is read of columns and exponents


def sums(p, n, a, b, window):
    """The kernel's sums and mean cycles, for decays in powers of two."""
    out, mean = np.empty(24), np.empty(1)
    _kernels.waiting.sum_windows(
        out, mean, np.array([p]), np.array([n]), np.log(2) * np.array([a]), np.log(2) * np.array([b]), OTHERS,
        np.array([float(window)]), *panels(), np.full(ROOM + 53, np.nan), np.empty(8 * NODES, np.int64),
    )  # fmt: skip
    return out[READ], mean[0]


def cycle_by_cycle(p, n, a, b, window):
    """The same from what links have come by each cycle, the first one in cycle 1 or later."""
    p = Fraction(p)
    fail, rates = 1 - p, (0, a, 2 * a, b, a + b, 2 * b)
    others = [Fraction(x) for x in OTHERS]
    before, total, length = [Fraction(0)] * 6, [Fraction(0)] * 24, Fraction(0)
    for t in range(1, window + 2):
        fresh, weight = p * fail ** (t - 1), 1 if t <= window else 1 / (1 - fail**n)
        for j in range(4):
            c = others[4 * j : 4 * j + 4]
            old = sum(x * before[m] for x, m in zip(c, (0, 1, 2, 5), strict=True))
            new = old + fresh * sum(c)
            shared = sum(old**i * new ** (n - 2 - i) for i in range(n - 1)) * fresh * sum(c)
            for m in range(6):
                total[6 * j + m] += weight * (fresh * new ** (n - 1) + before[m] * shared)
        before = [(x + fresh) / 2**rate for x, rate in zip(before, rates, strict=True)]
    for first_wait in range(window + 1):  # mean time: what is not there by each cycle after the first came
        missing = 1 - ((1 - fail ** (first_wait + 1)) ** n - fail**n * (1 - fail**first_wait) ** n) / (1 - fail**n)
        length += missing if first_wait < window else 0
    return np.array([float(total[k]) for k in READ]), float(1 / (1 - fail**n) + length)


@pytest.mark.parametrize("window", [1, 2, 15, 16, 40])
@pytest.mark.parametrize("n", [1, 2, 3, 8])
@pytest.mark.parametrize(("p", "a", "b"), [(0.5, 1, 1), (0.125, 0, 1), (2.0**-10, 1, 2), (1.0, 1, 1)])
def test_windows(p, a, b, n, window):
    """Decays of a half in a cycle: rates that equal that of failures at p = 1/2."""
    found, mean = sums(p, n, a, b, window)
    expected, cycles = cycle_by_cycle(p, n, a, b, window)
    np.testing.assert_allclose(found / found[0], expected / expected[0], atol=1e-14)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    np.testing.assert_allclose(mean, cycles, rtol=1e-13)


@pytest.mark.parametrize(("p", "n"), [(1.0, 3), (0.5, 1), (0.25, 2), (0.25, 5)])
def test_without_a_window(p, n):
    found, mean = sums(p, n, 1, 1, np.inf)
    expected, cycles = cycle_by_cycle(p, n, 1, 1, 200)
    np.testing.assert_allclose(found, expected, atol=1e-14)
    fail = 1 - p
    slowest = sum((-1) ** (k + 1) * comb(n, k) / (1 - fail**k) for k in range(1, n + 1))
    np.testing.assert_allclose([mean, cycles], slowest, rtol=1e-12)
