"""The best brightness of a single-click link is the best of all that one could try."""

import numpy as np
import pytest

from qnet_channels.brightness import balanced_bright_populations, optimal_bright_population
from qnet_channels.links import single_click_link
from qnet_channels.node_odds import Nodes, fastest, truest
from qnet_core import bell_state, fidelity
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import secret_key_fraction

TRIED = np.exp(np.linspace(np.log(1e-12), np.log(0.5), 4001))
SETUPS = [
    {"transmissivity": 1e-3, "dark_count_probability": 1e-6},
    {"transmissivity": (0.02, 0.3), "dark_count_probability": 1e-5, "visibility": 0.9},
    {"transmissivity": 0.9, "dark_count_probability": 1e-9, "number_resolving": True},
    {"transmissivity": 0.9, "dark_count_probability": 1e-3, "phase_std_rad": 0.2},
    {"transmissivity": (1e-5, 1e-6), "dark_count_probability": 1e-8, "double_excitation_probability": (0.02, 0.04)},
]
each_setup = pytest.mark.parametrize("setup", SETUPS)


def tried(setup, brightness=TRIED):
    """Links of all brightnesses of the brighter node, the other one balanced."""
    eta = setup["transmissivity"] if isinstance(setup["transmissivity"], tuple) else (setup["transmissivity"],) * 2
    return single_click_link(**setup, bright_population=tuple(brightness * min(eta) / arm for arm in eta))


@each_setup
def test_no_brightness_gives_more_fidelity(setup):
    best = optimal_bright_population(**setup)
    all_links = tried(setup)
    assert best.fidelity >= fidelity(all_links.state, bell_state()).max() - 1e-14
    made = single_click_link(**setup, bright_population=best.bright_population)
    np.testing.assert_allclose(best.fidelity, fidelity(made.state, bell_state()), rtol=1e-13)
    np.testing.assert_allclose(best.probability, made.probability, rtol=1e-13)
    np.testing.assert_allclose(best.key_fraction, secret_key_fraction(made.state), atol=1e-12)


@each_setup
def test_the_best_fidelity_is_flat_to_both_sides(setup):
    best = optimal_bright_population(**setup)
    near = max(best.bright_population) * np.exp([-1e-4, 1e-4])
    less = fidelity(tried(setup, near).state, bell_state())
    assert (less < best.fidelity).all()
    np.testing.assert_allclose(best.fidelity - less, (best.fidelity - less).mean(), rtol=0.02)


@pytest.mark.parametrize("dark", [1e-12, 1e-15])
def test_dim_links_balance_dark_counts_against_two_photons(dark):
    best, expected = optimal_bright_population(transmissivity=1e-6, dark_count_probability=dark), np.sqrt(dark / 1e-6)
    np.testing.assert_allclose(best.bright_population[0], expected, rtol=3 * expected)
    np.testing.assert_allclose(best.fidelity, 1 - 2 * expected, atol=5 * expected**2)


@pytest.mark.parametrize("seed", range(80))
def test_no_node_is_more_than_half_bright(seed):
    """For any chances of clicks, among which half-bright nodes are often best: odds of 1 and less are tried."""
    rng = np.random.default_rng(seed)
    left, right, both = rng.uniform(0.05, 1, 3)
    nothing = both * 10 ** rng.uniform(-2, 0.5)
    coherence = np.sqrt(left * right) * rng.uniform(0.5, 1)
    scale, tilt, _ = truest(Nodes(*(np.asarray(x) for x in (nothing, left, right, both, coherence))))
    odds = scale * np.exp([tilt, -tilt])
    assert (odds <= 1 + 1e-14).all()

    def pair_fidelity(x, y):
        lone = x * left + y * right
        return (lone / 2 + coherence * np.sqrt(x * y)) / (nothing + lone + x * y * both)

    tried = np.linspace(0, 1, 401)[1:]
    best = pair_fidelity(tried[:, None], tried).max()
    assert best <= 0.5 or pair_fidelity(*odds) >= best - 1e-12


@pytest.mark.parametrize("seed", range(40))
def test_no_odds_of_enough_fidelity_are_faster(seed):
    """For any chances of clicks, among which two photons often give none, and bright nodes fewer clicks."""
    rng = np.random.default_rng(seed)
    left, right = rng.uniform(0.05, 1, 2)
    nothing, both = 0.3 * min(left, right) * rng.uniform(0, 1, 2)
    coherence, least = np.sqrt(left * right), rng.uniform(0.5, 0.6)
    scale, tilt, good = fastest(Nodes(*(np.asarray(x) for x in (nothing, left, right, both, coherence))), least)

    def chances(x, y):
        lone, clicks = x * left + y * right, nothing + x * left + y * right + x * y * both
        return (lone / 2 + coherence * np.sqrt(x * y)) / clicks >= least - 1e-12, 2 * clicks / ((1 + x) * (1 + y))

    tried = np.linspace(0, 1, 401)[1:]
    enough, probability = chances(tried[:, None], tried)
    if enough.any():
        found, best = chances(*scale * np.exp([tilt, -tilt]))
        assert good and found
        assert best >= probability[enough].max() * (1 - 1e-9)


def test_where_dark_counts_rule_the_arms_still_click_equally_often():
    best = optimal_bright_population(transmissivity=(0.5, 0.05), dark_count_probability=0.3)
    left, right = best.bright_population
    assert best.fidelity < 0.5
    one = single_click_link(
        bright_population=(left, right), transmissivity=(0.5, 0.05), dark_count_probability=0.3, target="psi+"
    )
    np.testing.assert_allclose(one.state.expect("ZI"), one.state.expect("IZ"), atol=1e-14)


BOTH = np.exp(
    np.concatenate([np.linspace(np.log(1e-8), np.log(1e-3), 40), np.linspace(np.log(1e-3), np.log(0.5), 120)])
)


def random_nodes(seed):
    rng = np.random.default_rng(seed)
    eta = tuple(10 ** rng.uniform(-4, 0, 2))
    return rng, {
        "transmissivity": eta if seed % 3 else (eta[0], eta[0]),
        "dark_count_probability": min(eta) * 10 ** rng.uniform(-6, -0.5),
        "visibility": rng.uniform(0.5, 1),
        "number_resolving": seed % 2 == 0,
        "phase_std_rad": 0.0 if seed % 5 else rng.uniform(0, 0.5),
        "double_excitation_probability": tuple(rng.uniform(0, 0.1, 2)) if seed % 4 == 0 else 0.0,
    }


@pytest.mark.parametrize("seed", range(20))
def test_no_two_populations_are_better(seed):
    rng, nodes = random_nodes(seed)
    links = single_click_link(**nodes, bright_population=(BOTH[:, None], BOTH))
    found = fidelity(links.state, bell_state())
    least = rng.uniform(0.5, max(0.51, found.max()))
    keys = np.where(links.state.expect("ZZ") > 0, links.probability * secret_key_fraction(links.state), 0)
    truest, fastest, most = (
        optimal_bright_population(**nodes, objective=objective, min_fidelity=least if objective == "rate" else None)
        for objective in ("fidelity", "rate", "key")
    )
    assert truest.fidelity >= min(found.max(), 0.5)
    assert truest.fidelity >= found.max() - 1e-12 or found.max() < 0.5
    assert np.nan_to_num(fastest.probability) >= np.where(found >= least, links.probability, 0).max() * (1 - 1e-9)
    assert np.nan_to_num(most.probability * most.key_fraction) >= keys.max() * (1 - 1e-9)
    assert not fastest.fidelity < least - 1e-12
    for best in (truest, fastest, most):
        if np.isfinite(best.fidelity):
            made = single_click_link(**nodes, bright_population=best.bright_population)
            np.testing.assert_allclose(best.fidelity, fidelity(made.state, bell_state()), rtol=1e-12)
            np.testing.assert_allclose(best.probability, made.probability, rtol=1e-12)


def test_unequal_arms_gain_from_populations_that_are_more_alike():
    """Balance by the transmissivities is what is best for dim nodes only."""
    nodes = {"transmissivity": (0.02, 0.3), "dark_count_probability": 1e-5, "visibility": 0.9}
    best = optimal_bright_population(**nodes, objective="rate", min_fidelity=0.7)
    links = tried(nodes)
    balanced = links.probability[fidelity(links.state, bell_state()) >= 0.7].max()
    assert best.probability > 1.3 * balanced


@each_setup
def test_no_link_of_enough_fidelity_is_faster(setup):
    least = 0.7
    best = optimal_bright_population(**setup, objective="rate", min_fidelity=least)
    links = tried(setup)
    good = fidelity(links.state, bell_state()) >= least
    assert best.probability >= links.probability[good].max() * (1 - 1e-12)
    if max(best.bright_population) < 0.5:
        np.testing.assert_allclose(best.fidelity, least, rtol=1e-12)


def test_fidelity_that_is_out_of_reach_is_nan():
    best = optimal_bright_population(
        transmissivity=1e-3, dark_count_probability=1e-6, objective="rate", min_fidelity=[0.93, 0.94]
    )
    for values in (*best.bright_population, best.fidelity, best.probability, best.key_fraction):
        assert np.isfinite(values[0])
        assert np.isnan(values[1])


def test_without_dark_counts_any_fidelity_is_in_reach():
    best = optimal_bright_population(transmissivity=1e-9, objective="rate", min_fidelity=[0.6, 1 - 1e-6])
    np.testing.assert_allclose(best.bright_population[0], [0.4, 1e-6], rtol=1e-6)


@each_setup
def test_no_brightness_gives_more_key(setup):
    best = optimal_bright_population(**setup, objective="key")
    links = tried(setup)
    rates = links.probability * secret_key_fraction(links.state)
    if rates.max() == 0:
        assert np.isnan(best.key_fraction)
    else:
        assert best.probability * best.key_fraction >= rates.max() * (1 - 1e-12)
    assert (rates.max() == 0) == np.isnan(best.bright_population[0])


@pytest.mark.parametrize("seed", range(40))
def test_narrow_windows_of_key_are_found(seed):
    rng = np.random.default_rng(seed)
    eta, ratio = 10 ** rng.uniform(-6, 0), 10 ** rng.uniform(-5, -1)
    setup = {"transmissivity": eta, "dark_count_probability": eta * ratio, "visibility": rng.uniform(0.6, 1)}
    setup["number_resolving"] = seed % 2 == 0
    best = optimal_bright_population(**setup, objective="key")
    links = tried(setup)
    aimed = links.state.expect("ZZ") > 0  # else both memories are mostly dark
    rates = np.where(aimed, links.probability * secret_key_fraction(links.state), 0)
    assert np.nan_to_num(best.probability * best.key_fraction) >= rates.max() * (1 - 1e-12)


def test_some_setups_give_a_key_and_some_do_not():
    best = optimal_bright_population(
        transmissivity=1e-3, dark_count_probability=[1e-9, 1e-3], visibility=0.9, objective="key"
    )
    np.testing.assert_array_equal(np.isnan(best.probability), [False, True])
    assert best.key_fraction[0] > 0


@pytest.mark.parametrize("objective", ["fidelity", "rate", "key"])
def test_points_of_a_batch_are_what_scalars_give(objective):
    least = {"min_fidelity": 0.75} if objective == "rate" else {}
    eta, dark, visibility = np.array([1e-3, 0.2]), np.array([[1e-7], [1e-6], [1e-5]]), 0.9
    batch = optimal_bright_population(
        transmissivity=(eta, 0.01), dark_count_probability=dark, visibility=visibility, objective=objective, **least
    )
    assert batch.fidelity.shape == batch.probability.shape == batch.bright_population[1].shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        one = optimal_bright_population(
            transmissivity=(eta[j], 0.01), dark_count_probability=dark[i, 0], visibility=visibility,
            objective=objective, **least,
        )  # fmt: skip
        np.testing.assert_allclose(batch.bright_population[0][i, j], one.bright_population[0], rtol=1e-5)
        np.testing.assert_allclose(batch.fidelity[i, j], one.fidelity, rtol=1e-9)


def test_arms_are_balanced():
    left, right = balanced_bright_populations(bright_population=[0.2, 0.1], transmissivity=(0.01, [[0.04], [0.01]]))
    np.testing.assert_allclose(left, [[0.2, 0.1], [0.2, 0.1]])
    np.testing.assert_allclose(right, [[0.05, 0.025], [0.2, 0.1]])
    dim = optimal_bright_population(transmissivity=(0.1, 0.4), dark_count_probability=1e-12)
    np.testing.assert_allclose(dim.bright_population[0], 4 * dim.bright_population[1], rtol=1e-4)


def test_balance_is_the_best_fidelity_at_a_rate():
    """Among dim links of the same probability, none is better than the balanced one."""
    eta, total = (0.01, 0.04), 2e-4
    left = np.linspace(0.2, 1.8, 161) * total / 2 / eta[0]
    right = (total - left * eta[0]) / eta[1]
    links = single_click_link(bright_population=(left, right), transmissivity=eta)
    assert abs(fidelity(links.state, bell_state()).argmax() - 80) <= 1


def test_balance_beyond_certainty_is_refused():
    with pytest.raises(ParameterError, match=r"`bright_population` must be at most .*0\.25, but is 0\.5"):
        balanced_bright_populations(bright_population=0.5, transmissivity=(0.4, 0.1))
    for arms in ((0.0, 0.1), (0.1, 0.0)):
        with pytest.raises(ParameterError, match="`transmissivity"):
            balanced_bright_populations(bright_population=0.5, transmissivity=arms)


def test_best_fidelity_without_dark_counts_is_refused():
    with pytest.raises(ParameterError, match="`dark_count_probability` must be greater than 0"):
        optimal_bright_population(transmissivity=0.1, dark_count_probability=[1e-6, 0.0])


@pytest.mark.parametrize(("objective", "least"), [("fidelity", 0.8), ("key", 0.8), ("rate", None)])
def test_least_fidelity_belongs_to_the_rate(objective, least):
    with pytest.raises(ParameterTypeError, match="`min_fidelity` must be"):
        optimal_bright_population(
            transmissivity=0.1, dark_count_probability=1e-6, objective=objective, min_fidelity=least
        )


@pytest.mark.parametrize("least", [0.5, 1.1, np.nan])
def test_least_fidelity_is_more_than_a_guess(least):
    with pytest.raises(ParameterError, match="`min_fidelity`"):
        optimal_bright_population(transmissivity=0.1, objective="rate", min_fidelity=least)


def test_unknown_objective_is_refused():
    with pytest.raises(ParameterError, match="`objective` must be one of fidelity, rate, key, but is 'speed'"):
        optimal_bright_population(transmissivity=0.1, objective="speed")
