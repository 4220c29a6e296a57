"""The commands ``qnet verify`` and ``qnet platforms``."""

import numpy as np
import pytest
from click.testing import CliRunner

from qnet_channels import amplitude_damping, presets
from qnet_channels.catalog import CATALOG
from qnet_lab.cli import main

OWN = """
import numpy as np

def right(duration_s):
    keep = np.exp(-duration_s)
    return [np.diag([1, np.sqrt(keep)]), np.sqrt(1 - keep) * np.array([[0, 1], [0, 0]])]

def half_forgotten(duration_s):
    p = 1 - np.exp(-duration_s)
    return [np.sqrt(1 - p) * np.eye(2), np.sqrt(p) * np.diag([1, -1])]

def transposed(duration_s):
    return [k.T for k in right(duration_s)]

def gaussian(duration_s):
    f = np.exp(-duration_s**2)
    return [np.sqrt((1 + f) / 2) * np.eye(2), np.sqrt((1 - f) / 2) * np.diag([1, -1])]

def of_a_matrix(rho):
    return rho.T

class Lab:
    heralded = [0.9 * np.eye(2)]

number = 7
"""


@pytest.fixture
def verify(tmp_path, monkeypatch):
    """Run ``qnet verify`` where a module of one's own lies."""
    (tmp_path / "own_channels.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["verify", *arguments], prog_name="qnet")


def test_the_whole_library_holds(verify):
    result = verify()
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert len(lines) == len(CATALOG) + 1
    assert all(
        line.startswith(entry.name) and line.endswith("holds") for line, entry in zip(lines, CATALOG, strict=False)
    )
    assert lines[-1] == f"{len(CATALOG)} of {len(CATALOG)} channels hold all their laws"


def test_a_wrong_channel_in_the_library_is_shown(verify, monkeypatch):
    import qnet_lab.verify
    from qnet_channels.catalog import Entry

    wrong = Entry("amplitude_damping", lambda t: amplitude_damping(damping=-np.expm1(-t)), unital=True)
    monkeypatch.setattr(qnet_lab.verify, "CATALOG", (wrong,))
    result = verify()
    assert result.exit_code == 1
    assert "unital" in result.output
    assert result.output.splitlines()[-1] == "0 of 1 channels hold all their laws"


def test_own_channels_that_hold(verify):
    for arguments in (
        ["own_channels:right"],
        ["own_channels:gaussian", "--no-semigroup"],
        ["own_channels:Lab.heralded", "--trace-decreasing"],
        ["own_channels:right", "--expected", "own_channels:right"],
    ):
        result = verify(*arguments)
        assert result.exit_code == 0, result.output
        assert "VIOLATED" not in result.output


@pytest.mark.parametrize(
    ("arguments", "property_", "mistake"),
    [
        (["own_channels:half_forgotten"], "semigroup", "half"),
        (["own_channels:gaussian"], "semigroup", "n = 2"),
        (["own_channels:transposed"], "trace preserved", "transpos"),
        (["own_channels:of_a_matrix", "--dim", "2"], "complete positivity", "transpos"),
        (["own_channels:Lab.heralded"], "trace preserved", "sum K†K"),
        (["own_channels:gaussian", "--expected", "own_channels:right", "--no-semigroup"], "as expected", ""),
    ],
)
def test_own_channels_that_do_not(verify, arguments, property_, mistake):
    result = verify(*arguments)
    assert result.exit_code == 1
    violated = [line for line in result.output.splitlines() if "VIOLATED" in line]
    assert any(line.startswith(property_) for line in violated), result.output
    assert mistake in result.output


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["own_channels"], ["package.module:name"]),
        (["no_such_module:f"], ["no_such_module", "imported"]),
        (["own_channels:missing"], ["own_channels", "missing"]),
        (["own_channels:number"], ["channel_or_factory"]),
        (["own_channels:right", "--expected", "own_channels:missing"], ["missing"]),
    ],
)
def test_mistakes_of_the_caller_are_one_line(verify, arguments, parts):
    result = verify(*arguments)
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert not [part for part in parts if part not in result.output], result.output


def test_platforms_are_listed_and_shown():
    table = CliRunner().invoke(main, ["platforms"], prog_name="qnet")
    assert table.exit_code == 0
    assert [line.split()[0] for line in table.output.splitlines()[1:14]] == list(presets())
    sheet = CliRunner().invoke(main, ["platforms", "siv_harvard"], prog_name="qnet")
    assert "cooperativity" in sheet.output
    assert "from memory, unverified" in sheet.output
    wrong = CliRunner().invoke(main, ["platforms", "siv"], prog_name="qnet")
    assert wrong.exit_code == 2
    assert "siv_harvard" in wrong.output
    assert wrong.output.count("\n") == 1
