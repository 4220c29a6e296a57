"""Entanglement swapping of any two-qubit states, by a station that measures in the Bell basis."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded, _kernels
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError
from qnet_core.preparations import BELL_SIGNS

__all__ = ["BellStation", "swap", "swap_branches"]


@dataclass(frozen=True, slots=True, eq=False)
class BellStation:
    """A station that measures two qubits in the Bell basis by CNOT, Hadamard and two readouts.

    Every field is in [0, 1] and broadcasts.

    Attributes
    ----------
    gate_mixing : array_like
        Probability that the two qubits are replaced by the maximally mixed state after the CNOT.
    readout_error : array_like
        Probability that a measured bit is flipped, for each of the two bits.
    success_probability : array_like
        Probability that the measurement succeeds at all (1/2 for plain linear optics); a failure is
        announced, and leaves nothing.
    """

    gate_mixing: ArrayLike = 0.0
    readout_error: ArrayLike = 0.0
    success_probability: ArrayLike = 1.0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, checks.frozen(checks.probability(getattr(self, name), name)))
        checks.broadcast_parameters({name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__})

    @property
    def characters(self) -> checks.Floats:
        """Factors of I, X, Y, Z by which noise shrinks the measured correlations, shape (4, ...).

        A flipped bit is a Pauli error: X correlations see one of the bits, Z the other, Y both.
        """
        readout = 1 - 2 * np.asarray(self.readout_error)
        kept = (1 - np.asarray(self.gate_mixing)) * readout
        return np.array([np.ones_like(kept), kept, kept * readout, kept])


def require_station(station: BellStation | None) -> BellStation:
    """Return the station, a perfect one for None."""
    if station is not None and not isinstance(station, BellStation):
        raise ParameterTypeError(f"Parameter `station` must be a BellStation, but is {type(station).__name__}.")
    return BellStation() if station is None else station


def _pair(state: DensityMatrix, name: str) -> DensityMatrix:
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `{name}` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `{name}` must be a state of two qubits, but has dims {state.dims}.")
    return state


def _aligned(
    left: DensityMatrix, right: DensityMatrix, weights: checks.Floats
) -> tuple[checks.Dims, list[checks.Floats], np.ndarray]:
    """Return the common batch, flat operands, and for each 0 where one serves all points, else 1."""
    shapes = {"left": left.batch_shape, "right": right.batch_shape, "station": weights.shape[1:]}
    batch = checks.broadcast(**shapes)
    arrays = []
    for state in (left, right):
        arrays.append((state if state.batch_shape in ((), batch) else state.broadcast_to(batch))._flat)
    if weights.shape[1:] not in ((), batch):
        weights = np.broadcast_to(
            weights.reshape(4, *(1,) * (len(batch) - weights.ndim + 1), *weights.shape[1:]), (4, *batch)
        )
    arrays.append(np.ascontiguousarray(weights).reshape(-1))
    steps = [int(bool(batch) and array.size > n) for array, n in zip(arrays, (16, 16, 4), strict=True)]
    checks.capacity(16 * math.prod(batch), "The swapped pairs")
    return batch, arrays, np.array(steps)


def swap(left: DensityMatrix, right: DensityMatrix, *, station: BellStation | None = None) -> Heralded:
    """Return the pair A-C after a Bell measurement on the inner qubits of pairs A-B and B'-C, outcomes averaged.

    Each outcome's Pauli correction, which takes its Bell state to phi+, is done on C. In terms of the
    correlations, ``out[i, j] = left[i, j] * s_j c_j right[j, j]`` with signs s = (1, 1, -1, 1) and the station's
    characters c: averaged over outcomes the right pair acts as a Pauli channel, whatever its state.
    Batches of both pairs and of the station broadcast.

    Returns
    -------
    Heralded
        The mean state of the outcomes, and the probability that the station (and both pairs) succeeded.

    References
    ----------
    Żukowski et al., PRL 71, 4287 (1993); Bowen and Bose, PRL 87, 267901 (2001).

    Examples
    --------
    >>> from qnet_core import bell_state, fidelity, werner_state
    >>> pair = swap(werner_state(fidelity=0.9), werner_state(fidelity=0.8)).state
    >>> fidelity(pair, bell_state()).round(9).item()
    0.726666667
    """
    used = require_station(station)
    characters = used.characters
    weights = BELL_SIGNS[0].reshape(4, *(1,) * (characters.ndim - 1)) * characters
    batch, arrays, steps = _aligned(_pair(left, "left"), _pair(right, "right"), weights)
    flat = np.empty(16 * math.prod(batch))
    _kernels.pairs.swap_mean(flat, arrays[0], arrays[1], arrays[2], steps, np.empty(_kernels.pairs.CHUNK))
    state = DensityMatrix._wrap(flat, (2, 2), batch)
    return _heralded(state, used)


def _heralded(state: DensityMatrix, station: BellStation) -> Heralded:
    """Take the trace, and the station's success, out of the state as a probability."""
    trace = state.trace()
    probability = np.asarray(trace * np.asarray(station.success_probability))
    if probability.shape != state.batch_shape:
        state = state.broadcast_to(probability.shape)
    if not (trace == 1).all():
        state = state.normalized()
    if not (probability > 0).all():
        state._stack[:, probability.reshape(-1) == 0] = np.nan
    return Heralded(state, checks.plain(probability))


def swap_branches(
    left: DensityMatrix, right: DensityMatrix, *, station: BellStation | None = None
) -> tuple[Heralded, Heralded, Heralded, Heralded]:
    """Return the corrected pair A-C and its probability for each announced outcome phi+, phi-, psi+, psi-.

    ``out = left S right / 4`` with S diagonal: the signs of the announced Bell state times the station's
    characters. For Bell-diagonal pairs all four are equal; for others they are not, and only their
    mean is what ``swap`` returns.
    """
    used = require_station(station)
    characters = used.characters
    _pair(left, "left"), _pair(right, "right")
    branches = []
    for signs in BELL_SIGNS:
        weights = signs.reshape(4, *(1,) * (characters.ndim - 1)) * characters / 4
        batch, arrays, steps = _aligned(left, right, weights)
        flat = np.empty(16 * math.prod(batch))
        _kernels.pairs.pair_product(flat, arrays[0], arrays[1], arrays[2], steps)
        corrections = np.tile(signs * BELL_SIGNS[0], 4)  # the Pauli on C that turns this outcome into phi+
        corrected = (flat.reshape(16, -1) * corrections[:, None]).reshape(-1)
        branches.append(_heralded(DensityMatrix._wrap(corrected, (2, 2), batch), used))
    return tuple(branches)  # type: ignore[return-value]
