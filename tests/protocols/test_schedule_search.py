"""The search for schedules against all schedules written down one by one, and against what no protocol can do."""

import itertools

import numpy as np
import pytest

from qnet_channels import Memory, Schedule, hashing_yield
from qnet_channels.schedule_rounds import PARTS
from qnet_core import (
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    ket,
    log_negativity,
    random_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import ScheduleSearch, best_schedule, secret_key_fraction

NOISE = {"gate_mixing": 0.01, "readout_error": 0.02}
WAITS = {"memory": Memory(t1_s=1.0, t2_s=0.3), "round_s": 0.004, "pair_s": 0.01}
ROUNDS = ("dejmps", "bbpssw", "bbpssw[h]")


def all_schedules(num_pairs, rounds):
    """Yield every tree of so many raw pairs."""
    if num_pairs == 1:
        yield Schedule()
    for name, sizes in itertools.product(rounds, itertools.product(range(1, num_pairs), repeat=3)):
        used = sizes[: PARTS[name]]
        if sum(used) == num_pairs and all(size == 1 for size in sizes[PARTS[name] :]):
            for parts in itertools.product(*(list(all_schedules(size, rounds)) for size in used)):
                yield Schedule(name, parts)


def up_to(max_pairs, rounds):
    return [schedule for size in range(1, max_pairs + 1) for schedule in all_schedules(size, rounds)]


@pytest.fixture(scope="module")
def skewed():
    """A pair near phi+ in no family of states, with more phase than bit errors."""
    mixed = random_state((2, 2), rng=np.random.default_rng(8)).matrix
    return DensityMatrix(0.85 * bell_diagonal_state([0.85, 0.1, 0.03, 0.02]).matrix + 0.15 * mixed)


CASES = {
    "perfect": (4, ROUNDS, {}),
    "noisy": (4, ROUNDS, NOISE),
    "waiting": (4, ROUNDS, NOISE | WAITS),
    "of three": (5, ("double_selection", "double_selection[h]", "dejmps"), NOISE | WAITS),
    "epl": (4, ("epl", "bbpssw[h]"), NOISE),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("cost", ["pairs", "time"])
def test_the_search_finds_what_is_best_of_all(skewed, case, cost):
    max_pairs, rounds, how = CASES[case]
    how = how | ({"pair_s": 0.01} if cost == "time" else {})
    schedules = up_to(max_pairs, rounds)
    runs = [schedule.repeated(skewed, **how) for schedule in schedules]
    states = DensityMatrix.from_bloch(np.stack([run.state.bloch for run in runs]), (2, 2))
    costs = np.array([run.raw_pairs if cost == "pairs" else run.duration_s for run in runs])
    fidelities = bell_weights(states)[:, 0]
    options = {"max_pairs": max_pairs, "rounds": rounds, "cost": cost, "width": 1000} | how
    best = best_schedule(skewed, objective="fidelity", **options)
    assert best.exhaustive
    np.testing.assert_allclose(best.fidelity, fidelities.max(), rtol=1e-12)
    assert_frontier_of(best, fidelities, costs)
    for objective, quality in (("key", secret_key_fraction), ("yield", hashing_yield)):
        found = best_schedule(skewed, objective=objective, **options)
        own = found.run.raw_pairs if cost == "pairs" else found.run.duration_s
        np.testing.assert_allclose(quality(found.run.state) / own, (quality(states) / costs).max(), rtol=1e-9)
    target = np.quantile(fidelities, 0.9)
    found = best_schedule(skewed, target_fidelity=target, **options)
    own = found.run.raw_pairs if cost == "pairs" else found.run.duration_s
    assert found.fidelity > target - 1e-11
    np.testing.assert_allclose(own, costs[fidelities >= target].min(), rtol=1e-9)


def assert_frontier_of(search, fidelities, costs):
    """Every schedule is met or beaten on the frontier, and no two there beat each other."""
    assert (np.diff(search.costs) > 0).all()
    assert (np.diff(search.fidelities) > 0).all()
    for fidelity, cost in zip(fidelities, costs, strict=True):
        assert (search.fidelities[search.costs <= cost * (1 + 1e-9)] > fidelity - 1e-9).any()
    for fidelity, cost in zip(search.fidelities, search.costs, strict=True):
        assert np.isclose(fidelities, fidelity, rtol=1e-10)[np.isclose(costs, cost, rtol=1e-10)].any()


def test_the_result_is_that_of_its_schedule(skewed):
    search = best_schedule(skewed, max_pairs=4, objective="fidelity", **NOISE, **WAITS)
    run = search.schedule.repeated(skewed, **NOISE, **WAITS)
    assert isinstance(search, ScheduleSearch)
    np.testing.assert_allclose(search.run.state.bloch, run.state.bloch, atol=1e-13)
    np.testing.assert_allclose(search.run[1:], run[1:], rtol=1e-12)
    for schedule, fidelity, cost in zip(search.frontier, search.fidelities, search.costs, strict=True):
        again = schedule.repeated(skewed, **NOISE, **WAITS)
        np.testing.assert_allclose([bell_weights(again.state)[0], again.raw_pairs], [fidelity, cost], rtol=1e-12)
    np.testing.assert_allclose(search.secret_bits_per_pair, secret_key_fraction(run.state) / run.raw_pairs, rtol=1e-9)
    np.testing.assert_allclose(search.hashing_yield, hashing_yield(run.state) / run.raw_pairs, rtol=1e-9)
    assert search.raw_hashing_yield == hashing_yield(skewed)


@pytest.mark.parametrize("how", [{}, NOISE])
def test_a_few_candidates_find_what_many_find(skewed, how):
    """Thinned to ten of each size, of up to a thousand."""
    for pair in (skewed, werner_state(fidelity=0.8)):
        many = best_schedule(pair, max_pairs=6, objective="fidelity", width=1500, **how)
        few = best_schedule(pair, max_pairs=6, objective="fidelity", width=10, **how)
        assert many.exhaustive
        assert not few.exhaustive
        assert many.fidelity - 2e-3 < few.fidelity < many.fidelity + 1e-12


def test_fidelity_alone_is_no_guide():
    """Of two pairs the best are made by `bbpssw`; the best of four take one of these, and a poorer one of `dejmps`."""
    pair = bell_diagonal_state([0.75, 0.02, 0.15, 0.08])
    two, four = (best_schedule(pair, max_pairs=n, objective="fidelity") for n in (2, 4))
    assert str(two.schedule) == "bbpssw(pair, pair)"
    assert str(four.schedule) == "dejmps(dejmps(pair, pair), bbpssw(pair, pair))"
    of_the_best = [Schedule(name, (two.schedule, two.schedule)).repeated(pair).state for name in ROUNDS]
    assert max(bell_weights(state)[0] for state in of_the_best) < four.fidelity - 0.01


@pytest.mark.parametrize(("objective", "quality"), [("key", secret_key_fraction), ("yield", hashing_yield)])
def test_the_best_for_key_need_not_be_on_the_frontier(objective, quality):
    """At most what all schedules reach, and more than those that have the most fidelity for their cost."""
    pair = bell_diagonal_state([0.67, 0.06, 0.02, 0.25])
    search = best_schedule(pair, max_pairs=3, objective=objective)
    runs = [schedule.repeated(pair) for schedule in up_to(3, ROUNDS)]
    found = quality(search.run.state) / search.run.raw_pairs
    np.testing.assert_allclose(found, max(quality(run.state) / run.raw_pairs for run in runs), rtol=1e-12)
    frontier = [schedule.repeated(pair) for schedule in search.frontier]
    assert max(quality(run.state) / run.raw_pairs for run in frontier) < found - 1e-3


def test_no_schedule_beats_the_negativity(skewed):
    for pair in (skewed, werner_state(fidelity=0.75), bell_diagonal_state([0.7, 0.3, 0, 0])):
        search = best_schedule(pair, max_pairs=6, objective="fidelity")
        assert (search.costs >= search.least_raw_pairs(search.fidelities) - 1e-9).all()
    np.testing.assert_allclose(search.least_raw_pairs([0.5, 1.0]), [0, 1 / log_negativity(pair)], atol=1e-12)
    assert search.least_raw_pairs(0.25) == 0


def test_no_protocol_makes_entanglement_of_none():
    search = best_schedule(werner_state(fidelity=0.5), max_pairs=3, objective="fidelity")
    np.testing.assert_array_equal(search.least_raw_pairs([0.5, 0.6]), [0, np.inf])
    assert search.fidelity < 0.5 + 1e-12
    assert search.schedule == Schedule()
    assert search.secret_bits_per_pair == search.hashing_yield == 0


def test_perfect_pairs_are_left_alone():
    for goal in ({"objective": "fidelity"}, {"objective": "key"}, {"objective": "yield"}, {"target_fidelity": 1.0}):
        search = best_schedule(bell_state(), max_pairs=3, **goal)
        assert search.schedule == Schedule()
        assert search.frontier == (Schedule(),)


def test_rounds_that_cannot_succeed_are_no_candidates():
    """Of |01>, which `epl` turns to |00>, no round reads 1; other rounds go on."""
    alone = best_schedule(ket("01"), max_pairs=4, objective="fidelity", rounds=("epl",))
    assert alone.frontier == (Schedule(),)
    assert best_schedule(ket("01"), max_pairs=3, objective="fidelity", rounds=("epl", "dejmps")).fidelity > 0.1


def test_sizes_that_no_round_makes_are_left_out():
    search = best_schedule(werner_state(fidelity=0.9), max_pairs=6, objective="fidelity", rounds=("double_selection",))
    assert search.schedule.num_pairs == 5
    assert {schedule.num_pairs for schedule in search.frontier} == {1, 3, 5}


def test_short_memories_pump_and_long_ones_nest():
    pair, slow = werner_state(fidelity=0.75), {"pair_s": 0.01, "round_s": 0.001, "cost": "time"}
    depths = []
    for t2_s in (0.1, 10.0):
        search = best_schedule(
            pair, max_pairs=8, objective="fidelity", width=100, memory=Memory(t1_s=np.inf, t2_s=t2_s), **slow
        )
        depths.append(search.schedule.depth)
    assert depths[0] > 5
    assert depths[1] == 3


def test_a_result_prints_the_best_and_the_frontier():
    search = best_schedule(werner_state(fidelity=0.9), max_pairs=3, objective="fidelity", cost="time", pair_s=2.0)
    best, title, *frontier = str(search).splitlines()
    assert best.startswith(f"best {search.schedule}: fidelity 0.9565")
    assert title == "frontier (exhaustive):"
    assert frontier[0].split() == ["0.900000", "2", "s", "pair"]
    assert len(frontier) == len(search.frontier) == 3
    few = best_schedule(werner_state(fidelity=0.9), max_pairs=5, objective="fidelity", width=1)
    assert "raw pairs" in str(few)
    assert "most promising" in str(few)


REFUSED = [
    ({"objective": None}, ParameterError, "Either `objective` or `target_fidelity` must be given, and not both"),
    ({"target_fidelity": 0.9}, ParameterError, "Either `objective` or `target_fidelity` must be given, and not both"),
    ({"objective": "cost"}, ParameterError, "`objective` must be one of fidelity, key, yield, but is 'cost'"),
    (
        {"objective": None, "target_fidelity": 0.999},
        ParameterError,
        "`target_fidelity` must be at most 0.9[0-9]*, .* but is 0.999",
    ),
    (
        {"objective": None, "target_fidelity": 1.5},
        ParameterError,
        "`target_fidelity` must be between 0 and 1, but is 1.5",
    ),
    ({"objective": None, "target_fidelity": [0.9, 0.9]}, DimensionError, "`target_fidelity` must be one number"),
    ({"max_pairs": 0}, ParameterError, "`max_pairs` must be at least 1, but is 0"),
    ({"max_pairs": 2.0}, ParameterTypeError, "`max_pairs` must be an integer"),
    ({"width": 0}, ParameterError, "`width` must be at least 1"),
    ({"cost": "money"}, ParameterError, "`cost` must be one of pairs, time, but is 'money'"),
    ({"cost": "time"}, ParameterError, '`cost` must be "pairs" where `pair_s` and `round_s` are 0'),
    ({"rounds": "dejmps"}, ParameterTypeError, "`rounds` must be a sequence of names of rounds, but is 'dejmps'"),
    ({"rounds": ()}, ParameterTypeError, "`rounds` must be a sequence"),
    ({"rounds": ("dejmps", "hashing")}, ParameterError, r"`rounds\[1\]` must be one of bbpssw, .* but is 'hashing'"),
    ({"pair": ket("0")}, DimensionError, "`pair` must be a state of two qubits"),
    ({"pair": werner_state(fidelity=[0.8, 0.9])}, DimensionError, r"`pair` must be one point, .* but has shape \(2,\)"),
    ({"gate_mixing": [0.1]}, DimensionError, r"`gate_mixing` must be one point, .* but has shape \(1,\)"),
    ({"memory": Memory(t1_s=[1, 2], t2_s=1)}, DimensionError, r"`memory` must be one point, .* but has shape \(2,\)"),
    ({"readout_error": -0.1}, ParameterError, "`readout_error` must be between 0 and 1, but is -0.1"),
    ({"round_s": np.nan}, ParameterError, "`round_s` must be at least 0 and finite, but is nan"),
]


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED)
def test_bad_input_is_refused(changes, error, message):
    options = {"pair": werner_state(fidelity=0.9), "max_pairs": 3, "objective": "fidelity"} | changes
    with pytest.raises(error, match=message):
        best_schedule(**options)
