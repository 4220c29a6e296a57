"""Which generation of repeaters costs least, each at its best spacing, code and number of rounds."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import parameters
from qnet_core import _checks as checks

from .encoded_repeaters import second_generation
from .one_way import third_generation
from .repeater_hardware import RepeaterCost, RepeaterHardware, require_hardware
from .two_way import first_generation

__all__ = ["BestGeneration", "CheapestChain", "best_generation"]

Floats = checks.Floats
Settings = Mapping[str, ArrayLike]
Candidate = tuple[RepeaterCost, Settings]

_LEVELS = range(10)
_LINK_ROUNDS = range(4)
_LEVEL_ROUNDS = range(2)
_CSS_CODES = (
    (1, 0),
    (7, 1),
    (17, 2),
    (23, 3),
    (47, 5),
    (79, 7),
    (103, 9),
)  # none, Steane, colour, Golay, quadratic residues
_CSS_SPACINGS_KM = np.geomspace(3.0, 150.0, 14)
_BLOCKS = (2, 3, 4, 5, 6, 7, 9, 11, 13, 16, 20, 25, 32, 40)
_QUBITS = (2, 3, 4, 5, 6, 7, 8, 10)
_MOST_QUBITS = 200  # of a parity code
_ONE_WAY_SPACINGS_KM = np.geomspace(0.5, 15.0, 16)


class CheapestChain(NamedTuple):
    """The chain of one generation that costs least; all fields have the shape of the batch.

    Attributes
    ----------
    chain : RepeaterCost
        Its rate, memories, cost and error.
    settings : dict
        Arrays by name: "num_links", and "link_rounds" and "level_rounds" of the first generation, "num_qubits",
        "correctable_errors" and "link_rounds" of the second, "blocks" and "qubits" of the third. NaN where there is no key.
    """

    chain: RepeaterCost
    settings: dict[str, Floats]


class BestGeneration(NamedTuple):
    """Which generation costs least, and the best chain of each.

    Attributes
    ----------
    generation : ndarray of int, shape (...)
        1, 2 or 3; 0 where none gives a key.
    cost_s_per_km : ndarray, shape (3, ...)
        Memory qubits per secret bit per second and kilometre of each generation.
    cheapest : tuple of CheapestChain
        One per generation.
    """

    generation: checks.Ints
    cost_s_per_km: Floats
    cheapest: tuple[CheapestChain, CheapestChain, CheapestChain]


def best_generation(hardware: RepeaterHardware, *, distance_km: ArrayLike) -> BestGeneration:
    """Return which generation of repeaters costs least, for all points of a batch at once.

    Searched are, of the first: 1 to 512 links, up to three rounds of distillation of links and up to one at each level, but
    one at least somewhere; of the second: pairs as they are (``num_qubits`` 1) and six CSS codes of 7 to 103 qubits, 3 to
    150 km between stations, up to two rounds; of the third: parity codes of at most 200 qubits, 0.5 to 15 km. Where no
    error need be corrected at all, the second wins without encoding. Memories don't decay, and coupling, gates and their
    time are all the hardware there is: compare orders of magnitude, not percents.

    Parameters
    ----------
    hardware : RepeaterHardware
        Its fields broadcast with the distance; give each axis of a map its own axis, which also saves time.
    distance_km : array_like
        Greater than 0.

    References
    ----------
    Muralidharan et al., Sci. Rep. 6, 20463 (2016).

    Examples
    --------
    >>> hardware = RepeaterHardware(gate_mixing=[3e-2, 1e-3, 1e-4], coupling_efficiency=[0.5, 0.5, 0.98])
    >>> best_generation(hardware, distance_km=1000.0).generation.tolist()
    [1, 2, 3]
    """
    (distance,) = parameters(positive={"distance_km": distance_km})
    batch = _batch_shape(require_hardware(hardware), distance)
    cheapest = (
        _cheapest(_two_way(hardware, distance), batch),
        _cheapest(_encoded(hardware, distance, len(batch)), batch),
        _cheapest(_one_way(hardware, distance, len(batch)), batch),
    )
    costs = np.stack([best.chain.cost_s / distance for best in cheapest])
    generation = np.where(np.isfinite(costs).any(axis=0), costs.argmin(axis=0) + 1, 0)
    return BestGeneration(generation, costs, cheapest)


def _batch_shape(hardware: RepeaterHardware, distance: Floats) -> checks.Dims:
    fields = ("gate_mixing", "coupling_efficiency", "gate_time_s", "readout_error", "link_infidelity")
    others = ("attenuation_db_per_km", "group_index")
    values = {name: np.asarray(getattr(hardware, name)) for name in (*fields, *others)}
    return checks.broadcast_parameters(values | {"distance_km": distance})


def _two_way(hardware: RepeaterHardware, distance: Floats) -> Iterable[Candidate]:
    for levels, link_rounds, level_rounds in product(_LEVELS, _LINK_ROUNDS, _LEVEL_ROUNDS):
        if link_rounds + levels * level_rounds == 0:
            continue  # the second generation's, without its waiting for messages
        settings = {"link_rounds": link_rounds, "level_rounds": level_rounds}
        result = first_generation(hardware, distance_km=distance, levels=levels, **settings)
        yield _one(result), {"num_links": 2.0**levels, **settings}


def _one(result: RepeaterCost) -> RepeaterCost:
    """Return a result with an axis of one spacing in front."""
    return RepeaterCost(*(np.asarray(field)[None] for field in result))


def _links(distance: Floats, spacings_km: Floats, ndim: int) -> Floats:
    """Return the number of links whose length is nearest to each spacing, on a new axis in front."""
    return checks.plain(np.maximum(np.round(distance / spacings_km.reshape(-1, *(1,) * ndim)), 1.0))


def _encoded(hardware: RepeaterHardware, distance: Floats, ndim: int) -> Iterable[Candidate]:
    links = _links(distance, _CSS_SPACINGS_KM, ndim)
    for (size, most), rounds in product(_CSS_CODES, range(3)):
        code = {"num_qubits": size, "correctable_errors": most, "link_rounds": rounds}
        yield second_generation(hardware, distance_km=distance, num_links=links, **code), {"num_links": links, **code}


def _one_way(hardware: RepeaterHardware, distance: Floats, ndim: int) -> Iterable[Candidate]:
    links = _links(distance, _ONE_WAY_SPACINGS_KM, ndim)
    for blocks, qubits in product(_BLOCKS, _QUBITS):
        if blocks * qubits <= _MOST_QUBITS:
            code = {"blocks": blocks, "qubits": qubits}
            result = third_generation(hardware, distance_km=distance, num_links=links, **code)
            yield result, {"num_links": links, **code}


def _cheapest(candidates: Iterable[Candidate], batch: checks.Dims) -> CheapestChain:
    """Return the candidate of least cost at every point; each has its spacings on the first axis."""
    chain: RepeaterCost | None = None
    settings: dict[str, Floats] = {}
    for result, tried in candidates:
        found, given = _best_spacing(result, tried, batch)
        if chain is None:
            chain, settings = found, given
            continue
        better = found.cost_s < chain.cost_s
        chain = RepeaterCost(*(np.where(better, new, old) for new, old in zip(found, chain, strict=True)))
        settings = {name: np.where(better, given[name], old) for name, old in settings.items()}
    assert chain is not None
    none = np.isinf(chain.cost_s)
    plain = RepeaterCost(*map(checks.plain, chain))
    return CheapestChain(plain, {name: checks.plain(np.where(none, np.nan, old)) for name, old in settings.items()})


def _best_spacing(result: RepeaterCost, tried: Settings, batch: checks.Dims) -> tuple[RepeaterCost, dict[str, Floats]]:
    """Return result and settings at the spacing of least cost."""
    whole = (len(result.cost_s), *batch)
    place = np.broadcast_to(result.cost_s, whole).argmin(axis=0)[None]

    def best(values: ArrayLike) -> Floats:
        return checks.plain(np.take_along_axis(np.broadcast_to(np.asarray(values, float), whole), place, axis=0)[0])

    return RepeaterCost(*map(best, result)), {name: best(value) for name, value in tried.items()}
