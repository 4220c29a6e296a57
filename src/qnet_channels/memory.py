"""Memories that keep a qubit for a while."""

from dataclasses import dataclass
from typing import Self

from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks

from .noise import require_physical_times, thermal_relaxation
from .platforms import preset

__all__ = ["Memory"]


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """An idle memory qubit that relaxes and dephases exponentially; every field broadcasts.

    ``t2_s`` is the transverse time and contains the dephasing that relaxation causes, so that
    ``t2_s <= 2 * t1_s``. Infinite times are perfect. ``excited_population`` is the equilibrium's.

    >>> Memory(t1_s=1.0, t2_s=0.5).decay(duration_s=0.2).transfer.diagonal().round(4).tolist()
    [1.0, 0.6703, 0.6703, 0.8187]
    """

    t1_s: ArrayLike
    t2_s: ArrayLike
    excited_population: ArrayLike = 0.0

    def __post_init__(self) -> None:
        t1 = checks.real(self.t1_s, "t1_s", low=0.0, open_low=True, infinite=True)
        t2 = checks.real(self.t2_s, "t2_s", low=0.0, open_low=True, infinite=True)
        require_physical_times(t1, t2)
        population = checks.probability(self.excited_population, "excited_population")
        fields = {"t1_s": t1, "t2_s": t2, "excited_population": population}
        checks.broadcast_parameters(fields)
        for name, values in fields.items():
            object.__setattr__(self, name, checks.frozen(values))

    @classmethod
    def preset(cls, name: str) -> Self:
        """Return the memory of a platform; its numbers and their sources are in ``preset(name)``."""
        times = preset(name).memory_times
        return cls(t1_s=times.t1_s.value, t2_s=times.t2_s.value)

    def decay(self, *, duration_s: ArrayLike) -> Channel:
        """Return what storage for ``duration_s`` does to the qubit."""
        return thermal_relaxation(
            duration_s=duration_s, t1_s=self.t1_s, t2_s=self.t2_s, excited_population=self.excited_population
        )
