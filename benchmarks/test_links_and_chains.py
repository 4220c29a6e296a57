"""Links over a million parameter sets, chains and whole scenarios, beside slow independent code."""

import chain_oracle
import fock_oracle
import numpy as np
import pytest
from workloads import GATE_MIXING, NUM_POINTS, READOUT_ERROR, STATION, T1_S, T2_S, blockwise_engine, size

from qnet_channels import Memory, double_click_link, single_click_link
from qnet_core import blockwise
from qnet_lab import fidelity_distance_curve, load_scenario
from qnet_protocols import equal_link_chain

RNG = np.random.default_rng(14)
BRIGHT, ETA = RNG.uniform(0.01, 0.3, NUM_POINTS), 10 ** RNG.uniform(-4, 0, NUM_POINTS)
DARK, VISIBILITY = 10 ** RNG.uniform(-8, -4, NUM_POINTS), RNG.uniform(0.8, 1.0, NUM_POINTS)
CHAINS = size(10_000, 100)
NUM_LINKS, CYCLE_S = 8, 1e-3
MEMORY = Memory(t1_s=T1_S, t2_s=T2_S)

chains = pytest.mark.benchmark(group=f"chains of {NUM_LINKS} links")
both_threads = pytest.mark.parametrize("threads", (1, 2))


def single_click(bright_population, eta, dark, visibility):
    return single_click_link(
        bright_population=bright_population, transmissivity=eta, dark_count_probability=dark, visibility=visibility
    )


def double_click(eta, dark, visibility):
    return double_click_link(transmissivity=eta, dark_count_probability=dark, visibility=visibility)


def fock_single_click(bright, eta, dark, visibility):
    return fock_oracle.single_click(
        bright_population=(bright, bright),
        transmissivity=(eta, eta),
        dark_count_probability=dark,
        visibility=visibility,
    )


def fock_double_click(eta, dark, visibility):
    return fock_oracle.double_click(transmissivity=(eta, eta), dark_count_probability=dark, visibility=visibility)


LINKS = {
    "single-click": (single_click, fock_single_click, (BRIGHT, ETA, DARK, VISIBILITY)),
    "double-click": (double_click, fock_double_click, (ETA, DARK, VISIBILITY)),
}
each_link = pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=n, marks=pytest.mark.benchmark(group=f"P14 {n} links")) for n, c in LINKS.items()],
)


@each_link
@both_threads
def test_links_blockwise(measure, case, threads):
    link, _, parameters = case

    def run():
        return blockwise(link, *parameters, threads=threads)

    np.testing.assert_allclose(run().state.bloch, link(*parameters).state.bloch, atol=1e-13)
    measure(blockwise_engine(threads), run, units=NUM_POINTS)


@each_link
def test_links_plain(measure, case):
    link, _, parameters = case
    measure("ours, plain", lambda: link(*parameters), units=NUM_POINTS, once=True)


@each_link
def test_links_in_fock_space(measure, case):
    link, fock, parameters = case
    few = [values[:5] for values in parameters]
    ours = link(*few)

    def run():
        return [fock(*point) for point in zip(*few, strict=True)]

    states, probabilities = zip(*run(), strict=True)
    np.testing.assert_allclose(ours.state.matrix, states, atol=1e-9)
    np.testing.assert_allclose(ours.probability, probabilities, rtol=1e-9)
    measure("photon by photon in Python", run, units=len(few[0]))


def chain(link):
    return equal_link_chain(link, num_links=NUM_LINKS, cycle_s=CYCLE_S, memory=MEMORY, station=STATION)


@chains
def test_chain_cycle_by_cycle(measure):
    link = double_click_link(transmissivity=0.1, visibility=0.95)
    memory, station = (T1_S, T2_S, 0.0), (GATE_MIXING, READOUT_ERROR)
    matrix, probability = link.state.matrix, float(link.probability)

    def run():
        return chain_oracle.by_single_sum(matrix, probability, NUM_LINKS, CYCLE_S, memory, station)

    np.testing.assert_allclose(run(), chain(link).state.bloch, atol=1e-11)
    measure(f"cycle by cycle in NumPy, p = {probability:.0e}", run, once=True)


@chains
@pytest.mark.parametrize("transmissivity", (0.1, 1e-4))
def test_chains(measure, transmissivity):
    link = double_click(np.full(CHAINS, transmissivity), np.zeros(CHAINS), VISIBILITY[:CHAINS])
    assert np.isfinite(chain(link).fidelity).all()
    measure(f"ours, p = {link.probability[0]:.0e}", lambda: chain(link), units=CHAINS)


@pytest.mark.benchmark(group="scenario nv_delft, fidelity_distance_curve")
def test_scenario(measure):
    scenario = load_scenario("nv_delft")
    points = fidelity_distance_curve(scenario)["fidelity"].size
    measure("ours", lambda: fidelity_distance_curve(scenario), units=points)
