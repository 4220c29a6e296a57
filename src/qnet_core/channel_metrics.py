"""Numbers that say how near a channel is to what it should be."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _checks
from ._checks import Complexes, Floats
from ._completeness import require_complete
from .channels import Channel
from .errors import DimensionError, ParameterTypeError
from .metrics import fidelity, trace_distance
from .states import DensityMatrix

__all__ = [
    "average_gate_fidelity",
    "diamond_distance",
    "pauli_probabilities",
    "process_fidelity",
    "twirling_error",
    "unitarity",
]


def _channel(channel: Channel, name: str = "channel") -> Channel:
    if not isinstance(channel, Channel):
        raise ParameterTypeError(f"Parameter `{name}` must be a Channel, but is {type(channel).__name__}.")
    return channel


def _matching(a: Channel, b: Channel, name: str) -> None:
    if (a.dims_in, a.dims_out) != (b.dims_in, b.dims_out):
        have, want = (b.dims_in, b.dims_out), (a.dims_in, a.dims_out)
        raise DimensionError(
            f"Parameter `{name}` must map dims {want[0]} to {want[1]}, but maps {have[0]} to {have[1]}."
        )
    _checks.broadcast(channel=a.batch_shape, **{name: b.batch_shape})


def _target(channel: Channel, target: Any) -> Channel:
    """Return the target as a channel: the identity, a channel, or a unitary matrix."""
    if target is None:
        if channel.dims_in != channel.dims_out:
            raise DimensionError(
                f"Parameter `target` must be given for a map of {channel.dims_in} to {channel.dims_out}."
            )
        return Channel.identity(channel.dims_in)
    if isinstance(target, Channel):
        _matching(channel, target, "target")
        return target
    unitary = _checks.square(target, "target", math.prod(channel.dims_in))
    require_complete(unitary[..., None, :, :], True, _checks.tolerance(target), "target", "must be unitary")
    return Channel.from_unitary(unitary, channel.dims_in)


def _choi_state(channel: Channel) -> DensityMatrix:
    size = math.prod(channel.dims_in)
    return DensityMatrix(channel.choi() / size, channel.dims_in + channel.dims_out, check=False)


def process_fidelity(channel: Channel, target: Any = None) -> Floats:
    """Return the fidelity of the Choi states of ``channel`` and ``target``, shape (...).

    ``Tr(R_target^T R) / d**2`` for a unitary target, which may be a Channel, a unitary matrix or
    None for the identity; also called the entanglement fidelity.

    >>> from qnet_channels import depolarizing
    >>> process_fidelity(depolarizing(mixing=0.1)).round(12).item()
    0.925
    """
    if _channel(channel) and target is None:
        _target(channel, target)
        return _checks.plain(np.trace(channel.transfer, axis1=-2, axis2=-1) / math.prod(channel.dims_in) ** 2)
    return fidelity(_choi_state(channel), _choi_state(_target(channel, target)))


def average_gate_fidelity(channel: Channel, target: Any = None) -> Floats:
    """Return the fidelity with the target's output averaged over pure inputs, shape (...).

    ``(d F + p)/(d + 1)``, F the process fidelity and p the mean trace kept, 1 for a channel that
    preserves it (Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3). The target must be unitary.
    """
    size = math.prod(_channel(channel).dims_in)
    kept = channel.transfer[..., 0, 0]
    return _checks.plain((size * process_fidelity(channel, target) + kept) / (size + 1))


def unitarity(channel: Channel) -> Floats:
    """Return ``Tr(R'^T R')/(d**2 - 1)``, shape (...), R' without the first row and column: 1 for a unitary.

    Wallman et al., New J. Phys. 17, 113020 (2015), eq. 11.
    """
    if math.prod(_channel(channel).dims_in) != math.prod(channel.dims_out):
        raise DimensionError(
            f"Parameter `channel` must keep the dimension, but maps {channel.dims_in} to {channel.dims_out}."
        )
    block = channel.transfer[..., 1:, 1:]
    return _checks.plain((block**2).sum(axis=(-1, -2)) / (math.prod(channel.dims_in) ** 2 - 1))


def pauli_probabilities(channel: Channel) -> Floats:
    """Return the probabilities of I, X, Y, Z, or II, IX, ..., in the Pauli twirl of the channel, shape (..., 4**n).

    >>> from qnet_channels import amplitude_damping
    >>> pauli_probabilities(amplitude_damping(damping=0.36)).round(12).tolist()
    [0.81, 0.09, 0.09, 0.01]
    """
    twirled = _channel(channel).pauli_twirl()
    return _pauli_weights(np.diagonal(twirled.transfer, axis1=-2, axis2=-1), len(twirled.dims_in))


def twirling_error(channel: Channel) -> Floats:
    """Return what a Pauli-frame simulator misses: the trace distance of the Choi states of map and twirl, shape (...).

    Half a maximally entangled state tells the two apart with the probability ``(1 + it)/2``; the best input
    does at least as well, by ``diamond_distance(channel, channel.pauli_twirl())``.

    >>> from qnet_channels import amplitude_damping, dephasing
    >>> twirling_error(dephasing(probability=0.1)).item(), twirling_error(amplitude_damping(damping=0.36)).round(12).item()
    (0.0, 0.18)
    """
    return trace_distance(_choi_state(_channel(channel)), _choi_state(channel.pauli_twirl()))


def diamond_distance(a: Channel, b: Channel) -> Floats:
    """Return half the diamond norm of ``a - b``, shape (...): the best chance to tell them apart is (1 + it)/2.

    Pauli channels have the closed form ``sum |p - q| / 2``. Other maps take a semidefinite program
    for each point (Watrous, Theory of Computing 5, 217 (2009)), accurate to about 1e-7, which needs
    the extra ``qnet-engine[sdp]``.
    """
    _matching(_channel(a, "a"), _channel(b, "b"), "b")
    difference = np.subtract(*np.broadcast_arrays(a.transfer, b.transfer))
    diagonal = np.diagonal(difference, axis1=-2, axis2=-1)
    if set(a.dims_in) == {2} and a.dims_in == a.dims_out and np.count_nonzero(difference) == np.count_nonzero(diagonal):
        return _checks.plain(np.abs(_pauli_weights(diagonal, len(a.dims_in))).sum(axis=-1) / 2)
    choi = np.subtract(*np.broadcast_arrays(a.choi(), b.choi()))
    size_in = math.prod(a.dims_in)
    solve = _program(size_in, math.prod(a.dims_out))
    flat = [solve(matrix) for matrix in choi.reshape(-1, *choi.shape[-2:])]
    return np.array(flat).reshape(choi.shape[:-2])


def _pauli_weights(diagonal: Floats, num_qubits: int) -> Floats:
    """Return the Pauli probabilities of a diagonal transfer matrix: a Walsh transform for each qubit."""
    signs = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 4
    weights = diagonal.reshape(*diagonal.shape[:-1], *(4,) * num_qubits)
    for k in range(num_qubits):
        axis = weights.ndim - num_qubits + k
        weights = np.moveaxis(np.tensordot(weights, signs, axes=(axis, 1)), -1, axis)
    return weights.reshape(diagonal.shape)


def _program(size_in: int, size_out: int) -> Callable[[Complexes], float]:
    """Return a function that minimizes the largest eigenvalue of ``Tr_out(Z - J/2)`` over Z >= 0, Z >= J, for one J."""
    try:
        import cvxpy
    except ImportError as error:
        raise ImportError("The diamond distance of these maps needs the extra `sdp`: qnet-engine[sdp].") from error
    size = size_in * size_out
    bound, bias = cvxpy.Variable((size, size), hermitian=True), cvxpy.Variable()
    choi = cvxpy.Parameter((size, size), hermitian=True)
    seen = cvxpy.partial_trace(bound - choi / 2, [size_in, size_out], 1)
    rules = [bound >> 0, bound - choi >> 0, bias * np.eye(size_in) - seen >> 0]
    problem = cvxpy.Problem(cvxpy.Minimize(bias), rules)
    accuracy = dict.fromkeys(["tol_gap_abs", "tol_gap_rel", "tol_feas"], 1e-7)

    def solve(matrix: Complexes) -> float:
        choi.value = (matrix + matrix.conj().T) / 2
        return float(problem.solve(solver="CLARABEL", **accuracy))

    return solve
