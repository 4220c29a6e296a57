"""A quick measurement of this machine: a handful of workloads, each a call of public functions, by the median of repeats."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from qnet_channels import BellStation, Memory, depolarizing, swap, thermal_relaxation
from qnet_core import Heralded, bell_state, fidelity, werner_state
from qnet_protocols import RepeaterChain, stored_chain_fidelity

__all__ = ["Measurement", "Workload", "measure", "workloads"]

_MEMORY = Memory(t1_s=1.0, t2_s=0.8)
_STATION = BellStation(gate_mixing=0.01, readout_error=0.005)
_MIXING = 0.02


@dataclass(frozen=True, slots=True)
class Workload:
    """What is timed: a call that does ``units`` of something."""

    name: str
    unit: str
    units: int
    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a workload took: seconds for a unit, the median of the repeats and the least and the most."""

    name: str
    unit: str
    units: int
    median_s: float
    least_s: float
    most_s: float


def workloads(points: int) -> Iterator[Workload]:
    """Yield the workloads, smaller ones with fewer points.

    >>> [workload.unit for workload in workloads(100)]
    ['pair', 'point', 'point', 'chain', 'pair']
    """
    rng = np.random.default_rng(7)
    left, right = rng.uniform(0.7, 1.0, (2, points))
    waits_s = rng.uniform(0.0, 0.3, (2, points))
    pairs = werner_state(fidelity=left)
    yield Workload("T1 and T2 on one half of a pair", "pair", points, partial(_relaxed, pairs, waits_s[0]))
    yield Workload("two noisy stored pairs, swapped", "point", points, partial(_swapped, left, right, waits_s))
    yield Workload("the same in one pass", "point", points, partial(_stored, left, right, waits_s))
    yield Workload("waiting times of a nested chain of 8 links", "chain", 1, _chain(8, 0.0432, 0.5).exact)
    sampled = partial(_sampled, _chain(2, 0.1, 1.0), points)
    yield Workload("pairs of a chain of 2 links, drawn one by one", "pair", points, sampled)


def _relaxed(pairs: Any, waits_s: np.ndarray) -> Any:
    return pairs.apply(thermal_relaxation(duration_s=waits_s, t1_s=1.0, t2_s=0.8), 1)


def _swapped(left: np.ndarray, right: np.ndarray, waits_s: np.ndarray) -> Any:
    """Return the fidelity of two Werner pairs that were stored, swapped by a noisy station."""
    pairs = []
    for initial, wait_s in zip((left, right), waits_s, strict=True):
        pair, decay = werner_state(fidelity=initial), _MEMORY.decay(duration_s=wait_s)
        for half in (0, 1):
            pair.apply(decay, half, out=pair)
        pairs.append(pair.apply(depolarizing(mixing=_MIXING), 0, out=pair))
    return fidelity(swap(*pairs, station=_STATION).state, bell_state())


def _stored(left: np.ndarray, right: np.ndarray, waits_s: np.ndarray) -> Any:
    return stored_chain_fidelity(
        [left, right], waiting_s=list(waits_s), memory=_MEMORY, mixing=_MIXING, station=_STATION
    )


def _chain(num_links: int, probability: float, swaps: float) -> RepeaterChain:
    link = Heralded(werner_state(fidelity=0.97), np.asarray(probability))
    station = BellStation(gate_mixing=0.01, success_probability=swaps)
    return RepeaterChain(link, Memory(t1_s=10.0, t2_s=5.0), station, cycle_s=1e-3, num_links=num_links)


def _sampled(chain: RepeaterChain, pairs: int) -> Any:
    return chain.sample(pairs, rng=np.random.default_rng(1), threads=1)


def measure(workload: Workload, repeats: int) -> Measurement:
    """Run a workload once, which compiles, and then so often with a clock."""
    workload.run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        workload.run()
        times.append((time.perf_counter() - start) / workload.units)
    return Measurement(workload.name, workload.unit, workload.units, median(times), min(times), max(times))
