"""Hermiticity and positivity of batches of matrices, refused in the caller's words."""

import numpy as np

from ._checks import Complexes, Floats
from .errors import StateError


def _place(flags: np.ndarray) -> str:
    """Say which batch point is meant, where there are several."""
    at = tuple(int(i) for i in np.argwhere(flags)[0]) if flags.ndim else ()
    return f" (at batch index {at})" if at else ""


def require_hermitian(
    array: Complexes, name: str, atol: float | Floats, error: type[ValueError] = StateError
) -> None:  # fmt: skip
    """Refuse matrices that differ from their adjoint by more than ``atol``, shape (...)."""
    gap = np.abs(array - array.conj().swapaxes(-1, -2)).max(axis=(-1, -2))
    if (gap > atol).any():
        worst = float(gap[gap > atol].flat[0])
        raise error(
            f"Parameter `{name}` must be Hermitian to {float(np.min(atol)):g}, but differs from its adjoint by {worst:.3g}"
            f"{_place(gap > atol)}."
        )


def is_positive(array: Complexes, atol: float | Floats) -> bool:
    """Say whether no eigenvalue of the Hermitian matrices lies below ``-atol``, shape (...)."""
    try:
        np.linalg.cholesky(array + np.asarray(atol)[..., None, None] * np.eye(array.shape[-1]))
        return True
    except np.linalg.LinAlgError:
        return bool((np.linalg.eigvalsh(array)[..., 0] >= -atol).all())


def require_positive(
    array: Complexes, name: str, atol: float | Floats, what: str = "be positive", error: type[ValueError] = StateError
) -> None:  # fmt: skip
    """Refuse Hermitian matrices with an eigenvalue below ``-atol``, shape (...)."""
    if not is_positive(array, atol):
        least = np.linalg.eigvalsh(array)[..., 0]
        value = float(least[least < -atol].flat[0])
        raise error(
            f"Parameter `{name}` must {what}: eigenvalues of at least 0 (to {float(np.min(atol)):g}), but one is {value:.6g}"
            f"{_place(least < -atol)}."
        )


def require_state(array: Complexes, name: str, atol: float) -> None:
    """Refuse matrices that are not Hermitian and positive, relative to their trace, with a trace in (0, 1]."""
    trace = np.trace(array, axis1=-2, axis2=-1).real
    require_hermitian(array, name, atol * np.clip(np.abs(trace), 1e-300, 1))
    bad = (trace <= 0) | (trace > 1 + atol)
    if bad.any():
        value = float(trace[bad].flat[0])
        raise StateError(f"Parameter `{name}` must have a trace in (0, 1], but has {value:.12g}{_place(bad)}.")
    require_positive(array, name, atol * trace)
