"""One thread for each block: the work of a sweep is shared out over blocks, and libraries must not multiply it."""

import functools
import os
import sys
from contextlib import AbstractContextManager
from importlib import import_module

from threadpoolctl import threadpool_limits

__all__ = ["keep_to_one_thread", "linear_algebra_on_one_thread"]

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def linear_algebra_on_one_thread() -> AbstractContextManager[object]:
    """Return a context in which the linear algebra of this process has one thread, so that its digits are the same everywhere."""
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def keep_to_one_thread(origin: int) -> None:
    """Keep a thread that an executor runs to itself; a process that is not the ``origin`` stays so for good."""
    if os.getpid() != origin:
        _limit_process(os.getpid())
    if "numba" in sys.modules:
        import_module("numba").set_num_threads(1)  # waits where another thread is importing it


@functools.cache
def _limit_process(process: int) -> None:
    """Limit the libraries that are loaded, and by the environment those that will be."""
    for name in _VARIABLES:
        if (
            name != "NUMBA_NUM_THREADS" or "numba" not in sys.modules
        ):  # it refuses another number than the one it began with
            os.environ[name] = "1"
    threadpool_limits(limits=1)
