"""The frontier is what no other point beats, as comparing all pairs of points says."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_lab import plot_frontier, sweep

NUMBERS = st.one_of(st.integers(0, 4).map(float), st.just(np.nan), st.just(np.inf), st.floats(0.1, 10))


def flat():
    return Figure(layout="constrained").subplots()


def points(first, second):
    axis = np.arange(len(first))
    return xr.Dataset({"rate_hz": ("k", first), "fidelity": ("k", second), "setting": ("k", axis * 1.0)}, {"k": axis})


def best_by_pairs(first, second, signs=(1, 1)):
    """Each point against each other one; once where points are equal."""
    known = [(a, b) for a, b in zip(first, second, strict=True) if np.isfinite([a, b]).all()]
    scored = [(signs[0] * a, signs[1] * b) for a, b in known]
    beaten = [any(o[0] >= s[0] and o[1] >= s[1] and o != s for o in scored) for s in scored]
    return sorted({point for point, lost in zip(known, beaten, strict=True) if not lost})


def best_drawn(axes):
    (line,) = (line for line in axes.get_lines() if line.get_label() == "best")
    return [tuple(map(float, point)) for point in zip(*line.get_data(), strict=True)]


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12),
    st.sampled_from([(1, 1), (-1, 1), (1, -1), (-1, -1)]),
)
def test_no_other_point_beats_those_drawn(pairs, signs):
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    less = [name for name, sign in zip(("rate_hz", "fidelity"), signs, strict=True) if sign < 0]
    if not np.isfinite(first + second).any():
        with pytest.raises(ParameterError, match="a point with numbers for rate_hz and fidelity"):
            plot_frontier(points(first, second), x="rate_hz", y="fidelity", ax=flat())
        return
    axes = flat()
    assert plot_frontier(points(first, second), x="rate_hz", y="fidelity", less_is_better=less, ax=axes) is axes
    assert best_drawn(axes) == best_by_pairs(first, second, signs)
    assert len(axes.get_lines()[0].get_xdata()) == np.isfinite(first + second).sum()


@pytest.mark.parametrize(("less", "where"), [([], "steps-pre"), (["rate_hz"], "steps-post")])
def test_stairs_do_not_promise_what_no_point_gives(less, where):
    """With larger rates only the next point's fidelity can be had, with smaller costs only that of the one before."""
    axes = plot_frontier(
        points([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), x="rate_hz", y="fidelity", less_is_better=less, ax=flat()
    )
    assert axes.get_lines()[1].get_drawstyle() == where


def test_axes_are_labelled_and_broadcast():
    def link(share, noise):
        return {"fidelity": 1 - share - noise, "rate_hz": 1e3 * share}

    dataset = sweep(link, {"share": np.geomspace(1e-4, 0.1, 5), "noise": [0.0, 0.1]}, progress=False)
    axes = plot_frontier(dataset, x="share", y="fidelity", ax=flat())
    assert len(axes.get_lines()[0].get_xdata()) == 10
    assert best_drawn(axes) == [(s, pytest.approx(1 - s)) for s in np.geomspace(1e-4, 0.1, 5)]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("share", "fidelity")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert plot_frontier(dataset, x="rate_hz", y="fidelity", ax=flat()).get_xlabel() == "rate [1/s]"


def test_shades_are_the_settings_of_the_best():
    dataset = points([3.0, 1.0, 2.0, 0.5], [1.0, 3.0, 0.5, 0.5])
    axes = plot_frontier(dataset, x="rate_hz", y="fidelity", shade="setting", ax=flat())
    (shaded,) = axes.collections
    np.testing.assert_array_equal(shaded.get_offsets(), [[1, 3], [3, 1]])
    np.testing.assert_array_equal(shaded.get_array(), [1, 0])
    assert axes.figure.axes[1].get_ylabel() == "setting"


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"x": "rate"}, ParameterError, "`x` must be one of rate_hz, fidelity, setting, k, but is 'rate'"),
        ({"shade": "colour"}, ParameterError, "`shade` must be one of"),
        ({"less_is_better": "fidelity"}, ParameterTypeError, "a collection of names"),
        ({"less_is_better": ["setting"]}, ParameterError, "must name 'rate_hz' or 'fidelity', but names 'setting'"),
    ],
)
def test_what_can_not_be_drawn_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        plot_frontier(points([1.0], [1.0]), **{"x": "rate_hz", "y": "fidelity", "ax": flat()} | options)


def test_other_things_than_numbers_in_datasets_are_refused():
    with pytest.raises(ParameterTypeError, match=r"must be an xarray.Dataset, but is dict"):
        plot_frontier({"x": 1}, x="x", y="y")
    words = xr.Dataset({"rate_hz": ("k", ["a"]), "fidelity": ("k", [1.0])})
    with pytest.raises(ParameterError, match="Variable `rate_hz` must hold real numbers"):
        plot_frontier(words, x="rate_hz", y="fidelity")
