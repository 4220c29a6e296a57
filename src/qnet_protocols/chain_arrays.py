"""A repeater chain as the arrays that its sampling reads: one row per link, node and stage."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qnet_channels import BellStation, Memory
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError
from qnet_core.preparations import BELL_SIGNS

from . import _kernels
from .chain_parts import Parts, parts
from .clock import FOREVER, Clock, common_clock

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__: list[str] = []

POLICIES = {"nested": 0.0, "swap-at-end": 1.0, "swap-asap": 2.0}
_LOOKED_UP, _MOST_LOOKED_UP = 1024, 2**16  # waits whose decay factors are looked up, in one memory and in all of them


class ChainArrays(NamedTuple):
    """What the kernel reads, its first axis that of the P points of the batch; columns as named in the kernel.

    ``possible`` says which points can deliver at all, ``unit_s`` is the unit of time of each.
    """

    limits: checks.Floats  # (P, 9)
    stages: checks.Floats  # (P, H + 1, 3): the last one is the chain under the policies that are no tree
    links: checks.Floats  # (P, N, 18)
    nodes: checks.Floats  # (P, N + 1, 12)
    unit_s: checks.Floats  # (P,)
    possible: Any  # (P,)

    def fingerprint(self) -> str:
        """Return a word that differs where the chain does."""
        digest = hashlib.sha256()
        limits = np.delete(self.limits, _kernels.sampling.MOST_DRAWS, axis=1)
        for array in (limits, *self[1:]):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def at(self, point: int) -> tuple[checks.Floats, ...]:
        """Return limits, stages, links, nodes and the table of decay factors of a point."""
        nodes = self.nodes[point]
        _, first = np.unique(nodes[:, _kernels.sampling.TABLE], return_index=True)
        rates = nodes[first][:, [_kernels.sampling.RATE_2, _kernels.sampling.RATE_1]]
        waits = np.arange(float(min(_LOOKED_UP, _MOST_LOOKED_UP // len(rates))))
        table = np.exp(-rates[:, None] * waits[:, None])
        return self.limits[point], self.stages[point], self.links[point], nodes, np.ascontiguousarray(table)


def chain_arrays(chain: "RepeaterChain", max_events: int) -> ChainArrays:
    """Return the arrays of a checked chain, one pair of which may take so many random numbers."""
    known, batch, kernel = parts(chain), chain.batch_shape, _kernels.sampling
    durations = (known.cycles, known.messages, known.cutoffs, [chain.max_run_s])
    times = _times(*(_rows(values, batch) for values in durations))
    successes = _rows(known.successes, batch)
    nodes = np.zeros((len(times.unit_s), len(known.memories), kernel.FACTORS + 4))
    _fill_memories(nodes, known.memories, batch, times.unit_s)
    _fill_stations(nodes, known.stations, batch)
    nodes[:, 1:, kernel.WAY] = np.cumsum(times.messages, axis=0).T
    possible = (successes > 0).all(axis=0) & (nodes[:, 1:-1, kernel.SUCCESS] > 0).all(axis=1)
    possible &= times.run[0] >= times.cycles.max(axis=0) * (1 - 1e-9)
    limits = _limits(chain, batch, times)
    limits[:, kernel.MOST_DRAWS] = max_events / 2  # two random numbers come in a block
    return ChainArrays(
        limits,
        _stages(chain, times.cutoffs),
        _links(known, batch, successes, times.cycles),
        nodes,
        times.unit_s,
        possible,
    )


def _rows(values: Sequence[Any], batch: checks.Dims) -> checks.Floats:
    """Return one row per value, of all points."""
    return np.array([np.broadcast_to(np.asarray(value, float), batch).reshape(-1) for value in values])


def _clock(cycles: checks.Floats, ways: checks.Floats) -> Clock | None:
    try:
        return common_clock(cycles, ways)
    except ParameterError:
        return None


class Times(NamedTuple):
    """All durations in a unit of time: one row per link, link, level and one; all points."""

    unit_s: checks.Floats
    cycles: checks.Floats
    messages: checks.Floats
    cutoffs: checks.Floats
    run: checks.Floats


def _times(cycles: checks.Floats, messages: checks.Floats, cutoffs: checks.Floats, run: checks.Floats) -> Times:
    """Return all times in whole steps where there is a common one, so that sums of them are exact.

    Without one, cut-offs are a little longer, so that a wait that is equal to one is allowed despite rounding.
    """
    clock = _clock(cycles, messages)
    if clock is not None:
        ends = [np.where((steps := clock.whole_steps(v)) == FOREVER, np.inf, steps) for v in (cutoffs, run)]
        return Times(clock.step_s, clock.cycles.astype(float), clock.messages.astype(float), *ends)
    if cycles.shape[1] == 1:
        unit = cycles[0]
        return Times(unit, cycles / unit, messages / unit, cutoffs / unit * (1 + 1e-12) + 1e-9, run / unit)
    single = [_times(*(v[:, [k]] for v in (cycles, messages, cutoffs, run))) for k in range(cycles.shape[1])]
    return Times(*(np.concatenate(part, axis=-1) for part in zip(*single, strict=True)))


def _links(known: Parts, batch: checks.Dims, successes: checks.Floats, cycles: checks.Floats) -> checks.Floats:
    kernel = _kernels.sampling
    rows = np.empty((cycles.shape[1], len(cycles), kernel.FRESH + 16))
    with np.errstate(divide="ignore"):
        rows[..., kernel.LOG_FAIL] = 1 / np.log1p(-successes.T)
    rows[..., kernel.CYCLE] = cycles.T
    for i, link in enumerate(known.links):
        rows[:, i, kernel.FRESH :] = link.state.broadcast_to(batch)._stack.T
    return rows


def _fill_memories(nodes: checks.Floats, memories: Sequence[Memory], batch: checks.Dims, unit: checks.Floats) -> None:
    """Write how the qubits of each node decay; nodes with one and the same memory share a table."""
    kernel = _kernels.sampling
    tables = {identity: k for k, identity in enumerate(dict.fromkeys(map(id, memories)))}
    for n, memory in enumerate(memories):
        fields = (memory.t1_s, memory.t2_s, memory.excited_population, memory.decay_exponent, memory.age_s)
        t1, t2, population, exponent, age = _rows(fields, batch)
        values = (unit / t1, unit / t2, 1 - 2 * population, exponent, age / unit)
        nodes[:, n, kernel.RATE_1 : kernel.AGE + 1] = np.array(values).T
        nodes[:, n, kernel.TABLE] = tables[id(memory)]


def _fill_stations(nodes: checks.Floats, stations: Sequence[BellStation], batch: checks.Dims) -> None:
    """Write what each inner node's swap does, and how often it succeeds."""
    kernel = _kernels.sampling
    for n, station in enumerate(stations, 1):
        nodes[:, n, kernel.SUCCESS] = _rows([station.success_probability], batch)
        nodes[:, n, kernel.FACTORS :] = (BELL_SIGNS[0][:, None] * _rows(list(station.characters), batch)).T


def _limits(chain: "RepeaterChain", batch: checks.Dims, times: Times) -> checks.Floats:
    """Return what is asked and allowed. With a cut-off for rounds of whole chains, one of them may be abandoned in time."""
    kernel, rounds = _kernels.sampling, parts(chain).rounds
    limits = np.zeros((len(times.unit_s), kernel.MOST_DRAWS + 1))
    limits[:, kernel.POLICY] = POLICIES[chain.policy]
    limits[:, kernel.BOTTOM] = 0 if chain.policy == "nested" else rounds[0]
    limits[:, kernel.TURNS] = chain.distillation_protocol == "dejmps"
    readouts = (1 - 2 * np.asarray(chain.distillation_readout_error)) ** 2
    noise = (1 - np.asarray(chain.distillation_gate_mixing), readouts, chain.min_fidelity)
    limits[:, kernel.GATES : kernel.LEAST_FIDELITY + 1] = _rows(noise, batch).T
    limits[:, kernel.LONGEST_RUN] = times.run[0]
    sure = np.isinf(times.cutoffs[-1]) | (rounds[-1] == 0)
    limits[:, kernel.LONGEST_JOIN] = np.where(sure, times.run[0], np.inf)
    return limits


def _stages(chain: "RepeaterChain", cutoffs: checks.Floats) -> checks.Floats:
    """Return span, kind and cut-off of each stage, and a last row for swaps that are no stage."""
    kinds = [*_kinds(chain), (0, 0.0, 0.0)]
    stages = np.empty((cutoffs.shape[1], len(kinds), 3))
    for h, (level, span, kind) in enumerate(kinds):
        stages[:, h, :2], stages[:, h, _kernels.sampling.CUTOFF] = (span, kind), cutoffs[level]
    return stages


def _kinds(chain: "RepeaterChain") -> Iterator[tuple[int, float, float]]:
    """Yield level, links in each of the two pairs, and 1 for a swap, 0 for distillation, from links upwards."""
    nested, known = chain.policy == "nested", parts(chain)
    for level, rounds in enumerate(known.rounds):
        span = 2.0**level if nested else (1.0, float(len(known.links)))[level]
        yield from ((level, span, 0.0),) * rounds
        if nested and level < chain.num_levels - 1:
            yield level, span, 1.0
