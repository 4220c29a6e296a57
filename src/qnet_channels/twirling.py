"""Twirled pairs, and what a simulator that knows only Werner or Bell-diagonal states would have said."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError
from qnet_core.preparations import BELL_SIGNS, bell_index

from .joining import require_pair
from .parameters import choice

__all__ = ["TwirlComparison", "twirl_comparison", "twirl_to_bell_diagonal", "twirl_to_werner"]


def _diagonal(state: DensityMatrix, correlations: checks.Floats) -> DensityMatrix:
    """Return pairs with these expectations II, XX, YY, ZZ (first axis) and all others 0, or NaN where there is no state."""
    stack = np.zeros_like(state._stack)
    stack += 0 * correlations[0]
    stack[::5] = correlations
    return DensityMatrix._wrap(stack.reshape(-1), (2, 2), state.batch_shape)


def twirl_to_werner(state: DensityMatrix, *, label: str = "phi+") -> DensityMatrix:
    """Return the Werner state of the same fidelity with a Bell state: the mean over all rotations that leave that alone.

    ``F |B><B| + (1 - F) (1 - |B><B|)/3``. Local and random, it can only lose entanglement; no experiment gains
    by it, though formulas get short. The trace stays.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits; batches allowed.
    label : str
        The Bell state: "phi+", "phi-", "psi+" or "psi-".

    References
    ----------
    Bennett et al., PRL 76, 722 (1996).

    Examples
    --------
    >>> from qnet_core import bell_diagonal_state, bell_weights
    >>> bell_weights(twirl_to_werner(bell_diagonal_state([0.7, 0.3, 0, 0]))).round(9).tolist()
    [0.7, 0.1, 0.1, 0.1]
    """
    require_pair(state, "state")
    signs = BELL_SIGNS[bell_index(label)]
    trace = state._stack[0]
    mean = (signs[1:] @ state._stack[5::5]) / 3
    return _diagonal(state, np.concatenate([trace[None], signs[1:, None] * mean]))


def twirl_to_bell_diagonal(state: DensityMatrix) -> DensityMatrix:
    """Return the pair without all that is off-diagonal in the Bell basis: the mean over equal Paulis on both sides.

    Of the 16 correlators XX, YY, ZZ stay. The trace stays.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits; batches allowed.

    References
    ----------
    Bennett et al., PRA 54, 3824 (1996), appendix A.

    Examples
    --------
    >>> from qnet_core import ket
    >>> twirl_to_bell_diagonal(ket("00")).expect("ZZ").item(), twirl_to_bell_diagonal(ket("00")).expect("ZI").item()
    (1.0, 0.0)
    """
    return _diagonal(require_pair(state, "state"), state._stack[::5])


TWIRLS: Mapping[str, Callable[[DensityMatrix], DensityMatrix]] = {
    "werner": twirl_to_werner, "bell-diagonal": twirl_to_bell_diagonal
}  # fmt: skip


class TwirlComparison(NamedTuple):
    """A number from the pairs as they are, from the twirled pairs, and ``twirled - ours``."""

    ours: checks.Floats
    twirled: checks.Floats
    difference: checks.Floats


def twirl_comparison(function: Callable[..., Any], *pairs: DensityMatrix, to: str = "werner") -> TwirlComparison:
    """Return a number for some pairs beside what it would be if the pairs were twirled before.

    It is what a simulator of Werner or Bell-diagonal states says, for a start; ``nested_rounds`` can twirl before every
    round too. Rounds that compare bits (all but ``epl``) make Bell weights out of Bell weights alone, whatever the
    states: about their probabilities and fidelities a simulator of Bell-diagonal states is right, one of Werner states is not.

    Parameters
    ----------
    function : callable
        Of as many pairs as are given, to a number for each point, such as the fidelity after a round.
    *pairs : DensityMatrix
        Two qubits each; batches allowed.
    to : str
        "werner" or "bell-diagonal".

    Examples
    --------
    >>> from qnet_channels import dejmps
    >>> from qnet_core import DensityMatrix, bell_state, fidelity
    >>> damped = DensityMatrix([[0.5, 0, 0, 0.44], [0, 0.1, 0, 0], [0, 0, 0, 0], [0.44, 0, 0, 0.4]])
    >>> def after(a, b):
    ...     return fidelity(dejmps(a, b).state, bell_state())
    >>> [value.round(4).item() for value in twirl_comparison(after, damped, damped)]
    [0.8956, 0.9182, 0.0226]
    """
    if not callable(function):
        raise ParameterTypeError(f"Parameter `function` must be callable, but is {type(function).__name__}.")
    choice(to, "to", tuple(TWIRLS))
    for k, pair in enumerate(pairs):
        require_pair(pair, f"pairs[{k}]")
    ours, twirled = _number(function(*pairs)), _number(function(*(TWIRLS[to](pair) for pair in pairs)))
    return TwirlComparison(ours, twirled, checks.plain(twirled - ours))


def _number(value: Any) -> checks.Floats:
    array = np.asarray(None if isinstance(value, tuple) else value)
    if array.dtype.kind not in "fiu":
        raise ParameterTypeError(f"Parameter `function` must return real numbers, but returned {type(value).__name__}.")
    return checks.plain(array.astype(float))
