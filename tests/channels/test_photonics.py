"""Optical modes: exact within their cutoff, which is refused or shows where it is too low."""

import numpy as np
import pytest
import scipy.linalg

from qnet_channels import Detector
from qnet_channels.photonics import (
    beam_splitter,
    double_excitation_from_g2,
    joint_detection,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from qnet_core import Channel, Instrument, bell_state, pure_state
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


def test_counting_instruments_are_complete():
    joint = joint_detection(Detector(0.9, dark_count_rate_hz=0.1, number_resolving=True), num_modes=2, max_photons=1)
    assert isinstance(joint, Instrument)
    assert len(joint.outcomes) == 4
    np.testing.assert_allclose(sum(joint.probabilities(bell_state(), (0, 1))), 1, rtol=1e-13)
