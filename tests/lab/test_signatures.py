"""Tables made from functions have their keys, types and defaults; errors are said in the words of the file."""

from collections.abc import Sequence
from functools import partial

import msgspec
import numpy as np
import pytest
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix
from qnet_core.errors import DimensionError, ParameterError
from qnet_lab.axes import arguments, axis_label_of, axis_numbers, corners, in_words_of, is_logarithmic
from qnet_lab.schema import Numbers, Scenario, ScenarioError, Span
from qnet_lab.signatures import function_of, one_of, table_of


def device(
    state: DensityMatrix, *, length_km: ArrayLike, loss_db: ArrayLike = 0.5, levels: Sequence[float] | None = None,
    count: int = 2, exact: bool = False, partner: DensityMatrix | None = None,
) -> None:  # fmt: skip
    """Return nothing, for
    a test.

    More is said here.

    Parameters
    ----------
    length_km, loss_db : array_like
        How long, and
        how lossy.
    count : int
        How many.
    """


def keys(table):
    return {field.name: field.default for field in msgspec.structs.fields(table)}


def properties(table):
    schema = msgspec.json.schema(table)
    return schema["$defs"][table.__name__]


def test_keys_and_defaults_are_those_of_the_signature():
    table = table_of(device, __name__)
    assert keys(table) == {
        "length_km": msgspec.NODEFAULT, "loss_db": 0.5, "levels": None, "count": 2, "exact": False
    }  # fmt: skip
    assert table.__name__ == "DeviceTable"
    loaded = msgspec.convert({"length_km": {"start": 1, "stop": 3, "num": 3}, "levels": [1, 2]}, table)
    assert (loaded.length_km, loaded.levels) == (Span(start=1, stop=3, num=3), (1.0, 2.0))


def test_what_is_said_of_parameters_is_said_of_keys():
    found = properties(table_of(device, __name__))
    assert found["description"] == "Return nothing, for a test."
    assert found["properties"]["loss_db"]["description"] == "How long, and how lossy."
    assert found["properties"]["count"]["description"] == "How many."


def test_numbers_may_be_single_ones():
    table = table_of(device, __name__, sweeps=False, optional=("length_km",), leave_out=("count",))
    assert keys(table)["length_km"] is None
    assert "count" not in keys(table)
    with pytest.raises(msgspec.ValidationError, match="float"):
        msgspec.convert({"length_km": [1.0, 2.0]}, table)


def test_tables_are_told_apart_by_a_word():
    made = [table_of(partial(device, count=k), __name__, tag=("kind", name)) for k, name in enumerate(("one", "two"))]
    loaded = msgspec.convert({"kind": "two", "length_km": 1}, one_of(made))
    assert function_of(loaded) == "two"
    assert loaded.count == 1


class _Case(Scenario, frozen=True, kw_only=True):
    """A scenario with a table."""

    it: table_of(device, __name__, arms=("loss_db",))
    height: Numbers = 0.0


def case(**table):
    return msgspec.convert({"title": "case", "kind": "case", "it": {"length_km": 1.0} | table}, _Case)


def test_axes_lie_along_dimensions_of_their_own():
    scenario = case(length_km=[1, 2, 3], loss_db={"start": 1, "stop": 100, "num": 3, "spacing": "logarithmic"})
    axes = axis_numbers(scenario)
    assert list(axes) == ["it.length_km", "it.loss_db"]
    np.testing.assert_allclose(axes["it.loss_db"], [1, 10, 100], rtol=1e-12)
    given = arguments(scenario.it, "it.", axes)
    assert (given["length_km"].shape, given["loss_db"].shape, given["count"]) == ((3, 1), (1, 3), 2)
    assert "levels" not in given
    assert {key: values.tolist() for key, values in corners(axes).items()} == {
        "it.length_km": [1, 3], "it.loss_db": pytest.approx([1, 100])
    }  # fmt: skip


def test_the_right_arm_has_what_differs():
    scenario = case(loss_db=1.0, right={"loss_db": [2.0, 3.0]})
    given = arguments(scenario.it, "it.", axis_numbers(scenario))
    assert given["loss_db"][0] == 1.0
    assert given["loss_db"][1].tolist() == [2.0, 3.0]
    assert "right" not in given


@pytest.mark.parametrize(
    ("error", "text"),
    [(ParameterError("Parameter `t2_s` must be at most 2, but is 3 (at index (0, 1))."),
    "key `it.t2_s`: must be at most 2, but is 3."),
     (ParameterError("Parameter `levels[1]` must be at least 0, but is -1."),
      "key `it.levels`: must be at least 0, but is -1."),
     (ParameterError("Parameter `detector.dead_time_s` must be 0."), "key `detector.dead_time_s`: must be 0."),
     (DimensionError("Parameters `a`, `b` must broadcast."), "table `it`: Parameters `a`, `b` must broadcast."),
     (ParameterError("Too bright."), "table `it`: Too bright.")],
)  # fmt: skip
def test_refusals_name_the_key_of_the_file(error, text):
    with pytest.raises(ScenarioError) as refused, in_words_of("it"):
        raise error
    assert str(refused.value) == text


def test_other_errors_pass():
    with pytest.raises(MemoryError), in_words_of("it"):
        raise MemoryError


def test_axes_are_called_by_table_and_unit():
    assert axis_label_of("link.right.lifetime_s") == ("s", "link: right: lifetime")


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 10, 100], True), (np.geomspace(1e-3, 1, 9), True), (np.linspace(1, 100, 50), False), ([0, 1, 10], False),
     ([1, 100], False), ([1, 2, 4], False), ([0.1, 0.3, 1, 3, 10], True)],
)  # fmt: skip
def test_even_ratios_are_drawn_so(values, expected):
    import xarray as xr

    assert is_logarithmic(xr.DataArray(np.asarray(values, float))) is expected
