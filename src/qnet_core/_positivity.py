"""Hermiticity and positivity of batches of matrices, refused in the caller's words."""

import numpy as np

from ._checks import Complexes
from .errors import StateError


def _place(flags: np.ndarray) -> str:
    """Say which batch point is meant, where there are several."""
    at = tuple(int(i) for i in np.argwhere(flags)[0]) if flags.ndim else ()
    return f" (at batch index {at})" if at else ""


def require_hermitian(array: Complexes, name: str, atol: float, error: type[ValueError] = StateError) -> None:
    """Refuse matrices that differ from their adjoint by more than ``atol``."""
    gap = np.abs(array - array.conj().swapaxes(-1, -2)).max(axis=(-1, -2))
    if (gap > atol).any():
        worst = float(gap[gap > atol].flat[0])
        raise error(
            f"Parameter `{name}` must be Hermitian to {atol:g}, but differs from its adjoint by {worst:.3g}"
            f"{_place(gap > atol)}."
        )


def is_positive(array: Complexes, atol: float) -> bool:
    """Say whether no eigenvalue of the Hermitian matrices lies below ``-atol``."""
    try:
        np.linalg.cholesky(array + atol * np.eye(array.shape[-1]))
        return True
    except np.linalg.LinAlgError:
        return bool((np.linalg.eigvalsh(array)[..., 0] >= -atol).all())


def require_positive(array: Complexes, name: str, atol: float, error: type[ValueError] = StateError) -> None:
    """Refuse Hermitian matrices with an eigenvalue below ``-atol``."""
    if not is_positive(array, atol):
        least = np.linalg.eigvalsh(array)[..., 0]
        value = float(least[least < -atol].flat[0])
        raise error(
            f"Parameter `{name}` must have eigenvalues of at least 0 (to {atol:g}), but has {value:.6g}"
            f"{_place(least < -atol)}."
        )


def require_state(array: Complexes, name: str, atol: float) -> None:
    """Refuse matrices that are not Hermitian and positive with a trace in (0, 1]."""
    require_hermitian(array, name, atol)
    trace = np.trace(array, axis1=-2, axis2=-1).real
    bad = (trace <= 0) | (trace > 1 + atol)
    if bad.any():
        value = float(trace[bad].flat[0])
        raise StateError(f"Parameter `{name}` must have a trace in (0, 1], but has {value:.12g}{_place(bad)}.")
    require_positive(array, name, atol)
