"""Groups of commands: one that names the nearest, and one whose files are loaded when they are called or listed."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import click

from .errors import one_line
from .names import nearest

__all__ = ["LazyGroup", "NearestGroup"]


class NearestGroup(click.Group):
    """A group that names the nearest of its commands where there is none of the name that was typed."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of this name."""
        name, known = args[0], self.list_commands(ctx)
        if name in known or name.startswith("-") or ctx.resilient_parsing:  # the last while the shell completes
            return super().resolve_command(ctx, args)
        meant = nearest(name, known)
        words = f"did you mean `{meant}`?" if meant else f"the commands are {', '.join(known)}."
        raise click.UsageError(f"There is no command `{name}`; {words}", ctx)


class LazyGroup(NearestGroup):
    """Commands by section of the help page; each stands in the file of its name beside this one."""

    sections: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help page."""
        return [name for names in self.sections.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None where there is none of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f".{cmd_name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section with a line per command."""
        width = max(map(len, self.list_commands(ctx)))
        for title, names in self.sections.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name.ljust(width), command.get_short_help_str(100)) for name, command in commands if command]
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong becomes a line and an exit code."""
        with one_line():
            return super().invoke(ctx)
