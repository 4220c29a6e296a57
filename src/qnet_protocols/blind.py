"""Blind quantum computing: a client's computation on a server that learns nothing about it but its size."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels import Memory, depolarizing, rotation
from qnet_core import Channel, DensityMatrix, ket
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError

from .resources import require_memory
from .shared_qubits import require_qubits

__all__ = ["blind_computation", "blind_distribution"]

Floats = checks.Floats
Ints = NDArray[np.int64]
_QUBIT, _PAIR = (2,), (2, 2)
_EIGHTH = np.pi / 4


def require_turns(eighth_turns: ArrayLike, name: str = "eighth_turns") -> Ints:
    """Return the angles as whole multiples of π/4, shape (..., rows, steps)."""
    turns = np.asarray(eighth_turns)
    if turns.dtype.kind not in "iu":
        raise ParameterTypeError(
            f"Parameter `{name}` must hold integers, multiples of π/4, but is {eighth_turns!r:.80} ({turns.dtype})."
        )
    if turns.ndim < 2 or turns.size == 0:
        raise DimensionError(f"Parameter `{name}` must have shape (..., rows, steps), but has shape {turns.shape}.")
    return turns.astype(np.int64)


def vertical_links(column: int, rows: int) -> list[int]:
    """Return the upper rows of the pairs that the brickwork joins in a column, counted from 0.

    Bricks are five columns long and share their ends: joined are the third and the fifth column of each, and every
    other layer of bricks is shifted by a row.
    """
    layer, place = divmod(column, 4)
    if place == 0:  # the end of one layer and the start of the next
        layer, place = layer - 1, 4
    return list(range(layer % 2, rows - 1, 2)) if place in (2, 4) and layer >= 0 else []


def blind_computation(
    eighth_turns: ArrayLike, *, state: DensityMatrix | None = None, source: Channel | None = None,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0, memory: Memory | None = None,
    latency_s: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return what the client's computation makes, by the blind protocol on a server with this hardware, corrected.

    The client sends qubits ``|0> + e^{iθ}|1>`` with random θ of eight values. The server joins them to a brickwork by
    CZ, and measures column by column in ``|0> ± e^{iδ}|1>`` with ``δ = φ' + θ + π r``: φ' is the angle φ with its sign
    and half turn by the earlier results, and the random bit r hides the result, ``s = b xor r``. Each step does ``H
    diag(1, e^{-iφ})`` to its row, and vertical CZs join rows. One row is a linear cluster, which rotates a qubit in any
    way in four steps; two rows make a CNOT in four. This is the exact mean over θ, r and all results, and the server
    never has more information than the number of rows and steps: see ``server_view``.

    Parameters
    ----------
    eighth_turns : array_like of int, shape (..., rows, steps)
        The angles φ in multiples of π/4.
    state : DensityMatrix, optional
        Input, one qubit per row, which is sent hidden by ``X^i`` and the rotation by θ; all + if not given.
    source : Channel, optional
        What each sent qubit suffers on the way; perfect if not given. What it loses lowers the trace, as all must arrive.
    gate_mixing : array_like
        Probability that the two qubits of a CZ are replaced by the maximally mixed state after it.
    readout_error : array_like
        Probability that a result b is flipped.
    memory, latency_s : optional
        At the server, where the qubits of the next column wait for ``latency_s`` between the results of one column and
        the angles of the next.

    Returns
    -------
    DensityMatrix
        One qubit per row, those of the last column, which are not measured.

    References
    ----------
    Broadbent, Fitzsimons and Kashefi (BFK), Proc. 50th IEEE FOCS, 517 (2009); Barz et al., Science 335, 303 (2012).

    Examples
    --------
    >>> cnot = [[0, 0, 2, 0], [0, 2, 0, -2]]
    >>> blind_computation(cnot, state=ket("10"), gate_mixing=[0.0, 0.01]).expect("ZZ").round(9).tolist()
    [1.0, 0.922744694]
    """
    turns = require_turns(eighth_turns)
    return _computed(turns, state, source, _Server(gate_mixing, readout_error, memory, latency_s))


class _Server(NamedTuple):
    """The server's hardware."""

    gate_mixing: ArrayLike
    readout_error: ArrayLike
    memory: Memory | None
    latency_s: ArrayLike


def _computed(turns: Ints, state: DensityMatrix | None, source: Channel | None, server: _Server) -> DensityMatrix:
    rows, steps = turns.shape[-2:]
    current = _inputs(state, rows).apply_each([_hidden(source, flips=state is not None)] * rows)
    step, joined = _step(_hidden(source), server), _noisy_cz(server.gate_mixing)
    for column in range(steps):
        turned = [rotation("z", angle_rad=-_EIGHTH * turns[..., row, column]).then(step) for row in range(rows)]
        current = current.apply_each(turned)
        for row in vertical_links(column + 1, rows):
            current = current.apply(joined, (row, row + 1))
    return current


def _inputs(state: DensityMatrix | None, rows: int) -> DensityMatrix:
    if state is None:
        checks.capacity(4**rows, f"A state of {rows} qubits")
        return ket("+" * rows)
    if require_qubits(state).num_subsystems != rows:
        raise DimensionError(f"Parameter `state` must have a qubit for each of {rows} rows, but has dims {state.dims}.")
    return state


def _hidden(source: Channel | None, *, flips: bool = False) -> Channel:
    """Return what is left of a channel by random rotations about Z before and their inverses behind it.

    Only terms that turn along with the angle survive: the mean of X and Y, and what happens to I and Z. With random
    flips, terms between I and Z go as well.
    """
    if source is None:
        return Channel.identity(2)
    if not isinstance(source, Channel):
        raise ParameterTypeError(f"Parameter `source` must be a Channel, but is {type(source).__name__}.")
    if not source.dims_in == source.dims_out == _QUBIT:
        dims = f"{source.dims_in} to {source.dims_out}"
        raise DimensionError(f"Parameter `source` must take a qubit to a qubit, but takes dims {dims}.")
    r = source._stack.reshape(4, 4, *source.batch_shape)
    mean, turn = (r[1, 1] + r[2, 2]) / 2, (r[2, 1] - r[1, 2]) / 2
    kept = {(0, 0): r[0, 0], (1, 1): mean, (2, 2): mean, (3, 3): r[3, 3]}
    more = {} if flips else {(1, 2): -turn, (2, 1): turn, (0, 3): r[0, 3], (3, 0): r[3, 0]}
    return Channel._from_entries(kept | more, source.batch_shape, _QUBIT)


def _noisy_cz(gate_mixing: ArrayLike) -> Channel:
    mixing = checks.probability(gate_mixing, "gate_mixing")
    return Channel.from_unitary(np.diag([1, 1, 1, -1])).then(depolarizing(mixing=mixing, num_qubits=2))


def _step(sent: Channel, server: _Server) -> Channel:
    """Return what one step does to a row: the next qubit is joined by CZ, X of the old one is read, X corrects the next one.

    The result's Z on later qubits is that X before their CZ. Readings flip, and the next qubit waits, before the
    correction.
    """
    plus = ket("+").apply(sent, 0)
    shape = plus.batch_shape
    bloch = plus._flat.reshape(4, *shape)
    attach = Channel._from_entries({(4 * a + b, a): bloch[b] for a in range(4) for b in range(4)}, shape, _QUBIT, _PAIR)
    return attach.then(_noisy_cz(server.gate_mixing)).then(_read_and_correct(server))


def _read_and_correct(server: _Server) -> Channel:
    """Return the map from the old and the next qubit to the next one.

    Results + and - leave ``(forgotten ± known)/2``, and their sum after the correction is the first in I and X, the
    second in Y and Z.
    """
    error = checks.probability(server.readout_error, "readout_error")
    used, latency = require_memory(server.memory), checks.real(server.latency_s, "latency_s", low=0.0)
    wait = Channel.identity(2) if used is None else used.decay(duration_s=latency)
    batch = checks.broadcast(readout_error=error.shape, memory=wait.batch_shape)
    decay, seen = wait._stack.reshape(4, 4, *wait.batch_shape), 1 - 2 * error
    forgotten = {(out, b): decay[out, b] + 0 * error for out in (0, 1) for b in range(4)}
    known = {(out, 4 + b): decay[out, b] * seen for out in (2, 3) for b in range(4)}
    return Channel._from_entries(forgotten | known, batch, _PAIR, _QUBIT)


def blind_distribution(
    eighth_turns: ArrayLike, *, state: DensityMatrix | None = None, source: Channel | None = None,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0, memory: Memory | None = None,
    latency_s: ArrayLike = 0.0,
) -> Floats:  # fmt: skip
    """Return how likely each result of a blind computation is whose last column is measured too, shape (..., 2, 2, ...).

    One axis per row, with the corrected result 0 or 1 of its last qubit: 0 is ``|0> + e^{iφ}|1>``. A client who can
    prepare but not store qubits computes so.

    Parameters
    ----------
    eighth_turns : array_like of int, shape (..., rows, steps)
        The angles φ in multiples of π/4, those of the last column included.
    state, source, gate_mixing, readout_error, memory, latency_s
        As in ``blind_computation``.

    Examples
    --------
    >>> blind_distribution([[1, 0, 0]], readout_error=[0.0, 0.01]).round(9).tolist()
    [[0.853553391, 0.146446609], [0.839552676, 0.160447324]]
    """
    turns = require_turns(eighth_turns)
    output = _computed(turns[..., :-1], state, source, _Server(gate_mixing, readout_error, memory, latency_s))
    rows, seen = turns.shape[-2], 1 - 2 * np.asarray(readout_error, float)
    flips = Channel._from_entries({(0, 0): 1.0, (1, 1): seen}, seen.shape, _QUBIT)
    read = [rotation("z", angle_rad=-_EIGHTH * turns[..., row, -1]).then(flips) for row in range(rows)]
    return _results(output.apply_each(read))


def _results(read: DensityMatrix) -> Floats:
    """Return the probabilities of readings of X, one axis per qubit behind those of the batch."""
    rows = read.num_subsystems
    found = read._flat.reshape(*(4,) * rows, *read.batch_shape)[(slice(2),) * rows]
    for row in range(rows):
        found = np.stack([found.take(0, row) + found.take(1, row), found.take(0, row) - found.take(1, row)], row) / 2
    return checks.plain(np.moveaxis(found, range(rows), range(-rows, 0)))
