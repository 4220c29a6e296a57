"""Expedient and Stringent against density matrices of all qubits, gate by gate."""

import distillation_oracle as oracle
import numpy as np
import pytest

import qnet_channels
from qnet_channels import expedient_ghz, expedient_pair, stringent_ghz, stringent_pair
from qnet_core import bell_state, bell_weights, fidelity, ghz_state, ket, random_state, werner_state

FUNCTIONS = {
    name: getattr(qnet_channels, name)
    for name in ("expedient_pair", "stringent_pair", "expedient_ghz", "stringent_ghz")
}
RAW_PAIRS = {"expedient_pair": 5, "stringent_pair": 13, "expedient_ghz": 22, "stringent_ghz": 42}


@pytest.fixture(scope="module")
def raw():
    mixed = random_state((2, 2), rng=np.random.default_rng(11))
    return type(mixed)(0.85 * bell_state().matrix + 0.15 * mixed.matrix)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("mixing", "flip"), [(0.0, 0.0), (0.01, 0.02)])
def test_protocol_is_the_simulated_one(name, raw, mixing, flip):
    expected = getattr(oracle, name)(raw.matrix, mixing, flip)
    chance = np.trace(expected).real
    state, probability = FUNCTIONS[name](raw, gate_mixing=mixing, readout_error=flip)
    # the oracle's traces are products of those of the two pairs and of the measuring pairs, each as often as it is used
    np.testing.assert_allclose(probability, chance, rtol=1e-11)
    np.testing.assert_allclose(state.matrix, expected / chance, atol=1e-12)
    np.testing.assert_array_equal(state.trace(), 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_many_raw_pairs_as_published(name, raw):
    """Each raw pair that is there with half the probability halves that of the whole."""
    half = type(raw)(0.5 * raw.matrix)
    ratio = FUNCTIONS[name](half).probability / FUNCTIONS[name](raw).probability
    np.testing.assert_allclose(np.log2(ratio), -RAW_PAIRS[name], rtol=1e-12)


def test_perfect_pairs_give_perfect_states():
    for name, function in FUNCTIONS.items():
        state, probability = function(bell_state())
        target = ghz_state(4) if name.endswith("ghz") else bell_state()
        np.testing.assert_allclose(state.bloch, target.bloch, atol=1e-14)
        assert probability == pytest.approx(1, abs=1e-14)


def test_stringent_is_better_and_rarer():
    pairs = werner_state(fidelity=np.array([0.8, 0.9]))
    one, other = expedient_pair(pairs), stringent_pair(pairs)
    assert np.all(bell_weights(one.state)[:, 0] < bell_weights(other.state)[:, 0])
    assert np.all(one.probability > other.probability)
    one, other = expedient_ghz(pairs), stringent_ghz(pairs)
    assert np.all(fidelity(one.state, ghz_state(4)) < fidelity(other.state, ghz_state(4)))


@pytest.mark.parametrize("name", ["expedient_pair", "stringent_ghz"])
def test_pairs_and_noise_broadcast(name):
    fidelities, mixing, flip = np.array([0.8, 0.9]), np.array([[0.0], [0.01], [0.02]]), 0.01
    state, probability = FUNCTIONS[name](werner_state(fidelity=fidelities), gate_mixing=mixing, readout_error=flip)
    assert state.batch_shape == probability.shape == (3, 2)
    one = FUNCTIONS[name](werner_state(fidelity=0.9), gate_mixing=0.02, readout_error=0.01)
    np.testing.assert_allclose(state[2, 1].bloch, one.state.bloch, atol=1e-14)
    np.testing.assert_allclose(probability[2, 1], one.probability, rtol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_cannot_succeed_is_lost_at_its_point_only(name):
    batch = type(ket("00")).from_bloch(
        np.stack([bell_state("psi-").bloch * 0 + ket("01").bloch, bell_state().bloch]), (2, 2)
    )
    state, probability = FUNCTIONS[name](batch, readout_error=[0.0, 0.0])
    alone = FUNCTIONS[name](batch[0])
    np.testing.assert_allclose(probability[0], alone.probability, atol=1e-300)
    np.testing.assert_allclose(probability[1], 1, rtol=1e-13)
    assert np.isfinite(state.bloch[1]).all()
