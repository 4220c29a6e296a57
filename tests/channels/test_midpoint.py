"""A pair source half-way and memories that announce what they absorbed, against Kraus operators written by hand."""

import numpy as np
import optics_oracle
import pytest

from qnet_channels.midpoint import midpoint_source_link
from qnet_core import bell_state, fidelity, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterTypeError, StateError

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_memories_are_what_arrives(seed):
    rng = np.random.default_rng(seed)
    source = random_state((2, 2), rank=1 + seed % 4, rng=rng)
    given = {
        "transmissivity": tuple(rng.uniform(0, 1, 2)),
        "false_herald_probability": (0.0, 0.0) if seed % 5 == 0 else tuple(10 ** rng.uniform(-6, 0, 2)),
        "emission_probability": 1.0 if seed % 3 == 0 else rng.uniform(0, 1),
    }
    link = midpoint_source_link(source_state=source, **given)
    expected = optics_oracle.absorbed(source=source.matrix, **given)
    np.testing.assert_allclose(link.probability * link.state.matrix, expected, atol=1e-15)
    np.testing.assert_allclose(link.probability, np.trace(expected).real, rtol=1e-12)


def test_without_false_heralds_the_source_is_what_is_stored():
    source = werner_state(fidelity=0.9, label="psi-")
    link = midpoint_source_link(transmissivity=(1e-9, 0.3), source_state=source, emission_probability=0.4)
    np.testing.assert_allclose(link.state.bloch, source.bloch, atol=1e-15)
    np.testing.assert_allclose(link.probability, 0.4 * 0.3e-9, rtol=1e-14)


def test_without_light_false_heralds_make_white_noise():
    link = midpoint_source_link(transmissivity=0.0, false_herald_probability=(0.1, 0.2))
    np.testing.assert_allclose(link.state.matrix, np.eye(4) / 4, atol=1e-16)
    np.testing.assert_allclose(link.probability, 0.02, rtol=1e-14)


def test_the_source_is_phi_plus_if_none_is_given():
    np.testing.assert_allclose(fidelity(midpoint_source_link(transmissivity=0.1).state, bell_state("phi+")), 1)


def test_sources_and_numbers_come_in_batches():
    link = midpoint_source_link(
        transmissivity=(np.array([0.1, 0.2]), 0.3),
        false_herald_probability=np.full((3, 1), 1e-3),
        source_state=werner_state(fidelity=np.array([0.9, 0.8])),
    )
    assert link.state.batch_shape == link.probability.shape == (3, 2)
    one = midpoint_source_link(
        transmissivity=(0.2, 0.3), false_herald_probability=1e-3, source_state=werner_state(fidelity=0.8)
    )
    np.testing.assert_allclose(link.state.bloch[2, 1], one.state.bloch, atol=1e-16)
    many = midpoint_source_link(transmissivity=0.1, source_state=werner_state(fidelity=np.full((2, 1, 2), 0.9)))
    assert many.state.batch_shape == many.probability.shape == (2, 1, 2)


def test_nothing_announced_leaves_no_state():
    link = midpoint_source_link(transmissivity=[0.0, 0.1])
    assert np.isnan(link.state.bloch[0]).all()
    np.testing.assert_array_equal(link.probability, [0, 0.1**2])


def test_only_normalized_pairs_of_qubits_are_sources():
    with pytest.raises(ParameterTypeError, match="`source_state`"):
        midpoint_source_link(transmissivity=0.1, source_state="phi+")
    with pytest.raises(DimensionError, match="`source_state`"):
        midpoint_source_link(transmissivity=0.1, source_state=random_state((2, 3), rng=np.random.default_rng(1)))
    half = type(bell_state())(bell_state().matrix / 2)
    with pytest.raises(StateError, match=r"`source_state`.*`emission_probability`"):
        midpoint_source_link(transmissivity=0.1, source_state=half)
    with pytest.raises(DimensionError, match="source_state"):
        midpoint_source_link(transmissivity=np.full(2, 0.1), source_state=werner_state(fidelity=np.full(3, 0.9)))
