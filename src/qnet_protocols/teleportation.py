"""Teleportation of qubits, alone or entangled with others, through any pair and any station."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_channels.joining import CORRECTIONS
from qnet_channels.swapping import Station, require_any_station
from qnet_core import Channel, DensityMatrix, Heralded, Instrument
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError, StateError
from qnet_core.preparations import BELL_LABELS

from .resources import Resource, received, require_resource, require_resources

__all__ = ["teleport", "teleport_branches", "teleportation_channel", "teleportation_instrument"]

_QUBIT = (2,)


def teleportation_channel(
    resource: Resource, *, station: Station | None = None,
    memory: Memory | None = None, latency_s: ArrayLike = 0.0,
) -> Channel:  # fmt: skip
    """Return what teleportation does to a qubit, outcomes corrected and forgotten; every parameter broadcasts.

    It is the Pauli channel with the pair's Bell weights as probabilities, whatever the pair: the outcomes twirl
    it. The process fidelity is ``F = <phi+|rho|phi+>``, the average fidelity ``(2 F + 1)/3``, and above 2/3 no
    classical channel does it.

    Parameters
    ----------
    resource : DensityMatrix or sequence of DensityMatrix
        The pair near phi+, first half at the sender. Several are hops in a row, all with the same hardware;
        hops of different hardware are channels joined by ``then``.
    station : BellStation, LinearOpticsStation or another, optional
        Of the sender; perfect if not given. Where it does not always succeed the map loses trace.
    memory : Memory, optional
        Of the receiver, perfect if not given: his half waits there for ``latency_s``, *before* the correction. A biased
        half at the sender then matters as well. What the sender's half suffers goes into ``resource``.
    latency_s : array_like
        Until the message is there.

    References
    ----------
    Bennett et al., PRL 70, 1895 (1993); Bowen and Bose, PRL 87, 267901 (2001); Horodecki et al., PRA 60, 1888 (1999).

    Examples
    --------
    >>> from qnet_core import average_gate_fidelity, werner_state
    >>> average_gate_fidelity(teleportation_channel(werner_state(fidelity=0.8))).round(9).item()
    0.866666667
    """
    measured = require_any_station(station).correlations
    mean = np.einsum("mi...,mj->ij...", measured, CORRECTIONS)
    hops = [_map(received(pair, memory, latency_s), mean) for pair in _hops(resource)]
    return reduce(Channel.then, hops)


def _hops(resource: Resource) -> list[DensityMatrix]:
    count = len(resource) if isinstance(resource, Sequence) else 1
    return require_resources(resource, max(1, count))


def _map(pair: DensityMatrix, weights: checks.Floats) -> Channel:
    """Return the map ``R[j, i] = Q[i, j] w[i, j]``, Q being the Bloch tensor of the pair after the wait.

    An outcome m has the weights ``S_m[i] c_m[j]``: what it measures, and the signs of the Pauli that corrects it. Summed
    over the outcomes of a ``BellStation`` these are diagonal.
    """
    batch = checks.broadcast(resource=pair.batch_shape, station=weights.shape[2:])
    tensor = pair._stack.reshape(4, 4, *pair.batch_shape)
    present = np.argwhere(weights.reshape(4, 4, -1).any(axis=-1)).tolist()
    entries = {(j, i): tensor[i, j] * weights[i, j] for i, j in present}
    entries[0, 0] = np.where(np.isnan(tensor[0, 0]), np.nan, weights[0, 0])  # so that the trace is kept bit for bit
    return Channel._from_entries(entries, batch, _QUBIT)


def teleport(
    state: DensityMatrix, resource: Resource, *, on: int = 0,
    station: Station | None = None, memory: Memory | None = None, latency_s: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return the state after one of its qubits was teleported, outcomes corrected and averaged.

    The other subsystems of ``state`` stay where they are, and what they suffer meanwhile is not counted. With half of a
    pair as input this is entanglement swapping: ``teleport(left, right, on=1)`` is ``swap(left, right).state``.

    Parameters
    ----------
    on : int
        The qubit of ``state`` that travels; it keeps its place.
    resource, station, memory, latency_s :
        As in ``teleportation_channel``; all broadcast with ``state``.

    Examples
    --------
    >>> from qnet_core import bell_diagonal_state, fidelity, ket
    >>> pair = bell_diagonal_state([0.85, 0.07, 0.05, 0.03])
    >>> fidelity(teleport(ket("0"), pair), ket("0")).round(12).item()
    0.92
    """
    channel = teleportation_channel(resource, station=station, memory=memory, latency_s=latency_s)
    return _applied(state, channel, on)


def _applied(state: DensityMatrix, channel: Channel, on: int) -> DensityMatrix:
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `state` must be a DensityMatrix, but is {type(state).__name__}.")
    return state.apply(channel, checks.integer(on, "on", 0, state.num_subsystems - 1))


def _outcome_maps(
    resource: DensityMatrix, station: Station | None, memory: Memory | None, latency_s: ArrayLike
) -> list[Channel]:
    """Return the corrected map of each outcome, and at last that of a failure."""
    pair = received(require_resource(resource), memory, latency_s)
    measured = require_any_station(station).correlations
    missed = -measured.sum(axis=0)
    missed[0] += 1
    corrected = [np.einsum("i...,j->ij...", s, signs) for s, signs in zip(measured, CORRECTIONS, strict=True)]
    return [_map(pair, weights) for weights in (*corrected, np.einsum("i...,j->ij...", missed, np.ones(4)))]


def teleportation_instrument(
    resource: DensityMatrix, *, station: Station | None = None, memory: Memory | None = None,
    latency_s: ArrayLike = 0.0,
) -> Instrument:  # fmt: skip
    """Return teleportation outcome by outcome: what each announced Bell state does to the qubit, correction included.

    Outcomes are "phi+", "phi-", "psi+", "psi-" and, where the station does not always succeed, "failed":
    the qubit is lost, and the receiver keeps his half of the pair. Unless the pair is Bell-diagonal, the four
    differ from one another and from their mean. Parameters as in ``teleportation_channel``, with one hop.

    Examples
    --------
    >>> from qnet_channels import amplitude_damping
    >>> from qnet_core import bell_state, fidelity, ket
    >>> damped = bell_state().apply(amplitude_damping(damping=0.3), 1)
    >>> branches = teleportation_instrument(damped).branches(ket("0"), 0)
    >>> [fidelity(branch.state, ket("0")).round(12).item() for branch in branches]
    [1.0, 1.0, 0.7, 0.7]
    """
    if np.isnan(require_resource(resource).trace()).any():
        raise StateError("Parameter `resource` must be a state at every point of the batch, but is NaN at some.")
    *outcomes, failure = _outcome_maps(resource, station, memory, latency_s)
    if (failure.transfer == 0).all():
        return Instrument(outcomes, BELL_LABELS)
    return Instrument([*outcomes, failure], (*BELL_LABELS, "failed"))


def teleport_branches(
    state: DensityMatrix, resource: DensityMatrix, *, on: int = 0, station: Station | None = None,
    memory: Memory | None = None, latency_s: ArrayLike = 0.0,
) -> tuple[Heralded, Heralded, Heralded, Heralded]:  # fmt: skip
    """Return the corrected state and its probability for each announced outcome phi+, phi-, psi+, psi-.

    The probabilities add up to that of the station's success. Only the mean of the four, weighted
    with their probabilities, is what ``teleport`` returns.

    Examples
    --------
    >>> from qnet_core import ket, werner_state
    >>> [float(branch.probability) for branch in teleport_branches(ket("+"), werner_state(fidelity=0.9))]
    [0.25, 0.25, 0.25, 0.25]
    """
    maps = _outcome_maps(resource, station, memory, latency_s)
    first, second, third, fourth = (_applied(state, item, on) for item in maps[:4])
    return _heralded(first), _heralded(second), _heralded(third), _heralded(fourth)


def _heralded(image: DensityMatrix) -> Heralded:
    return Heralded(image.normalized(), image.trace())
