"""Links between trusted nodes as tables of scenario files, and the keys of their two ends."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, NamedTuple

import msgspec
import numpy as np

from qnet_channels import Fiber
from qnet_protocols import finite_decoy_bb84

from .decoy_pulses import DecoyPulses, long_key
from .downlinks import Satellite
from .pass_keys import Station, pass_keys, pass_problem
from .schema import Distance, Fraction, NotNegative, Positive, Probability, Table

__all__ = [
    "Ends", "FiberSpan", "NodeFiber", "NodeReceiver", "SatelliteRelay", "TrustedLink", "fiber_links", "links_problem",
    "named_nodes", "satellite_links",
]  # fmt: skip

Ends = Annotated[list[str], msgspec.Meta(min_length=2, max_length=2)]
Number = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_DAY_S = 86_400.0
_NUM_TIMES = 401  # moments of a pass


class NodeReceiver(Table, frozen=True):
    """The receiver of every hop: its detectors, clicks per pulse that are no photons, errors of photons."""

    efficiency: Fraction
    background_yield: Probability
    misalignment: Annotated[float, msgspec.Meta(ge=0, le=0.5)]


class NodeFiber(Table, frozen=True):
    """The fibre of every hop, and what a hop loses besides."""

    attenuation_db_per_km: NotNegative
    insertion_loss_db: NotNegative = 0.0


class FiberSpan(Table, frozen=True):
    """A line of equal hops between two named nodes, and how many links run beside one another on each hop."""

    between: Ends
    length_km: Distance
    num_hops: Number = 1
    parallel_links: Number = 1


class SatelliteRelay(Table, frozen=True):
    """A satellite, a trusted node as well, that makes a key with either station in its passes: so many per day over each."""

    between: Ends
    passes_per_day: Positive
    transmitter: DecoyPulses
    satellite: Satellite
    station_a: Station
    station_b: Station


class TrustedLink(NamedTuple):
    """Two nodes and the key that they make."""

    start: str
    end: str
    length_km: float  # of fibre; NaN over a satellite
    loss_db: float  # at the least, as a satellite's changes
    error_rate: float
    key_rate_bit_per_s: float
    pass_key_rate_bit_per_s: float  # while a satellite is in sight; NaN without one
    epsilon_secrecy: float
    epsilon_correctness: float


def fiber_links(
    spans: Mapping[str, FiberSpan], fiber: NodeFiber, receiver: NodeReceiver, pulses: DecoyPulses, block_s: float | None
) -> list[TrustedLink]:
    """Return the links of all spans, by decoy BB84: in the limit of long keys, or with blocks of this duration."""
    hop_km = np.array([span.length_km / span.num_hops for span in spans.values()])
    line = Fiber(hop_km, fiber.attenuation_db_per_km, fiber.insertion_loss_db)
    eta = np.asarray(line.transmissivity) * receiver.efficiency
    found = long_key(pulses, eta, receiver.background_yield, receiver.misalignment)
    rates = found.rate_hz if block_s is None else _block_rates(receiver, pulses, eta, block_s)
    losses = fiber.attenuation_db_per_km * hop_km + fiber.insertion_loss_db
    epsilons = (0.0, 0.0) if block_s is None else (pulses.epsilon_secrecy, pulses.epsilon_correctness)
    links = []
    for k, (name, span) in enumerate(spans.items()):
        beside = span.parallel_links
        numbers = hop_km[k], losses[k], found.error_rate[k], beside * rates[k], np.nan
        together = [beside * one for one in epsilons]
        links += [TrustedLink(*ends, *map(float, (*numbers, *together))) for ends in span_ends(name, span)]
    return links


def _block_rates(receiver: NodeReceiver, pulses: DecoyPulses, eta: np.ndarray, block_s: float) -> np.ndarray:
    block = finite_decoy_bb84(
        num_pulses=pulses.repetition_rate_hz * block_s,
        intensities=pulses.intensities,
        intensity_probabilities=pulses.shares,
        key_basis_probability=pulses.key_basis_probability,
        transmissivity=eta,
        background_yield=receiver.background_yield,
        misalignment_error=receiver.misalignment,
        reconciliation_efficiency=pulses.error_correction_inefficiency,
        epsilon_secrecy=pulses.epsilon_secrecy,
        epsilon_correctness=pulses.epsilon_correctness,
    )
    return np.asarray(block.key_length / block_s)


def span_ends(name: str, span: FiberSpan) -> list[tuple[str, str]]:
    """Return both nodes of each hop; nodes within a span are numbered."""
    inner = [f"{name} {k}" for k in range(1, span.num_hops)]
    nodes = [span.between[0], *inner, span.between[1]]
    return list(pairwise(nodes))


def satellite_links(relays: Mapping[str, SatelliteRelay]) -> list[TrustedLink]:
    """Return both links of each satellite, with keys of whole passes spread over the day."""
    links = []
    for name, relay in relays.items():
        found = pass_keys(relay.transmitter, relay.satellite, (relay.station_a, relay.station_b), _NUM_TIMES)
        for k, station in enumerate(relay.between):
            clicks = found.click_rate_hz[k]
            per_day = found.key_bit[k] * relay.passes_per_day
            numbers = (
                np.nan, np.nanmin(found.loss_db[k]), np.nansum(clicks * found.error_rate[k]) / np.nansum(clicks),
                per_day / _DAY_S, found.key_bit[k] / found.duration_s[k],
                relay.transmitter.epsilon_secrecy, relay.transmitter.epsilon_correctness,
            )  # fmt: skip
            links.append(TrustedLink(station, name, *map(float, numbers)))
    return links


def named_nodes(spans: Mapping[str, FiberSpan], relays: Mapping[str, SatelliteRelay]) -> dict[str, None]:
    """Return the nodes on the ground that have names, in the order of the file."""
    ends = [*(span.between for span in spans.values()), *(relay.between for relay in relays.values())]
    return {node: None for pair in ends for node in pair}


def links_problem(spans: Mapping[str, FiberSpan], relays: Mapping[str, SatelliteRelay]) -> str | None:
    """Return what is wrong with links that no single number shows, or None."""
    joined: dict[frozenset[str], str] = {}
    for name, span in spans.items():
        if span.between[0] == span.between[1]:
            return f"key `spans.{name}.between`: expected two different nodes, but it is {span.between}."
        for ends in map(frozenset, span_ends(name, span)):
            if ends in joined:
                return f"key `spans.{name}.between`: expected nodes that spans.{joined[ends]} does not join already."
            joined[ends] = name
    if taken := named_nodes(spans, relays).keys() & set(relays):
        return f"key `relays.{min(taken)}`: expected a name that no node on the ground has."
    return next(filter(None, (_relay_problem(f"relays.{name}.", relay) for name, relay in relays.items())), None)


def _relay_problem(prefix: str, relay: SatelliteRelay) -> str | None:
    if relay.between[0] == relay.between[1]:
        return f"key `{prefix}between`: expected two different nodes, but it is {relay.between}."
    stations: Sequence[tuple[str, Station]] = [
        (f"{prefix}station_a", relay.station_a), (f"{prefix}station_b", relay.station_b),
    ]  # fmt: skip
    return relay.transmitter.problem(f"{prefix}transmitter.") or pass_problem(relay.satellite, stations)
