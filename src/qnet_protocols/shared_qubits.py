"""States of many qubits, of which each node holds one."""

from collections.abc import Sequence

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

from .resources import require_state

__all__: list[str] = []


def require_qubits(state: DensityMatrix, name: str = "state", *, least: int = 1) -> DensityMatrix:
    """Return a state of trace 1 (or NaN where there is none) of at least so many qubits."""
    require_state(state, name)
    if set(state.dims) != {2} or state.num_subsystems < least:
        what = "qubits" if least == 1 else f"at least {least} qubits"
        raise DimensionError(f"Parameter `{name}` must be a state of {what}, but has dims {state.dims}.")
    return state


def correlators(state: DensityMatrix, vectors: Sequence[checks.Complexes | checks.Floats]) -> checks.Complexes:
    """Return the expectation of a product of operators, shape (...): qubit k has this sum of I, X, Y and Z."""
    rest = state._flat.astype(complex)
    for vector in vectors:
        rest = vector @ rest.reshape(4, -1)
    return rest.reshape(state.batch_shape)
