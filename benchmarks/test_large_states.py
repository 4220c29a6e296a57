"""Maps on one state of many qubits, in place, beside NumPy, Qiskit Aer and QuTiP."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
import peers
import pytest
from workloads import NUM_QUBITS, SMOKE, size

from qnet_channels import depolarizing
from qnet_core import Channel, ket, random_channel, random_state, to_qutip

LAST = NUM_QUBITS - 1
EVERY_QUBIT = range(NUM_QUBITS)
SOME_QUBITS = (0, NUM_QUBITS // 2, LAST)
PAIRS = ((0, 1), (NUM_QUBITS // 2, NUM_QUBITS // 2 - 1), (0, LAST), (LAST - 1, LAST))
SMALL = size(8, 4)  # of QuTiP, which keeps operators of the whole space

RNG = np.random.default_rng(12)
GENERAL = random_channel(2, rng=RNG)
DIFFERENT = [random_channel(2, rng=RNG) for _ in EVERY_QUBIT]
CNOT = Channel.from_unitary([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
NOISY_CNOT = CNOT.then(depolarizing(mixing=0.01, num_qubits=2))

one_qubit = pytest.mark.benchmark(group=f"P1 general map on one qubit of {NUM_QUBITS}")
small = pytest.mark.benchmark(group=f"P1 general map on one qubit of {SMALL}")
two_qubits = pytest.mark.benchmark(group=f"P2 CNOT with two-qubit depolarizing, {NUM_QUBITS} qubits")
layer = pytest.mark.benchmark(group=f"P3 a different general map on each of {NUM_QUBITS} qubits")


@pytest.fixture(scope="module")
def rho():
    """A state to be changed in place, which stays a state."""
    return random_state((2,) * NUM_QUBITS, rank=2, rng=np.random.default_rng(3))


@pytest.fixture(scope="module")
def dense(rho):
    return rho.matrix.reshape((2,) * 2 * NUM_QUBITS)


def assert_same(tensor, state):
    np.testing.assert_allclose(tensor.reshape(2**NUM_QUBITS, -1), state.matrix, atol=1e-12)


def assert_same_parity(circuit, state):
    assert peers.aer_run(circuit) == pytest.approx(state.expect("Z" * NUM_QUBITS), abs=1e-12)


def assert_in_place_is_the_same(state, apply, *arguments):
    expected = apply(*arguments).bloch
    np.testing.assert_allclose(apply(*arguments, out=state).bloch, expected, atol=1e-12)


def scale_in_place(rho):
    """Return the floor: read every number once and write it once."""
    numbers = rho.bloch.copy()
    return lambda: np.multiply(numbers, -1.0, out=numbers)


def test_aer_counts_qubits_the_other_way():
    maps = [(DIFFERENT[k], (k,)) for k in range(4)] + [(NOISY_CNOT, (2, 0))]
    circuit = peers.aer_circuit(4, [(channel.superop(), on) for channel, on in maps], save="state")
    expected = ket("0000")
    for channel, on in maps:
        expected = expected.apply(channel, on)
    np.testing.assert_allclose(np.asarray(peers.aer_run(circuit)), expected.matrix, atol=1e-12)


@one_qubit
@pytest.mark.parametrize("on", EVERY_QUBIT)
def test_one_qubit_ours(measure, rho, on):
    assert_in_place_is_the_same(rho, rho.apply, GENERAL, on)
    measure("ours, out=rho", lambda: rho.apply(GENERAL, on, out=rho))


@one_qubit
def test_one_qubit_floor(measure, rho):
    measure("floor: np.multiply in place", scale_in_place(rho))


@one_qubit
@pytest.mark.parametrize("on", SOME_QUBITS)
def test_one_qubit_numpy(measure, rho, dense, on):
    superop = GENERAL.superop()
    current = rho.matrix.reshape(dense.shape)
    assert_same(peers.numpy_map(current, superop, (on,)), rho.apply(GENERAL, on))
    measure("NumPy tensordot, dense", lambda: peers.numpy_map(dense, superop, (on,)))


@one_qubit
@pytest.mark.parametrize("on", SOME_QUBITS)
def test_one_qubit_numpy_real(measure, rho, on):
    bloch, transfer = rho.bloch.copy(), GENERAL.transfer
    np.testing.assert_allclose(peers.numpy_real_map(bloch, transfer, (on,)), rho.apply(GENERAL, on).bloch, atol=1e-12)
    measure("NumPy tensordot, real tensor", lambda: peers.numpy_real_map(bloch, transfer, (on,)))


@one_qubit
def test_one_qubit_aer(measure):
    circuit = peers.aer_circuit(NUM_QUBITS, [(GENERAL.superop(), (k,)) for k in EVERY_QUBIT])
    assert_same_parity(circuit, ket("0" * NUM_QUBITS).apply_each([GENERAL] * NUM_QUBITS))
    measure("Aer, superop", lambda: peers.aer_run(circuit), units=NUM_QUBITS)


@small
@pytest.mark.parametrize("on", (0, SMALL // 2, SMALL - 1))
def test_small_one_qubit_ours(measure, on):
    state = random_state((2,) * SMALL, rng=RNG)
    measure("ours, out=rho", lambda: state.apply(GENERAL, on, out=state))


@small
@pytest.mark.parametrize("on", (0, SMALL // 2, SMALL - 1))
def test_small_one_qubit_qutip(measure, on):
    state = random_state((2,) * SMALL, rng=RNG)
    operator, kraus = to_qutip(state), peers.qutip_kraus(GENERAL.kraus(), on, SMALL)
    np.testing.assert_allclose(peers.qutip_map(operator, kraus).full(), state.apply(GENERAL, on).matrix, atol=1e-12)
    measure("QuTiP, sparse Kraus operators", lambda: peers.qutip_map(operator, kraus))


@two_qubits
@pytest.mark.parametrize("on", PAIRS)
def test_two_qubits_ours(measure, rho, on):
    assert_in_place_is_the_same(rho, rho.apply, NOISY_CNOT, on)
    measure("ours, out=rho", lambda: rho.apply(NOISY_CNOT, on, out=rho))


@two_qubits
def test_two_qubits_floor(measure, rho):
    measure("floor: np.multiply in place", scale_in_place(rho))


@two_qubits
@pytest.mark.parametrize("on", PAIRS)
def test_two_qubits_numpy(measure, rho, dense, on):
    superop = NOISY_CNOT.superop()
    current = rho.matrix.reshape(dense.shape)
    assert_same(peers.numpy_map(current, superop, on), rho.apply(NOISY_CNOT, on))
    measure("NumPy tensordot, dense", lambda: peers.numpy_map(dense, superop, on))


@two_qubits
@pytest.mark.parametrize("on", PAIRS)
def test_two_qubits_numpy_real(measure, rho, on):
    bloch, transfer = rho.bloch.copy(), NOISY_CNOT.transfer
    np.testing.assert_allclose(peers.numpy_real_map(bloch, transfer, on), rho.apply(NOISY_CNOT, on).bloch, atol=1e-12)
    measure("NumPy tensordot, real tensor", lambda: peers.numpy_real_map(bloch, transfer, on))


@two_qubits
def test_two_qubits_aer(measure):
    circuit = peers.aer_circuit(NUM_QUBITS, [(NOISY_CNOT.superop(), on) for on in PAIRS])
    expected = ket("0" * NUM_QUBITS)
    for on in PAIRS:
        expected = expected.apply(NOISY_CNOT, on)
    assert_same_parity(circuit, expected)
    measure("Aer, superop", lambda: peers.aer_run(circuit), units=len(PAIRS), once=True)


@layer
def test_layer_ours(measure, rho):
    assert_in_place_is_the_same(rho, rho.apply_each, DIFFERENT)
    measure("ours, apply_each", lambda: rho.apply_each(DIFFERENT, out=rho))


@layer
def test_layer_floor(measure, rho):
    measure("floor: np.multiply in place", scale_in_place(rho))


@layer
def test_layer_numpy(measure, rho):
    superops = [channel.superop() for channel in DIFFERENT]

    def run(tensor):
        for on, superop in enumerate(superops):
            tensor = peers.numpy_map(tensor, superop, (on,))
        return tensor

    tensor = rho.matrix.reshape((2,) * 2 * NUM_QUBITS)
    assert_same(run(tensor), rho.apply_each(DIFFERENT))
    measure("NumPy tensordot, dense", lambda: run(tensor), once=True)


@layer
def test_layer_numpy_real(measure, rho):
    transfers = [channel.transfer for channel in DIFFERENT]

    def run(tensor):
        for on, transfer in enumerate(transfers):
            tensor = peers.numpy_real_map(tensor, transfer, (on,))
        return tensor

    bloch = rho.bloch.copy()
    np.testing.assert_allclose(run(bloch), rho.apply_each(DIFFERENT).bloch, atol=1e-12)
    measure("NumPy tensordot, real tensor", lambda: run(bloch), once=True)


@layer
def test_layer_aer(measure):
    circuit = peers.aer_circuit(NUM_QUBITS, [(c.superop(), (k,)) for k, c in enumerate(DIFFERENT)])
    assert_same_parity(circuit, ket("0" * NUM_QUBITS).apply_each(DIFFERENT))
    measure("Aer, superop", lambda: peers.aer_run(circuit), once=True)


@pytest.mark.skipif(SMOKE, reason="takes 2 GB")
@pytest.mark.benchmark(group="P4 a layer on 14 qubits and the memory it takes")
def test_memory_of_a_layer(measure, benchmark):
    command = [sys.executable, str(Path(__file__).with_name("layer_memory.py")), "14"]
    results = []
    measure("ours, the whole process", lambda: results.append(subprocess.check_output(command)), once=True)
    layers = [json.loads(text) for text in results]
    worst = {name: max(result[name] for result in layers) for name in layers[0]}
    benchmark.extra_info.update(worst | {"seconds": median(result["seconds"] for result in layers)})
    assert worst["beyond_state_mb"] <= 100
