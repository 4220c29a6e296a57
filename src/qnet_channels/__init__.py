"""What happens to qubits: noise, memories, fibre, photonic links, swapping, and published hardware."""

from .coherence import decoupled_coherence, decoupled_t2, t2_star_from_detuning, t2_star_from_linewidth
from .conventions import DepolarizingStrength, depolarizing_strength
from .damping import (
    BathRelaxation,
    amplitude_damping,
    bath_relaxation,
    generalized_amplitude_damping,
    phase_damping,
    reset,
    thermal_population,
    thermal_relaxation,
)
from .detection import Detector, Readout
from .fiber import Fiber
from .links import double_click_link, single_click_link
from .loss import erasure, leakage, photon_loss, polarization_dependent_loss, thermal_loss
from .memory import Memory
from .noise import (
    bit_flip,
    bit_phase_flip,
    dephasing,
    depolarizing,
    pauli_channel,
    poisson_pauli_channel,
    two_qubit_pauli_channel,
)
from .platforms import Emitter, Platform, preset, presets
from .polarization import birefringence_drift, polarization_mode_dispersion, rotation, spectral_std
from .registers import EnsembleMemory, MemoryNode, afc_efficiency, afc_modes
from .sheets import Quantity
from .slow_noise import collective_dephasing, decoherence_free_subspaces, gaussian_dephasing
from .swapping import BellStation, swap, swap_branches

__all__ = [
    "BathRelaxation",
    "BellStation",
    "DepolarizingStrength",
    "Detector",
    "Emitter",
    "EnsembleMemory",
    "Fiber",
    "Memory",
    "MemoryNode",
    "Platform",
    "Quantity",
    "Readout",
    "afc_efficiency",
    "afc_modes",
    "amplitude_damping",
    "bath_relaxation",
    "birefringence_drift",
    "bit_flip",
    "bit_phase_flip",
    "collective_dephasing",
    "decoherence_free_subspaces",
    "decoupled_coherence",
    "decoupled_t2",
    "dephasing",
    "depolarizing",
    "depolarizing_strength",
    "double_click_link",
    "erasure",
    "gaussian_dephasing",
    "generalized_amplitude_damping",
    "leakage",
    "pauli_channel",
    "phase_damping",
    "photon_loss",
    "poisson_pauli_channel",
    "polarization_dependent_loss",
    "polarization_mode_dispersion",
    "preset",
    "presets",
    "reset",
    "rotation",
    "single_click_link",
    "spectral_std",
    "swap",
    "swap_branches",
    "t2_star_from_detuning",
    "t2_star_from_linewidth",
    "thermal_loss",
    "thermal_population",
    "thermal_relaxation",
    "two_qubit_pauli_channel",
]
