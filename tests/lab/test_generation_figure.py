"""The dataset of generations is that of its points, and its figures show it."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from qnet_core.errors import DimensionError
from qnet_lab import compare_generations, plot_generations
from qnet_protocols import RepeaterHardware, best_generation

MIXING, COUPLING = [1e-4, 7e-3, 3e-2, 0.5], [0.3, 0.97]
COLOURS = {"first: distillation": "#0072b2", "second: bare pairs": "#f5d491", "second: encoded pairs": "#e69f00"}
COLOURS |= {"third: one-way": "#009e73", "no key": "#d9d9d9"}
SHOWN = [
    ["second: bare pairs", "second: encoded pairs", "first: distillation", "no key"],
    ["third: one-way", "third: one-way", "first: distillation", "no key"],
]


@pytest.fixture(scope="module")
def grid():
    return compare_generations(distance_km=1000.0, gate_mixing=MIXING, coupling_efficiency=COUPLING)


@pytest.fixture(scope="module")
def distances():
    return compare_generations(distance_km=[100.0, 1000.0, 10_000.0], gate_mixing=1e-3, coupling_efficiency=0.3)


def new_axes():
    return Figure(layout="constrained").subplots()


def test_dataset_is_that_of_its_points(grid):
    one = best_generation(RepeaterHardware(7e-3, 0.3), distance_km=1000.0)
    here = grid.sel(gate_mixing=7e-3, coupling_efficiency=0.3).squeeze()
    assert here["generation"] == one.generation
    np.testing.assert_allclose(here["cost_s_per_km"], one.cost_s_per_km, rtol=1e-12)
    np.testing.assert_allclose(here["rate_bit_per_s"], [best.chain.rate_bit_per_s for best in one.cheapest], rtol=1e-9)
    assert here["code_qubits"].sel(scheme=2) == one.cheapest[1].settings["num_qubits"]
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in grid.data_vars.values())


def test_map_has_the_winner_in_every_cell(grid):
    axes = new_axes()
    assert plot_generations(grid, ax=axes) is axes
    (mesh,) = axes.collections
    mesh.update_scalarmappable()
    drawn = [to_hex(colour) for colour in mesh.to_rgba(mesh.get_array()).reshape(-1, 4)]
    assert drawn == [COLOURS[name] for row in SHOWN for name in row]
    entries = {
        text.get_text(): to_hex(patch.get_facecolor())
        for text, patch in zip(axes.get_legend().get_texts(), axes.get_legend().get_patches(), strict=True)
    }
    assert entries == COLOURS
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("gate error (mixing)", "coupling efficiency")
    assert axes.get_title() == "1000 km, gates 1e-06 s"


def test_costs_are_lines_over_distance(distances):
    axes = plot_generations(distances, ax=new_axes())
    assert axes.get_title() == "gate error 0.001, coupling 0.3, gates 1e-06 s"
    for scheme, line in enumerate(axes.get_lines()):
        costs = distances["cost_s_per_km"].isel(scheme=scheme).values.ravel()
        np.testing.assert_array_equal(line.get_ydata(), np.where(np.isfinite(costs), costs, np.nan))
    assert np.isnan(axes.get_lines()[2].get_ydata()).tolist() == [False, True, True]
    assert axes.get_xlabel() == "distance [km]"


def test_nothing_runs_out_of_the_figure_or_into_each_other(grid, distances):
    for dataset in (grid, distances):
        shown = shown_texts(plot_generations(dataset, ax=new_axes()).figure)
        assert outside(plot_generations(dataset, ax=new_axes()).figure, shown) == []
        assert overlapping(shown) == []


def test_without_axes_new_ones_are_made(distances):
    before = plt.get_fignums()
    with mpl.rc_context({"backend": "agg"}):
        axes = plot_generations(distances)
    try:
        assert len(plt.get_fignums()) == len(before) + 1
    finally:
        plt.close(axes.figure)


def test_what_can_not_be_drawn_is_refused(grid):
    with pytest.raises(DimensionError, match="has several of gate_mixing"):
        plot_generations(grid.isel(coupling_efficiency=[0]), ax=new_axes())
    with pytest.raises(DimensionError, match="has several of nothing"):
        plot_generations(grid.isel(coupling_efficiency=[0], gate_mixing=[0]), ax=new_axes())
    with pytest.raises(DimensionError, match="`gate_mixing` must be a number or have one axis"):
        compare_generations(distance_km=1.0, gate_mixing=[[0.1]], coupling_efficiency=0.5)
