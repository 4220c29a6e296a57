"""Figures: what is drawn is the data, labelled with units, and nothing runs out of the figure."""

import functools
import itertools
import json

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from lab.hardware_tables import SHIPPED
from lab.scenario_files import IDEAL, curve
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from qnet_lab import plot_curve, plot_overview

LABELS = {
    "fidelity": "fidelity with phi+",
    "rate_hz": "entanglement rate [1/s]",
    "secret_key_rate_bit_per_s": "secret-key rate [bit/s]",
    "waiting_time_s": "mean time until all links are there [s]",
}
PANELS = ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
NAMES = {0: "no repeater", 1: "1 repeater", 2: "2 repeaters", 3: "3 repeaters", 7: "7 repeaters"}
NAMES |= {15: "15 repeaters", 31: "31 repeaters"}
BOUND = "direct transmission (PLOB bound)"
HUNDRED_DECADES = {"sweep.distances_km": "[1, 500, 5000]", "link.dark_count_probability": "0"}
LONG = '"Nodes of a network between three cities, over fibre that lies there already, as measured in a laboratory"'


def drawn(dataset, variable):
    return plot_curve(dataset, variable, ax=Figure().subplots())


def lines_of(axes):
    return {line.get_label(): line for line in axes.get_lines()}


@pytest.fixture(scope="module")
def overview(shipped_curve):
    """Return a function from a scenario's name to its figure and the texts in it, drawn once."""

    def draw(name):
        figure = plot_overview(shipped_curve(name))
        return figure, shown_texts(figure)

    return functools.cache(draw)


@pytest.mark.parametrize("variable", LABELS)
def test_axes_are_taken_returned_and_labelled(shipped, variable):
    _, dataset = shipped
    axes = Figure().subplots()
    assert plot_curve(dataset, variable, ax=axes) is axes
    assert axes.get_xlabel() == "distance [km]"
    assert axes.get_ylabel() == LABELS[variable]
    assert axes.get_yscale() == ("linear" if variable == "fidelity" else "log")


def test_without_axes_fidelity_is_drawn_on_new_ones(tmp_path):
    before = plt.get_fignums()
    with mpl.rc_context({"backend": "agg"}):
        axes = plot_curve(curve(tmp_path))
    try:
        assert axes.get_ylabel() == LABELS["fidelity"]
        assert len(plt.get_fignums()) == len(before) + 1
    finally:
        plt.close(axes.figure)


@pytest.mark.parametrize("variable", PANELS)
def test_there_is_a_line_for_each_number_of_repeaters(shipped, variable):
    """They hold the data, but for zeros, which a logarithmic scale can't show, and the first point without key and cut-off."""
    _, dataset = shipped
    lines = lines_of(drawn(dataset, variable))
    repeaters = dataset["repeaters"].values.tolist()
    bound = [BOUND] if variable == "secret_key_rate_bit_per_s" else []
    assert list(lines) == [NAMES[r] for r in repeaters] + bound
    for r in repeaters:
        x, y = lines[NAMES[r]].get_data()
        values = dataset[variable].sel(repeaters=r).values
        np.testing.assert_array_equal(x, dataset["distance_km"].values)
        line = dataset.sel(repeaters=r)
        key, cut = line["secret_key_rate_bit_per_s"].values > 0, np.isfinite(line["cutoff_s"].values)
        jump = np.append(False, (key & cut)[:-1] & ~(key | cut)[1:])
        zero = (values == 0) & (variable != "fidelity")
        np.testing.assert_array_equal(np.nan_to_num(y), np.where(jump, 0, values))
        np.testing.assert_array_equal(np.isnan(y), zero | jump)


def test_the_bound_is_dashed(shipped):
    _, dataset = shipped
    bound = lines_of(drawn(dataset, "secret_key_rate_bit_per_s"))[BOUND]
    assert bound.get_linestyle() == "--"
    np.testing.assert_array_equal(bound.get_ydata(), dataset["direct_bound_bit_per_s"].values)


@pytest.mark.parametrize("repeaters", [[0, 1, 3, 7], [0, 1, 2, 3, 4, 5, 6]])
def test_lines_are_told_apart_by_colour(tmp_path, repeaters):
    dataset = curve(tmp_path, {"sweep.repeaters": str(repeaters)})
    axes = drawn(dataset, "secret_key_rate_bit_per_s")
    colours = [np.array(to_rgb(line.get_color())) for line in axes.get_lines()]
    assert len(colours) == len(repeaters) + 1
    distances = [np.abs(one - other).max() for one, other in itertools.combinations(colours, 2)]
    assert min(distances) > 0.2


@pytest.mark.parametrize("variable", PANELS[1:])
def test_rates_far_below_the_largest_are_not_shown(tmp_path, variable):
    """Of what falls by a hundred decades about a dozen are drawn, and no empty ones above."""
    dataset = curve(tmp_path, HUNDRED_DECADES)
    axes = drawn(dataset, variable)
    bottom, top = axes.get_ylim()
    largest = float(dataset[variable].max())
    highest = max(line.get_ydata().max() for line in axes.get_lines())
    assert float(dataset["rate_hz"].min()) < 1e-40 * largest
    assert 1e-14 * largest < bottom < 1e-8 * largest
    assert highest < top < 10 * highest


def test_the_overview_has_three_titled_panels_and_one_legend(shipped, overview):
    name, dataset = shipped
    figure, _ = overview(name)
    assert isinstance(figure, Figure)
    assert [axes.get_ylabel() for axes in figure.axes] == [LABELS[variable] for variable in PANELS]
    assert len({axes.get_title() for axes in figure.axes}) == 3
    assert figure.get_suptitle() == dataset.attrs["title"]
    (legend,) = figure.legends
    repeaters = dataset["repeaters"].values.tolist()
    assert [text.get_text() for text in legend.get_texts()] == [*(NAMES[r] for r in repeaters), BOUND]


def test_the_overview_counts_what_is_assumed(shipped, overview):
    """Grades A and M, of all numbers that are not defaults."""
    name, dataset = shipped
    numbers = json.loads(dataset.attrs["parameters"]).values()
    grades = [number["grade"] for number in numbers if number["source"] != "default"]
    note = f"{grades.count('A') + grades.count('M')} of {len(grades)} hardware numbers are assumed or unverified"
    assert any(text.startswith(note) for text, _ in overview(name)[1])


def test_no_text_runs_out_of_the_overview(shipped, overview):
    figure, shown = overview(shipped[0])
    assert len(shown) > 30
    assert outside(figure, shown) == []


def test_no_text_covers_another(overview):
    assert [overlapping(overview(name)[1]) for name in SHIPPED] == [[], [], []]


@pytest.mark.parametrize(
    "changes", [{"title": LONG}, {"sweep.repeaters": "[0, 1, 2, 3, 4, 5, 6, 7]"}, {"sweep.distances_km": "[10]"}]
)
def test_other_scenarios_fit_as_well(tmp_path, changes):
    figure = plot_overview(curve(tmp_path, changes))
    shown = shown_texts(figure)
    assert outside(figure, shown) == []
    assert overlapping(shown) == []


def test_an_infinite_bound_is_left_out(tmp_path):
    """Without loss there is no bound on direct transmission; the keys are shown all the same."""
    dataset = curve(tmp_path, base=IDEAL)
    assert np.isinf(dataset["direct_bound_bit_per_s"]).all()
    figure = plot_overview(dataset)
    assert outside(figure, shown_texts(figure)) == []
    bottom, top = figure.axes[2].get_ylim()
    keys = dataset["secret_key_rate_bit_per_s"]
    assert bottom < float(keys.min()) < float(keys.max()) < top < np.inf


def test_a_curve_without_pairs_is_drawn(tmp_path):
    dataset = curve(tmp_path, {"link.photon_detection_probability": "0", "link.dark_count_probability": "0"})
    figure = plot_overview(dataset)
    assert outside(figure, shown_texts(figure)) == []
    for axes in figure.axes:
        assert not any(np.isfinite(line.get_ydata()).any() for line in axes.get_lines() if line.get_label() != BOUND)


def test_times_that_never_end_are_left_out(tmp_path):
    dataset = curve(tmp_path, {"sweep.distances_km": "[1, 1000000]", "link.dark_count_probability": "0"})
    times = dataset["waiting_time_s"]
    assert np.isinf(times.isel(distance_km=1)).any()
    bottom, top = drawn(dataset, "waiting_time_s").get_ylim()
    assert bottom < float(times.min()) < top < np.inf
