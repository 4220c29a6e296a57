"""Entanglement swapping of any two-qubit states, by a station that measures in the Bell basis."""

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded, _kernels
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError
from qnet_core.preparations import BELL_SIGNS

from .boosted_stations import BoostedStation
from .joining import FeedForward, announced, joined, require_pair, waited
from .optical_stations import LinearOpticsStation

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
    characters : ndarray, shape (4, ...)
        Factors of I, X, Y, Z by which noise shrinks the measured correlations. A flipped bit is a Pauli error: X
        correlations see one of the bits, Z the other, Y both.
    """

    gate_mixing: ArrayLike = 0.0
    readout_error: ArrayLike = 0.0
    success_probability: ArrayLike = 1.0

    characters: checks.Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = ("gate_mixing", "readout_error", "success_probability")
        values = {name: checks.frozen(checks.probability(getattr(self, name), name)) for name in names}
        checks.broadcast_parameters(values)
        readout = 1 - 2 * values["readout_error"]
        kept = (1 - values["gate_mixing"]) * readout
        characters = checks.frozen(np.array([np.ones_like(kept), kept, kept * readout, kept]))
        for name, value in (values | {"characters": characters}).items():
            object.__setattr__(self, name, value)

    @property
    def correlations(self) -> checks.Floats:
        """Correlators ``Tr(E P x P)/4``, P = I, X, Y, Z, of what phi+, phi-, psi+ and psi- measure, shape (4, 4, ...)."""
        factors = np.array([factor * np.asarray(self.success_probability) / 4 for factor in self.characters])
        return np.asarray(BELL_SIGNS.reshape(4, 4, *(1,) * (factors.ndim - 1)) * factors)


def require_station(station: BellStation | None) -> BellStation:
    """Return the station, a perfect one for None."""
    if station is not None and not isinstance(station, BellStation):
        raise ParameterTypeError(f"Parameter `station` must be a BellStation, but is {type(station).__name__}.")
    return BellStation() if station is None else station


Station: TypeAlias = BellStation | LinearOpticsStation | BoostedStation


def require_any_station(station: Station | None, name: str = "station") -> Station:
    """Return the station, of any kind, a perfect one for None."""
    if station is None:
        return BellStation()
    if not isinstance(station, Station):
        raise ParameterTypeError(f"Parameter `{name}` must be a station, but is {type(station).__name__}.")
    return station


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


def swap(
    left: DensityMatrix, right: DensityMatrix, *, station: Station | None = None,
    feed_forward: FeedForward = None,
) -> Heralded:  # fmt: skip
    """Return the pair A-C after a Bell measurement on the inner qubits of pairs A-B and B'-C, outcomes averaged.

    Each outcome's Pauli correction, which takes its Bell state to phi+, is done on C. In terms of the
    correlations, ``out[i, j] = left[i, j] * s_j c_j right[j, j]`` with signs s = (1, 1, -1, 1) and the station's
    characters c: averaged over outcomes the right pair acts as a Pauli channel, whatever its state.
    A station that announces only some outcomes, or these with unequal probability, has no such short form.

    Parameters
    ----------
    left, right : DensityMatrix
        Two qubits each, A-B and B'-C. Batches of both and of the station broadcast.
    station : BellStation, LinearOpticsStation or BoostedStation, optional
        A perfect ``BellStation`` if not given.
    feed_forward : Channel or (left, right), optional
        What A and C suffer from the measurement to the correction, while the outcome travels. It is not the same as a
        channel on the returned state: a qubit that relaxes does so before the Pauli on C, not after it.

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
    left, right = waited((require_pair(left, "left"), require_pair(right, "right")), feed_forward)
    used = require_any_station(station)
    if not isinstance(used, BellStation):
        return announced(joined(left, right, used.correlations))
    characters = used.characters
    weights = BELL_SIGNS[0].reshape(4, *(1,) * (characters.ndim - 1)) * characters
    batch, arrays, steps = _aligned(left, right, weights)
    flat = np.empty(16 * math.prod(batch))
    _kernels.pairs.swap_mean(flat, arrays[0], arrays[1], arrays[2], steps, np.empty(_kernels.pairs.CHUNK))
    state = DensityMatrix._wrap(flat, (2, 2), batch)
    return _heralded(state, used)


def _heralded(state: DensityMatrix, station: BellStation) -> Heralded:
    """Take the trace, and the station's success, out of the state as a probability."""
    trace = state._stack[0]
    probability = trace.reshape(state.batch_shape) * station.success_probability
    normalize = not trace.min() == trace.max() == 1
    if probability.shape != state.batch_shape:
        state = state.broadcast_to(probability.shape)
    if normalize:
        state = state.normalized()
    if not probability.min() > 0:
        state._stack[:, probability.reshape(-1) == 0] = np.nan
    return Heralded(state, checks.plain(probability))


def swap_branches(
    left: DensityMatrix, right: DensityMatrix, *, station: Station | None = None,
    feed_forward: FeedForward = None,
) -> tuple[Heralded, Heralded, Heralded, Heralded]:  # fmt: skip
    """Return the corrected pair A-C and its probability for each announced outcome phi+, phi-, psi+, psi-.

    ``out = left S right D`` with S and D diagonal: the station's correlations for the outcome, and the signs of the
    Pauli on C that turns it into phi+. For Bell-diagonal pairs the states of a ``BellStation`` are equal; for others
    they are not, and only their mean is what ``swap`` returns. An outcome that a station can't announce has
    probability 0; what is missing to 1 is announced failure. Parameters as for ``swap``.

    >>> from qnet_core import bell_state
    >>> branches = swap_branches(bell_state("phi+"), bell_state("phi+"), station=LinearOpticsStation())
    >>> [branch.probability.item() for branch in branches]
    [0.0, 0.0, 0.25, 0.25]
    """
    left, right = waited((require_pair(left, "left"), require_pair(right, "right")), feed_forward)
    correlations = require_any_station(station).correlations
    first, second, third, fourth = (announced(joined(left, right, correlations, [m])) for m in range(4))
    return first, second, third, fourth
