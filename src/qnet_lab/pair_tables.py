"""The tables of a scenario of pairs, each made from the functions and devices that take its numbers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec

from qnet_channels import Memory

from .fiber_tables import fiber_table
from .pair_steps import ARMS, DISTILLATIONS, SCHEMES, STATIONS
from .pair_uses import USES
from .schema import Numbers, Scenario, Table
from .signatures import one_of, table_of

__all__ = ["MEMORY", "PairSteps"]

MEMORY = ("t1_s", "t2_s", "excited_population", "decay_exponent")  # what a platform may give


def _link_tables() -> list[type[Table]]:
    """Return a table for each scheme."""
    return [
        table_of(
            function, __name__, tag=("scheme", name), optional=("transmissivity", "link_transmissivity"),
            arms=ARMS.get(name, ()),
        )
        for name, function in SCHEMES.items()
    ]  # fmt: skip


def _station_tables() -> list[type[Table]]:
    """Return a table for each kind of station, with the links that are joined."""
    count = ("num_links", Annotated[int, msgspec.Meta(ge=1, le=4096, description="Links that are joined.")], 2)
    order = ("order", Literal["sequential", "nested"] | None, None)
    return [
        table_of(function, __name__, tag=("kind", name), arms=ARMS.get(name, ()), more=(count, order))
        for name, function in STATIONS.items()
    ]


def _step_tables(functions: Mapping[str, Callable[..., Any]], key: str) -> list[type[Table]]:
    given = ("pair", "protocol", "function", "num_pairs")
    return [table_of(function, __name__, tag=(key, name), leave_out=given) for name, function in functions.items()]


if TYPE_CHECKING:
    LinkTable: TypeAlias = Table
    FiberTable: TypeAlias = Table
    MemoryTable: TypeAlias = Table
    StationTable: TypeAlias = Table
    DistillationTable: TypeAlias = Table
    UseTable: TypeAlias = Table
else:
    _AT = (
        "Where the photons meet: the share of the length from the left node to there. Only of schemes where they meet."
    )
    _ROLE = Literal["storage", "communication"]
    LinkTable = one_of(_link_tables())
    FiberTable = fiber_table(__name__, more=[("station_at", Annotated[Numbers, msgspec.Meta(description=_AT)], 0.5)])
    MemoryTable = table_of(
        Memory,
        __name__,
        optional=MEMORY,
        more=[("duration_s", Numbers), ("platform", str | None, None), ("role", _ROLE, "storage")],
    )
    StationTable = one_of(_station_tables())
    DistillationTable = one_of(_step_tables(DISTILLATIONS, "protocol"))
    UseTable = one_of(_step_tables(USES, "name"))


class PairSteps(Scenario, frozen=True, kw_only=True):
    """The steps from a link to the use of a pair."""

    link: LinkTable
    fiber: FiberTable | None = None
    memory: MemoryTable | None = None
    station: StationTable | None = None
    distillation: DistillationTable | None = None
    protocol: UseTable | None = None
