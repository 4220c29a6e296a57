"""B92: what its two states tell of phase errors."""

import numpy as np

from qnet_core import DensityMatrix
from qnet_core._checks import Floats, plain

__all__: list[str] = []


def b92_errors(state: DensityMatrix, overlap: Floats) -> tuple[Floats, Floats]:
    """Return the rate of errors among conclusive bits and a bound on their phase errors, no more than 1/2.

    Filtering her half of phi+ by ``√2 diag(β, α)`` in the basis of X, Alice sends ``β|+> ± α|->`` at random, of overlap
    β² - α²; filtering his by ``diag(α, β)`` and measuring Z, Bob gets the conclusive results of B92. They know how often that
    is, how many bits differ, and how often Alice would find |+>. In the populations q of her half and his in X,
    the phase errors are ``β² q_01 + α² q_10``, and not more of them are possible than leave coherence for
    so few bit errors: ``2(√(q_00 q_11) + √(q_01 q_10)) >= <Z Z>``. That is a quadratic equation.
    """
    alpha, beta = np.sqrt((1 - overlap) / 2), np.sqrt((1 + overlap) / 2)
    plus, minus, population = _populations(state, overlap)
    norm = plus + minus
    cross = 2 * alpha * beta * plain(state.expect("ZZ")) / norm  # <Z Z> after Alice's filter
    first, second = plus / norm, minus / norm
    conclusive = alpha**2 * population[0] + beta**2 * population[1]
    bit = (conclusive - alpha * beta * cross) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = (conclusive - alpha**2 * first - beta**2 * second) / overlap  # q_01 - q_10
        most = _most_exchange(first, second, shift, cross / 2)
        phase = (most + beta**2 * shift) / conclusive
        error = plain(np.where(conclusive > 0, bit / conclusive, np.nan))
    return error, plain(np.where(phase < 0.5, np.maximum(phase, 0), 0.5))


def _populations(state: DensityMatrix, overlap: Floats) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Return how much of |+> and |-> Alice's filter leaves of her half, and Bob's populations of both after it."""
    left, right, both = (plain(state.expect(pauli)) for pauli in ("XI", "IX", "XX"))
    plus, minus = (1 + overlap) * (1 + left) / 2, (1 - overlap) * (1 - left) / 2
    norm = plus + minus
    mean = (right + overlap * both) / norm
    return plus, minus, ((1 + mean) / 2, (1 - mean) / 2)


def _most_exchange(first: Floats, second: Floats, shift: Floats, least: Floats) -> Floats:
    """Return the largest s with ``√((first - s - shift)(second - s)) + √((s + shift) s) >= least``."""
    constant = (first - shift) * second - least**2
    a, b = 1 - 4 * least**2, constant + 2 * least**2 * shift
    root = np.sqrt(np.maximum(0, b**2 - a * constant**2))
    found = (b + root) / a
    edge = np.minimum(second, first - shift)
    return plain(np.where(least > 0, np.minimum(found, edge), edge))
