"""MDI, twin-field and Gaussian keys: phases integrated, Fock states sent through, covariances written out."""

import numpy as np
import pytest
import qkd_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st

from qnet_protocols import gg02, mdi_gains, mdi_qkd, phase_slice_error, repeaterless_bound, twin_field
from qnet_protocols.twin_fields import fock_clicks, phase_error_gain

STATIONS = [((0.3, 0.1), (0.5, 0.9), 1e-3), ((0.9, 1.0), (2.0, 0.4), 0.05), ((0.02, 0.02), (0.4, 0.4), 0.0)]


@pytest.mark.parametrize(("eta", "mean", "dark"), STATIONS)
def test_station_by_integrals_over_phases(eta, mean, dark):
    found = mdi_gains(transmissivity=eta, mean_photons=mean, dark_count_probability=dark)
    for basis, gain, rate in (("Z", found.gain_z, found.error_rate_z), ("X", found.gain_x, found.error_rate_x)):
        expected = np.real(oracle.announced(mean, eta, dark, basis))
        np.testing.assert_allclose([gain, gain * rate], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("eta", "dark"), [((0.3, 0.1), 1e-3), ((0.9, 1.0), 0.05), ((0.5, 0.5), 0.0)])
def test_single_photons_are_coefficients_of_the_pulses(eta, dark):
    found = mdi_gains(transmissivity=eta, dark_count_probability=dark)
    for basis, gain, rate in (("Z", found.gain_z, found.error_rate_z), ("X", found.gain_x, found.error_rate_x)):
        expected = oracle.announced_single_photons(eta, dark, basis)
        np.testing.assert_allclose([gain, gain * rate], expected, rtol=1e-7, atol=1e-11)


def test_station_far_away_keeps_its_digits():
    """To second order in weak light, with no dark counts: Z μ²η²/2, X twice that with a quarter wrong."""
    light = 1e-9
    found = mdi_gains(transmissivity=light, mean_photons=1.0)
    np.testing.assert_allclose([found.gain_z, found.gain_x], [light**2 / 2, light**2], rtol=1e-7)
    np.testing.assert_allclose([found.error_rate_z, found.error_rate_x], [0, 0.25], atol=1e-7)


@given(error=st.floats(0.0, 0.5))
def test_misalignment_of_a_station(error):
    """Weak light: wrong in Z with that probability, in X in a quarter of the cases and in half of it more."""
    found = mdi_gains(transmissivity=1e-5, mean_photons=0.1, misalignment_error=error)
    np.testing.assert_allclose([found.error_rate_z, found.error_rate_x], [error, 0.25 + error / 2], atol=1e-5)


def test_pairs_of_single_photons_are_bounded_by_errors_in_x():
    eta, mean = (0.1, 0.05), (0.3, 0.6)
    hardware = {"transmissivity": eta, "dark_count_probability": 1e-6, "misalignment_error": 0.01}
    key, single = mdi_qkd(mean_photons=mean, **hardware), mdi_gains(**hardware)
    share = 0.3 * 0.6 * np.exp(-0.9)
    np.testing.assert_allclose(key.single_photon_gain, share * single.gain_x, rtol=1e-13)
    np.testing.assert_allclose(key.phase_error_rate, single.error_rate_x, rtol=1e-13)


@pytest.mark.parametrize(("eta", "mean", "dark"), [(0.3, 0.05, 1e-3), (1.0, 0.02, 0.0), (0.01, 0.03, 1e-6)])
def test_phase_errors_of_twin_fields_by_fock_states(eta, mean, dark):
    found = twin_field(transmissivity=eta, mean_photons=mean, dark_count_probability=dark)
    expected = oracle.twin_field_phase_errors(mean, eta, dark, most=7) / (found.gain / 2)
    assert expected < 0.5
    np.testing.assert_allclose(found.phase_error_rate, expected, rtol=2e-5)
    assert found.phase_error_rate >= expected


def test_number_states_leave_by_one_port_as_counted():
    for n, m in ((0, 0), (1, 0), (2, 1), (3, 2)):
        expected = oracle.number_states_click(n, m, 0.6, 0.01)
        np.testing.assert_allclose(oracle.one_port_click(n, m, 0.6, 0.01), expected, rtol=1e-12)


@pytest.mark.parametrize("mean", [0.1, 0.7, 2.0])
def test_many_photons_do_not_escape_the_bound_of_twin_fields(mean):
    """It is no less than the whole sum, and no more than by what lies beyond the photons counted one by one."""
    found = phase_error_gain(np.float64(mean), fock_clicks(np.float64(1.0), np.float64(0.0)))
    whole = oracle.twin_field_phase_errors(mean, 1.0, 0.0, most=26, click=oracle.one_port_click)
    assert whole * (1 - 1e-13) <= found <= whole * (1 + 1e-2)


def test_twin_fields_click_as_coherent_light_does():
    eta, mean, dark, astray = 0.2, 0.1, 1e-3, 0.03
    found = twin_field(transmissivity=eta, mean_photons=mean, dark_count_probability=dark, misalignment_error=astray)
    phase = 2 * np.arcsin(np.sqrt(astray))
    clicks = {}
    for bits in ((0, 0), (0, 1)):
        a, b = np.sqrt(eta * mean) * np.exp(1j * (np.pi * np.array(bits) + [0, phase]))
        lit = [1 - (1 - dark) * np.exp(-(abs(one) ** 2)) for one in ((a + b) / np.sqrt(2), (a - b) / np.sqrt(2))]
        clicks[bits] = lit[0] * (1 - lit[1]), lit[1] * (1 - lit[0])
    gain = np.mean([sum(pair) for pair in clicks.values()])
    wrong = (clicks[0, 0][1] + clicks[0, 1][0]) / 2
    np.testing.assert_allclose([found.gain, found.error_rate], [gain, wrong / gain], rtol=1e-12)


@pytest.mark.parametrize("mean", [0.5, 1.0, 3.9, 4.1, 50.0, 1e6])
def test_bright_twin_fields_have_no_key(mean):
    """The bound stays one where most photons lie beyond those counted one by one."""
    found = twin_field(transmissivity=[0.01, 1.0], mean_photons=mean, misalignment_error=0.0)
    assert np.all(found.phase_error_rate > 0.2)
    assert np.all(found.secret_fraction == 0)


@pytest.mark.parametrize(("slices", "error"), [(2, 0.5), (4, 0.5 - 1 / np.pi), (1e9, 0.0)])
def test_slices_of_phase(slices, error):
    """The mean of sin²((a - b)/2) for phases a, b within a slice of width 2π/M."""
    np.testing.assert_allclose(phase_slice_error(num_slices=slices), error, atol=1e-12)


@pytest.mark.parametrize(
    "given_values",
    [
        (0.1, 5.0, 0.01, 0.6, 0.1),
        (0.7, 20.0, 0.05, 0.9, 0.01),
        (0.01, 1.0, 0.001, 0.5, 0.3),
        (0.999, 3.0, 0.2, 0.99, 0.0),
    ],
)
def test_gaussian_keys_by_covariances(given_values):
    names = ("transmissivity", "modulation_variance", "excess_noise", "efficiency", "electronic_noise")
    found = gg02(**dict(zip(names, given_values, strict=True)))
    shared, stolen = oracle.gaussian_informations(*given_values)
    np.testing.assert_allclose([found.mutual_information, found.holevo_information], [shared, stolen], rtol=1e-9)


def test_strong_modulation_and_perfect_homodyne_reach_half_of_the_bound():
    eta = np.array([0.9, 0.3, 1e-3])
    key = gg02(transmissivity=eta, modulation_variance=1e8, reconciliation_fraction=1.0)
    np.testing.assert_allclose(key.secret_fraction, repeaterless_bound(eta) / 2, rtol=1e-5)


@given(
    eta=st.floats(0.0, 1.0), modulation=st.floats(0.0, 1e4), noise=st.floats(0.0, 2.0), efficiency=st.floats(0.01, 1.0),
    electronic=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0),
)  # fmt: skip
def test_noise_never_gives_more_gaussian_key(eta, modulation, noise, efficiency, electronic, more):
    given_values = {"modulation_variance": modulation, "efficiency": efficiency, "electronic_noise": electronic}
    quiet, noisy = gg02(
        transmissivity=eta, excess_noise=np.array([noise, noise + more]), **given_values
    ).secret_fraction
    assert quiet >= noisy - 1e-14
    assert noisy >= 0
    near, far = gg02(
        transmissivity=np.array([eta, eta * (1 - more)]), excess_noise=noise, **given_values
    ).secret_fraction
    assert near >= far - 1e-14


def test_no_light_no_gaussian_key():
    found = gg02(transmissivity=[0.0, 0.5], modulation_variance=[5.0, 0.0], excess_noise=0.1)
    assert np.all(found.secret_fraction == 0)
    assert np.all(found.mutual_information == 0)


def test_weak_gaussian_signals_keep_their_digits():
    """Far away and without noise, the key goes with the transmissivity; a part in 1e6 is its second order."""
    near, far = gg02(transmissivity=[1e-6, 1e-7], modulation_variance=5.0, reconciliation_fraction=1.0).secret_fraction
    assert near / far == pytest.approx(10, rel=1e-5)
    weak, weaker = gg02(
        transmissivity=0.5, modulation_variance=[1e-6, 1e-7], reconciliation_fraction=1.0
    ).secret_fraction
    assert weak / weaker == pytest.approx(10, rel=0.2)
    assert weaker > 0
