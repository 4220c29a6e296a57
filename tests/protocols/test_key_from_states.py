"""Keys of pairs and channels are what Eve's purification leaves, or less where a protocol sees less."""

import warnings

import numpy as np
import pytest
import qkd_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import Fiber, amplitude_damping, dephasing, depolarizing, double_click_link, erasure, pauli_channel
from qnet_core import Channel, DensityMatrix, bell_diagonal_state, bell_state, chsh_value, random_state, werner_state
from qnet_protocols import (
    bell_test,
    channel_key_fraction,
    device_independent_key_fraction,
    repeaterless_bound,
    secret_key_fraction,
)
from qnet_protocols.b92 import b92_errors

ALL = ("bb84", "six-state", "b92", "e91", "device-independent")
SEEDS = st.integers(0, 2**32 - 1)


def noisy_pair(seed, share=0.1):
    """A pair near phi+, of no symmetry."""
    other = random_state((2, 2), rank=2, rng=np.random.default_rng(seed)).matrix
    return DensityMatrix((1 - share) * bell_state().matrix + share * other)


def depolarized(error):
    """A pair whose second qubit has suffered each Pauli with a third of this probability."""
    return werner_state(fidelity=1 - np.asarray(error, float))


def threshold(has_key, inside, outside):
    for _ in range(50):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if has_key(middle) else (inside, middle)
    return inside


@given(weights=st.tuples(*[st.floats(0.001, 1.0)] * 4))
def test_six_states_give_what_eve_does_not_know_of_bell_diagonal_pairs(weights):
    state = bell_diagonal_state(np.array([8, 1, 1, 1]) * weights / np.dot([8, 1, 1, 1], weights))
    expected = max(0.0, oracle.one_way_key(state.matrix))
    np.testing.assert_allclose(secret_key_fraction(state, "six-state"), expected, atol=1e-11)


def test_two_bases_give_it_where_errors_in_both_are_independent():
    for bit, phase in ((0.01, 0.05), (0.0, 0.2), (0.11, 0.02)):
        state = bell_diagonal_state([(1 - bit) * (1 - phase), (1 - bit) * phase, bit * (1 - phase), bit * phase])
        np.testing.assert_allclose(secret_key_fraction(state), oracle.one_way_key(state.matrix), atol=1e-12)


@given(seed=SEEDS, share=st.floats(0.0, 0.3))
def test_no_protocol_gives_more_than_eve_leaves(seed, share):
    state = noisy_pair(seed, share)
    most = max(0.0, oracle.one_way_key(state.matrix))
    for protocol in ("bb84", "six-state"):
        assert secret_key_fraction(state, protocol) <= most + 1e-10


@given(seed=SEEDS, share=st.floats(0.0, 0.1), overlap=st.floats(0.2, 0.95))
def test_b92_gives_no_more_than_eve_leaves_of_conclusive_bits(seed, share, overlap):
    state = noisy_pair(seed, share)
    _, filtered = oracle.b92_filtered(state.matrix, overlap)
    most = max(0.0, oracle.one_way_key(filtered / np.trace(filtered)))
    assert secret_key_fraction(state, "b92", overlap=overlap) <= most + 1e-9


@given(seed=SEEDS, share=st.floats(0.0, 0.3), overlap=st.floats(0.05, 0.95))
def test_b92_errors_are_those_of_the_filtered_pair(seed, share, overlap):
    state = noisy_pair(seed, share)
    _, filtered = oracle.b92_filtered(state.matrix, overlap)
    populations = np.real(np.diag(filtered))
    hadamards = np.kron(*[(oracle.PAULI["X"] + oracle.PAULI["Z"]) / np.sqrt(2)] * 2)
    phases = np.real(np.diag(hadamards @ filtered @ hadamards))
    error, phase = b92_errors(state, np.float64(overlap))
    np.testing.assert_allclose(error, (populations[1] + populations[2]) / populations.sum(), atol=1e-12)
    assert phase >= min(0.5, (phases[1] + phases[2]) / phases.sum()) - 1e-9


@pytest.mark.parametrize(("error", "overlap"), [(0.01, 0.5), (0.03, 0.7), (0.02, 0.9), (0.1, 0.4)])
def test_b92_phase_errors_are_the_most_that_any_state_could_have(error, overlap):
    """A semidefinite program over all pairs with the same bits, conclusive results and sent states."""
    cvxpy = pytest.importorskip("cvxpy")
    sent, filtered = oracle.b92_filtered(depolarized(error).matrix, overlap)
    alpha, beta = np.sqrt((1 - overlap) / 2), np.sqrt((1 + overlap) / 2)
    hadamard = (oracle.PAULI["X"] + oracle.PAULI["Z"]) / np.sqrt(2)
    bob = np.kron(np.eye(2), hadamard @ np.diag([alpha, beta]) @ hadamard)
    differ, phases = (
        np.diag([0.0, 1, 1, 0]),
        np.kron(hadamard, hadamard) @ np.diag([0.0, 1, 1, 0]) @ np.kron(hadamard, hadamard),
    )
    rho = cvxpy.Variable((4, 4), hermitian=True)
    seen = bob @ rho @ bob
    conclusive = np.trace(filtered).real
    alice = [
        sum(
            np.kron(np.eye(2)[:, [i]], np.eye(2)[:, [k]]).T @ rho @ np.kron(np.eye(2)[:, [j]], np.eye(2)[:, [k]])
            for k in range(2)
        )
        == np.trace(sent.reshape(2, 2, 2, 2)[i, :, j, :])
        for i in range(2)
        for j in range(2)
    ]
    program = cvxpy.Problem(
        cvxpy.Maximize(cvxpy.real(cvxpy.trace(phases @ seen))),
        [
            rho >> 0,
            cvxpy.real(cvxpy.trace(seen)) == conclusive,
            cvxpy.real(cvxpy.trace(differ @ seen)) == np.trace(differ @ filtered).real,
            *alice,
        ],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        most = program.solve(solver="CLARABEL") / conclusive
    phase = b92_errors(depolarized(error), np.float64(overlap))[1]
    np.testing.assert_allclose(phase, min(0.5, most), atol=2e-6)


def test_b92_ends_at_the_published_noise():
    """Tamaki, Koashi and Imoto give about 3.5 % of depolarization at the best overlap."""
    overlaps = np.linspace(0.3, 0.95, 131)
    end = threshold(
        lambda error: (secret_key_fraction(depolarized(error), "b92", overlap=overlaps) > 0).any(), 0.0, 0.1
    )
    assert 0.0335 < end < 0.0355


def test_b92_of_a_perfect_pair_is_one_bit_at_any_overlap_but_the_trivial_ones():
    overlaps = np.array([0.0, 0.01, 0.3, np.sqrt(0.5), 0.99, 1.0])
    fractions = secret_key_fraction(bell_state("phi+"), "b92", overlap=overlaps)
    np.testing.assert_allclose(fractions[1:-1], 1, atol=1e-9)
    assert fractions[0] == fractions[-1] == 0
    assert secret_key_fraction(bell_state("phi+"), "b92") == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("protocol", ["e91", "device-independent"])
def test_bell_key_ends_at_the_published_error_rate(protocol):
    """Acín et al.: 7.1 %."""
    end = threshold(lambda rate: secret_key_fraction(werner_state(fidelity=1 - 1.5 * rate), protocol) > 0, 0.0, 0.2)
    assert end == pytest.approx(0.071, abs=5e-4)


def test_bell_test_of_a_pair_by_its_settings():
    """CHSH value and errors, measured along the settings that the singular vectors give."""
    state = noisy_pair(5, 0.4)
    correlations = state.bloch[1:, 1:]
    left, sizes, right = np.linalg.svd(correlations)
    value, error = bell_test(state)
    np.testing.assert_allclose(value, chsh_value(state), rtol=1e-12)
    angle = np.arctan2(sizes[1], sizes[0])
    tests = [np.cos(angle) * left[:, 0] + sign * np.sin(angle) * left[:, 1] for sign in (1, -1)]
    table = np.array([[a @ correlations @ b for b in right[:2]] for a in tests])
    np.testing.assert_allclose(table[0, 0] + table[0, 1] + table[1, 0] - table[1, 1], value, rtol=1e-12)
    np.testing.assert_allclose((1 - left[:, 0] @ correlations @ right[0]) / 2, error, rtol=1e-12)


def test_ekert_settings_by_observables():
    state = noisy_pair(7, 0.05)

    def along(degrees):
        return np.cos(np.deg2rad(degrees)) * oracle.PAULI["Z"] + np.sin(np.deg2rad(degrees)) * oracle.PAULI["X"]

    def expect(first, second):
        return np.trace(np.kron(along(first), along(second)) @ state.matrix).real

    value = expect(0, 45) - expect(0, 135) + expect(90, 45) + expect(90, 135)
    error = np.mean([(1 - expect(45, 45)) / 2, (1 - expect(90, 90)) / 2])
    expected = device_independent_key_fraction(chsh_value=value, error_rate=error)
    assert expected > 0
    np.testing.assert_allclose(secret_key_fraction(state, "e91"), expected, rtol=1e-12)


def test_device_independent_key_needs_no_alignment():
    turned = bell_state("psi-")
    assert secret_key_fraction(turned, "device-independent") == pytest.approx(1, abs=1e-7)
    assert secret_key_fraction(turned, "e91") == 0


@pytest.mark.parametrize("value", [2.0, 1.5, 0.0, -2.5])
def test_no_violation_no_key(value):
    assert device_independent_key_fraction(chsh_value=value, error_rate=0.0) == 0


@given(weights=st.tuples(*[st.floats(0, 1)] * 4).filter(lambda w: sum(w) > 0.1), efficiency=st.floats(1.0, 1.5))
def test_worse_reconciliation_never_gives_more(weights, efficiency):
    state = bell_diagonal_state(np.array(weights) / sum(weights))
    for protocol in ALL:
        assert secret_key_fraction(state, protocol, reconciliation_efficiency=efficiency) <= secret_key_fraction(
            state, protocol
        )


@given(noise=st.tuples(*[st.floats(0, 0.05)] * 3), more=st.floats(0.0, 1.0), protocol=st.sampled_from(ALL), seed=SEEDS)
def test_depolarization_never_gives_more(noise, more, protocol, seed):
    channel = pauli_channel(x=noise[0], y=noise[1], z=noise[2])
    worse = channel.then(depolarizing(mixing=more))
    assert channel_key_fraction(worse, protocol) <= channel_key_fraction(channel, protocol) + 1e-12


def test_channel_key_is_that_of_its_pair():
    channel = amplitude_damping(damping=[0.01, 0.1]).then(dephasing(probability=0.02))
    for protocol in ALL:
        pair = bell_state("phi+").apply(channel, 1)
        np.testing.assert_allclose(channel_key_fraction(channel, protocol), secret_key_fraction(pair, protocol))


def test_lost_qubits_make_no_key():
    fiber = Fiber(np.array([0.0, 50.0, 200.0]))
    expected = fiber.transmissivity * secret_key_fraction(werner_state(fidelity=1 - 0.75 * 0.05), "bb84")
    noisy = depolarizing(mixing=0.05)
    np.testing.assert_allclose(channel_key_fraction(noisy.then(fiber.loss("dual-rail"))), expected, rtol=1e-12)
    half = Channel.from_kraus(np.sqrt(0.5) * np.eye(2)[None])
    np.testing.assert_allclose(channel_key_fraction(half, "six-state"), 0.5, rtol=1e-12)
    assert np.all(channel_key_fraction(fiber.loss("dual-rail")) <= repeaterless_bound(fiber.transmissivity))
    assert channel_key_fraction(erasure(transmissivity=0.0)) == 0


def test_no_state_has_no_number():
    states = double_click_link(transmissivity=[0.5, 0.0]).state
    for protocol in ALL:
        fractions = secret_key_fraction(states, protocol)
        assert fractions[0] == pytest.approx(1, abs=1e-7)
        assert np.isnan(fractions[1])
