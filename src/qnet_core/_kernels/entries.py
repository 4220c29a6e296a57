"""Local maps given by the nonzero entries of their transfer matrix.

An entry is a row of ``entries``: output index, input index, where its value starts in ``values``,
and the step of that value along the run (0 constant, 1 one value per point). Entries are sorted
by output index, and each output index has at least one.
"""

from typing import Any

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call

CHUNK = 512  # elements of a run that are worked on while they stay in cache
CACHED = 8192  # elements of all inputs of a map that stay in the nearest cache
LANES = 64  # short runs that are gathered side by side


@kernel
def scale(out: Array, x: Array, value: Any, first: bool) -> None:
    """Add ``value * x`` to ``out``, or store it there at first."""
    if first:
        for k in range(out.size):
            out[k] = value * x[k]
    else:
        for k in range(out.size):
            out[k] += value * x[k]


@kernel
def multiply(out: Array, x: Array, values: Array, first: bool) -> None:
    """Add ``values * x`` to ``out``, or store it there at first."""
    if first:
        for k in range(out.size):
            out[k] = values[k] * x[k]
    else:
        for k in range(out.size):
            out[k] += values[k] * x[k]


@kernel
def add_constant(out: Array, value: Any, first: bool) -> None:
    """Add ``value`` to ``out``, or store it there at first."""
    for k in range(out.size):
        out[k] = value if first else out[k] + value


@kernel
def add_entry(out: Array, x: Array, values: Array, at: int, step: int, first: bool) -> None:
    """Add what one entry, with its values from ``at`` on, makes of ``x``, or store it at first."""
    if step == 1:
        multiply(out, x, values[at : at + out.size], first)
    else:
        scale(out, x, values[at], first)


@kernel
def map_run(out: Array, x: Array, entries: Array, values: Array, o_in: Array, o_out: Array, at: Array) -> None:
    """Map one stretch: ``at`` holds its length, place on the run, offsets in and out, and the step of ``x``."""
    n, place, base_in, base_out, x_step = at[0], at[1], at[2], at[3], at[4]
    before = -1
    for e in range(entries.shape[0]):
        row, col, start, step = entries[e, 0], entries[e, 1], entries[e, 2], entries[e, 3]
        target = out[base_out + o_out[row] : base_out + o_out[row] + n]
        if x_step == 0 and step == 0:
            add_constant(target, values[start] * x[base_in + o_in[col]], row != before)
        elif x_step == 0:
            scale(target, values[start + place : start + place + n], x[base_in + o_in[col]], row != before)
        else:
            source = x[base_in + o_in[col] : base_in + o_in[col] + n]
            add_entry(target, source, values, start + place * step, step, row != before)
        before = row


@kernel
def locate(o: int, outer: Array, column: int) -> int:
    """Return the offset of the outer index ``o`` by the strides in ``column``."""
    offset = 0
    for g in range(outer.shape[0] - 1, -1, -1):
        offset += (o % outer[g, 0]) * outer[g, column]
        o //= outer[g, 0]
    return offset


@kernel
def map_entries(
    out: Array, x: Array, entries: Array, values: Array, o_in: Array, o_out: Array, outer: Array,
    count: int, run: int, x_step: int, scratch: Array, o_scratch: Array, at: Array,
) -> None:  # fmt: skip
    """Write the image of ``x`` to ``out``; by way of ``scratch`` where the two are one array."""
    chunk = CHUNK if scratch.size == 0 else scratch.size // o_in.size
    for o in range(count):
        base_in, base_out = locate(o, outer, 1), locate(o, outer, 2)
        for c in range(0, run, chunk):
            n = min(chunk, run - c)
            at[0], at[1], at[2], at[3], at[4] = n, c, base_in + c * x_step, base_out + c, x_step
            if scratch.size == 0:
                map_run(out, x, entries, values, o_in, o_out, at)
            else:
                for j in range(o_in.size):
                    s = base_in + o_in[j] + c
                    scratch[j * chunk : j * chunk + n] = x[s : s + n]
                at[2] = 0
                map_run(out, scratch, entries, values, o_scratch, o_out, at)


@kernel
def map_triangular(
    x: Array, entries: Array, values: Array, o_in: Array, outer: Array, count: int, run: int
) -> None:  # fmt: skip
    """Map in place where no output reads a later input: the last output first, and what stays is not touched."""
    for o in range(count):
        base = locate(o, outer, 1)
        for c in range(0, run, CHUNK):
            n = min(CHUNK, run - c)
            before = -1
            for e in range(entries.shape[0] - 1, -1, -1):
                row, col, start, step = entries[e, 0], entries[e, 1], entries[e, 2], entries[e, 3]
                target = x[base + o_in[row] + c : base + o_in[row] + c + n]
                if row == col:
                    if step == 1:
                        target *= values[start + c : start + c + n]
                    elif values[start] != 1.0:
                        target *= values[start]
                else:
                    source = x[base + o_in[col] + c : base + o_in[col] + c + n]
                    add_entry(target, source, values, start + c * step, step, row != before)
                before = row


@kernel
def map_in_cycle(target: Array, source: Array, saved: Array, value: float, opens: bool, closes: bool) -> None:
    """Write ``value`` times the source; the target is saved where a cycle opens, and the source where it closes."""
    if opens and closes:
        target *= value
    elif closes:
        scale(target, saved, value, True)
    else:
        if opens:
            saved[:] = target
        scale(target, source, value, True)


@kernel
def map_cycles(
    x: Array, cycles: Array, values: Array, offsets: Array, outer: Array, count: int, run: int, buffer: Array
) -> None:  # fmt: skip
    """Permute and scale runs in place, one cycle after another; what stays is not touched."""
    for o in range(count):
        base = locate(o, outer, 1)
        first = 0
        while first < cycles.shape[0]:
            length = cycles[first, 3]
            stays = length == 1 and values[cycles[first, 2]] == 1.0
            for c in range(0, 0 if stays else run, buffer.size):
                m = min(buffer.size, run - c)
                for e in range(length):
                    row, col, start = cycles[first + e, 0], cycles[first + e, 1], cycles[first + e, 2]
                    i, j = base + c + offsets[row], base + c + offsets[col]
                    map_in_cycle(x[i : i + m], x[j : j + m], buffer[:m], values[start], e == 0, e == length - 1)
            first += length


@kernel
def map_places(x: Array, to: Array, source: Array, values: Array, outer: Array, count: int, buffer: Array) -> None:
    """Permute and scale in place where runs are short: number by number, ``values[k]`` times ``source[k]`` at ``to[k]``."""
    for o in range(count):
        base = locate(o, outer, 1)
        for k in range(to.size):
            buffer[k] = values[k] * x[base + source[k]]
        for k in range(to.size):
            x[base + to[k]] = buffer[k]


@kernel
def place_lanes(at: Array, t: int, n: int, run: int, outer: Array) -> None:
    """Write where ``n`` lanes from the element ``t`` of all runs start in the input, and ``LANES`` on in the output."""
    size, step_in, step_out = outer[-1, 0], outer[-1, 1], outer[-1, 2]
    o, place = t // run, t % run
    left, base_in, base_out = size - o % size, locate(o, outer, 1), locate(o, outer, 2)
    for k in range(n):
        at[k], at[LANES + k] = base_in + place, base_out + place
        place += 1
        if place == run:
            place, o, left = 0, o + 1, left - 1
            base_in, base_out = base_in + step_in, base_out + step_out
            if left == 0:
                left, base_in, base_out = size, locate(o, outer, 1), locate(o, outer, 2)


@kernel
def map_lanes(
    out: Array, x: Array, entries: Array, values: Array, o_in: Array, o_out: Array, outer: Array,
    count: int, run: int, scratch: Array, at: Array,
) -> None:  # fmt: skip
    """Like ``map_entries`` for runs too short to loop over: ``LANES`` of them side by side; in place or not."""
    images = scratch[o_in.size * LANES :]
    for t in range(0, count * run, LANES):
        n = min(LANES, count * run - t)
        place_lanes(at, t, n, run, outer)
        for j in range(o_in.size):
            for k in range(n):
                scratch[j * LANES + k] = x[at[k] + o_in[j]]
        before = -1
        for e in range(entries.shape[0]):
            row, col = entries[e, 0], entries[e, 1]
            source = scratch[col * LANES : col * LANES + n]
            scale(images[row * LANES : row * LANES + n], source, values[entries[e, 2]], row != before)
            before = row
        for i in range(o_out.size):
            for k in range(n):
                out[at[LANES + k] + o_out[i]] = images[i * LANES + k]
