"""Many rounds: against rounds one by one, limits against fixpoints, thresholds against limits on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import (
    NestedRounds,
    bbpssw,
    bbpssw_fixpoints,
    dejmps,
    double_selection,
    gate_mixing_threshold,
    nested_rounds,
    pump,
    pumping_limit,
    recurrence_limit,
    twirl_to_bell_diagonal,
    twirl_to_werner,
)
from qnet_core import (
    Heralded,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    ket,
    random_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

NOISE = {"gate_mixing": 0.01, "readout_error": 0.02}
STEPS = {
    "bbpssw": lambda a, b: bbpssw(a, b, **NOISE),
    "dejmps": lambda a, b: dejmps(a, b, **NOISE),
    "double_selection": lambda a, b: double_selection(a, b, b, **NOISE),
}
TWIRLS = {None: lambda pair: pair, "werner": twirl_to_werner, "bell-diagonal": twirl_to_bell_diagonal}


@pytest.fixture
def near_phi(rng):
    """Pairs near phi+ that are neither equal nor Bell-diagonal."""
    mixed = random_state((2, 2), batch_shape=(2,), rng=rng)
    return type(mixed)(0.8 * bell_state().matrix + 0.2 * mixed.matrix)


@pytest.mark.parametrize("protocol", STEPS)
@pytest.mark.parametrize("twirl", TWIRLS)
def test_nested_rounds_are_rounds_one_by_one(near_phi, protocol, twirl):
    result = nested_rounds(near_phi, rounds=3, protocol=protocol, twirl=twirl, **NOISE)
    state, chances = near_phi, []
    for _ in range(3):
        pair = TWIRLS[twirl](state)
        state, probability = STEPS[protocol](pair, pair)
        chances.append(probability)
    assert isinstance(result, NestedRounds)
    np.testing.assert_allclose(result.state.bloch, state.bloch, atol=1e-14)
    np.testing.assert_allclose(result.probabilities, chances, rtol=1e-14)
    count = 3 if protocol == "double_selection" else 2
    np.testing.assert_allclose(result.raw_pairs, count**3 / np.prod(chances, axis=0), rtol=1e-14)


@pytest.mark.parametrize("protocol", STEPS)
@pytest.mark.parametrize("twirl", TWIRLS)
def test_pumping_is_rounds_with_fresh_pairs(near_phi, protocol, twirl):
    fresh = werner_state(fidelity=0.9)
    result = pump(near_phi, fresh, rounds=3, protocol=protocol, twirl=twirl, **NOISE)
    state, chance = near_phi, 1.0
    for _ in range(3):
        state, probability = STEPS[protocol](TWIRLS[twirl](state), TWIRLS[twirl](fresh))
        chance = chance * probability
    assert isinstance(result, Heralded)
    np.testing.assert_allclose(result.state.bloch, state.bloch, atol=1e-14)
    np.testing.assert_allclose(result.probability, chance, rtol=1e-14)


def test_no_round_at_all(near_phi):
    state, probabilities, raw_pairs = nested_rounds(near_phi, rounds=0)
    assert state is near_phi
    assert probabilities == ()
    np.testing.assert_array_equal(raw_pairs, [1, 1])
    kept = pump(near_phi, near_phi, rounds=0)
    assert kept.state is near_phi
    np.testing.assert_array_equal(kept.probability, [1, 1])


def test_pumping_that_cannot_succeed_leaves_no_state_there():
    start = type(bell_state()).from_bloch(np.stack([ket("01").bloch, ket("00").bloch]), (2, 2))
    kept = pump(start, ket("00"), rounds=3, protocol="bbpssw")
    np.testing.assert_allclose(kept.probability, [0, 1], atol=1e-15)
    assert np.isnan(kept.state.bloch[0]).all()
    np.testing.assert_allclose(kept.state.bloch[1], ket("00").bloch, atol=1e-15)


def test_psi_minus_is_the_error_that_a_first_turned_round_does_not_see():
    pair = bell_diagonal_state([[0.7, 0, 0, 0.3], [0.7, 0.3, 0, 0], [0.7, 0, 0.3, 0]])
    first = bell_weights(nested_rounds(pair, rounds=1).state)[:, 0]
    np.testing.assert_allclose(first, [0.58, 0.49 / 0.58, 0.49 / 0.58], rtol=1e-14)
    np.testing.assert_allclose(bell_weights(nested_rounds(pair, rounds=9).state)[:, 0], 1, atol=1e-3)


@given(fidelity=st.floats(0.55, 0.99), rounds=st.integers(1, 4))
def test_twirled_rounds_raise_good_pairs_and_cost_at_least_two_to_the_rounds(fidelity, rounds):
    result = nested_rounds(werner_state(fidelity=fidelity), rounds=rounds, protocol="bbpssw", twirl="werner")
    assert bell_weights(result.state)[0] > fidelity
    assert result.raw_pairs > 2**rounds


@pytest.mark.parametrize(("mixing", "flip"), [(0.01, 0.01), (0.03, 0.02), (0.005, 0.1), (0.04, 0.0)])
def test_both_fixpoints_stay_and_divide_what_rises_from_what_falls(mixing, flip):
    noise = {"gate_mixing": mixing, "readout_error": flip}
    lower, upper = bbpssw_fixpoints(**noise)
    assert 0.5 < lower < upper < 1
    fidelities = np.array([lower, upper, lower - 1e-3, lower + 1e-3, upper - 1e-3, upper + 1e-4])
    pairs = werner_state(fidelity=fidelities)
    change = bell_weights(bbpssw(pairs, pairs, **noise).state)[:, 0] - fidelities
    np.testing.assert_allclose(change[:2], 0, atol=1e-13)
    assert change[2] < 0 < change[3]
    assert change[5] < 0 < change[4]


def test_perfect_rounds_have_the_fixpoints_one_half_and_one():
    np.testing.assert_allclose(bbpssw_fixpoints(), [0.5, 1.0], rtol=1e-14)
    lower, upper = bbpssw_fixpoints(gate_mixing=np.array([0.0, 0.06, 1.0]), readout_error=0.0)
    np.testing.assert_array_equal(np.isnan(lower), [False, True, True])
    np.testing.assert_array_equal(np.isnan(upper), [False, True, True])
    assert np.isnan(bbpssw_fixpoints(readout_error=[0.2, 0.5])).all()  # roots of the equation, but of no state


@pytest.mark.parametrize("flip", [0.0, 0.02, 0.1, 0.14])
def test_fixpoints_meet_at_the_threshold(flip):
    threshold = gate_mixing_threshold(readout_error=flip)
    below = bbpssw_fixpoints(gate_mixing=threshold - 1e-9, readout_error=flip)
    assert below.upper - below.lower < 1e-3
    assert np.isnan(bbpssw_fixpoints(gate_mixing=threshold + 1e-9, readout_error=flip).upper)


@pytest.mark.parametrize(("protocol", "twirl"), [("bbpssw", "werner"), ("dejmps", None)])
def test_thresholds_are_where_limits_vanish(protocol, twirl):
    flips = np.array([0.0, 0.01, 0.05, 0.1])
    thresholds = gate_mixing_threshold(protocol=protocol, readout_error=flips)
    for factor, entangled in ((1 - 3e-4, True), (1 + 3e-4, False)):
        limit = recurrence_limit(
            bell_state(), protocol=protocol, twirl=twirl, gate_mixing=factor * thresholds, readout_error=flips
        )
        fidelity = bell_weights(limit)[:, 0]
        assert np.all(fidelity > 0.7) if entangled else np.allclose(fidelity, 0.25, atol=1e-9)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
def test_readout_that_no_gate_makes_up_for(protocol):
    thresholds = gate_mixing_threshold(protocol=protocol, readout_error=np.array([0.14, 0.16, 0.5]))
    assert thresholds[0] > 0
    assert np.isnan(thresholds[1:]).all()
    assert gate_mixing_threshold(protocol=protocol).shape == ()


def test_turned_rounds_take_noisier_gates_than_twirled_ones():
    flips = np.array([0.0, 0.02, 0.05])
    turned, twirled = (gate_mixing_threshold(protocol=name, readout_error=flips) for name in ("dejmps", "bbpssw"))
    assert np.all(turned > 1.5 * twirled)


def test_limits_stay_where_they_are(near_phi):
    limit = recurrence_limit(near_phi, **NOISE)
    np.testing.assert_allclose(dejmps(limit, limit, **NOISE).state.bloch, limit.bloch, atol=1e-13)
    fresh = werner_state(fidelity=0.85)
    pumped = pumping_limit(fresh, **NOISE)
    np.testing.assert_allclose(dejmps(pumped, fresh, **NOISE).state.bloch, pumped.bloch, atol=1e-13)
    np.testing.assert_allclose(pump(fresh, fresh, rounds=300, **NOISE).state.bloch, pumped.bloch, atol=1e-13)


def test_limits_broadcast():
    pairs = werner_state(fidelity=np.array([[0.8], [0.9]]))
    noise = {"gate_mixing": np.array([0.0, 0.01, 0.02]), "readout_error": 0.01}
    for function in (recurrence_limit, pumping_limit):
        limit = function(pairs, **noise)
        assert limit.batch_shape == (2, 3)
        one = function(pairs[1, 0], gate_mixing=0.02, readout_error=0.01)
        np.testing.assert_allclose(limit[1, 2].bloch, one.bloch, atol=1e-13)


def test_pumping_stops_below_one_where_nesting_does_not():
    fresh = werner_state(fidelity=0.85)
    assert bell_weights(pumping_limit(fresh))[0] < 0.95
    np.testing.assert_allclose(bell_weights(recurrence_limit(fresh))[0], 1, atol=1e-12)


def test_poor_pairs_end_maximally_mixed_and_lost_points_stay_lost():
    noise = {"gate_mixing": 0.02, "readout_error": 0.02}
    limit = recurrence_limit(werner_state(fidelity=np.array([0.4, 0.9])), **noise)
    np.testing.assert_allclose(limit.matrix[0], np.eye(4) / 4, atol=1e-12)
    assert bell_weights(limit)[1, 0] > 0.93
    zeros = type(limit).from_bloch(np.stack([ket("01").bloch, ket("00").bloch]), (2, 2))
    lost = bbpssw(zeros, ket("00")).state
    again = recurrence_limit(lost, **noise)
    assert np.isnan(again.bloch[0]).all()
    assert np.isfinite(again.bloch[1]).all()


def test_what_has_not_settled_is_no_limit(monkeypatch):
    monkeypatch.setattr("qnet_channels.recurrence.MAX_ROUNDS", 3)
    limit = recurrence_limit(bell_diagonal_state([[0.9, 0.05, 0.05, 0], [1, 0, 0, 0]]))
    assert np.isnan(limit.bloch[0]).all()
    np.testing.assert_allclose(limit.bloch[1], bell_state().bloch, atol=1e-15)


@pytest.mark.parametrize("function", [nested_rounds, recurrence_limit, pumping_limit, pump])
def test_words_and_counts_are_checked(function):
    pairs = (bell_state(),) * (2 if function is pump else 1)
    options = {"rounds": 1} if function in (nested_rounds, pump) else {}
    with pytest.raises(
        ParameterError, match="`protocol` must be one of bbpssw, dejmps, double_selection, but is 'epl'"
    ):
        function(*pairs, protocol="epl", **options)
    with pytest.raises(ParameterError, match="`twirl` must be one of werner, bell-diagonal, but is True"):
        function(*pairs, twirl=True, **options)
    if options:
        for bad, error in ((-1, ParameterError), (1.5, ParameterTypeError), (True, ParameterTypeError)):
            with pytest.raises(error, match="`rounds` must be"):
                function(*pairs, rounds=bad)


def test_only_pairs_are_distilled():
    for function, name in ((recurrence_limit, "pair"), (pumping_limit, "fresh")):
        with pytest.raises(DimensionError, match=f"`{name}` must be a state of two qubits"):
            function(ket("0"))
    with pytest.raises(DimensionError, match="`pair` must be a state of two qubits"):
        nested_rounds(ket("0"), rounds=0)
    with pytest.raises(ParameterTypeError, match="`fresh` must be a DensityMatrix"):
        pump(bell_state(), None, rounds=0)
    with pytest.raises(ParameterError, match="`protocol` must be one of bbpssw, dejmps, but is 'double_selection'"):
        gate_mixing_threshold(protocol="double_selection")
