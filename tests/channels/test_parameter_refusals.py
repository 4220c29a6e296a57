"""Bad parameters are refused by the name that the caller used, with the allowed range and the value."""

import inspect
import re
from functools import partial

import numpy as np
import pytest
from channels import link_tables, transmission_tables
from channels.signatures import array_parameters

import qnet_channels
from qnet_channels import (
    BellStation,
    BoostedStation,
    Detector,
    Emitter,
    EnsembleMemory,
    Fiber,
    LinearOpticsStation,
    Memory,
    MemoryNode,
    Readout,
    Schedule,
    afc_efficiency,
    afc_modes,
    amplitude_damping,
    bath_relaxation,
    bbpssw,
    bbpssw_fixpoints,
    birefringence_drift,
    bit_flip,
    bit_phase_flip,
    collective_dephasing,
    decoherence_free_subspaces,
    decoupled_coherence,
    decoupled_t2,
    dejmps,
    dephasing,
    depolarizing,
    depolarizing_strength,
    double_click_link,
    double_selection,
    epl,
    erasure,
    expedient_ghz,
    expedient_pair,
    fuse,
    fuse_branches,
    gate_mixing_threshold,
    gaussian_dephasing,
    generalized_amplitude_damping,
    ghz_from_pairs,
    leakage,
    nested_rounds,
    pauli_channel,
    phase_damping,
    photon_loss,
    poisson_pauli_channel,
    polarization_dependent_loss,
    polarization_mode_dispersion,
    preset,
    pump,
    pumping_limit,
    recurrence_limit,
    reset,
    rotation,
    single_click_link,
    spectral_std,
    stabilizer_distillation,
    stringent_ghz,
    stringent_pair,
    swap,
    swap_branches,
    t2_star_from_detuning,
    t2_star_from_linewidth,
    thermal_loss,
    thermal_population,
    thermal_relaxation,
    two_qubit_pauli_channel,
)
from qnet_core import bell_state, ket, random_state, werner_state
from qnet_core.errors import CapacityError, DimensionError, ParameterError, ParameterTypeError

MEMORY, PERFECT = Memory(t1_s=1.0, t2_s=0.5), Memory(t1_s=np.inf, t2_s=np.inf)
ENSEMBLE, NODE, DETECTOR = EnsembleMemory(0.8, 1.0), MemoryNode(PERFECT, PERFECT), Detector(0.9)
PHI = bell_state("phi+")
PAIR, ROUND = bell_state(), {"gate_mixing": 0.02, "readout_error": 0.01}
SCHEDULE = Schedule.pumping(rounds=2)
NV, ION = preset("nv_delft"), preset("ion_sr88_ca43")


def with_options(function, **options):
    return lambda **parameters: function(**options, **parameters)


def options(*names):
    """The ways to give the strength of depolarizing noise, of which each call has one."""
    return {f"depolarizing_strength, {name}": (depolarizing_strength, {name: 0.9}) for name in names}


FUNCTIONS = {
    "pauli_channel": (pauli_channel, {"x": 0.1, "y": 0.2, "z": 0.3}),
    "two_qubit_pauli_channel": (two_qubit_pauli_channel, {"weights": np.full(16, 1 / 16)}),
    "poisson_pauli_channel": (
        poisson_pauli_channel,
        {"duration_s": 0.1, "x_rate_hz": 1.0, "y_rate_hz": 2.0, "z_rate_hz": 3.0},
    ),
    "bit_flip": (bit_flip, {"probability": 0.1}),
    "bit_phase_flip": (bit_phase_flip, {"probability": 0.1}),
    "dephasing": (dephasing, {"probability": 0.1}),
    "depolarizing": (depolarizing, {"mixing": 0.1}),
    **options("process_fidelity", "average_gate_fidelity", "mixing", "pauli_error"),
    "depolarizing_strength, each_pauli": (depolarizing_strength, {"each_pauli": 0.1}),
    "phase_damping": (phase_damping, {"damping": 0.1}),
    "amplitude_damping": (amplitude_damping, {"damping": 0.1}),
    "generalized_amplitude_damping": (generalized_amplitude_damping, {"damping": 0.1, "excited_population": 0.2}),
    "reset": (reset, {"probability": 0.1, "excited_population": 0.2}),
    "thermal_relaxation": (
        thermal_relaxation,
        {"duration_s": 0.1, "t1_s": 1.0, "t2_s": 0.5, "excited_population": 0.1},
    ),
    "thermal_population": (thermal_population, {"frequency_hz": 5e9, "temperature_k": 0.1}),
    "bath_relaxation": (bath_relaxation, {"decay_rate_hz": 1.0, "mean_photons": 0.1}),
    "gaussian_dephasing": (
        gaussian_dephasing,
        {"duration_s": 0.1, "t2_star_s": 1.0, "exponent": 2.0, "age_s": 0.1},
    ),
    "collective_dephasing": (
        with_options(collective_dephasing, num_qubits=2),
        {"duration_s": 0.1, "t2_s": 1.0, "correlation": 0.5, "exponent": 2.0},
    ),
    "t2_star_from_detuning": (t2_star_from_detuning, {"detuning_std_rad_per_s": 1.0}),
    "t2_star_from_linewidth": (t2_star_from_linewidth, {"fwhm_hz": 1.0}),
    "decoupled_coherence": (
        decoupled_coherence,
        {"duration_s": 0.1, "detuning_std_rad_per_s": 1.0, "correlation_time_s": 1.0},
    ),
    "decoupled_t2": (decoupled_t2, {"t2_s": 1.0, "num_pulses": 8.0, "exponent": 0.5, "t1_s": 1.0}),
    "rotation": (with_options(rotation, axis="x"), {"angle_rad": 0.1, "angle_std_rad": 0.1}),
    "birefringence_drift": (birefringence_drift, {"angle_std_rad": 0.1}),
    "polarization_mode_dispersion": (
        polarization_mode_dispersion,
        {"delay_s": 0.1, "spectral_std_rad_per_s": 1.0},
    ),
    "spectral_std": (spectral_std, {"fwhm_hz": 1.0}),
    "erasure": (erasure, {"transmissivity": 0.1}),
    "polarization_dependent_loss": (polarization_dependent_loss, {"horizontal": 0.1, "vertical": 0.2}),
    "leakage": (leakage, {"probability": 0.1, "seepage": 0.2}),
    "photon_loss": (with_options(photon_loss, max_photons=2), {"transmissivity": 0.1}),
    "thermal_loss": (with_options(thermal_loss, max_photons=2), {"transmissivity": 0.1, "mean_photons": 0.2}),
    "Readout": (Readout, {"error_0": 0.1, "error_1": 0.2}),
    "Readout.corrected": (Readout(0.1).corrected, {"measured_z": 0.1}),
    "Detector": (
        Detector,
        {
            "efficiency": 0.9,
            "dark_count_rate_hz": 100.0,
            "window_s": 1e-6,
            "dead_time_s": 1e-6,
            "jitter_fwhm_s": 1e-7,
            "afterpulse_probability": 0.1,
        },
    ),
    "Detector.with_background": (DETECTOR.with_background, {"rate_hz": 10.0}),
    "Detector.click_probability": (DETECTOR.click_probability, {"mean_photons": 0.1}),
    "Detector.measured_rate_hz": (DETECTOR.measured_rate_hz, {"true_rate_hz": 10.0}),
    "Memory": (
        Memory,
        {"t1_s": 1.0, "t2_s": 0.5, "excited_population": 0.1, "decay_exponent": 1.0, "age_s": 0.1},
    ),
    "Memory.decay": (MEMORY.decay, {"duration_s": 0.1}),
    "Memory.older": (MEMORY.older, {"duration_s": 0.1}),
    "MemoryNode": (
        with_options(MemoryNode, communication=PERFECT, storage=PERFECT),
        {"swap_in_fidelity": 0.9, "swap_in_duration_s": 0.1, "attempts_to_dephase": 10.0},
    ),
    "MemoryNode.disturbed": (NODE.disturbed, {"attempts": 10.0, "attempt_duration_s": 0.1}),
    "EnsembleMemory": (EnsembleMemory, {"efficiency": 0.9, "lifetime_s": 1.0, "decay_exponent": 1.0}),
    "EnsembleMemory.retrieval_efficiency": (ENSEMBLE.retrieval_efficiency, {"duration_s": 0.1}),
    "EnsembleMemory.decay": (ENSEMBLE.decay, {"duration_s": 0.1}),
    "afc_efficiency": (afc_efficiency, {"optical_depth": 4.0, "finesse": 2.0, "background_depth": 0.1}),
    "afc_modes": (afc_modes, {"storage_time_s": 1.0, "mode_duration_s": 0.1}),
    "Fiber": (
        Fiber,
        {"length_km": 1.0, "attenuation_db_per_km": 0.2, "insertion_loss_db": 0.0, "group_index": 1.468},
    ),
    "BellStation": (BellStation, {"gate_mixing": 0.1, "readout_error": 0.1, "success_probability": 0.5}),
    "LinearOpticsStation": (
        LinearOpticsStation,
        {"transmissivity": 0.1, "dark_count_probability": 0.01, "visibility": 0.9},
    ),
    "BoostedStation": (
        BoostedStation,
        {"transmissivity": 0.1, "ancilla_transmissivity": 0.9, "dark_count_probability": 0.01},
    ),
    "fuse": (with_options(fuse, left=PHI, right=PHI), {"gate_mixing": 0.1, "readout_error": 0.1}),
    "fuse_branches": (lambda **noise: fuse_branches(PHI, PHI, **noise)[0], {"gate_mixing": 0.1, "readout_error": 0.1}),
    "ghz_from_pairs": (with_options(ghz_from_pairs, pairs=[PHI, PHI]), {"gate_mixing": 0.1, "readout_error": 0.1}),
    "bbpssw": (partial(bbpssw, PAIR, PAIR), ROUND),
    "dejmps": (partial(dejmps, PAIR, PAIR), ROUND),
    "epl": (partial(epl, PAIR, PAIR), ROUND),
    "double_selection": (partial(double_selection, PAIR, PAIR, PAIR), ROUND),
    "stabilizer_distillation": (partial(stabilizer_distillation, PAIR), ROUND),
    "expedient_pair": (partial(expedient_pair, PAIR), ROUND),
    "stringent_pair": (partial(stringent_pair, PAIR), ROUND),
    "expedient_ghz": (partial(expedient_ghz, PAIR), ROUND),
    "stringent_ghz": (partial(stringent_ghz, PAIR), ROUND),
    "nested_rounds": (partial(nested_rounds, PAIR, rounds=2), ROUND),
    "pump": (partial(pump, PAIR, PAIR, rounds=2), ROUND),
    "recurrence_limit": (partial(recurrence_limit, PAIR), ROUND),
    "pumping_limit": (partial(pumping_limit, PAIR), ROUND),
    "Schedule.apply": (partial(SCHEDULE.apply, PAIR), {**ROUND, "round_s": 0.1}),
    "Schedule.repeated": (partial(SCHEDULE.repeated, PAIR), {**ROUND, "round_s": 0.1, "pair_s": 0.1}),
    "bbpssw_fixpoints": (bbpssw_fixpoints, ROUND),
    "gate_mixing_threshold": (gate_mixing_threshold, {"readout_error": 0.01}),
    "Emitter": (Emitter, {"photon_detection_probability": 0.1, "visibility": 0.9}),
    "Platform.link": (NV.link, {"bright_population": 0.1, "dark_count_probability": 0.01}),
    "single_click_link": (
        single_click_link,
        {
            "bright_population": 0.1,
            "transmissivity": 0.1,
            "dark_count_probability": 0.01,
            "visibility": 0.9,
            "phase_rad": 0.1,
            "phase_std_rad": 0.1,
            "double_excitation_probability": 0.1,
        },
    ),
    "double_click_link": (
        double_click_link,
        {
            "transmissivity": 0.1,
            "dark_count_probability": 0.01,
            "visibility": 0.9,
            "phase_rad": 0.1,
            "phase_std_rad": 0.1,
            "double_excitation_probability": 0.1,
        },
    ),
}
AXES = {  # directions are tested by themselves
    "rotation": with_options(rotation, angle_rad=0.1),
    "polarization_mode_dispersion": with_options(polarization_mode_dispersion, delay_s=1, spectral_std_rad_per_s=1),
}
STRENGTHS = [name for name in FUNCTIONS if name.startswith("depolarizing_strength")]
PARAMETERS = [(name, parameter) for name, (_, good) in FUNCTIONS.items() for parameter in good]
MAY_BE_INFINITE = {"t1_s", "t2_s", "t2_star_s", "lifetime_s", "attempts_to_dephase"}
ALWAYS_FINITE = {("decoupled_t2", "t2_s")}
MAY_BE_NEGATIVE = {"phase_rad", "angle_rad", "measured_z", "correlation"}
NEVER_ZERO = {
    *MAY_BE_INFINITE,
    *("exponent", "decay_exponent", "correlation_time_s", "decay_rate_hz", "mode_duration_s"),
}
MAY_BE_ZERO = {("decoupled_t2", "exponent")}
MAY_EXCEED_ONE = {
    *NEVER_ZERO,
    *(
        "duration_s",
        "round_s",
        "pair_s",
        "age_s",
        "swap_in_duration_s",
        "attempts",
        "attempt_duration_s",
        "num_pulses",
        "delay_s",
    ),
    *("x_rate_hz", "y_rate_hz", "z_rate_hz", "dark_count_rate_hz", "true_rate_hz", "window_s", "dead_time_s"),
    *("frequency_hz", "temperature_k", "mean_photons", "detuning_std_rad_per_s", "spectral_std_rad_per_s", "fwhm_hz"),
    *("optical_depth", "finesse", "background_depth", "storage_time_s", "measured_z"),
    *("length_km", "attenuation_db_per_km", "insertion_loss_db", "group_index", "jitter_fwhm_s", "rate_hz"),
    *("phase_rad", "phase_std_rad", "angle_rad", "angle_std_rad"),
}
AT_MOST_ONE = {("decoupled_t2", "exponent")}
MAY_BE_LEFT_OUT = {("Platform.link", "bright_population"), *(pair for pair in PARAMETERS if pair[0] in STRENGTHS)}
BOUNDS = [  # the ranges that are not those of a probability, a time or a rate
    ("collective_dephasing", "correlation", -1.1),
    ("collective_dephasing", "correlation", 1.1),
    ("decoupled_t2", "num_pulses", 0.9),
    ("afc_efficiency", "finesse", 0.9),
    ("Fiber", "group_index", 0.9),
    ("Detector", "afterpulse_probability", 1.0),
    ("MemoryNode", "swap_in_fidelity", 0.49),
    ("t2_star_from_detuning", "detuning_std_rad_per_s", 0.0),
    ("t2_star_from_linewidth", "fwhm_hz", 0.0),
    ("depolarizing_strength, mixing", "mixing", 1.34),
    ("depolarizing_strength, each_pauli", "each_pauli", 0.34),
    ("depolarizing_strength, average_gate_fidelity", "average_gate_fidelity", 0.33),
]


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


def public_array_parameters():
    """Each parameter that may be an array, of every public function, device and method."""
    for name in qnet_channels.__all__:
        value = getattr(qnet_channels, name)
        methods = vars(value).items() if inspect.isclass(value) else ()
        found = {name: value} | {f"{name}.{key}": method for key, method in methods if not key.startswith("_")}
        for full_name, function in found.items():
            if callable(function):
                yield from ((full_name, parameter) for parameter in array_parameters(function))


ELSEWHERE = {  # what has tables of its own
    re.match(r"\w+", name)[0] for table in (link_tables, transmission_tables) for name in table.FUNCTIONS
} - {"single_click_link", "double_click_link"}


def test_the_table_is_complete():
    covered = {(name.partition(",")[0], parameter) for name, parameter in PARAMETERS} | {
        (name, "axis") for name in AXES
    }
    found, known = (
        {(name, parameter) for name, parameter in pairs if name.partition(".")[0] not in ELSEWHERE}
        for pairs in (public_array_parameters(), covered)
    )
    assert found == known


def holds_nan(result):
    """Whether a number, a channel or a heralded state says NaN; devices are made and say nothing yet."""
    state = getattr(result, "state", result)
    numbers = getattr(state, "transfer", getattr(state, "bloch", state))
    return np.asarray(numbers).dtype.kind == "f" and bool(np.isnan(numbers).any())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_good_parameters_are_taken(name):
    function, good = FUNCTIONS[name]
    assert not holds_nan(function(**good))


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_not_a_number_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, np.nan, "nan")


def may_be_infinite(name, parameter):
    return parameter in MAY_BE_INFINITE and (name, parameter) not in ALWAYS_FINITE


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_infinity_is_refused_unless_it_means_perfect(name, parameter):
    assert_refused(ParameterError, name, parameter, -np.inf, "-inf")
    assert_refused(ParameterError, name, parameter, np.full(2, -np.inf), "-inf")
    if not may_be_infinite(name, parameter):
        assert_refused(ParameterError, name, parameter, np.inf, "inf")
        assert_refused(ParameterError, name, parameter, np.full(2, np.inf), "inf")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_infinity_is_taken_where_it_means_perfect(name):
    function, good = FUNCTIONS[name]
    perfect = {key: np.inf if may_be_infinite(name, key) else value for key, value in good.items()}
    assert not holds_nan(function(**perfect))


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_BE_NEGATIVE])
def test_negative_numbers_are_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, -0.25, "-0.25")


@pytest.mark.parametrize(
    ("name", "parameter"), [pair for pair in PARAMETERS if pair[1] not in MAY_EXCEED_ONE or pair in AT_MOST_ONE]
)
def test_more_than_certain_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, 1.75, "")


@pytest.mark.parametrize(
    ("name", "parameter"), [pair for pair in PARAMETERS if pair[1] in NEVER_ZERO and pair not in MAY_BE_ZERO]
)
def test_no_time_at_all_is_refused(name, parameter):
    assert_refused(ParameterError, name, parameter, 0.0, "0")


@pytest.mark.parametrize(("name", "parameter", "value"), BOUNDS)
def test_other_ranges(name, parameter, value):
    assert_refused(ParameterError, name, parameter, value, f"{value:g}")


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_one_bad_entry_spoils_the_batch(name, parameter):
    _, good = FUNCTIONS[name]
    batch = np.array([good[parameter], good[parameter]], float)
    batch.flat[-1] = np.nan
    assert_refused(ParameterError, name, parameter, batch, "nan")


OTHER_THINGS = [
    "0.1",
    b"0.1",
    0.1 + 0.2j,
    object(),
    {},
    True,
    [True, False],
    np.array([0.1 + 0j]),
    [None, 0.1],
    ["0.1"],
]
NOTHINGS = [[], np.zeros((0, 16)), np.zeros((2, 0))]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_other_things_than_numbers_are_refused(name, parameter):
    for thing in OTHER_THINGS:
        with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must hold real numbers, but is"):
            call(name, parameter, thing)


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in PARAMETERS if pair not in MAY_BE_LEFT_OUT])
def test_none_is_no_number(name, parameter):
    with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must hold real numbers, but is None"):
        call(name, parameter, None)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_empty_arrays_are_refused(name, parameter):
    for nothing in NOTHINGS:
        with pytest.raises(DimensionError) as caught:
            call(name, parameter, nothing)
        expected = f"Parameter `{parameter}` must not be empty, but has shape {np.shape(nothing)}."
        assert str(caught.value) == expected


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_ragged_lists_are_refused(name, parameter):
    with pytest.raises(DimensionError, match=rf"`{parameter}` must be a rectangular array"):
        call(name, parameter, [[0.1], [0.1, 0.2]])


def test_pauli_errors_exceed_no_certainty():
    with pytest.raises(ParameterError, match=r"`x`.*`y`.*`z`.*at most 1, but .*1\.2"):
        pauli_channel(x=0.4, y=0.4, z=0.4)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (np.full(15, 1 / 15), DimensionError, r"`weights` must have shape \(\.\.\., 16\), but has shape \(15,\)"),
        (
            np.full((16, 2), 1 / 16),
            DimensionError,
            r"`weights` must have shape \(\.\.\., 16\), but has shape \(16, 2\)",
        ),
        (0.5, DimensionError, r"`weights` must have shape \(\.\.\., 16\), but has shape \(\)"),
        ([1.0] + [0.1] * 15, ParameterError, r"`weights` must have the sum 1 over its last axis, but it is 2\.5"),
        (np.full((2, 16), [[1 / 16], [0.05]]), ParameterError, r"`weights` must have the sum 1 .* but it is 0\.8"),
    ],
)
def test_weights_of_pauli_products_are_sixteen_probabilities(weights, error, message):
    with pytest.raises(error, match=message):
        two_qubit_pauli_channel(weights)


@pytest.mark.parametrize("name", AXES)
@pytest.mark.parametrize(
    ("axis", "error", "message"),
    [
        ("w", ParameterError, "one of x, y, z or a unit vector, but is 'w'"),
        ("", ParameterError, "one of x, y, z or a unit vector, but is ''"),
        ([0.0, 0.0, 0.0], ParameterError, "the length 1, but has 0"),
        ([1.0, 1.0, 0.0], ParameterError, r"the length 1, but has 1\.414"),
        ([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]], ParameterError, "the length 1, but has 2"),
        ([np.nan, 0.0, 1.0], ParameterError, "nan"),
        ([np.inf, 0.0, 0.0], ParameterError, "inf"),
        ([1.0, 0.0], DimensionError, r"shape \(\.\.\., 3\), but has shape \(2,\)"),
        (np.eye(3)[:, :2], DimensionError, r"shape \(\.\.\., 3\), but has shape \(3, 2\)"),
        (1.0, DimensionError, r"shape \(\.\.\., 3\), but has shape \(\)"),
        (np.zeros((0, 3)), DimensionError, r"empty, but has shape \(0, 3\)"),
        (np.eye(3)[0] + 0j, ParameterTypeError, "real numbers"),
        (np.eye(3)[0] > 0, ParameterTypeError, "real numbers"),
        (["x", "y", "z"], ParameterTypeError, "real numbers"),
        (object(), ParameterTypeError, "real numbers"),
    ],
)
def test_an_axis_is_a_letter_or_a_unit_vector(name, axis, error, message):
    with pytest.raises(error, match=f"`axis`.*{message}"):
        AXES[name](axis=axis)


WHOLE_NUMBERS = {
    "depolarizing": (lambda n: depolarizing(mixing=0.1, num_qubits=n), "num_qubits", 1),
    "depolarizing_strength": (lambda n: depolarizing_strength(mixing=0.1, num_qubits=n), "num_qubits", 1),
    "collective_dephasing": (
        lambda n: collective_dephasing(num_qubits=n, duration_s=1.0, t2_s=1.0),
        "num_qubits",
        1,
    ),
    "decoherence_free_subspaces": (decoherence_free_subspaces, "num_qubits", 1),
    "decoupled_coherence": (
        lambda n: decoupled_coherence(duration_s=1.0, detuning_std_rad_per_s=1.0, correlation_time_s=1.0, num_pulses=n),
        "num_pulses",
        0,
    ),
    "erasure": (lambda n: erasure(transmissivity=0.1, dim=n), "dim", 2),
    "photon_loss": (lambda n: photon_loss(transmissivity=0.1, max_photons=n), "max_photons", 1),
    "thermal_loss": (lambda n: thermal_loss(transmissivity=0.1, mean_photons=0.1, max_photons=n), "max_photons", 1),
    "Detector.outcome_probabilities": (DETECTOR.outcome_probabilities, "max_photons", 1),
    "Detector.instrument": (DETECTOR.instrument, "max_photons", 1),
    "EnsembleMemory": (lambda n: EnsembleMemory(0.5, num_modes=n), "num_modes", 1),
    "MemoryNode": (lambda n: MemoryNode(PERFECT, PERFECT, num_storage=n), "num_storage", 1),
    "Platform.gate_noise": (ION.gate_noise, "num_qubits", 1),
}


@pytest.mark.parametrize("name", WHOLE_NUMBERS)
def test_counts_are_whole_numbers_from_the_least_on(name):
    make, parameter, least = WHOLE_NUMBERS[name]
    make(least)
    for bad in (least - 1, -1):
        with pytest.raises(ParameterError, match=rf"`{parameter}` must be .*{least}.*, but is {bad}"):
            make(bad)
    for bad in (float(least), 1.5, "2", None, True, np.nan, [2], np.array([2])):
        with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must be an integer"):
            make(bad)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: collective_dephasing(num_qubits=n, duration_s=1.0, t2_s=1.0), 6),
        (decoherence_free_subspaces, 20),
        (ION.gate_noise, 2),
    ],
)
def test_numbers_of_qubits_are_limited(make, most):
    with pytest.raises(ParameterError, match=rf"`num_qubits` must be between 1 and {most}, but is {most + 1}"):
        make(most + 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: depolarizing(mixing=0.1, num_qubits=40),
        lambda: erasure(transmissivity=0.1, dim=10_000),
        lambda: photon_loss(transmissivity=0.1, max_photons=10_000),
        lambda: thermal_loss(transmissivity=0.1, mean_photons=0.1, max_photons=10_000),
        lambda: collective_dephasing(num_qubits=5, duration_s=np.ones(10**7), t2_s=1.0),
    ],
)
def test_what_does_not_fit_in_memory_is_refused_at_once(make):
    with pytest.raises(CapacityError):
        make()


@pytest.mark.parametrize("num_qubits", [3, 4, 6])
def test_correlation_has_a_least_value_that_depends_on_the_number_of_qubits(num_qubits):
    least = -1 / (num_qubits - 1)
    with pytest.raises(ParameterError, match=rf"`correlation` must be between {least:g} and 1, but is"):
        collective_dephasing(num_qubits=num_qubits, duration_s=1.0, t2_s=1.0, correlation=least - 1e-6)


CHOICES = {
    "birefringence_drift": (lambda c: birefringence_drift(angle_std_rad=0.1, model=c), "model", "gaussian, brownian"),
    "polarization_mode_dispersion": (
        lambda c: polarization_mode_dispersion(delay_s=1.0, spectral_std_rad_per_s=1.0, delays=c),
        "delays",
        "fixed, maxwell",
    ),
    "t2_star_from_linewidth": (
        lambda c: t2_star_from_linewidth(fwhm_hz=1.0, shape=c),
        "shape",
        "gaussian, lorentzian",
    ),
    "afc_efficiency": (
        lambda c: afc_efficiency(optical_depth=1.0, finesse=2.0, retrieval=c),
        "retrieval",
        "forward, backward",
    ),
    "Readout.instrument": (Readout(0.1).instrument, "model", "projective, lueders"),
    "Detector.click_probability": (
        lambda c: DETECTOR.click_probability(1.0, c),
        "statistics",
        "fock, coherent, thermal",
    ),
    "Fiber.loss": (Fiber(1.0).loss, "encoding", "single-rail, dual-rail"),
    "Memory.preset": (
        lambda c: Memory.preset("nv_delft", c),
        "role",
        r"the memories of 'nv_delft' \(storage, communication\)",
    ),
    "Platform.memory": (NV.memory, "role", r"the memories of 'nv_delft' \(storage, communication\)"),
}


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("choice", ["Gaussian", "", "other", None, 1])
def test_an_unknown_choice_is_refused_with_the_known_ones(name, choice):
    make, parameter, known = CHOICES[name]
    with pytest.raises(ParameterError, match=rf"`{parameter}` must be one of {known}, but is {choice!r}"):
        make(choice)


FLAGS = {
    "single_click_link": (
        lambda flag: single_click_link(bright_population=0.1, transmissivity=0.1, number_resolving=flag),
        "number_resolving",
    ),
    "double_click_link": (
        lambda flag: double_click_link(transmissivity=0.1, number_resolving=flag),
        "number_resolving",
    ),
    "Detector": (lambda flag: Detector(0.9, number_resolving=flag), "number_resolving"),
    "Detector.measured_rate_hz": (lambda flag: DETECTOR.measured_rate_hz(1.0, paralyzable=flag), "paralyzable"),
    "Readout.instrument": (lambda flag: Readout(0.1).instrument(destructive=flag), "destructive"),
}


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("flag", ["no", None, 0.0, 1, [True]])
def test_flags_are_true_or_false(name, flag):
    make, parameter = FLAGS[name]
    make(True), make(False)
    with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must be True or False, but is"):
        make(flag)


DEVICES = {
    "MemoryNode, communication": (lambda thing: MemoryNode(thing, PERFECT), "communication"),
    "MemoryNode, storage": (lambda thing: MemoryNode(PERFECT, thing), "storage"),
    "Emitter.transmissivity": (Emitter(0.1).transmissivity, "fiber"),
    "Platform.link, fiber": (lambda thing: NV.link(fiber=thing), "fiber"),
    "Platform.link, emitter": (lambda thing: NV.link(emitter=thing), "emitter"),
    "swap": (lambda thing: swap(bell_state(), bell_state(), station=thing), "station"),
    "swap_branches": (lambda thing: swap_branches(bell_state(), bell_state(), station=thing), "station"),
}


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("thing", ["nv_delft", 1.0, {}, Readout()], ids=["name", "number", "dict", "other device"])
def test_devices_are_made_of_devices(name, thing):
    make, parameter = DEVICES[name]
    with pytest.raises(ParameterTypeError, match=rf"`{parameter}` must be an? "):
        make(thing)


@pytest.mark.parametrize("given", [{}, {"mixing": 0.1, "pauli_error": 0.1}, {"mixing": None}])
def test_depolarizing_strength_is_given_in_one_way(given):
    ways = "mixing, pauli_error, each_pauli, process_fidelity, average_gate_fidelity"
    count = sum(value is not None for value in given.values())
    with pytest.raises(ParameterTypeError, match=f"Exactly one of {ways} must be given, but {count} are"):
        depolarizing_strength(**given)


# The strongest depolarizing noise of dimension d, in each way to say it.
WORST = {
    "mixing": lambda d: d**2 / (d**2 - 1),
    "pauli_error": lambda d: 1.0,
    "each_pauli": lambda d: 1 / (d**2 - 1),
    "process_fidelity": lambda d: 0.0,
    "average_gate_fidelity": lambda d: 1 / (d + 1),
}


@pytest.mark.parametrize("num_qubits", range(1, 9))
@pytest.mark.parametrize("way", WORST)
def test_the_strongest_depolarizing_noise_is_taken_and_no_stronger(num_qubits, way):
    """All Pauli errors equally often and never none, which is a channel."""
    end = WORST[way](2**num_qubits)
    strength = depolarizing_strength(**{way: end}, num_qubits=num_qubits)
    np.testing.assert_allclose(strength.pauli_error, 1.0, rtol=1e-12)
    beyond = end * (1 - 1e-6) - 1e-9 if way.endswith("fidelity") else end * (1 + 1e-6)
    with pytest.raises(ParameterError, match=f"`{way}` must be between"):
        depolarizing_strength(**{way: beyond}, num_qubits=num_qubits)


@pytest.mark.parametrize("errors", [(0.5, 0.5), (0.9, 0.1), (1.0, 0.0), ([0.1, 0.3], [0.1, 0.7])])
def test_a_reading_that_tells_nothing_is_not_corrected(errors):
    with pytest.raises(ParameterError, match=r"`error_0`, `error_1` must not add up to 1"):
        Readout(*errors).corrected(0.1)


@pytest.mark.parametrize("photons", [0.5, [1.0, 2.5]])
def test_fock_states_have_whole_numbers_of_photons(photons):
    with pytest.raises(ParameterError, match="`mean_photons` must hold whole numbers"):
        DETECTOR.click_probability(photons, "fock")


@pytest.mark.parametrize("link", ["single_click_link", "double_click_link"])
@pytest.mark.parametrize("arms", [(0.1, 0.2, 0.3), (0.1,), ()])
def test_arms_come_in_pairs(link, arms):
    with pytest.raises(ValueError, match="`transmissivity`"):
        call(link, "transmissivity", arms)


@pytest.mark.parametrize("arms", [(0.1, 1.5), (-1.5, 0.1)])
@pytest.mark.parametrize(
    ("link", "parameter"), [("single_click_link", "bright_population"), ("double_click_link", "transmissivity")]
)
def test_each_arm_is_checked(link, parameter, arms):
    with pytest.raises(ParameterError, match=rf"`{parameter}.*must be .*1\.5"):
        call(link, parameter, arms)


@pytest.mark.parametrize("link", ["single_click_link", "double_click_link"])
@pytest.mark.parametrize("target", ["phi", "Phi+", "00", None])
def test_unknown_target_is_refused(link, target):
    with pytest.raises((ParameterError, ParameterTypeError), match="`target`"):
        call(link, "target", target)


@pytest.mark.parametrize("exponents", [1.0, [1.0, 2.0]])
def test_exponential_memories_obey_the_bound_on_t2_and_others_have_none(exponents):
    with pytest.raises(ParameterError, match=r"`t2_s` must be at most 2 \* t1_s = 2, but is 3"):
        Memory(t1_s=1.0, t2_s=3.0, decay_exponent=exponents)
    Memory(t1_s=1.0, t2_s=[2.0, 3.0], decay_exponent=[1.0, 2.0])


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


ROUNDS = {"bbpssw": bbpssw, "dejmps": dejmps, "epl": epl, "double_selection": double_selection}


@pytest.mark.parametrize("name", ROUNDS)
def test_only_pairs_of_qubits_are_distilled(name):
    names = list(inspect.signature(ROUNDS[name]).parameters)[: 3 if name == "double_selection" else 2]
    for parameter in names:
        pairs = dict.fromkeys(names, PAIR)
        for bad in (ket("0"), ket("000"), random_state((2, 3), rng=np.random.default_rng(1))):
            with pytest.raises(DimensionError, match=f"`{parameter}` must be a state of two qubits, but has dims"):
                ROUNDS[name](**pairs | {parameter: bad})
        for bad in ("phi+", None, np.eye(4) / 4):
            with pytest.raises(ParameterTypeError, match=f"`{parameter}` must be a DensityMatrix, but is"):
                ROUNDS[name](**pairs | {parameter: bad})
    batches = {"first": werner_state(fidelity=np.full(2, 0.9)), "second": werner_state(fidelity=np.full(3, 0.9))}
    with pytest.raises(DimensionError, match=r"`first` \(2,\), `second` \(3,\)"):
        ROUNDS[name](**dict.fromkeys(names, PAIR) | batches)


@pytest.mark.parametrize("name", ["expedient_pair", "stringent_pair", "expedient_ghz", "stringent_ghz"])
def test_only_pairs_of_qubits_make_ghz_states(name):
    with pytest.raises(DimensionError, match="`pair` must be a state of two qubits, but has dims"):
        getattr(qnet_channels, name)(ket("0"))


@pytest.mark.parametrize("make", [preset, Memory.preset, MemoryNode.preset, EnsembleMemory.preset, Readout.preset])
@pytest.mark.parametrize("name", ["abacus", "", None, 3])
def test_unknown_platform_is_refused_with_the_known_ones(make, name):
    with pytest.raises(ParameterError, match=rf"`name` must be one of atom_rb87, .*nv_delft.*, but is {name!r}"):
        make(name)


BY_POSITION = {
    "two_qubit_pauli_channel": {"weights"}, "rotation": {"axis"}, "dbm_to_w": {"power_dbm"}, "hufnagel_valley": {"height_m"},
    "double_excitation_from_g2": {"g2"},
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in qnet_channels.__all__ if name[0].islower()])
def test_physics_parameters_go_by_name(name):
    parameters = inspect.signature(getattr(qnet_channels, name)).parameters
    for parameter in array_parameters(getattr(qnet_channels, name)) - BY_POSITION.get(name, set()):
        assert parameters[parameter].kind is inspect.Parameter.KEYWORD_ONLY
