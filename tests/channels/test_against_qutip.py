"""Every channel of the list does to two hundred random states what QuTiP makes of it."""

from math import prod

import numpy as np
import oracles
import pytest
import qutip

from qnet_channels.catalog import CATALOG
from qnet_core import DensityMatrix

NUM_STATES = 200
TIMES = (0.0, 0.3, 1.0, 2.5)
OPTIONS = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": ""}

every_entry = pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
every_evolution = pytest.mark.parametrize(
    "entry", [entry for entry in CATALOG if entry.jumps is not None], ids=lambda entry: entry.name
)
every_time = pytest.mark.parametrize("time", TIMES)


def random_states(rng, dims):
    """Mixed states of all ranks."""
    ranks = rng.integers(1, prod(dims) + 1, NUM_STATES)
    return np.array([oracles.random_density(rng, prod(dims), rank) for rank in ranks])


def images(channel, matrices):
    """What the library makes of the states, in one batch."""
    states = DensityMatrix(matrices, channel.dims_in)
    return states.apply(channel, tuple(range(len(channel.dims_in)))).matrix


def through(superoperator, matrices):
    """What a superoperator of QuTiP, which stacks columns, makes of the states."""
    columns = matrices.transpose(0, 2, 1).reshape(len(matrices), -1)
    size = round(superoperator.shape[0] ** 0.5)
    return (columns @ superoperator.full().T).reshape(-1, size, size).transpose(0, 2, 1)


def padded(matrices, size):
    """Levels that are never used, since QuTiP converts only maps that keep the dimension."""
    missing = [(0, 0), *((0, size - have) for have in matrices.shape[1:])]
    return np.pad(matrices, missing)


def square_kraus(channel):
    """The Kraus operators as QuTiP takes them, and the dimension that they are made to keep."""
    kraus = channel.kraus()
    size = max(kraus.shape[1:])
    return [qutip.Qobj(operator) for operator in padded(kraus, size)], size


@every_entry
@every_time
def test_kraus_operators_do_the_same_in_qutip(entry, time, rng):
    channel = entry.make(time)
    matrices = random_states(rng, channel.dims_in)
    operators, size = square_kraus(channel)
    found = images(channel, matrices)
    expected = through(qutip.kraus_to_super(operators), padded(matrices, size))
    np.testing.assert_allclose(padded(found, size), expected, atol=1e-10)


@every_entry
@every_time
def test_choi_matrix_is_that_of_qutip(entry, time, rng):
    """Both put the input first; QuTiP's is of the Kraus operators, and ours goes back through QuTiP to the states."""
    channel = entry.make(time)
    operators, size = square_kraus(channel)
    expected = qutip.to_choi(qutip.kraus_to_super(operators))
    d_out, d_in = channel.kraus().shape[1:]
    gap = [(0, size - d_in), (0, size - d_out)] * 2
    own = np.pad(channel.choi().reshape(d_in, d_out, d_in, d_out), gap).reshape(size**2, size**2)
    np.testing.assert_allclose(own, expected.full(), atol=1e-10)
    matrices = random_states(rng, channel.dims_in)
    back = qutip.to_super(qutip.Qobj(own, dims=expected.dims, superrep="choi"))
    found = images(channel, matrices)
    np.testing.assert_allclose(padded(found, size), through(back, padded(matrices, size)), atol=1e-10)


@every_evolution
def test_master_equation_does_the_same_in_qutip(entry, rng):
    """The equation is solved once for the whole map, which starts as the identity."""
    dims = entry.make(0.0).dims_in
    size = prod(dims)
    hamiltonian = qutip.Qobj(np.zeros((size, size)) if entry.hamiltonian is None else entry.hamiltonian)
    jumps = [qutip.Qobj(jump) for jump in entry.jumps]
    start = qutip.to_super(qutip.qeye(size))
    solved = qutip.mesolve(hamiltonian, start, TIMES, jumps, options=OPTIONS)
    matrices = random_states(rng, dims)
    for time, flow in zip(TIMES, solved.states, strict=True):
        np.testing.assert_allclose(images(entry.make(time), matrices), through(flow, matrices), atol=1e-7)
