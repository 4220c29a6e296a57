"""Pairs encoded in CSS codes: how often the code fails, and what is left after a chain of connections."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import binary_entropy
from qnet_channels.parameters import parameters
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__ = ["EncodedChain", "connection_error", "css_logical_error", "encoded_chain"]

Floats = checks.Floats


class EncodedChain(NamedTuple):
    """What a chain of encoded pairs delivers; all fields have the shape of the batch.

    Attributes
    ----------
    logical_error : ndarray
        Q, probability that one connection flips the logical bit, in each of the two bases.
    error : ndarray
        e, error rate of the logical pair between the ends, in each basis.
    secret_fraction : ndarray
        r, secret bits per logical pair; 0 where there is no key.
    """

    logical_error: Floats
    error: Floats
    secret_fraction: Floats


def css_logical_error(
    *, num_qubits: ArrayLike, correctable_errors: ArrayLike, error_probability: ArrayLike
) -> Floats:  # fmt: skip
    """Return how often more qubits of a code are wrong than it corrects: ``Q = sum_{k>t} C(n,k) q^k (1-q)^(n-k)``.

    That is for each of the two kinds of error of a CSS code [[n, 1, 2t+1]], whose qubits are wrong independently. Some
    patterns of more than t errors are corrected too, or do no harm, so that Q is an upper bound. Evaluated as an
    incomplete beta function, to all digits even where Q is tiny.

    Parameters
    ----------
    num_qubits, correctable_errors : array_like of int
        n, at least 1, and t, at most (n-1)/4: no quantum code corrects more.
    error_probability : array_like
        q, of one qubit and one kind of error.

    References
    ----------
    Jiang et al., PRA 79, 032325 (2009).

    Examples
    --------
    >>> css_logical_error(num_qubits=7, correctable_errors=1, error_probability=[1e-2, 1e-8])
    array([2.03104163e-03, 2.09999993e-15])
    """
    size, most, wrong = _code(num_qubits, correctable_errors, error_probability)
    return checks.plain(_more_than(size, most, wrong))


def _code(size: ArrayLike, most: ArrayLike, wrong: ArrayLike) -> tuple[Floats, Floats, Floats]:
    code = {"num_qubits": size, "correctable_errors": most}
    found = parameters(counts=code, fractions={"error_probability": wrong})
    require_positive(found[0], "num_qubits")
    if (4 * found[1] >= found[0]).any():
        raise ParameterError(
            "Parameter `correctable_errors` must be at most (`num_qubits` - 1)/4, as in any quantum code."
        )
    return found[0], found[1], found[2]


def require_positive(count: Floats, name: str) -> None:
    """Refuse a code or a chain without parts."""
    if (count < 1).any():
        raise ParameterError(f"Parameter `{name}` must be at least 1, but is {count.min():.12g}.")


def _more_than(size: Floats, most: Floats, wrong: Floats) -> Floats:
    """Return the probability of more than ``most`` successes among ``size``."""
    from scipy.special import betainc  # slow to load

    return checks.plain(np.where(most < size, betainc(most + 1, np.maximum(size - most, 1), wrong), 0.0))


def encoded_chain(
    *, num_qubits: ArrayLike, correctable_errors: ArrayLike, error_probability: ArrayLike, num_connections: ArrayLike
) -> EncodedChain:  # fmt: skip
    """Return errors and key of a chain whose connections are decoded one by one.

    ``e = (1 - (1 - 2Q)^N)/2`` and ``r = 1 - 2h(e)``. Logical flips of different connections are independent, and two of
    them cancel; that is why errors add up only as long as N Q is small. A Q above 1/2 counts as 1/2: a bound on failures
    is no certainty of flips. The decoding needs no message back: what each
    station has measured is sent to the ends.

    Parameters
    ----------
    num_qubits, correctable_errors, error_probability
        As of ``css_logical_error``; q is that of a connection, as ``connection_error`` gives it.
    num_connections : array_like of int
        N, at least 0.

    References
    ----------
    Jiang et al., PRA 79, 032325 (2009).

    Examples
    --------
    >>> chain = encoded_chain(num_qubits=7, correctable_errors=1, error_probability=0.003, num_connections=50)
    >>> [value.round(9).item() for value in chain]
    [0.000187118, 0.009270653, 0.848163387]
    """
    size, most, wrong = _code(num_qubits, correctable_errors, error_probability)
    (count,) = parameters(counts={"num_connections": num_connections})
    checks.broadcast_parameters({"num_qubits": size, "num_connections": count, "error_probability": wrong, "t": most})
    flip = checks.plain(_more_than(size, most, wrong))
    error = after_many(np.minimum(flip, 0.5), count)
    return EncodedChain(flip + 0 * error, error, key_of(error, error))


def after_many(flip: Floats, count: Floats) -> Floats:
    """Return how often an odd number of ``count`` independent flips happens, to full precision for rare ones."""
    rare = -np.expm1(count * np.log1p(-2 * np.where(flip < 0.25, flip, 0.0)))
    return checks.plain(np.where(flip < 0.25, rare, 1 - (1 - 2 * flip) ** count) / 2)


def key_of(bit_error: Floats, phase_error: Floats) -> Floats:
    """Return the secret bits per pair of BB84 with efficient sifting; 0 where there is no key."""
    return checks.plain(np.maximum(0.0, 1 - binary_entropy(bit_error) - binary_entropy(phase_error)))


def connection_error(*, pair_error: ArrayLike, gate_mixing: ArrayLike, readout_error: ArrayLike) -> Floats:
    """Return how often a physical qubit pair is read wrong in a connection, ``(1 - (1-2e)(1-g)^4 (1-2s)^2)/2``.

    What a station's readout of one qubit pair says is wrong with this probability, in each basis: by the pair (e), by the
    two gates of the teleported CNOT that made the one block, one gate of that of the other block, and the station's own
    (each by a marginal of g/2), and by two readouts (s). For weak noise that is ``e + 2g + 2s``. A teleported CNOT's first
    gate disturbs both of its blocks; ``encoded_chain`` takes what it does at the two stations to be independent. Blocks
    are taken to have been prepared without errors.

    Parameters
    ----------
    pair_error : array_like
        e, error rate of the pair in the basis: ``2(1 - F)/3`` for a Werner pair.
    gate_mixing, readout_error : array_like
        g and s, as of ``remote_gate`` and ``BellStation``.

    References
    ----------
    Jiang et al., PRA 79, 032325 (2009), for the steps; the count of errors is that of this engine's maps.

    Examples
    --------
    >>> connection_error(pair_error=0.002, gate_mixing=1e-3, readout_error=2.5e-4).round(9).item()
    0.004484901
    """
    pair, mixing, flip = parameters(
        fractions={"pair_error": pair_error, "gate_mixing": gate_mixing, "readout_error": readout_error}
    )
    return odd_parity(pair, mixing, flip, gates=4, readouts=2)


def odd_parity(pair: Floats, mixing: Floats, flip: Floats, *, gates: int, readouts: int) -> Floats:
    """Return how often an odd number of independent flips happens: of a pair, of so many gates and so many readouts."""
    wrong = after_many(mixing / 2, checks.plain(float(gates)))
    read = after_many(flip, checks.plain(float(readouts)))
    gate_and_read = wrong + read - 2 * wrong * read
    return checks.plain(pair + gate_and_read - 2 * pair * gate_and_read)
