"""The command ``qnet bench``."""

import click

from .output import Output, with_output

__all__ = ["command"]

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


@click.command(short_help="Measure how fast this machine is at a few workloads.")
@click.option("--repeats", type=click.IntRange(min=1), default=5, show_default=True, help="How often each is timed.")
@click.option("--points", type=click.IntRange(1, 100_000_000), default=1_000_000, show_default=True,
              help="Points of the batched workloads.")  # fmt: skip
@with_output
def command(out: Output, repeats: int, points: int) -> None:
    """Measure how fast this machine is: a channel, a pipeline, a chain's waiting times, sampled pairs.

    Prints the median time of a unit of work, and the least and the most of the repeats, on one thread. It takes seconds;
    an idle machine gives steadier numbers. This isn't the benchmark suite of the repository, which compares with other
    programs (make bench); the numbers of docs/performance.md are from there.
    """
    from dataclasses import asdict

    from ..builds import build
    from ..documents import opened
    from ..machine import machine
    from ..measurements import measure, workloads
    from ..single_thread import linear_algebra_on_one_thread

    about = machine()
    out.say(f"{about['processor']}, {about['cores']} cores, one of them used; median of {repeats}")
    out.say(f"{'':<48}{'median':>10}{'least':>10}{'most':>10}{'per second':>12}")
    found = []
    with linear_algebra_on_one_thread():
        for workload in workloads(points):
            with out.step(workload.name):
                measured = measure(workload, repeats)
            found.append(measured)
            times = "".join(f"{_as_time(t):>10}" for t in (measured.median_s, measured.least_s, measured.most_s))
            out.say(f"{measured.name:<48}{times}{1 / measured.median_s:>12.3g} {measured.unit}s")
    out.document({"machine": about, **opened(build()), "repeats": repeats, "measured": [asdict(row) for row in found]})


def _as_time(seconds: float) -> str:
    """Return three digits and a unit."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}"
