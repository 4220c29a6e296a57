"""A round of distillation on a million pairs of any states, beside batched NumPy and a loop of QuTiP."""

from functools import cache

import distillation_oracle
import numpy as np
import pytest
import qutip
from workloads import GATE_MIXING, NUM_POINTS, READOUT_ERROR, blockwise_engine, size

from qnet_channels import dejmps, stabilizer_distillation
from qnet_core import blockwise, random_state, werner_state

turned = pytest.mark.benchmark(group="P9 DEJMPS round with noisy gates and readout, any pairs")
code = pytest.mark.benchmark(group="Five pairs to one by a stabilizer code, errors detected")
both_threads = pytest.mark.parametrize("threads", (1, 2))

NOISE = {"gate_mixing": GATE_MIXING, "readout_error": READOUT_ERROR}
BLOCK = size(4096, 128)
FEW = size(20, 3)
TURN = np.array([[1, -1j], [-1j, 1]]) / np.sqrt(2)  # about X, by +90 degrees on side A and by -90 on side B
CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(9)
    return [random_state((2, 2), batch_shape=(NUM_POINTS,), rng=rng) for _ in range(2)]


@cache
def round_tensor():
    """Return the map of two dense pairs to the kept one: its row and column, those of the first, those of the second."""
    units = np.eye(16).reshape(4, 4, 4, 4)
    images = [[distillation_oracle.dejmps([a, b], GATE_MIXING, READOUT_ERROR) for b in units.reshape(16, 4, 4)]
              for a in units.reshape(16, 4, 4)]  # fmt: skip
    return np.array(images).reshape(4, 4, 4, 4, 4, 4).transpose(4, 5, 0, 1, 2, 3)


def numpy_round(first, second):
    """Return kept pairs and probabilities of dense pairs (points, 4, 4)."""
    kept = np.einsum("nip,njq,klipjq->nkl", first, second, round_tensor(), optimize=["einsum_path", (0, 2), (0, 1)])
    probability = np.einsum("nkk->n", kept).real
    return kept / probability[:, None, None], probability


def qutip_round(first, second):
    """Return the kept pair and its probability, by gates and measurements of four qubits."""
    turns = qutip.tensor(*[qutip.Qobj(matrix) for matrix in (TURN, TURN.conj(), TURN, TURN.conj())])
    rho = turns @ qutip.tensor(first, second) @ turns.dag()
    for on in ((0, 2), (1, 3)):
        rho = noisy_cnot(rho, on)
    kept = 0
    for bits in ((0, 0), (1, 1)):
        readers = [
            qutip.Qobj(np.diag([READOUT_ERROR if b != bit else 1 - READOUT_ERROR for b in (0, 1)])) for bit in bits
        ]
        kept = kept + (qutip.tensor(qutip.qeye(2), qutip.qeye(2), *readers) @ rho).ptrace([0, 1])
    probability = kept.tr().real
    return kept / probability, probability


def noisy_cnot(rho, on):
    gate = qutip.tensor(qutip.qeye(2), qutip.qeye(2), qutip.Qobj(CNOT, dims=[[2, 2], [2, 2]])).permute(places(on))
    rest = [q for q in range(4) if q not in on]
    nothing = qutip.tensor(rho.ptrace(rest), qutip.qeye([2, 2]) / 4).permute(places(on))
    return (1 - GATE_MIXING) * (gate @ rho @ gate.dag()) + GATE_MIXING * nothing


def places(on):
    """Return where qubits go that now stand behind the two others."""
    rest = [q for q in range(4) if q not in on]
    return list(np.argsort([*rest, *on]))


@turned
@both_threads
def test_round_blockwise(measure, pairs, threads):
    index = np.arange(NUM_POINTS)

    def of_block(k):
        part = slice(k[0], k[-1] + 1)
        return dejmps(pairs[0][part], pairs[1][part], **NOISE)

    def run():
        return blockwise(of_block, index, threads=threads)

    np.testing.assert_allclose(run().state.bloch, dejmps(*pairs, **NOISE).state.bloch, atol=1e-14)
    measure(blockwise_engine(threads) + ", pairs[start:end]", run, units=NUM_POINTS, once=True)


@turned
def test_round(measure, pairs):
    measure("ours, one call", lambda: dejmps(*pairs, **NOISE), units=NUM_POINTS)


@turned
def test_round_in_a_block(measure, pairs):
    first, second = (pair[:BLOCK] for pair in pairs)
    measure(f"ours, one block of {BLOCK}", lambda: dejmps(first, second, **NOISE), units=BLOCK)


@turned
def test_round_numpy(measure, pairs):
    dense = [pair[:BLOCK].matrix for pair in pairs]
    state, probability = dejmps(*(pair[:BLOCK] for pair in pairs), **NOISE)
    kept, chances = numpy_round(*dense)
    np.testing.assert_allclose(kept, state.matrix, atol=1e-12)
    np.testing.assert_allclose(chances, probability, atol=1e-13)
    measure(f"NumPy einsum, one block of {BLOCK}", lambda: numpy_round(*dense), units=BLOCK)


@turned
def test_round_qutip(measure, pairs):
    few = [[qutip.Qobj(matrix, dims=[[2, 2], [2, 2]]) for matrix in pair[:FEW].matrix] for pair in pairs]
    expected, chances = dejmps(*(pair[:FEW] for pair in pairs), **NOISE)
    for k, (state, probability) in enumerate(map(qutip_round, *few)):
        np.testing.assert_allclose(state.full(), expected[k].matrix, atol=1e-12)
        np.testing.assert_allclose(probability, chances[k], atol=1e-13)
    measure("QuTiP, point by point", lambda: list(map(qutip_round, *few)), units=FEW)


@code
def test_five_pairs(measure):
    pair = werner_state(fidelity=np.linspace(0.7, 1.0, BLOCK))
    measure(f"ours, one block of {BLOCK}", lambda: stabilizer_distillation(pair, **NOISE), units=BLOCK)
