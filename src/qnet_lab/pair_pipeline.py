"""From a link to the use of its pairs: each step one call for all points of the axes."""

from typing import NamedTuple

import numpy as np

from qnet_channels import swap_chain
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .axes import Axes, arguments, in_words_of
from .pair_distillations import DISTILLATIONS, Distilled
from .pair_links import LinkPlace, link_pair
from .pair_noise import disturbed
from .pair_steps import STATIONS
from .pair_storage import moved, retrieved, stored
from .pair_tables import PairSteps
from .schema import ScenarioError, Table
from .signatures import function_of

__all__ = ["PairResults", "pair_results"]

Floats = checks.Floats


class PairResults(NamedTuple):
    """The last pair, and figures of all steps by the names of variables."""

    state: DensityMatrix
    figures: dict[str, Floats]


def pair_results(steps: PairSteps, axes: Axes) -> PairResults:
    """Return the pair after all steps that the scenario has, each conditioned on the success of those before it."""
    if steps.link is None:
        raise ScenarioError("the file: lacks the key `link`.")
    link = link_pair(steps.link, steps.fiber, steps.converter, axes, LinkPlace())
    figures, links = {"link_probability": link.probability}, checks.plain(1.0)
    pair = _kept(link.state, steps, axes)
    if steps.ensemble is not None:
        pair, figures["retrieval_probability"] = retrieved(pair, steps.ensemble, axes)
        links = _tries(links, figures["retrieval_probability"])
    if steps.station is not None:
        (pair, figures["swap_probability"]), count = _swapped(pair, steps.station, axes)
        links = _tries(links * count, figures["swap_probability"])
    if steps.distillation is not None:
        distilled = _distilled(pair, steps.distillation, axes)
        pair, figures["distillation_probability"] = distilled.state, distilled.probability
        links = checks.plain(links * distilled.raw_pairs)
    return PairResults(pair, figures | {"links_per_pair": links})


def _kept(pair: DensityMatrix, steps: PairSteps, axes: Axes) -> DensityMatrix:
    """Return the pair after its halves were moved into storage, have waited, and suffered any other noise."""
    if steps.node is not None:
        pair = moved(pair, steps.node, axes)
    if steps.memory is not None:
        pair = stored(pair, steps.memory, axes)
    return disturbed(pair, steps.noise, axes)


def _tries(links: Floats, probability: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return checks.plain(links / probability)


def _swapped(pair: DensityMatrix, table: Table, axes: Axes) -> tuple[Heralded, int]:
    """Return what is left of equal pairs in a row, and how many pairs these are."""
    given = arguments(table, "station.", axes)
    count, order = given.pop("num_links"), given.pop("order", None)
    with in_words_of("station"):
        station = STATIONS[function_of(table)](**given)
        return swap_chain([pair] * count, stations=station, order=order), count


def _distilled(pair: DensityMatrix, table: Table, axes: Axes) -> Distilled:
    with in_words_of("distillation"):
        return DISTILLATIONS[function_of(table)](pair, **arguments(table, "distillation.", axes))
