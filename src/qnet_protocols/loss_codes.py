"""Codes against the loss of photons: parity codes and trees, by how much loss they bear and what errors they leave."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import parameters
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

from .encoded import after_many, require_positive

__all__ = ["ParityCodeReadout", "parity_code_readout", "parity_code_success", "tree_code_success", "tree_photons"]

Floats = checks.Floats
Branching = Sequence[int] | ArrayLike


class ParityCodeReadout(NamedTuple):
    """How the two logical readouts of a parity code come out; all fields have the shape of the batch.

    Attributes
    ----------
    success : ndarray
        Probability that enough qubits have arrived for both readouts.
    x_error, z_error : ndarray
        How often the logical X and the logical Z are then wrong; NaN where there is no success.
    """

    success: Floats
    x_error: Floats
    z_error: Floats


def parity_code_success(*, blocks: ArrayLike, qubits: ArrayLike, transmissivity: ArrayLike) -> Floats:
    """Return the probability that a quantum parity code survives loss, ``(1-(1-η)^m)^n - (1-(1-η)^m-η^m)^n``.

    It does where each of the n blocks keeps one of its m qubits or more, and one block all of them: logical Z is one Z in
    every block, logical X is X on all of one block. Loss is announced. No code bears half of the photons being lost at every one
    of many stations: at η = 1/2 none succeeds more often than every other time.

    Parameters
    ----------
    blocks, qubits : array_like of int
        n and m, at least 1.
    transmissivity : array_like
        η, of each qubit.

    References
    ----------
    Ralph, Hayes and Gilchrist, PRL 95, 100501 (2005); Muralidharan et al., PRL 112, 250501 (2014).

    Examples
    --------
    >>> parity_code_success(blocks=[3, 7], qubits=4, transmissivity=[0.8, 0.9]).round(9).tolist()
    [0.791079289, 0.998732481]
    """
    count, size, arriving = _parity_code(blocks, qubits, transmissivity)
    return _survival(count, size, arriving)


def _parity_code(blocks: ArrayLike, qubits: ArrayLike, transmissivity: ArrayLike) -> tuple[Floats, Floats, Floats]:
    code = {"blocks": blocks, "qubits": qubits}
    found = parameters(counts=code, fractions={"transmissivity": transmissivity})
    for value, name in zip(found, code, strict=False):
        require_positive(value, name)
    return found[0], found[1], found[2]


def _survival(count: Floats, size: Floats, arriving: Floats) -> Floats:
    """Return ``a^n - (a - c)^n`` for blocks of which a share a has a survivor and c is complete, without cancellation."""
    with np.errstate(divide="ignore", invalid="ignore"):
        some = -np.expm1(size * np.log1p(-arriving))
        complete = np.minimum(arriving**size / some, 1.0)
        kept = some**count * -np.expm1(count * np.log1p(-complete))
    return checks.plain(np.where(some > 0, kept, 0.0))


def parity_code_readout(
    *, blocks: ArrayLike, qubits: ArrayLike, transmissivity: ArrayLike, error_probability: ArrayLike
) -> ParityCodeReadout:  # fmt: skip
    """Return success and errors of a parity code whose arriving qubits are wrong with some probability, in either basis.

    Logical Z is the parity over blocks of what the majority of a block's survivors says, logical X the majority
    over complete blocks of the parity of all qubits in each; a tie is decided by lot. More qubits per block protect Z and
    hurt X, so that with noisy gates the code that bears most loss isn't the best.

    Parameters
    ----------
    blocks, qubits, transmissivity
        As of ``parity_code_success``.
    error_probability : array_like
        Of the readout of one qubit that has arrived, all that happened to it included; X and Z alike.

    References
    ----------
    Muralidharan et al., PRL 112, 250501 (2014), whose readout by teleportation this is.

    Examples
    --------
    >>> readout = parity_code_readout(blocks=7, qubits=4, transmissivity=0.9, error_probability=1e-3)
    >>> [value.round(9).item() for value in readout]
    [0.998732481, 0.000223112, 0.000384805]
    """
    count, size, arriving = _parity_code(blocks, qubits, transmissivity)
    wrong = checks.probability(error_probability, "error_probability")
    checks.broadcast_parameters({"blocks": count, "qubits": size, "transmissivity": arriving, "error": wrong})
    success = _survival(count, size, arriving)
    with np.errstate(divide="ignore", invalid="ignore"):
        x_error = _wrong_x(count, size, arriving, wrong) / success
        z_error = (1 - _z_correlation(count, size, arriving, wrong) / success) / 2
    return ParityCodeReadout(success + 0 * wrong, checks.plain(x_error), checks.plain(np.maximum(z_error, 0.0)))


def _majority_error(voters: Floats, wrong: Floats) -> Floats:
    """Return how often a majority is wrong; a tie, decided by lot, is as good as one voter fewer."""
    from scipy.special import betainc  # slow to load

    half = np.maximum((voters + 1) // 2, 1)
    return checks.plain(betainc(half, half, wrong))


def _terms(number: int, total: Floats, hit: Floats, miss: Floats) -> Floats:
    """Return ``C(total, number) hit^number miss^(total - number)``, 0 where number exceeds the total."""
    from scipy.special import binom

    possible = number <= total
    rest = np.where(possible, total - number, 0)
    return checks.plain(np.where(possible, binom(total, number), 0.0) * hit**number * miss**rest)


def _z_correlation(count: Floats, size: Floats, arriving: Floats, wrong: Floats) -> Floats:
    """Return the mean of the sign of logical Z over all histories with success, others counting 0."""
    whole = arriving**size * (1 - 2 * _majority_error(size, wrong))
    partial = np.zeros_like(whole)
    for survivors in range(1, int(size.max())):
        share = np.where(survivors < size, _terms(survivors, size, arriving, 1 - arriving), 0.0)
        partial = partial + share * (1 - 2 * _majority_error(np.asarray(survivors), wrong))
    return checks.plain((whole + partial) ** count - partial**count)


def _wrong_x(count: Floats, size: Floats, arriving: Floats, wrong: Floats) -> Floats:
    """Return the probability of success with a wrong logical X."""
    whole = arriving**size
    partial = np.maximum(1 - (1 - arriving) ** size - whole, 0.0)
    odd = after_many(wrong, size)
    total = np.zeros(())
    for complete in range(1, int(count.max()) + 1):
        total = total + _terms(complete, count, whole, partial) * _majority_error(np.asarray(complete), odd)
    return checks.plain(total)


def tree_code_success(branching: Branching, *, loss: ArrayLike) -> Floats:
    """Return the probability that a qubit encoded in a tree of photons survives their loss.

    ``η_e = [(1-μ+μR_1)^{b_0} - (μR_1)^{b_0}] (1-μ+μR_2)^{b_1}``, where a photon of level k that is lost is still measured in
    Z, by way of its branches, with ``R_k = 1 - [1 - (1-μ)(1-μ+μR_{k+2})^{b_{k+1}}]^{b_k}``. One photon of the first level
    arrives, all others there are measured in one way or the other, and so are the branches of that one. It is the first
    to arrive, whatever became of its branches, so that this is a lower bound on what the code could do.

    Parameters
    ----------
    branching : array_like of int, shape (..., depth)
        b_0, b_1, ..., from the root; trees of fewer levels end in zeros.
    loss : array_like
        μ, probability that a photon is lost, detection included; broadcasts with the leading axes.

    References
    ----------
    Varnava, Browne and Rudolph, PRL 97, 120501 (2006); Borregaard et al., PRX 10, 021071 (2020).

    Examples
    --------
    >>> tree_code_success([4, 14, 4], loss=[0.1, 0.5]).round(9).tolist()
    [0.999758533, 0.135957931]
    """
    tree = _tree(branching)
    lost = checks.probability(loss, "loss")
    checks.broadcast(branching=tree.shape[1:], loss=lost.shape)
    indirect = [np.zeros(())] * (len(tree) + 2)
    below = [*tree[1:], np.zeros(())]
    for k in reversed(range(len(tree))):
        one = (1 - lost) * (1 - lost + lost * indirect[k + 2]) ** below[k]
        indirect[k] = 1 - (1 - one) ** tree[k]
    known = 1 - lost + lost * indirect[1]
    first = known ** tree[0] - (lost * indirect[1]) ** tree[0]
    return checks.plain(first * (1 - lost + lost * indirect[2]) ** below[0])


def tree_photons(branching: Branching) -> Floats:
    """Return the number of photons of a tree, ``sum_i prod_{j<=i} b_j``, shape (...).

    >>> tree_photons([[4, 14, 4], [2, 2, 0]]).tolist()
    [284.0, 6.0]
    """
    return checks.plain(np.cumprod(_tree(branching), axis=0).sum(axis=0))


def _tree(branching: Branching) -> Floats:
    """Return the branching with its levels first."""
    (tree,) = parameters(counts={"branching": branching})
    if tree.ndim < 1:
        raise DimensionError("Parameter `branching` must have shape (..., depth), but is one number.")
    levels = np.moveaxis(tree, -1, 0)
    require_positive(levels[0], "branching[..., 0]")
    return levels
