"""Pairs as teleportation takes them: two qubits of trace 1, one of which may wait for a message."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError

__all__: list[str] = []

Resource = DensityMatrix | Sequence[DensityMatrix]


def require_state(state: DensityMatrix, name: str) -> DensityMatrix:
    """Return a state of trace 1, or NaN where there is none."""
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `{name}` must be a DensityMatrix, but is {type(state).__name__}.")
    gap = np.abs(state.trace() - 1)
    if (gap > checks.ATOL).any():
        raise StateError(
            f"Parameter `{name}` must have trace 1 (normalize it first), but is off by {np.nanmax(gap):.3g}."
        )
    return state


def require_resource(state: DensityMatrix, name: str = "resource") -> DensityMatrix:
    """Return a state of two qubits."""
    require_state(state, name)
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `{name}` must be a state of two qubits, but has dims {state.dims}.")
    return state


def require_resources(resource: Resource, count: int, where: str = "") -> list[DensityMatrix]:
    """Return as many pairs as are asked for: one state is any number of equal pairs, a sequence holds just those."""
    if isinstance(resource, DensityMatrix):
        return [require_resource(resource)] * count
    if not isinstance(resource, Sequence) or isinstance(resource, str):
        raise ParameterTypeError(
            f"Parameter `resource` must be a DensityMatrix or a sequence of them, but is {type(resource).__name__}."
        )
    if len(resource) < count:
        raise ParameterError(
            f"Parameter `resource` must hold at least {count} pair{'s' * (count > 1)}{where}, but holds {len(resource)}."
        )
    return [require_resource(resource[k], f"resource[{k}]") for k in range(count)]


def require_memory(memory: Memory | None) -> Memory | None:
    """Return the memory; None is a perfect one."""
    if memory is not None and not isinstance(memory, Memory):
        raise ParameterTypeError(f"Parameter `memory` must be a Memory, but is {type(memory).__name__}.")
    return memory


def received(pair: DensityMatrix, memory: Memory | None, latency_s: ArrayLike) -> DensityMatrix:
    """Return the pair after its second half waited for a message."""
    latency = checks.real(latency_s, "latency_s", low=0.0)
    used = require_memory(memory)
    return pair if used is None else pair.apply(used.decay(duration_s=latency), 1)


def oriented(pair: DensityMatrix, backwards: bool) -> DensityMatrix:
    """Return the pair with its first half where the link starts."""
    return pair.permute((1, 0)) if backwards else pair
