"""What heralded links have in common: two arms, a Pauli correction, and a state that carries its probability."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError
from qnet_core.preparations import BELL_SIGNS, bell_index

__all__: list[str] = []

Floats = checks.Floats
Numbers = TypeVar("Numbers", bound=NDArray[Any])


def arms(value: ArrayLike, name: str, check: Callable[[ArrayLike, str], Numbers]) -> dict[str, Numbers]:
    """Return the checked values of the left and the right arm: a tuple of two is a pair, all else is for both."""
    if not isinstance(value, tuple):
        both = check(value, name)
        return {f"{name}[0]": both, f"{name}[1]": both}
    if len(value) != 2:
        raise DimensionError(f"Parameter `{name}` must be one value or a pair (left, right), but is {value!r}.")
    return {f"{name}[{k}]": check(value[k], f"{name}[{k}]") for k in range(2)}


def correction(announced: str, target: str) -> Floats:
    """Return the signs of I, X, Y, Z under the Pauli on the right that takes one Bell state to another, shape (4,)."""
    return np.asarray(BELL_SIGNS[bell_index(announced)] * BELL_SIGNS[bell_index(target, "target")])


def corrected(raw: DensityMatrix, announced: str, target: str) -> DensityMatrix:
    """Return two qubits after the Pauli on the right one that takes the announced Bell state to the target."""
    signs = np.tile(correction(announced, target), 4)
    return DensityMatrix._wrap((raw._stack * signs[:, None]).reshape(-1), raw.dims, raw.batch_shape)


def heralded(raw: DensityMatrix) -> Heralded:
    """Take the trace out of a state as its probability; NaN where it is 0."""
    return Heralded(raw.normalized(), raw.trace())


def near_psi_plus(diagonal: tuple[Floats, ...], coherence: tuple[Floats, Floats], target: str) -> Heralded:
    """Return the state with populations of 00, 01, 10, 11 and <10|rho|01> = (real, imaginary), psi+ taken to the target.

    The trace is the probability, and only what is not 0 is written.
    """
    p00, p01, p10, p11, real, imaginary = (np.asarray(v) for v in np.broadcast_arrays(*diagonal, *coherence))
    flip = correction("psi+", target)
    probability = p00 + p01 + p10 + p11
    with np.errstate(invalid="ignore", divide="ignore"):
        bloch = np.zeros((4, 4, *np.shape(probability)))
        bloch[0, 0] = np.where(probability > 0, 1.0, np.nan)
        bloch[0, 3] = flip[3] * ((p00 - p01 + p10 - p11) / probability)
        bloch[3, 0] = (p00 + p01 - p10 - p11) / probability
        bloch[3, 3] = flip[3] * ((p00 - p01 - p10 + p11) / probability)
        bloch[1, 1], bloch[2, 2] = flip[1] * (2 * real / probability), flip[2] * (2 * real / probability)
        bloch[1, 2], bloch[2, 1] = -flip[2] * (2 * imaginary / probability), flip[1] * (2 * imaginary / probability)
    if not (probability > 0).all():
        bloch[:, :, probability == 0] = np.nan
    return Heralded(DensityMatrix._wrap(bloch.reshape(-1), (2, 2), np.shape(probability)), checks.plain(probability))


def one_tail(max_tail: float) -> float:
    """Return the weight that may lie beyond a cutoff."""
    allowed = checks.real(max_tail, "max_tail", low=0.0, high=1.0, open_low=True)
    if allowed.ndim:
        raise DimensionError(f"Parameter `max_tail` must be one number, but has shape {allowed.shape}.")
    return float(allowed)


def refuse_tail(
    tail: Floats, allowed: float, max_photons: int, tail_at: Callable[[int, tuple[int, ...]], float]
) -> None:
    """Refuse a cutoff beyond which lies more than is allowed, and name the one that would do at the worst point.

    ``tail_at(cutoff, index)`` is what would lie beyond another cutoff at a point of the batch.
    """
    worst = float(np.max(tail))
    if worst <= allowed:
        return
    at = tuple(int(k) for k in np.unravel_index(int(np.argmax(tail)), np.shape(tail)))
    found = next((cutoff for cutoff in range(max_photons + 1, 25) if tail_at(cutoff, at) <= allowed), None)
    wanted = "more than 24" if found is None else f"at least {found}"
    where = f" (at index {at})" if at else ""
    raise ParameterError(
        f"Parameter `max_photons` must be {wanted} for light this bright, but is {max_photons}: "
        f"{worst:.3g} of the state lies beyond{where}, and `max_tail` = {allowed:g} is allowed."
    )
