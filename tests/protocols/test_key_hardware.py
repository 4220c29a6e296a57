"""BB84, its decoys and BBM92: photons counted one by one, linear programs, limits, order, and no key at all."""

import math

import numpy as np
import pytest
import qkd_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from qnet_core import werner_state
from qnet_protocols import (
    KeyRate,
    bb84,
    bbm92,
    decoy_bb84,
    decoy_bounds,
    gg02,
    mdi_qkd,
    repeaterless_bound,
    secret_key_fraction,
    twin_field,
)

TERMS = np.arange(60)
POISSON = 1 / np.cumprod([1.0, *TERMS[1:]])
PROTOCOLS = {
    "single photons": (bb84, {}),
    "pulses": (bb84, {"mean_photons": 0.01}),
    "infinite decoys": (decoy_bb84, {"intensities": [0.48]}),
    "one decoy": (decoy_bb84, {"intensities": (0.48, 0.05)}),
    "vacuum and weak": (decoy_bb84, {"intensities": (0.48, 0.05, 0.0)}),
    "three decoys": (decoy_bb84, {"intensities": (0.5, 0.2, 0.05, 0.0)}),
    "pairs": (bbm92, {"mean_photons": 0.01}),
    "two senders": (mdi_qkd, {"mean_photons": 0.4}),
    "two single photons": (mdi_qkd, {}),
    "twin fields": (twin_field, {"mean_photons": 0.02}),
}
each_protocol = pytest.mark.parametrize(("rate", "source"), PROTOCOLS.values(), ids=PROTOCOLS)


def yields(transmissivity, background, misalignment, model):
    """Yields of n photons and the part of them that is wrong."""
    seen = 1 - (1 - transmissivity) ** TERMS
    free = background if model == "added" else background * (1 - seen)
    return seen + free, misalignment * seen + free / 2


def poisson_sum(mean, values):
    return np.exp(-mean) * np.sum(mean**TERMS * POISSON * values)


@pytest.mark.parametrize("model", ["added", "independent"])
def test_gains_are_sums_over_photon_numbers(model):
    hardware = {"transmissivity": 0.3, "background_yield": 0.1, "misalignment_error": 0.02, "background_model": model}
    each, wrong = yields(0.3, 0.1, 0.02, model)
    pulses = bb84(mean_photons=0.6, **hardware)
    np.testing.assert_allclose(pulses.gain, poisson_sum(0.6, each), rtol=1e-12)
    np.testing.assert_allclose(pulses.gain * pulses.error_rate, poisson_sum(0.6, wrong), rtol=1e-12)
    single = bb84(**hardware)
    np.testing.assert_allclose([single.gain, single.error_rate], [each[1], wrong[1] / each[1]], rtol=1e-12)
    many = decoy_bb84(intensities=[0.6], **hardware)
    np.testing.assert_allclose(many.single_photon_gain, 0.6 * np.exp(-0.6) * each[1], rtol=1e-12)
    np.testing.assert_allclose(many.phase_error_rate, wrong[1] / each[1], rtol=1e-12)
    np.testing.assert_allclose(many.gain, pulses.gain, rtol=1e-14)


@given(eta=st.floats(0.0, 1.0), light=st.floats(0.0, 1.0), model=st.sampled_from(["added", "independent"]))
def test_no_more_than_every_pulse_clicks(eta, light, model):
    for rate, source in ((bb84, {}), (bb84, {"mean_photons": 0.5}), (decoy_bb84, {"intensities": [0.5]})):
        found = rate(transmissivity=eta, background_yield=light, background_model=model, **source)
        assert 0 <= found.gain <= 1 + 1e-15
        assert found.single_photon_gain <= found.gain + 1e-15


def test_dark_counts_are_of_two_detectors():
    dark, light = 1e-3, 2e-3
    exact = 1 - (1 - dark) ** 2 * (1 - light)
    hardware = {"transmissivity": 0.1, "misalignment_error": 0.01}
    counted = bb84(dark_count_probability=dark, background_yield=light, **hardware)
    np.testing.assert_allclose(counted.gain, bb84(background_yield=exact, **hardware).gain, rtol=1e-13)


def test_single_photons_give_what_their_pairs_give():
    """Without dark counts it is BB84 with Werner pairs of the same errors."""
    rate = bb84(transmissivity=0.2, misalignment_error=[0.0, 0.03, 0.1], sifting_efficiency=1.0)
    pairs = werner_state(fidelity=1 - 1.5 * np.array([0.0, 0.03, 0.1]))
    expected = 0.2 * secret_key_fraction(pairs, reconciliation_efficiency=1.16)
    np.testing.assert_allclose(rate.secret_fraction, expected, rtol=1e-12, atol=1e-15)


def test_pulses_with_no_more_than_one_photon_click():
    """GLLP: what is left of the gain after all pulses of several photons have clicked."""
    rate = bb84(transmissivity=0.05, mean_photons=0.03, misalignment_error=0.01, reconciliation_efficiency=1.0)
    gain = 1 - math.exp(-0.05 * 0.03)
    several = 1 - 1.03 * math.exp(-0.03)
    left = gain - several
    expected = left * (1 - oracle.shannon([0.01 * gain / left, 1 - 0.01 * gain / left])) - gain * oracle.shannon(
        [0.01, 0.99]
    )
    np.testing.assert_allclose(rate.secret_fraction, expected / 2, rtol=1e-10)


@pytest.mark.parametrize(
    "levels", [(0.48, 0.05), (0.48, 0.05, 0.0), (0.6, 0.2, 0.01), (0.5, 0.2, 0.05, 0.0), (0.7, 0.3, 0.1, 0.05, 0.01)]
)
@pytest.mark.parametrize("transmissivity", [0.9, 0.03, 1e-4])
def test_bounds_are_bounds_and_more_decoys_are_better(levels, transmissivity):
    hardware = {"transmissivity": transmissivity, "background_yield": 1e-6, "misalignment_error": 0.02}
    bounded = decoy_bb84(intensities=levels, **hardware)
    known = decoy_bb84(intensities=levels[:1], **hardware)
    assert bounded.single_photon_gain <= known.single_photon_gain
    assert bounded.phase_error_rate >= known.phase_error_rate
    assert bounded.secret_fraction <= known.secret_fraction
    assert bounded.gain == known.gain
    if len(levels) > 3:
        fewer = decoy_bb84(intensities=(levels[0], levels[2], levels[3]), **hardware)
        assert bounded.secret_fraction >= fewer.secret_fraction


def random_yields(rng, count):
    """Yields that any Eve could choose, and how many of them are wrong."""
    chosen = rng.uniform(0, 1, (count, len(TERMS))) ** rng.integers(1, 12, (count, len(TERMS)))
    return chosen, chosen * rng.uniform(0, 0.5, chosen.shape)


@pytest.mark.parametrize(
    "levels", [(0.5, 0.1), (0.5, 0.1, 0.0), (0.5, 0.2, 0.1, 0.0), (0.8, 0.5, 0.2, 0.05), (2.0, 0.9, 0.3, 0.1, 0.02)]
)
def test_no_eve_is_outside_of_the_linear_bounds(levels, rng):
    each, wrong = random_yields(rng, 200)
    gains = [np.array([poisson_sum(level, row) for row in each]) for level in levels]
    wrong_gains = [np.array([poisson_sum(level, row) for row in wrong]) for level in levels]
    bounds = decoy_bounds(
        intensities=levels, gains=gains, error_rates=[w / g for w, g in zip(wrong_gains, gains, strict=True)]
    )
    assert np.all(bounds.single_photon_yield <= each[:, 1] * (1 + 1e-12))
    known = bounds.single_photon_yield > 0
    assert np.all(bounds.single_photon_error_rate[known] >= np.minimum(0.5, (wrong / each)[known, 1] * (1 - 1e-12)))
    assert np.all(bounds.single_photon_error_rate[~known] == 0.5)


@pytest.mark.parametrize(
    "levels", [(0.5, 0.1, 0.0), (0.5, 0.2, 0.1, 0.0), (0.8, 0.5, 0.2, 0.05), (0.7, 0.3, 0.1, 0.05, 0.01)]
)
@pytest.mark.parametrize("transmissivity", [0.1, 1e-3])
def test_linear_bounds_are_the_optimum_of_the_linear_program(levels, transmissivity):
    each, wrong = yields(transmissivity, 1e-5, 0.03, "added")
    gains, wrong_gains = ([poisson_sum(level, values) for level in levels] for values in (each, wrong))
    bounds = decoy_bounds(
        intensities=levels, gains=gains, error_rates=[w / g for w, g in zip(wrong_gains, gains, strict=True)]
    )
    count = 20
    matrix = np.array([np.exp(-level) * level ** TERMS[:count] * POISSON[:count] for level in levels])

    def optimum(sign, seen):
        scale = np.array(seen)[:, None]
        options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        goal = sign * np.eye(count)[1] / transmissivity
        slack = 1e-9  # the programs are infeasible by the tail of the sum
        found = linprog(
            goal, A_ub=np.vstack([matrix / scale, -matrix / scale]), b_ub=[*[1 + slack] * len(seen), *[slack - 1] * len(seen)],
            bounds=(0, 1), method="highs", options=options,
        )  # fmt: skip
        return found.x[1]

    np.testing.assert_allclose(bounds.single_photon_yield, optimum(1, gains), rtol=1e-4)
    most = optimum(-1, wrong_gains)
    np.testing.assert_allclose(bounds.single_photon_error_rate * bounds.single_photon_yield, most, rtol=1e-4)


def test_linear_bounds_of_three_intensities_are_no_worse_than_the_closed_form():
    levels = (0.5, 0.1, 0.01)
    each, wrong = yields(0.01, 1e-6, 0.02, "added")
    gains = [poisson_sum(level, each) for level in levels]
    rates = [poisson_sum(level, wrong) / gain for level, gain in zip(levels, gains, strict=True)]
    bounds = decoy_bounds(intensities=levels, gains=gains, error_rates=rates)
    closed = decoy_bb84(intensities=levels, transmissivity=0.01, background_yield=1e-6, misalignment_error=0.02)
    share = 0.5 * math.exp(-0.5)
    assert bounds.single_photon_yield * share >= closed.single_photon_gain * (1 - 1e-9)
    assert bounds.single_photon_error_rate <= closed.phase_error_rate * (1 + 1e-9)


def test_many_decoys_nearly_know_the_single_photons():
    key = {n: decoy_bb84(transmissivity=1e-2, background_yield=1e-6, misalignment_error=0.02, intensities=levels).secret_fraction
           for n, levels in (("known", [0.5]), ("five", (0.5, 0.25, 0.12, 0.05, 0.0)))}  # fmt: skip
    assert key["five"] == pytest.approx(key["known"], rel=1e-3)


@pytest.mark.parametrize("mean", [0.02, 0.15])
@pytest.mark.parametrize(
    ("eta", "background"), [((0.4, 0.1), (0.0, 0.0)), ((0.9, 1.0), (0.01, 0.003)), ((0.02, 0.3), (1e-3, 1e-5))]
)
def test_pairs_photon_by_photon(mean, eta, background):
    found = bbm92(mean_photons=mean, transmissivity=eta, background_yield=background, misalignment_error=0.015)
    gain, wrong = oracle.entangled_pairs(mean, eta, background, 0.015)
    np.testing.assert_allclose([found.gain, found.gain * found.error_rate], [gain, wrong], rtol=1e-8)


def test_pairs_far_away_keep_their_digits():
    """For weak links the gain is 2 μ (1 + 3 μ) η_A η_B, and wrong bits are those of a Werner state."""
    mean, eta = 0.05, 1e-9
    found = bbm92(mean_photons=mean, transmissivity=eta)
    np.testing.assert_allclose(found.gain, 2 * mean * (1 + 3 * mean) * eta**2, rtol=1e-7)
    np.testing.assert_allclose(found.error_rate, 0.5 - 0.5 * (1 + mean) / (1 + 3 * mean), rtol=1e-7)


@each_protocol
@given(
    loss_db=st.floats(0.0, 90.0), more_db=st.floats(0.01, 30.0), dark=st.sampled_from([0.0, 1e-7, 1e-4]),
    error=st.floats(0.0, 0.1),
)  # fmt: skip
def test_loss_never_gives_more(rate, source, loss_db, more_db, dark, error):
    eta = 10 ** (-np.array([loss_db, loss_db + more_db]) / 10)
    near, far = rate(
        transmissivity=eta, dark_count_probability=dark, misalignment_error=error, **source
    ).secret_fraction
    assert near >= far >= 0


@each_protocol
@given(loss_db=st.floats(0.0, 60.0), error=st.floats(0.0, 0.5), more=st.floats(0.0, 0.5), dark=st.floats(0.0, 0.9))
def test_errors_and_noise_never_give_more(rate, source, loss_db, error, more, dark):
    eta = 10 ** (-loss_db / 10)
    shared = {"transmissivity": eta, **source}
    errors = np.array([error, error + more * (0.5 - error)])
    good, bad = rate(misalignment_error=errors, dark_count_probability=1e-6, **shared).secret_fraction
    assert good >= bad - 1e-15
    assert bad >= 0
    quiet, noisy = rate(dark_count_probability=np.array([dark / 10, dark]), **shared).secret_fraction
    assert quiet >= noisy - 1e-15


@each_protocol
def test_nothing_arrives(rate, source):
    dark = np.array([0.0, 1e-6])
    found = rate(transmissivity=0.0, dark_count_probability=dark, misalignment_error=0.01, **source)
    assert isinstance(found, KeyRate)
    assert np.all(found.secret_fraction == 0)
    assert np.all(found.rate_hz == 0)
    assert found.gain[0] == 0
    assert np.isnan(found.error_rate[0])
    assert found.error_rate[1] == pytest.approx(0.5)
    assert np.all(found.phase_error_rate <= 0.5)


@each_protocol
def test_batches_are_points(rate, source):
    eta, dark = np.array([[0.3], [1e-3], [1e-8]]), np.array([1e-7, 1e-5])
    found = rate(transmissivity=eta, dark_count_probability=dark, repetition_rate_hz=1e9, **source)
    assert all(field.shape == (3, 2) for field in found)
    for i, j in np.ndindex(3, 2):
        alone = rate(transmissivity=eta[i, 0], dark_count_probability=dark[j], repetition_rate_hz=1e9, **source)
        np.testing.assert_allclose([field[i, j] for field in found], alone, rtol=1e-13)
    np.testing.assert_allclose(found.rate_hz, 1e9 * found.secret_fraction)
    np.testing.assert_array_equal(found.secret_fraction, np.maximum(0, found.balance))


def test_intensities_broadcast_too():
    levels = [np.array([[0.4], [0.5]]), np.array([0.2, 0.1, 0.15]), 0.05, 0.0]
    found = decoy_bb84(transmissivity=0.01, intensities=levels, misalignment_error=0.01)
    for i, j in np.ndindex(2, 3):
        alone = decoy_bb84(
            transmissivity=0.01, intensities=(levels[0][i, 0], levels[1][j], 0.05, 0.0), misalignment_error=0.01
        )
        np.testing.assert_allclose(found.secret_fraction[i, j], alone.secret_fraction, rtol=1e-9)


@given(
    loss_db=st.floats(0.0, 60.0),
    protocol=st.sampled_from([name for name in PROTOCOLS if name != "twin fields"]),
)
def test_nothing_beats_the_bound_without_repeater(loss_db, protocol):
    rate, source = PROTOCOLS[protocol]
    end_to_end = 10 ** (-loss_db / 10)
    half_way = rate in (bbm92, mdi_qkd)
    eta = np.sqrt(end_to_end) if half_way else end_to_end
    best = rate(transmissivity=eta, sifting_efficiency=1.0, reconciliation_efficiency=1.0, **source).secret_fraction
    bound = repeaterless_bound(end_to_end) if loss_db else np.inf
    assert best <= bound


@given(loss_db=st.floats(0.01, 60.0), mean=st.floats(1e-3, 0.5))
def test_twin_fields_are_below_the_bound_with_one_repeater(loss_db, mean):
    """The station in the middle is one: the bound is that of an arm."""
    arm = 10 ** (-loss_db / 10)
    assert twin_field(transmissivity=arm, mean_photons=mean, reconciliation_efficiency=1.0).secret_fraction <= (
        repeaterless_bound(arm)
    )


def test_twin_fields_beat_it():
    """The key falls with the root of the loss: over 60 dB it is above what no direct link can reach."""
    far = twin_field(
        transmissivity=10**-3.0, mean_photons=0.02, dark_count_probability=1e-9, reconciliation_efficiency=1.0
    )
    assert far.secret_fraction > repeaterless_bound(10**-6.0)
    near = twin_field(
        transmissivity=10**-2.0, mean_photons=0.02, dark_count_probability=1e-9, reconciliation_efficiency=1.0
    )
    assert near.secret_fraction / far.secret_fraction == pytest.approx(10, rel=0.02)


@given(loss_db=st.floats(0.0, 40.0), modulation=st.floats(0.1, 100.0))
def test_gaussian_keys_are_below_half_of_the_bound(loss_db, modulation):
    eta = 10 ** (-loss_db / 10)
    key = gg02(transmissivity=eta, modulation_variance=modulation, reconciliation_fraction=1.0).secret_fraction
    bound = repeaterless_bound(eta) / 2 if loss_db else np.inf
    assert key <= bound * (1 + 1e-9) + 1e-12
