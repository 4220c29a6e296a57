"""Rates and costs of three generations: exact chains, sampled waiting times, limits, and which one wins."""

import numpy as np
import pytest

from qnet_channels import BellStation, Fiber, Memory, nested_rounds, swap
from qnet_core import Heralded, bell_weights, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import (
    RepeaterChain,
    RepeaterHardware,
    best_generation,
    equal_link_chain,
    first_generation,
    parity_code_success,
    second_generation,
    secret_key_fraction,
    third_generation,
    tree_code_success,
    tree_photons,
    tree_repeater,
)

PERFECT_MEMORY = Memory(t1_s=np.inf, t2_s=np.inf)
HARDWARE = RepeaterHardware(2e-3, 0.8)


def link_of(hardware, distance_km, count):
    """State, success probability and cycle of a link, from fibre and hardware."""
    fiber = Fiber(distance_km / count)
    success = hardware.coupling_efficiency**2 * fiber.transmissivity / 2
    pair = werner_state(fidelity=1 - hardware.link_infidelity)
    return Heralded(pair, success), fiber.latency_s + hardware.gate_time_s


@pytest.mark.parametrize(("levels", "rounds"), [(0, (0, 0)), (1, (0, 0)), (2, (0, 0)), (1, (1, 0)), (2, (1, 1))])
def test_first_generation_against_the_exact_chain(levels, rounds):
    """States agree; mean times are some percent off."""
    early, late = rounds
    link, cycle = link_of(HARDWARE, 200.0, 2**levels)
    chain = RepeaterChain(
        link, PERFECT_MEMORY, BellStation(HARDWARE.gate_mixing, HARDWARE.readout_error), num_links=2**levels,
        cycle_s=cycle, communication_s=cycle, distillation=[early] + [late] * levels,
        distillation_gate_mixing=HARDWARE.gate_mixing, distillation_readout_error=HARDWARE.readout_error,
    ).exact(tail=1e-6)  # fmt: skip
    cost = first_generation(HARDWARE, distance_km=200.0, levels=levels, link_rounds=early, level_rounds=late)
    weights = bell_weights(chain.state)
    np.testing.assert_allclose(cost.error, (weights[1] + weights[2]) / 2 + weights[3], rtol=1e-6)
    exact = chain.rate_hz * secret_key_fraction(chain.state)
    np.testing.assert_allclose(cost.rate_bit_per_s, exact, rtol=0.03 if levels + early else 1e-6)
    assert cost.memory_qubits == 2 * 2**levels * 2 ** (early + late * levels)
    np.testing.assert_allclose(cost.cost_s, cost.memory_qubits / cost.rate_bit_per_s)


def test_bare_pairs_are_the_chain_that_swaps_when_all_are_there():
    """n = 1 is `equal_link_chain`, whose waiting times are exact, and one more station's noise: the formula has N, not N - 1."""
    links = np.array([1, 2, 5, 8, 40])
    link, cycle = link_of(HARDWARE, 400.0, links)
    station = BellStation(HARDWARE.gate_mixing, HARDWARE.readout_error)
    chain = equal_link_chain(link, num_links=links, cycle_s=cycle, memory=PERFECT_MEMORY, station=station)
    cost = second_generation(HARDWARE, distance_km=400.0, num_links=links, num_qubits=1, correctable_errors=0)
    key = secret_key_fraction(swap(chain.state, werner_state(fidelity=1.0), station=station).state)
    expected = key / (chain.waiting_time_s + HARDWARE.gate_time_s)
    np.testing.assert_allclose(cost.rate_bit_per_s, expected, rtol=1e-8)
    np.testing.assert_array_equal(cost.memory_qubits, 2 * links)


@pytest.mark.parametrize(("coupling", "spacing_km"), [(1.0, 0.0), (0.95, 1.0), (0.9, 10.0), (0.3, 30.0)])
def test_encoded_pairs_wait_for_the_slowest(coupling, spacing_km):
    """Drawn waiting times of 7 N pairs, within five standard errors."""
    links, rng = 4, np.random.default_rng(7)
    hardware = RepeaterHardware(0.0, coupling)
    link, cycle = link_of(hardware, links * spacing_km, links)
    drawn = rng.geometric(float(link.probability), (20_000, 7 * links)).max(axis=1)
    code = {"num_qubits": 7, "correctable_errors": 1}
    cost = second_generation(hardware, distance_km=links * spacing_km, num_links=links, **code)
    attempts = (1 / cost.rate_bit_per_s - hardware.gate_time_s) / cycle
    assert abs(attempts - drawn.mean()) < 5 * drawn.std() / np.sqrt(len(drawn))
    assert cost.memory_qubits == 2 * links * 7 * 2


def test_distilled_pairs_are_encoded():
    hardware = RepeaterHardware(1e-3, 0.8, link_infidelity=0.05)
    given = {"distance_km": 500.0, "num_links": 20, "num_qubits": 23, "correctable_errors": 3}
    raw, distilled = (second_generation(hardware, link_rounds=rounds, **given) for rounds in (0, 2))
    assert distilled.error < raw.error / 10 and distilled.memory_qubits == 2.5 * raw.memory_qubits
    state = nested_rounds(
        werner_state(fidelity=0.95), rounds=2, gate_mixing=1e-3, readout_error=hardware.readout_error
    ).state
    assert bell_weights(state)[0] > 0.99


def test_one_way_without_noise_is_limited_by_loss_alone():
    hardware = RepeaterHardware(0.0, [0.9, 0.98])
    cost = third_generation(hardware, distance_km=500.0, num_links=250, blocks=13, qubits=6)
    arriving = np.array([0.9, 0.98]) * 10 ** (-0.02 * 500 / 250)
    expected = parity_code_success(blocks=13, qubits=6, transmissivity=arriving) ** 250 / 1e-6
    np.testing.assert_allclose(cost.rate_bit_per_s, expected, rtol=1e-9)
    assert (cost.memory_qubits == 2 * 250 * 78).all()


def test_half_lost_per_hop_is_the_end_of_one_way():
    """No-cloning: at a loss of one half a hop succeeds every other time at most, whatever the code."""
    blocks, qubits = np.ix_(np.arange(1, 41), np.arange(1, 11))
    for coupling in (0.5, 0.3, 0.0):
        hardware = RepeaterHardware(0.0, coupling)
        cost = third_generation(hardware, distance_km=1.0, num_links=40, blocks=blocks, qubits=qubits)
        assert (cost.rate_bit_per_s <= 1e6 * 0.5**40).all()
    best = best_generation(RepeaterHardware(1e-4, 0.5), distance_km=1000.0)
    assert best.generation == 2


def test_trees_by_hand():
    tree, links = np.array([4, 16, 5]), 400
    result = tree_repeater(
        tree, distance_km=800.0, num_links=links, detection_efficiency=0.97, reencoding_error=1e-4, photon_time_s=2e-9,
        gate_time_s=1e-7,
    )  # fmt: skip
    success = tree_code_success(tree, loss=1 - 0.97 * 10**-0.04)
    pair = werner_state(fidelity=(1 - 1e-4) ** links)
    time = 4 * (1e-7 * 19 + 2e-9 * (100 + 16 * 6))
    rate = success**links * secret_key_fraction(pair, "six-state") / time
    np.testing.assert_allclose(result.success, success, rtol=1e-14)
    np.testing.assert_allclose(result.rate_bit_per_s, rate, rtol=1e-9)
    np.testing.assert_allclose(result.photons, links * tree_photons(tree) / (rate * time), rtol=1e-9)
    np.testing.assert_allclose(result.cost, links * (50 / np.log(10)) / (rate * 2e-9 * 800.0), rtol=1e-9)


def test_trees_without_key_cost_no_end_and_lose_no_other_point():
    result = tree_repeater([4, 14, 4], distance_km=1000.0, num_links=500, reencoding_error=[1e-6, 0.5, 1.0])
    assert (result.rate_bit_per_s > 0).tolist() == [True, False, False]
    assert np.isfinite(result.photons).tolist() == np.isfinite(result.cost).tolist() == [True, False, False]


def test_winners_are_those_of_the_published_map():
    """Muralidharan et al., Sci. Rep. 6, 20463 (2016), Fig. 5: distillation for gates worse than about 1 %, one-way for
    coupling above about 90 % and fast gates, the second generation below; encoded only where errors accumulate."""
    mixing, coupling = np.ix_([1e-4, 6e-3, 3e-2], [0.3, 0.7, 0.97])
    best = best_generation(RepeaterHardware(mixing, coupling), distance_km=1000.0)
    assert best.generation.tolist() == [[2, 2, 3], [2, 2, 3], [1, 1, 1]]
    encoded = best.cheapest[1].settings["num_qubits"] > 1
    assert encoded[:2].tolist() == [[False] * 3, [True] * 3]
    slow = best_generation(RepeaterHardware(1e-4, 0.97, 1e-3), distance_km=1000.0)
    assert slow.generation == 2


def test_settings_give_the_costs_and_no_neighbour_is_cheaper():
    hardware, distance = RepeaterHardware(1e-3, 0.95), 1000.0
    first, second, third = (one.settings for one in best_generation(hardware, distance_km=distance).cheapest)
    costs = best_generation(hardware, distance_km=distance).cost_s_per_km * distance
    levels, rounds = int(np.log2(first["num_links"])), {"link_rounds": int(first["link_rounds"])}
    again = [
        first_generation(
            hardware, distance_km=distance, levels=levels, level_rounds=int(first["level_rounds"]), **rounds
        ),
        second_generation(
            hardware, distance_km=distance, **{**second, "link_rounds": int(second["link_rounds"])}
        ),
        third_generation(hardware, distance_km=distance, **third),
    ]  # fmt: skip
    np.testing.assert_allclose([cost.cost_s for cost in again], costs, rtol=1e-12)
    for blocks, qubits in ((third["blocks"] + 4, third["qubits"]), (third["blocks"], third["qubits"] + 1)):
        changed = third_generation(hardware, distance_km=distance, **{**third, "blocks": blocks, "qubits": qubits})
        assert changed.cost_s > costs[2]


def test_batches_are_their_points():
    mixing, distance = np.array([[1e-4], [5e-3]]), np.array([200.0, 2000.0])
    best = best_generation(RepeaterHardware(mixing, 0.95), distance_km=distance)
    for i, k in np.ndindex(2, 2):
        one = best_generation(RepeaterHardware(mixing[i, 0], 0.95), distance_km=distance[k])
        assert best.generation[i, k] == one.generation
        np.testing.assert_allclose(best.cost_s_per_km[:, i, k], one.cost_s_per_km, rtol=1e-12)
        for whole, alone in zip(best.cheapest, one.cheapest, strict=True):
            np.testing.assert_allclose([field[i, k] for field in whole.chain], alone.chain, rtol=1e-9)


def test_nothing_works_at_one_point_only():
    best = best_generation(RepeaterHardware([1e-3, 0.3, 1e-3], [0.9, 0.9, 0.0]), distance_km=500.0)
    assert best.generation.tolist() == [3, 0, 0]
    assert np.isfinite(best.cost_s_per_km[:, 0]).all()
    assert np.isinf(best.cost_s_per_km[:, 1:]).all()
    assert all(np.isnan(values[1:]).all() for one in best.cheapest for values in one.settings.values())


def test_far_ends_cost_much_or_no_end_and_warn_of_nothing():
    distance = np.geomspace(1e-3, 1e6, 10)
    best = best_generation(RepeaterHardware(1e-5, [[0.01], [0.97]]), distance_km=distance)
    assert not np.isnan(best.cost_s_per_km).any()
    assert (best.cost_s_per_km[0, :, -1] > 1e30).all() and (best.generation[:, :6] > 0).all()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: RepeaterHardware(1.5, 0.5), ParameterError, "`gate_mixing` must be between 0 and 1"),
        (lambda: RepeaterHardware(0.1, np.nan), ParameterError, "`coupling_efficiency` must be between 0 and 1"),
        (lambda: RepeaterHardware(0.1, 0.5, 0.0), ParameterError, "`gate_time_s` must be greater than 0"),
        (lambda: RepeaterHardware(0.1, 0.5, readout_error=-1), ParameterError, "`readout_error` must be"),
        (lambda: best_generation(0.5, distance_km=1.0), ParameterTypeError, "`hardware` must be a RepeaterHardware"),
        (lambda: best_generation(HARDWARE, distance_km=0.0), ParameterError, "`distance_km` must be greater than 0"),
        (lambda: first_generation(HARDWARE, distance_km=1.0, levels=-1), ParameterError, "`levels` must be"),
        (lambda: first_generation(HARDWARE, distance_km=1.0, levels=1.0), ParameterTypeError, "`levels` must be"),
        (
            lambda: second_generation(HARDWARE, distance_km=1.0, num_links=0, num_qubits=7, correctable_errors=1),
            ParameterError, "`num_links` must be at least 1",
        ),
        (
            lambda: third_generation(HARDWARE, distance_km=1.0, num_links=2, blocks=[2, 3], qubits=[1, 2, 3]),
            DimensionError, "broadcast",
        ),
        (lambda: tree_repeater([2, 2], distance_km=1.0, num_links=2), DimensionError, r"shape \(..., 3\)"),
        (lambda: tree_repeater([2, 2, 2], distance_km=1.0, num_links=0.5), ParameterError, "must be a whole number"),
    ],
)  # fmt: skip
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
