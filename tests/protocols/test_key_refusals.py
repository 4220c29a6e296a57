"""Wrong arguments of key rates are refused in the caller's words."""

import inspect

import numpy as np
import pytest

import qnet_protocols
from qnet_channels import amplitude_damping, erasure
from qnet_core import Channel, DensityMatrix, bell_state, random_channel
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import (
    bb84,
    bbm92,
    bell_test,
    channel_key_fraction,
    cloning_attack,
    conference_key_fraction,
    decoy_bb84,
    decoy_bounds,
    device_independent_key_fraction,
    finite_bb84,
    finite_decoy_bb84,
    finite_decoy_key,
    finite_key,
    gg02,
    intercept_resend,
    mdi_gains,
    mdi_qkd,
    phase_slice_error,
    secret_key_fraction,
    secret_sharing_fraction,
    twin_field,
)

THREE = {"intensities": (0.5, 0.1, 0.0), "intensity_probabilities": (0.6, 0.3, 0.1)}
COUNTS = {name: (1e6, 1e5, 1e4) for name in ("key_counts", "key_errors", "test_counts", "test_errors")}
BLOCK = {"num_pulses": 1e9, "key_basis_probability": 0.9, "transmissivity": 0.1}
GOOD = {
    bb84: {"transmissivity": 0.1, "mean_photons": 0.1},
    decoy_bb84: {"transmissivity": 0.1, "intensities": (0.5, 0.1, 0.0)},
    bbm92: {"transmissivity": 0.1, "mean_photons": 0.1},
    mdi_gains: {"transmissivity": 0.1, "mean_photons": 0.1},
    mdi_qkd: {"transmissivity": 0.1, "mean_photons": 0.1},
    twin_field: {"transmissivity": 0.1, "mean_photons": 0.1},
    gg02: {"transmissivity": 0.1, "modulation_variance": 5.0},
    finite_key: {"num_key_bits": 1e5, "num_test_bits": 1e4, "error_rate": 0.01},
    finite_bb84: BLOCK,
    finite_decoy_bb84: BLOCK | THREE,
    finite_decoy_key: THREE | COUNTS,
    device_independent_key_fraction: {"chsh_value": 2.5, "error_rate": 0.01},
    cloning_attack: {"error_rate": 0.1},
    intercept_resend: {"fraction": 0.5},
    phase_slice_error: {"num_slices": 16},
}
OUTSIDE = {
    "transmissivity": (-0.1, 1.1), "mean_photons": (-0.1,), "modulation_variance": (-1.0,), "excess_noise": (-0.1,),
    "efficiency": (0.0, 1.1), "electronic_noise": (-0.1,), "reconciliation_fraction": (-0.1, 1.1),
    "dark_count_probability": (-1e-9, 1.1), "background_yield": (-1e-9, 1.1), "misalignment_error": (-0.1, 0.51),
    "reconciliation_efficiency": (0.99,), "sifting_efficiency": (-0.1, 1.1), "repetition_rate_hz": (-1.0,),
    "num_pulses": (-1.0,), "key_basis_probability": (-0.1, 1.1), "num_key_bits": (-1.0,), "num_test_bits": (-1.0,),
    "epsilon_secrecy": (0.0, 1.1), "epsilon_correctness": (0.0, 1.1), "chsh_value": (2.9, -2.9), "fraction": (-0.1, 1.1),
    "num_slices": (1.0,),
}  # fmt: skip
NUMBERS = [
    (function, name)
    for function in GOOD
    for name in inspect.signature(function).parameters
    if name in OUTSIDE or name == "error_rate"
]


@pytest.mark.parametrize(("function", "name"), NUMBERS, ids=lambda value: getattr(value, "__name__", value))
def test_numbers_out_of_range(function, name):
    for value in (*OUTSIDE.get(name, (-0.1, 1.1)), np.nan, np.inf, [0.5, np.nan]):
        with pytest.raises(ParameterError, match=f"^Parameter `{name}"):
            function(**GOOD[function] | {name: value})
    with pytest.raises((ParameterTypeError, DimensionError), match=f"^Parameter `{name}"):
        function(**GOOD[function] | {name: "much"})


@pytest.mark.parametrize(("function", "name"), NUMBERS, ids=lambda value: getattr(value, "__name__", value))
def test_batches_that_do_not_fit(function, name):
    if len(inspect.signature(function).parameters) < 2 or function is intercept_resend:
        return
    other = next(other for f, other in NUMBERS if f is function and other != name)
    low = {"reconciliation_efficiency": 1.2, "chsh_value": 2.5}
    with pytest.raises(DimensionError, match="must broadcast"):
        function(**GOOD[function] | {name: [low.get(name, 0.4)] * 2, other: [low.get(other, 0.4)] * 3})


def test_every_key_rate_is_here():
    """Whatever gives a key from numbers is on this page's list, and every parameter of it is."""
    functions = {f for n in qnet_protocols.__all__ if inspect.isfunction(f := getattr(qnet_protocols, n))}
    ours = {f for f in functions if "reconciliation_efficiency" in inspect.signature(f).parameters}
    of_states = {secret_key_fraction, channel_key_fraction, conference_key_fraction, secret_sharing_fraction}
    assert ours - set(GOOD) == of_states
    names = {name for function in GOOD for name in inspect.signature(function).parameters}
    others = {
        "intensities",
        "decoy_intensities",
        "intensity_probabilities",
        "background_model",
        "basis",
        "error_rate",
        *COUNTS,
    }
    assert names == set(OUTSIDE) | others


def test_all_is_keyword_only():
    for function in GOOD:
        kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
        assert kinds == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("function", [decoy_bb84, finite_decoy_bb84, finite_decoy_key])
@pytest.mark.parametrize(
    ("levels", "error", "text"),
    [
        ((0.1, 0.5, 0.0), ParameterError, r"`intensities` must descend, but intensities\[1\] is not less"),
        ((0.5, 0.1, 0.1), ParameterError, r"`intensities` must descend, but intensities\[2\]"),
        ((0.5, [0.1, 0.6], 0.0), ParameterError, "`intensities` must descend"),
        ((0.5, 0.3, 0.2), ParameterError, "signal greater than the sum of its two decoys"),
        ((0.5, 0.1, -0.1), ParameterError, r"`intensities\[2\]`"),
        ((0.5, np.nan, 0.0), ParameterError, r"`intensities\[1\]`"),
        (([0.5, 0.6], [0.1] * 3, 0.0), DimensionError, "must broadcast"),
        ((), DimensionError, "at least one intensity"),
        ("high", (DimensionError, ParameterTypeError), "`intensities"),
        ((0.5, "low", 0.0), ParameterTypeError, r"`intensities\[1\]`"),
    ],
)
def test_wrong_intensities(function, levels, error, text):
    with pytest.raises(error, match=text):
        function(**GOOD[function] | {"intensities": levels})


@pytest.mark.parametrize("function", [finite_decoy_bb84, finite_decoy_key])
def test_finite_blocks_need_three_intensities(function):
    for levels in ((0.5, 0.1), (0.5, 0.2, 0.1, 0.0)):
        with pytest.raises(DimensionError, match="`intensities` must hold three intensities"):
            function(**GOOD[function] | {"intensities": levels})
    for shares in ((0.5, 0.5, 0.0), (0.5, 0.4, 0.2), (0.2, 0.2, 0.2)):
        with pytest.raises(
            ParameterError, match="`intensity_probabilities` must hold numbers greater than 0 with the sum 1"
        ):
            function(**GOOD[function] | {"intensity_probabilities": shares})
    with pytest.raises(DimensionError, match="`intensity_probabilities` must hold one value for each"):
        function(**GOOD[function] | {"intensity_probabilities": (0.5, 0.5)})


@pytest.mark.parametrize("name", list(COUNTS))
def test_wrong_counts(name):
    with pytest.raises(DimensionError, match=f"`{name}` must hold one value for each"):
        finite_decoy_key(**THREE | COUNTS | {name: (1.0, 2.0)})
    with pytest.raises(ParameterError, match=rf"`{name}\[1\]`"):
        finite_decoy_key(**THREE | COUNTS | {name: (1.0, -2.0, 1.0)})
    with pytest.raises(ParameterError, match=r"_errors\[0\]` must be at most .*_counts\[0\]"):
        finite_decoy_key(**THREE | COUNTS | {name: (1e7, 0.0, 0.0) if "errors" in name else (1.0, 1e7, 1e7)})


@pytest.mark.parametrize("function", [bb84, decoy_bb84, finite_bb84, finite_decoy_bb84])
def test_unknown_model_of_background(function):
    with pytest.raises(ParameterError, match="`background_model` must be one of added, independent, but is 'none'"):
        function(**GOOD[function] | {"background_model": "none"})


def test_lists_of_one_length():
    with pytest.raises(DimensionError, match="of one length of at least 2, but are of 2, 1 and 2"):
        decoy_bounds(intensities=(0.5, 0.1), gains=(0.1,), error_rates=(0.1, 0.1))
    with pytest.raises(DimensionError, match="of one length of at least 2"):
        decoy_bounds(intensities=(0.5,), gains=(0.1,), error_rates=(0.1,))
    with pytest.raises(ParameterError, match=r"`gains\[1\]`"):
        decoy_bounds(intensities=(0.5, 0.1), gains=(0.1, 1.1), error_rates=(0.1, 0.1))
    with pytest.raises(DimensionError, match="must broadcast"):
        decoy_bounds(intensities=(0.5, 0.1), gains=([0.1] * 2, 0.1), error_rates=([0.1] * 3, 0.1))


@pytest.mark.parametrize("function", [bbm92, mdi_qkd, mdi_gains])
def test_sides_come_in_pairs(function):
    with pytest.raises(DimensionError, match=r"`transmissivity` must be one value or a pair \(left, right\)"):
        function(**GOOD[function] | {"transmissivity": (0.1, 0.1, 0.1)})
    with pytest.raises(ParameterError, match=r"`transmissivity\[1\]`"):
        function(**GOOD[function] | {"transmissivity": (0.1, 1.1)})


def test_wrong_attack():
    with pytest.raises(ParameterError, match="`basis` must be one of random, breidbart, but is 'best'"):
        intercept_resend(basis="best")


PAIR, IDENTITY = bell_state("phi+"), Channel.identity(2)


@pytest.mark.parametrize(("function", "subject"), [(secret_key_fraction, PAIR), (channel_key_fraction, IDENTITY)])
def test_wrong_options_of_states_and_channels(function, subject):
    with pytest.raises(ParameterError, match="`protocol` must be one of bb84, six-state, b92, e91, device-independent"):
        function(subject, "bb85")
    with pytest.raises(ParameterError, match="`reconciliation_efficiency` must be at least 1"):
        function(subject, reconciliation_efficiency=0.95)
    with pytest.raises(ParameterTypeError, match="`overlap` must be None where `protocol` is 'bb84'"):
        function(subject, overlap=0.5)
    with pytest.raises(ParameterError, match="`overlap` must be between 0 and 1"):
        function(subject, "b92", overlap=1.5)
    with pytest.raises((ParameterTypeError, DimensionError), match=r"`(state|channel)`"):
        function("phi+")


@pytest.mark.parametrize("protocol", ["b92", "e91", "device-independent"])
def test_loss_is_refused_where_it_would_have_to_be_bounded(protocol):
    for lossy in (erasure(transmissivity=0.9), Channel.from_kraus(np.sqrt(0.9) * np.eye(2)[None])):
        with pytest.raises(ParameterError, match=f"`channel` must lose nothing where `protocol` is '{protocol}'"):
            channel_key_fraction(lossy, protocol)
    assert channel_key_fraction(amplitude_damping(damping=0.01), protocol) > 0


@pytest.mark.parametrize("dims", [((3,), (2,)), ((2,), (2, 2)), ((2, 2), (2,)), ((2,), (4,))])
def test_wrong_channels(dims):
    with pytest.raises(DimensionError, match="`channel` must take a qubit to a qubit"):
        channel_key_fraction(random_channel(*dims, rng=np.random.default_rng(3)))


def test_pairs_must_be_normalized():
    half = DensityMatrix(PAIR.matrix / 2)
    for function in (secret_key_fraction, bell_test):
        with pytest.raises(StateError, match="`state` must have trace 1"):
            function(half)
    with pytest.raises(DimensionError, match="must broadcast"):
        secret_key_fraction(PAIR.broadcast_to((2,)), reconciliation_efficiency=[1.0] * 3)
    with pytest.raises(DimensionError, match="must broadcast"):
        bell_test(PAIR.broadcast_to((2,)), efficiency=[1.0] * 3)
