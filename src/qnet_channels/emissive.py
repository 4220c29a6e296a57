"""Links between unlike emitters, such as an ion, an atom or a colour centre and a quantum dot."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Heralded
from qnet_core import _checks as checks

from .heralding import arms
from .links import DoubleClickPatterns, double_click_link, double_click_patterns
from .parameters import choice
from .photonics import double_excitation_from_g2

__all__ = ["PhotonOverlap", "emissive_link", "emissive_patterns", "photon_overlap"]

Floats = checks.Floats
Rails = Literal["time-bin", "polarization"]
Scheme = Literal["single-click", "time-bin", "polarization"]


class PhotonOverlap(NamedTuple):
    """How well photons of two emitters interfere, in the words of ``single_click_link`` and ``double_click_link``.

    Attributes
    ----------
    visibility : ndarray
        What a Hong-Ou-Mandel experiment sees.
    phase_rad, phase_std_rad : ndarray
        Phase of the coherence, and the Gaussian spread that would cost as much of it as the dephasing does beyond the
        visibility.
    """

    visibility: Floats
    phase_rad: Floats
    phase_std_rad: Floats


def photon_overlap(
    *, lifetime_s: ArrayLike, dephasing_rate_per_s: ArrayLike = 0.0, detuning_rad_per_s: ArrayLike = 0.0,
    detuning_std_rad_per_s: ArrayLike = 0.0, scheme: Scheme = "time-bin",
) -> PhotonOverlap:  # fmt: skip
    """Return how well photons interfere that two unlike emitters begin to emit at the same time.

    With ``a = (Γ_L + Γ_R)/2 + γ_L + γ_R`` and ``K = <1/(a - iδ)>`` over the slow drift of δ, they are seen with
    ``V = Γ_L Γ_R Re K/((Γ_L + Γ_R)/2)``. A link asks more of an emitter that dephases: each rail compares the phase of
    a photon with that of its excitation, and not, as the visibility does, one photon with itself. The coherence is
    ``√(Γ_L Γ_R) |K|`` after a single click, which is less than √V, and ``V (a - γ_L - γ_R)/a`` after one in each of two
    rails that are excited one after the other.

    Parameters
    ----------
    lifetime_s : array_like or (left, right)
        1/e time 1/Γ of the intensity.
    dephasing_rate_per_s : array_like or (left, right)
        γ = 1/Tφ of the optical transition, fast and Markovian: ``1/T2 - 1/(2 T1)``.
    detuning_rad_per_s, detuning_std_rad_per_s : array_like
        δ of the left photon against the right one, and its Gaussian spread from attempt to attempt, the same for all
        that is emitted in one attempt.
    scheme : str
        "single-click"; or two rails: "time-bin" where each has its own excitation and dephasing, two rounds among them,
        "polarization" where one excitation serves both, whose dephasing is the same and cancels.

    Returns
    -------
    PhotonOverlap
        To be given on: ``double_click_link(**overlap._asdict(), ...)``. Left out: shaped or filtered photons.

    References
    ----------
    Bylander, Robert-Philip and Abram, Eur. Phys. J. D 22, 295 (2003); Kambs and Becher, New J. Phys. 20, 115003 (2018).

    Examples
    --------
    >>> photon_overlap(lifetime_s=(2e-9, 1e-9), detuning_rad_per_s=0.25e9).visibility.round(9).item()
    0.8
    """
    given = {
        **arms(lifetime_s, "lifetime_s", _positive),
        **arms(dephasing_rate_per_s, "dephasing_rate_per_s", _not_negative),
        "detuning_rad_per_s": checks.real(detuning_rad_per_s, "detuning_rad_per_s"),
        "detuning_std_rad_per_s": _not_negative(detuning_std_rad_per_s, "detuning_std_rad_per_s"),
    }
    choice(scheme, "scheme", ("single-click", "time-bin", "polarization"))
    checks.broadcast_parameters(given)
    life_l, life_r, fast_l, fast_r, detuning, drift = given.values()
    unit = np.sqrt(life_l * life_r)  # all in units of the mean lifetime, for any scale of these
    decay, fast = unit * (1 / life_l + 1 / life_r) / 2, unit * (fast_l + fast_r)
    overlap = _mean_overlap(decay + fast, unit * detuning, unit * drift)
    visibility = np.minimum(overlap.real / decay, 1)
    phase, kept = np.zeros(()), np.ones(())
    if scheme == "single-click":
        phase, kept = -np.angle(overlap), np.abs(overlap) / np.sqrt(visibility)
    elif scheme == "time-bin":
        kept = decay / (decay + fast)
    spread = np.sqrt(np.maximum(0, -2 * np.log(kept)))
    return PhotonOverlap(*(checks.plain(value) for value in np.broadcast_arrays(visibility, phase, spread)))


def _positive(value: ArrayLike, name: str) -> Floats:
    return checks.real(value, name, low=0.0, open_low=True)


def _not_negative(value: ArrayLike, name: str) -> Floats:
    return checks.real(value, name, low=0.0)


def _mean_overlap(decay: Floats, detuning: Floats, drift: Floats) -> Any:
    """Return the mean of ``1/(decay - i δ)`` over a Gaussian δ, which is a Faddeeva function."""
    from scipy.special import wofz

    still = 1 / (decay - 1j * detuning)
    width = np.where(drift > 0, drift, 1.0) * np.sqrt(2)
    return np.where(drift > 0, np.sqrt(np.pi) / width * wofz((detuning + 1j * decay) / width), still)


def emissive_link(
    *, transmissivity: ArrayLike, lifetime_s: ArrayLike, dephasing_rate_per_s: ArrayLike = 0.0,
    detuning_rad_per_s: ArrayLike = 0.0, detuning_std_rad_per_s: ArrayLike = 0.0, g2: ArrayLike = 0.0,
    dark_count_probability: ArrayLike = 0.0, rails: Rails = "time-bin", phase_rad: ArrayLike = 0.0,
    phase_std_rad: ArrayLike = 0.0, number_resolving: bool = False, target: str = "phi+",
) -> Heralded:  # fmt: skip
    """Return the state of two unlike emissive memories, such as an ion and a quantum dot, after a click in each rail.

    It is ``double_click_link`` with the visibility, the dephasing and the extra photons that the emitters' own numbers
    make: ``F = (1 + V (a - γ_L - γ_R)/a)/2`` for time bins and weak arms (see ``photon_overlap``), less what ``g2`` costs.

    Parameters
    ----------
    transmissivity : array_like or (left, right)
        Probability from excitation to a click: the brightness of a source is in it.
    lifetime_s, dephasing_rate_per_s, detuning_rad_per_s, detuning_std_rad_per_s
        As for ``photon_overlap``.
    g2 : array_like or (left, right)
        Autocorrelation g2(0) of a pulse of the emitter, in [0, 1/2]: a second photon into the same rail, which
        interferes with no other.
    dark_count_probability, phase_rad, phase_std_rad, number_resolving, target
        As for ``double_click_link``.
    rails : str
        "time-bin" or "polarization".

    Returns
    -------
    Heralded
        The state, and the probability per attempt of any of the four patterns. Spins are ideal: their noise is a channel
        on the state.

    References
    ----------
    Barrett and Kok, PRA 71, 060310(R) (2005); Kambs and Becher, New J. Phys. 20, 115003 (2018).

    Examples
    --------
    >>> link = emissive_link(transmissivity=(0.02, 0.3), lifetime_s=(2e-9, 1e-9), g2=(0.0, 0.02))
    >>> link.probability.round(6).item(), link.state.expect("XX").round(6).item()
    (0.003017, 0.874907)
    """
    sources = _photons(lifetime_s, dephasing_rate_per_s, detuning_rad_per_s, detuning_std_rad_per_s, g2, rails,
                       phase_std_rad)  # fmt: skip
    return double_click_link(
        transmissivity=transmissivity, dark_count_probability=dark_count_probability, phase_rad=phase_rad,
        number_resolving=number_resolving, target=target, **sources,
    )  # fmt: skip


def emissive_patterns(
    *, transmissivity: ArrayLike, lifetime_s: ArrayLike, dephasing_rate_per_s: ArrayLike = 0.0,
    detuning_rad_per_s: ArrayLike = 0.0, detuning_std_rad_per_s: ArrayLike = 0.0, g2: ArrayLike = 0.0,
    dark_count_probability: ArrayLike = 0.0, rails: Rails = "time-bin", phase_rad: ArrayLike = 0.0,
    phase_std_rad: ArrayLike = 0.0, number_resolving: bool = False,
) -> DoubleClickPatterns:  # fmt: skip
    """Return state and probability for each pair of detectors: like ones near psi+, unlike ones near psi-, uncorrected.

    Parameters as for ``emissive_link``, which is the mean of all four after their corrections.

    >>> emissive_patterns(transmissivity=0.1, lifetime_s=(3e-9, 1e-9)).plus_minus.state.expect("XX").round(9).item()
    -0.75
    """
    sources = _photons(lifetime_s, dephasing_rate_per_s, detuning_rad_per_s, detuning_std_rad_per_s, g2, rails,
                       phase_std_rad)  # fmt: skip
    return double_click_patterns(
        transmissivity=transmissivity, dark_count_probability=dark_count_probability, phase_rad=phase_rad,
        number_resolving=number_resolving, **sources,
    )  # fmt: skip


def _photons(
    lifetime_s: ArrayLike, dephasing_rate_per_s: ArrayLike, detuning_rad_per_s: ArrayLike,
    detuning_std_rad_per_s: ArrayLike, g2: ArrayLike, rails: str, phase_std_rad: ArrayLike,
) -> dict[str, Any]:  # fmt: skip
    """Return what ``double_click_link`` takes of two emitters."""
    choice(rails, "rails", ("time-bin", "polarization"))
    overlap = photon_overlap(
        lifetime_s=lifetime_s, dephasing_rate_per_s=dephasing_rate_per_s, detuning_rad_per_s=detuning_rad_per_s,
        detuning_std_rad_per_s=detuning_std_rad_per_s, scheme="time-bin" if rails == "time-bin" else "polarization",
    )  # fmt: skip
    autocorrelation = arms(g2, "g2", lambda value, name: checks.real(value, name, low=0.0, high=0.5))
    spread = _not_negative(phase_std_rad, "phase_std_rad")
    checks.broadcast_parameters({"lifetime_s": overlap.visibility, "phase_std_rad": spread, **autocorrelation})
    return {
        "visibility": overlap.visibility,
        "phase_std_rad": np.hypot(overlap.phase_std_rad, spread),
        "double_excitation_probability": tuple(double_excitation_from_g2(value) for value in autocorrelation.values()),
    }
