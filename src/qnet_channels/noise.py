"""Noise on qubits. Each function returns a Channel; every parameter broadcasts."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError

__all__ = ["amplitude_damping", "dephasing", "depolarizing", "pauli_channel", "thermal_relaxation"]

_QUBIT = (2,)
_I, _X, _Y, _Z = range(4)


def pauli_channel(*, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Channel:
    """Return the channel that applies X, Y or Z with the given probabilities (sum at most 1).

    It multiplies the Bloch component of each Pauli matrix by 1 - 2 (sum of the other two).

    >>> pauli_channel(x=0.05, y=0.02, z=0.10).transfer.diagonal().round(12).tolist()
    [1.0, 0.76, 0.7, 0.86]
    """
    weights = {"x": checks.probability(x, "x"), "y": checks.probability(y, "y"), "z": checks.probability(z, "z")}
    batch = checks.broadcast_parameters(weights)
    total = np.asarray(sum(weights.values()))
    if total.max() > 1 + checks.ATOL:
        raise ParameterError(f"Parameters `x`, `y`, `z` must have a sum of at most 1, but it is {total.max():.12g}.")
    factors = {key: 1 - 2 * (total - weights[key]) for key in weights}
    entries = {(_I, _I): 1.0, (_X, _X): factors["x"], (_Y, _Y): factors["y"], (_Z, _Z): factors["z"]}
    return Channel._from_entries(entries, batch, _QUBIT)


def depolarizing(*, mixing: ArrayLike, num_qubits: int = 1) -> Channel:
    """Return the channel that replaces ``num_qubits`` qubits by the maximally mixed state with probability ``mixing``.

    ``rho -> (1 - mixing) rho + mixing Tr(rho) 1/D``, with mixing in [0, 1]. Some libraries count Pauli
    errors instead: a probability p of any non-identity Pauli is ``mixing = p D**2/(D**2 - 1)``.

    >>> depolarizing(mixing=0.1).transfer.diagonal().round(12).tolist()
    [1.0, 0.9, 0.9, 0.9]
    """
    value = checks.probability(mixing, "mixing")
    count = checks.integer(num_qubits, "num_qubits", 1)
    checks.capacity(4**count, f"The transfer matrix of {count} qubits", 40)
    kept = 1 - value
    entries = {(i, i): kept if i else 1.0 for i in range(4**count)}
    return Channel._from_entries(entries, value.shape, _QUBIT * count)


def dephasing(*, probability: ArrayLike) -> Channel:
    """Return the phase flip: Z with a probability in [0, 1], which multiplies coherence by 1 - 2 probability.

    A decay of coherence by ``exp(-t/T)`` is a *probability* of ``(1 - exp(-t/T))/2``: without the half,
    coherence would pass through zero to negative values.

    >>> dephasing(probability=0.1).transfer.diagonal().round(12).tolist()
    [1.0, 0.8, 0.8, 1.0]
    """
    value = checks.probability(probability, "probability")
    factor = 1 - 2 * value
    entries = {(_I, _I): 1.0, (_X, _X): factor, (_Y, _Y): factor, (_Z, _Z): 1.0}
    return Channel._from_entries(entries, value.shape, _QUBIT)


def amplitude_damping(*, damping: ArrayLike) -> Channel:
    """Return the decay of 1 to 0 with a probability ``damping`` in [0, 1], as by loss of the one photon.

    Kraus operators diag(1, √(1-damping)) and √damping |0><1|: coherence shrinks by √(1-damping)
    (Nielsen and Chuang, section 8.3.5).

    >>> amplitude_damping(damping=0.19).transfer.diagonal().round(12).tolist()
    [1.0, 0.9, 0.9, 0.81]
    """
    value = checks.probability(damping, "damping")
    return damped(1 - value, value)


def damped(kept: checks.Floats, lost: checks.Floats) -> Channel:
    """Return amplitude damping by what is kept and what is lost, each to its own full precision."""
    coherence = np.sqrt(kept)
    entries = {(_I, _I): 1.0, (_X, _X): coherence, (_Y, _Y): coherence, (_Z, _I): lost, (_Z, _Z): kept}
    return Channel._from_entries(entries, kept.shape, _QUBIT)


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
    coherence = np.exp(-duration / t2)
    entries = {(_I, _I): 1.0, (_X, _X): coherence, (_Y, _Y): coherence, (_Z, _Z): 1.0}
    if np.isfinite(t1).any():
        lost = -np.expm1(-duration / t1)
        entries |= {(_Z, _I): lost * (1 - 2 * population), (_Z, _Z): 1 - lost}
    return Channel._from_entries(entries, batch, _QUBIT)


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
