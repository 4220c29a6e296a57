"""Reflection of time-bin light off two cavities, against photons followed one by one, and limits."""

import numpy as np
import optics_oracle
import pytest

from qnet_channels import dephasing
from qnet_channels.cavity import cavity_reflection_link, cavity_reflection_patterns, cavity_reflectivity
from qnet_core import Channel, bell_state, fidelity
from qnet_core.errors import ParameterError

SEEDS = range(200)
Z = Channel.from_unitary(np.diag([1.0, -1.0]))


def random_reflection(seed):
    rng = np.random.default_rng(seed)

    def amplitudes():
        return tuple(np.sqrt(rng.uniform(0, 1, 2)) * np.exp(2j * np.pi * rng.uniform(0, 1, 2)))

    return {
        "reflectivity_bright": amplitudes(),
        "reflectivity_dark": amplitudes(),
        "transmissivity": 1.0 if seed % 5 == 0 else rng.uniform(0.05, 1),
        "link_transmissivity": 1.0 if seed % 7 == 0 else rng.uniform(0.05, 1),
        "dark_count_probability": 0.0 if seed % 4 == 0 else 10 ** rng.uniform(-8, -1),
        "emission_probability": 1.0 if seed % 3 == 0 else rng.uniform(0.1, 1),
        "number_resolving": seed % 2 == 0,
        "mean_photons": None if seed % 3 == 1 else 10 ** rng.uniform(-5, -3),
    }


def assert_reflected(given, **oracle):
    patterns = cavity_reflection_patterns(**given)
    for name, found in patterns._asdict().items():
        expected = optics_oracle.reflection(**given, clicked=name, **oracle)
        probability = np.trace(expected).real
        np.testing.assert_allclose(found.probability, probability, rtol=1e-10)
        np.testing.assert_allclose(found.state.matrix, expected / probability, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_memories_are_what_the_light_leaves(seed):
    given = random_reflection(seed)
    if (given["mean_photons"] or 1) < 1e-4:  # so few photons that three are enough
        assert_reflected(given, most=3)
    else:
        assert_reflected(given, most=4)


@pytest.mark.parametrize("seed", range(6))
def test_bright_pulses_are_poissonian(seed):
    given = random_reflection(seed) | {"mean_photons": 0.02 + 0.01 * (seed // 2)}
    assert_reflected(given, most=6)


def test_the_link_is_the_mean_of_its_corrected_patterns():
    given = random_reflection(5)
    link, patterns = cavity_reflection_link(**given), cavity_reflection_patterns(**given)
    mean = patterns.plus.probability * patterns.plus.state.matrix
    mean = mean + patterns.minus.probability * patterns.minus.state.apply(Z, 1).matrix
    np.testing.assert_allclose(link.probability * link.state.matrix, mean, atol=1e-16)
    np.testing.assert_allclose(link.probability, patterns.plus.probability + patterns.minus.probability, rtol=1e-14)


@pytest.mark.parametrize("target", ["phi+", "phi-", "psi+", "psi-"])
def test_the_target_is_reached(target):
    link = cavity_reflection_link(
        reflectivity_bright=1.0, reflectivity_dark=0.0, transmissivity=0.2, link_transmissivity=0.3, target=target
    )
    np.testing.assert_allclose(fidelity(link.state, bell_state(target)), 1, rtol=1e-14)
    np.testing.assert_allclose(link.probability, 0.2 * 0.3 / 4, rtol=1e-14)


def test_opposite_phases_herald_with_certainty():
    """r = +1 and -1: the photon always comes back, and the parity of the memories chooses the detector."""
    plus, minus = cavity_reflection_patterns(reflectivity_bright=1.0, reflectivity_dark=-1.0)
    np.testing.assert_allclose([plus.probability, minus.probability], [1.0, 0.0], atol=1e-16)
    np.testing.assert_allclose(plus.state.matrix, np.outer([1, -1, -1, 1], [1, -1, -1, 1]) / 4, atol=1e-16)


def test_a_weak_pulse_is_a_photon_that_seldom_comes():
    both = {"reflectivity_bright": 0.95, "reflectivity_dark": 0.1j, "transmissivity": 0.3}
    photon = cavity_reflection_link(**both)
    pulse = cavity_reflection_link(**both, mean_photons=1e-9)
    np.testing.assert_allclose(pulse.state.bloch, photon.state.bloch, atol=1e-8)
    np.testing.assert_allclose(pulse.probability, 1e-9 * photon.probability, rtol=1e-8)


def test_photons_that_are_not_counted_dephase():
    """A pulse of n photons of which one clicks leaves n more elsewhere, each of which knows the memories."""
    mean = np.array([1e-4, 1e-3, 1e-2])
    link = cavity_reflection_link(
        reflectivity_bright=1.0, reflectivity_dark=0.0, transmissivity=1e-6, mean_photons=mean
    )
    errors = (1 - fidelity(link.state, bell_state())) / mean
    np.testing.assert_allclose(errors, 0.5, rtol=2e-2)


def test_dark_counts_without_light_leave_both_memories_alone():
    link = cavity_reflection_patterns(
        reflectivity_bright=0.9, reflectivity_dark=0.2, emission_probability=0.0, dark_count_probability=0.1
    )
    for pattern in link:
        np.testing.assert_allclose(pattern.state.matrix, np.full((4, 4), 0.25), atol=1e-16)
        np.testing.assert_allclose(pattern.probability, 0.09, rtol=1e-14)


def test_a_blurred_interferometer_dephases():
    """Contrast c swaps the detectors with probability (1 - c)/2: by hand, and as the docstring says."""
    contrast, both = 0.9, {"reflectivity_bright": 0.9, "reflectivity_dark": 0.2}
    plus, minus = cavity_reflection_patterns(**both)
    right = plus.probability * plus.state.matrix + minus.probability * minus.state.apply(Z, 1).matrix
    wrong = minus.probability * minus.state.matrix + plus.probability * plus.state.apply(Z, 1).matrix
    link = cavity_reflection_link(**both)
    told = link.state.apply(dephasing(probability=(1 - contrast) / 2), 1)
    blurred = (1 + contrast) / 2 * right + (1 - contrast) / 2 * wrong
    np.testing.assert_allclose(link.probability * told.matrix, blurred, atol=1e-15)


def steady_reflection(g, kappa, kappa_w, gamma, cavity_detuning, emitter_detuning):
    """Amplitude reflected off a cavity with a two-level emitter: the weakly driven steady state of both amplitudes.

    ``a' = -(i Δc + κ/2) a - i g s - √κw``, ``s' = -(i Δa + γ/2) s - i g a``, out = 1 + √κw a.
    """
    matrix = np.array([[1j * cavity_detuning + kappa / 2, 1j * g], [1j * g, 1j * emitter_detuning + gamma / 2]])
    return 1 + np.sqrt(kappa_w) * np.linalg.solve(matrix, [-np.sqrt(kappa_w), 0])[0]


@pytest.mark.parametrize("seed", range(20))
def test_reflectivity_is_that_of_the_driven_cavity(seed):
    rng = np.random.default_rng(seed)
    g, kappa, gamma = rng.uniform(0.1, 3, 3)
    kappa_w, cavity, emitter = rng.uniform(0, 1) * kappa, rng.normal(), rng.normal()
    found = cavity_reflectivity(
        cooperativity=4 * g**2 / (kappa * gamma),
        coupling_ratio=kappa_w / kappa,
        cavity_detuning=2 * cavity / kappa,
        emitter_detuning=2 * emitter / gamma,
    )
    np.testing.assert_allclose(found, steady_reflection(g, kappa, kappa_w, gamma, cavity, emitter), rtol=1e-12)
    assert abs(found) <= 1


def test_reflectivities_go_into_the_link():
    bright, dark = cavity_reflectivity(cooperativity=[50.0, 0.0], coupling_ratio=0.5)
    link = cavity_reflection_link(reflectivity_bright=bright, reflectivity_dark=dark)
    assert fidelity(link.state, bell_state()) > 0.99


def test_no_cavity_reflects_more_than_comes():
    with pytest.raises(ParameterError, match=r"`reflectivity_dark.*modulus of at most 1, but has 1\.2"):
        cavity_reflection_link(reflectivity_bright=1.0, reflectivity_dark=(0.1, -1.2j))


def test_no_light_and_no_dark_counts_leave_no_state():
    link = cavity_reflection_link(reflectivity_bright=[0.0, 1.0], reflectivity_dark=0.0)
    assert np.isnan(link.state.bloch[0]).all()
    assert link.probability[0] == 0
    assert np.isfinite(link.state.bloch[1]).all()
