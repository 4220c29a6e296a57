"""Expectation values as reads and weighted sums of the Bloch tensor."""

import math
from typing import Any

import numpy as np

from . import _checks
from ._checks import Dims, Floats
from ._positivity import require_hermitian
from .basis import bloch_from_matrix
from .errors import DimensionError, ParameterError

PAULI_INDEX = {"I": 0, "X": 1, "Y": 2, "Z": 3}


def pauli_row(word: str, where: Dims, dims: Dims) -> int:
    """Return the place in the flat Bloch tensor of a Pauli string on the qubits ``where``."""
    if len(word) != len(where) or any(letter not in PAULI_INDEX for letter in word):
        raise ParameterError(f"Parameter `observable` must be {len(where)} letters of I, X, Y, Z, but is {word!r}.")
    if any(dims[k] != 2 for k in where):
        have = tuple(dims[k] for k in where)
        raise DimensionError(
            f"Parameter `observable` must be a matrix unless all dimensions are 2, but they are {have}."
        )
    index = [0] * len(dims)
    for k, letter in zip(where, word, strict=True):
        index[k] = PAULI_INDEX[letter]
    return int(np.ravel_multi_index(index, [d * d for d in dims])) if index else 0


def observable_weights(observable: Any, dims: Dims) -> tuple[Floats, Dims]:
    """Return ``Tr(O B_i) / D`` as (elements, points), and the batch shape, of a Hermitian matrix."""
    array = _checks.matrix(observable, "observable")
    size = math.prod(dims)
    if array.shape[-2:] != (size, size):
        raise DimensionError(f"Parameter `observable` must have shape (..., {size}, {size}), but has {array.shape}.")
    scale = max(1.0, float(np.abs(array).max()))
    require_hermitian(array, "observable", _checks.tolerance(observable) * scale)
    return bloch_from_matrix(array, dims).reshape(size * size, -1) / size, array.shape[:-2]
