"""How many perfect pairs per pair hashing yields: what any protocol is compared with."""

import numpy as np

from qnet_core import DensityMatrix, coherent_information
from qnet_core import _checks as checks

from .joining import require_pair

__all__ = ["hashing_yield"]


def hashing_yield(state: DensityMatrix) -> checks.Floats:
    """Return the perfect pairs per pair that one-way hashing distils from many copies, shape (...).

    ``max(0, S(B) - S(AB), S(A) - S(AB))`` in bits, the better of the two directions; ``1 - H(weights)`` for
    Bell-diagonal pairs, which is positive for Werner pairs from F = 0.811 on. A lower bound of what can be distilled
    at all, and no limit: rounds that are kept or dropped before hashing yield more from poor pairs.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits of trace 1; batches allowed.

    References
    ----------
    Bennett et al., PRA 54, 3824 (1996); Devetak and Winter, Proc. R. Soc. A 461, 207 (2005).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> hashing_yield(werner_state(fidelity=0.9)).round(9).item()
    0.372508156
    """
    pair = require_pair(state, "state")
    best = np.maximum(coherent_information(pair, 0), coherent_information(pair, 1))
    return checks.plain(np.maximum(best, 0.0))
