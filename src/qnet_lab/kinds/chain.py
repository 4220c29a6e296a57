"""Chains of repeaters: what hardware, over which distances, with how many repeaters."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

import msgspec

from qnet_channels import presets

from ..schema import Distance, Distances, NotNegative, Positive, Probability, Scenario, Table

__all__ = ["ChainScenario", "Place", "Policy"]

Policy = Literal["swap-at-end", "nested", "swap-asap"]
Repeaters = Annotated[int, msgspec.Meta(ge=0, le=4095)]


class Link(Table, frozen=True):
    """How two neighbours are entangled by their photons meeting half-way."""

    scheme: Literal["single-click", "double-click"]
    photon_detection_probability: Probability | None = None
    frequency_conversion_efficiency: Probability | None = None
    bright_population: Probability | None = None
    visibility: Probability | None = None
    phase_std_rad: NotNegative | None = None
    dark_count_probability: Probability | None = None
    number_resolving: bool = False
    preparation_s: NotNegative | None = None
    multiplexing: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None


class FiberTable(Table, frozen=True):
    """The fibre between neighbours and from each to the midpoint."""

    attenuation_db_per_km: NotNegative | None = None
    insertion_loss_db: NotNegative | None = None
    group_index: Annotated[float, msgspec.Meta(ge=1)] | None = None


class MemoryTable(Table, frozen=True):
    """The memories: times may be infinite; ``retrieval_efficiency`` is that of memories that give back photons."""

    t1_s: Positive | None = None
    t2_s: Positive | None = None
    excited_population: Probability | None = None
    swap_in_fidelity: Annotated[float, msgspec.Meta(ge=0.5, le=1)] | None = None
    retrieval_efficiency: Probability | None = None


class StationTable(Table, frozen=True):
    """The Bell measurement of every repeater; fidelities are average gate fidelities."""

    gate_fidelity: Annotated[float, msgspec.Meta(ge=0.25, le=1)] | None = None
    readout_error: Probability | None = None
    success_probability: Probability | None = None


class Chain(Table, frozen=True):
    """How links become end-to-end pairs: ``cutoff_s`` is the longest wait for a partner, "best" that of most key, inf none.

    Swapping at the end without distillation is summed in closed form. Everything else is summed step by step; where links
    come rarely a step is many cycles, and results are right to some 1e-4 of themselves. "nested" takes 2**n links.
    """

    policy: Policy = "swap-at-end"
    cutoff_s: Positive | Literal["best"] | None = None
    distillation: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0


class Direct(Table, frozen=True):
    """Direct transmission, for comparison: signals sent per second."""

    repetition_rate_hz: Positive | None = None


class Sweep(Table, frozen=True):
    """Where the curve is computed: end-to-end distances, and numbers of repeaters."""

    distances_km: Distances
    repeaters: Annotated[list[Repeaters], msgspec.Meta(min_length=1)]


class Place(Table, frozen=True):
    """One point of the curve."""

    distance_km: Distance
    repeaters: Repeaters


class ChainScenario(Scenario, frozen=True, kw_only=True):
    """A chain of repeaters. Numbers of ``platform`` (a preset's name) stand in for those that are not given.

    None stands for the platform's number or the default.
    """

    link: Link
    sweep: Sweep
    kind: Literal["chain"] = "chain"
    platform: str | None = None
    fiber: FiberTable = FiberTable()
    memory: MemoryTable = MemoryTable()
    station: StationTable = StationTable()
    chain: Chain = Chain()
    direct: Direct = Direct()
    may_be_infinite: ClassVar[tuple[str, ...]] = ("memory.t1_s", "memory.t2_s", "chain.cutoff_s")

    def problem(self) -> str | None:
        """Refuse platforms that there are not, and repeaters that are there twice."""
        repeaters = self.sweep.repeaters
        if self.platform is not None and self.platform not in presets():
            return f"key `platform`: expected one of {', '.join(presets())}, but it is {self.platform!r}."
        if len(set(repeaters)) < len(repeaters):
            return f"key `sweep.repeaters`: expected each number once, but it is {repeaters}."
        return self.misfit("sweep.repeaters", repeaters) or Scenario.problem(self)

    def misfit(self, key: str, repeaters: Iterable[int]) -> str | None:
        """Return which of the numbers of repeaters, given by this key, the policy can't be used with."""
        odd = next((count for count in repeaters if count & (count + 1)), None)
        if self.chain.policy != "nested" or odd is None:
            return None
        return f"key `{key}`: expected 2**n - 1 with the policy nested, but it has {odd}."
