"""The batched pipelines beside JAX, compiled and vectorized by it, where it is installed (``pip install jax``)."""

import numpy as np
import peers
import pytest
from test_distillation import BLOCK, CNOT, NOISE, TURN, round_tensor
from workloads import GATE_MIXING, MIXING, NUM_POINTS, READOUT_ERROR, T1_S, T2_S, curve_parameters, swapped_fidelity

from qnet_channels import dejmps
from qnet_core import random_state

jax = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)

WHITE = np.eye(4) / 4
WRONG = 2 * READOUT_ERROR * (1 - READOUT_ERROR)  # one of two readouts is
DEPOLARIZING = np.sqrt([1 - 3 * MIXING / 4, *[MIXING / 4] * 3])[:, None, None] * np.array(
    [np.eye(2), [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], np.diag([1, -1])]
)


def on(kraus, half):
    """Return Kraus operators on one half of a pair."""
    return [jnp.kron(k, jnp.eye(2)) if half == 0 else jnp.kron(jnp.eye(2), k) for k in kraus]


def mapped(rho, kraus):
    return sum(k @ rho @ k.conj().T for k in kraus)


def relaxation(duration_s):
    """Return Kraus operators of amplitude damping and of what dephasing remains."""
    kept, coherence = jnp.exp(-duration_s / T1_S), jnp.exp(-duration_s / T2_S)
    flip = (1 - coherence / jnp.sqrt(kept)) / 2
    fall = [jnp.diag(jnp.array([1, jnp.sqrt(kept)])), jnp.array([[0, 1], [0, 0]]) * jnp.sqrt(1 - kept)]
    dephase = [jnp.sqrt(1 - flip) * jnp.eye(2), jnp.sqrt(flip) * jnp.diag(jnp.array([1, -1]))]
    return [second @ first for first in fall for second in dephase]


def stored_pair(fidelity, wait_s):
    mixing = (4 * fidelity - 1) / 3
    pair = (mixing * np.outer(peers.BELL[0], peers.BELL[0]) + (1 - mixing) * WHITE).astype(complex)
    for half in (0, 1):
        pair = mapped(pair, on(relaxation(wait_s), half))
    return mapped(pair, on(DEPOLARIZING, 0))


def swapped(left_fidelity, right_fidelity, left_wait_s, right_wait_s):
    """Do what ``workloads.swapped_fidelity`` does for one point."""
    left, right = stored_pair(left_fidelity, left_wait_s), stored_pair(right_fidelity, right_wait_s)
    ends = jnp.einsum("ij,kl,ijklab->ab", left, right, peers.SWAP)
    return (peers.BELL[0] @ ends @ peers.BELL[0]).real


def by_one_tensor(first, second):
    """Return the kept pair by the map that the whole round is."""
    kept = jnp.einsum("ip,jq,klipjq->kl", first, second, round_tensor())
    return kept / jnp.trace(kept).real


def gate_by_gate(first, second):
    """Return the kept pair by turns, noisy CNOTs and noisy readout of four qubits."""
    turns = np.kron(*[np.kron(TURN, TURN.conj())] * 2)
    rho = turns @ jnp.kron(first, second) @ turns.conj().T
    for pair in ((0, 2), (1, 3)):
        rho = noisy_cnot(rho.reshape((2,) * 8), *pair).reshape(16, 16)
    equal = np.array([1 - WRONG, WRONG, WRONG, 1 - WRONG])
    kept = jnp.einsum("ajbj,j->ab", rho.reshape(4, 4, 4, 4), equal)
    return kept / jnp.trace(kept).real


def noisy_cnot(rho, control, target):
    """Apply a CNOT to two of four qubits, legs (rows, columns), after which noise replaces both with some probability."""
    legs = (control, target, control + 4, target + 4)
    front = jnp.moveaxis(rho, legs, (0, 1, 2, 3)).reshape(4, 4, 4, 4)  # of both, of the other two
    turned = jnp.einsum("ai,ijkl,bj->abkl", CNOT, front, CNOT)
    noise = jnp.einsum("ab,iikl->abkl", WHITE, front)
    mixed = (1 - GATE_MIXING) * turned + GATE_MIXING * noise
    return jnp.moveaxis(mixed.reshape((2,) * 8), (0, 1, 2, 3), legs)


@pytest.mark.benchmark(group="P7 fidelity of two noisy, stored Werner pairs after a noisy swap")
def test_curve(measure):
    parameters = curve_parameters(NUM_POINTS)
    compiled, arrays = jax.jit(jax.vmap(swapped)), [jnp.asarray(values) for values in parameters]
    np.testing.assert_allclose(compiled(*arrays), swapped_fidelity(*parameters), atol=1e-12)
    measure("JAX jit(vmap)", lambda: compiled(*arrays).block_until_ready(), units=NUM_POINTS, once=True)


def blocks_of_pairs():
    """Return two blocks of random pairs, and the same as dense arrays."""
    rng = np.random.default_rng(9)
    pairs = [random_state((2, 2), batch_shape=(BLOCK,), rng=rng) for _ in range(2)]
    return pairs, [jnp.asarray(pair.matrix) for pair in pairs]


@pytest.mark.benchmark(group="P9 DEJMPS round with noisy gates and readout, any pairs")
@pytest.mark.parametrize("how", [gate_by_gate, by_one_tensor])
def test_round(measure, how):
    pairs, arrays = blocks_of_pairs()
    compiled = jax.jit(jax.vmap(how))
    np.testing.assert_allclose(compiled(*arrays), dejmps(*pairs, **NOISE).state.matrix, atol=1e-12)
    engine = f"JAX jit(vmap), {how.__name__.replace('_', ' ')}, one block of {BLOCK}"
    measure(engine, lambda: compiled(*arrays).block_until_ready(), units=BLOCK)
