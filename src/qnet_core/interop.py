"""To and from QuTiP, which is imported only when one of these is called."""

from typing import Any

import numpy as np

from . import _checks
from .channels import Channel
from .errors import DimensionError, ParameterTypeError
from .preparations import pure_state
from .states import DensityMatrix

__all__ = ["from_qutip", "to_qutip"]


def to_qutip(obj: DensityMatrix | Channel) -> Any:
    """Return a Qobj (operator or superoperator) with the same dims; a batch as an object array of Qobj.

    QuTiP's ``fidelity`` is the square root of ours.
    """
    import qutip

    if isinstance(obj, DensityMatrix):
        dims: Any = [list(obj.dims), list(obj.dims)]
        array = obj.matrix
    elif isinstance(obj, Channel):
        dims = [[list(obj.dims_out)] * 2, [list(obj.dims_in)] * 2]
        array = obj.superop()
    else:
        raise ParameterTypeError(f"Parameter `obj` must be a DensityMatrix or a Channel, but is {type(obj).__name__}.")
    if not obj.batch_shape:
        return qutip.Qobj(array, dims=dims)
    result = np.empty(obj.batch_shape, object)
    for index in np.ndindex(*obj.batch_shape):
        result[index] = qutip.Qobj(array[index], dims=dims)
    return result


def from_qutip(qobj: Any) -> DensityMatrix | Channel:
    """Return the state of a ket or density matrix, or the channel of a superoperator or Choi Qobj; also of object arrays."""
    import qutip

    items = np.asarray(qobj, dtype=object) if isinstance(qobj, np.ndarray | list) else None
    first = qobj if items is None else items.reshape(-1)[0] if items.size else None
    if not isinstance(first, qutip.Qobj):
        raise ParameterTypeError(f"Parameter `qobj` must be a Qobj or an array of them, but is {type(first).__name__}.")
    if first.issuper:
        first = qutip.to_super(first)
        array = first.full() if items is None else _stacked(items, lambda q: qutip.to_super(q))
        return Channel.from_superop(array, first.dims[1][0], first.dims[0][0])
    if not (first.isket or first.isoper):
        raise ParameterTypeError(
            f"Parameter `qobj` must be a ket, an operator or a superoperator, but is {first.type}."
        )
    array = first.full() if items is None else _stacked(items, lambda q: q)
    if first.isket:
        return pure_state(array[..., 0], first.dims[0])
    return DensityMatrix(array, first.dims[0])


def _stacked(items: Any, convert: Any) -> Any:
    """Return the matrices of an array of Qobj of equal dims as one array."""
    flat = [convert(item) for item in items.reshape(-1)]
    if any(item.dims != flat[0].dims for item in flat):
        raise DimensionError("Parameter `qobj` must hold Qobj of equal dims.")
    matrices = np.array([item.full() for item in flat])
    _checks.matrix(matrices, "qobj")
    return matrices.reshape(*items.shape, *matrices.shape[1:])
