"""Diagrams of chains: as many nodes, links and levels as there are, with their numbers, each said once where all are alike."""

import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.figure import Figure

from qnet_channels import BellStation, Memory, double_click_link
from qnet_core import Heralded, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_lab import load_scenario, plot_chain_diagram
from qnet_lab.chain_facts import number_text, time_text
from qnet_protocols import RepeaterChain

GOOD, POOR = Heralded(werner_state(fidelity=0.96), 0.5), Heralded(werner_state(fidelity=0.9), 0.25)
MEMORY, LOSSY = Memory(t1_s=np.inf, t2_s=0.3), Memory(t1_s=2.0, t2_s=1e-3)
UNLIKE = RepeaterChain(
    [GOOD, POOR, GOOD], [MEMORY, LOSSY, MEMORY, MEMORY], [BellStation(gate_mixing=0.01), BellStation(readout_error=0.02)],
    "swap-asap", cycle_s=[1e-3, 2e-3, 1e-3], cutoff_s=0.05,
)  # fmt: skip


def chain(num_links, policy="nested", **options):
    return RepeaterChain(
        GOOD, MEMORY, BellStation(gate_mixing=0.01), policy, num_links=num_links, cycle_s=1e-3, **options
    )


def drawn(of, **options):
    figure = Figure(figsize=(13, 4), layout="constrained")
    axes = figure.subplots()
    assert plot_chain_diagram(of, ax=axes, **options) is axes
    return axes


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def rows(axes):
    """The spans of the pairs in each row of levels, from the top."""
    found = {}
    for line in axes.get_lines():
        if line.get_marker() == "|":
            x, y = line.get_data()
            found.setdefault(round(float(y[0]), 6), []).append((round(x[0]), round(x[1])))
    return [sorted(found[height]) for height in sorted(found, reverse=True)]


@pytest.mark.parametrize(
    ("policy", "num_links", "spans"),
    [
        ("nested", 4, [1, 2, 4]),
        ("swap-at-end", 4, [1, 4]),
        ("swap-asap", 3, [1, 3]),
        ("nested", 1, [1]),
        ("nested", 8, [1, 2, 4, 8]),
    ],
)
def test_levels_are_the_pairs_of_the_policy(policy, num_links, spans):
    axes = drawn(chain(num_links, policy))
    assert rows(axes) == [[(k, k + span) for k in range(0, num_links, span)] for span in spans]
    assert len(spans) == chain(num_links, policy).num_levels
    assert [text for text in texts(axes) if text.startswith("over")] == [
        f"over {span} link{'s' if span > 1 else ''}" for span in spans
    ]


@pytest.mark.parametrize("num_links", [1, 2, 4, 8])
def test_nodes_stand_at_the_ends_of_links(num_links):
    axes = drawn(chain(num_links))
    nodes = {text.get_text(): text.get_position() for text in axes.texts if text.get_bbox_patch()}
    assert nodes == {"A": (0, 0), "B": (num_links, 0)} | {f"R{k}": (k, 0) for k in range(1, num_links)}
    links = [line for line in axes.get_lines() if line.get_marker() != "|"]
    assert [tuple(line.get_xdata()) for line in links] == [(k, k + 1) for k in range(num_links)]


def test_what_is_alike_is_said_once():
    axes = drawn(chain(4, cutoff_s=[0.02, 0.05, 1.0], distillation=[1, 2, 0]), length_km=25)
    assert texts(axes).count("25 km") == 4
    assert "over 1 link: 1 round of dejmps, wait at most 20 ms" in texts(axes)
    assert "over 2 links: 2 rounds of dejmps, wait at most 50 ms" in texts(axes)
    assert "over 4 links" in texts(axes)  # that wait for nothing
    assert texts(axes)[-1].splitlines() == [
        "links: success 0.5, cycle 1 ms, fidelity 0.96",
        "memories: T1 ∞, T2 300 ms",
        "stations: gate mixing 0.01, readout error 0, success 1",
    ]
    assert axes.get_title() == "4 links, nested"


def test_what_is_not_alike_is_said_where_it_is():
    axes = drawn(UNLIKE, length_km=[10, 40, 12.5])
    written = {(round(text.get_position()[0], 2), text.get_verticalalignment()): text.get_text() for text in axes.texts}
    assert written[0.5, "bottom"] == "10 km\nsuccess 0.5\ncycle 1 ms\nfidelity 0.96"
    assert written[1.5, "bottom"] == "40 km\nsuccess 0.25\ncycle 2 ms\nfidelity 0.9"
    assert written[1, "top"] == "T1 2 s\nT2 1 ms\ngate mixing 0.01\nreadout error 0"
    assert written[2, "top"] == "T1 ∞\nT2 300 ms\ngate mixing 0\nreadout error 0.02"
    assert written[3, "top"] == "T1 ∞\nT2 300 ms"
    assert texts(axes)[-1] == "stations: success 1"


def test_arrays_are_ranges():
    one = RepeaterChain(
        double_click_link(transmissivity=0.5), Memory(t1_s=np.inf, t2_s=[0.1, 1.0]), num_links=2, cycle_s=1e-3,
        multiplexing=[[1], [10]],
    )  # fmt: skip
    said = texts(drawn(one))[-1]
    assert "T2 100 ms to 1 s" in said
    assert "success 0.125 to 0.737" in said  # 1 - (1 - 1/8)**10


def test_long_chains_are_cut_in_the_middle():
    axes = drawn(chain(64), length_km=np.arange(64.0))
    said = texts(axes)
    assert [name for name in said if name.startswith("R")] == ["R1", "R2", "R62", "R63"]
    assert [name for name in said if name.endswith("km")] == ["0 km", "1 km", "62 km", "63 km"]
    assert "60 more links" in said
    assert [name for name in said if name.startswith("over")] == ["over 1 link", "over 64 links"]
    assert len(rows(axes)[0]) == 4


def test_a_scenario_is_drawn_with_its_numbers():
    """The numbers are those of ``hardware_tables``; distances are 1 to 150 km."""
    axes = drawn(load_scenario("nv_delft"), repeaters=3)
    assert texts(axes).count("0.25 to 37.5 km") == 4
    assert "over 1 link: wait as long as gives the most key" in texts(axes)
    assert texts(axes)[-1].splitlines() == [
        "links: scheme single-click, visibility 0.9",
        "memories: T1 ∞, T2 10 s",
        "stations: gate fidelity 0.99, readout error 0.0275, success 1",
    ]
    assert drawn(load_scenario("nv_delft")).get_title() == "2 links, swap-at-end"
    assert "25 km" in texts(drawn(load_scenario("nv_delft"), repeaters=0, length_km=25))


@pytest.mark.parametrize(
    "of", [chain(1), chain(8, cutoff_s=0.02), chain(16), chain(3, "swap-at-end", distillation=3, cutoff_s=0.01), UNLIKE]
)
def test_texts_are_inside_and_apart_on_figures_of_their_own(of):
    axes = plot_chain_diagram(of, length_km=12.5)
    shown = shown_texts(axes.figure)
    try:
        assert outside(axes.figure, shown) == []
        assert overlapping(shown) == []
    finally:
        import matplotlib.pyplot as plt

        plt.close(axes.figure)


@pytest.mark.parametrize(
    ("of", "options", "error", "text"),
    [
        (GOOD, {}, ParameterTypeError, "must be a RepeaterChain or the scenario of a chain, but is Heralded"),
        (load_scenario("fibre_or_satellite"), {}, ParameterTypeError, "but is ReachScenario"),
        (chain(2), {"repeaters": 1}, ParameterError, "`repeaters` must be left out"),
        (chain(2), {"length_km": [1, 2, 3]}, DimensionError, r"one per link \(2\), but has shape \(3,\)"),
        (chain(2), {"length_km": -1}, ParameterError, "`length_km` must be at least 0"),
        (load_scenario("nv_delft"), {"repeaters": 2}, ParameterError, "must be one of 0, 1, 3, 7, 15, 31, but is 2"),
    ],
)
def test_what_can_not_be_drawn_is_refused(of, options, error, text):
    with pytest.raises(error, match=text):
        plot_chain_diagram(of, **options)


def test_times_and_numbers_are_short():
    times = {
        1e-9: "1 ns",
        5.5e-6: "5.5 µs",
        1.2345e-3: "1.23 ms",
        0.9996: "1 s",
        1.5: "1.5 s",
        21600.0: "2.16e+04 s",
        np.inf: "∞",
    }
    assert {time: time_text(time) for time in times} == times
    assert time_text([1e-3, np.inf]) == "1 ms to ∞"
    assert (number_text([0.1, 0.1]), number_text([0.5, 0.25])) == ("0.1", "0.25 to 0.5")
