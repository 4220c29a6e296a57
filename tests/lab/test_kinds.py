"""What holds for every kind of scenario: files, datasets, figures, refusals, and how a kind is added."""

import json
import tomllib
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from lab.figure_texts import outside, overlapping, shown_texts
from lab.hardware_tables import OTHERS, SHIPPED
from lab.scenario_files import changed_file, write
from matplotlib.figure import Figure

import qnet_lab
from qnet_lab import (
    Scenario,
    ScenarioError,
    evaluate_scenario,
    fidelity_distance_curve,
    load_scenario,
    plot_overview,
    shipped_scenarios,
)
from qnet_lab.cli import main
from qnet_lab.evaluation import KINDS, Kind, summarize
from qnet_lab.provenance import numbers_of, unit_of
from qnet_lab.schema import Positive


def raw(name):
    return tomllib.loads(files(qnet_lab).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8"))


NEEDED = {  # a number without default, where the first one has one
    "decoy_bb84_gys": "protocols.two decoys.intensities",
    "qkd_protocols": "protocols.twin-field.mean_photons",
    "ions_two_links": "memory.duration_s",
    "conference_key_ions": "memory.duration_s",
    "nv_stored_carbons": "fiber.length_km",
    "repeater_generations": "hardware.coupling_efficiency",
    "unequal_segments": "calculation.seed",
}
TOGETHER = ("intensities", "intensity_probabilities", "weights", "cutoff_s")  # lists that are no axes


def given_numbers(table, prefix=""):
    """Keys of all numbers in a file, but for those of sweeps and axes."""
    for key, value in table.items():
        if isinstance(value, dict) and key not in ("sweep", "sources") and "start" not in value:
            yield from given_numbers(value, f"{prefix}{key}.")
        elif (isinstance(value, int | float) and not isinstance(value, bool)) or key in TOGETHER:
            yield prefix + key


def value_at(table, key):
    """What a file has at a dotted key."""
    for part in key.split("."):
        table = table[part]
    return table


@pytest.fixture(scope="module", params=OTHERS)
def shipped_kind(request):
    """Every shipped scenario that is no chain: its name and dataset."""
    return request.param, evaluate_scenario(load_scenario(request.param))


def test_shipped_scenarios_are_of_every_kind():
    kinds = {load_scenario(name).kind for name in shipped_scenarios()}
    assert kinds == set(KINDS)
    assert {name: load_scenario(name).kind for name in OTHERS} == OTHERS


def test_the_table_of_kinds_is_keyed_by_what_files_say():
    for name, kind in KINDS.items():
        (field,) = (field for field in msgspec.structs.fields(kind.scenario) if field.name == "kind")
        assert field.default == name
        assert issubclass(kind.scenario, Scenario)


@pytest.mark.parametrize("name", OTHERS)
def test_every_number_of_a_shipped_file_says_where_it_is_from(name):
    content = raw(name)
    assert set(content["sources"]) == set(given_numbers(content))
    for source in content["sources"].values():
        text = source if isinstance(source, str) else source["source"]
        assert len(text) > 6
        if isinstance(source, str):
            assert text.startswith("assumed")
        elif source["grade"] == "M":
            assert "memory" in text or "verified" in text


def test_every_variable_has_a_unit_and_a_name(shipped_kind):
    _, dataset = shipped_kind
    for name, variable in {**dataset.data_vars, **dataset.coords}.items():
        assert set(variable.attrs) == {"units", "long_name"}, name
        assert variable.attrs["units"] == unit_of(str(name)), name
    labels = [variable.attrs["long_name"] for variable in dataset.variables.values()]
    assert len(set(labels)) == len(labels)


def test_attributes_are_text_that_parses(shipped_kind):
    name, dataset = shipped_kind
    seeds = {"seed_entropy"} if "seed" in str(raw(name)["sources"]) else set()
    assert set(dataset.attrs) == {"title", "scenario", "parameters", "version", "source_sha256", "libraries"} | seeds
    scenario = json.loads(dataset.attrs["scenario"])
    assert scenario["kind"] == OTHERS[name]
    assert scenario["title"] == dataset.attrs["title"] == raw(name)["title"]
    parameters = json.loads(dataset.attrs["parameters"])
    content = raw(name)
    for key in given_numbers(content):
        value = value_at(content, key)
        source = content["sources"][key]
        expected = ("A", source) if isinstance(source, str) else (source["grade"], source["source"])
        together = enumerate(value) if isinstance(value, list) else [(None, value)]
        for k, one in together:
            number = parameters[key if k is None else f"{key}[{k}]"]
            assert float(number["value"]) == one
            assert (number["grade"], number["source"]) == expected


def test_equal_scenarios_give_equal_datasets(shipped_kind):
    name, dataset = shipped_kind
    assert evaluate_scenario(load_scenario(name)).identical(dataset)


def test_probabilities_and_fidelities_are_in_their_range(shipped_kind):
    _, dataset = shipped_kind
    for name, variable in dataset.data_vars.items():
        if "fidelity" in name or "probability" in name or "visibility" in name or name == "error_rate":
            assert ((variable >= 0) & (variable <= 1)).where(variable.notnull(), True).all(), name


def test_figures_are_readable(shipped_kind):
    """Nothing runs out of the figure, nothing covers another text, axes have labels."""
    name, dataset = shipped_kind
    figure = plot_overview(dataset)
    shown = shown_texts(figure)
    assert isinstance(figure, Figure)
    assert figure.get_suptitle() == dataset.attrs["title"]
    assert outside(figure, shown) == []
    assert overlapping(shown) == []
    assert all(axes.get_ylabel() for axes in figure.axes)
    numbers = [n for k, n in json.loads(dataset.attrs["parameters"]).items() if not k.startswith("reported.")]
    grades = [number["grade"] for number in numbers if number["source"] != "default"]
    note = f"{grades.count('A') + grades.count('M')} of {len(grades)} hardware numbers are assumed or unverified"
    assert any(text.startswith(note) for text, _ in shown), name


def test_lines_of_a_panel_are_told_apart(shipped_kind):
    for axes in plot_overview(shipped_kind[1]).axes:
        styles = [
            (str(line.get_color()), str(line._dash_pattern))
            for line in axes.get_lines()
            if not line.get_label().startswith("_") and line.get_label() != "reported"
        ]
        assert len(set(styles)) == len(styles)


def test_the_command_writes_three_files_and_a_table(shipped_kind, tmp_path):
    name, dataset = shipped_kind
    result = CliRunner().invoke(main, ["curve", name, "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}{end}" for end in (".csv", ".nc", ".png")]
    assert result.stdout.startswith(summarize(dataset))
    assert max(map(len, summarize(dataset).splitlines())) < 130
    with xr.open_dataset(tmp_path / f"{name}.nc", engine="h5netcdf") as stored:
        xr.testing.assert_identical(stored.load(), dataset)
    rows = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    shown = dataset.drop_dims(["pauli_left", "pauli_right"], errors="ignore")
    assert set(rows[0].split(",")) == set(map(str, shown.variables))
    grids = {array.dims: array.size for array in shown.data_vars.values()}
    assert max(grids.values()) <= len(rows) - 1 <= sum(grids.values())


def test_a_file_without_kind_is_a_chain(tmp_path):
    plain, named = write(tmp_path), write(tmp_path, {"kind": '"chain"'}, name="named.toml")
    assert load_scenario(plain) == load_scenario(named)
    assert json.loads(evaluate_scenario(load_scenario(plain)).attrs["scenario"])["kind"] == "chain"


@pytest.mark.parametrize("literal", ['"no-such"', "3", "[]"])
def test_an_unknown_kind_is_refused(tmp_path, literal):
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(write(tmp_path, {"kind": literal}))
    assert f"key `kind`: expected one of {', '.join(sorted(KINDS))}, but it is" in str(refusal.value)


@pytest.mark.parametrize("name", OTHERS)
def test_unknown_keys_are_told_what_is_known(tmp_path, name):
    table = next(key for key, value in raw(name).items() if isinstance(value, dict) and key != "sources")
    for where in (table, "sweep") if "sweep" in raw(name) else (table,):
        with pytest.raises(ScenarioError, match=rf"key `{where}`: has an unknown key `nonsense` \(known are \w+"):
            load_scenario(changed_file(tmp_path, name, {f"{where}.nonsense": 1}))
    with pytest.raises(ScenarioError, match="the file: has an unknown key `nonsense`"):
        load_scenario(changed_file(tmp_path, name, {"nonsense": 1}))


@pytest.mark.parametrize("name", OTHERS)
def test_every_number_is_checked(tmp_path, name):
    """Text, NaN and, but where it has a meaning, infinity are refused for each number, with its key."""
    for key in given_numbers(raw(name)):
        endless = [] if KINDS[OTHERS[name]].scenario.is_infinite_at(key) else [float("inf")]
        for wrong in ("text", float("nan"), *endless):
            with pytest.raises(ScenarioError, match=f"key `{key}`: "):
                load_scenario(changed_file(tmp_path, name, {key: wrong}))


@pytest.mark.parametrize("name", OTHERS)
def test_missing_numbers_are_named(tmp_path, name):
    key = NEEDED.get(name) or next(given_numbers(raw(name)))
    table, _, field = key.rpartition(".")
    with pytest.raises(ScenarioError, match=f"key `{table}`: lacks the key `{field}`"):
        load_scenario(changed_file(tmp_path, name, {key: None}))


@pytest.mark.parametrize("name", OTHERS)
def test_sources_of_numbers_that_there_are_not_are_refused(tmp_path, name):
    scenario = load_scenario(changed_file(tmp_path, name, {"sources.nonsense": "nowhere"}))
    with pytest.raises(ScenarioError, match=r"key `sources`: expected only .*, but it has 'nonsense'"):
        evaluate_scenario(scenario)


@pytest.mark.parametrize("grade", ["R", "M", "D", "A"])
def test_sources_have_grades(tmp_path, grade):
    graded = {"sources": {"source.pair_rate_hz": {"grade": grade, "source": "a paper"}}}
    number = numbers_of(load_scenario(changed_file(tmp_path, "fibre_or_satellite", graded)))["source.pair_rate_hz"]
    assert (number.grade, number.source, number.unit, number.value) == (grade, "a paper", "1/s", 5.9e6)


def test_what_is_not_given_is_a_default_and_not_counted(tmp_path):
    key = "satellite.min_elevation_deg"
    for changes, source in (
        ({key: None, "sources": {}}, "default"),
        ({key: 11.0, "sources": {}}, "given in the scenario"),
    ):
        number = numbers_of(load_scenario(changed_file(tmp_path, "fibre_or_satellite", changes)))[key]
        assert (number.source, number.grade) == (source, "A")


def test_a_wrong_grade_is_refused(tmp_path):
    wrong = {"sources": {"source.pair_rate_hz": {"grade": "Z", "source": "a paper"}}}
    with pytest.raises(ScenarioError, match="grade"):
        load_scenario(changed_file(tmp_path, "fibre_or_satellite", wrong))


def test_chains_take_graded_sources_too(tmp_path):
    graded = {"link.visibility": "0.9", 'sources."link.visibility"': '{ grade = "R", source = "a paper" }'}
    dataset = evaluate_scenario(load_scenario(write(tmp_path, graded)))
    number = json.loads(dataset.attrs["parameters"])["link.visibility"]
    assert (number["grade"], number["source"]) == ("R", "a paper")


def test_falling_grids_are_refused(tmp_path):
    falling = {"sweep.distances_km": {"start": 9.0, "stop": 3.0, "num": 4}}
    with pytest.raises(ScenarioError, match=r"key `sweep.distances_km.stop`: expected more than start = 9.0"):
        load_scenario(changed_file(tmp_path, "fibre_or_satellite", falling))


@pytest.mark.parametrize("name", OTHERS)
def test_distance_curves_are_those_of_chains(name):
    with pytest.raises(ScenarioError, match=r"must be the scenario of a chain .* is one of kind"):
        fidelity_distance_curve(load_scenario(name))


@pytest.mark.parametrize("wrong", ["micius_1200km", None, {"kind": "reach"}])
def test_what_is_no_scenario_is_refused(wrong):
    with pytest.raises(ScenarioError, match=r"must be a Scenario \(see load_scenario\)"):
        evaluate_scenario(wrong)


def test_chains_are_evaluated_as_by_their_own_function(shipped_curve):
    for name in SHIPPED[:1]:
        assert evaluate_scenario(load_scenario(name)).identical(shipped_curve(name))


@pytest.mark.parametrize(
    ("name", "unit"),
    [("a.length_km", "km"), ("t_s", "s"), ("radius_m", "m"), ("angle_urad", "urad"), ("loss_db", "dB"), ("key_bit", "bit"),
     ("launch_power_dbm", "dBm"), ("attenuation_db_per_km", "dB/km"), ("raman_coefficient_per_km_nm", "1/(km nm)"),
     ("key_rate_bit_per_s", "bit/s"), ("rate_hz", "1/s"), ("wavelength_nm", "nm"), ("elevation_deg", "deg"),
     ("visibility", "1"), ("misalignment", "1")],
)  # fmt: skip
def test_units_are_those_that_names_end_with(name, unit):
    assert unit_of(name) == unit


class _Toy(Scenario, frozen=True, kw_only=True):
    """A kind that a test adds."""

    length_km: Positive
    kind: Literal["toy"] = "toy"


def test_a_kind_is_added_by_one_line(tmp_path, monkeypatch):
    """A structure and three functions, and a line in the table, are all that the command line needs."""

    def evaluate(scenario):
        from qnet_lab.provenance import labelled

        dataset = xr.Dataset({"twice_km": ("length_km", [2 * scenario.length_km])}, {"length_km": [scenario.length_km]})
        labels = {"twice_km": ("km", "twice as far"), "length_km": ("km", "length")}
        return labelled(dataset, scenario, numbers_of(scenario), labels)

    toy = Kind(_Toy, evaluate, lambda dataset: Figure(), lambda dataset: f"{float(dataset['twice_km'][0]):g} km")
    monkeypatch.setattr("qnet_lab.evaluation.KINDS", KINDS | {"toy": toy})
    monkeypatch.setattr("qnet_lab.scenario.KINDS", KINDS | {"toy": toy})
    (tmp_path / "mine.toml").write_text('kind = "toy"\ntitle = "mine"\nlength_km = 2.5\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["curve", str(tmp_path / "mine.toml"), "-o", str(tmp_path / "results")])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:2] == ["mine", "5 km"]
    with xr.open_dataset(tmp_path / "results" / "mine.nc", engine="h5netcdf") as stored:
        np.testing.assert_array_equal(stored["twice_km"], [5.0])
        assert json.loads(stored.attrs["parameters"])["length_km"]["unit"] == "km"
