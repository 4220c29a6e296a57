"""The command ``qnet``, called in this process and as a program."""

import re

import pytest
import xarray as xr
from click.testing import CliRunner
from lab.hardware_tables import OTHERS, SHIPPED
from lab.scenario_files import curve, write

from qnet_core.errors import ParameterError
from qnet_lab.cli import main

PROGRAM = "from qnet_lab.cli import main; main(prog_name='qnet')"
HEAVY = {"numpy", "numba", "xarray", "matplotlib", "scipy", "pandas", "h5py", "h5netcdf", "tqdm", "qutip"}
FILES = ["case.csv", "case.nc", "case.png"]


def qnet(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="qnet")


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def assert_refused(result, *parts):
    """Exit code 2, no result and one line that begins with Error and names the parts."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert not [part for part in parts if str(part) not in result.stderr], result.stderr


def test_help_says_what_there_is():
    top = qnet("--help")
    assert top.exit_code == 0
    assert re.search(r"^  curve +\w", top.stdout, re.MULTILINE)
    for flag in ("--help", "-h"):
        text = qnet("curve", flag)
        assert text.exit_code == 0
        words = text.stdout.replace(",", " ").replace(".", " ").split()
        assert {*SHIPPED, *OTHERS} <= set(words)
        assert {"--output", "--quiet", "-o", "-q"} <= set(re.findall(r"--?\w+", text.stdout))
    assert "Usage: qnet" in qnet().output


def test_files_are_written_and_a_table_is_printed(tmp_path):
    scenario = write(tmp_path, {"sweep.distances_km": "{ start = 1, stop = 99, num = 50 }"})
    result = qnet("curve", scenario, "--output", tmp_path / "a" / "b")
    assert (result.exit_code, result.stderr) == (0, "")
    assert listing(tmp_path / "a" / "b") == FILES
    lines = result.stdout.splitlines()
    assert lines[0] == "case"
    assert "0 repeaters" in lines[1]
    assert "1 repeater " in lines[1] + " "
    assert lines[2].split() == ["km", *["fidelity", "pairs/s", "key", "bit/s"] * 2]
    assert all(str(tmp_path / "a" / "b" / name) in lines[-1] for name in FILES)
    rows = [[float(cell) for cell in line.split()] for line in lines[3:-1]]
    assert (rows[0][0], rows[-1][0], len(rows)) == (1, 99, 8)
    with xr.open_dataset(tmp_path / "a" / "b" / "case.nc", engine="h5netcdf") as stored:
        for distance, *cells in rows:
            point = stored.sel(distance_km=distance)
            names = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
            expected = [float(point[name].sel(repeaters=r)) for r in (0, 1) for name in names]
            assert cells == pytest.approx(expected, rel=5e-3)


def test_the_files_hold_what_the_function_computes(tmp_path):
    assert qnet("curve", write(tmp_path), "-o", tmp_path, "-q").exit_code == 0
    with xr.open_dataset(tmp_path / "case.nc", engine="h5netcdf") as stored:
        xr.testing.assert_identical(stored.load(), curve(tmp_path))


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_prints_nothing(tmp_path, flag):
    result = qnet("curve", write(tmp_path), flag, "-o", tmp_path / "results")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert listing(tmp_path / "results") == FILES


def test_one_distance_makes_a_table_of_one_row(tmp_path):
    result = qnet("curve", write(tmp_path, {"sweep.distances_km": "[25]"}), "-o", tmp_path)
    assert [line.split()[0] for line in result.stdout.splitlines()[3:-1]] == ["25"]


def test_shipped_scenarios_are_known_by_name(tmp_path, monkeypatch):
    """The name wins over a file of the same name, and results go to the folder results."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nv_delft").write_text("no scenario", encoding="utf-8")
    result = qnet("curve", "nv_delft")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("NV centres")
    assert listing(tmp_path / "results") == [f"nv_delft{ending}" for ending in (".csv", ".nc", ".png")]


def test_wrong_scenarios_are_refused_in_one_line(tmp_path):
    output = tmp_path / "results"
    assert_refused(qnet("curve", "no_such", "-o", output), "`no_such`", *SHIPPED)
    wrong = write(tmp_path, {"link.visibility": "1.2"})
    assert_refused(qnet("curve", wrong, "-o", output), "case.toml", "`link.visibility`", "<= 1.0", "1.2")
    lacking = write(tmp_path, {"platform": None})
    assert_refused(qnet("curve", lacking, "-o", output, "--quiet"), "`link.photon_detection_probability`")
    unphysical = write(tmp_path, {"memory.t1_s": "1", "memory.t2_s": "3"})
    assert_refused(qnet("curve", unphysical, "-o", output), "`memory.t2_s`", "2 * t1_s")
    assert not output.exists() or listing(output) == []


@pytest.mark.parametrize("change", [{"link.multiplexing": "2_000_000_000"}, {"sweep.distances_km": "[1e-320]"}])
def test_numbers_beyond_the_model_are_refused_in_one_line(tmp_path, change):
    assert_refused(qnet("curve", write(tmp_path, change), "-o", tmp_path / "results"), "case", *change)


def test_refusals_of_the_layers_below_are_one_line_too(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise ParameterError("Parameter `cycle_s` must be finite, but is inf.")

    monkeypatch.setattr("qnet_lab.delivery.equal_link_chain", refuse)
    assert_refused(qnet("curve", write(tmp_path), "-o", tmp_path / "results"), "case", "`cycle_s`")


def test_a_file_in_the_way_of_the_output_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    result = qnet("curve", write(tmp_path), "-o", tmp_path / "file" / "below")
    assert_refused(result, tmp_path / "file" / "below", "can't be written")
    assert listing(tmp_path) == ["case.toml", "file"]


@pytest.mark.parametrize(("error", "part"), [(OSError(28, "No space left on device"), "No space left"),
                                             (MemoryError("needs 5 GB"), "needs 5 GB")])  # fmt: skip
def test_failing_plots_leave_no_file(tmp_path, monkeypatch, error, part):
    def fail(dataset):
        raise error

    monkeypatch.setattr("qnet_lab.results.plot_overview", fail)
    assert_refused(qnet("curve", write(tmp_path), "-o", tmp_path / "results"), part)
    assert listing(tmp_path / "results") == []


def test_a_missing_argument_is_a_usage_error():
    result = qnet("curve")
    assert result.exit_code == 2
    assert "SCENARIO" in result.stderr


def test_the_program_does_what_the_function_does(tmp_path, run_python):
    """Another process prints the same, and writes the same bytes."""
    scenario, here, there = write(tmp_path), tmp_path / "results", tmp_path / "elsewhere"
    done = run_python(PROGRAM, "curve", scenario, cwd=tmp_path)
    again = qnet("curve", scenario, "-o", there)
    assert (done.returncode, done.stderr) == (again.exit_code, again.stderr) == (0, "")
    assert done.stdout == again.stdout.replace(str(there), "results")
    assert listing(here) == listing(there) == FILES
    assert [name for name in FILES if (here / name).read_bytes() != (there / name).read_bytes()] == []


def test_the_program_refuses_without_traceback(tmp_path, run_python):
    refused = run_python(PROGRAM, "curve", "no_such", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == qnet("curve", "no_such").stderr
    assert listing(tmp_path) == []


def test_the_command_starts_without_what_it_computes_with(run_python):
    done = run_python("import sys, qnet_lab, qnet_lab.cli; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"click", "qnet_lab"} <= loaded
    assert not loaded & HEAVY
