"""Repeater chains pair by pair: an event-driven Monte Carlo that carries density matrices along."""

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qnet_core import DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from . import _kernels
from .chain_arrays import ChainArrays, chain_arrays
from .chain_results import ChainResult
from .sampled_runs import ROW, Drawing, Goal, Progress, SampledRun, StuckError, Sums, sample_until

if TYPE_CHECKING:
    from .repeaters import RepeaterChain

__all__ = ["sample_chain"]

_MOST_EVENTS = 2**32


def sample_chain(
    chain: "RepeaterChain", num_pairs: int, *, rng: np.random.Generator | None = None, threads: int = 1,
    progress: Progress | None = None, continue_from: ChainResult | None = None,
    fidelity_error: float = 0.0, relative_rate_error: float = 0.0, keep_times: bool = False, max_events: int = 10**7,
) -> ChainResult:  # fmt: skip
    """Return what ``num_pairs`` delivered pairs of a chain show: mean state, waiting time and rate, with standard errors.

    Each pair has its own history: links come about after a geometric number of attempts, pairs wait and decay,
    swaps and rounds of distillation succeed with the probability that the stations and the states of this history give.
    Pair k of a point of the batch draws from a random stream of its own, whose key ``rng`` gives once: the same seed gives
    the same numbers for any number of threads, and 1000 pairs continued by 1000 are 2000 (bit for bit at multiples
    of 64, else up to rounding).

    Parameters
    ----------
    num_pairs : int
        For each point of the batch; with ``continue_from``, how many more.
    rng : numpy.random.Generator
        Needed unless ``continue_from`` is given, whose key is used.
    threads : int
    progress : callable, optional
        Called now and then with the number of pairs that are done and that are wanted.
    continue_from : ChainResult, optional
        Of an earlier call for the same chain; the result then is about all pairs.
    fidelity_error, relative_rate_error : float
        Stop before ``num_pairs`` as soon as the standard error of the fidelity, and of the rate in parts of it, are
        no larger at all points; 0 asks for nothing. It is looked at after every 64 pairs.
    keep_times : bool
        Keep the waiting time of every pair as ``sampled_times_s``, shape (..., num_pairs).
    max_events : int
        The most random numbers, one per link made and per measurement, that one pair may take; one that takes more
        is refused, as the chain hardly ever delivers.

    Notes
    -----
    Ctrl-C ends sampling, not the program: what was drawn by then is returned with ``interrupted`` set, and can be continued
    (with no pair yet, it is a KeyboardInterrupt as ever). Where a point can't deliver its state is NaN and its rate 0.
    ``state`` is the mean over pairs; rounds of distillation and ``min_fidelity`` act on the state of each history. The waiting
    time's standard deviation is ``waiting_time_error_s * sqrt(num_pairs)``. Whoever waits, waits for something that is
    already on its way, so that nothing can block.

    References
    ----------
    Salmon et al., Proc. SC 2011 (the random streams); Chan, Golub and LeVeque, COMPSTAT 1982, 30 (the sums).

    Examples
    --------
    >>> from qnet_channels import Memory, double_click_link
    >>> from qnet_protocols import RepeaterChain
    >>> link = double_click_link(transmissivity=0.3, visibility=0.95)
    >>> chain = RepeaterChain(link, Memory(t1_s=np.inf, t2_s=1.0), num_links=4, cycle_s=1e-3, cutoff_s=0.02)
    >>> first = chain.sample(1000, rng=np.random.default_rng(1))
    >>> both = chain.sample(10**5, continue_from=first, fidelity_error=2e-4)
    >>> first.num_pairs < both.num_pairs < 10**5, bool(both.fidelity_error <= 2e-4)
    (True, True)
    """
    wanted, workers = checks.integer(num_pairs, "num_pairs", 1), checks.integer(threads, "threads", 1)
    keep = checks.flag(keep_times, "keep_times")
    errors = _target(fidelity_error, "fidelity_error"), _target(relative_rate_error, "relative_rate_error")
    _require_callable(progress)
    arrays = chain_arrays(chain, checks.integer(max_events, "max_events", 1, _MOST_EVENTS))
    run = _begun(arrays, rng, continue_from, keep)
    sums = Sums(run, Goal(run.count + wanted, *errors), keep)
    drawing = Drawing(arrays, np.flatnonzero(arrays.possible), run.key, np.zeros(1, np.int64))
    finished = _sample(drawing, sums, workers, progress or _silent, chain.batch_shape)
    result = _result(drawing, replace(run, totals=checks.frozen(sums.totals)), chain.batch_shape)
    times = _times(drawing, sums, continue_from, chain.batch_shape) if keep else None
    return replace(result, sampled_times_s=times, interrupted=not finished)


def _silent(done: int, total: int) -> None:
    pass


def _require_callable(progress: object) -> None:
    if progress is not None and not callable(progress):
        raise ParameterTypeError(f"Parameter `progress` must be callable, but is {type(progress).__name__}.")


def _target(value: float, name: str) -> float:
    array = checks.real(value, name, low=0.0)
    if array.ndim:
        raise DimensionError(f"Parameter `{name}` must be one number for all points, but has shape {array.shape}.")
    return float(array)


def _begun(
    arrays: ChainArrays, rng: np.random.Generator | None, earlier: ChainResult | None, keep_times: bool
) -> SampledRun:
    """Return the run to go on with, a new one if there is no earlier result."""
    if earlier is not None:
        return _continued(earlier, arrays.fingerprint(), keep_times)
    if not isinstance(rng, np.random.Generator):
        raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
    key = int(rng.integers(2**64, dtype=np.uint64))
    return SampledRun(key, arrays.fingerprint(), np.zeros((max(1, arrays.possible.sum()), ROW)))


def _continued(earlier: ChainResult, fingerprint: str, keep_times: bool) -> SampledRun:
    run = getattr(earlier, "sampled_run", None)
    if not isinstance(run, SampledRun):
        raise ParameterTypeError("Parameter `continue_from` must be the result of an earlier `sample` of this chain.")
    if run.fingerprint != fingerprint:
        raise ParameterError("Parameter `continue_from` must be a result of this chain, but is one of another.")
    if keep_times and earlier.sampled_times_s is None:
        raise ParameterError("Parameter `keep_times` must be False, as `continue_from` has not kept its times.")
    return run


def _sample(drawing: Drawing, sums: Sums, threads: int, progress: Progress, batch: checks.Dims) -> bool:
    """Draw until the goal is reached, and say what a chain would take that takes too long."""
    if not len(drawing.points):
        return True
    try:
        finished = sample_until(drawing, sums, threads, progress)
    except StuckError as stuck:
        raise _too_long(drawing, sums, stuck, threads, batch) from None
    if not finished and not sums.count:
        raise KeyboardInterrupt
    return finished


def _too_long(drawing: Drawing, sums: Sums, stuck: StuckError, threads: int, batch: checks.Dims) -> ParameterError:
    """Return an error that says what the wanted pairs would cost, by drawing the one that took too long once more."""
    begun = time.perf_counter()
    point, again = int(drawing.points[stuck.point]), drawing._replace(stop=np.zeros(1, np.int64))
    again.span(point, stuck.index, stuck.index + 1)
    seconds = time.perf_counter() - begun
    left = (sums.goal.num_pairs - sums.count) * seconds / threads
    events = int(2 * drawing.arrays.limits[point, _kernels.sampling.MOST_DRAWS])
    where = f" at point {tuple(int(k) for k in np.unravel_index(point, batch))} of the batch" if batch else ""
    return ParameterError(
        f"The chain hardly ever delivers{where}: pair {stuck.index} needs more than `max_events` = {events} links and "
        f"measurements. That took {seconds:.2g} s, and the {sums.goal.num_pairs - sums.count} pairs still wanted would take "
        f"more than {_duration(left)} if all were like it. Loosen `cutoff_s`, `min_fidelity` or `max_run_s`, or raise "
        "`max_events`."
    )


def _duration(seconds: float) -> str:
    for unit, length in (("years", 31557600.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds:.2g} seconds"


def _at_all(
    drawing: Drawing, values: checks.Floats, elsewhere: float, batch: checks.Dims, *, seconds: bool = False
) -> checks.Floats:
    """Return values of the points that can deliver as an array over all points of the batch."""
    arrays, points = drawing.arrays, drawing.points
    every = np.full((len(arrays.unit_s), *values.shape[1:]), elsewhere)
    units = arrays.unit_s[points].reshape(-1, *(1,) * (values.ndim - 1)) if seconds else 1.0
    every[points] = values[: len(points)] * units
    return checks.plain(every.reshape((*batch, *values.shape[1:])))


def _times(drawing: Drawing, sums: Sums, earlier: ChainResult | None, batch: checks.Dims) -> checks.Floats:
    """Return the waiting times of all pairs, in seconds, behind those of an earlier result."""
    none = np.zeros((max(1, len(drawing.points)), 0))
    times = _at_all(drawing, np.concatenate([none, *sums.times], axis=1), np.inf, batch, seconds=True)
    return times if earlier is None else np.concatenate([np.asarray(earlier.sampled_times_s), times], axis=-1)


def _result(drawing: Drawing, run: SampledRun, batch: checks.Dims) -> ChainResult:
    """Return means and standard errors; those of a single pair are NaN."""
    width = _kernels.sampling.VALUES
    means, squares = run.totals[:, 1 : 1 + width], run.totals[:, 1 + width :]
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.sqrt(squares / (run.count - 1.0) / run.count)
    time_column, fidelity_column = _kernels.sampling.TIME, _kernels.sampling.FIDELITY
    mean = _at_all(drawing, means[:, time_column], math.inf, batch, seconds=True)
    error = _at_all(drawing, errors[:, time_column], math.nan, batch, seconds=True)
    bloch = _at_all(drawing, means[:, :16], math.nan, batch).reshape(-1, 16)
    return ChainResult(
        DensityMatrix._wrap(bloch.T.reshape(-1), (2, 2), batch), 1 / mean, mean, method="sampled", num_pairs=run.count,
        waiting_time_error_s=error, rate_error_hz=checks.plain(error / mean**2),
        fidelity_error=_at_all(drawing, errors[:, fidelity_column], math.nan, batch),
        bloch_error=_at_all(drawing, errors[:, :16], math.nan, batch).reshape(*batch, 4, 4),
        sampled_run=run,
    )  # fmt: skip
