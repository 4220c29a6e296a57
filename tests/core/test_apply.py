"""What every application of a channel respects: trace, positivity, linearity, locality."""

from itertools import permutations

import numpy as np
import oracles
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qnet_core import Channel, DensityMatrix, bell_state, ghz_state, tensor

SEEDS = st.integers(0, 2**32 - 1)
DIMS = (2, 3, 2)


def random_state_and_channel(seed, on):
    rng = np.random.default_rng(seed)
    dims = tuple(DIMS[s] for s in on)
    channel = Channel.from_kraus(oracles.random_kraus(rng, int(np.prod(dims))), dims, dims)
    return DensityMatrix(oracles.random_density(rng, 12), DIMS), channel


@given(seed=SEEDS, on=st.sampled_from([(0,), (1,), (2,), (2, 0), (0, 1), (1, 2), (2, 0, 1)]))
def test_trace_is_kept_bit_for_bit_and_positivity_to_rounding(seed, on):
    rho, channel = random_state_and_channel(seed, on)
    first_row = np.zeros(channel.transfer.shape[-1])
    first_row[0] = 1
    exact = Channel.from_transfer(np.vstack([first_row, channel.transfer[1:]]), channel.dims_in)
    moved = rho.apply(exact, on)
    assert moved.trace() == rho.trace()
    assert np.linalg.eigvalsh(moved.matrix).min() > -1e-14


@given(seed=SEEDS, on=st.sampled_from([(0,), (1,), (2, 0), (1, 2)]))
def test_trace_distance_never_grows(seed, on):
    rho, channel = random_state_and_channel(seed, on)
    sigma, _ = random_state_and_channel(seed + 1, on)

    def distance(a, b):
        return np.abs(np.linalg.eigvalsh(a.matrix - b.matrix)).sum() / 2

    after = distance(rho.apply(channel, on), sigma.apply(channel, on))
    assert after <= distance(rho, sigma) + 1e-13


@given(seed=SEEDS, weight=st.floats(0.0, 1.0), on=st.sampled_from([(0,), (1,), (2, 0)]))
def test_mixing_first_or_last_is_the_same(seed, weight, on):
    rho, channel = random_state_and_channel(seed, on)
    sigma, _ = random_state_and_channel(seed + 1, on)
    mixture = DensityMatrix(weight * rho.matrix + (1 - weight) * sigma.matrix, DIMS)
    ends = [s.apply(channel, on).matrix for s in (rho, sigma)]
    expected = weight * ends[0] + (1 - weight) * ends[1]
    np.testing.assert_allclose(mixture.apply(channel, on).matrix, expected, atol=1e-13)


@given(seed=SEEDS, places=st.permutations(range(3)))
def test_maps_on_different_subsystems_commute(seed, places):
    first, second = (places[0],), (places[1],)
    rho, here = random_state_and_channel(seed, first)
    _, there = random_state_and_channel(seed + 1, second)
    one = rho.apply(here, first).apply(there, second)
    other = rho.apply(there, second).apply(here, first)
    np.testing.assert_allclose(one.bloch, other.bloch, atol=1e-13)
    both = rho.apply(here.tensor(there), first + second)
    np.testing.assert_allclose(one.bloch, both.bloch, atol=1e-13)


@pytest.mark.parametrize("on", list(permutations(range(3), 2)))
def test_what_is_not_touched_does_not_change(rng, on):
    rho, channel = random_state_and_channel(7, on)
    (other,) = set(range(3)) - set(on)
    moved = rho.apply(channel, on)
    np.testing.assert_allclose(moved.ptrace(other).matrix, rho.ptrace(other).matrix, atol=1e-14)


@pytest.mark.parametrize(("on", "controls"), [((0, 2), (0, 2)), ((2, 0), (2, 0))])
def test_the_first_subsystem_named_is_the_control(on, controls):
    basis = np.eye(8)
    cnot = Channel.from_unitary(oracles.CNOT)
    for number in range(8):
        bits = [number >> 2 & 1, number >> 1 & 1, number & 1]
        moved = DensityMatrix(oracles.projector(basis[number])).apply(cnot, on)
        bits[controls[1]] ^= bits[controls[0]]
        expected = oracles.projector(basis[bits[0] * 4 + bits[1] * 2 + bits[2]])
        np.testing.assert_allclose(moved.matrix, expected, atol=1e-15)


def test_qutip_does_the_same_on_subsystems_2_and_0(rng):
    kraus = oracles.random_kraus(rng, 4, count=3)
    matrix = oracles.random_density(rng, 12)
    expected = 0
    for operator in kraus:
        whole = qutip.expand_operator(qutip.Qobj(operator, dims=[[2, 2], [2, 2]]), dims=list(DIMS), targets=[2, 0])
        state = qutip.Qobj(matrix, dims=[list(DIMS)] * 2)
        expected = expected + (whole * state * whole.dag()).full()
    moved = DensityMatrix(matrix, DIMS).apply(Channel.from_kraus(kraus), (2, 0))
    np.testing.assert_allclose(moved.matrix, expected, atol=1e-14)


@pytest.mark.parametrize("on", [0, (0,), [0], np.int64(0), np.array([0])], ids=repr)
def test_every_way_to_name_one_subsystem(rng, on):
    channel = Channel.from_kraus(oracles.random_kraus(rng, 2))
    rho = DensityMatrix(oracles.random_density(rng, 4))
    expected = rho.apply(channel, (0,)).bloch
    np.testing.assert_array_equal(rho.apply(channel, on).bloch, expected)


def test_the_tables_value_of_amplitude_damping_on_both_halves():
    """Case AD-2 of the physics tables: damping 0.19 on both halves of phi+ and psi+."""
    damping = np.array([np.diag([1, 0.9]), [[0, np.sqrt(0.19)], [0, 0]]])
    channel = Channel.from_kraus(damping)
    for label, expected in (("phi+", 0.82805), ("psi+", 0.81)):
        moved = bell_state(label).apply(channel, 0).apply(channel, 1)
        vector = oracles.BELL_VECTORS[label]
        overlap = (vector.conj() @ moved.matrix @ vector).real
        np.testing.assert_allclose(overlap, expected, rtol=1e-13)


def test_half_of_an_entangled_state_shows_the_choi_matrix(rng):
    kraus = oracles.random_kraus(rng, 2, 3)
    moved = bell_state("phi+").apply(Channel.from_kraus(kraus, 2, 3), 1)
    assert moved.dims == (2, 3)
    np.testing.assert_allclose(moved.matrix, oracles.choi_matrix(kraus) / 2, atol=1e-15)


def test_swapping_by_projection(rng):
    """A Bell projection of the inner halves leaves the outer ones in the projected state."""
    bra = Channel.from_kraus(oracles.BELL_VECTORS["phi+"].conj()[None, None], (2, 2), ())
    outer = tensor(bell_state("phi+"), bell_state("phi+")).apply(bra, (1, 2))
    assert outer.dims == (2, 2)
    np.testing.assert_allclose(outer.trace(), 0.25, rtol=1e-14)
    expected = oracles.projector(oracles.BELL_VECTORS["phi+"]) / 4
    np.testing.assert_allclose(outer.matrix, expected, atol=1e-15)


def test_one_map_on_each_of_eight_qubits(rng):
    """GHZ under a phase flip and damping of its own on each qubit, by the closed form."""
    num_qubits = 8
    flips, damping = rng.uniform(size=(2, num_qubits))
    channels = []
    for flip, amount in zip(flips, damping, strict=True):
        decay = np.array([np.diag([1, np.sqrt(1 - amount)]), [[0, np.sqrt(amount)], [0, 0]]])
        phase = np.array([np.sqrt(1 - flip) * np.eye(2), np.sqrt(flip) * np.diag([1, -1])])
        channels.append(Channel.from_kraus(phase).then(Channel.from_kraus(decay)))
    rho = ghz_state(num_qubits).apply_each(channels)
    matrix = rho.matrix
    corner = np.prod((1 - 2 * flips) * np.sqrt(1 - damping)) / 2
    np.testing.assert_allclose(matrix[0, -1], corner, rtol=1e-10, atol=1e-16)
    populations = oracles.kron(*([[g, 1 - g]] for g in damping))[0] / 2
    populations[0] += 0.5
    np.testing.assert_allclose(np.diagonal(matrix), populations, atol=1e-15)
    assert rho.trace() == 1
