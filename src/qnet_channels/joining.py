"""Two pairs become one: a Bell measurement of the inner qubits as a product of three 4 x 4 real matrices."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from qnet_core import Channel, DensityMatrix, Heralded, _kernels
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError
from qnet_core.preparations import BELL_SIGNS

__all__: list[str] = []

FeedForward: TypeAlias = Channel | tuple[Channel, Channel] | None
ROUND_OFF = 2.0**-48  # a probability up to this share of the one for mixed inner qubits is 0
CORRECTIONS = BELL_SIGNS * BELL_SIGNS[0]  # signs of I, X, Y, Z of C under the Pauli that turns an outcome into phi+


def require_pair(state: DensityMatrix, name: str) -> DensityMatrix:
    """Return the state if it is one of two qubits."""
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `{name}` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `{name}` must be a state of two qubits, but has dims {state.dims}.")
    return state


def waited(pairs: Sequence[DensityMatrix], feed_forward: FeedForward) -> list[DensityMatrix]:
    """Return a chain of pairs after its two ends waited for the outcomes.

    They wait before the corrections and after the measurements, which are at other qubits: so they may as well wait
    before these.
    """
    states = list(pairs)
    if feed_forward is not None:
        both = feed_forward if isinstance(feed_forward, tuple) else (feed_forward, feed_forward)
        _require_qubit_channels(both)
        states[0] = states[0].apply(both[0], 0)
        states[-1] = states[-1].apply(both[1], 1)
    return states


def _require_qubit_channels(both: tuple[Channel, ...]) -> None:
    """Refuse what is not two channels from one qubit to one qubit."""
    if len(both) != 2:
        raise DimensionError(
            f"Parameter `feed_forward` must be one Channel or a pair (left, right), but has {len(both)}."
        )
    for channel in both:
        if not isinstance(channel, Channel):
            kind = type(channel).__name__
            raise ParameterTypeError(f"Parameter `feed_forward` must be a Channel or a pair of them, but is {kind}.")
        if not channel.dims_in == channel.dims_out == (2,):
            dims = f"{channel.dims_in} to {channel.dims_out}"
            raise DimensionError(f"Parameter `feed_forward` must take a qubit to a qubit, but takes dims {dims}.")


def _over(values: checks.Floats, batch: checks.Dims) -> checks.Floats:
    """Return values (4, 4, ...) with the axes that a batch has and they lack."""
    return values.reshape(4, 4, *(1,) * (len(batch) - values.ndim + 2), *values.shape[2:])


def joined(
    left: DensityMatrix, right: DensityMatrix, correlations: checks.Floats, outcomes: Sequence[int] = range(4)
) -> DensityMatrix:
    """Return the pair A-C, corrected to phi+, summed over outcomes; its trace is their probability.

    Outcome m leaves ``left S_m right D_m`` with the station's correlations S and the corrections D, both diagonal,
    so that any sum over outcomes is ``left (M * right)``, elementwise, with ``M[k, j] = sum_m S_m[k] D_m[j]``.
    """
    shapes = {"left": left.batch_shape, "right": right.batch_shape, "station": correlations.shape[2:]}
    batch = checks.broadcast(**shapes)
    checks.capacity(32 * math.prod(batch), "The swapped pairs")
    chosen = list(outcomes)
    masks = np.einsum("mk...,mj->kj...", correlations[chosen], CORRECTIONS[chosen])
    inner = _over(right._flat.reshape(4, 4, *right.batch_shape), batch) * _over(masks, batch)
    outer = left if left.batch_shape in ((), batch) else left.broadcast_to(batch)
    if inner.shape[2:] not in ((), batch) and inner[0, 0].size > 1:
        inner = np.broadcast_to(inner, (4, 4, *batch))
    a, b = outer._flat, np.ascontiguousarray(inner).reshape(-1)
    flat = np.empty(16 * math.prod(batch))
    _kernels.pairs.pair_product(flat, a, b, np.ones(4), np.array([int(a.size > 16), int(b.size > 16), 0]))
    state = DensityMatrix._wrap(flat, (2, 2), batch)
    trace, terms = state._stack[0], a.reshape(16, -1)[0] * b.reshape(16, -1)[0]
    trace[np.abs(trace) <= ROUND_OFF * terms] = 0.0
    return state


def announced(raw: DensityMatrix) -> Heralded:
    """Take the trace out of the state as its probability; NaN where it is 0."""
    probability, state = raw.trace(), raw.normalized()
    state._stack[:, np.reshape(probability, -1) == 0] = np.nan
    return Heralded(state, probability)
