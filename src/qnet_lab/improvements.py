"""Hardware that is better by a factor: one scale for losses, errors and lifetimes.

A factor k divides what is lost, in decibel: a probability x that all goes well becomes ``x**(1/k)``, and an error e, whose
complement is one, ``1 - (1 - e)**(1/k)``, for small e just e/k. Lifetimes are multiplied by k, durations and attenuations
divided. So k = 2 and then k = 3 are k = 6, and nothing gets better than perfect. Factors below 1 make hardware worse.
"""

from collections.abc import Callable, Mapping

import numpy as np

from .point_values import Floats, allowed

__all__ = ["IMPROVEMENTS", "MOST", "NODES", "common_limits", "is_perfect", "limits"]

MOST = 1e9  # the greatest factor that is tried, and the inverse of the least


def _kept(value: Floats, factor: Floats) -> Floats:
    """Improve a probability that all goes well."""
    return np.asarray(value ** (1 / factor))


def _lost(value: Floats, factor: Floats) -> Floats:
    """Improve a probability that something goes wrong."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(np.log1p(-value) / factor))


def _longer(value: Floats, factor: Floats) -> Floats:
    return np.asarray(value * factor)


def _shorter(value: Floats, factor: Floats) -> Floats:
    return np.asarray(value / factor)


def _steadier(value: Floats, factor: Floats) -> Floats:
    """Improve a standard deviation of phases, of which the coherence ``exp(-std**2/2)`` is left."""
    return np.asarray(value / np.sqrt(factor))


def _more(value: Floats, factor: Floats) -> Floats:
    """Improve a number of modes, which is whole."""
    return np.maximum(np.ceil(value * factor * (1 - 1e-12)), 1)


# what a factor does to each number; the others have no better and worse
IMPROVEMENTS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "link.photon_detection_probability": _kept,
    "link.frequency_conversion_efficiency": _kept,
    "link.visibility": _kept,
    "link.phase_std_rad": _steadier,
    "link.dark_count_probability": _lost,
    "link.preparation_s": _shorter,
    "link.multiplexing": _more,
    "fiber.attenuation_db_per_km": _shorter,
    "fiber.insertion_loss_db": _shorter,
    "memory.t1_s": _longer,
    "memory.t2_s": _longer,
    "memory.swap_in_fidelity": _kept,
    "memory.retrieval_efficiency": _kept,
    "station.gate_fidelity": _kept,
    "station.readout_error": _lost,
    "station.success_probability": _kept,
}
# what the nodes have; the fibre lies in the ground, and modes are a matter of design
NODES = tuple(key for key in IMPROVEMENTS if not key.startswith("fiber.") and key != "link.multiplexing")


def is_perfect(key: str, value: float) -> bool:
    """Say whether no factor changes this number."""
    ends = IMPROVEMENTS[key](np.array(value), np.array([0.5, 2.0]))
    return bool(ends[0] == ends[1])


def limits(key: str, numbers: Mapping[str, float]) -> tuple[float, float]:
    """Return the least and the greatest factor for one number while the others stay: T2 is at most 2 T1."""
    low, high = common_limits(key, numbers[key])
    if key in ("memory.t1_s", "memory.t2_s"):
        room = 2 * numbers["memory.t1_s"] / numbers["memory.t2_s"] * (1 - 1e-12)
        return (low, min(high, max(1.0, room))) if key == "memory.t2_s" else (max(low, min(1.0, 1 / room)), high)
    return low, high


def common_limits(key: str, value: float) -> tuple[float, float]:
    """Return the least and the greatest factor for a number that changes along with all others."""
    least, most = allowed(key)
    if IMPROVEMENTS[key] is _kept and 0 < least <= value:
        room = float(np.log(value) / np.log(least)) * (1 + 1e-12)  # or round-off would end below the least
        return min(1.0, max(1 / MOST, room)), MOST
    return 1 / MOST, min(MOST, most / value) if IMPROVEMENTS[key] is _more else MOST
