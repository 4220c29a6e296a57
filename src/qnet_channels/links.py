"""Heralded links between two memories by interference of their photons half-way.

Every parameter broadcasts. In all of them ``transmissivity`` is the probability, per arm, from
emission to a click (collection, conversion, fibre, detector efficiency), and dark counts are per
detector and detection window.
"""

from typing import NamedTuple

from numpy.typing import ArrayLike

from qnet_core import Heralded
from qnet_core import _checks as checks

from .heralding import arms, near_psi_plus
from .interference import lone_clicks, one_click, phased, photons

__all__ = [
    "DoubleClickPatterns",
    "SingleClickPatterns",
    "double_click_link",
    "double_click_patterns",
    "single_click_link",
    "single_click_patterns",
]


class SingleClickPatterns(NamedTuple):
    """What each of the two detectors heralds when it clicks alone, before any correction."""

    plus: Heralded
    minus: Heralded


class DoubleClickPatterns(NamedTuple):
    """What each pair of detectors heralds, that of rail 0 named first, before any correction."""

    plus_plus: Heralded
    plus_minus: Heralded
    minus_plus: Heralded
    minus_minus: Heralded


def single_click_link(
    *, bright_population: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, target: str = "phi+", double_excitation_probability: ArrayLike = 0.0,
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
    double_excitation_probability : array_like or (left, right)
        Probability p2 that an emitter which emitted emits once more. The extra photon is lost and detected like
        the first one but interferes with no other, so that it reveals the bright state even where nobody sees
        it: for a weak link the coherence of the state goes with ``(1 - p2)/(1 + p2)``, the clicks with ``1 + p2``.

    Returns
    -------
    Heralded
        The state, and the probability per attempt of either click. Not modelled: finite coherence of the
        memory during the attempt.

    References
    ----------
    Cabrillo et al., PRA 59, 1025 (1999); Hermans et al., New J. Phys. 25, 013011 (2023).

    Examples
    --------
    >>> link = single_click_link(bright_population=0.1, transmissivity=0.01)
    >>> link.probability.round(9).item()
    0.001999
    """
    bright = arms(bright_population, "bright_population", checks.probability)
    light = photons(transmissivity, dark_count_probability, visibility, phase_rad, phase_std_rad,
                    double_excitation_probability)  # fmt: skip
    checks.broadcast_parameters(bright | light)
    rail = lone_clicks(light, checks.flag(number_resolving, "number_resolving"))
    left, right = bright.values()
    diagonal, size = one_click(left, right, rail)
    return near_psi_plus(diagonal, phased(size, light), target)


def single_click_patterns(
    *, bright_population: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, double_excitation_probability: ArrayLike = 0.0,
) -> SingleClickPatterns:  # fmt: skip
    """Return state and probability for each detector that may click alone: near psi+ and near psi-, uncorrected.

    Parameters as for ``single_click_link``, which is the mean of both after their corrections.

    >>> plus, minus = single_click_patterns(bright_population=0.1, transmissivity=0.01)
    >>> minus.state.expect("XX").round(6).item()
    -0.90045
    """
    ends = [
        single_click_link(
            bright_population=bright_population, transmissivity=transmissivity,
            dark_count_probability=dark_count_probability, visibility=visibility, phase_rad=phase_rad,
            phase_std_rad=phase_std_rad, number_resolving=number_resolving, target=target,
            double_excitation_probability=double_excitation_probability,
        ) for target in ("psi+", "psi-")
    ]  # fmt: skip
    return SingleClickPatterns(*(Heralded(end.state, checks.plain(end.probability / 2)) for end in ends))


def double_click_link(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    number_resolving: bool = False, target: str = "phi+", phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    double_excitation_probability: ArrayLike = 0.0,
) -> Heralded:  # fmt: skip
    """Return the memories' state after one click in each of two rails (polarization, time bin, or two rounds).

    Each memory emits ``(|0>|rail 0> + |1>|rail 1>)/√2``; exactly one of the two detectors of each rail must
    click, and a Pauli correction takes all four patterns to ``target``. To lowest order ``p = η²/2`` and
    ``F = (1 + V)/2``: here the coherence goes with the visibility itself, not with its root. A station that takes
    only the patterns of psi- (two unlike detectors) has half the probability.

    Rails are two polarizations with a polarizing beam splitter before each pair of detectors, two time bins at one
    pair of detectors, or two rounds with a flip of the memory between them (Barrett and Kok), where the bright
    state emits: a memory then has ``|0>`` if it was bright in round 0.

    Parameters
    ----------
    transmissivity : array_like or (left, right)
        Probability η from emission to a click; a tuple is a pair of arms.
    dark_count_probability, visibility, number_resolving, target
        As for ``single_click_link``.
    phase_rad, phase_std_rad : array_like
        Drift of the phase of the left arm against the right one from rail 0 to rail 1, and its Gaussian spread.
        Phases that both rails share cancel.
    double_excitation_probability : array_like or (left, right)
        Probability p2 that an emitter emits once more into the same rail, a photon that interferes with no other;
        ``double_excitation_from_g2`` has it for a quantum dot. The coherence of a weak link goes with
        ``((1 - p2)/(1 + p2))**2``.

    Returns
    -------
    Heralded
        The state, and the probability per attempt (per two rounds, where the rails are rounds) of any of the
        four patterns.

    References
    ----------
    Barrett and Kok, PRA 71, 060310(R) (2005).

    Examples
    --------
    >>> double_click_link(transmissivity=0.1).probability.round(9).item()
    0.005
    """
    light = photons(transmissivity, dark_count_probability, visibility, phase_rad, phase_std_rad,
                    double_excitation_probability)  # fmt: skip
    checks.broadcast_parameters(light)
    rail = lone_clicks(light, checks.flag(number_resolving, "number_resolving"))
    odd, even = rail.left * rail.right, rail.both * rail.nothing
    return near_psi_plus((even, odd, odd, even), phased(rail.coherence_squared, light), target)


def double_click_patterns(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    number_resolving: bool = False, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    double_excitation_probability: ArrayLike = 0.0,
) -> DoubleClickPatterns:  # fmt: skip
    """Return state and probability for each pair of detectors: like ones near psi+, unlike ones near psi-, uncorrected.

    Parameters as for ``double_click_link``, which is the mean of all four after their corrections.

    >>> double_click_patterns(transmissivity=0.1).plus_minus.state.expect("XX").round(9).item()
    -1.0
    """
    like, unlike = (
        double_click_link(
            transmissivity=transmissivity, dark_count_probability=dark_count_probability, visibility=visibility,
            number_resolving=number_resolving, target=target, phase_rad=phase_rad, phase_std_rad=phase_std_rad,
            double_excitation_probability=double_excitation_probability,
        ) for target in ("psi+", "psi-")
    )  # fmt: skip
    quarters = [Heralded(end.state, checks.plain(end.probability / 4)) for end in (like, unlike, unlike, like)]
    return DoubleClickPatterns(*quarters)
