"""Result files: three or none, the same bytes for the same scenario, and all that the dataset holds."""

import csv
import math

import numpy as np
import pytest
import xarray as xr
from lab.scenario_files import curve

from qnet_lab import fidelity_distance_curve, load_scenario
from qnet_lab.results import write_results

SWEEP = {"sweep.distances_km": "[1, 10, 200]", "sweep.repeaters": "[0, 2]"}


def contents(folder):
    """Name and bytes of all that lies in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A dataset and the files that it was written to, in a folder that was not there."""
    folder = tmp_path_factory.mktemp("results")
    dataset = curve(folder, SWEEP)
    return dataset, write_results(dataset, folder / "new" / "folder", "mine")


def test_three_files_are_written_and_named(results):
    _, paths = results
    folder = paths[0].parent
    assert paths == [folder / f"mine{ending}" for ending in (".nc", ".csv", ".png")]
    written = contents(folder)
    assert sorted(written) == ["mine.csv", "mine.nc", "mine.png"]
    assert written["mine.nc"].startswith(b"\x89HDF")
    assert written["mine.png"].startswith(b"\x89PNG")


def test_equal_datasets_make_equal_bytes(tmp_path, shipped_curve):
    write_results(shipped_curve("ion_sr88_ca43"), tmp_path / "one", "mine")
    write_results(fidelity_distance_curve(load_scenario("ion_sr88_ca43")), tmp_path / "two", "mine")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert sorted(one) == sorted(two) == ["mine.csv", "mine.nc", "mine.png"]
    assert [name for name in one if one[name] != two[name]] == []


def test_netcdf_holds_the_dataset(results):
    dataset, (path, _, _) = results
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        xr.testing.assert_identical(stored.load(), dataset)


def test_csv_has_a_row_for_each_point_and_every_digit(results):
    dataset, (_, path, _) = results
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert set(rows[0]) == {"repeaters", "distance_km", *set(dataset.data_vars) - {"bloch"}}
    assert [(int(row["repeaters"]), float(row["distance_km"])) for row in rows] == [
        (repeaters, distance) for repeaters in (0, 2) for distance in (1.0, 10.0, 200.0)
    ]
    for row in rows:
        point = dataset.sel(repeaters=int(row["repeaters"]), distance_km=float(row["distance_km"]))
        for name in set(row) - {"repeaters", "distance_km"}:
            assert math.isclose(float(row[name]), float(point[name]), rel_tol=1e-15), name


def test_figures_have_the_size_to_be_read(results):
    """Width and height stand at bytes 16 to 24 of a PNG; 12.5 x 4.4 inches with 150 points each."""
    png = results[1][2].read_bytes()
    assert np.frombuffer(png[16:24], dtype=">u4").tolist() == [1875, 660]


def test_new_results_replace_old_ones(tmp_path):
    folder = tmp_path / "results"
    write_results(curve(tmp_path), folder, "mine")
    old = contents(folder)
    write_results(curve(tmp_path, {"link.visibility": "0.5"}), folder, "mine")
    new = contents(folder)
    assert sorted(old) == sorted(new)
    assert all(old[name] != new[name] for name in old)


@pytest.mark.parametrize("error", [RuntimeError("no font"), OSError(28, "No space left on device"), MemoryError()])
@pytest.mark.parametrize("before", [{}, {"mine.nc": b"old", "mine.png": b"old", "other.txt": b"mine"}])
def test_nothing_is_left_where_plotting_fails(tmp_path, monkeypatch, error, before):
    def fail(dataset):
        raise error

    folder = tmp_path / "results"
    folder.mkdir()
    for name, text in before.items():
        (folder / name).write_bytes(text)
    monkeypatch.setattr("qnet_lab.results.plot_overview", fail)
    with pytest.raises(type(error)):
        write_results(curve(tmp_path), folder, "mine")
    assert contents(folder) == before


def test_all_files_or_none(tmp_path):
    folder = tmp_path / "results"
    (folder / "mine.png").mkdir(parents=True)
    with pytest.raises(OSError):
        write_results(curve(tmp_path), folder, "mine")
    assert [path.name for path in folder.iterdir()] == ["mine.png"]


def test_a_file_in_the_way_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError):
            write_results(curve(tmp_path), folder, "mine")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"
