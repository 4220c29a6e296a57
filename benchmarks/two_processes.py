"""Print what a second thread gains, and what a second process does, on whatever the machine has free at the time.

Two processes that share nothing gain what the machine lets anybody gain: less than 2 where its processors share a core, a
cache or the way to memory with each other or with other people's work. Threads can come close to that, not beyond.
"""

import json
import sys
import time
from multiprocessing import get_context

import numpy as np
from workloads import (
    GATE_MIXING,
    NUM_POINTS,
    READOUT_ERROR,
    T1_S,
    T2_S,
    curve_parameters,
    stored_fidelity,
    swapped_fidelity,
)

from qnet_channels import dejmps, thermal_relaxation
from qnet_core import blockwise, random_state, werner_state

BLOCKS = {"P6": (16384, 32768), "P7": (16384, 32768), "P8": (65536, 65536), "P9": (8192, 65536)}  # one thread, two


def relaxed(fidelity, wait_s):
    pair = werner_state(fidelity=fidelity)
    return pair.apply(thermal_relaxation(duration_s=wait_s, t1_s=T1_S, t2_s=T2_S), 1, out=pair)


def works(count):
    """Return the work of each target on so many points, as functions of block size and number of threads."""
    parameters = [values[:count] for values in curve_parameters(NUM_POINTS)]
    rng = np.random.default_rng(9)
    pairs = [random_state((2, 2), batch_shape=(count,), rng=rng) for _ in range(2)]
    index = np.arange(count)

    def distilled(k):
        first, second = (pair[k[0] : k[-1] + 1] for pair in pairs)
        return dejmps(first, second, gate_mixing=GATE_MIXING, readout_error=READOUT_ERROR)

    calls = {
        "P6": (relaxed, parameters[0], parameters[2]), "P7": (swapped_fidelity, *parameters),
        "P8": (stored_fidelity, *parameters), "P9": (distilled, index),
    }  # fmt: skip
    return {
        name: lambda size, threads, call=call: blockwise(*call, block_size=size, threads=threads)
        for name, call in calls.items()
    }


def half(barrier, rounds):
    """Do half of the work whenever the other half is begun, too."""
    for name, work in works(NUM_POINTS // 2).items():
        work(BLOCKS[name][0], 1)
        for _ in range(rounds):
            barrier.wait()
            work(BLOCKS[name][0], 1)
            barrier.wait()


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main(rounds=40):
    """Measure one thread, two threads and two processes in turn, and print medians in ms and the gains."""
    context = get_context("spawn")
    barrier = context.Barrier(3)
    processes = [context.Process(target=half, args=(barrier, rounds)) for _ in range(2)]
    for process in processes:
        process.start()
    for name, work in works(NUM_POINTS).items():
        work(BLOCKS[name][0], 1)
        times = []
        for _ in range(rounds):
            one, two = (seconds(lambda k=k, work=work, name=name: work(BLOCKS[name][k], k + 1)) for k in (0, 1))
            barrier.wait()
            times.append([one, two, seconds(barrier.wait)])
        one, threads, apart = 1e3 * np.median(times, axis=0)
        print(json.dumps({
            "target": name, "one_ms": round(one, 1), "two_threads_ms": round(threads, 1), "two_processes_ms": round(apart, 1),
            "gain_of_threads": round(one / threads, 2), "gain_of_processes": round(one / apart, 2),
        }))  # fmt: skip
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
