"""First-generation repeaters: nested swaps with distillation, every step heralded."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Fiber, dejmps, swap
from qnet_core import DensityMatrix, bell_weights, werner_state
from qnet_core import _checks as checks

from .repeater_hardware import RepeaterCost, RepeaterHardware, cost_of, link_fiber, require_hardware

__all__ = ["first_generation"]

Floats = checks.Floats


def first_generation(
    hardware: RepeaterHardware, *, distance_km: ArrayLike, levels: int, link_rounds: int = 0, level_rounds: int = 0
) -> RepeaterCost:  # fmt: skip
    """Return rate and cost of nested swaps with distillation: heralds against loss, two-way distillation against errors.

    ``2**levels`` equal links; every pair of a level is distilled by so many rounds of DEJMPS, each from two pairs that are
    made side by side, and swapped with its neighbour. States are exact (``dejmps`` and ``swap``). Times aren't: the
    slower of two is that of two shifted exponentials of the same mean and variance, some percent off ``RepeaterChain``.
    Each step waits for a message over its span. The ``2 * 2**levels`` half-stations have a memory for each of the raw
    pairs that one pair takes.

    Parameters
    ----------
    hardware : RepeaterHardware
        Two photons meet half-way: a link succeeds with ``p = η_c² η/2`` per attempt of one latency and one step.
    distance_km : array_like
        Between the ends.
    levels, link_rounds, level_rounds : int
        Of swaps; rounds before the first swap, and after each.

    References
    ----------
    Briegel et al., PRL 81, 5932 (1998); Muralidharan et al., Sci. Rep. 6, 20463 (2016). ``RepeaterChain`` is exact.

    Examples
    --------
    >>> cost = first_generation(RepeaterHardware(1e-3, 0.5), distance_km=200.0, levels=2)
    >>> cost.rate_bit_per_s.round(6).item(), cost.memory_qubits.item()
    (21.916246, 8.0)
    """
    require_hardware(hardware)
    depth, early, late = (
        checks.integer(value, name, 0, most)
        for value, name, most in (
            (levels, "levels", 20), (link_rounds, "link_rounds", 8), (level_rounds, "level_rounds", 8)
        )
    )  # fmt: skip
    fiber = link_fiber(hardware, distance_km, checks.plain(2.0**depth))
    state, time = distilled_link(hardware, fiber, early)
    station = BellStation(np.asarray(hardware.gate_mixing), np.asarray(hardware.readout_error))
    for level in range(depth):
        time = _later(_slower_of_two(time), _message_s(hardware, fiber, 2.0**level))
        state = swap(state, state, station=station).state
        state, time = _distilled(hardware, state, time, late, _message_s(hardware, fiber, 2.0 ** (level + 1)))
    bit, phase = error_rates(state)
    with np.errstate(divide="ignore"):
        rate = 1 / time.mean_s
    return cost_of(rate, bit, phase, checks.plain(2.0 ** (depth + 1 + early + late * depth)))


class Time(NamedTuple):
    """How long a pair takes: mean, and standard deviation relative to it, which is finite where the mean isn't."""

    mean_s: Floats
    spread: Floats


def _message_s(hardware: RepeaterHardware, fiber: Fiber, span: float) -> Floats:
    """Return how long gates take, and the message about them over so many links."""
    return checks.plain(span * fiber.latency_s + np.asarray(hardware.gate_time_s))


def _later(time: Time, message_s: Floats) -> Time:
    return Time(time.mean_s + message_s, time.spread / (1 + message_s / time.mean_s))


def _slower_of_two(time: Time) -> Time:
    """Return the time until two are there: ``E + σ/2`` and ``√5/2 σ`` for shifted exponentials."""
    longer = 1 + time.spread / 2
    return Time(time.mean_s * longer, time.spread * math.sqrt(1.25) / longer)


def _until_kept(time: Time, kept: Floats) -> Time:
    """Return the time of as many attempts as it takes until one is kept."""
    return Time(time.mean_s / kept, checks.plain(np.sqrt(kept * time.spread**2 + 1 - kept)))


def distilled_link(hardware: RepeaterHardware, fiber: Fiber, rounds: int) -> tuple[DensityMatrix, Time]:
    """Return a link after so many rounds, and the time that it takes.

    Two photons meet half-way, where half of the Bell states are told apart.
    """
    step = _message_s(hardware, fiber, 1.0)
    success = checks.plain(np.asarray(hardware.coupling_efficiency) ** 2 * fiber.transmissivity / 2)
    state = werner_state(fidelity=1 - np.asarray(hardware.link_infidelity))
    with np.errstate(divide="ignore", over="ignore"):
        time = Time(checks.plain(step / success), checks.plain(np.sqrt(1 - success)))
    return _distilled(hardware, state, time, rounds, step)


def _distilled(
    hardware: RepeaterHardware, state: DensityMatrix, time: Time, rounds: int, message_s: Floats
) -> tuple[DensityMatrix, Time]:  # fmt: skip
    mixing, flip = np.asarray(hardware.gate_mixing), np.asarray(hardware.readout_error)
    for _ in range(rounds):
        state, kept = dejmps(state, state, gate_mixing=mixing, readout_error=flip)
        time = _until_kept(_later(_slower_of_two(time), message_s), kept)
    return state, time


def error_rates(state: DensityMatrix) -> tuple[Floats, Floats]:
    """Return the error rates of a pair in Z and in X."""
    weights = bell_weights(state)
    return weights[..., 2] + weights[..., 3], weights[..., 1] + weights[..., 3]
