"""Fisher information: distances of neighbouring states, textbook probes, bounds; and frequencies sensed while qubits decay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PAULI, kron
from scipy.linalg import expm, sqrtm

from qnet_channels import Memory, amplitude_damping, dephasing, ghz_from_pairs, rotation
from qnet_core import DensityMatrix, bell_state, ghz_state, ket, maximally_mixed_state, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import frequency_information, phase_generator, quantum_fisher_information


def from_distances(rho, generator, step=1e-3):
    """``8 (1 - root fidelity)/step²`` of the states half a step before and behind (Braunstein and Caves)."""
    turned = [expm(-1j * sign * step / 2 * generator) for sign in (1, -1)]
    first, second = (u @ rho @ u.conj().T for u in turned)
    root = sqrtm(first)
    return 8 * (1 - np.trace(sqrtm(root @ second @ root)).real) / step**2


def from_logarithmic_derivative(rho, generator):
    """``Tr rho L²`` with the solution of ``{L, rho}/2 = -i[G, rho]`` as a linear system."""
    size = len(rho)
    lyapunov = (np.kron(rho, np.eye(size)) + np.kron(np.eye(size), rho.T)) / 2
    derivative = -1j * (generator @ rho - rho @ generator)
    solution = np.linalg.lstsq(lyapunov, derivative.reshape(-1), rcond=1e-10)[0].reshape(size, size)
    return np.trace(rho @ solution @ solution).real


def hermitian(rng, size):
    matrix = rng.standard_normal((size, size)) + 1j * rng.standard_normal((size, size))
    return (matrix + matrix.conj().T) / 2


@given(st.integers(0, 2**32 - 1), st.sampled_from([(2,), (2, 2), (3,), (2, 3)]))
def test_information_is_the_speed_of_states(seed, dims):
    rng = np.random.default_rng(seed)
    rho = random_state(dims, rng=rng)
    generator = hermitian(rng, int(np.prod(dims)))
    found = quantum_fisher_information(rho, generator)
    assert found == pytest.approx(from_distances(rho.matrix, generator), rel=1e-3)
    assert found == pytest.approx(from_logarithmic_derivative(rho.matrix, generator), rel=1e-8)


@given(st.integers(0, 2**32 - 1))
def test_pure_states_have_four_variances(seed):
    rng = np.random.default_rng(seed)
    rho = random_state((2, 2), rank=1, rng=rng)
    generator = hermitian(rng, 4)
    mean, square = (np.trace(rho.matrix @ g).real for g in (generator, generator @ generator))
    assert quantum_fisher_information(rho, generator) == pytest.approx(4 * (square - mean**2), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_heisenberg_and_standard_scaling(n):
    generator = phase_generator(n)
    assert quantum_fisher_information(ghz_state(n), generator) == pytest.approx(n**2)
    assert quantum_fisher_information(ket("+" * n), generator) == pytest.approx(n)
    assert quantum_fisher_information(ket("0" * n), generator) == pytest.approx(0, abs=1e-12)
    assert quantum_fisher_information(maximally_mixed_state((2,) * n), generator) == pytest.approx(0, abs=1e-12)


def test_mean_over_nodes_needs_the_weights():
    """A GHZ state tells the mean phase of n nodes with variance 1/n⁰, separate ones with 1/n."""
    generator = phase_generator(4, weights=np.full(4, 0.25))
    assert quantum_fisher_information(ghz_state(4), generator) == pytest.approx(1)
    assert quantum_fisher_information(ket("++++"), generator) == pytest.approx(0.25)


def test_difference_of_two_nodes():
    """psi+ feels the difference of two phases, phi+ the sum."""
    sums, differences = phase_generator(2), phase_generator(2, weights=[1, -1])
    for label, seen in (("phi+", (4, 0)), ("psi+", (0, 4))):
        found = [quantum_fisher_information(bell_state(label), g) for g in (sums, differences)]
        np.testing.assert_allclose(found, seen, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_noise_that_commutes_tells_nothing_more(seed):
    rng = np.random.default_rng(seed)
    rho, generator = random_state((2, 2), rank=2, rng=rng), phase_generator(2)
    noisy = rho.apply(dephasing(probability=rng.random()), 0).apply(amplitude_damping(damping=rng.random()), 1)
    before, after = (quantum_fisher_information(one, generator) for one in (rho, noisy))
    assert after <= before + 1e-9
    turned = rho.apply(rotation("z", angle_rad=rng.uniform(0, 6)), 1)
    assert quantum_fisher_information(turned, generator) == pytest.approx(before, rel=1e-9)


def test_generator_is_half_of_the_weighted_z():
    weights = [0.5, -2.0, 3.0]
    by_hand = sum(w / 2 * kron(*(PAULI["Z"] if k == j else np.eye(2) for j in range(3))) for k, w in enumerate(weights))
    np.testing.assert_allclose(phase_generator(3, weights=weights), by_hand, atol=1e-15)
    assert phase_generator(3, weights=np.ones((4, 3))).shape == (4, 8, 8)


# --- frequencies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [Memory(1.0, 0.7), Memory(0.5, 1.0, excited_population=0.2)])
def test_frequency_by_lindblad_steps(rng, memory):
    """States that precessed at two frequencies and relaxed at the same time, by integration of the master equation."""
    rho, duration, step = random_state((2, 2), rank=2, rng=rng), 0.4, 1e-3
    t1, t2, excited = float(memory.t1_s), float(memory.t2_s), float(memory.excited_population)
    lower, spin = np.array([[0, 1], [0, 0]]), PAULI["Z"]
    rates = [(lower, (1 - excited) / t1), (lower.T, excited / t1), (spin, (1 / t2 - 1 / (2 * t1)) / 2)]

    def after(frequency):
        generator = 0
        for qubit in range(2):
            place = lambda m, k=qubit: kron(*(m if j == k else np.eye(2) for j in range(2)))  # noqa: E731
            generator = generator - 1j * frequency / 2 * (
                np.kron(place(spin), np.eye(4)) - np.kron(np.eye(4), place(spin).T)
            )
            for jump, rate in rates:
                one = place(jump)
                number = one.conj().T @ one
                both = np.kron(one, one.conj()) - (np.kron(number, np.eye(4)) + np.kron(np.eye(4), number.T)) / 2
                generator = generator + rate * both
        return (expm(generator * duration) @ rho.matrix.reshape(-1)).reshape(4, 4)

    first, second = after(2 - step / 2), after(2 + step / 2)
    root = sqrtm(first)
    expected = 8 * (1 - np.trace(sqrtm(root @ second @ root)).real) / step**2
    assert frequency_information(rho, duration_s=duration, memory=memory) == pytest.approx(expected, rel=1e-3)


def test_network_state_as_a_clock():
    """Werner pairs in a star: the coherence of the GHZ state is what is left of n - 1 pairs."""
    pair = werner_state(fidelity=0.97)
    shared = ghz_from_pairs([pair] * 3)
    found = frequency_information(shared, duration_s=0.1, memory=Memory(np.inf, 1.0))
    perfect = frequency_information(ghz_state(4), duration_s=0.1, memory=Memory(np.inf, 1.0))
    assert 0.7 * perfect < found < perfect


def test_everything_broadcasts(rng):
    states = random_state((2, 2), batch_shape=(3, 1), rng=rng)
    found = frequency_information(states, duration_s=[0.1, 0.2], memory=Memory(1.0, [0.5, 0.7]), weights=[1.0, -0.5])
    assert found.shape == (3, 2)
    one = frequency_information(states[2, 0], duration_s=0.2, memory=Memory(1.0, 0.7), weights=[1.0, -0.5])
    assert found[2, 1] == pytest.approx(one, rel=1e-12)
    generators = np.stack([phase_generator(2), phase_generator(2, weights=[1, -1])])
    assert quantum_fisher_information(states, generators).shape == (3, 2)


def test_no_state_is_nan_at_its_point_only():
    states = ghz_state(2).apply(dephasing(probability=[0.0, 0.0]), 0)
    states._stack[:, 1] = np.nan
    assert np.isnan(quantum_fisher_information(states, phase_generator(2))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: quantum_fisher_information(1, np.eye(2)),
            ParameterTypeError,
            "Parameter `state` must be a DensityMatrix",
        ),
        (lambda: quantum_fisher_information(DensityMatrix(np.eye(2) / 4), np.eye(2)), StateError, "must have trace 1"),
        (
            lambda: quantum_fisher_information(ket("0"), np.eye(4)),
            DimensionError,
            "Parameter `generator` must have shape (..., 2, 2)",
        ),
        (
            lambda: quantum_fisher_information(ket("0"), [[0, 1], [2, 0]]),
            ParameterError,
            "Parameter `generator` must be Hermitian",
        ),
        (
            lambda: quantum_fisher_information(ket("0"), [[np.nan, 0], [0, 1]]),
            ParameterError,
            "Parameter `generator` must be finite",
        ),
        (lambda: phase_generator(0), ParameterError, "Parameter `num_qubits` must be at least 1, but is 0"),
        (lambda: phase_generator(2, weights=[1, 2, 3]), DimensionError, "Parameter `weights` must have shape (..., 2)"),
        (
            lambda: frequency_information(ket("0"), duration_s=-1),
            ParameterError,
            "Parameter `duration_s` must be at least 0",
        ),
        (
            lambda: frequency_information(ket("0"), duration_s=1, memory=2),
            ParameterTypeError,
            "Parameter `memory` must be a Memory",
        ),
        (
            lambda: frequency_information(maximally_mixed_state(3), duration_s=1),
            DimensionError,
            "must be a state of qubits",
        ),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)
