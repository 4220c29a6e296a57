"""Scenario files are read as they are written, and every number says where it is from."""

import json
import math
import tomllib
from importlib.resources import files

import pytest
from lab.hardware_tables import HARDWARE, KEYS, OTHERS, SHIPPED
from lab.scenario_files import IDEAL, SMALL, curve, toml, write

import qnet_lab
from qnet_lab import Scenario, load_scenario, shipped_scenarios

# keys for which a platform has a number, that number, and one that a scenario may give instead
PLATFORM_NUMBERS = [
    ("nv_delft", "link.photon_detection_probability", 5e-4, 1e-3),
    ("nv_delft", "link.bright_population", 0.07, 0.1),
    ("nv_delft", "link.visibility", 0.9, 0.95),
    ("nv_delft", "link.phase_std_rad", 0.25, 0.1),
    ("nv_delft", "memory.t2_s", 10.0, 5.0),
    ("nv_delft", "memory.t1_s", math.inf, 100.0),
    ("nv_delft", "station.gate_fidelity", 0.99, 0.98),
    ("nv_delft", "station.readout_error", 0.0275, 0.01),
    ("nv_delft", "direct.repetition_rate_hz", 1.8e5, 1e6),
    ("ion_sr88_ca43", "memory.swap_in_fidelity", 0.977, 0.99),
    ("eu_yso", "link.multiplexing", 6, 12),
    ("eu_yso", "memory.retrieval_efficiency", 0.1, 0.2),
]
# the same, where the scenario says that there is no such imperfection
PERFECT = [
    ("nv_delft", "link.phase_std_rad", 0.0),
    ("nv_delft", "station.gate_fidelity", 1.0),
    ("nv_delft", "station.readout_error", 0.0),
    ("ion_sr88_ca43", "memory.swap_in_fidelity", 1.0),
    ("eu_yso", "link.multiplexing", 1),
    ("eu_yso", "memory.retrieval_efficiency", 1.0),
]
ENOUGH = {
    "link.photon_detection_probability": "1e-3",
    "link.bright_population": "0.1",
    "link.visibility": "0.9",
    "direct.repetition_rate_hz": "1e6",
}


def parameters(folder, changes, base=SMALL):
    return json.loads(curve(folder, changes, base=base).attrs["parameters"])


def on(platform, changes):
    """Changes that put a scenario on a platform; what that platform lacks is given."""
    theirs = {key for name, key, _, _ in PLATFORM_NUMBERS if name == platform}
    lacking = {key: literal for key, literal in ENOUGH.items() if key not in theirs}
    return lacking | {"platform": f'"{platform}"'} | changes


def raw_shipped(name):
    return tomllib.loads(files(qnet_lab).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8"))


def test_shipped_scenarios_are_listed_and_load():
    assert shipped_scenarios() == tuple(sorted([*SHIPPED, *OTHERS]))
    for name in SHIPPED:
        scenario = load_scenario(name)
        assert isinstance(scenario, Scenario)
        assert scenario.title == raw_shipped(name)["title"]
        assert scenario.platform == name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_own_number_has_a_source_and_every_source_a_number(name):
    raw = raw_shipped(name)
    tables = ("link", "fiber", "memory", "station", "direct")
    own = {f"{t}.{key}": value for t in tables for key, value in raw.get(t, {}).items()}
    numbers = {key for key, value in own.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}
    assert numbers
    assert set(raw["sources"]) == numbers
    assert all(len(source) > 10 for source in raw["sources"].values())


def test_what_is_written_is_what_is_read(tmp_path):
    changes = {"link.multiplexing": "4", "memory.t1_s": "inf", "memory.t2_s": "3", "link.number_resolving": "true"}
    scenario = load_scenario(write(tmp_path, changes | {'sources."link.multiplexing"': '"a paper"'}))
    assert (scenario.title, scenario.platform, scenario.link.scheme) == ("case", "nv_delft", "single-click")
    assert (scenario.link.multiplexing, scenario.link.number_resolving) == (4, True)
    assert (scenario.memory.t1_s, scenario.memory.t2_s) == (math.inf, 3.0)
    assert isinstance(scenario.memory.t2_s, float)
    assert (list(scenario.sweep.distances_km), list(scenario.sweep.repeaters)) == ([1.0, 10.0], [0, 1])
    assert scenario.sources == {"link.multiplexing": "a paper"}
    assert scenario.station.gate_fidelity is None


def test_scenarios_are_frozen_values(tmp_path):
    one, two = load_scenario(write(tmp_path)), load_scenario(str(write(tmp_path)))
    assert one == two
    assert one != load_scenario(write(tmp_path, {"title": '"another"'}))
    with pytest.raises(AttributeError):
        one.title = "another"


def test_a_file_in_any_language_and_line_ending(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(toml(SMALL | {"title": '"Überlingen–Ōsaka, 量子"'}).replace("\n", "\r\n").encode())
    assert load_scenario(path).title == "Überlingen–Ōsaka, 量子"


def test_grids_are_even_and_lists_are_taken_as_they_are(tmp_path):
    grid = curve(tmp_path, {"sweep.distances_km": "{ start = 2, stop = 8, num = 4 }"})
    assert grid["distance_km"].values.tolist() == [2.0, 4.0, 6.0, 8.0]
    listed = curve(tmp_path, {"sweep.distances_km": "[7.5, 3]", "sweep.repeaters": "[3, 0, 1]"})
    assert listed["distance_km"].values.tolist() == [7.5, 3.0]
    assert listed["repeaters"].values.tolist() == [3, 0, 1]


@pytest.mark.parametrize(("platform", "key", "theirs", "own"), PLATFORM_NUMBERS)
def test_numbers_of_the_platform_stand_in_for_those_not_given(tmp_path, platform, key, theirs, own):
    number = parameters(tmp_path, on(platform, {}))[key]
    assert float(number["value"]) == pytest.approx(theirs, rel=1e-14)
    assert platform in number["source"]
    given = parameters(tmp_path, on(platform, {key: repr(own), f'sources."{key}"': '"measured here"'}))[key]
    assert (float(given["value"]), given["source"]) == (own, "measured here")
    without_source = parameters(tmp_path, on(platform, {key: repr(own)}))[key]
    assert float(without_source["value"]) == own
    assert platform not in without_source["source"]


@pytest.mark.parametrize(("platform", "key", "perfect"), PERFECT)
def test_perfection_in_the_scenario_overrides_the_platform(tmp_path, platform, key, perfect):
    number = parameters(tmp_path, on(platform, {key: repr(perfect)}))[key]
    assert float(number["value"]) == perfect
    assert platform not in number["source"]


def test_what_nobody_gives_is_perfect_or_customary(tmp_path):
    """Defaults: no imperfection, one mode, and standard fibre."""
    bare = {"fiber.attenuation_db_per_km": None}
    numbers = parameters(tmp_path, bare, base=IDEAL)
    expected = {
        "link.frequency_conversion_efficiency": 1, "link.dark_count_probability": 0,
        "link.preparation_s": 0, "link.multiplexing": 1, "fiber.attenuation_db_per_km": 0.2,
        "fiber.insertion_loss_db": 0, "fiber.group_index": 1.468, "memory.excited_population": 0,
        "memory.swap_in_fidelity": 1, "memory.retrieval_efficiency": 1, "station.gate_fidelity": 1,
        "station.readout_error": 0, "station.success_probability": 1,
    }  # fmt: skip
    assert {key: float(n["value"]) for key, n in numbers.items() if n["source"] == "default"} == expected


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_numbers_are_those_of_the_tables(shipped_curve, name):
    numbers = json.loads(shipped_curve(name).attrs["parameters"])
    expected = {"insertion_loss_db": 0.0, "excited_population": 0.0} | HARDWARE[name]
    expected.pop("scheme")
    assert set(numbers) == {KEYS[field][0] for field in expected}
    for field, value in expected.items():
        key, unit = KEYS[field]
        assert float(numbers[key]["value"]) == pytest.approx(value, rel=1e-14), key
        assert numbers[key]["unit"] == unit, key
        assert numbers[key]["grade"] in {"R", "M", "D", "A"}
        assert numbers[key]["source"]


def test_other_names_are_refused():
    with pytest.raises(AttributeError, match="nonsense"):
        qnet_lab.nonsense  # noqa: B018
