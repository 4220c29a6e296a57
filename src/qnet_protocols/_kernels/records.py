"""Records of a run, drawn event by event."""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # an array; Numba types it at the call


@kernel
def draw_classes(out: Array, words: Array, tops: Array, first: Array, upper: Array) -> None:
    """Write the class of each random word: the first one whose ``upper`` end is greater; the last class has no end.

    ``tops`` are the words' highest eight bits, and ``first`` the class at which to begin for each of these.
    """
    for i in range(words.size):
        c = first[tops[i]]
        while c < upper.size and words[i] >= upper[c]:
            c += 1
        out[i] = c
