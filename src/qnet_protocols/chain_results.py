"""What a repeater chain delivers, however it was found."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qnet_core import DensityMatrix, bell_weights
from qnet_core import _checks as checks

from .keys import secret_key_fraction
from .waiting_times import WaitingTimes

__all__ = ["ChainResult"]


@dataclass(frozen=True, slots=True, eq=False)
class ChainResult:
    """What a chain delivers: the end-to-end pair, how often, and after how long; every array has the batch's shape (...).

    Pairs are delivered one after the other. Where a chain never delivers the state is NaN, the time infinite and the rate 0.

    Attributes
    ----------
    state : DensityMatrix
        Mean state of delivered pairs.
    rate_hz : array
        Mean rate of delivered pairs.
    waiting_time_s : array
        Mean time until a pair is there. (``equal_link_chain``: until all links are there, also if a swap fails then.)
    distribution : WaitingTimes or None
        Probability of each waiting time and the mean state at each; of exact results.
    lost_probability : array or None
        Probability that a pair takes longer than the distribution reaches; of exact results.
    method : "closed", "fft", "direct" or "sampled"
        How it was found: closed sums, convolutions by FFT (absolute accuracy of about 1e-16 in the distribution), term by term
        (relative accuracy), or Monte Carlo.
    num_pairs : int or None
        Pairs that were sampled; the following are of sampled results, too.
    waiting_time_error_s, rate_error_hz, fidelity_error, bloch_error : array or None
        Standard errors; ``bloch_error`` is that of ``state.bloch``, shape (..., 4, 4).
    sampled_times_s : array or None
        Waiting time of each pair, shape (..., num_pairs), if it was asked for.
    interrupted : bool
        Whether sampling was stopped early from the keyboard.
    sampled_run : object
        What sampling needs to go on from here.
    """

    state: DensityMatrix
    rate_hz: checks.Floats
    waiting_time_s: checks.Floats
    distribution: WaitingTimes | None = None
    lost_probability: checks.Floats | None = None
    method: str = "closed"
    num_pairs: int | None = None
    waiting_time_error_s: checks.Floats | None = None
    rate_error_hz: checks.Floats | None = None
    fidelity_error: checks.Floats | None = None
    bloch_error: checks.Floats | None = field(default=None, repr=False)
    sampled_times_s: checks.Floats | None = field(default=None, repr=False)
    interrupted: bool = False
    sampled_run: Any = field(default=None, repr=False)

    @property
    def fidelity(self) -> checks.Floats:
        """Fidelity of the end-to-end pair with phi+."""
        return checks.plain(bell_weights(self.state)[..., 0])

    @property
    def secret_key_fraction(self) -> checks.Floats:
        """Secret bits per delivered pair, asymptotic BB84 with efficient sifting: ``secret_key_fraction(state)``."""
        return secret_key_fraction(self.state)

    @property
    def secret_key_rate_bit_per_s(self) -> checks.Floats:
        """Secret bits per second; 0 where nothing is delivered."""
        return checks.plain(np.where(self.rate_hz > 0, self.rate_hz * self.secret_key_fraction, 0.0))
