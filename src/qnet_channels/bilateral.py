"""Pairs that meet in the same local circuit on both sides, are measured, and leave one pair.

In the Heisenberg picture each correlator of the kept pair, together with the effect of the accepted outcomes,
goes back through the gates to a few products of one correlator per pair. These products are found here, once for
a circuit; `_kernels.distillation` forms them at every point of a batch. Circuits are of Clifford gates: U on side A,
its complex conjugate on side B, so that phi+ pairs stay phi+.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from . import _kernels
from .joining import require_pair

__all__: list[str] = []

ONE, X, Y, Z = range(4)
ROUND_OFF = 2.0**-50  # a probability up to this is 0
_TURNED = {  # U† P U for 1, X, Y, Z: letter and sign
    "h": ((ONE, 1), (Z, 1), (Y, -1), (X, 1)),
    "x90": ((ONE, 1), (X, 1), (Z, -1), (Y, 1)),
}
_BITS = ((0, 0), (1, 0), (1, 1), (0, 1))  # x and z of 1, X, Y, Z
_LETTER = {bits: letter for letter, bits in enumerate(_BITS)}


class Gate(NamedTuple):
    """A gate that each side does on its halves of these pairs: "h", "x90" (by +90 degrees on A), "cx" or "cz"."""

    kind: str
    on: tuple[int, ...]


class Effect(NamedTuple):
    """A product of Pauli letters on the measured halves, one letter per pair and side, and its share in what is accepted.

    ``shares`` holds one number for each letter of side B that is asked of the kept pair: there B may correct.
    """

    shares: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]


class Image(NamedTuple):
    """A product of Pauli letters before a circuit, its sign, and how many noisy gates could have erased it."""

    letters: tuple[int, ...]
    sign: int
    erased: int


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Products of correlators: term t belongs to correlator o of the kept pair if ``bounds[o] <= t < bounds[o + 1]``.

    It is ``signs[t] * weight`` times the correlator ``rows[t, q]`` of each pair q, where the weight of its kind is
    ``(1 - gate_mixing)**powers[kind, 0] * (1 - 2 * readout_error)**powers[kind, 1]``.
    """

    bounds: NDArray[np.int64]
    rows: NDArray[np.int64]
    kinds: NDArray[np.int64]
    signs: checks.Floats
    powers: NDArray[np.int64]


def _through_cx(control: int, target: int) -> tuple[int, int, int]:
    """Return the letters and the sign to which CNOT takes two letters (Aaronson and Gottesman, PRA 70, 052328 (2004))."""
    (xc, zc), (xt, zt) = _BITS[control], _BITS[target]
    sign = -1 if xc and zt and xt == zc else 1
    return _LETTER[xc, zc ^ zt], _LETTER[xt ^ xc, zt], sign


def _through_cz(one: int, other: int) -> tuple[int, int, int]:
    """Return the letters and the sign to which CZ takes two letters."""
    (x1, z1), (x2, z2) = _BITS[one], _BITS[other]
    sign = -1 if x1 and x2 and z1 != z2 else 1
    return _LETTER[x1, z1 ^ x2], _LETTER[x2, z2 ^ x1], sign


def pulled_back(letters: Sequence[int], gates: Sequence[Gate]) -> Image:
    """Return ``U† P U`` for side A."""
    now, sign, erased = list(letters), 1, 0
    for kind, on in reversed(gates):
        if len(on) == 2:
            erased += any(now[q] for q in on)
            through = _through_cx if kind == "cx" else _through_cz
            now[on[0]], now[on[1]], turned = through(now[on[0]], now[on[1]])
        else:
            now[on[0]], turned = _TURNED[kind][now[on[0]]]
        sign *= turned
    return Image(tuple(now), sign, erased)


def _conjugated(letters: Sequence[int], image: Image) -> Image:
    """Return what side B has, whose gates are the complex conjugates: each Y, there and back, is a sign."""
    turned = sum(letter == Y for letter in (*letters, *image.letters)) % 2
    return image._replace(sign=-image.sign if turned else image.sign)


def coinciding(measured: Mapping[int, int], num_pairs: int) -> list[Effect]:
    """Return the effects of "the two sides read the same", for pairs measured in the basis of a letter."""
    effects = []
    for chosen in product((False, True), repeat=len(measured)):
        letters = [ONE] * num_pairs
        for (pair, letter), taken in zip(measured.items(), chosen, strict=True):
            letters[pair] = letter if taken else ONE
        effects.append(Effect((0.5 ** len(measured),) * 4, tuple(letters), tuple(letters)))
    return effects


def _images(letter: int, effects: Sequence[Effect], gates: Sequence[Gate], kept: int) -> list[tuple[Image, Image]]:
    """Return what a letter on the kept half, with each effect, is before the circuit, on side A and on side B."""
    found = []
    for _, left, right in effects:
        left, right = ((*side[:kept], letter, *side[kept + 1 :]) for side in (left, right))
        found.append((pulled_back(left, gates), _conjugated(right, pulled_back(right, gates))))
    return found


def terms(gates: Sequence[Gate], effects: Sequence[Effect], *, kept: int = 0) -> Terms:
    """Return the products of correlators that make up the kept pair."""
    images = [_images(letter, effects, gates, kept) for letter in range(4)]
    readings = [sum(letter != ONE for letter in (*left, *right)) for _, left, right in effects]
    rows, kinds, signs, bounds = [], [], [], [0]
    powers: dict[tuple[int, int], int] = {}
    for i, j in product(range(4), repeat=2):
        for e, effect in enumerate(effects):
            a, b, share = images[i][e][0], images[j][e][1], effect.shares[j]
            if share:
                kinds.append(powers.setdefault((a.erased + b.erased, readings[e]), len(powers)))
                rows.append([4 * one + other for one, other in zip(a.letters, b.letters, strict=True)])
                signs.append(share * a.sign * b.sign)
        bounds.append(len(rows))
    first, which, kind, power = (np.array(values, np.int64) for values in (bounds, rows, kinds, list(powers)))
    return Terms(first, which, kind, np.array(signs), power)


def weights_of(found: Terms, gate_mixing: checks.Floats, readout_error: checks.Floats) -> checks.Floats:
    """Return the weight of each kind of term, shape (kinds, ...)."""
    gate, read = 1 - gate_mixing, 1 - 2 * readout_error
    return np.array([gate ** int(gates) * read ** int(readings) for gates, readings in found.powers])


class Operands(NamedTuple):
    """A batch shape, and what the kernels read: flat pairs, each once, and which is which; weights; and steps.

    A step is 0 where one value serves all points; behind those of pairs and weights stands the number of kinds.
    """

    batch: checks.Dims
    pairs: tuple[checks.Floats, ...]
    which: NDArray[np.int64]
    weights: checks.Floats
    steps: NDArray[np.int64]


def _runs(flat: checks.Floats, rows: int, points: int) -> checks.Floats:
    """Repeat the numbers of what serves all points, so that the kernels find runs."""
    return np.repeat(flat, min(points, _kernels.distillation.CHUNK)) if flat.size < rows * points else flat


def _spread(values: checks.Floats, batch: checks.Dims) -> checks.Floats:
    """Return rows of flat values that belong to the batch, or to all of it."""
    own = values.shape[1:]
    if own not in ((), batch):
        values = np.broadcast_to(values.reshape(-1, *(1,) * (len(batch) - len(own)), *own), (len(values), *batch))
    return np.ascontiguousarray(values).reshape(-1)


def noise(gate_mixing: ArrayLike, readout_error: ArrayLike) -> tuple[checks.Floats, checks.Floats]:
    """Check the two probabilities that all rounds have."""
    return checks.probability(gate_mixing, "gate_mixing"), checks.probability(readout_error, "readout_error")


def _operands(
    found: Terms, pairs: Mapping[str, DensityMatrix], gate_mixing: ArrayLike, readout_error: ArrayLike
) -> Operands:
    """Check pairs and noise, and bring them to one batch."""
    states = [require_pair(pair, name) for name, pair in pairs.items()]
    mixing, flip = noise(gate_mixing, readout_error)
    shapes = {name: state.batch_shape for name, state in pairs.items()}
    batch = checks.broadcast(**shapes, gate_mixing=mixing.shape, readout_error=flip.shape)
    points, num_kinds = math.prod(batch), len(found.powers)
    checks.capacity((16 + num_kinds * (mixing.ndim + flip.ndim > 0)) * points, "The kept pairs")
    once, which = _once(states)
    alone = [state if state.batch_shape in ((), batch) else state.broadcast_to(batch) for state in once]
    flat = [(state._flat, 16) for state in alone] + [(_spread(weights_of(found, mixing, flip), batch), num_kinds)]
    steps = [int(array.size == rows * points) for array, rows in flat]
    *runs, weights = (_runs(array, rows, points) for array, rows in flat)
    return Operands(batch, tuple(runs), which, weights, np.array([*steps, num_kinds]))


def _once(states: Sequence[DensityMatrix]) -> tuple[list[DensityMatrix], NDArray[np.int64]]:
    """Return each state once, but two at least, and the place of each in that list.

    The kernels are compiled for a number of arrays, which is two for any number of equal pairs.
    """
    places = {id(state): k for k, state in reversed(list(enumerate(states)))}
    firsts = sorted(set(places.values()))
    once = [states[k] for k in firsts]
    return once if len(once) > 1 else once * 2, np.array([firsts.index(places[id(state)]) for state in states])


def _distil(
    found: Terms, pairs: Mapping[str, DensityMatrix], gate_mixing: ArrayLike, readout_error: ArrayLike, normalize: bool
) -> tuple[DensityMatrix, checks.Floats]:
    """Return the kept pair, and its probability where it is normalized."""
    used = _operands(found, pairs, gate_mixing, readout_error)
    points = math.prod(used.batch)
    flat, probability = np.empty(16 * points), np.empty(points if normalize else 0)
    _kernels.distillation.kept_pair(
        flat, probability, used.pairs, used.which, used.weights, used.steps, found.bounds, found.rows, found.kinds,
        found.signs, np.empty(2 * _kernels.distillation.CHUNK), ROUND_OFF,
    )  # fmt: skip
    return DensityMatrix._wrap(flat, (2, 2), used.batch), probability


def kept_pair(
    found: Terms, pairs: Mapping[str, DensityMatrix], *, gate_mixing: ArrayLike, readout_error: ArrayLike
) -> DensityMatrix:
    """Return the kept pair, not normalized: multilinear in the pairs, its trace the probability that it is kept.

    The pairs need not be normalized either, nor positive.
    """
    return _distil(found, pairs, gate_mixing, readout_error, normalize=False)[0]


def kept_pair_heralded(
    found: Terms, pairs: Mapping[str, DensityMatrix], *, gate_mixing: ArrayLike, readout_error: ArrayLike
) -> Heralded:
    """Return the kept pair and the probability that it is kept; NaN and 0 where that can't happen."""
    state, probability = _distil(found, pairs, gate_mixing, readout_error, normalize=True)
    return Heralded(state, checks.plain(probability.reshape(state.batch_shape)))
