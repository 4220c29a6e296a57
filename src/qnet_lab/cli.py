"""The command ``qnet``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import xarray as xr

    from qnet_core import Verification

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qnet-engine", prog_name="qnet")
def main() -> None:
    """Quantum networks by density matrices: fidelity, rates and keys from hardware numbers.

    To begin with: qnet curve nv_delft (or ion_sr88_ca43, or eu_yso).
    """


@main.command()
@click.argument("scenario")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("results"), show_default=True,
              help="Folder for the result files, made if need be.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def curve(scenario: str, output: Path, quiet: bool) -> None:
    """Compute fidelity, entanglement rate and secret-key rate against distance.

    SCENARIO is a TOML file or the name of a shipped scenario: eu_yso, ion_sr88_ca43, nv_delft. Writes
    NAME.nc (NetCDF, with units and the source of every number), NAME.csv and NAME.png, and prints a table.
    """
    from .curve import fidelity_distance_curve
    from .results import require_writable, write_results
    from .scenario import ScenarioError, load_scenario

    try:
        loaded = load_scenario(scenario)
        require_writable(output)
        if not quiet and sys.stderr.isatty():
            click.echo("computing (the first run on a machine compiles for a few seconds)", err=True)
        dataset = fidelity_distance_curve(loaded, progress=not quiet)
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
        click.echo(_table(dataset))
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


def _table(dataset: "xr.Dataset", rows: int = 8) -> str:
    """Return a few distances, a column group for each number of repeaters."""
    distances = dataset["distance_km"].values
    chosen = sorted({round(i * (len(distances) - 1) / (rows - 1)) for i in range(rows)})
    repeaters = dataset["repeaters"].values
    head = f"{'':>10}" + "".join(f"{f'{r} repeater' + ('' if r == 1 else 's'):^34}" for r in repeaters)
    names = f"{'km':>10}" + f"{'fidelity':>10}{'pairs/s':>12}{'key bit/s':>12}" * len(repeaters)
    lines = [dataset.attrs["title"], head, names]
    for i in chosen:
        point = dataset.isel(distance_km=i)
        cells = (
            f"{f:>10.4f}{rate:>12.3g}{key:>12.3g}"
            for f, rate, key in zip(
                point["fidelity"].values,
                point["rate_hz"].values,
                point["secret_key_rate_bit_per_s"].values,
                strict=True,
            )
        )
        lines.append(f"{distances[i]:>10.4g}" + "".join(cells))
    return "\n".join(lines)
