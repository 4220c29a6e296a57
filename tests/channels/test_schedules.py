"""Schedules of distillation against density matrices of all qubits, rounds by hand, and runs that are sampled."""

import functools

import distillation_oracle as oracle
import numpy as np
import pytest
from oracles import HADAMARD, PAULI

from qnet_channels import Memory, Schedule, ScheduleRun, dejmps, nested_rounds, pump
from qnet_channels.schedule_rounds import PARTS
from qnet_core import DensityMatrix, Heralded, bell_state, bell_weights, ket, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

MIXING, FLIP = 0.03, 0.02
NOISE = {"gate_mixing": MIXING, "readout_error": FLIP}
T1, T2 = 2.0, 0.9
MEMORY = Memory(t1_s=T1, t2_s=T2)
PAIR = Schedule()
TURNS = {"h": HADAMARD, "x90": oracle.X90}
BIT_FLIP = np.kron(PAULI["I"], PAULI["X"])


def meet(name, *parts):
    return Schedule(name, parts)


UNEVEN = meet("dejmps", PAIR, meet("bbpssw[h]", meet("dejmps", PAIR, PAIR), PAIR))


@pytest.fixture
def raw(rng):
    """Four pairs near phi+, in no family of states."""
    mixed = random_state((2, 2), batch_shape=(4,), rng=rng)
    return [DensityMatrix(0.75 * bell_state().matrix + 0.25 * mixed.matrix[k]) for k in range(4)]


def turned(matrix, unitary):
    both = np.kron(unitary, unitary.conj())
    return both @ matrix @ both.conj().T


def one_round(name, matrices, mixing=MIXING, flip=FLIP):
    """Return what a round leaves of density matrices, not normalized."""
    protocol, _, turn = name.rstrip("]").partition("[")
    before = [turned(matrix, TURNS[turn]) for matrix in matrices] if turn else matrices
    if protocol != "epl":
        return oracle.ROUNDS[protocol](before, mixing, flip)
    return BIT_FLIP @ oracle.epl([BIT_FLIP @ matrix @ BIT_FLIP for matrix in before], mixing, flip) @ BIT_FLIP


def stored(matrix, duration_s):
    """Return a pair after both qubits relaxed and dephased for a while."""
    kept = np.exp(-duration_s / T1)
    phase = (1 - np.exp(-duration_s / T2) / np.sqrt(kept)) / 2
    relax = [np.diag([1, np.sqrt(kept)]), np.array([[0, np.sqrt(1 - kept)], [0, 0]])]
    dephase = [np.sqrt(1 - phase) * PAULI["I"], np.sqrt(phase) * PAULI["Z"]]
    one = [d @ r for d in dephase for r in relax]
    return sum(np.kron(a, b) @ matrix @ np.kron(a, b).conj().T for a in one for b in one)


def normalized(matrix):
    return matrix / np.trace(matrix).real, np.trace(matrix).real


@pytest.mark.parametrize("name", PARTS)
def test_each_round_is_the_simulated_one(raw, name):
    pairs = raw[: PARTS[name]]
    state, probability = meet(name, *[PAIR] * PARTS[name]).apply(pairs, **NOISE)
    expected, chance = normalized(one_round(name, [pair.matrix for pair in pairs]))
    np.testing.assert_allclose(probability, chance, rtol=1e-12)
    np.testing.assert_allclose(state.matrix, expected, atol=1e-13)


@pytest.mark.parametrize("name", ["bbpssw", "dejmps", "double_selection"])
def test_nesting_and_pumping_are_those_of_rounds(raw, name):
    nested = nested_rounds(raw[0], rounds=3, protocol=name, **NOISE)
    run = Schedule.nested(name, rounds=3).repeated(raw[0], **NOISE)
    assert isinstance(run, ScheduleRun)
    np.testing.assert_allclose(run.state.bloch, nested.state.bloch, atol=1e-14)
    np.testing.assert_allclose(run.raw_pairs, nested.raw_pairs, rtol=1e-13)
    counts = PARTS[name] ** np.arange(2, -1, -1)  # rounds of each generation, of which none may fail
    np.testing.assert_allclose(run.probability, np.prod(np.array(nested.probabilities) ** counts), rtol=1e-12)
    pumped, chance = Schedule.pumping(name, rounds=3).apply(raw[0], **NOISE)
    expected = pump(raw[0], raw[0], rounds=3, protocol=name, **NOISE)
    np.testing.assert_allclose(pumped.bloch, expected.state.bloch, atol=1e-14)
    np.testing.assert_allclose(chance, expected.probability, rtol=1e-13)


def test_pairs_are_taken_as_printed(raw):
    state, probability = UNEVEN.apply(raw, **NOISE)
    a, b, c, d = (pair.matrix for pair in raw)
    inner, first = normalized(one_round("dejmps", [b, c]))
    middle, second = normalized(one_round("bbpssw[h]", [inner, d]))
    expected, third = normalized(one_round("dejmps", [a, middle]))
    np.testing.assert_allclose(probability, first * second * third, rtol=1e-12)
    np.testing.assert_allclose(state.matrix, expected, atol=1e-13)


def test_pairs_that_are_there_wait_for_the_deepest(raw):
    """From the start on all are stored until they are measured or delivered."""
    wait = 0.13
    state, probability = UNEVEN.apply(raw, **NOISE, memory=MEMORY, round_s=wait)
    a, b, c, d = (pair.matrix for pair in raw)
    inner, first = normalized(one_round("dejmps", [b, c]))
    middle, second = normalized(one_round("bbpssw[h]", [stored(inner, wait), stored(d, wait)]))
    expected, third = normalized(one_round("dejmps", [stored(a, 2 * wait), stored(middle, wait)]))
    np.testing.assert_allclose(probability, first * second * third, rtol=1e-12)
    np.testing.assert_allclose(state.matrix, stored(expected, wait), atol=1e-13)


def by_hand(schedule, matrix, round_s, pair_s):
    """Return state, mean raw pairs and mean time of a schedule whose failed rounds are repeated."""
    if not schedule.parts:
        return matrix, 1.0, pair_s
    made = [by_hand(part, matrix, round_s, pair_s) for part in schedule.parts]
    waits = [sum(time for _, _, time in made[k + 1 :]) for k in range(len(made))]
    states = [stored(state, wait) for (state, _, _), wait in zip(made, waits, strict=True)]
    kept, chance = normalized(one_round(schedule.protocol, states))
    pairs, time = (sum(part[k] for part in made) for k in (1, 2))
    return stored(kept, round_s), pairs / chance, (time + round_s) / chance


@pytest.mark.parametrize(
    "schedule", [UNEVEN, meet("double_selection", meet("dejmps", PAIR, PAIR), PAIR, meet("epl", PAIR, PAIR))], ids=str
)
def test_repeated_rounds_cost_and_wait_as_by_hand(raw, schedule):
    run = schedule.repeated(raw[0], **NOISE, memory=MEMORY, round_s=0.02, pair_s=0.03)
    state, pairs, time = by_hand(schedule, raw[0].matrix, 0.02, 0.03)
    np.testing.assert_allclose(run.state.matrix, state, atol=1e-13)
    np.testing.assert_allclose([run.raw_pairs, run.duration_s], [pairs, time], rtol=1e-12)


def sampled(schedule, chances, rng):
    """Return raw pairs and rounds until a schedule delivers, with the chance of each of its rounds."""
    if not schedule.parts:
        return np.array([1, 0])
    total = np.zeros(2, int)
    while True:
        total += np.sum([sampled(part, chances, rng) for part in schedule.parts], axis=0) + np.array([0, 1])
        if rng.random() < chances[schedule]:
            return total


def test_mean_costs_are_those_of_sampled_runs(rng):
    pair, parts = werner_state(fidelity=0.75), (UNEVEN, UNEVEN.parts[1], UNEVEN.parts[1].parts[0])
    none_fails = {part: part.apply(pair).probability for part in (*parts, PAIR)}
    chances = {part: none_fails[part] / np.prod([none_fails[inner] for inner in part.parts]) for part in parts}
    runs = np.array([sampled(UNEVEN, chances, rng) for _ in range(4000)])
    times = runs @ [0.5, 2.0]
    run = UNEVEN.repeated(pair, round_s=2.0, pair_s=0.5)
    for found, expected in ((runs[:, 0], run.raw_pairs), (times, run.duration_s)):
        assert abs(found.mean() - expected) < 5 * found.std() / np.sqrt(len(found))


def averaged(pair, rate):
    """Return the fidelity of dejmps(pair, dejmps(pair, pair)) where the first waits for each number of attempts in turn."""
    memory = Memory(t1_s=np.inf, t2_s=1 / rate)
    inner, chance = dejmps(pair, pair)
    attempts = np.arange(1, 400)
    decay = memory.decay(duration_s=attempts * 2.0)
    kept, success = dejmps(pair.apply(decay, 0).apply(decay, 1), inner)
    weights = chance * (1 - chance) ** (attempts - 1) * success
    return np.sum(weights * bell_weights(kept)[:, 0]) / weights.sum()


def test_the_mean_wait_is_right_to_first_order_and_errs_on_the_safe_side():
    """The pairs of the inner round are made at once, so that only the first pair waits, 2 s for each attempt."""
    pair = werner_state(fidelity=0.85)
    inner, chance = dejmps(pair, pair)
    missed, lost = [], []
    for rate in (0.004, 0.002):
        decay = Memory(t1_s=np.inf, t2_s=1 / rate).decay(duration_s=2.0 / chance)
        mean = bell_weights(dejmps(pair.apply(decay, 0).apply(decay, 1), inner).state)[0]
        exact = averaged(pair, rate)
        missed.append(exact - mean)
        lost.append(bell_weights(dejmps(pair, inner).state)[0] - exact)
    assert 0 < missed[0] < 0.02 * lost[0]
    np.testing.assert_allclose([missed[0] / missed[1], lost[0] / lost[1]], [4, 2], rtol=0.05)


def test_a_schedule_prints_what_it_is():
    assert str(UNEVEN) == "dejmps(pair, bbpssw[h](dejmps(pair, pair), pair))"
    assert repr(UNEVEN) == f"<Schedule {UNEVEN}>"
    assert (UNEVEN.num_pairs, UNEVEN.depth) == (4, 3)
    assert (PAIR.num_pairs, PAIR.depth, str(PAIR)) == (1, 0, "pair")
    assert Schedule("dejmps", [PAIR, PAIR]) == Schedule.nested(rounds=1) == Schedule.pumping(rounds=1)
    assert Schedule.nested(rounds=0) == PAIR
    assert len({UNEVEN, Schedule.pumping(rounds=3), Schedule.pumping("bbpssw", rounds=3)}) == 3
    assert Schedule.pumping("double_selection", rounds=2).num_pairs == 5
    assert Schedule.nested("double_selection", rounds=2).num_pairs == 9


def test_no_round_leaves_the_pairs_alone(raw):
    assert PAIR.apply(raw[0]).state is raw[0]
    assert PAIR.apply(raw[:1]).probability == 1
    run = PAIR.repeated(raw[0], pair_s=[0.5, 2.0])
    np.testing.assert_array_equal(run.duration_s, [0.5, 2.0])
    assert run.raw_pairs == run.probability == 1


def test_a_deep_schedule_does_each_round_once(raw):
    """A million pairs; without remembering what is done already it would take minutes."""
    schedule = Schedule.nested(rounds=20)
    assert schedule.num_pairs == 2**20
    state, _ = schedule.apply(raw[0])
    np.testing.assert_allclose(state.bloch, nested_rounds(raw[0], rounds=20).state.bloch, atol=1e-12)
    np.testing.assert_allclose(schedule.repeated(raw[0]).state.bloch, state.bloch, atol=1e-14)


def test_a_long_batch_is_one_call(rng):
    pairs = werner_state(fidelity=rng.uniform(0.6, 1, size=20_000))
    state, probability = UNEVEN.apply(pairs, **NOISE, memory=MEMORY, round_s=0.01)
    assert isinstance(UNEVEN.apply(pairs), Heralded)
    assert state.batch_shape == probability.shape == (20_000,)
    one = UNEVEN.apply(pairs[777], **NOISE, memory=MEMORY, round_s=0.01)
    np.testing.assert_allclose(state[777].bloch, one.state.bloch, atol=1e-14)
    np.testing.assert_allclose(probability[777], one.probability, rtol=1e-13)


def test_pairs_of_a_list_broadcast():
    pairs = [
        werner_state(fidelity=np.array([[0.8], [0.9]])),
        bell_state(),
        werner_state(fidelity=np.array([0.7, 0.95, 1])),
    ]
    schedule = Schedule.pumping(rounds=2)
    state, probability = schedule.apply(pairs)
    assert state.batch_shape == probability.shape == (2, 3)
    one = schedule.apply([pairs[0][1, 0], pairs[1], pairs[2][2]])
    np.testing.assert_allclose(state[1, 2].bloch, one.state.bloch, atol=1e-14)


@pytest.mark.parametrize("place", range(3))
def test_where_a_round_cannot_succeed_no_other_point_is_lost(place):
    """|01> and |00> never read the same, wherever in the schedule they meet."""
    schedule = meet("bbpssw", meet("bbpssw", PAIR, PAIR), PAIR)
    pairs = [ket("00")] * 3
    pairs[place] = DensityMatrix.from_bloch(np.stack([ket("01").bloch, ket("00").bloch]), (2, 2))
    state, probability = schedule.apply(pairs, memory=Memory(t1_s=np.inf, t2_s=0.5), round_s=0.1)
    np.testing.assert_allclose(probability, [0, 1], atol=1e-15)
    assert np.isnan(state.bloch[0]).all()
    np.testing.assert_allclose(state.bloch[1], ket("00").bloch, atol=1e-12)


def test_what_never_comes_costs_without_end():
    """|01> is |00> after an X on B, so that no measured pair reads 1."""
    lost = DensityMatrix.from_bloch(np.stack([ket("01").bloch, ket("00").bloch]), (2, 2))
    schedule = meet("dejmps", PAIR, meet("epl", PAIR, PAIR))
    run = schedule.repeated(lost, memory=MEMORY, round_s=0.1, pair_s=0.1)
    assert run.probability[0] == 0
    assert np.isinf([run.raw_pairs[0], run.duration_s[0]]).all()
    assert np.isnan(run.state.bloch[0]).all()


REFUSED = [
    (lambda: Schedule("purify", (PAIR, PAIR)), ParameterError, "`protocol` must be one of pair, bbpssw, .*, but is 'purify'"),
    (lambda: meet("dejmps", PAIR), DimensionError, "`parts` must hold 2 schedules for dejmps, but holds 1"),
    (lambda: meet("pair", PAIR), DimensionError, "`parts` must hold 0 schedules for pair, but holds 1"),
    (lambda: Schedule("dejmps", ("pair", "pair")), ParameterTypeError, "`parts` must be a tuple of schedules"),
    (lambda: Schedule("dejmps", PAIR), ParameterTypeError, "`parts` must be a tuple of schedules"),
    (lambda: Schedule.nested(rounds=-1), ParameterError, "`rounds` must be at least 0, but is -1"),
    (lambda: Schedule.pumping("twirl", rounds=1), ParameterError, "`protocol` must be one of pair, bbpssw"),
    (lambda: UNEVEN.apply([bell_state()] * 3), DimensionError, "`pairs` must hold the 4 pairs that .*, but holds 3"),
    (lambda: UNEVEN.apply([bell_state()] * 5), DimensionError, "`pairs` must hold the 4 pairs .*, but holds 5"),
    (lambda: UNEVEN.apply([bell_state()]), DimensionError, "`pairs` must hold the 4 pairs .*, but holds 1"),
    (lambda: UNEVEN.apply(None), ParameterTypeError, "`pairs` must be a DensityMatrix or a sequence of them, but is NoneType"),
    (lambda: UNEVEN.apply([bell_state()] * 3 + [ket("0")]), DimensionError, r"`pairs\[3\]` must be a state of two qubits"),
    (lambda: UNEVEN.repeated(ket("0")), DimensionError, "`pair` must be a state of two qubits"),
    (lambda: UNEVEN.apply(bell_state(), memory=1.0), ParameterTypeError, "`memory` must be a Memory, but is float"),
    (
        lambda: UNEVEN.repeated(bell_state(), memory=Memory(t1_s=1, t2_s=1, decay_exponent=2)),
        ParameterError, "`memory` must decay exponentially",
    ),
    (
        lambda: UNEVEN.apply(werner_state(fidelity=[0.8, 0.9]), memory=Memory(t1_s=[1, 2, 3], t2_s=1)),
        DimensionError, r"`pairs\[0\]` \(2,\).*`memory` \(3,\)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "error", "message"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_schedules_are_values():
    with pytest.raises(AttributeError):
        UNEVEN.protocol = "bbpssw"
    assert functools.reduce(lambda made, _: meet("dejmps", made, PAIR), range(3), PAIR) == Schedule.pumping(rounds=3)
