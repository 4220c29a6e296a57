"""Pairs that are known by their fidelity, and by how many of their errors are phase flips."""

from typing import Any

import numpy as np

from qnet_core import _checks as checks

__all__ = ["error_weights"]


def error_weights(fidelity: Any, phase_error_share: Any) -> checks.Floats:
    """Return Bell weights, shape (..., 4): a share of the errors are phase flips, the others X and Y alike.

    A third is a Werner state.

    >>> error_weights(0.97, 1 / 3).round(6).tolist(), error_weights(0.9, 0.6).round(6).tolist()
    ([0.97, 0.01, 0.01, 0.01], [0.9, 0.06, 0.02, 0.02])
    """
    wrong = 1 - np.asarray(fidelity, float)
    phase = wrong * phase_error_share
    rest = (wrong - phase) / 2
    return np.stack(np.broadcast_arrays(1 - wrong, phase, rest, rest), axis=-1)
