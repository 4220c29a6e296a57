"""Scenarios of sessions: the runs of the function, what Eve leaves behind, nothing secret, refusals."""

import math

import numpy as np
import pytest
from lab.pair_files import SESSION, computed, file_of

from qnet_channels import Detector, depolarizing, erasure
from qnet_lab import ScenarioError, evaluate_scenario, load_scenario, plot_overview
from qnet_lab.evaluation import summarize
from qnet_lab.kinds.session import ATTACKS
from qnet_lab.session_plots import fates
from qnet_protocols import bb84_session, cloning_channel

SECRETS = ("sender_key", "receiver_key", "transcript")
EVE = {"eavesdroppers.eve.attack": '"intercept-resend"'}


@pytest.fixture(scope="module")
def shipped():
    """The shipped session."""
    return evaluate_scenario(load_scenario("bb84_with_eve"))


def test_a_run_is_that_of_the_function(tmp_path):
    keys = {
        "channel.mixing": "0.02", "channel.transmissivity": "0.8", "fiber.length_km": "5.0",
        "detector.efficiency": "0.9",
        "detector.dark_count_rate_hz": "1e5", "eavesdroppers.clones.attack": '"cloning"',
        "eavesdroppers.clones.error_rate": "0.02",
    }  # fmt: skip
    dataset = computed(tmp_path, SESSION, keys)
    line = depolarizing(mixing=0.02).then(erasure(transmissivity=0.8 * 10**-0.1))
    for name, eve in (("nobody", None), ("clones", cloning_channel(error_rate=0.02))):
        run = bb84_session(
            num_signals=30_000, channel=line, detector=Detector(0.9, 1e5), eavesdropper=eve, sample_fraction=0.1,
            epsilon_secrecy=1e-6, rng=np.random.default_rng(7),
        )  # fmt: skip
        found = dataset.sel(eavesdropper=name)
        for variable in ("num_detected", "num_double_clicks", "num_key_bits", "key_error_rate", "phase_error_rate"):
            assert float(found[variable]) == getattr(run, variable), variable
        assert int(found["key_length_bit"]) == run.key_length
        assert int(found["leaked_bit"]) == run.leaked_bits
        assert str(found["aborted"].values) == (run.aborted or "")


def test_eve_leaves_the_errors_of_the_textbooks(shipped):
    """A quarter of all sifted bits where all photons are measured, a fortieth for a tenth of them,
    and 1 % of the line."""
    detected = shipped["num_test_bits"].values
    line = 0.01
    expected = np.array([0, 0.25, 0.025, 0.04])
    expected = expected * (1 - line) + (1 - expected) * line
    tolerance = 5 * np.sqrt(expected * (1 - expected) / detected)
    assert (np.abs(shipped["test_error_rate"].values - expected) < tolerance).all()
    np.testing.assert_allclose(shipped["predicted_test_error_rate"], expected, atol=1e-6)


def test_more_errors_leave_less_key_and_too_many_none(shipped):
    bits = shipped["key_length_bit"].values
    assert bits[0] > bits[2] > bits[3] > bits[1] == 0
    assert "above max_error_rate" in str(shipped["aborted"].values[1])
    assert [str(text) for text in shipped["aborted"].values[[0, 2, 3]]] == ["", "", ""]


def test_splitting_photon_numbers_makes_no_errors(tmp_path):
    keys = {
        "session.intensities": "[0.5, 0.1, 0.0]", "session.intensity_probabilities": "[0.7, 0.2, 0.1]",
        "eavesdroppers.splits.attack": '"photon-number-splitting"',
    }  # fmt: skip
    dataset = computed(tmp_path, SESSION, keys)
    gain = dataset["predicted_gain"].sel(eavesdropper="splits")
    several = sum(p * (1 - (1 + mu) * math.exp(-mu)) for mu, p in ((0.5, 0.7), (0.1, 0.2)))
    assert float(gain) == pytest.approx(several, rel=1e-9)
    assert float(dataset["predicted_key_error_rate"].sel(eavesdropper="splits")) == 0


def test_nothing_secret_is_in_the_dataset(shipped):
    assert not [name for name in shipped.variables if name in SECRETS]
    assert {variable.ndim for variable in shipped.variables.values()} == {1}
    assert shipped["is_simulation"].values.all()
    assert "simulation" in summarize(shipped)
    assert "seed" in shipped.attrs["seed_entropy"]


def test_all_detected_signals_have_a_fate(shipped):
    parts = fates(shipped)
    np.testing.assert_array_equal(sum(part.values for part in parts.values()), shipped["num_detected"].values)
    assert all((part.values >= 0).all() for part in parts.values())


def test_another_seed_gives_another_run(tmp_path):
    one, same, other = (computed(tmp_path, SESSION, {"session.seed": seed}) for seed in ("1", "1", "2"))
    assert one.identical(same)
    assert float(one["num_key_bits"][0]) != float(other["num_key_bits"][0])


def test_many_names_stay_readable(tmp_path):
    names = [f"eavesdropper number {k}" for k in range(4)]
    keys = {f'eavesdroppers."{name}".attack': '"intercept-resend"' for name in names}
    assert plot_overview(computed(tmp_path, SESSION, keys | {"session.num_signals": "2000"})) is not None


def test_a_run_with_nothing_detected_is_drawn(tmp_path):
    dataset = computed(tmp_path, SESSION, {"channel.transmissivity": "0.0"})
    assert dataset["num_detected"].values.tolist() == [0]
    assert "nobody" in summarize(dataset)
    plot_overview(dataset)


REFUSED = [
    ({"session.num_signals": None}, ["key `session`", "lacks the key `num_signals`"]),
    ({"session.seed": None}, ["key `session`", "lacks the key `seed`"]),
    ({"session.seed": "-1"}, ["key `session.seed`", ">= 0", "is -1"]),
    ({"session.seed": "1.5"}, ["key `session.seed`", "is 1.5"]),
    ({"session.max_error_rate": "0.9"}, ["key `session.max_error_rate`", "0.5", "is 0.9"]),
    ({"session.intensities": "[0.5, 0.1, 0.0]"}, ["table `session`", "`intensity_probabilities` is None"]),
    ({"session.key": '"secret"'}, ["key `session`", "unknown key `key`"]),
    ({"channel.mixing": "2.0"}, ["key `channel.mixing`", "is 2"]),
    ({"channel.transmissivity": "1.5", "fiber.length_km": "50.0"}, ["key `channel.transmissivity`", "is 1.5"]),
    ({"fiber.length_km": "-3.0"}, ["key `fiber.length_km`", "is -3"]),
    ({"detector.efficiency": "1.5"}, ["key `detector.efficiency`", "is 1.5"]),
    ({"detector.dead_time_s": "1e-6"}, ["key `detector.dead_time_s`", "must be 0"]),
    ({"eavesdroppers.eve.attack": '"bribery"'},
     ["key `eavesdroppers.eve.attack`", "one of intercept-resend, cloning", "'bribery'"]),
    (EVE | {"eavesdroppers.eve.fraction": "1.5"}, ["key `eavesdroppers.eve.fraction`", "is 1.5"]),
    (EVE | {"eavesdroppers.eve.basis": '"w"'}, ["key `eavesdroppers.eve.basis`", "'w'"]),
    (EVE | {"eavesdroppers.eve.error_rate": "0.1"},
     ["key `eavesdroppers.eve`", "unknown key `error_rate`", "known are attack, fraction, basis"]),
    ({"eavesdroppers.nobody.attack": '"cloning"', "eavesdroppers.nobody.error_rate": "0.1"},
     ["key `eavesdroppers.nobody`", "another name"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "parts"), REFUSED, ids=[" ".join(parts[:2]) for _, parts in REFUSED])
def test_wrong_files_are_refused_by_their_keys(tmp_path, changes, parts):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(tmp_path, SESSION, changes))
    assert not [part for part in parts if part not in str(refused.value)], str(refused.value)


def test_every_attack_is_tested_here():
    assert set(ATTACKS) == {"intercept-resend", "cloning", "photon-number-splitting"}
