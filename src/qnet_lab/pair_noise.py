"""Noise on the halves of a pair, by the names of channels in files."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from numpy.typing import ArrayLike

from qnet_channels import (
    amplitude_damping,
    birefringence_drift,
    bit_flip,
    bit_phase_flip,
    collective_dephasing,
    dephasing,
    depolarizing,
    gaussian_dephasing,
    generalized_amplitude_damping,
    pauli_channel,
    phase_damping,
    poisson_pauli_channel,
    polarization_mode_dispersion,
    reset,
    rotation,
)
from qnet_core import Channel, DensityMatrix

from .axes import Axes, arguments, in_words_of
from .schema import Table
from .signatures import function_of, table_of

__all__ = ["CHANNELS", "disturbed", "noise_tables"]

_TOGETHER = "collective-dephasing"  # of both halves by one field
_LEFT_OUT = {_TOGETHER: ("num_qubits",), "depolarizing": ("num_qubits",), "polarization-mode-dispersion": ("axis",)}
_HALVES = {"left": (0,), "right": (1,), "both": (0, 1)}


def turned(
    *, angle_rad: ArrayLike, angle_std_rad: ArrayLike = 0.0, axis: Literal["x", "y", "z"] = "z"
) -> Channel:  # fmt: skip
    """Return a rotation about an axis of the Bloch sphere.

    Parameters
    ----------
    angle_rad, angle_std_rad : array_like
        The angle, and its Gaussian spread.
    axis : str
        Of the Bloch sphere.
    """
    return rotation(axis, angle_rad=angle_rad, angle_std_rad=angle_std_rad)


CHANNELS: Mapping[str, Callable[..., Channel]] = {
    "amplitude-damping": amplitude_damping,
    "birefringence-drift": birefringence_drift,
    "bit-flip": bit_flip,
    "bit-phase-flip": bit_phase_flip,
    _TOGETHER: collective_dephasing,
    "dephasing": dephasing,
    "depolarizing": depolarizing,
    "gaussian-dephasing": gaussian_dephasing,
    "generalized-amplitude-damping": generalized_amplitude_damping,
    "pauli": pauli_channel,
    "phase-damping": phase_damping,
    "poisson-pauli": poisson_pauli_channel,
    "polarization-mode-dispersion": polarization_mode_dispersion,
    "reset": reset,
    "rotation": turned,
}


def noise_tables(module: str) -> list[type[Table]]:
    """Return a table for each channel, with the halves that suffer it."""
    on = Annotated[Literal["left", "right", "both"], msgspec.Meta(description="Which halves suffer it.")]
    return [
        table_of(
            function, module, tag=("channel", name), leave_out=_LEFT_OUT.get(name, ()),
            more=[] if name == _TOGETHER else [("on", on, "both")],
        )
        for name, function in CHANNELS.items()
    ]  # fmt: skip


def disturbed(pair: DensityMatrix, tables: Mapping[str, Table], axes: Axes) -> DensityMatrix:
    """Return the pair after all noise, in the order of the file."""
    for name, table in tables.items():
        given = arguments(table, f"noise.{name}.", axes)
        halves: Any = _HALVES[given.pop("on", "both")]
        with in_words_of(f"noise.{name}"):
            if function_of(table) == _TOGETHER:
                pair = pair.apply(collective_dephasing(num_qubits=2, **given), halves)
                continue
            channel = CHANNELS[function_of(table)](**given)
            for half in halves:
                pair = pair.apply(channel, half)
    return pair
