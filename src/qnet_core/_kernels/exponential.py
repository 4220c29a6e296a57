"""Exponentials of many numbers that the compiler turns into vector instructions.

A call of the C library for each number would take several times as long.
"""

from typing import Any

import numpy as np

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call

LEAST = -708.0  # below it exp would leave the normal numbers: it counts as 0
ROUNDER = 6755399441055744.0  # 1.5 * 2**52: what is added to it is rounded to an integer in the low bits
INVERSE_LN2, LN2_HIGH, LN2_LOW = 1.4426950408889634, 6.93147180369123816490e-01, 1.90821492927058770002e-10


@kernel
def decay_run(lost: Array, kept: Array, x: Array, bits: Array) -> None:
    """Write ``1 - exp(x)`` and ``exp(x)`` for ``x <= 0``, to full relative precision; ``bits`` is room for integers.

    ``x = n ln 2 + r``, a Taylor series in ``|r| < 0.35``, and n as the exponent's bits.
    """
    scale = bits.view(np.float64)
    for k in range(x.size):
        scale[k] = max(x[k], LEAST) * INVERSE_LN2 + ROUNDER
    for k in range(x.size):
        n = scale[k] - ROUNDER
        r = (max(x[k], LEAST) - n * LN2_HIGH) - n * LN2_LOW
        series = 1 / 6227020800.0
        series = series * r + 1 / 479001600.0
        series = series * r + 1 / 39916800.0
        series = series * r + 1 / 3628800.0
        series = series * r + 1 / 362880.0
        series = series * r + 1 / 40320.0
        series = series * r + 1 / 5040.0
        series = series * r + 1 / 720.0
        series = series * r + 1 / 120.0
        series = series * r + 1 / 24.0
        series = series * r + 1 / 6.0
        series = series * r + 0.5
        lost[k] = r + r * r * series
    for k in range(x.size):
        bits[k] = (bits[k] << 52) + (1023 << 52)
    for k in range(x.size):
        part = scale[k] * lost[k]
        kept[k] = scale[k] + part if x[k] >= LEAST else 0.0
        lost[k] = (1.0 - scale[k]) - part
