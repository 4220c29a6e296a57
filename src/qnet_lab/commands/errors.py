"""What goes wrong, in one line on stderr, and the exit codes."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

__all__ = ["EXIT_CODES", "Refusal", "about", "one_line", "writing"]

NO, WRONG, OWN_MISTAKE, INTERRUPTED = 1, 2, 70, 130
EXIT_CODES = {
    0: "done",
    NO: "done, and the result says no: a law violated, a goal out of reach, other numbers than before",
    WRONG: "not done: wrong usage, a wrong file, a folder that can't be written to, too little memory",
    OWN_MISTAKE: "a mistake in qnet itself, shown with its traceback",
    INTERRUPTED: "interrupted by Ctrl-C",
}
_PACKAGES = ("qnet_core", "qnet_channels", "qnet_protocols", "qnet_lab")


class Refusal(click.ClickException):
    """A line for something that was not done."""

    exit_code = WRONG


@contextmanager
def one_line() -> Iterator[None]:
    """Turn whatever is no mistake of ours into one line and an exit code."""
    try:
        yield
    except click.UsageError:
        raise
    except click.ClickException as error:
        raise Refusal(error.format_message()) from None
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    except (click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        if getattr(error, "errno", None) == errno.EPIPE:  # `qnet platforms | head`, which click ends in silence
            raise
        raise _refusal(error) from None


@contextmanager
def about(what: str) -> Iterator[None]:
    """Say what a value that is refused by the layers below belongs to, such as "Scenario `mine.toml`"."""
    from ..schema import ScenarioError

    try:
        yield
    except ScenarioError:  # names its file itself
        raise
    except ValueError as error:
        raise Refusal(f"{what}: {error}") from None


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say that it was the output that could not be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise Refusal(f"Output folder `{folder}` can't be written to: {reason}.") from None


def _refusal(error: Exception) -> click.ClickException | click.exceptions.Exit:
    """Return how to end: with a line in the user's words, or with the traceback of a mistake of ours."""
    text = _in_words(error)
    if text is not None:
        return Refusal(text)
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    click.echo("This is a mistake in qnet-engine, not yours.", err=True)
    return click.exceptions.Exit(OWN_MISTAKE)


def _in_words(error: Exception) -> str | None:
    """Return a line for an error that isn't a mistake of ours."""
    if isinstance(error, MemoryError):
        return str(error) or "There is too little memory for this."
    if isinstance(error, OSError):
        return f"`{error.filename}`: {error.strerror}." if error.filename else str(error)
    if isinstance(error, ImportError):
        return f"{str(error).rstrip('.')}; `qnet doctor` says more."
    return str(error) if type(error).__module__.partition(".")[0] in _PACKAGES else None
