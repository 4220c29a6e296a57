"""Pictures of states: every bar and square is the element it stands for, and what can't be read is refused."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from oracles import pauli_string

from qnet_core import DensityMatrix, bell_state, maximally_mixed_state, pure_state, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_lab import plot_bell_weights, plot_pauli_bars, plot_state_city, plot_state_hinton

BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / np.sqrt(2)
PHASES = {1: "dark", -1: "light", 1j: "red", -1j: "blue"}


def flat():
    return Figure(layout="constrained").subplots()


def solid():
    return Figure(layout="constrained").add_subplot(projection="3d")


def with_element(value):
    """Qubit with this number in row 0, column 1."""
    return DensityMatrix([[0.5, 0.3 * value], [0.3 * np.conj(value), 0.5]])


def tone(colour):
    red, green, blue, _ = colour
    if max(red, green, blue) < 0.35:
        return "dark"
    if min(red, green, blue) > 0.75:
        return "light"
    return "red" if red > blue else "blue"


def boxes(axes):
    """Corner and size of each bar of a city, from its six faces, in the order of the elements."""
    (bars,) = axes.collections
    corners = np.array(bars._faces).reshape(-1, 24, 3)
    return corners.min(axis=1), corners.max(axis=1)


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 3), (2, 2, 2)])
@pytest.mark.parametrize("part", ["magnitude", "real", "imaginary"])
def test_bars_are_the_elements(rng, dims, part):
    state = random_state(dims, rng=rng)
    axes = solid()
    assert plot_state_city(state, part=part, ax=axes) is axes
    low, high = boxes(axes)
    values = {"magnitude": np.abs, "real": np.real, "imaginary": np.imag}[part](state.matrix)
    middles = (low + high) / 2
    for corner_low, corner_high, middle in zip(low, high, middles, strict=True):
        row, column = round(middle[0]), round(middle[1])
        np.testing.assert_allclose([corner_low[2], corner_high[2]], sorted([0, values[row, column]]), atol=1e-12)
    np.testing.assert_array_equal(np.unique(middles[:, :2].round(9), axis=0), list(np.ndindex(values.shape)))
    bottom, top = axes.get_zlim()
    assert bottom <= values.min() + 1e-12
    assert top >= values.max()


@pytest.mark.parametrize(("value", "named"), PHASES.items())
def test_colours_are_the_phases(value, named):
    state = with_element(value)
    axes = plot_state_hinton(state, ax=flat())
    tones = {round(patch.get_x() + patch.get_width() / 2): tone(patch.get_facecolor()) for patch in axes.patches[:2]}
    assert tones == {0: "dark", 1: named}
    city = plot_state_city(state, ax=solid())
    assert tone(np.asarray(city.collections[0]._facecolor3d)[6]) == named


def test_signs_have_colours_and_nothing_is_grey():
    (bars,) = plot_state_city(with_element(-1j), part="imaginary", ax=solid()).collections
    assert [to_hex(bars._facecolor3d[6 * k]) for k in range(4)] == ["#e6e6e6", "#e69f00", "#0072b2", "#e6e6e6"]


@pytest.mark.parametrize("dims", [(2, 2), (3, 2), (5,)])
def test_areas_of_squares_are_the_magnitudes(rng, dims):
    state = random_state(dims, rng=rng)
    axes = flat()
    assert plot_state_hinton(state, ax=axes) is axes
    areas = np.zeros(state.matrix.shape)
    for patch in axes.patches:
        middle = np.array(patch.get_xy()) + patch.get_width() / 2
        areas[round(middle[1]), round(middle[0])] = patch.get_width() * patch.get_height()
    magnitudes = np.abs(state.matrix)
    np.testing.assert_allclose(areas / areas.max(), magnitudes / magnitudes.max(), atol=1e-12)
    assert 0.8 < areas.max() < 1
    assert axes.get_title() == f"largest element {magnitudes.max():.3g}"
    bottom, top = axes.get_ylim()
    assert bottom > top  # row 0 is on top, as matrices are written


def test_levels_are_named_by_their_digits():
    axes = plot_state_hinton(maximally_mixed_state((2, 3)), ax=flat())
    assert [text.get_text() for text in axes.get_yticklabels()] == ["|00⟩", "|01⟩", "|02⟩", "|10⟩", "|11⟩", "|12⟩"]
    assert [text.get_text() for text in axes.get_xticklabels()][3:] == ["⟨10|", "⟨11|", "⟨12|"]
    wide = plot_state_hinton(maximally_mixed_state(12), ax=flat())
    assert wide.get_yticklabels()[11].get_text() == "|11⟩"
    assert plot_state_city(pure_state([1, 0, 0, 0]), ax=solid()).get_zlabel() == "magnitude of the element"


def test_what_is_round_off_has_no_phase():
    matrix = np.diag([0.5, 0.5]).astype(complex)
    matrix[0, 1], matrix[1, 0] = -1e-13, -1e-13
    assert len(plot_state_hinton(DensityMatrix(matrix), ax=flat()).patches) == 2


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_pauli_bars_are_traces(rng, num_qubits):
    state = random_state((2,) * num_qubits, rng=rng)
    axes = flat()
    assert plot_pauli_bars(state, ax=axes) is axes
    assert len(axes.patches) == 4**num_qubits - 1
    for text, bar in zip(axes.get_xticklabels(), axes.patches, strict=True):
        operator = pauli_string(text.get_text())
        assert bar.get_height() == pytest.approx(np.trace(state.matrix @ operator).real, abs=1e-12)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Pauli string", "expectation value")


def test_bell_weights_are_overlaps(rng):
    states = random_state((2, 2), rng=rng, batch_shape=(3,))
    axes = flat()
    assert plot_bell_weights(states, labels=["a", "b", "c"], ax=axes) is axes
    heights = np.array([[bar.get_height() for bar in group] for group in axes.containers])
    np.testing.assert_allclose(heights, np.einsum("bi,kij,bj->kb", BELL, states.matrix, BELL).real, atol=1e-12)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b", "c"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["phi+", "phi−", "psi+", "psi−"]


def test_bars_of_several_states_stand_side_by_side():
    axes = plot_pauli_bars(werner_state(fidelity=[0.9, 0.8, 0.7, 0.6, 0.5]), ax=flat())
    sides = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches)
    assert all(right <= left + 1e-9 for (_, right), (left, _) in pairwise(sides))
    assert len({(to_hex(group[0].get_facecolor()), group[0].get_hatch()) for group in axes.containers}) == 5


def test_a_state_that_is_not_there_has_no_bars():
    lost = DensityMatrix([np.zeros((4, 4)), 0.2 * werner_state(fidelity=0.9).matrix], check=False).normalized()
    first, second = plot_bell_weights(lost, ax=flat()).containers
    assert np.isnan([bar.get_height() for bar in first]).all()
    np.testing.assert_allclose([bar.get_height() for bar in second], [0.9, *[0.1 / 3] * 3])


BATCH, LARGE = werner_state(fidelity=[0.8, 0.9]), maximally_mixed_state((2,) * 5)


@pytest.mark.parametrize(
    ("function", "state", "options", "error", "text"),
    [
        (plot_state_city, BATCH, {}, DimensionError, r"must be one state, but has the batch \(2,\)"),
        (plot_state_hinton, LARGE, {}, DimensionError, "at most 16 levels to be drawn, but has 32"),
        (plot_state_city, np.eye(2) / 2, {}, ParameterTypeError, "must be a DensityMatrix, but is ndarray"),
        (plot_state_city, bell_state(), {"part": "phase"}, ParameterError, "`part` must be one of"),
        (plot_state_city, bell_state(), {"ax": flat()}, ParameterError, 'projection="3d", but has .*rectilinear'),
        (plot_pauli_bars, LARGE, {}, DimensionError, "one to three qubits"),
        (plot_pauli_bars, maximally_mixed_state(3), {}, DimensionError, "one to three qubits"),
        (plot_pauli_bars, werner_state(fidelity=np.full(6, 0.9)), {}, DimensionError, "at most 5 along one axis"),
        (plot_pauli_bars, werner_state(fidelity=np.full((2, 2), 0.9)), {}, DimensionError, "at most 5 along one axis"),
        (plot_pauli_bars, BATCH, {"labels": ["a"]}, DimensionError, r"one text per state \(2\), but holds 1"),
        (plot_pauli_bars, BATCH, {"labels": "ab"}, ParameterTypeError, "a sequence of texts"),
        (plot_bell_weights, maximally_mixed_state(2), {}, DimensionError, "two qubits"),
        (plot_bell_weights, "phi+", {}, ParameterTypeError, "must be a DensityMatrix"),
    ],
)
def test_what_can_not_be_drawn_is_refused(function, state, options, error, text):
    with pytest.raises(error, match=text):
        function(state, **options)


@pytest.mark.parametrize("function", [plot_state_city, plot_state_hinton, plot_bell_weights])
def test_states_that_are_nan_are_refused(function):
    gone = DensityMatrix(np.zeros((4, 4)), check=False).normalized()
    with pytest.raises(ParameterError, match="must be a state, but is NaN"):
        function(gone)


def test_without_axes_new_ones_are_made():
    before = plt.get_fignums()
    with plt.rc_context({"backend": "agg"}):
        drawn = [plot_state_city(bell_state()), plot_state_hinton(bell_state()), plot_pauli_bars(bell_state())]
    try:
        assert len(plt.get_fignums()) == len(before) + 3
        assert len({axes.figure for axes in drawn}) == 3
    finally:
        for axes in drawn:
            plt.close(axes.figure)
