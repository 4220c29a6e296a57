"""Names of scenarios and platforms: what the shell completes, and what was meant by those that there are not."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from ..shipped import shipped_scenarios
from .errors import Refusal

__all__ = ["complete_platforms", "complete_scenarios", "nearest", "refuse_slips", "shipped_note"]


def complete_scenarios(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the shipped scenarios that begin so, and let the shell add files."""
    names = [CompletionItem(name) for name in shipped_scenarios() if name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


def complete_platforms(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the platforms that begin so."""
    from qnet_channels import presets

    return [CompletionItem(name) for name in presets() if name.startswith(incomplete)]


def shipped_note() -> str:
    """Return the paragraph of a help page that names the shipped scenarios."""
    return f"Shipped scenarios: {', '.join(shipped_scenarios())}."


def nearest(typed: str, known: Sequence[str]) -> str | None:
    """Return the name that was probably meant: one that begins so, or one with few other letters.

    >>> nearest("nv", ["ion_ba138", "nv_delft"]), nearest("nv_dleft", ["ion_ba138", "nv_delft"]), nearest("x", ["nv_delft"])
    ('nv_delft', 'nv_delft', None)
    """
    begun = [name for name in known if typed and name.startswith(typed)]
    return next(iter(begun or difflib.get_close_matches(typed, known, n=1, cutoff=0.7)), None)


def refuse_slips(scenario: str) -> None:
    """Refuse what is no file and nearly the name of a shipped scenario."""
    meant = nearest(scenario, shipped_scenarios())
    if meant not in (None, scenario) and not Path(scenario).exists():
        raise Refusal(f"There is no scenario `{scenario}`, neither a file nor shipped; did you mean `{meant}`?")
