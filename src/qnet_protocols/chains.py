"""Repeater chains of equal links that are generated in parallel and swapped when all are there."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_channels.swapping import require_station
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError

from .chain_results import ChainResult
from .clock import Clock
from .equal_links import EqualLinks, averaged

__all__ = ["ChainResult", "equal_link_chain"]

MAX_LINKS = 4096
_ENDLESS = 2**50  # cycles that count as no cut-off, as they could not be counted one by one


def equal_link_chain(
    link: Heralded, *, num_links: ArrayLike, cycle_s: ArrayLike, memory: Memory, station: BellStation | None = None,
    multiplexing: ArrayLike = 1, cutoff_s: ArrayLike = np.inf,
) -> ChainResult:  # fmt: skip
    """Return the exact mean end-to-end state and rate of a chain of equal links. Every parameter broadcasts.

    In every cycle each missing link is attempted once per mode; links that are there wait in their
    memories; when all are there, all stations swap at once. A failed swap starts everything anew, and so does
    a cut-off: where the first link has waited for it and another one is still missing, all are discarded.
    The components of the density matrix are averaged over the joint distribution of waiting times,
    which is not the state at the mean waiting time. The sum over cycles is exact to about 1e-13.

    Parameters
    ----------
    link : Heralded
        State of a fresh pair (near phi+) and its success probability per attempt.
    num_links : array_like of int
        Number N of links, one more than repeaters.
    cycle_s : array_like
        Duration of an attempt with its herald.
    memory : Memory
        Both memories of every link while they wait.
    station : BellStation, optional
        Of every repeater; perfect if not given.
    multiplexing : array_like of int
        Modes M attempted in a cycle: a link succeeds with ``1 - (1 - p)**M``.
    cutoff_s : array_like
        Longest wait of the first link for the last, at least a cycle; it counts in whole cycles, rounded down, and
        from 2**50 of them on as none.

    Returns
    -------
    ChainResult
        ``waiting_time_s`` is the mean time until all links are there, in time for the cut-off, also if a swap fails then.
        Where links never succeed the state is NaN, the time infinite and the rate 0.

    Notes
    -----
    Waiting for the slowest of N geometric times has the mean ``E[max]``, so that the rate is
    ``p_s**(N-1)/(cycle_s E[max])``. With a cut-off of w cycles attempts take ``1/(1 - q**N)`` cycles until the first link
    comes, up to w from there, and succeed with ``((1 - q**(w+1))**N - q**N (1 - q**w)**N)/(1 - q**N)``: that is
    ``RepeaterChain`` with the policy "swap-at-end", in some hundred terms instead of as many steps as it takes. Not
    modelled: the message of the swap outcomes to the ends, during which the end memories would wait.

    References
    ----------
    Collins et al., PRL 98, 060502 (2007); Brand et al., IEEE JSAC 38, 619 (2020); Kamin et al., Phys. Rev. Research 5,
    023086 (2023), for cut-offs.

    Examples
    --------
    >>> from qnet_channels import double_click_link
    >>> link = double_click_link(transmissivity=0.1, visibility=0.9)
    >>> given = {"num_links": 2, "cycle_s": 1e-3, "memory": Memory(t1_s=np.inf, t2_s=1.0)}
    >>> chain = equal_link_chain(link, cutoff_s=[0.01, 0.1, np.inf], **given)
    >>> chain.waiting_time_s.round(4).tolist(), chain.fidelity.round(4).tolist()
    ([2.1454, 0.4521, 0.2997], [0.9008, 0.87, 0.7895])
    """
    used, pair = require_station(station), require_link(link)
    cycle = checks.real(cycle_s, "cycle_s", low=0.0, open_low=True)
    count = _whole(num_links, "num_links", MAX_LINKS)
    single = checks.probability(link.probability, "link.probability")
    modes = _whole(multiplexing, "multiplexing", 10**9)
    with np.errstate(divide="ignore"):
        success = -np.expm1(modes * np.log1p(-single))
    cutoff, times = checks.real(cutoff_s, "cutoff_s", low=0.0, infinite=True), _times(memory)
    batch = checks.broadcast(
        station=used.characters.shape[1:], **{"link.state": pair.batch_shape}, num_links=count.shape, link=success.shape,
        cycle_s=cycle.shape, cutoff_s=cutoff.shape, **{f"memory.{name}": value.shape for name, value in times.items()},
    )  # fmt: skip
    t1, t2, excited = times.values()
    links = EqualLinks(success, count, cycle / t1, cycle / t2, 1 - 2 * excited, _window(cutoff, cycle))
    state, cycles = averaged(pair, links, used.characters, batch)
    waiting = cycles * cycle
    rate = np.asarray(used.success_probability) ** (count - 1) / waiting
    return ChainResult(state, checks.plain(rate), checks.plain(waiting))


def require_link(link: Heralded, name: str = "link") -> DensityMatrix:
    """Return the state of a link, normalized as it must be."""
    if not isinstance(link, Heralded) or not isinstance(link.state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `{name}` must be a Heralded state, but is {type(link).__name__}.")
    if link.state.dims != (2, 2):
        raise DimensionError(
            f"Parameter `{name}` must be a Heralded state of two qubits, but has dims {link.state.dims}."
        )
    gap = np.abs(link.state.trace() - 1)
    if (gap > checks.ATOL).any():
        raise StateError(f"Parameter `{name}` must have a state of trace 1, but it is off by {np.nanmax(gap):.3g}.")
    return link.state


def _whole(value: ArrayLike, name: str, high: int) -> np.ndarray:
    array = checks.real(value, name, low=1, high=high)
    if (array % 1 != 0).any():
        raise ParameterError(f"Parameter `{name}` must hold whole numbers, but is {value!r:.80}.")
    return array


def _times(memory: Memory) -> dict[str, checks.Floats]:
    """Return T1, T2 and the population in equilibrium of a memory that decays exponentially, by name."""
    if not isinstance(memory, Memory):
        raise ParameterTypeError(f"Parameter `memory` must be a Memory, but is {type(memory).__name__}.")
    if not memory.is_exponential:
        raise ParameterError("Parameter `memory` must decay exponentially, but its decay_exponent is not 1 everywhere.")
    return {name: np.asarray(getattr(memory, name), float) for name in ("t1_s", "t2_s", "excited_population")}


def _window(cutoff: checks.Floats, cycle: checks.Floats) -> checks.Floats:
    """Return the cut-off in whole cycles, inf where there is none."""
    nothing = np.zeros((0, *cycle.shape), np.int64)
    cycles = Clock(cycle, nothing, nothing).whole_steps(cutoff)
    if (cycles < 1).any():
        raise ParameterError(
            f"Parameter `cutoff_s` must be at least a cycle, but is {np.min(cutoff):.12g}, and `cycle_s` is "
            f"{np.max(cycle):.12g}."
        )
    return np.where(cycles > _ENDLESS, np.inf, cycles)
