"""The hardware of a chain point by point: flat arrays, in steps of its clock."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels import BellStation, Memory
from qnet_channels.bilateral import Terms
from qnet_channels.distillation import round_terms
from qnet_core import _checks as checks
from qnet_core.preparations import BELL_SIGNS

from .chain_parts import Parts, parts
from .clock import Clock, Steps, common_clock

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__: list[str] = []

Spread = Callable[[ArrayLike], NDArray[Any]]


class Link(NamedTuple):
    """State rows (16, points), success probability, steps of an attempt and of a message, each (points,)."""

    state: checks.Floats
    success: checks.Floats
    cycle: Steps
    message: Steps


class Node(NamedTuple):
    """Decay of a qubit in a step, steps/T1 and steps/T2, the equilibrium of Z, each (points,), and the memory itself."""

    relaxation: checks.Floats
    dephasing: checks.Floats
    equilibrium: checks.Floats
    memory: Memory

    @property
    def rates(self) -> checks.Floats:
        """Rates of I, X, Y and Z - equilibrium, shape (4, points)."""
        return np.array([np.zeros_like(self.relaxation), self.dephasing, self.dephasing, self.relaxation])


class Joint(NamedTuple):
    """How two pairs become one: products of correlators with the weights of their kinds (kinds, points), and its success."""

    terms: Terms
    weights: checks.Floats
    success: checks.Floats


@dataclass(frozen=True, slots=True, eq=False)
class Hardware:
    """Links, nodes, stations and limits of some points of a chain; equal parts have equal numbers in ``kinds``."""

    links: Sequence[Link]
    nodes: Sequence[Node]
    stations: Sequence[Joint]
    distill: Joint
    cutoffs: Sequence[Steps]
    min_fidelity: checks.Floats
    run: Steps
    step_s: checks.Floats
    kinds: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

    @property
    def points(self) -> int:
        """Number of points."""
        return self.step_s.size


def clock_of(chain: "RepeaterChain") -> Clock:
    """Return the clock of a chain, point by point of its batch, or refuse."""
    known = parts(chain)
    every = np.stack(np.broadcast_arrays(*known.cycles, *known.messages))
    return common_clock(every[: len(known.cycles)], every[len(known.cycles) :])


def spread(chain: "RepeaterChain", points: NDArray[np.int64]) -> Spread:
    """Return how to take these points of an array that broadcasts to the chain's batch."""
    batch = chain.batch_shape

    def take(values: ArrayLike) -> NDArray[Any]:
        array = np.asarray(values)
        if array.ndim == 0:
            return np.full(len(points), array)
        return np.ascontiguousarray(np.broadcast_to(array, batch).reshape(-1)[points])

    return take


def hardware(chain: "RepeaterChain", points: NDArray[np.int64]) -> Hardware:
    """Return the hardware of these points, numbered along the flat batch."""
    at, clock, known = spread(chain, points), clock_of(chain), parts(chain)
    step, kinds = at(clock.step_s), _kinds(known)
    links = {kind: _link(known, clock, k, at) for kind, k in _firsts(kinds[0])}
    nodes = {kind: _node(known.memories[k], step, at) for kind, k in _firsts(kinds[1])}
    stations = {kind: _swap(known.stations[k], at) for kind, k in _firsts(kinds[2])}
    return Hardware(
        links=[links[kind] for kind in kinds[0]],
        nodes=[nodes[kind] for kind in kinds[1]],
        stations=[stations[kind] for kind in kinds[2]],
        distill=_round(chain, at),
        cutoffs=[at(clock.whole_steps(cutoff)) for cutoff in known.cutoffs],
        min_fidelity=at(chain.min_fidelity),
        run=at(clock.whole_steps(np.asarray(chain.max_run_s))),
        step_s=step,
        kinds=kinds,
    )


def _firsts(kinds: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Return each kind with the first place where it stands."""
    return ((kind, kinds.index(kind)) for kind in dict.fromkeys(kinds))


def _link(known: Parts, clock: Clock, k: int, at: Spread) -> Link:
    """Return a link; white noise where it never succeeds and has no state."""
    pair, success = known.links[k].state, known.successes[k]
    rows = np.array([at(row) for row in pair._stack.reshape(16, *pair.batch_shape)])
    never = np.isnan(rows).any(axis=0)
    rows[:, never] = 0.0
    rows[0, never] = 1.0
    return Link(rows, at(success), at(clock.cycles[k]), at(clock.messages[k]))


def _node(memory: Memory, step: checks.Floats, at: Spread) -> Node:
    return Node(step / at(memory.t1_s), step / at(memory.t2_s), 1 - 2 * at(memory.excited_population), memory)


def _swap(station: BellStation, at: Spread) -> Joint:
    """Return ``out[i, j] = left[i, j] * s_j c_j right[j, j]``, as in ``qnet_channels.swap``."""
    rows = np.array([(4 * i + j, 5 * j) for i in range(4) for j in range(4)])
    terms = Terms(
        np.arange(17), rows.ravel(), np.tile(np.arange(4), 4), np.tile(BELL_SIGNS[0], 4), np.zeros((4, 2), np.int64)
    )
    weights = np.array([at(character) for character in station.characters])
    return Joint(terms, weights, at(station.success_probability))


def _round(chain: "RepeaterChain", at: Spread) -> Joint:
    terms = round_terms(chain.distillation_protocol)
    kept, seen = 1 - at(chain.distillation_gate_mixing), 1 - 2 * at(chain.distillation_readout_error)
    weights = np.array([kept ** int(gate) * seen ** int(reading) for gate, reading in terms.powers])
    return Joint(terms, weights, np.ones_like(kept))


def _kinds(known: Parts) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return which links, nodes and stations are one and the same object."""
    links = zip(map(id, known.links), map(id, known.cycles), map(id, known.messages), strict=True)
    return _numbered(links), _numbered(map(id, known.memories)), _numbered(map(id, known.stations))


def _numbered(things: Any) -> tuple[int, ...]:
    seen: dict[Any, int] = {}
    return tuple(seen.setdefault(thing, len(seen)) for thing in things)
