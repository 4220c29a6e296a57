"""Local rotations that make the most of a pair."""

from typing import NamedTuple

import numpy as np

from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks

from .resources import require_resource

__all__ = ["LocalCorrection", "optimal_local_correction"]

_PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
# (1 x V)|phi+> for V = 1, iX, iY, iZ: a basis in which unitaries V of determinant 1 are the real unit vectors
_ROTATIONS = _PAULI * np.array([1, 1j, 1j, 1j])[:, None, None]
_MAGIC = _ROTATIONS.transpose(0, 2, 1).reshape(4, 4) / np.sqrt(2)


class LocalCorrection(NamedTuple):
    """A pair after the best rotation of its second half, that rotation, and what the pair is then worth."""

    state: DensityMatrix
    rotation: Channel
    average_fidelity: checks.Floats


def optimal_local_correction(resource: DensityMatrix) -> LocalCorrection:
    """Return the pair after the unitary on its second half that brings it nearest to phi+.

    Its fidelity is then the fully entangled fraction f, and teleportation through it has the average fidelity
    ``(2 f + 1)/3``, the best of all local unitaries. In the magic basis maximally entangled states are the real vectors, so
    that f is the largest eigenvalue of the real part of rho there. A measure-and-prepare channel reaches
    2/3 with no pair at all: f must exceed 1/2. Local operations that are not unitary can do better still.

    References
    ----------
    Bennett et al., PRA 54, 3824 (1996); Horodecki et al., PRA 60, 1888 (1999); Badziag et al., PRA 62, 012311 (2000).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> best = optimal_local_correction(werner_state(fidelity=0.9, label="psi-"))
    >>> best.average_fidelity.round(12).item(), best.state.expect("ZZ").round(12).item()
    (0.933333333333, 0.866666666667)
    """
    matrix = require_resource(resource).matrix
    absent = np.isnan(resource.trace())
    magic = _MAGIC.conj() @ np.where(absent[..., None, None], np.eye(4), matrix) @ _MAGIC.T
    values, vectors = np.linalg.eigh(magic.real)
    turned = np.tensordot(vectors[..., -1], _ROTATIONS, 1)
    rotation = Channel.from_unitary(turned.conj().swapaxes(-1, -2))
    fraction = np.where(absent, np.nan, values[..., -1])
    return LocalCorrection(resource.apply(rotation, 1), rotation, checks.plain((2 * fraction + 1) / 3))
