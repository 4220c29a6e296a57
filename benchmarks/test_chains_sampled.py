"""Repeater chains pair by pair, beside the same chain drawn array by array in NumPy and in other simulators."""

import chain_peers
import numpy as np
import pytest
from workloads import GATE_MIXING, READOUT_ERROR, STATION, size

from qnet_channels import Memory
from qnet_core import Heralded, werner_state
from qnet_protocols import RepeaterChain

PAIRS = size(1_000_000, 2_000)
SUCCESS, CUTOFF, CYCLE_S = 0.1, 15, 1e-3
T1_S, T2_S = 1.0, 0.5
LINK = Heralded(werner_state(fidelity=0.95), np.float64(SUCCESS))
SHARED = {"memory": Memory(t1_s=T1_S, t2_s=T2_S), "station": STATION, "cycle_s": CYCLE_S}
THREE_NODES = RepeaterChain(LINK, num_links=2, cutoff_s=CUTOFF * CYCLE_S, **SHARED)
CHAINS = {
    "P10 3 nodes with a cut-off": THREE_NODES,
    "P10 nested, 3 levels": RepeaterChain(LINK, num_links=8, **SHARED),
    "nested, 3 levels with cut-offs": RepeaterChain(LINK, num_links=8, cutoff_s=[0.03, 0.03, 0.03, 0.03], **SHARED),
    "8 links, swapped as soon as possible": RepeaterChain(LINK, num_links=8, policy="swap-asap", **SHARED),
    "8 links, swapped at the end": RepeaterChain(LINK, num_links=8, policy="swap-at-end", **SHARED),
}
each_chain = pytest.mark.parametrize(
    "chain", [pytest.param(c, id=n, marks=pytest.mark.benchmark(group=n)) for n, c in CHAINS.items()]
)
three_nodes = pytest.mark.benchmark(group="P10 3 nodes with a cut-off")


@each_chain
@pytest.mark.parametrize("threads", (1, 2))
def test_sampled(measure, chain, threads):
    def run():
        return chain.sample(PAIRS, rng=np.random.default_rng(1), threads=threads)

    result, exact = run(), chain.exact() if chain.policy != "swap-asap" else None
    if exact is not None:
        assert abs(result.waiting_time_s - exact.waiting_time_s) < 5 * result.waiting_time_error_s
        assert abs(result.fidelity - exact.fidelity) < 5 * result.fidelity_error
    measure(f"ours, {threads} thread{'s' * (threads > 1)}", run, units=PAIRS)


def array_by_array(pairs, rng):
    """Times in cycles and Bloch tensors of 3 nodes with a cut-off: whoever has failed tries again, all at once."""
    time, gap, missing = np.zeros(pairs), np.zeros(pairs), np.arange(pairs)
    while missing.size:
        draws = rng.geometric(SUCCESS, (2, missing.size))
        early, late = draws.min(axis=0), draws.max(axis=0)
        good = late - early <= CUTOFF
        time[missing] += np.where(good, late, early + CUTOFF)
        gap[missing] = np.where(good, draws[1] - draws[0], 0)
        missing = missing[~good]
    pair = werner_state(fidelity=0.95).bloch
    elder = np.abs(gap) * CYCLE_S
    coherence, population = np.exp(-elder / T2_S), np.exp(-elder / T1_S)
    kept = np.zeros((pairs, 4, 4))
    kept[:, 0, 0], kept[:, 3, 0], kept[:, 3, 3] = 1.0, 1 - population, population
    kept[:, 1, 1] = kept[:, 2, 2] = coherence
    old = kept @ pair @ kept.transpose(0, 2, 1)
    left, right = (np.where((gap >= 0)[:, None, None] == first, old, pair) for first in (True, False))
    seen = 1 - 2 * READOUT_ERROR
    factors = np.array([1, 1, -seen, 1]) * np.array([1, *[(1 - GATE_MIXING) * seen] * 3])
    return time, left * (factors * np.einsum("pii->pi", right))[:, None, :]


@three_nodes
def test_array_by_array(measure):
    pairs = size(200_000, 2_000)
    time, bloch = array_by_array(pairs, np.random.default_rng(2))
    ours = THREE_NODES.sample(pairs, rng=np.random.default_rng(3))
    assert abs(time.mean() * CYCLE_S - ours.waiting_time_s) < 5 * np.sqrt(2) * ours.waiting_time_error_s
    assert (abs(bloch.mean(axis=0) - ours.state.bloch) < 5 * np.sqrt(2) * ours.bloch_error + 1e-12).all()
    measure("array by array in NumPy", lambda: array_by_array(pairs, np.random.default_rng(2)), units=pairs)


@three_nodes
def test_requsim(measure):
    """The same chain event by event; its state is that of the outcome phi+, of which XX, YY and ZZ are those of all outcomes."""
    pytest.importorskip("requsim")
    pairs, exact = size(2_000, 200), THREE_NODES.exact()
    given = {
        "success": SUCCESS, "cutoff": CUTOFF, "t1": T1_S / CYCLE_S, "t2": T2_S / CYCLE_S, "fidelity": 0.95,
        "gate_mixing": GATE_MIXING, "readout_error": READOUT_ERROR,
    }  # fmt: skip

    def run():
        return chain_peers.requsim_three_nodes(pairs, np.random.default_rng(4), **given)

    times, states = run()
    phi = np.array([1, 0, 0, 1]) / np.sqrt(2)
    fidelities = np.einsum("i,tij,j->t", phi, states, phi).real
    root = np.sqrt(pairs)
    assert abs(times.mean() - exact.waiting_time_s / CYCLE_S) < 5 * times.std() / root
    assert abs(fidelities.mean() - exact.fidelity) < 5 * fidelities.std() / root
    measure("ReQuSim", run, units=pairs, once=True)


@pytest.mark.benchmark(group="3 nodes in SeQUeNCe, links by its own protocols")
def test_sequence(measure):
    """Runs where SeQUeNCe is installed, in an environment of its own. Its fidelities do not depend on the wait."""
    pytest.importorskip("sequence.topology")
    seconds = size(0.5, 0.1)

    def run():
        return chain_peers.sequence_routers(3, seconds, efficiency=0.632, fidelity=0.95)

    _, fidelities = run()
    np.testing.assert_allclose(fidelities, 0.95**3)  # both pairs, and 0.95 for the swap
    measure("SeQUeNCe", run, units=len(fidelities), once=True)
