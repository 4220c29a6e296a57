"""What is known of a map that is wrong, and how to say that a change mends it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from . import _judged
from ._checks import Complexes
from ._judged import Family, Judged, adjoint

Change = Callable[[Any], Any]

MATCH = 1e-7
TRACE = {"trace preserved", "trace not raised"}
_APART = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1]], bool)  # a qubit's populations and coherence


@dataclass(frozen=True, slots=True)
class Facts:
    """The names of the checks that failed, the maps at the durations tried, and what they were meant to be.

    ``meant`` is empty where nobody said, and ``times`` for a fixed map; ``at`` gives the map of any duration.
    """

    failed: frozenset[str]
    maps: tuple[Judged, ...]
    meant: tuple[Judged, ...]
    times: tuple[float, ...]
    at: Family


def gap_of(given: Sequence[Any], wanted: Sequence[Any]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(given, wanted, strict=True))


def mends(after: float, before: float) -> bool:
    """Say whether nearly nothing is left of a violation, however small it was."""
    return after <= min(MATCH, 1e-3 * before)


def fits(facts: Facts, given: Sequence[Complexes], meant: Sequence[Complexes]) -> bool:
    if not meant or not facts.failed & {"as expected", "Lindblad form"}:
        return False
    return mends(gap_of(given, meant), gap_of([m.superop for m in facts.maps], [m.superop for m in facts.meant]))


def as_meant(facts: Facts, given: Change = np.copy, meant: Change = np.copy) -> bool:
    """Say whether the superoperators are what they were meant to be after a change of either."""
    return fits(facts, [given(m.superop) for m in facts.maps], [meant(m.superop) for m in facts.meant])


def composes(facts: Facts, change: Change) -> bool:
    """Say whether the durations add up after a change of the superoperators."""
    if "semigroup" not in facts.failed:
        return False
    pairs = [(facts.at(s), facts.at(t), facts.at(s + t)) for s, t in combinations_with_replacement(facts.times, 2)]

    def gap(f: Change) -> float:
        return gap_of([f(a.superop) @ f(b.superop) for a, b, _ in pairs], [f(c.superop) for _, _, c in pairs])

    return mends(gap(change), gap(np.copy))


def completes(facts: Facts, change: Change) -> bool:
    """Say whether sum K†K is the identity after a change of the Kraus operators, which must have been given."""
    after = [(adjoint(kraus) @ kraus).sum(axis=-3) for kraus in (change(m.kraus) for m in facts.maps)]
    before = max(float(_judged.trace_gap(m).max()) for m in facts.maps)
    return mends(gap_of(after, [np.eye(m.size_in) for m in facts.maps]), before)


def apart(maps: Sequence[Judged]) -> bool:
    """Say whether qubits go to qubits, their populations and their coherence each to themselves."""
    stack = [m.superop for m in maps]
    return all(s.shape[-2:] == (4, 4) and np.abs(s[..., ~_APART]).max() < MATCH for s in stack)
