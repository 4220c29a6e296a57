"""Two senders with finitely many decoys: any Eve's yields, the linear program the other way round, counts, limits, refusals."""

import math

import numpy as np
import pytest
import qkd_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import mdi_decoy_bounds, mdi_gains, mdi_qkd, twin_field
from qnet_protocols.twin_fields import random_phase_clicks

SIZE = 14  # photons of one sender
FACTORIALS = np.array([math.factorial(n) for n in range(SIZE)], float)
LEVELS = [(0.5, 0.1), (0.5, 0.1, 0.0), (0.4, 0.1, 0.01), (0.5, 0.2, 0.05, 0.0), (0.6, 0.3, 0.1, 0.02)]
STATION = {"dark_count_probability": 1e-7, "misalignment_error": 0.015}


def poisson(levels):
    """Weights of photon numbers, a row for each intensity."""
    levels = np.array(levels)[:, None]
    return np.exp(-levels) * levels ** np.arange(SIZE) / FACTORIALS


def observed(levels, yields):
    """Gains of all pairs of intensities for yields of shape (..., n, m); what lies beyond never clicks."""
    return poisson(levels) @ yields @ poisson(levels).T


def seen_by(levels, **station):
    levels = np.array(levels)
    return mdi_gains(mean_photons=(levels[:, None], levels), **STATION | station)


@pytest.mark.parametrize("levels", LEVELS)
def test_no_eve_is_outside_of_the_bounds(levels, rng):
    yields = rng.uniform(0, 1, (8, SIZE, SIZE)) ** rng.integers(1, 12, (8, SIZE, SIZE))
    wrong = yields * rng.uniform(0, 0.5, yields.shape)
    gains, wrong_gains = observed(levels, yields), observed(levels, wrong)
    found = mdi_decoy_bounds(intensities=levels, gains=gains, error_rates=wrong_gains / gains)
    assert found.single_photon_yield.shape == (8,)
    assert np.all(found.single_photon_yield <= yields[:, 1, 1])
    known = found.single_photon_yield > 0
    rate = (wrong / yields)[:, 1, 1]
    assert np.all(found.single_photon_error_rate[known] >= rate[known])
    assert np.all(found.single_photon_error_rate[~known] == 0.5)


def primal(left, right, gains, sense):
    """The least (1) or most (-1) Y_11 by the program for the yields themselves, all measured in a crude bound."""
    rows = np.einsum("jn,km->jknm", poisson(left), poisson(right)).reshape(gains.size, -1)
    scale = np.maximum(gains.ravel(), 1e-12)[:, None]
    lit = rows[:, SIZE + 1] > 0
    crude = np.min(gains.ravel()[lit] / rows[lit, SIZE + 1], initial=1.0)
    goal = np.zeros(SIZE**2)
    goal[SIZE + 1] = sense
    slack = 1e-9  # the program is infeasible by the tail of the sum
    found = linprog(
        goal, A_ub=np.vstack([rows / scale, -rows / scale]) * crude, bounds=(0, 1 / crude), method="highs",
        b_ub=np.concatenate([gains.ravel() / scale[:, 0] + slack, slack - gains.ravel() / scale[:, 0]]),
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )  # fmt: skip
    return found.x[SIZE + 1] * crude


SIDES = [*((levels, levels) for levels in LEVELS[1:]), ((0.6, 0.2, 0.01), (0.3, 0.05, 0.0)), ((0.8, 0.3), (0.5, 0.1))]


@pytest.mark.parametrize(("left", "right"), SIDES)
@pytest.mark.parametrize("transmissivity", [0.3, 0.02, (0.3, 0.05)])
def test_bounds_are_the_optimum_of_the_linear_program(left, right, transmissivity):
    light = (np.array(left)[:, None], np.array(right))
    seen = mdi_gains(transmissivity=transmissivity, mean_photons=light, **STATION)
    wrong = seen.gain_x * seen.error_rate_x
    levels = list(zip(left, right, strict=True))
    found = mdi_decoy_bounds(intensities=levels, gains=seen.gain_x, error_rates=seen.error_rate_x)
    least = max(0.0, primal(left, right, seen.gain_x, 1))
    np.testing.assert_allclose(found.single_photon_yield, least, rtol=1e-4, atol=1e-8)
    most = min(0.5, primal(left, right, wrong, -1) / least) if found.single_photon_yield else 0.5
    np.testing.assert_allclose(found.single_photon_error_rate, most, rtol=2e-3)  # with its slack


def test_what_a_station_announces_is_bounded_by_all_pairs_of_intensities():
    """The key's bounds are those of its gains, put together here by hand; sender and arms differ."""
    left, right, eta = (0.6, 0.1, 0.01), (0.2, 0.05, 0.0), (0.2, 0.05)
    found = mdi_qkd(
        transmissivity=eta, mean_photons=(0.6, 0.2), decoy_intensities=((0.1, 0.05), (0.01, 0.0)), **STATION
    )
    seen = [
        [mdi_gains(transmissivity=eta, mean_photons=(a, b), **STATION) for b in right] for a in left
    ]  # a gain for each pair
    z, x = ([[getattr(one, name) for one in row] for row in seen] for name in ("gain_z", "gain_x"))
    rates = [[one.error_rate_x for one in row] for row in seen]
    levels = list(zip(left, right, strict=True))
    of_z = mdi_decoy_bounds(intensities=levels, gains=z, error_rates=np.zeros((3, 3)))
    of_x = mdi_decoy_bounds(intensities=levels, gains=x, error_rates=rates)
    least = max(of_z.single_photon_yield, of_x.single_photon_yield)
    share = 0.6 * 0.2 * np.exp(-0.8)
    np.testing.assert_allclose(found.single_photon_gain, share * least, rtol=1e-9)
    wrong = of_x.single_photon_error_rate * of_x.single_photon_yield
    np.testing.assert_allclose(found.phase_error_rate, min(0.5, wrong / least), rtol=1e-9)


@pytest.mark.parametrize("pulses", [1e11, 1e13])
@pytest.mark.parametrize("eta", [(0.1, 0.1), (0.2, 0.03)])
def test_bounds_bracket_the_truth_of_simulated_counts(pulses, eta, rng):
    """Counts of each pair of intensities, with margins of five standard deviations; more counts know more."""
    levels = (0.5, 0.1, 0.0)
    seen, truth = seen_by(levels, transmissivity=eta), mdi_gains(transmissivity=eta, **STATION)
    for _ in range(4):
        counts = rng.binomial(int(pulses), seen.gain_x)
        wrong = rng.binomial(counts, np.nan_to_num(seen.error_rate_x))
        rates = np.divide(wrong, counts, where=counts > 0, out=np.full(counts.shape, np.nan))
        given_counts = {"gains": counts / pulses, "margins": (5 * np.sqrt(counts) + 25) / pulses}
        found = mdi_decoy_bounds(intensities=levels, error_rates=rates, **given_counts)
        assert 0.6 * truth.gain_x < found.single_photon_yield <= truth.gain_x
        assert truth.error_rate_x <= found.single_photon_error_rate < 0.35
        exact = mdi_decoy_bounds(intensities=levels, gains=seen.gain_x, error_rates=seen.error_rate_x)
        assert found.single_photon_yield <= exact.single_photon_yield


def test_margins_only_cost():
    seen = seen_by((0.5, 0.1, 0.0), transmissivity=0.1)
    margins = np.array([0.0, 1e-9, 1e-7, 1e-5, 1e-3, 1.0])[:, None, None] * np.ones((3, 3))
    found = mdi_decoy_bounds(
        intensities=(0.5, 0.1, 0.0), gains=seen.gain_x, error_rates=seen.error_rate_x, margins=margins
    )
    assert np.all(np.diff(found.single_photon_yield) <= 1e-9)
    assert np.all(np.diff(found.single_photon_error_rate) >= -1e-9)
    assert (found.single_photon_yield[-1], found.single_photon_error_rate[-1]) == (0.0, 0.5)


@given(loss_db=st.floats(0.0, 30.0), tilt_db=st.floats(0.0, 8.0), error=st.floats(0.0, 0.05), mean=st.floats(0.1, 0.6))
@settings(max_examples=15)
def test_mdi_knows_less_than_with_all_decoys_and_more_with_more(loss_db, tilt_db, error, mean):
    eta = tuple(10 ** (-np.array([loss_db, loss_db + tilt_db]) / 10))
    shared = {"transmissivity": eta, "mean_photons": mean, "dark_count_probability": 1e-8, "misalignment_error": error}
    known = mdi_qkd(**shared)
    few, more = (mdi_qkd(decoy_intensities=d, **shared) for d in ((0.05, 0.0), (0.08, 0.05, 0.0)))
    for bounded in (few, more):
        assert bounded.gain == known.gain
        assert bounded.single_photon_gain <= known.single_photon_gain * (1 + 1e-12)
        assert bounded.phase_error_rate >= known.phase_error_rate * (1 - 1e-12)
        assert 0 <= bounded.secret_fraction <= known.secret_fraction
    assert more.single_photon_gain >= few.single_photon_gain * (1 - 1e-4)
    assert more.phase_error_rate <= few.phase_error_rate * (1 + 1e-2)


def test_mdi_tends_to_the_rate_of_infinitely_many_decoys():
    shared = {"transmissivity": [0.1, 1e-2], "mean_photons": 0.4, **STATION}
    known = mdi_qkd(**shared).secret_fraction
    sets = ((0.1, 0.0), (0.02, 0.0), (0.1, 0.02, 0.0), (0.2, 0.1, 0.02, 0.0))
    missing = [1 - mdi_qkd(decoy_intensities=decoys, **shared).secret_fraction / known for decoys in sets]
    assert np.all(missing[0] > 0.15)  # two decoys as used in practice
    assert np.all(missing[1] < missing[0] / 2)  # weaker ones
    assert np.all(missing[2] < 0.01)  # and more of them
    assert np.all(missing[3] < 2e-3)


def test_senders_may_differ():
    """Arms of 6 dB difference with pulses that make up for it: both sides have their own intensities."""
    shared = {"transmissivity": (0.2, 0.05), "mean_photons": (0.2, 0.6), **STATION}
    known = mdi_qkd(**shared)
    bounded = mdi_qkd(decoy_intensities=((0.02, 0.06), (0.004, 0.012), 0.0), **shared)
    assert 0.99 < bounded.single_photon_gain / known.single_photon_gain <= 1
    assert 1 <= bounded.phase_error_rate / known.phase_error_rate < 1.02
    means = [np.array(side) for side in ((0.4, 0.1, 0.02, 0.0), (0.7, 0.2, 0.05, 0.01))]
    eta = (0.05, 0.2)
    seen = mdi_gains(transmissivity=eta, mean_photons=(means[0][:, None], means[1]), **STATION)
    pairs = list(zip(*(side.tolist() for side in means), strict=True))
    bounds = mdi_decoy_bounds(intensities=pairs, gains=seen.gain_z, error_rates=seen.error_rate_z)
    truth = mdi_gains(transmissivity=eta, **STATION)
    assert 0.98 < bounds.single_photon_yield / truth.gain_z <= 1
    assert 1 <= bounds.single_photon_error_rate / truth.error_rate_z < 1.2


@pytest.mark.parametrize(("eta", "mean"), [(0.9, 0.1), (0.9, 0.3), (0.3, 0.2), (3e-3, 0.1)])
def test_photons_beyond_those_bounded_do_not_escape(eta, mean):
    """Five decoys know the others so well that to leave out pairs of more than four photons would be seen."""
    shared = {"transmissivity": eta, "mean_photons": mean, "dark_count_probability": 1e-8}
    bounded = twin_field(decoy_intensities=(0.4, 0.2, 0.1, 0.03, 0.0), **shared)
    assert twin_field(**shared).phase_error_rate <= bounded.phase_error_rate < 0.5


def test_pulses_of_random_phase_by_photon_numbers_and_by_phases():
    eta, dark, means = 0.3, 1e-3, (0.4, 0.7)
    found = random_phase_clicks(*(np.float64(eta * mean) for mean in means), np.float64(dark))
    weights = [[math.exp(-mean) * mean**n / math.factorial(n) for n in range(14)] for mean in means]
    counted = sum(
        a * b * oracle.one_port_click(n, m, eta, dark)
        for n, a in enumerate(weights[0])
        for m, b in enumerate(weights[1])
    )
    np.testing.assert_allclose(found, counted, rtol=1e-9)
    phases = 2 * np.pi * np.arange(64) / 64
    here, there = (eta * abs(np.sqrt(0.4) + s * np.sqrt(0.7) * np.exp(1j * phases)) ** 2 / 2 for s in (1, -1))
    alone = (1 - (1 - dark) * np.exp(-here)) * (1 - dark) * np.exp(-there)
    np.testing.assert_allclose(found, alone.mean(), rtol=1e-12)


@given(loss_db=st.floats(0.0, 40.0), mean=st.floats(1e-3, 0.1), dark=st.sampled_from([0.0, 1e-9, 1e-6]))
@settings(max_examples=12)
def test_twin_fields_know_less_than_with_all_decoys(loss_db, mean, dark):
    shared = {"transmissivity": 10 ** (-loss_db / 10), "mean_photons": mean, "dark_count_probability": dark}
    known, bounded = twin_field(**shared), twin_field(decoy_intensities=(0.3, 0.1, 0.02, 0.0), **shared)
    assert bounded.gain == known.gain
    assert bounded.phase_error_rate >= known.phase_error_rate * (1 - 1e-12)
    assert 0 <= bounded.secret_fraction <= known.secret_fraction


def test_twin_fields_tend_to_the_rate_of_infinitely_many_decoys():
    shared = {"transmissivity": [0.1, 1e-2, 1e-3], "mean_photons": 0.02, "dark_count_probability": 1e-8}
    known = twin_field(**shared).secret_fraction
    sets = ((0.1, 0.0), (0.1, 0.01, 0.0), (0.3, 0.1, 0.02, 0.0), (0.4, 0.2, 0.1, 0.03, 0.0))
    missing = [1 - twin_field(decoy_intensities=decoys, **shared).secret_fraction / known for decoys in sets]
    assert np.all(np.diff(missing, axis=0) < 0)
    assert np.all(missing[0] > 0.4)
    assert np.all(missing[3] < 0.01)


def test_batches_are_points():
    eta, first = np.array([[0.3], [1e-3]]), np.array([0.1, 0.06, 0.03])
    senders = mdi_qkd(transmissivity=eta, mean_photons=(0.4, 0.3), decoy_intensities=((first, 0.05), 0.0), **STATION)
    twins = twin_field(transmissivity=eta, mean_photons=0.02, decoy_intensities=(0.2, first, 0.0))
    assert senders.secret_fraction.shape == twins.secret_fraction.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        alone = mdi_qkd(
            transmissivity=eta[i, 0], mean_photons=(0.4, 0.3), decoy_intensities=((first[j], 0.05), 0.0), **STATION
        )
        np.testing.assert_allclose([field[i, j] for field in senders], alone, rtol=1e-9)
        alone = twin_field(transmissivity=eta[i, 0], mean_photons=0.02, decoy_intensities=(0.2, first[j], 0.0))
        np.testing.assert_allclose([field[i, j] for field in twins], alone, rtol=1e-9)


def test_what_never_clicks_has_no_key():
    for found in (
        mdi_qkd(transmissivity=0.0, mean_photons=0.4, decoy_intensities=(0.1, 0.0)),
        twin_field(transmissivity=0.0, mean_photons=0.02, decoy_intensities=(0.1, 0.0)),
    ):
        assert (found.secret_fraction, found.gain) == (0.0, 0.0)
    nothing = mdi_decoy_bounds(intensities=(0.5, 0.0), gains=np.zeros((2, 2)), error_rates=np.full((2, 2), np.nan))
    assert nothing == (0.0, 0.5)


def test_batches_that_do_not_fit():
    three, two = [0.1, 0.2, 0.3], [0.05, 0.06]
    for rate, mean in ((mdi_qkd, 0.4), (twin_field, 0.02)):
        for decoys in ((0.3, two), (two,), (three, two)):
            with pytest.raises(DimensionError, match="must broadcast"):
                rate(transmissivity=three, mean_photons=mean, decoy_intensities=decoys)
    with pytest.raises(DimensionError, match="must broadcast"):
        mdi_qkd(transmissivity=0.1, mean_photons=[0.4, 0.5], decoy_intensities=([0.1, 0.2, 0.3],))
    with pytest.raises(DimensionError, match="must broadcast"):
        mdi_decoy_bounds(intensities=(three, 0.0), gains=np.full((2, 2, 2), 0.1), error_rates=np.zeros((2, 2, 2)))


def test_gains_that_no_yields_give_are_no_bound():
    """More clicks from weaker pulses: one takes out of it what each gain says by itself, and no more."""
    found = mdi_decoy_bounds(intensities=(0.5, 0.1), gains=[[1e-6, 0.3], [0.3, 0.3]], error_rates=np.zeros((2, 2)))
    assert found.single_photon_yield == 0.0


SQUARE = np.full((2, 2), 0.1)
REFUSED = [
    ({"decoy_intensities": (0.5, 0.1)}, ParameterError, "`decoy_intensities` must be less than `mean_photons`"),
    ({"decoy_intensities": ((0.3, 0.5), 0.1)}, ParameterError, "`decoy_intensities` must be less than `mean_photons`"),
    (
        {"decoy_intensities": (0.1, 0.2)},
        ParameterError,
        r"`decoy_intensities` must descend, but decoy_intensities\[1\]",
    ),
    (
        {"decoy_intensities": ((0.1, 0.2, 0.3), 0.0)},
        DimensionError,
        r"`decoy_intensities\[0\]` must be one value or a pair",
    ),
    ({"decoy_intensities": (0.1, -0.1)}, ParameterError, r"`decoy_intensities\[1\]` must be"),
    ({"decoy_intensities": (np.nan,)}, ParameterError, r"`decoy_intensities\[0\]`"),
    ({"decoy_intensities": ()}, DimensionError, "`decoy_intensities` must hold at least one intensity"),
    ({"decoy_intensities": 0.1}, DimensionError, "`decoy_intensities` must hold at least one intensity"),
    ({"decoy_intensities": "weak"}, DimensionError, "`decoy_intensities` must hold at least one intensity"),
    ({"mean_photons": None}, ParameterTypeError, "`decoy_intensities` must be None where `mean_photons` is"),
]


@pytest.mark.parametrize(("changes", "error", "text"), REFUSED)
def test_wrong_decoys_of_two_senders(changes, error, text):
    with pytest.raises(error, match=text):
        mdi_qkd(**{"transmissivity": 0.1, "mean_photons": 0.4, "decoy_intensities": (0.1, 0.0)} | changes)


@pytest.mark.parametrize("decoys", [(0.1, 0.2), (0.1, -0.1), (), "weak", (0.1, np.nan)])
def test_wrong_decoys_of_twin_fields(decoys):
    with pytest.raises((ParameterError, DimensionError), match="`decoy_intensities"):
        twin_field(transmissivity=0.1, mean_photons=0.02, decoy_intensities=decoys)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"intensities": (0.5,)}, DimensionError, "`intensities` must hold at least two"),
        ({"gains": [0.1, 0.1]}, DimensionError, r"`gains` must have shape \(..., 2, 2\)"),
        ({"gains": np.full((3, 3), 0.1)}, DimensionError, r"`gains` must have shape \(..., 2, 2\)"),
        ({"error_rates": np.full((3, 3), 0.1)}, DimensionError, "must broadcast"),
        ({"gains": [[0.1, 1.1], [0.1, 0.1]]}, ParameterError, "`gains` must be between 0 and 1"),
        ({"error_rates": [[0.1, np.nan], [0.1, 0.1]]}, ParameterError, "`error_rates`"),
        ({"error_rates": SQUARE + 1}, ParameterError, "`error_rates` must be between 0 and 1"),
        ({"margins": -1.0}, ParameterError, "`margins` must be at least 0"),
        ({"margins": np.ones((3, 3))}, DimensionError, r"`margins` must have shape \(..., 2, 2\)"),
    ],
)
def test_wrong_gains(changes, error, text):
    with pytest.raises(error, match=text):
        mdi_decoy_bounds(**{"intensities": (0.5, 0.1), "gains": SQUARE, "error_rates": SQUARE} | changes)


def ever_more(count):
    """As many decoys as that, from a tenth of a photon down to none."""
    return (*np.geomspace(0.1, 0.01, count - 1), 0.0)


@pytest.mark.parametrize("count", [3, 5, 8])
def test_many_decoys_come_near_infinitely_many(count):
    """The gains of many intensities fit no yields to their last digit, which must not cost the whole key."""
    mdi = {"transmissivity": 0.0145, "mean_photons": 0.4, "dark_count_probability": 3e-6, "misalignment_error": 0.015}
    twin = {"transmissivity": 0.1, "mean_photons": 0.04, "dark_count_probability": 1e-6}
    for protocol, hardware in ((mdi_qkd, mdi), (twin_field, twin)):
        few, known = protocol(decoy_intensities=ever_more(count), **hardware), protocol(**hardware)
        assert 0.9 * known.secret_fraction < few.secret_fraction <= known.secret_fraction


@pytest.mark.parametrize("transmissivity", [1e-2, 1e-4, 1e-6])
def test_decoys_cost_the_same_part_at_any_distance(transmissivity):
    """Without dark counts all gains of interest go with the square of the arms, and must not drown in round-off."""
    hardware = {"transmissivity": transmissivity, "mean_photons": 0.4, "misalignment_error": 0.01}
    few, known = mdi_qkd(decoy_intensities=(0.1, 0.01, 0.0), **hardware), mdi_qkd(**hardware)
    assert 0.995 * known.secret_fraction < few.secret_fraction <= known.secret_fraction


@given(size=st.floats(-12, 0), seed=st.integers(0, 2**32 - 1), count=st.integers(2, 6))
@settings(max_examples=25)
def test_no_eve_is_outside_of_the_bounds_however_few_clicks_there_are(size, seed, count):
    rng = np.random.default_rng(seed)
    levels = np.append(np.sort(rng.uniform(0.01, 0.7, count - 1))[::-1], 0.0)
    yields = 10.0**size * rng.uniform(0, 1, (SIZE, SIZE)) ** rng.integers(1, 20)
    wrong = yields * rng.uniform(0, 0.5, yields.shape)
    gains = observed(levels, yields)
    found = mdi_decoy_bounds(
        intensities=tuple(levels), gains=gains, error_rates=np.minimum(1, observed(levels, wrong) / gains)
    )
    assert found.single_photon_yield <= yields[1, 1]
    assert found.single_photon_error_rate >= wrong[1, 1] / yields[1, 1] or not found.single_photon_yield
