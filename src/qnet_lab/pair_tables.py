"""The tables of a scenario of pairs, each made from the functions and devices that take its numbers."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec

from qnet_channels import EnsembleMemory, FrequencyConverter, Memory, MemoryNode

from .fiber_tables import fiber_table
from .pair_distillations import DISTILLATIONS
from .pair_noise import noise_tables
from .pair_steps import ARMS, SCHEMES, STATIONS
from .schema import Numbers, Scenario, Table
from .signatures import Field, one_of, table_of

__all__ = ["MEMORY", "LinkTable", "PairSteps", "converter_table", "link_tables", "memory_table", "step_tables"]

MEMORY = ("t1_s", "t2_s", "excited_population", "decay_exponent")  # what a platform may give


def link_tables(module: str, more: Iterable[Field] = ()) -> list[type[Table]]:
    """Return a table for each scheme, with more keys."""
    return [
        table_of(
            function, module, tag=("scheme", name), optional=("transmissivity", "link_transmissivity"),
            arms=ARMS.get(name, ()), more=more,
        )
        for name, function in SCHEMES.items()
    ]  # fmt: skip


def memory_table(module: str, more: Iterable[Field] = ()) -> type[Table]:
    """Return the table of a memory, with more keys; what a platform may give need not be given."""
    role = Literal["storage", "communication"]
    named: list[Field] = [("platform", str | None, None), ("role", role, "storage")]
    return table_of(Memory, module, optional=MEMORY, more=[*more, *named])


def converter_table(module: str) -> type[Table]:
    """Return the table of the frequency converters with which both arms of a link begin."""
    window = Annotated[Numbers | None, msgspec.Meta(description="In which clicks count, and noise with them.")]
    seen = Annotated[Numbers, msgspec.Meta(description="That a noise photon at the end of the fibre is a click.")]
    return table_of(FrequencyConverter, module, more=[("window_s", window, None), ("detector_efficiency", seen, 1.0)])


def _node_table() -> type[Table]:
    """Return the table of a node with its two kinds of qubits."""
    attempts = Annotated[Numbers, msgspec.Meta(description="Attempts at links that are made while the pair is stored.")]
    memory = memory_table(f"{__name__}.node")
    more: list[Field] = [
        ("communication", memory), ("storage", memory), ("attempts", attempts, 0.0), ("attempt_duration_s", Numbers, 0.0)
    ]  # fmt: skip
    return table_of(MemoryNode, __name__, leave_out=("num_storage",), more=more)


def _station_tables() -> list[type[Table]]:
    """Return a table for each kind of station, with the links that are joined."""
    count = ("num_links", Annotated[int, msgspec.Meta(ge=1, le=4096, description="Links that are joined.")], 2)
    order = ("order", Literal["sequential", "nested"] | None, None)
    return [
        table_of(function, __name__, tag=("kind", name), arms=ARMS.get(name, ()), more=(count, order))
        for name, function in STATIONS.items()
    ]


def step_tables(functions: Mapping[str, Callable[..., Any]], key: str, module: str) -> list[type[Table]]:
    """Return a table for each function of a state."""
    given = ("pair", "ghz", "protocol", "function", "num_pairs")
    return [table_of(function, module, tag=(key, name), leave_out=given) for name, function in functions.items()]


if TYPE_CHECKING:
    LinkTable: TypeAlias = Table
    FiberTable: TypeAlias = Table
    ConverterTable: TypeAlias = Table
    NodeTable: TypeAlias = Table
    EnsembleTable: TypeAlias = Table
    NoiseTable: TypeAlias = Table
    MemoryTable: TypeAlias = Table
    StationTable: TypeAlias = Table
    DistillationTable: TypeAlias = Table
else:
    _AT = (
        "Where the photons meet: the share of the length from the left node to there. Only of schemes where they meet."
    )
    LinkTable = one_of(link_tables(__name__))
    FiberTable = fiber_table(__name__, more=[("station_at", Annotated[Numbers, msgspec.Meta(description=_AT)], 0.5)])
    ConverterTable = converter_table(__name__)
    NodeTable = _node_table()
    MemoryTable = memory_table(__name__, [("duration_s", Numbers)])
    EnsembleTable = table_of(EnsembleMemory, __name__, leave_out=("num_modes",), more=[("duration_s", Numbers)])
    NoiseTable = one_of(noise_tables(__name__))
    StationTable = one_of(_station_tables())
    DistillationTable = one_of(step_tables(DISTILLATIONS, "protocol", __name__))


class PairSteps(Scenario, frozen=True, kw_only=True):
    """The steps from a link to a distilled pair, in this order."""

    may_be_infinite: ClassVar[tuple[str, ...]] = (
        "memory.t1_s", "memory.t2_s", "node.*.t1_s", "node.*.t2_s", "node.attempts_to_dephase", "ensemble.lifetime_s",
        "noise.*.t1_s", "noise.*.t2_s", "noise.*.t2_star_s",
        "distillation.t1_s", "distillation.t2_s", "protocol.t1_s", "protocol.t2_s",
    )  # fmt: skip
    link: LinkTable | None = None
    fiber: FiberTable | None = None
    converter: ConverterTable | None = None
    node: NodeTable | None = None
    memory: MemoryTable | None = None
    noise: dict[str, NoiseTable] = msgspec.field(default_factory=dict)
    ensemble: EnsembleTable | None = None
    station: StationTable | None = None
    distillation: DistillationTable | None = None
