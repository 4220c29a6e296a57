"""Two pair sources whose idlers meet: closed form against truncated number states, and limits."""

import numpy as np
import optics_oracle
import pytest

from qnet_channels.dlcz import dlcz_link, dlcz_patterns
from qnet_core.errors import ParameterError

SEEDS = range(200)


def random_sources(seed):
    """Sources weak enough that eight photons are all there are."""
    rng = np.random.default_rng(seed)
    left, right = rng.uniform(0.05, 1, 2)
    means = 10 ** rng.uniform(-4, -1.8, 2)
    return {
        "mean_photons": tuple(means) if seed % 4 else (means[0], means[0]),
        "transmissivity": [(left, right), (1.0, right), (left, left)][seed % 3],
        "dark_count_probability": 0.0 if seed % 5 == 0 else 10 ** rng.uniform(-8, -1),
        "visibility": 1.0 if seed % 7 == 0 else rng.uniform(0, 1),
        "phase_rad": rng.uniform(-np.pi, np.pi),
        "phase_std_rad": 0.0 if seed % 3 else rng.uniform(0, 0.8),
        "number_resolving": seed % 2 == 0,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_memories_are_what_the_idlers_leave(seed):
    sources = random_sources(seed)
    kept = 1 + seed % 3
    link = dlcz_link(**sources, max_photons=kept, max_tail=1.0)
    state, probability = optics_oracle.dlcz(**sources, kept=kept)
    np.testing.assert_allclose(link.state.matrix, state, atol=1e-10)
    np.testing.assert_allclose(link.probability, 2 * probability, rtol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_detector_heralds_what_the_idlers_leave(seed):
    sources, name = random_sources(seed + 1000), ("plus", "minus")[seed % 3 % 2]
    found = getattr(dlcz_patterns(**sources, max_photons=1, max_tail=1.0), name)
    state, probability = optics_oracle.dlcz(**sources, kept=1, clicked=name)
    np.testing.assert_allclose(found.state.matrix, state, atol=1e-10)
    np.testing.assert_allclose(found.probability, probability, rtol=1e-10)


def test_the_other_detector_is_a_phase_flip_away():
    both = {"mean_photons": (0.02, 0.03), "transmissivity": (0.2, 0.5), "visibility": 0.9, "max_tail": 1e-4}
    plus, minus = (dlcz_link(**both, target=target) for target in ("psi+", "psi-"))
    flip = np.kron(np.eye(5), np.diag((-1.0) ** np.arange(5)))
    np.testing.assert_allclose(minus.state.matrix, flip @ plus.state.matrix @ flip, atol=1e-16)
    np.testing.assert_array_equal(minus.probability, plus.probability)


def test_weak_sources_share_one_excitation():
    link = dlcz_link(mean_photons=1e-9, transmissivity=0.3, max_photons=1)
    psi = np.sqrt(0.5) * np.array([0, 1, 1, 0])
    np.testing.assert_allclose(link.state.expect(np.outer(psi, psi)), 1, atol=1e-8)
    np.testing.assert_allclose(link.probability, 2 * 1e-9 * 0.3, rtol=1e-8)


@pytest.mark.parametrize("visibility", [0.0, 0.5, 1.0])
def test_one_idler_loses_coherence_as_the_root_of_the_visibility(visibility):
    link = dlcz_link(mean_photons=1e-10, transmissivity=1e-3, visibility=visibility, max_photons=1)
    np.testing.assert_allclose(2 * link.state.matrix[1, 2], np.sqrt(visibility), atol=1e-8)


@pytest.mark.parametrize("eta", [1e-6, 1e-12])
def test_long_arms_keep_their_digits(eta):
    """For tiny transmissivity the herald is the annihilation of one idler: no number of pairs is left out."""
    mean, step = 0.05, 0.05 / 1.05
    link = dlcz_link(mean_photons=mean, transmissivity=eta, max_photons=2, max_tail=1.0)
    numbers = np.arange(3)
    pairs = np.sqrt(step**numbers) / (1 + mean) ** 0.5
    amplitudes = np.multiply.outer(pairs, pairs)
    rho = np.zeros((3, 3, 3, 3))
    for a, b, c, d in np.ndindex(3, 3, 3, 3):  # <ab|rho|cd> of (left + right) annihilating one of the idlers
        for x in range(2):
            for y in range(2):
                left, right = (a - x, b - (1 - x)), (c - y, d - (1 - y))
                if left == right and min(left) >= 0:
                    rho[a, b, c, d] += amplitudes[a, b] * amplitudes[c, d] * np.sqrt((b, a)[x] * (d, c)[y]) / 2
    np.testing.assert_allclose(link.state.matrix, rho.reshape(9, 9) / mean, atol=10 * eta)


def test_bright_sources_need_a_higher_cutoff_and_the_error_says_which():
    with pytest.raises(ParameterError, match=r"`max_photons` must be at least 7 .*, but is 4: .*`max_tail`"):
        dlcz_link(mean_photons=[0.01, 0.1], transmissivity=0.1)
    enough = dlcz_link(mean_photons=0.1, transmissivity=0.1, max_photons=7)
    assert 1 - 1e-6 <= enough.state.trace() < 1
    with pytest.raises(ParameterError, match="at least 7"):
        dlcz_link(mean_photons=0.1, transmissivity=0.1, max_photons=6)
    with pytest.raises(ParameterError, match="more than 24"):
        dlcz_link(mean_photons=50.0, transmissivity=0.1)


def test_more_room_changes_no_element():
    small = dlcz_link(mean_photons=0.05, transmissivity=0.3, max_photons=2, max_tail=1.0)
    large = dlcz_link(mean_photons=0.05, transmissivity=0.3, max_photons=5, max_tail=1.0)
    assert small.probability == large.probability
    inner = large.state.matrix.reshape(6, 6, 6, 6)[:3, :3, :3, :3].reshape(9, 9)
    np.testing.assert_allclose(small.state.matrix, inner, atol=1e-15)


def test_no_light_and_no_dark_counts_leave_no_state():
    link = dlcz_link(mean_photons=[0.0, 0.01], transmissivity=0.5)
    assert link.probability[0] == 0
    assert np.isnan(link.state.bloch[0]).all()
    assert np.isfinite(link.state.bloch[1]).all()
