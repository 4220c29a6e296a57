"""What each click pattern heralds before it is corrected."""

from itertools import product

import fock_oracle
import numpy as np
import pytest

from qnet_channels.links import (
    double_click_link,
    double_click_patterns,
    single_click_link,
    single_click_patterns,
)
from qnet_core import Channel, bell_state, fidelity

Z = Channel.from_unitary(np.diag([1.0, -1.0]))
LIGHT = {
    "transmissivity": (0.3, 0.45),
    "dark_count_probability": 2e-3,
    "visibility": 0.8,
    "double_excitation_probability": (0.1, 0.05),
}
SINGLE = LIGHT | {"bright_population": (0.2, 0.3), "phase_rad": 0.4}
DOUBLE = LIGHT | {"phase_rad": -0.7}
BY_SIGN = {1: "psi+", -1: "psi-"}
SIGN = {"plus": 1, "minus": -1}


@pytest.mark.parametrize("number_resolving", [False, True])
@pytest.mark.parametrize("name", ["plus", "minus"])
def test_each_detector_heralds_what_the_photons_leave(name, number_resolving):
    found = getattr(single_click_patterns(**SINGLE, number_resolving=number_resolving), name)
    announced = BY_SIGN[SIGN[name]]
    state, probability = fock_oracle.single_click(
        **SINGLE, number_resolving=number_resolving, patterns=[({(name, 0)}, announced)], target=announced
    )
    np.testing.assert_allclose(found.state.matrix, state, atol=1e-13)
    np.testing.assert_allclose(found.probability, probability, rtol=1e-12)


@pytest.mark.parametrize("number_resolving", [False, True])
@pytest.mark.parametrize(("first", "second"), list(product(SIGN, repeat=2)))
def test_each_pair_of_detectors_heralds_what_the_photons_leave(first, second, number_resolving):
    found = getattr(double_click_patterns(**DOUBLE, number_resolving=number_resolving), f"{first}_{second}")
    announced = BY_SIGN[SIGN[first] * SIGN[second]]
    state, probability = fock_oracle.double_click(
        **DOUBLE,
        number_resolving=number_resolving,
        patterns=[({(first, 0), (second, 1)}, announced)],
        target=announced,
    )
    np.testing.assert_allclose(found.state.matrix, state, atol=1e-13)
    np.testing.assert_allclose(found.probability, probability, rtol=1e-12)


def random_light(seed):
    """All parameters at random; extra photons, which take the simulation long, now and then."""
    rng = np.random.default_rng(5000 + seed)
    return rng, {
        "transmissivity": tuple(rng.uniform(0.01, 1, 2)),
        "dark_count_probability": 0.0 if seed % 5 == 0 else 10 ** rng.uniform(-6, -0.5),
        "visibility": 1.0 if seed % 7 == 0 else rng.uniform(0, 1),
        "phase_rad": rng.uniform(-np.pi, np.pi),
        "phase_std_rad": rng.uniform(0, 0.8) if seed % 8 == 1 else 0.0,
        "number_resolving": seed % 2 == 0,
        "double_excitation_probability": tuple(rng.uniform(0, 1, 2)) if seed % 8 == 0 else (0.0, 0.0),
    }


def assert_pattern(found, expected):
    np.testing.assert_allclose(found.state.matrix, expected[0], atol=1e-10)
    np.testing.assert_allclose(found.probability, expected[1], rtol=1e-10)


@pytest.mark.parametrize("seed", range(200))
def test_each_detector_is_right_at_random(seed):
    rng, light = random_light(seed)
    light["bright_population"] = tuple(rng.uniform(0.01, 0.99, 2))
    name = ("plus", "minus")[seed // 2 % 2]
    announced = BY_SIGN[SIGN[name]]
    expected = fock_oracle.single_click(**light, patterns=[({(name, 0)}, announced)], target=announced)
    assert_pattern(getattr(single_click_patterns(**light), name), expected)


@pytest.mark.parametrize("seed", range(200))
def test_each_pair_of_detectors_is_right_at_random(seed):
    _, light = random_light(seed)
    first, second = list(product(SIGN, repeat=2))[seed // 2 % 4]
    announced = BY_SIGN[SIGN[first] * SIGN[second]]
    patterns = [({(first, 0), (second, 1)}, announced)]
    expected = fock_oracle.double_click(**light, patterns=patterns, target=announced)
    assert_pattern(getattr(double_click_patterns(**light), f"{first}_{second}"), expected)


def test_the_link_is_the_mean_of_its_corrected_patterns():
    patterns, link = single_click_patterns(**SINGLE), single_click_link(**SINGLE, target="psi+")
    mean = patterns.plus.probability * patterns.plus.state.matrix
    mean = mean + patterns.minus.probability * patterns.minus.state.apply(Z, 1).matrix
    np.testing.assert_allclose(mean, link.probability * link.state.matrix, atol=1e-15)
    patterns, link = double_click_patterns(**DOUBLE), double_click_link(**DOUBLE, target="psi-")
    flips = [True, False, False, True]
    mean = sum(
        p.probability * (p.state.apply(Z, 1) if flip else p.state).matrix
        for p, flip in zip(patterns, flips, strict=True)
    )
    np.testing.assert_allclose(mean, link.probability * link.state.matrix, atol=1e-15)


def test_patterns_are_named_and_near_the_bell_state_that_they_announce():
    assert single_click_patterns(bright_population=0.1, transmissivity=0.1)._fields == ("plus", "minus")
    patterns = double_click_patterns(transmissivity=0.3)
    assert patterns._fields == ("plus_plus", "plus_minus", "minus_plus", "minus_minus")
    for pattern, announced in zip(patterns, ("psi+", "psi-", "psi-", "psi+"), strict=True):
        np.testing.assert_allclose(fidelity(pattern.state, bell_state(announced)), 1, rtol=1e-14)


def test_a_station_that_takes_psi_minus_only_has_half_the_probability():
    patterns = double_click_patterns(transmissivity=0.2)
    np.testing.assert_allclose(patterns.plus_minus.probability + patterns.minus_plus.probability, 0.2**2 / 4)


def test_patterns_come_in_batches():
    patterns = single_click_patterns(bright_population=np.array([0.1, 0.0]), transmissivity=[[0.1], [0.0]])
    assert patterns.minus.state.batch_shape == patterns.minus.probability.shape == (2, 2)
    assert np.isnan(patterns.plus.state.bloch[1, 0]).all()
    assert np.isfinite(patterns.plus.state.bloch[0, 0]).all()
