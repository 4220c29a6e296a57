"""Rotations of a qubit, and what fibre does to polarization."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .parameters import choice

__all__ = ["birefringence_drift", "polarization_mode_dispersion", "rotation", "spectral_std"]

_QUBIT = (2,)
_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def _direction(axis: str | ArrayLike) -> checks.Floats:
    """Return unit vectors of shape (..., 3)."""
    if isinstance(axis, str):
        if axis.lower() not in _AXES:
            raise ParameterError(f"Parameter `axis` must be one of x, y, z or a unit vector, but is {axis!r}.")
        return np.array(_AXES[axis.lower()])
    vector = checks.real(axis, "axis")
    if vector.ndim == 0 or vector.shape[-1] != 3:
        raise DimensionError(f"Parameter `axis` must have shape (..., 3), but has shape {vector.shape}.")
    length = np.sqrt((vector**2).sum(axis=-1, keepdims=True))
    worst = np.abs(length - 1).argmax()
    if abs(length.reshape(-1)[worst] - 1) > 1e-9:
        raise ParameterError(f"Parameter `axis` must have the length 1, but has {length.reshape(-1)[worst]:.12g}.")
    return np.asarray(vector / length)


def _about(axis: checks.Floats, along: Any, across: Any, turned: Any) -> Channel:
    """Return the map of the Bloch vector that scales it along an axis, across it, and turns a part around it."""
    batch = np.broadcast_shapes(axis.shape[:-1], np.shape(across), np.shape(turned))
    entries: dict[tuple[int, int], Any] = {(0, 0): 1.0}
    for i in range(3):
        for j in range(3):
            parallel = axis[..., i] * axis[..., j]
            value = along * parallel + across * ((i == j) - parallel)
            if i != j:
                k = 3 - i - j
                value = value + (1 if (j - i) % 3 == 2 else -1) * turned * axis[..., k]
            if np.any(value):
                entries[i + 1, j + 1] = value
    return Channel._from_entries(entries, batch, _QUBIT)


def rotation(axis: str | ArrayLike, *, angle_rad: ArrayLike, angle_std_rad: ArrayLike = 0.0) -> Channel:
    """Return the rotation ``exp(-i angle n·σ/2)`` about an axis, with a Gaussian spread of the angle if given.

    Parameters
    ----------
    axis : {"x", "y", "z"} or array_like, shape (..., 3)
        Axis of the Bloch sphere, of length 1.
    angle_rad, angle_std_rad : array_like
        Mean and standard deviation; a spread about the angle 0 is a Pauli flip with probability
        ``(1 - exp(-σ²/2))/2``.

    Notes
    -----
    A coherent error adds up: k of them have the infidelity ``sin²(k angle/2)``, and their Pauli twirl only
    ``(1 - cos(angle)**k)/2``.

    Examples
    --------
    >>> rotation("x", angle_rad=0.1).transfer[2].round(9).tolist()
    [0.0, 0.0, 0.995004165, -0.099833417]
    """
    direction = _direction(axis)
    angle = checks.real(angle_rad, "angle_rad")
    spread = checks.real(angle_std_rad, "angle_std_rad", low=0.0)
    checks.broadcast(axis=direction.shape[:-1], angle_rad=angle.shape, angle_std_rad=spread.shape)
    blur = np.exp(-(spread**2) / 2)
    return _about(direction, 1.0, np.asarray(np.cos(angle) * blur), np.asarray(np.sin(angle) * blur))


def birefringence_drift(*, angle_std_rad: ArrayLike, model: Literal["gaussian", "brownian"] = "gaussian") -> Channel:
    """Return the mean over random rotations of polarization since the last calibration: depolarizing.

    "gaussian" is a rotation vector with independent normal components of this spread, "brownian" many small
    rotations with the same total variance; they agree to second order.

    >>> birefringence_drift(angle_std_rad=0.2).transfer[1, 1].round(12).item()
    0.96066048425
    """
    variance = checks.real(angle_std_rad, "angle_std_rad", low=0.0) ** 2
    choice(model, "model", ("gaussian", "brownian"))
    small = np.minimum(variance, 1e4)  # beyond, nothing is left
    factor = np.exp(-small) if model == "brownian" else (1 + 2 * (1 - small) * np.exp(-small / 2)) / 3
    return Channel._from_entries({(0, 0): 1.0} | {(k, k): factor for k in (1, 2, 3)}, variance.shape, _QUBIT)


def spectral_std(*, fwhm_hz: ArrayLike) -> checks.Floats:
    """Return the standard deviation in rad/s of a Gaussian spectrum of intensity, ``2π FWHM / (2 √(2 ln 2))``."""
    return checks.plain(np.pi * checks.real(fwhm_hz, "fwhm_hz", low=0.0) / np.sqrt(2 * np.log(2)))


def polarization_mode_dispersion(
    *, delay_s: ArrayLike, spectral_std_rad_per_s: ArrayLike, axis: str | ArrayLike | None = None,
    delays: Literal["fixed", "maxwell"] = "fixed",
) -> Channel:  # fmt: skip
    """Return what a delay between two principal states of polarization does to a photon of finite bandwidth.

    Parameters
    ----------
    delay_s : array_like
        Differential group delay: the one value, or the mean of a Maxwell distribution, which for a fibre is
        its dispersion coefficient times the root of the length.
    spectral_std_rad_per_s : array_like
        Of a Gaussian spectrum; see ``spectral_std``.
    axis : optional
        Bloch axis of the principal states, along which nothing is lost; None averages over all axes.
    delays : {"fixed", "maxwell"}
        Overlap of the two wave packets ``exp(-σ² τ²/2)``, or its mean ``(1 + σ² a²)**(-3/2)``, ``a = <τ> √(π/8)``.

    Examples
    --------
    >>> polarization_mode_dispersion(delay_s=1e-12, spectral_std_rad_per_s=1e12, axis="z").transfer[1, 1].round(9).item()
    0.60653066
    """
    delay = checks.real(delay_s, "delay_s", low=0.0)
    spread = checks.real(spectral_std_rad_per_s, "spectral_std_rad_per_s", low=0.0)
    checks.broadcast_parameters({"delay_s": delay, "spectral_std_rad_per_s": spread})
    choice(delays, "delays", ("fixed", "maxwell"))
    phase = (delay * spread) ** 2
    overlap = np.asarray(np.exp(-phase / 2) if delays == "fixed" else (1 + phase * np.pi / 8) ** -1.5)
    if axis is not None:
        direction = _direction(axis)
        checks.broadcast(axis=direction.shape[:-1], delay_s=delay.shape, spectral_std_rad_per_s=spread.shape)
        return _about(direction, 1.0, overlap, np.zeros_like(overlap))
    shrunk = (1 + 2 * overlap) / 3
    return Channel._from_entries({(0, 0): 1.0} | {(k, k): shrunk for k in (1, 2, 3)}, shrunk.shape, _QUBIT)
