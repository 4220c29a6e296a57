"""From a link to the use of its pairs: each step one call for all points of the axes."""

from typing import Any, NamedTuple

import numpy as np

from qnet_channels import Fiber, Memory, Quantity, preset, presets, swap_chain
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .axes import Axes, arguments, in_words_of
from .fiber_tables import fiber_fields
from .pair_steps import DISTILLATIONS, SCHEMES, STATIONS, Distilled
from .pair_tables import MEMORY, PairSteps
from .pair_uses import USES
from .schema import ScenarioError, Table
from .signatures import function_of

__all__ = ["PairResults", "pair_results", "platform_numbers"]

Floats = checks.Floats
_GIVEN = ("werner", "bell-diagonal")  # links that are states and have no photons
_REFLECTING = "cavity-reflection"  # whose photon goes all the way


class PairResults(NamedTuple):
    """The last pair, and figures of all steps by the names of variables."""

    state: DensityMatrix
    figures: dict[str, Floats]


def pair_results(steps: PairSteps, axes: Axes) -> PairResults:
    """Return the pair after all steps that the scenario has, each conditioned on the success of those before it."""
    link = _link(steps, axes)
    pair, figures, links = link.state, {"link_probability": link.probability}, checks.plain(1.0)
    if steps.memory is not None:
        pair = _stored(pair, steps.memory, axes)
    if steps.station is not None:
        swapped, links = _swapped(pair, steps.station, axes)
        pair, figures["swap_probability"] = swapped
    if steps.distillation is not None:
        distilled = _distilled(pair, steps.distillation, axes)
        pair, figures["distillation_probability"] = distilled.state, distilled.probability
        links = checks.plain(links * distilled.raw_pairs)
    figures["links_per_pair"] = links
    return PairResults(pair, figures | _used(pair, steps.protocol, axes))


def _link(steps: PairSteps, axes: Axes) -> Heralded:
    scheme, given = function_of(steps.link), arguments(steps.link, "link.", axes)
    if steps.fiber is not None:
        given |= _with_fiber(steps.fiber, scheme, given, axes)
    elif scheme not in (*_GIVEN, _REFLECTING) and _arms(given.get("transmissivity"))[0] is None:
        raise ScenarioError("key `link`: lacks the key `transmissivity`, and there is no table `fiber`.")
    with in_words_of("link"):
        return SCHEMES[scheme](**given)


def _with_fiber(table: Table, scheme: str, given: dict[str, Any], axes: Axes) -> dict[str, Any]:
    """Return the transmissivity of a link with its fibre, (left, right) where photons meet on the way."""
    if scheme in _GIVEN:
        raise ScenarioError(f"table `fiber`: expected only with schemes that send photons, but the scheme is {scheme}.")
    name = "link_transmissivity" if scheme == _REFLECTING else "transmissivity"
    with in_words_of("link"):
        own = [1.0 if one is None else checks.probability(one, name) for one in _arms(given.get(name))]
    fields = fiber_fields(table, axes)
    share = fields.pop("station_at")
    with in_words_of("fiber"):
        if scheme == _REFLECTING:
            return {name: own[0] * _whole(fields, share)}
        fibers = _arms_of_fiber(fields, checks.probability(share, "station_at"))
    return {name: tuple(one * through for one, through in zip(own, fibers, strict=True))}


def _arms(value: Any) -> tuple[Any, Any]:
    return value if isinstance(value, tuple) else (value, value)


def _whole(fields: dict[str, Any], share: Any) -> Floats:
    if np.any(np.asarray(share) != 0.5):
        raise ScenarioError("key `fiber.station_at`: expected only with schemes whose photons meet on the way.")
    return Fiber(**fields).transmissivity


def _arms_of_fiber(fields: dict[str, Any], share: Floats) -> list[Floats]:
    """Return those from both ends to where photons meet; all but the length counts in each arm."""
    length_km = np.asarray(Fiber(**fields).length_km)
    return [Fiber(**fields | {"length_km": length_km * part}).transmissivity for part in (share, 1 - share)]


def platform_numbers(table: Any) -> dict[str, Quantity]:
    """Return the numbers of a memory's platform that the file does not give itself."""
    if table is None or table.platform is None:
        return {}
    if table.platform not in presets():
        known = ", ".join(presets())
        raise ScenarioError(f"key `memory.platform`: expected one of {known}, but it is {table.platform!r}.")
    found = preset(table.platform).sheet.memories
    if table.role not in found:
        have = ", ".join(found) or "none"
        raise ScenarioError(f"key `memory.role`: expected one of {have}, but it is {table.role!r}.")
    roles = found[table.role]
    numbers = dict(zip(MEMORY, (roles.t1, roles.t2, roles.excited_population, roles.exponent), strict=True))
    return {name: number for name, number in numbers.items() if getattr(table, name) is None}


def _stored(pair: DensityMatrix, table: Table, axes: Axes) -> DensityMatrix:
    """Return the pair after both halves have waited."""
    theirs = {name: number.value for name, number in platform_numbers(table).items()}
    own = arguments(table, "memory.", axes)
    given = theirs | {name: value for name, value in own.items() if name not in ("platform", "role", "duration_s")}
    for name in ("t1_s", "t2_s"):
        if name not in given:
            raise ScenarioError(f"key `memory`: lacks the key `{name}`, and no `platform` is given.")
    with in_words_of("memory"):
        decay = Memory(**given).decay(duration_s=own["duration_s"])
        return pair.apply(decay, 0).apply(decay, 1)


def _swapped(pair: DensityMatrix, table: Table, axes: Axes) -> tuple[Heralded, Floats]:
    """Return what is left of equal pairs in a row, and how many of them it takes."""
    given = arguments(table, "station.", axes)
    count, order = given.pop("num_links"), given.pop("order", None)
    with in_words_of("station"):
        station = STATIONS[function_of(table)](**given)
        swapped = swap_chain([pair] * count, stations=station, order=order)
    with np.errstate(divide="ignore"):
        return swapped, checks.plain(count / swapped.probability)


def _distilled(pair: DensityMatrix, table: Table, axes: Axes) -> Distilled:
    with in_words_of("distillation"):
        return DISTILLATIONS[function_of(table)](pair, **arguments(table, "distillation.", axes))


def _used(pair: DensityMatrix, table: Table | None, axes: Axes) -> dict[str, Floats]:
    if table is None:
        return {}
    with in_words_of("protocol"):
        return USES[function_of(table)](pair, **arguments(table, "protocol.", axes))
