"""What the page on scenario files shows is what happens."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import matplotlib
import matplotlib.pyplot as plt
import pytest

from qnet_lab import describe_scenarios, evaluate_scenario, load_scenario, scenario_schema

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
FILES = [text for language, text in BLOCKS if language == "toml" and "title" in text]


@pytest.mark.parametrize("text", FILES, ids=[tomllib.loads(text)["kind"] for text in FILES])
def test_files_of_the_page_are_computed(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    dataset = evaluate_scenario(load_scenario(path))
    assert dataset.attrs["title"] == tomllib.loads(text)["title"]
    jsonschema.Draft202012Validator(scenario_schema()).validate(tomllib.loads(text))


def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with matplotlib.rc_context({"backend": "agg"}):
        names = {}
        for language, text in BLOCKS:
            if language == "python":
                exec(text, names)
        plt.close("all")
    assert (tmp_path / "nv.png").stat().st_size > 1000
    assert json.loads((tmp_path / "scenario.schema.json").read_text(encoding="utf-8"))["anyOf"]


def test_the_table_of_the_page_names_shipped_files():
    kinds = {one.name: one.kind for one in describe_scenarios()}
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (.*) \|$", PAGE.partition("## What a file can name")[0], re.MULTILINE)
    assert len(rows) >= 8
    for kind, examples in rows:
        for name in re.findall(r"`(\w+)`", examples):
            assert kinds[name] == kind
