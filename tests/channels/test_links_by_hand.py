"""Every closed-form link built by hand of states, modes and detectors, as a user would build another one."""

import numpy as np
import pytest

from qnet_channels import Detector, erasure, photon_loss
from qnet_channels.cavity import cavity_reflection_patterns
from qnet_channels.dlcz import dlcz_link
from qnet_channels.links import double_click_patterns, single_click_patterns
from qnet_channels.midpoint import midpoint_source_link
from qnet_channels.photonics import (
    beam_splitter,
    joint_detection,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from qnet_channels.spdc import coincidences, spdc_link
from qnet_core import Channel, ket, pure_state, random_state, tensor

MAX = {"max_photons": 2}


def noisy(dark_count_probability, number_resolving):
    """A detector whose efficiency is in the arms."""
    rate = -np.log1p(-dark_count_probability)
    return Detector(dark_count_rate_hz=rate, window_s=1.0, number_resolving=number_resolving)


def lone_clicks(state, first, second, detection):
    """States and probabilities when the first of two detectors clicks alone, and when the second does.

    What each of them sees is a tuple of subsystems; it is absorbed.
    """
    moved = tuple(k - sum(gone < k for gone in second) for k in first)
    outcomes = []
    for click in (0, 1):
        one = detection.branches(state, second)[click]
        two = detection.branches(one.state, moved)[1 - click]
        outcomes.append((two.state, one.probability * two.probability))
    return outcomes


def assert_patterns(patterns, expected):
    for found, (state, probability) in zip(patterns, expected, strict=True):
        np.testing.assert_allclose(found.probability, probability, rtol=1e-10)
        np.testing.assert_allclose(found.state.matrix, state.matrix, atol=1e-12)


@pytest.mark.parametrize("number_resolving", [False, True])
def test_single_click_by_hand(number_resolving):
    nodes = [memory_photon_state(bright_population=bright, max_photons=2) for bright in (0.2, 0.4)]
    light = tensor(*nodes)
    light = light.apply(photon_loss(transmissivity=0.3, **MAX), 1).apply(photon_loss(transmissivity=0.6, **MAX), 3)
    light = light.apply(phase_shift(phase_rad=0.7, **MAX), 1).apply(beam_splitter(**MAX), (1, 3))
    found = lone_clicks(light, (1,), (3,), noisy(0.01, number_resolving).instrument(2))
    patterns = single_click_patterns(
        bright_population=(0.2, 0.4), transmissivity=(0.3, 0.6), dark_count_probability=0.01, phase_rad=0.7,
        number_resolving=number_resolving,
    )  # fmt: skip
    assert_patterns(patterns, [found[0], found[1]])


@pytest.mark.parametrize("number_resolving", [False, True])
def test_single_click_of_partly_distinguishable_photons_by_hand(number_resolving):
    """Two shapes per arm: memories 0 and 1, left 2 and 4, right 3 and 5; each detector has both shapes."""
    node = memory_photon_state(bright_population=0.3, max_photons=2)
    vacuum = pure_state([1.0, 0, 0], 3)
    light = tensor(node, node, vacuum, vacuum).permute((0, 2, 1, 3, 4, 5))
    for mode, eta in ((2, 0.5), (3, 0.7)):
        light = light.apply(photon_loss(transmissivity=eta, **MAX), mode)
    light = light.apply(beam_splitter(transmissivity=0.8, phase_rad=np.pi, **MAX), (3, 5))
    light = light.apply(beam_splitter(**MAX), (2, 3)).apply(beam_splitter(**MAX), (4, 5))
    detection = joint_detection(noisy(0.02, number_resolving), num_modes=2, **MAX)
    found = lone_clicks(light, (2, 4), (3, 5), detection)
    patterns = single_click_patterns(
        bright_population=0.3, transmissivity=(0.5, 0.7), dark_count_probability=0.02, visibility=0.8,
        number_resolving=number_resolving,
    )  # fmt: skip
    assert_patterns(patterns, found)


@pytest.mark.parametrize("number_resolving", [False, True])
def test_double_click_by_hand(number_resolving):
    """Subsystems: left memory, its rails 1 and 2, right memory, its rails 4 and 5."""
    node = memory_photon_state(encoding="dual-rail", **MAX)
    light = tensor(node, node)
    for mode, eta in ((1, 0.4), (2, 0.4), (4, 0.7), (5, 0.7)):
        light = light.apply(photon_loss(transmissivity=eta, **MAX), mode)
    light = light.apply(phase_shift(phase_rad=0.3, **MAX), 2)
    light = light.apply(beam_splitter(**MAX), (1, 4)).apply(beam_splitter(**MAX), (2, 5))
    detection = noisy(0.01, number_resolving).instrument(2)
    found = []
    for state, probability in lone_clicks(light, (1,), (4,), detection):
        found += [(two, probability * p) for two, p in lone_clicks(state, (1,), (3,), detection)]
    patterns = double_click_patterns(
        transmissivity=(0.4, 0.7), dark_count_probability=0.01, phase_rad=0.3, number_resolving=number_resolving
    )
    assert_patterns(patterns, found)


@pytest.mark.parametrize("number_resolving", [False, True])
def test_double_excitation_by_hand(number_resolving):
    """The left memory emits twice with some amplitude, the second photon into a mode of its own at each detector.

    Subsystems: memories 0 and 1, the left photon 2 and the right one 3, the extra one 4 and, behind the beam splitter, 5.
    """
    bright, twice = (0.3, 0.4), 0.2
    vector = np.zeros((2, 3, 3))  # left memory, its photon, the extra one
    vector[0, 0, 0], vector[1, 1, 0], vector[1, 1, 1] = np.sqrt([0.7, 0.3 * (1 - twice), 0.3 * twice])
    left = pure_state(vector.reshape(-1), (2, 3, 3))
    right = memory_photon_state(bright_population=bright[1], max_photons=2)
    light = tensor(left, right, pure_state([1.0, 0, 0], 3)).permute((0, 3, 1, 4, 2, 5))
    for mode, eta in ((2, 0.5), (4, 0.5), (3, 0.7)):
        light = light.apply(photon_loss(transmissivity=eta, **MAX), mode)
    light = light.apply(beam_splitter(**MAX), (2, 3)).apply(beam_splitter(**MAX), (4, 5))
    detection = joint_detection(noisy(0.02, number_resolving), num_modes=2, **MAX)
    found = lone_clicks(light, (2, 4), (3, 5), detection)
    patterns = single_click_patterns(
        bright_population=bright, transmissivity=(0.5, 0.7), dark_count_probability=0.02,
        double_excitation_probability=(twice, 0.0), number_resolving=number_resolving,
    )  # fmt: skip
    assert_patterns(patterns, found)


def test_pairs_of_a_parametric_source_by_hand():
    """Two squeezed vacua: left H and V, right H and V; one click in each arm, in the basis H, V."""
    pairs = two_mode_squeezed_vacuum(mean_photons=0.002, max_photons=3)
    light = tensor(pairs, pairs).permute((0, 2, 1, 3))  # left H, left V, right H, right V
    for mode, eta in ((0, 0.3), (1, 0.3), (2, 0.5), (3, 0.5)):
        light = light.apply(photon_loss(transmissivity=eta, max_photons=3), mode)
    detection = noisy(1e-3, False).instrument(3)
    clicks = np.zeros((2, 2, 2, 2))
    for outcome in np.ndindex(2, 2, 2, 2):
        state, clicks[outcome] = light, 1.0
        for click in outcome:
            state, probability = detection.branches(state, 0)[click]
            clicks[outcome] *= probability
    same, different = clicks[1, 0, 1, 0] + clicks[0, 1, 0, 1], clicks[1, 0, 0, 1] + clicks[0, 1, 1, 0]
    link = spdc_link(mean_photons=0.002, transmissivity=(0.3, 0.5), dark_count_probability=1e-3)
    np.testing.assert_allclose(link.probability, same + different, rtol=1e-6)
    np.testing.assert_allclose(link.state.expect("ZZ"), (same - different) / (same + different), atol=1e-6)


def test_coincidences_by_hand():
    light = two_mode_squeezed_vacuum(mean_photons=0.05, max_photons=9, max_tail=1e-12)
    left, right = (Detector(eta, dark_count_rate_hz=-np.log1p(-0.01), window_s=1.0).instrument(9) for eta in (0.3, 0.2))
    clicked = left.branches(light, 0)[1]
    found = coincidences(mean_photons=0.05, transmissivity=(0.3, 0.2), dark_count_probability=0.01)
    np.testing.assert_allclose(found.left, clicked.probability, rtol=1e-10)
    np.testing.assert_allclose(found.heralding_right, right.branches(clicked.state, 0)[1].probability, rtol=1e-10)


@pytest.mark.parametrize("number_resolving", [False, True])
def test_dlcz_by_hand(number_resolving):
    pairs = two_mode_squeezed_vacuum(mean_photons=0.004, max_photons=3, max_tail=1e-8)
    light = tensor(pairs, pairs)  # left memory and idler, right memory and idler
    for mode, eta in ((1, 0.4), (3, 0.6)):
        light = light.apply(photon_loss(transmissivity=eta, max_photons=3), mode)
    light = light.apply(beam_splitter(max_photons=3), (1, 3))
    found = lone_clicks(light, (1,), (3,), noisy(0.01, number_resolving).instrument(3))
    for (state, probability), target in zip(found, ("psi+", "psi-"), strict=True):
        link = dlcz_link(
            mean_photons=0.004, transmissivity=(0.4, 0.6), dark_count_probability=0.01, max_photons=3,
            number_resolving=number_resolving, target=target,
        )  # fmt: skip
        np.testing.assert_allclose(link.probability / 2, probability, rtol=1e-6)
        np.testing.assert_allclose(link.state.matrix, state.matrix, atol=1e-6)


def test_a_midpoint_source_by_hand():
    source = random_state((2, 2), rng=np.random.default_rng(5))
    lost = source.apply(erasure(transmissivity=0.3), 0).apply(erasure(transmissivity=0.4), 1)
    for side, false in enumerate((0.1, 0.05)):
        kept = np.eye(3)[:2]
        noise = [np.sqrt(false / 2) * np.outer(np.eye(2)[bit], np.eye(3)[2]) for bit in range(2)]
        lost = lost.apply(Channel.from_kraus(np.array([kept, *noise]), (3,), (2,)), side)
    link = midpoint_source_link(transmissivity=(0.3, 0.4), false_herald_probability=(0.1, 0.05), source_state=source)
    np.testing.assert_allclose(link.probability, lost.trace(), rtol=1e-13)
    np.testing.assert_allclose(link.state.matrix, lost.normalized().matrix, atol=1e-14)


def reflection(memory_amplitudes, late):
    """A mode reflected off a cavity: what is not, is lost by the memory's bit; late light sees the other bit."""
    kraus = np.zeros((3, 4, 4), complex)  # memory bit, photons
    for bit, amplitude in enumerate(memory_amplitudes[::-1] if late else memory_amplitudes):
        kraus[0, 2 * bit, 2 * bit], kraus[0, 2 * bit + 1, 2 * bit + 1] = 1, amplitude
        kraus[1 + bit, 2 * bit, 2 * bit + 1] = np.sqrt(1 - abs(amplitude) ** 2)
    return Channel.from_kraus(kraus, (2, 2), (2, 2))


@pytest.mark.parametrize("number_resolving", [False, True])
def test_reflection_off_two_cavities_by_hand(number_resolving):
    """Two memories, then the early and the late mode of one photon."""
    dark, bright = (0.1j, -0.3), (0.9, 0.8 - 0.2j)
    photon = pure_state(np.sqrt([0, 0.5, 0.5, 0]), (2, 2))
    light = tensor(ket("++"), photon)
    for memory, loss in enumerate((0.6, 0.7)):  # behind the first node, behind the second one
        for late in (0, 1):
            light = light.apply(reflection((dark[memory], bright[memory]), late), (memory, 2 + late))
            light = light.apply(photon_loss(transmissivity=loss, max_photons=1), 2 + late)
    light = light.apply(beam_splitter(max_photons=1), (2, 3))
    found = lone_clicks(light, (2,), (3,), noisy(0.02, number_resolving).instrument(1))
    patterns = cavity_reflection_patterns(
        reflectivity_bright=bright, reflectivity_dark=dark, link_transmissivity=0.6, transmissivity=0.7,
        dark_count_probability=0.02, number_resolving=number_resolving,
    )  # fmt: skip
    assert_patterns(patterns, found)
