"""Distribution and states are those of explicit sums over all times, with dense matrices, for every kind of chain."""

import numpy as np
import pytest
import repeater_oracle as oracle

from qnet_channels import BellStation, Memory
from qnet_core import DensityMatrix, Heralded, random_state, werner_state
from qnet_protocols import RepeaterChain

STEPS = 13
RNG = np.random.default_rng(6)
NOISY = [0.8 * werner_state(fidelity=0.95).matrix + 0.2 * random_state((2, 2), rng=RNG).matrix for _ in range(4)]
SUCCESS = (0.3, 0.5, 0.4, 0.6)
MEMORIES = ((20.0, 15.0, 0.0), (30.0, 20.0, 0.2), (np.inf, 9.0, 0.0), (14.0, 14.0, 0.1), (25.0, 50.0, 0.5))
STATIONS = ((0.02, 0.01, 0.7), (0.0, 0.03, 0.8), (0.05, 0.0, 0.9))
SURE = tuple((*noise, 1.0) for *noise, _ in STATIONS)
methods = pytest.mark.parametrize("method", ["fft", "direct"])


def chain_of(count, *, stations=STATIONS, cycles=(1, 1, 1, 1), **given):
    return RepeaterChain(
        [Heralded(DensityMatrix(rho), p) for rho, p in zip(NOISY[:count], SUCCESS, strict=False)],
        [Memory(*values) for values in MEMORIES[: count + 1]],
        [BellStation(*values) for values in stations[: count - 1]],
        cycle_s=list(map(float, cycles[:count])),
        **given,
    )


def links(count, cycles=(1, 1, 1, 1)):
    return [oracle.link(rho, p, c, STEPS) for rho, p, c, _ in zip(NOISY, SUCCESS, cycles, range(count), strict=False)]


def assert_delivers(chain, expected, method):
    result = chain.exact(tail=1e-6, method=method)
    found = result.distribution.weighted_bloch[:, : STEPS - 1]
    paulis = [np.kron(a, b) for a in oracle.PAULIS for b in oracle.PAULIS]
    bloch = np.einsum("tij,pji->pt", expected, paulis).real
    assert bloch[0].sum() > 0.01
    np.testing.assert_allclose(found, bloch[:, 1:], atol=1e-13)


NESTED = {
    "two links": (2, {}),
    "four links": (4, {}),
    "cut-offs": (4, {"cutoff_s": [2.0, 4.0, 1.0]}),
    "one cut-off": (2, {"cutoff_s": 1.0}),
    "messages": (4, {"communication_s": [1.0, 2.0, 0.0, 1.0]}),
    "unequal cycles": (4, {"cycles": (1, 2, 1, 3)}),
    "unequal cycles, cut-off": (2, {"cycles": (2, 3), "cutoff_s": 2.0}),
    "links distilled": (2, {"distillation": [2, 0], "cutoff_s": 3.0, "communication_s": [1.0, 0.0]}),
    "pairs distilled": (4, {"distillation": [0, 1, 0]}),
    "ends distilled": (2, {"distillation": [0, 1], "distillation_protocol": "bbpssw", "communication_s": 1.0}),
    "everything": (2, {"distillation": 1, "cutoff_s": [3.0, 5.0], "communication_s": [0.0, 2.0], "cycles": (1, 2)}),
}


@methods
@pytest.mark.parametrize(("count", "given"), NESTED.values(), ids=NESTED)
def test_nested(count, given, method):
    noise = (0.03, 0.02)
    chain = chain_of(count, distillation_gate_mixing=noise[0], distillation_readout_error=noise[1], **given)
    expected = oracle.nested(
        links(count, given.get("cycles", (1,) * 4)),
        MEMORIES,
        STATIONS,
        [float(c) if np.isinf(c) else int(c) for c in chain.cutoff_s],
        [int(c) for c in chain.communication_s],
        chain.distillation,
        noise,
        chain.distillation_protocol == "dejmps",
    )
    assert_delivers(chain, expected, method)


def until_last(times):
    return [(max(times) - t,) * 2 for t in times]


def until_neighbours(times):
    """The inner qubits wait for the link beside them, the outer ones for the last of all."""
    last = max(times)
    before, after = (last, *times[:-1]), (*times[1:], last)
    return [(max(0, b - t), max(0, a - t)) for b, t, a in zip(before, times, after, strict=True)]


@pytest.mark.parametrize(("cycles", "method"), [((1, 1, 1), "fft"), ((1, 2, 1), "direct")])
@pytest.mark.parametrize(("policy", "waits"), [("swap-at-end", until_last), ("swap-asap", until_neighbours)])
def test_three_links(policy, waits, cycles, method):
    expected = oracle.all_at_once(links(3, cycles), MEMORIES, SURE[:2], waits)
    assert_delivers(chain_of(3, stations=SURE, policy=policy, cycles=cycles), expected, method)


def test_frames_are_corrected_when_the_last_message_is_there():
    """From the station beyond the first link: 1 + 2 links' time; the outer qubits wait as long, uncorrected."""

    def waits(times):
        (first, inner), middle, (other, last) = until_neighbours(times)
        return [(first + 3, inner), middle, (other, last + 3)]

    expected = oracle.all_at_once(links(3), MEMORIES, SURE[:2], waits, message=3)
    chain = chain_of(3, stations=SURE, policy="swap-asap", communication_s=[0.0, 1.0, 2.0])
    assert_delivers(chain, expected, "fft")


def test_swap_at_end_by_stations_that_fail():
    good = oracle.all_at_once(links(3), MEMORIES, STATIONS[:2], until_last)
    sure = oracle.all_at_once(links(3), MEMORIES, SURE[:2], until_last)
    failure = np.trace(sure - good, axis1=1, axis2=2).real
    assert_delivers(chain_of(3, policy="swap-at-end"), oracle.repeated(good, failure), "fft")


@pytest.mark.parametrize("cutoff", [1, 2])
def test_swap_at_end_with_cutoff(cutoff):
    """An attempt is cut off at step t if the eldest came at t - cutoff, and another is not there yet."""
    good = oracle.all_at_once(links(3), MEMORIES, SURE[:2], until_last, cutoff)
    failure, again = np.zeros(STEPS), 1 - np.array(SUCCESS[:3])
    for t in range(STEPS):
        younger_than = [again ** max(0, t - cutoff + k) for k in range(-1, 1)]  # came after t - cutoff - 1, t - cutoff
        eldest = younger_than[0].prod() - younger_than[1].prod() if t > cutoff else 0.0
        there = [again ** max(0, t - cutoff - 1) - again**t, again ** (max(0, t - cutoff)) - again**t]
        failure[t] = eldest - (there[0].prod() - there[1].prod()) if t > cutoff else 0.0
    assert_delivers(
        chain_of(3, stations=SURE, policy="swap-at-end", cutoff_s=float(cutoff)), oracle.repeated(good, failure), "fft"
    )
