"""Kernels over series do what the explicit sums say."""

import numpy as np
import pytest

from qnet_protocols import _kernels

RNG = np.random.default_rng(8)
STEPS = 23
kernels = _kernels.series


@pytest.mark.parametrize("window", [0, 1, 2, 5, 11, 22, 23, 24, 2**62])
@pytest.mark.parametrize("factor", [0.0, 0.7, 1.0])
def test_wait(window, factor):
    x, out = RNG.random(STEPS), np.empty(STEPS)
    kernels.wait(out, x, factor, window, np.empty(STEPS + 1))
    expected = [sum(factor**d * x[t - d] for d in range(1, min(window, t) + 1)) for t in range(STEPS)]
    np.testing.assert_allclose(out, expected, rtol=1e-13)


def test_wait_keeps_the_digits_of_what_is_small():
    """Beside a term of 1 that has left the window, no trace of it is left."""
    x, out = np.r_[1.0, np.full(STEPS - 1, 1e-30)], np.empty(STEPS)
    kernels.wait(out, x, 1.0, 4, np.empty(STEPS + 1))
    np.testing.assert_allclose(out[5:], 4e-30, rtol=1e-14)


def test_wait_all():
    x, factors, windows = RNG.random((2, 3, STEPS)), RNG.random((2, 3)), np.array([2, 7, 40])
    out, expected = np.empty_like(x), np.empty_like(x)
    kernels.wait_all(out, x, factors, windows, np.empty(STEPS + 1))
    for c, p in np.ndindex(2, 3):
        kernels.wait(expected[c, p], x[c, p], factors[c, p], windows[p], np.empty(STEPS + 1))
    np.testing.assert_array_equal(out, expected)


def test_wait_links():
    aged, success, cycles = RNG.random((2, 2, STEPS)), np.array([0.3, 1.0]), np.array([1, 3])
    aged[..., 0] = 0
    out = np.empty_like(aged)
    kernels.wait_links(out, aged, success, cycles)
    for p, (gain, m) in enumerate(zip(success, cycles, strict=True)):
        for t in range(STEPS):
            terms = [gain * (1 - gain) ** (k - 1) * aged[:, p, t - k * m] for k in range(1, t // m + 1)]
            np.testing.assert_allclose(out[:, p, t], sum(terms, np.zeros(2)), rtol=1e-13)


def test_add_products():
    a, b, weights = RNG.random((3, 2, STEPS)), RNG.random((2, 2, STEPS)), RNG.random((2, 2))
    out = np.zeros((2, 2, STEPS))
    outs, lefts, rights, kinds = (np.array(v) for v in ([0, 1, 1], [2, 0, 1], [1, 1, 0], [0, 1, 0]))
    kernels.add_products(out, a, b, weights, outs, lefts, rights, kinds, np.array([1.0, -1.0, 0.5]))
    first = weights[0][:, None] * a[2] * b[1]
    second = -weights[1][:, None] * a[0] * b[1] + 0.5 * weights[0][:, None] * a[1] * b[0]
    np.testing.assert_allclose(out, [first, second], rtol=1e-13)


def test_delay():
    x, factors = RNG.random((2, 3, STEPS)), RNG.random((2, 3))
    out = np.empty_like(x)
    kernels.delay(out, x, factors, np.array([0, 4, 2**62]))
    np.testing.assert_array_equal(out[:, 0], factors[:, :1] * x[:, 0])
    np.testing.assert_array_equal(out[:, 1, :4], 0)
    np.testing.assert_array_equal(out[:, 1, 4:], factors[:, 1:2] * x[:, 1, :-4])
    np.testing.assert_array_equal(out[:, 2], 0)


def test_begin_anew_divides():
    failure = RNG.random((2, STEPS)) / STEPS
    failure[:, 0] = 0
    x = RNG.random((2, 2, STEPS))
    out = x.copy()
    kernels.begin_anew(out, failure)
    for c, p in np.ndindex(2, 2):
        divisor = np.r_[1.0, -failure[p, 1:]]
        np.testing.assert_allclose(np.convolve(out[c, p], divisor)[:STEPS], x[c, p], atol=1e-14)
