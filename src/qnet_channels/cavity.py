"""Heralded links by a photon that is reflected off two cavities, one memory in each."""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .heralding import arms, corrected, heralded

__all__ = ["ReflectionPatterns", "cavity_reflection_link", "cavity_reflection_patterns", "cavity_reflectivity"]

Floats = checks.Floats
Complexes = checks.Complexes
_LEFT, _RIGHT = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])  # the memories' bits in 00, 01, 10, 11
_ROUND_OFF = 1e-12


def cavity_reflectivity(
    *, cooperativity: ArrayLike, coupling_ratio: ArrayLike = 1.0, cavity_detuning: ArrayLike = 0.0,
    emitter_detuning: ArrayLike = 0.0,
) -> Complexes:  # fmt: skip
    """Return the amplitude with which a cavity reflects weak light, ``1 - 2 k/(1 + i Δc + C/(1 + i Δe))``.

    Parameters
    ----------
    cooperativity : array_like
        ``C = 4 g**2/(κ γ)``, from 0 on; 0 for a state of the memory whose transition is elsewhere.
    coupling_ratio : array_like
        ``k = κ_w/κ`` in [0, 1]: the share of the cavity's decay that goes to where the light comes from.
    cavity_detuning, emitter_detuning : array_like
        Of the cavity and of the transition from the light, in half widths κ/2 and γ/2: ``2 Δ/κ``, ``2 Δ/γ``.

    Returns
    -------
    complex ndarray
        Of modulus at most 1; -1 is a phase flip.

    References
    ----------
    Reiserer and Rempe, Rev. Mod. Phys. 87, 1379 (2015).

    Examples
    --------
    >>> cavity_reflectivity(cooperativity=[10.0, 0.0], coupling_ratio=0.95).real.round(9).tolist()
    [0.827272727, -0.9]
    """
    given = {
        "cooperativity": checks.real(cooperativity, "cooperativity", low=0.0),
        "coupling_ratio": checks.probability(coupling_ratio, "coupling_ratio"),
        "cavity_detuning": checks.real(cavity_detuning, "cavity_detuning"),
        "emitter_detuning": checks.real(emitter_detuning, "emitter_detuning"),
    }
    checks.broadcast_parameters(given)
    coupled, ratio, cavity, emitter = given.values()
    amplitude = 1 - 2 * ratio / (1 + 1j * cavity + coupled / (1 + 1j * emitter))
    return cast("Complexes", np.asarray(amplitude, complex)[()])


class ReflectionPatterns(NamedTuple):
    """What a lone click in ``early + late`` and one in ``early - late`` herald, before any correction."""

    plus: Heralded
    minus: Heralded


def cavity_reflection_link(
    *, reflectivity_bright: ArrayLike, reflectivity_dark: ArrayLike, transmissivity: ArrayLike = 1.0,
    link_transmissivity: ArrayLike = 1.0, dark_count_probability: ArrayLike = 0.0,
    mean_photons: ArrayLike | None = None, emission_probability: ArrayLike = 1.0, number_resolving: bool = False,
    target: str = "phi+",
) -> Heralded:  # fmt: skip
    """Return two memories in ``|+>`` after a time-bin photon was reflected off both and clicked in one of two detectors.

    The photon is early and late with amplitude 1/√2. A memory in bit s reflects the early bin with amplitude ``r_s``
    (``r_1`` bright, ``r_0`` dark) and, flipped in between, the late one with ``r_(1-s)``. Detectors of
    ``early ± late`` herald ``M± = (r_a r_b ± r_(1-a) r_(1-b))/2``, near phi+ and phi-, and a Pauli correction takes both
    to ``target``. Ideally (``r`` = 1 and 0) the probability of both together is 1/4.

    All light that does not click counts: a photon lost in the fibre tells its bin, and one lost at a node tells its bin
    and the memory's bit (the worst case). That matters where a dark count heralds or several photons come.

    Parameters
    ----------
    reflectivity_bright, reflectivity_dark : array_like or (left, right)
        Amplitudes of the first node (left) and the second one, complex if one likes, of modulus at most 1.
    transmissivity : array_like
        Probability from the second node to a click.
    link_transmissivity : array_like
        From the first node to the second one.
    dark_count_probability : array_like
        Of each detector.
    mean_photons : array_like, optional
        Of a weak coherent pulse where it reaches the first node; a single photon if not given.
    emission_probability : array_like
        Probability that the photon, or the pulse, reaches the first node at all.
    number_resolving : bool
        True for detectors that tell one photon from two.
    target : str
        Bell state that both patterns are corrected to.

    Returns
    -------
    Heralded
        The state, and the probability per attempt of exactly one click. An interferometer of contrast c in front of the
        detectors mistakes them with probability ``(1 - c)/2``: without dark counts that is a ``dephasing`` of it.

    References
    ----------
    Nguyen et al., PRL 123, 183602 (2019); Knaut et al., Nature 629, 573 (2024).

    Examples
    --------
    >>> cavity_reflection_link(reflectivity_bright=0.98, reflectivity_dark=0.1).probability.round(9).item()
    0.23541904
    """
    plus, minus = _patterns(
        reflectivity_bright, reflectivity_dark, transmissivity, link_transmissivity, dark_count_probability,
        mean_photons, emission_probability, number_resolving,
    )  # fmt: skip
    flats = [corrected(raw, name, target)._flat for raw, name in ((plus, "phi+"), (minus, "phi-"))]
    return heralded(DensityMatrix._wrap(flats[0] + flats[1], (2, 2), plus.batch_shape))


def cavity_reflection_patterns(
    *, reflectivity_bright: ArrayLike, reflectivity_dark: ArrayLike, transmissivity: ArrayLike = 1.0,
    link_transmissivity: ArrayLike = 1.0, dark_count_probability: ArrayLike = 0.0,
    mean_photons: ArrayLike | None = None, emission_probability: ArrayLike = 1.0, number_resolving: bool = False,
) -> ReflectionPatterns:  # fmt: skip
    """Return state and probability for each detector that may click alone: near phi+ and near phi-, uncorrected.

    Parameters as for ``cavity_reflection_link``, which is the mean of both after their corrections.

    >>> plus, minus = cavity_reflection_patterns(reflectivity_bright=0.98, reflectivity_dark=0.1)
    >>> plus.probability.round(9).item(), minus.probability.round(9).item()
    (0.12251152, 0.11290752)
    """
    raws = _patterns(
        reflectivity_bright, reflectivity_dark, transmissivity, link_transmissivity, dark_count_probability,
        mean_photons, emission_probability, number_resolving,
    )  # fmt: skip
    return ReflectionPatterns(*(heralded(raw) for raw in raws))


def _reflectivity(value: ArrayLike, name: str) -> Complexes:
    array = checks.matrix(value, name, ndim=0)
    if (np.abs(array) > 1 + _ROUND_OFF).any():
        raise ParameterError(
            f"Parameter `{name}` must have a modulus of at most 1, but has {np.abs(array).max():.12g}."
        )
    return array


def _patterns(
    bright: ArrayLike, dark: ArrayLike, transmissivity: ArrayLike, link: ArrayLike, dark_count: ArrayLike,
    mean_photons: ArrayLike | None, emission: ArrayLike, number_resolving: bool,
) -> tuple[DensityMatrix, DensityMatrix]:  # fmt: skip
    """Return the unnormalized states that either detector heralds."""
    amplitudes = arms(bright, "reflectivity_bright", _reflectivity) | arms(dark, "reflectivity_dark", _reflectivity)
    given = {
        "transmissivity": checks.probability(transmissivity, "transmissivity"),
        "link_transmissivity": checks.probability(link, "link_transmissivity"),
        "dark_count_probability": checks.probability(dark_count, "dark_count_probability"),
        "emission_probability": checks.probability(emission, "emission_probability"),
    }
    if mean_photons is not None:
        given["mean_photons"] = checks.real(mean_photons, "mean_photons", low=0.0)
    batch = checks.broadcast(**{name: value.shape for name, value in (amplitudes | given).items()})
    checks.capacity(400 * int(np.prod(batch)), "The pairs")
    last = {name: value[..., None, None] for name, value in given.items()}
    lost, seen = _light(list(amplitudes.values()), last["transmissivity"], last["link_transmissivity"])
    counting = checks.flag(number_resolving, "number_resolving")
    return tuple(_heralded_by(one, lost, last, counting, batch) for one in seen)  # type: ignore[return-value]


def _light(r: list[Complexes], eta: Floats, link: Floats) -> tuple[Complexes, list[Complexes]]:
    """Return what one photon tells of the memories: overlaps (..., 4, 4) of where it is lost, and in each detector.

    The early bin sees bits a and b, the late one 1 - a and 1 - b.
    """
    first, second = (
        np.stack(np.broadcast_arrays(dark, bright), axis=-1) for bright, dark in zip(r[:2], r[2:], strict=True)
    )
    bins = [(first[..., _LEFT], second[..., _RIGHT]), (first[..., 1 - _LEFT], second[..., 1 - _RIGHT])]
    lost = sum(_lost(one, two, eta, link) for one, two in bins) / 2
    early, late = (one * two for one, two in bins)
    return lost, [eta * link * _overlap((early + sign * late) / 2) for sign in (1, -1)]


def _overlap(amplitudes: Complexes) -> Any:
    return amplitudes[..., :, None] * amplitudes[..., None, :].conj()


def _lost(first: Complexes, second: Complexes, eta: Floats, link: Floats) -> Any:
    """Return the overlaps of the light of one bin that is lost at the nodes or on the way, for the memories' states."""
    same_left, same_right = _LEFT[:, None] == _LEFT, _RIGHT[:, None] == _RIGHT
    at_left, at_right = (
        same * (1 - np.abs(r) ** 2)[..., None] for same, r in ((same_left, first), (same_right, second))
    )
    return at_left + _overlap(first) * (1 - link + link * (at_right + (1 - eta) * _overlap(second)))


def _heralded_by(
    seen: NDArray[Any], lost: NDArray[Any], last: dict[str, Floats], counting: bool, batch: checks.Dims
) -> DensityMatrix:
    """Return the memories' unnormalized state where one detector clicks alone.

    For a pulse, detectors and losses are in coherent states, whose overlaps are exponentials.
    """
    dark, sent = last["dark_count_probability"], last["emission_probability"]
    quiet = 1 - dark
    heard = quiet if counting else np.ones_like(dark)
    if "mean_photons" not in last:
        matrix = heard * seen + dark * lost
    else:
        mean = last["mean_photons"]
        click = mean * seen if counting else np.expm1(mean * seen)
        matrix = np.exp(-mean * (1 - lost)) * (heard * click + dark)
    full = quiet / 4 * (sent * matrix + (1 - sent) * dark)
    return DensityMatrix(np.broadcast_to(full, (*batch, 4, 4)), (2, 2), check=False)
