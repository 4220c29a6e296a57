"""Qiskit by the lines of ``docs/interop.md``: subsystems keep their places, channels their phases, both ways."""

import numpy as np
import pytest
from page_blocks import run

from qnet_channels import amplitude_damping, rotation
from qnet_core import Channel, DensityMatrix, random_channel, random_state, tensor

information = pytest.importorskip("qiskit.quantum_info", reason="Qiskit is in the group bench")


@pytest.fixture(scope="module")
def page():
    return run("interop.md", ("", "Qiskit"))


def test_the_matrix_is_the_same_and_qubits_count_from_the_right(page):
    rho, theirs, n = page["rho"], page["theirs"], page["n"]
    np.testing.assert_array_equal(theirs.data, rho.matrix)
    np.testing.assert_allclose(page["ours"].matrix, rho.matrix, atol=1e-15)
    for k in range(n):
        others = [n - 1 - j for j in range(n) if j != k]
        np.testing.assert_allclose(information.partial_trace(theirs, others).data, rho.ptrace(k).matrix, atol=1e-12)


def test_pauli_strings_read_the_same(page):
    """Both write the factor on the left first: Qiskit's label ends with qubit 0."""
    for string in ("XIZ", "YZI", "IIX", "ZYX"):
        assert page["theirs"].expectation_value(information.Pauli(string)).real == pytest.approx(
            page["rho"].expect(string)
        )


def test_channels_act_on_the_subsystems_that_are_meant(page):
    rho, channel, both = page["rho"], page["channel"], page["both"]
    np.testing.assert_allclose(page["on_one"].data, rho.apply(channel, on=0).matrix, atol=1e-12)
    np.testing.assert_allclose(page["on_two"].data, rho.apply(both, on=(2, 0)).matrix, atol=1e-12)
    assert np.abs(page["on_two"].data - rho.apply(both, on=(0, 2)).matrix).max() > 0.01


def test_reversed_states_have_subsystem_k_as_qubit_k(page):
    rho, theirs = page["rho"], page["in_their_order"]
    np.testing.assert_allclose(page["back"].matrix, rho.matrix, atol=1e-15)
    for k in range(3):
        others = [j for j in range(3) if j != k]
        np.testing.assert_allclose(information.partial_trace(theirs, others).data, rho.ptrace(k).matrix, atol=1e-12)


def test_channels_come_back_as_they_went(page):
    for name in ("from_kraus", "from_superop", "from_choi"):
        np.testing.assert_allclose(page[name].transfer, page["channel"].transfer, atol=1e-12)


@pytest.mark.parametrize("dims_in", [(2,), (2, 2), (3,)])
def test_any_channel_is_the_same_in_every_form(rng, dims_in):
    channel = random_channel(dims_in, rng=rng)
    size = int(np.prod(dims_in))
    kraus = information.Kraus(list(channel.kraus()))
    np.testing.assert_allclose(information.SuperOp(kraus).data, channel.superop(), atol=1e-12)
    np.testing.assert_allclose(information.Choi(kraus).data, channel.choi(), atol=1e-12)
    back = Channel.from_superop(information.SuperOp(kraus).data, dims_in, dims_in)
    np.testing.assert_allclose(back.transfer, channel.transfer, atol=1e-12)
    state = random_state(size, rng=rng)
    evolved = information.DensityMatrix(state.matrix, dims=size).evolve(kraus)
    np.testing.assert_allclose(
        evolved.data, state.apply(Channel.from_choi(channel.choi(), size, size), 0).matrix, atol=1e-12
    )


def test_dimensions_are_listed_in_reverse(rng):
    sigma = tensor(random_state(2, rng=rng), random_state(3, rng=rng))
    theirs = information.DensityMatrix(sigma.matrix, dims=sigma.dims[::-1])
    assert theirs.dims() == (3, 2)
    np.testing.assert_allclose(information.partial_trace(theirs, [0]).data, sigma.ptrace(0).matrix, atol=1e-12)
    np.testing.assert_allclose(DensityMatrix(theirs.data, (2, 3)).bloch, sigma.bloch, atol=1e-12)


def test_the_transfer_matrix_of_one_qubit_is_the_pauli_transfer_matrix():
    channel = rotation("y", angle_rad=0.7).then(amplitude_damping(damping=0.2))
    theirs = information.PTM(information.Kraus(list(channel.kraus())))
    np.testing.assert_allclose(np.real(theirs.data), channel.transfer, atol=1e-12)


def test_parts_match_when_ours_and_theirs_are_made_apart():
    """A qubit in |1> left of one in |0>: Qiskit's label reads the same, its qubit 1 is our subsystem 0."""
    theirs = information.DensityMatrix.from_label("10")
    one = DensityMatrix(theirs.data)
    assert (one.expect("Z", on=0), one.expect("Z", on=1)) == (-1, 1)
    assert theirs.probabilities([1])[1] == 1
