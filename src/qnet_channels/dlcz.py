"""Heralded links of two pair sources whose idler photons meet half-way: DLCZ, and absorptive memories with SPDC."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .heralding import arms, one_tail, refuse_tail
from .links import SingleClickPatterns
from .photonics import last_photon, number_pairs, raised

__all__ = ["dlcz_link", "dlcz_patterns"]

Floats = checks.Floats


def dlcz_link(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, target: str = "psi+", max_photons: int = 4, max_tail: float = 1e-6,
) -> Heralded:  # fmt: skip
    """Return the two memory modes after exactly one of two detectors clicked behind a beam splitter of the idlers.

    Each node makes ``Σ √(μ^n/(1 + μ)^(n+1)) |n excitations>|n photons>``. The memories, which are modes with 0 to
    ``max_photons`` excitations and not qubits, end near ``(|01> ± |10>)/√2``, and a phase flip of the right one takes
    both detectors to ``target``. Vacuum and higher numbers are all there, each element exactly; what is beyond
    ``max_photons`` is missing in the trace of the state, but not in the probability. To lowest order ``p = 2 μ η``.

    Parameters
    ----------
    mean_photons : array_like or (left, right)
        μ of each source, from 0 on.
    transmissivity : array_like or (left, right)
        Probability from the idler's emission to a click.
    dark_count_probability : array_like
        Of each detector.
    visibility : array_like
        Hong-Ou-Mandel visibility V = |v|**2 of the two idlers.
    phase_rad, phase_std_rad : array_like
        Phase of the left arm against the right one, and its Gaussian spread.
    number_resolving : bool
        True for detectors that tell one photon from two.
    target : str
        "psi+" or "psi-", with n excitations in the place of n.
    max_photons : int
        Cutoff of each memory mode, from 1 on; it has dimension ``max_photons + 1``.
    max_tail : float
        Weight in (0, 1] that may lie beyond the cutoff; more is refused by an error that names the cutoff that
        would do.

    Returns
    -------
    Heralded
        The state, of trace 1 less what is cut off, and the exact probability per attempt of either click; each
        detector has half of it. Losses of the memories are ``photon_loss`` on the state.

    References
    ----------
    Duan, Lukin, Cirac and Zoller, Nature 414, 413 (2001); Sangouard et al., Rev. Mod. Phys. 83, 33 (2011).

    Examples
    --------
    >>> link = dlcz_link(mean_photons=0.02, transmissivity=0.1, dark_count_probability=1e-6)
    >>> psi = np.zeros(25)
    >>> psi[[1, 5]] = np.sqrt(0.5)  # |01> and |10>
    >>> link.state.expect(np.outer(psi, psi)).round(9).item()
    0.945631092
    """
    given = {
        **arms(mean_photons, "mean_photons", _mean),
        **arms(transmissivity, "transmissivity", checks.probability),
        "dark_count_probability": checks.probability(dark_count_probability, "dark_count_probability"),
        "visibility": checks.probability(visibility, "visibility"),
        "phase_rad": checks.real(phase_rad, "phase_rad"),
        "phase_std_rad": checks.real(phase_std_rad, "phase_std_rad", low=0.0),
    }
    size = checks.integer(max_photons, "max_photons", 1) + 1
    allowed = one_tail(max_tail)
    if target not in ("psi+", "psi-"):
        raise ParameterError(f"Parameter `target` must be one of psi+, psi-, but is {target!r}.")
    batch = checks.broadcast_parameters(given)
    checks.capacity(8 * size**4 * math.prod(batch), "The states of two modes", 16)
    idlers = _Idlers(*(np.broadcast_to(value, batch) for value in given.values()))
    counting = checks.flag(number_resolving, "number_resolving")
    raw, probability = _kept(idlers, size, counting), 2 * _lone_click(idlers, counting)
    refuse_tail(
        _tail(raw, probability), allowed, max_photons, lambda cutoff, at: _tail_at(idlers, counting, cutoff, at)
    )
    state = DensityMatrix(_phased(raw, idlers, size, target), (size, size), check=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = (state._stack / probability.reshape(-1)).reshape(-1)
    return Heralded(DensityMatrix._wrap(flat, state.dims, batch), checks.plain(probability))


def dlcz_patterns(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, max_photons: int = 4, max_tail: float = 1e-6,
) -> SingleClickPatterns:  # fmt: skip
    """Return state and probability for each detector that may click alone: near psi+ and near psi-, uncorrected.

    Parameters as for ``dlcz_link``, which is the mean of both after a phase flip of the second.

    >>> plus, minus = dlcz_patterns(mean_photons=0.02, transmissivity=0.1, dark_count_probability=1e-6)
    >>> minus.probability.round(9).item()
    0.001993018
    """
    ends = [
        dlcz_link(
            mean_photons=mean_photons, transmissivity=transmissivity, dark_count_probability=dark_count_probability,
            visibility=visibility, phase_rad=phase_rad, phase_std_rad=phase_std_rad, number_resolving=number_resolving,
            target=target, max_photons=max_photons, max_tail=max_tail,
        ) for target in ("psi+", "psi-")
    ]  # fmt: skip
    return SingleClickPatterns(*(Heralded(end.state, checks.plain(end.probability / 2)) for end in ends))


def _mean(value: ArrayLike, name: str) -> Floats:
    return checks.real(value, name, low=0.0)


class _Idlers(NamedTuple):
    """Checked parameters, all of the batch's shape."""

    mean_l: Floats
    mean_r: Floats
    eta_l: Floats
    eta_r: Floats
    dark: Floats
    overlap: Floats
    phase: Floats
    spread: Floats


def _tail(raw: NDArray[Any], probability: Floats) -> Floats:
    """Return the weight beyond the cutoff, 0 where there is no state."""
    lost = np.asarray(probability - np.trace(raw, axis1=-2, axis2=-1))
    return np.asarray(np.divide(lost, probability, out=np.zeros_like(lost), where=probability > 0))


def _tail_at(idlers: _Idlers, counting: bool, cutoff: int, at: tuple[int, ...]) -> float:
    point = _Idlers(*(value[at] for value in idlers))
    return float(_tail(_kept(point, cutoff + 1, counting), 2 * _lone_click(point, counting)))


def _lone_click(idlers: _Idlers, counting: bool) -> Floats:
    means, eta = (idlers.mean_l, idlers.mean_r), (idlers.eta_l, idlers.eta_r)
    return lone_click_probability(means, eta, idlers.dark, idlers.overlap, counting)


def lone_click_probability(
    means: tuple[Floats, Floats], eta: tuple[Floats, Floats], dark: Floats, overlap: Floats, counting: bool
) -> Floats:
    """Return the probability that one given detector of two clicks alone, from ``<:exp(-a†Ma):> = 1/det(1 + μM)``."""
    a, b = means[0] * eta[0], means[1] * eta[1]
    silent = (1 + a) * (1 + b)  # 1/silent: no photon arrives
    if counting:
        alone = (a * (1 + b) + b * (1 + a)) / (2 * silent**2)
    else:
        other = 1 + (a + b) / 2 + a * b * (1 - overlap) / 4  # 1/other: none at the other detector
        alone = ((a + b) / 2 + a * b * (3 + overlap) / 4) / (silent * other)
    seen = 1 - dark if counting else np.ones_like(dark)
    return np.asarray((1 - dark) * (seen * alone + dark / silent))


def _kept(idlers: _Idlers, size: int, counting: bool) -> NDArray[Any]:
    """Return the unnormalized state of the memories for either click, without phases, shape (..., D, D).

    The operator of a silent detector is ``:exp(-a†Ma):``, which turns a_i† into ``sum_j (1 - M)_ji a_j†``, and that of
    one which clicks is a difference of two of these. It is raised photon by photon, so that nothing cancels.
    """
    arrived = np.stack([np.sqrt(idlers.eta_l), np.sqrt(idlers.eta_r)], axis=-1)
    seen = arrived[..., :, None] * arrived[..., None, :] / 2  # M of one detector
    seen[..., [0, 1], [1, 0]] *= np.sqrt(idlers.overlap)[..., None]
    missed = (1 - arrived**2)[..., None] * np.eye(2)  # 1 - M of both together
    none = np.zeros((*idlers.dark.shape, size, size, size, size))
    alone = np.zeros_like(none)
    none[..., 0, 0, 0, 0] = 1
    for photons in number_pairs(size):
        mode, fewer, root = last_photon(photons)
        before, step = none[(..., *fewer)], missed[..., mode]
        none[(..., *photons)] = raised(before, step) / root
        onward = step if counting else step + seen[..., mode]
        alone[(..., *photons)] = (raised(alone[(..., *fewer)], onward) + raised(before, seen[..., mode])) / root
    dark = idlers.dark[..., None, None]
    clicked = (1 - dark if counting else 1.0) * alone.reshape(*dark.shape[:-2], size**2, size**2)
    clicked = clicked + dark * none.reshape(clicked.shape)
    numbers = np.arange(size)
    weights = [np.sqrt((mean / (1 + mean))[..., None] ** numbers / (1 + mean[..., None])) for mean in idlers[:2]]
    pairs = (weights[0][..., :, None] * weights[1][..., None, :]).reshape(*dark.shape[:-2], size**2)
    return np.asarray(2 * (1 - dark) * clicked * pairs[..., :, None] * pairs[..., None, :])


def _phased(raw: NDArray[Any], idlers: _Idlers, size: int, target: str) -> NDArray[Any]:
    """Return the state with the phase of each excitation on the left, psi+ turned into the target."""
    left, right = np.divmod(np.arange(size**2), size)
    apart = left[:, None] - left
    spread = np.exp(-((idlers.spread[..., None, None] * apart) ** 2) / 2)
    flips = (-1.0) ** (right[:, None] - right) if target == "psi-" else 1.0
    return np.asarray(raw * spread * flips * np.exp(1j * idlers.phase[..., None, None] * apart))
