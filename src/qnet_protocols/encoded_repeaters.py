"""Second-generation repeaters: heralded pairs, encoded and connected without waiting for answers."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import parameters
from qnet_core import _checks as checks

from .encoded import after_many, connection_error, css_logical_error, odd_parity, require_positive
from .repeater_hardware import RepeaterCost, RepeaterHardware, cost_of, link_fiber, require_hardware
from .two_way import distilled_link, error_rates

__all__ = ["second_generation"]

Floats = checks.Floats
_FEW = 6  # pairs of which all orders of arrival are summed over
_QUICK = 0.5  # ln(1/q) above which the series is short
_TERMS = 90  # of it, enough for a million pairs


def second_generation(
    hardware: RepeaterHardware, *, distance_km: ArrayLike, num_links: ArrayLike, num_qubits: ArrayLike,
    correctable_errors: ArrayLike, link_rounds: int = 0,
) -> RepeaterCost:  # fmt: skip
    """Return rate and cost of encoded pairs: heralds against loss, a CSS code against errors, one message to the ends.

    All links make their n pairs at the same time; when the last of all is there, each link's two blocks are joined by n
    teleported CNOT gates and all stations measure. The mean time is that of the slowest of n N pairs, a distilled one being
    taken for a link with a lower probability. Each of the 2N half-stations has n qubits for the block and a memory for
    each raw pair. With n = 1 nothing is encoded: pairs are swapped as they are, and a half-station only holds these.

    Parameters
    ----------
    hardware, distance_km
        As of ``first_generation``.
    num_links : array_like of int
        N, at least 1.
    num_qubits, correctable_errors : array_like of int
        n and t of the code [[n, 1, 2t+1]].
    link_rounds : int
        Of DEJMPS, before pairs are used.

    References
    ----------
    Jiang et al., PRA 79, 032325 (2009); Munro et al., Nat. Photonics 4, 792 (2010).

    Examples
    --------
    >>> cost = second_generation(
    ...     RepeaterHardware(1e-3, 0.5), distance_km=1000.0, num_links=50, num_qubits=23, correctable_errors=3)
    >>> cost.rate_bit_per_s.round(6).item(), cost.memory_qubits.item()
    (67.323825, 4600.0)
    """
    require_hardware(hardware)
    (links, size) = parameters(counts={"num_links": num_links, "num_qubits": num_qubits})
    require_positive(links, "num_links")
    rounds = checks.integer(link_rounds, "link_rounds", 0, 8)
    fiber = link_fiber(hardware, distance_km, links)
    state, pair_time = distilled_link(hardware, fiber, rounds)
    bit, phase = (_encoded_error(hardware, error, size, correctable_errors, links) for error in error_rates(state))
    local = np.asarray(hardware.gate_time_s)
    step = checks.plain(fiber.latency_s + local)
    time = step * slowest(np.minimum(step / pair_time.mean_s, 1.0), size * links) + local
    return cost_of(1 / time, bit, phase, 2 * links * size * (2**rounds + (size > 1)))


def _encoded_error(
    hardware: RepeaterHardware, pair_error: Floats, size: Floats, most: ArrayLike, links: Floats
) -> Floats:
    """Return the error of the logical pair after so many links, in one basis."""
    mixing, flip = np.asarray(hardware.gate_mixing), np.asarray(hardware.readout_error)
    pair = np.clip(pair_error, 0.0, 1.0)  # round-off
    bare = odd_parity(pair, mixing, flip, gates=1, readouts=1)
    wrong = np.where(size > 1, connection_error(pair_error=pair, gate_mixing=mixing, readout_error=flip), bare)
    failed = css_logical_error(num_qubits=size, correctable_errors=most, error_probability=np.clip(wrong, 0.0, 1.0))
    return after_many(np.minimum(failed, 0.5), links)


def slowest(success: Floats, count: Floats) -> Floats:
    """Return how many attempts the slowest of ``count`` geometric times takes in the mean, ``sum_t 1 - (1 - q^t)^K``.

    Where that is long, it is the integral ``H_K/ln(1/q)`` and one half, to nine digits for seven or more; few have a
    closed sum.
    """
    from scipy.special import binom, digamma  # slow to load

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        decay, number = np.broadcast_arrays(-np.log1p(-success), count)
        mean = np.asarray((digamma(number + 1) + np.euler_gamma) / decay + 0.5)
        few = sum((-1) ** (k + 1) * binom(number, k) / -np.expm1(-k * decay) for k in range(1, _FEW + 1))
    quick = decay > _QUICK
    mean[quick] = _series(decay[quick], number[quick])
    return checks.plain(np.where((number <= _FEW) & (decay > 0), few, mean))


def _series(decay: Floats, count: Floats) -> Floats:
    total = np.ones_like(decay)
    for attempts in range(1, _TERMS):
        total -= np.expm1(count * np.log1p(-np.exp(-decay * attempts)))
    return total
