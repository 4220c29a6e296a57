"""Dephasing by slow and by shared noise, against integrals over the noise and averages over its values."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given
from hypothesis import strategies as st
from oracles import random_density
from scipy.optimize import brentq

from qnet_channels import (
    collective_dephasing,
    decoherence_free_subspaces,
    decoupled_coherence,
    decoupled_t2,
    gaussian_dephasing,
    t2_star_from_detuning,
    t2_star_from_linewidth,
)
from qnet_core import DensityMatrix
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on [0, 1]
PULSES = range(6)
NOISES = [(1.0, 10.0, 3.0), (1.3, 0.7, 2.0), (2.0, 0.05, 1.5), (0.4, 3.0, 3.0), (5.0, 200.0, 0.6)]  # b, tau, t
each_pulse_number = pytest.mark.parametrize("num_pulses", PULSES)


def left(spread, time, duration, num_pulses):
    return decoupled_coherence(
        duration_s=duration, detuning_std_rad_per_s=spread, correlation_time_s=time, num_pulses=num_pulses
    )


def toggling_intervals(duration, num_pulses, longest):
    """Pieces (start, length, sign) no longer than ``longest``, with a change of sign at (k - 1/2)/N of the duration."""
    turns = [(k - 0.5) / num_pulses * duration for k in range(1, num_pulses + 1)]
    edges = np.array([0.0, *turns, duration])
    pieces = []
    for k, (start, stop) in enumerate(pairwise(edges)):
        count = max(1, int(np.ceil((stop - start) / longest)))
        length = (stop - start) / count
        pieces += [(start + j * length, length, (-1) ** k) for j in range(count)]
    return pieces


def integrated_phase_variance(spread, time, duration, num_pulses):
    """Half the double integral of y(u) y(v) C(u - v) by Gauss-Legendre quadrature, which the kink at u = v divides."""
    pieces = toggling_intervals(duration, num_pulses, time)
    starts, lengths, signs = (np.array(column, float) for column in zip(*pieces, strict=True))
    points = starts[:, None] + lengths[:, None] * NODES
    weights = signs[:, None] * lengths[:, None] * WEIGHTS
    total = 0.0
    for k in range(len(pieces)):
        for m in range(k):
            correlation = np.exp(-np.abs(points[k][:, None] - points[m]) / time)
            total += 2 * weights[k] @ correlation @ weights[m]
        # Twice the triangle v < u, mapped on the square by v - start = q (u - start).
        u, gap = np.meshgrid(NODES, 1 - NODES, indexing="ij")
        inner = np.exp(-lengths[k] * u * gap / time) * u
        total += 2 * lengths[k] ** 2 * WEIGHTS @ inner @ WEIGHTS
    return spread**2 * total / 2


def exact_coherence(spread, time, duration, num_pulses, digits=160):
    """The same integral, taken piece by piece with so many digits that nothing that cancels is missed."""
    with localcontext() as context:
        context.prec = digits
        b, tau, t = (Decimal(float(value)) for value in (spread, time, duration))
        turns = [Decimal(2 * k - 1) / (2 * num_pulses) for k in range(1, num_pulses + 1)]
        edges = [Decimal(0), *turns, Decimal(1)]
        total = behind = Decimal(0)
        for k, (start, stop) in enumerate(pairwise(edges)):
            step, sign = (stop - start) * t / tau, (-1) ** k
            faded = 1 - (-step).exp()
            total += step - faded + sign * behind * faded
            behind = behind * (1 - faded) + sign * faded
        return float((-((b * tau) ** 2) * total).exp())


@each_pulse_number
@pytest.mark.parametrize(("spread", "time", "duration"), NOISES)
def test_pulses_against_the_double_integral(spread, time, duration, num_pulses):
    expected = np.exp(-integrated_phase_variance(spread, time, duration, num_pulses))
    np.testing.assert_allclose(left(spread, time, duration, num_pulses), expected, rtol=1e-11)


def test_double_integral_against_adaptive_quadrature():
    """One echo, with the function that turns its sign in the middle written out."""

    def integrand(v, u):
        return np.sign(u - 1) * np.sign(v - 1) * np.exp(-abs(u - v) / 0.7)

    half = sum(
        scipy.integrate.dblquad(integrand, *box)[0]
        for box in [(0, 1, 0, lambda u: u), (1, 2, 0, 1), (1, 2, 1, lambda u: u)]
    )
    np.testing.assert_allclose(integrated_phase_variance(1.3, 0.7, 2.0, 1), 1.69 * half, rtol=1e-9)


@each_pulse_number
@pytest.mark.parametrize(("spread", "time", "duration"), NOISES)
def test_pulses_against_many_digits(spread, time, duration, num_pulses):
    expected = exact_coherence(spread, time, duration, num_pulses)
    np.testing.assert_allclose(left(spread, time, duration, num_pulses), expected, rtol=1e-12)


@pytest.mark.parametrize("num_pulses", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize(
    ("spread", "time", "duration"),
    [
        (1.0, 1e-9, 1e3),  # the bath forgets a trillion times
        (1e5, 1e-9, 1.0),
        (3.0, 1e-4, 1.0),
        (1.0, 1e3, 1.0),
        (1e3, 1e6, 1.0),  # phases of a thousand radians that the pulses take back
        (1e5, 1e9, 1.0),
        (1e6, 1e12, 1.0),
        (1e9, 1e30, 1.0),  # a detuning that is constant for all purposes
        (2e6 * np.pi, 1.0, 1e-2),
    ],
)
def test_fast_and_slow_baths_against_many_digits(spread, time, duration, num_pulses):
    expected = exact_coherence(spread, time, duration, num_pulses)
    np.testing.assert_allclose(left(spread, time, duration, num_pulses), expected, rtol=1e-11, atol=1e-300)


@given(
    spread=st.floats(-6, 9).map(lambda power: 10**power),
    time=st.floats(-9, 30).map(lambda power: 10**power),
    duration=st.floats(-9, 3).map(lambda power: 10**power),
    num_pulses=st.integers(0, 8),
)
def test_coherence_is_never_more_than_there_was(spread, time, duration, num_pulses):
    assert 0 <= left(spread, time, duration, num_pulses) <= 1


@each_pulse_number
def test_a_static_detuning_is_refocused_by_any_pulse(num_pulses):
    expected = np.exp(-(3.0**2) / 2) if num_pulses == 0 else 1.0
    np.testing.assert_allclose(left(1e4, 1e24, 3e-4, num_pulses), expected, rtol=1e-9)


@pytest.mark.parametrize("num_pulses", PULSES[1:])
def test_slow_bath_decays_with_the_cube_of_time(num_pulses):
    spread, time = 1.0, 1e4
    duration = np.cbrt(12 * time * num_pulses**2)
    np.testing.assert_allclose(-np.log(left(spread, time, duration, num_pulses)), 1.0, rtol=2e-2)
    ratio = np.log(left(spread, time, 2e-3 * time, num_pulses)) / np.log(left(spread, time, 1e-3 * time, num_pulses))
    np.testing.assert_allclose(ratio, 8.0, rtol=2e-3)


@each_pulse_number
def test_fast_bath_decays_exponentially_whatever_is_done(num_pulses):
    """White noise of the density b**2 tau on both sides: pulses that are slower than the bath change nothing."""
    np.testing.assert_allclose(left(100.0, 1e-4, 1.0, num_pulses), np.exp(-1.0), rtol=2e-3)


@each_pulse_number
def test_no_time_and_no_noise_leave_everything(num_pulses):
    assert left(1.0, 1.0, 0.0, num_pulses) == 1.0
    assert left(0.0, 1.0, 5.0, num_pulses) == 1.0


def test_pulses_broadcast_over_the_noise():
    spread, time, duration = np.array([[0.5], [2.0]]), np.array([0.1, 1.0, 40.0]), 1.7
    batch = left(spread, time, duration, 3)
    assert batch.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_allclose(batch[i, j], left(spread[i, 0], time[j], duration, 3), rtol=1e-14)


@pytest.mark.parametrize("num_pulses", [-1, 1.5, "2"])
def test_pulses_are_whole(num_pulses):
    with pytest.raises((ParameterError, ParameterTypeError), match="`num_pulses`"):
        left(1.0, 1.0, 1.0, num_pulses)


@pytest.mark.parametrize("num_pulses", [2, 8, 32])
def test_coherence_time_grows_as_in_a_slow_bath(num_pulses):
    """The rule of the exponent 2/3 against the times at which the exact coherence is 1/e."""
    echo, many = (brentq(lambda t, n=n: left(1.0, 1e9, t, n) - np.exp(-1), 1.0, 1e5) for n in (1, num_pulses))
    np.testing.assert_allclose(decoupled_t2(t2_s=echo, num_pulses=num_pulses), many, rtol=1e-4)


def test_coherence_time_never_exceeds_twice_the_lifetime():
    times = decoupled_t2(t2_s=1.0, num_pulses=[1, 8, 1000], t1_s=2.5)
    np.testing.assert_allclose(times, [1.0, 4.0, 5.0], rtol=1e-14)


def test_white_noise_gains_nothing_from_pulses():
    assert decoupled_t2(t2_s=0.3, num_pulses=100, exponent=0.0) == 0.3


def test_t2_star_of_a_detuning_is_where_its_mean_is_1_over_e():
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    for spread in (0.3, 2.0, 5e4):
        time = t2_star_from_detuning(detuning_std_rad_per_s=spread)
        mean = weights @ np.cos(spread * nodes * time) / weights.sum()
        np.testing.assert_allclose(mean, np.exp(-1), rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        ("gaussian", lambda f, width: np.exp(-4 * np.log(2) * (f / width) ** 2)),
        ("lorentzian", lambda f, width: 1 / (1 + (2 * f / width) ** 2)),
    ],
)
def test_t2_star_of_a_line_is_where_its_fourier_transform_is_1_over_e(shape, line):
    width = 30.0
    assert line(width / 2, width) == pytest.approx(line(0.0, width) / 2, rel=1e-15)
    time = t2_star_from_linewidth(fwhm_hz=width, shape=shape)

    def transform(t):
        if t == 0:
            return scipy.integrate.quad(line, 0, np.inf, args=(width,), epsabs=0, epsrel=1e-12)[0]
        cosine = {"weight": "cos", "wvar": 2 * np.pi * t, "limlst": 200}
        return scipy.integrate.quad(line, 0, np.inf, args=(width,), epsabs=1e-11, **cosine)[0]

    np.testing.assert_allclose(transform(time) / transform(0), np.exp(-1), rtol=1e-8)


def test_unknown_shape_of_a_line_is_refused():
    with pytest.raises(ParameterError, match=r"`shape`.*gaussian, lorentzian.*voigt"):
        t2_star_from_linewidth(fwhm_hz=1.0, shape="voigt")


@pytest.mark.parametrize("duration_s", [0.0, 1e-3, 0.4, 2.0])
def test_gaussian_dephasing_is_a_mean_over_rotations(duration_s, rng):
    spread, rho = 1.7, random_density(rng, 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    mean = 0
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        turn = np.diag(np.exp([-0.5j * spread * node * duration_s, 0.5j * spread * node * duration_s]))
        mean = mean + weight * turn @ rho @ turn.conj()
    channel = gaussian_dephasing(duration_s=duration_s, t2_star_s=t2_star_from_detuning(detuning_std_rad_per_s=spread))
    np.testing.assert_allclose(DensityMatrix(rho).apply(channel, 0).matrix, mean, atol=1e-13)


@given(
    waits=st.lists(st.floats(0, 3), min_size=1, max_size=4),
    exponent=st.floats(0.5, 4),
    time=st.floats(0.2, 5),
)
def test_waits_with_the_clock_running_are_one_wait(waits, exponent, time):
    ages = np.concatenate([[0.0], np.cumsum(waits)[:-1]])
    parts = gaussian_dephasing(duration_s=np.array(waits), t2_star_s=time, exponent=exponent, age_s=ages)
    whole = np.exp(-((sum(waits) / time) ** exponent))
    np.testing.assert_allclose(np.prod(parts.transfer[:, 1, 1]), whole, rtol=1e-10, atol=1e-300)
    assert (parts.transfer[:, 1, 1] <= 1).all()


@pytest.mark.parametrize("age_s", [0.0, 0.3, 50.0])
def test_exponential_dephasing_has_no_age(age_s):
    channel = gaussian_dephasing(duration_s=0.4, t2_star_s=2.0, exponent=1, age_s=age_s)
    np.testing.assert_allclose(np.diagonal(channel.transfer), [1, np.exp(-0.2), np.exp(-0.2), 1], rtol=1e-13)


@pytest.mark.parametrize("exponent", [1, 2, 3])
@pytest.mark.parametrize("age_s", [0.5, 10.0, 300.0])
def test_a_short_wait_of_an_old_coherence(age_s, exponent):
    """(age + wait)**n - age**n in whole fractions, for a wait in which it grows by about a fifth."""
    wait_s = 0.2 / (exponent * age_s ** (exponent - 1))
    grown = (Fraction(age_s) + Fraction(wait_s)) ** exponent - Fraction(age_s) ** exponent
    channel = gaussian_dephasing(duration_s=wait_s, t2_star_s=1.0, exponent=exponent, age_s=age_s)
    np.testing.assert_allclose(channel.transfer[1, 1], np.exp(-float(grown)), rtol=1e-7)


def signs(num_qubits):
    """+1 and -1 of each qubit in each basis state."""
    return np.array(list(product((1, -1), repeat=num_qubits)))


def shared_mask(num_qubits, correlation, elapsed):
    """exp(-elapsed/4 sum_ij C_ij (a_i - b_i)(a_j - b_j)) for each |a><b|, by loops."""
    matrix = np.full((num_qubits, num_qubits), correlation) + (1 - correlation) * np.eye(num_qubits)
    states = signs(num_qubits)
    mask = np.zeros((2**num_qubits, 2**num_qubits))
    for row, a in enumerate(states):
        for column, b in enumerate(states):
            mask[row, column] = np.exp(-elapsed / 4 * ((a - b) @ matrix @ (a - b)))
    return mask


def correlations(num_qubits):
    least = -1 / (num_qubits - 1) if num_qubits > 1 else -1.0
    return [least, least / 2, 0.0, 0.3, 0.7, 1.0]


SHARED = [(n, c) for n in range(1, 5) for c in correlations(n)]


@pytest.mark.parametrize("exponent", [1, 2, 2.7])
@pytest.mark.parametrize(("num_qubits", "correlation"), SHARED)
def test_shared_dephasing_is_its_mask(num_qubits, correlation, exponent, rng):
    rho = random_density(rng, 2**num_qubits)
    noise = collective_dephasing(
        num_qubits=num_qubits, duration_s=0.3, t2_s=0.5, correlation=correlation, exponent=exponent
    )
    after = DensityMatrix(rho).apply(noise, range(num_qubits)).matrix
    np.testing.assert_allclose(after, shared_mask(num_qubits, correlation, 0.6**exponent) * rho, atol=1e-14)


@pytest.mark.parametrize(("num_qubits", "correlation"), SHARED)
def test_shared_dephasing_is_physical_and_reaches_no_further(num_qubits, correlation):
    noise = collective_dephasing(num_qubits=num_qubits, duration_s=0.3, t2_s=1.0, correlation=correlation)
    assert noise.is_completely_positive(1e-12)
    np.testing.assert_array_equal(noise.transfer[0], np.eye(1, 4**num_qubits)[0])
    assert noise.is_unital(0)
    assert np.linalg.eigvalsh(shared_mask(num_qubits, correlation, 0.3))[0] > -1e-14


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 5])
def test_noise_cannot_be_less_correlated_than_its_covariance_allows(num_qubits):
    least = -1 / (num_qubits - 1)
    assert np.linalg.eigvalsh(shared_mask(num_qubits, least - 1e-2, 0.3))[0] < -1e-6
    for bad in (least - 1e-2, 1.01):
        with pytest.raises(ParameterError, match="`correlation`"):
            collective_dephasing(num_qubits=num_qubits, duration_s=0.3, t2_s=1.0, correlation=bad)


def test_shared_dephasing_of_five_qubits_is_its_mask(rng):
    rho = random_density(rng, 32)
    noise = collective_dephasing(num_qubits=5, duration_s=0.3, t2_s=1.0, correlation=0.4)
    after = DensityMatrix(rho).apply(noise, range(5)).matrix
    np.testing.assert_allclose(after, shared_mask(5, 0.4, 0.3) * rho, atol=1e-14)


def test_shared_static_detuning_is_a_mean_over_common_rotations(rng):
    rho, total = random_density(rng, 8), signs(3).sum(axis=1)
    spread, duration_s = 0.9, 0.8
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    mean = 0
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        phases = np.exp(-0.5j * spread * node * duration_s * total)
        mean = mean + weight * phases[:, None] * rho * phases.conj()
    time = t2_star_from_detuning(detuning_std_rad_per_s=spread)
    noise = collective_dephasing(num_qubits=3, duration_s=duration_s, t2_s=time, exponent=2)
    np.testing.assert_allclose(DensityMatrix(rho).apply(noise, range(3)).matrix, mean, atol=1e-13)


def test_correlated_static_detunings_are_a_mean_over_them(rng):
    """Two detunings with a common and a differential part."""
    rho, correlation = random_density(rng, 4), -0.4
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    mean, states = 0, signs(2)
    for first, second in product(range(40), repeat=2):
        common = np.sqrt((1 + correlation) / 2) * nodes[first]
        apart = np.sqrt((1 - correlation) / 2) * nodes[second]
        phases = np.exp(-0.5j * (states @ [common + apart, common - apart]))
        mean = mean + weights[first] * weights[second] * phases[:, None] * rho * phases.conj()
    noise = collective_dephasing(num_qubits=2, duration_s=1.0, t2_s=np.sqrt(2), correlation=correlation, exponent=2)
    expected = mean / weights.sum() ** 2
    np.testing.assert_allclose(DensityMatrix(rho).apply(noise, (0, 1)).matrix, expected, atol=1e-13)


def test_shared_dephasing_broadcasts():
    durations, shares = np.array([[0.1], [0.7]]), np.array([-0.5, 0.0, 1.0])
    noise = collective_dephasing(num_qubits=3, duration_s=durations, t2_s=2.0, correlation=shares)
    assert noise.batch_shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        one = collective_dephasing(num_qubits=3, duration_s=durations[i, 0], t2_s=2.0, correlation=shares[j])
        np.testing.assert_allclose(noise.transfer[i, j], one.transfer, atol=1e-15)


def test_infinite_times_are_no_dephasing():
    for channel in (
        gaussian_dephasing(duration_s=3.0, t2_star_s=np.inf, exponent=2.5, age_s=1.0),
        collective_dephasing(num_qubits=2, duration_s=3.0, t2_s=np.inf),
    ):
        np.testing.assert_allclose(channel.transfer, np.eye(len(channel.transfer)), atol=1e-15)


@pytest.mark.parametrize("num_qubits", [0, 7, 1.0, "2"])
def test_shared_dephasing_is_for_a_few_qubits(num_qubits):
    with pytest.raises((ParameterError, ParameterTypeError), match="`num_qubits`"):
        collective_dephasing(num_qubits=num_qubits, duration_s=1.0, t2_s=1.0)


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4])
def test_states_of_one_subspace_do_not_dephase(num_qubits, rng):
    subspaces = decoherence_free_subspaces(num_qubits)
    assert sorted(index for subspace in subspaces for index in subspace) == list(range(2**num_qubits))
    noise = collective_dephasing(num_qubits=num_qubits, duration_s=5.0, t2_s=1.0)
    for subspace in subspaces:
        rho = np.zeros((2**num_qubits, 2**num_qubits), complex)
        rho[np.ix_(subspace, subspace)] = random_density(rng, len(subspace))
        after = DensityMatrix(rho).apply(noise, range(num_qubits)).matrix
        np.testing.assert_allclose(after, rho, atol=1e-14)
        total = signs(num_qubits)[list(subspace)].sum(axis=1)
        assert len(set(total)) == 1


MISFITS = {
    "decoupled_coherence": lambda: left(np.ones(2), np.ones(3), 1.0, 1),
    "gaussian_dephasing": lambda: gaussian_dephasing(duration_s=np.ones(2), t2_star_s=np.ones(3)),
    "collective_dephasing": lambda: collective_dephasing(num_qubits=2, duration_s=np.ones(2), t2_s=np.ones(3)),
    "decoupled_t2": lambda: decoupled_t2(t2_s=np.ones(2), num_pulses=np.ones(3)),
}


@pytest.mark.parametrize("name", MISFITS)
def test_parameters_that_do_not_broadcast_are_refused_by_name(name):
    with pytest.raises(DimensionError, match="must broadcast, but are `"):
        MISFITS[name]()
