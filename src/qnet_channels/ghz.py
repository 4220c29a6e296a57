"""Expedient and Stringent: better Bell pairs, and GHZ states of four nodes, out of many raw pairs.

A *selection* measures ZZ (or XX) of a kept pair through another one: on each side a CZ (or a CNOT whose control is the
other pair's half) between the two, then X of the other half is read; the pair is kept if both sides read the same. In a
*double selection* a third pair selects the other one, by a CZ before both are read.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel, DensityMatrix, Heralded, tensor
from qnet_core import _checks as checks

from .bilateral import Gate, Terms, X, coinciding, kept_pair, noise, terms, weights_of
from .heralding import heralded
from .joining import require_pair

__all__ = ["expedient_ghz", "expedient_pair", "stringent_ghz", "stringent_pair"]

Noise = tuple[checks.Floats, checks.Floats]
_CONTROLLED = {"x": Gate("cx", (1, 0)), "z": Gate("cz", (1, 0))}


@cache
def selection_terms(letter: str, num_pairs: int, odd: bool = False) -> Terms:
    """Return the products of correlators after a selection (2 pairs) or double selection (3), for ZZ or XX even or odd."""
    gates = [_CONTROLLED[letter], Gate("cz", (2, 1))][: num_pairs - 1]
    effects = coinciding(dict.fromkeys(range(1, num_pairs), X), num_pairs)
    if odd:
        effects = [e._replace(shares=tuple(-s for s in e.shares)) if e.left[1] == X else e for e in effects]
    return terms(gates, effects)


def _selected(letter: str, kept: DensityMatrix, *others: DensityMatrix, noise: Noise) -> DensityMatrix:
    """Return the kept pair, not normalized: its trace is the probability of all that led to it."""
    pairs = {f"pairs[{k}]": pair for k, pair in enumerate((kept, *others))}
    found = selection_terms(letter, len(pairs))
    return kept_pair(found, pairs, gate_mixing=noise[0], readout_error=noise[1])


def _twice(raw: DensityMatrix, noise: Noise) -> DensityMatrix:
    """Return a pair after two double selections: of 5 raw pairs."""
    after = _selected("z", raw, raw, raw, noise=noise)
    return _selected("x", after, raw, raw, noise=noise)


def _prepared(raw: DensityMatrix, noise: Noise) -> DensityMatrix:
    """Return a pair through which to measure others, after two selections: of 3 raw pairs."""
    return _selected("z", _selected("x", raw, raw, noise=noise), raw, noise=noise)


def _stringent(raw: DensityMatrix, noise: Noise) -> DensityMatrix:
    """Return a pair of 13 raw pairs."""
    pair, meter = _twice(raw, noise), _prepared(raw, noise)
    return _selected("x", _selected("z", pair, meter, raw, noise=noise), meter, raw, noise=noise)


def _parity(meter: Sequence[DensityMatrix], noise: Noise, odd: bool) -> Channel:
    """Return what the finding "ZZ is even" (or odd) does to two qubits at different nodes, measured through pairs."""
    found = selection_terms("z", 1 + len(meter), odd)
    weights = weights_of(found, *noise)
    batch = np.broadcast_shapes(weights.shape[1:], *(pair.batch_shape for pair in meter))
    transfer = np.zeros((16, 16, *batch))
    for out, (start, end) in enumerate(zip(found.bounds[:-1], found.bounds[1:], strict=True)):
        for t in range(start, end):
            product = found.signs[t] * weights[found.kinds[t]]
            for pair, row in zip(meter, found.rows[t, 1:], strict=True):
                product = product * pair._stack[row].reshape(pair.batch_shape)
            transfer[out, found.rows[t, 0]] += product
    return Channel._from_stack(transfer.reshape(16, 16, -1), batch, (2, 2), (2, 2))


def _joined(pair: DensityMatrix, meter: Sequence[DensityMatrix], noise: Noise) -> Heralded:
    """Return the GHZ state of nodes A, B, C, D from equal pairs A-B and C-D, after ZZ of A-C, B-D, A-C and B-D.

    The first ZZ may be odd, which X on C and D corrects.
    """
    even, odd = (_parity(meter, noise, value) for value in (False, True))
    flips = Channel.from_unitary(np.fliplr(np.eye(4)), (2, 2))
    both = tensor(pair, pair)
    states = both.apply(even, (0, 2)), both.apply(odd, (0, 2)).apply(flips, (2, 3))
    state = DensityMatrix._wrap(states[0]._flat + states[1]._flat, both.dims, states[0].batch_shape)
    for on in ((1, 3), (0, 2), (1, 3)):
        state = state.apply(even, on)
    return heralded(state)


def expedient_pair(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the Bell pair that the Expedient protocol makes out of 5 raw pairs.

    A double selection of ZZ, then one of XX, on the same pair. Not the ``double_selection`` of two equal rounds:
    the second looks for the other kind of error.

    Parameters
    ----------
    pair : DensityMatrix
        The raw pairs, all equal, near phi+; batches broadcast with the noise.
    gate_mixing, readout_error : array_like
        As of ``bbpssw``; gates are CZ and CNOT.

    Returns
    -------
    Heralded
        The pair, and the probability that all steps succeed at the first attempt.

    References
    ----------
    Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013); Fujii and Yamamoto, PRA 80, 042308 (2009).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> bell_weights(expedient_pair(werner_state(fidelity=0.9)).state)[0].round(6).item()
    0.991228
    """
    return heralded(_twice(require_pair(pair, "pair"), noise(gate_mixing, readout_error)))


def stringent_pair(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the Bell pair that the Stringent protocol makes out of 13 raw pairs.

    The pair of ``expedient_pair``, on which ZZ and XX are once more measured, each through a pair that two selections (XX, then
    ZZ) have prepared, and that a last raw pair selects before it is read.

    Parameters
    ----------
    pair, gate_mixing, readout_error
        As of ``expedient_pair``.

    Returns
    -------
    Heralded
        The pair, and the probability that all steps succeed at the first attempt.

    References
    ----------
    Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> bell_weights(stringent_pair(werner_state(fidelity=0.9)).state)[0].round(6).item()
    0.999118
    """
    return heralded(_stringent(require_pair(pair, "pair"), noise(gate_mixing, readout_error)))


def expedient_ghz(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the GHZ state of four nodes that the Expedient protocol makes out of 22 raw pairs.

    Pairs A-B and C-D of ``expedient_pair`` are joined by a measurement of ZZ of A and C, whatever it shows, and then
    checked by ZZ of B and D, A and C, B and D; each through a pair that selections of XX and ZZ have prepared.
    A failed step is not repeated here, so that the probability is of a run without any failure; in an experiment the
    pairs are made anew each by itself, which costs fewer raw pairs and gives the same state. Nothing decays meanwhile.

    Parameters
    ----------
    pair, gate_mixing, readout_error
        As of ``expedient_pair``. Corrections are perfect.

    Returns
    -------
    Heralded
        Four qubits, of nodes A, B, C, D, and the probability that all steps succeed at the first attempt.

    References
    ----------
    Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013); de Bone et al., IEEE Trans. Quantum Eng. 1, 4102610 (2020).

    Examples
    --------
    >>> from qnet_core import fidelity, ghz_state, werner_state
    >>> state, probability = expedient_ghz(werner_state(fidelity=0.9))
    >>> fidelity(state, ghz_state(4)).round(6).item()
    0.982952
    """
    raw, noisy = require_pair(pair, "pair"), noise(gate_mixing, readout_error)
    return _joined(_twice(raw, noisy), [_prepared(raw, noisy)], noisy)


def stringent_ghz(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the GHZ state of four nodes that the Stringent protocol makes out of 42 raw pairs.

    As ``expedient_ghz``, from pairs of ``stringent_pair``, and with a last raw pair that selects each
    measuring pair before it is read.

    Parameters
    ----------
    pair, gate_mixing, readout_error
        As of ``expedient_pair``. Corrections are perfect.

    Returns
    -------
    Heralded
        Four qubits, of nodes A, B, C, D, and the probability that all steps succeed at the first attempt.

    References
    ----------
    Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013); de Bone et al., IEEE Trans. Quantum Eng. 1, 4102610 (2020).

    Examples
    --------
    >>> from qnet_core import fidelity, ghz_state, werner_state
    >>> state, probability = stringent_ghz(werner_state(fidelity=0.9))
    >>> fidelity(state, ghz_state(4)).round(6).item()
    0.998626
    """
    raw, noisy = require_pair(pair, "pair"), noise(gate_mixing, readout_error)
    return _joined(_stringent(raw, noisy), [_prepared(raw, noisy), raw], noisy)
