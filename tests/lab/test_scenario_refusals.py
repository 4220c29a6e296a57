"""What is wrong in a scenario file is said with the file, the key, what is allowed and what is there."""

import pytest
from lab.scenario_files import IDEAL, SMALL, toml, write

from qnet_lab import ScenarioError, fidelity_distance_curve, load_scenario, shipped_scenarios

GRID = "{{ start = {}, stop = {}, num = {} }}"


def grid(start="1", stop="9", num="3"):
    return {"sweep.distances_km": GRID.format(start, stop, num)}


# what is changed in a good file, and what the message must contain besides the file's name
UNKNOWN = [
    ({"foo": "1"}, ["unknown", "`foo`"]),
    ({"link.length_m": "3"}, ["`link`", "unknown", "`length_m`"]),
    ({"link.visiblity": "0.9"}, ["`link`", "unknown", "`visiblity`"]),
    ({"fiber.attenuation_db_per_m": "2e-4"}, ["`fiber`", "unknown", "`attenuation_db_per_m`"]),
    ({"memory.t2_ms": "3"}, ["`memory`", "unknown", "`t2_ms`"]),
    ({"station.fidelity": "1"}, ["`station`", "unknown", "`fidelity`"]),
    ({"direct.rate": "1"}, ["`direct`", "unknown", "`rate`"]),
    ({"sweep.distances_m": "[1]"}, ["`sweep`", "unknown", "`distances_m`"]),
    ({"sweep.distances_km": '{ start = 1, stop = 9, num = 3, unit = "m" }'}, ["`sweep.distances_km`", "`unit`"]),
]
MISSING = [
    ({"title": None}, ["lacks", "`title`"]),
    ({"link.scheme": None, "link.visibility": "1"}, ["`link`", "lacks", "`scheme`"]),
    ({"link.scheme": None}, ["lacks", "`link`"]),
    ({"sweep.repeaters": None}, ["`sweep`", "lacks", "`repeaters`"]),
    ({"sweep.distances_km": None}, ["`sweep`", "lacks", "`distances_km`"]),
    ({"sweep.distances_km": None, "sweep.repeaters": None}, ["lacks", "`sweep`"]),
    ({"sweep.distances_km": "{ start = 1, stop = 9 }"}, ["`sweep.distances_km`", "lacks", "`num`"]),
]
WRONG_TYPE = [
    ({"title": "3"}, ["`title`", "`str`", "is 3"]),
    ({"platform": "3"}, ["`platform`", "`str", "is 3"]),
    ({"link.scheme": None, "link": "3"}, ["`link`", "`object`", "is 3"]),
    ({"fiber.attenuation_db_per_km": '"0.2 dB/km"'}, ["`fiber.attenuation_db_per_km`", "`float", "'0.2 dB/km'"]),
    ({"link.visibility": '"0.9"'}, ["`link.visibility`", "`float", "is '0.9'"]),
    ({"link.visibility": "true"}, ["`link.visibility`", "`float", "is True"]),
    ({"link.visibility": "[0.9]"}, ["`link.visibility`", "`float", "is [0.9]"]),
    ({"link.visibility": "2024-05-27"}, ["`link.visibility`", "`float", "2024"]),
    ({"link.multiplexing": "2.0"}, ["`link.multiplexing`", "`int", "is 2.0"]),
    ({"link.number_resolving": "1"}, ["`link.number_resolving`", "`bool`", "is 1"]),
    ({"memory.t1_s": '"1 h"'}, ["`memory.t1_s`", "`float", "'1 h'"]),
    ({"sweep.repeaters": "2"}, ["`sweep.repeaters`", "`array`", "is 2"]),
    ({"sweep.repeaters": "[0, true]"}, ["`sweep.repeaters[1]`", "`int`", "is True"]),
    ({"sweep.repeaters": '["1"]'}, ["`sweep.repeaters[0]`", "`int`", "is '1'"]),
    ({"sweep.repeaters": "[0, 1.5]"}, ["`sweep.repeaters[1]`", "`int`", "is 1.5"]),
    ({"sweep.distances_km": "50"}, ["`sweep.distances_km`", "`object | array`", "is 50"]),
    ({"sweep.distances_km": '[1, "2 km"]'}, ["`sweep.distances_km[1]`", "`float`", "is '2 km'"]),
    (grid(num="2.5"), ["`sweep.distances_km.num`", "`int`", "is 2.5"]),
    ({'sources."link.visibility"': "3"}, ["`sources", "`str | object`", "3"]),
]
OUT_OF_RANGE = [
    ({"link.scheme": '"triple-click"'}, ["`link.scheme`", "one of single-click, double-click", "is 'triple-click'"]),
    ({"chain.cutoff_s": '"worst"'}, ["`chain.cutoff_s`", "a number or best", "is 'worst'"]),
    ({"platform": '"nv"'}, ["`platform`", "nd_er, nv_delft, pr_yso", "is 'nv'"]),
    ({"link.visibility": "1.2"}, ["`link.visibility`", "<= 1.0", "is 1.2"]),
    ({"link.visibility": "-0.1"}, ["`link.visibility`", ">= 0.0", "is -0.1"]),
    ({"link.dark_count_probability": "-1e-9"}, ["`link.dark_count_probability`", ">= 0.0", "is -1e-09"]),
    ({"link.preparation_s": "-1"}, ["`link.preparation_s`", ">= 0.0", "is -1"]),
    ({"link.multiplexing": "2_000_000_000"}, ["`link.multiplexing`", "<= 1000000000", "is 2000000000"]),
    ({"link.multiplexing": "0"}, ["`link.multiplexing`", ">= 1", "is 0"]),
    ({"fiber.attenuation_db_per_km": "-0.2"}, ["`fiber.attenuation_db_per_km`", ">= 0.0", "is -0.2"]),
    ({"fiber.group_index": "0.9"}, ["`fiber.group_index`", ">= 1.0", "is 0.9"]),
    ({"memory.t1_s": "0"}, ["`memory.t1_s`", "> 0.0", "is 0"]),
    ({"memory.swap_in_fidelity": "0.4"}, ["`memory.swap_in_fidelity`", ">= 0.5", "is 0.4"]),
    ({"station.gate_fidelity": "0.2"}, ["`station.gate_fidelity`", ">= 0.25", "is 0.2"]),
    ({"direct.repetition_rate_hz": "0.0"}, ["`direct.repetition_rate_hz`", "> 0.0", "is 0.0"]),
    ({"sweep.distances_km": "[5, 0]"}, ["`sweep.distances_km[1]`", ">= 1e-06", "is 0"]),
    ({"sweep.distances_km": "[-5]"}, ["`sweep.distances_km[0]`", ">= 1e-06", "is -5"]),
    ({"sweep.distances_km": "[]"}, ["`sweep.distances_km`", "length >= 1", "is []"]),
    ({"sweep.repeaters": "[]"}, ["`sweep.repeaters`", "length >= 1", "is []"]),
    ({"sweep.repeaters": "[0, -1]"}, ["`sweep.repeaters[1]`", ">= 0", "is -1"]),
    ({"sweep.repeaters": "[5000]"}, ["`sweep.repeaters[0]`", "<= 4095", "is 5000"]),
    ({"sweep.repeaters": "[1, 0, 1]"}, ["`sweep.repeaters`", "once", "is [1, 0, 1]"]),
    (grid(start="0"), ["`sweep.distances_km.start`", ">= 1e-06", "is 0"]),
    (grid(num="1"), ["`sweep.distances_km.num`", ">= 2", "is 1"]),
    (grid(start="9"), ["`sweep.distances_km.stop`", "more than start = 9.0", "is 9.0"]),
    (grid(stop="0.5"), ["`sweep.distances_km.stop`", "more than start = 1.0", "is 0.5"]),
]
NOT_FINITE = [
    ({"link.visibility": "nan"}, ["`link.visibility`", "is nan"]),
    ({"link.visibility": "inf"}, ["`link.visibility`", "<= 1.0", "is inf"]),
    ({"link.phase_std_rad": "inf"}, ["`link.phase_std_rad`", "finite", "is inf"]),
    ({"fiber.attenuation_db_per_km": "inf"}, ["`fiber.attenuation_db_per_km`", "finite", "is inf"]),
    ({"fiber.group_index": "nan"}, ["`fiber.group_index`", "is nan"]),
    ({"memory.t1_s": "nan"}, ["`memory.t1_s`", "is nan"]),
    ({"memory.t2_s": "-inf"}, ["`memory.t2_s`", "> 0.0", "is -inf"]),
    ({"direct.repetition_rate_hz": "inf"}, ["`direct.repetition_rate_hz`", "finite", "is inf"]),
    ({"sweep.distances_km": "[1, inf]"}, ["`sweep.distances_km[1]`", "<= 1000000.0", "is inf"]),
    ({"sweep.distances_km": "[nan]"}, ["`sweep.distances_km[0]`", "is nan"]),
    (grid(stop="inf"), ["`sweep.distances_km.stop`", "<= 1000000.0", "is inf"]),
]
# these show only where the platform's numbers are put in, so that the title stands for the file
UNRESOLVED = [
    ({"memory.t1_s": "1", "memory.t2_s": "3"}, ["`memory.t2_s`", "at most 2 * t1_s = 2", "is 3"]),
    ({"memory.t1_s": "4.5"}, ["`memory.t2_s`", "at most 2 * t1_s = 9", "is 10"]),
    ({"platform": None}, ["lacks", "`link.photon_detection_probability`", "no `platform`"]),
    ({"platform": '"eu_yso"'}, ["lacks", "`link.photon_detection_probability`", "`eu_yso`"]),
    (
        {"link.scheme": '"double-click"', "link.bright_population": "0.1"},
        ["`link.bright_population`", "only with scheme single-click", "is 0.1"],
    ),
    ({"sources.'link.nonsense'": '"nowhere"'}, ["`sources`", "expected only link.photon", "'link.nonsense'"]),
]


def message(call, *arguments):
    """The one line that a refusal consists of."""
    with pytest.raises(ScenarioError) as refusal:
        call(*arguments)
    text = str(refusal.value)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    assert text.startswith("Scenario `")
    assert text.endswith(".")
    assert "\n" not in text
    return text


def cases(*tables):
    flat = [case for table in tables for case in table]
    names = ["+".join(f"{key}={value}" for key, value in changes.items()) for changes, _ in flat]
    return pytest.mark.parametrize(("changes", "parts"), flat, ids=names)


@cases(UNKNOWN, MISSING, WRONG_TYPE, OUT_OF_RANGE, NOT_FINITE)
def test_wrong_files_are_refused(tmp_path, changes, parts):
    text = message(load_scenario, write(tmp_path, changes))
    assert not [part for part in ["case.toml", *parts] if part not in text], text


@cases(UNRESOLVED)
def test_numbers_that_do_not_fit_together_are_refused(tmp_path, changes, parts):
    text = message(lambda path: fidelity_distance_curve(load_scenario(path)), write(tmp_path, changes))
    assert not [part for part in ["case", *parts] if part not in text], text


@pytest.mark.parametrize(
    "key", ["link.photon_detection_probability", "link.visibility", "memory.t1_s", "memory.t2_s",
            "direct.repetition_rate_hz", "link.bright_population"],
)  # fmt: skip
def test_numbers_without_default_must_be_given(tmp_path, key):
    given = IDEAL | {"link.scheme": '"single-click"', "link.bright_population": "0.1"}
    scenario = load_scenario(write(tmp_path, {key: None}, base=given))
    text = message(fidelity_distance_curve, scenario)
    assert f"lacks the key `{key}`" in text
    assert "no `platform` is given" in text


@pytest.mark.parametrize(
    ("text", "line"),
    [("title = \nplatform = 3\n", 1), (toml(SMALL) + "[fiber\n", 6), (toml(SMALL) + 'title = "again"\n', 6)],
)
def test_what_is_no_toml_is_refused_with_its_line(tmp_path, text, line):
    path = tmp_path / "broken.toml"
    path.write_text(text, encoding="utf-8")
    refusal = message(load_scenario, path)
    assert "broken.toml" in refusal
    assert "not valid TOML" in refusal
    assert f"at line {line}," in refusal


@pytest.mark.parametrize("name", ["no_such_scenario", "no/such/folder.toml", "."])
def test_files_that_cannot_be_read_are_refused_with_what_is_there(tmp_path, name):
    text = message(load_scenario, tmp_path / name)
    assert str(tmp_path / name) in text
    assert "can't be read" in text
    assert ", ".join(shipped_scenarios()) in text


def test_only_utf8_is_read(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(toml(SMALL | {"title": '"Zürich"'}).encode("latin-1"))
    text = message(load_scenario, path)
    assert "latin.toml" in text
    assert "UTF-8" in text


def test_an_unknown_key_is_told_what_is_known(tmp_path):
    text = message(load_scenario, write(tmp_path, {"fiber.length_m": "5"}))
    assert "attenuation_db_per_km, insertion_loss_db, group_index" in text


def test_a_platform_whose_memory_does_not_decay_exponentially_needs_a_t2_of_the_scenario(tmp_path):
    gaussian = SMALL | {"platform": '"ion_ba138_duke"', "link.scheme": '"double-click"'}
    gaussian = {key: value for key, value in gaussian.items() if "bright" not in key and "phase" not in key}
    text = message(lambda path: fidelity_distance_curve(load_scenario(path)), write(tmp_path, base=gaussian))
    assert "ion_ba138_duke" in text
    assert "memory.t2_s" in text
    given = load_scenario(write(tmp_path, {"memory.t2_s": "0.005"}, base=gaussian))
    assert fidelity_distance_curve(given)["fidelity"].notnull().all()
