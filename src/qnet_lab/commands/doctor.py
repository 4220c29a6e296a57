"""The command ``qnet doctor``."""

import sys

import click

from .errors import NO
from .output import Output, with_output

__all__ = ["command"]


@click.command(short_help="Is everything in place? Versions, compiler, threads, memory.")
@with_output
def command(out: Output) -> None:
    """Examine the installation: whether everything is in place and computes the right number.

    Looks at the versions of Python and of all that is needed, at whether our packages are ours, at the compiler and its
    cache, a small computation, threads, memory, and the optional parts. The exit code is 1 where something is broken.
    """
    from dataclasses import asdict

    from ..health import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        tell = out.complain if finding.verdict == "BROKEN" else out.say
        tell(f"{finding.verdict:<7} {finding.subject:<14} {finding.text}")
    broken = sum(finding.verdict == "BROKEN" for finding in findings)
    out.say(f"{broken} broken" if broken else "all in place")
    out.document({"sound": not broken, "findings": [asdict(finding) for finding in findings]})
    sys.exit(NO if broken else 0)
