"""The command ``qnet scenario``."""

import re
import sys

import click

from .errors import WRONG, Refusal
from .lazy import NearestGroup
from .names import complete_scenarios, nearest
from .output import Output, with_output
from .pages import listing

__all__ = ["command"]

_BEGIN = listing(
    "A scenario of your own",
    "qnet scenario show nv_delft > mine.toml",
    "qnet scenario check mine.toml",
    "qnet curve mine.toml",
)


@click.group(cls=NearestGroup, epilog=_BEGIN, short_help="List, show and check scenario files; their JSON Schema.")
def command() -> None:
    """List the shipped scenarios, show one, check files of your own, print the JSON Schema of scenario files."""


@command.command("list")
@with_output
def shipped(out: Output) -> None:
    """List the shipped scenarios: name, kind and title."""
    from .. import describe_scenarios

    rows = [("name", "kind", "title"), *describe_scenarios()]
    name_width, kind_width = (max(len(row[k]) for row in rows) + 2 for k in (0, 1))
    for name, kind, title in rows:
        out.say(f"{name:<{name_width}}{kind:<{kind_width}}{title}")
    out.document([{"name": name, "kind": kind, "title": title} for name, kind, title in rows[1:]])


@command.command(short_help="Print the file of a shipped scenario.")
@click.argument("name", shell_complete=complete_scenarios)
@with_output
def show(out: Output, name: str) -> None:
    """Print the file of a shipped scenario, with the source of every number, to copy and change."""
    from ..shipped import shipped_scenarios, shipped_text

    if name not in shipped_scenarios():
        meant = nearest(name, shipped_scenarios())
        words = f"did you mean `{meant}`?" if meant else f"there are {', '.join(shipped_scenarios())}."
        raise Refusal(f"There is no shipped scenario `{name}`; {words}")
    out.say(shipped_text(name).rstrip("\n"))
    if out.as_json:
        import tomllib

        out.document(tomllib.loads(shipped_text(name)))


@command.command()
@click.argument("files", nargs=-1, required=True, shell_complete=complete_scenarios)
@with_output
def check(out: Output, files: tuple[str, ...]) -> None:
    """Check scenario files: "ok", or what is wrong, for each. The exit code is 2 where any is wrong."""
    problems = {file: _problem(file) for file in files}
    for file, problem in problems.items():
        (out.complain if problem else out.say)(f"{file}: {problem or 'ok'}")
    out.document([{"file": file, "ok": problem is None, "problem": problem} for file, problem in problems.items()])
    sys.exit(WRONG if any(problems.values()) else 0)


def _problem(file: str) -> str | None:
    """Return what is wrong with a scenario file, or None."""
    from ..hardware import resolve
    from ..kinds.chain import ChainScenario
    from ..provenance import numbers_of
    from ..scenario import load_scenario

    try:
        loaded = load_scenario(file)
        if isinstance(loaded, ChainScenario):
            resolve(loaded)
        else:
            numbers_of(loaded)
    except ValueError as error:
        return re.sub("^Scenario `[^`]*`:? ", "", str(error))  # by the name of the file or by its title
    return None


@command.command(short_help="Print the JSON Schema of scenario files.")
@click.argument("kind", required=False)
def schema(kind: str | None) -> None:
    """Print the JSON Schema of scenario files, or of those of one KIND, by which an editor can complete and check them."""
    import json

    from .. import scenario_schema

    click.echo(json.dumps(scenario_schema(kind), indent=2))
