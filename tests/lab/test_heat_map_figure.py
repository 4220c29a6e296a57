"""Heat maps: every cell has its value's colour where the value stands, contours are at their values, gaps are shown as gaps."""

import numpy as np
import pytest
import xarray as xr
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_lab import plot_heat_map
from qnet_lab.scales import edges, scale_of_axis, scale_of_values

LENGTHS, TIMES = np.array([10.0, 20.0, 30.0, 40.0]), np.array([1e-3, 1e-2, 1e-1])
UNITS = {"length_km": ("km", "length"), "time_s": ("s", "time"), "rate_hz": ("1/s", "rate")}


def flat():
    return Figure(layout="constrained").subplots()


def dataset(values, lengths=LENGTHS, times=TIMES):
    """The values by length and time."""
    found = xr.Dataset({"rate_hz": (("length_km", "time_s"), values)}, {"length_km": lengths, "time_s": times})
    for name, (unit, text) in UNITS.items():
        found[name].attrs = {"units": unit, "long_name": text}
    return found


def drawn(values, **options):
    axes = flat()
    assert plot_heat_map(dataset(values), "rate_hz", x="length_km", y="time_s", ax=axes, **options) is axes
    return axes


def value_at(axes, mesh, x, y):
    """What the mesh has at a place on the axes; None where it has nothing."""
    corners = mesh.get_coordinates()
    column = np.searchsorted(corners[0, :, 0], x) - 1
    row = np.searchsorted(corners[:, 0, 1], y) - 1
    value = mesh.get_array()[row, column]
    return None if np.ma.is_masked(value) else float(value)


def test_each_cell_is_its_value(rng):
    values = rng.uniform(1, 2, (4, 3))
    axes = drawn(values)
    (mesh,) = axes.collections[:1]
    for i, length in enumerate(LENGTHS):
        for j, time in enumerate(TIMES):
            assert value_at(axes, mesh, length, time) == values[i, j]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("length [km]", "time [s]")
    assert axes.figure.axes[1].get_ylabel() == "rate [1/s]"
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    np.testing.assert_allclose(axes.get_xlim(), (5, 45))
    np.testing.assert_allclose(axes.get_ylim(), (10**-3.5, 10**-0.5))


def test_axes_can_be_exchanged_and_are_sorted(rng):
    values = rng.uniform(1, 2, (4, 3))
    shuffled = dataset(values).isel(length_km=[2, 0, 3, 1])
    axes = plot_heat_map(shuffled, "rate_hz", x="time_s", y="length_km", ax=flat())
    assert axes.get_xlabel() == "time [s]"
    assert value_at(axes, axes.collections[0], 1e-1, 20.0) == values[1, 2]


def test_what_is_no_number_is_a_hole_that_is_explained():
    values = np.ones((4, 3))
    values[1, 2], values[3, 0], values[0, 0] = np.nan, np.inf, 2.0
    axes = drawn(values)
    mesh = axes.collections[0]
    assert value_at(axes, mesh, 20.0, 1e-1) is None
    assert value_at(axes, mesh, 40.0, 1e-3) is None
    assert mesh.get_array().mask.sum() == 2
    assert axes.patch.get_hatch() == "////"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no value"]
    assert mesh.norm.vmax == 2.0
    assert drawn(np.arange(12.0).reshape(4, 3)).get_legend() is None


def test_values_far_apart_are_logarithmic_and_zeros_stand_apart():
    values = np.geomspace(1e-3, 1e3, 12).reshape(4, 3)
    values[0, 0] = 0.0
    axes = drawn(values)
    zeros, mesh = axes.collections[:2]
    assert isinstance(mesh.norm, LogNorm)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (pytest.approx(values[0, 1]), pytest.approx(1e3))
    assert value_at(axes, zeros, 10.0, 1e-3) == 0
    assert value_at(axes, mesh, 10.0, 1e-3) is None
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0"]
    assert not isinstance(drawn(values, scale="linear").collections[0].norm, LogNorm)
    assert not isinstance(drawn(values - 1.0).collections[0].norm, LogNorm)


def test_a_dozen_decades_are_told_apart():
    values = np.geomspace(1e-40, 1.0, 12).reshape(4, 3)
    assert drawn(values).collections[0].norm.vmin == pytest.approx(1e-12, abs=0)


def contour_lines(axes):
    (lines,) = (found for found in axes.collections if hasattr(found, "levels"))
    return lines


def test_contours_are_where_the_value_is():
    """Of a plane over the axes as they are drawn they are straight."""
    values = LENGTHS[:, None] + 10 * np.log10(TIMES)
    lines = contour_lines(drawn(values, contours=[0.0, 12.5]))
    assert lines.levels.tolist() == [0.0, 12.5]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        x, y = path.vertices.T
        on_points = np.isclose(np.log10(y) % 1, 0) | np.isclose(np.log10(y) % 1, 1)
        np.testing.assert_allclose((x + 10 * np.log10(y))[on_points], level, atol=1e-9)
    assert contour_lines(drawn(values, contours=np.array([12.5, 0.0, 99.0]))).levels.tolist() == [0.0, 12.5]
    assert contour_lines(drawn(values, contours=4)).levels.tolist() == [-10, 0, 10, 20]
    assert not any(hasattr(found, "levels") for found in drawn(values, contours=0).collections)


def test_contours_of_logarithmic_values_are_interpolated_by_their_logarithms():
    values = 10.0 ** (LENGTHS / 10)[:, None] * np.ones(3)
    axes = drawn(values, contours=[10**2.5])
    (path,) = contour_lines(axes).get_paths()
    np.testing.assert_allclose(path.vertices[:, 0], 25.0)
    assert [text.get_text() for text in contour_lines(axes).labelTexts] == ["316.2"]


def test_words_stand_side_by_side():
    found = xr.Dataset(
        {"rate_hz": (("scheme", "time_s"), np.arange(6.0).reshape(2, 3))}, {"scheme": ["b", "a"], "time_s": TIMES}
    )
    axes = plot_heat_map(found, "rate_hz", x="scheme", y="time_s", ax=flat())
    assert [text.get_text() for text in axes.get_xticklabels()] == ["b", "a"]
    assert value_at(axes, axes.collections[0], 1.0, 1e-2) == 4


def test_one_value_of_other_axes_is_no_obstacle(rng):
    values = rng.uniform(1, 2, (4, 3))
    whole = dataset(values).expand_dims(visibility=[0.9, 1.0])
    with pytest.raises(DimensionError, match="has several of visibility"):
        plot_heat_map(whole, "rate_hz", x="length_km", y="time_s", ax=flat())
    axes = plot_heat_map(whole.sel(visibility=[0.9]), "rate_hz", x="length_km", y="time_s", ax=flat())
    assert value_at(axes, axes.collections[0], 30.0, 1e-2) == values[2, 1]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"variable": "fidelity"}, ParameterError, "`variable` must be one of rate_hz, length_km, time_s"),
        ({"x": "t2_s"}, ParameterError, "`x` must be one of length_km, time_s"),
        ({"y": "length_km"}, ParameterError, "must be different axes, but are both 'length_km'"),
        ({"scale": "logarithmic"}, ParameterError, "`scale` must be one of linear, log"),
        ({"contours": -1}, ParameterError, "`contours`"),
        ({"contours": [np.nan]}, ParameterError, "`contours`"),
        ({"dataset": np.ones((2, 2))}, ParameterTypeError, r"must be an xarray.Dataset, but is ndarray"),
        ({"dataset": dataset(np.zeros((4, 3))), "scale": "log"}, ParameterError, '`scale` must be "linear"'),
        (
            {"dataset": dataset(np.ones((4, 3)), lengths=[1, 2, 3, np.inf])},
            ParameterError,
            "`length_km` must be a number",
        ),
        ({"dataset": dataset(np.ones((4, 3), complex))}, ParameterError, "'rate_hz' has complex128"),
    ],
)
def test_what_can_not_be_drawn_is_refused(options, error, text):
    given = {"dataset": dataset(np.ones((4, 3))), "variable": "rate_hz", "x": "length_km", "y": "time_s", "ax": flat()}
    with pytest.raises(error, match=text):
        plot_heat_map(**given | options)


@pytest.mark.parametrize("values", [np.ones((4, 3)), np.full((4, 3), np.nan), np.geomspace(1e-30, 1, 12).reshape(4, 3)])
def test_dull_values_are_drawn_too(values):
    axes = drawn(values)
    shown = shown_texts(axes.figure)
    assert outside(axes.figure, shown) == []
    assert overlapping(shown) == []


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, 2, 3], "linear"), ([1, 10, 100], "log"), ([1, 2, 5, 10, 20, 50], "log"), ([0, 1, 10], "linear"),
        ([-1, 0, 1], "linear"), ([5], "linear"), ([1, 1000], "linear"), (np.linspace(1e-6, 1, 50), "linear"),
        (np.geomspace(1, 2, 30), "log"),
    ],
)  # fmt: skip
def test_the_scale_of_an_axis_is_how_it_is_spaced(values, scale):
    assert scale_of_axis(np.array(values, float)) == scale


def test_the_scale_of_values_is_how_wide_they_are():
    cases = {
        (1, 50): "linear",
        (1, 200): "log",
        (0, 1, 200): "log",
        (-1, 200): "linear",
        (np.nan,): "linear",
        (0, 0): "linear",
    }
    assert {values: scale_of_values(np.array(values, float)) for values in cases} == cases


def test_cells_reach_half_way_to_their_neighbours():
    np.testing.assert_allclose(edges(np.array([1.0, 2.0, 4.0]), "linear"), [0.5, 1.5, 3.0, 5.0])
    np.testing.assert_allclose(edges(np.array([1.0, 100.0]), "log"), [0.1, 10.0, 1000.0])
    np.testing.assert_allclose(edges(np.array([3.0]), "linear"), [1.5, 4.5])
    np.testing.assert_allclose(edges(np.array([0.0]), "linear"), [-0.5, 0.5])
