"""Kinds of fibre carry published numbers, and fibres are made of them."""

import msgspec
import numpy as np
import pytest

from qnet_channels import Fiber
from qnet_channels.fiber_kinds import FiberKind, _read, fiber_kind, fiber_kinds
from qnet_core.errors import DimensionError, ParameterError

ATTENUATION = {  # dB/km, grade
    "smf28_1550": (0.20, "M"),
    "smf28_1310": (0.33, "M"),
    "smf28_ull_1550": (0.17, "R"),
    "smf28_ull_1310": (0.31, "R"),
    "smf28_ull_1625": (0.20, "R"),
    "record_silica_1550": (0.1424, "R"),
    "record_silica_1560": (0.1419, "R"),
    "spool_1510": (0.230, "R"),
    "spool_1550": (0.212, "R"),
    "spool_1630": (0.229, "R"),
    "hollow_core_1550": (0.091, "R"),
    "near_infrared_637": (8.0, "M"),
    "near_infrared_780": (4.0, "M"),
    "near_infrared_850": (2.5, "M"),
    "s_band_420km": (0.17, "R"),
}
each_kind = pytest.mark.parametrize("kind", sorted(ATTENUATION))


def test_the_list_of_kinds():
    assert fiber_kinds() == tuple(sorted(ATTENUATION))


@each_kind
def test_attenuation_is_the_published_one(kind):
    attenuation = fiber_kind(kind).attenuation
    assert (attenuation.value, attenuation.grade) == ATTENUATION[kind]


@each_kind
def test_every_number_has_its_unit_grade_and_source(kind):
    sheet = fiber_kind(kind)
    assert (sheet.name, bool(sheet.title.strip())) == (kind, True)
    for name, unit in {"wavelength": "nm", "attenuation": "dB/km", "group_index": "1"}.items():
        quantity = getattr(sheet, name)
        assert quantity.unit == unit
        assert quantity.grade in {"R", "M", "D", "A"}
        assert len(quantity.source.strip()) > 3
        assert (quantity.grade == "M") == quantity.source.endswith("(from memory, to be verified)")
        assert quantity.grade != "A" or "assumed" in quantity.source


@each_kind
def test_a_name_tells_the_wavelength(kind):
    digits = kind.rpartition("_")[2]
    assert fiber_kind(kind).wavelength.value == (float(digits) if digits.isdigit() else 1500.0)


@each_kind
def test_a_fiber_of_a_kind_has_its_numbers(kind):
    sheet, fiber = fiber_kind(kind), Fiber.of_kind(kind, [1.0, 50.0])
    expected = Fiber([1.0, 50.0], attenuation_db_per_km=sheet.attenuation.value, group_index=sheet.group_index.value)
    np.testing.assert_array_equal(fiber.transmissivity, expected.transmissivity)
    np.testing.assert_array_equal(fiber.latency_s, expected.latency_s)


def test_other_fields_are_passed_on():
    fiber = Fiber.of_kind("smf28_1550", 10.0, insertion_loss_db=1.0, num_splices=2, pmd_ps_per_sqrt_km=0.1)
    np.testing.assert_allclose(fiber.loss_db, 2.0 + 1.0 + 0.1, rtol=1e-15)
    assert fiber.pmd_ps_per_sqrt_km == 0.1


def test_what_the_kind_says_is_not_said_twice():
    with pytest.raises(TypeError, match="attenuation_db_per_km"):
        Fiber.of_kind("smf28_1550", 10.0, attenuation_db_per_km=0.3)


def test_light_is_faster_in_a_hollow_core():
    hollow, solid = (Fiber.of_kind(kind, 1.0).latency_s for kind in ("hollow_core_1550", "smf28_1550"))
    np.testing.assert_allclose([hollow, solid], [3.33664e-6, 4.89672e-6], rtol=1e-6)


@pytest.mark.parametrize("kind", ["smf28", "", None, ["smf28_1550"]])
def test_unknown_kinds_are_refused(kind):
    for call in (lambda: fiber_kind(kind), lambda: Fiber.of_kind(kind, 1.0)):
        with pytest.raises(ParameterError) as error:
            call()
        assert str(error.value) == f"Parameter `kind` must be one of {', '.join(fiber_kinds())}, but is {kind!r}."


def test_bad_lengths_of_a_kind_are_refused():
    with pytest.raises(ParameterError, match="`length_km`"):
        Fiber.of_kind("smf28_1550", -1.0)
    with pytest.raises(DimensionError):
        Fiber.of_kind("smf28_1550", [1.0, 2.0], num_splices=[1, 2, 3])


def test_sheets_are_read_only_and_read_once():
    sheet = fiber_kind("smf28_1550")
    assert fiber_kind("smf28_1550") is sheet
    for frozen, field in ((sheet, "attenuation"), (sheet.attenuation, "value")):
        with pytest.raises(AttributeError):
            setattr(frozen, field, None)


@pytest.mark.parametrize(
    ("line", "message"),
    [("colour = 3", "unknown field `colour`"), ("", "missing required field `wavelength`")],
)
def test_sheets_that_say_what_they_must_not_are_refused(line, message):
    quantity = '{ value = 1, unit = "1", grade = "A", source = "a thread" }'
    text = f'[thread]\ntitle = "Nylon"\nattenuation = {quantity}\ngroup_index = {quantity}\n'
    given = f"wavelength = {quantity}\n{line}" if line else ""
    with pytest.raises(msgspec.ValidationError, match=message):
        _read(text + given)
    assert isinstance(_read(text + f"wavelength = {quantity}")["thread"], FiberKind)
