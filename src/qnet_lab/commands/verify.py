"""The command ``qnet verify``."""

import sys
from typing import TYPE_CHECKING, Any

import click

from .errors import NO, Refusal
from .output import Output, with_output
from .pages import listing

if TYPE_CHECKING:
    from qnet_core import Verification

__all__ = ["command"]


_EXAMPLES = listing(
    "Examples",
    "qnet verify",
    "qnet verify mypackage.mymodule:my_channel",
    "qnet verify mypackage.mymodule:map_of_rho --dim 2",
)


@click.command(epilog=_EXAMPLES, short_help="Verify the channels of the library, or one of your own.")
@click.argument("target", required=False)
@click.option("--expected", help="What it was meant to be, as package.module:name.")
@click.option("--dim", type=click.IntRange(min=2), help="For a function of a density matrix: the dimension it takes.")
@click.option("--no-semigroup", is_flag=True, help="Don't ask that two durations in a row are their sum.")
@click.option("--trace-decreasing", is_flag=True, help="Allow that trace is lost, as in a heralded event.")
@with_output
def command(
    out: Output, target: str | None, expected: str | None, dim: int | None, no_semigroup: bool, trace_decreasing: bool
) -> None:
    """Verify every channel of the library, or TARGET: a channel of your own, as package.module:name.

    TARGET is a Channel, Kraus operators, a QuTiP superoperator, a function of a duration in seconds that returns one of
    these, or, with --dim, a function of a density matrix. The exit code is 1 where something is violated.
    """
    if target is None:
        sys.exit(0 if _library(out) else NO)
    options = {"dims": dim, "semigroup": not no_semigroup, "trace_preserving": not trace_decreasing}
    report = _own(target, expected, options)
    (out.say if report.passed else out.complain)(str(report))
    out.document({"target": target, **_document(report)})
    sys.exit(0 if report.passed else NO)


def _own(target: str, expected: str | None, options: dict[str, Any]) -> "Verification":
    """Verify what somebody else wrote: whatever it raises is for that person to read, in a line."""
    from qnet_core import verify_channel

    from ..verify import load_object

    try:
        meant = None if expected is None else load_object(expected)
        return verify_channel(load_object(target), expected=meant, **options)
    except (ValueError, TypeError) as error:
        raise Refusal(str(error)) from None
    except Exception as error:
        raise Refusal(f"`{target}` raised {type(error).__name__}: {error}") from None


def _library(out: Output) -> bool:
    """Verify the library's channels, a line for each as it is done; say whether all hold."""
    from ..verify import verify_library

    reports = {}
    for name, report in verify_library():
        (out.say if report.passed else out.complain)(_line(name, report))
        reports[name] = report
    sound = sum(report.passed for report in reports.values())
    out.say(f"{sound} of {len(reports)} channels hold all their laws")
    out.document({name: _document(report) for name, report in reports.items()})
    return sound == len(reports)


def _line(name: str, report: "Verification") -> str:
    """Return the verdict on a channel of the library, with its table where something is violated."""
    worst = max(report.checks, key=lambda check: check.worst / check.tolerance)
    verdict = "holds" if report.passed else "VIOLATED"
    line = f"{name:<38}{len(report.checks):>3} properties, worst {worst.worst:.0e} ({worst.name})  {verdict}"
    return line if report.passed else f"{line}\n{report}"


def _document(report: "Verification") -> dict[str, Any]:
    """Return a report as plain values."""
    from dataclasses import asdict

    checks = [{**asdict(check), "passed": check.passed} for check in report.checks]
    return {"passed": report.passed, "checks": checks, "diagnoses": report.diagnoses}
