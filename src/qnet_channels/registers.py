"""Memories of more than one qubit, and ensembles that give a photon back or not."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .damping import relaxed
from .lookup import ensemble_roles, optional_value
from .loss import erasure
from .memory import Memory
from .noise import depolarizing
from .parameters import choice

__all__ = ["EnsembleMemory", "MemoryNode", "afc_efficiency", "afc_modes"]

_AFC_MODES_PER_STORAGE = 2.5  # durations of a mode that one mode takes (Afzelius et al., PRA 79, 052329 (2009))


@dataclass(frozen=True, slots=True, eq=False)
class EnsembleMemory:
    """A memory of many atoms that stores photons and gives them back with an efficiency that decays.

    What it does to a photonic qubit is loss, not dephasing.

    Attributes
    ----------
    efficiency : array_like
        Of storage and retrieval after no time, in [0, 1].
    lifetime_s : array_like
        1/e time of the efficiency, greater than 0; infinite is none.
    decay_exponent : array_like
        1 is exponential, 2 motional dephasing: ``efficiency * exp(-(t/lifetime)**exponent)``.
    num_modes : int
        Modes that are stored side by side.

    Examples
    --------
    >>> EnsembleMemory(0.85, lifetime_s=1e-3, decay_exponent=2).retrieval_efficiency(duration_s=5e-4).round(6).item()
    0.661981
    """

    efficiency: ArrayLike
    lifetime_s: ArrayLike = np.inf
    decay_exponent: ArrayLike = 1.0
    num_modes: int = 1

    def __post_init__(self) -> None:
        fields = {
            "efficiency": checks.probability(self.efficiency, "efficiency"),
            "lifetime_s": checks.real(self.lifetime_s, "lifetime_s", low=0.0, open_low=True, infinite=True),
            "decay_exponent": checks.real(self.decay_exponent, "decay_exponent", low=0.0, open_low=True),
        }
        checks.broadcast_parameters(fields)
        object.__setattr__(self, "num_modes", checks.integer(self.num_modes, "num_modes", 1))
        for name, values in fields.items():
            object.__setattr__(self, name, checks.frozen(values))

    @classmethod
    def preset(cls, name: str) -> Self:
        """Return the ensemble of a platform; its numbers and their sources are in ``preset(name)``."""
        roles = ensemble_roles(name)
        return cls(roles.efficiency.value, roles.lifetime.value, roles.exponent.value, int(roles.modes.value))

    def retrieval_efficiency(self, *, duration_s: ArrayLike) -> checks.Floats:
        """Return the probability that a photon comes back after ``duration_s``."""
        duration = checks.real(duration_s, "duration_s", low=0.0)
        own = {name: np.asarray(getattr(self, name)) for name in ("efficiency", "lifetime_s", "decay_exponent")}
        checks.broadcast_parameters({"duration_s": duration, **own})
        return checks.plain(
            self.efficiency * np.exp(-np.power(duration / np.asarray(self.lifetime_s), self.decay_exponent))
        )

    def decay(self, *, duration_s: ArrayLike) -> Channel:
        """Return storage of a dual-rail, polarization or time-bin qubit: erasure, to a qutrit with a level "lost"."""
        return erasure(transmissivity=self.retrieval_efficiency(duration_s=duration_s))


def afc_efficiency(
    *, optical_depth: ArrayLike, finesse: ArrayLike, background_depth: ArrayLike = 0.0,
    retrieval: Literal["forward", "backward"] = "forward",
) -> checks.Floats:  # fmt: skip
    """Return the efficiency of an atomic frequency comb with Gaussian teeth.

    Forward ``(d/F)**2 exp(-d/F) exp(-7/F**2) exp(-d0)``, which is at most 4/e**2; backward, or in an
    impedance-matched cavity, ``(1 - exp(-d/F))**2 exp(-7/F**2) exp(-d0)``.

    References
    ----------
    Afzelius et al., PRA 79, 052329 (2009).
    """
    values = {
        "optical_depth": checks.real(optical_depth, "optical_depth", low=0.0),
        "finesse": checks.real(finesse, "finesse", low=1.0),
        "background_depth": checks.real(background_depth, "background_depth", low=0.0),
    }
    checks.broadcast_parameters(values)
    choice(retrieval, "retrieval", ("forward", "backward"))
    depth, teeth, background = values.values()
    mean = depth / teeth
    absorbed = mean**2 * np.exp(-mean) if retrieval == "forward" else np.expm1(-mean) ** 2
    return checks.plain(absorbed * np.exp(-7 / teeth**2 - background))


def afc_modes(*, storage_time_s: ArrayLike, mode_duration_s: ArrayLike) -> checks.Floats:
    """Return how many temporal modes fit into a frequency comb: the storage time over 2.5 mode durations, rounded down."""
    storage = checks.real(storage_time_s, "storage_time_s", low=0.0)
    duration = checks.real(mode_duration_s, "mode_duration_s", low=0.0, open_low=True)
    checks.broadcast_parameters({"storage_time_s": storage, "mode_duration_s": duration})
    return checks.plain(np.floor(storage / (_AFC_MODES_PER_STORAGE * duration) * (1 + 4 * np.finfo(float).eps)))


@dataclass(frozen=True, slots=True, eq=False)
class MemoryNode:
    """A node with a qubit that talks to photons and qubits that store, as ions of two species or an NV centre.

    Attributes
    ----------
    communication, storage : Memory
    swap_in_fidelity : array_like
        Average fidelity of moving a qubit into storage, in [1/2, 1].
    swap_in_duration_s : array_like
        During it the qubit decays as in the communication qubit.
    attempts_to_dephase : array_like
        Attempts at a link, with the communication qubit, after which a *stored* qubit's coherence is down to 1/e;
        infinite is no disturbance. On top of the storage's own decay.
    num_storage : int
        Qubits that can be stored at once.

    Examples
    --------
    >>> perfect = Memory(t1_s=np.inf, t2_s=np.inf)
    >>> node = MemoryNode(perfect, perfect, attempts_to_dephase=1000.0)
    >>> node.disturbed(attempts=1000, attempt_duration_s=1e-5).transfer[1, 1].round(6).item()
    0.367879
    """

    communication: Memory
    storage: Memory
    swap_in_fidelity: ArrayLike = 1.0
    swap_in_duration_s: ArrayLike = 0.0
    attempts_to_dephase: ArrayLike = np.inf
    num_storage: int = 1

    def __post_init__(self) -> None:
        for role in ("communication", "storage"):
            if not isinstance(getattr(self, role), Memory):
                raise ParameterTypeError(
                    f"Parameter `{role}` must be a Memory, but is {type(getattr(self, role)).__name__}."
                )
        fields = {
            "swap_in_fidelity": checks.real(self.swap_in_fidelity, "swap_in_fidelity", low=0.5, high=1.0),
            "swap_in_duration_s": checks.real(self.swap_in_duration_s, "swap_in_duration_s", low=0.0),
            "attempts_to_dephase": checks.real(
                self.attempts_to_dephase, "attempts_to_dephase", low=0.0, open_low=True, infinite=True
            ),
        }
        checks.broadcast_parameters(fields)
        object.__setattr__(self, "num_storage", checks.integer(self.num_storage, "num_storage", 1))
        for name, values in fields.items():
            object.__setattr__(self, name, checks.frozen(values))

    @classmethod
    def preset(cls, name: str) -> Self:
        """Return the node of a platform; what it doesn't know is ideal."""
        return cls(
            Memory.preset(name, "communication"),
            Memory.preset(name, "storage"),
            optional_value(name, "swap_to_memory_fidelity", 1.0),
            0.0,
            optional_value(name, "carbon_link_attempts", np.inf),
            int(optional_value(name, "memory_qubits", 1.0)),
        )

    def swap_in(self) -> Channel:
        """Return what moving the qubit from communication to storage does to it."""
        moved = depolarizing(mixing=2 * (1 - np.asarray(self.swap_in_fidelity)))
        return self.communication.decay(duration_s=self.swap_in_duration_s).then(moved)

    def disturbed(self, *, attempts: ArrayLike, attempt_duration_s: ArrayLike) -> Channel:
        """Return what a stored qubit suffers while the communication qubit makes this many attempts."""
        count = checks.real(attempts, "attempts", low=0.0)
        duration = checks.real(attempt_duration_s, "attempt_duration_s", low=0.0)
        limit = np.asarray(self.attempts_to_dephase)
        checks.broadcast_parameters({"attempts": count, "attempt_duration_s": duration, "attempts_to_dephase": limit})
        coherence = np.asarray(np.exp(-count / limit))
        dephased = relaxed(None, coherence, 0.0, coherence.shape)
        return self.storage.decay(duration_s=count * duration).then(dephased)
