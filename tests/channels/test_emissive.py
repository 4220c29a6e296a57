"""Links of unlike emitters against photon counting by the master equation, and limits."""

import emitter_oracle
import fock_oracle
import numpy as np
import pytest
from scipy.integrate import quad

from qnet_channels import (
    dephased_photon_visibility,
    double_click_link,
    exponential_photon_visibility,
    single_click_patterns,
)
from qnet_channels.emissive import emissive_link, emissive_patterns, photon_overlap
from qnet_core import Channel, bell_state, fidelity
from qnet_core.errors import ParameterError

SEEDS = range(200)
NAMES = ("plus", "minus")
NS = 1e-9


def random_emitters(seed):
    """Lifetimes that differ up to tenfold, dephasing up to as fast as the decay, a detuning of some widths."""
    rng = np.random.default_rng(seed)
    lifetimes = NS * 10 ** rng.uniform(-1, 1) * np.array([1.0, 1.0 if seed % 6 == 0 else 10 ** rng.uniform(-1, 1)])
    width = (1 / lifetimes).mean()
    return rng, {
        "transmissivity": tuple(rng.uniform(0.01, 1, 2)),
        "lifetime_s": tuple(lifetimes),
        "dephasing_rate_per_s": (0.0, 0.0) if seed % 5 == 0 else tuple(width * rng.uniform(0, 1, 2)),
        "detuning_rad_per_s": 0.0 if seed % 4 == 0 else width * rng.normal(),
        "dark_count_probability": 0.0 if seed % 3 == 0 else 10 ** rng.uniform(-6, -1),
    }


def assert_pattern(found, expected):
    probability = np.trace(expected).real
    np.testing.assert_allclose(found.probability, probability, rtol=1e-10)
    np.testing.assert_allclose(found.state.matrix, expected / probability, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_time_bins_of_unlike_emitters_are_what_the_detectors_count(seed):
    rng, emitters = random_emitters(seed)
    more = {"number_resolving": seed % 2 == 0, "phase_rad": rng.uniform(-np.pi, np.pi)}
    first, second = NAMES[seed % 2], NAMES[seed // 2 % 2]
    found = getattr(emissive_patterns(**emitters, **more), f"{first}_{second}")
    assert_pattern(found, emitter_oracle.time_bins(detectors=(first, second), **emitters, **more))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_single_click_of_unlike_emitters_is_what_the_detectors_count(seed):
    rng, emitters = random_emitters(seed)
    bright, counting, name = tuple(rng.uniform(0.05, 0.95, 2)), seed % 2 == 0, NAMES[seed // 2 % 2]
    matter = {key: value for key, value in emitters.items() if key not in ("transmissivity", "dark_count_probability")}
    clicks = {"bright_population": bright, "number_resolving": counting}
    rest = {key: emitters[key] for key in ("transmissivity", "dark_count_probability")}
    found = single_click_patterns(**photon_overlap(**matter, scheme="single-click")._asdict(), **clicks, **rest)
    assert_pattern(getattr(found, name), emitter_oracle.single_click(detector=name, **clicks, **emitters))


@pytest.mark.parametrize("seed", range(8))
def test_polarizations_share_their_dephasing(seed):
    rng, emitters = random_emitters(seed)
    names = NAMES[seed % 2], NAMES[seed // 2 % 2]
    phase = rng.uniform(-np.pi, np.pi)
    found = getattr(emissive_patterns(**emitters, phase_rad=phase, rails="polarization"), "_".join(names))
    assert_pattern(found, emitter_oracle.polarizations(detectors=names, phase_rad=phase, **emitters))


@pytest.mark.parametrize("seed", range(4))
def test_drift_from_attempt_to_attempt_is_the_mean_over_detunings(seed):
    _, emitters = random_emitters(seed + 1)
    center = emitters.pop("detuning_rad_per_s")
    drift = 0.4 * sum(1 / np.array(emitters["lifetime_s"])) / 2
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    expected = sum(
        w * emitter_oracle.time_bins(detectors=("plus", "minus"), detuning_rad_per_s=center + drift * x, **emitters)
        for x, w in zip(nodes, weights / weights.sum(), strict=True)
    )
    drifting = {"detuning_rad_per_s": center, "detuning_std_rad_per_s": drift}
    assert_pattern(emissive_patterns(**emitters, **drifting).plus_minus, expected)


@pytest.mark.parametrize("drift", [1e-7, 1e-3, 0.5, 3.0, 1e3])
@pytest.mark.parametrize("scheme", ["single-click", "time-bin", "polarization"])
def test_drift_of_any_size_is_an_average_of_overlaps(drift, scheme):
    """By quadrature, over the time that two wave packets overlap: the mean of exp(iδt) is exp(-(drift t)²/2)."""
    left, right, fast, detuning = 1.0, 3.0, 0.4, 0.7
    mean = (left + right) / 2

    def envelope(t):
        return np.exp(-(mean + fast) * t - (drift * t) ** 2 / 2)

    end = min(40 / mean, 40 / drift)
    real, imaginary = (
        quad(lambda t, wave=wave: wave(detuning * t) * envelope(t), 0, end, epsabs=1e-14, epsrel=1e-12)[0]
        for wave in (np.cos, np.sin)
    )
    found = photon_overlap(
        lifetime_s=(NS / left, NS / right), dephasing_rate_per_s=(0.1 / NS, 0.3 / NS),
        detuning_rad_per_s=detuning / NS, detuning_std_rad_per_s=drift / NS, scheme=scheme,
    )  # fmt: skip
    visibility = left * right * real / mean
    np.testing.assert_allclose(found.visibility, visibility, rtol=1e-9)
    coherence = {
        "single-click": np.sqrt(left * right) * np.hypot(real, imaginary),
        "time-bin": visibility * mean / (mean + fast),
        "polarization": visibility,
    }[scheme]
    kept = np.exp(-(found.phase_std_rad**2) / 2) * (
        np.sqrt(found.visibility) if scheme == "single-click" else found.visibility
    )
    np.testing.assert_allclose(kept, coherence, rtol=1e-9)
    np.testing.assert_allclose(
        found.phase_rad, -np.arctan2(imaginary, real) if scheme == "single-click" else 0, rtol=1e-9
    )


@pytest.mark.parametrize("seed", range(12))
def test_extra_photons_of_the_dot_are_followed_too(seed):
    rng, emitters = random_emitters(seed)
    twice = rng.uniform(0, 0.3)
    light = {key: emitters[key] for key in ("transmissivity", "dark_count_probability")}
    matter = {key: value for key, value in emitters.items() if key not in light}
    overlap = photon_overlap(**matter)._asdict()
    link = emissive_link(**emitters, g2=(0.0, 2 * twice / (1 + twice) ** 2), number_resolving=seed % 2 == 0)
    state, probability = fock_oracle.double_click(
        **light, **overlap, number_resolving=seed % 2 == 0, double_excitation_probability=(0.0, twice)
    )
    np.testing.assert_allclose(link.state.matrix, state, atol=1e-10)
    np.testing.assert_allclose(link.probability, probability, rtol=1e-10)


@pytest.mark.parametrize("detectors", ["plus_plus", "plus_minus", "minus_minus"])
def test_two_rounds_with_flips_are_two_rails(detectors):
    """Barrett and Kok: the bright state emits in both rounds, and the memories are flipped after each."""
    _, emitters = random_emitters(7)
    emitters.pop("dark_count_probability")
    found = getattr(emissive_patterns(**emitters), detectors)
    expected = emitter_oracle.barrett_kok(detectors=detectors.split("_"), **emitters)
    flip = np.kron(*[np.array([[0, 1], [1, 0]])] * 2)  # a memory has 0 if it was bright in round 0
    assert_pattern(found, flip @ expected @ flip)


def test_the_link_is_the_mean_of_its_corrected_patterns():
    _, emitters = random_emitters(3)
    link, patterns = emissive_link(**emitters, target="psi-"), emissive_patterns(**emitters)
    z = Channel.from_unitary(np.diag([1.0, -1.0]))
    mean = sum(
        p.probability * (p.state.apply(z, 1) if flip else p.state).matrix
        for p, flip in zip(patterns, (True, False, False, True), strict=True)
    )
    np.testing.assert_allclose(mean, link.probability * link.state.matrix, atol=1e-15)


def test_emitters_that_do_not_dephase_overlap_as_their_wave_packets():
    both = {"detuning_rad_per_s": np.linspace(-1, 1, 5) / NS}
    found = photon_overlap(lifetime_s=(NS, 3 * NS), **both)
    expected = exponential_photon_visibility(lifetime_s=NS, second_lifetime_s=3 * NS, **both)
    np.testing.assert_allclose(found.visibility, expected, rtol=1e-13)
    np.testing.assert_array_equal(found.phase_std_rad, 0)
    single = photon_overlap(lifetime_s=(NS, 3 * NS), **both, scheme="single-click")
    np.testing.assert_allclose(single.phase_std_rad, 0, atol=1e-7)


def test_like_emitters_that_dephase_have_the_known_visibility():
    t1, t2 = NS, 1.2 * NS
    found = photon_overlap(lifetime_s=t1, dephasing_rate_per_s=1 / t2 - 1 / (2 * t1))
    np.testing.assert_allclose(found.visibility, dephased_photon_visibility(t1_s=t1, t2_s=t2), rtol=1e-13)


def test_a_link_of_emitters_that_dephase_is_worse_than_their_visibility():
    """The coherence of two bins goes with V²: each has its own noise, from excitation to click."""
    link = emissive_link(transmissivity=1e-6, lifetime_s=NS, dephasing_rate_per_s=0.1 / NS)
    visibility = 1 / 1.2
    np.testing.assert_allclose(fidelity(link.state, bell_state()), (1 + visibility**2) / 2, rtol=1e-6)
    same = emissive_link(transmissivity=1e-6, lifetime_s=NS, dephasing_rate_per_s=0.1 / NS, rails="polarization")
    np.testing.assert_allclose(fidelity(same.state, bell_state()), (1 + visibility) / 2, rtol=1e-6)


def test_drift_of_the_path_multiplies_what_dephasing_costs():
    both = {"transmissivity": 0.2, "lifetime_s": (NS, 2 * NS), "dephasing_rate_per_s": 0.2 / NS, "target": "psi+"}
    still, drifting = emissive_link(**both), emissive_link(**both, phase_rad=0.3, phase_std_rad=0.5)
    expected = np.exp(-(0.5**2) / 2 + 0.3j) * still.state.matrix[2, 1]
    np.testing.assert_allclose(drifting.state.matrix[2, 1], expected, rtol=1e-13)


def test_equal_ideal_emitters_are_a_double_click_link():
    found = emissive_link(transmissivity=(0.1, 0.3), lifetime_s=NS, phase_rad=0.2, phase_std_rad=0.1)
    expected = double_click_link(transmissivity=(0.1, 0.3), phase_rad=0.2, phase_std_rad=0.1)
    np.testing.assert_allclose(found.state.bloch, expected.state.bloch, atol=1e-15)


@pytest.mark.parametrize("unit", [1e-15, 1.0, 1e15])
def test_no_unit_of_time_is_special(unit):
    rates = {"dephasing_rate_per_s": 0.3 / unit, "detuning_std_rad_per_s": 0.2 / unit}
    found = photon_overlap(lifetime_s=(unit, 2 * unit), **rates, scheme="single-click")
    expected = photon_overlap(
        lifetime_s=(1.0, 2.0), dephasing_rate_per_s=0.3, detuning_std_rad_per_s=0.2, scheme="single-click"
    )
    np.testing.assert_allclose(np.array(found), np.array(expected), rtol=1e-12)


def test_unknown_words_are_refused():
    with pytest.raises(ParameterError, match="`scheme` must be one of single-click, time-bin, polarization"):
        photon_overlap(lifetime_s=NS, scheme="dual-rail")
    for function in (emissive_link, emissive_patterns):
        with pytest.raises(ParameterError, match="`rails` must be one of time-bin, polarization, but is"):
            function(transmissivity=0.1, lifetime_s=NS, rails="single-click")


def test_more_than_half_an_autocorrelation_is_refused():
    with pytest.raises(ParameterError, match=r"`g2\[1\]` must be between 0 and 0.5, but is 0.6"):
        emissive_link(transmissivity=0.1, lifetime_s=NS, g2=(0.0, 0.6))
