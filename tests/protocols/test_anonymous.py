"""Anonymous transmission: announced readings one by one, fidelity, and what the others learn."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PAULI, kron, partial_trace

from qnet_channels import BellStation, Memory, amplitude_damping, bit_flip, dephasing, depolarizing, rotation
from qnet_core import (
    DensityMatrix,
    average_gate_fidelity,
    bell_state,
    bell_weights,
    fidelity,
    ghz_state,
    ket,
    maximally_mixed_state,
    random_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import anonymous_channel, anonymous_pair, sender_distinguishability, teleportation_channel

PLUS = {0: np.array([[0.5, 0.5], [0.5, 0.5]]), 1: np.array([[0.5, -0.5], [-0.5, 0.5]])}


def reading(said, error):
    """The effect of announcing 0 (+) or 1 (-) of X."""
    return (1 - error) * PLUS[said] + error * PLUS[1 - said]


def pair_by_hand(rho, sender, receiver, error=0.0):
    """Every list of announcements, after which the sender does Z if it is odd."""
    n = int(np.log2(len(rho)) + 0.5)
    others = [k for k in range(n) if k not in (sender, receiver)]
    total = 0
    for said in product((0, 1), repeat=n - 2):
        effect = kron(*(reading(said[others.index(k)], error) if k in others else np.eye(2) for k in range(n)))
        root = effect @ rho  # effects of others commute with what is kept
        left = partial_trace(root, [2] * n, sorted((sender, receiver)))
        if sender > receiver:
            left = left.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
        turned = np.kron(np.linalg.matrix_power(PAULI["Z"], sum(said) % 2), np.eye(2))
        total = total + turned @ left @ turned
    return total


@pytest.mark.parametrize("n", [2, 3, 5])
def test_ghz_becomes_phi_plus(n):
    for sender, receiver in permutations(range(n), 2):
        pair = anonymous_pair(ghz_state(n), sender=sender, receiver=receiver)
        assert fidelity(pair, bell_state()) == pytest.approx(1, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_pair_is_that_of_all_announcements(seed, n):
    rng = np.random.default_rng(seed)
    rho = random_state((2,) * n, rank=2, rng=rng)
    sender, receiver = (int(k) for k in rng.permutation(n)[:2])
    pair = anonymous_pair(rho, sender=sender, receiver=receiver, readout_error=0.1)
    np.testing.assert_allclose(pair.matrix, pair_by_hand(rho.matrix, sender, receiver, 0.1), atol=1e-12)


def test_flips_of_others_do_not_matter_and_phase_flips_do():
    flipped = anonymous_pair(ghz_state(4).apply(bit_flip(probability=0.3), 3), sender=0, receiver=1)
    assert fidelity(flipped, bell_state()) == pytest.approx(1, abs=1e-12)
    dephased = ghz_state(4).apply(dephasing(probability=0.3), 3)
    np.testing.assert_allclose(
        bell_weights(anonymous_pair(dephased, sender=0, receiver=1)), [0.7, 0.3, 0, 0], atol=1e-12
    )


def test_wrong_announcements_are_phase_flips():
    weights = bell_weights(anonymous_pair(ghz_state(5), sender=4, receiver=1, readout_error=0.1))
    np.testing.assert_allclose(weights, [(1 + 0.8**3) / 2, (1 - 0.8**3) / 2, 0, 0], atol=1e-12)


def test_channel_is_teleportation_through_the_pair(rng):
    hardware = {"station": BellStation(0.02, 0.01), "memory": Memory(1.0, 0.5), "latency_s": 0.1}
    shared = random_state((2, 2, 2), rng=rng)
    channel = anonymous_channel(shared, sender=2, receiver=1, readout_error=0.05, **hardware)
    pair = DensityMatrix(pair_by_hand(shared.matrix, 2, 1, 0.05))
    np.testing.assert_allclose(channel.transfer, teleportation_channel(pair, **hardware).transfer, atol=1e-12)
    perfect = anonymous_channel(ghz_state(3), sender=0, receiver=2)
    assert average_gate_fidelity(perfect) == pytest.approx(1, abs=1e-12)


# --- anonymity -----------------------------------------------------------------------------------------------------


def view_by_hand(rho, sender, receiver, coalition, error):
    """Announced bits as diagonal matrices, random ones for sender and receiver, beside the qubits of the coalition."""
    n = int(np.log2(len(rho)) + 0.5)
    honest = [k for k in range(n) if k not in coalition]
    measuring = [k for k in honest if k not in (sender, receiver)]
    kept = sorted(coalition)
    view = {}
    for said in product((0, 1), repeat=len(honest)):
        bit = dict(zip(honest, said, strict=True))
        effect = kron(*(reading(bit[k], error) if k in measuring else np.eye(2) for k in range(n)))
        view[said] = partial_trace(effect @ rho, [2] * n, kept) / 4
    return view


@pytest.mark.parametrize("coalition", [(), (3,), (1, 3)])
def test_distance_of_views_by_hand(rng, coalition):
    rho = random_state((2,) * 5, rank=2, rng=rng)
    views = [view_by_hand(rho.matrix, sender, 4, coalition, 0.1) for sender in (0, 2)]
    expected = sum(np.abs(np.linalg.eigvalsh(views[0][said] - views[1][said])).sum() / 2 for said in views[0])
    found = sender_distinguishability(rho, senders=(0, 2), receiver=4, coalition=coalition, readout_error=0.1)
    assert found == pytest.approx(expected, abs=1e-12)
    assert found > 0.01


@pytest.mark.parametrize("coalition", [(), (3,), (3, 4)])
@pytest.mark.parametrize(
    "noise", [dephasing(probability=0.1), depolarizing(mixing=0.2), amplitude_damping(damping=0.3)]
)
def test_even_readings_tell_nothing(coalition, noise):
    """Even where nodes differ, as no part of the state without sender or receiver has coherence."""
    shared = ghz_state(5).apply(noise, 0).apply(noise, 3)
    found = sender_distinguishability(shared, senders=(0, 1), receiver=2, coalition=coalition)
    assert found == pytest.approx(0, abs=1e-12)


def test_a_node_that_prefers_a_reading_is_missed_when_it_sends():
    """|0> turned towards +: its readings are even only when it sends."""
    shared = ket("0000").apply(rotation("y", angle_rad=np.pi / 3), 0)
    found = sender_distinguishability(shared, senders=(0, 1), receiver=2)
    assert found == pytest.approx(np.sin(np.pi / 3) / 2, abs=1e-12)
    weaker = sender_distinguishability(shared, senders=(0, 1), receiver=2, readout_error=[0.1, 0.5])
    np.testing.assert_allclose(weaker, [0.8 * np.sin(np.pi / 3) / 2, 0], atol=1e-12)


def test_everything_broadcasts():
    shared = ghz_state(3).apply_each([dephasing(probability=[[0.0], [0.1]])] * 3)
    pair = anonymous_pair(shared, sender=0, receiver=1, readout_error=[0.0, 0.1, 0.2])
    assert pair.batch_shape == (2, 3)
    one = anonymous_pair(shared[1, 0], sender=0, receiver=1, readout_error=0.2)
    np.testing.assert_allclose(pair[1, 2].matrix, one.matrix, atol=1e-14)
    assert sender_distinguishability(shared, senders=(0, 1), receiver=2, readout_error=[0.0, 0.1, 0.2]).shape == (2, 3)
    assert anonymous_channel(shared, sender=0, receiver=1, readout_error=[0.0, 0.1, 0.2]).batch_shape == (2, 3)


def test_no_state_is_nan_at_its_point_only():
    shared = ghz_state(3).apply(dephasing(probability=[0.0, 0.0]), 0)
    shared._stack[:, 1] = np.nan
    assert np.isnan(anonymous_pair(shared, sender=0, receiver=1).trace()).tolist() == [False, True]
    assert np.isnan(sender_distinguishability(shared, senders=(0, 1), receiver=2)).tolist() == [False, True]


@pytest.mark.parametrize("function", [anonymous_pair, anonymous_channel])
@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"state": 1}, ParameterTypeError, "Parameter `state` must be a DensityMatrix"),
        ({"state": ket("0")}, DimensionError, "Parameter `state` must be a state of at least 2 qubits"),
        ({"state": maximally_mixed_state((2, 3, 2))}, DimensionError, "but has dims (2, 3, 2)"),
        ({"state": DensityMatrix(np.eye(8) / 16)}, StateError, "Parameter `state` must have trace 1"),
        ({"sender": 3}, ParameterError, "Parameter `sender` must be between 0 and 2, but is 3"),
        ({"receiver": 1.0}, ParameterTypeError, "Parameter `receiver` must be an integer"),
        ({"receiver": 0}, ParameterError, "Parameters `sender`, `receiver` must name different nodes, but are 0, 0"),
        ({"readout_error": 2}, ParameterError, "Parameter `readout_error` must be between 0 and 1"),
    ],
)
def test_refusals(function, given, error, text):
    with pytest.raises(error) as raised:
        function(**{"state": ghz_state(3), "sender": 0, "receiver": 1} | given)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"state": ghz_state(2)}, DimensionError, "Parameter `state` must be a state of at least 3 qubits"),
        ({"senders": (0,)}, DimensionError, "Parameter `senders` must name two nodes"),
        ({"senders": (0, 0)}, DimensionError, "Parameter `senders` must name each subsystem once"),
        ({"receiver": 1}, ParameterError, "`senders`, `receiver` must name different nodes, but are 0, 1, 1"),
        ({"coalition": [2]}, ParameterError, "`senders`, `receiver`, `coalition` must name different nodes"),
        ({"coalition": [7]}, DimensionError, "Parameter `coalition` must lie between 0 and 3"),
    ],
)
def test_distinguishability_refusals(given, error, text):
    with pytest.raises(error) as raised:
        sender_distinguishability(**{"state": ghz_state(4), "senders": (0, 1), "receiver": 2} | given)
    assert text in str(raised.value)
