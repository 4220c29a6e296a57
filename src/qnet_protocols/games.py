"""Games that players win more often with entanglement than without: CHSH and the magic square."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels.parameters import parameters
from qnet_core import DensityMatrix, chsh_value
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .resources import Resource, require_resource, require_resources, require_state

__all__ = ["chsh_probability", "game_probability", "magic_square_probability"]

Floats = checks.Floats
_CHSH = np.array([[1, 1], [1, -1]])  # the bits must differ where both questions are 1
# Mermin's square: the product of each row is 1, that of each column too but for the last one, -1
_SQUARE = (("XI", "IX", "XX"), ("IZ", "ZI", "ZZ"), ("XZ", "ZX", "YY"))
_READ = np.array([1, 1, 2])  # readings in each cell of a line: two cells are read, the third is their product
_JOINT = np.array([0, 0, 1])  # the third row and the third column take a gate between the two qubits


def chsh_probability(
    state: DensityMatrix, *, alice_axes: ArrayLike | None = None, bob_axes: ArrayLike | None = None,
    readout_error: ArrayLike = 0.0,
) -> Floats:  # fmt: skip
    """Return how often a pair wins the CHSH game, ``1/2 + S/8``, shape (...).

    Each player is asked 0 or 1 and answers with a bit; they win if the bits differ just where both were asked 1. Without
    entanglement they win 3/4 of the rounds at best, with phi+ and the best axes ``(2 + √2)/4 = 0.854``.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits.
    alice_axes, bob_axes : array_like, shape (..., 2, 3)
        Axes of the Bloch sphere, of length 1, that are measured for questions 0 and 1; +1 along the axis is answered by
        0. Give both or none: the axes that are best for this state if not given.
    readout_error : array_like
        Probability that an answer is flipped, for each player.

    References
    ----------
    Clauser, Horne, Shimony and Holt, PRL 23, 880 (1969); Horodecki, Phys. Lett. A 200, 340 (1995).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> chsh_probability(werner_state(fidelity=[1.0, 0.78033])).round(6).tolist()
    [0.853553, 0.75]
    """
    pair = require_resource(state, "state")
    error = checks.probability(readout_error, "readout_error")
    checks.broadcast(state=pair.batch_shape, readout_error=error.shape)
    return checks.plain(0.5 + (1 - 2 * error) ** 2 * _chsh_value(pair, alice_axes, bob_axes) / 8)


def _chsh_value(pair: DensityMatrix, alice_axes: ArrayLike | None, bob_axes: ArrayLike | None) -> Floats:
    if alice_axes is None and bob_axes is None:
        return chsh_value(pair)
    if alice_axes is None or bob_axes is None:
        raise ParameterTypeError("Parameters `alice_axes` and `bob_axes` must be given both or not at all.")
    alice, bob = _require_axes(alice_axes, "alice_axes"), _require_axes(bob_axes, "bob_axes")
    checks.broadcast(state=pair.batch_shape, alice_axes=alice.shape[:-2], bob_axes=bob.shape[:-2])
    return np.asarray(np.einsum("xy,...xi,...ij,...yj->...", _CHSH, alice, pair.bloch[..., 1:, 1:], bob))


def _require_axes(value: ArrayLike, name: str) -> Floats:
    axes = checks.require_shape(checks.real(value, name), name, 2, 3)
    gap = np.abs(np.linalg.norm(axes, axis=-1) - 1)
    if gap.max() > checks.ATOL:
        raise ParameterError(f"Parameter `{name}` must hold axes of length 1, but one is off by {gap.max():.3g}.")
    return axes


def magic_square_probability(
    resource: Resource, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0
) -> Floats:
    """Return how often two pairs win the magic-square game, shape (...): always, if they are phi+.

    One player is asked for a row of a 3 x 3 square of signs and the other for a column; his row must have the product
    1, her column -1, and they win if they agree in the common cell, all nine questions being equally likely. Such a
    square does not exist, and without entanglement they win 8/9 at best. Both measure the observables of
    Mermin's square, two cells of a line directly and the third as the product that it must have; of Werner pairs with
    parameter x it makes ``1/2 + (4 x + 5 x²)/18``.

    Parameters
    ----------
    resource : DensityMatrix or sequence of two
        Pairs near phi+, first halves at one player; one state stands for two equal pairs.
    gate_mixing : array_like
        Probability that a player's two qubits are replaced by the maximally mixed state by the gate between them, which
        only the third row and the third column need.
    readout_error : array_like
        Probability that a measured sign is flipped.

    References
    ----------
    Mermin, PRL 65, 3373 (1990); Aravind, Am. J. Phys. 72, 1303 (2004); Brassard et al., Found. Phys. 35, 1877 (2005).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> magic_square_probability(werner_state(fidelity=[1.0, 0.925])).round(9).tolist()
    [1.0, 0.925]
    """
    pairs = require_resources(resource, 2)
    mixing, error = parameters(fractions={"gate_mixing": gate_mixing, "readout_error": readout_error})
    shapes = {f"resource[{k}]": pair.batch_shape for k, pair in enumerate(pairs)}
    checks.broadcast(**shapes, gate_mixing=mixing.shape, readout_error=error.shape)
    agreement = sum(
        _agreement(letters, pairs) * (1 - mixing) ** (_JOINT[row] + _JOINT[column])
        * (1 - 2 * error) ** (_READ[column] + _READ[row])
        for row, line in enumerate(_SQUARE) for column, letters in enumerate(line)
    )  # fmt: skip
    return checks.plain(0.5 + np.asarray(agreement) / 18)


def _agreement(letters: str, pairs: list[DensityMatrix]) -> Floats:
    """Return the expectation of one observable at both players; all nine are their own transposes."""
    first, second = (pair.expect(letter * 2) for pair, letter in zip(pairs, letters, strict=True))
    return np.asarray(first * second)


def game_probability(
    state: DensityMatrix, *, alice: ArrayLike, bob: ArrayLike, wins: Callable[[int, int, int, int], bool] | ArrayLike
) -> Floats:  # fmt: skip
    """Return how often a state wins any game of two players with given measurements, shape (...).

    All pairs of questions (x, y) are equally likely, and answers (a, b) come with the probability ``Tr(rho A_xa x
    B_yb)``.

    Parameters
    ----------
    state : DensityMatrix
        Subsystems of the first player, then those of the second one.
    alice, bob : array_like, shape (..., questions, answers, D, D)
        Positive operators that add up to 1 for each question; the two D multiply to the dimension of the state.
    wins : array_like of bool, shape (questions, questions, answers, answers)
        Which answers win, as ``wins[x, y, a, b]``; or a function ``wins(x, y, a, b)``.

    References
    ----------
    Cleve, Høyer, Toner and Watrous, Proc. 19th IEEE CCC, 236 (2004).

    Examples
    --------
    >>> from qnet_core import bell_state
    >>> bit = [np.diag([1, 0]), np.diag([0, 1])]  # both always read Z: what a classical pair would do
    >>> pair = bell_state("phi+")
    >>> game_probability(pair, alice=[bit, bit], bob=[bit, bit], wins=lambda x, y, a, b: a ^ b == x * y).round(9).item()
    0.75
    """
    sizes = [_require_measurements(value, name) for value, name in ((alice, "alice"), (bob, "bob"))]
    matrix = _split(require_state(state, "state"), *(own.shape[-1] for own in sizes))
    shape = (sizes[0].shape[-4], sizes[1].shape[-4], sizes[0].shape[-3], sizes[1].shape[-3])
    table = _winning(wins, shape)
    shapes = {name: own.shape[:-4] for name, own in zip(("alice", "bob"), sizes, strict=True)}
    checks.broadcast(state=state.batch_shape, **shapes)
    answers = np.einsum("...ijkl,...xaki,...yblj->...xyab", matrix, *sizes, optimize=True).real
    return checks.plain(np.where(table, answers, 0).sum(axis=(-1, -2, -3, -4)) / (shape[0] * shape[1]))


def _require_measurements(value: ArrayLike, name: str) -> checks.Complexes:
    operators = checks.matrix(value, name, ndim=4)
    checks.square(operators, name)
    gap = np.abs(operators.sum(axis=-3) - np.eye(operators.shape[-1])).max()
    skew = np.abs(operators - operators.conj().swapaxes(-1, -2)).max()
    if max(gap, skew) > checks.tolerance(value) or np.linalg.eigvalsh(operators).min() < -checks.tolerance(value):
        raise ParameterError(f"Parameter `{name}` must hold positive operators that add up to 1 for each question.")
    return operators


def _split(state: DensityMatrix, first: int, second: int) -> checks.Complexes:
    """Return the matrix with rows and columns of each player on axes of their own."""
    matrix = state.matrix
    if first * second != matrix.shape[-1]:
        raise DimensionError(
            f"Parameters `alice` and `bob` must have sizes that multiply to {matrix.shape[-1]}, but have {first} and {second}."
        )
    return matrix.reshape(*state.batch_shape, first, second, first, second)


def _winning(
    wins: Callable[[int, int, int, int], bool] | ArrayLike, shape: tuple[int, int, int, int]
) -> NDArray[np.bool_]:  # fmt: skip
    """Return the table of winning answers."""
    table = np.array([wins(*at) for at in np.ndindex(shape)]).reshape(shape) if callable(wins) else np.asarray(wins)
    if table.shape != shape or table.dtype.kind not in "bui":
        raise DimensionError(
            f"Parameter `wins` must hold a truth value for each of {shape}, but has shape {table.shape} of {table.dtype}."
        )
    return np.asarray(table, bool)
