"""States and channels are values: what is done to one never shows in another."""

import copy
import pickle

import numpy as np
import oracles
import pytest

import qnet_core as qc
from qnet_core import Channel, DensityMatrix

FLIP = Channel.from_unitary(oracles.PAULI["X"])

# Ways to get a second state from a first; changing the first in place must not change the second.
SECOND = {
    "reshape": lambda rho: rho.reshape((3, 2)),
    "same shape": lambda rho: rho.reshape((6,)),
    "broadcast": lambda rho: rho.broadcast_to((6,)),
    "wider": lambda rho: rho.broadcast_to((2, 6)),
    "index": lambda rho: rho[...],
    "slice": lambda rho: rho[1:],
    "tensor of one": lambda rho: qc.tensor(rho),
    "ptrace to all": lambda rho: rho.ptrace((0, 1)),
    "permute to itself": lambda rho: rho.permute((0, 1)),
    "normalized": lambda rho: rho.normalized(),
    "apply identity": lambda rho: rho.apply(Channel.identity(2), 0),
    "apply each": lambda rho: rho.apply_each([None, None]),
    "from state": lambda rho: DensityMatrix(rho),
    "from bloch": lambda rho: DensityMatrix.from_bloch(rho.bloch, rho.dims),
    "deep copy": copy.deepcopy,
    "pickle": lambda rho: pickle.loads(pickle.dumps(rho)),
}


@pytest.mark.parametrize("name", SECOND)
def test_changing_a_state_in_place_changes_no_other(rng, name):
    matrices = oracles.stack(lambda: oracles.random_density(rng, 4), (6,))
    rho = DensityMatrix(matrices)
    second = SECOND[name](rho)
    before = second.bloch.copy()
    rho.apply(FLIP, 0, out=rho)
    np.testing.assert_array_equal(second.bloch, before)


def test_a_refused_call_changes_nothing(rng):
    rho = DensityMatrix(oracles.random_density(rng, 6), (2, 3))
    before = rho.bloch.copy()
    calls = [
        lambda: rho.apply_each([FLIP, FLIP], out=rho),
        lambda: rho.apply_each([FLIP, "not a channel"], out=rho),
        lambda: rho.apply(FLIP, 1, out=rho),
        lambda: rho.apply(qc.random_channel(2, 3, rng=rng), 0, out=rho),
    ]
    for call in calls:
        with pytest.raises((TypeError, ValueError)):
            call()
        np.testing.assert_array_equal(rho.bloch, before)


def test_pickles_keep_everything(rng):
    rho = qc.random_state((2, 3), batch_shape=(2,), rng=rng)
    back = pickle.loads(pickle.dumps(rho))
    assert (back.dims, back.batch_shape) == (rho.dims, rho.batch_shape)
    np.testing.assert_array_equal(back.bloch, rho.bloch)
    channel = qc.random_channel(2, 3, rng=rng)
    back = pickle.loads(pickle.dumps(channel))
    assert (back.dims_in, back.dims_out) == ((2,), (3,))
    np.testing.assert_array_equal(back.transfer, channel.transfer)


def test_points_without_a_state_stay_apart():
    """An impossible outcome leaves NaN at its point, and every metric passes that on in silence."""
    rho = DensityMatrix(np.array([np.diag([1, 0, 0, 0]), oracles.projector([0.6, 0, 0, 0.8])]))
    down = Channel.from_kraus(np.diag([0, 1])[None])
    after = rho.apply(down, 0).normalized()
    np.testing.assert_array_equal(np.isnan(after.trace()), [True, False])
    expected = {
        qc.purity: 1, qc.von_neumann_entropy: 0, qc.negativity: 0, qc.log_negativity: 0,
        qc.concurrence: 0, qc.entanglement_of_formation: 0, qc.coherent_information: 0,
        qc.fully_entangled_fraction: 0.5, qc.chsh_value: 2,
    }  # fmt: skip
    for metric, value in expected.items():
        np.testing.assert_allclose(metric(after), [np.nan, value], atol=1e-12)
    for metric, value in {qc.fidelity: 0.5, qc.trace_distance: np.sqrt(0.5)}.items():
        for pair in ((after, qc.bell_state("phi+")), (qc.bell_state("phi+"), after)):
            np.testing.assert_allclose(metric(*pair), [np.nan, value], atol=1e-12)


@pytest.mark.parametrize("weight", [1.0, 1e-6, 1e-15, 1e-30])
def test_rare_events_keep_their_relative_accuracy(rng, weight):
    """A heralded map may have any small weight; its Kraus operators must still be all there."""
    kraus = np.sqrt(weight) * oracles.random_kraus(rng, 2, count=2)
    channel = Channel.from_kraus(kraus)
    choi = oracles.choi_matrix(kraus)
    np.testing.assert_allclose(channel.choi(), choi, atol=1e-14 * weight)
    np.testing.assert_allclose(oracles.choi_matrix(channel.kraus()), choi, atol=1e-13 * weight)
    after = DensityMatrix(oracles.TILTED_QUBIT).apply(channel, 0)
    expected = oracles.act(kraus, oracles.TILTED_QUBIT) / weight
    np.testing.assert_allclose(after.trace(), weight, rtol=1e-13)
    np.testing.assert_allclose(after.normalized().matrix, expected, atol=1e-14)
