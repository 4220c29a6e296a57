"""What the Hypothesis strategies draw is valid by independent measure, reaches the edges, and shrinks to little."""

import math
import random

import numpy as np
import oracles
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from qnet_core import Channel, DensityMatrix, _draws, strategies
from qnet_core.errors import ParameterError


def simplest(strategy, condition, start=0):
    """Return the counterexample that Hypothesis shrinks to from a fixed start."""
    with_examples = settings(database=None, max_examples=2000)
    return find(strategy, condition, settings=with_examples, random=random.Random(start))


def purity(rho):
    return np.trace(rho.matrix @ rho.matrix).real


def negativity(rho):
    """Return how far below 0 the partial transpose reaches."""
    return -np.linalg.eigvalsh(oracles.partial_transpose(rho.matrix, rho.dims, [0]))[0]


@given(rho=strategies.states())
def test_states(rho):
    assert isinstance(rho, DensityMatrix)
    matrix = rho.matrix
    np.testing.assert_allclose(np.trace(matrix), 1, rtol=1e-12)
    np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-15)
    assert np.linalg.eigvalsh(matrix).min() > -1e-13


@given(rho=strategies.states(dims=(2, 3), batch_shape=(2,)))
def test_states_of_asked_dimensions(rho):
    assert (rho.dims, rho.batch_shape) == ((2, 3), (2,))
    DensityMatrix(rho.matrix, (2, 3))


@given(channel=strategies.channels())
def test_channels(channel):
    assert isinstance(channel, Channel)
    size_in, size_out = int(np.prod(channel.dims_in)), int(np.prod(channel.dims_out))
    choi = channel.choi()
    assert np.linalg.eigvalsh(choi).min() > -1e-12
    kept = choi.reshape(size_in, size_out, size_in, size_out).trace(axis1=1, axis2=3)
    np.testing.assert_allclose(kept, np.eye(size_in), atol=1e-12)


@given(channel=strategies.channels(dims_in=(2, 2), dims_out=(3,)))
def test_channels_of_asked_dimensions(channel):
    assert (channel.dims_in, channel.dims_out) == ((2, 2), (3,))


@given(data=st.data(), dim=st.integers(2, 5))
def test_unitaries(data, dim):
    unitary = data.draw(strategies.unitaries(dim))
    np.testing.assert_allclose(unitary @ unitary.conj().T, np.eye(dim), atol=1e-13)


@given(probability=strategies.probabilities(), duration=strategies.durations(5.0))
def test_parameters(probability, duration):
    assert 0 <= probability <= 1
    assert 0 <= duration <= 5


def test_draws_reach_every_kind_of_state():
    """Pure, mixed and rank-deficient states must all come up."""
    ranks = set()

    @given(rho=strategies.states(dims=(2, 2)))
    def collect(rho):
        ranks.add(int(np.sum(np.linalg.eigvalsh(rho.matrix) > 1e-8)))

    collect()
    assert {1, 4} <= ranks


INF = math.inf
DOWN, UP = np.nextafter(2.0, 0.0), np.nextafter(-1.0, 0.0)


@given(pair=strategies.relaxation_times(50.0))
def test_relaxation_times(pair):
    t1_s, t2_s = pair
    assert 0 < t2_s <= 2 * t1_s
    assert t1_s == INF or 1e-6 <= t1_s <= 50
    assert t2_s == INF or t2_s <= 100


@given(angle=strategies.angles(), number=strategies.parameters_at_edges(-1.0, 2.0))
def test_numbers_stay_in_their_range(angle, number):
    assert -2 * math.pi <= angle <= 2 * math.pi
    assert -1 <= number <= 2


EDGES = {
    "zero probability": (strategies.probabilities(), lambda x: x == 0),
    "certainty": (strategies.probabilities(), lambda x: x == 1),
    "no duration": (strategies.durations(), lambda x: x == 0),
    "full duration": (strategies.durations(5.0), lambda x: x == 5),
    **{f"angle {k} pi/2": (strategies.angles(), lambda x, k=k: x == k * math.pi / 2) for k in (0, 1, -1, 2, -2)},
    **{
        f"number {edge:.17g}": (strategies.parameters_at_edges(-1, 2), lambda x, edge=edge: x == edge)
        for edge in (-1, UP, DOWN, 2)
    },
    "a number inside": (strategies.parameters_at_edges(-1, 2), lambda x: UP < x < DOWN),
    "t2 = 2 t1": (strategies.relaxation_times(), lambda t: t[1] == 2 * t[0] < INF),
    "t2 just below 2 t1": (strategies.relaxation_times(), lambda t: 2 * t[0] * (1 - 1e-15) < t[1] < 2 * t[0]),
    "t2 = t1": (strategies.relaxation_times(), lambda t: t[1] == t[0] < INF),
    "t1 without end": (strategies.relaxation_times(), lambda t: t[1] < t[0] == INF),
    "no decay": (strategies.relaxation_times(), lambda t: t == (INF, INF)),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges_come_up(edge):
    strategy, condition = EDGES[edge]
    assert condition(simplest(strategy, condition))


def test_numbers_shrink_to_the_simplest():
    assert simplest(strategies.angles(), lambda x: True) == 0
    assert simplest(strategies.probabilities(), lambda x: True) == 0
    assert simplest(strategies.parameters_at_edges(0.25, 3), lambda x: True) == 0.25
    assert simplest(strategies.relaxation_times(), lambda t: True) == (1.0, 1.0)
    assert simplest(strategies.relaxation_times(0.5), lambda t: True) == (0.5, 0.5)
    assert simplest(strategies.relaxation_times(), lambda t: t[1] > t[0]) == (1.0, 2.0)


@pytest.mark.parametrize(("low", "high"), [(2.0, 1.0), (0.0, INF), (math.nan, 1.0)])
def test_ranges_are_refused(low, high):
    with pytest.raises(ParameterError, match=r"Parameter `(low|high)` must be"):
        strategies.parameters_at_edges(low, high)


def test_a_range_of_one_number():
    assert simplest(strategies.parameters_at_edges(0.5, 0.5), lambda x: True) == 0.5


@given(dims=strategies.dimensions(3, 3))
def test_dimensions(dims):
    assert len(dims) in (1, 2, 3)
    assert set(dims) <= {2, 3}


STARTS = pytest.mark.parametrize("start", [1, 2, 3])


@STARTS
def test_states_shrink_to_a_qubit(start):
    first = simplest(strategies.states(), lambda rho: True, start)
    mixed = simplest(strategies.states(), lambda rho: purity(rho) < 0.6, start)
    impure = simplest(strategies.states(), lambda rho: purity(rho) < 1 - 1e-3, start)
    assert first.dims == mixed.dims == impure.dims == (2,)
    np.testing.assert_allclose(first.matrix, np.diag([1, 0]), atol=1e-15)
    np.testing.assert_allclose(mixed.matrix, np.eye(2) / 2, atol=1e-15)
    np.testing.assert_allclose(impure.matrix, np.eye(2) / 2, atol=1e-15)


@STARTS
def test_entanglement_shrinks_to_a_bell_state(start):
    rho = simplest(strategies.states(), lambda rho: len(rho.dims) > 1 and negativity(rho) > 0.01, start)
    assert rho.dims == (2, 2)
    np.testing.assert_allclose(rho.matrix, oracles.projector(oracles.BELL_VECTORS["phi+"]), atol=1e-15)


@STARTS
def test_phases_shrink_to_quarter_turns(start):
    rho = simplest(strategies.states(2, kinds=("pure",)), lambda rho: abs(rho.matrix[1, 0].imag) > 0.3, start)
    np.testing.assert_allclose(rho.matrix, [[0.5, -0.5j], [0.5j, 0.5]], atol=1e-15)


@STARTS
def test_channels_shrink_to_a_qubit(start):
    first = simplest(strategies.channels(), lambda channel: True, start)
    assert first.dims_in == (2,)
    np.testing.assert_allclose(first.transfer, np.eye(4), atol=1e-15)
    noisy = simplest(strategies.channels(), lambda channel: len(channel.kraus()) > 1, start)
    assert noisy.dims_in == (2,)
    assert len(noisy.kraus()) == 2


@STARTS
def test_channels_that_are_not_unital_shrink_to_the_map_to_0(start):
    channel = simplest(strategies.channels(), lambda channel: not channel.is_unital(), start)
    assert channel.dims_in == channel.dims_out == (2,)
    expected = oracles.transfer_matrix([np.diag([1.0, 0]), np.array([[0, 1.0], [0, 0]])], (2,), (2,))
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-15)


@STARTS
def test_unitaries_shrink_to_gates(start):
    np.testing.assert_array_equal(simplest(strategies.unitaries(3), lambda u: True, start), np.eye(3))
    moved = simplest(strategies.unitaries(), lambda u: not np.allclose(u, np.eye(2)), start)
    np.testing.assert_array_equal(moved, oracles.PAULI["X"])
    spread = simplest(strategies.unitaries(), lambda u: np.abs(u).min() > 0.1, start)
    np.testing.assert_allclose(spread, oracles.HADAMARD, atol=1e-15)


NOTED = {
    "state": (strategies.states(batch_shape=(2,)), lambda rho: np.abs(rho.matrix.imag).max() < 0.1, "matrix"),
    "channel": (strategies.channels(kinds=("cptp", "pauli")), lambda channel: False, "transfer"),
}


@pytest.mark.parametrize("case", NOTED)
def test_a_counterexample_is_noted_as_the_call_that_makes_it(case):
    strategy, holds, attribute = NOTED[case]
    seen = []

    @settings(database=None, max_examples=200)
    @given(drawn=strategy)
    def claim(drawn):
        seen.append(drawn)
        assert holds(drawn)

    with pytest.raises(AssertionError) as failure:
        claim()
    call = next(line for line in failure.value.__notes__ if line.startswith("Drawn: qnet_core._draws."))
    again = eval(call.removeprefix("Drawn: qnet_core."), {"_draws": _draws})
    np.testing.assert_array_equal(getattr(again, attribute), getattr(seen[-1], attribute))
