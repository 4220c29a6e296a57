"""Heralded links against a brute-force simulation in Fock space, and their limits."""

import fock_oracle
import numpy as np
import pytest

from qnet_channels import double_click_link, single_click_link
from qnet_core import bell_state, fidelity

TARGETS = ["phi+", "phi-", "psi+", "psi-"]
SEEDS = range(32)


def random_arms(rng):
    """Two different numbers; now and then a perfect or a dead arm."""
    left, right = rng.uniform(0.01, 0.99, size=2)
    return rng.choice([(left, right), (left, right), (1.0, right), (left, 0.0)])


def random_parameters(seed):
    """What both schemes share: dark counts on a logarithmic scale, all targets, both kinds of detector."""
    rng = np.random.default_rng(seed)
    return rng, {
        "transmissivity": tuple(random_arms(rng)),
        "dark_count_probability": 0.0 if seed % 5 == 0 else 10 ** rng.uniform(-6, -0.5),
        "visibility": 1.0 if seed % 7 == 0 else rng.uniform(0, 1),
        "number_resolving": seed % 2 == 0,
        "target": TARGETS[seed // 2 % 4],
    }


def assert_link(link, expected_state, expected_probability):
    np.testing.assert_allclose(link.state.matrix, expected_state, atol=1e-10)
    np.testing.assert_allclose(link.probability, expected_probability, rtol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_single_click_is_what_the_photons_do(seed):
    rng, parameters = random_parameters(seed)
    parameters |= {
        "bright_population": tuple(rng.uniform(0.01, 0.99, size=2)),
        "phase_rad": rng.uniform(-np.pi, np.pi),
        "phase_std_rad": 0.0 if seed % 3 == 0 else rng.uniform(0, 0.8),
    }
    assert_link(single_click_link(**parameters), *fock_oracle.single_click(**parameters))


@pytest.mark.parametrize("seed", SEEDS)
def test_double_click_is_what_the_photons_do(seed):
    _, parameters = random_parameters(seed)
    if seed % 5 == 0:  # a dead arm without dark counts never heralds
        parameters["transmissivity"] = (0.3, 0.8)
    assert_link(double_click_link(**parameters), *fock_oracle.double_click(**parameters))


@pytest.mark.parametrize("target", TARGETS)
def test_ideal_photons_give_the_target(target):
    dim = single_click_link(bright_population=1e-9, transmissivity=0.5, target=target)
    np.testing.assert_allclose(fidelity(dim.state, bell_state(target)), 1, atol=1e-8)
    double = double_click_link(transmissivity=1.0, target=target)
    np.testing.assert_allclose(fidelity(double.state, bell_state(target)), 1, atol=1e-15)
    np.testing.assert_allclose(double.probability, 0.5, rtol=1e-15)


def test_one_photon_loses_coherence_as_the_root_of_the_visibility():
    visibility = np.linspace(0, 1, 6)
    link = single_click_link(bright_population=0.1, transmissivity=1e-12, visibility=visibility)
    expected = 0.9 * (1 + np.sqrt(visibility)) / 2
    np.testing.assert_allclose(fidelity(link.state, bell_state("phi+")), expected, atol=1e-11)


def test_two_photons_lose_coherence_as_the_visibility():
    visibility = np.linspace(0, 1, 6)
    link = double_click_link(transmissivity=(0.3, 0.02), visibility=visibility)
    np.testing.assert_allclose(fidelity(link.state, bell_state("phi+")), (1 + visibility) / 2, atol=1e-14)
    np.testing.assert_allclose(link.probability, 0.3 * 0.02 / 2, rtol=1e-14)


def test_threshold_detectors_take_two_photons_for_one():
    bright, eta = 0.3, 0.4
    both = {"bright_population": bright, "transmissivity": eta, "visibility": 0.7}
    lone_photon = 2 * bright * eta - 2 * bright**2 * eta**2
    threshold = single_click_link(**both).probability
    resolving = single_click_link(**both, number_resolving=True).probability
    np.testing.assert_allclose(threshold, lone_photon + bright**2 * eta**2 * (1 + 0.7) / 2, rtol=1e-14)
    np.testing.assert_allclose(resolving, lone_photon, rtol=1e-14)


def test_dark_counts_alone_herald_the_memories_as_they_were():
    link = single_click_link(
        bright_population=(0.2, 0.3), transmissivity=0.0, dark_count_probability=0.1, target="psi+"
    )
    np.testing.assert_allclose(link.state.matrix, np.diag([0.56, 0.24, 0.14, 0.06]), atol=1e-15)
    np.testing.assert_allclose(link.probability, 2 * 0.1 * 0.9, rtol=1e-14)


def test_one_value_stands_for_both_arms():
    one = single_click_link(bright_population=0.1, transmissivity=0.2, visibility=0.9, dark_count_probability=1e-3)
    two = single_click_link(
        bright_population=(0.1, 0.1), transmissivity=(0.2, 0.2), visibility=0.9, dark_count_probability=1e-3
    )
    np.testing.assert_array_equal(one.state.bloch, two.state.bloch)
    np.testing.assert_array_equal(one.probability, two.probability)


def test_an_array_of_two_is_a_batch_and_no_pair():
    batch = double_click_link(transmissivity=np.array([0.1, 0.4]))
    assert batch.state.batch_shape == (2,)
    np.testing.assert_allclose(batch.probability, [0.005, 0.08], rtol=1e-14)


@pytest.mark.parametrize("link", [single_click_link, double_click_link])
def test_no_click_ever_leaves_no_state(link):
    bright = {"bright_population": 0.1} if link is single_click_link else {}
    result = link(transmissivity=np.array([0.0, 0.5]), **bright)
    assert result.probability[0] == 0
    assert np.all(np.isnan(result.state.bloch[0]))
    assert np.all(np.isfinite(result.state.bloch[1]))
    assert result.state.bloch[1, 0, 0] == 1
