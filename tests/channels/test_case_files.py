"""No table of cases is forgotten, and every case says where its numbers come from."""

import re
import tomllib
from pathlib import Path

from channels.case_tables import DATA

TESTS = Path(__file__).parents[1]
CHANNEL_CASES = """
    DEP-1 DEP-2 DEP-3-0.1 DEP-3-0.5 DEP-4 DEP-5 DPH-1 DPH-2 DPH-3 DPH-4 AD-1 AD-2 AD-3 AD-4 GAD-1 GAD-2 GAD-3
    TR-1 TR-1-choi TR-2 TR-2-choi TR-3 TR-3-choi TR-4 TR-4-choi TR-mix TR-twirl TR-unphys PAU-1 PAU-2 BF-1 DEP2-1
    ERA-1 ERA-2 LOSS-1 LOSS-2 LOSS-3 LOSS-4 LOSS-5 LOSS-6 COH-1 COH-2 POL-1 POL-2 POVM-1 POVM-2 DARK-1 DARK-2 DARK-3
    GD-1 GD-2 GD-3 GD-4 GD-5 COLL-1 COLL-2 COLL-3
"""


def test_every_table_is_read_by_one_test_module():
    readers = [
        name
        for module in sorted(TESTS.rglob("test_*.py"))
        for name in re.findall(r'CaseTable\("([^"]+)"', module.read_text(encoding="utf-8"))
    ]
    tables = [path.name for path in sorted(DATA.glob("*.toml")) if path.name != "platforms.toml"]
    assert sorted(readers) == tables


def test_no_case_of_a_channel_is_missing():
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.toml"))]
    names = {case["id"] for table in tables for case in table.get("case", [])}
    assert not set(CHANNEL_CASES.split()) - names


def test_every_case_has_its_own_name_and_a_source():
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.toml"))]
    cases = [case for table in tables for case in table.get("case", [])]
    names = [case["id"] for case in cases]
    assert len(names) == len(set(names))
    for case in cases:
        assert case["source"].strip(), case["id"]
        assert set(case) <= {"id", "check", "source", "digits", "given", "expected"}, case["id"]
        assert case["expected"], case["id"]
