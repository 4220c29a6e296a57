"""A long batch in blocks gives what the whole batch gives, however it is cut."""

import numpy as np
import pytest

import qnet_core as qc
from qnet_core import Channel, DensityMatrix, Heralded
from qnet_core.errors import ParameterTypeError

FIDELITY = np.linspace(0.3, 1.0, 11)


def pairs(fidelity):
    return qc.werner_state(fidelity=fidelity)


@pytest.mark.parametrize("block_size", [1, 3, 11, 4096])
@pytest.mark.parametrize("threads", [1, 2])
def test_arrays_states_and_tuples(block_size, threads):
    options = {"block_size": block_size, "threads": threads}
    values = qc.blockwise(lambda f: qc.concurrence(pairs(f)), FIDELITY, **options)
    np.testing.assert_allclose(values, np.maximum(0, 2 * FIDELITY - 1), atol=1e-13)
    states = qc.blockwise(pairs, FIDELITY, **options)
    assert isinstance(states, DensityMatrix)
    np.testing.assert_array_equal(states.bloch, pairs(FIDELITY).bloch)
    heralded = qc.blockwise(lambda f: Heralded(pairs(f), f / 2), FIDELITY, **options)
    assert isinstance(heralded, Heralded)
    np.testing.assert_array_equal(heralded.state.bloch, pairs(FIDELITY).bloch)
    np.testing.assert_array_equal(heralded.probability, FIDELITY / 2)


def test_other_results_are_refused():
    with pytest.raises(ParameterTypeError, match=r"`function`.*Channel"):
        qc.blockwise(lambda p: Channel.identity(2), np.linspace(0, 1, 7), block_size=2)


def test_parameters_broadcast():
    fidelity, weight = FIDELITY[:, None], np.array([0.1, 0.2, 0.3])
    values = qc.blockwise(lambda f, w: qc.purity(pairs(f)) * w, fidelity, weight, block_size=5)
    assert values.shape == (11, 3)
    purity = FIDELITY**2 + (1 - FIDELITY) ** 2 / 3
    np.testing.assert_allclose(values, purity[:, None] * weight, rtol=1e-13)
    states = qc.blockwise(lambda f, w: pairs(f), fidelity, weight, block_size=4)
    assert states.batch_shape == (11, 3)
    np.testing.assert_array_equal(states.bloch[:, 2], pairs(FIDELITY).bloch)


def test_an_error_in_a_block_reaches_the_caller():
    with pytest.raises(ValueError, match="`fidelity`"):
        qc.blockwise(pairs, np.array([0.5, 0.6, 1.7]), block_size=1, threads=2)
    with pytest.raises(ValueError, match="`block_size`"):
        qc.blockwise(pairs, FIDELITY, block_size=0)


@pytest.mark.parametrize(("block_size", "threads", "blocks"), [(4, 1, 3), (4, 2, 4), (5, 2, 4), (6, 2, 2), (1, 3, 11)])
def test_blocks_are_about_as_long_and_as_many_for_each_thread(block_size, threads, blocks):
    lengths = []

    def noting(fidelity):
        lengths.append(len(fidelity))
        return fidelity

    np.testing.assert_array_equal(qc.blockwise(noting, FIDELITY, block_size=block_size, threads=threads), FIDELITY)
    assert len(lengths) == blocks
    assert max(lengths) <= block_size
    assert max(lengths) - min(lengths) <= 1
