"""Cascade on one frame of a key: parities of blocks, and searches for the errors in odd ones.

``pairs`` holds a bit of each end: 1 for the sender's, 2 for the receiver's, so that one sum gives the parities of both.
Each pass shuffles the frame by ``order`` (``place`` is the inverse) and cuts it into blocks, and these into halves, all
of sizes that are powers of two. In a tree over the places, the interval of ``size`` that holds place t is node
``side / size + t / size``; ``split`` says where the parities of both halves are known.
"""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # an array; Numba types it at the call

ODD, QUEUED = 1, 2  # of ``state``: the ends differ in the interval's parity; the interval waits to be searched
STEPS = 32  # a search takes fewer: half a frame, its half, ... one bit


@kernel
def parities(pairs: Array, order: Array, start: int, stop: int) -> int:
    """Return the parities of both ends over places of a pass."""
    both = 0
    for t in range(start, min(stop, order.size)):
        both ^= pairs[order[t]]
    return both


@kernel
def known_interval(split: Array, side: int, size: int, t: int) -> int:
    """Return the size of the smallest interval around a place of which the receiver knows the sender's parity."""
    while split[side // size + t // size]:
        size //= 2
    return size


@kernel
def ask_blocks(
    pairs: Array, order: Array, state: Array, side: int, size: int, told: Array, asked: int, infer: bool
) -> int:
    """Note which blocks of a pass are odd; the last one need not be asked for where the whole frame is even."""
    whole, count = 0, -(-order.size // size)
    for block in range(count):
        both = parities(pairs, order, block * size, (block + 1) * size)
        odd = (both ^ (both >> 1)) & 1
        if infer and block == count - 1:
            odd = whole
        else:
            told[asked] = both & 1
            asked += 1
        whole ^= odd
        state[side // size + block] = odd
    return asked


@kernel
def search(
    pairs: Array, order: Array, state: Array, split: Array, side: int, size: int, t: int, told: Array, asked: int
) -> tuple[int, int]:
    """Find an error in an odd interval by halves, and return its place and how many parities were told until then."""
    start = t // size * size
    while size > 1:
        split[side // size + start // size] = 1
        state[side // size + start // size] = 0
        size //= 2
        left, right, odd = side // size + start // size, side // size + start // size + 1, 1
        if start + size < order.size:  # else the right half is empty
            both = parities(pairs, order, start, start + size)
            odd = (both ^ (both >> 1)) & 1
            told[asked] = both & 1
            asked += 1
        state[left], state[right] = odd, 1 - odd
        start += (1 - odd) * size
    return start, asked


@kernel
def queue_odd(state: Array, side: int, size: int, blocks: int, p: int, queue: Array) -> int:
    """Queue the odd blocks of a new pass, the first one on top, and return how many there are."""
    waiting, first = 0, side // size
    for block in range(blocks - 1, -1, -1):
        if state[first + block]:
            state[first + block] |= QUEUED
            queue[waiting, 0], queue[waiting, 1] = p, block * size
            waiting += 1
    return waiting


@kernel
def queue_changed(
    place: Array,
    sizes: Array,
    state: Array,
    split: Array,
    error: int,
    found: int,
    last: int,
    queue: Array,
    waiting: int,
) -> int:
    """Turn the parity of the smallest known interval around a corrected bit in each other pass; queue what is odd now."""
    side = state.shape[1] // 2
    for p in range(last, -1, -1):
        if p != found:
            t = place[p, error]
            size = known_interval(split[p], side, sizes[p], t)
            node = side // size + t // size
            state[p, node] ^= ODD
            if state[p, node] == ODD:
                state[p, node] |= QUEUED
                queue[waiting, 0], queue[waiting, 1] = p, t
                waiting += 1
    return waiting


@kernel
def reconcile(
    pairs: Array, order: Array, place: Array, sizes: Array, state: Array, split: Array, told: Array, queue: Array
) -> int:
    """Correct the receiver's bits in place, and return how many parities the sender told; -1 if ``told`` is too short.

    ``state`` and ``split`` (passes, 2 side) begin as 0. An interval is in the queue once at most. Whatever an error turns odd is
    searched at once, beginning with the first pass, where blocks are smallest.
    """
    side, asked = state.shape[1] // 2, 0
    for last in range(sizes.size):
        blocks = -(-order.shape[1] // sizes[last])
        if asked + blocks > told.size:
            return -1
        asked = ask_blocks(pairs, order[last], state[last], side, sizes[last], told, asked, last > 0)
        waiting = queue_odd(state[last], side, sizes[last], blocks, last, queue)
        while waiting:
            waiting -= 1
            p, t = queue[waiting, 0], queue[waiting, 1]
            size = known_interval(split[p], side, sizes[p], t)
            state[p, side // size + t // size] &= ODD
            if state[p, side // size + t // size]:
                if asked + STEPS > told.size:
                    return -1
                t, asked = search(pairs, order[p], state[p], split[p], side, size, t, told, asked)
                state[p, side + t] = 0
                error = order[p, t]
                pairs[error] ^= 2
                waiting = queue_changed(place, sizes, state, split, error, p, last, queue, waiting)
    return asked
