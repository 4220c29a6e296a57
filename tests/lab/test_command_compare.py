"""``qnet compare``: who is ahead of whom, where, and the figure."""

import math
import re

import numpy as np
import pytest
import xarray as xr
from lab.command_runner import document, qnet
from lab.figure_texts import outside, shown_texts
from lab.scenario_files import IDEAL, SMALL, changed_file, write

from qnet_lab import evaluate_scenario, load_scenario
from qnet_lab.comparison_plots import plot_comparison
from qnet_lab.comparisons import Line, compared_variables, leads, lines


def line(name, x, y, label=""):
    return Line(name, label, "distance_km", np.array(x, float), np.array(y, float))


def told(*drawn, variable="rate_hz"):
    return [(*lead[1:3], lead.ahead, lead.behind) for lead in leads(drawn, variable)]


def test_exponentials_cross_where_they_are_equal():
    """Straight on a logarithmic scale, so that a crossing between the points is exact, for any two grids."""
    x, z = np.linspace(0, 10, 11), np.linspace(2, 8, 4)
    a, b = line("a", x, 8 * np.exp(-x)), line("b", z, np.exp(-z / 2))
    at = 2 * math.log(8)
    assert told(a, b) == [
        (2, pytest.approx(at, rel=1e-12), "a", "b"),
        (pytest.approx(at, rel=1e-12), 8, "b", "a"),
    ]
    assert told(b, a) == told(a, b)


def test_less_is_better_for_times_and_losses():
    a, b = line("a", [0, 1], [1, 1]), line("b", [0, 1], [2, 2])
    assert told(a, b) == [(0, 1, "b", "a")]
    assert told(a, b, variable="waiting_time_s") == [(0, 1, "a", "b")]


def test_where_both_are_nothing_nobody_is_ahead():
    x = [0, 1, 2, 3, 4]
    a, b = line("a", x, [4, 2, 1, 0, 0]), line("b", x, [3, 3, 0, 0, 0])
    border = math.log(4 / 3) / (math.log(4 / 3) + math.log(3 / 2))
    assert told(a, b) == [
        (0, pytest.approx(border), "a", "b"),
        (
            pytest.approx(border),
            pytest.approx(1.5),
            "b",
            "a",
        ),  # b falls to nothing: 3 and 0 to 2 and 1, plainly straight
        (pytest.approx(1.5), 3, "a", "b"),
        (3, 4, None, None),
    ]


def test_ties_end_at_their_last_point():
    x = [0, 1, 2, 3]
    assert told(line("a", x, [1, 1, 2, 2]), line("b", x, [1, 1, 1, 1])) == [(0, 1, None, None), (1, 3, "a", "b")]
    assert told(line("a", x, [2, 2, 1, 1]), line("b", x, [1, 1, 1, 1])) == [(0, 2, "a", "b"), (2, 3, None, None)]


def test_three_are_compared_two_by_two_and_labels_apart():
    x = [0, 1]
    drawn = [line(n, x, [k, k], label) for k, n in enumerate("abc", start=1) for label in ("left", "right")]
    found = [(lead.label, lead.ahead, lead.behind) for lead in leads(drawn, "rate_hz")]
    assert sorted(found) == sorted(
        (label, *pair) for label in ("left", "right") for pair in (("b", "a"), ("c", "a"), ("c", "b"))
    )


def test_unknown_values_and_places_count_for_nothing():
    a, b = line("a", [0, 1, 2, 3], [1, np.nan, 3, 3]), line("b", [2, 3, 4], [1, 1, 1])
    assert told(a, b) == [(2, 3, "a", "b")]
    assert told(line("a", [0, 1], [1, 1]), line("b", [2, 3], [1, 1])) == []


def chain(*rates):
    """A dataset with an invented rate for each number of repeaters."""
    values = xr.DataArray(np.array(rates, float), dims=("repeaters", "distance_km"), attrs={"units": "1/s"})
    return xr.Dataset(
        {"rate_hz": values, "waiting_time_s": 1 / values}, {"repeaters": [0, 3], "distance_km": [1.0, 2.0, 3.0]},
        {"scenario": '{"kind": "chain"}'},
    )  # fmt: skip


def test_the_best_number_of_repeaters_is_taken_at_each_point():
    dataset = chain([8, 4, 1], [2, 2, 2])
    assert [one.y.tolist() for one in lines("a", dataset, "rate_hz", None)] == [[8, 4, 2]]
    assert [one.y.tolist() for one in lines("a", dataset, "waiting_time_s", None)] == [[1 / 8, 1 / 4, 1 / 2]]
    assert [one.y.tolist() for one in lines("a", dataset, "rate_hz", 3)] == [[2, 2, 2]]


def test_points_are_put_in_order():
    dataset = chain([8, 4, 1], [2, 2, 2]).isel(distance_km=[2, 0, 1])
    (one,) = lines("a", dataset, "rate_hz", 0)
    assert (one.x.tolist(), one.y.tolist()) == ([1, 2, 3], [8, 4, 1])


def test_paths_of_a_reach_are_lines_of_their_own():
    dataset = evaluate_scenario(load_scenario("fibre_or_satellite"))
    assert compared_variables({"a": dataset}, "loss_db") == ("loss_db",)
    drawn = list(lines("a", dataset, "pair_rate_hz", None))
    assert [one.label for one in drawn] == dataset["path"].values.tolist()
    for one in drawn:
        assert one.y.tolist() == dataset["pair_rate_hz"].sel(path=one.label).values.tolist()


def test_chains_are_compared_as_their_curves_say(tmp_path):
    """Twice as many memories in each link: twice the rate everywhere, and the same state."""
    keys = {"sweep.distances_km": "[1, 20, 50]", "chain.cutoff_s": "0.05"}
    one = write(tmp_path, keys | {"link.multiplexing": "1"}, name="one.toml")
    two = write(tmp_path, keys | {"link.multiplexing": "2"}, name="two.toml")
    found, code = document("compare", one, two, "-o", tmp_path, "--repeaters", "0")
    assert code == 0
    assert {variable: [lead["ahead"] for lead in some] for variable, some in found["leads"].items()} == {
        "fidelity": [None], "rate_hz": ["two"], "secret_key_rate_bit_per_s": ["two"]
    }  # fmt: skip
    slow, quick = (entry["y"] for entry in found["lines"]["rate_hz"])
    assert np.array(quick) / slow == pytest.approx([2, 2, 2], rel=1e-3)
    assert found["figure"] == str(tmp_path / "one_vs_two.png")
    assert (tmp_path / "one_vs_two.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_names_each_stretch(tmp_path):
    """A link that loses less but prepares slowly overtakes."""
    keys = {"sweep.distances_km": "{ start = 1, stop = 100, num = 100 }", "sweep.repeaters": "[0]"}
    slow = write(tmp_path, IDEAL | keys | {"link.preparation_s": "1e-3"}, name="slow.toml")
    lossy = write(
        tmp_path, IDEAL | keys | {"fiber.attenuation_db_per_km": "0.2", "link.preparation_s": "1e-6"}, name="lossy.toml"
    )
    result = qnet("compare", slow, lossy, "-o", tmp_path, "--variable", "rate_hz")
    assert result.exit_code == 0, result.output
    head, first, second, wrote = result.stdout.splitlines()
    assert head.split() == ["quantity", "from", "km", "to", "km", "ahead", "behind"]
    assert first.split()[-2:] == ["lossy", "slow"]
    assert second.split()[-2:] == ["slow", "lossy"]
    assert (first.split()[-4], second.split()[-3]) == ("1", "100")
    border = float(first.split()[-3])
    assert second.split()[-4] == first.split()[-3]
    for km, ahead in ((border - 1, "lossy"), (border + 1, "slow")):  # a cycle is the preparation and the light's time
        light_s = km * 1.468 / 299792.458
        rates = {"slow": 1 / (light_s + 1e-3), "lossy": 10 ** (-0.02 * km) / (light_s + 1e-6)}
        assert max(rates, key=rates.get) == ahead
    assert wrote == f"wrote {tmp_path / 'slow_vs_lossy.png'}"


def test_another_kind_is_compared_by_a_variable(tmp_path):
    low = changed_file(tmp_path, "fibre_or_satellite", {})
    high = low.rename(tmp_path / "low.toml").parent / "high.toml"
    changed_file(tmp_path, "fibre_or_satellite", {"satellite.altitude_km": 1000.0}).rename(high)
    found, code = document("compare", tmp_path / "low.toml", high, "--variable", "pair_rate_hz", "-o", tmp_path)
    assert code == 0
    by_path = {lead["label"]: lead["ahead"] for lead in found["leads"]["pair_rate_hz"]}
    assert by_path.pop("satellite") in ("low", "high")
    assert set(by_path.values()) == {None}  # the fibres are the same


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nv_delft"], ["two scenarios or more"]),
        ([], ["SCENARIOS"]),
        (["nv_delft", "nv_delft"], ["twice"]),
        (["nv_delft", "nv_dleft"], ["`nv_dleft`", "did you mean `nv_delft`?"]),
        (["fibre_or_satellite", "micius_1200km"], ["one kind", "reach", "satellite-pairs"]),
        (["small.toml", "other.toml", "--repeaters", "5"], ["`small`", "5 repeaters", "0, 1"]),
        (["small.toml", "other.toml", "--variable", "colour"], ["`colour`", "fidelity", "waiting_time_s"]),
        (["low.toml", "fibre_or_satellite"], ["is needed", "pair_rate_hz", "loss_db"]),
        (["small.toml", "other.toml", "-o", "small.toml/in"], ["can't be written"]),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path, monkeypatch, arguments, parts):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SMALL, name="small.toml")
    write(tmp_path, SMALL, name="other.toml")
    changed_file(tmp_path, "fibre_or_satellite", {}).rename(tmp_path / "low.toml")
    result = qnet("compare", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert not [part for part in parts if part not in last], last


def test_lines_without_a_namesake_are_drawn_and_not_ranked(tmp_path):
    """And the legend of their long names stays in the figure."""
    names = ("decoy_bb84_gys", "qkd_protocols")
    result = qnet("compare", *names, "--variable", "secret_fraction", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    verdict, wrote = result.stdout.splitlines()
    assert verdict.startswith("nobody is ahead: only lines of the same name are ranked")
    assert wrote == f"wrote {tmp_path / 'decoy_bb84_gys_vs_qkd_protocols.png'}"
    datasets = {name: evaluate_scenario(load_scenario(name)) for name in names}
    drawn = [line for name in names for line in lines(name, datasets[name], "secret_fraction", None)]
    figure = plot_comparison(datasets, {"secret_fraction": drawn})
    assert len(drawn) > 8
    assert outside(figure, shown_texts(figure)) == []


def test_equal_names_are_told_apart_by_their_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder)
    found, _ = document("compare", "one/case.toml", "two/case.toml")
    assert found["figure"] == "results/one_case.toml_vs_two_case.toml.png"
    assert {entry["scenario"] for entry in found["lines"]["fidelity"]} == {"one/case.toml", "two/case.toml"}
    assert {lead["ahead"] for some in found["leads"].values() for lead in some} == {None}


def test_the_figure_says_what_is_drawn(shipped_curve):
    datasets = {name: shipped_curve(name) for name in ("nv_delft", "ion_sr88_ca43")}
    names = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
    drawn = {v: [one for n, d in datasets.items() for one in lines(n, d, v, None)] for v in names}
    figure = plot_comparison(datasets, drawn, "the best number of repeaters at each point")
    assert [axes.get_xlabel() for axes in figure.axes] == ["distance [km]"] * 3
    assert [bool(re.search(r"\[.*/s\]", axes.get_ylabel())) for axes in figure.axes] == [False, True, True]
    assert [axes.get_yscale() for axes in figure.axes] == ["linear", "log", "log"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(datasets)
    assert "assumed" in legend.get_title().get_text()
    for axes in figure.axes:
        for name, shown in zip(datasets, axes.get_lines(), strict=True):
            dataset = datasets[name]
            variable = names[figure.axes.index(axes)]
            best = dataset[variable].max("repeaters").values
            expected = np.where(best > 0, best, np.nan) if variable != "fidelity" else best
            np.testing.assert_array_equal(shown.get_ydata(), expected)
