"""No table of cases is forgotten, and every case says where its numbers come from."""

import re
import tomllib
from pathlib import Path

from channels.case_tables import DATA

TESTS = Path(__file__).parents[1]


def test_every_table_is_read_by_one_test_module():
    readers = [
        name
        for module in sorted(TESTS.rglob("test_*.py"))
        for name in re.findall(r'CaseTable\("([^"]+)"', module.read_text(encoding="utf-8"))
    ]
    tables = [path.name for path in sorted(DATA.glob("*.toml")) if path.name != "platforms.toml"]
    assert sorted(readers) == tables


def test_every_case_has_its_own_name_and_a_source():
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.toml"))]
    cases = [case for table in tables for case in table.get("case", [])]
    names = [case["id"] for case in cases]
    assert len(names) == len(set(names))
    for case in cases:
        assert case["source"].strip(), case["id"]
        assert set(case) <= {"id", "check", "source", "digits", "given", "expected"}, case["id"]
        assert case["expected"], case["id"]
