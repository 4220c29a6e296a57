"""Memories that keep a qubit for a while."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks

from .damping import relaxation, relaxed, require_physical_times
from .lookup import memory_roles
from .slow_noise import stretched_exponent

__all__ = ["Memory"]


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """An idle memory qubit that relaxes and dephases; every field broadcasts.

    Attributes
    ----------
    t1_s, t2_s : array_like
        Greater than 0; infinite is perfect. For exponential decay ``t2_s`` is the total transverse time, which
        contains the dephasing that relaxation causes: ``t2_s <= 2 * t1_s``. For other exponents it is the 1/e time of the
        dephasing alone, and relaxation's ``exp(-t/2T1)`` multiplies it.
    excited_population : array_like
        Population of 1 in equilibrium.
    decay_exponent : array_like
        1 is exponential; 2 a quasi-static detuning, ``exp(-(t/T2)**2)``.
    age_s : array_like
        Time since the coherence was made or refocused. It matters only if ``decay_exponent`` is not 1, where decay is
        no semigroup: a memory that stores on is an ``older()`` one.

    Examples
    --------
    >>> Memory(t1_s=1.0, t2_s=0.5).decay(duration_s=0.2).transfer.diagonal().round(4).tolist()
    [1.0, 0.6703, 0.6703, 0.8187]
    >>> gaussian = Memory(t1_s=np.inf, t2_s=1.0, decay_exponent=2)
    >>> twice = gaussian.decay(duration_s=0.3).then(gaussian.older(duration_s=0.3).decay(duration_s=0.3))
    >>> bool(np.allclose(twice.transfer, gaussian.decay(duration_s=0.6).transfer))
    True
    """

    t1_s: ArrayLike
    t2_s: ArrayLike
    excited_population: ArrayLike = 0.0
    decay_exponent: ArrayLike = 1.0
    age_s: ArrayLike = 0.0

    def __post_init__(self) -> None:
        t1 = checks.real(self.t1_s, "t1_s", low=0.0, open_low=True, infinite=True)
        t2 = checks.real(self.t2_s, "t2_s", low=0.0, open_low=True, infinite=True)
        exponent = checks.real(self.decay_exponent, "decay_exponent", low=0.0, open_low=True)
        fields = {
            "t1_s": t1, "t2_s": t2, "excited_population": checks.probability(self.excited_population, "excited_population"),
            "decay_exponent": exponent, "age_s": checks.real(self.age_s, "age_s", low=0.0),
        }  # fmt: skip
        checks.broadcast_parameters(fields)
        require_physical_times(t1, np.where(exponent == 1, t2, 0.0)[()])
        for name, values in fields.items():
            object.__setattr__(self, name, checks.frozen(values))

    @classmethod
    def preset(cls, name: str, role: str = "storage") -> Self:
        """Return the memory of a platform, or its "communication" qubit; its numbers and sources are in ``preset(name)``."""
        roles = memory_roles(name, role)
        return cls(roles.t1.value, roles.t2.value, roles.excited_population.value, roles.exponent.value)

    @property
    def is_exponential(self) -> bool:
        """Whether decay is a semigroup everywhere, so that ages don't matter."""
        return bool((np.asarray(self.decay_exponent) == 1).all())

    def decay(self, *, duration_s: ArrayLike) -> Channel:
        """Return what storage for ``duration_s`` from the memory's age on does to the qubit."""
        duration = checks.real(duration_s, "duration_s", low=0.0)
        t1, t2, population, exponent, age = (np.asarray(getattr(self, name)) for name in self.__dataclass_fields__)
        batch = checks.broadcast_parameters(
            {"duration_s": duration, "t1_s": t1, "t2_s": t2, "excited_population": population,
             "decay_exponent": exponent, "age_s": age}
        )  # fmt: skip
        if self.is_exponential:
            return relaxation(duration, t1, t2, population, batch)
        lost = -np.expm1(-duration / t1) if np.isfinite(t1).any() else None
        dephased = stretched_exponent(duration, age, t2, exponent)
        phase = np.where(exponent == 1, duration / t2, dephased + duration / (2 * t1))
        return relaxed(lost, np.exp(-phase), population, batch)

    def older(self, *, duration_s: ArrayLike) -> "Memory":
        """Return the memory after it has stored for ``duration_s`` more."""
        more = checks.real(duration_s, "duration_s", low=0.0)
        own = {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}
        checks.broadcast_parameters({"duration_s": more, **own})
        return replace(self, age_s=np.add(self.age_s, more))

    def refocused(self) -> "Memory":
        """Return the memory with its age set to 0, as after an echo."""
        return replace(self, age_s=0.0)
