"""Anonymous transmission: a GHZ state of all nodes carries a qubit, and nobody learns between whom."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory, depolarizing
from qnet_channels.swapping import Station
from qnet_core import Channel, DensityMatrix, trace_distance
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .shared_qubits import require_qubits
from .teleportation import teleportation_channel

__all__ = ["anonymous_channel", "anonymous_pair", "sender_distinguishability"]


def anonymous_pair(
    state: DensityMatrix, *, sender: int, receiver: int, readout_error: ArrayLike = 0.0
) -> DensityMatrix:  # fmt: skip
    """Return the pair that two nodes get out of a GHZ state of all n, without the others knowing which two.

    Everybody else measures X and announces the reading; sender and receiver announce random bits, so that all look
    alike. The parity of the true readings tells whether the pair has a phase flip, which is corrected. The pair keeps
    ``<A B>`` of the state for A, B of I and Z, and ``<A B X...X>`` for X and Y: flips of others don't matter, phase
    flips of anybody do.

    Parameters
    ----------
    state : DensityMatrix
        n qubits near GHZ, of trace 1, one per node.
    sender, receiver : int
        Two nodes; the sender's half comes first.
    readout_error : array_like
        Probability that a reading is flipped, for each of the n - 2.

    References
    ----------
    Christandl and Wehner, Proc. ASIACRYPT 2005, LNCS 3788, 217.

    Examples
    --------
    >>> from qnet_channels import dephasing
    >>> from qnet_core import bell_weights, ghz_state
    >>> shared = ghz_state(4).apply_each([dephasing(probability=0.01)] * 4)
    >>> bell_weights(anonymous_pair(shared, sender=2, receiver=0)).round(9).tolist()
    [0.96118408, 0.03881592, 0.0, 0.0]
    """
    shared = require_qubits(state, least=2)
    chosen = _require_nodes((sender, receiver), ("sender", "receiver"), shared.num_subsystems)
    error = checks.probability(readout_error, "readout_error")
    batch = checks.broadcast(state=shared.batch_shape, readout_error=error.shape)
    others = [k for k in range(shared.num_subsystems) if k not in chosen]
    tensor = shared.permute((*chosen, *others))._stack.reshape(4, 4, -1, *shared.batch_shape)
    everybody = int((4 ** len(others) - 1) // 3)  # the place of X...X in the last axis
    pair = np.broadcast_to(tensor[:, :, 0].reshape(4, 4, *shared.batch_shape), (4, 4, *batch)).copy()
    pair[1:3] = tensor[1:3, :, everybody] * (1 - 2 * error) ** len(others)
    return DensityMatrix._wrap(pair.reshape(-1), (2, 2), batch)


def _require_nodes(nodes: Sequence[int], names: Sequence[str], count: int) -> tuple[int, ...]:
    """Return distinct nodes."""
    found = tuple(checks.integer(node, name, 0, count - 1) for node, name in zip(nodes, names, strict=True))
    if len(set(found)) < len(found):
        text = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
        raise ParameterError(f"Parameters {text} must name different nodes, but are {', '.join(map(str, nodes))}.")
    return found


def anonymous_channel(
    state: DensityMatrix, *, sender: int, receiver: int, readout_error: ArrayLike = 0.0, station: Station | None = None,
    memory: Memory | None = None, latency_s: ArrayLike = 0.0,
) -> Channel:  # fmt: skip
    """Return what anonymous transmission does to a qubit: teleportation through the pair of ``anonymous_pair``.

    The sender's two bits are announced anonymously, which takes classical messages of all nodes and is perfect here.

    Parameters
    ----------
    state, sender, receiver, readout_error
        As in ``anonymous_pair``.
    station, memory, latency_s
        As in ``teleportation_channel``.

    References
    ----------
    Christandl and Wehner, Proc. ASIACRYPT 2005, LNCS 3788, 217; Broadbent and Tapp, ASIACRYPT 2007, for the classical
    part.

    Examples
    --------
    >>> from qnet_channels import dephasing
    >>> from qnet_core import average_gate_fidelity, ghz_state
    >>> shared = ghz_state(4).apply_each([dephasing(probability=0.01)] * 4)
    >>> average_gate_fidelity(anonymous_channel(shared, sender=2, receiver=0)).round(9).item()
    0.97412272
    """
    pair = anonymous_pair(state, sender=sender, receiver=receiver, readout_error=readout_error)
    return teleportation_channel(pair, station=station, memory=memory, latency_s=latency_s)


def sender_distinguishability(
    state: DensityMatrix, *, senders: tuple[int, int], receiver: int, coalition: Sequence[int] = (),
    readout_error: ArrayLike = 0.0,
) -> checks.Floats:  # fmt: skip
    """Return how well a coalition can tell which of two nodes sends, as a trace distance, shape (...): 0 for a GHZ state.

    It sees all announced bits and keeps its own qubits unmeasured. Which of the two it is, equally likely, it guesses
    with probability ``(1 + distance)/2``. Noise alone gives nothing away as long as the announced bits are even; noise
    that differs from node to node and prefers one reading of X does. Nothing is assumed known of the message, whose
    announced bits are then even.

    Parameters
    ----------
    state : DensityMatrix
        n qubits near GHZ, of trace 1, one per node.
    senders : (int, int)
        The two candidates.
    receiver : int
        Any other node.
    coalition : sequence of int
        Nodes that are neither; the public alone if empty.
    readout_error : array_like
        Probability that an announced reading is flipped.

    References
    ----------
    Christandl and Wehner, Proc. ASIACRYPT 2005, LNCS 3788, 217, where it is 0.

    Examples
    --------
    >>> from qnet_core import ghz_state
    >>> sender_distinguishability(ghz_state(4), senders=(0, 1), receiver=2, coalition=[3]).round(9).item()
    0.0
    """
    shared = require_qubits(state, least=3)
    count = shared.num_subsystems
    error = checks.probability(readout_error, "readout_error")
    checks.broadcast(state=shared.batch_shape, readout_error=error.shape)
    candidates = checks.subsystems(senders, count, "senders")
    if len(candidates) != 2:
        raise DimensionError(f"Parameter `senders` must name two nodes, but is {senders!r}.")
    curious = checks.subsystems(coalition, count, "coalition")
    names = ("senders", "senders", "receiver", *["coalition"] * len(curious))
    goal = _require_nodes((*candidates, receiver, *curious), names, count)[2]
    views = [_view(shared, (candidate, goal), curious, error) for candidate in candidates]
    return trace_distance(*views)


def _view(
    state: DensityMatrix, pair: tuple[int, int], curious: tuple[int, ...], error: checks.Floats
) -> DensityMatrix:  # fmt: skip
    """Return what a coalition sees: random bits of the pair, readings of X (as dephased qubits) of others, its own qubits."""
    random, read = depolarizing(mixing=1.0), _reading(error)
    parts = [random if k in pair else None if k in curious else read for k in range(state.num_subsystems)]
    return state.apply_each(parts)


def _reading(error: checks.Floats) -> Channel:
    """Return the measurement of X, its reading kept as a qubit that is + or -."""
    return Channel._from_entries({(0, 0): 1.0, (1, 1): 1 - 2 * error}, error.shape, (2,))
