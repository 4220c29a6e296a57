"""What the chain of a scenario delivers under its policy, cut-offs and distillation."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from qnet_channels import BellStation, Memory
from qnet_core import Heralded
from qnet_protocols import ChainResult, RepeaterChain, best_chain, cut_off_chain, equal_link_chain

from .kinds.chain import Chain

__all__ = ["Segments", "delivered"]

_LONGEST = 20.0  # longest cut-off that is tried, in mean waiting times for the slowest link, or so
Deliver = Callable[[np.ndarray], ChainResult]


class Segments(NamedTuple):
    """Links of chains, all alike in each, and what stands between them; fields broadcast, numbers of links on the first axis."""

    link: Heralded
    num_links: np.ndarray
    cycle_s: np.ndarray
    memory: Memory
    station: BellStation
    multiplexing: float

    def row(self, k: int) -> "Segments":
        """Return those of the k-th number of links."""
        link = Heralded(self.link.state[k], self.link.probability[k])
        return self._replace(link=link, num_links=self.num_links[k], cycle_s=self.cycle_s[k])


def delivered(chain: Chain, segments: Segments) -> dict[str, np.ndarray]:
    """Return the results of these chains and their cut-offs, by name."""
    if chain.policy == "swap-at-end" and chain.distillation == 0:
        return _results(chain, segments, _closed(segments))
    rows = [segments.row(k) for k in range(len(segments.num_links))]
    found = [_results(chain, row, _summed(chain, row)) for row in rows]
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


def _results(chain: Chain, segments: Segments, deliver: Deliver) -> dict[str, np.ndarray]:
    cutoff = _best_cutoff(segments, deliver) if chain.cutoff_s == "best" else np.array(chain.cutoff_s or np.inf)
    result = deliver(cutoff)
    return {
        "fidelity": result.fidelity, "rate_hz": result.rate_hz, "secret_key_fraction": result.secret_key_fraction,
        "waiting_time_s": result.waiting_time_s, "bloch": result.state.bloch,
        "cutoff_s": np.broadcast_to(cutoff, result.rate_hz.shape),
    }  # fmt: skip


def _closed(segments: Segments) -> Deliver:
    """Return closed sums over the waiting times, for links that wait for the slowest."""

    def deliver(cutoff_s: np.ndarray) -> ChainResult:
        if np.isinf(cutoff_s).all():
            return equal_link_chain(
                segments.link, num_links=segments.num_links, cycle_s=segments.cycle_s, memory=segments.memory,
                station=segments.station, multiplexing=segments.multiplexing,
            )  # fmt: skip
        return cut_off_chain(
            segments.link, num_links=segments.num_links, cycle_s=segments.cycle_s, memory=segments.memory, cutoff_s=cutoff_s,
            station=segments.station, multiplexing=segments.multiplexing,
        )  # fmt: skip

    return deliver


def _summed(chain: Chain, segments: Segments) -> Deliver:
    """Return sums step by step, for one number of links."""

    def deliver(cutoff_s: np.ndarray) -> ChainResult:
        return RepeaterChain(
            segments.link, segments.memory, segments.station, chain.policy, cutoff_s, chain.distillation,
            segments.multiplexing, num_links=int(segments.num_links.item()), cycle_s=segments.cycle_s,
        ).exact()  # fmt: skip

    return deliver


def _best_cutoff(segments: Segments, deliver: Deliver) -> np.ndarray:
    """Return the cut-offs of the highest key rates; infinite where none is better, or there is no key with any."""
    with np.errstate(divide="ignore"):
        success = -np.expm1(segments.multiplexing * np.log1p(-np.asarray(segments.link.probability)))
        longest = 2 + _LONGEST * (1 + np.log(segments.num_links)) / np.where(success > 0, success, 1.0)
    best = best_chain(deliver, ranges={"cutoff_s": (segments.cycle_s, segments.cycle_s * longest)})
    endless = deliver(np.array(np.inf)).secret_key_rate_bit_per_s
    return np.where(best.value > endless * (1 + 1e-12), best.settings["cutoff_s"], np.inf)
