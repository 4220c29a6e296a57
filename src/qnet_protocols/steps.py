"""What a gate between nodes consists of, one map after another."""

from collections.abc import Sequence
from functools import reduce
from typing import Literal, NamedTuple

import numpy as np

from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks
from qnet_core.basis import transposition_signs

__all__: list[str] = []


class Step(NamedTuple):
    """A map on some qubits, and for which of them the messages are waited for.

    "move" takes one message while ``away`` travel; "copy" one to the hub before its gate and one back
    to the controls ``away`` after it; "local" none.
    """

    channel: Channel
    on: tuple[int, ...]
    kind: Literal["local", "move", "copy"] = "local"
    away: tuple[int, ...] = ()


def composed(steps: Sequence[Step], count: int) -> Channel:
    """Return the map of all steps on ``count`` qubits: what they do to one half of maximally entangled pairs."""
    checks.capacity(16**count, "The transfer matrix")
    signs = reduce(np.kron, [transposition_signs(2)] * count)
    choi = DensityMatrix.from_bloch(np.diag(signs).reshape((4,) * 2 * count), (2,) * 2 * count)
    for step in steps:
        choi = choi.apply(step.channel, step.on)
    stack = choi._stack.reshape(4**count, 4**count, -1) * signs[:, None]
    return Channel._from_stack(np.ascontiguousarray(stack), choi.batch_shape, (2,) * count, (2,) * count)
