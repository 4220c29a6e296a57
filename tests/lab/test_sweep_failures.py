"""Points at which the function fails, results that cannot be kept, and arguments that are refused."""

import logging
import math

import numpy as np
import pytest
from lab.sweep_functions import product, scalar_only

from qnet_channels import depolarizing
from qnet_core import bell_state
from qnet_core.errors import CapacityError, DimensionError, ParameterError, ParameterTypeError
from qnet_lab import sweep

A, B = [1.0, 2.5, -3.0], [0, 1, 4, 9]


def test_failures_are_recorded_where_they_are_and_nowhere_else(caplog):
    with caplog.at_level(logging.WARNING):
        dataset = sweep(scalar_only, {"a": [1, 3], "b": [0, 2]})
    assert dataset["failed"].values.tolist() == [[False, False], [False, True]]
    assert dataset["error"].values.tolist() == [["", ""], ["", "ValueError: no such thing as b = 2"]]
    assert dataset["sum"].values[:1].tolist() == [[1, 3]]
    assert math.isnan(dataset["sum"].values[1, 1])
    assert np.isnan(dataset["pair"].values[1, 1]).all()
    assert "1 of 4 points failed, the first at a=3, b=2: ValueError: no such thing" in caplog.text


def test_a_point_that_fails_takes_none_of_its_block_along():
    def damped(mixing):
        return bell_state("phi+").apply(depolarizing(mixing=mixing), 0)

    dataset = sweep(damped, {"mixing": [0.0, 0.5, 1.5, 1.0]}, block_size=4)
    assert dataset["failed"].values.tolist() == [False, False, True, False]
    assert "ParameterError: Parameter `mixing` must be between 0 and 1" in str(dataset["error"].values[2])
    assert dataset["bloch"].values[[0, 1, 3], 1, 1].tolist() == [1.0, 0.5, 0.0]


def test_a_sweep_without_a_sound_point_has_only_failures():
    def never(a):
        raise ValueError("never")

    dataset = sweep(never, {"a": [1, 2]})
    assert set(dataset.data_vars) == {"error", "failed"}
    assert dataset["failed"].all()


def test_results_of_another_kind_are_failures():
    def odd(a):
        return {1: {"x": 1.0}, 3: {"x": 1.0, "y": 2.0}, 4: {"x": [1.0, 2.0]}, 5: {"x": 1j}}[a]

    errors = sweep(odd, {"a": [1, 3, 4, 5]})["error"].values
    assert errors[0] == ""
    assert "must return x at every point, but returned x, y" in errors[1]
    assert "must return `x` as real numbers of shape ()" in errors[2]
    assert "returned shape () of complex128" in errors[3]


@pytest.mark.parametrize("result", ["a word", None, {"x": object()}, {"no name": 1.0}, [], {}, {3: 1.0}])
def test_results_that_hold_no_numbers_are_failures(result):
    assert "Parameter `function` must" in str(sweep(lambda a: result, {"a": [1]})["error"].values[0])


def test_on_request_an_error_ends_the_sweep():
    with pytest.raises(ValueError, match="no such thing as b = 2") as caught:
        sweep(scalar_only, {"a": [1, 3], "b": [0, 2]}, on_error="raise")
    assert caught.value.__notes__ == ["at a=3, b=2"]


def test_on_request_the_first_error_of_the_trial_ends_it_already():
    calls = []

    def never(a):
        calls.append(a)
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        sweep(never, {"a": range(1000)}, on_error="raise")
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("axes", "error", "text"),
    [
        ({}, ParameterTypeError, "`axes` must map names"),
        ([("a", [1])], ParameterTypeError, "`axes` must map names"),
        ({"a b": [1]}, ParameterError, "names 'a b'"),
        ({"failed": [1]}, ParameterError, "names 'failed'"),
        ({"a": 1.0}, DimensionError, "Axis `a` must be a list"),
        ({"a": [[1.0]]}, DimensionError, "Axis `a` must be a list"),
        ({"a": []}, DimensionError, "at least one value"),
        ({"a": [1, math.nan]}, ParameterError, "nan \\(at index 1\\)"),
        ({"a": [None]}, ParameterTypeError, "real numbers or words"),
        ({"a": [1j]}, ParameterTypeError, "real numbers or words"),
        ({"a": [1], "c": [2]}, ParameterTypeError, "must take the axes a, c"),
        ({"a": [1]}, ParameterTypeError, "missing a required argument: 'b'"),
    ],
)
def test_axes_that_cannot_be_swept_are_refused(axes, error, text):
    with pytest.raises(error, match=text):
        sweep(product, axes)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"executor": 2}, ParameterTypeError, "`executor` must be a concurrent.futures.Executor"),
        ({"progress": "yes"}, ParameterTypeError, "`progress` must be True or False"),
        ({"broadcasts": 1}, ParameterTypeError, "`broadcasts` must be True or False"),
        ({"block_size": 0}, ParameterError, "`block_size` must be at least 1"),
        ({"block_size": 2.0}, ParameterTypeError, "`block_size` must be an integer"),
        ({"store": 3}, ParameterTypeError, "`store` must be the path of a folder"),
        ({"on_error": "ignore"}, ParameterError, "`on_error` must be one of record, raise"),
    ],
)
def test_wrong_options_are_refused(options, error, text):
    with pytest.raises(error, match=text):
        sweep(product, {"a": A, "b": B}, **options)


def test_what_is_no_function_is_refused():
    with pytest.raises(ParameterTypeError, match="`function` must be callable"):
        sweep(3, {"a": A})


@pytest.mark.parametrize(
    "result", [{"a": 1.0}, {"failed": 1.0}, {"x": [1.0, 2.0], "x_dim_0": 3.0}, {"x": {"y": 1.0}, "x_y": 2.0}]
)
def test_names_of_results_that_mean_something_else_are_failures(result):
    assert "is taken" in str(sweep(lambda a: result, {"a": [1]})["error"].values[0])


def test_a_result_that_memory_has_no_room_for_is_refused():
    with pytest.raises(CapacityError, match="The dataset of the sweep would need"):
        sweep(lambda a, b, c: np.zeros(10**6), {"a": range(1000), "b": range(1000), "c": range(10)})


def test_a_point_that_works_is_found_among_many_that_do_not():
    def rarely(a, b):
        if (a, b) != (17, 4):
            raise ValueError("not here")
        return {"x": 1.0}

    dataset = sweep(rarely, {"a": range(20), "b": range(10)})
    assert int((~dataset["failed"]).sum()) == 1
    assert float(dataset["x"].sel(a=17, b=4)) == 1.0
