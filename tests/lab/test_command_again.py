"""Results say what made them, and are made again from what they say: ``qnet curve --from``."""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
import xarray as xr
from lab.command_runner import document, qnet
from lab.scenario_files import SMALL, write

import qnet_lab
from qnet_lab import evaluate_scenario, load_scenario, sweep
from qnet_lab.builds import build, source_hash
from qnet_lab.reproduction import stored_scenario

OTHERS = ("bb84_with_eve", "ions_two_links", "micius_1200km", "teleportation_400g")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The result files of a chain with an infinite T1; its scenario file is gone."""
    folder = tmp_path_factory.mktemp("first")
    scenario = write(folder, SMALL | {"memory.t1_s": "inf"})
    assert qnet("curve", scenario, "-q", "-o", folder).exit_code == 0
    scenario.unlink()
    return folder


@pytest.fixture
def result(first, tmp_path):
    """A result file, with the others beside it."""
    return Path(shutil.copytree(first, tmp_path / "first")) / "case.nc"


def change(path, **attributes):
    """Change what a result file says of itself."""
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        dataset = stored.load()
    path.unlink()
    dataset.assign_attrs(attributes).to_netcdf(path, engine="h5netcdf")


def test_every_result_says_what_made_it(result):
    with xr.open_dataset(result, engine="h5netcdf") as stored:
        about = stored.attrs
    assert about["version"] == f"qnet-engine {version('qnet-engine')}"
    assert json.loads(about["libraries"]) == {
        "python": platform.python_version(), **{name: version(name) for name in ("numpy", "numba", "scipy", "xarray")}
    }  # fmt: skip
    assert json.loads(about["scenario"])["title"] == "case"
    assert len(bytes.fromhex(about["source_sha256"])) == 32
    assert "seed_entropy" not in about
    assert str(result.parent.parent) not in str(about)
    assert platform.node() not in about.values()


def test_a_sweep_says_what_made_it_too():
    assert build().items() <= sweep(lambda x: 2 * x, {"x": [1.0, 2.0]}).attrs.items()


def test_a_seed_is_told():
    dataset = evaluate_scenario(load_scenario("bb84_with_eve"))
    seed = load_scenario("bb84_with_eve").session.seed
    assert json.loads(dataset.attrs["seed_entropy"]) == {"session.seed": seed}


def test_the_source_hash_is_that_of_all_our_files(tmp_path, run_python):
    """Another byte in any package, or another name, makes another one; what is no source counts for nothing."""
    for package in ("qnet_core", "qnet_channels", "qnet_protocols", "qnet_lab"):
        source = Path(qnet_lab.__file__).parents[1] / package
        shutil.copytree(source, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))

    def hashed():
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from qnet_lab.builds import source_hash; print(source_hash())"
        done = run_python(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    found = [hashed()]
    (tmp_path / "qnet_core" / "notes.txt").write_text("no source")
    assert [hashed()] == found
    for change in ("qnet_protocols/clock.py", "qnet_lab/scenarios/nv_delft.toml"):
        with (tmp_path / change).open("a") as file:
            file.write("\n")
        found.append(hashed())
    (tmp_path / "qnet_lab" / "scenarios" / "nv_delft.toml").rename(tmp_path / "qnet_lab" / "scenarios" / "nv.toml")
    found.append(hashed())
    assert len(set(found)) == 4
    assert source_hash() == build()["source_sha256"]


def test_a_result_is_made_again_to_the_same_bytes(result, tmp_path):
    again = qnet("curve", "--from", result, "-o", tmp_path / "again")
    assert (again.exit_code, again.stderr) == (0, "")
    for ending in (".nc", ".csv", ".png"):
        other = tmp_path / "again" / f"case{ending}"
        assert other.read_bytes() == result.with_suffix(ending).read_bytes()
    assert again.stdout.splitlines()[-1] == f"{tmp_path / 'again' / 'case.nc'} has the same bytes as {result}"


def test_a_result_is_made_again_in_its_place(result):
    before = result.read_bytes()
    assert qnet("curve", "--from", result, "-o", result.parent, "-q").exit_code == 0
    assert result.read_bytes() == before


def test_what_was_different_is_a_warning(result, tmp_path):
    change(result, version="qnet-engine 0.0.1", source_sha256="0" * 64, libraries='{"numpy": "1.0"}')
    again = qnet("curve", "--from", result, "-o", tmp_path / "again")
    assert again.exit_code == 0
    for words in (
        f"version was qnet-engine 0.0.1 and is qnet-engine {version('qnet-engine')}.",
        f"source_sha256 was {'0' * 24} and is {source_hash()[:24]}.",
        f"numpy was 1.0 and is {version('numpy')}.",
        f"scipy was unknown and is {version('scipy')}.",
    ):
        assert f"Warning: {words}" in again.stderr.splitlines()
    assert "the same numbers, made by another version, as" in again.stdout
    quiet = qnet("curve", "--from", result, "-o", tmp_path / "again", "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_other_numbers_are_code_1(result, tmp_path):
    with xr.open_dataset(result, engine="h5netcdf") as stored:
        dataset = stored.load()
    result.unlink()
    dataset.assign(rate_hz=dataset["rate_hz"] * (1 + 1e-15)).to_netcdf(result, engine="h5netcdf")
    again = qnet("curve", "--from", result, "-o", tmp_path / "again")
    assert again.exit_code == 1
    assert "OTHER NUMBERS" in again.stdout.splitlines()[-1]
    told, code = document("curve", "--from", result, "-o", tmp_path / "again")
    assert (told["agrees"], code) == (False, 1)


def test_an_old_result_is_not_replaced_by_another(result):
    change(result, version="qnet-engine 0.0.1")
    before = {path.name: path.read_bytes() for path in result.parent.iterdir()}
    refused = qnet("curve", "--from", result, "-o", result.parent)
    assert refused.exit_code == 2
    assert "would be replaced" in refused.stderr
    assert {path.name: path.read_bytes() for path in result.parent.iterdir()} == before


def test_what_is_no_result_is_refused(result, tmp_path):
    text, sweeping = tmp_path / "text.nc", tmp_path / "sweep.nc"
    text.write_text("no result")
    sweep(lambda x: 2 * x, {"x": [1.0, 2.0]}).to_netcdf(sweeping, engine="h5netcdf")
    for path, words in (
        (text, "no NetCDF"),
        (sweeping, "doesn't say from which scenario"),
        (tmp_path / "no.nc", "exist"),
    ):
        refused = qnet("curve", "--from", path, "-o", tmp_path)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert words in refused.stderr
    change(result, scenario=json.dumps({"kind": "chain", "title": "old", "colour": "red"}), version="qnet-engine 0.0.1")
    refused = qnet("curve", "--from", result, "-o", tmp_path)
    assert refused.exit_code == 2
    assert "colour" in refused.stderr
    assert "made by qnet-engine 0.0.1" in refused.stderr
    change(result, axes='["memory.t2_s"]')
    assert "is a sweep over" in qnet("curve", "--from", result, "-o", tmp_path).stderr


def test_a_scenario_and_a_result_exclude_each_other(result):
    refused = qnet("curve", "nv_delft", "--from", result)
    assert refused.exit_code == 2
    assert "either SCENARIO or --from" in refused.stderr


@pytest.mark.parametrize("name", OTHERS)
def test_the_stored_scenario_is_that_of_the_file(name):
    scenario = load_scenario(name)
    assert stored_scenario(evaluate_scenario(scenario)) == scenario


@pytest.mark.parametrize("name", ["bb84_with_eve", "fibre_or_satellite"])
def test_other_kinds_are_made_again_too(name, tmp_path):
    scenario = load_scenario(name)
    assert qnet("curve", name, "-q", "-o", tmp_path).exit_code == 0
    again, code = document("curve", "--from", tmp_path / f"{name}.nc", "-o", tmp_path / "again")
    assert (code, again["title"], again["agrees"]) == (0, scenario.title, True)
    assert (tmp_path / "again" / f"{name}.nc").read_bytes() == (tmp_path / f"{name}.nc").read_bytes()


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_figures_of_every_format_have_no_date(kind, start, tmp_path):
    for folder in ("one", "two"):
        assert qnet("curve", write(tmp_path), "-q", "--format", kind, "-o", tmp_path / folder).exit_code == 0
    one, two = ((tmp_path / folder / f"case.{kind}").read_bytes() for folder in ("one", "two"))
    assert one.startswith(start)
    assert one == two
    assert b"CreationDate" not in one
    assert b"<dc:date>" not in one
    assert build()["source_sha256"].encode() in one
    assert sorted(path.suffix for path in (tmp_path / "one").iterdir()) == sorted([".nc", ".csv", f".{kind}"])
