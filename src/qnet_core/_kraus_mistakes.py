"""Mistakes in Kraus operators, found by undoing them."""

from itertools import product
from typing import Any

import numpy as np

from . import _judged
from ._checks import Complexes
from ._evidence import TRACE, Change, Facts, completes, gap_of, mends
from ._judged import adjoint


def _at(k: int | slice, change: Change) -> Change:
    """Return the change of one Kraus operator, or of a range of them."""

    def changed(kraus: Complexes) -> Complexes:
        result = kraus.copy()
        result[..., k, :, :] = change(kraus[..., k, :, :])
        return result

    return changed


def transposed_operators(facts: Facts) -> str | None:
    if not facts.failed & TRACE or any(m.size_in != m.size_out for m in facts.maps):
        return None
    changes = (lambda kraus: kraus.swapaxes(-1, -2), adjoint)
    wrong = [str(k) for k in range(_num_kraus(facts)) if any(completes(facts, _at(k, change)) for change in changes)]
    if wrong:
        return f"Kraus operator {' or '.join(wrong)} (counted from 0) is transposed: turned, sum K†K is the identity"
    gaps = [max(float(measure(m).max()) for m in facts.maps) for measure in (_judged.mixed_gap, _judged.trace_gap)]
    return "all Kraus operators are transposed: sum KK† is the identity, sum K†K is not" if mends(*gaps) else None


def _num_kraus(facts: Facts) -> int:
    """Return how many Kraus operators were given, 0 where it was something else."""
    return min(0 if m.kraus is None else m.kraus.shape[-3] for m in facts.maps)


def _entry_root(kraus: Complexes) -> Any:
    return np.exp(1j * np.angle(kraus)) * np.sqrt(np.abs(kraus))


def _norm(kraus: Complexes) -> Any:
    return np.linalg.norm(kraus, 2, axis=(-2, -1), keepdims=True)


_ROOT = "a probability stands where its square root belongs"
_SQUARE = "a square root stands where the probability itself belongs"
_ROOTS: tuple[tuple[Change, str], ...] = (
    (_entry_root, _ROOT),
    (lambda kraus: kraus / np.sqrt(np.maximum(_norm(kraus), 1e-300)), _ROOT),
    (lambda kraus: kraus * np.abs(kraus), _SQUARE),
    (lambda kraus: kraus * _norm(kraus), _SQUARE),
)


def roots(facts: Facts) -> str | None:
    count = _num_kraus(facts) if facts.failed & TRACE else 0
    places: dict[str, int | slice] = {f"Kraus operator {k} (counted from 0)": k for k in range(count)}
    places |= {"all Kraus operators but the first": slice(1, None), "all Kraus operators": slice(None)} if count else {}
    for (change, sentence), (place, k) in product(_ROOTS, places.items()):
        if completes(facts, _at(k, change)):
            return f"{sentence}, in {place}"
    return None


def not_normalized(facts: Facts) -> str | None:
    if not facts.failed & TRACE or roots(facts):
        return None
    size = facts.maps[0].size_in
    parts = np.concatenate([m.kept_trace.reshape(-1, size, size) for m in facts.maps])
    factors = np.trace(parts, axis1=-2, axis2=-1).real / size
    worst = factors[np.abs(factors - 1).argmax()]
    even = mends(gap_of([parts], [factors[:, None, None] * np.eye(size)]), abs(worst - 1))
    return f"the Kraus operators are not normalized: sum K†K is {worst:.9g} times the identity" if even else None
