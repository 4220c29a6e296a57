"""Superdense coding: two bits in one qubit, with a pair that was shared before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_channels.entropy import entropy
from qnet_channels.joining import CORRECTIONS
from qnet_channels.swapping import Station, require_any_station
from qnet_core import Channel, DensityMatrix, von_neumann_entropy
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError

from .resources import received, require_resource

__all__ = ["SuperdenseCoding", "superdense_capacity", "superdense_coding"]

Floats = checks.Floats


class SuperdenseCoding(NamedTuple):
    """What arrives of two bits.

    Attributes
    ----------
    probabilities : ndarray, shape (..., 4, 4)
        Of reading the message in the column where that of the row was sent; what a row lacks to 1 is announced failure.
    success_probability : ndarray
        Of reading the message that was sent, all four being equally likely.
    mutual_information : ndarray
        Bits per use between message and reading, announced failures included.
    holevo_information : ndarray
        Bits per use that the best joint measurement of many uses would give, in place of this station.
    """

    probabilities: Floats
    success_probability: Floats
    mutual_information: Floats
    holevo_information: Floats


def superdense_capacity(resource: DensityMatrix) -> Floats:
    """Return the bits that one qubit carries along with a pair, ``1 + max(0, S(B) - S(AB))``, shape (...).

    The sender encodes by unitaries on the half A, which then travels without loss or noise to where B is. Of
    Bell-diagonal pairs it is ``2 - H(weights)``, more than 1 just where hashing distills something. With less in the
    pair than that the sender leaves it alone and sends one bit. Pauli noise on the way is the same as on the pair
    before: apply it to the resource.

    Parameters
    ----------
    resource : DensityMatrix
        Two qubits of trace 1, the sender's first.

    References
    ----------
    Bennett and Wiesner, PRL 69, 2881 (1992); Hiroshima, J. Phys. A 34, 6907 (2001); Bruß et al., PRL 93, 210501 (2004).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> superdense_capacity(werner_state(fidelity=[1.0, 0.9, 0.6])).round(9).tolist()
    [2.0, 1.372508156, 1.0]
    """
    pair = require_resource(resource)
    gain = von_neumann_entropy(pair.ptrace(1)) - von_neumann_entropy(pair)
    return checks.plain(1 + np.maximum(0, gain))


def superdense_coding(
    resource: DensityMatrix, *, channel: Channel | None = None, station: Station | None = None,
    memory: Memory | None = None, latency_s: ArrayLike = 0.0,
) -> SuperdenseCoding:  # fmt: skip
    """Return what arrives of two bits that are encoded in the first half of a pair.

    The messages 0 to 3 are I, Z, X and XZ on that half, which make the Bell states phi+, phi-, psi+ and psi- in this
    order of phi+. It travels, the other half waits, and a station measures which of the four it is.

    Parameters
    ----------
    resource : DensityMatrix
        Two qubits near phi+, the sender's first.
    channel : Channel, optional
        What the travelling qubit suffers, from a qubit to a qubit; what it loses counts as announced failure. Perfect
        if not given.
    station : BellStation, LinearOpticsStation or BoostedStation, optional
        Of the receiver, perfect if not given. Plain linear optics tells two of the four messages from the rest.
    memory : Memory, optional
        Of the receiver, where the other half waits for ``latency_s``.
    latency_s : array_like

    References
    ----------
    Bennett and Wiesner, PRL 69, 2881 (1992); Mattle et al., PRL 76, 4656 (1996), for linear optics.

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> found = superdense_coding(werner_state(fidelity=0.9))
    >>> found.success_probability.round(9).item(), found.mutual_information.round(9).item()
    (0.9, 1.372508156)
    """
    used = require_any_station(station).correlations
    pair = received(require_resource(resource), memory, latency_s)
    sent = [_encoded(pair, signs) for signs in CORRECTIONS]
    if channel is not None:
        sent = [state.apply(_require_qubit_channel(channel), 0) for state in sent]
    batch = checks.broadcast(resource=sent[0].batch_shape, station=used.shape[2:])
    diagonals = np.array([state._stack[::5].reshape(4, *state.batch_shape) for state in sent])
    table = np.maximum(0, np.einsum("rk...,mk...->mr...", used, diagonals))
    probabilities = np.ascontiguousarray(np.moveaxis(table, (0, 1), (-2, -1)))
    right = np.trace(probabilities, axis1=-2, axis2=-1) / 4
    holevo = np.broadcast_to(_holevo(sent), batch).copy()
    return SuperdenseCoding(probabilities, checks.plain(right), _mutual(probabilities), checks.plain(holevo))


def _encoded(pair: DensityMatrix, signs: Floats) -> DensityMatrix:
    """Return the pair after the Pauli on its first half that has these signs of I, X, Y, Z."""
    return DensityMatrix._wrap((pair._stack * np.repeat(signs, 4)[:, None]).reshape(-1), pair.dims, pair.batch_shape)


def _require_qubit_channel(channel: Channel) -> Channel:
    if not isinstance(channel, Channel):
        raise ParameterTypeError(f"Parameter `channel` must be a Channel, but is {type(channel).__name__}.")
    if not channel.dims_in == channel.dims_out == (2,):
        dims = f"{channel.dims_in} to {channel.dims_out}"
        raise DimensionError(f"Parameter `channel` must take a qubit to a qubit, but takes dims {dims}.")
    return channel


def _mutual(probabilities: Floats) -> Floats:
    """Return the bits that readings tell of equally likely messages; a failure is a reading too."""
    failed = np.maximum(0, 1 - probabilities.sum(axis=-1, keepdims=True))
    rows = np.concatenate([probabilities, failed], axis=-1)
    return checks.plain(entropy(rows.mean(axis=-2)) - entropy(rows).mean(axis=-1))


def _holevo(sent: list[DensityMatrix]) -> Floats:
    """Return ``S(mean) - mean of S`` of equally likely states, whether each arrived being known."""
    stacks = np.array([state._flat for state in sent])
    mean = DensityMatrix._wrap(stacks.mean(axis=0), sent[0].dims, sent[0].batch_shape)
    each = np.mean([von_neumann_entropy(state) for state in sent], axis=0)
    lost = np.array([1 - state.trace() for state in sent])[..., None]
    return checks.plain(von_neumann_entropy(mean) + entropy(lost.mean(axis=0)) - each - entropy(lost).mean(axis=0))
