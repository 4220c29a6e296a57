"""How long attempts take and how many it needs."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .parameters import choice, parameters

__all__ = ["cycle_time_s", "mean_attempts", "success_rate_hz", "success_within"]

Scheme = Literal["midpoint", "sender-receiver", "pipelined"]
_TRIPS = {"midpoint": 1, "sender-receiver": 2, "pipelined": 0}


def cycle_time_s(scheme: Scheme, *, latency_s: ArrayLike, preparation_s: ArrayLike = 0.0) -> checks.Floats:
    """Return the time from one attempt at a link to the next.

    Parameters
    ----------
    scheme : {"midpoint", "sender-receiver", "pipelined"}
        "midpoint": photons to a station half-way and its answer, one latency. "sender-receiver": the photon there, the
        answer back, two. "pipelined": attempts follow each other without waiting for answers (many memories).
    latency_s : array_like
        Of the whole link, as ``Fiber(length_km).latency_s``. Classical messages are as fast as photons.
    preparation_s : array_like
        Local part of an attempt, until the photon has left.

    Examples
    --------
    >>> from qnet_channels import Fiber
    >>> cycle_time_s("midpoint", latency_s=Fiber(50.0).latency_s, preparation_s=10e-6).round(12).item()
    0.000254836046
    """
    choice(scheme, "scheme", get_args(Scheme))
    latency, preparation = parameters(not_negative={"latency_s": latency_s, "preparation_s": preparation_s})
    return checks.plain(preparation + _TRIPS[scheme] * latency)


def success_within(*, probability: ArrayLike, attempts: ArrayLike) -> checks.Floats:
    """Return the probability of at least one success, ``1 - (1 - p)**n``, to full precision for small p.

    ``attempts`` are whole numbers, one after another or at once, in modes that are multiplexed.

    >>> success_within(probability=1e-3, attempts=[1, 100]).round(9).tolist()
    [0.001, 0.095207853]
    """
    chance, count = parameters(fractions={"probability": probability}, counts={"attempts": attempts})
    certain = chance == 1
    quiet = np.log1p(-np.where(certain, 0.0, chance))
    return checks.plain(np.where(certain, count > 0, -np.expm1(count * quiet)))


def mean_attempts(*, probability: ArrayLike) -> checks.Floats:
    """Return how many attempts it takes on average until one succeeds, ``1/p``; infinite where none does.

    >>> mean_attempts(probability=1e-3).item()
    1000.0
    """
    with np.errstate(divide="ignore"):
        return checks.plain(1 / checks.probability(probability, "probability"))


def success_rate_hz(*, probability: ArrayLike, cycle_s: ArrayLike) -> checks.Floats:
    """Return successes per second of attempts that follow each other, ``p/cycle``.

    For attempts in m modes at once give ``success_within(probability=p, attempts=m)`` as the probability.

    >>> success_rate_hz(probability=1e-3, cycle_s=250e-6).round(12).item()
    4.0
    """
    chance, cycle = parameters(fractions={"probability": probability}, positive={"cycle_s": cycle_s})
    return checks.plain(chance / cycle)
