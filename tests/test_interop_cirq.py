"""Cirq by the lines of ``docs/interop.md``; it is in no group and tested where it is installed."""

import numpy as np
import pytest
from page_blocks import run

from qnet_channels import amplitude_damping
from qnet_core import DensityMatrix

cirq = pytest.importorskip("cirq", reason="Cirq is not installed")


@pytest.fixture(scope="module")
def page():
    return run("interop.md", ("", "Cirq"))


def test_channels_act_on_the_subsystems_that_are_meant(page):
    rho, channel, both = page["rho"], page["channel"], page["both"]
    expected = rho.apply(channel, on=1).apply(both, on=(2, 0))
    np.testing.assert_allclose(page["after"].matrix, expected.matrix, atol=1e-12)
    assert np.abs(rho.apply(channel, on=1).apply(both, on=(0, 2)).matrix - expected.matrix).max() > 0.01


def test_subsystems_keep_their_places(page):
    rho = page["rho"]
    for k in range(3):
        tensor = rho.matrix.reshape((2,) * 6)
        np.testing.assert_allclose(cirq.partial_trace(tensor, [k]), rho.ptrace(k).matrix, atol=1e-12)


def test_their_channels_come_in(page):
    np.testing.assert_allclose(page["from_cirq"].transfer, amplitude_damping(damping=0.3).transfer, atol=1e-12)


def test_superoperators_are_stacked_by_rows_there(page):
    channel = page["channel"]
    theirs = cirq.kraus_to_superoperator(list(channel.kraus()))
    ours = theirs.reshape((2,) * 4).transpose(1, 0, 3, 2).reshape(4, 4)
    np.testing.assert_allclose(ours, channel.superop(), atol=1e-12)


def test_single_precision_is_taken(page):
    result = cirq.DensityMatrixSimulator().simulate(
        page["circuit"], initial_state=page["rho"].matrix.astype(np.complex64), qubit_order=page["qubits"]
    )
    assert result.final_density_matrix.dtype == np.complex64
    np.testing.assert_allclose(DensityMatrix(result.final_density_matrix).matrix, page["after"].matrix, atol=1e-6)
