"""Heralded links between two memories by interference of their photons half-way.

Every parameter broadcasts. In all of them ``transmissivity`` is the probability, per arm, from
emission to a click (collection, conversion, fibre, detector efficiency), and dark counts are per
detector and detection window.
"""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError
from qnet_core.preparations import BELL_SIGNS, bell_index

__all__ = ["double_click_link", "single_click_link"]

_PSI_PLUS = 2
Floats = checks.Floats


def _both_arms(value: ArrayLike, name: str) -> tuple[Floats, Floats]:
    """Return the values of the left and the right arm: a tuple of two is a pair, all else is for both."""
    if isinstance(value, tuple):
        if len(value) != 2:
            raise DimensionError(f"Parameter `{name}` must be one value or a pair (left, right), but is {value!r}.")
        return checks.probability(value[0], f"{name}[0]"), checks.probability(value[1], f"{name}[1]")
    both = checks.probability(value, name)
    return both, both


def _flag(value: bool, name: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ParameterTypeError(f"Parameter `{name}` must be True or False, but is {value!r}.")
    return bool(value)


def _link(diagonal: tuple[Floats, ...], coherence: tuple[Floats, Floats], target: str) -> Heralded:
    """Return the state with populations of 00, 01, 10, 11 and <10|rho|01> = (real, imaginary), near psi+.

    The target's Pauli correction is done on the right qubit.
    """
    p00, p01, p10, p11, real, imaginary = (np.asarray(v) for v in np.broadcast_arrays(*diagonal, *coherence))
    flip = (
        BELL_SIGNS[_PSI_PLUS] * BELL_SIGNS[bell_index(target, "target")]
    )  # what the correction does to II, IX, IY, IZ
    probability = p00 + p01 + p10 + p11
    with np.errstate(invalid="ignore", divide="ignore"):
        bloch = np.zeros((4, 4, *np.shape(probability)))
        bloch[0, 0] = np.where(probability > 0, 1.0, np.nan)
        bloch[0, 3] = flip[3] * ((p00 - p01 + p10 - p11) / probability)
        bloch[3, 0] = (p00 + p01 - p10 - p11) / probability
        bloch[3, 3] = flip[3] * ((p00 - p01 - p10 + p11) / probability)
        bloch[1, 1], bloch[2, 2] = flip[1] * (2 * real / probability), flip[2] * (2 * real / probability)
        bloch[1, 2], bloch[2, 1] = -flip[2] * (2 * imaginary / probability), flip[1] * (2 * imaginary / probability)
    if not (probability > 0).all():
        bloch[:, :, probability == 0] = np.nan
    return Heralded(DensityMatrix._wrap(bloch.reshape(-1), (2, 2), np.shape(probability)), checks.plain(probability))


def single_click_link(
    *, bright_population: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, target: str = "phi+",
) -> Heralded:  # fmt: skip
    """Return the memories' state after exactly one of two detectors behind a beam splitter clicked.

    Each memory emits from ``√(1-α)|0>|no photon> + √α|1>|photon>``; the memories end near psi+ or psi- by
    the detector, and a Pauli correction takes both to ``target``. To lowest order ``p = 2 α η`` and
    ``F = (1 - α)(1 + √V)/2``: the coherence goes with the *root* of the visibility.

    Parameters
    ----------
    bright_population : array_like or (left, right)
        Population α of the emitting state. A tuple is a pair of arms; everything else is one value for both.
    transmissivity : array_like or (left, right)
        Probability η from emission to a click.
    dark_count_probability : array_like
        Of each detector in the detection window.
    visibility : array_like
        Hong-Ou-Mandel visibility V = |v|**2 of the two photons.
    phase_rad, phase_std_rad : array_like
        Phase of the left arm against the right one, and its Gaussian spread.
    number_resolving : bool
        True for detectors that tell one photon from two.
    target : str
        Bell state that every click pattern is corrected to: "phi+", "phi-", "psi+" or "psi-".

    Returns
    -------
    Heralded
        The state, and the probability per attempt of either click. Not modelled: double excitation,
        finite coherence of the memory during the attempt.

    References
    ----------
    Cabrillo et al., PRA 59, 1025 (1999); Hermans et al., New J. Phys. 25, 013011 (2023).

    Examples
    --------
    >>> link = single_click_link(bright_population=0.1, transmissivity=0.01)
    >>> link.probability.round(9).item()
    0.001999
    """
    bright_l, bright_r = _both_arms(bright_population, "bright_population")
    left, right = _both_arms(transmissivity, "transmissivity")
    dark = checks.probability(dark_count_probability, "dark_count_probability")
    overlap = checks.probability(visibility, "visibility")
    phase, spread = checks.real(phase_rad, "phase_rad"), checks.real(phase_std_rad, "phase_std_rad", low=0.0)
    checks.broadcast_parameters(
        {"bright_population[0]": bright_l, "bright_population[1]": bright_r, "transmissivity[0]": left,
         "transmissivity[1]": right, "dark_count_probability": dark, "visibility": overlap, "phase_rad": phase,
         "phase_std_rad": spread}
    )  # fmt: skip
    single_l, single_r, double = _clicks(left, right, dark, overlap, _flag(number_resolving, "number_resolving"))
    quiet = 1 - dark
    dark_l, dark_r = 1 - bright_l, 1 - bright_r
    size = quiet * np.sqrt(bright_l * dark_l * bright_r * dark_r * left * right * overlap) * np.exp(-(spread**2) / 2)
    size = size * quiet if number_resolving else size
    diagonal = (2 * dark_l * dark_r * dark * quiet, 2 * dark_l * bright_r * single_r, 2 * bright_l * dark_r * single_l,
                2 * bright_l * bright_r * double)  # fmt: skip
    return _link(diagonal, (size * np.cos(phase), size * np.sin(phase)), target)


def _clicks(
    left: Floats, right: Floats, dark: Floats, overlap: Floats, number_resolving: bool
) -> tuple[Floats, Floats, Floats]:
    """Return the probability that one given detector of two clicks alone: one photon left, one right, one in each arm."""
    quiet = 1 - dark
    seen = (
        quiet if number_resolving else np.float64(1.0)
    )  # a dark count on top of a photon shows, if photons are counted
    single_l, single_r = (quiet * (seen * arm / 2 + (1 - arm) * dark) for arm in (left, right))
    one_lost = left * (1 - right) + right * (1 - left)
    bunched = 0.0 if number_resolving else left * right * (1 + overlap) / 4
    double = quiet * (bunched + seen * one_lost / 2 + (1 - left) * (1 - right) * dark)
    return single_l, single_r, double


def double_click_link(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    number_resolving: bool = False, target: str = "phi+",
) -> Heralded:  # fmt: skip
    """Return the memories' state after one click in each of two rails (polarization, time bin, or two rounds).

    Each memory emits ``(|0>|rail 0> + |1>|rail 1>)/√2``; exactly one of the two detectors of each rail must
    click, and a Pauli correction takes all four patterns to ``target``. To lowest order ``p = η²/2`` and
    ``F = (1 + V)/2``: here the coherence goes with the visibility itself, not with its root.

    Parameters
    ----------
    transmissivity : array_like or (left, right)
        Probability η from emission to a click; a tuple is a pair of arms.
    dark_count_probability, visibility, number_resolving, target
        As for ``single_click_link``.

    Returns
    -------
    Heralded
        The state, and the probability per attempt (per two rounds, where the rails are rounds) of any of the
        four patterns. Phases common to both rails cancel; their drift between rails is not modelled.

    References
    ----------
    Barrett and Kok, PRA 71, 060310(R) (2005).

    Examples
    --------
    >>> double_click_link(transmissivity=0.1).probability.round(9).item()
    0.005
    """
    left, right = _both_arms(transmissivity, "transmissivity")
    dark = checks.probability(dark_count_probability, "dark_count_probability")
    overlap = checks.probability(visibility, "visibility")
    checks.broadcast_parameters(
        {"transmissivity[0]": left, "transmissivity[1]": right, "dark_count_probability": dark, "visibility": overlap}
    )
    single_l, single_r, double = _clicks(left, right, dark, overlap, _flag(number_resolving, "number_resolving"))
    quiet = 1 - dark
    coherence = left * right * overlap * quiet ** (4 if number_resolving else 2) / 4
    odd, even = single_l * single_r, double * dark * quiet
    return _link((even, odd, odd, even), (coherence, np.zeros(())), target)
