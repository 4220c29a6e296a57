"""Loss of photons, of qubits carried by photons and of levels, against master equations, filters and counting."""

from functools import cache
from math import comb, factorial

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from oracles import TILTED_QUBIT, dagger, kron, lindblad_superoperator, random_complex, random_density
from scipy.sparse.linalg import expm_multiply

from qnet_channels import (
    amplitude_damping,
    erasure,
    leakage,
    photon_loss,
    polarization_dependent_loss,
    thermal_loss,
)
from qnet_core import DensityMatrix, bell_state, concurrence, pure_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

HEADROOM = 60  # levels of the master equation, far above the cutoffs that are tested
PARTS = st.floats(0, 1)


def lowering(size):
    return np.diag(np.sqrt(np.arange(1.0, size)), 1)


def numbers_of(rho):
    """Probability of each photon number."""
    return np.diagonal(rho.matrix).real


def mode_state(matrix):
    return DensityMatrix(matrix, len(matrix))


def coherent(amplitude, max_photons):
    """Amplitudes of |alpha>, of norm 1 up to what the cutoff takes."""
    terms = [amplitude**n / np.sqrt(float(factorial(n))) for n in range(max_photons + 1)]
    return np.exp(-(abs(amplitude) ** 2) / 2) * np.array(terms)


@cache
def bath_generator(mean_photons, size=HEADROOM):
    """Sparse generator of decay at rate 1 into a bath, rows stacked, from its jump operators."""
    a, one = scipy.sparse.csr_array(lowering(size)), scipy.sparse.eye_array(size)
    total = 0
    for jump in (np.sqrt(mean_photons + 1) * a, np.sqrt(mean_photons) * a.T):
        square = jump.T @ jump
        back = scipy.sparse.kron(square, one) + scipy.sparse.kron(one, square.T)
        total = total + scipy.sparse.kron(jump, jump) - back / 2
    return scipy.sparse.csr_array(total)


def after_bath(rho, transmissivity, mean_photons):
    """The state after the master equation, with room for what is raised above the cutoff of ``rho``."""
    wide = np.zeros((HEADROOM, HEADROOM), complex)
    wide[: len(rho), : len(rho)] = rho
    time = -np.log(transmissivity)
    return expm_multiply(bath_generator(mean_photons) * time, wide.reshape(-1)).reshape(HEADROOM, HEADROOM)


THERMAL = [(0.9, 0.1), (0.5, 0.1), (0.5, 1.0), (0.05, 0.7), (0.99, 3.0)]


@pytest.mark.parametrize(("transmissivity", "mean_photons"), THERMAL)
@pytest.mark.parametrize("max_photons", [1, 2, 6])
def test_thermal_loss_is_the_master_equation_up_to_the_cutoff(max_photons, transmissivity, mean_photons, rng):
    rho = random_density(rng, max_photons + 1)
    noise = thermal_loss(transmissivity=transmissivity, mean_photons=mean_photons, max_photons=max_photons)
    expected = after_bath(rho, transmissivity, mean_photons)[: max_photons + 1, : max_photons + 1]
    np.testing.assert_allclose(mode_state(rho).apply(noise, 0).matrix, expected, atol=1e-11)


@pytest.mark.parametrize(("transmissivity", "mean_photons"), THERMAL)
def test_what_thermal_loss_raises_above_the_cutoff_is_missing_trace(transmissivity, mean_photons, rng):
    rho = random_density(rng, 5)
    noise = thermal_loss(transmissivity=transmissivity, mean_photons=mean_photons, max_photons=4)
    above = np.trace(after_bath(rho, transmissivity, mean_photons)[5:, 5:]).real
    np.testing.assert_allclose(1 - mode_state(rho).apply(noise, 0).trace(), above, atol=1e-11)
    assert above > 1e-4
    assert noise.is_completely_positive()
    assert not noise.is_trace_preserving()


@pytest.mark.parametrize("mean_photons", [0.1, 1.0, 3.0])
def test_what_is_left_of_nothing_is_thermal(mean_photons, rng):
    """Where no photon comes through, every input gives the bath: n photons with (N/(1+N))**n/(1+N)."""
    ratio = mean_photons / (1 + mean_photons)
    noise = thermal_loss(transmissivity=0.0, mean_photons=mean_photons, max_photons=5)
    after = mode_state(random_density(rng, 6)).apply(noise, 0)
    np.testing.assert_allclose(after.matrix, np.diag(ratio ** np.arange(6) / (1 + mean_photons)), atol=1e-15)
    np.testing.assert_allclose(1 - after.trace(), ratio**6, atol=1e-15)


@pytest.mark.parametrize(("transmissivity", "mean_photons"), [(0.9, 0.1), (0.5, 0.1), (0.3, 0.2), (0.05, 0.15)])
def test_mean_number_under_thermal_loss(transmissivity, mean_photons):
    max_photons = 24
    noise = thermal_loss(transmissivity=transmissivity, mean_photons=mean_photons, max_photons=max_photons)
    for photons in (0, 1, 3):
        after = pure_state(np.eye(max_photons + 1)[photons], max_photons + 1).apply(noise, 0)
        mean = numbers_of(after) @ np.arange(max_photons + 1)
        expected = transmissivity * photons + (1 - transmissivity) * mean_photons
        np.testing.assert_allclose(mean, expected, atol=1e-9)


def test_quadratures_under_thermal_loss_stay_on_course():
    """The mean amplitude shrinks by the root of the transmissivity, whatever the bath adds."""
    a, amplitude = lowering(25), 0.5 - 0.3j
    noise = thermal_loss(transmissivity=0.64, mean_photons=0.2, max_photons=24)
    after = pure_state(coherent(amplitude, 24), 25).apply(noise, 0).matrix
    np.testing.assert_allclose(np.trace(a @ after), 0.8 * amplitude, atol=1e-9)


@pytest.mark.parametrize("transmissivity", [0.0, 0.3, 1.0])
def test_a_cold_bath_only_loses(transmissivity):
    cold = thermal_loss(transmissivity=transmissivity, mean_photons=0.0, max_photons=4)
    loss = photon_loss(transmissivity=transmissivity, max_photons=4)
    np.testing.assert_allclose(cold.transfer, loss.transfer, atol=1e-15)


def test_two_baths_of_one_temperature_are_one():
    """Of inputs and outputs far below the cutoff, which alone feels that there is one."""
    first, second, both = (
        thermal_loss(transmissivity=value, mean_photons=0.1, max_photons=16) for value in (0.8, 0.5, 0.4)
    )
    rho = mode_state(np.diag([0.3, 0.7, *[0.0] * 15]))
    twice, once = rho.apply(first, 0).apply(second, 0).matrix, rho.apply(both, 0).matrix
    np.testing.assert_allclose(twice[:6, :6], once[:6, :6], atol=1e-10)


@pytest.mark.parametrize("transmissivity", [0.2, 0.7, 0.99])
def test_photon_loss_is_the_master_equation(transmissivity):
    """The whole map, as loss never leaves the levels below the cutoff."""
    size = 5
    expected = lindblad_superoperator(np.zeros((size, size)), [lowering(size)], -np.log(transmissivity))
    loss = photon_loss(transmissivity=transmissivity, max_photons=size - 1)
    np.testing.assert_allclose(loss.superop(), expected, atol=1e-13)


@pytest.mark.parametrize("amplitude", [0.0, 0.4, -1.1, 0.5 + 0.8j, 1.5j])
@pytest.mark.parametrize("transmissivity", [0.0, 0.25, 0.6, 1.0])
def test_coherent_states_stay_coherent(transmissivity, amplitude):
    rho = pure_state(coherent(amplitude, 28), 29)
    after = rho.apply(photon_loss(transmissivity=transmissivity, max_photons=28), 0)
    expected = coherent(np.sqrt(transmissivity) * amplitude, 28)
    np.testing.assert_allclose(after.matrix, np.outer(expected, expected.conj()), atol=1e-11)


@pytest.mark.parametrize("photons", [1, 4, 9])
@pytest.mark.parametrize("transmissivity", [0.0, 0.35, 1.0])
def test_photons_are_lost_one_by_one(transmissivity, photons):
    after = pure_state(np.eye(photons + 1)[photons], photons + 1).apply(
        photon_loss(transmissivity=transmissivity, max_photons=photons), 0
    )
    expected = [
        comb(photons, k) * transmissivity**k * (1 - transmissivity) ** (photons - k) for k in range(photons + 1)
    ]
    np.testing.assert_allclose(after.matrix, np.diag(expected), atol=1e-14)


@given(first=PARTS, second=PARTS)
def test_losses_of_photons_multiply(first, second):
    one, two, both = (photon_loss(transmissivity=value, max_photons=4) for value in (first, second, first * second))
    np.testing.assert_allclose(one.then(two).transfer, both.transfer, atol=1e-13)


@given(transmissivity=PARTS)
def test_photon_loss_keeps_the_trace(transmissivity):
    loss = photon_loss(transmissivity=transmissivity, max_photons=6)
    assert loss.is_trace_preserving(1e-13)
    assert loss.is_completely_positive(1e-13)


@pytest.mark.parametrize("transmissivity", [0.0, 0.7, 1.0])
def test_a_single_rail_is_damped(transmissivity):
    loss = photon_loss(transmissivity=transmissivity, max_photons=1)
    np.testing.assert_allclose(
        loss.transfer, amplitude_damping(damping=1 - transmissivity).transfer, rtol=1e-15, atol=1e-15
    )
    after = bell_state("phi+").apply(loss, 1)
    np.testing.assert_allclose(concurrence(after), np.sqrt(transmissivity), atol=1e-8)
    np.testing.assert_allclose(numbers_of(after.ptrace(1))[0], 1 - transmissivity / 2, rtol=1e-15)


def one_photon_in_two_rails(rho, first, second):
    """A dual-rail qubit after loss in each rail: its 4 levels as 0, 1 and nothing, by Kraus operators of the rails."""
    rails = np.zeros((4, 2))
    rails[[2, 1], [0, 1]] = 1  # |0> is a photon in the first rail, |10>
    one = [np.diag([1, np.sqrt(first)]), np.sqrt(1 - first) * np.array([[0, 1], [0, 0]])]
    two = [np.diag([1, np.sqrt(second)]), np.sqrt(1 - second) * np.array([[0, 1], [0, 0]])]
    operators = [kron(a, b) @ rails for a in one for b in two]
    after = sum(k @ rho @ dagger(k) for k in operators)
    places = [2, 1, 0]
    assert np.trace(after).real == pytest.approx(np.trace(after[np.ix_(places, places)]).real, abs=1e-15)
    return after[np.ix_(places, places)]


@pytest.mark.parametrize("transmissivity", [0.0, 0.4, 1.0])
def test_loss_in_both_rails_is_erasure(transmissivity, rng):
    rho = random_density(rng, 2)
    after = DensityMatrix(rho).apply(erasure(transmissivity=transmissivity), 0).matrix
    np.testing.assert_allclose(after, one_photon_in_two_rails(rho, transmissivity, transmissivity), atol=1e-15)


@pytest.mark.parametrize(("horizontal", "vertical"), [(0.9, 0.3), (0.0, 1.0), (0.5, 0.0), (1.0, 1.0), (0.2, 0.6)])
def test_unequal_loss_in_the_rails_is_polarization_dependent_loss(horizontal, vertical, rng):
    rho = random_density(rng, 2)
    noise = polarization_dependent_loss(horizontal=horizontal, vertical=vertical)
    after = DensityMatrix(rho).apply(noise, 0).matrix
    np.testing.assert_allclose(after, one_photon_in_two_rails(rho, horizontal, vertical), atol=1e-15)
    assert noise.is_trace_preserving(1e-14)


@pytest.mark.parametrize(("horizontal", "vertical"), [(0.9, 0.3), (0.25, 1.0)])
def test_polarization_dependent_loss_filters_what_arrives(horizontal, vertical):
    noise = polarization_dependent_loss(horizontal=horizontal, vertical=vertical)
    after = DensityMatrix(TILTED_QUBIT).apply(noise, 0).matrix
    arrival = 0.75 * horizontal + 0.25 * vertical
    np.testing.assert_allclose(np.trace(after[:2, :2]), arrival, rtol=1e-14)
    np.testing.assert_allclose(after[2, 2], 0.75 * (1 - horizontal) + 0.25 * (1 - vertical), rtol=1e-14)
    np.testing.assert_allclose(after[2, :2], 0, atol=1e-16)
    kept = np.diag(np.sqrt([horizontal, vertical]))
    np.testing.assert_allclose(after[:2, :2] / arrival, kept @ TILTED_QUBIT @ kept / arrival, atol=1e-15)


def test_a_filter_makes_a_partly_entangled_pair_a_perfect_one():
    """Procrustean concentration: what has more of |11> loses it, with the probability 2 min."""
    pair = pure_state(np.sqrt([0.2, 0, 0, 0.8]))
    after = pair.apply(polarization_dependent_loss(horizontal=1.0, vertical=0.25), 1)
    arrived = after.matrix.reshape(2, 3, 2, 3)[:, :2, :, :2].reshape(4, 4)
    np.testing.assert_allclose(arrived, 0.4 * bell_state("phi+").matrix, atol=1e-15)


@pytest.mark.parametrize("dim", [2, 3, 5])
@pytest.mark.parametrize("transmissivity", [0.0, 0.3, 1.0])
def test_erasure_keeps_the_state_or_says_that_it_is_lost(transmissivity, dim, rng):
    rho = random_density(rng, dim)
    after = mode_state(rho).apply(erasure(transmissivity=transmissivity, dim=dim), 0)
    expected = np.zeros((dim + 1, dim + 1), complex)
    expected[:dim, :dim], expected[dim, dim] = transmissivity * rho, 1 - transmissivity
    assert after.dims == (dim + 1,)
    np.testing.assert_allclose(after.matrix, expected, atol=1e-15)


@pytest.mark.parametrize(("probability", "seepage"), [(0.1, 0.0), (0.0, 0.3), (0.2, 0.5), (1.0, 0.0), (1.0, 1.0)])
def test_leakage_moves_populations_and_shrinks_coherences(probability, seepage, rng):
    rho = random_density(rng, 3)
    after = mode_state(rho).apply(leakage(probability=probability, seepage=seepage), 0).matrix
    one, two = rho[1, 1].real, rho[2, 2].real
    populations = [rho[0, 0].real, one * (1 - probability) + two * seepage, two * (1 - seepage) + one * probability]
    np.testing.assert_allclose(np.diagonal(after), populations, atol=1e-15)
    np.testing.assert_allclose(after[0, 1], rho[0, 1] * np.sqrt(1 - probability), atol=1e-15)
    np.testing.assert_allclose(after[0, 2], rho[0, 2] * np.sqrt(1 - seepage), atol=1e-15)
    np.testing.assert_allclose(after[1, 2], rho[1, 2] * np.sqrt((1 - probability) * (1 - seepage)), atol=1e-15)


def test_leakage_rate_is_half_the_probability():
    """What leaves the qubit's levels, averaged over six states in all directions."""
    vectors = np.array([[1, 0, 0], [0, 1, 0], *[[1, phase, 0] / np.sqrt(2) for phase in (1, -1, 1j, -1j)]])
    after = pure_state(vectors, 3).apply(leakage(probability=0.08), 0)
    np.testing.assert_allclose(after.matrix[:, 2, 2].real.mean(), 0.04, rtol=1e-14)


def test_leakage_and_seepage_come_to_a_balance():
    after = mode_state(np.diag([0.4, 0.6, 0.0])).apply(leakage(probability=0.02, seepage=0.1).power(400), 0)
    np.testing.assert_allclose(numbers_of(after), [0.4, 0.5, 0.1], atol=1e-12)


BATCHED = {
    "photon_loss": (photon_loss, {"transmissivity": [0.1, 0.8]}, {"max_photons": 3}),
    "thermal_loss": (thermal_loss, {"transmissivity": [0.1, 0.8], "mean_photons": [0.0, 0.5]}, {"max_photons": 3}),
    "polarization_dependent_loss": (
        polarization_dependent_loss,
        {"horizontal": [0.1, 1.0], "vertical": [0.0, 0.4]},
        {},
    ),
    "leakage": (leakage, {"probability": [0.1, 1.0], "seepage": [0.0, 0.4]}, {}),
    "erasure": (erasure, {"transmissivity": [0.0, 0.4]}, {"dim": 3}),
}
each_map = pytest.mark.parametrize("name", BATCHED)


@each_map
def test_parameters_broadcast(name):
    function, values, fixed = BATCHED[name]
    axes = np.meshgrid(*values.values(), indexing="ij", sparse=True)
    batch = function(**dict(zip(values, axes, strict=True)), **fixed)
    assert batch.batch_shape == (2,) * len(values)
    for index in np.ndindex(batch.batch_shape):
        point = {key: pair[k] for k, (key, pair) in zip(index, values.items(), strict=True)}
        np.testing.assert_allclose(batch.transfer[index], function(**point, **fixed).transfer, atol=1e-15)


@each_map
def test_parameters_out_of_range_are_refused_by_name(name):
    function, values, fixed = BATCHED[name]
    good = {key: pair[0] for key, pair in values.items()}
    for key in values:
        for bad in (-0.1, np.nan, np.inf, [0.1, -0.1], *([1.1] if key != "mean_photons" else [])):
            with pytest.raises(ParameterError, match=f"`{key}`"):
                function(**{**good, key: bad}, **fixed)
        with pytest.raises(ParameterTypeError, match=f"`{key}`"):
            function(**{**good, key: "half"}, **fixed)


@pytest.mark.parametrize("name", [name for name in BATCHED if len(BATCHED[name][1]) > 1])
def test_parameters_that_do_not_broadcast_are_refused(name):
    function, values, fixed = BATCHED[name]
    shapes = [np.full(2 + k, 0.5) for k in range(len(values))]
    with pytest.raises(DimensionError, match="must broadcast, but are `"):
        function(**dict(zip(values, shapes, strict=True)), **fixed)


@pytest.mark.parametrize("max_photons", [0, -1, 1.5, "3"])
def test_cutoffs_are_whole_and_positive(max_photons):
    with pytest.raises((ParameterError, ParameterTypeError), match="`max_photons`"):
        photon_loss(transmissivity=0.5, max_photons=max_photons)
    with pytest.raises((ParameterError, ParameterTypeError), match="`max_photons`"):
        thermal_loss(transmissivity=0.5, mean_photons=0.1, max_photons=max_photons)


def test_loss_of_one_mode_leaves_the_other(rng):
    factor = random_complex(rng, 12, 12)
    rho = factor @ dagger(factor)
    state = DensityMatrix(rho / np.trace(rho), (3, 4))
    after = state.apply(photon_loss(transmissivity=0.3, max_photons=3), 1)
    np.testing.assert_allclose(after.ptrace(0).matrix, state.ptrace(0).matrix, atol=1e-15)
