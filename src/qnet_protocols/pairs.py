"""Two qubits, of which each node holds one."""

import numpy as np

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError, StateError

__all__: list[str] = []


def require_pair(state: DensityMatrix) -> DensityMatrix:
    """Return the state if it is one of two qubits and normalized, or nothing at all (NaN)."""
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `state` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `state` must be a state of two qubits, but has dims {state.dims}.")
    gap = np.abs(state.trace() - 1)
    if (gap > checks.ATOL).any():
        raise StateError(
            f"Parameter `state` must have trace 1 (normalize it first), but is off by {np.nanmax(gap):.3g}."
        )
    return state
