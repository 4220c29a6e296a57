"""What happens to qubits: noise, memories, fibre, photonic links, swapping, and published hardware."""

from .fiber import Fiber
from .links import double_click_link, single_click_link
from .loss import erasure
from .memory import Memory
from .noise import amplitude_damping, dephasing, depolarizing, pauli_channel, thermal_relaxation
from .platforms import Platform, Quantity, preset, presets
from .swapping import BellStation, swap, swap_branches

__all__ = [
    "BellStation",
    "Fiber",
    "Memory",
    "Platform",
    "Quantity",
    "amplitude_damping",
    "dephasing",
    "depolarizing",
    "double_click_link",
    "erasure",
    "pauli_channel",
    "preset",
    "presets",
    "single_click_link",
    "swap",
    "swap_branches",
    "thermal_relaxation",
]
