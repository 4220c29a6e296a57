"""Scenarios of key rates: published anchors and closed forms, arms of the channel, bounds, refusals."""

import json

import numpy as np
import pytest
from lab.pair_files import KEYS, computed, file_of

from qnet_lab import ScenarioError, evaluate_scenario, load_scenario
from qnet_lab.evaluation import summarize
from qnet_lab.kinds.key_rate import PROTOCOLS

# per pulse over 0, 50 and 100 km, with the hardware of Gobby, Yuan and Shields: Ma, Qi, Zhao and Lo, PRA 72,
# 012326 (2005)
GYS = {
    "all decoys": [0.00255458808153, 0.000222596117921, 1.71844447639e-5],
    "two decoys": [0.00241424546639, 0.000209624994208, 1.60200452679e-5],
}
NEEDED = {
    "bb84": {},
    "decoy-bb84": {"intensities": "[0.5, 0.1, 0.0]"},
    "bbm92": {"mean_photons": "0.05"},
    "mdi-qkd": {},
    "twin-field": {"mean_photons": "0.02"},
    "gg02": {"modulation_variance": "4.0"},
    "finite-bb84": {"num_pulses": "1e10", "key_basis_probability": "0.9"},
    "finite-decoy-bb84": {
        "num_pulses": "1e10", "key_basis_probability": "0.9", "intensities": "[0.5, 0.1, 2e-4]",
        "intensity_probabilities": "[0.7, 0.2, 0.1]",
    },
}  # fmt: skip
NO_FIBER = {"fiber.length_km": None}


def protocol_keys(protocol, changes=None):
    """Keys of a file with one protocol in the place of BB84."""
    given = {"protocol": f'"{protocol}"'} | NEEDED[protocol] | (changes or {})
    return {"protocols.alone.protocol": None} | {f"protocols.it.{name}": value for name, value in given.items()}


def fraction(folder, protocol, changes=None):
    """Secret bits per pulse of one protocol."""
    return computed(folder, KEYS, protocol_keys(protocol, changes))["secret_fraction"].sel(protocol="it").values


def entropy(x):
    return -x * np.log2(x) - (1 - x) * np.log2(1 - x)


def test_decoys_give_what_the_paper_says():
    dataset = evaluate_scenario(load_scenario("decoy_bb84_gys"))
    for name, expected in GYS.items():
        found = dataset["secret_fraction"].sel({"protocol": name, "fiber.length_km": [0.0, 50.0, 100.0]})
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert float(dataset["secret_fraction"].sel(protocol="no decoys")[10]) == pytest.approx(5.22505971463e-5, rel=1e-9)


def test_single_photons_in_closed_form(tmp_path):
    """q η (1 - (1 + f) h(E)) without background, η that of fibre and receiver."""
    keys = {"transmissivity": "0.3", "misalignment_error": "0.02", "repetition_rate_hz": "1e6"}
    dataset = computed(tmp_path, KEYS, protocol_keys("bb84", keys))
    expected = 0.5 * 0.3 * 10 ** (-0.02 * np.array([0.0, 50.0, 100.0])) * (1 - 2.16 * entropy(0.02))
    np.testing.assert_allclose(dataset["secret_fraction"][0], expected, rtol=1e-12)
    np.testing.assert_allclose(dataset["key_rate_bit_per_s"][0], 1e6 * expected, rtol=1e-12)
    np.testing.assert_allclose(dataset["error_rate"][0], 0.02, rtol=1e-12)


def test_bounds_are_those_of_the_channel_alone(tmp_path):
    dataset = computed(tmp_path, KEYS | NO_FIBER, {"channel.loss_db": "[10.0, 20.0]"})
    np.testing.assert_allclose(dataset["channel_transmissivity"], [0.1, 0.01], rtol=1e-12)
    np.testing.assert_allclose(dataset["plob_bound"], [-np.log2(0.9), -np.log2(0.99)], rtol=1e-12)
    np.testing.assert_allclose(dataset["tgw_bound"], [0.289506617195, np.log2(1.01 / 0.99)], rtol=1e-9)
    np.testing.assert_allclose(dataset["channel_loss_db"], [10, 20], rtol=1e-12)


@pytest.mark.parametrize("key", ["channel.loss_db", "channel.transmissivity"])
def test_channels_are_given_in_three_ways(tmp_path, key):
    values = "[0.0, 10.0, 20.0]" if key.endswith("db") else "[1.0, 0.1, 0.01]"
    keys = KEYS | {"protocols.pairs.protocol": '"bbm92"', "protocols.pairs.mean_photons": "0.05"}
    dataset, fiber = computed(tmp_path, keys | NO_FIBER, {key: values}), computed(tmp_path, keys)
    assert dataset["secret_fraction"].dims == ("protocol", key)
    np.testing.assert_allclose(dataset["secret_fraction"].values, fiber["secret_fraction"].values, rtol=1e-12)


@pytest.mark.parametrize("protocol", ["mdi-qkd", "twin-field", "bbm92"])
def test_half_of_the_channel_is_on_either_side_of_the_middle(tmp_path, protocol):
    """50 km have 10 dB, so that an arm of 25 km is a receiver that is worse by 5 dB."""
    whole = fraction(tmp_path, protocol)
    worse = fraction(tmp_path, protocol, {"transmissivity": repr(10**-0.5)})
    assert 0 < whole[2] < whole[1] < whole[0]
    np.testing.assert_allclose(worse[:2], whole[1:], rtol=1e-12)


@pytest.mark.parametrize("protocol", ["bb84", "decoy-bb84", "gg02", "finite-bb84", "finite-decoy-bb84"])
def test_all_of_the_channel_is_on_the_way_of_the_others(tmp_path, protocol):
    whole = fraction(tmp_path, protocol)
    worse = fraction(tmp_path, protocol, {"transmissivity": "0.1"})
    assert 0 < whole[2] < whole[1] < whole[0]
    np.testing.assert_allclose(worse[:2], whole[1:], rtol=1e-9)


def test_twin_field_goes_with_the_root_of_the_loss(tmp_path):
    length = {"fiber.length_km": "[300.0, 400.0]"}
    keys = {f"protocols.{name}.protocol": f'"{name}"' for name in ("bb84", "twin-field")}
    dataset = computed(tmp_path, KEYS, keys | length | {"protocols.twin-field.mean_photons": "0.02"})
    found = dataset["secret_fraction"].sel(protocol=["bb84", "twin-field"]).values
    np.testing.assert_allclose(found[:, 1] / found[:, 0], [1e-2, 1e-1], rtol=0.02)


def test_keys_of_a_block_are_whole_bits(tmp_path):
    dataset = computed(tmp_path, KEYS, protocol_keys("finite-bb84") | {"protocols.alone.protocol": '"bb84"'})
    bits = dataset["key_length_bit"].sel(protocol="it").values
    assert (bits == np.round(bits)).all()
    np.testing.assert_allclose(dataset["secret_fraction"].sel(protocol="it"), bits / 1e10, rtol=1e-15)
    assert dataset["key_length_bit"].sel(protocol="alone").isnull().all()
    assert dataset["key_rate_bit_per_s"].sel(protocol="it").isnull().all()


def test_no_repeaterless_protocol_beats_the_bound_but_twin_fields_do():
    dataset = evaluate_scenario(load_scenario("qkd_protocols"))
    beaten = (dataset["secret_fraction"] > dataset["plob_bound"]).any("fiber.length_km")
    assert [str(name) for name in dataset["protocol"].values[beaten.values]] == ["twin-field"]
    some = dataset["secret_fraction"].sel(protocol="twin-field") > 0
    assert f"twin-field: key up to {float(dataset['fiber.length_km'][some].max()):g} km" in summarize(dataset)


def test_intensities_have_one_source_and_each_its_number(tmp_path):
    keys = protocol_keys("decoy-bb84") | {'sources."protocols.it.intensities"': '"a paper"'}
    numbers = json.loads(computed(tmp_path, KEYS, keys).attrs["parameters"])
    assert [numbers[f"protocols.it.intensities[{k}]"]["value"] for k in range(3)] == ["0.5", "0.1", "0.0"]
    assert {numbers[f"protocols.it.intensities[{k}]"]["source"] for k in range(3)} == {"a paper"}


REFUSED = [
    ({"fiber.length_km": None}, ["the file", "either a table `fiber` or a table `channel`"]),
    ({"channel.loss_db": "3.0"}, ["the file", "either a table `fiber` or a table `channel`"]),
    ({"fiber.length_km": "10.0"}, ["one axis in its channel", "none"]),
    ({"fiber.insertion_loss_db": "[0.0, 1.0]"}, ["one axis", "fiber.length_km, fiber.insertion_loss_db"]),
    ({"fiber.length_km": "[-1.0, 2.0]"}, ["key `fiber.length_km`", "is -1"]),
    (NO_FIBER | {"channel.loss_db": "[1.0, 2.0]", "channel.transmissivity": "0.5"},
     ["table `channel`", "either the key `loss_db`"]),
    (NO_FIBER | {"channel.loss_db": "[-1.0, 2.0]"}, ["key `channel.loss_db`", "is -1"]),
    (NO_FIBER | {"channel.transmissivity": "[0.1, 1.1]"}, ["key `channel.transmissivity`", "is 1.1"]),
    ({"protocols.alone.protocol": '"morse"'}, ["key `protocols.alone.protocol`", "one of bb84, decoy-bb84", "'morse'"]),
    ({"protocols.alone.protocol": None, "protocols.alone.mean_photons": "0.1"},
     ["key `protocols.alone`", "lacks the key `protocol`"]),
    ({"protocols.alone.protocol": '"twin-field"'}, ["key `protocols.alone`", "lacks the key `mean_photons`"]),
    ({"protocols.alone.visibility": "0.9"},
     ["key `protocols.alone`", "unknown key `visibility`", "known are protocol, transmissivity"]),
    ({"protocols.alone.transmissivity": "1.5"}, ["key `protocols.alone.transmissivity`", "<= 1", "is 1.5"]),
    ({"protocols.alone.misalignment_error": "0.6"},
     ["key `protocols.alone.misalignment_error`", "between 0 and 0.5", "is 0.6"]),
    ({"protocols.alone.mean_photons": "[0.1, 0.2]"}, ["key `protocols.alone.mean_photons`", "float", "[0.1, 0.2]"]),
    ({"protocols.alone.background_model": '"none"'}, ["key `protocols.alone.background_model`", "'none'"]),
    (protocol_keys("decoy-bb84", {"intensities": "[0.1, 0.5]"}), ["key `protocols.it.intensities`", "must descend"]),
    (protocol_keys("decoy-bb84", {"intensities": "[0.3, 0.2, 0.15]"}),
     ["key `protocols.it.intensities`", "greater than the sum"]),
    ({"protocols.alone.protocol": None}, ["lacks the key `protocols`"]),
    ({'sources."protocols.alone.nonsense"': "3"}, ["key `sources.protocols.alone.nonsense`", "is 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "parts"), REFUSED, ids=[" ".join(parts[:2]) for _, parts in REFUSED])
def test_wrong_files_are_refused_by_their_keys(tmp_path, changes, parts):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(tmp_path, KEYS, changes))
    assert not [part for part in parts if part not in str(refused.value)], str(refused.value)


def test_every_protocol_is_tested_here():
    assert set(NEEDED) == set(PROTOCOLS)
