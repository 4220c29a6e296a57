"""The dataset of a curve: its layout, labels and record of what it was made from."""

import json

import numpy as np
import pytest
import xarray as xr
from lab.scenario_files import SMALL, curve, numbers_of, write

import qnet_core
from qnet_lab import fidelity_distance_curve, load_scenario

GRID = {"sweep.distances_km": "{ start = 1, stop = 60, num = 30 }", "sweep.repeaters": "[0, 1, 3]"}
UNITS = {
    "fidelity": "1",
    "rate_hz": "1/s",
    "secret_key_rate_bit_per_s": "bit/s",
    "secret_key_fraction": "bit",
    "waiting_time_s": "s",
    "cutoff_s": "s",
    "link_probability": "1",
    "bloch": "1",
    "direct_bound_bit_per_s": "bit/s",
}


def test_dimensions_and_coordinates(tmp_path):
    dataset = curve(tmp_path, GRID)
    assert dict(dataset.sizes) == {"repeaters": 3, "distance_km": 30, "pauli_left": 4, "pauli_right": 4}
    assert dataset["repeaters"].values.tolist() == [0, 1, 3]
    np.testing.assert_allclose(dataset["distance_km"], 1 + 59 / 29 * np.arange(30), rtol=1e-14)
    assert dataset["pauli_left"].values.tolist() == dataset["pauli_right"].values.tolist() == list("IXYZ")
    assert set(dataset.data_vars) == set(UNITS)
    for name in set(UNITS) - {"bloch", "direct_bound_bit_per_s"}:
        assert dataset[name].dims == ("repeaters", "distance_km"), name
    assert dataset["bloch"].dims == ("repeaters", "distance_km", "pauli_left", "pauli_right")
    assert dataset["direct_bound_bit_per_s"].dims == ("distance_km",)


def test_every_variable_has_a_unit_and_a_name(shipped):
    _, dataset = shipped
    assert {name: variable.attrs["units"] for name, variable in dataset.data_vars.items()} == UNITS
    assert dataset["distance_km"].attrs["units"] == "km"
    assert dataset["repeaters"].attrs["units"] == "1"
    labels = [dataset[name].attrs["long_name"] for name in (*UNITS, "distance_km", "repeaters")]
    assert len(set(labels)) == len(labels)
    assert all(labels)


def test_results_are_numbers_in_their_ranges(shipped):
    _, dataset = shipped
    assert all(np.isfinite(variable).all() for name, variable in dataset.data_vars.items() if name != "cutoff_s")
    assert (dataset["cutoff_s"] > 0).all()
    for name in ("fidelity", "secret_key_fraction", "link_probability"):
        assert ((dataset[name] >= 0) & (dataset[name] <= 1)).all(), name
    assert (abs(dataset["bloch"]) <= 1 + 1e-12).all()
    np.testing.assert_allclose(
        dataset["secret_key_rate_bit_per_s"], dataset["rate_hz"] * dataset["secret_key_fraction"], rtol=1e-14
    )


def test_attributes_are_text_that_parses(shipped):
    name, dataset = shipped
    assert set(dataset.attrs) == {"title", "scenario", "parameters", "version", "source_sha256", "libraries"}
    assert all(isinstance(text, str) for text in dataset.attrs.values())
    scenario = json.loads(dataset.attrs["scenario"])
    assert scenario["platform"] == name
    assert scenario["title"] == dataset.attrs["title"]
    assert scenario["sweep"]["repeaters"] == dataset["repeaters"].values.tolist()
    parameters = json.loads(dataset.attrs["parameters"])
    assert all(set(number) == {"value", "unit", "grade", "source"} for number in parameters.values())
    assert dataset.attrs["version"] == f"qnet-engine {qnet_core.__version__}"


def test_infinite_numbers_are_recorded(tmp_path):
    dataset = curve(tmp_path, {"memory.t1_s": "inf", "memory.t2_s": "inf"})
    parameters = json.loads(dataset.attrs["parameters"], parse_constant=pytest.fail)
    assert [parameters[f"memory.{key}"]["value"] for key in ("t1_s", "t2_s")] == ["inf", "inf"]


def test_the_recorded_scenario_tells_infinite_from_not_given(tmp_path):
    given, absent = curve(tmp_path, {"memory.t1_s": "inf"}), curve(tmp_path)
    assert given.attrs["scenario"] != absent.attrs["scenario"]


@pytest.mark.parametrize("block", [1, 7, 12, 90, 91])
def test_blocks_give_the_numbers_of_one_batch(tmp_path, monkeypatch, block):
    scenario = load_scenario(write(tmp_path, GRID))
    whole = fidelity_distance_curve(scenario)
    monkeypatch.setattr("qnet_lab.curve._BLOCK", block)
    blocked = fidelity_distance_curve(scenario)
    xr.testing.assert_allclose(blocked, whole, rtol=1e-13, atol=0)
    assert blocked.attrs == whole.attrs


def test_one_point_is_the_same_alone(tmp_path):
    dataset = curve(tmp_path, GRID)
    for r, repeaters in enumerate((0, 1, 3)):
        distance_km = float(dataset["distance_km"][17])
        alone = curve(tmp_path, {"sweep.distances_km": f"[{distance_km!r}]", "sweep.repeaters": f"[{repeaters}]"})
        for name in ("fidelity", "rate_hz", "secret_key_rate_bit_per_s", "bloch"):
            expected = numbers_of(dataset, name)[r, 17]
            np.testing.assert_allclose(numbers_of(alone, name)[0, 0], expected, rtol=1e-13, atol=1e-15)


def test_equal_scenarios_give_equal_datasets(tmp_path):
    first = curve(tmp_path, GRID)
    (tmp_path / "elsewhere").mkdir()
    reordered = dict(reversed((SMALL | GRID).items()))
    assert curve(tmp_path / "elsewhere", base=reordered).identical(first)


def test_progress_shows_nothing_off_a_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("qnet_lab.curve._BLOCK", 3)
    scenario = load_scenario(write(tmp_path, GRID))
    shown = fidelity_distance_curve(scenario, progress=True)
    assert shown.identical(fidelity_distance_curve(scenario))
    assert capsys.readouterr() == ("", "")
