"""Repeater chains of any links, memories and stations, under one of three policies."""

import math
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_channels.parameters import choice
from qnet_core import Heralded
from qnet_core import _checks as checks

from .chain_parts import (
    POLICIES,
    PROTOCOLS,
    checked_devices,
    checked_numbers,
    num_levels,
    parts,
    refuse_impossible,
    shapes,
)
from .chain_results import ChainResult
from .exact import exact_chain
from .renewal import Method
from .sampling import sample_chain

__all__ = ["RepeaterChain"]

Policy = Literal["nested", "swap-asap", "swap-at-end"]
DistillationProtocol = Literal["dejmps", "bbpssw"]
_PERFECT = BellStation()


@dataclass(frozen=True, slots=True, eq=False)
class RepeaterChain:
    """A chain of N links between N + 1 nodes that delivers pairs of its two ends, one after the other.

    A link's attempt k ends at k cycles of that link and succeeds with its probability; the pair is there, in the link's
    state, from then on. Pairs that wait decay on both halves. A list or tuple holds one value per link, node, inner
    node or level; everything else is for all of them. Numbers, and all fields of the devices, may be arrays: their
    axes are those of the batch, and broadcast.

    Attributes
    ----------
    links : Heralded or sequence of Heralded
        State of a fresh pair (near phi+) and success probability per attempt; one per link, or one and ``num_links``.
    memory : Memory or sequence of Memory
        Of all nodes, or one per node.
    station : BellStation or sequence of BellStation
        Of all inner nodes, or one per inner node.
    policy : "nested", "swap-asap" or "swap-at-end"
        "nested" (N a power of 2): two neighbouring pairs of equal span are made side by side and swapped; where that fails
        both are made anew. "swap-asap": a station swaps as soon as it has both pairs; where it fails the links in these two are
        made anew. "swap-at-end": all stations swap when all links are there; where one fails all are made anew.
    cutoff_s : array_like, or a sequence with one per level
        The longest that a pair waits for its partner, counted from when it came about at this level. An elder that has
        waited so long is discarded, the attempt of the younger is abandoned, and both begin anew at that time ("swap-at-end":
        the eldest, and all begin anew; "swap-asap": age counts from the oldest link in a pair, whose links begin anew).
    distillation : int, or a sequence with one per level
        Rounds of recurrence, each from two equal pairs that are made side by side, before the swaps of the level. An integer is
        for every level. A failed round discards both. Of the two pairs the first is kept, whichever came first.
    multiplexing : array_like of int
        Attempts M of each link in a cycle: it succeeds with ``1 - (1 - p)**M``.
    num_links : int, optional
        Where ``links`` is one Heralded.
    cycle_s : array_like, or a sequence with one per link
        Duration of an attempt with its herald.
    communication_s : array_like, or a sequence with one per link
        One-way time of a message over a link. A swapped pair counts as there, or as failed, when the outcome has travelled
        over the longer of its parts; a distilled one after a message over its length; under "swap-asap" the delivered
        pair after the longest way from a station to an end. Meanwhile the pair decays.
    distillation_protocol : "dejmps" or "bbpssw"
    distillation_gate_mixing, distillation_readout_error : array_like
        Noise of the rounds, as of ``dejmps``.
    min_fidelity : array_like
        Pairs one of which has a lower fidelity with phi+ than this, when the last of them comes, are discarded together.
        Not for "swap-asap".
    max_run_s : array_like
        A run that has not delivered by then is abandoned, and everything begins anew.

    Notes
    -----
    Levels: "nested" has log2(N) + 1 of them, level l being that of pairs over 2**l links; the other policies have two, that
    of links and that of the end-to-end pair (one, if N is 1). The last one has distillation and no swap. Cut-offs and
    ``max_run_s`` act at the end of a step of the clock (the common divisor of cycles and messages), so they are
    rounded down to whole steps. A swap's correction counts as done at the swap under "nested" and "swap-at-end", and at delivery
    under "swap-asap", where frames are tracked on the way: it matters where memories prefer one of the two levels.

    References
    ----------
    Brand, Coopmans and Elkouss, IEEE JSAC 38, 619 (2020); Li, Coopmans and Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021).

    Examples
    --------
    >>> from qnet_channels import double_click_link
    >>> link = double_click_link(transmissivity=0.3, visibility=0.95)
    >>> chain = RepeaterChain(link, Memory(t1_s=np.inf, t2_s=1.0), num_links=4, cycle_s=1e-3)
    >>> result = chain.exact()
    >>> result.waiting_time_s.round(6).item(), result.fidelity.round(6).item()
    (0.045747, 0.856497)
    """

    links: Heralded | Sequence[Heralded]
    memory: Memory | Sequence[Memory]
    station: BellStation | Sequence[BellStation] = _PERFECT
    policy: Policy = "nested"
    cutoff_s: ArrayLike | Sequence[ArrayLike] = math.inf
    distillation: int | Sequence[int] = 0
    multiplexing: ArrayLike = 1
    _: KW_ONLY
    num_links: int | None = None
    cycle_s: ArrayLike | Sequence[ArrayLike]
    communication_s: ArrayLike | Sequence[ArrayLike] = 0.0
    distillation_protocol: DistillationProtocol = "dejmps"
    distillation_gate_mixing: ArrayLike = 0.0
    distillation_readout_error: ArrayLike = 0.0
    min_fidelity: ArrayLike = 0.0
    max_run_s: ArrayLike = math.inf

    def __post_init__(self) -> None:
        choice(self.policy, "policy", POLICIES)
        choice(self.distillation_protocol, "distillation_protocol", PROTOCOLS)
        for name, value in checked_devices(self).items():
            object.__setattr__(self, name, value)
        for name, value in checked_numbers(self).items():
            object.__setattr__(self, name, value)
        refuse_impossible(self)

    @property
    def num_levels(self) -> int:
        """How many levels have distillation and cut-offs."""
        return num_levels(self.policy, len(self.links))

    @property
    def batch_shape(self) -> checks.Dims:
        """Common shape of all parameters."""
        return checks.broadcast(**shapes(self))

    @property
    def link_probabilities(self) -> tuple[checks.Floats, ...]:
        """Success probability of each link in a cycle, all its attempts together."""
        return parts(self).successes

    def coarsened(self, cycles: int) -> "RepeaterChain":
        """Return the chain in which so many cycles count as one: a link comes in it with ``1 - (1 - p)**(M cycles)``.

        For links that come too rarely to sum step by step. They come up to ``cycles - 1`` cycles late, which changes results by
        parts of about ``(cycles - 1) p``, p being the probability in a cycle. Results f and h of chains coarsened by g and 2g
        extrapolate to ``f - (1 - 1/g) (h - f)``, which is right up to parts of about ``(g p)**2`` and, with cut-offs of w
        cycles, ``(g/w)**2``. Messages keep their length.

        Parameters
        ----------
        cycles : int
            How many count as one.

        Examples
        --------
        >>> from qnet_core import werner_state
        >>> link = Heralded(werner_state(fidelity=0.97), 1e-3)
        >>> chain = RepeaterChain(link, Memory(t1_s=10.0, t2_s=1.0), num_links=4, cycle_s=1e-4)
        >>> fine, f, h = (c.exact().waiting_time_s for c in (chain, chain.coarsened(20), chain.coarsened(40)))
        >>> (f / fine - 1).round(4).item(), bool(abs((f - 0.95 * (h - f)) / fine - 1) < 1e-6)
        (0.0046, True)
        """
        count = checks.integer(cycles, "cycles", 1, 10**9)
        longer = tuple(count * cycle for cycle in parts(self).cycles)
        return replace(self, multiplexing=count * np.asarray(self.multiplexing), cycle_s=longer)

    def exact(self, *, tail: float = 1e-9, max_steps: int = 10**6, method: Method = "fft") -> ChainResult:
        """Return the distribution of the waiting time and the mean state at each, from sums over all histories.

        States are averaged over all histories that deliver at the same time; every later step is linear in each of the
        pairs that it joins, so that nothing is lost by that.

        Parameters
        ----------
        tail : float
            Series are as long as it takes until a pair takes longer with at most this probability.
        max_steps : int
            Longest series; where it takes more, the error says about how many, and which ``coarsened`` chain takes few enough.
        method : "fft" or "direct"
            Renewals by FFT, at T log T for T steps, with errors of about 1e-14 of the probability of any step; or term by
            term, at T**2, where each probability keeps some 12 digits far into the tail.

        Returns
        -------
        ChainResult
            ``distribution`` ends where ``lost_probability`` begins. ``waiting_time_s`` and ``rate_hz`` are those of the
            whole distribution, from what is known of the mean of each attempt: they miss terms of the order of the
            tail's square without cut-offs, of the tail with them. ``state`` misses the last attempts beyond the end.

        Raises
        ------
        ParameterError
            Where only ``sample`` can: swaps as soon as possible by stations that fail, or with cut-offs, on more than two
            links; memories that are not exponential, or a least fidelity, where pairs wait more than once; cycles and messages
            without a common step. And for chains that can't deliver.
        """
        return exact_chain(self, tail=tail, max_steps=max_steps, method=method)

    def sample(
        self, num_pairs: int, *, rng: np.random.Generator | None = None, threads: int = 1,
        progress: Callable[[int, int], None] | None = None, continue_from: ChainResult | None = None,
        fidelity_error: float = 0.0, relative_rate_error: float = 0.0, keep_times: bool = False, max_events: int = 10**7,
    ) -> ChainResult:  # fmt: skip
        """Return what so many delivered pairs show, each with its own history.

        All parameters, and what they mean, are those of ``qnet_protocols.sampling.sample_chain``.
        """
        return sample_chain(
            self, num_pairs, rng=rng, threads=threads, progress=progress, continue_from=continue_from,
            fidelity_error=fidelity_error, relative_rate_error=relative_rate_error, keep_times=keep_times,
            max_events=max_events,
        )  # fmt: skip
