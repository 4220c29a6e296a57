"""``qnet sweep`` and ``qnet requirements``, called in this process."""

import json

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from lab.scenario_files import write

from qnet_lab import load_scenario, requirements, sweep_scenario
from qnet_lab.cli import main

AXES = ("--axis", "memory.t2_s=0.1:10:3:log", "--axis", "distance_km=5,20")
VALUES = {"memory.t2_s": np.geomspace(0.1, 10, 3), "distance_km": [5, 20]}
GOAL = ("--distance-km", "20", "--fidelity", "0.8", "--rate-hz", "1")


def qnet(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="qnet")


def assert_refused(result, *parts):
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    assert not [part for part in parts if str(part) not in result.stderr], result.stderr


@pytest.fixture
def path(tmp_path):
    return write(tmp_path)


def test_a_sweep_is_written_and_told(path, tmp_path):
    result = qnet("sweep", path, *AXES, "-o", tmp_path / "out" / "mine.nc")
    assert (result.exit_code, result.stderr) == (0, "")
    with xr.open_dataset(tmp_path / "out" / "mine.nc", engine="h5netcdf") as stored:
        expected = sweep_scenario(load_scenario(path), VALUES, progress=False)
        xr.testing.assert_equal(stored.load(), expected)
        assert stored.attrs == expected.attrs
    lines = result.stdout.splitlines()
    assert lines[0] == "case"
    rows = {line.split()[0]: line.split()[1:] for line in lines[2:] if line.split()}
    assert rows["memory.t2_s"] == ["0.1", "10", "s"]
    assert rows["distance_km"] == ["5", "20", "km"]
    assert rows["repeaters"] == ["0", "1", "1"]
    assert rows["fidelity"] == [
        f"{float(end):.4g}" for end in (expected["fidelity"].min(), expected["fidelity"].max())
    ] + ["1"]
    assert rows["12"] == ["points"]
    assert lines[-1] == f"wrote {tmp_path / 'out' / 'mine.nc'}"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["mine.nc"]


def test_the_file_has_a_name_of_its_own(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert qnet("sweep", path, *AXES, "-q").output == ""
    assert [file.name for file in (tmp_path / "results").iterdir()] == ["case_sweep.nc"]


def test_a_store_and_workers_give_the_same_file(path, tmp_path):
    one, two, three = (tmp_path / f"{name}.nc" for name in ("one", "two", "three"))
    assert qnet("sweep", path, *AXES, "-q", "-o", one).exit_code == 0
    stored = ("--store", tmp_path / "sweep.zarr")
    assert qnet("sweep", path, *AXES, "-q", "-o", two, "--workers", 2, *stored).exit_code == 0
    again = qnet("sweep", path, *AXES, "-o", three, *stored)
    assert again.stderr == f"going on from what is in {tmp_path / 'sweep.zarr'}\n"
    assert one.read_bytes() == two.read_bytes() == three.read_bytes()
    (tmp_path / "empty.zarr").mkdir()
    assert qnet("sweep", path, *AXES, "-o", three, "--store", tmp_path / "empty.zarr").stderr == ""
    other = qnet("sweep", path, "--axis", "memory.t2_s=1,2", "-o", one, *stored)
    assert other.exit_code == 2
    assert "another sweep" in other.stderr or "axes" in other.stderr


def test_a_sweep_as_json(path, tmp_path):
    result = qnet("sweep", path, *AXES, "--json", "-o", tmp_path / "x.nc")
    document = json.loads(result.stdout)
    assert document["files"] == [str(tmp_path / "x.nc")]
    assert document["variables"]["fidelity"]["dims"] == ["memory.t2_s", "distance_km", "repeaters"]
    assert np.shape(document["variables"]["rate_hz"]["values"]) == (3, 2, 2)
    assert document["coordinates"]["memory.t2_s"]["units"] == "s"


def test_points_that_fail_are_told(path, tmp_path):
    result = qnet("sweep", path, "--axis", "memory.t1_s=0.1,100", "-o", tmp_path / "x.nc")
    assert result.exit_code == 0
    assert "4 of 8 points failed" in result.stderr
    assert "8 points, of which 4 failed" in result.stdout


def test_an_interruption_says_how_to_go_on(path, tmp_path, monkeypatch):
    def interrupted(*arguments, store, **options):
        store.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr("qnet_lab.scenario_sweeps.sweep_scenario", interrupted)
    result = qnet("sweep", path, *AXES, "-o", tmp_path / "x.nc", "--store", tmp_path / "s.zarr")
    assert result.exit_code == 130
    assert f"What is done is in {tmp_path / 's.zarr'}" in result.stderr
    assert not (tmp_path / "x.nc").exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ["Missing option '--axis'"]),
        (("--axis", "memory.t2_s"), ["Axis `memory.t2_s`", "START:STOP:NUMBER"]),
        (("--axis", "memory.t2=1"), ["`memory.t2`", "perhaps memory.t2_s"]),
        (("--axis", "memory.t2_s=0.1:x:3"), ["'x' is none"]),
        (("--axis", "link.visibility=0.5:1.5:3"), ["`link.visibility`", "<= 1.0", "is 1.5"]),
        (("--axis", "memory.t2_s=1", "--axis", "memory.t2_s=2"), ["each key once"]),
        ((*AXES, "--workers", "0"), ["--workers"]),
        ((*AXES, "--workers", "2", "--scheduler", "tcp://nowhere:1"), ["either --workers or --scheduler"]),
        ((*AXES, "--scheduler", "nonsense://x"), ["nonsense"]),
    ],
)
def test_wrong_sweeps_are_refused(path, tmp_path, arguments, parts):
    assert_refused(qnet("sweep", path, *arguments, "-o", tmp_path / "out" / "x.nc"), *parts)
    assert not (tmp_path / "out" / "x.nc").exists()


def test_what_a_goal_needs_is_told(path):
    result = qnet("requirements", path, *GOAL)
    found = requirements(load_scenario(path), distance_km=20.0, fidelity=0.8, rate_hz=1.0)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == ["case", "goal at 20 km: fidelity >= 0.8 and pairs/s >= 1"]
    assert lines[2].endswith("not reached")
    rows = {line.split()[0]: line.split()[1:] for line in lines[4:] if line}
    at = lines.index("") + 1
    alone = {line.split()[0]: line.split()[1:] for line in lines[at + 1 : lines.index("", at)]}
    assert set(alone) == set(found.numbers)
    for key, cells in alone.items():
        need = found.alone[key]
        expected = [f"{found.numbers[key]:.4g}", f"{need.values[key]:.4g}", f"{need.factor:.4g}"] if need.values else [
            f"{found.numbers[key]:.4g}", "not", "by"]  # fmt: skip
        assert cells[:3] == expected
    assert rows["all"][1] == f"{found.together.factor:.4g}"
    for key, value in found.together.values.items():
        assert rows[key] == [f"{found.numbers[key]:.4g}", f"{value:.4g}"]


def test_requirements_as_json(path):
    result = qnet(
        "requirements", path, *GOAL, "--json", "--vary", "memory.t2_s", "--vary", "link.visibility", "--repeaters", 1
    )
    document = json.loads(result.stdout)
    assert document["goal"] == {"fidelity": 0.8, "rate_hz": 1.0}
    assert set(document["alone"]) == {"memory.t2_s", "link.visibility"}
    assert document["alone"]["memory.t2_s"] == {"factor": "inf", "values": {}, "repeaters": None}
    assert result.exit_code == 1


def test_a_goal_out_of_reach_is_exit_code_1(path):
    result = qnet("requirements", path, "--distance-km", 20, "--fidelity", 0.999, "--vary", "memory.t2_s")
    assert result.exit_code == 1
    assert "not by this alone" in result.stdout
    assert "no factor is enough" in result.stdout
    reached = qnet("requirements", path, "--distance-km", 1, "--fidelity", 0.3, "--vary", "memory.t2_s")
    assert reached.exit_code == 0
    assert "any" in reached.stdout
    assert (
        qnet("requirements", path, "--distance-km", 20, "--fidelity", 0.999, "-q", "--vary", "memory.t2_s").output == ""
    )


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--distance-km", 5), ["Give a goal", "--fidelity, --rate-hz or --key-rate"]),
        (("--fidelity", 0.9), ["Missing option '--distance-km'"]),
        (("--distance-km", 5, "--fidelity", 1.5), ["`fidelity`", "is 1.5"]),
        (("--distance-km", 0, "--fidelity", 0.9), ["`distance_km`", ">= 1e-06"]),
        (("--distance-km", 5, "--fidelity", 0.9, "--vary", "memory.t2"), ["`memory.t2`", "better or worse"]),
        (("--distance-km", 5, "--fidelity", 0.9, "--repeaters", 5000), ["`repeaters`", "<= 4095"]),
    ],
)
def test_wrong_goals_are_refused(path, arguments, parts):
    assert_refused(qnet("requirements", path, *arguments), *parts)


def test_help_pages_have_examples():
    for command in ("sweep", "requirements"):
        text = qnet(command, "--help").stdout
        assert f"qnet {command} " in text
        assert "Examples" in text


def test_help_loads_nothing_heavy(run_python):
    code = "import sys; from qnet_lab.cli import main; main(['sweep', '--help'], standalone_mode=False); print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_python(code).stdout.splitlines()[-1].split()}
    assert "click" in loaded
    assert not loaded & {"numpy", "numba", "xarray", "msgspec", "distributed"}
