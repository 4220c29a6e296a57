"""What a command prints: text for people, one JSON document for machines, and notes on what it is doing."""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, NamedTuple, ParamSpec

import click

__all__ = ["Output", "with_output"]

P = ParamSpec("P")


class Output(NamedTuple):
    """Results go to stdout, everything else to stderr."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False

    @property
    def to_a_person(self) -> bool:
        """Say whether somebody reads along: neither quiet nor JSON."""
        return not (self.quiet or self.as_json)

    def say(self, text: str) -> None:
        """Print a result for people."""
        if self.to_a_person:
            click.echo(text)

    def complain(self, text: str) -> None:
        """Print what is wrong, among the results or, with --quiet, to stderr."""
        if self.quiet:
            click.echo(text, err=True)
        self.say(text)

    def note(self, text: str) -> None:
        """Print a remark to stderr, with --json too."""
        if not self.quiet:
            click.echo(text, err=True)

    def document(self, content: Any) -> None:
        """Print the whole result as JSON, if that is asked for; NaN is null, infinity a text."""
        if self.as_json:
            import json

            from ..documents import plain

            click.echo(json.dumps(plain(content), allow_nan=False))

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Log what is done and how long it took."""
        import logging  # not at the top, since the help page is to come at once

        start = time.perf_counter()
        yield
        logging.getLogger("qnet_lab.commands").info("%s: %.2f s", what, time.perf_counter() - start)


def with_output(function: Callable[Concatenate[Output, P], None]) -> Callable[..., None]:
    """Add the options --quiet, --verbose and --json, which the function gets as an ``Output``."""

    @click.option("-q", "--quiet", is_flag=True, help="Print nothing but what is wrong.")
    @click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is done and how long it takes.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
    @functools.wraps(function)
    def command(quiet: bool, verbose: bool, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> None:
        if quiet and verbose:
            raise click.UsageError("`--quiet` and `--verbose` exclude each other.")
        output = Output(quiet, verbose, as_json)
        with _logged(output):
            function(output, *args, **kwargs)

    return command


@contextmanager
def _logged(output: Output) -> Iterator[None]:
    """Show what the laboratory logs: all with --verbose, nothing with --quiet, else what is worth a warning."""
    import logging

    logger, handler = logging.getLogger("qnet_lab"), logging.StreamHandler(sys.stderr)
    before = logger.level, logger.propagate
    logger.setLevel(logging.INFO if output.verbose else logging.ERROR if output.quiet else logging.WARNING)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]
