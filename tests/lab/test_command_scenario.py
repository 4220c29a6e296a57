"""``qnet scenario``: list, show, check, schema."""

import json
import tomllib

import pytest
from lab.command_runner import document, qnet
from lab.scenario_files import write

from qnet_lab import describe_scenarios, evaluate_scenario, load_scenario, scenario_schema, shipped_scenarios
from qnet_lab.evaluation import KINDS


def test_the_list_has_a_line_for_each():
    result = qnet("scenario", "list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["name", "kind", "title"]
    assert [line.split()[0] for line in lines[1:]] == list(shipped_scenarios())
    assert all(line.endswith(load_scenario(line.split()[0]).title) for line in lines[1:])
    found, _ = document("scenario", "list")
    assert [tuple(entry.values()) for entry in found] == [tuple(entry) for entry in describe_scenarios()]


@pytest.mark.parametrize("name", ["nv_delft", "fibre_or_satellite"])
def test_what_is_shown_is_a_scenario_file(name, tmp_path):
    text = qnet("scenario", "show", name).stdout
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert load_scenario(tmp_path / "mine.toml") == load_scenario(name)
    found, _ = document("scenario", "show", name)
    assert found["title"] == tomllib.loads(text)["title"]


def test_shipped_scenarios_pass_the_check():
    result = qnet("scenario", "check", *shipped_scenarios())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [f"{name}: ok" for name in shipped_scenarios()]


def test_each_file_is_told_what_is_wrong(tmp_path):
    """What the curve refuses before it computes is found, and the other files are checked as well."""
    good = write(tmp_path, name="good.toml")
    wrong = write(tmp_path, {"link.visibility": "1.2"}, name="wrong.toml")
    lacking = write(tmp_path, {"platform": None}, name="lacking.toml")
    sourced = write(tmp_path, {'sources."link.foo"': '"nowhere"'}, name="sourced.toml")
    text = tmp_path / "text.toml"
    text.write_text("no scenario")
    files = [good, wrong, lacking, sourced, text, tmp_path / "nowhere.toml"]
    result = qnet("scenario", "check", *files)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(file) for file in files]
    parts = ["ok", "`link.visibility`", "`link.photon_detection_probability`", "`sources`", "TOML", "No such file"]
    assert not [part for part, line in zip(parts, lines, strict=True) if part not in line]
    assert lines[1].startswith(f"{wrong}: key `link.visibility`")
    assert not [line for line in lines if "Scenario `" in line]  # the file is named once
    found, code = document("scenario", "check", *files)
    assert (code, [entry["ok"] for entry in found]) == (2, [True, False, False, False, False, False])
    quiet = qnet("scenario", "check", "-q", *files)
    assert (quiet.exit_code, quiet.stdout) == (2, "")
    assert quiet.stderr.splitlines() == lines[1:]


@pytest.mark.parametrize("name", ["nv_delft", "micius_1200km"])
def test_sources_of_numbers_that_there_are_not_are_found(name, tmp_path):
    text = qnet("scenario", "show", name).stdout.replace("[sources]", '[sources]\n"link.colour" = "invented"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="colour"):
        evaluate_scenario(load_scenario(tmp_path / "mine.toml"))
    result = qnet("scenario", "check", tmp_path / "mine.toml")
    assert result.exit_code == 2
    assert "link.colour" in result.stdout


def test_the_schema_is_that_of_the_library():
    whole = qnet("scenario", "schema")
    assert whole.exit_code == 0
    assert json.loads(whole.stdout) == json.loads(json.dumps(scenario_schema()))
    for kind in KINDS:
        assert json.loads(qnet("scenario", "schema", kind).stdout) == json.loads(json.dumps(scenario_schema(kind)))
    refused = qnet("scenario", "schema", "unheard")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "'unheard'" in refused.stderr
    assert all(kind in refused.stderr for kind in KINDS)
