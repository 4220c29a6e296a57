"""Platform presets carry the published numbers, each with unit, grade and source."""

import tomllib

import numpy as np
import pytest
from channels.case_tables import DATA

from qnet_channels import Memory, preset, presets

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))


def test_the_list_of_platforms():
    assert presets() == tuple(sorted(PLATFORMS))


@pytest.mark.parametrize("name", presets())
def test_numbers_are_the_published_ones(name):
    platform, expected = preset(name), PLATFORMS[name]["parameters"]
    assert platform.name == name
    assert sorted(platform.parameters) == sorted(expected)
    for key, quantity in platform.parameters.items():
        known = expected[key]
        assert (quantity.value, quantity.unit, quantity.grade) == (known["value"], known["unit"], known["grade"]), key


@pytest.mark.parametrize("name", presets())
def test_every_number_has_its_unit_grade_and_source(name):
    platform = preset(name)
    assert platform.title.strip()
    for key, quantity in platform.parameters.items():
        assert isinstance(quantity.value, float), key
        assert quantity.unit.strip(), key
        assert quantity.grade in {"R", "M", "D", "A"}, key
        assert len(quantity.source.strip()) > 3, key


@pytest.mark.parametrize("name", presets())
def test_memory_of_a_platform(name):
    memory, times = Memory.preset(name), PLATFORMS[name]["memory"]
    assert (memory.t1_s, memory.t2_s, memory.excited_population) == (times["t1_s"], times["t2_s"], 0)
    expected = np.exp(-1 / times["t2_s"])
    np.testing.assert_allclose(memory.decay(duration_s=1.0).transfer[1, 1], expected, rtol=1e-14)


def test_presets_are_read_only():
    platform = preset("nv_delft")
    with pytest.raises(TypeError):
        platform.parameters["visibility"] = 1.0
    with pytest.raises(AttributeError):
        platform.parameters["visibility"].value = 1.0
