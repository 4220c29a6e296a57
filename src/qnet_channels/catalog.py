"""Every channel of the package as a function of time, with what is known of it, to be verified as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qnet_core import Channel

from . import damping, loss, noise, photonics, polarization, slow_noise
from .detection import Detector, Readout
from .fiber import Fiber
from .freespace import FreeSpaceLink
from .memory import Memory
from .platforms import preset
from .registers import EnsembleMemory, MemoryNode

__all__ = ["CATALOG", "Entry"]

Matrix = NDArray[Any]

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])
ONE = np.eye(2)
_AXIS = np.array([0.6, 0.0, 0.8])
_T1_S, _T2_S, _EXCITED = 1.0, 1.6, 0.1  # T1 < T2 < 2 T1, where no mixture of resets and flips exists
_PURE = sqrt((1 / _T2_S - 0.5 / _T1_S) / 2)  # of the jump operator Z


@dataclass(frozen=True, slots=True)
class Entry:
    """A channel that runs for a duration in seconds at rates of about 1/s, and the laws that it must obey.

    Attributes
    ----------
    name : str
        Of the public function or method, with a remark after a comma where it has several entries.
    make : callable
        From a duration in seconds to the channel.
    hamiltonian, jumps
        Its Lindblad form, in rad/s and 1/√s, where there is one.
    evolves : bool
        Whether it starts as the identity and goes from a dimension to itself.
    semigroup, unital, trace_preserving : bool
    limit : callable or None
        Makes the channel that is reached after a long time.
    """

    name: str
    make: Callable[[float], Channel]
    jumps: tuple[Matrix, ...] | None = None
    hamiltonian: Matrix | None = None
    evolves: bool = True
    semigroup: bool = True
    unital: bool = False
    trace_preserving: bool = True
    limit: Callable[[], Channel] | None = None

    @property
    def function(self) -> str:
        """Name of the public function or method."""
        return self.name.partition(",")[0]


def _gone(t: float) -> float:
    return -float(np.expm1(-t))


def _flip(t: float) -> float:
    """Return the probability of an odd number of errors at rate 1."""
    return _gone(2 * t) / 2


def _thermal_jumps(pure: float) -> tuple[Matrix, ...]:
    return (sqrt((1 - _EXCITED) / _T1_S) * LOWER, sqrt(_EXCITED / _T1_S) * LOWER.T, pure * Z)


def _correlated(t: float) -> Channel:
    weights = np.zeros(16)
    weights[[0, 5]] = 1 - _flip(t), _flip(t)  # II and XX
    return noise.two_qubit_pauli_channel(weights)


def _uniform(t: float) -> Channel:
    return noise.pauli_channel(x=_gone(t) / 4, y=_gone(t) / 4, z=_gone(t) / 4)


_NODE = MemoryNode(Memory(2.0, 1.0), Memory(_T1_S, _T2_S, _EXCITED), 0.97, 0.01, attempts_to_dephase=50.0)
_REPLACED = tuple(p / 2 for p in (X, Y, Z))
_MODE = np.diag(np.sqrt(np.arange(1.0, 4.0)), 1)
_NUMBER = np.diag(np.arange(4.0))
_RESET = (
    sqrt(1 - _EXCITED) * np.diag([1.0, 0.0]),
    sqrt(1 - _EXCITED) * LOWER,
    sqrt(_EXCITED) * LOWER.T,
    sqrt(_EXCITED) * np.diag([0.0, 1.0]),
)
_PAULI_RATES = {"x_rate_hz": 0.1, "y_rate_hz": 0.2, "z_rate_hz": 0.3}
_PAULI_JUMPS = tuple(sqrt(rate) * p for rate, p in zip(_PAULI_RATES.values(), (X, Y, Z), strict=True))


def _mixed() -> Channel:
    return noise.depolarizing(mixing=1.0)


def _no_coherence() -> Channel:
    return noise.dephasing(probability=0.5)


def _ground() -> Channel:
    return damping.reset(probability=1.0)


def _equilibrium() -> Channel:
    return damping.reset(probability=1.0, excited_population=_EXCITED)


CATALOG: tuple[Entry, ...] = (
    Entry("depolarizing", lambda t: noise.depolarizing(mixing=_gone(t)), _REPLACED, unital=True, limit=_mixed),
    Entry(
        "depolarizing, two qubits",
        lambda t: noise.depolarizing(mixing=_gone(t), num_qubits=2),
        tuple(np.kron(a, b) / 4 for a in (ONE, X, Y, Z) for b in (ONE, X, Y, Z)),
        unital=True,
    ),
    Entry("pauli_channel", _uniform, _REPLACED, unital=True, limit=_mixed),
    Entry("two_qubit_pauli_channel", _correlated, (np.kron(X, X),), unital=True),
    Entry(
        "poisson_pauli_channel",
        lambda t: noise.poisson_pauli_channel(duration_s=t, **_PAULI_RATES),
        _PAULI_JUMPS,
        unital=True,
        limit=_mixed,
    ),
    Entry("bit_flip", lambda t: noise.bit_flip(probability=_flip(t)), (X,), unital=True),
    Entry("bit_phase_flip", lambda t: noise.bit_phase_flip(probability=_flip(t)), (Y,), unital=True),
    Entry("dephasing", lambda t: noise.dephasing(probability=_flip(t)), (Z,), unital=True, limit=_no_coherence),
    Entry("phase_damping", lambda t: damping.phase_damping(damping=_gone(4 * t)), (Z,), unital=True, limit=_no_coherence),
    Entry("amplitude_damping", lambda t: damping.amplitude_damping(damping=_gone(t)), (LOWER,), limit=_ground),
    Entry(
        "generalized_amplitude_damping",
        lambda t: damping.generalized_amplitude_damping(damping=_gone(t), excited_population=_EXCITED),
        _thermal_jumps(0.0),
        limit=_equilibrium,
    ),
    Entry(
        "thermal_relaxation",
        lambda t: damping.thermal_relaxation(duration_s=t, t1_s=_T1_S, t2_s=_T2_S, excited_population=_EXCITED),
        _thermal_jumps(_PURE),
        limit=_equilibrium,
    ),
    Entry(
        "thermal_relaxation, T2 < T1",
        lambda t: damping.thermal_relaxation(duration_s=t, t1_s=2.0, t2_s=0.5),
        (sqrt(0.5) * LOWER, sqrt((2.0 - 0.25) / 2) * Z),
        limit=_ground,
    ),
    Entry(
        "reset",
        lambda t: damping.reset(probability=_gone(t), excited_population=_EXCITED),
        _RESET,
        limit=_equilibrium,
    ),
    Entry(
        "gaussian_dephasing",
        lambda t: slow_noise.gaussian_dephasing(duration_s=t, t2_star_s=1.0),
        semigroup=False,
        unital=True,
        limit=_no_coherence,
    ),
    Entry(
        "collective_dephasing",
        lambda t: slow_noise.collective_dephasing(num_qubits=2, duration_s=t, t2_s=1.0),
        (sqrt(0.5) * (np.kron(Z, ONE) + np.kron(ONE, Z)),),
        unital=True,
    ),
    Entry(
        "collective_dephasing, correlation 0.7",
        lambda t: slow_noise.collective_dephasing(num_qubits=2, duration_s=t, t2_s=1.0, correlation=0.7),
        (sqrt(0.425) * (np.kron(Z, ONE) + np.kron(ONE, Z)), sqrt(0.075) * (np.kron(Z, ONE) - np.kron(ONE, Z))),
        unital=True,
    ),
    Entry("rotation", lambda t: polarization.rotation(_AXIS, angle_rad=t), (), 0.3 * X + 0.4 * Z, unital=True),
    Entry(
        "rotation, random angle",
        lambda t: polarization.rotation("x", angle_rad=0.0, angle_std_rad=sqrt(t)),
        (X / 2,),
        unital=True,
    ),
    Entry(
        "birefringence_drift",
        lambda t: polarization.birefringence_drift(angle_std_rad=sqrt(t), model="brownian"),
        _REPLACED,
        unital=True,
        limit=_mixed,
    ),
    Entry(
        "birefringence_drift, gaussian",
        lambda t: polarization.birefringence_drift(angle_std_rad=t),
        semigroup=False,
        unital=True,
    ),
    Entry(
        "polarization_mode_dispersion",
        lambda t: polarization.polarization_mode_dispersion(delay_s=t, spectral_std_rad_per_s=1.0, axis=_AXIS),
        semigroup=False,
        unital=True,
    ),
    Entry("erasure", lambda t: loss.erasure(transmissivity=exp(-t)), evolves=False),
    Entry(
        "polarization_dependent_loss",
        lambda t: loss.polarization_dependent_loss(horizontal=exp(-t), vertical=exp(-2 * t)),
        evolves=False,
    ),
    Entry("photon_loss", lambda t: loss.photon_loss(transmissivity=exp(-t), max_photons=3), (_MODE,)),
    Entry(
        "thermal_loss",
        lambda t: loss.thermal_loss(transmissivity=exp(-t), mean_photons=0.2, max_photons=3),
        semigroup=False,
        trace_preserving=False,
    ),
    Entry("phase_shift", lambda t: photonics.phase_shift(phase_rad=-t, max_photons=3), (), _NUMBER, unital=True),
    Entry("beam_splitter", lambda t: photonics.beam_splitter(max_photons=2, transmissivity=exp(-t * t)), semigroup=False,
          trace_preserving=False),
    Entry("joint_detection", lambda t: photonics.joint_detection(Detector(exp(-t)), num_modes=1, max_photons=2).total(),
          evolves=False, unital=True),
    Entry(
        "leakage", lambda t: loss.leakage(probability=_gone(t)), (np.array([[0, 0, 0], [0, 0, 0], [0, 1.0, 0]]),)
    ),
    Entry("Fiber.loss", lambda t: Fiber(t, 10 / np.log(10)).loss("single-rail"), (LOWER,), limit=_ground),
    Entry("FreeSpaceLink.loss", lambda t: FreeSpaceLink(t, 1550.0, 0.1, 0.5).loss("dual-rail"), evolves=False),
    Entry("Fiber.polarization_mode_dispersion",
          lambda t: Fiber(t, pmd_ps_per_sqrt_km=1.0).polarization_mode_dispersion(spectral_std_rad_per_s=1e12, axis="z"),
          semigroup=False, unital=True),
    Entry("Memory.decay", lambda t: Memory(_T1_S, _T2_S, _EXCITED).decay(duration_s=t), _thermal_jumps(_PURE)),
    Entry("Memory.decay, exponent 2", lambda t: Memory(2.0, 1.0, 0.0, 2.0).decay(duration_s=t), semigroup=False),
    Entry("EnsembleMemory.decay", lambda t: EnsembleMemory(1.0, 1.0).decay(duration_s=t), evolves=False),
    Entry("MemoryNode.swap_in", lambda t: MemoryNode(Memory(inf, inf), Memory(inf, inf), 1 - _gone(t) / 2).swap_in(),
          _REPLACED, unital=True, limit=_mixed),
    Entry("MemoryNode.disturbed", lambda t: _NODE.disturbed(attempts=50 * t, attempt_duration_s=0.02),
          _thermal_jumps(sqrt(_PURE**2 + 0.5))),
    Entry("Platform.gate_noise", lambda t: preset("ion_sr88_ca43").gate_noise(2), evolves=False, unital=True),
    Entry("Readout.instrument", lambda t: Readout(0.4 * _gone(t), 0.2 * _gone(t)).instrument("lueders").total(),
          evolves=False, unital=True),
    Entry("Detector.instrument", lambda t: Detector(exp(-t), dark_count_rate_hz=t).instrument(2).total(),
          evolves=False, unital=True),
)  # fmt: skip
