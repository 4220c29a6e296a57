"""Optical fibre, and the change of colour before it."""

from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks

from .damping import damped
from .fiber_kinds import fiber_kind
from .loss import erasure
from .parameters import choice, freeze, parameters
from .polarization import polarization_mode_dispersion

__all__ = ["Fiber", "FrequencyConverter"]

SPEED_OF_LIGHT_KM_PER_S = 299792.458
Encoding = Literal["single-rail", "dual-rail"]


def encoded_loss(transmissivity: checks.Floats, lost: checks.Floats, encoding: Encoding) -> Channel:
    """Return what loss does to a photonic qubit in one of the encodings; both numbers to their own precision."""
    choice(encoding, "encoding", get_args(Encoding))
    if encoding == "dual-rail":
        return erasure(transmissivity=transmissivity)
    return damped(transmissivity, lost)


@dataclass(frozen=True, slots=True, eq=False)
class Fiber:
    """A stretch of fibre that attenuates and delays; every field broadcasts.

    Attributes
    ----------
    length_km, attenuation_db_per_km : array_like
        At least 0. Attenuation 0.2 dB/km is that of common single-mode fibre at 1550 nm.
    insertion_loss_db : array_like
        Of whatever else is in the way: filters, switches, coupling.
    group_index : array_like
        At least 1; 1.468 gives 4.897 µs/km.
    num_splices, splice_loss_db, num_connectors, connector_loss_db : array_like
        Whole numbers, and the loss of each; 0.05 dB and 0.25 dB are assumed, typical values.
    pmd_ps_per_sqrt_km : array_like
        Coefficient of polarization mode dispersion, which ``loss`` leaves out.

    Notes
    -----
    Chromatic dispersion is in ``qnet_channels.dispersion``, light scattered from other channels in
    ``qnet_channels.raman``. Drifts of length and of polarization are not modelled.

    Examples
    --------
    >>> fiber = Fiber(50.0)
    >>> fiber.transmissivity.round(12).item(), fiber.latency_s.round(9).item()
    (0.1, 0.000244836)
    """

    length_km: ArrayLike
    attenuation_db_per_km: ArrayLike = 0.2
    insertion_loss_db: ArrayLike = 0.0
    group_index: ArrayLike = 1.468
    num_splices: ArrayLike = 0
    splice_loss_db: ArrayLike = 0.05
    num_connectors: ArrayLike = 0
    connector_loss_db: ArrayLike = 0.25
    pmd_ps_per_sqrt_km: ArrayLike = 0.0

    def __post_init__(self) -> None:
        losses = ("length_km", "attenuation_db_per_km", "insertion_loss_db", "splice_loss_db", "connector_loss_db")
        freeze(
            self,
            not_negative=(*losses, "pmd_ps_per_sqrt_km"),
            from_one=("group_index",),
            counts=("num_splices", "num_connectors"),
        )

    @classmethod
    def of_kind(cls, kind: str, length_km: ArrayLike, **others: ArrayLike) -> Self:
        """Return a fibre with the attenuation and group index of a kind, and the other fields as given.

        Kinds are in ``fiber_kinds()``; their numbers and sources in ``fiber_kind(name)``.

        >>> Fiber.of_kind("hollow_core_1550", 100.0, num_splices=6).loss_db.round(12).item()
        9.4
        """
        sheet = fiber_kind(kind)
        return cls(
            length_km, attenuation_db_per_km=sheet.attenuation.value, group_index=sheet.group_index.value, **others
        )

    @property
    def loss_db(self) -> checks.Floats:
        """Loss from end to end."""
        spread = np.multiply(self.attenuation_db_per_km, self.length_km) + self.insertion_loss_db
        splices = np.multiply(self.num_splices, self.splice_loss_db)
        return checks.plain(spread + splices + np.multiply(self.num_connectors, self.connector_loss_db))

    @property
    def transmissivity(self) -> checks.Floats:
        """Probability that a photon comes through, ``10**(-dB/10)``."""
        return checks.plain(np.power(10.0, np.divide(self.loss_db, -10)))

    @property
    def attenuation_length_km(self) -> checks.Floats:
        """Length after which 1/e of the light is left, ``10/(ln 10 attenuation)``; infinite without attenuation."""
        with np.errstate(divide="ignore"):
            return checks.plain(np.divide(10 / np.log(10), self.attenuation_db_per_km))

    @property
    def latency_s(self) -> checks.Floats:
        """Travel time of light from end to end."""
        return checks.plain(np.multiply(self.group_index, self.length_km) / SPEED_OF_LIGHT_KM_PER_S)

    def loss(self, encoding: Encoding) -> Channel:
        """Return what the fibre does to a photonic qubit.

        "dual-rail" (also polarization and time bin): erasure, from a qubit to a qutrit whose last level is
        "lost". "single-rail" (vacuum and one photon): amplitude damping, which nothing announces.
        """
        lost = checks.plain(-np.expm1(np.multiply(self.loss_db, -np.log(10) / 10)))
        return encoded_loss(self.transmissivity, lost, encoding)

    def polarization_mode_dispersion(
        self, *, spectral_std_rad_per_s: ArrayLike, axis: str | ArrayLike | None = None
    ) -> Channel:
        """Return what the fibre does to the polarization of a photon of this Gaussian spectrum.

        The delays of its two principal states are Maxwell-distributed about ``pmd_ps_per_sqrt_km * √length_km``.
        Loss comes on top. ``axis`` as in the function ``polarization_mode_dispersion``.
        """
        delay_s = 1e-12 * np.multiply(self.pmd_ps_per_sqrt_km, np.sqrt(self.length_km))
        return polarization_mode_dispersion(
            delay_s=delay_s, spectral_std_rad_per_s=spectral_std_rad_per_s, axis=axis, delays="maxwell"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FrequencyConverter:
    """A device that changes the colour of photons, in front of a fibre; both fields broadcast.

    Attributes
    ----------
    efficiency : array_like
        Probability in [0, 1] that a photon leaves the device in the new colour, filters included; devices reach
        0.57 (780 to 1522 nm: van Leent et al., PRL 124, 010510 (2020)). It multiplies a transmissivity.
    noise_rate_hz : array_like
        Photons that the pump adds in the filter's band, as they leave the device.

    Examples
    --------
    >>> converter = FrequencyConverter(0.57, noise_rate_hz=100.0)
    >>> converter.dark_count_probability(window_s=1e-6, transmissivity=0.1).round(12).item()
    9.99995e-06
    """

    efficiency: ArrayLike
    noise_rate_hz: ArrayLike = 0.0

    def __post_init__(self) -> None:
        freeze(self, fractions=("efficiency",), not_negative=("noise_rate_hz",))

    def dark_count_probability(self, *, window_s: ArrayLike, transmissivity: ArrayLike = 1.0) -> checks.Floats:
        """Return the probability of at least one noise click in a window, ``1 - exp(-rate * window * transmissivity)``.

        ``transmissivity`` is that from the device to a click.
        """
        rate, window, kept = parameters(
            not_negative={"noise_rate_hz": self.noise_rate_hz, "window_s": window_s},
            fractions={"transmissivity": transmissivity},
        )
        return checks.plain(-np.expm1(-rate * window * kept))
