"""Data sheets carry the published numbers, each with unit, grade and source, and say what devices are made of them."""

import math
import tomllib

import msgspec
import pytest
from channels.case_tables import DATA

from qnet_channels import sheets
from qnet_channels.sheets import Quantity, names, sheet
from qnet_core.errors import ParameterError

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))
ASSUMED = {
    "t1": Quantity(math.inf, "s", "A", "not limiting, assumed"),
    "exponent": Quantity(1.0, "1", "A", "exponential decay, assumed"),
    "excited_population": Quantity(0.0, "1", "A", "ground state in equilibrium, assumed"),
    "modes": Quantity(1.0, "1", "A", "one mode, assumed"),
    "visibility": Quantity(1.0, "1", "A", "perfect photons, assumed"),
}
SMALL = """
[abacus]
title = "Beads"
demonstrations = []
parameters.t2 = { value = 3, unit = "s", grade = "R", source = "a bead" }
memories.storage.t2 = "t2"
"""

each_platform = pytest.mark.parametrize("name", sorted(PLATFORMS))


def device_roles(shown):
    """The roles of every device of a sheet, by the names that the table of known numbers has for devices."""
    devices = {{"storage": "memory"}.get(key, key): roles for key, roles in shown.memories.items()}
    return devices | {key: roles for key in ("ensemble", "emitter") if (roles := getattr(shown, key))}


def test_there_are_thirteen_platforms():
    assert names() == tuple(sorted(PLATFORMS))
    assert len(names()) == 13
    assert all(sheet(name).name == name for name in names())


@each_platform
def test_numbers_are_the_published_ones(name):
    found, expected = sheet(name).parameters, PLATFORMS[name]["parameters"]
    assert sorted(found) == sorted(expected)
    for key, quantity in found.items():
        known = expected[key]
        assert (quantity.value, quantity.unit, quantity.grade) == (known["value"], known["unit"], known["grade"]), key
        assert known.get("source", "") in quantity.source, key


@each_platform
def test_every_number_has_its_unit_grade_and_source(name):
    shown = sheet(name)
    assert shown.title.strip()
    for key, quantity in shown.parameters.items():
        assert isinstance(quantity.value, float) and quantity.value >= 0, key
        assert quantity.unit.strip(), key
        assert quantity.grade in {"R", "M", "D", "A"}, key
        assert len(quantity.source.strip()) > 3, key
        assert (quantity.grade == "M") <= quantity.source.endswith("(from memory, to be verified)"), key


@each_platform
def test_fractions_lie_between_0_and_1(name):
    endings = ("fidelity", "efficiency", "probability", "population", "visibility", "_error_0", "_error_1")
    for key, quantity in sheet(name).parameters.items():
        if key.endswith(endings):
            assert (quantity.unit, 0 <= quantity.value <= 1) == ("1", True), key


@each_platform
def test_schemes_and_demonstrations(name):
    shown = sheet(name)
    assert shown.scheme == PLATFORMS[name]["scheme"]
    assert shown.demonstrations
    assert all(text.endswith((" [R]", " [M]")) and text.count("[") == 1 for text in shown.demonstrations)


@each_platform
def test_devices_are_made_of_the_known_numbers(name):
    found, known = device_roles(sheet(name)), PLATFORMS[name]
    assert set(found) == {"memory", "communication", "ensemble", "emitter"} & set(known)
    assert "memory" in found
    for device, roles in found.items():
        values = {key.removesuffix("_s"): value for key, value in known[device].items()}
        assert {key: quantity.value for key, quantity in msgspec.structs.asdict(roles).items()} == values


@each_platform
def test_roles_are_parameters_or_assumed(name):
    shown = sheet(name)
    for roles in device_roles(shown).values():
        for role, quantity in msgspec.structs.asdict(roles).items():
            assert quantity in shown.parameters.values() or quantity == ASSUMED[role]


@each_platform
def test_times_are_physical(name):
    for roles in sheet(name).memories.values():
        assert (roles.t1.unit, roles.t2.unit) == ("s", "s")
        assert roles.t2.value > 0
        assert roles.exponent.value != 1 or roles.t2.value <= 2 * roles.t1.value


def test_unknown_names_are_refused():
    for name in ("abacus", "", None, ["nv_delft"]):
        with pytest.raises(ParameterError) as error:
            sheet(name)
        assert str(error.value) == f"Parameter `name` must be one of {', '.join(names())}, but is {name!r}."


def test_sheets_are_read_only_and_read_once():
    shown = sheet("nv_delft")
    assert sheet("nv_delft") is shown
    for table in (shown.parameters, shown.memories):
        with pytest.raises(TypeError):
            table["visibility"] = 1.0
    for frozen, field in (
        (shown, "title"),
        (shown.parameters["visibility"], "value"),
        (shown.memories["storage"], "t2"),
    ):
        with pytest.raises(AttributeError):
            setattr(frozen, field, None)


def test_what_a_sheet_does_not_say_is_assumed():
    (shown,) = sheets._read(SMALL + 'ensemble = { efficiency = "t2", lifetime = "t2" }').values()
    bead = Quantity(3.0, "s", "R", "a bead")
    assert shown.scheme is None
    memory = {role: ASSUMED[role] for role in ("t1", "exponent", "excited_population")} | {"t2": bead}
    assert msgspec.structs.asdict(shown.memories["storage"]) == memory
    ensemble = {role: ASSUMED[role] for role in ("exponent", "modes")} | {"efficiency": bead, "lifetime": bead}
    assert msgspec.structs.asdict(shown.ensemble) == ensemble


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('memories.storage.t1 = "t1"', "Platform `abacus`: role `t1` names `t1`, which is not among its parameters."),
        ('ensemble = { efficiency = "t2", lifetime = "life" }', "role `lifetime` names `life`"),
        ('emitter.detection = "clicks"', "role `detection` names `clicks`"),
        ('memories.storage.t3 = "t2"', "unknown field `t3`"),
        ('memories.attic.t2 = "t2"', "Invalid enum value 'attic'"),
        ('memories.communication.t1 = "t2"', "missing required field `t2`"),
        ('scheme = "triple-click"', "Invalid enum value 'triple-click'"),
        ("colour = 3", "unknown field `colour`"),
        ('parameters.t1 = { value = 3, unit = "s", grade = "X", source = "a bead" }', "Invalid enum value 'X'"),
        ('parameters.t1 = { value = 3, unit = "s", grade = "R" }', "missing required field `source`"),
    ],
)
def test_sheets_that_say_what_they_must_not_are_refused(line, message):
    with pytest.raises(ValueError) as error:
        sheets._read(SMALL + line)
    assert message in str(error.value)
