"""Optical modes: exact within their cutoff, and every closed-form link built from them by hand."""

import numpy as np
import pytest
import scipy.linalg

from qnet_channels import Detector, erasure, photon_loss
from qnet_channels.cavity import cavity_reflection_patterns
from qnet_channels.dlcz import dlcz_link
from qnet_channels.links import double_click_patterns, single_click_patterns
from qnet_channels.midpoint import midpoint_source_link
from qnet_channels.photonics import (
    beam_splitter,
    double_excitation_from_g2,
    joint_detection,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from qnet_channels.spdc import coincidences, spdc_link
from qnet_core import Channel, Instrument, bell_state, ket, pure_state, random_state, tensor
from qnet_core.errors import ParameterError, ParameterTypeError


def lowering(size):
    return np.diag(np.sqrt(np.arange(1.0, size)), 1)


def generated(size, transmissivity, phase_rad):
    """exp of θ (e^(iφ) a0† a1 - h.c.), in number states of fewer than ``size`` photons per mode."""
    a0, a1 = np.kron(lowering(size), np.eye(size)), np.kron(np.eye(size), lowering(size))
    coupling = np.exp(1j * phase_rad) * a0.T @ a1
    return scipy.linalg.expm(np.arccos(np.sqrt(transmissivity)) * (coupling - coupling.conj().T))


def within(large, size, kept):
    """The part of a matrix over two modes with at most ``kept`` photons in each."""
    few = slice(kept + 1)
    return large.reshape((size,) * 4)[few, few, few, few].reshape((kept + 1) ** 2, -1)


@pytest.mark.parametrize("max_photons", [1, 2, 3])
@pytest.mark.parametrize(("transmissivity", "phase_rad"), [(0.5, 0.0), (0.3, 0.7), (1.0, 2.0), (0.0, -1.0)])
def test_every_output_of_a_beam_splitter_within_the_cutoff_is_exact(max_photons, transmissivity, phase_rad):
    size = 2 * max_photons + 1  # enough for all photons of both inputs in one mode
    unitary = within(generated(size, transmissivity, phase_rad), size, max_photons)
    found = beam_splitter(max_photons=max_photons, transmissivity=transmissivity, phase_rad=phase_rad)
    dims = (max_photons + 1,) * 2
    expected = Channel.from_kraus(unitary[None], dims, dims)
    np.testing.assert_allclose(found.transfer, expected.transfer, atol=1e-13)


def test_photons_beyond_the_cutoff_are_missing_and_no_others():
    splitter = beam_splitter(max_photons=2, transmissivity=0.3)
    for m, n in np.ndindex(3, 3):
        numbers = np.zeros(9)
        numbers[3 * m + n] = 1
        left = pure_state(numbers, (3, 3)).apply(splitter, (0, 1)).trace()
        if m + n <= 2:
            np.testing.assert_allclose(left, 1, rtol=1e-14)
        else:
            assert left < 0.99


def test_two_photons_leave_a_beam_splitter_together():
    pair = pure_state(np.eye(9)[4], (3, 3)).apply(beam_splitter(max_photons=2), (0, 1))
    np.testing.assert_allclose(pair.matrix.real.diagonal()[[2, 4, 6]], [0.5, 0, 0.5], atol=1e-15)


def test_beam_splitters_and_phases_come_in_batches():
    splitter = beam_splitter(max_photons=1, transmissivity=[0.2, 0.5], phase_rad=[[0.0], [1.0], [2.0]])
    assert splitter.batch_shape == (3, 2)
    one = beam_splitter(max_photons=1, transmissivity=0.5, phase_rad=2.0)
    np.testing.assert_allclose(splitter.transfer[2, 1], one.transfer, atol=1e-15)
    shift = phase_shift(phase_rad=[0.3, 0.4], max_photons=2)
    diagonal = np.exp(0.4j * np.arange(3))
    np.testing.assert_allclose(shift.transfer[1], Channel.from_unitary(np.diag(diagonal), 3).transfer, atol=1e-15)


def test_phases_on_both_sides_are_the_phase_of_a_beam_splitter():
    plain, turned = beam_splitter(max_photons=2, transmissivity=0.3), phase_shift(phase_rad=0.8, max_photons=2)
    back = phase_shift(phase_rad=-0.8, max_photons=2)
    identity = Channel.identity(3)
    around = back.tensor(identity).then(plain).then(turned.tensor(identity))
    expected = beam_splitter(max_photons=2, transmissivity=0.3, phase_rad=0.8)
    np.testing.assert_allclose(around.transfer, expected.transfer, atol=1e-14)


def test_squeezed_vacuum_misses_what_is_beyond_the_cutoff():
    mean = np.array([0.0, 0.02, 0.05])
    state = two_mode_squeezed_vacuum(mean_photons=mean, max_photons=5)
    np.testing.assert_allclose(1 - state.trace(), (mean / (1 + mean)) ** 6, atol=1e-15)
    numbers = np.kron(np.diag(np.arange(6.0)), np.eye(6))
    np.testing.assert_allclose(state.expect(numbers), mean, rtol=1e-5, atol=1e-15)
    weights = np.linalg.eigvalsh(state.matrix)
    np.testing.assert_allclose(weights[..., -1], state.trace(), rtol=1e-14)  # pure


def test_a_squeezed_vacuum_too_bright_for_its_cutoff_says_which_would_do():
    with pytest.raises(ParameterError, match=r"`max_photons` must be at least 9 .*, but is 3: .*`max_tail` = 1e-06"):
        two_mode_squeezed_vacuum(mean_photons=[0.01, 0.3], max_photons=3)
    assert two_mode_squeezed_vacuum(mean_photons=0.3, max_photons=9).trace() >= 1 - 1e-6
    two_mode_squeezed_vacuum(mean_photons=0.3, max_photons=3, max_tail=0.01)


def test_memories_emit():
    single = memory_photon_state(bright_population=[0.0, 0.3], max_photons=2)
    vector = np.zeros(6)
    vector[[0, 4]] = np.sqrt([0.7, 0.3])
    np.testing.assert_allclose(single[1].matrix, np.outer(vector, vector), atol=1e-15)
    dual = memory_photon_state(max_photons=1, encoding="dual-rail")
    vector = np.zeros(8)
    vector[[0b010, 0b101]] = np.sqrt(0.5)
    np.testing.assert_allclose(dual.matrix, np.outer(vector, vector), atol=1e-15)


def test_one_detector_of_two_modes_sees_their_photons_together():
    detector = Detector(0.7, dark_count_rate_hz=0.1, window_s=1.0)
    joint, plain = joint_detection(detector, num_modes=2, max_photons=2), detector.instrument(4)
    for m, n in np.ndindex(3, 3):
        numbers = np.zeros(9)
        numbers[3 * m + n] = 1
        np.testing.assert_allclose(
            joint.probabilities(pure_state(numbers, (3, 3)), (0, 1)),
            plain.probabilities(pure_state(np.eye(5)[m + n], 5), 0),
            rtol=1e-13,
        )
    counting = Detector(0.7, number_resolving=True)
    assert joint_detection(counting, num_modes=1, max_photons=2).outcomes == counting.instrument(2).outcomes
    with pytest.raises(ParameterTypeError, match="`detector`"):
        joint_detection(0.9, num_modes=2, max_photons=2)


def test_autocorrelation_gives_the_double_excitation():
    twice = np.array([0.0, 1e-9, 0.01, 0.3, 1.0])
    g2 = 2 * twice / (1 + twice) ** 2  # <n(n - 1)>/<n>**2 of one photon or two
    np.testing.assert_allclose(double_excitation_from_g2(g2), twice, rtol=1e-7)
    np.testing.assert_allclose(double_excitation_from_g2(g2[:4]), twice[:4], rtol=1e-12)


# Every scheme by hand, as a user would build another one.

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


def test_counting_instruments_are_complete():
    joint = joint_detection(Detector(0.9, dark_count_rate_hz=0.1, number_resolving=True), num_modes=2, max_photons=1)
    assert isinstance(joint, Instrument)
    assert len(joint.outcomes) == 4
    np.testing.assert_allclose(sum(joint.probabilities(bell_state(), (0, 1))), 1, rtol=1e-13)
