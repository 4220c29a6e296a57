"""Clocks: when to read GHZ states that sense a frequency, and how stable a clock that makes."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Memory
from qnet_channels.parameters import parameters
from qnet_channels.search import maximum
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .resources import require_memory

__all__ = ["ProbeTime", "clock_instability", "ghz_frequency_information", "optimal_probe_time"]

Floats = checks.Floats
_EARLIEST, _LATEST = math.log(1e-3), math.log(30.0)  # times searched, over T/n and T
_GRID = 96


class ProbeTime(NamedTuple):
    """When to read a probe, shape (...).

    Attributes
    ----------
    duration_s : ndarray
        How long the probe senses before each reading.
    information_rate : ndarray
        Fisher information on the angular frequency per second of total time, in s.
    """

    duration_s: Floats
    information_rate: Floats


def ghz_frequency_information(num_qubits: ArrayLike, *, memory: Memory, duration_s: ArrayLike) -> Floats:
    """Return the Fisher information on an angular frequency from a GHZ state of any size, in s², shape (...).

    ``n² t² c^(2 n) 2/S``: only 0...0 and 1...1 and their coherence matter, c being the coherence that a qubit keeps,
    and S/2 the two populations that are left. Separate probes give n times that of one.

    Parameters
    ----------
    num_qubits : array_like
        Whole numbers from 1 on.
    memory : Memory
        What each qubit suffers while it senses.
    duration_s : array_like

    References
    ----------
    Huelga et al., PRL 79, 3865 (1997); Knysh, Smelyanskiy and Durkin, PRA 83, 021804 (2011).

    Examples
    --------
    >>> dephasing = Memory(t1_s=np.inf, t2_s=2.0)
    >>> ghz_frequency_information([1, 4], memory=dephasing, duration_s=[1.0, 0.25]).round(9).tolist()
    [0.367879441, 0.367879441]
    """
    count, device = _require_count(num_qubits), _require_memory(memory)
    duration = checks.real(duration_s, "duration_s", low=0.0)
    checks.broadcast_parameters({"num_qubits": count, "duration_s": duration})
    with np.errstate(divide="ignore"):
        return checks.plain(np.exp(_log_information(count, device, duration)))


def _require_count(num_qubits: ArrayLike) -> Floats:
    count = checks.real(num_qubits, "num_qubits", low=1.0)
    return parameters(counts={"num_qubits": count})[0]


def _require_memory(memory: Memory) -> Memory:
    device = require_memory(memory)
    if device is None:
        raise ParameterTypeError("Parameter `memory` must be a Memory, but is None.")
    return device


def _log_information(count: Floats, memory: Memory, duration: Floats) -> Floats:
    transfer = memory.decay(duration_s=duration).transfer
    shift, kept, coherence = transfer[..., 3, 0], transfer[..., 3, 3], transfer[..., 1, 1]
    ends = (1 + kept + shift, 1 - kept + shift, 1 + kept - shift, 1 - kept - shift)
    left = np.logaddexp.reduce([count * np.log(np.maximum(0, end) / 2) for end in ends])
    return np.asarray(2 * np.log(count * duration) + 2 * count * np.log(coherence) + math.log(2) - left)


def optimal_probe_time(num_qubits: ArrayLike, *, memory: Memory, dead_time_s: ArrayLike = 0.0) -> ProbeTime:
    """Return when to read a GHZ state that senses a frequency so as to learn most per second, and how much that is.

    For dephasing at a rate γ = 1/T2 and without dead time it is ``t = 1/(2 n γ)`` and ``n/(2 e γ)`` per second: just as
    much as n separate probes give, read after 1/(2 γ). Entanglement pays where decoherence is slower than exponential
    at first (``decay_exponent`` 2: it gains ``√n``), or where something else ends the sensing before. Dead time makes
    it lose, as it must be read more often.

    Parameters
    ----------
    num_qubits : array_like
        Whole numbers from 1 on; n separate probes have n times the rate of 1.
    memory : Memory
        What each qubit suffers while it senses; one of its times must be finite, else longer is always better.
    dead_time_s : array_like
        Preparation, reading and the making of entanglement, per reading.

    References
    ----------
    Huelga et al., PRL 79, 3865 (1997); Chin, Huelga and Plenio, PRL 109, 233601 (2012); Kómár et al., Nat. Phys. 10,
    582 (2014).

    Examples
    --------
    >>> best = optimal_probe_time([1, 4], memory=Memory(t1_s=np.inf, t2_s=2.0))
    >>> best.duration_s.round(6).tolist(), best.information_rate.round(9).tolist()
    ([1.0, 0.25], [0.367879441, 1.471517765])
    """
    count, device = _require_count(num_qubits), _require_memory(memory)
    dead = checks.real(dead_time_s, "dead_time_s", low=0.0)
    scale = np.minimum(device.t1_s, device.t2_s)
    if not np.isfinite(scale).all():
        raise ParameterError("Parameter `memory` must decay everywhere: what never does is never read too late.")
    batch = checks.broadcast(
        num_qubits=count.shape, dead_time_s=dead.shape, memory=device.decay(duration_s=1.0).batch_shape
    )
    low, high = (np.broadcast_to(at, batch) for at in (np.log(scale / count) + _EARLIEST, np.log(scale) + _LATEST))

    def score(log_time: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return _log_information(count, device, np.exp(log_time)) - np.log(np.exp(log_time) + dead)

    best = maximum(score, low, high, grid=_GRID)
    return ProbeTime(checks.plain(np.exp(best)), checks.plain(np.exp(score(best))))


def clock_instability(information_rate: ArrayLike, *, frequency_hz: ArrayLike, averaging_s: ArrayLike) -> Floats:
    """Return the fractional instability of a clock (Allan deviation), ``1/(2π ν √(R τ))``, shape (...).

    It is the limit of projection noise: the laser's own noise, and dead time that is not in R, come on top.

    Parameters
    ----------
    information_rate : array_like
        R, as ``optimal_probe_time`` has it, in s.
    frequency_hz : array_like
        ν of the transition.
    averaging_s : array_like
        τ, total time.

    References
    ----------
    Ludlow et al., Rev. Mod. Phys. 87, 637 (2015); Kómár et al., Nat. Phys. 10, 582 (2014).

    Examples
    --------
    >>> f"{clock_instability(1e4, frequency_hz=4.29e14, averaging_s=1.0):.3g}"
    '3.71e-18'
    """
    rate, frequency, averaging = parameters(
        not_negative={"information_rate": information_rate},
        positive={"frequency_hz": frequency_hz, "averaging_s": averaging_s},
    )
    with np.errstate(divide="ignore"):
        return checks.plain(1 / (2 * np.pi * frequency * np.sqrt(rate * averaging)))
