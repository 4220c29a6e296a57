"""Measurement as it is: readout of qubits and detection of photons."""

import math
from dataclasses import dataclass, replace
from math import comb
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel, Instrument
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from .lookup import require_quantity
from .parameters import choice

__all__ = ["Detector", "Readout"]

_MODELS = ("projective", "lueders")
_DETECTOR_NUMBERS = (
    "efficiency",
    "dark_count_rate_hz",
    "window_s",
    "dead_time_s",
    "jitter_fwhm_s",
    "afterpulse_probability",
)
_STATISTICS = ("fock", "coherent", "thermal")


@dataclass(frozen=True, slots=True, eq=False)
class Readout:
    """A measurement of a qubit in the Z basis that errs; both fields are in [0, 1] and broadcast.

    Attributes
    ----------
    error_0, error_1 : array_like
        Probability of reading 1 in state 0, and of reading 0 in state 1.

    Examples
    --------
    >>> from qnet_core import ket
    >>> Readout(0.02, 0.05).instrument().probabilities(ket("1"), 0).round(12).tolist()
    [0.05, 0.95]
    """

    error_0: ArrayLike = 0.0
    error_1: ArrayLike = 0.0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, checks.frozen(checks.probability(getattr(self, name), name)))
        checks.broadcast_parameters({name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__})

    @classmethod
    def preset(cls, name: str) -> Self:
        """Return the readout of a platform; its numbers and their sources are in ``preset(name)``."""
        return cls(*(require_quantity(name, f"readout_error_{bit}").value for bit in (0, 1)))

    @property
    def assignment_fidelity(self) -> checks.Floats:
        """Probability of a right reading, averaged over both states."""
        return checks.plain(1 - np.add(self.error_0, self.error_1) / 2)

    def corrected(self, measured_z: ArrayLike) -> checks.Floats:
        """Return the expectation of Z before the errors, from the measured one; the errors must not add up to 1."""
        measured = checks.real(measured_z, "measured_z")
        errors = {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}
        checks.broadcast_parameters({"measured_z": measured, **errors})
        contrast = 1 - np.add(self.error_0, self.error_1)
        if (contrast == 0).any():
            raise ParameterError("Parameters `error_0`, `error_1` must not add up to 1: such a reading tells nothing.")
        return checks.plain((measured - np.subtract(self.error_1, self.error_0)) / contrast)

    def instrument(
        self, model: Literal["projective", "lueders"] = "projective", *, destructive: bool = False
    ) -> Instrument:
        """Return the measurement with outcomes 0 and 1.

        Parameters
        ----------
        model : {"projective", "lueders"}
            What is left of the qubit, a choice that the errors don't settle: "projective" measures exactly and then
            flips the record (readout by scattered light), "lueders" is the gentlest measurement with
            these errors, which keeps some coherence. Outcomes have the same probabilities in both.
        destructive : bool
            True leaves no qubit.
        """
        choice(model, "model", _MODELS)
        checks.flag(destructive, "destructive")
        e0, e1 = np.broadcast_arrays(self.error_0, self.error_1)
        outcomes = ((1 - e0, e1), (e0, 1 - e1))
        return Instrument([_outcome(low, high, model, destructive) for low, high in outcomes])


def _outcome(low: checks.Floats, high: checks.Floats, model: str, destructive: bool) -> Channel:
    """Return the map of an outcome that 0 and 1 give with these probabilities."""
    mean, half = (low + high) / 2, (low - high) / 2
    if destructive:
        return Channel._from_entries({(0, 0): mean, (0, 3): half}, np.shape(mean), (2,), ())
    entries = {(0, 0): mean, (0, 3): half, (3, 0): half, (3, 3): mean}
    if model == "lueders":
        entries |= {(1, 1): np.sqrt(low * high), (2, 2): np.sqrt(low * high)}
    return Channel._from_entries(entries, np.shape(mean), (2,))


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """A detector of single photons; every number broadcasts.

    Attributes
    ----------
    efficiency : array_like
        Probability in [0, 1] that a photon makes a click.
    dark_count_rate_hz, window_s : array_like
        Rate of clicks without light, and the time in which a click counts. The rate is that of clicks seen: it
        is not multiplied by the efficiency.
    dead_time_s : array_like
        After a click.
    number_resolving : bool
        True where outcomes tell how many photons came.
    jitter_fwhm_s : array_like
        Full width at half maximum of the Gaussian spread of a click's time: what falls outside a window around the
        photon is lost to it.
    afterpulse_probability : array_like
        Of a click to bring another one after the dead time, in [0, 1).

    Examples
    --------
    >>> Detector(0.9, dark_count_rate_hz=100.0, window_s=1e-9).dark_count_probability.round(14).item()
    1e-07
    """

    efficiency: ArrayLike = 1.0
    dark_count_rate_hz: ArrayLike = 0.0
    window_s: ArrayLike = 1e-9
    dead_time_s: ArrayLike = 0.0
    number_resolving: bool = False
    jitter_fwhm_s: ArrayLike = 0.0
    afterpulse_probability: ArrayLike = 0.0

    def __post_init__(self) -> None:
        fields = {"efficiency": checks.probability(self.efficiency, "efficiency")}
        for name in ("dark_count_rate_hz", "window_s", "dead_time_s", "jitter_fwhm_s"):
            fields[name] = checks.real(getattr(self, name), name, low=0.0)
        below_one = math.nextafter(1.0, 0.0)
        fields["afterpulse_probability"] = checks.real(
            self.afterpulse_probability, "afterpulse_probability", low=0.0, high=below_one
        )
        checks.broadcast_parameters(fields)
        checks.flag(self.number_resolving, "number_resolving")
        for name, value in fields.items():
            object.__setattr__(self, name, checks.frozen(value))

    @property
    def dark_count_probability(self) -> checks.Floats:
        """Probability of at least one dark count in the window, ``1 - exp(-rate * window)``."""
        return checks.plain(-np.expm1(-np.multiply(self.dark_count_rate_hz, self.window_s)))

    @property
    def window_efficiency(self) -> checks.Floats:
        """Probability that a photon in the middle of the window makes a click inside it."""
        from scipy.special import erf

        with np.errstate(divide="ignore", invalid="ignore"):
            spans = np.where(np.equal(self.jitter_fwhm_s, 0), np.inf, np.divide(self.window_s, self.jitter_fwhm_s))
        return checks.plain(self.efficiency * erf(spans * math.sqrt(math.log(2))))

    def with_background(self, rate_hz: ArrayLike) -> "Detector":
        """Return the detector with clicks of other light, such as Raman photons or the sky's, among its dark counts."""
        more = checks.real(rate_hz, "rate_hz", low=0.0)
        self._require_fit(rate_hz=more)
        return replace(self, dark_count_rate_hz=np.add(self.dark_count_rate_hz, more))

    def _require_fit(self, **given: checks.Floats) -> None:
        """Refuse what does not broadcast with the detector's numbers."""
        checks.broadcast_parameters(given | {name: np.asarray(getattr(self, name)) for name in _DETECTOR_NUMBERS})

    def outcome_probabilities(self, max_photons: int) -> checks.Floats:
        """Return the probability of each outcome for each photon number, shape (outcomes, max_photons + 1, ...).

        Outcomes are no click and a click, or 0 to ``max_photons + 1`` counts: a dark count adds one.
        """
        size = checks.integer(max_photons, "max_photons", 1) + 1
        eta, dark = np.broadcast_arrays(self.window_efficiency, self.dark_count_probability)
        seen = np.zeros((size + 1, size, *eta.shape))
        for n in range(size):
            for k in range(n + 1):
                binomial = comb(n, k) * eta**k * (1 - eta) ** (n - k)
                seen[k, n] += (1 - dark) * binomial
                seen[k + 1, n] += dark * binomial
        return seen if self.number_resolving else np.array([seen[0], seen[1:].sum(axis=0)])

    def instrument(self, max_photons: int) -> Instrument:
        """Return the measurement of a mode cut off above ``max_photons``, which it absorbs."""
        diagonals = np.moveaxis(self.outcome_probabilities(max_photons), (0, 1), (-2, -1))
        size = diagonals.shape[-1]
        maps = []
        for outcome in range(diagonals.shape[-2]):
            kraus = np.sqrt(diagonals[..., outcome, :])[..., None, None] * np.eye(size)[:, None, :]
            maps.append(Channel.from_kraus(kraus, size, ()))
        return Instrument(maps)

    def click_probability(
        self, mean_photons: ArrayLike, statistics: Literal["fock", "coherent", "thermal"] = "coherent"
    ) -> checks.Floats:
        """Return the probability of at least one click, dark counts included, for light of this mean photon number."""
        photons = checks.real(mean_photons, "mean_photons", low=0.0)
        eta = np.asarray(self.window_efficiency)
        self._require_fit(mean_photons=photons)
        choice(statistics, "statistics", _STATISTICS)
        if statistics == "fock" and (photons != np.round(photons)).any():
            raise ParameterError("Parameter `mean_photons` must hold whole numbers for Fock states, but does not.")
        if statistics == "thermal":
            seen = eta * photons / (1 + eta * photons)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                rate = -np.log1p(-eta) if statistics == "fock" else eta
                seen = -np.expm1(-np.where(photons == 0, 0.0, rate * photons))
        return checks.plain(seen + np.asarray(self.dark_count_probability) * (1 - seen))

    def measured_rate_hz(self, true_rate_hz: ArrayLike, *, paralyzable: bool = False) -> checks.Floats:
        """Return the rate of clicks from a rate of events, with afterpulses and without what the dead time hides.

        With ``r`` the events and their afterpulses, ``r/(1 + r t)``, or ``r exp(-r t)`` where events in the dead
        time prolong it.
        """
        events = checks.real(true_rate_hz, "true_rate_hz", low=0.0)
        self._require_fit(true_rate_hz=events)
        rate = events / (1 - np.asarray(self.afterpulse_probability))
        checks.flag(paralyzable, "paralyzable")
        load = rate * np.asarray(self.dead_time_s)
        return checks.plain(rate * np.exp(-load) if paralyzable else rate / (1 + load))
