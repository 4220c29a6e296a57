"""Sensors: what a state tells of the phase that turned it, and of a frequency that it sensed while it decayed."""

import math

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core._positivity import require_hermitian
from qnet_core.errors import DimensionError, ParameterError

from .resources import require_memory, require_state
from .shared_qubits import require_qubits

__all__ = ["frequency_information", "phase_generator", "quantum_fisher_information"]

Floats = checks.Floats


def phase_generator(num_qubits: int, *, weights: ArrayLike | None = None) -> checks.Complexes:
    """Return ``sum_k w_k Z_k / 2``, shape (..., 2^n, 2^n), which turns qubit k by w_k times the phase.

    Parameters
    ----------
    num_qubits : int
    weights : array_like, shape (..., n), optional
        How strongly each node feels what is sensed; 1 if not given. With 1/n it is the mean over the nodes.

    Examples
    --------
    >>> phase_generator(2).diagonal().real.tolist()
    [1.0, 0.0, 0.0, -1.0]
    """
    n = checks.integer(num_qubits, "num_qubits", 1)
    felt = np.ones(n) if weights is None else checks.real(weights, "weights")
    if felt.shape[-1:] != (n,):
        raise DimensionError(f"Parameter `weights` must have shape (..., {n}), but has shape {felt.shape}.")
    checks.capacity(4**n * (felt.size // n), "The generator", 16)
    bits = np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1
    diagonal = felt @ (0.5 - bits).T
    return np.asarray(diagonal[..., None] * np.eye(2**n, dtype=complex))


def quantum_fisher_information(state: DensityMatrix, generator: ArrayLike) -> Floats:
    """Return what the best measurement tells of a phase φ that ``exp(-i φ G)`` turned the state by, shape (...).

    ``F = sum_ij 2 (w_i - w_j)² / (w_i + w_j) |<i|G|j>|²`` over the eigenvectors of the state; of a pure state four
    times the variance of G. No unbiased estimate from ν readings has a variance below ``1/(ν F)``. With
    ``phase_generator(n)`` F is at most n² (Heisenberg), and n without entanglement (standard limit).

    Parameters
    ----------
    state : DensityMatrix
        Any subsystems, of trace 1.
    generator : array_like, shape (..., D, D)
        Hermitian.

    References
    ----------
    Braunstein and Caves, PRL 72, 3439 (1994); Giovannetti, Lloyd and Maccone, PRL 96, 010401 (2006).

    Examples
    --------
    >>> from qnet_channels import dephasing
    >>> from qnet_core import ghz_state
    >>> probe = ghz_state(3).apply_each([dephasing(probability=[0.0, 0.05])] * 3)
    >>> quantum_fisher_information(probe, phase_generator(3)).round(9).tolist()
    [9.0, 4.782969]
    """
    probe = require_state(state, "state")
    operator = checks.square(generator, "generator", math.prod(probe.dims))
    checks.broadcast(state=probe.batch_shape, generator=operator.shape[:-2])
    scale = max(1.0, float(np.abs(operator).max()))
    require_hermitian(operator, "generator", checks.tolerance(generator) * scale, ParameterError)
    absent = np.isnan(probe.trace())
    values, vectors = np.linalg.eigh(np.nan_to_num(probe.matrix) if absent.any() else probe.matrix)
    elements = np.abs(vectors.conj().swapaxes(-1, -2) @ operator @ vectors) ** 2
    found = 2 * (_contrast(values) * elements).sum(axis=(-1, -2))
    return checks.plain(np.where(absent, np.nan, found))


def _contrast(values: Floats) -> Floats:
    """Return ``(w_i - w_j)²/(w_i + w_j)``, which is at most ``w_i + w_j``: round-off stays round-off if it is not below 0."""
    weights = np.maximum(0, values)
    total = weights[..., :, None] + weights[..., None, :]
    gap = weights[..., :, None] - weights[..., None, :]
    return np.asarray(gap**2 / np.where(total > 0, total, 1))


def frequency_information(
    state: DensityMatrix, *, duration_s: ArrayLike, memory: Memory | None = None, weights: ArrayLike | None = None
) -> Floats:
    """Return the Fisher information on an angular frequency that qubits sense for a while as they decay, in s², shape (...).

    ``t² F(state after t)``: relaxation and dephasing commute with the precession about Z. Divided by the time per
    reading it is the rate at which precision is gained.

    Parameters
    ----------
    state : DensityMatrix
        One qubit per node, of trace 1: any state, as a network may have made it.
    duration_s : array_like
        Time from preparation to reading.
    memory : Memory, optional
        What all qubits suffer meanwhile; perfect if not given.
    weights : array_like, shape (..., n), optional
        As in ``phase_generator``.

    References
    ----------
    Kómár et al., Nat. Phys. 10, 582 (2014), for a network of clocks.

    Examples
    --------
    >>> from qnet_core import ghz_state
    >>> frequency_information(ghz_state(4), duration_s=0.25, memory=Memory(t1_s=np.inf, t2_s=2.0)).round(9).item()
    0.367879441
    """
    probe = require_qubits(state)
    used, duration = require_memory(memory), checks.real(duration_s, "duration_s", low=0.0)
    checks.broadcast(state=probe.batch_shape, duration_s=duration.shape)
    if used is not None:
        probe = probe.apply_each([used.decay(duration_s=duration)] * probe.num_subsystems)
    generator = phase_generator(probe.num_subsystems, weights=weights)
    return checks.plain(duration**2 * quantum_fisher_information(probe, generator))
