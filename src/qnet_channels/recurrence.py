"""Many rounds of distillation: nested, pumped, and their limits."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .bilateral import noise
from .distillation import bbpssw, dejmps, double_selection
from .joining import require_pair
from .parameters import choice
from .twirling import TWIRLS

__all__ = ["NestedRounds", "nested_rounds", "pump", "pumping_limit", "recurrence_limit"]

ROUNDS: Mapping[str, tuple[Callable[..., Heralded], int]] = {  # and how many pairs each takes
    "bbpssw": (bbpssw, 2), "dejmps": (dejmps, 2), "double_selection": (double_selection, 3)
}  # fmt: skip
MAX_ROUNDS = 100_000
STILL = 2e-15  # a limit is reached where no correlator changes by more, which is round-off


class NestedRounds(NamedTuple):
    """The pair after all rounds, the probability that each round succeeds, and the mean number of pairs it took."""

    state: DensityMatrix
    probabilities: tuple[checks.Floats, ...]
    raw_pairs: checks.Floats


def _as_is(state: DensityMatrix) -> DensityMatrix:
    return state


def _step(
    protocol: str, twirl: str | None, gate_mixing: ArrayLike, readout_error: ArrayLike
) -> tuple[Callable[[DensityMatrix, DensityMatrix], Heralded], int]:
    """Return one round of a kept pair with fresh ones, and how many pairs it takes."""
    choice(protocol, "protocol", tuple(ROUNDS))
    if twirl is not None:
        choice(twirl, "twirl", tuple(TWIRLS))
    function, count = ROUNDS[protocol]
    before = _as_is if twirl is None else TWIRLS[twirl]
    mixing, flip = noise(gate_mixing, readout_error)

    def step(kept: DensityMatrix, fresh: DensityMatrix) -> Heralded:
        others = [before(fresh)] * (count - 1)
        return function(before(kept), *others, gate_mixing=mixing, readout_error=flip)

    return step, count


def nested_rounds(
    pair: DensityMatrix, *, rounds: int, protocol: str = "dejmps", twirl: str | None = None,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> NestedRounds:  # fmt: skip
    """Return what is left of equal pairs that are distilled in rounds, each out of pairs of the round before.

    A round that fails loses all that went into it, so that the mean number of raw pairs for one is the product over rounds
    of ``2/p_k`` (3 instead of 2 for double selection). Nothing waits: what memories do in the meantime is not in it.

    Parameters
    ----------
    pair : DensityMatrix
        The raw pairs, near phi+; batches broadcast with the noise.
    rounds : int
        Number of rounds, 0 or more.
    protocol : str
        "bbpssw", "dejmps" or "double_selection".
    twirl : str, optional
        "werner" or "bell-diagonal": what is done to the pairs before every round. Nothing if not given.
    gate_mixing, readout_error : array_like
        As of ``bbpssw``.

    References
    ----------
    Bennett et al., PRL 76, 722 (1996); Duer and Briegel, Rep. Prog. Phys. 70, 1381 (2007).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> result = nested_rounds(werner_state(fidelity=0.8), rounds=3, protocol="bbpssw", twirl="werner")
    >>> result.raw_pairs.round(6).item(), bell_weights(result.state)[0].round(6).item()
    (15.237039, 0.90454)
    """
    checks.integer(rounds, "rounds", 0)
    state, (step, count) = require_pair(pair, "pair"), _step(protocol, twirl, gate_mixing, readout_error)
    probabilities: list[checks.Floats] = []
    raw_pairs = np.ones(state.batch_shape)
    for _ in range(rounds):
        state, probability = step(state, state)
        probabilities.append(probability)
        with np.errstate(divide="ignore"):
            raw_pairs = raw_pairs * count / probability
    return NestedRounds(state, tuple(probabilities), checks.plain(raw_pairs))


def pump(
    pair: DensityMatrix, fresh: DensityMatrix, *, rounds: int, protocol: str = "dejmps", twirl: str | None = None,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> Heralded:  # fmt: skip
    """Return a pair after rounds in each of which a fresh pair is spent on it, and the probability that all succeed.

    It needs room for two pairs only, but the fidelity stays below 1 even without noise, at a limit that
    the fresh pairs set.

    Parameters
    ----------
    pair, fresh : DensityMatrix
        The pair that is kept, and the pairs that are spent on it; batches broadcast with the noise.
    rounds, protocol, twirl, gate_mixing, readout_error
        As of ``nested_rounds``; the twirl is of both pairs before every round.

    References
    ----------
    Duer, Briegel, Cirac and Zoller, PRA 59, 169 (1999).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> pair = werner_state(fidelity=0.85)
    >>> [bell_weights(pump(pair, pair, rounds=n).state)[0].round(6).item() for n in (1, 2, 8)]
    [0.884146, 0.925676, 0.934079]
    """
    checks.integer(rounds, "rounds", 0)
    state, spent = require_pair(pair, "pair"), require_pair(fresh, "fresh")
    step, _ = _step(protocol, twirl, gate_mixing, readout_error)
    total = np.ones(state.batch_shape)
    for _ in range(rounds):
        state, probability = step(state, spent)
        total = np.where(total == 0, 0.0, total * probability)  # what follows a failure has no probability
    return Heralded(state, checks.plain(total))


def _limit(step: Callable[[DensityMatrix], DensityMatrix], start: DensityMatrix) -> DensityMatrix:
    """Repeat a step until nothing moves; points that still do after many steps, as in a cycle, are NaN."""
    state = step(start)  # which has the batch axes of the noise too
    for _ in range(MAX_ROUNDS):
        after = step(state)
        change = np.abs(after._stack - state._stack).max(axis=0)
        state = after
        if not (change > STILL).any():  # NaN moves no more
            return state
    state._stack[:, change > STILL] = np.nan
    return state


def recurrence_limit(
    pair: DensityMatrix, *, protocol: str = "dejmps", twirl: str | None = None, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return what ``nested_rounds`` come to after ever more rounds: a fixpoint of the round with two equal pairs.

    Pairs that are too poor, or gates too noisy, end maximally mixed. A point that never settles is NaN.
    Parameters are as of ``nested_rounds``; start from ``bell_state()`` for the best that the noise allows.

    Examples
    --------
    >>> from qnet_core import bell_state, bell_weights
    >>> bell_weights(recurrence_limit(bell_state(), gate_mixing=0.01, readout_error=0.01)).round(6).tolist()
    [0.985962, 0.008447, 0.002755, 0.002836]
    """
    require_pair(pair, "pair")
    step, _ = _step(protocol, twirl, gate_mixing, readout_error)
    return _limit(lambda state: step(state, state).state, pair)


def pumping_limit(
    fresh: DensityMatrix, *, protocol: str = "dejmps", twirl: str | None = None, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return what ``pump`` comes to after ever more rounds with fresh pairs, beginning with one of them.

    Parameters are as of ``pump``. A point that never settles is NaN.

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> pair = werner_state(fidelity=0.85)
    >>> bell_weights(pumping_limit(pair, protocol="bbpssw", twirl="werner"))[0].round(6).item()
    0.909365
    """
    require_pair(fresh, "fresh")
    step, _ = _step(protocol, twirl, gate_mixing, readout_error)
    return _limit(lambda state: step(state, fresh).state, fresh)
