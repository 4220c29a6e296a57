"""How curves must bend, whatever the numbers are."""

import numpy as np
import pytest
from lab.hardware_tables import HARDWARE
from lab.scenario_files import curve, numbers_of

LIGHT_KM_PER_S = 299792.458
FAR = {"sweep.distances_km": "{ start = 1, stop = 120, num = 25 }", "sweep.repeaters": "[0, 1, 3]"}


@pytest.mark.parametrize("variable", ["fidelity", "rate_hz", "link_probability", "direct_bound_bit_per_s"])
def test_results_fall_with_distance(shipped, variable):
    """But where the last key, and with it the best cut-off, has gone."""
    _, dataset = shipped
    free = dataset["cutoff_s"].where(dataset["secret_key_rate_bit_per_s"] == 0, 0)
    fall = dataset[variable].diff("distance_km")
    assert ((fall < 0) | (free.diff("distance_km") == np.inf)).all()
    assert (fall < 0).sum() >= fall.size - 1


def test_keys_fall_until_they_vanish(shipped):
    _, dataset = shipped
    key = dataset["secret_key_rate_bit_per_s"].transpose("distance_km", ...).values
    falls = np.diff(key, axis=0) < 0
    assert np.all(falls | (key[1:] == 0))
    assert not ((key[:-1] == 0) & (key[1:] > 0)).any()


def test_repeaters_beat_one_link_far_away(shipped):
    """Rates of more repeaters fall more slowly, so that they win at the longest distance."""
    _, dataset = shipped
    slope = np.log(dataset["rate_hz"]).isel(distance_km=[-2, -1]).diff("distance_km")
    assert (slope.diff("repeaters") > 0).all()


def test_keys_stay_below_what_an_arm_can_carry(shipped):
    """Photons that meet half-way cross half a link each: -log2(1 - eta) secret bits per mode of a cycle at most."""
    name, dataset = shipped
    hardware = HARDWARE[name]
    length_km = dataset["distance_km"] / (dataset["repeaters"] + 1)
    cycle_s = hardware["preparation_s"] + 1.468 * length_km / LIGHT_KM_PER_S
    bound = -hardware["modes"] / cycle_s * np.log2(1 - 10 ** (-0.01 * length_km))
    assert (dataset["secret_key_rate_bit_per_s"] < bound).all()
    assert (dataset["secret_key_rate_bit_per_s"].sel(repeaters=0) < dataset["direct_bound_bit_per_s"]).all()


WORSE = [
    ("link.dark_count_probability", "1e-7", "1e-6", {"fidelity"}),
    ("link.visibility", "0.95", "0.9", {"fidelity"}),
    ("link.phase_std_rad", "0.1", "0.2", {"fidelity"}),
    ("memory.t2_s", "10", "1", {"fidelity"}),
    ("memory.t1_s", "1e3", "5", {"fidelity"}),
    ("memory.swap_in_fidelity", "0.99", "0.98", {"fidelity"}),
    ("memory.retrieval_efficiency", "0.9", "0.8", {"rate_hz"}),
    ("link.photon_detection_probability", "2e-3", "1e-3", {"fidelity", "rate_hz"}),
    ("link.frequency_conversion_efficiency", "0.8", "0.4", {"fidelity", "rate_hz"}),
    ("link.preparation_s", "1e-5", "1e-4", {"rate_hz"}),
    ("fiber.attenuation_db_per_km", "0.18", "0.2", {"fidelity", "rate_hz", "direct_bound_bit_per_s"}),
    ("fiber.insertion_loss_db", "0.5", "1", {"fidelity", "rate_hz", "direct_bound_bit_per_s"}),
    ("fiber.group_index", "1.4", "1.5", {"fidelity", "rate_hz"}),
    ("direct.repetition_rate_hz", "1e6", "1e5", {"direct_bound_bit_per_s"}),
]


@pytest.mark.parametrize(("key", "better", "worse", "falling"), WORSE, ids=[case[0] for case in WORSE])
def test_worse_devices_give_less(tmp_path, key, better, worse, falling):
    given = FAR | {"link.dark_count_probability": "1e-8"}
    good, bad = (curve(tmp_path, given | {key: value}) for value in (better, worse))
    for variable in ("fidelity", "rate_hz", "direct_bound_bit_per_s"):
        if variable in falling:
            assert np.all(bad[variable].values < good[variable].values), variable
    if falling == {"fidelity"} and key.startswith("memory."):
        np.testing.assert_allclose(bad["rate_hz"], good["rate_hz"], rtol=1e-12)


@pytest.mark.parametrize(("better", "worse"), [("0.999", "0.99"), ("0.99", "0.97")])
def test_worse_gates_harm_stations_only(tmp_path, better, worse):
    good, bad = (numbers_of(curve(tmp_path, FAR | {"station.gate_fidelity": f}), "fidelity") for f in (better, worse))
    np.testing.assert_allclose(bad[0], good[0], rtol=1e-13)
    assert np.all(bad[1:] < good[1:])


def test_brighter_states_give_more_and_worse_pairs(tmp_path):
    dim, bright = (curve(tmp_path, FAR | {"link.bright_population": a}).sel(repeaters=0) for a in ("0.05", "0.1"))
    assert np.all(bright["fidelity"] < dim["fidelity"])
    assert np.all(bright["rate_hz"] > dim["rate_hz"])


def test_more_modes_give_more_pairs(tmp_path):
    one, ten = (curve(tmp_path, FAR | {"link.multiplexing": modes})["rate_hz"] for modes in ("1", "10"))
    assert np.all(ten > one)
    assert np.all(ten < 10.0001 * one)


def test_no_photon_no_pair(tmp_path):
    dataset = curve(tmp_path, {"link.photon_detection_probability": "0", "link.dark_count_probability": "0"})
    assert (dataset["rate_hz"] == 0).all()
    assert np.isinf(dataset["waiting_time_s"]).all()
    assert dataset["fidelity"].isnull().all()
    assert not (dataset["secret_key_rate_bit_per_s"] > 0).any()
