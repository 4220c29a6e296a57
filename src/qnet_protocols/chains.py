"""Repeater chains of equal links that are generated in parallel and swapped when all are there."""

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_channels.swapping import require_station
from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_core.preparations import BELL_SIGNS

from . import _kernels
from .chain_results import ChainResult

__all__ = ["ChainResult", "equal_link_chain"]

MAX_LINKS = 4096
_IMPOSSIBLE = 1e-290  # success probabilities up to this count as 0, as the sums would overflow


@cache
def _panels() -> tuple[checks.Floats, checks.Floats]:
    """Return Gauss nodes and weights for sums over 16 * 2**k consecutive integers, k = 0, 1, ...

    Golub and Welsch, Math. Comp. 23, 221 (1969), with the recurrence of the discrete Chebyshev
    polynomials (Gautschi, Orthogonal Polynomials (2004), section 1.5).
    """
    nodes, weights = [], []
    order = np.arange(1.0, _kernels.waiting.NODES)
    for k in range(_kernels.waiting.LONGEST + 1):
        length = _kernels.waiting.SHORTEST * 2.0**k
        if k == 0:  # as many nodes as integers: these themselves
            nodes.append(np.arange(length))
            weights.append(np.ones(_kernels.waiting.NODES))
            continue
        beta = order / 2 * np.sqrt((1 - (order / length) ** 2) / (4 * order**2 - 1))
        values, vectors = np.linalg.eigh(np.diag(beta, 1) + np.diag(beta, -1))
        nodes.append(length * values + (length - 1) / 2)
        weights.append(length * vectors[0] ** 2)
    return np.concatenate(nodes), np.concatenate(weights)


def _num_links(value: ArrayLike, name: str = "num_links", high: int = MAX_LINKS) -> np.ndarray:
    array = checks.real(value, name, low=1, high=high)
    if (array % 1 != 0).any():
        raise ParameterError(f"Parameter `{name}` must hold whole numbers, but is {value!r:.80}.")
    return array


def _decays(memory: Memory, cycle: checks.Floats) -> tuple[checks.Floats, checks.Floats, checks.Floats]:
    """Return cycle/T1, cycle/T2 and the equilibrium expectation of Z."""
    if not isinstance(memory, Memory):
        raise ParameterTypeError(f"Parameter `memory` must be a Memory, but is {type(memory).__name__}.")
    if not memory.is_exponential:
        raise ParameterError("Parameter `memory` must decay exponentially, but its decay_exponent is not 1 everywhere.")
    times = np.asarray(memory.t1_s, float), np.asarray(memory.t2_s, float)
    return cycle / times[0], cycle / times[1], 1 - 2 * np.asarray(memory.excited_population, float)


def equal_link_chain(
    link: Heralded, *, num_links: ArrayLike, cycle_s: ArrayLike, memory: Memory, station: BellStation | None = None,
    multiplexing: ArrayLike = 1,
) -> ChainResult:  # fmt: skip
    """Return the exact mean end-to-end state and rate of a chain of equal links. Every parameter broadcasts.

    In every cycle each missing link is attempted once per mode; links that are there wait in their
    memories; when all are there, all stations swap at once. A failed swap starts everything anew.
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

    Notes
    -----
    Waiting for the slowest of N geometric times has the mean ``E[max]``, so that the rate is
    ``p_s**(N-1)/(cycle_s E[max])``. Not modelled: the message of the swap outcomes to the ends,
    during which the end memories would wait, and cut-offs.

    References
    ----------
    Collins et al., PRL 98, 060502 (2007); Brand et al., IEEE JSAC 38, 619 (2020).

    Examples
    --------
    >>> from qnet_channels import double_click_link
    >>> link = double_click_link(transmissivity=0.1, visibility=0.9)
    >>> chain = equal_link_chain(link, num_links=2, cycle_s=1e-3, memory=Memory(t1_s=np.inf, t2_s=1.0))
    >>> chain.waiting_time_s.round(6).item(), chain.fidelity.round(6).item()
    (0.299749, 0.789493)
    """
    used, pair = require_station(station), require_link(link)
    cycle = checks.real(cycle_s, "cycle_s", low=0.0, open_low=True)
    count = _num_links(num_links)
    single = checks.probability(link.probability, "link.probability")
    modes = _num_links(multiplexing, "multiplexing", 10**9)
    with np.errstate(divide="ignore"):
        success = -np.expm1(modes * np.log1p(-single))
    t1, t2, equilibrium = _decays(memory, cycle)
    parts = {
        "link.state": pair.trace(),
        "num_links": count,
        "cycle_s": cycle,
        "link": success,
        "memory": t1 + t2 + equilibrium,
    }
    characters = used.characters
    batch = checks.broadcast(station=characters.shape[1:], **{name: part.shape for name, part in parts.items()})
    state, mean = _average(pair, (success, count, t1, t2, equilibrium), characters, batch)
    waiting_time = mean * cycle
    with np.errstate(divide="ignore"):
        rate = np.asarray(used.success_probability) ** (count - 1) / waiting_time
    return ChainResult(state, checks.plain(rate), checks.plain(waiting_time))


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


def _average(
    state: DensityMatrix, values: tuple[np.ndarray, ...], characters: checks.Floats, batch: checks.Dims
) -> tuple[DensityMatrix, checks.Floats]:
    """Return the mean state and the mean number of cycles, point by point."""
    points = math.prod(batch)
    success, count, t1, t2, equilibrium = (np.broadcast_to(v, batch).reshape(-1) for v in values)
    signs = BELL_SIGNS[0].reshape(4, *(1,) * len(batch))
    aligned = characters.reshape(4, *(1,) * (len(batch) - characters.ndim + 1), *characters.shape[1:])
    factors = np.broadcast_to(signs * aligned, (4, *batch)).reshape(-1)
    flat, mean = np.empty(16 * points), np.empty(points)
    possible = success > _IMPOSSIBLE
    _kernels.waiting.average_chain(
        flat, mean, state.broadcast_to(batch)._flat, np.where(possible, success, 1.0), count.astype(np.int64),
        t1.copy(), t2.copy(), equilibrium.copy(), factors, *_panels(), np.empty(69),
    )  # fmt: skip
    flat.reshape(16, -1)[:, ~possible] = np.nan
    mean[~possible] = np.inf
    return DensityMatrix._wrap(flat, (2, 2), batch), mean.reshape(batch)
