"""Tasks through any executor, a limited number ahead; where a process pool breaks, through a new one like it."""

import itertools
import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

from .single_thread import keep_to_one_thread

__all__ = ["results"]

Key = TypeVar("Key")
Result = TypeVar("Result")

_AHEAD = 256  # tasks that are handed over before results are taken, where the number of workers is not known
_NEW_POOLS = 5  # how often a pool may break, before the work itself is suspected
_NOTE = (
    "The executor failed, not the function at some point. Functions go to other processes by name: theirs must be defined in "
    "a module, or in a script that starts its work under `if __name__ == '__main__'`. What was finished is in the store, "
    "if there is one: the same call goes on from there."
)
_LOG = logging.getLogger(__name__)


def results(
    work: Callable[..., Result], tasks: Iterable[tuple[Key, tuple[Any, ...]]], executor: Executor | None
) -> Generator[tuple[Key, Result]]:
    """Yield the key and ``work(*arguments)`` of every task as they are done, here or through the executor."""
    if executor is None:
        return ((key, work(*arguments)) for key, arguments in tasks)
    return _Crew(work, tasks, executor).results()


def _alone(origin: int, work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    keep_to_one_thread(origin)
    return work(*arguments)


class _Crew(Generic[Key, Result]):
    """Work under way: what was handed over and is not back yet, and what has to be handed over again."""

    def __init__(
        self, work: Callable[..., Result], tasks: Iterable[tuple[Key, tuple[Any, ...]]], executor: Executor
    ) -> None:
        self._work = work
        self._tasks = iter(tasks)
        self._executor = executor
        self._under_way: dict[Future[Result], tuple[Key, tuple[Any, ...]]] = {}
        self._own_pools: list[ProcessPoolExecutor] = []

    def results(self) -> Generator[tuple[Key, Result]]:
        try:
            while self._hand_over():
                yield from self._taken_back()
        finally:
            if not isinstance(self._executor, ProcessPoolExecutor):  # it can hang if it breaks with cancelled tasks
                for future in self._under_way:
                    future.cancel()
            for pool in self._own_pools:
                pool.shutdown(wait=False, cancel_futures=True)

    def _hand_over(self) -> bool:
        """Hand over tasks up to the limit; say whether any is under way."""
        for key, arguments in itertools.islice(self._tasks, _ahead(self._executor) - len(self._under_way)):
            self._under_way[self._submitted(arguments)] = key, arguments
        return bool(self._under_way)

    def _submitted(self, arguments: tuple[Any, ...]) -> Future[Result]:
        try:
            return self._executor.submit(_alone, os.getpid(), self._work, arguments)
        except BrokenProcessPool as error:
            if self._under_way:  # they tell the same when they are taken back
                return _failed(error)
            self._renew(error)
            return self._submitted(arguments)

    def _taken_back(self) -> Iterator[tuple[Key, Result]]:
        """Yield what is done; where the pool has broken, everything that was under way is done or lost."""
        done = wait(self._under_way, return_when=FIRST_COMPLETED).done
        broken = next((e for e in map(_error, done) if isinstance(e, BrokenProcessPool)), None)
        if broken:
            done = wait(self._under_way).done
        lost = []
        for future in done:
            key, arguments = self._under_way.pop(future)
            error = _error(future)
            if isinstance(error, BrokenProcessPool):
                lost.append((key, arguments))
            elif error:
                error.add_note(_NOTE)
                raise error
            else:
                yield key, future.result()
        if broken:
            self._tasks = itertools.chain(lost, self._tasks)
            self._renew(broken)

    def _renew(self, error: BrokenProcessPool) -> None:
        """Go on with a new pool of processes, as many as the broken one had."""
        if len(self._own_pools) == _NEW_POOLS:
            error.add_note(_NOTE)
            raise error
        _LOG.warning("a worker process died; its blocks begin again in new processes")
        pool = _pool_like(self._executor)
        self._own_pools.append(pool)
        self._executor = pool


def _ahead(executor: Executor) -> int:
    """Return how many tasks may wait: a second one for each process, which is never idle so, and soon done if it has to end."""
    workers = getattr(executor, "_max_workers", None)
    return 2 * workers + 2 if isinstance(workers, int) else _AHEAD


def _error(future: Future[Any]) -> BaseException | None:
    """Return what went wrong, a cancellation by the executor too."""
    try:
        return future.exception()
    except Exception as error:
        return error


def _failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _pool_like(executor: Executor) -> ProcessPoolExecutor:
    """Return a pool with the settings of another one, which has no public names for them."""
    return ProcessPoolExecutor(
        getattr(executor, "_max_workers", None),
        getattr(executor, "_mp_context", None),
        getattr(executor, "_initializer", None),
        getattr(executor, "_initargs", ()),
    )
