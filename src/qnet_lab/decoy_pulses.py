"""Senders of decoy pulses as tables of scenario files, and the keys that their pulses give."""

from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from qnet_protocols import FiniteDecoyKey, KeyRate, bb84, decoy_bb84, finite_decoy_key

from .schema import NotNegative, Positive, Probability, Table

__all__ = ["DecoyPulses", "clicks_and_errors", "finite_block", "long_key"]

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Epsilon = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class DecoyPulses(Table, frozen=True):
    """A sender of weak coherent pulses of three intensities, and what a key of them must hold to.

    What is left of both probabilities is that of the weakest intensity. Both ends choose the basis of the key with the same
    probability; the other one is the test.
    """

    repetition_rate_hz: Positive
    signal_intensity: Positive
    decoy_intensity: Positive
    signal_probability: Share
    decoy_probability: Share
    weakest_intensity: NotNegative = 0.0
    key_basis_probability: Probability = 0.5
    error_correction_inefficiency: Annotated[float, msgspec.Meta(ge=1)] = 1.16
    epsilon_secrecy: Epsilon = 1e-9
    epsilon_correctness: Epsilon = 1e-15

    @property
    def intensities(self) -> tuple[float, float, float]:
        """Mean numbers of photons, strongest first."""
        return self.signal_intensity, self.decoy_intensity, self.weakest_intensity

    @property
    def shares(self) -> tuple[float, float, float]:
        """How often each is sent."""
        return self.signal_probability, self.decoy_probability, 1 - self.signal_probability - self.decoy_probability

    def problem(self, prefix: str) -> str | None:
        """Return what is wrong with these pulses, which stand at a key with this prefix; None if nothing is."""
        signal, decoy, weakest = self.intensities
        if decoy <= weakest:
            return (
                f"key `{prefix}decoy_intensity`: expected more than weakest_intensity = {weakest}, but it is {decoy}."
            )
        if signal <= decoy + weakest:
            return (
                f"key `{prefix}signal_intensity`: expected more than both other intensities together, {decoy + weakest:g}, "
                f"but it is {signal}."
            )
        if self.signal_probability + self.decoy_probability >= 1:
            return (
                f"key `{prefix}decoy_probability`: expected less than 1 - signal_probability = "
                f"{1 - self.signal_probability:g}, but it is {self.decoy_probability}."
            )
        return None


def long_key(
    pulses: DecoyPulses, transmissivity: ArrayLike, background_yield: ArrayLike, misalignment: ArrayLike
) -> KeyRate:  # fmt: skip
    """Return the key rate in the limit of long keys; signals alone count."""
    return decoy_bb84(
        transmissivity=transmissivity,
        intensities=pulses.intensities,
        background_yield=background_yield,
        misalignment_error=misalignment,
        reconciliation_efficiency=pulses.error_correction_inefficiency,
        sifting_efficiency=pulses.signal_probability * pulses.key_basis_probability**2,
        repetition_rate_hz=pulses.repetition_rate_hz,
    )


def clicks_and_errors(
    pulses: DecoyPulses, transmissivity: ArrayLike, background_yield: ArrayLike, misalignment: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return how many pulses of each intensity click per second, and how many of these clicks are wrong, shape (3, ...)."""
    seen = [
        bb84(
            transmissivity=transmissivity,
            mean_photons=level,
            background_yield=background_yield,
            misalignment_error=misalignment,
        )
        for level in pulses.intensities
    ]
    sent_hz = [pulses.repetition_rate_hz * share for share in pulses.shares]
    clicks = np.stack([rate * one.gain for rate, one in zip(sent_hz, seen, strict=True)])
    return clicks, clicks * np.nan_to_num(np.stack([one.error_rate for one in seen]))


def finite_block(pulses: DecoyPulses, clicks: np.ndarray, errors: np.ndarray) -> FiniteDecoyKey:
    """Return the key of a block by its expected clicks and errors of each intensity, shape (3, ...), against any attack."""
    chosen = pulses.key_basis_probability
    key, test = chosen**2, (1 - chosen) ** 2
    return finite_decoy_key(
        intensities=pulses.intensities,
        intensity_probabilities=pulses.shares,
        key_counts=list(key * clicks),
        key_errors=list(key * errors),
        test_counts=list(test * clicks),
        test_errors=list(test * errors),
        reconciliation_efficiency=pulses.error_correction_inefficiency,
        epsilon_secrecy=pulses.epsilon_secrecy,
        epsilon_correctness=pulses.epsilon_correctness,
    )
