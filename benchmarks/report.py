"""Print the JSON file of a benchmark run as Markdown: ``python benchmarks/report.py results/benchmarks.json``.

Times are medians per unit of work (a map, a call, a point). Where a workload was measured at several
places, such as each qubit, the median of these and the worst one are given.
"""

import json
import math
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
AIMS = {  # by the number of the workload
    1: "median at most 1.5 × and worst at most 2.5 × the floor; at least 8 × faster than Aer",
    2: "at least 20 × faster than Aer",
    3: "at most 8 × the floor; at least 15 × faster than Aer",
    4: "at most 100 MB more than program and state",
    5: "at most 2 µs with a new state, 1.2 µs with out=rho; ahead of QuTiP's superoperators",
    6: "at most 40 ns; at least 3 × faster than batched einsum; two threads 1.7 × one",
    7: "at least 3e6 per second; 30 × faster than batched NumPy, 3000 × than QuTiP; two threads 1.7 × one",
    8: "at least 3e7 per second; two threads 1.7 × one",
    9: "at least 2e7 per second; two threads 1.7 × one",
    10: "at least 2e6 pairs per second for 3 nodes with a cut-off, 1e6 for nested levels; two threads 1.7 × one",
    11: "at most 20 ms; cost grows as T log T",
    12: "at most 20 s on 2 cores",
    13: "import 0.35 s, first result 8 s with a cold and 1.2 s with a warm cache, help 0.2 s",
    14: "at least 1e7 per second",
}
HEAD = "| | median | worst place | per second | time / ours |\n|---|--:|--:|--:|--:|"


@dataclass(frozen=True)
class Row:
    """What one engine took for one workload, in seconds per unit of work."""

    engine: str
    median_s: float
    worst_s: float


def as_time(seconds):
    """Return three digits and a unit.

    >>> as_time(0.00214)
    '2.14 ms'
    """
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def grouped(benchmarks):
    """Return the rows of each workload, sorted by its number; those without one come last."""
    times = defaultdict(lambda: defaultdict(list))
    for entry in benchmarks:
        extra = entry["extra_info"]
        times[entry["group"]][extra["engine"]].append(entry["stats"]["median"] / extra["units"])
    return {
        group: [Row(engine, median(values), max(values)) for engine, values in engines.items()]
        for group, engines in sorted(times.items(), key=lambda item: workload_number(item[0]))
    }


def workload_number(group):
    """Return the number in "P7 ...".

    >>> workload_number("P13 import")
    13.0
    """
    match = re.match(r"P(\d+) ", group)
    return float(match.group(1)) if match else math.inf


def table(rows):
    """Return the table of one workload; ratios are to the first row of ours."""
    ours = next((row for row in rows if row.engine.startswith("ours")), None)
    lines = [HEAD]
    for row in rows:
        ratio = f"{row.median_s / ours.median_s:.3g}" if ours else ""
        worst = as_time(row.worst_s) if row.worst_s > row.median_s else ""
        cells = (row.engine, as_time(row.median_s), worst, f"{1 / row.median_s:.3g}", ratio)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def remarks(rows):
    """Return what the targets ask for: distance from the floor, and what a second thread gains."""
    times = {row.engine: row for row in rows}
    floor = next((row.median_s for row in rows if row.engine.startswith("floor")), None)
    for engine, row in times.items():
        if floor and engine.startswith("ours"):
            at_worst = f", {row.worst_s / floor:.2f} × at the worst place" if row.worst_s > row.median_s else ""
            yield f"{engine}: {row.median_s / floor:.2f} × the floor{at_worst}."
        one = times.get(engine.replace("2 threads", "1 thread"))
        if one and one is not row:
            yield f"{engine}: {one.median_s / row.median_s:.2f} × as fast as one."


def memory(benchmarks):
    """Return how much more than the state a layer of maps needed."""
    for extra in (entry["extra_info"] for entry in benchmarks):
        if "beyond_state_mb" in extra:
            yield (
                f"{extra['engine']}: state {extra['state_mb']:.0f} MB, peak of the process {extra['peak_mb']:.0f} MB, "
                f"{extra['beyond_state_mb']:.0f} MB more than program and state, {extra['seconds']:.2f} s."
            )


def report(run):
    """Return the whole report."""
    processor = run["machine_info"]["cpu"].get("brand_raw", "unknown processor")
    parts = [f"{processor}, Python {run['machine_info']['python_version']}, {run['datetime'][:10]}"]
    for group, rows in grouped(run["benchmarks"]).items():
        aim = AIMS.get(workload_number(group))
        parts += [f"## {group}", table(rows), *remarks(rows)] + ([f"Aim: {aim}."] if aim else [])
        parts += memory(entry for entry in run["benchmarks"] if entry["group"] == group)
    return "\n\n".join(parts)


if __name__ == "__main__":
    print(report(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
