"""Data sheets as text: every number is there, and the weak ones are marked."""

import re
import tomllib

import pytest
from channels.case_tables import DATA

from qnet_channels.sheets import names, sheet
from qnet_core.errors import ParameterError
from qnet_lab.platform_tables import platform_sheet, platform_table

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))
WORDS = {"R": "read", "M": "from memory, unverified", "D": "derived", "A": "assumed"}
MARKS = {"R": "", "M": "?", "D": "", "A": "~"}
LEGEND = "Weak numbers: ? from memory, unverified; ~ assumed."

each_platform = pytest.mark.parametrize("name", sorted(PLATFORMS))


def blocks(name):
    """The parts of a platform's text by their first lines."""
    return {part[0]: part[1:] for part in map(str.splitlines, platform_sheet(name).split("\n\n"))}


def rows(lines):
    """The cells of aligned lines: mark, name, amount, grade in words, source."""
    return [[line[0].strip(), *re.split(" {2,}", line[1:].strip(), maxsplit=3)] for line in lines]


def test_the_table_has_a_row_per_platform():
    head, *lines, _, counted, legend = platform_table().splitlines()
    assert re.split(" {2,}", head) == ["platform", "storage T1", "storage T2", "scheme", "grades", "title"]
    assert [line.split()[0] for line in lines] == list(names())
    assert [line[head.index("title") :] for line in lines] == [sheet(name).title for name in names()]
    assert counted == "Grades: R read; M from memory, unverified; D derived; A assumed."
    assert legend == LEGEND


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("ion_yb171", ["~ inf s", "5500 s", "double-click", "R1 M4 A7"]),
        ("eu_yso", ["? 2e6 s", "21.6e3 s", "single-click", "R4 M3 D1 A2"]),
        ("nd_er", ["~ inf s", "? 1.3 s", "single-click", "R3 M5"]),
        ("siv_harvard", ["~ 1000 s", "? 2 s", "cavity-reflection", "R2 M12 A6"]),
    ],
)
def test_rows_of_the_table(name, cells):
    (line,) = (line for line in platform_table().splitlines() if line.startswith(name))
    assert re.split(" {2,}", line)[1:] == [*cells, sheet(name).title]


@each_platform
def test_every_number_has_its_line(name):
    lines = rows(blocks(name)["parameters"])
    assert len(lines) == len(PLATFORMS[name]["parameters"])
    for mark, key, amount, words, source in lines:
        known = PLATFORMS[name]["parameters"][key]
        value, _, unit = amount.partition(" ")
        assert float(value) == pytest.approx(known["value"], rel=1e-5)
        assert (unit or "1", mark, words) == (known["unit"], MARKS[known["grade"]], WORDS[known["grade"]])
        assert source == sheet(name).parameters[key].source


@each_platform
def test_devices_and_demonstrations_follow(name):
    parts = blocks(name)
    assert list(parts) == [name, "parameters", "roles", "demonstrations", LEGEND]
    assert parts[name] == [sheet(name).title, f"scheme: {PLATFORMS[name]['scheme']}"]
    devices = {"memory": "storage"} | {device: device for device in ("communication", "ensemble", "emitter")}
    known = {
        f"{shown}.{key.removesuffix('_s')}": value
        for device, shown in devices.items()
        for key, value in PLATFORMS[name].get(device, {}).items()
    }
    assert {role: float(amount.split()[0]) for _, role, amount, *_ in rows(parts["roles"])} == pytest.approx(known)
    assert parts["demonstrations"] == [
        ("?  " if text.endswith("[M]") else "   ") + text for text in sheet(name).demonstrations
    ]


@pytest.mark.parametrize(
    ("name", "key", "amount"),
    [
        ("nv_delft", "carbon_t1", "inf s"),
        ("nv_delft", "electron_t2_star", "4.9e-6 s"),
        ("nv_delft", "electron_t2_echo", "1.18e-3 s"),
        ("nv_delft", "attempt_rate", "180e3 1/s"),
        ("nv_delft", "photon_detection_probability", "500e-6"),
        ("eu_yso", "afc_max_forward", "0.541341"),
        ("ion_ca40_innsbruck", "link_success_probability", "40e-6"),
        ("ion_sr88_ca43", "attempt_rate", "1e6 1/s"),
        ("ion_yb171", "t2", "5500 s"),
        ("quantum_dot", "t2_star", "2e-9 s"),
        ("siv_harvard", "link_rate", "1 1/s"),
    ],
)
def test_values_are_short(name, key, amount):
    (line,) = (line for line in rows(blocks(name)["parameters"]) if line[1] == key)
    assert line[2] == amount


def test_unknown_platforms_are_refused():
    with pytest.raises(ParameterError, match=r"`name` must be one of atom_rb87, .*, but is 'abacus'"):
        platform_sheet("abacus")
