"""The command ``qnet platforms``."""

from typing import Any

import click

from .errors import Refusal
from .names import complete_platforms, nearest
from .output import Output, with_output

__all__ = ["command"]


@click.command(short_help="Published hardware: all platforms, or the sheet of one.")
@click.argument("name", shell_complete=complete_platforms, required=False)
@with_output
def command(out: Output, name: str | None) -> None:
    """List the platforms, or show the sheet of the one called NAME: every number with its grade and source."""
    from qnet_channels import presets

    from ..platform_tables import platform_sheet, platform_table

    if name is not None and name not in presets():
        meant = nearest(name, presets())
        words = f"did you mean `{meant}`?" if meant else f"there are {', '.join(presets())}."
        raise Refusal(f"There is no platform `{name}`; {words}")
    out.say(platform_table() if name is None else platform_sheet(name))
    if out.as_json:
        out.document(_sheets() if name is None else _sheet(name))


def _sheet(name: str) -> Any:
    """Return a sheet as plain values."""
    import msgspec

    from qnet_channels.sheets import sheet

    return msgspec.to_builtins(sheet(name), enc_hook=dict)  # read-only mappings


def _sheets() -> dict[str, Any]:
    from qnet_channels.sheets import names

    return {name: _sheet(name) for name in names()}
