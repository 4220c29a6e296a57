"""Scenarios at every combination of their numbers: each point, whoever computes it, and what is recorded of it."""

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import xarray as xr
from lab.scenario_files import SMALL, changed, write
from lab.sweep_functions import contents

from qnet_lab import ScenarioError, load_scenario, scenario_points, sweep_scenario
from qnet_lab.axis_texts import axes_of

AXES = {"memory.t2_s": [0.01, 0.1, 1.0], "station.gate_fidelity": [0.95, 0.99], "distance_km": [5.0, 20.0, 40.0, 80.0]}


@pytest.fixture
def scenario(tmp_path):
    return load_scenario(write(tmp_path, {"memory.t1_s": "2.0", "memory.t2_s": "1.0"}, base=SMALL))


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        yield executor


def test_every_point_is_that_of_the_scenario(scenario):
    dataset = sweep_scenario(scenario, AXES, progress=False)
    assert dict(dataset.sizes) == {
        "memory.t2_s": 3, "station.gate_fidelity": 2, "distance_km": 4, "repeaters": 2, "pauli_left": 4, "pauli_right": 4,
    }  # fmt: skip
    assert dataset["repeaters"].values.tolist() == scenario.sweep.repeaters
    whole = {
        key: np.reshape(dataset[key].values, [-1 if key == other else 1 for other in (*AXES, "repeaters")])
        for key in (*AXES, "repeaters")
    }
    for name, array in scenario_points(scenario, whole).items():
        np.testing.assert_allclose(dataset[name], array, rtol=1e-12, atol=1e-15, err_msg=name)
    assert not dataset["failed"].any()


@pytest.mark.parametrize("block_size", [1, 5, 48])
@pytest.mark.parametrize("crew", [None, "threads", "processes"])
def test_nobody_can_tell_who_computed_it(scenario, processes, crew, block_size):
    threads = ThreadPoolExecutor(2)
    executor = {"threads": threads, "processes": processes}.get(crew)
    expected = sweep_scenario(scenario, AXES, progress=False)
    found = sweep_scenario(scenario, AXES, executor=executor, block_size=block_size, progress=False)
    threads.shutdown()
    assert found.attrs == expected.attrs
    for name in expected.data_vars:
        if expected[name].dtype.kind == "f":
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-15, err_msg=name)
    if block_size == 1:
        xr.testing.assert_identical(found, sweep_scenario(scenario, AXES, block_size=1, progress=False))


def test_a_store_goes_on_with_the_same_scenario_only(scenario, tmp_path, monkeypatch):
    store = tmp_path / "sweep.zarr"
    done = sweep_scenario(scenario, AXES, store=store, progress=False)
    before = contents(store)

    again = load_scenario(write(tmp_path, {"memory.t1_s": "2.0", "memory.t2_s": "1.0"}, base=SMALL, name="again.toml"))
    with monkeypatch.context() as patched:
        patched.setattr("qnet_lab.sweeps.compute", lambda task: pytest.fail("computed again"))
        xr.testing.assert_identical(sweep_scenario(again, AXES, store=store, progress=False), done)
    assert contents(store) == before
    other = load_scenario(write(tmp_path, {"memory.t1_s": "2.5", "memory.t2_s": "1.0"}, base=SMALL))
    with pytest.raises(ValueError, match="values that it uses"):
        sweep_scenario(other, AXES, store=store, progress=False)
    assert contents(store) == before


def test_what_does_not_fit_together_is_recorded_at_its_point(scenario):
    axes = {"memory.t1_s": [0.1, 1.0, np.inf], "memory.t2_s": [0.15, 1.5], "distance_km": [10.0], "repeaters": [1]}
    dataset = sweep_scenario(scenario, axes, progress=False)
    failed = dataset["failed"].values.squeeze()
    np.testing.assert_array_equal(failed, [[False, True], [False, False], [False, False]])
    assert "`memory.t2_s`: expected at most 2 * t1_s = 0.2, but it is 1.5" in dataset["error"].values.squeeze()[0, 1]
    np.testing.assert_array_equal(np.isnan(dataset["fidelity"].values.squeeze()), failed)
    with pytest.raises(ScenarioError, match="at most 2"):
        sweep_scenario(scenario, axes, progress=False, on_error="raise")


def test_the_dataset_says_what_it_was_made_from(scenario):
    dataset = sweep_scenario(scenario, AXES, progress=False)
    assert json.loads(dataset.attrs["axes"]) == [*AXES, "repeaters"]
    assert dataset.attrs["title"] == scenario.title
    parameters = json.loads(dataset.attrs["parameters"])
    assert set(AXES) & set(parameters) == set()
    assert parameters["memory.t1_s"]["value"] == "2.0"
    assert all(set(number) == {"value", "unit", "grade", "source"} for number in parameters.values())
    units = {"memory.t2_s": "s", "station.gate_fidelity": "1", "distance_km": "km", "repeaters": "1", "rate_hz": "1/s",
             "secret_key_rate_bit_per_s": "bit/s", "fidelity": "1"}  # fmt: skip
    assert {name: dataset[name].attrs["units"] for name in units} == units
    names = {key: dataset[key].attrs["long_name"] for key in ("memory.t2_s", "station.gate_fidelity", "distance_km")}
    assert list(names.values()) == ["memory T2", "station gate fidelity", "distance"]
    assert dataset["bloch"].sel(pauli_left="I", pauli_right="I").notnull().all()


def test_results_survive_a_file(scenario, tmp_path):
    dataset = sweep_scenario(scenario, AXES, progress=False)
    dataset.to_netcdf(tmp_path / "sweep.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "sweep.nc", engine="h5netcdf") as stored:
        xr.testing.assert_equal(stored.load(), dataset)
        assert stored.attrs == dataset.attrs


def test_other_kinds_give_their_single_numbers(tmp_path):
    axes = {"source.fidelity": [0.9, 1.0], "station_a.background_rate_hz": [0.0, 5e3]}
    dataset = sweep_scenario(load_scenario("micius_1200km"), axes, progress=False)
    assert set(dataset.data_vars) == {
        "duration_s", "pairs_per_pass", "mean_pair_rate_hz", "mean_fidelity", "mean_chsh", "failed", "error",
    }  # fmt: skip
    for fidelity in axes["source.fidelity"]:
        for rate in axes["station_a.background_rate_hz"]:
            changes = {"source.fidelity": fidelity, "station_a.background_rate_hz": rate}
            alone = changed(tmp_path, "micius_1200km", changes)
            point = dataset.sel(changes)
            for name in ("pairs_per_pass", "mean_fidelity", "mean_chsh"):
                assert float(point[name]) == float(alone[name])
    assert dataset["mean_pair_rate_hz"].attrs["units"] == "1/s"


@pytest.mark.parametrize(
    ("name", "axes", "parts"),
    [
        ("nv_delft", {"memory.t2": [1.0]}, ["`memory.t2`", "perhaps memory.t2_s"]),
        ("nv_delft", {"link.visibility": [0.5, 1.2]}, ["`link.visibility`", "<= 1.0", "is 1.2"]),
        ("nv_delft", {"repeaters": [1.5]}, ["`repeaters`", "`int`", "is 1.5"]),
        ("nv_delft", {"distance_km": ["far"]}, ["`distance_km`", "numbers", "far"]),
        (
            "micius_1200km",
            {"source.fidellity": [0.5]},
            ["`source.fidellity`", "perhaps source.fidelity", "one of source."],
        ),
        ("micius_1200km", {"two words": [0.5]}, ["`two words`", "expected the key of a number"]),
        ("micius_1200km", {"source.fidelity": [0.5, 1.5]}, ["`source.fidelity`", "<= 1.0", "is 1.5"]),
        ("micius_1200km", {"reported.fidelity": [0.5]}, ["`reported.fidelity`", "one of source.pair_rate_hz"]),
        (
            "teleportation_400g",
            {"photons.window_s": [1e-9]},
            ["none of its results is a single number", "pair_fidelity"],
        ),
    ],
)
def test_wrong_axes_are_refused_before_anything_is_computed(name, axes, parts):
    with pytest.raises(ScenarioError) as refusal:
        sweep_scenario(load_scenario(name), axes, progress=False)
    assert not [part for part in parts if part not in str(refusal.value)], refusal.value


def test_what_is_no_scenario_is_refused():
    with pytest.raises(ScenarioError, match="must be a Scenario"):
        sweep_scenario("nv_delft", {"memory.t2_s": [1.0]})


def test_axes_are_read_as_they_are_typed():
    axes = axes_of(
        ["memory.t2_s=0.01:10:4:log", "distance_km = 10:40:4", "repeaters=0,1,3", "memory.t1_s=inf", "a=-1:-2:2"]
    )
    np.testing.assert_allclose(axes["memory.t2_s"], [0.01, 0.1, 1.0, 10.0], rtol=1e-12)
    assert axes["distance_km"].tolist() == [10.0, 20.0, 30.0, 40.0]
    assert axes["repeaters"].tolist() == [0, 1, 3]
    assert axes["repeaters"].dtype.kind == "i"
    assert axes["memory.t1_s"].tolist() == [np.inf]
    assert axes["a"].tolist() == [-1.0, -2.0]


@pytest.mark.parametrize(
    ("texts", "part"),
    [
        (["memory.t2_s"], "expected KEY="), (["=1"], "expected KEY="), (["a=1:2"], "expected KEY="),
        (["a=1:2:3:lin"], "expected KEY="), (["a=1:2:3:log:log"], "expected KEY="), (["a="], "'' is none"),
        (["a=x:2:3"], "'x' is none"), (["a=1,two"], "'two' is none"), (["a=nan"], "nan is none"),
        (["a=1:2:2.5"], "NUMBER"), (["a=1:2:1"], "NUMBER"), (["a=1:2:99999999999"], "NUMBER"),
        (["a=1:1:3"], "two different"), (["a=0:inf:3"], "finite"), (["a=0:1:3:log"], "greater than 0"),
        (["a=-1:1:3:log"], "greater than 0"), (["a=1,2,1"], "each value once"), (["a=1", "a=2"], "each key once"),
    ],
)  # fmt: skip
def test_axes_that_are_typed_wrong_are_refused(texts, part):
    with pytest.raises(ScenarioError) as refusal:
        axes_of(texts)
    assert part in str(refusal.value)
    assert str(refusal.value).startswith(f"Axis `{texts[-1]}`: ")
