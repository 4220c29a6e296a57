"""Free space: a Gaussian beam from one telescope to another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks

from .beams import beam_capture, beam_radius_m
from .fiber import SPEED_OF_LIGHT_KM_PER_S, Encoding, encoded_loss
from .parameters import freeze

__all__ = ["FreeSpaceLink"]

_M_PER_KM_URAD = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class FreeSpaceLink:
    """A beam between two telescopes that spreads, misses and is absorbed; every field broadcasts.

    Attributes
    ----------
    distance_km, wavelength_nm : array_like
        Between the telescopes, and of the light.
    waist_m, receiver_radius_m : array_like
        1/e² radius of the intensity where the beam leaves the sender, and radius of the receiving aperture.
    pointing_bias_urad, pointing_jitter_urad : array_like
        Constant error of pointing, and rms of its jitter along each of two axes.
    atmosphere_transmissivity, optics_transmissivity : array_like
        In [0, 1]; for a slant path through the atmosphere see ``atmosphere_transmissivity``.
    broadening : array_like
        At least 1: by how much an imperfect beam, or turbulence near its sender, widens the spot.

    Notes
    -----
    The transmissivity is the mean over jitter, exact: a Gaussian beam of radius w that jitters with σ is on average one of
    radius √(w² + 4σ²), displaced by the bias. Each photon sees it if photons are far apart in time; fading that
    many photons share is left out, as are obscured apertures, coupling into a fibre, and the air's refractive index.

    Examples
    --------
    >>> link = FreeSpaceLink(1200.0, 850.0, waist_m=0.1, receiver_radius_m=0.5, pointing_jitter_urad=[0.0, 1.0])
    >>> link.transmissivity.round(6).tolist(), link.latency_s.round(9).item()
    ([0.046282, 0.030188], 0.004002769)
    """

    distance_km: ArrayLike
    wavelength_nm: ArrayLike
    waist_m: ArrayLike
    receiver_radius_m: ArrayLike
    pointing_bias_urad: ArrayLike = 0.0
    pointing_jitter_urad: ArrayLike = 0.0
    atmosphere_transmissivity: ArrayLike = 1.0
    optics_transmissivity: ArrayLike = 1.0
    broadening: ArrayLike = 1.0

    def __post_init__(self) -> None:
        freeze(
            self,
            positive=("wavelength_nm", "waist_m"),
            not_negative=("distance_km", "receiver_radius_m", "pointing_bias_urad", "pointing_jitter_urad"),
            fractions=("atmosphere_transmissivity", "optics_transmissivity"),
            from_one=("broadening",),
        )

    @property
    def spot_radius_m(self) -> checks.Floats:
        """Radius (1/e²) of the intensity at the receiver, without jitter."""
        spot = beam_radius_m(waist_m=self.waist_m, wavelength_nm=self.wavelength_nm, distance_km=self.distance_km)
        return checks.plain(np.multiply(self.broadening, spot))

    @property
    def transmissivity(self) -> checks.Floats:
        """Probability that a photon comes through, averaged over jitter."""
        lever = _M_PER_KM_URAD * np.asarray(self.distance_km)
        caught = beam_capture(
            beam_radius_m=np.hypot(self.spot_radius_m, np.multiply(2 * lever, self.pointing_jitter_urad)),
            aperture_radius_m=self.receiver_radius_m,
            offset_m=np.multiply(lever, self.pointing_bias_urad),
        )
        return checks.plain(caught * np.multiply(self.atmosphere_transmissivity, self.optics_transmissivity))

    @property
    def latency_s(self) -> checks.Floats:
        """Travel time of light in vacuum."""
        return checks.plain(np.divide(self.distance_km, SPEED_OF_LIGHT_KM_PER_S))

    def loss(self, encoding: Encoding) -> Channel:
        """Return what the link does to a photonic qubit, as ``Fiber.loss`` does."""
        return encoded_loss(self.transmissivity, checks.plain(1 - self.transmissivity), encoding)
