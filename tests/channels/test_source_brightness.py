"""The best brightness of pair sources is the best of all that one could try."""

import numpy as np
import pytest

from qnet_channels.dlcz import dlcz_link
from qnet_channels.dlcz_brightness import optimal_dlcz_brightness
from qnet_channels.source_brightness import optimal_spdc_brightness
from qnet_channels.spdc import spdc_link
from qnet_core import DensityMatrix, bell_state, fidelity, tensor
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import secret_key_fraction

TRIED = np.exp(np.linspace(np.log(1e-9), 0, 3001))
BOTH = np.exp(np.concatenate([np.linspace(np.log(1e-8), np.log(1e-4), 20), np.linspace(np.log(1e-4), 0, 60)]))
PSI = np.array([0, 1, 1, 0]) / np.sqrt(2)
OPTIMA = [optimal_spdc_brightness, optimal_dlcz_brightness]
each_optimum = pytest.mark.parametrize("optimal", OPTIMA)


def random_setup(seed):
    rng = np.random.default_rng(seed)
    eta = tuple(10 ** rng.uniform(-3.5, 0, 2))
    return rng, {
        "transmissivity": eta if seed % 3 else (eta[0], eta[0]),
        "dark_count_probability": min(eta) * 10 ** rng.uniform(-6, -0.5),
        "number_resolving": seed % 2 == 0,
    }


def assert_best(optimal, setup, least, fidelities, probabilities, keys):
    best = {
        objective: optimal(**setup, objective=objective, min_fidelity=least if objective == "rate" else None)
        for objective in ("fidelity", "rate", "key")
    }
    assert best["fidelity"].fidelity >= fidelities.max() - 1e-12
    fast = np.where(fidelities >= least, probabilities, 0).max()
    assert np.nan_to_num(best["rate"].probability) >= fast * (1 - 1e-9)
    assert not best["rate"].fidelity < least - 1e-12
    assert np.nan_to_num(best["key"].probability * best["key"].key_fraction) >= keys.max() * (1 - 1e-9)
    return best.values()


@pytest.mark.parametrize("seed", range(30))
def test_no_source_of_polarization_pairs_is_better(seed):
    rng, setup = random_setup(seed)
    links = spdc_link(**setup, mean_photons=TRIED)
    found = fidelity(links.state, bell_state())
    keys = links.probability * secret_key_fraction(links.state)
    found_best = assert_best(
        optimal_spdc_brightness, setup, rng.uniform(0.5, max(0.51, found.max())), found, links.probability, keys
    )
    for best in found_best:
        if np.isfinite(best.fidelity):
            made = spdc_link(**setup, mean_photons=best.mean_photons)
            np.testing.assert_allclose(best.fidelity, fidelity(made.state, bell_state()), rtol=1e-12)
            np.testing.assert_allclose(best.probability, made.probability, rtol=1e-12)
            np.testing.assert_allclose(best.key_fraction, secret_key_fraction(made.state), atol=1e-12)


def two_links(link):
    """State of the pair and its probability where each node finds one excitation in the memories of two links."""
    state = tensor(link.state, link.state)  # left, right of one link, left, right of the other
    rho = state.matrix.reshape(2, 2, 2, 2, 2, 2, 2, 2)
    pair = np.zeros((2, 2, 2, 2), complex)
    for a, b, c, d in np.ndindex(2, 2, 2, 2):  # which link has the excitation of the left node, and of the right one
        pair[a, b, c, d] = rho[1 - a, 1 - b, a, b, 1 - c, 1 - d, c, d]
    pair = pair.reshape(4, 4)
    weight = np.trace(pair).real
    return DensityMatrix(pair / weight, (2, 2)), weight


def dlcz_fidelity(links):
    return links.state.expect(np.outer(PSI, PSI))


@pytest.mark.parametrize("seed", range(12))
def test_no_two_sources_are_better(seed):
    rng, setup = random_setup(seed)
    setup |= {"visibility": rng.uniform(0.6, 1), "phase_std_rad": 0.3 if seed % 4 == 0 else 0.0}
    links = dlcz_link(**setup, mean_photons=(BOTH[:, None], BOTH), max_photons=1, max_tail=1.0)
    rho = links.state.matrix.real
    wrong, right = rho[..., 0, 0] * rho[..., 3, 3], rho[..., 1, 1] * rho[..., 2, 2]
    errors = wrong / (wrong + right), (1 - rho[..., 1, 2] ** 2 / (wrong + right)) / 2
    entropy = sum(-e * np.log2(e + 1e-300) - (1 - e) * np.log2(1 - e) for e in errors)
    keys = np.where(wrong < right, links.probability * (wrong + right) * np.maximum(0, 1 - entropy), 0)
    found = dlcz_fidelity(links)
    found_best = assert_best(
        optimal_dlcz_brightness, setup, rng.uniform(0.5, max(0.51, found.max())), found, links.probability, keys
    )
    for best in found_best:
        if np.isfinite(best.fidelity):
            made = dlcz_link(**setup, mean_photons=best.mean_photons, max_photons=1, max_tail=1.0)
            np.testing.assert_allclose(best.fidelity, dlcz_fidelity(made), rtol=1e-12)
            np.testing.assert_allclose(best.probability, made.probability, rtol=1e-12)
            pair, weight = two_links(made)
            flipped = fidelity(pair, bell_state("psi+")) > 0.5
            expected = weight * secret_key_fraction(pair) / 2 if flipped else 0
            np.testing.assert_allclose(best.key_fraction, expected, atol=1e-12)


def test_dim_sources_of_unequal_arms_are_balanced():
    eta = (0.1, 0.4)
    left, right = optimal_dlcz_brightness(transmissivity=eta, dark_count_probability=1e-12).mean_photons
    np.testing.assert_allclose(left * eta[0], right * eta[1], rtol=1e-3)


def test_a_dim_source_balances_its_pairs_against_dark_counts():
    """Errors are (μη + p_d)² of pairs μη², which are fewest, 4 p_d/η, where photons and dark counts are as many."""
    eta, dark = 1e-4, 1e-10
    best = optimal_spdc_brightness(transmissivity=eta, dark_count_probability=dark)
    np.testing.assert_allclose(best.mean_photons, dark / eta, rtol=1e-3)
    np.testing.assert_allclose(1 - best.fidelity, 6 * dark / eta, rtol=1e-3)


def test_without_dark_counts_any_fidelity_is_in_reach():
    best = optimal_spdc_brightness(transmissivity=1e-6, objective="rate", min_fidelity=[0.9, 1 - 1e-5])
    expected = (1 + 3 * (1 + best.mean_photons) / (1 + 3 * best.mean_photons)) / 4
    np.testing.assert_allclose(expected, [0.9, 1 - 1e-5], atol=1e-6)


@each_optimum
@pytest.mark.parametrize("objective", ["fidelity", "rate", "key"])
def test_points_of_a_batch_are_what_scalars_give(optimal, objective):
    least = {"min_fidelity": 0.75} if objective == "rate" else {}
    eta, dark = np.array([1e-3, 0.2]), np.array([[1e-7], [1e-5]])
    batch = optimal(transmissivity=(eta, 0.01), dark_count_probability=dark, objective=objective, **least)
    assert batch.fidelity.shape == batch.probability.shape == batch.key_fraction.shape == (2, 2)
    for i, j in np.ndindex(2, 2):
        one = optimal(transmissivity=(eta[j], 0.01), dark_count_probability=dark[i, 0], objective=objective, **least)
        np.testing.assert_allclose(np.asarray(batch.mean_photons)[..., i, j], np.asarray(one.mean_photons), rtol=1e-5)
        np.testing.assert_allclose(batch.fidelity[i, j], one.fidelity, rtol=1e-9)


@each_optimum
def test_what_is_out_of_reach_is_nan_at_its_point_only(optimal):
    best = optimal(transmissivity=1e-3, dark_count_probability=[1e-8, 1e-2], objective="rate", min_fidelity=0.9)
    np.testing.assert_array_equal(np.isnan(best.fidelity), [False, True])
    np.testing.assert_array_equal(np.isnan(np.asarray(best.mean_photons)).reshape(-1, 2).all(axis=0), [False, True])
    key = optimal(transmissivity=1e-3, dark_count_probability=[1e-8, 1e-2], objective="key")
    np.testing.assert_array_equal(np.isnan(key.probability), [False, True])


@each_optimum
def test_what_the_objective_needs(optimal):
    with pytest.raises(ParameterError, match="`dark_count_probability` must be greater than 0"):
        optimal(transmissivity=0.1)
    with pytest.raises(ParameterTypeError, match="`min_fidelity` must be a number"):
        optimal(transmissivity=0.1, objective="rate")
    with pytest.raises(ParameterTypeError, match="`min_fidelity` must be None"):
        optimal(transmissivity=0.1, objective="key", min_fidelity=0.9)
    with pytest.raises(ParameterError, match="`objective` must be one of fidelity, rate, key, but is 'speed'"):
        optimal(transmissivity=0.1, objective="speed")
    with pytest.raises(ParameterError, match="`transmissivity` must be between 0 and 1 and not 0"):
        optimal(transmissivity=0.0, objective="key")
