"""The command ``qnet``."""

from collections.abc import Mapping
from typing import ClassVar

import click

from .commands.errors import EXIT_CODES
from .commands.lazy import LazyGroup
from .commands.pages import listing

__all__ = ["main"]

# the help page: each name is that of a file in the folder commands
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Compute": ("curve", "sweep", "requirements", "compare"),
    "Look up": ("scenario", "platforms"),
    "Check": ("verify", "doctor", "bench"),
    "Shell": ("completion",),
}
_BEGIN = listing(
    "To begin with",
    "qnet doctor            is everything in place?",
    "qnet scenario list     what comes with the package",
    "qnet curve nv_delft    compute one of them: files in results/, and a table",
    "qnet COMMAND --help    what a command takes",
)
_CODES = listing("Exit codes", *(f"{code:<4} {meaning}" for code, meaning in EXIT_CODES.items()))


class Qnet(LazyGroup):
    """The commands of ``qnet``."""

    sections: ClassVar[Mapping[str, tuple[str, ...]]] = SECTIONS


@click.group(
    cls=Qnet,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=f"{_BEGIN}\n\n{_CODES}",
)
@click.version_option(package_name="qnet-engine", prog_name="qnet")
def main() -> None:
    """Quantum networks by density matrices: fidelity, rates and keys from hardware numbers.

    Every command that computes has -q (nothing but what is wrong), -v (what is done, and how long it takes) and --json (one
    JSON document on stdout and nothing else). Results go to stdout, everything else to stderr.
    """
