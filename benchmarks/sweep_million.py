"""Print time and peak memory of a sweep of a million points of a repeater scenario, by as many processes as asked."""

import json
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from qnet_lab import load_scenario, sweep_scenario

COUNT = 100  # values on each of three axes


def peak_mb(process="self"):
    """Return the peak of one process alone (``ru_maxrss`` would begin with its parent's)."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) * 1024 / 1e6


def axes(count):
    """Return coherence times, distances and cut-offs; a cut-off that is an axis is not searched for at every point."""
    return {
        "memory.t2_s": np.geomspace(0.1, 1000, count),
        "distance_km": np.linspace(2, 200, count),
        "chain.cutoff_s": [*np.geomspace(0.01, 1000, count - 1), np.inf],
        "repeaters": [1],
    }


def main(workers, count=COUNT):
    """Sweep a few points, which compiles in every process, and then all of them."""
    scenario = load_scenario("ion_sr88_ca43")
    executor = None if workers == 1 else ProcessPoolExecutor(workers, get_context("spawn"))
    sweep_scenario(scenario, axes(8), executor=executor, progress=False)
    before = peak_mb()
    start = time.perf_counter()
    dataset = sweep_scenario(scenario, axes(count), executor=executor, progress=False)
    seconds = time.perf_counter() - start
    processes = [] if executor is None else list(executor._processes)
    peaks = [peak_mb(), *(peak_mb(process) for process in processes)]
    points = dataset["fidelity"].size
    print(json.dumps({
        "points": points, "workers": workers, "seconds": seconds, "us_per_point": 1e6 * seconds / points,
        "failed": int(dataset["failed"].sum()), "dataset_mb": dataset.nbytes / 1e6, "before_mb": before, "peak_mb": peaks,
    }))  # fmt: skip
    if executor is not None:
        executor.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
