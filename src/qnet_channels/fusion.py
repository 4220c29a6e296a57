"""Fusion: two states that meet at a station become one on all their qubits but one, and pairs become GHZ states."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError

from .joining import announced, require_pair
from .parameters import choice, parameters

__all__ = ["fuse", "fuse_branches", "ghz_from_pairs"]

# CNOT takes what is asked of the kept qubit, with the reading of the other one forgotten or known, to these Pauli
# operators of both: I to II and ZZ, X to XX and -YY, Y to YX and XY, Z to ZI and IZ.
_FORGOTTEN = ((0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 0, 1))
_KNOWN = ((3, 3, 1), (2, 2, -1), (1, 2, 1), (0, 3, 1))


@dataclass(frozen=True, slots=True)
class _Fused:
    """Bloch tensors of all kept qubits, batch axes last: outcomes b = 0, 1 leave ``(forgotten ± known)/2``."""

    forgotten: checks.Floats
    known: checks.Floats
    flips: checks.Floats  # signs of the Pauli strings of the kept qubits under the correction for b = 1
    batch: checks.Dims
    dims: checks.Dims

    def state(self, stack: checks.Floats) -> DensityMatrix:
        """Return the state of the kept qubits with these numbers."""
        full = np.broadcast_to(stack, (4 ** len(self.dims), *self.batch))
        return DensityMatrix._wrap(np.array(full, order="C").reshape(-1), self.dims, self.batch)


def fuse(
    left: DensityMatrix, right: DensityMatrix, *, on: tuple[int, int] | None = None, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return two states fused at a station: a CNOT from a qubit of the left one onto one of the right one, which is measured.

    GHZ states of n and m qubits become one of n + m - 1. Where Z of the measured qubit reads 1, all other qubits
    of the right state are flipped by X; outcomes are averaged after this correction. The qubits of the result are those of
    the left state and then those of the right one, without the measured one.

    A wrong reading leaves the qubits of the right state flipped against those of the left one. Fusion has no failure:
    linear optics, where it has, is not modelled.

    Parameters
    ----------
    left, right : DensityMatrix
        Qubits in any state; batches broadcast. A trace below 1 stays.
    on : (int, int), optional
        The qubit of the left state that is kept, and that of the right state that is measured. If not given the last
        and the first one.
    gate_mixing : array_like
        Probability that the two qubits are replaced by the maximally mixed state after the CNOT.
    readout_error : array_like
        Probability that the measured bit is flipped.

    References
    ----------
    Browne and Rudolph, PRL 95, 010501 (2005), type-I fusion as a CNOT; Bose et al., PRA 57, 822 (1998).

    Examples
    --------
    >>> from qnet_core import bell_state, fidelity, ghz_state
    >>> fidelity(fuse(bell_state("phi+"), bell_state("phi+")), ghz_state(3)).round(9).item()
    1.0
    """
    fused = _fused(left, right, on, gate_mixing, readout_error)
    return fused.state(np.where(fused.flips > 0, fused.forgotten, fused.known))


def fuse_branches(
    left: DensityMatrix, right: DensityMatrix, *, on: tuple[int, int] | None = None, gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> tuple[Heralded, Heralded]:  # fmt: skip
    """Return the corrected state and its probability for each reading 0, 1 of the measured qubit, as for ``fuse``.

    >>> from qnet_core import bell_state
    >>> [branch.probability.item() for branch in fuse_branches(bell_state("phi+"), bell_state("phi+"))]
    [0.5, 0.5]
    """
    fused = _fused(left, right, on, gate_mixing, readout_error)
    zero, one = (fused.forgotten + fused.known) / 2, fused.flips * (fused.forgotten - fused.known) / 2
    return announced(fused.state(zero)), announced(fused.state(one))


def ghz_from_pairs(
    pairs: Sequence[DensityMatrix], *, layout: Literal["star", "chain"] = "star", gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> DensityMatrix:  # fmt: skip
    """Return n + 1 qubits near a GHZ state from n pairs near phi+ by n - 1 fusions.

    In a "star" all pairs meet at a centre: pair k is the centre's qubit and leaf k, and the result is the qubit that the
    centre keeps, which is that of pair 0, and then the leaves. In a "chain" pair k is between nodes k and k + 1, inner
    nodes fuse their two qubits, and the result is one qubit per node from left to right.

    Of Bell-diagonal pairs with weights λ, perfect fusion makes the fidelity ``(Π(λ0 + λ1) + Π(λ0 - λ1))/2``: a flip anywhere
    counts, whereas two phase flips cancel wherever they are.

    Parameters
    ----------
    pairs : sequence of DensityMatrix
        Two qubits each; batches broadcast.
    layout : {"star", "chain"}
    gate_mixing, readout_error : array_like
        Of every fusion, as for ``fuse``.

    References
    ----------
    Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013); de Bone et al., IEEE Trans. Quantum Eng. 1 (2020).

    Examples
    --------
    >>> from qnet_core import fidelity, ghz_state, werner_state
    >>> state = ghz_from_pairs([werner_state(fidelity=0.9)] * 3)
    >>> fidelity(state, ghz_state(4)).round(9).item()
    0.732
    """
    choice(layout, "layout", ("star", "chain"))
    if not isinstance(pairs, Sequence):
        raise ParameterTypeError(f"Parameter `pairs` must be a sequence, but is {type(pairs).__name__}.")
    if not pairs:
        raise DimensionError("Parameter `pairs` must hold at least one pair, but is empty.")
    mixing, error = parameters(fractions={"gate_mixing": gate_mixing, "readout_error": readout_error})
    shapes = {f"pairs[{k}]": require_pair(pair, f"pairs[{k}]").batch_shape for k, pair in enumerate(pairs)}
    batch = checks.broadcast(**shapes, gate_mixing=mixing.shape, readout_error=error.shape)
    state = pairs[0] if pairs[0].batch_shape == batch else pairs[0].broadcast_to(batch)
    for pair in pairs[1:]:
        kept = 0 if layout == "star" else state.num_subsystems - 1
        state = fuse(state, pair, on=(kept, 0), gate_mixing=mixing, readout_error=error)
    return state


def _fused(
    left: DensityMatrix, right: DensityMatrix, on: tuple[int, int] | None, gate_mixing: ArrayLike,
    readout_error: ArrayLike,
) -> _Fused:  # fmt: skip
    """Return what both outcomes are made of."""
    mixing, error = parameters(fractions={"gate_mixing": gate_mixing, "readout_error": readout_error})
    kept, measured = _require_qubits(left, right, on)
    shapes = {"left": left.batch_shape, "right": right.batch_shape}
    batch = checks.broadcast(**shapes, gate_mixing=mixing.shape, readout_error=error.shape)
    n, m = left.num_subsystems, right.num_subsystems
    checks.capacity(3 * 4 ** (n + m - 1) * math.prod(batch), f"A state of {n + m - 1} qubits")
    a, b = _on_axis(left, kept, batch)[:, :, None], _on_axis(right, measured, batch)[:, None]
    forgotten, known = (np.array([sign * a[i] * b[j] for i, j, sign in table]) for table in (_FORGOTTEN, _KNOWN))
    forgotten = np.broadcast_to(forgotten, (*forgotten.shape[:3], *batch)).copy()
    forgotten[1:] *= 1 - mixing
    known = known * ((1 - mixing) * (1 - 2 * error))
    flips = np.tile(_flips(m - 1), 4**n).reshape(-1, *(1,) * len(batch))
    dims = (2,) * (n + m - 1)
    return _Fused(_in_place(forgotten, n, kept), _in_place(known, n, kept), flips, batch, dims)


def _require_qubits(left: DensityMatrix, right: DensityMatrix, on: tuple[int, int] | None) -> tuple[int, int]:
    """Return which qubit of the left state is kept and which of the right one is measured."""
    for name, state in (("left", left), ("right", right)):
        if not isinstance(state, DensityMatrix):
            raise ParameterTypeError(f"Parameter `{name}` must be a DensityMatrix, but is {type(state).__name__}.")
        if set(state.dims) != {2}:
            raise DimensionError(f"Parameter `{name}` must be a state of qubits, but has dims {state.dims}.")
    if on is None:
        return left.num_subsystems - 1, 0
    if not isinstance(on, tuple) or len(on) != 2:
        raise ParameterTypeError(f"Parameter `on` must be a pair (qubit of left, qubit of right), but is {on!r}.")
    first, second = (
        checks.subsystems(on[k], state.num_subsystems, f"on[{k}]") for k, state in enumerate((left, right))
    )
    if len(first) != 1 or len(second) != 1:
        raise DimensionError(f"Parameter `on` must name one qubit of each state, but is {on!r}.")
    return first[0], second[0]


def _on_axis(state: DensityMatrix, qubit: int, batch: checks.Dims) -> checks.Floats:
    """Return the Bloch tensor as (qubit, all other qubits, ...) with as many batch axes as the batch."""
    padded = (*(1,) * (len(batch) - len(state.batch_shape)), *state.batch_shape)
    shaped = state._flat.reshape(4**qubit, 4, -1, *padded)
    return np.moveaxis(shaped, 1, 0).reshape(4, 4 ** (state.num_subsystems - 1), *padded)


def _in_place(tensor: checks.Floats, num_left: int, qubit: int) -> checks.Floats:
    """Return (kept qubit, rest of the left state, rest of the right one, ...) as (all qubits, ...), in their places."""
    shaped = tensor.reshape(4, 4**qubit, 4 ** (num_left - 1 - qubit), *tensor.shape[2:])
    return np.moveaxis(shaped, 0, 1).reshape(-1, *tensor.shape[3:])


def _flips(num_qubits: int) -> checks.Floats:
    """Return the signs of all Pauli strings of these qubits under X on each."""
    return reduce(np.kron, [np.array([1.0, 1, -1, -1])] * num_qubits, np.ones(1))
