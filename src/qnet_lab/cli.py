"""The command ``qnet``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .shipped import shipped_scenarios

if TYPE_CHECKING:
    from qnet_core import Verification

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qnet-engine", prog_name="qnet")
def main() -> None:
    """Quantum networks by density matrices: fidelity, rates and keys from hardware numbers.

    To begin with: qnet curve nv_delft (or micius_1200km, or another one that qnet curve --help names).
    """


@main.command(epilog=f"Shipped scenarios: {', '.join(shipped_scenarios())}.")
@click.argument("scenario")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("results"), show_default=True,
              help="Folder for the result files, made if need be.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def curve(scenario: str, output: Path, quiet: bool) -> None:
    """Compute a scenario: fidelity, rates and keys against distance, or what its kind asks for.

    SCENARIO is a TOML file or the name of a shipped scenario. Writes NAME.nc (NetCDF, with units and the source of
    every number), NAME.csv and NAME.png, and prints a table.
    """
    from .evaluation import evaluate_scenario, summarize
    from .results import require_writable, write_results
    from .scenario import load_scenario
    from .schema import ScenarioError

    try:
        loaded = load_scenario(scenario)
        require_writable(output)
        if not quiet and sys.stderr.isatty():
            click.echo("computing (the first run on a machine compiles for a few seconds)", err=True)
        dataset = evaluate_scenario(loaded, progress=not quiet)
        paths = write_results(dataset, output, Path(scenario).stem)
    except (ScenarioError, MemoryError) as error:
        raise click.ClickException(str(error)) from None
    except ValueError as error:
        raise click.ClickException(f"Scenario `{scenario}`: {error}") from None
    except OSError as error:
        raise click.ClickException(
            f"Output folder `{output}` can't be written to: {error.strerror or error}."
        ) from None
    if not quiet:
        click.echo(summarize(dataset))
        click.echo("wrote " + ", ".join(str(path) for path in paths))


@main.command()
@click.argument("name", required=False)
def platforms(name: str | None) -> None:
    """List the platforms, or show the sheet of the one called NAME: every number with its grade and source."""
    from .platform_tables import platform_sheet, platform_table

    try:
        click.echo(platform_table() if name is None else platform_sheet(name))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("target", required=False)
@click.option("--expected", help="What it was meant to be, as package.module:name.")
@click.option("--dim", type=click.IntRange(min=2), help="For a function of a density matrix: the dimension it takes.")
@click.option("--no-semigroup", is_flag=True, help="Don't ask that two durations in a row are their sum.")
@click.option("--trace-decreasing", is_flag=True, help="Allow that trace is lost, as in a heralded event.")
def verify(
    target: str | None, expected: str | None, dim: int | None, no_semigroup: bool, trace_decreasing: bool
) -> None:
    """Verify every channel of the library, or TARGET: a channel of your own, as package.module:name.

    TARGET is a Channel, Kraus operators, a QuTiP superoperator, a function of a duration in seconds that returns one of
    these, or, with --dim, a function of a density matrix. The exit code is 1 where something is violated.
    """
    from qnet_core import verify_channel

    from .verify import load_object, verify_library

    if target is None:
        sound = [_print_line(name, report) for name, report in verify_library()]
        click.echo(f"{sum(sound)} of {len(sound)} channels hold all their laws")
        sys.exit(not all(sound))
    try:
        meant = None if expected is None else load_object(expected)
        report = verify_channel(
            load_object(target),
            expected=meant,
            dims=dim,
            semigroup=not no_semigroup,
            trace_preserving=not trace_decreasing,
        )
    except (ValueError, TypeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(report))
    sys.exit(not report.passed)


def _print_line(name: str, report: "Verification") -> bool:
    """Print the verdict on a channel of the library, with its table where something is violated."""
    worst = max(report.checks, key=lambda check: check.worst / check.tolerance)
    verdict = "holds" if report.passed else "VIOLATED"
    click.echo(f"{name:<38}{len(report.checks):>3} properties, worst {worst.worst:.0e} ({worst.name})  {verdict}")
    if not report.passed:
        click.echo(str(report))
    return report.passed
