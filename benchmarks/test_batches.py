"""Pipelines over a million points, plain and block by block, beside NumPy and QuTiP."""

import numpy as np
import peers
import pytest
from workloads import (
    NUM_POINTS,
    T1_S,
    T2_S,
    blockwise_engine,
    curve_parameters,
    size,
    stored_fidelity,
    swapped_fidelity,
)

from qnet_channels import thermal_relaxation
from qnet_core import blockwise, werner_state

relaxation = pytest.mark.benchmark(group="P6 T1 and T2 on one half of pairs, each for its own time")
curve = pytest.mark.benchmark(group="P7 fidelity of two noisy, stored Werner pairs after a noisy swap")
fused = pytest.mark.benchmark(group="P8 the same fidelity in one pass")
both_threads = pytest.mark.parametrize("threads", (1, 2))

BLOCK = size(4096, 512)
FEW = size(20, 3)


def decay(wait_s):
    return thermal_relaxation(duration_s=wait_s, t1_s=T1_S, t2_s=T2_S)


def werner_and_relax(fidelity, wait_s):
    """Make Werner pairs and store one half of each."""
    pair = werner_state(fidelity=fidelity)
    return pair.apply(decay(wait_s), 1, out=pair)


@pytest.fixture(scope="module")
def stored():
    """Fidelities and times."""
    left, _, wait_s, _ = curve_parameters(NUM_POINTS)
    return left, wait_s


@pytest.fixture(scope="module")
def dense_pairs(stored):
    return peers.numpy_werner(stored[0])


@relaxation
def test_relaxation(measure, stored):
    pairs = werner_state(fidelity=stored[0])
    measure("ours, new states", lambda: pairs.apply(decay(stored[1]), 1), units=NUM_POINTS)


@relaxation
def test_relaxation_out(measure, stored):
    pairs, target = (werner_state(fidelity=stored[0]) for _ in range(2))
    expected = pairs.apply(decay(stored[1]), 1).bloch
    np.testing.assert_array_equal(pairs.apply(decay(stored[1]), 1, out=target).bloch, expected)
    measure("ours, out=", lambda: pairs.apply(decay(stored[1]), 1, out=target), units=NUM_POINTS)


@relaxation
@both_threads
def test_relaxation_blockwise(measure, stored, threads):
    def run():
        return blockwise(werner_and_relax, *stored, threads=threads)

    np.testing.assert_allclose(run().bloch, werner_and_relax(*stored).bloch, atol=1e-14)
    measure(blockwise_engine(threads) + ", making the pairs too", run, units=NUM_POINTS)


@relaxation
@both_threads
def test_relaxation_of_given_pairs_blockwise(measure, stored, threads):
    pairs, index = werner_state(fidelity=stored[0]), np.arange(NUM_POINTS)

    def run():
        return blockwise(lambda k, wait_s: pairs[k].apply(decay(wait_s), 1), index, stored[1], threads=threads)

    np.testing.assert_allclose(run().bloch, werner_and_relax(*stored).bloch, atol=1e-14)
    measure(blockwise_engine(threads) + ", pairs[index]", run, units=NUM_POINTS, once=True)


@relaxation
def test_relaxation_numpy(measure, stored, dense_pairs):
    dense = peers.numpy_relax(dense_pairs, stored[1]).reshape(-1, 4, 4)
    np.testing.assert_allclose(dense[:BLOCK], werner_and_relax(*(v[:BLOCK] for v in stored)).matrix, atol=1e-12)
    measure("NumPy einsum", lambda: peers.numpy_relax(dense_pairs, stored[1]), units=NUM_POINTS, once=True)


@relaxation
def test_relaxation_numpy_in_a_block(measure, stored, dense_pairs):
    pairs, wait_s = dense_pairs[:BLOCK], stored[1][:BLOCK]
    measure(f"NumPy einsum, one block of {BLOCK}", lambda: peers.numpy_relax(pairs, wait_s), units=BLOCK)


@curve
@both_threads
def test_curve_blockwise(measure, threads):
    parameters = curve_parameters(NUM_POINTS)

    def run():
        return blockwise(swapped_fidelity, *parameters, threads=threads)

    np.testing.assert_allclose(run(), swapped_fidelity(*parameters), atol=1e-14)
    measure(blockwise_engine(threads), run, units=NUM_POINTS)


@curve
def test_curve_plain(measure):
    parameters = curve_parameters(NUM_POINTS)
    measure("ours, plain", lambda: swapped_fidelity(*parameters), units=NUM_POINTS, once=True)


@curve
def test_curve_numpy(measure):
    parameters = curve_parameters(BLOCK)
    np.testing.assert_allclose(peers.numpy_swapped_fidelity(*parameters), swapped_fidelity(*parameters), atol=1e-12)
    measure(f"NumPy einsum, one block of {BLOCK}", lambda: peers.numpy_swapped_fidelity(*parameters), units=BLOCK)


@curve
def test_curve_qutip(measure):
    parameters = curve_parameters(FEW)

    def run():
        return [peers.qutip_swapped_fidelity(*point) for point in zip(*parameters, strict=True)]

    np.testing.assert_allclose(run(), swapped_fidelity(*parameters), atol=1e-12)
    measure("QuTiP, point by point", run, units=FEW)


@fused
@both_threads
def test_fused_curve(measure, threads):
    parameters = curve_parameters(NUM_POINTS)
    np.testing.assert_allclose(stored_fidelity(*parameters), swapped_fidelity(*parameters), atol=1e-14)
    measure(
        blockwise_engine(threads), lambda: blockwise(stored_fidelity, *parameters, threads=threads), units=NUM_POINTS
    )


@fused
def test_fused_curve_plain(measure):
    parameters = curve_parameters(NUM_POINTS)
    measure("ours, plain", lambda: stored_fidelity(*parameters), units=NUM_POINTS)


@fused
def test_fused_curve_numpy(measure):
    parameters = curve_parameters(BLOCK)
    np.testing.assert_allclose(peers.numpy_swapped_fidelity(*parameters), stored_fidelity(*parameters), atol=1e-12)
    measure(f"NumPy einsum, one block of {BLOCK}", lambda: peers.numpy_swapped_fidelity(*parameters), units=BLOCK)
