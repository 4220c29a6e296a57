"""Optical fibre."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .damping import damped
from .loss import erasure

__all__ = ["Fiber"]

SPEED_OF_LIGHT_KM_PER_S = 299792.458
Encoding = Literal["single-rail", "dual-rail"]


@dataclass(frozen=True, slots=True, eq=False)
class Fiber:
    """A stretch of fibre that attenuates and delays; every field broadcasts.

    Attenuation 0.2 dB/km is that of common single-mode fibre at 1550 nm, group index 1.468 gives
    4.897 µs/km. Dispersion, polarization drift and noise photons are not modelled.

    >>> fiber = Fiber(50.0)
    >>> fiber.transmissivity.round(12).item(), fiber.latency_s.round(9).item()
    (0.1, 0.000244836)
    """

    length_km: ArrayLike
    attenuation_db_per_km: ArrayLike = 0.2
    insertion_loss_db: ArrayLike = 0.0
    group_index: ArrayLike = 1.468

    def __post_init__(self) -> None:
        for name in ("length_km", "attenuation_db_per_km", "insertion_loss_db"):
            object.__setattr__(self, name, checks.frozen(checks.real(getattr(self, name), name, low=0.0)))
        object.__setattr__(self, "group_index", checks.frozen(checks.real(self.group_index, "group_index", low=1.0)))
        checks.broadcast_parameters({name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__})

    @property
    def transmissivity(self) -> checks.Floats:
        """Probability that a photon comes through, ``10**(-dB/10)``."""
        loss_db = np.multiply(self.attenuation_db_per_km, self.length_km) + self.insertion_loss_db
        return checks.plain(np.power(10.0, np.divide(loss_db, -10)))

    @property
    def latency_s(self) -> checks.Floats:
        """Travel time of light from end to end."""
        return checks.plain(np.multiply(self.group_index, self.length_km) / SPEED_OF_LIGHT_KM_PER_S)

    def loss(self, encoding: Encoding) -> Channel:
        """Return what the fibre does to a photonic qubit.

        "dual-rail" (also polarization and time bin): erasure, from a qubit to a qutrit whose last level is
        "lost". "single-rail" (vacuum and one photon): amplitude damping, which nothing announces.
        """
        if encoding not in get_args(Encoding):
            raise ParameterError(
                f"Parameter `encoding` must be one of {', '.join(get_args(Encoding))}, but is {encoding!r}."
            )
        if encoding == "dual-rail":
            return erasure(transmissivity=self.transmissivity)
        kept = self.transmissivity
        return damped(kept, 1 - kept)
