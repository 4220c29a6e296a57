"""Parameters of links, sources and optical modes: arrays broadcast point by point, and bad values are refused by name."""

import re

import numpy as np
import pytest
from channels.link_tables import FUNCTIONS
from channels.signatures import array_parameters

from qnet_channels import Detector
from qnet_channels.dlcz import dlcz_link
from qnet_channels.photonics import (
    beam_splitter,
    joint_detection,
    memory_photon_state,
    phase_shift,
    two_mode_squeezed_vacuum,
)
from qnet_channels.spdc import pair_number_distribution
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

PARAMETERS = [(name, parameter) for name, (_, values, _) in FUNCTIONS.items() for parameter in values]
MAY_BE_NEGATIVE = {"phase_rad", "cavity_detuning", "emitter_detuning", "reflectivity_bright", "reflectivity_dark"}
MAY_EXCEED_ONE = {"phase_rad", "phase_std_rad", "mean_photons", "cooperativity", "cavity_detuning", "emitter_detuning"}
MAY_EXCEED_ONE |= {"lifetime_s", "dephasing_rate_per_s", "detuning_rad_per_s", "detuning_std_rad_per_s"}
MAY_BE_NOTHING = {("cavity_reflection_link", "mean_photons"), ("cavity_reflection_patterns", "mean_photons")}
MAY_BE_NEGATIVE.add("detuning_rad_per_s")
MAY_BE_COMPLEX = {"reflectivity_bright", "reflectivity_dark"}


def test_every_parameter_that_may_be_an_array_has_two_values():
    for name, (function, values, _) in FUNCTIONS.items():
        assert array_parameters(function) == set(values), name


def call(name, **changed):
    function, values, fixed = FUNCTIONS[name]
    return function(**{parameter: pair[0] for parameter, pair in values.items()} | fixed | changed)


def arrays(result):
    """All arrays of a result, batch axes first."""
    if hasattr(result, "transfer"):
        return [result.transfer]
    if hasattr(result, "bloch"):
        return [result.bloch]
    if isinstance(result, tuple):
        return [array for part in result for array in arrays(part)]
    return [np.asarray(result)]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_points_of_an_array_are_what_scalars_give(name, parameter):
    pair = FUNCTIONS[name][1][parameter]
    batch = arrays(call(name, **{parameter: np.array(pair)[:, None]}))
    for k, value in enumerate(pair):
        for array, one in zip(batch, arrays(call(name, **{parameter: value})), strict=True):
            assert array.shape == (2, 1, *one.shape)
            np.testing.assert_allclose(array[k, 0], one, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("name", [name for name, (_, values, _) in FUNCTIONS.items() if len(values) > 1])
def test_all_parameters_on_axes_of_their_own(name):
    function, values, fixed = FUNCTIONS[name]
    axes = np.meshgrid(*values.values(), indexing="ij", sparse=True)
    batch = arrays(function(**dict(zip(values, axes, strict=True)), **fixed))
    rng = np.random.default_rng(0)
    for index in rng.integers(2, size=(6, len(values))):
        chosen = {parameter: values[parameter][k] for parameter, k in zip(values, index, strict=True)}
        for array, one in zip(batch, arrays(call(name, **chosen)), strict=True):
            assert array.shape == (2,) * len(values) + one.shape
            np.testing.assert_allclose(array[tuple(index)], one, rtol=1e-7, atol=1e-13)


def assert_refused(error, name, parameter, value, shown):
    with pytest.raises(error) as caught:
        call(name, **{parameter: value})
    message = str(caught.value)
    assert re.search(rf"Parameter `{parameter}[^`]*` must .*, but (is|has|holds) .*{re.escape(shown)}", message), (
        message
    )


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_finite_number_is_refused(name, parameter, bad):
    assert_refused(ParameterError, name, parameter, bad, "" if parameter in MAY_BE_COMPLEX else str(bad))
    assert_refused(ParameterError, name, parameter, np.array([FUNCTIONS[name][1][parameter][0], bad]), "")


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_BE_NEGATIVE])
def test_negative_numbers_are_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, -0.25, "-0.25")


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_EXCEED_ONE])
def test_more_than_certain_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, 1.75, "1.75")


OTHER_THINGS = ["0.1", b"0.1", object(), {}, True, [True, False], [None, 0.1], ["0.1"]]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_other_things_than_numbers_are_refused(name, parameter):
    things = OTHER_THINGS if parameter in MAY_BE_COMPLEX else [*OTHER_THINGS, 0.1 + 0.2j]
    for thing in things if (name, parameter) in MAY_BE_NOTHING else [*things, None]:
        with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must "):
            call(name, **{parameter: thing})


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_empty_and_ragged_arrays_are_refused(name, parameter):
    for nothing in ([], np.zeros((2, 0))):
        with pytest.raises(DimensionError, match=rf"`{parameter}` must not be empty"):
            call(name, **{parameter: nothing})
    with pytest.raises(DimensionError, match=rf"`{parameter}` must be a rectangular array"):
        call(name, **{parameter: [[0.1], [0.1, 0.2]]})


@pytest.mark.parametrize("name", [name for name, (_, values, _) in FUNCTIONS.items() if len(values) > 1])
def test_shapes_that_do_not_broadcast_are_refused(name):
    first, second, *_ = FUNCTIONS[name][1].items()
    with pytest.raises(DimensionError, match=rf"`{second[0]}"):
        call(name, **{first[0]: np.full(2, first[1][0]), second[0]: np.full(3, second[1][0])})


ARMED = ["single_click_link", "single_click_patterns", "double_click_link", "double_click_patterns", "spdc_link"]
ARMED += ["dlcz_link", "dlcz_patterns", "emissive_link", "emissive_patterns", "coincidences", "midpoint_source_link"]
ARMED += ["photon_overlap", "optimal_bright_population", "optimal_spdc_brightness", "optimal_dlcz_brightness"]
BOTH_ARMS = {"transmissivity", "bright_population", "double_excitation_probability", "false_herald_probability"}
BOTH_ARMS |= {"lifetime_s", "dephasing_rate_per_s", "g2"}
PAIRS = [
    *[(name, parameter) for name, parameter in PARAMETERS if parameter in BOTH_ARMS and name in ARMED],
    *[(name, parameter) for name, parameter in PARAMETERS if parameter in MAY_BE_COMPLEX],
    ("dlcz_link", "mean_photons"),
    ("dlcz_patterns", "mean_photons"),
]


@pytest.mark.parametrize(("name", "parameter"), PAIRS)
def test_a_tuple_is_a_pair_of_arms(name, parameter):
    one, other = FUNCTIONS[name][1][parameter]
    for array, same in zip(arrays(call(name, **{parameter: (one, one)})), arrays(call(name)), strict=True):
        np.testing.assert_array_equal(array, same)
    unequal = zip(arrays(call(name, **{parameter: (one, other)})), arrays(call(name)), strict=True)
    assert any(not np.array_equal(array, equal) for array, equal in unequal)
    for arms in ((one,), (one, one, one), ()):
        with pytest.raises(DimensionError, match=rf"`{parameter}` must be one value or a pair"):
            call(name, **{parameter: arms})
    with pytest.raises(ParameterError, match=rf"`{parameter}\[1\]`"):
        call(name, **{parameter: (one, np.nan)})


WHOLE = [
    (beam_splitter, "max_photons", 1, {}),
    (phase_shift, "max_photons", 1, {"phase_rad": 0.1}),
    (two_mode_squeezed_vacuum, "max_photons", 1, {"mean_photons": 0.01, "max_tail": 1.0}),
    (memory_photon_state, "max_photons", 1, {}),
    (dlcz_link, "max_photons", 1, {"mean_photons": 0.01, "transmissivity": 0.1, "max_tail": 1.0}),
    (pair_number_distribution, "max_pairs", 0, {"mean_photons": 0.1}),
]


@pytest.mark.parametrize(("function", "parameter", "least", "good"), WHOLE)
def test_numbers_of_photons_are_whole(function, parameter, least, good):
    function(**good, **{parameter: least})
    with pytest.raises(ParameterError, match=rf"`{parameter}` must be at least {least}, but is {least - 1}"):
        function(**good, **{parameter: least - 1})
    for bad in (1.5, "2", None, True, [1]):
        with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must be an integer"):
            function(**good, **{parameter: bad})


@pytest.mark.parametrize("name", ["two_mode_squeezed_vacuum", "dlcz_link", "dlcz_patterns"])
@pytest.mark.parametrize(
    ("bad", "error"), [(0.0, ParameterError), (1.1, ParameterError), ([0.1], DimensionError), ("1", ParameterTypeError)]
)
def test_the_tail_is_one_probability(name, bad, error):
    with pytest.raises(error, match="`max_tail` must"):
        call(name, max_tail=bad)


FLAGGED = [*ARMED[:9], "cavity_reflection_link", "cavity_reflection_patterns", *ARMED[-3:]]


@pytest.mark.parametrize("name", FLAGGED)
@pytest.mark.parametrize("bad", [1, None, "yes"])
def test_detectors_count_or_do_not(name, bad):
    with pytest.raises(ParameterTypeError, match="`number_resolving` must be True or False"):
        call(name, number_resolving=bad)


@pytest.mark.parametrize("name", ["single_click_link", "double_click_link", "emissive_link", "spdc_link", "dlcz_link"])
@pytest.mark.parametrize("bad", ["psi", "00", None])
def test_unknown_targets_are_refused(name, bad):
    with pytest.raises(ParameterError, match="`target` must be one of"):
        call(name, target=bad)
    with pytest.raises(ParameterError, match="`target` must be one of psi"):
        call("dlcz_link", target="phi+")


@pytest.mark.parametrize("bad", ["time-bin", None, 2])
def test_unknown_words_are_refused(bad):
    with pytest.raises(ParameterError, match="`encoding` must be one of single-rail, dual-rail, but is"):
        memory_photon_state(encoding=bad)
    with pytest.raises(ParameterError, match="`kind` must be one of two-mode, polarization, but is"):
        pair_number_distribution(mean_photons=0.1, max_pairs=2, kind=bad)


def test_a_detector_has_modes():
    for bad in (0, 1.5):
        with pytest.raises((ParameterError, ParameterTypeError), match="`num_modes`"):
            joint_detection(Detector(), num_modes=bad, max_photons=1)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "double_excitation_from_g2"])
def test_physics_parameters_go_by_name(name):
    function, values, _ = FUNCTIONS[name]
    with pytest.raises(TypeError):
        function(*[pair[0] for pair in values.values()])
