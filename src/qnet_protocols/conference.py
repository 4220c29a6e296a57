"""Keys and shared secrets from GHZ states: conference key agreement and secret sharing."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import binary_entropy
from qnet_core import DensityMatrix
from qnet_core import _checks as checks

from .key_rate import reconciliation
from .shared_qubits import correlators, require_qubits

__all__ = [
    "ConferenceErrors",
    "SharingErrors",
    "conference_errors",
    "conference_key_fraction",
    "secret_sharing_errors",
    "secret_sharing_fraction",
]

Floats = checks.Floats
_, _X, _Y, _ = np.eye(4)
_RAISING = _X + 1j * _Y  # 2 |0><1|


class ConferenceErrors(NamedTuple):
    """Errors of a GHZ state in the two kinds of rounds.

    Attributes
    ----------
    x_error : ndarray, shape (...)
        How often the parity of all readings of X is odd.
    z_errors : ndarray, shape (..., n - 1)
        How often the reading of Z of each other node differs from that of node 0.
    """

    x_error: Floats
    z_errors: Floats


class SharingErrors(NamedTuple):
    """Errors of a shared secret, shape (...): how often the players together have the dealer's bit wrong.

    Attributes
    ----------
    x_error, y_error : ndarray
        In kept rounds in which the dealer measured X and Y.
    """

    x_error: Floats
    y_error: Floats


def conference_errors(state: DensityMatrix) -> ConferenceErrors:
    """Return the errors that conference key agreement measures on a state of n qubits near GHZ.

    ``(1 - <X...X>)/2`` and ``(1 - <Z_0 Z_k>)/2``.

    Parameters
    ----------
    state : DensityMatrix
        At least two qubits of trace 1; qubit 0 belongs to the node whose bits become the key.

    Examples
    --------
    >>> from qnet_channels import depolarizing
    >>> from qnet_core import ghz_state
    >>> found = conference_errors(ghz_state(3).apply_each([depolarizing(mixing=0.02)] * 3))
    >>> found.x_error.round(9).item(), found.z_errors.round(9).tolist()
    (0.029404, [0.0198, 0.0198])
    """
    shared = require_qubits(state, least=2)
    n = shared.num_subsystems
    both = np.stack([shared.expect("ZZ", (0, k)) for k in range(1, n)], axis=-1)
    return ConferenceErrors(_error(shared.expect("X" * n)), _error(both))


def _error(correlation: Floats) -> Floats:
    return checks.plain(np.clip((1 - correlation) / 2, 0, 1))


def conference_key_fraction(state: DensityMatrix, *, reconciliation_efficiency: ArrayLike = 1.0) -> Floats:
    """Return the secret bits per round that all n nodes then have in common, shape (...); 0 where there is no key.

    BB84 for n nodes (N-BB84): ``1 - h(Q_X) - f max_k h(Q_0k)``. Key is made of rounds in Z, which are nearly all; a few
    in X test the state. The node that errs most sets what has to be told, and telling it serves the others too. With
    two nodes it is the "bb84" of ``secret_key_fraction``.

    Parameters
    ----------
    state : DensityMatrix
        At least two qubits near GHZ; from ``ghz_from_pairs``, n - 1 pairs each.
    reconciliation_efficiency : array_like
        f, bits told per bit of the Shannon limit, at least 1.

    References
    ----------
    Grasselli, Kampermann and Bruß, New J. Phys. 20, 113014 (2018); Murta et al., Adv. Quantum Technol. 3, 2000025 (2020).

    Examples
    --------
    >>> from qnet_channels import depolarizing
    >>> from qnet_core import ghz_state
    >>> conference_key_fraction(ghz_state(3).apply_each([depolarizing(mixing=[0.02, 0.2])] * 3)).round(9).tolist()
    [0.668289791, 0.0]
    """
    errors = conference_errors(state)
    efficiency = reconciliation(reconciliation_efficiency)
    checks.broadcast(state=state.batch_shape, reconciliation_efficiency=efficiency.shape)
    told = binary_entropy(errors.z_errors).max(axis=-1)
    return checks.plain(np.maximum(0, 1 - binary_entropy(errors.x_error) - efficiency * told))


def secret_sharing_errors(state: DensityMatrix) -> SharingErrors:
    """Return the errors of secret sharing on a state of n qubits near GHZ.

    Everybody measures X or Y at random. Where Y was chosen 2 m times the product of all signs is ``(-1)^m``, so that
    all players together know the dealer's bit, and any n - 2 of them nothing; with an odd number of Y the round is
    dropped, which is half of them. The means are over all kept choices.

    Parameters
    ----------
    state : DensityMatrix
        At least two qubits of trace 1, the dealer's first.

    References
    ----------
    Hillery, Bužek and Berthiaume (HBB), PRA 59, 1829 (1999).

    Examples
    --------
    >>> from qnet_channels import dephasing
    >>> from qnet_core import ghz_state
    >>> secret_sharing_errors(ghz_state(3).apply(dephasing(probability=0.05), 0)).x_error.round(9).item()
    0.05
    """
    shared = require_qubits(state, least=2)
    players = [_RAISING] * (shared.num_subsystems - 1)
    kept = 2 ** (shared.num_subsystems - 2)  # choices of the players that go with one of the dealer
    along = correlators(shared, [_X, *players]).real / kept
    across = -correlators(shared, [_Y, *players]).imag / kept
    return SharingErrors(_error(along), _error(across))


def secret_sharing_fraction(state: DensityMatrix, *, reconciliation_efficiency: ArrayLike = 1.0) -> Floats:
    """Return the secret bits per kept round that the dealer shares with all players together, shape (...).

    ``1 - h(Q_Y) - f h(Q_X)``: for the dealer it is BB84 with one partner, which the players are together. It is what
    nobody outside knows; a player who cheats, by announcing his basis last, is another matter. Half of all rounds are
    kept.

    Parameters
    ----------
    state : DensityMatrix
        At least two qubits near GHZ, the dealer's first.
    reconciliation_efficiency : array_like
        f, bits told per bit of the Shannon limit, at least 1.

    References
    ----------
    Hillery, Bužek and Berthiaume, PRA 59, 1829 (1999); Karlsson, Koashi and Imoto, PRA 59, 162 (1999), for cheating
    players.

    Examples
    --------
    >>> from qnet_channels import dephasing
    >>> from qnet_core import ghz_state
    >>> secret_sharing_fraction(ghz_state(3).apply(dephasing(probability=0.05), 0)).round(9).item()
    0.427206086
    """
    errors = secret_sharing_errors(state)
    efficiency = reconciliation(reconciliation_efficiency)
    checks.broadcast(state=state.batch_shape, reconciliation_efficiency=efficiency.shape)
    left = 1 - binary_entropy(errors.y_error) - efficiency * binary_entropy(errors.x_error)
    return checks.plain(np.maximum(0, left))
