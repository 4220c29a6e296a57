"""How bright the nodes of a single-click link should be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .heralding import arms
from .interference import lone_clicks, photons
from .node_odds import Nodes, fastest, most_key, truest
from .objectives import Objective, least_fidelity, open_arm, require_dark_counts
from .parameters import choice
from .search import Flags, Floats

__all__ = ["OptimalBrightness", "balanced_bright_populations", "optimal_bright_population"]


def balanced_bright_populations(*, bright_population: ArrayLike, transmissivity: ArrayLike) -> tuple[Floats, Floats]:
    """Return the left node's bright population and that of the right one, so that ``α_L η_L = α_R η_R``.

    That is the best fidelity at a given rate where both are small. Both go into ``single_click_link`` as they are.

    >>> [side.item() for side in balanced_bright_populations(bright_population=0.2, transmissivity=(0.01, 0.04))]
    [0.2, 0.05]
    """
    left = checks.probability(bright_population, "bright_population")
    eta = arms(transmissivity, "transmissivity", open_arm)
    checks.broadcast_parameters({"bright_population": left, **eta})
    ratio = np.divide(*eta.values())
    right = left * ratio
    if (right > 1).any():
        raise ParameterError(
            f"Parameter `bright_population` must be at most transmissivity[1]/transmissivity[0] = "
            f"{np.min(1 / ratio):.6g}, but is {left.max():.6g}: the right node can't be that bright."
        )
    left, right = (checks.plain(side) for side in np.broadcast_arrays(left, right))
    return left, right


class OptimalBrightness(NamedTuple):
    """The best bright populations and the link that they make; NaN at points where none will do.

    Attributes
    ----------
    bright_population : (ndarray, ndarray)
        Left and right, to be given to ``single_click_link``.
    fidelity, probability : ndarray
        To the Bell state that is aimed at; per attempt.
    key_fraction : ndarray
        Secret bits per pair by BB84 in the limit of many pairs, ``1 - h(e_Z) - h(e_X)`` or 0.
    """

    bright_population: tuple[Floats, Floats]
    fidelity: Floats
    probability: Floats
    key_fraction: Floats


def optimal_bright_population(
    *, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0, visibility: ArrayLike = 1.0,
    phase_std_rad: ArrayLike = 0.0, number_resolving: bool = False, double_excitation_probability: ArrayLike = 0.0,
    objective: Objective = "fidelity", min_fidelity: ArrayLike | None = None,
) -> OptimalBrightness:  # fmt: skip
    """Return the two bright populations in (0, 1/2] that serve a single-click link best, at every point of a batch.

    Both are free, which arms of unequal transmissivity need: ``α_L η_L = α_R η_R`` is best for dim nodes only. The link
    is the exact one. The best fidelity is a closed form, rate and key are searched for all points at once.

    Parameters
    ----------
    transmissivity, dark_count_probability, visibility, phase_std_rad, number_resolving, double_excitation_probability
        As for ``single_click_link``; no transmissivity may be 0.
    objective : str
        "fidelity": the most, which there is only with dark counts (``α ≈ √(p_d/η)``). "rate": the highest probability
        of a pair of at least ``min_fidelity``. "key": the most secret bits per attempt by BB84.
    min_fidelity : array_like
        In (1/2, 1], for "rate" and for nothing else.

    Returns
    -------
    OptimalBrightness
        NaN where no brightness reaches ``min_fidelity`` or gives a key. Where none has a fidelity above 1/2, that of
        arms that click equally often.

    Examples
    --------
    >>> best = optimal_bright_population(transmissivity=1e-3, dark_count_probability=1e-6)
    >>> best.bright_population[0].round(5).item(), best.fidelity.round(6).item()
    (0.03065, 0.939676)
    """
    choice(objective, "objective", ("fidelity", "rate", "key"))
    light = photons(
        transmissivity, dark_count_probability, visibility, 0.0, phase_std_rad, double_excitation_probability
    )
    light |= arms(transmissivity, "transmissivity", open_arm)
    if objective == "fidelity":
        require_dark_counts(light["dark_count_probability"])
    least = least_fidelity(min_fidelity, objective)
    shape = checks.broadcast_parameters(light | {"min_fidelity": least})
    nodes = _nodes(light, checks.flag(number_resolving, "number_resolving"), shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if objective == "fidelity":
            return _report(nodes, *truest(nodes))
        return _report(nodes, *(fastest(nodes, least) if objective == "rate" else most_key(nodes)))


def _nodes(light: dict[str, Floats], number_resolving: bool, shape: checks.Dims) -> Nodes:
    rail = lone_clicks(light, number_resolving)
    coherence = np.sqrt(rail.coherence_squared) * np.exp(-(light["phase_std_rad"] ** 2) / 2)
    return Nodes(*(np.broadcast_to(value, shape) for value in (*rail[:4], coherence)))


def _report(nodes: Nodes, scale: Floats, tilt: Floats, good: Flags) -> OptimalBrightness:
    odds = [np.minimum(scale * np.exp(side * tilt), 1) for side in (1, -1)]
    scale, tilt = np.sqrt(odds[0] * odds[1]), np.log(odds[0] / odds[1]) / 2
    values = (
        *(x / (1 + x) for x in odds), nodes.fidelity(scale, tilt), nodes.probability(scale, tilt),
        np.maximum(0, nodes.key_fraction(scale, tilt)),
    )  # fmt: skip
    left, right, *rest = (checks.plain(np.where(good, value, np.nan)) for value in values)
    return OptimalBrightness((left, right), *rest)
