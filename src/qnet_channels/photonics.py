"""Optical modes cut off at a photon number: how to build a link by hand that no function here has.

A mode is a subsystem of dimension ``max_photons + 1``. Photons are lost by ``photon_loss`` and detected by
``Detector.instrument``. A single-click link, of which ``single_click_link`` is the closed form, is

>>> from qnet_channels import Detector, photon_loss
>>> from qnet_core import fidelity, bell_state, tensor
>>> node = memory_photon_state(bright_population=0.1, max_photons=2)
>>> arm = photon_loss(transmissivity=0.01, max_photons=2)
>>> arrived = tensor(node, node).apply(arm, 1).apply(arm, 3)  # left memory, its mode, right memory, its mode
>>> mixed = arrived.apply(beam_splitter(max_photons=2), (1, 3))
>>> detector = Detector().instrument(2)
>>> _, click = detector.branches(mixed, 1)
>>> lone, _ = detector.branches(click.state, 2)
>>> fidelity(lone.state, bell_state("psi+")).round(9).item(), (click.probability * lone.probability).round(9).item()
(0.900450225, 0.0009995)
"""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import Channel, DensityMatrix, Instrument
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .detection import Detector
from .heralding import one_tail, refuse_tail
from .parameters import choice

__all__ = [
    "beam_splitter",
    "double_excitation_from_g2",
    "joint_detection",
    "memory_photon_state",
    "phase_shift",
    "two_mode_squeezed_vacuum",
]


def beam_splitter(*, max_photons: int, transmissivity: ArrayLike = 0.5, phase_rad: ArrayLike = 0.0) -> Channel:
    """Return a beam splitter of two modes, ``b0 = √T a0 + e^(iφ) √(1-T) a1`` and ``b1 = √T a1 - e^(-iφ) √(1-T) a0``.

    One photon of two memories that leaves by mode 0 heralds psi+, one that leaves by mode 1 psi-; T = 1 is no beam
    splitter. Each mode is cut off above ``max_photons``: every output within the cutoff is exact, and outputs with
    more photons in a mode, which need more than ``max_photons`` photons in both inputs together, are cut off
    and show as trace that is missing.

    Parameters
    ----------
    max_photons : int
        Per mode, from 1 on.
    transmissivity : array_like
        T in [0, 1].
    phase_rad : array_like
        φ of what is reflected.

    Examples
    --------
    >>> from qnet_core import pure_state
    >>> pair = pure_state([0, 0, 0, 0, 1, 0, 0, 0, 0], (3, 3))  # a photon in each input: they leave together
    >>> pair.apply(beam_splitter(max_photons=2), (0, 1)).ptrace(0).matrix.real.diagonal().round(9).tolist()
    [0.5, 0.0, 0.5]
    """
    size = checks.integer(max_photons, "max_photons", 1) + 1
    kept = {"transmissivity": checks.probability(transmissivity, "transmissivity"),
            "phase_rad": checks.real(phase_rad, "phase_rad")}  # fmt: skip
    batch = checks.broadcast_parameters(kept)
    checks.capacity(4 * size**8 * math.prod(batch), "The maps of two modes", 16)
    through, phase = (np.broadcast_to(value, batch) for value in kept.values())
    straight, turned = np.sqrt(through).astype(complex), np.sqrt(1 - through) * np.exp(1j * phase)
    modes = np.stack([np.stack([straight, turned], axis=-1), np.stack([-turned.conj(), straight], axis=-1)], axis=-2)
    kraus = second_quantized(modes, size - 1)[..., None, :, :]
    return Channel.from_kraus(kraus, (size, size), (size, size))


def second_quantized(modes: NDArray[Any], max_photons: int) -> NDArray[Any]:
    """Return what ``a_i† -> sum_j modes[..., j, i] a_j†`` does to the number states of two modes, within the cutoff.

    Shape (..., D, D) with ``D = (max_photons + 1)**2``. Nothing within the cutoff depends on what lies beyond it.
    """
    size = max_photons + 1
    columns = np.zeros((*modes.shape[:-2], size, size, size, size), modes.dtype)
    columns[..., 0, 0, 0, 0] = 1
    for photons in number_pairs(size):
        mode, fewer, root = last_photon(photons)
        columns[(..., *photons)] = raised(columns[(..., *fewer)], modes[..., mode]) / root
    return columns.reshape(*modes.shape[:-2], size**2, size**2)


def number_pairs(size: int) -> list[tuple[int, int]]:
    """Return the photon numbers of two modes, vacuum left out, fewer before more."""
    return [(m, n) for m in range(size) for n in range(size) if m + n]


def last_photon(photons: tuple[int, int]) -> tuple[int, tuple[int, int], float]:
    """Return a mode with photons, the numbers with one of them less, and the root of the mode's number."""
    m, n = photons
    return (0, (m - 1, n), math.sqrt(m)) if m else (1, (m, n - 1), math.sqrt(n))


def raised(amplitudes: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return ``(w0 a0† + w1 a1†)|psi>`` of amplitudes (..., d, d), without what leaves the cutoff."""
    roots = np.sqrt(np.arange(1, amplitudes.shape[-1]))
    weight = weights[..., None, None, :]
    result = np.zeros_like(amplitudes)
    result[..., 1:, :] = weight[..., 0] * roots[:, None] * amplitudes[..., :-1, :]
    result[..., 1:] += weight[..., 1] * roots * amplitudes[..., :-1]
    return result


def phase_shift(*, phase_rad: ArrayLike, max_photons: int) -> Channel:
    """Return the phase ``e^(iφ)`` for each photon of a mode.

    >>> phase_shift(phase_rad=0.1, max_photons=2).dims_in
    (3,)
    """
    size = checks.integer(max_photons, "max_photons", 1) + 1
    phase = checks.real(phase_rad, "phase_rad")
    checks.capacity(4 * size**4 * phase.size, "The maps of the mode", 16)
    diagonal = np.exp(1j * phase[..., None] * np.arange(size))
    return Channel.from_unitary(diagonal[..., None] * np.eye(size), (size,))


def joint_detection(detector: Detector, *, num_modes: int, max_photons: int) -> Instrument:
    """Return the measurement of several modes by one detector that can't tell them apart, and absorbs them.

    Partly distinguishable photons are in modes of their own: a beam splitter with T = V puts a photon of visibility
    V into the mode of another one and a spare one. Outcomes as for ``Detector.instrument``: no click and a
    click, or the number of counts; there are dark counts of one detector only.

    >>> joint_detection(Detector(), num_modes=2, max_photons=1).outcomes
    (0, 1)
    """
    if not isinstance(detector, Detector):
        raise ParameterTypeError(f"Parameter `detector` must be a Detector, but is {type(detector).__name__}.")
    count = checks.integer(num_modes, "num_modes", 1)
    size = checks.integer(max_photons, "max_photons", 1) + 1
    checks.capacity(16 * size ** (2 * count), "The maps of the modes", 16)
    photons = np.indices((size,) * count).reshape(count, -1).sum(axis=0)
    weights = np.moveaxis(detector.outcome_probabilities(count * (size - 1))[:, photons], (0, 1), (-2, -1))
    kraus = np.sqrt(weights)[..., None, None] * np.eye(size**count)[:, None, :]
    dims = (size,) * count
    return Instrument([Channel.from_kraus(kraus[..., k, :, :, :], dims, ()) for k in range(kraus.shape[-4])])


def two_mode_squeezed_vacuum(
    *, mean_photons: ArrayLike, max_photons: int, max_tail: float = 1e-6
) -> DensityMatrix:  # fmt: skip
    """Return the pairs of photons of a parametric source, ``sum_n √(μ^n/(1 + μ)^(n+1)) |nn>`` up to ``max_photons``.

    The weight beyond the cutoff, ``(μ/(1 + μ))^(max_photons + 1)``, is missing in the trace. More than ``max_tail`` is
    refused by an error that names the cutoff that would do.

    Parameters
    ----------
    mean_photons : array_like
        μ of each mode, from 0 on: ``μ = sinh(r)**2``.
    max_photons : int
        Per mode, from 1 on.
    max_tail : float
        Weight in (0, 1] that may lie beyond the cutoff.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> two_mode_squeezed_vacuum(mean_photons=0.05, max_photons=4).trace().round(9).item()
    0.999999755
    """
    size = checks.integer(max_photons, "max_photons", 1) + 1
    mean = checks.real(mean_photons, "mean_photons", low=0.0)
    allowed = one_tail(max_tail)
    step = mean / (1 + mean)
    refuse_tail(step**size, allowed, max_photons, lambda cutoff, at: float(step[at]) ** (cutoff + 1))
    checks.capacity(3 * size**4 * mean.size, "The state of two modes", 16)
    vector = np.zeros((*mean.shape, size * size))
    vector[..., :: size + 1] = np.sqrt(step[..., None] ** np.arange(size) / (1 + mean[..., None]))
    return DensityMatrix(vector[..., :, None] * vector[..., None, :], (size, size), check=False)


def memory_photon_state(
    *, bright_population: ArrayLike = 0.5, max_photons: int = 1,
    encoding: Literal["single-rail", "dual-rail"] = "single-rail",
) -> DensityMatrix:  # fmt: skip
    """Return a memory (subsystem 0) with the photon that it emitted.

    "single-rail": ``√(1-α)|0>|no photon> + √α|1>|photon>``, one mode. "dual-rail": ``√(1-α)|0>|photon in the first
    mode> + √α|1>|photon in the second mode>``, for polarizations or time bins.

    >>> memory_photon_state(max_photons=2, encoding="dual-rail").dims
    (2, 3, 3)
    """
    bright = checks.probability(bright_population, "bright_population")
    size = checks.integer(max_photons, "max_photons", 1) + 1
    choice(encoding, "encoding", ("single-rail", "dual-rail"))
    dims = (2, size) if encoding == "single-rail" else (2, size, size)
    light = size ** (len(dims) - 1)
    checks.capacity(12 * light**2 * bright.size, "The state of memory and light", 16)
    vector = np.zeros((*bright.shape, 2 * light))
    vector[..., 0 if encoding == "single-rail" else size] = np.sqrt(1 - bright)
    vector[..., light + 1] = np.sqrt(bright)
    return DensityMatrix(vector[..., :, None] * vector[..., None, :], dims, check=False)


def double_excitation_from_g2(g2: ArrayLike) -> checks.Floats:
    """Return the probability p2 that an emitter which emits at all emits twice, from the autocorrelation of its pulses.

    ``g2 = 2 p2/(1 + p2)**2``, whatever the loss, is between 0 and 1/2 for an emitter that emits in every pulse.

    >>> double_excitation_from_g2(0.02).round(9).item()
    0.010205144
    """
    value = checks.real(g2, "g2", low=0.0, high=0.5)
    return checks.plain(value / (1 - value + np.sqrt(1 - 2 * value)))
