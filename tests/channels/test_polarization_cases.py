"""Rotations, drift and dispersion of polarization give the tabulated numbers, and are means over what is random."""

import numpy as np
import pytest
import scipy.linalg
from channels.case_tables import CaseTable
from oracles import PAULI, dagger, random_density

from qnet_channels import birefringence_drift, bit_flip, polarization_mode_dispersion, rotation, spectral_std
from qnet_core import DensityMatrix, average_gate_fidelity, pauli_probabilities
from qnet_core.errors import DimensionError, ParameterError

CASES = CaseTable("polarization.toml", digits=12)


def only_scale(channel):
    """The factor that all Bloch components have in common."""
    scale = channel.transfer[1, 1]
    np.testing.assert_allclose(channel.transfer, np.diag([1, scale, scale, scale]), atol=1e-15)
    return scale


@CASES.check
def random_angle(angle_std_rad):
    channel = rotation("x", angle_rad=0.0, angle_std_rad=angle_std_rad)
    flip = pauli_probabilities(channel)[1]
    np.testing.assert_allclose(channel.transfer, bit_flip(probability=flip).transfer, atol=1e-15)
    return {"x_probability": flip}


@CASES.check
def drift(angle_std_rad):
    channel = birefringence_drift(angle_std_rad=angle_std_rad)
    scale = only_scale(channel)
    return {
        "scale": scale,
        "mixing": 1 - scale,
        "average_gate_fidelity": average_gate_fidelity(channel),
        "brownian_scale": only_scale(birefringence_drift(angle_std_rad=angle_std_rad, model="brownian")),
    }


@CASES.check
def mode_dispersion(dispersion_ps_per_root_km, length_km, fwhm_hz):
    delay_s = 1e-12 * dispersion_ps_per_root_km * np.sqrt(length_km)
    std = spectral_std(fwhm_hz=fwhm_hz)

    def dispersed(**choice):
        return polarization_mode_dispersion(delay_s=delay_s, spectral_std_rad_per_s=std, **choice)

    mean_overlap = dispersed(axis="z", delays="maxwell").transfer[1, 1]
    return {
        "mean_delay_ps": 1e12 * delay_s,
        "maxwell_scale_ps": 1e12 * np.sqrt(mean_overlap ** (-2 / 3) - 1) / std,
        "spectral_std_rad_per_s": std,
        "overlap_at_mean_delay": dispersed(axis="z").transfer[1, 1],
        "mean_overlap": mean_overlap,
        "scale_for_any_axis": only_scale(dispersed(delays="maxwell")),
    }


@CASES.parametrize
def test_polarization_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()


AXES = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.6, 0.0, -0.8), (2 / 3, -1 / 3, 2 / 3)]
each_axis = pytest.mark.parametrize("axis", AXES)


def turned(rho, axis, angle_rad):
    """exp(-i angle n.sigma/2) applied by hand."""
    generator = sum(part * PAULI[letter] for part, letter in zip(axis, "XYZ", strict=True))
    unitary = scipy.linalg.expm(-0.5j * angle_rad * generator)
    return unitary @ rho @ dagger(unitary)


def assert_gives(channel, rho, expected):
    np.testing.assert_allclose(DensityMatrix(rho).apply(channel, 0).matrix, expected, atol=1e-12)


@each_axis
@pytest.mark.parametrize("angle_rad", [0.0, 0.1, -2.0, np.pi, 7.0])
def test_rotation_is_its_unitary(axis, angle_rad, rng):
    rho = random_density(rng, 2)
    assert_gives(rotation(axis, angle_rad=angle_rad), rho, turned(rho, axis, angle_rad))


@each_axis
def test_rotation_by_a_random_angle_is_a_mean(axis, rng):
    rho = random_density(rng, 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    mean = sum(w * turned(rho, axis, 0.8 + 0.5 * x) for x, w in zip(nodes, weights / weights.sum(), strict=True))
    assert_gives(rotation(axis, angle_rad=0.8, angle_std_rad=0.5), rho, mean)


@pytest.mark.parametrize(("letter", "axis"), list(zip("xyz", AXES[:3], strict=True)))
def test_axes_have_names(letter, axis):
    for name in (letter, letter.upper()):
        np.testing.assert_array_equal(rotation(name, angle_rad=0.3).transfer, rotation(axis, angle_rad=0.3).transfer)


def test_axes_and_angles_broadcast():
    angles = np.array([[0.1], [0.2], [0.3]])
    batch = rotation(AXES, angle_rad=angles)
    assert batch.batch_shape == (3, 5)
    for i, j in np.ndindex(3, 5):
        one = rotation(AXES[j], angle_rad=angles[i, 0])
        np.testing.assert_allclose(batch.transfer[i, j], one.transfer, atol=1e-15)


@pytest.mark.parametrize("angle_std_rad", [0.2, 1.0, 3.0])
def test_drift_is_a_mean_over_rotation_vectors(angle_std_rad, rng):
    """Gauss-Hermite quadrature in all three components, for any state."""
    rho = random_density(rng, 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    nodes, weights = angle_std_rad * nodes, weights / weights.sum()
    vectors = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    angles = np.linalg.norm(vectors, axis=1)
    paulis = np.array([PAULI[letter] for letter in "XYZ"])
    sines = np.sin(angles / 2) / angles
    unitaries = np.cos(angles / 2)[:, None, None] * np.eye(2) - 1j * np.einsum("k,ki,iab->kab", sines, vectors, paulis)
    chances = np.einsum("i,j,k->ijk", weights, weights, weights).reshape(-1)
    mean = np.einsum("k,kab,bc,kdc->ad", chances, unitaries, rho, unitaries.conj())
    after = DensityMatrix(rho).apply(birefringence_drift(angle_std_rad=angle_std_rad), 0).matrix
    np.testing.assert_allclose(after, mean, atol=1e-9)


def test_brownian_drift_adds_up_and_gaussian_drift_does_not():
    def small(model):
        return birefringence_drift(angle_std_rad=0.3, model=model)

    whole = {
        model: only_scale(birefringence_drift(angle_std_rad=0.6, model=model)) for model in ("brownian", "gaussian")
    }
    np.testing.assert_allclose(only_scale(small("brownian").power(4)), whole["brownian"], rtol=1e-14)
    assert abs(only_scale(small("gaussian").power(4)) - whole["gaussian"]) > 1e-3


@each_axis
def test_dispersion_turns_each_frequency_by_its_own_angle(axis, rng):
    """A delay between the principal states is a rotation about them by the frequency times the delay."""
    rho, delay_s, std = random_density(rng, 2), 0.7e-12, 1.3e12
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    mean = sum(w * turned(rho, axis, delay_s * std * x) for x, w in zip(nodes, weights, strict=True))
    channel = polarization_mode_dispersion(delay_s=delay_s, spectral_std_rad_per_s=std, axis=axis)
    assert_gives(channel, rho, mean)


@pytest.mark.parametrize("strength", [0.05, 0.7, 2.0])
def test_maxwell_delays_are_a_mean(strength):
    """Over the lengths of vectors of three normal components whose mean length is the mean delay."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    lengths, weights = 6 * (nodes + 1), 6 * weights
    density = np.sqrt(2 / np.pi) * lengths**2 * np.exp(-(lengths**2) / 2)
    mean_length = weights @ (density * lengths)
    np.testing.assert_allclose(weights @ density, 1.0, rtol=1e-12)
    scaled = strength * lengths / mean_length
    expected = weights @ (density * np.exp(-(scaled**2) / 2))
    channel = polarization_mode_dispersion(delay_s=strength, spectral_std_rad_per_s=1.0, axis="x", delays="maxwell")
    np.testing.assert_allclose(np.diagonal(channel.transfer), [1, 1, expected, expected], rtol=1e-10)


def test_unknown_principal_states_are_a_mean_over_axes(rng):
    """Over the corners of an octahedron, which are a 2-design of directions."""
    rho = random_density(rng, 2)
    mean = np.mean(
        [
            DensityMatrix(rho)
            .apply(polarization_mode_dispersion(delay_s=1.1, spectral_std_rad_per_s=0.9, axis=axis), 0)
            .matrix
            for axis in AXES[:3]
        ],
        axis=0,
    )
    assert_gives(polarization_mode_dispersion(delay_s=1.1, spectral_std_rad_per_s=0.9), rho, mean)


def test_half_of_a_line_is_half_its_height():
    std = spectral_std(fwhm_hz=3.0)
    np.testing.assert_allclose(np.exp(-((np.pi * 3.0) ** 2) / (2 * std**2)), 0.5, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: rotation("w", angle_rad=0.1), "axis"),
        (lambda: rotation([1.0, 1.0, 0.0], angle_rad=0.1), "axis"),
        (lambda: rotation([0.0, 0.0, np.nan], angle_rad=0.1), "axis"),
        (lambda: rotation("x", angle_rad=0.1, angle_std_rad=-0.1), "angle_std_rad"),
        (lambda: birefringence_drift(angle_std_rad=0.1, model="levy"), "model"),
        (lambda: polarization_mode_dispersion(delay_s=-1.0, spectral_std_rad_per_s=1.0), "delay_s"),
        (lambda: polarization_mode_dispersion(delay_s=1.0, spectral_std_rad_per_s=1.0, delays="all"), "delays"),
    ],
)
def test_bad_values_are_refused_by_name(call, name):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        call()


def test_the_axis_that_is_too_long_is_named():
    with pytest.raises(ParameterError, match=r"`axis` must have the length 1, but has 2"):
        rotation([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]], angle_rad=0.1)


@pytest.mark.parametrize("name", ["delay_s", "spectral_std_rad_per_s"])
def test_axes_that_do_not_broadcast_are_refused_by_name(name):
    values = {"delay_s": 1.0, "spectral_std_rad_per_s": 1.0, name: np.ones(3)}
    with pytest.raises(DimensionError, match=f"`axis`.*`{name}`"):
        polarization_mode_dispersion(axis=AXES[:2], **values)
