"""The parts of a repeater chain in a scenario file, and the chain that they make."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Fiber, cycle_time_s
from qnet_core import Heralded
from qnet_protocols import RepeaterChain
from qnet_protocols.sampling import sample_chain

from .axes import Axes, arguments, in_words_of
from .fiber_tables import fiber_fields, fiber_table
from .pair_links import LinkPlace, link_pair
from .pair_storage import memory_of
from .pair_tables import converter_table, link_tables, memory_table
from .schema import Numbers, Scenario, ScenarioError, Table
from .signatures import function_of, one_of, table_of

__all__ = ["RepeaterParts", "repeater_chain"]

_TABLES = {"links": "links", "memory": "memories", "station": "stations"}
_DEVICES = ("links", "memory", "station", "cycle_s", "communication_s")  # which have tables of their own
_TIMES = ("preparation_s", "cycle_s", "communication_s")
_BESIDE = ("fiber", "converter", *_TIMES)


def _said(text: str, hint: Any = Numbers) -> Any:
    return Annotated[hint, msgspec.Meta(description=text)]


def _calculations() -> list[type[Table]]:
    """Return the tables of both ways to find out what a chain delivers."""
    seed = _said("Of the random numbers.", Annotated[int, msgspec.Meta(ge=0)])
    cycles = _said("Cycles that count as one, for links that come rarely.", Annotated[int, msgspec.Meta(ge=1)])
    given = ("chain", "rng", "progress", "continue_from", "keep_times")
    return [
        table_of(
            RepeaterChain.exact, __name__, tag=("kind", "exact"), leave_out=("self",), more=[("coarsened", cycles, 1)]
        ),
        table_of(sample_chain, __name__, tag=("kind", "sampled"), leave_out=given, more=[("seed", seed)]),
    ]


if TYPE_CHECKING:
    LinkTable: TypeAlias = Table
    MemoryTable: TypeAlias = Table
    StationTable: TypeAlias = Table
    ChainTable: TypeAlias = Table
    CalculationTable: TypeAlias = Table
else:
    _AT = _said("Where the photons meet: the share of the length from the left node to there.")
    _FIBER = fiber_table(__name__, more=[("station_at", _AT, 0.5)])
    _MORE = [
        ("fiber", _FIBER | None, None),
        ("converter", converter_table(__name__) | None, None),
        ("preparation_s", _said("Local part of an attempt, where `cycle_s` follows from the fibre."), 0.0),
        ("cycle_s", _said("Of an attempt with its herald; from the fibre if not given.", Numbers | None), None),
        ("communication_s", _said("Of a message, one way; from the fibre if not given.", Numbers | None), None),
    ]
    LinkTable = one_of(link_tables(__name__, _MORE))
    MemoryTable = memory_table(__name__)
    StationTable = table_of(BellStation, __name__)
    ChainTable = table_of(RepeaterChain, __name__, leave_out=_DEVICES, each=("cutoff_s", "distillation"))
    CalculationTable = one_of(_calculations())

_Links = Annotated[dict[str, LinkTable], msgspec.Meta(min_length=1)]
_Memories = Annotated[dict[str, MemoryTable], msgspec.Meta(min_length=1)]


class RepeaterParts(Scenario, frozen=True, kw_only=True):
    """The tables of a chain: links, memories and stations by their names, from left to right."""

    links: _Links
    memories: _Memories
    stations: dict[str, StationTable] = msgspec.field(default_factory=dict)
    chain: ChainTable = msgspec.field(default_factory=cast("Any", ChainTable))
    calculation: CalculationTable | None = None


def repeater_chain(scenario: RepeaterParts, axes: Axes) -> RepeaterChain:
    """Return the chain of a scenario, the numbers of its axes along dimensions of the batch."""
    links = {name: _link(name, table, axes) for name, table in scenario.links.items()}
    times = [_times(name, table, axes) for name, table in scenario.links.items()]
    memories = [memory_of(table, axes, f"memories.{name}") for name, table in scenario.memories.items()]
    stations = [_station(name, table, axes) for name, table in scenario.stations.items()] or [BellStation()]
    given = arguments(scenario.chain, "chain.", axes)
    with _in_words_of_tables(), in_words_of("chain"):
        return RepeaterChain(
            _one_or_each(list(links.values())), _one_or_each(memories), _one_or_each(stations), **given,
            cycle_s=_one_or_each([cycle for cycle, _ in times]),
            communication_s=_one_or_each([message for _, message in times]),
        )  # fmt: skip


@contextmanager
def _in_words_of_tables() -> Iterator[None]:
    """Name the tables of a chain's devices, where it says what is wrong with how many there are."""
    try:
        yield
    except ScenarioError as error:
        text = str(error)
        for name, table in _TABLES.items():
            text = text.replace(f"key `chain.{name}`", f"key `{table}`")
        raise ScenarioError(text) from None


def _one_or_each(parts: list[Any]) -> Any:
    """Return the one that is for all, or the list with one for each."""
    return parts[0] if len(parts) == 1 else parts


def _link(name: str, table: Any, axes: Axes) -> Heralded:
    key = f"links.{name}"
    place = LinkPlace(key, f"{key}.fiber", f"{key}.converter")
    return link_pair(table, table.fiber, table.converter, axes, place, others=_BESIDE)


def _station(name: str, table: Table, axes: Axes) -> BellStation:
    with in_words_of(f"stations.{name}"):
        return BellStation(**arguments(table, f"stations.{name}.", axes))


def _times(name: str, table: Any, axes: Axes) -> tuple[ArrayLike, ArrayLike]:
    """Return the duration of an attempt and of a message, which follow from the fibre where they are not given."""
    key = f"links.{name}"
    given: Mapping[str, Any] = arguments(table, f"{key}.", axes)
    latency = _latency(table, axes, f"{key}.fiber")
    if table.cycle_s is None and table.fiber is None and not np.any(given["preparation_s"]):
        raise ScenarioError(f"key `{key}`: lacks the key `cycle_s`, and there is no fibre from which it follows.")
    there_and_back = function_of(table) == "cavity-reflection"
    with in_words_of(key):
        cycle = cycle_time_s(
            "sender-receiver" if there_and_back else "midpoint", latency_s=latency, preparation_s=given["preparation_s"]
        )
    return given.get("cycle_s", cycle), given.get("communication_s", latency)


def _latency(table: Any, axes: Axes, key: str) -> ArrayLike:
    if table.fiber is None:
        return 0.0
    fields = fiber_fields(table.fiber, axes, key)
    fields.pop("station_at")
    with in_words_of(key):
        return Fiber(**fields).latency_s
