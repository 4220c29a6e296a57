"""The command ``qnet curve``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import NO, about, writing
from .names import complete_scenarios, refuse_slips, shipped_note
from .output import Output, with_output
from .pages import listing

if TYPE_CHECKING:
    import xarray as xr

    from ..schema import Scenario

__all__ = ["command"]

_EXAMPLES = listing(
    "Examples",
    "qnet curve nv_delft",
    "qnet curve my_link.toml --output figures --format pdf",
    "qnet curve --from results/nv_delft.nc --output again",
)


@click.command(epilog=f"{_EXAMPLES}\n\n{shipped_note()}", short_help="Compute a scenario: files, a figure and a table.")
@click.argument("scenario", shell_complete=complete_scenarios, required=False)
@click.option("--from", "result", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="RESULT.nc",
              help="Compute the scenario in a result file again, and compare.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("results"), show_default=True,
              help="Folder for the result files, made if need be.")  # fmt: skip
@click.option("--format", "figure", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True,
              help="Format of the figure.")  # fmt: skip
@with_output
def command(out: Output, scenario: str | None, result: Path | None, output: Path, figure: str) -> None:
    """Compute a scenario: fidelity, rates and keys against distance, or what its kind asks for.

    SCENARIO is a TOML file or the name of a shipped scenario. Writes NAME.nc (NetCDF, with units and the source of
    every number), NAME.csv and the figure NAME.png, and prints a table.

    With --from no SCENARIO is given: that of the result file is computed again. The files are the same to the bit where
    version, source and libraries are; where they aren't, a warning says so, and the exit code is 1 if numbers differ.
    """
    if (scenario is None) == (result is None):
        raise click.UsageError("Give either SCENARIO or --from RESULT.nc.")
    if result is not None:
        sys.exit(0 if _again(out, result, output, figure) else NO)
    refuse_slips(str(scenario))
    from ..scenario import load_scenario

    dataset = _evaluated(out, load_scenario(str(scenario)), f"Scenario `{scenario}`", output)
    paths = _write(out, dataset, output, Path(str(scenario)).stem, figure)
    _tell(out, dataset, {"files": paths})


def _evaluated(out: Output, loaded: "Scenario", name: str, output: Path) -> "xr.Dataset":
    """Return the dataset of a scenario; the folder for it is tried before."""
    from ..evaluation import evaluate_scenario
    from ..results import require_writable

    with writing(output):
        require_writable(output)
    if out.to_a_person and sys.stderr.isatty():
        out.note("computing (the first run on a machine compiles for a few seconds)")
    with about(name), out.step("computing"):
        return evaluate_scenario(loaded, progress=out.to_a_person)


def _write(
    out: Output, dataset: "xr.Dataset", output: Path, name: str, figure: str, kept: Path | None = None
) -> list[Path]:
    """Write the files, and print what is in them and where they are."""
    from ..evaluation import summarize
    from ..results import write_results

    with writing(output), out.step("writing"):
        paths = write_results(dataset, output, name, figure=figure, kept=kept)
    out.say(summarize(dataset))
    out.say("wrote " + ", ".join(str(path) for path in paths))
    return paths


def _tell(out: Output, dataset: "xr.Dataset", first: dict[str, Any]) -> None:
    """Print everything as JSON, if that is asked for."""
    from ..documents import dataset_document

    if out.as_json:
        out.document({**first, **dataset_document(dataset)})


def _again(out: Output, result: Path, output: Path, figure: str) -> bool:
    """Compute the scenario of a result file again; say whether it has the same numbers."""
    from ..reproduction import agreement, build_differences, read_result, stored_scenario

    before, bytes_before = read_result(result), result.read_bytes()
    for difference in build_differences(before):
        out.note(f"Warning: {difference}.")
    dataset = _evaluated(out, stored_scenario(before), f"Scenario of `{result}`", output)
    paths = _write(out, dataset, output, result.stem, figure, kept=result)
    agrees, words = agreement(before, dataset, same_bytes=paths[0].read_bytes() == bytes_before)
    (out.say if agrees else out.complain)(f"{paths[0]} has {words} {result}")
    _tell(out, dataset, {"files": paths, "from": result, "agrees": agrees})
    return agrees
