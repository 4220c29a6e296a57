"""The kinds of scenarios, and what is done with each: evaluate, draw, summarize."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .curve import fidelity_distance_curve
from .kinds import (
    application,
    coexistence,
    distributed_circuit,
    generations,
    key_rate,
    pairs,
    reach,
    relay_pass,
    repeater_chain,
    satellite_pairs,
    session,
    teleportation_network,
    trusted_network,
)
from .kinds.chain import ChainScenario
from .plots import plot_chain
from .provenance import kind_of
from .schema import Scenario, ScenarioError
from .tables import chain_table
from .trusted_plots import plot_trusted_network

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Kind", "evaluate_scenario", "plot_overview", "summarize"]


class Kind(NamedTuple):
    """A kind of scenario: what its files hold, and functions from such a scenario to its dataset, figure and summary."""

    scenario: type[Scenario]
    evaluate: "Callable[[Any], xr.Dataset]"
    plot: "Callable[[xr.Dataset], Figure]"
    summarize: "Callable[[xr.Dataset], str]"


# by the key ``kind`` of a file
KINDS: Mapping[str, Kind] = {
    "application": Kind(application.ApplicationScenario, application.evaluate, application.plot, application.summarize),
    "chain": Kind(ChainScenario, fidelity_distance_curve, plot_chain, chain_table),
    "coexistence": Kind(
        coexistence.CoexistenceScenario, coexistence.evaluate, coexistence.plot, coexistence.summarize
    ),
    "distributed-circuit": Kind(
        distributed_circuit.DistributedCircuitScenario, distributed_circuit.evaluate, distributed_circuit.plot,
        distributed_circuit.summarize,
    ),
    "generations": Kind(generations.GenerationsScenario, generations.evaluate, generations.plot, generations.summarize),
    "key-rate": Kind(key_rate.KeyRateScenario, key_rate.evaluate, key_rate.plot, key_rate.summarize),
    "pairs": Kind(pairs.PairsScenario, pairs.evaluate, pairs.plot, pairs.summarize),
    "reach": Kind(reach.ReachScenario, reach.evaluate, reach.plot, reach.summarize),
    "relay-pass": Kind(relay_pass.RelayPassScenario, relay_pass.evaluate, relay_pass.plot, relay_pass.summarize),
    "repeater-chain": Kind(
        repeater_chain.RepeaterChainScenario, repeater_chain.evaluate, repeater_chain.plot, repeater_chain.summarize
    ),
    "satellite-pairs": Kind(
        satellite_pairs.SatellitePairsScenario, satellite_pairs.evaluate, satellite_pairs.plot, satellite_pairs.summarize
    ),
    "session": Kind(session.SessionScenario, session.evaluate, session.plot, session.summarize),
    "teleportation-network": Kind(
        teleportation_network.TeleportationNetworkScenario, teleportation_network.evaluate, teleportation_network.plot,
        teleportation_network.summarize,
    ),
    "trusted-network": Kind(
        trusted_network.TrustedNetworkScenario, trusted_network.evaluate, plot_trusted_network, trusted_network.summarize
    ),
}  # fmt: skip


def evaluate_scenario(scenario: Scenario, *, progress: bool = False) -> "xr.Dataset":
    """Return the dataset of a scenario of any kind, as ``qnet curve`` writes it.

    Equal scenarios give equal datasets: the attributes hold the scenario, every number with unit, grade and source,
    and the version, but no date. ``progress`` shows a bar on a terminal for long curves of chains.

    >>> from qnet_lab import load_scenario
    >>> dataset = evaluate_scenario(load_scenario("fibre_or_satellite"))
    >>> dataset["crossover_km"].values.round().tolist()
    [289.0, 666.0]
    """
    if isinstance(scenario, ChainScenario):
        return fidelity_distance_curve(scenario, progress=progress)
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"Parameter `scenario` must be a Scenario (see load_scenario), but is {scenario!r}.")
    return KINDS[scenario.kind].evaluate(scenario)


def plot_overview(dataset: "xr.Dataset") -> "Figure":
    """Draw the results of a scenario of any kind under its title, and below them how much is assumed; return the figure."""
    return KINDS[kind_of(dataset)].plot(dataset)


def summarize(dataset: "xr.Dataset") -> str:
    """Return what the command line prints of a dataset."""
    return f"{dataset.attrs['title']}\n{KINDS[kind_of(dataset)].summarize(dataset)}"
