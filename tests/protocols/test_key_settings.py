"""Best settings against SciPy and transcendental equations; keys over fibre, sky, passes and chains."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from qnet_channels import Fiber, FreeSpaceLink, Memory, SatellitePass, depolarizing, double_click_link, downlink
from qnet_core import werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import (
    KeyRate,
    bb84,
    bbm92,
    best_settings,
    channel_key_fraction,
    decoy_bb84,
    equal_link_chain,
    finite_bb84,
    finite_decoy_bb84,
    finite_decoy_key,
    gg02,
    mdi_qkd,
    repeaterless_bound,
    secret_key_fraction,
    squashed_entanglement_bound,
    twin_field,
)

NOISE = {"background_yield": 1e-7, "misalignment_error": 0.02}


class Score:
    """Something with a balance."""

    def __init__(self, balance):
        self.balance = balance


def entropy(rate):
    return -rate * np.log2(rate) - (1 - rate) * np.log2(1 - rate)


def test_signal_of_decoy_states_solves_its_equation():
    """Ma et al., equation 12, for weak light and no background: (1 - μ) exp(-μ) = f h(e)/(1 - h(e))."""
    error, efficiency = 0.033, 1.22
    best = best_settings(
        lambda signal: decoy_bb84(
            transmissivity=[1e-5, 1e-7],
            intensities=[signal],
            misalignment_error=error,
            reconciliation_efficiency=efficiency,
        ),
        {"signal": (1e-3, 2.0)},
    )
    root = brentq(lambda mu: (1 - mu) * np.exp(-mu) - efficiency * entropy(error) / (1 - entropy(error)), 0, 1)
    np.testing.assert_allclose(best.settings["signal"], root, rtol=1e-4)
    assert isinstance(best.key, KeyRate)
    assert best.settings["signal"].shape == best.key.secret_fraction.shape == (2,)


ONE_SETTING = {
    "pulses": lambda value: bb84(transmissivity=1e-2, mean_photons=value, **NOISE),
    "pairs": lambda value: bbm92(transmissivity=1e-2, mean_photons=value, **NOISE),
    "two senders": lambda value: mdi_qkd(transmissivity=1e-2, mean_photons=value, misalignment_error=0.02),
    "twin fields": lambda value: twin_field(transmissivity=1e-2, mean_photons=value, dark_count_probability=1e-8),
    "modulation": lambda value: gg02(transmissivity=0.1, modulation_variance=value, excess_noise=0.01),
}


@pytest.mark.parametrize("key", ONE_SETTING.values(), ids=ONE_SETTING)
def test_one_setting_as_scipy_finds_it(key):
    best = best_settings(lambda value: key(value), {"value": (1e-5, 3.0)})
    grid = np.geomspace(1e-5, 3.0, 400)
    at = max(grid, key=lambda value: key(value).balance)
    ends = np.log([at / 1.1, min(3.0, at * 1.1)])
    found = minimize_scalar(lambda log: -key(np.exp(log)).balance * 1e6, bounds=ends, options={"xatol": 1e-9})
    np.testing.assert_allclose(best.settings["value"], np.exp(found.x), rtol=2e-3)
    assert best.key.balance >= -found.fun / 1e6 - 1e-12 * abs(found.fun / 1e6)


def test_curved_ridge():
    """Four settings that depend on each other, and a maximum that each point of the batch has elsewhere."""
    target = np.array([0.3, 0.5, 0.7])

    def score(a, b, c, d):
        return Score(-((a - target) ** 2) - 10 * (b - a**2) ** 2 - 10 * (c - a * b) ** 2 - (d - b) ** 2)

    best = best_settings(score, {name: (0.01, 1.0) for name in "abcd"})
    expected = np.array([target, target**2, target**3, target**2])
    np.testing.assert_allclose([best.settings[name] for name in "abcd"], expected, atol=1e-3)


def test_settings_at_the_ends_of_their_ranges():
    best = best_settings(lambda up, down: Score(up - down), {"up": (0.0, 0.4), "down": (0.2, 0.8)})
    assert best.settings["up"] == pytest.approx(0.4)
    assert best.settings["down"] == pytest.approx(0.2)


def finite_protocol(eta, pulses):
    """Decoy BB84 with five settings, such that each combination is allowed."""

    def key(signal, decoy, bias, often, decoys):
        return finite_decoy_bb84(
            num_pulses=pulses, intensities=(signal, decoy * signal, 2e-4),
            intensity_probabilities=(often, (1 - often) * decoys, (1 - often) * (1 - decoys)),
            key_basis_probability=bias, transmissivity=eta, **NOISE,
        )  # fmt: skip

    return key


RANGES = {
    "signal": (0.1, 1.0),
    "decoy": (0.01, 0.9),
    "bias": (0.3, 0.99),
    "often": (0.05, 0.98),
    "decoys": (0.05, 0.95),
}


def test_intensities_and_probabilities_over_distance(rng):
    """No random settings do better, and the best ones beat common ones."""
    eta, pulses = Fiber(np.array([0.0, 40.0, 80.0, 120.0, 300.0])).transmissivity * 0.2, 1e10
    best = best_settings(finite_protocol(eta, pulses), RANGES)
    tried = {name: rng.uniform(*ends, (3000, 1)) for name, ends in RANGES.items()}
    others = finite_protocol(eta, pulses)(**tried).balance.max(axis=0)
    assert np.all(best.key.balance >= others)
    common = finite_protocol(eta, pulses)(signal=0.5, decoy=0.2, bias=0.9, often=0.7, decoys=0.6)
    assert np.all(best.key.key_length[:3] > 1.02 * common.key_length[:3])
    assert np.all(np.diff(best.key.key_length) <= 0)
    assert best.key.key_length[-1] == 0


def test_best_basis_probability_tends_to_one():
    best = best_settings(
        lambda bias: finite_bb84(num_pulses=[1e6, 1e9, 1e14], key_basis_probability=bias, transmissivity=0.1, **NOISE),
        {"bias": (0.5, 0.9999)},
    )
    bias = best.settings["bias"]
    assert 0.5 < bias[0] < bias[1] < bias[2]
    assert bias[2] > 0.99


def test_settings_without_key_are_those_that_come_nearest():
    best = best_settings(lambda m: bbm92(transmissivity=1e-6, mean_photons=m, **NOISE), {"m": (1e-5, 1.0)})
    assert best.key.secret_fraction == 0
    assert best.key.balance < 0


@pytest.mark.parametrize(
    ("ranges", "error", "text"),
    [
        ({}, DimensionError, "at least one setting"),
        ({"m": (0.5, 0.1)}, ParameterError, r"ranges\['m'\].*ascend"),
        ({"m": (-0.5, 0.1)}, ParameterError, r"ranges\['m'\].*at least 0"),
        ({"m": (0.1, np.nan)}, ParameterError, r"ranges\['m'\]"),
        ({"m": (0.1, "much")}, ParameterTypeError, r"ranges\['m'\]"),
    ],
)
def test_wrong_ranges(ranges, error, text):
    with pytest.raises(error, match=text):
        best_settings(lambda m: bbm92(transmissivity=0.1, mean_photons=m), ranges)


def test_over_fibre_beside_the_bounds():
    fiber = Fiber(np.linspace(0.0, 300.0, 31)[1:])
    eta = fiber.transmissivity
    direct = decoy_bb84(
        transmissivity=eta, intensities=(0.5, 0.1, 0.0), dark_count_probability=1e-7, misalignment_error=0.01
    )
    assert np.all(np.diff(direct.secret_fraction) <= 0)
    assert direct.secret_fraction[0] > 0 == direct.secret_fraction[-1]
    assert np.all(direct.secret_fraction < repeaterless_bound(eta))
    assert np.all(repeaterless_bound(eta) < squashed_entanglement_bound(eta))
    noisy = depolarizing(mixing=0.02).then(fiber.loss("dual-rail"))
    pair = werner_state(fidelity=1 - 0.75 * 0.02)
    np.testing.assert_allclose(channel_key_fraction(noisy, "six-state"), eta * secret_key_fraction(pair, "six-state"))


def test_over_a_beam_with_daylight():
    link = FreeSpaceLink([1.0, 10.0, 40.0], 850.0, waist_m=0.05, receiver_radius_m=0.1)
    source = {"transmissivity": link.transmissivity * 0.5, "intensities": (0.5, 0.1, 0.0), "misalignment_error": 0.01}
    night, day = decoy_bb84(**source), decoy_bb84(background_yield=3e-2, **source)
    assert np.all(night.secret_fraction > 0)
    assert np.all(day.secret_fraction < night.secret_fraction)
    assert day.secret_fraction[-1] == 0


def test_over_a_pass_of_a_satellite():
    """The block of a pass is the sum of its counts, and its key is less than the asymptotic one."""
    orbit = SatellitePass(500.0, max_elevation_deg=[80.0, 30.0])
    half = orbit.duration_s(min_elevation_deg=20.0) / 2
    times = np.linspace(-1, 1, 201)[:, None] * half
    zenith = FreeSpaceLink(500.0, 850.0, waist_m=0.1, receiver_radius_m=0.4, atmosphere_transmissivity=0.8)
    link = downlink(zenith, elevation_deg=orbit.elevation_deg(times))
    eta = 0.3 * link.transmissivity
    levels, shares, bias, rate_hz = (0.5, 0.1, 2e-4), (0.7, 0.2, 0.1), 0.8, 1e8
    source = {"transmissivity": eta, "misalignment_error": 0.01, "background_yield": 1e-6}
    observed = [bb84(mean_photons=level, **source) for level in levels]
    step_s = np.gradient(times, axis=0)

    def totals(share_of_basis, wrong):
        per_pulse = [one.gain * one.error_rate if wrong else one.gain for one in observed]
        return [(rate_hz * step_s * s * share_of_basis * p).sum(axis=0) for s, p in zip(shares, per_pulse, strict=True)]

    key = finite_decoy_key(
        intensities=levels, intensity_probabilities=shares,
        key_counts=totals(bias**2, False), key_errors=totals(bias**2, True),
        test_counts=totals((1 - bias) ** 2, False), test_errors=totals((1 - bias) ** 2, True),
    )  # fmt: skip
    assert key.key_length[0] > key.key_length[1] > 0
    asymptotic = decoy_bb84(intensities=[0.5], sifting_efficiency=bias**2, repetition_rate_hz=rate_hz, **source)
    assert np.all(key.key_length < (asymptotic.rate_hz * step_s).sum(axis=0))


def test_over_a_chain_of_repeaters():
    """Rate and state of a chain make a key rate, which from some distance on beats direct transmission."""
    length_km = np.array([100.0, 300.0, 500.0])
    arm = Fiber(length_km / 8)
    link = double_click_link(transmissivity=0.5 * arm.transmissivity, visibility=0.98)
    chain = equal_link_chain(
        link, num_links=4, cycle_s=Fiber(length_km / 4).latency_s, memory=Memory(t1_s=np.inf, t2_s=10.0)
    )
    rate_hz = chain.rate_hz * secret_key_fraction(chain.state, "six-state", reconciliation_efficiency=1.16)
    direct_hz = 1e6 * repeaterless_bound(Fiber(length_km).transmissivity)
    assert np.all(rate_hz > 0)
    assert rate_hz[0] < direct_hz[0]
    assert rate_hz[-1] > direct_hz[-1]
