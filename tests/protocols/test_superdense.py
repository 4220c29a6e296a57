"""Superdense coding: limits, entropies, a circuit by hand, and what loss and hardware leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import BELL_VECTORS, CNOT, HADAMARD, PAULI, apply_kraus, dagger, projector
from teleportation_oracle import relaxation

from qnet_channels import (
    BellStation,
    BoostedStation,
    LinearOpticsStation,
    Memory,
    amplitude_damping,
    dephasing,
    depolarizing,
    hashing_yield,
)
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    ket,
    maximally_mixed_state,
    random_channel,
    random_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import superdense_capacity, superdense_coding

PAULIS = [PAULI["I"], PAULI["Z"], PAULI["X"], PAULI["X"] @ PAULI["Z"]]
BELLS = [projector(BELL_VECTORS[name]) for name in ("phi+", "phi-", "psi+", "psi-")]
NOTHING = DensityMatrix.from_bloch(np.zeros((4, 4)), (2, 2)).normalized()


def entropy(rho):
    values = np.linalg.eigvalsh(rho)
    return -sum(v * np.log2(v) for v in values if v > 1e-15)


def encoded(rho, kraus=(PAULI["I"],)):
    """The pair for each message, after the first qubit travelled."""
    turned = [np.kron(p, np.eye(2)) @ rho @ dagger(np.kron(p, np.eye(2))) for p in PAULIS]
    return [sum(np.kron(k, np.eye(2)) @ one @ dagger(np.kron(k, np.eye(2))) for k in kraus) for one in turned]


@pytest.mark.parametrize("label", ["phi+", "phi-", "psi+", "psi-"])
def test_two_bits_of_a_bell_state(label):
    assert superdense_capacity(bell_state(label)) == pytest.approx(2, abs=1e-12)


def test_one_bit_without_entanglement():
    for state in (ket("00"), maximally_mixed_state((2, 2)), werner_state(fidelity=0.5)):
        assert superdense_capacity(state) == pytest.approx(1, abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_capacity_is_what_the_four_messages_hold(seed):
    """The Paulis are the best encoding, as they make the mean 1/2 x rho_B."""
    rho = random_state((2, 2), rank=2, rng=np.random.default_rng(seed))
    sent = encoded(rho.matrix)
    holevo = entropy(sum(sent) / 4) - np.mean([entropy(one) for one in sent])
    assert superdense_capacity(rho) == pytest.approx(max(1, holevo), abs=1e-10)
    assert superdense_coding(rho).holevo_information == pytest.approx(holevo, abs=1e-10)


def test_capacity_beyond_one_bit_is_the_hashing_yield(rng):
    pairs = bell_diagonal_state(rng.dirichlet([8, 1, 1, 1], 20))
    np.testing.assert_allclose(superdense_capacity(pairs) - 1, np.maximum(0, hashing_yield(pairs)), atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_table_is_that_of_the_circuit(seed):
    """CNOT, Hadamard and two readings, the second qubit having waited in a memory and the first having come through a channel."""
    rng = np.random.default_rng(seed)
    rho, channel = random_state((2, 2), rng=rng), random_channel(2, num_kraus=2, rng=rng)
    mixing, error = rng.uniform(0, 0.3, 2)
    waited, _ = apply_kraus(relaxation(0.2, 1.0, 0.7), rho.matrix, [2, 2], (1,))
    table = np.zeros((4, 4))
    for message, state in enumerate(encoded(waited, list(channel.kraus()))):
        turned = CNOT @ state @ CNOT
        turned = (1 - mixing) * turned + mixing * np.eye(4) / 4
        turned = np.kron(HADAMARD, np.eye(2)) @ turned @ np.kron(HADAMARD, np.eye(2))
        true = np.diag(turned).real.reshape(2, 2)
        flip = np.array([[1 - error, error], [error, 1 - error]])
        said = flip @ true @ flip.T
        table[message] = said[0, 0], said[1, 0], said[0, 1], said[1, 1]
    found = superdense_coding(
        rho, channel=channel, station=BellStation(mixing, error), memory=Memory(1.0, 0.7), latency_s=0.2
    )
    np.testing.assert_allclose(found.probabilities, table, atol=1e-12)
    assert found.success_probability == pytest.approx(np.trace(table) / 4, abs=1e-12)
    joint = table / 4
    told = sum(p * np.log2(4 * p / joint[:, m].sum()) for (_, m), p in np.ndenumerate(joint) if p > 0)
    assert found.mutual_information == pytest.approx(told, abs=1e-10)


def test_perfect_table_of_a_bell_diagonal_pair_shifts_its_weights():
    weights = np.array([0.85, 0.07, 0.05, 0.03])
    found = superdense_coding(bell_diagonal_state(weights))
    for message, reading in np.ndindex(4, 4):
        assert found.probabilities[message, reading] == pytest.approx(weights[message ^ reading], abs=1e-12)
    assert found.mutual_information == pytest.approx(superdense_capacity(bell_diagonal_state(weights)), abs=1e-12)


def test_linear_optics_tells_psi_states_only():
    """Three readings for four messages: psi+, psi- and neither, log2(3) at best and 1.5 for even messages (Mattle et al.)."""
    found = superdense_coding(bell_state(), station=LinearOpticsStation())
    np.testing.assert_allclose(found.probabilities, np.diag([0, 0, 1, 1]), atol=1e-12)
    assert found.mutual_information == pytest.approx(1.5, abs=1e-12)
    assert found.holevo_information == pytest.approx(2, abs=1e-12)


def test_boosted_optics_is_between():
    plain, boosted = (superdense_coding(bell_state(), station=one) for one in (LinearOpticsStation(), BoostedStation()))
    assert plain.success_probability < boosted.success_probability < 1
    assert plain.mutual_information < boosted.mutual_information < 2


def test_announced_failure_costs_its_share():
    found = superdense_coding(werner_state(fidelity=0.9), station=BellStation(success_probability=[1.0, 0.5]))
    np.testing.assert_allclose(found.mutual_information[1], found.mutual_information[0] / 2, rtol=1e-12)
    np.testing.assert_allclose(found.holevo_information, found.holevo_information[0])


def test_qubits_that_are_lost_carry_nothing():
    lossy = Channel.from_kraus([np.sqrt([0.25]) * np.eye(2)])
    found = superdense_coding(werner_state(fidelity=0.9), channel=lossy)
    whole = superdense_coding(werner_state(fidelity=0.9))
    assert found.probabilities.sum(axis=-1) == pytest.approx(0.25)
    assert found.mutual_information == pytest.approx(whole.mutual_information / 4, abs=1e-12)
    assert found.holevo_information == pytest.approx(whole.holevo_information / 4, abs=1e-12)


def test_pauli_noise_on_the_way_is_noise_of_the_pair():
    pair, noise = werner_state(fidelity=0.95), depolarizing(mixing=0.1)
    sent = superdense_coding(pair, channel=noise).holevo_information
    assert sent == pytest.approx(superdense_capacity(pair.apply(noise, 0)), abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_no_measurement_beats_the_holevo_bound(seed):
    rng = np.random.default_rng(seed)
    found = superdense_coding(random_state((2, 2), rank=1, rng=rng), channel=amplitude_damping(damping=rng.random()))
    assert -1e-12 <= found.mutual_information <= found.holevo_information + 1e-12 <= 2 + 2e-12


def test_all_axes_broadcast():
    pair = werner_state(fidelity=[[0.9], [0.8]])
    station = BellStation(gate_mixing=[0.0, 0.1, 0.2])
    found = superdense_coding(pair, channel=dephasing(probability=0.1), station=station)
    assert found.probabilities.shape == (2, 3, 4, 4)
    assert found.success_probability.shape == found.mutual_information.shape == found.holevo_information.shape == (2, 3)
    one = superdense_coding(pair[1, 0], channel=dephasing(probability=0.1), station=BellStation(gate_mixing=0.2))
    np.testing.assert_allclose(found.probabilities[1, 2], one.probabilities, atol=1e-14)
    np.testing.assert_allclose(found.mutual_information[1, 2], one.mutual_information, atol=1e-14)


def test_no_state_is_nan_at_its_point_only():
    pairs = werner_state(fidelity=[0.9, 0.9])
    pairs._stack[:, 1] = np.nan
    assert np.isnan(superdense_capacity(pairs)).tolist() == [False, True]
    found = superdense_coding(pairs)
    for field in found[1:]:
        assert np.isnan(field).tolist() == [False, True]


@pytest.mark.parametrize("function", [superdense_capacity, superdense_coding])
@pytest.mark.parametrize(
    ("resource", "error", "text"),
    [
        (np.eye(4) / 4, ParameterTypeError, "Parameter `resource` must be a DensityMatrix, but is ndarray"),
        (ket("000"), DimensionError, "Parameter `resource` must be a state of two qubits, but has dims (2, 2, 2)"),
        (DensityMatrix.from_bloch(0.5 * bell_state().bloch, (2, 2)), StateError, "must have trace 1"),
    ],
)
def test_refused_resource(function, resource, error, text):
    with pytest.raises(error) as raised:
        function(resource)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        ({"channel": 0.1}, ParameterTypeError, "Parameter `channel` must be a Channel, but is float"),
        ({"channel": Channel.identity(3)}, DimensionError, "Parameter `channel` must take a qubit to a qubit"),
        ({"station": 1}, ParameterTypeError, "Parameter `station` must be a station, but is int"),
        ({"memory": 1}, ParameterTypeError, "Parameter `memory` must be a Memory, but is int"),
        ({"latency_s": -1.0}, ParameterError, "Parameter `latency_s` must be at least 0"),
        ({"station": BellStation([0.0, 0.1])}, DimensionError, "Batch shapes must broadcast"),
    ],
)
def test_refused_hardware(more, error, text):
    with pytest.raises(error) as raised:
        superdense_coding(werner_state(fidelity=[0.9, 0.8, 0.7]), **more)
    assert text in str(raised.value)
