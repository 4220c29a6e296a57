"""Evolution under a master equation, against expm of a Liouvillian built entry by entry."""

import numpy as np
import oracles
import pytest
import qutip

from qnet_core import Channel

LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def random_generator(rng, dim, num_jumps=2):
    hamiltonian = oracles.random_complex(rng, dim, dim)
    jumps = [oracles.random_complex(rng, dim, dim) / 2 for _ in range(num_jumps)]
    return hamiltonian + oracles.dagger(hamiltonian), jumps


@pytest.mark.parametrize(("dim", "dims"), [(2, (2,)), (3, (3,)), (4, (2, 2)), (6, (2, 3))])
@pytest.mark.parametrize("duration", [0.0, 1e-6, 0.3, 20.0])
def test_generic_generators(rng, dim, dims, duration):
    hamiltonian, jumps = random_generator(rng, dim)
    channel = Channel.from_lindblad(hamiltonian, jumps, duration_s=duration, dims=dims)
    assert channel.dims_in == channel.dims_out == dims
    expected = oracles.lindblad_superoperator(hamiltonian, jumps, duration)
    np.testing.assert_allclose(channel.superop(), expected, atol=1e-11)


def test_against_qutip(rng):
    hamiltonian, jumps = random_generator(rng, 3)
    generator = qutip.liouvillian(qutip.Qobj(hamiltonian), [qutip.Qobj(j) for j in jumps])
    channel = Channel.from_lindblad(hamiltonian, jumps, duration_s=0.4, dims=3)
    np.testing.assert_allclose(channel.superop(), (generator * 0.4).expm().full(), atol=1e-12)


def test_batches_of_hamiltonians_and_durations(rng):
    pairs = [random_generator(rng, 2) for _ in range(3)]
    hamiltonians = np.array([h for h, _ in pairs])[:, None]
    jumps = [np.array([j[k] for _, j in pairs])[:, None] for k in range(2)]
    durations = np.array([0.1, 0.7])
    channel = Channel.from_lindblad(hamiltonians, jumps, duration_s=durations)
    assert channel.batch_shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        expected = oracles.lindblad_superoperator(*pairs[i], durations[j])
        np.testing.assert_allclose(channel.superop()[i, j], expected, atol=1e-12)


def test_no_jumps_is_a_unitary(rng):
    hamiltonian, _ = random_generator(rng, 2)
    channel = Channel.from_lindblad(hamiltonian, [], duration_s=0.8)
    values, vectors = np.linalg.eigh(hamiltonian)
    unitary = vectors * np.exp(-0.8j * values) @ oracles.dagger(vectors)
    expected = oracles.transfer_matrix([unitary], (2,), (2,))
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-12)


def test_relaxation_and_dephasing_have_their_closed_form():
    """Case TR-2 of the physics tables: T1 = 1, T2 = 1.6, t = 0.2, excited population 0.1."""
    t1, t2, time, excited = 1.0, 1.6, 0.2, 0.1
    jumps = [
        np.sqrt((1 - excited) / t1) * LOWER,
        np.sqrt(excited / t1) * LOWER.T,
        np.sqrt((1 / t2 - 1 / (2 * t1)) / 2) * oracles.PAULI["Z"],
    ]
    channel = Channel.from_lindblad(np.zeros((2, 2)), jumps, duration_s=time)
    image = oracles.act(channel.kraus(), oracles.TILTED_QUBIT)
    np.testing.assert_allclose(image[1, 1], 0.222809612961697, rtol=1e-12)
    expected = 0.132374535387689 + 0.176499380516919j
    np.testing.assert_allclose(image[0, 1], expected, rtol=1e-12)
    eigenvalues = [0.0181269246922, 0.02389479574471, 0.1631423222298, 1.794835957333]
    np.testing.assert_allclose(np.linalg.eigvalsh(channel.choi()), eigenvalues, rtol=1e-10)


def test_trace_is_preserved_bit_for_bit(rng):
    hamiltonian, jumps = random_generator(rng, 3)
    channel = Channel.from_lindblad(hamiltonian, jumps, duration_s=5.0, dims=3)
    np.testing.assert_array_equal(channel.transfer[0], np.eye(9)[0])


def test_semigroup(rng):
    hamiltonian, jumps = random_generator(rng, 2)
    short, long = (Channel.from_lindblad(hamiltonian, jumps, duration_s=t) for t in (0.3, 0.8))
    both = Channel.from_lindblad(hamiltonian, jumps, duration_s=1.1)
    np.testing.assert_allclose(short.then(long).transfer, both.transfer, atol=1e-13)
