"""A network of trusted nodes: the key of each hop, and the key that two nodes have over the hops between them."""

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np

from qnet_protocols import TrustedRoute, combined_routes, disjoint_routes, stored_key, trusted_route

from ..decoy_pulses import DecoyPulses
from ..provenance import labelled, numbers_of, reported
from ..schema import Count, NotNegative, Positive, Probability, Scenario, Table
from ..tables import row_table
from ..trusted_links import (
    Ends,
    FiberSpan,
    NodeFiber,
    NodeReceiver,
    SatelliteRelay,
    TrustedLink,
    fiber_links,
    links_problem,
    named_nodes,
    satellite_links,
)

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["TrustedNetworkScenario", "evaluate", "summarize"]

_LABELS = {
    "hop": ("1", "hop"),
    "hop_start": ("1", "first node of the hop"),
    "hop_end": ("1", "second node of the hop"),
    "hop_route": ("1", "route of the hop"),
    "hop_length_km": ("km", "fibre of the hop"),
    "hop_loss_db": ("dB", "loss of the hop"),
    "hop_error_rate": ("1", "quantum bit error rate of the hop"),
    "hop_key_rate_bit_per_s": ("bit/s", "secret-key rate of the hop"),
    "hop_pass_key_rate_bit_per_s": ("bit/s", "secret-key rate of the hop while a satellite is in sight"),
    "route": ("1", "route"),
    "route_key_rate_bit_per_s": ("bit/s", "secret-key rate of the route"),
    "route_relays": ("1", "trusted relays of the route"),
    "route_compromise_probability": ("1", "probability that a relay of the route is corrupt"),
    "key_rate_bit_per_s": ("bit/s", "secret-key rate of all routes combined"),
    "compromise_probability": ("1", "probability that all routes have a corrupt relay"),
    "epsilon_secrecy": ("1", "secrecy parameter of the combined key"),
    "epsilon_correctness": ("1", "correctness parameter of the combined key"),
    "time_s": ("s", "time"),
    "stored_key_bit": ("bit", "key in the store of the ends"),
    "unmet_key_bit": ("bit", "key that was asked for in vain"),
}


class Route(Table, frozen=True):
    """The two nodes that want a key, and how likely it is that a relay between them is corrupt, each for itself."""

    ends: Ends
    corrupt_probability: Probability


class Blocks(Table, frozen=True):
    """How long a hop of fibre collects pulses for one finite key; without it keys are long, and epsilons 0."""

    duration_s: Positive | None = None


class Store(Table, frozen=True):
    """The store of key at both ends: what is there at first, what it holds, and what is taken out."""

    initial_bit: NotNegative
    consumption_bit_per_s: NotNegative
    capacity_bit: Positive | None = None


class Reported(Table, frozen=True):
    """What was measured, for comparison: it enters no formula."""

    pass_key_rate_bit_per_s: NotNegative | None = None


class Sweep(Table, frozen=True):
    """Moments at which the store is looked at, from 0 on."""

    duration_s: Positive
    num_times: Count


class TrustedNetworkScenario(Scenario, frozen=True, kw_only=True):
    """Nodes that trust one another, joined by spans of fibre and by satellites.

    Two nodes get a key over all routes that share no node: of each route its hops' keys pass it on, and the XOR over all
    routes is secret as long as one of them has no corrupt relay.
    """

    route: Route
    transmitter: DecoyPulses
    receiver: NodeReceiver
    fiber: NodeFiber
    spans: Annotated[dict[str, FiberSpan], msgspec.Meta(min_length=1)]
    store: Store
    sweep: Sweep
    kind: Literal["trusted-network"] = "trusted-network"
    blocks: Blocks = Blocks()
    relays: dict[str, SatelliteRelay] = msgspec.field(default_factory=dict)
    reported: Reported = Reported()

    def problem(self) -> str | None:
        """Return what is wrong with pulses, passes or links, or None."""
        links = links_problem(self.spans, self.relays)
        pulses = self.transmitter.problem("transmitter.")
        return super().problem() or pulses or links or self._lost_end() or self._full_store()

    def _full_store(self) -> str | None:
        """Return that more is in the store than it holds, or None."""
        first, most = self.store.initial_bit, self.store.capacity_bit
        if most is None or first <= most:
            return None
        return f"key `store.initial_bit`: expected at most capacity_bit = {most:g}, but it is {first:g}."

    def _lost_end(self) -> str | None:
        """Return why there is no route, or None."""
        named = named_nodes(self.spans, self.relays)
        for node in self.route.ends:
            if node not in named:
                return f"key `route.ends`: expected two of {', '.join(named)}, but it is {self.route.ends}."
        joined = [*(span.between for span in self.spans.values()), *(relay.between for relay in self.relays.values())]
        ways = [(first, second) for first, second in joined]
        if self.route.ends[0] == self.route.ends[1] or not disjoint_routes(ways, *self.route.ends):
            return f"key `route.ends`: expected two nodes that links join, but it is {self.route.ends}."
        return None


def _routes(scenario: TrustedNetworkScenario) -> list[list[TrustedLink]]:
    """Return the links of each route, in its order and direction."""
    fiber = fiber_links(
        scenario.spans, scenario.fiber, scenario.receiver, scenario.transmitter, scenario.blocks.duration_s
    )
    links = {(one.start, one.end): one for one in (*fiber, *satellite_links(scenario.relays))}
    links |= {(end, start): one._replace(start=end, end=start) for (start, end), one in links.items()}
    ways = disjoint_routes([(one.start, one.end) for one in links.values()], *scenario.route.ends)
    return [[links[str(a), str(b)] for a, b in pairwise(way)] for way in ways]


def _composed(links: list[TrustedLink], corrupt_probability: float) -> TrustedRoute:
    """Return the key of a route; its hops' security parameters, which may differ, add up."""
    route = trusted_route([one.key_rate_bit_per_s for one in links], corrupt_probability=corrupt_probability)
    secrecy, correctness = sum(one.epsilon_secrecy for one in links), sum(one.epsilon_correctness for one in links)
    return route._replace(
        epsilon_secrecy=np.asarray(min(1.0, secrecy)), epsilon_correctness=np.asarray(min(1.0, correctness))
    )


def evaluate(scenario: TrustedNetworkScenario) -> "xr.Dataset":
    """Return the key of every hop, of each route, of all routes combined, and what the store of the ends holds.

    A hop of fibre gives the key of ``decoy_bb84``, or of ``finite_decoy_bb84`` with blocks of the given duration, once for
    each of its parallel links; a satellite makes the finite key of a pass with either station, so many times a day, and
    is a relay like any other. The slowest hop sets the rate of a route and the slowest route that of the combined key,
    whose store fills and empties at steady rates.
    """
    import xarray as xr

    routes = _routes(scenario)
    composed = [_composed(links, scenario.route.corrupt_probability) for links in routes]
    combined = combined_routes(composed)
    time_s = np.linspace(0.0, scenario.sweep.duration_s, scenario.sweep.num_times)
    store = scenario.store
    stored = stored_key(
        initial_bits=store.initial_bit, key_rate_hz=combined.key_rate_hz, duration_s=time_s,
        consumption_rate_hz=store.consumption_bit_per_s, capacity_bits=store.capacity_bit,
    )  # fmt: skip
    hops = [(k, one) for k, links in enumerate(routes) for one in links]
    shown = ("length_km", "loss_db", "error_rate", "key_rate_bit_per_s", "pass_key_rate_bit_per_s")
    dataset = xr.Dataset(
        {
            **{f"hop_{name}": ("hop", [getattr(one, name) for _, one in hops]) for name in shown},
            "route_key_rate_bit_per_s": ("route", [float(one.key_rate_hz) for one in composed]),
            "route_relays": ("route", [len(links) - 1 for links in routes]),
            "route_compromise_probability": ("route", [float(one.compromise_probability) for one in composed]),
            "key_rate_bit_per_s": combined.key_rate_hz, "compromise_probability": combined.compromise_probability,
            "epsilon_secrecy": combined.epsilon_secrecy, "epsilon_correctness": combined.epsilon_correctness,
            "stored_key_bit": ("time_s", stored.num_bits), "unmet_key_bit": ("time_s", stored.unmet_bits),
        },
        {
            "hop": np.arange(len(hops)), "hop_route": ("hop", [k for k, _ in hops]), "time_s": time_s,
            "hop_start": ("hop", [one.start for _, one in hops]), "hop_end": ("hop", [one.end for _, one in hops]),
            "route": np.arange(len(routes)),
        },
    )  # fmt: skip
    return labelled(dataset, scenario, numbers_of(scenario), _LABELS)


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few hops, the slowest one, and the key of the two ends."""
    columns = {
        "route": dataset["hop_route"] + 1, "km": dataset["hop_length_km"], "loss dB": dataset["hop_loss_db"],
        "errors": dataset["hop_error_rate"], "bit/s": dataset["hop_key_rate_bit_per_s"],
    }  # fmt: skip
    slowest = dataset.isel(hop=int(np.argmin(dataset["hop_key_rate_bit_per_s"].values)))
    ends = " to ".join(json.loads(dataset.attrs["scenario"])["route"]["ends"])
    best, count = float(dataset["route_key_rate_bit_per_s"].max()), dataset.sizes["route"]
    over = "over one route" if count == 1 else f"over {count} routes combined, {best:.4g} bit/s over the best of them"
    lines = [
        row_table(dataset, "hop", columns),
        f"slowest hop: {slowest['hop_start'].item()} to {slowest['hop_end'].item()}",
        f"{ends}: {float(dataset['key_rate_bit_per_s']):.4g} bit/s {over}",
        f"known to a corrupt relay with probability {float(dataset['compromise_probability']):.3g}; epsilon "
        f"{float(dataset['epsilon_secrecy']):.3g} (secrecy), {float(dataset['epsilon_correctness']):.3g} (correctness)",
    ]
    return "\n".join([*lines, *_pass_lines(dataset)])


def _pass_lines(dataset: "xr.Dataset") -> list[str]:
    """Return what is said of satellites, if there are any."""
    measured, rates = reported(dataset, "pass_key_rate_bit_per_s"), dataset["hop_pass_key_rate_bit_per_s"]
    found = [f"{float(rate):.3g}" for rate in rates.values if np.isfinite(rate)]
    text = f"bit/s of a satellite in sight: {', '.join(found)}"
    return [] if not found else [text + (f" (reported: {measured:.3g})" if measured else "")]
