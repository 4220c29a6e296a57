"""Numbers that differ from point to point: each point is that of a file with these numbers, and the limits are the file's."""

import numpy as np
import pytest
import xarray as xr
from lab.hardware_tables import KEYS
from lab.scenario_files import IDEAL, SMALL, curve, write

from qnet_channels import BellStation, Memory, double_click_link
from qnet_core import Heralded
from qnet_lab import ScenarioError, fidelity_distance_curve, load_scenario, scenario_points
from qnet_lab.point_values import POINT_KEYS
from qnet_protocols import RepeaterChain

HERE = {"distance_km": 40.0, "repeaters": 1}
# two values of every number, none of them the platform's or the default
VALUES = {
    "distance_km": (10.0, 50.0), "repeaters": (0, 3),
    "link.photon_detection_probability": (0.1, 0.3), "link.frequency_conversion_efficiency": (0.5, 0.9),
    "link.bright_population": (0.05, 0.2), "link.visibility": (0.8, 1.0), "link.phase_std_rad": (0.0, 0.4),
    "link.dark_count_probability": (0.0, 1e-4), "link.preparation_s": (0.0, 1e-4), "link.multiplexing": (2, 7),
    "fiber.attenuation_db_per_km": (0.16, 0.3), "fiber.insertion_loss_db": (0.5, 2.0), "fiber.group_index": (1.0, 1.5),
    "memory.t1_s": (0.5, np.inf), "memory.t2_s": (0.01, 0.3), "memory.excited_population": (0.1, 0.5),
    "memory.swap_in_fidelity": (0.9, 0.95), "memory.retrieval_efficiency": (0.5, 0.9),
    "station.gate_fidelity": (0.95, 0.98), "station.readout_error": (0.01, 0.1), "station.success_probability": (0.5, 0.9),
    "direct.repetition_rate_hz": (1e5, 1e7), "chain.cutoff_s": (0.002, 0.05), "chain.distillation": (0, 1),
}  # fmt: skip
BRIGHT = SMALL | {
    "link.photon_detection_probability": "0.2",
    "memory.t1_s": "1.0",
    "memory.t2_s": "0.05",
    "sweep.distances_km": "[40]",
    "sweep.repeaters": "[1]",
}


def scenario_of(folder, changes=None):
    return load_scenario(write(folder, changes, base=BRIGHT))


def literal(key, value):
    """What stands in a file for a number at a point: the keys of the table ``sweep`` are lists."""
    names = {"distance_km": "sweep.distances_km", "repeaters": "sweep.repeaters"}
    return {names[key]: repr([value])} if key in names else {key: repr(value)}


def from_files(folder, changes):
    """Results at the only point of a file, by name."""
    dataset = curve(folder, changes, base=BRIGHT)
    return {str(name): dataset[name].isel(distance_km=0, missing_dims="ignore").squeeze().values for name in dataset}


def test_every_number_has_values_here():
    assert set(VALUES) == set(POINT_KEYS)
    assert {key for key, _ in KEYS.values()} <= set(POINT_KEYS)


@pytest.mark.parametrize("key", VALUES)
def test_each_point_is_that_of_a_file_with_its_number(tmp_path, key):
    found = scenario_points(scenario_of(tmp_path), HERE | {key: list(VALUES[key])})
    alone = [from_files(tmp_path, literal(key, value)) for value in VALUES[key]]
    for name, array in found.items():
        expected = np.array([one[name] for one in alone])
        assert array.shape == expected.shape, name
        np.testing.assert_allclose(array, expected, rtol=1e-12, atol=1e-14, err_msg=name)
    changed = [name for name, array in found.items() if not np.array_equal(array[0], array[1])]
    assert changed, "the number does nothing"


def test_numbers_broadcast_like_arrays(tmp_path):
    scenario = scenario_of(tmp_path)
    values = {
        "memory.t2_s": np.array([0.01, 0.1])[:, None, None],
        "station.gate_fidelity": np.array([0.95, 0.99, 1.0])[:, None],
        "distance_km": np.array([5.0, 20.0, 40.0, 80.0]),
        "repeaters": 3,
    }
    found = scenario_points(scenario, values)
    assert {name: array.shape for name, array in found.items() if name != "bloch"} == dict.fromkeys(
        set(found) - {"bloch"}, (2, 3, 4)
    )
    assert found["bloch"].shape == (2, 3, 4, 4, 4)
    for place in np.ndindex(2, 3, 4):
        point = {key: np.broadcast_to(value, (2, 3, 4))[place].item() for key, value in values.items()}
        for name, array in scenario_points(scenario, point).items():
            np.testing.assert_allclose(found[name][place], array, rtol=1e-12, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("name", ["nv_delft", "eu_yso"])
def test_the_curve_is_its_points(shipped_curve, name):
    dataset = shipped_curve(name)
    distances, repeaters = dataset["distance_km"].values[[3, 77]], dataset["repeaters"].values[[0, 2, 5]]
    found = scenario_points(load_scenario(name), {"distance_km": distances[:, None], "repeaters": repeaters})
    chosen = dataset.sel(distance_km=distances, repeaters=repeaters)
    for variable, array in found.items():
        expected = chosen[variable].broadcast_like(chosen["fidelity"])
        expected = expected.transpose("distance_km", "repeaters", ...).values
        np.testing.assert_allclose(array, expected, rtol=1e-12, atol=1e-15, err_msg=variable)


def test_one_place_of_the_scenario_needs_no_value(tmp_path):
    scenario = scenario_of(tmp_path)
    xr.testing.assert_equal(
        xr.Dataset({name: array for name, array in scenario_points(scenario, {}).items() if name != "bloch"}),
        xr.Dataset({name: array for name, array in scenario_points(scenario, HERE).items() if name != "bloch"}),
    )


@pytest.mark.parametrize(
    ("policy", "cutoff", "rounds"),
    [
        ("nested", None, [0, 1]),
        ("nested", "0.01", [0, 1]),
        ("swap-at-end", "0.01", [0, 1]),
        ("swap-asap", None, [0, 0]),
    ],
)
def test_chains_that_are_summed_by_number_of_links(tmp_path, policy, cutoff, rounds):
    """Numbers of repeaters and rounds of distillation, mixed in one call with hardware that differs."""
    changes = {"chain.policy": f'"{policy}"', "chain.cutoff_s": cutoff}
    values = {
        "repeaters": np.array([[0], [1]]),
        "chain.distillation": np.array(rounds),
        "link.visibility": np.array([0.85, 0.95]),
        "distance_km": 4.0,
    }
    found = scenario_points(scenario_of(tmp_path, changes), values)
    for place in np.ndindex(2, 2):
        point = {key: np.broadcast_to(value, (2, 2))[place].item() for key, value in values.items()}
        here = {key: text for name, value in point.items() for key, text in literal(name, value).items()}
        alone = from_files(tmp_path, changes | here)
        for name, array in found.items():
            np.testing.assert_allclose(array[place], alone[name], rtol=1e-7, atol=1e-9, err_msg=f"{name} at {point}")


def test_memories_wait_for_light_that_is_as_slow_as_the_fibre(tmp_path):
    """F = (1 + exp(-2 t/T2))/2 of one pair, both halves of which wait for the light."""
    scenario = load_scenario(write(tmp_path, base=IDEAL))
    index, length_km, t2_s = np.array([[1.0], [2.0]]), np.array([30.0, 300.0]), 2e-3
    values = {"fiber.group_index": index, "distance_km": length_km, "memory.t2_s": t2_s, "repeaters": 0}
    light_s = index * length_km / 299792.458
    np.testing.assert_allclose(
        scenario_points(scenario, values)["fidelity"], (1 + np.exp(-2 * light_s / t2_s)) / 2, rtol=1e-12
    )


@pytest.mark.parametrize("policy", ["nested", "swap-asap", "swap-at-end"])
def test_the_policy_is_that_of_the_file(tmp_path, policy):
    """The chain put together by hand, of four links that decay while they wait."""
    scenario = load_scenario(write(tmp_path, {"chain.policy": f'"{policy}"'}, base=IDEAL))
    light_s = 1.468 * 25 / 299792.458
    memory, link = Memory(np.inf, 20 * light_s), double_click_link(transmissivity=1.0)
    wait = memory.decay(duration_s=light_s)
    fresh = Heralded(link.state.apply(wait, 0).apply(wait, 1), link.probability)
    by_hand = {
        name: RepeaterChain(fresh, memory, BellStation(), name, num_links=4, cycle_s=light_s).exact().fidelity
        for name in ("nested", "swap-asap", "swap-at-end")
    }
    values = {"distance_km": 100.0, "repeaters": 3, "memory.t2_s": 20 * light_s}
    found = scenario_points(scenario, values)["fidelity"]
    np.testing.assert_allclose(found, by_hand[policy], rtol=1e-8)
    assert all(abs(found - other) > 1e-4 for name, other in by_hand.items() if name != policy)


def test_an_infinite_cut_off_is_none(tmp_path):
    scenario = scenario_of(tmp_path)
    found = scenario_points(scenario, HERE | {"chain.cutoff_s": [0.01, np.inf]})
    endless = scenario_points(scenario, HERE)
    np.testing.assert_array_equal(found["cutoff_s"], [0.01, np.inf])
    for name in ("fidelity", "rate_hz", "waiting_time_s"):
        np.testing.assert_allclose(found[name][1], endless[name], rtol=1e-11)
        assert found[name][0] != found[name][1]
    written = fidelity_distance_curve(load_scenario(write(tmp_path, {"chain.cutoff_s": "inf"}, base=BRIGHT)))
    np.testing.assert_array_equal(written["fidelity"].values.squeeze(), endless["fidelity"])


# what is wrong, and what the message must contain besides the title
REFUSED = [
    ({"link.visiblity": 0.9}, ["`link.visiblity`", "perhaps link.visibility"]),
    ({"zzz": 1.0}, ["`zzz`", "one of distance_km, repeaters, link."]),
    ({"link.scheme": 1}, ["`link.scheme`", "the key of a number"]),
    ({"sweep.distances_km": [1.0]}, ["`sweep.distances_km`", "perhaps distance_km"]),
    ({"link.visibility": [0.5, 1.2, 0.7]}, ["`link.visibility`", "<= 1.0", "is 1.2"]),
    ({"link.visibility": [[0.5], [-0.25]]}, ["`link.visibility`", ">= 0.0", "is -0.25"]),
    ({"link.visibility": [0.5, np.nan]}, ["`link.visibility`", "finite", "is nan"]),
    ({"link.visibility": "0.9"}, ["`link.visibility`", "numbers", "'0.9'"]),
    ({"link.visibility": []}, ["`link.visibility`", "numbers", "[]"]),
    ({"link.visibility": [True]}, ["`link.visibility`", "numbers", "[True]"]),
    ({"link.visibility": [1j]}, ["`link.visibility`", "numbers", "1j"]),
    ({"fiber.attenuation_db_per_km": np.inf}, ["`fiber.attenuation_db_per_km`", "finite", "is inf"]),
    ({"fiber.group_index": [1.5, 0.9]}, ["`fiber.group_index`", ">= 1.0", "is 0.9"]),
    ({"station.gate_fidelity": 0.2}, ["`station.gate_fidelity`", ">= 0.25", "is 0.2"]),
    ({"memory.t1_s": [1.0, 0.0]}, ["`memory.t1_s`", "> 0.0", "is 0.0"]),
    ({"memory.t2_s": [0.1, 3.0, 4.0]}, ["`memory.t2_s`", "at most 2 * t1_s = 2", "is 3"]),
    ({"memory.t1_s": [1.0, 0.02]}, ["`memory.t2_s`", "at most 2 * t1_s = 0.04", "is 0.05"]),
    ({"link.multiplexing": [1, 2.5, 4]}, ["`link.multiplexing`", "`int`", "is 2.5"]),
    ({"link.multiplexing": 0}, ["`link.multiplexing`", ">= 1", "is 0"]),
    ({"link.multiplexing": np.inf}, ["`link.multiplexing`", "finite", "is inf"]),
    ({"repeaters": [1, -1]}, ["`repeaters`", ">= 0", "is -1"]),
    ({"repeaters": 5000}, ["`repeaters`", "<= 4095", "is 5000"]),
    ({"repeaters": 0.5}, ["`repeaters`", "`int`", "is 0.5"]),
    ({"distance_km": 0}, ["`distance_km`", ">= 1e-06", "is 0"]),
    ({"chain.cutoff_s": -1.0}, ["`chain.cutoff_s`", "> 0.0", "is -1.0"]),
    ({"chain.distillation": 17}, ["`chain.distillation`", "<= 16", "is 17"]),
]


@pytest.mark.parametrize(("values", "parts"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_wrong_values_are_refused_in_the_words_of_the_file(tmp_path, values, parts):
    with pytest.raises(ScenarioError) as refusal:
        scenario_points(scenario_of(tmp_path), HERE | values)
    text = str(refusal.value)
    assert not [part for part in ["Scenario `case`", *parts] if part not in text], text
    assert text.endswith(".")
    assert "\n" not in text


def test_what_does_not_fit_the_scenario_is_refused(tmp_path):
    double = {"link.scheme": '"double-click"', "link.bright_population": None}
    for key in ("link.bright_population", "link.phase_std_rad"):
        with pytest.raises(ScenarioError, match=f"`{key}`: expected only with scheme single-click"):
            scenario_points(scenario_of(tmp_path, double), HERE | {key: [0.1, 0.2]})
    with pytest.raises(ScenarioError, match=r"`repeaters`: expected 2\*\*n - 1 with the policy nested, but it has 2"):
        scenario_points(scenario_of(tmp_path, {"chain.policy": '"nested"'}), HERE | {"repeaters": [1, 2]})
    with pytest.raises(ScenarioError, match="lacks a value of the key `distance_km` for each point: it has 150 itself"):
        scenario_points(load_scenario("nv_delft"), {"repeaters": 1})
    with pytest.raises(ScenarioError, match="must be the scenario of a chain"):
        scenario_points(load_scenario("micius_1200km"), HERE)
    with pytest.raises(ValueError, match="broadcast"):
        scenario_points(scenario_of(tmp_path), HERE | {"memory.t2_s": [0.1, 0.2], "distance_km": [1.0, 2.0, 3.0]})


def test_a_number_that_the_file_lacks_may_come_with_the_points(tmp_path):
    scenario = scenario_of(tmp_path, {"platform": '"eu_yso"', "link.scheme": '"double-click"', "link.visibility": "0.9",
                                      "link.photon_detection_probability": None, "direct.repetition_rate_hz": "1e6"})  # fmt: skip
    with pytest.raises(ScenarioError, match=r"lacks the key `link\.photon_detection_probability`"):
        scenario_points(scenario, HERE)
    found = scenario_points(scenario, HERE | {"link.photon_detection_probability": [0.1, 0.2]})
    assert found["rate_hz"][1] > found["rate_hz"][0] > 0
