"""A trusted relay: keys of two passes, and what of them is passed on."""

import math

import numpy as np
import pytest
from lab.scenario_files import changed

from qnet_core import werner_state
from qnet_lab import ScenarioError
from qnet_protocols import finite_decoy_key, repeaterless_bound, secret_key_fraction

NAME = "jinan_relay_12900km"
RATE_HZ = 6.25e8
LEVELS, SHARES = (0.5, 0.1, 0.0), (0.8, 0.15, 0.05)
# all but a thousandth are signals, with decoys so weak that single photons are known, and one basis
IDEAL = {"transmitter.signal_probability": 0.999, "transmitter.decoy_probability": 5e-4,
         "transmitter.signal_intensity": 1e-3, "transmitter.decoy_intensity": 1e-5,
         "transmitter.key_basis_probability": 0.999, "transmitter.error_correction_inefficiency": 1.0,
         "station_a.background_rate_hz": 0.0, "station_b.background_rate_hz": 0.0}  # fmt: skip


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """The shipped scenario's dataset."""
    return changed(tmp_path_factory.mktemp("relay"), NAME, {})


def entropy(p):
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_the_best_pass_brings_what_was_reported(relay):
    """Up to 1.07 Mbit per pass (Li et al., Nature 640, 47 (2025)): this is what one number is set by."""
    assert float(relay["key_bit"].sel(station="Beijing")) == pytest.approx(1.07e6, rel=0.01)


def test_what_is_passed_on_is_the_shorter_key(relay):
    assert float(relay["relayed_key_bit"]) == float(relay["key_bit"].sel(station="Stellenbosch"))
    assert float(relay["relayed_key_bit"]) < float(relay["key_bit"].sel(station="Beijing"))


def test_no_light_goes_from_station_to_station(relay):
    """Two downlinks of at most 2000 km, and no satellite that both could see."""
    assert float(relay["longest_link_km"]) < 2000 < float(relay["farthest_km"]) < 5000
    assert float(relay["ground_distance_km"]) == 12900.0


def seen(eta, level):
    """Clicks and wrong clicks per pulse of an intensity, summed over numbers of photons."""
    numbers = np.arange(1, 20)
    weights = math.exp(-level) * np.cumprod(level / numbers)
    photons = np.sum(weights * (1 - (1 - eta) ** numbers))
    return photons + 100.0 / RATE_HZ, 0.01 * photons + 50.0 / RATE_HZ


def test_clicks_and_key_rate_by_hand(relay):
    """Moment by moment; the key by the closed form of vacuum and weak decoys (Ma et al., PRA 72, 012326 (2005))."""
    for station, k in ((0, 200), (1, 200), (0, 40), (1, 300)):
        point = relay.isel(station=station, time_s=k)
        gains, wrong = np.transpose([seen(10 ** (-float(point["loss_db"]) / 10), level) for level in LEVELS])
        clicks, errors = RATE_HZ * np.dot(SHARES, gains), RATE_HZ * np.dot(SHARES, wrong)
        assert float(point["click_rate_hz"]) == pytest.approx(clicks, rel=1e-9)
        assert float(point["error_rate"]) == pytest.approx(errors / clicks, rel=1e-9)
        mu, nu = LEVELS[:2]
        least = mu / (mu * nu - nu**2) * (
            gains[1] * math.exp(nu) - gains[0] * math.exp(mu) * nu**2 / mu**2 - (mu**2 - nu**2) / mu**2 * gains[2]
        )  # fmt: skip
        phase = (wrong[1] * math.exp(nu) - gains[2] / 2) / (nu * least)
        kept = mu * math.exp(-mu) * least * (1 - entropy(phase)) - 1.16 * gains[0] * entropy(wrong[0] / gains[0])
        assert float(point["key_rate_bit_per_s"]) == pytest.approx(0.25 * 0.8 * RATE_HZ * kept, rel=1e-6)


def test_a_pass_is_one_block(relay):
    """Counts of all moments, summed up one by one."""
    times = relay["time_s"].values
    for station in range(2):
        counts, errors = np.zeros(3), np.zeros(3)
        for loss_db in relay["loss_db"].isel(station=station).dropna("time_s").values:
            gains, wrong = np.transpose([seen(10 ** (-loss_db / 10), level) for level in LEVELS])
            counts += RATE_HZ * np.array(SHARES) * gains * (times[1] - times[0]) / 4
            errors += RATE_HZ * np.array(SHARES) * wrong * (times[1] - times[0]) / 4
        block = finite_decoy_key(
            intensities=LEVELS, intensity_probabilities=SHARES, key_counts=counts.tolist(), key_errors=errors.tolist(),
            test_counts=counts.tolist(), test_errors=errors.tolist(),
        )  # fmt: skip
        assert float(relay["key_bit"][station]) == pytest.approx(float(block.key_length), rel=5e-3)


def test_a_pass_brings_what_it_would_bring_alone(tmp_path, relay):
    """Moments are those of the longest pass, but the sums are from rise to set of each."""
    for highest in (20.0, 90.0):
        other = changed(tmp_path, NAME, {"station_a.max_elevation_deg": highest})
        for key in ("key_bit", "asymptotic_key_bit"):
            assert float(other[key][1]) == pytest.approx(float(relay[key][1]), rel=1e-12)


def test_finite_keys_cost_a_good_part_of_a_pass(relay):
    fraction = relay["key_bit"] / relay["asymptotic_key_bit"]
    assert ((fraction > 0.3) & (fraction < 0.8)).all()
    assert fraction[0] > fraction[1]  # of the shorter pass a greater one


def test_longer_blocks_tend_to_the_rate_of_long_keys(tmp_path):
    """With a source a billion times as fast, so that statistics are no matter; nearly all pulses are signals."""
    shares = {
        "signal_probability": 0.98,
        "decoy_probability": 0.01,
        "key_basis_probability": 0.98,
        "decoy_intensity": 0.02,
    }
    keys = []
    for faster in (1.0, 1e6, 1e9):
        changes = {f"transmitter.{name}": value for name, value in shares.items()}
        changes |= {f"station_{end}.background_rate_hz": 100.0 * faster for end in "ab"}
        keys.append(changed(tmp_path, NAME, changes | {"transmitter.repetition_rate_hz": RATE_HZ * faster}))
    fraction = np.array([float(one["key_bit"][0] / one["asymptotic_key_bit"][0]) for one in keys])
    assert np.all(np.diff(fraction) > 0)
    assert fraction[-1] == pytest.approx(1, rel=0.01)


def test_weak_signals_with_weak_decoys_are_bb84(tmp_path):
    """The key of a Werner pair with this error rate, for each click but those of several photons."""
    dataset = changed(tmp_path, NAME, IDEAL | {"station_a.misalignment": 0.04})
    fraction = secret_key_fraction(werner_state(fidelity=1 - 1.5 * 0.04))
    over = dataset.isel(station=0)
    expected = 0.999**2 * over["click_rate_hz"] * float(fraction)
    np.testing.assert_allclose(over["key_rate_bit_per_s"][1:-1], expected[1:-1], rtol=4e-3)


def test_no_more_key_than_the_channel_allows(tmp_path):
    ideal = IDEAL | {"transmitter.signal_intensity": 0.6, "transmitter.decoy_intensity": 1e-3}
    dataset = changed(tmp_path, NAME, ideal | {"station_a.misalignment": 0.0, "station_b.misalignment": 0.0})
    bound = RATE_HZ * repeaterless_bound(10 ** (-dataset["loss_db"].fillna(np.inf).values / 10))
    assert (dataset["key_rate_bit_per_s"].values <= bound).all()
    assert (dataset["key_bit"].values <= np.trapezoid(bound, dataset["time_s"].values, axis=1)).all()


@pytest.mark.parametrize("change", [{"station_b.misalignment": 0.12}, {"station_b.background_rate_hz": 1e6}])
def test_where_errors_are_too_many_there_is_no_key(tmp_path, change):
    dataset = changed(tmp_path, NAME, change)
    assert (dataset["key_rate_bit_per_s"].sel(station="Stellenbosch") == 0).all()
    assert float(dataset["relayed_key_bit"]) == 0.0
    assert float(dataset["key_bit"].sel(station="Beijing")) > 1e6
    assert (dataset["asymptotic_key_bit"].sel(station="Stellenbosch") == 0).all()


def test_the_lower_pass_is_shorter_and_brings_less(relay):
    seen = relay["loss_db"].notnull()
    assert int(seen.sel(station="Stellenbosch").sum()) < int(seen.sel(station="Beijing").sum()) == 401
    assert (relay["key_rate_bit_per_s"].where(~seen, 0) == 0).all()
    highest = relay["elevation_deg"].max("time_s").values
    np.testing.assert_allclose(highest, [75.0, 45.0], rtol=1e-9)
    assert float(relay["elevation_deg"].min()) >= 15 - 1e-9


def test_equal_passes_bring_equal_keys(tmp_path):
    dataset = changed(tmp_path, NAME, {"station_b.max_elevation_deg": 75.0})
    assert float(dataset["key_bit"][0]) == float(dataset["key_bit"][1]) == float(dataset["relayed_key_bit"])


def test_keys_converge_with_the_number_of_moments(tmp_path, relay):
    fine = changed(tmp_path, NAME, {"sweep.num_times": 4001})
    np.testing.assert_allclose(fine["key_bit"], relay["key_bit"], rtol=2e-3)


def test_a_pass_below_what_is_used_is_refused(tmp_path):
    with pytest.raises(
        ScenarioError, match=r"key `station_b.max_elevation_deg`: expected more than .* = 15, but it is 12\."
    ):
        changed(tmp_path, NAME, {"station_b.max_elevation_deg": 12.0})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"transmitter.decoy_intensity": 0.0}, "key `transmitter.decoy_intensity`: Expected `float` > 0.0"),
        (
            {"transmitter.weakest_intensity": 0.2},
            r"decoy_intensity`: expected more than weakest_intensity = 0.2, but it is 0.1",
        ),
        (
            {"transmitter.decoy_intensity": 0.5},
            r"signal_intensity`: expected more than both other intensities together, 0.5",
        ),
        (
            {"transmitter.decoy_probability": 0.2},
            r"decoy_probability`: expected less than 1 - signal_probability = 0.2",
        ),
        ({"transmitter.epsilon_secrecy": 0.0}, "key `transmitter.epsilon_secrecy`"),
        ({"transmitter.key_basis_probability": 1.5}, "key `transmitter.key_basis_probability`"),
        ({"transmitter.single_photon_fraction": 0.6}, "unknown key `single_photon_fraction`"),
    ],
)
def test_wrong_pulses_are_refused(tmp_path, changes, text):
    with pytest.raises(ScenarioError, match=text):
        changed(tmp_path, NAME, changes)


def test_passes_too_short_for_any_key(tmp_path):
    """A sender too slow: the finite key is 0, and no exception, while long keys would be there."""
    dataset = changed(tmp_path, NAME, {"transmitter.repetition_rate_hz": 1e8})
    assert (dataset["key_bit"] == 0).all()
    assert float(dataset["asymptotic_key_bit"][0]) > 0
