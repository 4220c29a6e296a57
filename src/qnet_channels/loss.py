"""Loss that announces itself: a photonic qubit becomes a qutrit with a level for "lost"."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.basis import gell_mann

__all__ = ["erasure"]


def erasure(*, transmissivity: ArrayLike, dim: int = 2) -> Channel:
    """Return the map from dimension d to d + 1 whose last level means "lost".

    ``rho -> transmissivity rho + (1 - transmissivity) Tr(rho) |lost><lost|``: loss of photons in dual-rail,
    polarization or time-bin encoding is exactly this. Two stretches compose by multiplying transmissivities.

    >>> erasure(transmissivity=0.7).dims_out
    (3,)
    """
    value = checks.probability(transmissivity, "transmissivity")
    size = checks.integer(dim, "dim", 2)
    checks.capacity((size + 1) ** 4 * (2 + value.size), "The basis and the maps", 16)
    arrived, lost = _embedding(size)
    stack = arrived.reshape(*arrived.shape, *(1,) * value.ndim) * value + lost.reshape(
        *lost.shape, *(1,) * value.ndim
    ) * (1 - value)
    return Channel._from_stack(stack, value.shape, (size,), (size + 1,))


def _embedding(dim: int) -> tuple[checks.Floats, checks.Floats]:
    """Return the transfer matrices of perfect arrival and of certain loss."""
    inner, outer = gell_mann(dim), gell_mann(dim + 1)
    arrived = np.einsum("iab,jba->ij", outer[:, :dim, :dim], inner).real / dim
    lost = np.zeros_like(arrived)
    lost[:, 0] = outer[:, dim, dim].real
    return arrived, lost
