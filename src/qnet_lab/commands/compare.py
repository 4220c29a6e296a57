"""The command ``qnet compare``."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import about, writing
from .names import complete_scenarios, refuse_slips
from .output import Output, with_output
from .pages import listing

if TYPE_CHECKING:
    import xarray as xr

    from ..comparisons import Lead, Line
    from ..schema import Scenario

__all__ = ["command"]

_EXAMPLES = listing(
    "Examples",
    "qnet compare nv_delft ion_sr88_ca43 eu_yso",
    "qnet compare today.toml tomorrow.toml --repeaters 3 --format pdf",
    "qnet compare low_orbit.toml high_orbit.toml --variable pair_rate_hz",
)


@click.command(epilog=_EXAMPLES, short_help="Two or more scenarios in one figure, and who is ahead where.")
@click.argument("scenarios", nargs=-1, required=True, shell_complete=complete_scenarios)
@click.option(
    "--repeaters", type=click.IntRange(min=0), help="Number of repeaters of chains [default: the best at each point]."
)
@click.option("--variable", help="What is compared [default of chains: fidelity, rate and key rate].")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("results"), show_default=True,
              help="Folder for the figure, made if need be.")  # fmt: skip
@click.option("--format", "figure", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True,
              help="Format of the figure.")  # fmt: skip
@with_output
def command(
    out: Output, scenarios: tuple[str, ...], repeaters: int | None, variable: str | None, output: Path, figure: str
) -> None:
    """Compare two or more scenarios of one kind: one figure, and a table of who is ahead of whom and where.

    SCENARIOS are TOML files or names of shipped scenarios. For chains each panel shows, at each distance, the number of
    repeaters that is best there for its quantity, or that of --repeaters. Other kinds need --variable. The table compares
    where both have values; between points, lines are straight on a logarithmic scale.
    """
    from ..comparisons import compared_variables, leads, lines, refuse_several_kinds
    from ..results import require_writable

    names = _names(scenarios)
    loaded = {name: _loaded(text) for name, text in zip(names, scenarios, strict=True)}
    refuse_several_kinds(loaded)
    with writing(output):
        require_writable(output)
    datasets = {name: _evaluated(out, name, scenario) for name, scenario in loaded.items()}
    variables = compared_variables(datasets, variable)
    drawn = {v: [line for name in names for line in lines(name, datasets[name], v, repeaters)] for v in variables}
    found = {v: list(leads(some, v)) for v, some in drawn.items()}
    path = output / f"{re.sub(r'[^-.a-zA-Z0-9]+', '_', '_vs_'.join(names))}.{figure}"
    _draw(path, datasets, drawn, _note(datasets, repeaters))
    out.say(_table(datasets[names[0]], drawn, found))
    out.say(f"wrote {path}")
    out.document({"figure": path, "leads": {v: [lead._asdict() for lead in some] for v, some in found.items()},
                  "lines": {v: [line._asdict() for line in some] for v, some in drawn.items()}})  # fmt: skip


def _names(scenarios: Sequence[str]) -> list[str]:
    """Return short names, or those that were typed where two would be the same."""
    if len(scenarios) < 2:
        raise click.UsageError("Give two scenarios or more to compare.")
    short = [Path(text).stem for text in scenarios]
    names = short if len(set(short)) == len(short) else list(scenarios)
    if len(set(names)) < len(names):
        raise click.UsageError("A scenario is there twice; give each once.")
    return names


def _loaded(text: str) -> "Scenario":
    from ..scenario import load_scenario

    refuse_slips(text)
    return load_scenario(text)


def _evaluated(out: Output, name: str, scenario: "Scenario") -> "xr.Dataset":
    from ..evaluation import evaluate_scenario

    with about(f"Scenario `{name}`"), out.step(f"computing {name}"):
        return evaluate_scenario(scenario, progress=out.to_a_person)


def _note(datasets: "Mapping[str, xr.Dataset]", repeaters: int | None) -> str:
    """Return what the figure says about repeaters."""
    if not all("repeaters" in dataset.dims for dataset in datasets.values()):
        return ""
    if repeaters is None:
        return "the best number of repeaters at each point"
    return f"{repeaters} repeater{'s' * (repeaters != 1)}"


def _draw(path: Path, datasets: "Mapping[str, xr.Dataset]", drawn: "Mapping[str, Sequence[Line]]", note: str) -> None:
    from ..comparison_plots import plot_comparison
    from ..results import save_figure

    with writing(path.parent):
        save_figure(plot_comparison(datasets, drawn, note), path)


def _table(dataset: "xr.Dataset", drawn: "Mapping[str, Sequence[Line]]", found: "Mapping[str, Sequence[Lead]]") -> str:
    """Return a row for each stretch of the axis over which one is ahead of another."""
    if not any(found.values()):
        return "nobody is ahead: only lines of the same name are ranked, where both have values, and there are none"
    unit = dataset[next(iter(drawn.values()))[0].axis].attrs["units"]
    rows = [("quantity", f"from {unit}", f"to {unit}", "ahead", "behind")]
    for variable, some in found.items():
        name = str(dataset[variable].attrs["long_name"])
        rows += [
            (f"{name}, {lead.label}" if lead.label else name, f"{lead.start:.4g}", f"{lead.stop:.4g}",
             lead.ahead or "equal", lead.behind or "equal")
            for lead in some
        ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{q:<{widths[0]}}  {a:>{widths[1]}}  {b:>{widths[2]}}  {x:<{widths[3]}}  {y}" for q, a, b, x, y in rows
    )
