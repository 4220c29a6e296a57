"""Every physical parameter may be an array, and each point is what scalars give."""

import inspect
import re
from functools import partial
from itertools import combinations

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
from qnet_core import Channel, DensityMatrix, Heralded, bell_state, random_state, werner_state
from qnet_core.errors import DimensionError

PERFECT = Memory(np.inf, np.inf)
MEASURED = {dim: random_state((dim, 2), rng=np.random.default_rng(3)) for dim in (2, 3)}


def by_option(function, **options):
    return lambda **parameters: function(**parameters, **options)


def device(kind, use, *own, **options):
    """A method or property of a device as a function of the device's numbers and of its ``own`` parameters."""

    def make(**parameters):
        fields = {name: value for name, value in parameters.items() if name not in own}
        return use(kind(**fields, **options), **{name: parameters[name] for name in own})

    return make


def node(use, *own):
    """A node whose both memories have the numbers that are no fields of the node."""

    def make(**parameters):
        times = {name: parameters.pop(name) for name in ("t1_s", "t2_s") if name in parameters}
        memory = Memory(**times) if times else PERFECT
        return device(MemoryNode, use, *own, communication=memory, storage=memory)(**parameters)

    return make


def swapped(function):
    def make(**parameters):
        return function(werner_state(fidelity=0.9), bell_state("phi+"), station=BellStation(**parameters))

    return make


def fused(function):
    """A fusion of two pairs as a function of its noise, its result a heralded one."""

    def make(**noise):
        state = function(**noise)
        return Heralded(state, state.trace())

    return make


def station_of_unequal_arms(kind):
    def make(left, right, **parameters):
        return split(kind(transmissivity=(left, right), **parameters).correlations, 2)

    return make


def distilled(function, count=1, **options):
    """A function of pairs as one of its noise; the pairs are near phi+, and in no family of states."""
    return by_option(partial(function, *[DISTILLED] * count), **options)


def link_of_unequal_arms(link):
    def make(left, right, **parameters):
        return link(transmissivity=(left, right), **parameters)

    return make


def platform_link(length_km, photon_detection_probability, visibility, **parameters):
    emitter = Emitter(photon_detection_probability, visibility)
    return preset("nv_delft").link(fiber=Fiber(length_km), emitter=emitter, **parameters)


def outcomes(instrument, dim):
    return instrument.branches(MEASURED[dim], 0)


def split(array, axes):
    """Arrays over the batch alone, of one whose first axes are something else."""
    return tuple(array.reshape(-1, *array.shape[axes:]))


LOSSES = {"length_km": [0.0, 50.0], "attenuation_db_per_km": [0.2, 0.17], "insertion_loss_db": [0.0, 3.0]}
TIMES = {"t1_s": [1.0, np.inf], "t2_s": [0.5, 1.9]}
STORED = {"duration_s": [0.0, 0.3], **TIMES, "excited_population": [0.0, 0.2]}
AGED = {**STORED, "decay_exponent": [1.0, 2.0], "age_s": [0.0, 0.4]}
RETRIEVED = {
    "duration_s": [0.0, 0.3], "efficiency": [0.9, 0.3], "lifetime_s": [0.5, np.inf], "decay_exponent": [1.0, 2.0]
}  # fmt: skip
CLICKS = {"transmissivity": [0.01, 0.5], "dark_count_probability": [0.0, 1e-3], "visibility": [0.8, 1.0]}
PHASES = {"bright_population": [0.05, 0.3], "phase_rad": [0.0, 0.4], "phase_std_rad": [0.0, 0.2]}
ARMS = {"left": [0.1, 0.9], "right": [0.2, 0.3], "dark_count_probability": [0.0, 1e-3]}
STATION = {"gate_mixing": [0.0, 0.1], "readout_error": [0.0, 0.02], "success_probability": [0.5, 1.0]}
FUSION = {"gate_mixing": [0.0, 0.1], "readout_error": [0.0, 0.02]}
READ = {"error_0": [0.02, 0.1], "error_1": [0.3, 0.05]}
DARK = {"dark_count_rate_hz": [0.0, 1e3], "window_s": [1e-4, 2e-4]}
BLURRED = {"efficiency": [0.3, 0.9], "window_s": [1e-9, 2e-9], "jitter_fwhm_s": [0.0, 1e-9]}
DETECTED = {**BLURRED, **DARK}
NODE = {**TIMES, "swap_in_fidelity": [0.9, 1.0], "swap_in_duration_s": [0.0, 0.1]}
DISTURBED = {
    **TIMES, "attempts": [0.0, 30.0], "attempt_duration_s": [1e-3, 0.0], "attempts_to_dephase": [50.0, np.inf]
}  # fmt: skip
DISTILLED = DensityMatrix(0.8 * bell_state().matrix + 0.2 * random_state((2, 2), rng=np.random.default_rng(7)).matrix)
ROUND = {"gate_mixing": [0.0, 0.05], "readout_error": [0.02, 0.0]}
SCHEDULE, WAITING = Schedule.pumping(rounds=2), Memory(t1_s=2.0, t2_s=1.0)
AXES = [[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]]
FREE = {"duration_s": [0.0, 2.0], "detuning_std_rad_per_s": [0.3, 1.0], "correlation_time_s": [0.1, 4.0]}

# Functions, methods and properties by name, with a remark after a comma, and two values of each parameter.
RAILS = {"phase_rad": [0.0, 0.4], "phase_std_rad": [0.0, 0.2], "double_excitation_probability": [0.0, 0.05]}
FUNCTIONS = {
    "pauli_channel": (pauli_channel, {"x": [0.0, 0.1], "y": [0.05, 0.2], "z": [0.3, 0.0]}),
    "two_qubit_pauli_channel": (two_qubit_pauli_channel, {"weights": [np.arange(16) / 120, np.full(16, 1 / 16)]}),
    "poisson_pauli_channel": (
        poisson_pauli_channel,
        {"duration_s": [0.0, 0.7], "x_rate_hz": [0.0, 0.1], "y_rate_hz": [0.2, 0.3], "z_rate_hz": [1.0, 0.0]},
    ),
    "bit_flip": (bit_flip, {"probability": [0.1, 0.9]}),
    "bit_phase_flip": (bit_phase_flip, {"probability": [0.1, 0.9]}),
    "dephasing": (dephasing, {"probability": [0.0, 0.5]}),
    "depolarizing": (depolarizing, {"mixing": [0.0, 0.3]}),
    "depolarizing, two qubits": (by_option(depolarizing, num_qubits=2), {"mixing": [0.1, 1.0]}),
    "depolarizing_strength": (depolarizing_strength, {"mixing": [0.1, 1.2]}),
    "depolarizing_strength, errors": (depolarizing_strength, {"pauli_error": [0.1, 1.0]}),
    "depolarizing_strength, each": (by_option(depolarizing_strength, num_qubits=2), {"each_pauli": [0.01, 0.05]}),
    "depolarizing_strength, process": (depolarizing_strength, {"process_fidelity": [0.1, 1.0]}),
    "depolarizing_strength, gate": (depolarizing_strength, {"average_gate_fidelity": [0.9, 1.0]}),
    "phase_damping": (phase_damping, {"damping": [0.2, 1.0]}),
    "amplitude_damping": (amplitude_damping, {"damping": [0.2, 1.0]}),
    "generalized_amplitude_damping": (
        generalized_amplitude_damping,
        {"damping": [0.2, 1.0], "excited_population": [0.1, 0.6]},
    ),
    "reset": (reset, {"probability": [0.2, 1.0], "excited_population": [0.1, 0.6]}),
    "thermal_relaxation": (thermal_relaxation, STORED),
    "thermal_population": (thermal_population, {"frequency_hz": [0.0, 5e9], "temperature_k": [0.1, 4.0]}),
    "bath_relaxation": (bath_relaxation, {"decay_rate_hz": [0.3, 2.0], "mean_photons": [0.0, 1.5]}),
    "gaussian_dephasing": (
        gaussian_dephasing,
        {"duration_s": [0.0, 0.7], "t2_star_s": [0.5, np.inf], "exponent": [2.0, 0.8], "age_s": [0.0, 0.3]},
    ),
    "collective_dephasing": (
        by_option(collective_dephasing, num_qubits=2),
        {"duration_s": [0.0, 0.7], "t2_s": [0.5, np.inf], "correlation": [1.0, -0.5], "exponent": [1.0, 2.0]},
    ),
    "t2_star_from_detuning": (t2_star_from_detuning, {"detuning_std_rad_per_s": [0.1, 3.0]}),
    "t2_star_from_linewidth": (t2_star_from_linewidth, {"fwhm_hz": [0.1, 3.0]}),
    "t2_star_from_linewidth, lorentzian": (
        by_option(t2_star_from_linewidth, shape="lorentzian"),
        {"fwhm_hz": [0.1, 3.0]},
    ),
    "decoupled_coherence": (decoupled_coherence, FREE),
    "decoupled_coherence, three pulses": (by_option(decoupled_coherence, num_pulses=3), FREE),
    "decoupled_t2": (
        decoupled_t2,
        {"t2_s": [0.1, 1.0], "num_pulses": [1.0, 8.0], "exponent": [0.5, 0.67], "t1_s": [1.0, np.inf]},
    ),
    "rotation": (rotation, {"axis": AXES, "angle_rad": [-0.3, 2.0], "angle_std_rad": [0.0, 0.4]}),
    "rotation, about y": (by_option(rotation, axis="y"), {"angle_rad": [-0.3, 2.0], "angle_std_rad": [0.0, 0.4]}),
    "birefringence_drift": (birefringence_drift, {"angle_std_rad": [0.0, 1.5]}),
    "birefringence_drift, brownian": (by_option(birefringence_drift, model="brownian"), {"angle_std_rad": [0.0, 1.5]}),
    "polarization_mode_dispersion": (
        polarization_mode_dispersion,
        {"delay_s": [0.0, 0.5], "spectral_std_rad_per_s": [0.2, 2.0], "axis": AXES},
    ),
    "polarization_mode_dispersion, any axis": (
        by_option(polarization_mode_dispersion, delays="maxwell"),
        {"delay_s": [0.0, 0.5], "spectral_std_rad_per_s": [0.2, 2.0]},
    ),
    "spectral_std": (spectral_std, {"fwhm_hz": [0.0, 2.0]}),
    "erasure": (erasure, {"transmissivity": [0.1, 1.0]}),
    "polarization_dependent_loss": (polarization_dependent_loss, {"horizontal": [0.1, 1.0], "vertical": [0.0, 0.7]}),
    "photon_loss": (by_option(photon_loss, max_photons=3), {"transmissivity": [0.1, 1.0]}),
    "thermal_loss": (
        by_option(thermal_loss, max_photons=2),
        {"transmissivity": [0.1, 1.0], "mean_photons": [0.0, 0.5]},
    ),
    "leakage": (leakage, {"probability": [0.1, 0.2], "seepage": [0.0, 1.0]}),
    "Readout.assignment_fidelity": (device(Readout, lambda r: r.assignment_fidelity), READ),
    "Readout.corrected": (device(Readout, Readout.corrected, "measured_z"), {**READ, "measured_z": [-0.3, 0.9]}),
    "Readout.instrument": (device(Readout, lambda r: outcomes(r.instrument(), 2)), READ),
    "Readout.instrument, lueders": (device(Readout, lambda r: outcomes(r.instrument("lueders"), 2)), READ),
    "Readout.instrument, destructive": (
        device(Readout, lambda r: outcomes(r.instrument(destructive=True), 2)),
        READ,
    ),
    "Detector.window_efficiency": (device(Detector, lambda d: d.window_efficiency), BLURRED),
    "Detector.with_background": (
        device(Detector, lambda d, rate_hz: d.with_background(rate_hz).dark_count_probability, "rate_hz"),
        {"rate_hz": [0.0, 1e4], **DARK},
    ),
    "Detector.dark_count_probability": (device(Detector, lambda d: d.dark_count_probability), DARK),
    "Detector.outcome_probabilities": (device(Detector, lambda d: split(d.outcome_probabilities(2), 2)), DETECTED),
    "Detector.outcome_probabilities, counting": (
        device(Detector, lambda d: split(d.outcome_probabilities(2), 2), number_resolving=True),
        DETECTED,
    ),
    "Detector.instrument": (
        device(Detector, lambda d: outcomes(d.instrument(2), 3)),
        DETECTED | {"dark_count_rate_hz": [10.0, 1e3]},
    ),
    "Detector.click_probability": (
        device(Detector, Detector.click_probability, "mean_photons"),
        {**DETECTED, "mean_photons": [0.0, 1.5]},
    ),
    "Detector.click_probability, thermal": (
        device(Detector, lambda d, mean_photons: d.click_probability(mean_photons, "thermal"), "mean_photons"),
        {**DETECTED, "mean_photons": [0.0, 1.5]},
    ),
    "Detector.click_probability, fock": (
        device(Detector, lambda d, mean_photons: d.click_probability(mean_photons, "fock"), "mean_photons"),
        {**DETECTED, "mean_photons": [0, 3]},
    ),
    "Detector.measured_rate_hz": (
        device(Detector, Detector.measured_rate_hz, "true_rate_hz"),
        {"dead_time_s": [0.0, 1e-3], "afterpulse_probability": [0.0, 0.1], "true_rate_hz": [1e3, 1e2]},
    ),
    "Detector.measured_rate_hz, paralyzable": (
        device(Detector, lambda d, true_rate_hz: d.measured_rate_hz(true_rate_hz, paralyzable=True), "true_rate_hz"),
        {"dead_time_s": [0.0, 1e-3], "afterpulse_probability": [0.0, 0.1], "true_rate_hz": [1e3, 1e2]},
    ),
    "Fiber.transmissivity": (device(Fiber, lambda f: f.transmissivity), LOSSES),
    "Fiber.latency_s": (device(Fiber, lambda f: f.latency_s), {"length_km": [0.0, 50.0], "group_index": [1.468, 1.0]}),
    "Fiber.loss": (device(Fiber, lambda f: f.loss("single-rail")), LOSSES),
    "Fiber.loss, dual-rail": (device(Fiber, lambda f: f.loss("dual-rail")), LOSSES),
    "Memory.decay": (device(Memory, Memory.decay, "duration_s"), AGED),
    "Memory.older": (device(Memory, lambda m, **t: m.older(**t).decay(duration_s=0.4), "duration_s"), AGED),
    "Memory.refocused": (
        device(Memory, lambda m, **t: m.refocused().decay(**t), "duration_s", age_s=0.3),
        {**STORED, "decay_exponent": [1.0, 2.0]},
    ),
    "MemoryNode.swap_in": (node(MemoryNode.swap_in), NODE),
    "MemoryNode.disturbed": (node(MemoryNode.disturbed, "attempts", "attempt_duration_s"), DISTURBED),
    "EnsembleMemory.retrieval_efficiency": (
        device(EnsembleMemory, EnsembleMemory.retrieval_efficiency, "duration_s"),
        RETRIEVED,
    ),
    "EnsembleMemory.decay": (device(EnsembleMemory, EnsembleMemory.decay, "duration_s"), RETRIEVED),
    "afc_efficiency": (
        afc_efficiency,
        {"optical_depth": [0.0, 3.0], "finesse": [1.0, 4.0], "background_depth": [0.0, 0.3]},
    ),
    "afc_efficiency, backward": (
        by_option(afc_efficiency, retrieval="backward"),
        {"optical_depth": [0.0, 3.0], "finesse": [1.0, 4.0], "background_depth": [0.0, 0.3]},
    ),
    "afc_modes": (afc_modes, {"storage_time_s": [1.0, 7.0], "mode_duration_s": [0.1, 0.3]}),
    "Emitter.transmissivity": (
        lambda photon_detection_probability, length_km: Emitter(photon_detection_probability).transmissivity(
            Fiber(length_km)
        ),
        {"photon_detection_probability": [0.1, 0.8], "length_km": [0.0, 10.0]},
    ),
    "Platform.link": (
        platform_link,
        {
            **{"length_km": [0.0, 10.0], "photon_detection_probability": [0.1, 0.8], "visibility": [0.9, 1.0]},
            **{"bright_population": [0.05, 0.3], "dark_count_probability": [0.0, 1e-3]},
        },
    ),
    "single_click_link": (single_click_link, CLICKS | PHASES),
    "single_click_link, double excitation": (
        partial(single_click_link, bright_population=0.1),
        {"transmissivity": [0.1, 0.3], "double_excitation_probability": [0.0, 0.05]},
    ),
    "single_click_link, unequal": (
        link_of_unequal_arms(single_click_link),
        ARMS | {"bright_population": [0.1, 0.2]},
    ),
    "double_click_link": (double_click_link, CLICKS | RAILS),
    "double_click_link, unequal": (link_of_unequal_arms(double_click_link), ARMS),
    "BellStation.characters": (
        device(BellStation, lambda s: split(s.characters, 1)),
        {"gate_mixing": [0.0, 0.1], "readout_error": [0.0, 0.02]},
    ),
    "BellStation.correlations": (device(BellStation, lambda s: split(s.correlations, 2)), STATION),
    "LinearOpticsStation.correlations": (device(LinearOpticsStation, lambda s: split(s.correlations, 2)), CLICKS),
    "LinearOpticsStation.correlations, unequal": (station_of_unequal_arms(LinearOpticsStation), ARMS),
    "BoostedStation.correlations": (
        device(BoostedStation, lambda s: split(s.correlations, 2)),
        {"transmissivity": [0.01, 0.5], "ancilla_transmissivity": [0.9, 1.0], "dark_count_probability": [0.0, 1e-3]},
    ),
    "BoostedStation.correlations, unequal": (
        station_of_unequal_arms(partial(BoostedStation, "four-photons")),
        ARMS | {"ancilla_transmissivity": [0.9, 1.0]},
    ),
    "fuse": (fused(partial(fuse, werner_state(fidelity=0.9), bell_state("phi+"))), FUSION),
    "fuse_branches": (partial(fuse_branches, werner_state(fidelity=0.9), bell_state("phi+")), FUSION),
    "ghz_from_pairs": (fused(partial(ghz_from_pairs, [werner_state(fidelity=0.9)] * 3)), FUSION),
    "swap": (swapped(swap), STATION),
    "swap_branches": (swapped(swap_branches), STATION),
    "bbpssw": (distilled(bbpssw, 2), ROUND),
    "dejmps": (distilled(dejmps, 2), ROUND),
    "epl": (distilled(epl, 2), ROUND),
    "double_selection": (distilled(double_selection, 3), ROUND),
    "stabilizer_distillation": (distilled(stabilizer_distillation), ROUND),
    "stabilizer_distillation, corrected": (distilled(stabilizer_distillation, correct=True), ROUND),
    "expedient_pair": (distilled(expedient_pair), ROUND),
    "stringent_pair": (distilled(stringent_pair), ROUND),
    "expedient_ghz": (distilled(expedient_ghz), ROUND),
    "stringent_ghz": (distilled(stringent_ghz), ROUND),
    "nested_rounds": (distilled(nested_rounds, rounds=2), ROUND),
    "pump": (distilled(pump, 2, rounds=2), ROUND),
    "recurrence_limit": (distilled(recurrence_limit), ROUND),
    "pumping_limit": (distilled(pumping_limit), ROUND),
    "Schedule.apply": (distilled(SCHEDULE.apply, memory=WAITING), {**ROUND, "round_s": [0.1, 0.0]}),
    "Schedule.repeated": (
        distilled(SCHEDULE.repeated, memory=WAITING),
        {**ROUND, "round_s": [0.1, 0.0], "pair_s": [0.0, 0.2]},
    ),
    "bbpssw_fixpoints": (bbpssw_fixpoints, ROUND),
    "gate_mixing_threshold": (gate_mixing_threshold, {"readout_error": [0.0, 0.05]}),
}
OF_THE_WHOLE_BATCH = {"Memory.is_exponential"}
USED_BY = {"BellStation": "swap", "Emitter": "Platform.link"}  # devices with fields that show only in what uses them
# How errors may call what goes into something else first, as patterns.
CALLED = {
    **dict.fromkeys(("left", "right"), "transmissivity"),
    **dict.fromkeys(("dark_count_rate_hz", "window_s"), "(?:dark_count|window_s)"),
}
MADE_OF_DEVICES = {"MemoryNode.swap_in", "MemoryNode.disturbed", "Emitter.transmissivity", "Platform.link"}


def numbers(result):
    """The arrays that a result consists of, and how many of their last axes are not the batch."""
    if isinstance(result, Channel):
        return [(result.transfer, 2)]
    if isinstance(result, DensityMatrix):
        return [(result.bloch, result.num_subsystems)]
    if isinstance(result, Heralded):
        return [(result.state.bloch, result.state.num_subsystems), (result.probability, 0)]
    if isinstance(result, tuple):
        return [pair for part in result for pair in numbers(part)]
    return [(np.asarray(result), 0)]


def assert_points(result, shape, scalar_calls):
    for k, (array, own) in enumerate(numbers(result)):
        assert array.shape[: array.ndim - own] == shape
        for index, scalars in scalar_calls:
            expected, _ = numbers(scalars)[k]
            np.testing.assert_allclose(array[index], expected, rtol=1e-13, atol=1e-15)


def on_axis(pair, axes_behind):
    """The two values on an axis of their own before those of the parameters that follow."""
    array = np.array(pair)
    return array.reshape(2, *(1,) * axes_behind, *array.shape[1:])


def public_array_parameters():
    """Each public function, and each method and property of a device, with all parameters that may be arrays."""
    for name in qnet_channels.__all__:
        value = getattr(qnet_channels, name)
        own = array_parameters(value)
        if inspect.isfunction(value) and own:
            yield name, own
        for key, member in vars(value).items() if inspect.isclass(value) else ():
            plain = getattr(member, "fget", None) or member
            if not key.startswith("_") and inspect.isfunction(plain) and (own or array_parameters(plain)):
                yield f"{name}.{key}", array_parameters(plain)
        if inspect.isclass(value) and own:
            yield name, own


ELSEWHERE = {  # what has tables of its own
    re.match(r"\w+", name)[0] for table in (link_tables, transmission_tables) for name in table.FUNCTIONS
} - {"single_click_link", "double_click_link"}


def test_the_table_is_complete():
    covered = {}
    for name, (_, values) in FUNCTIONS.items():
        function = name.partition(",")[0]
        for key in (function, function.partition(".")[0]):
            covered.setdefault(key, set()).update(values)
    for kind, user in USED_BY.items():
        covered[kind] |= covered[user]
    for name, parameters in public_array_parameters():
        if name not in OF_THE_WHOLE_BATCH and name.partition(".")[0] not in ELSEWHERE:
            assert name in covered, name
            assert parameters <= covered[name], name


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
    batch = function(**{key: on_axis(pair, len(values) - 1 - k) for k, (key, pair) in enumerate(values.items())})
    shape = (2,) * len(values)
    calls = [
        (index, function(**{parameter: pair[k] for k, (parameter, pair) in zip(index, values.items(), strict=True)}))
        for index in np.ndindex(shape)
    ]
    assert_points(batch, shape, calls)


@pytest.mark.parametrize(
    ("name", "two", "three"),
    [(name, *pair) for name, (_, values) in FUNCTIONS.items() for pair in combinations(values, 2)],
)
def test_arrays_that_do_not_fit_are_refused_by_name_and_shape(name, two, three):
    function, values = FUNCTIONS[name]
    parameters = {key: pair[1] for key, pair in values.items()}
    parameters |= {two: values[two], three: [*values[three], values[three][1]]}
    with pytest.raises(DimensionError) as caught:
        function(**parameters)
    for key, size in ((two, 2), (three, 3)):
        parameter = "" if name in MADE_OF_DEVICES else CALLED.get(key, key)
        assert re.search(rf"`{parameter}[^`]*` \({size},\)", str(caught.value))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scalars_give_one_point(name):
    function, values = FUNCTIONS[name]
    for array, own in numbers(function(**{parameter: pair[1] for parameter, pair in values.items()})):
        assert array.ndim == own


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if not name.endswith("unequal")])
def test_lists_are_arrays(name):
    function, values = FUNCTIONS[name]
    listed = function(**values)
    array = function(**{parameter: np.array(pair) for parameter, pair in values.items()})
    for (one, _), (other, _) in zip(numbers(listed), numbers(array), strict=True):
        np.testing.assert_array_equal(one, other)
