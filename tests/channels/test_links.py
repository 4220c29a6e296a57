"""Heralded links against a brute-force simulation in Fock space, and their limits."""

import fock_oracle
import numpy as np
import pytest

from qnet_channels import double_click_link, single_click_link
from qnet_core import bell_state, fidelity

TARGETS = ["phi+", "phi-", "psi+", "psi-"]
SEEDS = range(200)


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
        "phase_rad": rng.uniform(-np.pi, np.pi),
        "phase_std_rad": rng.uniform(0, 0.8) if seed % 8 == 0 else 0.0,
        "double_excitation_probability": (0.0, 0.0) if seed % 4 == 3 else tuple(rng.uniform(0, 1, 2)),
    }


def assert_link(link, expected_state, expected_probability):
    np.testing.assert_allclose(link.state.matrix, expected_state, atol=1e-10)
    np.testing.assert_allclose(link.probability, expected_probability, rtol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_single_click_is_what_the_photons_do(seed):
    rng, parameters = random_parameters(seed)
    parameters["bright_population"] = tuple(rng.uniform(0.01, 0.99, size=2))
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


def test_an_extra_photon_costs_coherence_and_adds_clicks():
    """Each emitter costs about p2 of the coherence and adds p2/2 of the clicks, whether or not the photon is seen."""
    twice = np.array([0.0, 0.03, 0.4])
    weak = {"transmissivity": 1e-9, "double_excitation_probability": twice}
    single = single_click_link(bright_population=0.1, **weak)
    np.testing.assert_allclose(single.state.expect("XX"), 0.9 * (1 - twice) / (1 + twice), rtol=1e-8)
    np.testing.assert_allclose(single.probability, 2 * 0.1 * 1e-9 * (1 + twice), rtol=1e-8)
    double = double_click_link(**weak)
    np.testing.assert_allclose(double.state.expect("XX"), ((1 - twice) / (1 + twice)) ** 2, rtol=1e-8)
    np.testing.assert_allclose(double.probability, 1e-18 / 2 * (1 + twice) ** 2, rtol=1e-8)


@pytest.mark.parametrize("both", [{"transmissivity": 0.3}, {"transmissivity": (0.9, 0.2), "number_resolving": True}])
def test_two_photons_from_every_emission_leave_no_coherence(both):
    certain = {"double_excitation_probability": 1.0, **both}
    for link in (single_click_link(bright_population=0.2, **certain), double_click_link(**certain)):
        np.testing.assert_array_equal(link.state.expect("XX"), 0)
        np.testing.assert_array_equal(link.state.expect("XY"), 0)
        assert link.probability > 0


def test_an_emitter_that_stays_dark_emits_no_extra_photon():
    link = single_click_link(
        bright_population=(0.0, 0.3),
        transmissivity=0.2,
        dark_count_probability=1e-3,
        double_excitation_probability=(0.7, 0.0),
    )
    expected = single_click_link(bright_population=(0.0, 0.3), transmissivity=0.2, dark_count_probability=1e-3)
    np.testing.assert_allclose(link.state.bloch, expected.state.bloch, atol=1e-15)


def test_drift_between_rails_costs_coherence():
    phase, spread = 0.4, 0.3
    link = double_click_link(transmissivity=0.2, visibility=0.9, phase_rad=phase, phase_std_rad=spread, target="psi+")
    expected = 0.9 * np.exp(-(spread**2) / 2 + 1j * phase) / 2
    np.testing.assert_allclose(link.state.matrix[2, 1], expected, rtol=1e-14)


@pytest.mark.parametrize("number_resolving", [False, True])
@pytest.mark.parametrize("eta", [1e-4, 1e-8, 1e-14])
def test_weak_links_keep_their_digits(eta, number_resolving):
    """Nothing is the difference of nearly equal numbers: the state does not depend on a tiny transmissivity."""
    both = {"dark_count_probability": 1e-3 * eta, "visibility": 0.9, "double_excitation_probability": 0.02}
    both |= {"number_resolving": number_resolving}
    weakest = {"transmissivity": 1e-15} | both | {"dark_count_probability": 1e-18}
    for link, more in ((single_click_link, {"bright_population": 0.05}), (double_click_link, {})):
        bloch = link(transmissivity=eta, **both, **more).state.bloch
        np.testing.assert_allclose(bloch, link(**weakest, **more).state.bloch, atol=3 * eta + 1e-14)


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
