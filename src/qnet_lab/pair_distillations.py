"""How scenarios of pairs may distil them, by the names of protocols in files."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import (
    Memory,
    bit_flip,
    epl,
    expedient_pair,
    nested_rounds,
    pump,
    stabilizer_distillation,
    stringent_pair,
)
from qnet_channels.codes import FIVE_QUBIT_CODE
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks

from .schedule_texts import schedule_of

__all__ = ["DISTILLATIONS", "Distilled"]

Floats = checks.Floats


class Distilled(NamedTuple):
    """A distilled pair, the probability that all rounds for it succeed at once, and the pairs that it takes in the mean."""

    state: DensityMatrix
    probability: Floats
    raw_pairs: Floats


def _nested(pair: DensityMatrix, protocol: str, rounds: int, twirl: str | None, **noise: ArrayLike) -> Distilled:
    result = nested_rounds(pair, protocol=protocol, rounds=rounds, twirl=twirl, **noise)
    together = np.prod(np.broadcast_arrays(1.0, *result.probabilities), axis=0)
    return Distilled(result.state, checks.plain(together), result.raw_pairs)


def recurrence(
    pair: DensityMatrix, protocol: str, *, rounds: int = 1, twirl: Literal["werner", "bell-diagonal"] | None = None,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> Distilled:  # fmt: skip
    """Return what is left of equal pairs that are distilled in rounds, each out of pairs of the round before.

    Parameters
    ----------
    rounds : int
        Number of rounds.
    twirl : str, optional
        What is done to the pairs before every round.
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    return _nested(pair, protocol, rounds, twirl, gate_mixing=gate_mixing, readout_error=readout_error)


def extreme_photon_loss(
    pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0
) -> Distilled:
    """Return one of two pairs after a round that removes the error of a single click.

    The pairs are turned from phi+ to psi+ before it, which is what it is made for, and back after it.

    Parameters
    ----------
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    turned = pair.apply(bit_flip(probability=1.0), 1)
    state, probability = epl(turned, turned, gate_mixing=gate_mixing, readout_error=readout_error)
    return _all_at_once(Heralded(state.apply(bit_flip(probability=1.0), 1), probability), 2)


def _all_at_once(result: Heralded, num_pairs: int) -> Distilled:
    """Return a distillation that begins anew with all its pairs wherever it fails."""
    with np.errstate(divide="ignore"):
        return Distilled(result.state, result.probability, checks.plain(num_pairs / result.probability))


def _selected(
    pair: DensityMatrix, function: Callable[..., Heralded], num_pairs: int, *, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> Distilled:  # fmt: skip
    """Return a pair that many others have selected.

    Parameters
    ----------
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    return _all_at_once(function(pair, gate_mixing=gate_mixing, readout_error=readout_error), num_pairs)


def pumping(
    pair: DensityMatrix, *, rounds: int = 1, rounds_of: Literal["bbpssw", "dejmps", "double_selection"] = "dejmps",
    twirl: Literal["werner", "bell-diagonal"] | None = None, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> Distilled:  # fmt: skip
    """Return a pair on which a fresh one is spent in every round; where a round fails all begins anew.

    Parameters
    ----------
    rounds : int
        Number of rounds.
    rounds_of : str
        What is done in a round.
    twirl : str, optional
        What is done to both pairs before every round.
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    how: dict[str, Any] = {
        "protocol": rounds_of, "twirl": twirl, "gate_mixing": gate_mixing, "readout_error": readout_error
    }  # fmt: skip
    fresh = 2 if rounds_of == "double_selection" else 1
    reached = [pump(pair, pair, rounds=k, **how).probability for k in range(1, rounds + 1)]
    # round k is reached with the probability of all before it, and takes its fresh pairs whether it succeeds or not
    spent = 1.0 + fresh * sum([np.ones(()), *reached[:-1]] if reached else [])
    result = pump(pair, pair, rounds=rounds, **how)
    with np.errstate(divide="ignore"):
        return Distilled(result.state, result.probability, checks.plain(spent / result.probability))


def schedule(
    pair: DensityMatrix, *, tree: str, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
    round_s: ArrayLike = 0.0, pair_s: ArrayLike = 0.0, t1_s: ArrayLike = np.inf, t2_s: ArrayLike = np.inf,
) -> Distilled:  # fmt: skip
    """Return what a tree of rounds delivers over one link, where what a failed round lost is made again.

    Parameters
    ----------
    tree : str
        As a Schedule is printed: "dejmps(bbpssw(pair, pair), pair)"; "pair" is a raw one.
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    round_s : array_like
        Time that a round takes.
    pair_s : array_like
        Mean time in which the link makes one raw pair.
    t1_s, t2_s : array_like
        Of the memories in which pairs wait for others; infinite if not given.
    """
    rounds = schedule_of(tree)
    how: dict[str, Any] = {"gate_mixing": gate_mixing, "readout_error": readout_error, "round_s": round_s}
    how["memory"] = Memory(t1_s=t1_s, t2_s=t2_s)
    run = rounds.repeated(pair, pair_s=pair_s, **how)
    return Distilled(run.state, rounds.apply(pair, **how).probability, run.raw_pairs)


def stabilizer_code(
    pair: DensityMatrix, *, generators: Sequence[str] = FIVE_QUBIT_CODE, correct: bool = False,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0,
) -> Distilled:  # fmt: skip
    """Return the logical pair of equal pairs on which both sides measured the generators of a code.

    Parameters
    ----------
    generators : sequence of str
        n - 1 commuting, independent strings of n letters I, X, Y, Z, for n pairs; the five-qubit code if not given.
    correct : bool
        Whether errors are corrected, or the pair is dropped where there is any.
    gate_mixing : array_like
        Probability that the two qubits of a gate are replaced by the maximally mixed state.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    result = stabilizer_distillation(
        pair, generators=generators, correct=correct, gate_mixing=gate_mixing, readout_error=readout_error
    )
    return _all_at_once(result, len(generators) + 1)


DISTILLATIONS: Mapping[str, Callable[..., Distilled]] = {
    "bbpssw": partial(recurrence, protocol="bbpssw"),
    "dejmps": partial(recurrence, protocol="dejmps"),
    "double-selection": partial(recurrence, protocol="double_selection"),
    "epl": extreme_photon_loss,
    "expedient": partial(_selected, function=expedient_pair, num_pairs=5),
    "stringent": partial(_selected, function=stringent_pair, num_pairs=13),
    "pumping": pumping,
    "schedule": schedule,
    "stabilizer-code": stabilizer_code,
}
