"""How a channel moves a state: checks, broadcasting, and the choice of kernel."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from . import _checks, _kernels
from ._apply import apply, output_dims
from ._checks import Dims, Floats
from .errors import DimensionError, ParameterTypeError

if TYPE_CHECKING:
    from .channels import Channel
    from .states import DensityMatrix

State = TypeVar("State", bound="DensityMatrix")
_SMALL = 4096  # elements that always fit in memory
_IDENTITY = np.eye(4).reshape(-1)
_BLOCKS = 7, 10  # qubits whose numbers stay in the second cache, and in the third


def require_out(out: "DensityMatrix", dims: Dims, batch: Dims) -> None:
    """Refuse an ``out`` that the result does not fit."""
    if not hasattr(out, "_flat"):
        raise ParameterTypeError(f"Parameter `out` must be a DensityMatrix, but is {type(out).__name__}.")
    if out._dims != dims or out._batch != batch:
        raise DimensionError(
            f"Parameter `out` must have dims {dims} and batch shape {batch}, but has {out._dims} and {out._batch}."
        )


def _target(state: State, out: State | None) -> State:
    """Return ``out`` holding a copy of the state, or a new copy."""
    if out is None:
        if state._flat.size > _SMALL:
            _checks.capacity(state._flat.size, "The state after the map")
        return state._wrap(state._flat.copy(), state._dims, state._batch)
    if out is not state:
        require_out(out, state._dims, state._batch)
        np.copyto(out._flat, state._flat)
    return out


def apply_to_qubit(state: State, r: Floats, on: int, out: State | None) -> State:
    """Map one qubit by the 16 numbers of a transfer matrix."""
    target = state if out is state else _target(state, out)
    flat = target._flat
    left = math.prod(target._dims[:on]) ** 2 if on else 1
    right = flat.size // (4 * left)
    _kernels.qubit.map_qubit(flat, r, left, right)
    return target


def _common_batch(state: State, channel: "Channel") -> "tuple[State, Channel]":
    """Bring state and channel to one batch; a single state under a batch of maps stays single."""
    if not channel.batch_shape or channel.batch_shape == state._batch:
        return state, channel
    batch = _checks.broadcast(state=state._batch, channel=channel.batch_shape)
    if channel.batch_shape != batch:
        channel = channel.broadcast_to(batch)
    if state._batch != batch and (state._batch or not channel._transfer.is_batched):
        state = state.broadcast_to(batch)
    return state, channel


@lru_cache(maxsize=4096, typed=True)
def _targets(dims: Dims, on: int | Dims, dims_in: Dims, dims_out: Dims) -> tuple[Dims, Dims]:
    """Return the subsystems that a channel acts on, and the dimensions after it."""
    where = _checks.subsystems(on, len(dims))
    if not where:
        raise DimensionError("Parameter `on` must name at least one subsystem, but is empty.")
    have = tuple(dims[k] for k in where)
    if have != dims_in:
        raise DimensionError(f"Parameter `on` must name subsystems of dims {dims_in}, but {where} have {have}.")
    return where, output_dims(dims, where, dims_out)


def apply_general(state: State, channel: "Channel", on: int | Sequence[int], out: State | None) -> State:
    """Map any subsystems by any channel."""
    if not hasattr(channel, "_transfer"):
        raise ParameterTypeError(f"Parameter `channel` must be a Channel, but is {type(channel).__name__}.")
    plain = type(on) is int or (type(on) is tuple and all(type(k) is int for k in on))
    key = on if plain else _checks.subsystems(on, len(state._dims))
    where, dims = _targets(state._dims, key, channel.dims_in, channel.dims_out)
    in_place = out is state
    state, channel = _common_batch(state, channel)
    batch = channel.batch_shape or state._batch
    if out is not None:
        require_out(out, dims, batch)
    buffer = None if out is None else state._flat if in_place else out._flat
    flat = apply(channel._transfer, state._flat, state._dims, where, channel.dims_out, math.prod(batch), buffer)
    return state._wrap(flat, dims, batch) if out is None else out


def _new_dim(channel: "Channel", k: int, dim: int) -> int:
    """Return what dimension subsystem ``k`` gets; refuse a channel that can't act there, before any other has acted."""
    if not hasattr(channel, "_transfer"):
        raise ParameterTypeError(
            f"Parameter `channels[{k}]` must be a Channel or None, but is {type(channel).__name__}."
        )
    if channel.dims_in != (dim,) or len(channel.dims_out) != 1:
        raise DimensionError(
            f"Parameter `channels` must map one subsystem of dims {(dim,)} at {k}, "
            f"but maps {channel.dims_in} to {channel.dims_out}."
        )
    return channel.dims_out[0]


def apply_each(state: State, channels: "Sequence[Channel | None]", out: State | None) -> State:
    """Map every subsystem by a channel of its own."""
    if not isinstance(channels, Sequence):
        raise ParameterTypeError(f"Parameter `channels` must be a sequence, but is {type(channels).__name__}.")
    if len(channels) != len(state._dims):
        raise DimensionError(
            f"Parameter `channels` must hold {len(state._dims)} channels or None, one per subsystem, but holds {len(channels)}."
        )
    pairs = enumerate(zip(channels, state._dims, strict=True))
    dims = tuple(d if channel is None else _new_dim(channel, k, d) for k, (channel, d) in pairs)
    batches = {f"channels[{k}]": channel.batch_shape for k, channel in enumerate(channels) if channel is not None}
    batch = _checks.broadcast(state=state._batch, **batches)
    if out is not None:
        require_out(out, dims, batch)
    found = [_IDENTITY if channel is None else channel._qubit for channel in channels]
    matrices = [r for r in found if r is not None]
    if state._batch or set(state._dims) != {2} or not 1 < len(matrices) == len(found):
        return _apply_one_by_one(state, channels, out)
    target = _target(state, out)
    _kernels.qubit.map_each_qubit(target._flat, np.concatenate(matrices), *_BLOCKS)
    return target


def _apply_one_by_one(state: State, channels: "Sequence[Channel | None]", out: State | None) -> State:
    if out is None and all(channel is None for channel in channels):
        return _target(state, None)
    result = state
    for k, channel in enumerate(channels):
        if channel is not None:
            result = result.apply(channel, k, out=out if result is out else None)
    if out is None:
        return result
    if result is not out:
        np.copyto(out._flat, result._flat)
    return out
