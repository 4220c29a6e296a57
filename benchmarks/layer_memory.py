"""Print the peak memory and the time of one layer of maps on a state of as many qubits as asked."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np

from qnet_core import maximally_mixed_state, random_channel


def peak_mb():
    """Return the peak of this program alone (``ru_maxrss`` would begin with its parent's)."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) * 1024 / 1e6


def layer(num_qubits):
    """Map every qubit by a channel of its own, in place."""
    rng = np.random.default_rng(1)
    rho = maximally_mixed_state((2,) * num_qubits)
    rho.apply_each([random_channel(2, rng=rng) for _ in range(num_qubits)], out=rho)


def main(num_qubits):
    """Run a small layer, which compiles, and then the large one."""
    layer(8)
    before = peak_mb()
    start = time.perf_counter()
    layer(num_qubits)
    seconds = time.perf_counter() - start
    state = 8 * 4**num_qubits / 1e6
    report = {"state_mb": state, "peak_mb": peak_mb(), "seconds": seconds}
    print(json.dumps(report | {"beyond_state_mb": report["peak_mb"] - before - state}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
