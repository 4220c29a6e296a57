"""The command ``qnet sweep``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import about, writing
from .names import complete_scenarios, refuse_slips, shipped_note
from .output import Output, with_output
from .pages import listing

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import xarray as xr

__all__ = ["command"]

_EXAMPLES = listing(
    "Examples",
    "qnet sweep ion_sr88_ca43 --axis memory.t2_s=0.1:100:40:log --axis distance_km=10:200:39 --axis repeaters=1",
    "qnet sweep my_chain.toml --axis station.gate_fidelity=0.95,0.98,0.99 --axis chain.cutoff_s=0.01:10:30:log",
    "qnet sweep my_chain.toml --axis link.visibility=0.5:1:1001 --workers 8 --store sweep.zarr",
    "qnet sweep micius_1200km --axis source.fidelity=0.8:1:21",
)


@click.command(
    epilog=f"{_EXAMPLES}\n\n{shipped_note()}", short_help="A scenario at every combination of numbers of its hardware."
)
@click.argument("scenario", shell_complete=complete_scenarios)
@click.option("--axis", "axes", multiple=True, required=True, metavar="KEY=VALUES",
              help="A number of the scenario and its values: START:STOP:NUMBER, with :log evenly spaced in the logarithm, "
                   "or VALUE,VALUE,... For each axis once.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.nc",
              help="The result file.  [default: results/NAME_sweep.nc]")  # fmt: skip
@click.option("--store", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER.zarr",
              help="Keep finished blocks here; after an interruption the same command goes on from them.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True,
              help="Processes that compute, each on one thread.")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler such as tcp://host:8786, whose workers compute.")
@with_output
def command(
    out: Output, scenario: str, axes: tuple[str, ...], output: Path | None, store: Path | None, workers: int,
    scheduler: str | None,
) -> None:  # fmt: skip
    """Compute a scenario at every combination of values of its numbers.

    SCENARIO is a TOML file or the name of a shipped scenario. KEY is that of the file, such as memory.t2_s. A chain has
    the keys distance_km and repeaters too; without an axis they are those of the file. Other kinds give the results that
    are single numbers. Writes one NetCDF file with everything, and prints between which values the results lie. A point
    at which the numbers don't fit together is empty, and the file says why.
    """
    if scheduler is not None and workers > 1:
        raise click.UsageError("Give either --workers or --scheduler.")
    refuse_slips(scenario)
    from ..axis_texts import axes_of
    from ..scenario import load_scenario
    from ..scenario_sweeps import sweep_scenario
    from ..sweep_tables import sweep_table

    loaded, values = load_scenario(scenario), axes_of(axes)
    path = output or Path("results") / f"{Path(scenario).stem}_sweep.nc"
    _try_folder(path)
    if store is not None and store.exists() and any(store.iterdir()):
        out.note(f"going on from what is in {store}")
    with (
        about(f"Scenario `{scenario}`"),
        out.step("computing"),
        _said_how_to_go_on(out, store),
        _crew(workers, scheduler) as crew,
    ):
        dataset = sweep_scenario(loaded, values, executor=crew, store=store, progress=out.to_a_person)
    _write(dataset, path)
    out.say(f"{sweep_table(dataset)}\nwrote {path}")
    if out.as_json:
        from ..documents import dataset_document

        out.document({"files": [path], **dataset_document(dataset)})


def _try_folder(path: Path) -> None:
    from ..results import require_writable

    with writing(path.parent):
        require_writable(path.parent)


@contextmanager
def _crew(workers: int, scheduler: str | None) -> "Iterator[Executor | None]":
    """Yield who computes: this process, others on this machine, or the workers of a Dask scheduler."""
    if scheduler is not None:
        client_of = import_module("distributed").Client  # it has no types
        with client_of(scheduler, timeout=10) as client:
            yield client.get_executor()
    elif workers > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _said_how_to_go_on(out: Output, store: Path | None) -> Iterator[None]:
    """Say after an interruption that what is done is kept."""
    try:
        yield
    except KeyboardInterrupt:
        if store is not None and store.exists():
            out.note(f"What is done is in {store}: the same command goes on from there.")
        raise


def _write(dataset: "xr.Dataset", path: Path) -> None:
    """Write the file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path.parent):
        try:
            dataset.to_netcdf(draft, engine="h5netcdf")
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
