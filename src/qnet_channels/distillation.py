"""One round of entanglement distillation: two or three pairs of any states become one better pair, or nothing."""

from functools import cache

from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded

from .bilateral import ONE, Effect, Gate, Terms, X, Z, coinciding, kept_pair, kept_pair_heralded, terms

__all__ = ["bbpssw", "dejmps", "double_selection", "epl"]

_CNOT = Gate("cx", (0, 1))


@cache
def round_terms(protocol: str) -> Terms:
    """Return the products of correlators of a round: "bbpssw", "dejmps", "epl" or "double_selection"."""
    if protocol == "bbpssw":
        return terms([_CNOT], coinciding({1: Z}, 2))
    if protocol == "dejmps":
        return terms([Gate("x90", (0,)), Gate("x90", (1,)), _CNOT], coinciding({1: Z}, 2))
    if protocol == "epl":
        signs = {(ONE, ONE): 0.25, (Z, ONE): -0.25, (ONE, Z): -0.25, (Z, Z): 0.25}  # of |1><1| on both sides
        return terms([_CNOT], [Effect((share,) * 4, (ONE, a), (ONE, b)) for (a, b), share in signs.items()])
    return terms([_CNOT, Gate("cx", (2, 1))], coinciding({1: Z, 2: X}, 3))


def unnormalized_round(
    first: DensityMatrix, second: DensityMatrix, protocol: str, *, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return the kept pair of a round of "bbpssw", "dejmps" or "epl", its trace the probability that it is kept.

    Bilinear: averages of states that are weighted by probabilities may go in, and come out weighted.
    """
    pairs = {"first": first, "second": second}
    return kept_pair(round_terms(protocol), pairs, gate_mixing=gate_mixing, readout_error=readout_error)


def bbpssw(
    first: DensityMatrix, second: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0
) -> Heralded:
    """Return the first pair after a CNOT onto the second on both sides, kept where Z of the second reads the same.

    For Bell-diagonal pairs a (kept) and b (measured): ``(a0 b0 + a1 b1, a0 b1 + a1 b0, a2 b2 + a3 b3, a2 b3 + a3 b2)/p``.
    The state is that before the twirl of the original protocol: ``twirl_to_werner`` does that, and a round
    without it is another protocol. With noise the two pairs are not on an equal footing.

    Parameters
    ----------
    first, second : DensityMatrix
        Two qubits (A, B) each, in any state near phi+; batches broadcast. The first is kept.
    gate_mixing : array_like
        Probability that the two qubits of each CNOT are replaced by the maximally mixed state after it.
    readout_error : array_like
        Probability that a measured bit is flipped, for each of the two bits.

    Returns
    -------
    Heralded
        The kept pair, and the probability that it is kept; NaN where that is 0.

    References
    ----------
    Bennett et al., PRL 76, 722 (1996); noisy: Duer, Briegel, Cirac and Zoller, PRA 59, 169 (1999).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> pair = werner_state(fidelity=0.75)
    >>> state, probability = bbpssw(pair, pair)
    >>> probability.round(6).item(), bell_weights(state)[0].round(6).item()
    (0.722222, 0.788462)
    """
    pairs = {"first": first, "second": second}
    return kept_pair_heralded(round_terms("bbpssw"), pairs, gate_mixing=gate_mixing, readout_error=readout_error)


def dejmps(
    first: DensityMatrix, second: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0
) -> Heralded:
    """Return the first pair after a round of ``bbpssw`` before which all halves are turned about X.

    A turns by +90 degrees and B by -90, on both pairs, which exchanges phi- and psi-. For Bell-diagonal pairs
    ``(a0 b0 + a3 b3, a0 b3 + a3 b0, a2 b2 + a1 b1, a2 b1 + a1 b2)/p``. Nothing is turned back, so that errors
    change places from round to round. Where psi- outweighs all other errors, a first round brings phi+ down.

    Parameters
    ----------
    first, second, gate_mixing, readout_error
        As of ``bbpssw``; the turns are perfect.

    Returns
    -------
    Heralded
        The kept pair, and the probability that it is kept; NaN where that is 0.

    References
    ----------
    Deutsch et al., PRL 77, 2818 (1996).

    Examples
    --------
    >>> from qnet_core import bell_diagonal_state, bell_weights
    >>> pair = bell_diagonal_state([0.7, 0.1, 0.15, 0.05])
    >>> state, probability = dejmps(pair, pair)
    >>> probability.round(6).item(), bell_weights(state).round(6).tolist()
    (0.625, [0.788, 0.112, 0.052, 0.048])
    """
    pairs = {"first": first, "second": second}
    return kept_pair_heralded(round_terms("dejmps"), pairs, gate_mixing=gate_mixing, readout_error=readout_error)


def epl(
    first: DensityMatrix, second: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0
) -> Heralded:
    """Return the first pair after a CNOT onto the second on both sides, kept where both read 1.

    For pairs as a single click leaves them, near psi+ and psi- with population of 11: that error is removed by one
    success, and a phase that both pairs share drops out. From ``F ((1 + v)/2 psi+ + (1 - v)/2 psi-) + (1 - F) |11><11|``
    comes psi+ with fidelity ``(1 + v**2)/2`` and probability ``F**2/2``. Pairs near phi+ must be turned to psi+ before.

    Parameters
    ----------
    first, second, gate_mixing, readout_error
        As of ``bbpssw``, but the pairs near psi+.

    Returns
    -------
    Heralded
        The kept pair, near psi+, and the probability that it is kept; NaN where that is 0.

    References
    ----------
    Campbell and Benjamin, PRL 101, 130502 (2008); Kalb et al., Science 356, 928 (2017).

    Examples
    --------
    >>> from qnet_core import DensityMatrix, bell_weights
    >>> raw = DensityMatrix([[0, 0, 0, 0], [0, 0.35, 0.315, 0], [0, 0.315, 0.35, 0], [0, 0, 0, 0.3]])
    >>> state, probability = epl(raw, raw)
    >>> probability.round(6).item(), bell_weights(state)[2].round(6).item()
    (0.245, 0.905)
    """
    pairs = {"first": first, "second": second}
    return kept_pair_heralded(round_terms("epl"), pairs, gate_mixing=gate_mixing, readout_error=readout_error)


def double_selection(
    first: DensityMatrix, second: DensityMatrix, third: DensityMatrix, *, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> Heralded:  # fmt: skip
    """Return the first pair after a CNOT onto the second, and one from the third onto the second, on both sides.

    It is kept where Z of the second reads the same on both sides, and X of the third too. The third pair shows
    the phase errors of the second, which would otherwise go over to the first unseen: with noisy gates the
    fidelity that many rounds reach is higher than with two pairs.

    Parameters
    ----------
    first, second, third, gate_mixing, readout_error
        As of ``bbpssw``.

    Returns
    -------
    Heralded
        The kept pair, and the probability that it is kept; NaN where that is 0.

    References
    ----------
    Fujii and Yamamoto, PRA 80, 042308 (2009).

    Examples
    --------
    >>> from qnet_core import bell_weights, werner_state
    >>> pair = werner_state(fidelity=0.9)
    >>> state, probability = double_selection(pair, pair, pair)
    >>> probability.round(6).item(), bell_weights(state)[0].round(6).item()
    (0.763259, 0.956522)
    """
    pairs = {"first": first, "second": second, "third": third}
    return kept_pair_heralded(
        round_terms("double_selection"), pairs, gate_mixing=gate_mixing, readout_error=readout_error
    )
