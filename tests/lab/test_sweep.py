"""What a sweep returns: every combination, with names and units, however it is cut into blocks."""

import functools
import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from lab.sweep_functions import product, scalar_only, slow, stored_link

from qnet_channels import Memory, depolarizing
from qnet_core import DensityMatrix, Heralded, bell_state, fidelity, ghz_state, maximally_mixed_state, werner_state
from qnet_lab import sweep
from qnet_lab.grids import grid_of
from qnet_protocols import equal_link_chain

A, B = [1.0, 2.5, -3.0], [0, 1, 4, 9]


class Numbers(NamedTuple):
    """A result with a number, a nested one, and something that is none."""

    rate_hz: float
    link: Heralded
    method: str


@pytest.mark.parametrize("broadcasts", [None, True, False])
@pytest.mark.parametrize("block_size", [None, 1, 5, 1000])
def test_every_combination_is_there(broadcasts, block_size):
    dataset = sweep(product, {"a": A, "b": B}, broadcasts=broadcasts, block_size=block_size)
    assert dataset["product"].dims == ("a", "b")
    for a, b in itertools.product(A, B):
        assert float(dataset["product"].sel(a=a, b=b)) == a * b
        assert float(dataset["ratio"].sel(a=a, b=b)) == a / (1 + b)
    assert not dataset["failed"].any()
    assert set(dataset["error"].values.ravel()) == {""}


def test_the_order_of_axes_is_that_of_dimensions():
    there, back = sweep(product, {"a": A, "b": B}), sweep(product, {"b": B, "a": A})
    assert list(there.sizes) == ["a", "b"]
    assert list(back.sizes) == ["b", "a"]
    xr.testing.assert_equal(there, back.transpose("a", "b"))


def test_axes_and_results_have_units_from_their_names():
    def result(length_km, angle_rad):
        return {"waiting_time_s": length_km * angle_rad, "visibility": length_km + angle_rad}

    dataset = sweep(result, {"length_km": [1.0, 2.0], "angle_rad": [0.5]})
    units = {name: dataset[name].attrs["units"] for name in ("length_km", "angle_rad", "waiting_time_s", "visibility")}
    assert units == {"length_km": "km", "angle_rad": "rad", "waiting_time_s": "s", "visibility": "1"}
    assert dataset["waiting_time_s"].attrs["long_name"] == "waiting time"
    assert dataset.attrs["title"] == "result"


@pytest.mark.parametrize("broadcasts", [None, True, False])
def test_states_are_bloch_tensors_that_become_states_again(broadcasts):
    axes = {"length_km": [0.0, 20.0, 50.0], "storage_s": [0.0, 0.1]}
    dataset = sweep(stored_link, axes, broadcasts=broadcasts)
    bloch = dataset["state_bloch"]
    assert bloch.dims == ("length_km", "storage_s", "pauli_0", "pauli_1")
    assert "".join(dataset["pauli_0"].values) == "IXYZ"
    states = DensityMatrix.from_bloch(bloch.values, bloch.attrs["dims"])
    for i, j in np.ndindex(3, 2):
        link = stored_link(axes["length_km"][i], axes["storage_s"][j])
        assert np.allclose(states[i, j].matrix, link.state.matrix, atol=1e-14)
        assert dataset["probability"].values[i, j] == pytest.approx(link.probability, rel=1e-14)
    assert float(fidelity(states, bell_state("phi+"))[0, 0]) > 0.99


def test_what_is_taken_from_results():
    def result(mixing):
        state = bell_state("phi+").apply(depolarizing(mixing=mixing), 0)
        return {"numbers": Numbers(mixing * 5, Heralded(state, 1 - mixing), "closed"), "flag": mixing > 0.1}

    dataset = sweep(result, {"mixing": [0.0, 0.25, 0.5]})
    assert set(dataset.data_vars) == {
        "numbers_rate_hz", "numbers_link_state_bloch", "numbers_link_probability", "flag", "error", "failed",
    }  # fmt: skip
    assert dataset["flag"].values.tolist() == [0.0, 1.0, 1.0]
    assert dataset["numbers_link_state_bloch"].sel(pauli_0="X", pauli_1="X").values == pytest.approx([1, 0.75, 0.5])


def test_results_give_their_properties_too():
    def chain(fidelity_):
        link = Heralded(werner_state(fidelity=fidelity_), 0.5)
        return equal_link_chain(link, num_links=2, cycle_s=1e-3, memory=Memory(np.inf, np.inf))

    dataset = sweep(chain, {"fidelity_": [0.9, 1.0]})
    assert {"state_bloch", "rate_hz", "waiting_time_s", "fidelity", "secret_key_fraction"} <= set(dataset.data_vars)
    # the longer of two waits at p = 1/2 takes 8/3 rounds; swapping two perfect pairs gives one
    assert float(dataset["waiting_time_s"].sel(fidelity_=1.0)) == pytest.approx(8 / 3 * 1e-3)
    assert dataset["fidelity"].values == pytest.approx([0.9**2 + 0.1**2 / 3, 1.0])


def test_bare_results_channels_and_other_subsystems():
    assert sweep(lambda a: a**2, {"a": A})["value"].values.tolist() == [1.0, 6.25, 9.0]
    channel = sweep(lambda mixing: depolarizing(mixing=mixing), {"mixing": [0.0, 1.0]})["transfer"]
    assert channel.values[1].tolist() == np.diag([1.0, 0, 0, 0]).tolist()
    state = sweep(lambda a: maximally_mixed_state((2, 3)), {"a": A})["bloch"]
    assert state.dims == ("a", "pauli_0", "operator_1_of_3")
    assert state.shape == (3, 4, 9)
    assert sweep(lambda num: ghz_state(3), {"num": [1]})["bloch"].dims[1:] == ("pauli_0", "pauli_1", "pauli_2")


def test_complex_and_array_results():
    dataset = sweep(slow, {"a": [1, 2], "b": [3]})
    assert dataset["z"].values.tolist() == [[1 + 3j], [2 + 3j]]
    pair = sweep(scalar_only, {"a": [1, 2], "b": [5]})["pair"]
    assert pair.dims == ("a", "b", "pair_dim_0")
    assert pair.values.tolist() == [[[1, 5]], [[2, 5]]]
    mixed = sweep(lambda a: {"pauli": [a, a, a], "x": bell_state("phi+")}, {"a": [1, 2]})
    assert mixed["pauli"].dims == ("a", "pauli_dim_0")
    assert mixed["x_bloch"].dims == ("a", "pauli_0", "pauli_1")


def test_words_and_counts_are_axes_too():
    def result(scheme, num):
        return {"fft": 1.0, "direct": 2.0}[scheme] * num if isinstance(num, int) else math.nan

    dataset = sweep(result, {"scheme": ["fft", "direct"], "num": [1, 3]})
    assert dataset["value"].sel(scheme="direct").values.tolist() == [2.0, 6.0]


def test_infinite_values_are_values():
    dataset = sweep(lambda t2_s: np.exp(-1 / t2_s), {"t2_s": [1.0, math.inf]})
    assert float(dataset["value"].sel(t2_s=math.inf)) == 1.0


def looks_at_all(a):
    return a / np.max(a)


def changes_order(a):
    return np.sort(a)[::-1] if np.ndim(a) else a


def takes_one_row(a):
    return np.array([a, a]) if np.ndim(a) == 0 else np.stack([a, a])


@pytest.mark.parametrize("function", [looks_at_all, changes_order, takes_one_row])
def test_a_function_that_does_not_treat_points_alone_is_called_point_by_point(function):
    dataset = sweep(function, {"a": [1.0, 2.0, 3.0, 4.0]}, block_size=4)
    assert dataset["value"].values.tolist() == [np.asarray(function(a)).tolist() for a in (1.0, 2.0, 3.0, 4.0)]


def test_whole_blocks_are_asked_for_where_it_broadcasts():
    sizes = []

    def counted(a, b):
        sizes.append(np.size(a))
        return a + b

    sweep(counted, {"a": range(10), "b": range(20)}, block_size=50)
    assert sizes.count(40) == 5  # two values of a, twenty of b
    sizes.clear()
    sweep(counted, {"a": range(10), "b": range(20)}, broadcasts=False)
    assert set(sizes) == {1}


def test_constants_of_a_block_are_the_same_at_its_points():
    dataset = sweep(lambda a: {"constant": 7, "a_squared": a**2}, {"a": [1.0, 2.0, 3.0]}, broadcasts=True)
    assert dataset["constant"].values.tolist() == [7, 7, 7]
    assert dataset["a_squared"].values.tolist() == [1, 4, 9]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.integers(1, 60))
def test_blocks_hold_every_point_once_in_its_order(lengths, size):
    grid = grid_of({f"axis_{k}": range(length) for k, length in enumerate(lengths)})
    numbers = np.arange(math.prod(lengths)).reshape(lengths)
    blocks = grid.blocks(grid.block_shape(size))
    found = [numbers[block].ravel() for block in blocks]
    assert np.concatenate(found).tolist() == list(range(math.prod(lengths)))
    assert max(map(len, found)) <= size
    inside = [np.stack(list(grid.inside(block).values()), axis=-1) for block in blocks]
    assert np.concatenate(inside).tolist() == list(map(list, itertools.product(*map(range, lengths))))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_scattered_points_are_all_points(lengths):
    grid = grid_of({f"axis_{k}": range(length) for k, length in enumerate(lengths)})
    assert sorted(grid.scattered()) == list(range(math.prod(lengths)))


def test_seeds_as_an_axis_give_the_same_numbers_in_any_blocks():
    def drawn(seed, scale):
        return np.random.default_rng(seed).normal(scale=scale)

    one, other = (sweep(drawn, {"seed": range(6), "scale": [1.0, 2.0]}, block_size=n) for n in (1, 5))
    assert one.identical(other)
    assert float(one["value"].sel(seed=3, scale=2.0)) == np.random.default_rng(3).normal(scale=2.0)


def test_bound_arguments_and_methods_are_swept():
    assert sweep(functools.partial(product, b=2), {"a": [3]})["product"].values.tolist() == [6]
    decayed = sweep(Memory(1.0, 2.0).decay, {"duration_s": [0.0, 1.0]})["transfer"]
    assert decayed.values[:, 1, 1] == pytest.approx([1.0, math.exp(-0.5)])


def test_the_bar_shows_rate_and_time_left_on_a_terminal_only(capsys, monkeypatch):
    sweep(product, {"a": A, "b": B})
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    sweep(product, {"a": A, "b": B}, block_size=1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "12/12" in shown.err
    assert "point/s" in shown.err
    sweep(product, {"a": A, "b": B}, progress=False)
    assert capsys.readouterr().err == ""
