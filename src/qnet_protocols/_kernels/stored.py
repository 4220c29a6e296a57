"""Werner pairs that wait, as the products of their correlations along a chain."""

from typing import Any

from qnet_core._jit import kernel
from qnet_core._kernels.exponential import decay_run

Array = Any  # a flat array; Numba types it at the call


@kernel
def decay_at_rate(
    lost: Array, kept: Array, c: int, wait: Array, rate: Array, steps: Array, x: Array, bits: Array
) -> None:
    """Write ``1 - exp(-wait * rate)`` and ``exp(-wait * rate)`` from point c on."""
    for k in range(x.size):
        x[k] = -wait[(c + k) * steps[0]] * rate[(c + k) * steps[1]]
    decay_run(lost, kept, x, bits)


@kernel
def multiply_link(
    transverse: Array, longitudinal: Array, fidelity: Array, wait: Array, dephasing: Array, left_rate: Array,
    right_rate: Array, shift: Array, kept: Array, steps: Array, scratch: Array, bits: Array,
) -> None:  # fmt: skip
    """Multiply the products of |XX| and of ZZ by those of one more pair whose halves have relaxed.

    ``dephasing`` is the rate of both halves together, ``shift`` the product of both equilibrium polarizations, ``kept``
    what noise leaves of every correlation; ``steps`` is 0 for each that has one number for all points.
    """
    size = bits.size
    for c in range(0, transverse.size, size):
        n = min(size, transverse.size - c)
        x, left, right = scratch[:n], scratch[size : size + n], scratch[2 * size : 2 * size + n]
        left_lost, right_lost = scratch[3 * size : 3 * size + n], scratch[4 * size : 4 * size + n]
        decay_at_rate(left_lost, left, c, wait, dephasing, steps[1:3], x, bits[:n])
        for k in range(n):
            werner = (4 * fidelity[(c + k) * steps[0]] - 1) / 3
            transverse[c + k] *= kept[(c + k) * steps[6]] * werner * left[k]
        decay_at_rate(left_lost, left, c, wait, left_rate, steps[1:4:2], x, bits[:n])
        decay_at_rate(right_lost, right, c, wait, right_rate, steps[1:5:3], x, bits[:n])
        for k in range(n):
            werner = (4 * fidelity[(c + k) * steps[0]] - 1) / 3
            zz = left[k] * right[k] * werner + left_lost[k] * right_lost[k] * shift[(c + k) * steps[5]]
            longitudinal[c + k] *= kept[(c + k) * steps[6]] * zz


@kernel
def write_fidelity(out: Array, longitudinal: Array, weights: Array, step: int) -> None:
    """Turn products of |XX| = |YY|, which ``out`` holds, and of ZZ into fidelities; ``weights`` has rows X, Y, Z."""
    size = weights.size // 3
    for k in range(out.size):
        at = k * step
        both = (weights[at] + weights[size + at]) * out[k]
        out[k] = (1 + both + weights[2 * size + at] * longitudinal[k]) / 4
