"""Fibers: loss on both encodings of a qubit, latency, and what two spliced fibers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import Fiber, amplitude_damping, erasure, polarization_mode_dispersion
from qnet_core import Channel, DensityMatrix, random_state
from qnet_core.errors import ParameterError

LENGTHS = st.floats(0.0, 100.0)
TRANSMISSIVITIES = st.floats(0.0, 1.0)


def erasure_kraus(transmissivity, dim):
    """Everything survives together, or each level is lost on its own; level ``dim`` is "lost" and stays."""
    survive = np.zeros((dim + 1, dim))
    survive[:dim] = np.sqrt(transmissivity) * np.eye(dim)
    lose = np.zeros((dim, dim + 1, dim))
    lose[np.arange(dim), dim, np.arange(dim)] = np.sqrt(1 - transmissivity)
    return np.concatenate([survive[None], lose])


@pytest.mark.parametrize("dim", [2, 3, 4])
@pytest.mark.parametrize("transmissivity", [0.0, 0.3, 1.0])
def test_erasure_loses_all_or_nothing(dim, transmissivity):
    channel = erasure(transmissivity=transmissivity, dim=dim)
    expected = Channel.from_kraus(erasure_kraus(transmissivity, dim), (dim,), (dim + 1,))
    assert (channel.dims_in, channel.dims_out) == ((dim,), (dim + 1,))
    np.testing.assert_allclose(channel.transfer, expected.transfer, atol=1e-14)
    assert channel.is_trace_preserving()


@given(transmissivity=TRANSMISSIVITIES, seed=st.integers(0, 2**32 - 1))
def test_erased_qubit_is_the_old_one_or_flagged(transmissivity, seed):
    rho = random_state(2, rng=np.random.default_rng(seed))
    after = rho.apply(erasure(transmissivity=transmissivity), 0).matrix
    np.testing.assert_allclose(after[:2, :2], transmissivity * rho.matrix, atol=1e-14)
    np.testing.assert_allclose(after[2], [0, 0, 1 - transmissivity], atol=1e-14)


@given(length_km=LENGTHS)
def test_single_rail_loss_is_amplitude_damping(length_km):
    fiber = Fiber(length_km=length_km)
    expected = amplitude_damping(damping=1 - 10 ** (-0.02 * length_km))
    np.testing.assert_allclose(fiber.loss("single-rail").transfer, expected.transfer, atol=1e-13)


@given(length_km=LENGTHS)
def test_dual_rail_loss_is_erasure(length_km):
    fiber = Fiber(length_km=length_km)
    expected = erasure(transmissivity=10 ** (-0.02 * length_km))
    np.testing.assert_allclose(fiber.loss("dual-rail").transfer, expected.transfer, atol=1e-13)


def test_dual_rail_loss_is_loss_on_each_rail():
    """Two rails in number states |10> and |01>: damping of each leaves the qubit or no photon at all."""
    fiber = Fiber(length_km=30.0)
    qubit = np.array([[0.75, 0.15 + 0.2j], [0.15 - 0.2j, 0.25]])
    rails = np.zeros((4, 4), complex)
    rails[np.ix_([2, 1], [2, 1])] = qubit
    loss = fiber.loss("single-rail")
    after = DensityMatrix(rails).apply(loss, 0).apply(loss, 1).matrix
    expected = DensityMatrix(qubit).apply(fiber.loss("dual-rail"), 0).matrix
    np.testing.assert_allclose(after[np.ix_([2, 1, 0], [2, 1, 0])], expected, atol=1e-15)


@given(first=LENGTHS, second=LENGTHS)
def test_two_fibers_in_a_row_are_one(first, second):
    one, two, both = Fiber(length_km=first), Fiber(length_km=second), Fiber(length_km=first + second)
    np.testing.assert_allclose(one.transmissivity * two.transmissivity, both.transmissivity, rtol=1e-12)
    np.testing.assert_allclose(one.latency_s + two.latency_s, both.latency_s, rtol=1e-12, atol=1e-30)
    twice = one.loss("single-rail").then(two.loss("single-rail"))
    np.testing.assert_allclose(twice.transfer, both.loss("single-rail").transfer, atol=1e-13)


def test_little_light_keeps_its_digits():
    """Over 400 km one photon in 1e8 arrives; 1 - (1 - 1e-8) would keep half of its digits."""
    transfer = Fiber(length_km=400.0).loss("single-rail").transfer
    np.testing.assert_allclose([transfer[1, 1], transfer[3, 3]], [1e-4, 1e-8], rtol=1e-12)


def test_defaults_are_telecom_fiber():
    fiber = Fiber(length_km=50.0)
    np.testing.assert_allclose(fiber.transmissivity, 0.1, rtol=1e-14)
    np.testing.assert_allclose(fiber.latency_s, 50.0 * 4.89672091750887e-6, rtol=1e-14)


def test_no_fiber_is_no_loss_and_no_delay():
    fiber = Fiber(length_km=0.0)
    assert fiber.transmissivity == 1
    assert fiber.latency_s == 0
    np.testing.assert_array_equal(fiber.loss("single-rail").transfer, np.eye(4))


def test_ten_decibels_are_a_factor_of_ten():
    np.testing.assert_allclose(
        Fiber(length_km=0.0, insertion_loss_db=np.array([3.0, 10.0, 20.0])).transmissivity, [10**-0.3, 0.1, 0.01]
    )


def test_unknown_encoding_is_refused():
    with pytest.raises(ParameterError, match="`encoding`"):
        Fiber(length_km=1.0).loss("time-bin")


PARTS = {"num_splices": 7, "splice_loss_db": 0.04, "num_connectors": 2, "connector_loss_db": 0.3}


def test_parts_add_up():
    whole = Fiber(length_km=30.0, insertion_loss_db=1.5, **PARTS)
    np.testing.assert_allclose(whole.loss_db, 30 * 0.2 + 1.5 + 7 * 0.04 + 2 * 0.3, rtol=1e-15)
    np.testing.assert_allclose(whole.transmissivity, 10 ** (-8.38 / 10), rtol=1e-14)
    assert Fiber(0.0, num_splices=1).loss_db == 0.05
    assert Fiber(0.0, num_connectors=1).loss_db == 0.25


def test_parts_add_loss_but_no_delay():
    assert Fiber(30.0, **PARTS).latency_s == Fiber(30.0).latency_s


@pytest.mark.parametrize("name", ["num_splices", "num_connectors"])
def test_parts_come_in_whole_numbers(name):
    with pytest.raises(ParameterError, match=rf"Parameter `{name}` must be a whole number, but is 1\.5\."):
        Fiber(1.0, **{name: [1, 1.5]})


def test_attenuation_length():
    fiber = Fiber(7.0, attenuation_db_per_km=[0.2, 1.0, 0.0])
    e_fold = Fiber(fiber.attenuation_length_km[:2], attenuation_db_per_km=[0.2, 1.0])
    np.testing.assert_allclose(e_fold.transmissivity, np.exp(-1), rtol=1e-14)
    assert fiber.attenuation_length_km[2] == np.inf


@pytest.mark.parametrize("axis", [None, "z", (0.6, 0.0, 0.8)])
def test_dispersion_of_polarization_grows_with_the_root_of_the_length(axis):
    spread = 2e12
    fiber = Fiber(length_km=[1.0, 100.0], pmd_ps_per_sqrt_km=[0.5, 0.05])
    channel = fiber.polarization_mode_dispersion(spectral_std_rad_per_s=spread, axis=axis)
    expected = polarization_mode_dispersion(
        delay_s=[0.5e-12, 0.5e-12], spectral_std_rad_per_s=spread, axis=axis, delays="maxwell"
    )
    np.testing.assert_allclose(channel.transfer, expected.transfer, rtol=1e-13, atol=1e-15)


def test_polarization_keeps_without_dispersion():
    channel = Fiber(length_km=100.0).polarization_mode_dispersion(spectral_std_rad_per_s=1e13)
    np.testing.assert_array_equal(channel.transfer, np.eye(4))


def test_fields_are_read_only():
    fiber = Fiber(length_km=[1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        fiber.length_km[0] = 3.0
    with pytest.raises(AttributeError):
        fiber.length_km = 3.0
