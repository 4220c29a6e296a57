"""Bad parameters are refused by the name that the caller used, with the allowed range and the value."""

import re

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
    preset,
    single_click_link,
    swap,
    thermal_relaxation,
)
from qnet_core import bell_state, ket, random_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

MEMORY = Memory(t1_s=1.0, t2_s=0.5)
FUNCTIONS = {
    "pauli_channel": (pauli_channel, {"x": 0.1, "y": 0.2, "z": 0.3}),
    "depolarizing": (depolarizing, {"mixing": 0.1}),
    "dephasing": (dephasing, {"probability": 0.1}),
    "amplitude_damping": (amplitude_damping, {"damping": 0.1}),
    "erasure": (erasure, {"transmissivity": 0.1}),
    "thermal_relaxation": (
        thermal_relaxation,
        {"duration_s": 0.1, "t1_s": 1.0, "t2_s": 0.5, "excited_population": 0.1},
    ),
    "Memory": (Memory, {"t1_s": 1.0, "t2_s": 0.5, "excited_population": 0.1}),
    "decay": (MEMORY.decay, {"duration_s": 0.1}),
    "Fiber": (
        Fiber,
        {"length_km": 1.0, "attenuation_db_per_km": 0.2, "insertion_loss_db": 0.0, "group_index": 1.468},
    ),
    "BellStation": (BellStation, {"gate_mixing": 0.1, "readout_error": 0.1, "success_probability": 0.5}),
    "single click": (
        single_click_link,
        {
            "bright_population": 0.1,
            "transmissivity": 0.1,
            "dark_count_probability": 0.01,
            "visibility": 0.9,
            "phase_rad": 0.1,
            "phase_std_rad": 0.1,
        },
    ),
    "double click": (
        double_click_link,
        {"transmissivity": 0.1, "dark_count_probability": 0.01, "visibility": 0.9},
    ),
}
PARAMETERS = [(name, parameter) for name, (_, good) in FUNCTIONS.items() for parameter in good]
MAY_BE_INFINITE = {"t1_s", "t2_s"}
MAY_BE_NEGATIVE = {"phase_rad"}
MAY_EXCEED_ONE = {
    *("duration_s", "t1_s", "t2_s", "length_km", "attenuation_db_per_km"),
    *("insertion_loss_db", "group_index", "phase_rad", "phase_std_rad"),
}


def call(name, parameter, value):
    function, good = FUNCTIONS[name]
    return function(**{**good, parameter: value})


def assert_refused(error, name, parameter, value, shown):
    with pytest.raises(error) as caught:
        call(name, parameter, value)
    message = str(caught.value)
    assert re.search(
        rf"Parameter `[^`]*\b{parameter}\b[^`]*` must be .*, but (is|has) .*{re.escape(shown)}", message
    ), message


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_not_a_number_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, np.nan, "nan")


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_infinity_is_refused_unless_it_means_perfect(name, parameter):
    if parameter in MAY_BE_INFINITE:
        assert_refused(ParameterError, name, parameter, -np.inf, "-inf")
    else:
        assert_refused(ParameterError, name, parameter, np.inf, "inf")


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_BE_NEGATIVE])
def test_negative_numbers_are_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, -0.25, "-0.25")


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_EXCEED_ONE])
def test_more_than_certain_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, 1.75, "")


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_one_bad_entry_spoils_the_batch(name, parameter):
    _, good = FUNCTIONS[name]
    assert_refused(ParameterError, name, parameter, np.array([good[parameter], np.nan]), "nan")


@pytest.mark.parametrize("value", ["0.1", None, 0.1 + 0.2j, object(), {}])
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_other_things_than_numbers_are_refused(name, parameter, value):
    with pytest.raises(ParameterTypeError, match=rf"`{parameter}`"):
        call(name, parameter, value)


@pytest.mark.parametrize("parameter", ["t1_s", "t2_s"])
@pytest.mark.parametrize("name", ["Memory", "thermal_relaxation"])
def test_a_memory_lives_longer_than_no_time(name, parameter):
    assert_refused(ParameterError, name, parameter, 0.0, "0")


def test_pauli_errors_exceed_no_certainty():
    with pytest.raises(ParameterError, match=r"`x`.*`y`.*`z`.*at most 1, but .*1\.2"):
        pauli_channel(x=0.4, y=0.4, z=0.4)


@pytest.mark.parametrize("link", ["single click", "double click"])
@pytest.mark.parametrize("arms", [(0.1, 0.2, 0.3), (0.1,), ()])
def test_arms_come_in_pairs(link, arms):
    with pytest.raises(ValueError, match="`transmissivity`"):
        call(link, "transmissivity", arms)


@pytest.mark.parametrize("arms", [(0.1, 1.5), (-1.5, 0.1)])
@pytest.mark.parametrize(
    ("link", "parameter"), [("single click", "bright_population"), ("double click", "transmissivity")]
)
def test_each_arm_is_checked(link, parameter, arms):
    with pytest.raises(ParameterError, match=rf"`{parameter}.*must be .*1\.5"):
        call(link, parameter, arms)


@pytest.mark.parametrize("link", ["single click", "double click"])
@pytest.mark.parametrize("target", ["phi", "Phi+", "00", None])
def test_unknown_target_is_refused(link, target):
    with pytest.raises((ParameterError, ParameterTypeError), match="`target`"):
        call(link, "target", target)


@pytest.mark.parametrize("link", ["single click", "double click"])
def test_parameters_that_do_not_broadcast_are_refused(link):
    with pytest.raises(DimensionError):
        FUNCTIONS[link][0](**{**FUNCTIONS[link][1], "transmissivity": np.full(2, 0.1), "visibility": np.full(3, 0.9)})


def test_memories_that_do_not_broadcast_are_refused():
    with pytest.raises(DimensionError):
        Memory(t1_s=np.ones(2), t2_s=np.ones(3))
    with pytest.raises(DimensionError):
        Memory(t1_s=np.ones(2), t2_s=np.ones(2)).decay(duration_s=np.ones(3))


@pytest.mark.parametrize("num_qubits", [0, -1, 1.5, "2"])
def test_depolarizing_acts_on_whole_qubits(num_qubits):
    with pytest.raises((ParameterError, ParameterTypeError), match="`num_qubits`"):
        depolarizing(mixing=0.1, num_qubits=num_qubits)


@pytest.mark.parametrize("dim", [0, -1, 1.5, "2"])
def test_erasure_acts_on_whole_levels(dim):
    with pytest.raises((ParameterError, ParameterTypeError), match="`dim`"):
        erasure(transmissivity=0.1, dim=dim)


@pytest.mark.parametrize("bad", [ket("0"), ket("000"), random_state((2, 3), rng=np.random.default_rng(1))])
@pytest.mark.parametrize("name", ["left", "right"])
def test_only_pairs_of_qubits_are_swapped(name, bad):
    pairs = {"left": bell_state("phi+"), "right": bell_state("phi+")}
    with pytest.raises(DimensionError, match=f"`{name}`"):
        swap(**{**pairs, name: bad})


@pytest.mark.parametrize("bad", ["phi+", None, np.eye(4) / 4])
def test_only_states_are_swapped(bad):
    with pytest.raises(ParameterTypeError, match="`right`"):
        swap(bell_state("phi+"), bad)


def test_unknown_platform_is_refused_with_the_known_ones():
    with pytest.raises(ParameterError, match=r"`name`.*nv_delft.*'abacus'"):
        preset("abacus")


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name[0].islower()])
def test_physics_parameters_go_by_name(name):
    function, good = FUNCTIONS[name]
    with pytest.raises(TypeError):
        function(*good.values())
