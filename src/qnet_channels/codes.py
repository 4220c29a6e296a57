"""Distillation of n pairs to one by a stabilizer code that both sides measure."""

from collections.abc import Sequence
from functools import cache
from heapq import heappop, heappush
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .bilateral import ONE, Effect, Gate, Terms, Y, Z, kept_pair_heralded, pulled_back, terms

__all__ = ["FIVE_QUBIT_CODE", "stabilizer_distillation"]

FIVE_QUBIT_CODE = ("XZZXI", "IXZZX", "XIXZZ", "ZXIXZ")
MAX_PAIRS = 10
_NAMES = "IXYZ"
_XZ = (0, 1, 3, 2)  # bits of I, X, Y, Z, by which products are XOR
_COST = 64  # of an error of one qubit, more than all Y together can add
_TO_Z = {1: "h", 2: "x90"}  # the gates that take X and Y to Z


class Decoder(NamedTuple):
    """A circuit after which each measured qubit shows a bit of the syndrome, and the last one is the logical qubit."""

    gates: tuple[Gate, ...]
    measured: tuple[int, ...]
    kept: int


def _anticommute(one: Sequence[int], other: Sequence[int]) -> bool:
    return sum(a != b and a != ONE and b != ONE for a, b in zip(one, other, strict=True)) % 2 == 1


def _pushed(letters: Sequence[int], gates: Sequence[Gate]) -> list[int]:
    """Return the letters of ``U P U†``: every gate here exchanges letters, so that its inverse does the same."""
    now: Sequence[int] = letters
    for gate in gates:
        now = pulled_back(now, [gate]).letters
    return list(now)


def _letters(generators: Sequence[str]) -> list[list[int]]:
    """Return the numbers of the letters of generators that fit one code with one logical qubit."""
    if isinstance(generators, str) or not isinstance(generators, Sequence):
        raise ParameterTypeError(f"Parameter `generators` must be a sequence of Pauli strings, but is {generators!r}.")
    for generator in generators:
        if not isinstance(generator, str) or not set(generator) <= set(_NAMES):
            raise ParameterError(f"Parameter `generators` must hold letters of I, X, Y, Z, but holds {generator!r}.")
    lengths = {len(generator) for generator in generators}
    if lengths != {len(generators) + 1}:
        raise DimensionError(
            f"Parameter `generators` must be n - 1 strings of n letters, but are {len(generators)} of {sorted(lengths)}."
        )
    if len(generators) >= MAX_PAIRS:
        raise ParameterError(f"Parameter `generators` must have at most {MAX_PAIRS} letters, but has {lengths.pop()}.")
    rows = [[_NAMES.index(letter) for letter in generator] for generator in generators]
    for (k, one), (m, other) in combinations(enumerate(rows), 2):
        if _anticommute(one, other):
            raise ParameterError(
                f"Parameter `generators` must commute, but {generators[k]} and {generators[m]} do not."
            )
    return rows


@cache
def decoder(generators: tuple[str, ...]) -> Decoder:
    """Return a circuit that takes generator after generator to Z of one qubit, by elimination.

    Where a later generator holds Z of a qubit that is measured already, its bit is added on paper.
    """
    gates: list[Gate] = []
    measured: list[int] = []
    for name, row in zip(generators, _letters(generators), strict=True):
        now = _pushed(row, gates)
        support = [q for q, letter in enumerate(now) if letter != ONE and q not in measured]
        if not support:
            raise ParameterError(f"Parameter `generators` must be independent, but {name} is a product of others.")
        gates += [Gate(_TO_Z[now[q]], (q,)) for q in support if now[q] != Z]
        gates += [Gate("cx", (q, support[-1])) for q in support[:-1]]
        measured.append(support[-1])
    (kept,) = set(range(len(generators) + 1)) - set(measured)
    return Decoder(tuple(gates), tuple(measured), kept)


def _single_errors(code: Decoder) -> list[tuple[int, int, int]]:
    """Return cost, syndrome (as bits of one number) and logical letter's bits of each error of one qubit.

    Y costs a little more than X and Z, which decides between errors of equal weight.
    """
    n, found = len(code.measured) + 1, []
    for q, letter in product(range(n), (1, 2, 3)):
        after = _pushed([letter if k == q else ONE for k in range(n)], code.gates)
        bits = sum((after[m] not in (ONE, Z)) << k for k, m in enumerate(code.measured))
        found.append((_COST + (letter == Y), bits, _XZ[after[code.kept]]))
    return found


def _logical_errors(code: Decoder) -> list[int]:
    """Return for each syndrome the logical letter of an error of least weight, and with the fewest Y, that has it.

    Errors with one syndrome and one logical letter are one node; Dijkstra's steps are the errors of one qubit.
    """
    steps = _single_errors(code)
    reached: set[tuple[int, int]] = set()
    letters: dict[int, int] = {}
    queue = [(0, 0, 0)]
    while queue:
        cost, bits, letter = heappop(queue)
        if (bits, letter) in reached:
            continue
        reached.add((bits, letter))
        letters.setdefault(bits, letter)
        for more, flipped, turned in steps:
            heappush(queue, (cost + more, bits ^ flipped, letter ^ turned))
    return [_XZ.index(letters[bits]) for bits in range(2 ** len(code.measured))]


def _shares(code: Decoder, correct: bool) -> list[tuple[float, ...]]:
    """Return for each product of syndrome bits its share in the accepted outcomes, by the letter asked of side B."""
    count = 2 ** len(code.measured)
    if not correct:
        return [(1 / count,) * 4] * count
    errors = _logical_errors(code)
    signs = np.array([[-1.0 if _anticommute([j], [letter]) else 1.0 for letter in errors] for j in range(4)])
    bits = (np.arange(count)[:, None] >> np.arange(len(code.measured))) & 1
    return [tuple(column.tolist()) for column in (signs @ (-1.0) ** (bits @ bits.T) / count).T]


@cache
def code_terms(generators: tuple[str, ...], correct: bool) -> Terms:
    """Return the products of correlators of the pair that a code leaves."""
    code = decoder(generators)
    effects = []
    for chosen, shares in enumerate(_shares(code, correct)):
        letters = [ONE] * (len(generators) + 1)
        for k, q in enumerate(code.measured):
            letters[q] = Z if chosen >> k & 1 else ONE
        effects.append(Effect(shares, tuple(letters), tuple(letters)))
    return terms(code.gates, effects, kept=code.kept)


def stabilizer_distillation(
    *pairs: DensityMatrix, generators: Sequence[str] = FIVE_QUBIT_CODE, correct: bool = False,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> Heralded:  # fmt: skip
    """Return the logical pair of n pairs on which both sides measured the generators of a code.

    Side A measures the generators and side B their complex conjugates, which for phi+ pairs give the same bits.
    With ``correct=False`` the pair is kept only if all bits agree, with ``correct=True`` always: B undoes
    an error of least weight (then with the fewest Y) that explains the difference. Detecting gives a far better pair, but
    rarely. Exact for pairs in any states, which need not be equal, nor Bell-diagonal.

    Parameters
    ----------
    *pairs : DensityMatrix
        One pair, of which n equal ones are used, or n pairs; batches broadcast.
    generators : sequence of str
        n - 1 commuting, independent strings of n letters I, X, Y, Z; n at most 10.
    correct : bool
        Whether B corrects, or the pair is dropped if any bit differs.
    gate_mixing, readout_error : array_like
        As of ``bbpssw``: each side decodes by CNOTs, after each of which its two qubits may be replaced by the
        maximally mixed state, and reads n - 1 qubits. Turns of single qubits are perfect. The circuit is found by
        elimination and is not fault-tolerant; another one would have other noise.

    Returns
    -------
    Heralded
        The logical pair, and the probability that it is kept.

    References
    ----------
    Bennett et al., PRA 54, 3824 (1996); Laflamme et al., PRL 77, 198 (1996); Matsumoto, J. Phys. A 36, 8113 (2003).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> state, probability = stabilizer_distillation(werner_state(fidelity=0.9))
    >>> probability.round(6).item(), bell_weights(state)[0].round(6).item()
    (0.591407, 0.998477)
    """
    checks.flag(correct, "correct")
    _letters(generators)
    n = len(generators) + 1
    if len(pairs) not in (1, n):
        raise DimensionError(f"Parameter `pairs` must be one pair or {n}, but there are {len(pairs)}.")
    used = pairs * n if len(pairs) == 1 else pairs
    named = {f"pairs[{k}]": pair for k, pair in enumerate(used)}
    found = code_terms(tuple(generators), correct)
    return kept_pair_heralded(found, named, gate_mixing=gate_mixing, readout_error=readout_error)
