"""The command ``qnet completion``."""

import click
from click.shell_completion import get_completion_class

from .pages import listing

__all__ = ["command"]

VARIABLE = "_QNET_COMPLETE"  # by which click knows that the shell asks


_PLACES = listing(
    "Put into the file that your shell reads at its start",
    'bash (4.4 or newer), in ~/.bashrc:     eval "$(qnet completion bash)"',
    'zsh, in ~/.zshrc after compinit:       eval "$(qnet completion zsh)"',
    "fish, in ~/.config/fish/config.fish:   qnet completion fish | source",
)


@click.command(epilog=_PLACES, short_help="Print what makes the shell complete names.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print what makes the shell complete commands, options, scenarios and platforms after the key Tab."""
    root = ctx.find_root()
    script = get_completion_class(shell)
    assert script is not None  # Choice lets through only the shells that click has
    complete = script(root.command, {}, "qnet", VARIABLE)
    click.echo(complete.source_template % complete.source_vars())
