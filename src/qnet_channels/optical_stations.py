"""A station of linear optics: photons meet at a beam splitter, and two of four detectors announce psi+ or psi-."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .interference import lone_clicks, photons

__all__ = ["LinearOpticsStation"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearOpticsStation:
    """A Bell measurement of two dual-rail photons by a beam splitter in each rail and four detectors.

    The inner qubits of both pairs are photons, or are read out of memories into photons: 0 is a photon in rail 0
    (polarization or time bin), 1 one in rail 1. Exactly one of the two detectors of each rail must click; the same one
    announces psi+, unlike ones psi-, and phi+ and phi- never are: ``p = η_a η_b/2`` without dark counts. Lost photons,
    dark counts and photons that differ are exact for pairs in any state: each announcement measures an operator
    of the two qubits. Noise of the photons on the way, a phase between the rails say, is a channel on the inner qubit.

    Every field but ``number_resolving`` broadcasts.

    Attributes
    ----------
    transmissivity : array_like or (left, right)
        Probability η that a photon of the left and of the right pair makes a click, from its memory (retrieval) on and
        the detector's efficiency included. A tuple is a pair of arms; everything else is one value for both.
    dark_count_probability : array_like
        Of each detector in the detection window; it is not multiplied by the efficiency.
    visibility : array_like
        Hong-Ou-Mandel visibility V of photons of the two pairs: the coherence goes with V itself.
    number_resolving : bool
        True for detectors that tell one photon from two.

    References
    ----------
    Braunstein and Mann, PRA 51, R1727 (1995); its probability is the yield of Ma and Razavi, PRA 86, 062319 (2012).

    Examples
    --------
    >>> from qnet_channels import swap
    >>> from qnet_core import bell_state
    >>> pair = bell_state("phi+")
    >>> swap(pair, pair, station=LinearOpticsStation(transmissivity=(0.5, 0.2))).probability.round(9).item()
    0.05
    """

    transmissivity: ArrayLike = 1.0
    dark_count_probability: ArrayLike = 0.0
    visibility: ArrayLike = 1.0
    number_resolving: bool = False

    def __post_init__(self) -> None:
        light = self._light()
        checks.broadcast_parameters(light)
        object.__setattr__(self, "number_resolving", checks.flag(self.number_resolving, "number_resolving"))
        left, right = (checks.frozen(light[f"transmissivity[{k}]"]) for k in range(2))
        object.__setattr__(self, "transmissivity", (left, right) if isinstance(self.transmissivity, tuple) else left)
        for name in ("dark_count_probability", "visibility"):
            object.__setattr__(self, name, checks.frozen(light[name]))

    def _light(self) -> dict[str, checks.Floats]:
        return photons(self.transmissivity, self.dark_count_probability, self.visibility, 0.0, 0.0, 0.0)

    @property
    def correlations(self) -> checks.Floats:
        """Correlators ``Tr(E P x P)/4``, P = I, X, Y, Z, of what phi+, phi-, psi+ and psi- measure, shape (4, 4, ...).

        For each pattern E is ``e`` on 00 and 11, ``o`` on 01 and 10, and ``±c`` between the last two.
        """
        rail = lone_clicks(self._light(), self.number_resolving)
        odd, even, coherence = np.broadcast_arrays(
            rail.left * rail.right, rail.both * rail.nothing, rail.coherence_squared
        )
        both, differ, never = odd + even, even - odd, np.zeros((4, *odd.shape))
        plus, minus = ([both, sign * coherence, sign * coherence, differ] for sign in (1, -1))
        return np.array([never, never, plus, minus])
