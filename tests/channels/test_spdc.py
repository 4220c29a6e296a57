"""Parametric sources against sums over photon numbers and simulation in truncated number states."""

from itertools import product
from math import comb

import numpy as np
import optics_oracle
import pytest

from qnet_channels.spdc import coincidences, heralded_g2, pair_number_distribution, spdc_link
from qnet_core import bell_state, fidelity, werner_state

SEEDS = range(200)


def random_source(seed):
    rng = np.random.default_rng(seed)
    left, right = rng.uniform(0.01, 1, 2)
    return {
        "mean_photons": 10 ** rng.uniform(-4, -1.3),
        "transmissivity": [(left, right), (1.0, right), (left, left)][seed % 3],
        "dark_count_probability": 0.0 if seed % 5 == 0 else 10 ** rng.uniform(-8, -1),
        "number_resolving": seed % 2 == 0,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_polarization_pairs_are_what_the_photons_show(seed):
    source = random_source(seed)
    link = spdc_link(**source)
    bloch, probability = optics_oracle.spdc(**source)
    np.testing.assert_allclose(link.state.bloch, bloch, atol=1e-10)
    for basis in ("XX", "YY", "ZZ"):
        np.testing.assert_allclose(link.probability, probability[basis], rtol=1e-10)
    unlike = [probability[a + b] for a in "XYZ" for b in "XYZ" if a != b]
    if source["number_resolving"]:
        np.testing.assert_allclose(unlike, link.probability, rtol=1e-10)
    else:
        assert (np.array(unlike) < link.probability).all()


def thermal(mean, most=400):
    return (mean / (1 + mean)) ** np.arange(most + 1) / (1 + mean)


@pytest.mark.parametrize(("kind", "modes"), [("two-mode", 1), ("polarization", 2)])
def test_pairs_of_both_polarizations_are_those_of_two_sources(kind, modes):
    found = pair_number_distribution(mean_photons=[0.0, 0.3], max_pairs=40, kind=kind)
    assert found.shape == (2, 41)
    np.testing.assert_array_equal(found[0], np.eye(41)[0])
    expected = thermal(0.3, 40) if modes == 1 else np.convolve(thermal(0.3, 40), thermal(0.3, 40))[:41]
    np.testing.assert_allclose(found[1], expected, rtol=1e-12)


@pytest.mark.parametrize("mean", [1e-3, 0.05, 0.7, 4.0])
@pytest.mark.parametrize("dark", [0.0, 0.01])
def test_clicks_are_sums_over_numbers_of_pairs(mean, dark):
    weights, numbers = thermal(mean), np.arange(401)
    silent = [(1 - dark) * (1 - eta) ** numbers for eta in (0.3, 0.2)]
    found = coincidences(mean_photons=mean, transmissivity=(0.3, 0.2), dark_count_probability=dark)
    both = weights @ ((1 - silent[0]) * (1 - silent[1]))
    alone = [weights @ (1 - s) for s in silent]
    np.testing.assert_allclose([found.left, found.right, found.coincidence], [*alone, both], rtol=1e-12)
    np.testing.assert_allclose(found.ratio, both / alone[0] / alone[1], rtol=1e-12)
    np.testing.assert_allclose([found.heralding_left, found.heralding_right], both / np.array(alone[::-1]), rtol=1e-12)


@pytest.mark.parametrize("mean", [1e-3, 0.05, 0.7])
@pytest.mark.parametrize("dark", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("eta", [0.02, 0.4, 1.0])
def test_heralded_autocorrelation_is_a_sum_over_numbers_of_pairs(mean, dark, eta):
    numbers = np.arange(401)
    weights = thermal(mean) * (1 - (1 - dark) * (1 - eta) ** numbers)
    expected = (weights @ (numbers * (numbers - 1))) * weights.sum() / (weights @ numbers) ** 2
    found = heralded_g2(mean_photons=mean, transmissivity=eta, dark_count_probability=dark)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_loss_of_the_heralded_arm_leaves_its_autocorrelation():
    """Moments of what is left of n photons are those of n times powers of the transmissivity."""
    left = np.array([[comb(n, k) * 0.3**k * 0.7 ** (n - k) for n in range(61)] for k in range(61)])
    numbers = np.arange(61)
    before = thermal(0.2, 60) * (1 - 0.5**numbers)
    after = left @ before
    g2 = (after @ (numbers * (numbers - 1))) * after.sum() / (after @ numbers) ** 2
    np.testing.assert_allclose(heralded_g2(mean_photons=0.2, transmissivity=0.5), g2, rtol=1e-11)


def test_dark_counts_herald_thermal_light():
    np.testing.assert_allclose(heralded_g2(mean_photons=0.1, transmissivity=0.0, dark_count_probability=0.1), 2)


@pytest.mark.parametrize("eta", [1e-3, 1e-6, 1e-9])
def test_weak_sources_keep_their_digits(eta):
    """To lowest order in the transmissivity, correlations are those of single photons, by all numbers of pairs."""
    mean = 0.05
    found = coincidences(mean_photons=mean, transmissivity=eta)
    np.testing.assert_allclose(found.coincidence, eta**2 * mean * (1 + 2 * mean), rtol=3 * eta)
    np.testing.assert_allclose(found.visibility, (1 + mean) / (1 + 3 * mean), rtol=3 * eta)
    link = spdc_link(mean_photons=mean, transmissivity=eta)
    np.testing.assert_allclose(link.probability, 2 * eta**2 * mean * (1 + 3 * mean), rtol=5 * eta)
    np.testing.assert_allclose(link.state.expect("XX"), (1 + mean) / (1 + 3 * mean), rtol=5 * eta)


def test_a_dim_source_with_good_detectors_makes_the_bell_state():
    link = spdc_link(mean_photons=1e-9, transmissivity=0.7, target="psi-")
    np.testing.assert_allclose(fidelity(link.state, bell_state("psi-")), 1, atol=1e-8)
    np.testing.assert_allclose(link.probability, 2e-9 * 0.49, rtol=1e-7)


def test_dark_counts_alone_make_white_noise():
    link = spdc_link(mean_photons=0.0, transmissivity=0.5, dark_count_probability=0.1)
    np.testing.assert_allclose(link.state.matrix, np.eye(4) / 4, atol=1e-15)
    np.testing.assert_allclose(link.probability, (2 * 0.1 * 0.9) ** 2, rtol=1e-14)


@pytest.mark.parametrize("target", ["phi+", "phi-", "psi+", "psi-"])
def test_the_state_is_a_werner_state_of_the_target(target):
    link = spdc_link(mean_photons=0.05, transmissivity=(0.3, 0.2), dark_count_probability=1e-3, target=target)
    werner = werner_state(fidelity=fidelity(link.state, bell_state(target)), label=target)
    np.testing.assert_allclose(link.state.bloch, werner.bloch, atol=1e-15)


def test_counting_detectors_show_the_state_of_one_photon_in_each_arm():
    """The source's state with one photon kept in each arm, coherence included, for every number of lost ones."""
    mean, eta, most = 0.05, (0.3, 0.2), 10
    modes = optics_oracle.Modes(2, most)
    pairs = optics_oracle.thermal_amplitudes(mean, most)
    rho = np.zeros((4, 4))
    for lost in product([n for n in modes.states if sum(n) < most], repeat=2):  # in the left arm, in the right one
        vector = np.zeros(4)
        for kept in product((0, 1), repeat=2):
            arms = [tuple(x + (k == p) for p, x in enumerate(gone)) for k, gone in zip(kept, lost, strict=True)]
            if arms[0] == arms[1]:
                shares = [
                    optics_oracle.thinned(n, e)[n - x]
                    for e, arm, gone in zip(eta, arms, lost, strict=True)
                    for n, x in zip(arm, gone, strict=True)
                ]
                vector[2 * kept[0] + kept[1]] = pairs[arms[0][0]] * pairs[arms[0][1]] * np.sqrt(np.prod(shares))
        rho += np.outer(vector, vector)
    link = spdc_link(mean_photons=mean, transmissivity=eta, number_resolving=True)
    np.testing.assert_allclose(link.probability * link.state.matrix, rho, atol=1e-14)
