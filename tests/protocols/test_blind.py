"""Blind computing does what the protocol does, choice by choice, and tells the server nothing."""

from itertools import product

import blind_oracle
import numpy as np
import pytest
from teleportation_oracle import relaxation

from qnet_channels import Memory, dephasing
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_state,
    fidelity,
    ket,
    maximally_mixed_state,
    random_channel,
    random_state,
    tensor,
    trace_distance,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import blind_computation, blind_distribution, server_view
from qnet_protocols.blind import vertical_links
from qnet_protocols.server_views import adapted

EIGHTH = np.pi / 4
HADAMARD = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CNOT = [[0, 0, 2, 0], [0, 2, 0, -2]]


def one_run(rng, turns, inputs, flips=None, **hardware):
    """The protocol with one draw of the client's choices."""
    rows, steps = turns.shape
    thetas = EIGHTH * rng.integers(0, 8, (rows, steps + 1))
    hidden = rng.integers(0, 2, (rows, steps))
    return blind_oracle.run(
        turns, inputs, thetas, hidden, rng.integers(0, 2, rows) if flips is None else flips, **hardware
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2)])
def test_ideal_run_is_the_same_for_all_choices(rng, shape):
    turns = rng.integers(0, 8, shape)
    inputs = random_state((2,) * shape[0], rng=rng)
    output = blind_computation(turns, state=inputs).matrix
    for _ in range(3):
        np.testing.assert_allclose(one_run(rng, turns, inputs.matrix), output, atol=1e-12)


def test_longer_brickwork_with_gate_noise(rng):
    turns = rng.integers(0, 8, (2, 4))
    inputs = random_state((2, 2), rng=rng)
    output = blind_computation(turns, state=inputs, gate_mixing=0.05).matrix
    np.testing.assert_allclose(one_run(rng, turns, inputs.matrix, mixing=0.05), output, atol=1e-12)


def test_noisy_rows_that_are_joined(rng):
    """Noise that does not care for the client's choices: any of them gives the mean."""
    turns = rng.integers(0, 8, (2, 2))
    inputs = random_state((2, 2), rng=rng)
    memory = Memory(t1_s=0.1, t2_s=0.05)
    output = blind_computation(turns, state=inputs, gate_mixing=0.05, readout_error=0.03, memory=memory, latency_s=0.01)
    hardware = {"mixing": 0.05, "error": 0.03, "wait": relaxation(0.01, 0.1, 0.05)}
    np.testing.assert_allclose(one_run(rng, turns, inputs.matrix, **hardware), output.matrix, atol=1e-12)


@pytest.mark.parametrize(("turns", "given"), [([3], True), ([3], False), ([3, 6], False)])
def test_any_source_in_the_mean_over_all_choices(rng, turns, given):
    """Quarter turns have the mean of all eight angles: preparation and reading make terms up to the second harmonic only."""
    source, steps = random_channel(2, num_kraus=2, rng=rng), len(turns)
    inputs = random_state(2, rng=rng) if given else ket("+")
    thetas, bits = product(range(0, 8, 2), repeat=steps + 1), product(range(2), repeat=steps)
    choices = product(thetas, bits, range(2) if given else [0])
    kraus = list(source.kraus())
    runs = [
        blind_oracle.run(np.array([turns]), inputs.matrix, EIGHTH * np.array([t]), np.array([r]), [i], kraus, error=0.1)
        for t, r, i in choices
    ]
    output = blind_computation([turns], state=inputs if given else None, source=source, readout_error=0.1)
    np.testing.assert_allclose(output.matrix, np.mean(runs, axis=0), atol=1e-12)


def test_one_row_is_a_product_of_rotations(rng):
    turns = rng.integers(0, 8, 5)
    unitary = np.eye(2)
    for turn in turns:
        unitary = HADAMARD @ np.diag([1, np.exp(-1j * EIGHTH * turn)]) @ unitary
    state = random_state(2, rng=rng)
    output = blind_computation(turns[None], state=state)
    np.testing.assert_allclose(output.matrix, unitary @ state.matrix @ unitary.conj().T, atol=1e-12)


def test_a_brick_is_a_cnot():
    gate = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    state = random_state((2, 2), rng=np.random.default_rng(3))
    output = blind_computation(CNOT, state=state)
    np.testing.assert_allclose(output.matrix, gate @ state.matrix @ gate, atol=1e-12)
    assert fidelity(blind_computation(CNOT, state=ket("+0")), bell_state()) == pytest.approx(1)


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
def test_vertical_links_are_those_of_the_paper(rows):
    for column in range(20):
        assert vertical_links(column, rows) == blind_oracle.joined_in(column, rows)


def test_distribution_is_that_of_the_output_measured(rng):
    turns = rng.integers(0, 8, (4, 2, 3))
    state = random_state((2, 2), rng=rng)
    hardware = {"gate_mixing": [[0.02], [0.1]], "source": dephasing(probability=0.1)}
    found = blind_distribution(turns, state=state, readout_error=0.05, **hardware)
    output = blind_computation(turns[..., :2], state=state, readout_error=0.05, **hardware)
    assert found.shape == (2, 4, 2, 2)
    np.testing.assert_allclose(found.sum(axis=(-1, -2)), 1, atol=1e-12)
    angles = EIGHTH * turns[..., 2]
    for case, bits in product(np.ndindex(2, 4), product((0, 1), repeat=2)):
        effect = np.eye(1)
        for row, bit in enumerate(bits):
            vector = np.array([1, (-1) ** bit * np.exp(1j * angles[case[1], row])]) / np.sqrt(2)
            effect = np.kron(effect, 0.9 * np.outer(vector, vector.conj()) + 0.05 * np.eye(2))
        assert found[(*case, *bits)] == pytest.approx(np.trace(output[case].matrix @ effect).real, abs=1e-12)


def test_distribution_of_one_column_counts_the_source():
    found = blind_distribution([[0]], source=dephasing(probability=0.2), readout_error=0.1)
    np.testing.assert_allclose(found, [0.5 + 0.5 * 0.6 * 0.8, 0.5 - 0.5 * 0.6 * 0.8], atol=1e-12)


def test_lost_qubits_lower_the_trace():
    lossy = Channel.from_kraus([np.sqrt(0.5) * np.eye(2)])
    output = blind_computation([[1, 2, 3]], source=lossy)
    assert output.trace() == pytest.approx(0.5**4)
    np.testing.assert_allclose(output.normalized().matrix, blind_computation([[1, 2, 3]]).matrix, atol=1e-12)


def test_everything_broadcasts(rng):
    turns = rng.integers(0, 8, (3, 1, 2))
    mixing, error = np.array([[0.0], [0.1]]), np.array([0.0, 0.01, 0.02])
    memory = Memory(t1_s=1.0, t2_s=0.5)
    hardware = {"memory": memory, "latency_s": 0.1, "source": dephasing(probability=0.03)}
    output = blind_computation(turns, gate_mixing=mixing, readout_error=error, **hardware)
    assert output.batch_shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        one = blind_computation(turns[j], gate_mixing=mixing[i, 0], readout_error=error[j], **hardware)
        np.testing.assert_allclose(output[i, j].matrix, one.matrix, atol=1e-14)


# --- the server's view ---------------------------------------------------------------------------------------------


def dense_view(turns, reported, photons=1):
    """The mean over θ and r of |δ><δ| and the qubits, as one block per list of angles."""
    size = turns.size
    blocks = np.zeros((8,) * size + (2 ** (size * photons),) * 2, complex)
    for thetas in product(range(8), repeat=size):
        for hidden in product((0, 1), repeat=size):
            r = dict(zip(np.ndindex(turns.shape), hidden, strict=True))
            results = {at: reported[at] ^ r[at] for at in r}
            state, angles = np.eye(1), []
            for theta, at in zip(thetas, r, strict=True):
                x, z = blind_oracle.corrections(results, *at, len(turns))
                angles.append(((-1) ** x * turns[at] + 4 * z + theta + 4 * r[at]) % 8)
                vector = np.array([1, np.exp(1j * EIGHTH * theta)]) / np.sqrt(2)
                for _ in range(photons):
                    state = np.kron(state, np.outer(vector, vector.conj()))
            blocks[tuple(angles)] += state / 16**size
    return blocks


@pytest.mark.parametrize(("shape", "photons"), [((1, 1), 1), ((1, 1), 3), ((1, 2), 1), ((1, 2), 2), ((2, 1), 1)])
def test_view_is_the_mean_over_the_choices(rng, shape, photons):
    turns, reported = rng.integers(0, 8, shape), rng.integers(0, 2, shape)
    view = server_view(turns, reported=reported, num_photons=photons)
    np.testing.assert_allclose(view.matrix, dense_view(turns, reported, photons), atol=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (1, 4), (2, 2), (4, 1)])
def test_view_tells_nothing(rng, shape):
    """All computations of one size look alike, whatever the server reports: even angles, maximally mixed qubits."""
    size = shape[0] * shape[1]
    for _ in range(2):
        reported = rng.integers(0, 2, shape)
        view = server_view(rng.integers(0, 8, shape), reported=reported)
        other = server_view(rng.integers(0, 8, shape), reported=reported)
        assert trace_distance(view, other).sum() == pytest.approx(0, abs=1e-12)
        assert trace_distance(view.normalized(), maximally_mixed_state((2,) * size)).max() == pytest.approx(
            0, abs=1e-12
        )
        np.testing.assert_allclose(view.trace(), 8.0**-size, rtol=1e-12)


def test_two_photons_tell():
    """Of two copies the mean over r leaves the coherence e^(2iθ)/4 of 00 and 11: |1 - e^(2iφ)|/4 tells φ from 0."""
    views = [server_view([[turn]], num_photons=2) for turn in range(8)]
    distances = [trace_distance(views[0], view).sum() for view in views]
    np.testing.assert_allclose(distances[:5], [0, np.sqrt(2) / 4, 0.5, np.sqrt(2) / 4, 0], atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (3, 7)])
def test_adapted_angles_are_those_of_the_protocol(rng, shape):
    turns, results = rng.integers(0, 8, shape), rng.integers(0, 2, shape)
    found = adapted(turns, results)
    known = {at: int(results[at]) for at in np.ndindex(shape)}
    for row, column in np.ndindex(shape):
        x, z = blind_oracle.corrections(known, row, column, shape[0])
        assert (found[row, column] - (-1) ** x * turns[row, column] - 4 * z) % 8 == 0


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [blind_computation, blind_distribution, server_view])
@pytest.mark.parametrize(
    ("turns", "error", "text"),
    [
        ([[0.5]], ParameterTypeError, "Parameter `eighth_turns` must hold integers, multiples of π/4"),
        ([[True]], ParameterTypeError, "Parameter `eighth_turns` must hold integers"),
        ([1, 2], DimensionError, "Parameter `eighth_turns` must have shape (..., rows, steps), but has shape (2,)"),
        (np.zeros((1, 0), int), DimensionError, "Parameter `eighth_turns` must have shape (..., rows, steps)"),
    ],
)
def test_angles(function, turns, error, text):
    with pytest.raises(error) as raised:
        function(turns)
    assert text in str(raised.value)


@pytest.mark.parametrize("function", [blind_computation, blind_distribution])
@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"state": ket("00")}, DimensionError, "Parameter `state` must have a qubit for each of 1 rows"),
        ({"state": tensor(ket("0"))[None].matrix}, ParameterTypeError, "Parameter `state` must be a DensityMatrix"),
        ({"source": 0.1}, ParameterTypeError, "Parameter `source` must be a Channel, but is float"),
        ({"source": Channel.identity(3)}, DimensionError, "Parameter `source` must take a qubit to a qubit"),
        ({"gate_mixing": 1.5}, ParameterError, "Parameter `gate_mixing` must be between 0 and 1, but is 1.5"),
        ({"readout_error": -0.1}, ParameterError, "Parameter `readout_error` must be between 0 and 1, but is -0.1"),
        ({"readout_error": np.nan}, ParameterError, "Parameter `readout_error` must be between 0 and 1, but is nan"),
        ({"memory": 1.0}, ParameterTypeError, "Parameter `memory` must be a Memory, but is float"),
        ({"latency_s": -1.0}, ParameterError, "Parameter `latency_s` must be at least 0 and finite, but is -1"),
    ],
)
def test_hardware(function, given, error, text):
    with pytest.raises(error) as raised:
        function([[1, 2]], **given)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("turns", "given", "error", "text"),
    [
        (np.zeros((1, 5), int), {}, ParameterError, "Parameter `eighth_turns` must hold at most 4 angles, but holds 5"),
        (np.zeros((2, 1, 1), int), {}, DimensionError, "Parameter `eighth_turns` must have shape (rows, steps)"),
        ([[1]], {"reported": 2}, ParameterError, "Parameter `reported` must hold results, 0 or 1"),
        ([[1, 2]], {"reported": [0, 1, 0]}, DimensionError, "Batch shapes must broadcast"),
        (
            [[1, 2]],
            {"reported": [[[0, 1]]]},
            DimensionError,
            "Parameter `reported` must have the shape (1, 2) of the angles",
        ),
        ([[1]], {"num_photons": 0}, ParameterError, "Parameter `num_photons` must be at least 1, but is 0"),
    ],
)
def test_view_refusals(turns, given, error, text):
    with pytest.raises(error) as raised:
        server_view(turns, **given)
    assert text in str(raised.value)


def test_state_that_is_not_there_stays_at_its_point():
    nothing = DensityMatrix.from_bloch(np.zeros((1, 4)), (2,)).normalized()
    stack = np.stack([ket("0").bloch, nothing.bloch[0]])
    states = DensityMatrix._wrap(np.ascontiguousarray(stack.T).reshape(-1), (2,), (2,))
    output = blind_computation([[1, 2]], state=states)
    assert np.isnan(output.trace()).tolist() == [False, True]
