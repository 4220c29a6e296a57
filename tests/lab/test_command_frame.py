"""What all commands share: pages of help, exit codes, one line for a mistake, JSON, completion, and a quick start."""

import errno
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner
from lab.command_runner import document, qnet
from lab.hardware_tables import SHIPPED
from lab.scenario_files import write

from qnet_channels import presets
from qnet_core.errors import CapacityError, DimensionError, ParameterError, ParameterTypeError
from qnet_lab import ScenarioError
from qnet_lab.cli import SECTIONS, main
from qnet_lab.commands.errors import EXIT_CODES
from qnet_lab.commands.lazy import LazyGroup

COMMANDS = [name for names in SECTIONS.values() for name in names]
PROGRAM = "from qnet_lab.cli import main; main(prog_name='qnet')"
HEAVY = {"numpy", "numba", "xarray", "matplotlib", "scipy", "pandas", "h5py", "h5netcdf", "tqdm", "qutip", "msgspec"}


def raising(error):
    """A program with one command that raises."""

    class Group(LazyGroup):
        def list_commands(self, ctx):
            return ["fail"]

        def get_command(self, ctx, name):
            @click.command
            def fail():
                raise error

            return fail

    return CliRunner().invoke(Group("qnet"), ["fail"], prog_name="qnet")


def test_every_command_is_on_the_page_and_has_its_own():
    page = qnet("--help").stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*[.]$", page, re.MULTILINE), name
        own = qnet(name, "--help")
        assert own.exit_code == 0
        assert own.stdout.startswith(f"Usage: qnet {name}")
    for code, meaning in EXIT_CODES.items():
        assert re.search(rf"^ +{code} +{meaning}$", page, re.MULTILINE)


def test_help_loads_nothing_that_computes(run_python):
    done = run_python("import sys\ntry:\n    " + PROGRAM + "\nfinally:\n    print(*sys.modules)", "--help")
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert {"click", "qnet_lab"} <= loaded
    assert not loaded & HEAVY
    assert not {name for name in done.stdout.splitlines()[-1].split() if name.startswith("qnet_core")}


def test_a_name_alone_loads_only_its_own_file(run_python):
    done = run_python("import sys\ntry:\n    " + PROGRAM + "\nfinally:\n    print(*sys.modules)", "completion", "fish")
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "qnet_lab.commands.completion" in loaded
    assert not loaded & {f"qnet_lab.commands.{name}" for name in COMMANDS if name != "completion"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("curv", "curve"), ("CURVE", None), ("plat", "platforms"), ("docter", "doctor"), ("xyz", None)]
)
def test_an_unknown_command_is_told_the_nearest(typed, meant):
    result = qnet(typed)
    assert (result.exit_code, result.stdout) == (2, "")
    last = result.stderr.splitlines()[-1]
    assert f"`{typed}`" in last
    assert last.endswith(f"did you mean `{meant}`?") if meant else all(name in last for name in COMMANDS)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ParameterError("Parameter `x` must be 1."), "Parameter `x` must be 1."),
        (ParameterTypeError("Parameter `x` must be a number."), "Parameter `x` must be a number."),
        (DimensionError("Parameter `on` is wrong."), "Parameter `on` is wrong."),
        (CapacityError("needs 5 GB"), "needs 5 GB"),
        (ScenarioError("Scenario `a`: wrong."), "Scenario `a`: wrong."),
        (MemoryError(), "There is too little memory for this."),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a.txt"), "`a.txt`: No such file or directory."),
        (OSError("something"), "something"),
        (ModuleNotFoundError("No module named 'dask'"), "No module named 'dask'; `qnet doctor` says more."),
        (click.ClickException("wrong"), "wrong"),
    ],
)
def test_mistakes_of_others_are_one_line_and_code_2(error, line):
    result = raising(error)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {line}\n")


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours"), AssertionError("ours"), TypeError("ours")])
def test_our_own_mistakes_are_shown_whole_and_code_70(error):
    result = raising(error)
    assert (result.exit_code, result.stdout) == (70, "")
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith("This is a mistake in qnet-engine, not yours.\n")
    assert "ours" in result.stderr


def test_ctrl_c_is_code_130():
    result = raising(KeyboardInterrupt())
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Interrupted.\n")
    assert raising(click.exceptions.Exit(1)).exit_code == 1


def test_ctrl_c_ends_a_running_program(tmp_path):
    """A scenario that takes long is interrupted, leaves no file and no traceback."""
    code = (
        "import sys, time, qnet_lab.evaluation as e\n"
        "def endless(*a, **k):\n    print('begun', flush=True)\n    time.sleep(60)\n"
        "e.evaluate_scenario = endless\n" + PROGRAM
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "curve", str(write(tmp_path)), "-o", str(tmp_path / "results")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        begun = process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    finally:
        process.kill()
    assert begun == "begun\n", error
    assert (process.returncode, out, error) == (130, "", "Interrupted.\n")
    assert list((tmp_path / "results").iterdir()) == []


def test_a_closed_pipe_is_no_mistake(run_python):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "platforms"], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_verbose_says_what_was_done_and_how_long_it_took(tmp_path):
    result = qnet("curve", write(tmp_path), "-o", tmp_path, "--verbose")
    assert re.fullmatch(r"computing: \d+\.\d\d s\nwriting: \d+\.\d\d s\n", result.stderr)
    assert result.stdout == qnet("curve", write(tmp_path), "-o", tmp_path).stdout
    logger = logging.getLogger("qnet_lab")
    assert (logger.handlers, logger.propagate, logger.level) == ([], True, logging.NOTSET)


def test_quiet_and_verbose_exclude_each_other(tmp_path):
    result = qnet("curve", write(tmp_path), "-q", "-v")
    assert result.exit_code == 2
    assert "`--quiet` and `--verbose`" in result.stderr


def test_json_of_a_curve_holds_the_dataset_and_where_it_is_from(tmp_path):
    scenario = write(tmp_path, {"chain.cutoff_s": None, "sweep.distances_km": "[1, 10, 5000]"})
    told, code = document("curve", scenario, "-o", tmp_path)
    assert code == 0
    assert [os.path.basename(path) for path in told["files"]] == ["case.nc", "case.csv", "case.png"]
    assert told["scenario"]["platform"] == "nv_delft"
    assert {"python", "numpy", "numba", "scipy", "xarray"} == set(told["libraries"])
    fidelity = told["variables"]["fidelity"]
    assert (fidelity["dims"], fidelity["units"]) == (["repeaters", "distance_km"], "1")
    assert all(0.25 <= value <= 1 for value in fidelity["values"][0][:2])
    assert told["variables"]["cutoff_s"]["values"] == [["inf"] * 3] * 2
    assert told["coordinates"]["distance_km"]["values"] == [1, 10, 5000]


def test_json_of_platforms():
    every, code = document("platforms")
    assert (list(every), code) == (list(presets()), 0)
    assert {number["grade"] for number in every["nv_delft"]["parameters"].values()} <= set("RMDA")
    assert document("platforms", "nv_delft") == (every["nv_delft"], 0)


def test_json_of_verify(tmp_path, monkeypatch):
    (tmp_path / "own_maps.py").write_text("import numpy as np\ngood = [np.eye(2)]\nbad = [2 * np.eye(2)]\n")
    monkeypatch.chdir(tmp_path)
    report, code = document("verify", "own_maps:good")
    assert (report["passed"], code) == (True, 0)
    assert all(check["passed"] and check["worst"] <= check["tolerance"] for check in report["checks"])
    report, code = document("verify", "own_maps:bad")
    assert (report["passed"], code) == (False, 1)
    assert [check["name"] for check in report["checks"] if not check["passed"]]
    quiet = qnet("verify", "own_maps:bad", "-q")
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    assert "VIOLATED" in quiet.stderr
    assert qnet("verify", "own_maps:good", "-q").output == ""


def test_what_a_module_of_others_raises_is_a_line(tmp_path, monkeypatch):
    (tmp_path / "raising_maps.py").write_text("wrong = 1 / 0\n")
    monkeypatch.chdir(tmp_path)
    result = qnet("verify", "raising_maps:wrong")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: `raising_maps:wrong` raised ZeroDivisionError: division by zero\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_this_program(shell):
    script = qnet("completion", shell)
    assert script.exit_code == 0
    assert f"_QNET_COMPLETE={shell}_complete" in script.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_takes_the_script():
    script = qnet("completion", "bash").stdout
    done = subprocess.run(["bash", "-c", f"{script}\ncomplete -p qnet"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" qnet\n")


def completed(*words):
    """What the shell is offered for the last word."""
    from click.shell_completion import ShellComplete

    *before, last = words
    items = ShellComplete(main, {}, "qnet", "_QNET_COMPLETE").get_completions(list(before), last)
    return [item.value for item in items if item.type == "plain"], {item.type for item in items}


def test_names_are_completed():
    assert completed("cu") == (["curve"], {"plain"})
    names, kinds = completed("curve", "nv")
    assert "nv_delft" in names
    assert all(name.startswith("nv") for name in names)
    assert kinds == {"plain", "file"}
    assert set(SHIPPED) <= set(completed("compare", "nv_delft", "")[0])
    assert completed("platforms", "siv") == (["siv_harvard"], {"plain"})
    assert set(completed("scenario", "")[0]) == {"list", "show", "check", "schema"}
    assert completed("lirum", "")[0] == COMMANDS
    assert completed("curve", "--fo")[0] == ["--format"]
    assert completed("curve", "--format", "")[0] == ["png", "svg", "pdf"]


def test_a_shell_that_asks_is_answered():
    """As the script of bash asks."""
    asked = {"_QNET_COMPLETE": "bash_complete", "COMP_WORDS": "qnet curve ion_sr", "COMP_CWORD": "2"}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == ["plain,ion_sr88_ca43", "file,ion_sr"]
