"""Every physical parameter may be an array, and each point is what scalars give."""

import numpy as np
import pytest

from qnet_channels import (
    BellStation,
    Fiber,
    Memory,
    amplitude_damping,
    dephasing,
    depolarizing,
    double_click_link,
    erasure,
    pauli_channel,
    single_click_link,
    swap,
    thermal_relaxation,
)
from qnet_core import bell_state, werner_state


def fiber_numbers(**parameters):
    """Both properties on the common shape: attenuation says nothing about latency, nor the group index about loss."""
    fiber = Fiber(**parameters)
    return np.broadcast_arrays(fiber.transmissivity, fiber.latency_s)


def fiber_loss(encoding):
    return lambda **parameters: Fiber(**parameters).loss(encoding)


def stored(duration_s, **parameters):
    return Memory(**parameters).decay(duration_s=duration_s)


def swapped(**parameters):
    return swap(werner_state(fidelity=0.9), bell_state("phi+"), station=BellStation(**parameters))


def link_of_unequal_arms(link):
    def make(left, right, **parameters):
        return link(transmissivity=(left, right), **parameters)

    return make


LOSSES = {"length_km": [0.0, 50.0], "attenuation_db_per_km": [0.2, 0.17], "insertion_loss_db": [0.0, 3.0]}
STORED = {"duration_s": [0.0, 0.3], "t1_s": [1.0, np.inf], "t2_s": [0.5, 1.9], "excited_population": [0.0, 0.2]}
CLICKS = {"transmissivity": [0.01, 0.5], "dark_count_probability": [0.0, 1e-3], "visibility": [0.8, 1.0]}
PHASES = {"bright_population": [0.05, 0.3], "phase_rad": [0.0, 0.4], "phase_std_rad": [0.0, 0.2]}
ARMS = {"left": [0.1, 0.9], "right": [0.2, 0.3], "dark_count_probability": [0.0, 1e-3]}
FUNCTIONS = {
    "pauli_channel": (pauli_channel, {"x": [0.0, 0.1], "y": [0.05, 0.2], "z": [0.3, 0.0]}),
    "depolarizing": (depolarizing, {"mixing": [0.0, 0.3]}),
    "depolarizing two": (lambda mixing: depolarizing(mixing=mixing, num_qubits=2), {"mixing": [0.1, 1.0]}),
    "dephasing": (dephasing, {"probability": [0.0, 0.5]}),
    "amplitude_damping": (amplitude_damping, {"damping": [0.2, 1.0]}),
    "thermal_relaxation": (thermal_relaxation, STORED),
    "Memory": (stored, STORED),
    "erasure": (erasure, {"transmissivity": [0.1, 1.0]}),
    "Fiber": (fiber_numbers, LOSSES | {"group_index": [1.468, 1.0003]}),
    "single-rail": (fiber_loss("single-rail"), LOSSES),
    "dual-rail": (fiber_loss("dual-rail"), LOSSES),
    "single click": (single_click_link, CLICKS | PHASES),
    "double click": (double_click_link, CLICKS),
    "unequal single click": (link_of_unequal_arms(single_click_link), ARMS | {"bright_population": [0.1, 0.2]}),
    "unequal double click": (link_of_unequal_arms(double_click_link), ARMS),
    "BellStation": (
        swapped,
        {"gate_mixing": [0.0, 0.1], "readout_error": [0.0, 0.02], "success_probability": [0.5, 1.0]},
    ),
}


def numbers(result):
    """The arrays that a result consists of, and how many of their last axes are not the batch."""
    if hasattr(result, "transfer"):
        return [(result.transfer, 2)]
    if hasattr(result, "probability"):
        return [(result.state.bloch, result.state.num_subsystems), (result.probability, 0)]
    return [(array, 0) for array in result]


def assert_points(result, shape, scalar_calls):
    for k, (array, own) in enumerate(numbers(result)):
        assert array.shape[: array.ndim - own] == shape
        for index, scalars in scalar_calls:
            expected, _ = numbers(scalars)[k]
            np.testing.assert_allclose(array[index], expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "parameter"), [(name, parameter) for name, (_, values) in FUNCTIONS.items() for parameter in values]
)
def test_one_parameter_as_an_array(name, parameter):
    function, values = FUNCTIONS[name]
    others = {other: pair[0] for other, pair in values.items() if other != parameter}
    batch = function(**others, **{parameter: np.array(values[parameter])})
    calls = [((k,), function(**others, **{parameter: values[parameter][k]})) for k in range(2)]
    assert_points(batch, (2,), calls)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_parameters_on_axes_of_their_own(name):
    function, values = FUNCTIONS[name]
    axes = np.meshgrid(*values.values(), indexing="ij", sparse=True)
    batch = function(**dict(zip(values, axes, strict=True)))
    shape = (2,) * len(values)
    calls = [
        (index, function(**{parameter: pair[k] for k, (parameter, pair) in zip(index, values.items(), strict=True)}))
        for index in np.ndindex(shape)
    ]
    assert_points(batch, shape, calls)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scalars_give_one_point(name):
    function, values = FUNCTIONS[name]
    for array, own in numbers(function(**{parameter: pair[1] for parameter, pair in values.items()})):
        assert array.ndim == own


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if not name.startswith("unequal")])
def test_lists_are_arrays(name):
    function, values = FUNCTIONS[name]
    listed = function(**values)
    array = function(**{parameter: np.array(pair) for parameter, pair in values.items()})
    for (one, _), (other, _) in zip(numbers(listed), numbers(array), strict=True):
        np.testing.assert_array_equal(one, other)
