"""Platforms are found by name, carry the published numbers with unit, grade and source, and can't be changed."""

import tomllib

import pytest
from channels.case_tables import DATA

from qnet_channels import Platform, Quantity, preset, presets
from qnet_channels.sheets import sheet
from qnet_core.errors import ParameterError

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))

each_platform = pytest.mark.parametrize("name", sorted(PLATFORMS))


def test_the_list_of_platforms():
    assert presets() == tuple(sorted(PLATFORMS))


@each_platform
def test_a_platform_shows_its_sheet(name):
    platform = preset(name)
    assert isinstance(platform, Platform)
    assert platform.sheet is sheet(name)
    assert platform.name == name
    assert platform.title == sheet(name).title
    assert platform.title.strip()
    assert preset(name) == platform


@each_platform
def test_numbers_are_the_published_ones(name):
    found, expected = preset(name).parameters, PLATFORMS[name]["parameters"]
    assert sorted(found) == sorted(expected)
    for key, quantity in found.items():
        known = expected[key]
        assert isinstance(quantity, Quantity)
        assert (quantity.value, quantity.unit, quantity.grade) == (known["value"], known["unit"], known["grade"]), key
        assert known.get("source", "") in quantity.source, key


@pytest.mark.parametrize("name", ["abacus", "", "NV_DELFT", None, 1])
def test_unknown_names_are_refused_with_the_known_ones(name):
    with pytest.raises(ParameterError) as caught:
        preset(name)
    known = ", ".join(sorted(PLATFORMS))
    assert str(caught.value) == f"Parameter `name` must be one of {known}, but is {name!r}."


def test_presets_are_read_only():
    platform = preset("nv_delft")
    with pytest.raises(TypeError):
        platform.parameters["visibility"] = 1.0
    with pytest.raises(AttributeError):
        platform.parameters["visibility"].value = 1.0
    with pytest.raises(AttributeError):
        platform.sheet = sheet("eit_rb")
