"""Teleportation against circuits of dense matrices, against swapping, and for what must hold whatever the pair."""

import numpy as np
import oracles
import pytest
import qutip
import teleportation_oracle as circuits
from hypothesis import given, settings
from hypothesis import strategies as st

from qnet_channels import BellStation, LinearOpticsStation, Memory, amplitude_damping, swap, swap_branches
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    fidelity,
    ket,
    pauli_probabilities,
    process_fidelity,
    random_state,
    tensor,
    werner_state,
)
from qnet_core.strategies import probabilities, relaxation_times, states
from qnet_protocols import teleport, teleport_branches, teleportation_channel, teleportation_instrument

NOISY = BellStation(gate_mixing=0.07, readout_error=0.04)
MEMORY, LATENCY_S = Memory(t1_s=2.0, t2_s=1.5), 0.6
WAIT = circuits.relaxation(0.6, 2.0, 1.5)
PAIRS = states(dims=(2, 2))
FEW = settings(max_examples=40, deadline=None)


def random_pair(rng):
    return oracles.random_density(rng, 4)


@pytest.mark.parametrize(("count", "on"), [(1, 0), (2, 0), (2, 1), (3, 1)])
def test_against_the_circuit(rng, count, on):
    state, pair = oracles.random_density(rng, 2**count), random_pair(rng)
    hardware = {"station": NOISY, "memory": MEMORY, "latency_s": LATENCY_S}
    expected = circuits.teleported_branches(state, on, pair, 0.07, 0.04, WAIT)
    rho, resource = DensityMatrix(state), DensityMatrix(pair)
    np.testing.assert_allclose(teleport(rho, resource, on=on, **hardware).matrix, sum(expected), atol=1e-14)
    for branch, raw in zip(teleport_branches(rho, resource, on=on, **hardware), expected, strict=True):
        np.testing.assert_allclose(branch.probability, np.trace(raw).real, rtol=1e-12)
        np.testing.assert_allclose(branch.state.matrix, raw / np.trace(raw), atol=1e-13)


def test_instrument_is_the_branches_and_its_total_the_channel(rng):
    resource, state = random_state((2, 2), batch_shape=(3,), rng=rng), random_state((2, 2), rng=rng)
    hardware = {"station": NOISY, "memory": MEMORY, "latency_s": LATENCY_S}
    instrument = teleportation_instrument(resource, **hardware)
    assert instrument.outcomes == ("phi+", "phi-", "psi+", "psi-")
    channel = teleportation_channel(resource, **hardware)
    np.testing.assert_allclose(instrument.total().transfer, channel.transfer, atol=1e-15)
    branches = teleport_branches(state, resource, on=1, **hardware)
    for one, other in zip(instrument.branches(state, 1), branches, strict=True):
        np.testing.assert_allclose(one.state.bloch, other.state.bloch, atol=1e-15)
        np.testing.assert_allclose(one.probability, other.probability, atol=1e-15)


def test_a_station_that_fails_loses_trace_and_says_so(rng):
    resource, state = random_state((2, 2), rng=rng), random_state((2,), rng=rng)
    station = BellStation(readout_error=0.1, success_probability=0.4)
    perfect = BellStation(readout_error=0.1)
    out = teleport(state, resource, station=station)
    np.testing.assert_allclose(out.trace(), 0.4, rtol=1e-14)
    np.testing.assert_allclose(out.normalized().bloch, teleport(state, resource, station=perfect).bloch, atol=1e-15)
    instrument = teleportation_instrument(resource, station=station)
    assert instrument.outcomes[-1] == "failed"
    failed = instrument.branches(state, 0)[-1]
    np.testing.assert_allclose(failed.probability, 0.6, rtol=1e-14)
    np.testing.assert_allclose(failed.state.bloch, resource.ptrace(1).bloch, atol=1e-14)


# Special cases


@pytest.mark.parametrize("station", [None, NOISY, BellStation(success_probability=0.5), LinearOpticsStation(0.8)])
def test_swapping_is_teleportation_of_half_a_pair(rng, station):
    left, right = random_state((2, 2), batch_shape=(2, 1), rng=rng), random_state((2, 2), batch_shape=(3,), rng=rng)
    swapped, moved = swap(left, right, station=station), teleport(left, right, on=1, station=station)
    np.testing.assert_allclose(moved.trace(), swapped.probability, atol=1e-14)
    np.testing.assert_allclose(moved.normalized().bloch, swapped.state.bloch, atol=1e-13)
    others = swap_branches(left, right, station=station)
    for one, other in zip(teleport_branches(left, right, on=1, station=station), others, strict=True):
        np.testing.assert_allclose(one.probability, np.broadcast_to(other.probability, (2, 3)), atol=1e-14)
        np.testing.assert_allclose(one.state.bloch, other.state.bloch, atol=1e-12)


def test_hops_in_a_row_are_channels_in_a_row(rng):
    pairs = [random_state((2, 2), batch_shape=shape, rng=rng) for shape in ((), (2, 1), (3,))]
    hardware = {"station": NOISY, "memory": MEMORY, "latency_s": LATENCY_S}
    whole = teleportation_channel(pairs, **hardware)
    state = random_state((2,), rng=rng)
    one_by_one = state
    for pair in pairs:
        one_by_one = teleport(one_by_one, pair, **hardware)
    assert whole.batch_shape == (2, 3)
    np.testing.assert_allclose(state.apply(whole, 0).bloch, one_by_one.bloch, atol=1e-15)
    np.testing.assert_allclose(teleport(state, pairs, **hardware).bloch, one_by_one.bloch, atol=1e-15)


def test_decay_after_the_correction_is_something_else():
    relax = MEMORY.decay(duration_s=LATENCY_S)
    late = {s: fidelity(teleport(ket(s), bell_state()).apply(relax, 0), ket(s)) for s in "01"}
    early = {s: fidelity(teleport(ket(s), bell_state(), memory=MEMORY, latency_s=LATENCY_S), ket(s)) for s in "01"}
    np.testing.assert_allclose([late["0"], late["1"]], [1, np.exp(-0.3)], rtol=1e-14)
    np.testing.assert_allclose([early["0"], early["1"]], (1 + np.exp(-0.3)) / 2, rtol=1e-14)


# What holds for any pair


@given(states(dims=(2, 3)), st.integers(0, 3))
@FEW
def test_through_phi_plus_nothing_changes(state, outcome):
    np.testing.assert_array_equal(teleport(state, bell_state()).bloch, state.bloch)
    branch = teleport_branches(state, bell_state())[outcome]
    np.testing.assert_allclose(branch.state.bloch, state.bloch, atol=1e-13)
    assert branch.probability == state.trace() / 4


@given(PAIRS, probabilities(), probabilities(), relaxation_times(), st.floats(0, 10))
@FEW
def test_the_mean_is_a_pauli_channel(pair, gate_mixing, readout_error, times, latency_s):
    station = BellStation(gate_mixing, readout_error)
    channel = teleportation_channel(pair, station=station, memory=Memory(*times), latency_s=latency_s)
    np.testing.assert_array_equal(channel.transfer, channel.pauli_twirl().transfer)
    assert channel.is_trace_preserving(0)
    assert channel.is_completely_positive()


@given(PAIRS)
@FEW
def test_its_errors_are_the_bell_weights(pair):
    channel = teleportation_channel(pair)
    errors = pauli_probabilities(channel)[[0, 3, 1, 2]]  # I, Z, X, Y
    np.testing.assert_allclose(errors, bell_weights(pair), atol=1e-13)
    np.testing.assert_allclose(process_fidelity(channel), fidelity(pair, bell_state()), atol=1e-13)


# Second implementation


def qutip_teleported(state, pair, damping):
    """Teleport qubit 1 of two, with amplitude damping of the receiver's half before the correction, in QuTiP."""
    one, zero_bra, one_bra = qutip.qeye(2), qutip.basis(2, 0).dag(), qutip.basis(2, 1).dag()
    rho = qutip.tensor(qutip.Qobj(state, dims=[[2, 2]] * 2), qutip.Qobj(pair, dims=[[2, 2]] * 2))
    cnot = qutip.tensor(one, zero_bra.dag() @ zero_bra, one, one)
    cnot = cnot + qutip.tensor(one, one_bra.dag() @ one_bra, qutip.sigmax(), one)
    hadamard = qutip.tensor(one, (qutip.sigmax() + qutip.sigmaz()) / np.sqrt(2), one, one)
    rho = (hadamard @ cnot) @ rho @ (hadamard @ cnot).dag()
    kraus = qutip.Qobj(np.diag([1, np.sqrt(1 - damping)])), qutip.Qobj([[0, np.sqrt(damping)], [0, 0]])
    rho = sum(qutip.tensor(one, one, one, k) @ rho @ qutip.tensor(one, one, one, k).dag() for k in kraus)
    total = 0
    for first, second in np.ndindex(2, 2):
        said = [qutip.basis(2, bit).proj() for bit in (first, second)]
        turn = qutip.sigmaz() ** first @ qutip.sigmax() ** second
        total = total + (m := qutip.tensor(one, *said, turn)) @ rho @ m.dag()
    return total.ptrace([0, 3])


def test_against_qutip(rng):
    state, pair = oracles.random_density(rng, 4), random_pair(rng)
    expected = qutip_teleported(state, pair, 1 - np.exp(-0.3))
    memory = Memory(t1_s=2.0, t2_s=4.0)
    found = teleport(DensityMatrix(state), DensityMatrix(pair), on=1, memory=memory, latency_s=0.6)
    np.testing.assert_allclose(found.matrix, expected.full(), atol=1e-14)


# Batches


def test_everything_broadcasts(rng):
    states_, pairs = (
        random_state((2, 2), batch_shape=(2, 1, 1), rng=rng),
        random_state((2, 2), batch_shape=(3, 1), rng=rng),
    )
    errors, waits = np.array([0.0, 0.1]), np.array([0.2, 0.5])
    station, memory = BellStation(readout_error=errors), Memory(t1_s=np.array([1.0, 2.0]), t2_s=1.0)
    out = teleport(states_, pairs, on=1, station=station, memory=memory, latency_s=waits)
    assert out.batch_shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        one = teleport(
            states_[i, 0, 0], pairs[j, 0], on=1, station=BellStation(readout_error=errors[k]),
            memory=Memory(t1_s=[1.0, 2.0][k], t2_s=1.0), latency_s=waits[k],
        )  # fmt: skip
        np.testing.assert_allclose(out[i, j, k].bloch, one.bloch, atol=1e-15)


def test_no_pair_at_one_point_is_no_output_there():
    stack = np.array([bell_state().bloch, np.zeros((4, 4)), werner_state(fidelity=0.7).bloch])
    pairs = DensityMatrix.from_bloch(stack, (2, 2)).normalized()
    found = teleport(ket("+"), pairs)
    assert np.isnan(found.bloch[1]).all()
    np.testing.assert_allclose(fidelity(found[::2], ket("+")), [1, 0.8], rtol=1e-14)
    for branch in teleport_branches(ket("+"), pairs):
        np.testing.assert_array_equal(np.isnan(branch.probability), [False, True, False])
        np.testing.assert_allclose(fidelity(branch.state[::2], ket("+")), [1, 0.8], rtol=1e-14)


def test_hidden_inputs_are_left_alone(rng):
    state, pair = random_state((2, 2), rng=rng), random_state((2, 2), rng=rng)
    before = state.bloch.copy(), pair.bloch.copy()
    teleport(state, pair, on=1, station=NOISY, memory=MEMORY, latency_s=1.0)
    np.testing.assert_array_equal(state.bloch, before[0])
    np.testing.assert_array_equal(pair.bloch, before[1])


def test_trace_is_kept_bit_for_bit(rng):
    pairs = random_state((2, 2), batch_shape=(50,), rng=rng)
    state = tensor(random_state((2,), rng=rng), ket("0"))
    assert (teleport(state, pairs, station=NOISY).trace() == state.trace()).all()


def test_both_halves_waiting_is_two_decays():
    kept = amplitude_damping(damping=0.2)
    pair = bell_diagonal_state([0.9, 0.05, 0.03, 0.02])
    memory = Memory(t1_s=1.0, t2_s=2.0)
    found = teleportation_channel(pair.apply(kept, 0), memory=memory, latency_s=-np.log(0.8))
    expected = teleportation_channel(pair.apply(kept.tensor(kept), (0, 1)))
    np.testing.assert_allclose(found.transfer, expected.transfer, atol=1e-15)
    assert isinstance(found, Channel)
