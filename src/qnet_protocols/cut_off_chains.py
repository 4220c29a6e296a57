"""Chains of equal links that must all come within a cut-off time, in closed sums."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_channels.swapping import require_station
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError
from qnet_core.preparations import BELL_SIGNS

from . import _kernels
from .chain_results import ChainResult
from .chains import _IMPOSSIBLE, _decays, _num_links, _panels, require_link
from .clock import Clock

__all__ = ["cut_off_chain"]

_ENDLESS = 2**50  # cycles that count as no cut-off, as they could not be counted one by one
# which of the exponents 0, a, 2a, b, a + b, 2b a product of two Paulis decays with; Z about its equilibrium
_EXPONENTS = np.array([[0, 3, 3, 1], [3, 5, 5, 4], [3, 5, 5, 4], [1, 4, 4, 2]])


class _Points(NamedTuple):
    """The points of a batch, one after the other: state (16, points), factors (4, points), all else (points,)."""

    state: checks.Floats
    success: checks.Floats
    links: checks.Floats
    relaxation: checks.Floats
    dephasing: checks.Floats
    equilibrium: checks.Floats
    factors: checks.Floats
    window: checks.Floats


def cut_off_chain(
    link: Heralded, *, num_links: ArrayLike, cycle_s: ArrayLike, memory: Memory, cutoff_s: ArrayLike,
    station: BellStation | None = None, multiplexing: ArrayLike = 1,
) -> ChainResult:  # fmt: skip
    """Return the exact mean end-to-end state and rate of a chain of equal links with a cut-off; all parameters broadcast.

    As ``equal_link_chain``, but where a link has waited for ``cutoff_s`` and another one is still missing, all are discarded
    and begin anew: what ``RepeaterChain`` does with the policy "swap-at-end". That takes as many steps as the chain takes
    cycles, this takes some hundred terms for any probability, to about 1e-12.

    Parameters
    ----------
    link, num_links, cycle_s, memory, station, multiplexing
        As of ``equal_link_chain``.
    cutoff_s : array_like
        Longest wait of the first link for the last, at least a cycle; it counts in whole cycles, rounded down, and
        from 2**50 of them on as none.

    Returns
    -------
    ChainResult
        ``waiting_time_s`` is the mean time until all links are there within the cut-off, also if a swap fails then.

    Notes
    -----
    Attempts take ``1/(1 - q**N)`` cycles until the first link comes, and up to the cut-off from there. They succeed with
    probability ``((1 - q**(w+1))**N - q**N (1 - q**w)**N)/(1 - q**N)`` for a cut-off of w cycles.

    References
    ----------
    Collins et al., PRL 98, 060502 (2007), for the cut-off; Kamin et al., Phys. Rev. Research 5, 023086 (2023), for the policy.

    Examples
    --------
    >>> from qnet_channels import double_click_link
    >>> link = double_click_link(transmissivity=0.1, visibility=0.9)
    >>> memory = Memory(t1_s=np.inf, t2_s=1.0)
    >>> chain = cut_off_chain(link, num_links=2, cycle_s=1e-3, memory=memory, cutoff_s=[0.01, 0.1, np.inf])
    >>> chain.waiting_time_s.round(4).tolist(), chain.fidelity.round(4).tolist()
    ([2.1454, 0.4521, 0.2997], [0.9008, 0.87, 0.7895])
    """
    used, pair = require_station(station), require_link(link)
    cycle = checks.real(cycle_s, "cycle_s", low=0.0, open_low=True)
    count = _num_links(num_links)
    single = checks.probability(link.probability, "link.probability")
    modes = _num_links(multiplexing, "multiplexing", 10**9)
    cutoff = checks.real(cutoff_s, "cutoff_s", low=0.0, infinite=True)
    with np.errstate(divide="ignore"):
        success = -np.expm1(modes * np.log1p(-single))
    window, decays = _window(cutoff, cycle), _decays(memory, cycle)
    batch = checks.broadcast(
        station=used.characters.shape[1:], **{"link.state": pair.batch_shape}, num_links=count.shape, link=success.shape,
        cycle_and_cutoff_s=window.shape, memory=np.broadcast_shapes(*(rate.shape for rate in decays)),
    )  # fmt: skip
    points = _points(pair, used.characters, (success, count, *decays), window, batch)
    state, chance, cycles = _averaged(points, batch)
    waiting = np.where(chance > 0, cycles, np.inf) / np.where(chance > 0, chance, 1.0) * cycle
    with np.errstate(divide="ignore"):
        rate = np.asarray(used.success_probability) ** (count - 1) / waiting
    return ChainResult(state, checks.plain(rate), checks.plain(waiting))


def _window(cutoff: checks.Floats, cycle: checks.Floats) -> checks.Floats:
    """Return the cut-off in whole cycles, inf where there is none."""
    nothing = np.zeros((0, *cycle.shape), np.int64)
    cycles = Clock(cycle, nothing, nothing).whole_steps(cutoff)
    if (cycles < 1).any():
        raise ParameterError(f"Parameter `cutoff_s` must be at least a cycle, but is {np.min(cutoff):.12g}.")
    return np.where(cycles > _ENDLESS, np.inf, cycles)


def _points(
    pair: DensityMatrix, characters: checks.Floats, values: tuple[checks.Floats, ...], window: checks.Floats,
    batch: checks.Dims,
) -> _Points:  # fmt: skip
    """Return all parameters point by point."""

    def at(array: checks.Floats, lead: checks.Dims = ()) -> checks.Floats:
        own = array.shape[len(lead) :]
        rows = array.reshape((*lead, *(1,) * (len(batch) - len(own)), *own))
        return np.ascontiguousarray(np.broadcast_to(rows, (*lead, *batch))).reshape((*lead, -1))

    factors = at(characters, (4,)) * BELL_SIGNS[0][:, None]
    state = pair.broadcast_to(batch)._flat.reshape(16, -1)
    success, links, relaxation, dephasing, equilibrium = (at(np.asarray(value, float)) for value in values)
    return _Points(state, success, links, relaxation, dephasing, equilibrium, factors, at(window))


def _averaged(points: _Points, batch: checks.Dims) -> tuple[DensityMatrix, checks.Floats, checks.Floats]:
    """Return mean state of what is delivered, probability that an attempt delivers, and the mean cycles of one."""
    possible = points.success > _IMPOSSIBLE
    sums = np.empty((25, len(possible)))
    success = np.where(possible, points.success, 1.0)
    _kernels.windows.sum_windows(
        sums, success, points.links.astype(np.int64), points.relaxation, points.dephasing, _behind(points), points.window,
        *_panels(), np.empty(52),
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        fail = np.log1p(-success)
        met = np.where(possible, sums[0] / -np.expm1(points.links * fail), 0.0)
        bloch = np.where(possible & (met > 0), _joined(points, sums[:24].reshape(4, 6, -1)) / sums[0], np.nan)
    state = DensityMatrix._wrap(np.ascontiguousarray(bloch).reshape(-1), (2, 2), batch)
    return state, met.reshape(batch), sums[24].reshape(batch)


def _behind(points: _Points) -> checks.Floats:
    """Return for each column what a link behind the first adds with exponents 0, a, 2a and 2b, shape (16, points).

    Off equilibrium Z decays by exp(-a) on each side: ``Z -> z + (Z - z) exp(-a t)``; X and Y by exp(-b t).
    """
    z, side = points.equilibrium, points.state[3] + points.state[12]
    terms = np.zeros((4, 4, z.size))
    terms[0, 0] = 1.0
    terms[1, 3], terms[2, 3] = points.state[5], points.state[10]
    terms[3, :3] = z * z, z * (side - 2 * z), points.state[15] - z * side + z * z
    return np.ascontiguousarray((terms * points.factors[:, None]).reshape(16, -1))


def _joined(points: _Points, sums: checks.Floats) -> checks.Floats:
    """Return the Bloch tensor (16, points): components of the first link about equilibrium, by exponent, times their sums."""
    about = np.broadcast_to(np.eye(4)[..., None], (4, 4, sums.shape[-1])).copy()
    about[3, 0] = -points.equilibrium
    back = about.copy()
    back[3, 0] = points.equilibrium
    first = np.einsum("aip,bjp,ijp->abp", about, about, points.state.reshape(4, 4, -1))
    by_exponent = first[None] * sums[:, _EXPONENTS]
    return np.asarray(np.einsum("iap,jbp,jabp->ijp", back, back, by_exponent)).reshape(16, -1)
