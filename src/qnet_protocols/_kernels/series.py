"""Series over the steps of a clock: what waits, what is joined, and what begins anew.

Arrays are (rows, points, steps), or (points, steps); ``x[..., t]`` is what happens at step t.
"""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # an array; Numba types it at the call

LEAST = 1e-290  # what is smaller counts as 0, before it is too small for fast arithmetic


@kernel
def add_later(later: Array, x: Array, start: int, size: int, factor: float) -> None:
    """Write ``later[u]``, the sum over s >= u of ``factor**(size - s) * x[start + s]``, for u = size, ..., 0."""
    later[size] = 0.0
    power = factor
    for u in range(size - 1, -1, -1):
        later[u] = later[u + 1] + power * x[start + u]
        power = power * factor if power > LEAST else 0.0


@kernel
def wait(out: Array, x: Array, factor: float, window: int, later: Array) -> None:
    """Write ``out[t]``, the sum over d = 1, ..., window of ``factor**d * x[t - d]``, without subtractions.

    Steps are cut into blocks as long as the window: the sum is one over the end of a block and one over the beginning
    of the next (van Herk, Pattern Recognit. Lett. 13, 517 (1992), for maxima).
    """
    n = x.size
    size = min(window, n)
    out[0] = 0.0
    if size < 1:
        out[:] = 0.0
        return
    for start in range(0, n - 1, size):
        stop = min(n, start + size + 1)
        running, power = 0.0, factor
        if start > 0:
            add_later(later, x, start - size, size, factor)
        for t in range(start + 1, stop):
            running = factor * (running + x[t - 1])
            running = running if abs(running) > LEAST else 0.0
            out[t] = running
        if start > 0:
            for t in range(start + 1, stop):
                out[t] += power * later[t - start]
                power = power * factor if power > LEAST else 0.0


@kernel
def wait_all(out: Array, x: Array, factors: Array, windows: Array, later: Array) -> None:
    """``wait`` for every row and point, with a factor for each and a window for each point."""
    for c in range(x.shape[0]):
        for p in range(x.shape[1]):
            wait(out[c, p], x[c, p], factors[c, p], windows[p], later)


@kernel
def wait_links(out: Array, aged: Array, success: Array, cycles: Array) -> None:
    """Write what has come of a link before step t and waited: ``aged[..., d]`` is its state at age d, 0 where it is gone."""
    for c in range(out.shape[0]):
        for p in range(out.shape[1]):
            row, state, m = out[c, p], aged[c, p], cycles[p]
            gain, again = success[p], 1.0 - success[p]
            row[: min(m + 1, row.size)] = 0.0
            for t in range(m + 1, row.size):
                row[t] = gain * state[t - m] + again * row[t - m]


@kernel
def add_products(
    out: Array, a: Array, b: Array, weights: Array, outs: Array, lefts: Array, rights: Array, kinds: Array, signs: Array
) -> None:
    """Add to row ``outs[k]`` the product of a row of ``a`` and one of ``b``, times a weight of each point."""
    for k in range(outs.size):
        for p in range(out.shape[1]):
            target, x, y = out[outs[k], p], a[lefts[k], p], b[rights[k], p]
            weight = signs[k] * weights[kinds[k], p]
            for t in range(target.size):
                target[t] += weight * (x[t] * y[t])


@kernel
def delay(out: Array, x: Array, factors: Array, steps: Array) -> None:
    """Write ``factor * x[t - steps]``."""
    for c in range(x.shape[0]):
        for p in range(x.shape[1]):
            target, source, late = out[c, p], x[c, p], min(steps[p], x.shape[2])
            target[:late] = 0.0
            for t in range(late, target.size):
                target[t] = factors[c, p] * source[t - late]


@kernel
def begin_anew(x: Array, failure: Array) -> None:
    """Replace x by ``x[t] + failure[1] x[t-1] + failure[2] x[t-2] + ...``, in which x is already replaced."""
    n = x.shape[2]
    for c in range(x.shape[0]):
        for p in range(x.shape[1]):
            row, again = x[c, p], failure[p]
            for t in range(n):
                now = row[t]
                if now != 0.0:
                    for s in range(1, n - t):
                        row[t + s] += now * again[s]
