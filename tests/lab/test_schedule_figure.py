"""The figure of a search: what is drawn is the frontier, the best schedule and the bounds."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.figure import Figure

from qnet_core import werner_state
from qnet_lab import plot_schedules
from qnet_protocols import best_schedule

BOUND, HASHING = "no protocol reaches this", "hashing many pairs: perfect pairs"
TIMES = {"cost": "time", "pair_s": 0.01, "round_s": 0.002}


@pytest.fixture(scope="module")
def search():
    """Return a search whose raw pairs can be hashed, too."""
    return best_schedule(werner_state(fidelity=0.85), max_pairs=5, objective="key", gate_mixing=0.005)


def drawn(search):
    axes = Figure(layout="constrained").subplots()
    assert plot_schedules(search, ax=axes) is axes
    return axes


def labels(axes):
    return axes.get_legend_handles_labels()[1]


def test_the_frontier_and_the_best_are_drawn(search):
    axes = drawn(search)
    lines = {line.get_label(): line for line in axes.get_lines()}
    x, y = lines["best for the cost"].get_data()
    np.testing.assert_array_equal(x, search.costs)
    np.testing.assert_array_equal(y, search.fidelities)
    x, y = lines[str(search.schedule)].get_data()
    np.testing.assert_allclose([x[0], y[0]], [search.run.raw_pairs, search.fidelity])
    assert axes.get_xlabel() == "raw pairs per delivered pair"
    assert axes.get_ylabel() == "fidelity with phi+"
    assert axes.get_xscale() == "log"


def test_bounds_are_where_they_belong(search):
    axes = drawn(search)
    (region,) = axes.collections
    path = region.get_paths()[0].vertices
    edge = path[path[:, 0] > axes.get_xlim()[0] * (1 + 1e-9)]
    np.testing.assert_allclose(edge[:, 0], search.least_raw_pairs(edge[:, 1]), rtol=1e-9)
    (hashing,) = (line for line in axes.get_lines() if line.get_label() == HASHING)
    np.testing.assert_allclose(hashing.get_xdata(), 1 / search.raw_hashing_yield)
    low, high = axes.get_ylim()
    assert low < search.fidelities.min()
    assert high > 1
    assert axes.get_xlim()[1] > 1 / search.raw_hashing_yield


def test_bounds_that_say_nothing_are_left_out():
    """Hashing where it yields nothing, the region where the raw pair is not entangled, both against time."""
    poor = best_schedule(werner_state(fidelity=0.7), max_pairs=3, objective="fidelity")
    assert BOUND in labels(drawn(poor))
    assert HASHING not in labels(drawn(poor))
    useless = best_schedule(werner_state(fidelity=0.5), max_pairs=3, objective="fidelity")
    assert not {BOUND, HASHING} & set(labels(drawn(useless)))
    timed = best_schedule(werner_state(fidelity=0.9), max_pairs=3, objective="fidelity", **TIMES)
    axes = drawn(timed)
    assert not {BOUND, HASHING} & set(labels(axes))
    assert axes.get_xlabel() == "time per delivered pair [s]"
    (best,) = (line for line in axes.get_lines() if line.get_label() == str(timed.schedule))
    np.testing.assert_allclose(best.get_xdata(), timed.run.duration_s)


def test_no_text_runs_out_or_over_another(search):
    deep = best_schedule(werner_state(fidelity=0.85), max_pairs=8, objective="fidelity", width=20)
    assert "best found: 8 pairs in 3 steps" in labels(drawn(deep))
    for found in (search, deep):
        figure = drawn(found).figure
        shown = shown_texts(figure)
        assert outside(figure, shown) == []
        assert overlapping(shown) == []


def test_without_axes_new_ones_are_made(search):
    before = plt.get_fignums()
    with mpl.rc_context({"backend": "agg"}):
        axes = plot_schedules(search)
    try:
        assert len(plt.get_fignums()) == len(before) + 1
    finally:
        plt.close(axes.figure)
