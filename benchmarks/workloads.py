"""Sizes and inputs that several benchmarks share."""

import os

import numpy as np

from qnet_channels import BellStation, Memory, depolarizing, swap, thermal_relaxation
from qnet_core import bell_state, fidelity, werner_state
from qnet_protocols import stored_chain_fidelity

SMOKE = os.environ.get("QNET_BENCH_SMOKE") == "1"


def size(full, smoke):
    """Return the full size, or the one that only shows that the benchmark runs."""
    return smoke if SMOKE else full


def blockwise_engine(threads):
    """Return the name by which ``report.py`` compares one thread and two."""
    return f"ours, blockwise, {threads} thread{'s' * (threads > 1)}"


NUM_QUBITS = size(12, 6)
NUM_POINTS = size(1_000_000, 2_000)
T1_S, T2_S = 1.0, 0.8
MIXING, GATE_MIXING, READOUT_ERROR = 0.02, 0.01, 0.005
TARGET = bell_state()
MEMORY = Memory(T1_S, T2_S)
STATION = BellStation(gate_mixing=GATE_MIXING, readout_error=READOUT_ERROR)


def curve_parameters(count):
    """Return fidelities of the left and right pairs and how long each waits, in seconds."""
    rng = np.random.default_rng(7)
    fidelities, waits_s = rng.uniform(0.7, 1.0, (2, count)), rng.uniform(0.0, 0.3, (2, count))
    return *fidelities, *waits_s


def swapped_fidelity(left_fidelity, right_fidelity, left_wait_s, right_wait_s):
    """Return the fidelity of two noisy, stored Werner pairs after a noisy swap: a pipeline of public calls."""
    pairs = []
    for initial, wait_s in ((left_fidelity, left_wait_s), (right_fidelity, right_wait_s)):
        pair = werner_state(fidelity=initial)
        decay = thermal_relaxation(duration_s=wait_s, t1_s=T1_S, t2_s=T2_S)
        for half in (0, 1):
            pair.apply(decay, half, out=pair)
        pairs.append(pair.apply(depolarizing(mixing=MIXING), 0, out=pair))
    return fidelity(swap(*pairs, station=STATION).state, TARGET)


def stored_fidelity(left_fidelity, right_fidelity, left_wait_s, right_wait_s):
    """Return the same by the library's function for it."""
    return stored_chain_fidelity(
        [left_fidelity, right_fidelity], waiting_s=[left_wait_s, right_wait_s], memory=MEMORY, mixing=MIXING,
        station=STATION,
    )  # fmt: skip
