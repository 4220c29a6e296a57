"""Channels out of channels: one after another, side by side, repeated, broadcast."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _checks
from ._apply import apply
from ._checks import Floats
from .errors import DimensionError, ParameterTypeError

if TYPE_CHECKING:
    from .channels import Channel


def _common(first: "Channel", second: "Channel") -> "tuple[Channel, Channel]":
    batch = _checks.broadcast(self=first.batch_shape, other=second.batch_shape)
    return broadcast_to(first, (batch,)), broadcast_to(second, (batch,))


def _require_channel(other: "Channel") -> None:
    if not hasattr(other, "_transfer"):
        raise ParameterTypeError(f"Parameter `other` must be a Channel, but is {type(other).__name__}.")


def then(first: "Channel", second: "Channel") -> "Channel":
    """Compose by letting ``second`` act on the columns of the transfer matrix of ``first``."""
    _require_channel(second)
    if first.dims_out != second.dims_in:
        raise DimensionError(f"Parameter `other` must take dims {first.dims_out}, but takes {second.dims_in}.")
    first, second = _common(first, second)
    flat = np.ascontiguousarray(first._stack).reshape(-1)
    points = math.prod(first.batch_shape)
    on = tuple(range(len(first.dims_out)))
    image = apply(second._transfer, flat, first.dims_out + first.dims_in, on, second.dims_out, points, None)
    stack = image.reshape(math.prod(second.dims_out) ** 2, -1, points)
    return type(first)._from_stack(stack, first.batch_shape, first.dims_in, second.dims_out)


def tensor(first: "Channel", second: "Channel") -> "Channel":
    """Put two maps side by side: the Kronecker product of their transfer matrices."""
    _require_channel(second)
    first, second = _common(first, second)
    a, b = first._stack, second._stack
    rows, cols = a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]
    _checks.capacity(rows * cols * a.shape[2], "The transfer matrix of the product")
    stack = (a[:, None, :, None] * b[None, :, None, :]).reshape(rows, cols, -1)
    return type(first)._from_stack(
        stack, first.batch_shape, first.dims_in + second.dims_in, first.dims_out + second.dims_out
    )


def power(channel: "Channel", n: int) -> "Channel":
    """Repeat a map by squaring."""
    if channel.dims_in != channel.dims_out:
        raise DimensionError(
            f"Only a map of {channel.dims_in} to itself can be repeated, but it gives {channel.dims_out}."
        )
    count = _checks.integer(n, "n", 0)
    result, square = broadcast_to(type(channel).identity(channel.dims_in), (channel.batch_shape,)), channel
    while count:
        if count & 1:
            result = then(result, square)
        count >>= 1
        square = then(square, square) if count else square
    return result


def broadcast_to(channel: "Channel", batch_shape: Sequence[int | Sequence[int]]) -> "Channel":
    """Copy a map to more points."""
    given = batch_shape[0] if len(batch_shape) == 1 else batch_shape
    batch = _checks.shape(given, "batch_shape")  # type: ignore[arg-type]
    if batch == channel.batch_shape:
        return channel
    if _checks.broadcast(channel=channel.batch_shape, batch_shape=batch) != batch:
        raise DimensionError(f"Parameter `batch_shape` must extend {channel.batch_shape}, but is {batch}.")
    full = channel._transfer.dense()
    rows, cols, *own = full.shape
    _checks.capacity(rows * cols * math.prod(batch), "The broadcast batch of maps")
    shaped = full.reshape(rows, cols, *(1,) * (len(batch) - len(own)), *own)
    stack = np.broadcast_to(shaped, (rows, cols, *batch)).reshape(rows, cols, -1)
    return type(channel)._from_stack(stack, batch, channel.dims_in, channel.dims_out)


def pauli_twirl(channel: "Channel") -> "Channel":
    """Keep the diagonal of the transfer matrix."""
    if channel.dims_in != channel.dims_out or set(channel.dims_in) != {2}:
        raise DimensionError(
            f"Only maps of qubits to themselves have a Pauli twirl, but this maps {channel.dims_in} to {channel.dims_out}."
        )
    diagonal = np.diagonal(channel._transfer.dense())
    entries = {(k, k): diagonal[..., k] for k in range(diagonal.shape[-1])}
    return type(channel)._from_entries(entries, channel.batch_shape, channel.dims_in)


def is_unit_vector(vectors: Floats, atol: float) -> Any:
    """Say whether vectors on the last axis are 1, 0, 0, ..."""
    gap = vectors.copy()
    gap[..., 0] -= 1
    return np.bool_(np.abs(gap).max(axis=-1) <= atol)
