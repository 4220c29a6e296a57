"""Laws of every channel of the package at any strength, and the Kraus operators that it stands for, written by hand."""

from math import comb, exp, expm1, log1p, prod, sqrt

import numpy as np
import oracles
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import (
    Detector,
    EnsembleMemory,
    Fiber,
    FreeSpaceLink,
    Memory,
    MemoryNode,
    Readout,
    amplitude_damping,
    beam_splitter,
    birefringence_drift,
    bit_flip,
    bit_phase_flip,
    collective_dephasing,
    dephasing,
    depolarizing,
    erasure,
    gaussian_dephasing,
    generalized_amplitude_damping,
    joint_detection,
    leakage,
    pauli_channel,
    phase_damping,
    phase_shift,
    photon_loss,
    poisson_pauli_channel,
    polarization_dependent_loss,
    polarization_mode_dispersion,
    preset,
    reset,
    rotation,
    thermal_loss,
    thermal_relaxation,
    two_qubit_pauli_channel,
)
from qnet_channels.catalog import CATALOG
from qnet_core import random_state, trace_distance

ONE, X, Y, Z = (oracles.PAULI[letter] for letter in "IXYZ")
LOWER = np.array([[0, 1], [0, 0]])
RAISE = LOWER.T
AXIS = np.array([2, -1, 2]) / 3
AMOUNTS = st.sampled_from([0.0, 1.0, 0.5, 1e-9, 1 - 1e-9]) | st.floats(0, 1)
SEEDS = st.integers(0, 2**32 - 1)
NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = _WEIGHTS / _WEIGHTS.sum()  # the mean over a standard normal number is a sum over NODES
RADIAL = WEIGHTS * NODES**2  # and this over the length of a vector of three


def after(*stages):
    """Kraus operators of maps one after another, the first one first."""
    operators = stages[0]
    for stage in stages[1:]:
        operators = [second @ first for second in stage for first in operators]
    return fewest(operators)


def fewest(operators):
    """The same map by as few operators as can be: a unitary mixture of them."""
    operators = np.array(operators)
    _, sizes, rows = np.linalg.svd(operators.reshape(len(operators), -1), full_matrices=False)
    return [size * row.reshape(operators.shape[1:]) for size, row in zip(sizes, rows, strict=True) if size > 1e-17]


def mixture(*weights):
    return [np.sqrt(weight) * pauli for weight, pauli in zip(weights, (ONE, X, Y, Z), strict=True)]


def flipped(pauli, coherence):
    """Errors of this kind, so rare that the other two Bloch components shrink to ``coherence``."""
    return [np.sqrt((1 + coherence) / 2) * ONE, np.sqrt((1 - coherence) / 2) * pauli]


def damped(amount):
    return [np.diag([1, np.sqrt(1 - amount)]), np.sqrt(amount) * LOWER]


def warmed(amount, population):
    """Excitation is damping seen with both levels exchanged."""
    down = [np.sqrt(1 - population) * k for k in damped(amount)]
    return down + [np.sqrt(population) * X @ k @ X for k in damped(amount)]


def warm(amount):
    """Relaxation at t1 = t2 to a population of 0.2."""
    return after(warmed(amount, 0.2), flipped(Z, np.sqrt(1 - amount)))


def relaxation(amount):
    return thermal_relaxation(duration_s=waited(amount), t1_s=1.0, t2_s=1.0, excited_population=0.2)


def waited(amount):
    """How long to wait at the rate 1 for this damping."""
    return min(-log1p(-amount), 800.0) if amount < 1 else 800.0


def refreshed(amount, population):
    fresh = [sqrt(1 - population) * np.outer(ONE[0], level) for level in ONE]
    excited = [sqrt(population) * np.outer(ONE[1], level) for level in ONE]
    return [sqrt(1 - amount) * ONE, *(sqrt(amount) * k for k in fresh + excited)]


def about(axis, angle):
    """exp(-i angle n·σ/2)"""
    turn = sum(n * pauli for n, pauli in zip(axis, (X, Y, Z), strict=True))
    return np.cos(angle / 2) * ONE - 1j * np.sin(angle / 2) * turn


def random_phases(num_qubits, spread):
    """One phase of this spread for all qubits."""
    ones = np.array([index.bit_count() for index in range(2**num_qubits)])
    pairs = zip(WEIGHTS, NODES, strict=True)
    return fewest([sqrt(w) * np.diag(np.exp(1j * spread * node * ones)) for w, node in pairs])


def random_angles(axis, mean, spread):
    return fewest([sqrt(w) * about(axis, mean + spread * node) for w, node in zip(WEIGHTS, NODES, strict=True)])


def random_rotations(spread):
    """Rotation vectors with three normal components: six axes stand for all directions, as the mean is of degree 2."""
    pairs = zip(RADIAL, NODES, strict=True)
    return fewest([sqrt(w / 3) * about(axis, spread * node) for w, node in pairs for axis in np.eye(3)])


def dispersed(axis, mean_delay, spread):
    """Delays with a Maxwell distribution, frequencies with a normal one."""
    delays = list(zip(RADIAL, mean_delay * sqrt(np.pi / 8) * NODES, strict=True))
    frequencies = list(zip(WEIGHTS, spread * NODES, strict=True))
    return fewest([sqrt(w * v) * about(axis, delay * shift) for w, delay in delays for v, shift in frequencies])


def arrival(amount):
    survive = np.sqrt(1 - amount) * np.eye(3, 2)
    return [survive, *(np.sqrt(amount) * np.outer(np.eye(3)[2], level) for level in np.eye(2))]


def filtered(horizontal, vertical):
    lost = [sqrt(1 - t) * np.outer(np.eye(3)[2], level) for t, level in zip((horizontal, vertical), ONE, strict=True)]
    return [np.eye(3, 2) @ np.diag([sqrt(horizontal), sqrt(vertical)]), *lost]


def leaked(out, back):
    levels = np.eye(3)
    stay = np.diag([1, sqrt(1 - out), sqrt(1 - back)])
    return [stay, sqrt(out) * np.outer(levels[2], levels[1]), sqrt(back) * np.outer(levels[1], levels[2])]


def mixed_photons(transmissivity, total):
    """<k, total - k|U|n, total - n> of ``total`` photons in two modes, from exp(θ (a†b - a b†))."""
    hops = [sqrt((k + 1) * (total - k)) for k in range(total)]
    generator = np.diag(hops, -1) - np.diag(hops, 1)
    return scipy.linalg.expm(np.arccos(sqrt(transmissivity)) * generator)


def lost_to_bath(transmissivity, mean_photons, max_photons, bath_photons):
    """A beam splitter with a thermal mode behind it, which is not looked at afterwards."""
    ratio = mean_photons / (1 + mean_photons)
    operators = {}
    for total in range(max_photons + bath_photons + 1):
        unitary = mixed_photons(transmissivity, total)
        for n in range(min(total, max_photons) + 1):
            thermal = (1 - ratio) * ratio ** (total - n)
            for k in range(min(total, max_photons) + 1):
                operator = operators.setdefault((total - n, total - k), np.zeros((max_photons + 1,) * 2))
                operator[k, n] = sqrt(thermal) * unitary[k, n]
    return list(operators.values())


def strings(num_qubits):
    return [a + b for a in strings(num_qubits - 1) for b in "IXYZ"] if num_qubits else [""]


def errors(weights):
    """Products of Pauli matrices in the order II, IX, IY, ..."""
    count = len(weights).bit_length() // 2
    pairs = zip(weights, strings(count), strict=True)
    return [sqrt(weight) * oracles.pauli_string(letters) for weight, letters in pairs]


def white(mixing, num_qubits):
    weights = np.full(4**num_qubits, mixing / 4**num_qubits)
    weights[0] += 1 - mixing
    return errors(weights)


def correlated_weights(amount):
    weights = amount * np.arange(16) / 120
    weights[0] = 1 - amount
    return weights


def counted(amount):
    """Each photon number that comes is another state of the environment, and nothing else is left."""
    del amount
    return list(np.eye(3)[:, None, :])


def read(error_0, error_1):
    return [np.diag([sqrt(1 - error_0), sqrt(error_1)]), np.diag([sqrt(error_0), sqrt(1 - error_1)])]


def still(a):
    """Storage for the time a, with T1 = 1 and T2 = 1.6, in equilibrium at 0.1."""
    return after(warmed(-expm1(-a), 0.1), flipped(Z, exp(-(1 / 1.6 - 0.5) * a)))


STILL, PERFECT = Memory(1.0, 1.6, 0.1), Memory(np.inf, np.inf)


def split_up(amount):
    """A beam splitter of two modes of one photon each: two photons that leave together are cut off."""
    through, across = np.sqrt(1 - amount), np.sqrt(amount)
    kept = np.diag([1, through, through, 1 - 2 * amount])
    kept[2, 1], kept[1, 2] = across, -across
    return [kept]


# A channel for each strength from 0 (nothing happens) to 1, and its Kraus operators.
CHANNELS = {
    "depolarizing": (lambda a: depolarizing(mixing=a), lambda a: mixture(1 - 0.75 * a, a / 4, a / 4, a / 4)),
    "depolarizing, two qubits": (lambda a: depolarizing(mixing=a, num_qubits=2), lambda a: white(a, 2)),
    "dephasing": (lambda a: dephasing(probability=a), lambda a: mixture(1 - a, 0, 0, a)),
    "bit_flip": (lambda a: bit_flip(probability=a), lambda a: mixture(1 - a, a, 0, 0)),
    "bit_phase_flip": (lambda a: bit_phase_flip(probability=a), lambda a: mixture(1 - a, 0, a, 0)),
    "pauli_channel": (
        lambda a: pauli_channel(x=0.2 * a, y=0.3 * a, z=0.5 * a),
        lambda a: mixture(max(0.0, 1 - a), 0.2 * a, 0.3 * a, 0.5 * a),
    ),
    "two_qubit_pauli_channel": (
        lambda a: two_qubit_pauli_channel(correlated_weights(a)),
        lambda a: errors(correlated_weights(a)),
    ),
    "poisson_pauli_channel": (
        lambda a: poisson_pauli_channel(duration_s=3 * a, x_rate_hz=0.1, y_rate_hz=0.5, z_rate_hz=1.5),
        lambda a: after(flipped(X, exp(-0.6 * a)), flipped(Y, exp(-3 * a)), flipped(Z, exp(-9 * a))),
    ),
    "phase_damping": (lambda a: phase_damping(damping=a), lambda a: [np.diag([1, sqrt(1 - a)]), np.diag([0, sqrt(a)])]),
    "amplitude_damping": (lambda a: amplitude_damping(damping=a), damped),
    "generalized_amplitude_damping": (
        lambda a: generalized_amplitude_damping(damping=a, excited_population=0.3),
        lambda a: warmed(a, 0.3),
    ),
    "reset": (lambda a: reset(probability=a, excited_population=0.3), lambda a: refreshed(a, 0.3)),
    "thermal_relaxation": (relaxation, warm),
    "gaussian_dephasing": (
        lambda a: gaussian_dephasing(duration_s=2 * a, t2_star_s=1.0),
        lambda a: random_phases(1, sqrt(2) * 2 * a),
    ),
    "gaussian_dephasing, of an age": (
        lambda a: gaussian_dephasing(duration_s=2 * a, t2_star_s=3.0, exponent=3.0, age_s=1.0),
        lambda a: flipped(Z, exp((1 - (1 + 2 * a) ** 3) / 27)),
    ),
    "collective_dephasing": (
        lambda a: collective_dephasing(num_qubits=2, duration_s=a, t2_s=1.0, correlation=0.7),
        lambda a: after(
            random_phases(2, sqrt(1.4 * a)),
            [np.kron(first, ONE) for first in flipped(Z, exp(-0.3 * a))],
            [np.kron(ONE, second) for second in flipped(Z, exp(-0.3 * a))],
        ),
    ),
    "collective_dephasing, three qubits": (
        lambda a: collective_dephasing(num_qubits=3, duration_s=a, t2_s=1.0, exponent=2.0),
        lambda a: random_phases(3, sqrt(2) * a),
    ),
    "rotation": (
        lambda a: rotation(AXIS, angle_rad=6 * a, angle_std_rad=2 * a),
        lambda a: random_angles(AXIS, 6 * a, 2 * a),
    ),
    "rotation, about y": (lambda a: rotation("y", angle_rad=-2 * a), lambda a: [about((0, 1, 0), -2 * a)]),
    "birefringence_drift": (lambda a: birefringence_drift(angle_std_rad=3 * a), lambda a: random_rotations(3 * a)),
    "birefringence_drift, brownian": (
        lambda a: birefringence_drift(angle_std_rad=a, model="brownian"),
        lambda a: white(-expm1(-(a**2)), 1),
    ),
    "polarization_mode_dispersion": (
        lambda a: polarization_mode_dispersion(delay_s=a, spectral_std_rad_per_s=2.0, axis=AXIS),
        lambda a: random_angles(AXIS, 0.0, 2 * a),
    ),
    "polarization_mode_dispersion, any axis": (
        lambda a: polarization_mode_dispersion(delay_s=a, spectral_std_rad_per_s=2.0),
        lambda a: fewest([k / sqrt(3) for axis in np.eye(3) for k in random_angles(axis, 0.0, 2 * a)]),
    ),
    "polarization_mode_dispersion, any delay": (
        lambda a: polarization_mode_dispersion(delay_s=a, spectral_std_rad_per_s=0.7, axis="x", delays="maxwell"),
        lambda a: dispersed((1, 0, 0), a, 0.7),
    ),
    "erasure": (lambda a: erasure(transmissivity=1 - a), arrival),
    "polarization_dependent_loss": (
        lambda a: polarization_dependent_loss(horizontal=1 - a / 4, vertical=1 - a),
        lambda a: filtered(1 - a / 4, 1 - a),
    ),
    "photon_loss": (
        lambda a: photon_loss(transmissivity=1 - a, max_photons=3),
        lambda a: lost_to_bath(1 - a, 0.0, 3, 0),
    ),
    "thermal_loss": (
        lambda a: thermal_loss(transmissivity=1 - a, mean_photons=0.1, max_photons=2),
        lambda a: lost_to_bath(1 - a, 0.1, 2, 15),
    ),
    "leakage": (lambda a: leakage(probability=a, seepage=a / 2), lambda a: leaked(a, a / 2)),
    "Fiber.loss": (lambda a: Fiber(10 * a).loss("single-rail"), lambda a: damped(1 - 10 ** (-a / 5))),
    "Fiber.loss, dual-rail": (lambda a: Fiber(10 * a).loss("dual-rail"), lambda a: arrival(1 - 10 ** (-a / 5))),
    "phase_shift": (
        lambda a: phase_shift(phase_rad=a, max_photons=2),
        lambda a: [np.diag(np.exp(1j * a * np.arange(3)))],
    ),
    "beam_splitter": (lambda a: beam_splitter(max_photons=1, transmissivity=1 - a), lambda a: split_up(1 - (1 - a))),
    "joint_detection": (
        lambda a: joint_detection(Detector(1 - a), num_modes=1, max_photons=1).total(),
        lambda a: [np.eye(2)[[k]] for k in range(2)],
    ),
    "Fiber.polarization_mode_dispersion": (
        lambda a: Fiber(a**2, pmd_ps_per_sqrt_km=1.0).polarization_mode_dispersion(
            spectral_std_rad_per_s=7e11, axis="x"
        ),
        lambda a: dispersed((1, 0, 0), a, 0.7),
    ),
    "FreeSpaceLink.loss": (
        lambda a: FreeSpaceLink(0.0, 850.0, 0.1, 9.0, atmosphere_transmissivity=1 - a).loss("dual-rail"),
        arrival,
    ),
    "FreeSpaceLink.loss, single-rail": (
        lambda a: FreeSpaceLink(0.0, 850.0, 0.1, 9.0, optics_transmissivity=1 - a).loss("single-rail"),
        damped,
    ),
    "Memory.decay": (lambda a: STILL.decay(duration_s=a), still),
    "Memory.decay, exponent 2": (
        lambda a: Memory(2.0, 1.0, 0.3, 2.0, age_s=0.5).decay(duration_s=a),
        lambda a: after(warmed(-expm1(-a / 2), 0.3), flipped(Z, exp(-a * (1 + a)))),
    ),
    "EnsembleMemory.decay": (
        lambda a: EnsembleMemory(1.0, 2.0, 2.0).decay(duration_s=a),
        lambda a: arrival(-expm1(-((a / 2) ** 2))),
    ),
    "MemoryNode.swap_in": (
        lambda a: MemoryNode(STILL, PERFECT, 1 - a / 2, swap_in_duration_s=a).swap_in(),
        lambda a: after(still(a), white(a, 1)),
    ),
    "MemoryNode.disturbed": (
        lambda a: MemoryNode(PERFECT, STILL, attempts_to_dephase=50.0).disturbed(
            attempts=20 * a, attempt_duration_s=0.05
        ),
        lambda a: after(still(a), flipped(Z, exp(-0.4 * a))),
    ),
    "Platform.gate_noise": (lambda a: preset("nv_delft").gate_noise(), lambda a: white(0.001, 1)),
    "Platform.gate_noise, two qubits": (lambda a: preset("nv_delft").gate_noise(2), lambda a: white(0.04 / 3, 2)),
    "Readout.instrument": (
        lambda a: Readout(a, a / 2).instrument("projective").total(),
        lambda a: [np.diag([1, 0]), np.diag([0, 1])],
    ),
    "Readout.instrument, lueders": (
        lambda a: Readout(a, a / 2).instrument("lueders").total(),
        lambda a: read(a, a / 2),
    ),
    "Readout.instrument, destructive": (
        lambda a: Readout(a, a / 2).instrument("lueders", destructive=True).total(),
        lambda a: list(np.eye(2)[:, None, :]),
    ),
    "Detector.instrument": (
        lambda a: Detector(1 - a, dark_count_rate_hz=a, window_s=1.0).instrument(2).total(),
        counted,
    ),
}
# What two stages of the same channel are in one.
STAGES = {
    **dict.fromkeys(
        (
            *("depolarizing", "depolarizing, two qubits", "phase_damping", "amplitude_damping"),
            *("generalized_amplitude_damping", "reset", "thermal_relaxation", "photon_loss"),
        ),
        lambda a, b: 1 - (1 - a) * (1 - b),
    ),
    **dict.fromkeys(("dephasing", "bit_flip", "bit_phase_flip"), lambda a, b: a + b - 2 * a * b),
}
UNITAL = {
    *("depolarizing", "dephasing", "bit_flip", "bit_phase_flip", "pauli_channel", "two_qubit_pauli_channel"),
    *("poisson_pauli_channel", "phase_damping", "gaussian_dephasing", "collective_dephasing", "rotation"),
    *(
        "birefringence_drift",
        "polarization_mode_dispersion",
        "Fiber.polarization_mode_dispersion",
        "Platform.gate_noise",
        "Readout.instrument",
    ),
    *("Detector.instrument", "joint_detection", "phase_shift"),
}
LOSES_TRACE = {"thermal_loss", "beam_splitter"}
NEVER_NOTHING = {"Platform.gate_noise", "Readout.instrument", "Detector.instrument", "joint_detection"}
every_channel = pytest.mark.parametrize("name", CHANNELS)


def function_of(name):
    return name.partition(",")[0]


def but(functions):
    return pytest.mark.parametrize("name", [name for name in CHANNELS if function_of(name) not in functions])


def test_the_list_is_complete():
    assert {function_of(name) for name in CHANNELS} == {entry.function for entry in CATALOG}


@every_channel
@given(amount=AMOUNTS)
def test_is_its_kraus_operators(name, amount):
    make, kraus = CHANNELS[name]
    expected = sum(np.kron(np.conj(k), k) for k in kraus(amount))  # columns stacked
    np.testing.assert_allclose(make(amount).superop(), expected, atol=2e-13)


@every_channel
@given(amount=AMOUNTS)
def test_is_physical(name, amount):
    channel = CHANNELS[name][0](amount)
    kept = sum(k.conj().T @ k for k in channel.kraus())
    assert channel.is_completely_positive(1e-13)
    if name in LOSES_TRACE:
        assert np.linalg.eigvalsh(kept)[-1] < 1 + 1e-13
    else:
        assert channel.is_trace_preserving(1e-15)
        np.testing.assert_allclose(kept, np.eye(len(kept)), atol=1e-12)


@every_channel
def test_is_unital_or_not(name):
    assert CHANNELS[name][0](0.3).is_unital() == (function_of(name) in UNITAL)


@every_channel
@given(amount=AMOUNTS, seeds=st.tuples(SEEDS, SEEDS))
def test_brings_states_closer(name, amount, seeds):
    channel = CHANNELS[name][0](amount)
    on = range(len(channel.dims_in))
    rho, sigma = (random_state(channel.dims_in, rng=np.random.default_rng(seed)) for seed in seeds)
    left = rho.apply(channel, on).matrix - sigma.apply(channel, on).matrix
    assert np.abs(np.linalg.eigvalsh(left)).sum() / 2 <= trace_distance(rho, sigma) + 1e-13


@every_channel
@given(amount=AMOUNTS, seed=SEEDS)
def test_acts_on_its_part_of_a_register(name, amount, seed):
    """A spectator of three levels stands before the target, or after the first of several, which come in reverse order."""
    make, kraus = CHANNELS[name]
    channel = make(amount)
    first, *others = channel.dims_in
    dims, on = ((first, 3, *others), (*range(len(others) + 1, 1, -1), 0)) if others else ((3, first), (1,))
    rho = random_state(dims, rng=np.random.default_rng(seed))
    expected, dims_after = oracles.apply_kraus(kraus(amount), rho.matrix, dims, on, channel.dims_out)
    found = rho.apply(channel, on)
    assert found.dims == dims_after
    np.testing.assert_allclose(found.matrix, expected, atol=2e-13)


@but(NEVER_NOTHING)
def test_nothing_is_nothing(name, rng):
    channel = CHANNELS[name][0](0.0)
    rho = random_state(channel.dims_in, rng=rng)
    size = prod(channel.dims_in)
    found = rho.apply(channel, range(len(channel.dims_in))).matrix
    np.testing.assert_allclose(found[:size, :size], rho.matrix, atol=1e-15)


@pytest.mark.parametrize("name", STAGES)
@given(first=st.floats(0, 0.99), second=st.floats(0, 0.99))
def test_two_stages_are_one(name, first, second):
    make, both = CHANNELS[name][0], STAGES[name](first, second)
    np.testing.assert_allclose(make(first).then(make(second)).transfer, make(both).transfer, atol=1e-13)


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_losses_multiply(first, second):
    """A lost qubit stays lost: the second erasure acts on the first one's three levels."""
    once = erasure(transmissivity=first)
    again = once.then(erasure(transmissivity=second, dim=3))
    rho = random_state(2, rng=np.random.default_rng(1))
    arrived = rho.apply(again, 0).matrix[:2, :2]
    np.testing.assert_allclose(arrived, rho.apply(erasure(transmissivity=first * second), 0).matrix[:2, :2], atol=1e-14)


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("correlation", ["least", 0.0, 0.4, 1.0])
@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_correlated_dephasing_is_that_of_its_covariance_matrix(num_qubits, correlation, exponent):
    """Independent fields along the principal axes of the phases' covariance, each by its jump operator."""
    value = -1 / max(1, num_qubits - 1) if correlation == "least" else correlation
    variances, directions = np.linalg.eigh((1 - value) * np.eye(num_qubits) + value * np.ones((num_qubits,) * 2))
    turns = [oracles.pauli_string("I" * k + "Z" + "I" * (num_qubits - 1 - k)) for k in range(num_qubits)]
    jumps = [sqrt(max(v, 0) / 2) * np.tensordot(d, turns, 1) for v, d in zip(variances, directions.T, strict=True)]
    channel = collective_dephasing(
        num_qubits=num_qubits, duration_s=0.6, t2_s=1.5, correlation=value, exponent=exponent
    )
    decay = [(left := np.diag(j).real)[:, None] * left - (left[:, None] ** 2 + left**2) / 2 for j in jumps]
    kept = np.exp(sum(decay) * 0.4**exponent)
    np.testing.assert_allclose(np.diag(channel.superop()).reshape(kept.shape), kept, atol=1e-13)
    assert np.count_nonzero(np.abs(channel.superop()) > 1e-13) == np.count_nonzero(kept > 1e-13)


@given(amount=AMOUNTS)
def test_losing_photons_is_binomial(amount):
    """The populations of photon numbers, without any matrix."""
    channel = photon_loss(transmissivity=1 - amount, max_photons=4)
    for n in range(5):
        populations = np.real(np.diag(channel.choi()))[5 * n : 5 * n + 5]
        expected = [comb(n, k) * (1 - amount) ** k * amount ** (n - k) if k <= n else 0 for k in range(5)]
        np.testing.assert_allclose(populations, expected, atol=1e-14)


def test_rare_errors_keep_their_digits_beside_frequent_ones():
    """Z errors are no business of the Z component, however frequent they are."""
    transfer = poisson_pauli_channel(duration_s=1e-3, x_rate_hz=1e-3, y_rate_hz=0.0, z_rate_hz=1e9).transfer
    np.testing.assert_allclose(1 - transfer[3, 3], -expm1(-2e-6), rtol=1e-9)


def test_little_loss_in_a_short_fibre_keeps_its_digits():
    lost = Fiber(1e-9).loss("single-rail").transfer[3, 0]
    np.testing.assert_allclose(lost, -expm1(-2e-11 * np.log(10)), rtol=1e-12)
