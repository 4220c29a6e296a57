"""Fibre, free space, noise and timing: every parameter is refused in the caller's words and may be an array."""

import inspect
import re
from itertools import combinations

import numpy as np
import pytest
from channels.signatures import array_parameters
from channels.transmission_tables import (
    ANGLES,
    AT_LEAST_ONE,
    AT_MOST_ONE,
    COUNTS,
    ELSEWHERE,
    FUNCTIONS,
    HAVE_AXES_OF_THEIR_OWN,
    MAY_BE_NEGATIVE,
    PARAMETERS,
    POSITIVE,
    POSITIVE_HERE,
    TELESCOPES,
)

from qnet_channels import beams, dispersion, fiber, freespace, raman, satellite, sky, timing, turbulence
from qnet_channels.fiber import Fiber, FrequencyConverter
from qnet_channels.freespace import FreeSpaceLink
from qnet_channels.satellite import SatellitePass
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError


def call(name, parameter, value):
    function, values = FUNCTIONS[name]
    return function(**{key: pair[0] for key, pair in values.items()} | {parameter: value})


def assert_refused(name, parameter, value, shown):
    with pytest.raises(ParameterError) as caught:
        call(name, parameter, value)
    pattern = rf"Parameter `{parameter}` must be .*, but is {re.escape(shown)}"
    assert re.match(pattern, str(caught.value)), str(caught.value)


def bad_values(name, parameter):
    """What lies just outside the range of a parameter."""
    if parameter not in MAY_BE_NEGATIVE:
        yield -0.25
    if parameter in AT_MOST_ONE:
        yield 1.75
    if parameter in AT_LEAST_ONE:
        yield 0.99
    if parameter in ANGLES:
        yield 90.5
    if parameter in COUNTS:
        yield 2.5
    if parameter in POSITIVE or (name, parameter) in POSITIVE_HERE:
        yield 0.0


def public_array_parameters():
    """Each parameter that may be an array, of every function, device and method of the modules."""
    for module in (fiber, dispersion, raman, beams, freespace, sky, turbulence, satellite, timing):
        for name in module.__all__:
            value = getattr(module, name)
            methods = vars(value).items() if inspect.isclass(value) else ()
            found = {name: value} | {f"{name}.{key}": method for key, method in methods if not key.startswith("_")}
            for full_name, function in found.items():
                if name not in ("SatelliteView", "VasylyevFit") and (
                    callable(function) or isinstance(function, classmethod)
                ):
                    function = getattr(function, "__func__", function)
                    yield from ((full_name, key) for key in array_parameters(function))


def test_the_table_is_complete():
    covered = {(name.partition(",")[0], parameter) for name, parameter in PARAMETERS}
    asked = {(ELSEWHERE.get((name, parameter), name), parameter) for name, parameter in public_array_parameters()}
    missing = asked - covered
    assert missing <= {("Fiber.of_kind", "others"), ("Fiber.polarization_mode_dispersion", "axis")}


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_numbers_that_are_none_are_refused(name, parameter):
    for value, shown in ((np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")):
        assert_refused(name, parameter, value, shown)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_numbers_out_of_range_are_refused(name, parameter):
    for value in bad_values(name, parameter):
        assert_refused(name, parameter, value, f"{value:.12g}")


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_one_bad_entry_spoils_the_batch(name, parameter):
    good = FUNCTIONS[name][1][parameter]
    assert_refused(name, parameter, [*good, np.nan], "nan (at index (2,))")


@pytest.mark.parametrize("value", ["0.1", None, 0.1 + 0.2j, True, {}])
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_other_things_than_numbers_are_refused(name, parameter, value):
    if (parameter, value) == ("second_lifetime_s", None):
        return
    with pytest.raises(ParameterTypeError, match=rf"Parameter `{parameter}` must hold real numbers, but is"):
        call(name, parameter, value)


@pytest.mark.parametrize("name", [name for name, (_, values) in FUNCTIONS.items() if len(values) > 1])
def test_shapes_that_do_not_fit_are_refused(name):
    function, values = FUNCTIONS[name]
    for one, two in combinations(values, 2):
        given = {key: pair[0] for key, pair in values.items()}
        with pytest.raises(DimensionError, match=rf"`{one}`|`{two}`|Batch shapes must broadcast"):
            function(**given | {one: np.full(2, given[one]), two: np.full(3, given[two])})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_parameters_on_axes_of_their_own(name):
    function, values = FUNCTIONS[name]
    axes = np.meshgrid(*values.values(), indexing="ij", sparse=True)
    batch = np.asarray(function(**dict(zip(values, axes, strict=True))))
    shape = (2,) * len(values)
    assert batch.shape[: batch.ndim - (name in HAVE_AXES_OF_THEIR_OWN)] == shape
    for index in np.ndindex(shape):
        point = {key: pair[k] for k, (key, pair) in zip(index, values.items(), strict=True)}
        np.testing.assert_allclose(batch[index], function(**point), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scalars_give_scalars_and_lists_are_arrays(name):
    function, values = FUNCTIONS[name]
    own = name in HAVE_AXES_OF_THEIR_OWN
    single, listed = function(**{key: pair[1] for key, pair in values.items()}), function(**values)
    assert isinstance(single, np.ndarray if own else np.floating)
    assert single.ndim == own
    np.testing.assert_array_equal(listed, function(**{key: np.array(pair) for key, pair in values.items()}))


@pytest.mark.parametrize(
    "device",
    [
        Fiber([1.0, 2.0]),
        FrequencyConverter([0.5, 0.6]),
        FreeSpaceLink([1.0, 2.0], **TELESCOPES),
        SatellitePass([500.0]),
    ],
)
def test_devices_are_frozen(device):
    first = next(iter(device.__dataclass_fields__))
    with pytest.raises(ValueError, match="read-only"):
        getattr(device, first)[0] = 3.0
    with pytest.raises(AttributeError):
        setattr(device, first, 3.0)
