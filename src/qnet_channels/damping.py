"""Relaxation of qubits to equilibrium. Each function returns a Channel; every parameter broadcasts."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

from . import _kernels
from .parameters import runs

__all__ = [
    "BathRelaxation",
    "amplitude_damping",
    "bath_relaxation",
    "generalized_amplitude_damping",
    "phase_damping",
    "reset",
    "thermal_population",
    "thermal_relaxation",
]

_QUBIT = (2,)
_I, _X, _Y, _Z = range(4)
_DEPHASED = (((_I, _I), None), ((_X, _X), 0), ((_Y, _Y), 0), ((_Z, _Z), None))
_RELAXED = (((_I, _I), None), ((_X, _X), 0), ((_Y, _Y), 0), ((_Z, _I), 1), ((_Z, _Z), 2))
_RUN = 256  # points that are worked on while they stay in the nearest cache
_PLANCK_J_PER_HZ, _BOLTZMANN_J_PER_K = 6.62607015e-34, 1.380649e-23  # exact by the SI of 2019


def relaxed(lost: Any, coherence: Any, population: Any, batch: checks.Dims) -> Channel:
    """Return the map with this coherence whose populations have gone the part ``lost`` of the way to equilibrium."""
    entries = {(_I, _I): 1.0, (_X, _X): coherence, (_Y, _Y): coherence, (_Z, _Z): 1.0}
    if lost is not None:
        entries |= {(_Z, _I): lost * (1 - 2 * population), (_Z, _Z): 1 - lost}
    return Channel._from_entries(entries, batch, _QUBIT)


def damped(kept: checks.Floats, lost: checks.Floats) -> Channel:
    """Return amplitude damping by what is kept and what is lost, each to its own full precision."""
    coherence = np.sqrt(kept)
    entries = {(_I, _I): 1.0, (_X, _X): coherence, (_Y, _Y): coherence, (_Z, _I): lost, (_Z, _Z): kept}
    return Channel._from_entries(entries, kept.shape, _QUBIT)


def phase_damping(*, damping: ArrayLike) -> Channel:
    """Return the loss of phase by scattering with a probability ``damping`` in [0, 1]: coherence times √(1 - damping).

    Kraus operators diag(1, √(1-damping)) and diag(0, √damping) (Nielsen and Chuang, section 8.3.6).

    >>> phase_damping(damping=0.36).transfer.diagonal().round(12).tolist()
    [1.0, 0.8, 0.8, 1.0]
    """
    kept = 1 - checks.probability(damping, "damping")
    return relaxed(None, np.sqrt(kept), 0.0, kept.shape)


def amplitude_damping(*, damping: ArrayLike) -> Channel:
    """Return the decay of 1 to 0 with a probability ``damping`` in [0, 1], as by loss of the one photon.

    Kraus operators diag(1, √(1-damping)) and √damping |0><1|: coherence shrinks by √(1-damping)
    (Nielsen and Chuang, section 8.3.5).

    >>> amplitude_damping(damping=0.19).transfer.diagonal().round(12).tolist()
    [1.0, 0.9, 0.9, 0.81]
    """
    value = checks.probability(damping, "damping")
    return damped(1 - value, value)


def generalized_amplitude_damping(*, damping: ArrayLike, excited_population: ArrayLike) -> Channel:
    """Return exchange of energy with a bath: a part ``damping`` of the way to ``excited_population`` of 1.

    Both in [0, 1]. Coherence shrinks by √(1-damping). Some libraries name the population of 0 instead, or call
    that an excitation probability: here 1 is the excited level, and ``excited_population=0`` is ``amplitude_damping``.

    >>> generalized_amplitude_damping(damping=0.19, excited_population=0.3).transfer[3].round(12).tolist()
    [0.076, 0.0, 0.0, 0.81]
    """
    lost = checks.probability(damping, "damping")
    population = checks.probability(excited_population, "excited_population")
    batch = checks.broadcast_parameters({"damping": lost, "excited_population": population})
    return relaxed(lost, np.sqrt(1 - lost), population, batch)


def reset(*, probability: ArrayLike, excited_population: ArrayLike = 0.0) -> Channel:
    """Return the replacement, with a probability in [0, 1], by a fresh qubit with this population of 1.

    >>> reset(probability=1.0).transfer[3].tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    lost = checks.probability(probability, "probability")
    population = checks.probability(excited_population, "excited_population")
    batch = checks.broadcast_parameters({"probability": lost, "excited_population": population})
    return relaxed(lost, 1 - lost, population, batch)


def thermal_relaxation(
    *, duration_s: ArrayLike, t1_s: ArrayLike, t2_s: ArrayLike, excited_population: ArrayLike = 0.0
) -> Channel:
    """Return relaxation towards equilibrium: populations by ``exp(-t/T1)``, coherence by ``exp(-t/T2)``.

    Parameters
    ----------
    duration_s : array_like
        Time t of at least 0.
    t1_s, t2_s : array_like
        Greater than 0; infinite means no decay. ``t2_s`` includes the dephasing that T1 causes, so it
        is at most ``2 * t1_s``: more is refused, as the map would not be completely positive.
    excited_population : array_like
        Population of 1 in equilibrium, in [0, 1].

    Notes
    -----
    Exponential (Markovian) decay only; stages compose by adding durations. Equal to the Lindblad
    equation with jumps √((1-p)/T1) |0><1|, √(p/T1) |1><0| and √((1/T2 - 1/2T1)/2) Z.

    Examples
    --------
    >>> thermal_relaxation(duration_s=0.7, t1_s=1.0, t2_s=2.0).transfer[3].round(4).tolist()
    [0.5034, 0.0, 0.0, 0.4966]
    """
    duration = checks.real(duration_s, "duration_s", low=0.0)
    t1 = checks.real(t1_s, "t1_s", low=0.0, open_low=True, infinite=True)
    t2 = checks.real(t2_s, "t2_s", low=0.0, open_low=True, infinite=True)
    population = checks.probability(excited_population, "excited_population")
    require_physical_times(t1, t2)
    batch = checks.broadcast_parameters(
        {"duration_s": duration, "t1_s": t1, "t2_s": t2, "excited_population": population}
    )
    return relaxation(duration, t1, t2, population, batch)


def relaxation(
    duration: checks.Floats, t1: checks.Floats, t2: checks.Floats, population: checks.Floats, batch: checks.Dims
) -> Channel:
    """Return exponential relaxation by checked parameters that broadcast to the batch."""
    values = np.empty(1 + 3 * math.prod(batch))
    values[0] = 1
    (t, one, two, excited), steps = runs((duration, t1, t2, population), batch)
    _kernels.relaxation.relax(values[1:], t, one, two, excited, steps, np.empty(_RUN), np.empty(_RUN, np.int64))
    return Channel._from_rows(_RELAXED if np.isfinite(t1).any() else _DEPHASED, values, batch, _QUBIT)


def require_physical_times(t1: checks.Floats, t2: checks.Floats) -> None:
    """Refuse T2 > 2 T1, up to rounding."""
    if t1.ndim == t2.ndim == 0 and t2 <= 2 * t1:
        return
    checks.broadcast_parameters({"t1_s": t1, "t2_s": t2})
    bad = np.asarray(t2 > 2 * t1 * (1 + 1e-12))
    if bad.any():
        at = np.argwhere(bad)[0]
        longest, value = (np.broadcast_to(v, bad.shape)[tuple(at)] for v in (2 * t1, t2))
        raise ParameterError(f"Parameter `t2_s` must be at most 2 * t1_s = {longest:.12g}, but is {value:.12g}.")


def thermal_population(*, frequency_hz: ArrayLike, temperature_k: ArrayLike) -> checks.Floats:
    """Return the excited population ``1/(1 + exp(h f / k T))`` of a two-level system in equilibrium.

    >>> float(thermal_population(frequency_hz=5e9, temperature_k=0.02).round(11))
    6.15581e-06
    """
    frequency = checks.real(frequency_hz, "frequency_hz", low=0.0)
    temperature = checks.real(temperature_k, "temperature_k", low=0.0)
    checks.broadcast_parameters({"frequency_hz": frequency, "temperature_k": temperature})
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = _PLANCK_J_PER_HZ / _BOLTZMANN_J_PER_K * (frequency / temperature)
        ratio = np.where(frequency == 0, 0.0, ratio)
        return checks.plain(1 / (1 + np.exp(ratio)))


class BathRelaxation(NamedTuple):
    """What ``thermal_relaxation`` takes, from the rates of a bath."""

    t1_s: checks.Floats
    excited_population: checks.Floats


def bath_relaxation(*, decay_rate_hz: ArrayLike, mean_photons: ArrayLike) -> BathRelaxation:
    """Return T1 and equilibrium of a qubit that decays at this rate into a bath of this mean photon number.

    ``1/T1 = rate (2 n + 1)`` and ``excited_population = n/(2 n + 1)``.

    >>> bath_relaxation(decay_rate_hz=1.0, mean_photons=0.1).excited_population.round(12).item()
    0.083333333333
    """
    rate = checks.real(decay_rate_hz, "decay_rate_hz", low=0.0, open_low=True)
    photons = checks.real(mean_photons, "mean_photons", low=0.0)
    checks.broadcast_parameters({"decay_rate_hz": rate, "mean_photons": photons})
    total = 2 * photons + 1
    return BathRelaxation(checks.plain(1 / (rate * total)), checks.plain(photons / total + 0 * rate))
