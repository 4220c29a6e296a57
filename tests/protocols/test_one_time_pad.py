"""The quantum one-time pad: keys by hand, perfect hiding, what biased keys and wrong ones do."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PAULI, apply_kraus, dagger, kron

from qnet_channels import amplitude_damping, depolarizing, rotation
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_state,
    fidelity,
    ket,
    maximally_mixed_state,
    process_fidelity,
    random_channel,
    random_state,
    trace_distance,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import ciphertext, one_time_pad, padded_channel


def by_hand(bits):
    """The product of X^x Z^z."""
    power = np.linalg.matrix_power
    return kron(*(power(PAULI["X"], x) @ power(PAULI["Z"], z) for x, z in zip(bits[::2], bits[1::2], strict=True)))


def all_keys(num_qubits):
    return np.array(list(product((0, 1), repeat=2 * num_qubits)))


@pytest.mark.parametrize("num_qubits", [1, 2])
def test_each_key_is_its_pauli(rng, num_qubits):
    rho = random_state((2,) * num_qubits, rng=rng)
    hidden = one_time_pad(rho, all_keys(num_qubits))
    for key, matrix in zip(all_keys(num_qubits), hidden.matrix, strict=True):
        np.testing.assert_allclose(matrix, by_hand(key) @ rho.matrix @ dagger(by_hand(key)), atol=1e-14)


@given(st.integers(0, 2**32 - 1))
def test_same_key_decrypts(seed):
    rng = np.random.default_rng(seed)
    rho = random_state((2, 2, 2), rng=rng)
    key = rng.integers(0, 2, (4, 6))
    np.testing.assert_array_equal(
        one_time_pad(one_time_pad(rho, key), key).bloch, np.broadcast_to(rho.bloch, (4, 4, 4, 4))
    )


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_without_the_key_nothing_is_seen(rng, num_qubits):
    rho = random_state((2,) * num_qubits, rank=1, rng=rng)
    mean = one_time_pad(rho, all_keys(num_qubits)).matrix.mean(axis=0)
    np.testing.assert_allclose(mean, np.eye(2**num_qubits) / 2**num_qubits, atol=1e-14)
    np.testing.assert_allclose(ciphertext(rho).matrix, mean, atol=1e-14)


def test_entanglement_with_others_is_hidden_too():
    """The mean over the keys of one half leaves a product."""
    keys = np.concatenate([np.zeros((4, 2), int), all_keys(1)], axis=1)
    mean = one_time_pad(bell_state(), keys).matrix.mean(axis=0)
    np.testing.assert_allclose(mean, np.eye(4) / 4, atol=1e-15)


@given(st.integers(0, 2**32 - 1))
def test_biased_keys(seed):
    rng = np.random.default_rng(seed)
    rho, share = random_state((2, 2), rng=rng), rng.random()
    weights = [share ** sum(key) * (1 - share) ** (4 - sum(key)) for key in all_keys(2)]
    mean = sum(
        w * by_hand(key) @ rho.matrix @ dagger(by_hand(key)) for w, key in zip(weights, all_keys(2), strict=True)
    )
    np.testing.assert_allclose(ciphertext(rho, ones_fraction=share).matrix, mean, atol=1e-13)


def test_what_a_bias_gives_away():
    """0 and 1 stay apart by 1 - 2p: only x flips them."""
    share = np.linspace(0, 1, 11)
    distance = trace_distance(ciphertext(ket("0"), ones_fraction=share), ciphertext(ket("1"), ones_fraction=share))
    np.testing.assert_allclose(distance, np.abs(1 - 2 * share), atol=1e-14)


@pytest.mark.parametrize("num_qubits", [1, 2])
def test_channel_between_keys_by_hand(rng, num_qubits):
    """Every pair of keys, wrong bits included, one after another."""
    channel = random_channel((2,) * num_qubits, num_kraus=2, rng=rng)
    rho, error = random_state((2,) * num_qubits, rng=rng), 0.07
    dims, on = [2] * num_qubits, tuple(range(num_qubits))
    mean = 0
    for key, wrong in product(all_keys(num_qubits), repeat=2):
        weight = error ** sum(wrong) * (1 - error) ** (2 * num_qubits - sum(wrong)) / 4**num_qubits
        sent, _ = apply_kraus(list(channel.kraus()), by_hand(key) @ rho.matrix @ dagger(by_hand(key)), dims, on)
        undo = by_hand(key ^ wrong)
        mean = mean + weight * undo @ sent @ dagger(undo)
    found = rho.apply(padded_channel(channel, key_error=error), on)
    np.testing.assert_allclose(found.matrix, mean, atol=1e-13)


def test_process_fidelity_stays(rng):
    channel = random_channel(2, rng=rng)
    assert process_fidelity(padded_channel(channel)) == pytest.approx(process_fidelity(channel), abs=1e-12)


def test_half_wrong_keys_leave_nothing():
    output = ket("+").apply(padded_channel(Channel.identity(2), key_error=0.5), 0)
    assert fidelity(output, maximally_mixed_state(2)) == pytest.approx(1, abs=1e-12)


def test_everything_broadcasts():
    states = DensityMatrix(np.stack([ket("0").matrix, ket("+").matrix]))
    assert one_time_pad(states, np.zeros((3, 1, 2))).batch_shape == (3, 2)
    assert ciphertext(states, ones_fraction=[[0.1], [0.2], [0.3]]).batch_shape == (3, 2)
    both = padded_channel(amplitude_damping(damping=[0.1, 0.2]), key_error=[[0.0], [0.1], [0.2]])
    assert both.batch_shape == (3, 2)
    one = padded_channel(amplitude_damping(damping=0.2), key_error=0.1)
    np.testing.assert_allclose(both.transfer[1, 1], one.transfer, atol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: one_time_pad(ket("00"), [0, 1]),
            DimensionError,
            "Parameter `key` must have two bits per qubit, shape (..., 4)",
        ),
        (lambda: one_time_pad(ket("0"), [0, 2]), ParameterError, "Parameter `key` must hold bits, 0 or 1"),
        (lambda: one_time_pad(ket("0"), [0, 0.5]), ParameterError, "Parameter `key` must hold bits, 0 or 1"),
        (lambda: one_time_pad(ket("0"), [0, np.nan]), ParameterError, "Parameter `key` must be a number and finite"),
        (lambda: one_time_pad(np.eye(2) / 2, [0, 0]), ParameterTypeError, "Parameter `state` must be a DensityMatrix"),
        (
            lambda: one_time_pad(maximally_mixed_state(3), [0, 0]),
            DimensionError,
            "Parameter `state` must be a state of qubits",
        ),
        (
            lambda: ciphertext(ket("0"), ones_fraction=1.5),
            ParameterError,
            "Parameter `ones_fraction` must be between 0 and 1",
        ),
        (lambda: ciphertext(DensityMatrix(np.eye(2) / 4)), StateError, "Parameter `state` must have trace 1"),
        (lambda: padded_channel(ket("0")), ParameterTypeError, "Parameter `channel` must be a Channel"),
        (lambda: padded_channel(Channel.identity(3)), DimensionError, "Only maps of qubits to themselves"),
        (
            lambda: padded_channel(depolarizing(mixing=0.1), key_error=-1),
            ParameterError,
            "Parameter `key_error` must be between",
        ),
        (
            lambda: padded_channel(rotation("x", angle_rad=[0.1, 0.2]), key_error=[0.1] * 3),
            DimensionError,
            "must broadcast",
        ),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)
