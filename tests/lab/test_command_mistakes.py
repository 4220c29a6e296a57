"""The mistakes of docs/command_line.md, made: each gets the line that the page says, exit code 2, and no traceback."""

import re
import shlex
from pathlib import Path

import pytest
from lab.command_runner import qnet
from lab.scenario_files import write

from qnet_lab.cli import SECTIONS
from qnet_lab.commands.errors import EXIT_CODES

PAGE = (Path(__file__).parents[2] / "docs" / "command_line.md").read_text(encoding="utf-8")
MISTAKES = re.findall(r"^\$ qnet (.*)\n(Error: .*)$", PAGE, re.MULTILINE)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"link.visibility": "1.2"}, name="bright.toml")
    write(tmp_path, {"link.visiblity": "0.9"}, name="slip.toml")
    write(tmp_path, {"platform": None}, name="bare.toml")
    write(tmp_path, {"title": "mine"}, name="text.toml")
    return tmp_path


def test_there_are_ten_and_more():
    assert len(MISTAKES) >= 15
    assert len(MISTAKES) == PAGE.count("\nError: ")


@pytest.mark.parametrize(("typed", "line"), MISTAKES, ids=[typed for typed, _ in MISTAKES])
def test_a_mistake_gets_the_line_of_the_page(files, typed, line):
    before = sorted(files.iterdir())
    result = qnet(*shlex.split(typed))
    assert (result.exit_code, result.stdout) == (2, "")
    *usage, last = result.stderr.splitlines()
    assert last == line
    assert not usage or usage[0].startswith("Usage: qnet")
    assert "Traceback" not in result.stderr
    assert [path for path in sorted(files.iterdir()) if path not in before and path.name != "results"] == []
    assert not (files / "results").exists() or list((files / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("curve nv_delft --format jpg", "jpg"),
        ("curve nv_delft --jason", "--jason"),
        ("curve nv_delft more", "more"),
        ("curve --from nowhere.nc", "nowhere.nc"),
        ("curve nv_delft --output bright.toml", "bright.toml"),
        ("completion tcsh", "tcsh"),
        ("verify --dim two", "two"),
        ("compare nv_delft eu_yso --repeaters -1", "-1"),
        ("--frobnicate", "--frobnicate"),
    ],
)
def test_what_click_refuses_is_named(files, typed, part):
    """In words that differ between its versions."""
    result = qnet(*shlex.split(typed))
    assert (result.exit_code, result.stdout) == (2, "")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert part in last


@pytest.mark.parametrize(
    "typed",
    [
        "curve nv_delf",
        "compare nv_delf eu_yso",
        "sweep nv_delf --axis memory.t2_s=1,2",
        "requirements nv_delf --distance-km 50 --fidelity 0.9",
    ],
)
def test_a_slip_in_a_shipped_name_is_seen_by_every_command(files, typed):
    result = qnet(*shlex.split(typed))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].endswith("did you mean `nv_delft`?")


def test_a_platform_like_none_gets_the_list(files):
    last = qnet("platforms", "zzz").stderr.splitlines()[-1]
    assert last.startswith("Error: There is no platform `zzz`; there are atom_rb87, ")


def test_the_page_has_every_command_and_every_code():
    for name in (name for names in SECTIONS.values() for name in names):
        assert re.search(rf"^\| `{name}\b", PAGE, re.MULTILINE), name
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == list(EXIT_CODES)
