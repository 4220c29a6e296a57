"""The numbers of relaxation, point by point."""

from typing import Any

from qnet_core._jit import kernel
from qnet_core._kernels.exponential import decay_run

Array = Any  # a flat array; Numba types it at the call


@kernel
def write_ratio(out: Array, a: Array, a_step: int, b: Array, b_step: int, c: int) -> None:
    """Write ``-a / b`` from point c on; a step of 0 means one number for all points."""
    if b_step == 0:
        for k in range(out.size):
            out[k] = -a[(c + k) * a_step] / b[0]
    else:
        for k in range(out.size):
            out[k] = -a[(c + k) * a_step] / b[c + k]


@kernel
def relax(
    out: Array, duration: Array, t1: Array, t2: Array, population: Array, steps: Array, ratio: Array, bits: Array
) -> None:
    """Write three rows: what is left of coherence, how far Z moves towards its equilibrium, and what is left of Z."""
    size = out.size // 3
    coherence, shift, kept = out[:size], out[size : 2 * size], out[2 * size :]
    for c in range(0, size, ratio.size):
        n = min(ratio.size, size - c)
        x = ratio[:n]
        write_ratio(x, duration, steps[0], t2, steps[2], c)
        decay_run(shift[c : c + n], coherence[c : c + n], x, bits[:n])
        write_ratio(x, duration, steps[0], t1, steps[1], c)
        decay_run(shift[c : c + n], kept[c : c + n], x, bits[:n])
        for k in range(c, c + n):
            shift[k] *= 1 - 2 * population[k * steps[3]]
