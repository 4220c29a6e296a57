"""Fidelities of stored, swapped Werner pairs in one pass, against dense matrices and against the public steps."""

import chain_oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, Memory, depolarizing, swap
from qnet_core import bell_state, blockwise, fidelity, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import stored_chain_fidelity

PHI = np.array([1, 0, 0, 1]) / np.sqrt(2)
FRACTIONS = st.floats(0.0, 1.0)
TIMES = st.floats(0.0, 5.0)


def dense_pair(fidelity, wait_s, times, mixing):
    """Return a Werner pair whose halves relaxed with their own times (T1, T2, population), then one half depolarized."""
    phi = np.outer(PHI, PHI)
    rho = fidelity * phi + (1 - fidelity) / 3 * (np.eye(4) - phi)
    for kraus, half in zip([chain_oracle.relaxation_kraus(wait_s, *own) for own in times], (0, 1), strict=True):
        operators = [np.kron(k, np.eye(2)) if half == 0 else np.kron(np.eye(2), k) for k in kraus]
        rho = sum(k @ rho @ k.conj().T for k in operators)
    reduced = rho.reshape(2, 2, 2, 2).trace(axis1=0, axis2=2)
    return (1 - mixing) * rho + mixing * np.kron(np.eye(2) / 2, reduced)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_is_the_dense_simulation(rng, count):
    fidelities, waits = rng.uniform(0.3, 1, count), rng.uniform(0, 1, count)
    times = [(1.3, 0.9, 0.2), (0.7, 1.1, 0.4)]
    mixing, gate_mixing, readout_error = 0.03, 0.02, 0.07
    chain = None
    for own, wait in zip(fidelities, waits, strict=True):
        pair = dense_pair(own, wait, times, mixing)
        chain = pair if chain is None else chain_oracle.swapped(chain, pair, gate_mixing, readout_error)
    found = stored_chain_fidelity(
        list(fidelities), waiting_s=list(waits), memory=tuple(Memory(*own) for own in times), mixing=mixing,
        station=BellStation(gate_mixing=gate_mixing, readout_error=readout_error),
    )  # fmt: skip
    np.testing.assert_allclose(found, (PHI @ chain @ PHI).real, atol=1e-14)


@given(st.tuples(FRACTIONS, FRACTIONS), st.tuples(TIMES, TIMES), FRACTIONS, FRACTIONS, FRACTIONS)
def test_is_what_the_public_steps_give(fidelities, waits, mixing, gate_mixing, readout_error):
    memory, station = Memory(1.0, 0.8, 0.1), BellStation(gate_mixing=gate_mixing, readout_error=readout_error)
    pairs = []
    for initial, wait in zip(fidelities, waits, strict=True):
        decay = memory.decay(duration_s=wait)
        pair = werner_state(fidelity=initial).apply(decay, 0).apply(decay, 1)
        pairs.append(pair.apply(depolarizing(mixing=mixing), 0))
    found = stored_chain_fidelity(fidelities, waiting_s=waits, memory=memory, mixing=mixing, station=station)
    np.testing.assert_allclose(found, fidelity(swap(*pairs, station=station).state, bell_state()), atol=1e-14)


def test_everything_broadcasts(rng):
    first, waits = rng.uniform(0.5, 1, (3, 1, 1)), rng.uniform(0, 1, (700,))
    t2, mixing, gate = np.array([[0.5], [1.5]]), 0.01, np.array([0.0, 0.1, 0.2])[:, None, None]
    found = stored_chain_fidelity(
        [first, 0.9], waiting_s=[waits, 0.1], memory=Memory(1.0, t2), mixing=mixing, station=BellStation(gate)
    )
    assert found.shape == (3, 2, 700)
    for i, j, k in [(0, 0, 0), (2, 1, 699), (1, 0, 511)]:
        one = stored_chain_fidelity(
            [first[i, 0, 0], 0.9], waiting_s=[waits[k], 0.1], memory=Memory(1.0, t2[j, 0]), mixing=mixing,
            station=BellStation(gate[i, 0, 0]),
        )  # fmt: skip
        np.testing.assert_allclose(found[i, j, k], one, rtol=1e-15)


def test_blocks_and_threads_change_nothing(rng):
    left, wait = rng.uniform(0.5, 1, 2000), rng.uniform(0, 1, 2000)

    def curve(own, stored):
        return stored_chain_fidelity([own, 0.9], waiting_s=[stored, 0.0], memory=Memory(1.0, 1.0))

    np.testing.assert_array_equal(blockwise(curve, left, wait, block_size=300, threads=2), curve(left, wait))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"fidelities": [0.9, 1.2]}, ParameterError, r"`fidelities\[1\]` must be between 0 and 1, but is 1.2"),
        ({"fidelities": 0.9}, ParameterTypeError, "`fidelities` must be a list with one value per pair, but is 0.9"),
        ({"fidelities": []}, ParameterTypeError, "`fidelities` must be a list"),
        ({"waiting_s": [0.1]}, DimensionError, "`waiting_s` must hold 2, one per pair, but holds 1"),
        ({"waiting_s": [0.1, -1.0]}, ParameterError, r"`waiting_s\[1\]` must be at least 0"),
        ({"waiting_s": [0.1, float("nan")]}, ParameterError, r"`waiting_s\[1\]` must be at least 0"),
        ({"memory": 1.0}, ParameterTypeError, "`memory` must be a Memory or two of them, but is float"),
        ({"memory": Memory(1.0, 1.0, decay_exponent=2.0)}, ParameterError, "`memory` must decay exponentially"),
        ({"mixing": 2.0}, ParameterError, "`mixing` must be between 0 and 1, but is 2"),
        ({"station": 0.1}, ParameterTypeError, "`station`"),
        ({"fidelities": [[0.9, 0.8], [0.9, 0.8, 0.7]]}, DimensionError, r"`fidelities\[0\]` \(2,\), `fidelities\[1\]` \(3,\)"),
    ],
)  # fmt: skip
def test_refuses(change, error, message):
    good = {"fidelities": [0.9, 0.8], "waiting_s": [0.1, 0.2], "memory": Memory(1.0, 1.0)}
    with pytest.raises(error, match=message):
        given = good | change
        stored_chain_fidelity(given.pop("fidelities"), **given)
