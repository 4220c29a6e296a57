"""What a link's brightness is chosen for."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .entropy import binary_entropy

__all__: list[str] = []

Floats = checks.Floats
Objective = Literal["fidelity", "rate", "key"]


def open_arm(value: ArrayLike, name: str) -> Floats:
    """Return probabilities of which none is 0."""
    return checks.real(value, name, low=0.0, high=1.0, open_low=True)


def require_dark_counts(dark: Floats) -> None:
    """Refuse to look for the best fidelity where dimmer is always better."""
    if (dark == 0).any():
        raise ParameterError(
            "Parameter `dark_count_probability` must be greater than 0 for the best fidelity, but is 0: without dark "
            "counts a dimmer link is always better."
        )


def least_fidelity(value: ArrayLike | None, objective: Objective) -> Floats:
    """Return the checked fidelity that the rate needs and nothing else takes."""
    if (value is None) == (objective == "rate"):
        wanted = "a number" if objective == "rate" else "None"
        raise ParameterTypeError(
            f"Parameter `min_fidelity` must be {wanted} where `objective` is {objective!r}, but is {value!r:.80}."
        )
    return checks.real(1.0 if value is None else value, "min_fidelity", low=0.5, high=1.0, open_low=True)


def bb84_fraction(bit: Floats, phase: Floats) -> Floats:
    """Return ``1 - h(e_Z) - h(e_X)``, or -1 where more bits are wrong than right: not the state that is aimed at."""
    return np.where(bit < 0.5, 1 - binary_entropy(bit) - binary_entropy(phase), -1.0)
