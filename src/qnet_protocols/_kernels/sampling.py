"""Delivered pairs of a repeater chain, drawn one after the other, each from a random stream of its own.

A pair is a row of ``x``: its 16 correlations, the time at which it came about, the ages of its two qubits. Times
are in steps of the chain's clock. A chain is a binary tree of stages, from links upwards, each of which makes one pair
of two: a swap of neighbours, or a round of distillation. Row h of ``x`` keeps the first pair of stage h until the
second is there, together with the time that earlier attempts of the stage have cost. As the two pairs are
independent of one another, only their times matter, and no clock has to run. Swaps as soon as possible are
no tree: there the earliest event is looked for. Random numbers are Philox-4x32-10 (Salmon et al., Proc. SC 2011).
"""

from math import exp, inf, log
from typing import Any

import numpy as np

from qnet_core._jit import inlined, uncounted

Array = Any  # Numba types it at the call

# columns of x
TIME, FIDELITY, LEFT_AGE, RIGHT_AGE = 16, 17, 18, 19
SPENT, FULL = 20, 21  # of a stage: time of failed attempts, whether the first pair is there
BORN, END, HEAD = 20, 21, 22  # of a pair under AS_SOON, in its first link: time of its oldest link, the link behind it
# (0 before it is there); in its last link: its first one
COLUMNS, VALUES = 24, 18  # the first 18 columns are averaged
# columns of links, nodes, stages
LOG_FAIL, CYCLE, FRESH = 0, 1, 2
RATE_1, RATE_2, EQUILIBRIUM, EXPONENT, AGE, TABLE, WAY, SUCCESS, FACTORS = range(9)
SPAN, SWAPS, CUTOFF = range(3)  # in the last row, which is the chain, the first two are 0
# limits
POLICY, BOTTOM, TURNS, GATES, READOUTS, LEAST_FIDELITY, LONGEST_RUN, LONGEST_JOIN, MOST_DRAWS = range(9)
NESTED, AT_END, AS_SOON = 0.0, 1.0, 2.0
DONE, TOO_LONG, TOO_MANY = 0, 1, 2
# words of a stream: the key, the counter, and a number that is left over
KEY, BLOCK, SPARE, HAS_SPARE = 0, 2, 6, 7

WORD, HALF, NOTHING, ONE, DROPPED = (np.uint64(v) for v in (0xFFFFFFFF, 32, 0, 1, 11))
MULTIPLIER_0, MULTIPLIER_1, WEYL_0, WEYL_1 = (np.uint64(v) for v in (0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85))


@inlined
def philox(rng: Array) -> tuple[Any, Any, Any, Any]:
    """Return the four words of the stream's block, and count the block."""
    k0, k1 = rng[KEY], rng[KEY + 1]
    c0, c1, c2, c3 = rng[BLOCK], rng[BLOCK + 1], rng[BLOCK + 2], rng[BLOCK + 3]
    for _ in range(10):
        p0, p1 = MULTIPLIER_0 * c0, MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & WORD, (p0 >> HALF) ^ c3 ^ k1, p0 & WORD
        k0, k1 = (k0 + WEYL_0) & WORD, (k1 + WEYL_1) & WORD
    rng[BLOCK] += ONE
    return c0, c1, c2, c3


@uncounted
def uniform(rng: Array) -> float:
    """Return the next number of the stream, above 0 and up to 1, in steps of 2**-53."""
    if rng[HAS_SPARE] != NOTHING:
        rng[HAS_SPARE] = NOTHING
        return (float(rng[SPARE]) + 1.0) * 2.0**-53
    c0, c1, c2, c3 = philox(rng)
    rng[SPARE], rng[HAS_SPARE] = ((c2 << HALF) | c3) >> DROPPED, ONE
    return (float(((c0 << HALF) | c1) >> DROPPED) + 1.0) * 2.0**-53


@uncounted
def kept(nodes: Array, table: Array, n: int, duration: float, age: float) -> tuple[float, float]:
    """Return what node n keeps of a coherence of this age and of a population; whole cycles are looked up."""
    if nodes[n, EXPONENT] == 1.0:
        if duration < table.shape[1] and duration == int(duration):
            m, k = int(nodes[n, TABLE]), int(duration)
            return table[m, k, 0], table[m, k, 1]
        return exp(-nodes[n, RATE_2] * duration), exp(-nodes[n, RATE_1] * duration)
    grown = (nodes[n, RATE_2] * (age + duration)) ** nodes[n, EXPONENT]
    if grown < inf:
        grown -= (nodes[n, RATE_2] * age) ** nodes[n, EXPONENT]
    return exp(-grown - 0.5 * nodes[n, RATE_1] * duration), exp(-nodes[n, RATE_1] * duration)


@uncounted
def decay(
    x: Array, row: int, left_wait: float, right_wait: float, left: int, right: int, nodes: Array, table: Array
) -> None:
    """Let the two qubits of a pair decay in their nodes: X and Y to 0, Z to equilibrium."""
    c0, e0 = kept(nodes, table, left, left_wait, x[row, LEFT_AGE])
    c1, e1 = kept(nodes, table, right, right_wait, x[row, RIGHT_AGE])
    z0, z1 = nodes[left, EQUILIBRIUM] * (1.0 - e0), nodes[right, EQUILIBRIUM] * (1.0 - e1)
    a0, a1, a2, a3 = x[row, 0], x[row, 1], x[row, 2], x[row, 3]
    b0, b1, b2, b3 = x[row, 12], x[row, 13], x[row, 14], x[row, 15]
    b0, b1, b2, b3 = e0 * b0 + z0 * a0, e0 * b1 + z0 * a1, e0 * b2 + z0 * a2, e0 * b3 + z0 * a3
    x[row, 1], x[row, 2], x[row, 3] = c1 * a1, c1 * a2, e1 * a3 + z1 * a0
    for i in range(4, 12, 4):
        a0, a1, a2, a3 = c0 * x[row, i], c0 * x[row, i + 1], c0 * x[row, i + 2], c0 * x[row, i + 3]
        x[row, i], x[row, i + 1], x[row, i + 2], x[row, i + 3] = a0, c1 * a1, c1 * a2, e1 * a3 + z1 * a0
    x[row, 12], x[row, 13], x[row, 14], x[row, 15] = b0, c1 * b1, c1 * b2, e1 * b3 + z1 * b0
    x[row, LEFT_AGE] += left_wait
    x[row, RIGHT_AGE] += right_wait


@uncounted
def wait(x: Array, row: int, duration: float, left: int, right: int, nodes: Array, table: Array) -> None:
    """Let a pair wait, for what is not negative of a duration."""
    if duration > 0.0:
        decay(x, row, duration, duration, left, right, nodes, table)


@inlined
def waited_diagonal(
    x: Array, row: int, duration: float, left: int, right: int, nodes: Array, table: Array
) -> tuple[float, float, float]:
    """Return XX, YY and ZZ of a pair as they will be after a wait."""
    if duration <= 0.0:
        return x[row, 5], x[row, 10], x[row, 15]
    c0, e0 = kept(nodes, table, left, duration, x[row, LEFT_AGE])
    c1, e1 = kept(nodes, table, right, duration, x[row, RIGHT_AGE])
    z0, z1 = nodes[left, EQUILIBRIUM] * (1.0 - e0), nodes[right, EQUILIBRIUM] * (1.0 - e1)
    zz = e0 * e1 * x[row, 15] + z0 * e1 * x[row, 3] + z1 * e0 * x[row, 12] + z0 * z1 * x[row, 0]
    return c0 * c1 * x[row, 5], c0 * c1 * x[row, 10], zz


@uncounted
def swap(
    x: Array, out: int, first: int, second: int, gap: float, a: int, b: int, end: int, nodes: Array, table: Array
) -> None:
    """Write the pair of the far ends, outcomes averaged, of pairs from node a to b and b to ``end``.

    The first pair waits for ``gap`` before, the second for ``-gap``, of which only what is not negative counts.
    """
    d1, d2, d3 = waited_diagonal(x, second, -gap, b, end, nodes, table)
    d1, d2, d3 = d1 * nodes[b, FACTORS + 1], d2 * nodes[b, FACTORS + 2], d3 * nodes[b, FACTORS + 3]
    c0, e0, c1, e1, wait = 1.0, 1.0, 1.0, 1.0, max(gap, 0.0)
    if gap > 0.0:
        c0, e0 = kept(nodes, table, a, gap, x[first, LEFT_AGE])
        c1, e1 = kept(nodes, table, b, gap, x[first, RIGHT_AGE])
    z0, z1 = nodes[a, EQUILIBRIUM] * (1.0 - e0), nodes[b, EQUILIBRIUM] * (1.0 - e1) * d3
    d1, d2, d3 = d1 * c1, d2 * c1, d3 * e1
    x0, x1, x2, x3 = x[first, 0], x[first, 1], x[first, 2], x[first, 3]
    z, zx, zy, zz = x[first, 12], x[first, 13], x[first, 14], x[first, 15]
    z, zx, zy, zz = e0 * z + z0 * x0, e0 * zx + z0 * x1, e0 * zy + z0 * x2, e0 * zz + z0 * x3
    x[out, 0], x[out, 1], x[out, 2], x[out, 3] = x0, d1 * x1, d2 * x2, d3 * x3 + z1 * x0
    for i in range(4, 12, 4):
        x0, x1, x2, x3 = x[first, i], x[first, i + 1], x[first, i + 2], x[first, i + 3]
        x[out, i], x[out, i + 1], x[out, i + 2] = c0 * x0, c0 * d1 * x1, c0 * d2 * x2
        x[out, i + 3] = c0 * (d3 * x3 + z1 * x0)
    x[out, 12], x[out, 13], x[out, 14], x[out, 15] = z, d1 * zx, d2 * zy, d3 * zz + z1 * z
    x[out, LEFT_AGE], x[out, RIGHT_AGE] = x[first, LEFT_AGE] + wait, x[second, RIGHT_AGE] + max(-gap, 0.0)


@uncounted
def copy(x: Array, out: int, row: int) -> None:
    """Copy the state of a pair and its ages."""
    for k in range(16):
        x[out, k] = x[row, k]
    x[out, LEFT_AGE], x[out, RIGHT_AGE] = x[row, LEFT_AGE], x[row, RIGHT_AGE]


@uncounted
def turn(x: Array, row: int) -> None:
    """Turn the left qubit by +90 degrees about X and the right one by -90."""
    for j in range(4):
        x[row, 8 + j], x[row, 12 + j] = -x[row, 12 + j], x[row, 8 + j]
    for i in range(0, 16, 4):
        x[row, i + 2], x[row, i + 3] = x[row, i + 3], -x[row, i + 2]


@uncounted
def correlations(x: Array, first: int, second: int, i: int, j: int, limits: Array) -> float:
    """Return a correlation of the first pair after CNOTs onto the second, whose bits read the same, as a joint one.

    Before a CNOT, the X, Y of a control are XX, YX, and with Z of its target I, X, Y, Z are ZZ, -YY, XY, IZ.
    """
    gates = (1.0 if i == 0 else limits[GATES]) * (1.0 if j == 0 else limits[GATES])
    flipped = 4 * int(i == 1 or i == 2) + int(j == 1 or j == 2)
    alone = gates * x[first, 4 * i + j] * x[second, flipped]
    other = 4 * (2 + int(i == 0 or i == 3)) + 2 + int(j == 0 or j == 3)
    own = 4 * (3 - i) + 3 - j  # I, X, Y, Z of the control come from Z, Y, X, I
    sign = (-1.0 if i == 1 else 1.0) * (-1.0 if j == 1 else 1.0)
    noise = limits[READOUTS] * limits[GATES] * limits[GATES]
    return float(0.5 * (alone + sign * noise * x[first, own] * x[second, other]))


@uncounted
def distill(x: Array, first: int, second: int, out: int, limits: Array) -> float:
    """Write the first pair after a round of distillation, normalized, and return the probability that it is kept."""
    if limits[TURNS] == 1.0:
        turn(x, first)
        turn(x, second)
    last = len(x) - 1
    for k in range(16):
        x[last, k] = correlations(x, first, second, k // 4, k % 4, limits)
    p = x[last, 0]
    for k in range(16):
        x[last, k] /= p
    x[last, LEFT_AGE], x[last, RIGHT_AGE] = x[first, LEFT_AGE], x[first, RIGHT_AGE]
    copy(x, out, last)
    return float(p)


@uncounted
def too_poor(x: Array, row: int, duration: float, a: int, b: int, limits: Array, nodes: Array, table: Array) -> bool:
    """Return whether the fidelity of a pair is below the least one that is accepted when it has waited."""
    if limits[LEAST_FIDELITY] == 0.0 or duration < 0.0:
        return False
    xx, yy, zz = waited_diagonal(x, row, duration, a, b, nodes, table)
    return bool(0.25 * (1.0 + xx - yy + zz) < limits[LEAST_FIDELITY])


@uncounted
def succeeds(nodes: Array, station: int, rng: Array) -> bool:
    """Return whether the measurement of a station succeeds."""
    return bool(nodes[station, SUCCESS] == 1.0 or uniform(rng) <= nodes[station, SUCCESS])


@inlined
def join(
    x: Array, h: int, current: int, out: int, start: int, limits: Array, stages: Array, nodes: Array, table: Array,
    rng: Array,
) -> bool:  # fmt: skip
    """Make one pair of the two of stage h, the second of which is on links from ``start`` on, or note the time lost."""
    span, cutoff = int(stages[h, SPAN]), stages[h, CUTOFF]
    a = start - span if stages[h, SWAPS] == 1.0 else start
    end, early, late = start + span, min(x[h, TIME], x[current, TIME]), max(x[h, TIME], x[current, TIME])
    gap = x[current, TIME] - x[h, TIME]
    if late - early > cutoff:
        x[h, SPENT] += early + cutoff
        return False
    if too_poor(x, h, gap, a, a + span, limits, nodes, table) or too_poor(
        x, current, -gap, start, end, limits, nodes, table
    ):
        x[h, SPENT] += late
        return False
    if a < start:
        way = max(nodes[start, WAY] - nodes[a, WAY], nodes[end, WAY] - nodes[start, WAY])
        good = succeeds(nodes, start, rng)
        if good:
            swap(x, out, h, current, gap, a, start, end, nodes, table)
    else:
        way = nodes[end, WAY] - nodes[start, WAY]
        wait(x, h, gap, a, end, nodes, table)
        wait(x, current, -gap, a, end, nodes, table)
        good = distill(x, h, current, out, limits) >= uniform(rng)
    x[h, SPENT] += late + way
    if good:
        wait(x, out, way, a, end, nodes, table)
        x[out, TIME] = x[h, SPENT]
        x[h, SPENT] = 0.0
    return good


@uncounted
def place(x: Array, h: int, last: int, current: int) -> int:
    """Return the row for a pair that stage h takes: its own, if it has none yet, else the current one."""
    return h if h < last and x[h, FULL] == 0.0 else current


@uncounted
def absorb(
    x: Array, start: int, first: int, last: int, current: int, limits: Array, stages: Array, nodes: Array, table: Array,
    rng: Array,
) -> int:  # fmt: skip
    """Take the pair that was placed for stage ``first``, on links from ``start`` on, as far up the stages as it gets.

    Returns the link that is needed next, -1 when the last stage is done: then the pair is in the current row.
    """
    for h in range(first, last):
        span, swaps = int(stages[h, SPAN]), stages[h, SWAPS] == 1.0
        if x[h, FULL] == 0.0:
            x[h, FULL] = 1.0
            return start + span if swaps else start
        x[h, FULL] = 0.0
        good = join(x, h, current, place(x, h + 1, last, current), start, limits, stages, nodes, table, rng)
        if swaps:
            start -= span
        if not good:
            return start
    return -1


@inlined
def draw_link(x: Array, row: int, i: int, links: Array, nodes: Array, rng: Array) -> None:
    """Write a fresh pair of link i, with the geometric time of its first success."""
    for k in range(16):
        x[row, k] = links[i, FRESH + k]
    x[row, TIME] = (1.0 + np.floor(log(uniform(rng)) * links[i, LOG_FAIL])) * links[i, CYCLE]
    x[row, LEFT_AGE], x[row, RIGHT_AGE] = nodes[i, AGE], nodes[i + 1, AGE]


@uncounted
def grow_link(
    x: Array, row: int, i: int, now: float, limits: Array, stages: Array, links: Array, nodes: Array, table: Array,
    rng: Array,
) -> None:  # fmt: skip
    """Write a pair of link i that has gone through the stages below the chain, begun at ``now`` and not there yet."""
    first, rounds, going = (
        int(stages[-1, SPAN]),
        int(limits[BOTTOM]),
        i,
    )  # a plain 0 would be compiled for as another type
    while going >= 0 and float(rng[BLOCK]) <= limits[MOST_DRAWS]:
        draw_link(x, place(x, first, rounds, row), i, links, nodes, rng)
        going = absorb(x, i, first, rounds, row, limits, stages, nodes, table, rng)
    x[row, TIME] += now
    x[row, END], x[row, HEAD] = 0.0, -1.0


@uncounted
def all_met(x: Array, base: int, count: int, cutoff: float, limits: Array, nodes: Array, table: Array) -> float:
    """Let all links wait for the slowest; return its time, negative if they are lost."""
    early, late = inf, 0.0
    for i in range(count):
        early, late = min(early, x[base + i, TIME]), max(late, x[base + i, TIME])
    if late - early > cutoff:
        return -early - cutoff
    poor = False
    for i in range(count):
        wait(x, base + i, late - x[base + i, TIME], i, i + 1, nodes, table)
        poor = poor or too_poor(x, base + i, 0.0, i, i + 1, limits, nodes, table)
    return -late if poor else late


@uncounted
def all_succeed(nodes: Array, count: int, rng: Array) -> bool:
    """Return whether all stations succeed; those behind the first failure are not asked."""
    good = True
    for i in range(1, count):
        good = good and succeeds(nodes, i, rng)
    return good


@uncounted
def swap_all(x: Array, base: int, count: int, out: int, nodes: Array, table: Array) -> None:
    """Swap all links, as they are."""
    for i in range(1, count):
        swap(x, base, base, base + i, 0.0, i - 1, i, i + 1, nodes, table)
    copy(x, out, base)


@uncounted
def join_at_end(
    x: Array, out: int, limits: Array, stages: Array, links: Array, nodes: Array, table: Array, rng: Array
) -> int:
    """Write the pair of all links, which are generated together and swapped when the last is there."""
    base, count, chain = stages.shape[0], links.shape[0], stages[-1]
    way = max(nodes[count, WAY] - nodes[1, WAY], nodes[count - 1, WAY])
    spent, joined = 0.0, False
    while not joined:
        if float(rng[BLOCK]) > limits[MOST_DRAWS]:
            return TOO_MANY
        if spent > limits[LONGEST_JOIN]:
            return TOO_LONG
        for i in range(count):
            grow_link(x, base + i, i, 0.0, limits, stages, links, nodes, table, rng)
        time = all_met(x, base, count, chain[CUTOFF], limits, nodes, table)
        joined = time > 0.0 and all_succeed(nodes, count, rng)
        spent += time + way if time > 0.0 else -time
    swap_all(x, base, count, out, nodes, table)
    wait(x, out, way, int(chain[SPAN]), count, nodes, table)
    x[out, TIME] = spent
    return DONE


@uncounted
def next_arrival(x: Array, base: int, count: int) -> int:
    """Return the link that is there next."""
    best, when, i = -1, inf, 0
    while i < count:
        if x[base + i, END] == 0.0 and x[base + i, TIME] < when:
            best, when = i, x[base + i, TIME]
        i = max(i + 1, int(x[base + i, END]))
    return best


@uncounted
def next_expiry(x: Array, base: int, count: int) -> int:
    """Return the first link of the oldest pair, -1 where there is none."""
    best, when, i = -1, inf, 0
    while i < count:
        if x[base + i, END] > 0.0 and x[base + i, BORN] < when:
            best, when = i, x[base + i, BORN]
        i = max(i + 1, int(x[base + i, END]))
    return best


@uncounted
def connect(x: Array, base: int, a: int, b: int, now: float, nodes: Array, table: Array, rng: Array) -> bool:
    """Swap the pairs that begin with links a and b, and return whether the station succeeded.

    The two qubits have decayed until now, those at the ends decay on: the outcome is known and corrected at the end.
    """
    if not succeeds(nodes, b, rng):
        return False
    decay(x, base + b - 1, 0.0, now - x[base + b - 1, TIME], b - 1, b, nodes, table)
    decay(x, base + b, now - x[base + b, TIME], 0.0, b, b + 1, nodes, table)
    end = int(x[base + b, END])
    x[base + a, BORN], x[base + a, END] = min(x[base + a, BORN], x[base + b, BORN]), end
    x[base + end - 1, HEAD] = a
    return True


@uncounted
def settle(
    x: Array, base: int, i: int, count: int, now: float, nodes: Array, table: Array, rng: Array
) -> tuple[int, int, bool]:
    """Let link i come about and swap it with the pairs beside it; return the links that are one pair, or lost."""
    x[base + i, BORN], x[base + i, END], x[base + i, HEAD] = now, i + 1, i
    begin, end, good = i, i + 1, True
    if begin > 0 and x[base + begin - 1, HEAD] >= 0.0:
        begin = int(x[base + begin - 1, HEAD])
        good = connect(x, base, begin, i, now, nodes, table, rng)
    if good and end < count and x[base + end, END] > 0.0:
        middle, end = end, int(x[base + end, END])
        good = connect(x, base, begin, middle, now, nodes, table, rng)
    return begin, end, good


@uncounted
def join_as_soon(
    x: Array, out: int, limits: Array, stages: Array, links: Array, nodes: Array, table: Array, rng: Array
) -> int:
    """Write the pair of all links, each station of which swaps as soon as it has a pair on both sides."""
    base, count, chain = stages.shape[0], links.shape[0], stages[-1]
    cutoff, now, begin, end = chain[CUTOFF], 0.0, int(chain[SPAN]), count
    for i in range(count):
        grow_link(x, base + i, i, now, limits, stages, links, nodes, table, rng)
    while True:
        if float(rng[BLOCK]) > limits[MOST_DRAWS]:
            return TOO_MANY
        if now > limits[LONGEST_JOIN]:
            return TOO_LONG
        arriving, old = next_arrival(x, base, count), next_expiry(x, base, count)
        if cutoff < inf and old >= 0 and x[base + old, BORN] + cutoff < x[base + arriving, TIME]:
            now, begin, end, good = x[base + old, BORN] + cutoff, old, int(x[base + old, END]), False
        else:
            now = x[base + arriving, TIME]
            begin, end, good = settle(x, base, arriving, count, now, nodes, table, rng)
        if good and end - begin == count:
            break
        for i in range(begin, begin if good else end):
            grow_link(x, base + i, i, now, limits, stages, links, nodes, table, rng)
    now += max(nodes[count, WAY] - nodes[1, WAY], nodes[count - 1, WAY])
    decay(x, base, now - x[base, TIME], 0.0, begin, begin + 1, nodes, table)
    decay(x, base + count - 1, 0.0, now - x[base + count - 1, TIME], count - 1, count, nodes, table)
    swap_all(x, base, count, out, nodes, table)
    x[out, TIME] = now
    return DONE


@uncounted
def begin_run(x: Array, heights: int) -> None:
    """Forget what the stages hold."""
    for h in range(heights):
        x[h, SPENT] = x[h, FULL] = 0.0


@uncounted
def spent_for_sure(x: Array, heights: int, stages: Array) -> float:
    """Return a time by which nothing is delivered: attempts of a stage with a cut-off above may be abandoned, and don't count."""
    total, h = 0.0, heights - 1
    while h >= 0:
        total += x[h, SPENT]
        h = h - 1 if stages[h, CUTOFF] == inf else -1
    return total


@uncounted
def deliver(x: Array, limits: Array, stages: Array, links: Array, nodes: Array, table: Array, rng: Array) -> bool:
    """Write a delivered pair, and return whether few enough random numbers were enough."""
    current, first = stages.shape[0] - 1, int(limits[BOTTOM])
    lost, going, status = 0.0, int(stages[-1, SPAN]), DONE
    while going >= 0:
        if float(rng[BLOCK]) > limits[MOST_DRAWS]:
            return False
        row = place(x, first, current, current)
        if limits[POLICY] == NESTED:
            draw_link(x, row, going, links, nodes, rng)
        elif limits[POLICY] == AT_END:
            status = join_at_end(x, row, limits, stages, links, nodes, table, rng)
        else:
            status = join_as_soon(x, row, limits, stages, links, nodes, table, rng)
        if status == TOO_MANY:
            return False
        if status == DONE:
            going = absorb(x, going, first, current, current, limits, stages, nodes, table, rng)
        time = x[current, TIME] if going < 0 else spent_for_sure(x, current, stages)
        if status == TOO_LONG or time > limits[LONGEST_RUN]:
            lost += limits[LONGEST_RUN]
            going = int(stages[-1, SPAN])
            begin_run(x, current)
    x[current, TIME] += lost
    x[current, FIDELITY] = 0.25 * (1.0 + x[current, 5] - x[current, 10] + x[current, 15])
    return True


@uncounted
def draw(
    values: Array, first: int, x: Array, limits: Array, stages: Array, links: Array, nodes: Array, table: Array,
    rng: Array, stop: Array,
) -> int:  # fmt: skip
    """Write what the samples from ``first`` on deliver, a row each, until told to stop.

    Returns how many there are; -1 - that where the next one takes too long.
    """
    current = stages.shape[0] - 1
    for s in range(len(values)):
        if stop[0] != 0:
            return s
        index = np.uint64(first + s)
        rng[BLOCK], rng[BLOCK + 1], rng[BLOCK + 2], rng[HAS_SPARE] = NOTHING, index & WORD, index >> HALF, NOTHING
        begin_run(x, current)
        if not deliver(x, limits, stages, links, nodes, table, rng):
            return -1 - s
        for k in range(VALUES):
            values[s, k] = x[current, k]
    return len(values)
