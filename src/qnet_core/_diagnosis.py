"""Which mistake would explain what is wrong with a map: a list of hypotheses, each a function of the facts.

A hypothesis undoes one mistake, and holds if that mends every duration and every point of the batch. To add
one, write a function of ``Facts`` that returns a sentence or None, and list it at the end.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement, pairwise, permutations
from typing import Any

import numpy as np

from . import _judged
from ._checks import Complexes
from ._evidence import MATCH, Change, Facts, apart, as_meant, composes, fits, gap_of, mends
from ._judged import Judged, adjoint
from ._kraus_mistakes import not_normalized, roots, transposed_operators
from .preparations import random_state


def diagnose(facts: Facts) -> tuple[str, ...]:
    """Return a sentence for each mistake that would explain what failed."""
    if not facts.failed:
        return ()
    hypotheses = (_renormalized,) if "linear" in facts.failed else HYPOTHESES
    sentences = (hypothesis(facts) for hypothesis in hypotheses)
    return tuple(sentence for sentence in sentences if sentence)


def _root_kept(superop: Complexes) -> Any:
    """Return what relaxation leaves of a qubit's coherence, exp(-t/(2 T1)), judged by the populations."""
    return np.sqrt(np.clip((superop[..., 3, 3] - superop[..., 3, 0]).real, 0, None))[..., None]


def _with_coherence(superop: Complexes, change: Change) -> Any:
    changed = superop.copy()
    changed[..., (1, 2), (1, 2)] = change(superop[..., (1, 2), (1, 2)])
    return changed


def _relaxed(superop: Complexes) -> Any:
    return _with_coherence(superop, lambda coherence: coherence * _root_kept(superop))


def _half_as_noisy(superop: Complexes) -> Any:
    return (superop + np.eye(*superop.shape[-2:])) / 2


def _half_as_dephased(superop: Complexes) -> Any:
    return _with_coherence(superop, lambda coherence: (coherence + _root_kept(superop)) / 2)


def _flip_probability(facts: Facts) -> str | None:
    half = _half_as_dephased if apart((*facts.maps, *facts.meant)) else _half_as_noisy
    found = as_meant(facts, given=half) or composes(facts, half)
    sentence = "1 - exp(-t/T) is used as the probability of a flip, which is half of that: coherence turns negative"
    return sentence if found else None


def _relaxation_counted_twice(facts: Facts) -> str | None:
    if not apart(facts.meant) or not as_meant(facts, meant=_relaxed):
        return None
    if all(np.abs(np.abs(m.superop[..., 1, 1, None]) - _root_kept(m.superop)).max() < MATCH for m in facts.meant):
        return "the coherence of amplitude damping is multiplied by 1-γ instead of √(1-γ): T2 = T1 instead of T2 = 2 T1"
    return "relaxation counts twice in the coherence: the total T2 stands where the pure dephasing time belongs"


def _relaxation_left_out(facts: Facts) -> str | None:
    found = apart(facts.maps) and as_meant(facts, given=_relaxed)
    sentence = "relaxation is left out of the coherence: the pure dephasing time stands where the total T2 belongs"
    return sentence if found else None


def _outliving_coherence(facts: Facts) -> str | None:
    if "complete positivity" not in facts.failed or not apart(facts.maps) or _relaxation_left_out(facts):
        return None
    stack = [m.superop for m in facts.maps]
    bounded = all(np.abs(s).max() < 1 + MATCH and s[..., ::3, ::3].real.min() > -MATCH for s in stack)
    upright = all((s[..., 3, 3] - s[..., 3, 0]).real.min() > -MATCH for s in stack)
    clear = max(float(_judged.negativity(m).max()) for m in facts.maps) > MATCH
    found = bounded and upright and clear
    return "the coherence outlives the populations: T2 is longer than 2 T1" if found else None


def _stretched(facts: Facts) -> str | None:
    if "semigroup" not in facts.failed:
        return None
    times = sorted({s + t for s, t in combinations_with_replacement((0.0, *facts.times), 2)} - {0.0})
    n = _exponent(np.array(times), np.array([facts.at(time).superop for time in times]))
    return f"the decay is stretched, exp(-(t/T)**n) with n = {n:.3g} (`semigroup=False` if so meant)" if n else None


def _exponent(times: Any, superops: Complexes) -> float | None:
    """Return n, unless it is 1, where the logarithm of the determinant is proportional to t**n, clear of round-off."""
    losses = -np.linalg.slogdet(superops)[1].reshape(len(times), -1)
    losses = losses[:, losses.max(axis=0) > 1e-8]
    clear = ((losses > 1e-8) & (losses < 30)).all(axis=1)
    if losses.size == 0 or clear.sum() < 3:
        return None
    slopes = np.diff(np.log(losses[clear]), axis=0) / np.diff(np.log(times[clear]))[:, None]
    return float(slopes.mean()) if np.ptp(slopes) < 1e-4 and abs(slopes.mean() - 1) > 1e-3 else None


def _undone(superop: Complexes) -> Any:
    """Return the inverse of a unitary map, and leave any other."""
    unitary = np.abs(adjoint(superop) @ superop - np.eye(superop.shape[-1])).max() < MATCH
    return adjoint(superop) if unitary else superop


def _renumbered(superop: Complexes, order: Any) -> Any:
    """Return the superoperator in levels of another order, which must be its own inverse."""
    columns = (order[:, None] * len(order) + order).reshape(-1)
    return superop[..., columns[:, None], columns]


def _upside_down(superop: Complexes) -> Any:
    return _renumbered(superop, np.arange(math.isqrt(superop.shape[-1]))[::-1])


def _last_qubit_first(superop: Complexes) -> Any:
    """Reverse the order of qubits, and leave what is not made of qubits."""
    size = math.isqrt(superop.shape[-1])
    count = size.bit_length() - 1
    order = np.arange(1 << count).reshape((2,) * count).transpose().reshape(-1)
    return _renumbered(superop, order) if size == len(order) else superop


# What several of these explain, as for real or symmetric operators, can't be told apart: the first is named.
_MIRRORS: tuple[tuple[Change, str], ...] = (
    (np.conj, "operators are complex-conjugated: a rotation of the wrong sign, or a superoperator that stacks rows"),
    (_undone, "the map runs backwards: the angle of the rotation or the Hamiltonian has the wrong sign"),
    (lambda superop: superop.swapaxes(-1, -2), "every Kraus operator is transposed"),
    (adjoint, "every Kraus operator is replaced by its adjoint: the map is that of observables, not of states"),
    (_upside_down, "0 and 1 are exchanged: the ground level, or its population, is taken for the excited one"),
    (_last_qubit_first, "the qubits are in reverse order: the first is taken for the last tensor factor"),
)


def _mirrored(facts: Facts) -> str | None:
    if any(m.size_in != m.size_out for m in facts.maps) or transposed_operators(facts):
        return None
    return next((sentence for change, sentence in _MIRRORS if as_meant(facts, given=change)), None)


def _depolarizes(m: Judged) -> bool:
    """Say whether a map mixes the identity with the replacement by the maximally mixed state."""
    if m.size_in != m.size_out or m.size_in == 1:
        return False
    unit = np.eye(m.size_in).reshape(-1)
    kept = (np.trace(m.superop, axis1=-2, axis2=-1)[..., None, None] - 1) / (m.size_in**2 - 1)
    return gap_of([m.superop], [kept * np.eye(len(unit)) + (1 - kept) * np.outer(unit, unit) / m.size_in]) < MATCH


def _depolarizing_convention(facts: Facts) -> str | None:
    if not all(map(_depolarizes, (*facts.maps, *facts.meant))):
        return None
    count = facts.maps[0].size_in ** 2
    conventions = {"the maximally mixed state": 1.0, "any Pauli error": count / (count - 1), "each Pauli error": count}

    def scaled(superop: Complexes, ratio: float) -> Any:
        return np.eye(count) + ratio * (superop - np.eye(count))

    for (used, more), (wanted, less) in permutations(conventions.items(), 2):
        if as_meant(facts, meant=partial(scaled, ratio=more / less)):
            return f"another convention of depolarizing: the probability of {wanted} is used as that of {used}"
    found = composes(facts, partial(scaled, ratio=(count - 1) / count))
    return "1 - exp(-t/T) is used as the probability of any Pauli error, which is less" if found else None


def _squared(superop: Complexes) -> Any:
    """Return the map applied twice, and leave one of which that makes nothing."""
    twice = superop @ superop if superop.shape[-2] == superop.shape[-1] else superop
    return superop if np.abs(twice - np.eye(*twice.shape[-2:])).max() < MATCH else twice


# How many times faster a clock may run, and why.
_CLOCKS = {
    2.0: ("twice", "a rate or an angle is counted twice or halved"),
    2 * math.pi: ("2π times", "Hz and rad/s are mixed up"),
    1 / math.log(2): ("1/ln 2 times", "half-lives and 1/e times are mixed up"),
}


def _clock(facts: Facts) -> str | None:
    def runs(factor: float) -> bool:
        return fits(facts, [facts.at(time * factor).superop for time in facts.times], [m.superop for m in facts.meant])

    for factor, (times, why) in _CLOCKS.items():
        if runs(1 / factor) if facts.times else factor == 2 and as_meant(facts, meant=_squared):
            return f"the map runs {times} too fast: {why}"
        if runs(factor) if facts.times else factor == 2 and as_meant(facts, given=_squared):
            return f"the map runs {times} too slowly: {why}"
    return None


def _partly_transposed(m: Judged, bits: int) -> Judged:
    """Return the map after a transposition of the qubits of these bits of the level, of everything for -1."""
    columns, rows = np.indices((m.size_in, m.size_in))
    order = ((columns & ~bits | rows & bits) * m.size_in + (rows & ~bits | columns & bits)).reshape(-1)
    return replace(m, superop=m.superop[..., order])


def _transposing(facts: Facts) -> str | None:
    if "complete positivity" not in facts.failed or any(m.size_in != m.size_out for m in facts.maps):
        return None
    size = facts.maps[0].size_in
    for bits in (-1, *(range(1, size - 1) if size & (size - 1) == 0 else ())):
        turned = [_partly_transposed(m, bits) for m in facts.maps]
        nearer = all((_overlap(t).real > abs(_overlap(m))).all() for m, t in zip(facts.maps, turned, strict=True))
        lowest = [max(float(_judged.negativity(m).max()) for m in maps) for maps in (turned, facts.maps)]
        if nearer and mends(*lowest):
            return "the map transposes matrices: it is positive, but not completely positive"
    return None


def _overlap(m: Judged) -> Any:
    """Return the trace of the superoperator, by which a map is near the identity or far from it."""
    return np.trace(m.superop, axis1=-2, axis2=-1)


def _renormalized(facts: Facts) -> str | None:
    states = random_state(facts.maps[0].size_in, batch_shape=(8,), rng=np.random.default_rng(0)).matrix
    functions = [m.function for m in facts.maps if m.function is not None]
    gaps = [_mixing_gaps(function, a, b) for function in functions for a, b in pairwise(states)]
    found = mends(*(max(column) for column in zip(*gaps, strict=True)))
    return "the result is divided by its trace, which is a probability: the map is not linear" if found else None


def _mixing_gaps(function: Change, a: Complexes, b: Complexes) -> tuple[float, float]:
    """Return how far an even mixture is from going to some mixture of trace 1, and from going to the even one."""
    images = np.array([function(a), function(b), function((a + b) / 2)])
    span, moved = images[0] - images[1], images[2] - images[1]
    weight = np.vdot(span, moved).real / max(np.vdot(span, span).real, MATCH**2)
    traces = np.abs(np.trace(images, axis1=-2, axis2=-1) - 1).max()
    return max(traces, np.abs(moved - weight * span).max()), np.abs(moved - span / 2).max()


HYPOTHESES: tuple[Callable[[Facts], str | None], ...] = (
    _flip_probability,
    _relaxation_counted_twice,
    _relaxation_left_out,
    _outliving_coherence,
    _stretched,
    transposed_operators,
    roots,
    not_normalized,
    _mirrored,
    _depolarizing_convention,
    _clock,
    _transposing,
)
