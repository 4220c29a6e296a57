"""Samples of a chain, drawn in spans by several threads and added up in order, so that neither shows in the sums."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from qnet_core import _checks as checks

from . import _kernels
from .chain_arrays import ChainArrays

__all__: list[str] = []

CHUNK = 64  # samples whose sums are made first; chunks begin at multiples of it
_BLOCK = 64 * CHUNK  # samples that are kept at a time
_SPAN_S = 0.02  # aimed at for one task of a thread
_LONGEST_SPAN = 2**20
ROW = 1 + 2 * 18  # count, means, summed squares about them

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SampledRun:
    """Where sampling stopped, and what it takes to go on: pass the result that has it as ``continue_from``."""

    key: int
    fingerprint: str  # of the chain
    totals: checks.Floats  # (points that can deliver, 37): count, means of 18 values, summed squares about them

    @property
    def count(self) -> int:
        """How many pairs were sampled, at each point."""
        return int(self.totals[0, 0])


class Goal(NamedTuple):
    """When to stop: at so many samples, or at these standard errors."""

    num_pairs: int
    fidelity_error: float
    relative_rate_error: float


class Span(NamedTuple):
    """What a thread has drawn at one point: the sums of each chunk, the times, and whether a sample took too long."""

    rows: checks.Floats
    times: checks.Floats
    seconds: float
    stuck: bool


class Round(NamedTuple):
    """The same span of samples of every point."""

    first: int
    spans: "list[Future[Span]]"


class StuckError(Exception):
    """A sample took too many random numbers."""

    def __init__(self, point: int, index: int) -> None:
        super().__init__(point, index)
        self.point, self.index = point, index


class Drawing(NamedTuple):
    """What threads share: the chain, its points that can deliver, the key of the streams, a flag that stops all."""

    arrays: ChainArrays
    points: Any
    key: int
    stop: Any

    def span(self, point: int, first: int, last: int) -> Span:
        """Draw samples of a point, block by block."""
        begun, kernel = time.perf_counter(), _kernels.sampling
        limits, stages, links, nodes, table = self.arrays.at(point)
        x = np.zeros((len(stages) + len(links) + 1, kernel.COLUMNS))
        stream = np.array([self.key & 0xFFFFFFFF, self.key >> 32, 0, 0, 0, point, 0, 0], np.uint64)
        values = np.empty((min(_BLOCK, last - first), kernel.VALUES))
        rows, times = np.zeros((last // CHUNK - first // CHUNK + 1, ROW)), np.empty(last - first)
        done, number = first, 0
        while number >= 0 and done < last and not self.stop[0]:
            block = values[: min(last, (done // _BLOCK + 1) * _BLOCK) - done]
            number = kernel.draw(block, done, x, limits, stages, links, nodes, table, stream, self.stop)
            drawn = block[: number if number >= 0 else -1 - number]
            _kernels.moments.chunk_moments(rows[done // CHUNK - first // CHUNK :], drawn, done, CHUNK)
            times[done - first : done - first + len(drawn)] = drawn[:, kernel.TIME]
            done += len(drawn)
        filled = 0 if done == first else (done - 1) // CHUNK - first // CHUNK + 1
        return Span(rows[:filled], times[: done - first], time.perf_counter() - begun, number < 0)


class Sums:
    """The sums over all points, to which rounds are added in order, each once, until the goal is reached."""

    def __init__(self, run: SampledRun, goal: Goal, keep_times: bool) -> None:
        self.totals, self.goal, self.keep_times = run.totals.copy(), goal, keep_times
        self.times: list[checks.Floats] = []
        errors = goal.fidelity_error, goal.relative_rate_error
        self.complete = _kernels.moments.enough(self.totals, *errors)

    @property
    def count(self) -> int:
        """How many samples have been added, at each point."""
        return int(self.totals[0, 0])

    def add(self, done: Round) -> float:
        """Add a round, and return how long a sample took; raise where one took too long."""
        spans = [span.result() for span in done.spans]
        if done.first != self.count or self.complete:
            return 0.0
        counts = [span.rows[:, 0] for span in spans]
        chunks = min(len(rows) for rows in counts)  # and the last one may be cut short, unless all are alike
        chunks -= chunks > 0 and len({rows[chunks - 1] for rows in counts}) > 1
        if chunks:
            rows = np.stack([span.rows[:chunks] for span in spans], axis=1)
            used = _kernels.moments.merge_chunks(
                self.totals, rows, self.goal.fidelity_error, self.goal.relative_rate_error
            )
            if self.keep_times:
                self.times.append(np.stack([span.times[: self.count - done.first] for span in spans]))
            self.complete = used < 0 or self.count >= self.goal.num_pairs
        stuck = [k for k, span in enumerate(spans) if span.stuck]
        if stuck and not self.complete:
            raise StuckError(stuck[0], done.first + len(spans[stuck[0]].times))
        return sum(span.seconds for span in spans) / max(1, sum(len(span.times) for span in spans))


def sample_until(drawing: Drawing, sums: Sums, threads: int, progress: Progress) -> bool:
    """Draw and add samples until the goal is reached; return False where the keyboard interrupted that."""
    rounds: deque[Round] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        _go_on(drawing, sums, pool, threads, rounds, progress)
    except KeyboardInterrupt:
        return False
    finally:
        drawing.stop[0] = 1
        pool.shutdown(cancel_futures=True)
        _add_what_is_there(sums, rounds)
    return True


def _go_on(
    drawing: Drawing, sums: Sums, pool: ThreadPoolExecutor, threads: int, rounds: deque[Round], progress: Progress
) -> None:
    begin, size, started = sums.count, CHUNK, sums.count
    while not sums.complete:
        while begin < sums.goal.num_pairs and len(rounds) * len(drawing.points) < 2 * threads + len(drawing.points):
            last = min(sums.goal.num_pairs, (begin // CHUNK) * CHUNK + size)
            rounds.append(Round(begin, [pool.submit(drawing.span, p, begin, last) for p in drawing.points]))
            begin = last
        seconds = sums.add(rounds[0])
        rounds.popleft()
        size = min(_LONGEST_SPAN, 16 * size, CHUNK * max(1, int(_SPAN_S / max(seconds, 1e-9)) // CHUNK))
        progress(sums.count - started, sums.goal.num_pairs - started)


def _add_what_is_there(sums: Sums, rounds: deque[Round]) -> None:
    """Add the rounds that were under way when sampling stopped, up to the first that is not whole."""
    for done in rounds:
        if any(span.cancelled() for span in done.spans):
            return
        sums.add(done)
