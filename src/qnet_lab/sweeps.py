"""A function over every combination of its parameters: in blocks, on any executor, with a store that survives interruptions."""

import inspect
import math
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from numpy.typing import ArrayLike
from tqdm import tqdm

import qnet_core
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .blocks import Outcome, Task, Trial, compute, try_out
from .datasets import Gathered
from .executors import results
from .fingerprints import fingerprint, full_name_of, name_of
from .grids import Block, Grid, grid_of
from .single_thread import linear_algebra_on_one_thread
from .stores import Plan, Store, created, digest, opened

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sweep"]

OnError = Literal["record", "raise"]

_BLOCKS = 256  # enough for hundreds of workers, and a loss of less than a percent
_MOST_POINTS = 8192  # what a block of pairs has room for in the cache, as in blockwise
_BLOCK_BYTES = 1 << 22  # of results, of which a few hundred may wait to be written


def sweep(
    function: Callable[..., Any], axes: Mapping[str, ArrayLike], *, executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None, progress: bool = True, broadcasts: bool | None = None,
    block_size: int | None = None, on_error: OnError = "record",
) -> "xr.Dataset":  # fmt: skip
    """Return ``function(name=value, ...)`` at every combination of the values of named axes, as a labelled dataset.

    Points are computed in blocks, each on one thread, so that results depend neither on the number of workers nor on
    interruptions. With a ``store`` finished blocks are kept, and the same call goes on from there; a store of another
    sweep, or one that is damaged, is refused. A point at which the function raises is NaN, with its message in ``error``.

    Parameters
    ----------
    function : callable
        Takes the axes' names as keywords and returns a number, array, state, channel, a named tuple or dataclass of
        these such as Heralded or ChainResult (what is no number in it is left out), or a dict of any of them. Where it
        draws random numbers it makes their generator from its parameters, of which one may be a seed.
    axes : mapping of names to one-dimensional values
        Dimensions of the result in this order; a name's ending such as ``_km`` is its unit.
    executor : concurrent.futures.Executor, optional
        Does the work: spawned processes, or a Dask cluster by ``client.get_executor()``. None is this process.
    store : path, optional
        A folder (Zarr), new or of this very sweep. Two calls must not write to it at once.
    progress : bool
        Show a bar with rate and time left, if there is a terminal.
    broadcasts : bool, optional
        Whether the function takes arrays, one value for each point, and treats points independently. None: it is tried
        on up to three points, and counts as broadcasting if these give the same one by one.
    block_size : int, optional
        Most points in a block. None: a 256th of all points, at most 8192 and results of 4 MB.
    on_error : "record" or "raise"
        Whether a point at which the function raises is recorded, or ends the sweep with its error.

    Returns
    -------
    xarray.Dataset
        The results, called as in the function's result ("value" if bare, states as Bloch tensors ``..._bloch``); ``failed``
        and ``error`` say where the function raised and what. All numbers become floats or complex numbers.

    Examples
    --------
    >>> from qnet_channels import Fiber, double_click_link
    >>> def link(length_km, visibility):
    ...     arm = Fiber(length_km / 2).transmissivity
    ...     return double_click_link(transmissivity=arm, visibility=visibility, dark_count_probability=1e-6)
    >>> dataset = sweep(link, {"length_km": [0, 50, 100], "visibility": [0.9, 1.0]})
    >>> dataset["probability"].sel(visibility=1.0).values.round(4).tolist()
    [0.5, 0.05, 0.005]
    """
    grid = grid_of(axes)
    _check(function, grid, executor, store, on_error)
    _check_flags(progress, broadcasts)
    size = None if block_size is None else checks.integer(block_size, "block_size", 1)
    folder, raises = None if store is None else Path(store), on_error == "raise"
    with linear_algebra_on_one_thread():
        contract = {} if folder is None else _contract(function, grid, broadcasts, size)
        kept = None if folder is None else opened(folder, contract, grid)
        plan = kept.plan if kept else _planned(grid, _trial(function, grid, broadcasts, raises, executor), size)
        gathered = _room(grid, plan)
        if folder and not kept:
            kept = created(folder, contract, grid, plan, name_of(function))
        job = _Job(function, grid, plan, raises)
        left = job.blocks() if kept is None else job.load(kept, gathered)
        job.run(left, gathered, kept, executor, progress)
    gathered.report()
    return gathered.dataset(name_of(function))


def _check(function: Any, grid: Grid, executor: Any, store: Any, on_error: Any) -> None:
    """Refuse arguments that cannot be right."""
    if not callable(function):
        raise ParameterTypeError(f"Parameter `function` must be callable, but is {function!r:.80}.")
    if executor is not None and not isinstance(executor, Executor):
        raise ParameterTypeError(
            "Parameter `executor` must be a concurrent.futures.Executor (for a Dask client: client.get_executor()), "
            f"but is {executor!r:.80}."
        )
    if on_error not in get_args(OnError):
        raise ParameterError(
            f"Parameter `on_error` must be one of {', '.join(get_args(OnError))}, but is {on_error!r}."
        )
    if not isinstance(store, str | os.PathLike | None):
        raise ParameterTypeError(f"Parameter `store` must be the path of a folder, but is {store!r:.80}.")
    try:
        inspect.signature(function).bind(**dict.fromkeys(grid.axes))
    except TypeError as error:
        raise ParameterTypeError(f"Parameter `function` must take the axes {', '.join(grid.axes)}: {error}.") from None
    except ValueError:  # it has no signature that could be asked
        pass


def _check_flags(progress: Any, broadcasts: Any) -> None:
    checks.flag(progress, "progress")
    if broadcasts is not None:
        checks.flag(broadcasts, "broadcasts")


def _contract(function: Any, grid: Grid, broadcasts: bool | None, size: int | None) -> dict[str, Any]:
    """Return what must be the same for a sweep to go on, by the names that a refusal gives it."""
    return {
        "the function": full_name_of(function),
        "the function's code or values that it uses": fingerprint(function),
        "the names of the axes": list(grid.axes),
        **{f"the values of the axis `{name}`": digest(values) for name, values in grid.axes.items()},
        "`broadcasts`": broadcasts,
        "`block_size`": size,
        "the version of qnet-engine": qnet_core.__version__,
    }


def _trial(
    function: Callable[..., Any], grid: Grid, broadcasts: bool | None, raises: bool, executor: Executor | None
) -> Trial:
    """Try the function out, where the work will be done."""
    with closing(results(try_out, [(None, (function, grid, broadcasts, raises))], executor)) as trials:
        _, trial = next(trials)
    if trial.exception:
        raise trial.exception
    return trial


def _planned(grid: Grid, trial: Trial, size: int | None) -> Plan:
    """Choose blocks by the size of their results alone, so that they are the same wherever the work is done."""
    point_bytes = sum(math.prod(c.shape) * c.dtype.itemsize for c in trial.layout.values())
    usual = min(math.ceil(grid.size / _BLOCKS), _MOST_POINTS, _BLOCK_BYTES // max(1, point_bytes))
    return Plan(trial.layout, trial.broadcasts, grid.block_shape(max(1, usual) if size is None else size))


def _room(grid: Grid, plan: Plan) -> Gathered:
    """Return room for all results, if memory has it."""
    numbers = sum(math.prod(c.shape) * (1 + c.is_complex) for c in plan.layout.values())
    checks.capacity(grid.size * (2 + numbers), "The dataset of the sweep")
    return Gathered(grid, plan.layout)


class _Job(NamedTuple):
    """What is to be computed."""

    function: Callable[..., Any]
    grid: Grid
    plan: Plan
    raises: bool

    def blocks(self) -> list[Block]:
        return self.grid.blocks(self.plan.extents)

    def load(self, kept: Store, gathered: Gathered) -> list[Block]:
        """Take in the blocks that are in the store, and return those that are left to do."""
        left = []
        for block in self.blocks():
            if kept.has(block):
                gathered.put(block, self._accepted(kept.load(block)))
            else:
                left.append(block)
        return left

    def run(
        self, left: list[Block], gathered: Gathered, kept: Store | None, executor: Executor | None, progress: bool
    ) -> None:
        """Compute blocks; each is in the store before it counts."""
        sizes = [math.prod(part.stop - part.start for part in block) for block in left]
        done = self.grid.size - sum(sizes)
        hidden = None if progress else True
        with (
            closing(results(compute, self._tasks(left), executor)) as outcomes,
            tqdm(total=self.grid.size, initial=done, desc=name_of(self.function), unit="point", disable=hidden) as bar,
        ):
            for number, outcome in outcomes:
                self._accepted(outcome)
                if kept:
                    kept.save(left[number], outcome)
                gathered.put(left[number], outcome)
                bar.update(sizes[number])

    def _tasks(self, left: list[Block]) -> Iterator[tuple[int, tuple[Task]]]:
        for number, block in enumerate(left):
            yield number, (Task(self.function, self.grid.inside(block), self.plan.layout, self.plan.broadcasts),)

    def _accepted(self, outcome: Outcome) -> Outcome:
        if outcome.errors and self.raises:
            raise outcome.exception or RuntimeError(next(iter(outcome.errors.values())))
        return outcome
