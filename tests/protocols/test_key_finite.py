"""Keys from finite blocks: limits of long and of short ones, order, and bounds that are bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_protocols import bb84, decoy_bb84, finite_bb84, finite_decoy_bb84, finite_decoy_key, finite_key

LEVELS, SHARES = (0.5, 0.1, 2e-4), (0.7, 0.2, 0.1)
HARDWARE = {"background_yield": 1e-6, "misalignment_error": 0.01}
COUNTS = {
    "intensities": (0.5, 0.1, 2e-4), "intensity_probabilities": (0.6, 0.25, 0.15), "key_counts": (6e6, 5e5, 6e4),
    "key_errors": (6e4, 6e3, 6e3), "test_counts": (6e5, 6e4, 2e4), "test_errors": (6e3, 900, 700),
}  # fmt: skip


def test_long_blocks_give_the_asymptotic_key():
    found = finite_bb84(num_pulses=1e22, key_basis_probability=1 - 1e-3, transmissivity=0.01, **HARDWARE)
    expected = bb84(transmissivity=0.01, sifting_efficiency=(1 - 1e-3) ** 2, **HARDWARE).secret_fraction
    np.testing.assert_allclose(found.key_length / 1e22, expected, rtol=1e-5)


@pytest.mark.parametrize("transmissivity", [0.1, 1e-3])
def test_long_blocks_know_single_photons_as_well_as_decoys_do(transmissivity):
    """The bounds of both are the same, with the counts of all intensities in place of the signal's."""
    pulses, chosen = 1e24, 0.9
    found = finite_decoy_bb84(
        num_pulses=pulses, intensities=LEVELS, intensity_probabilities=SHARES, key_basis_probability=chosen,
        transmissivity=transmissivity, **HARDWARE,
    )  # fmt: skip
    known = decoy_bb84(transmissivity=transmissivity, intensities=LEVELS, **HARDWARE)
    least = known.single_photon_gain / (LEVELS[0] * np.exp(-LEVELS[0]))
    single = sum(share * level * np.exp(-level) for share, level in zip(SHARES, LEVELS, strict=True))
    np.testing.assert_allclose(found.single_photon_events, pulses * chosen**2 * single * least, rtol=1e-6)
    np.testing.assert_allclose(found.test_events, pulses * (1 - chosen) ** 2 * single * least, rtol=1e-6)
    np.testing.assert_allclose(found.phase_error_rate, known.phase_error_rate, rtol=1e-5)
    assert found.vacuum_events <= pulses * chosen**2 * sum(
        s * np.exp(-k) * 1e-6 for s, k in zip(SHARES, LEVELS, strict=True)
    )


@given(pulses=st.floats(0.0, 1e15), more=st.floats(1.0, 100.0), loss_db=st.floats(0.0, 60.0), error=st.floats(0.0, 0.2))
def test_more_pulses_never_give_less(pulses, more, loss_db, error):
    eta, sent = 10 ** (-loss_db / 10), np.array([pulses, pulses * more])
    shared = {"num_pulses": sent, "key_basis_probability": 0.9, "transmissivity": eta, "misalignment_error": error}
    for found in (
        finite_bb84(dark_count_probability=1e-7, **shared),
        finite_decoy_bb84(intensities=LEVELS, intensity_probabilities=SHARES, dark_count_probability=1e-7, **shared),
    ):
        short, long = found.key_length
        assert 0 <= short <= long
        assert long % 1 == 0
        assert long <= sent[1] * eta + sent[1] * 3e-7


@given(
    pulses=st.floats(1e4, 1e14), loss_db=st.floats(0.0, 50.0), more_db=st.floats(0.0, 20.0), error=st.floats(0.0, 0.2),
    more=st.floats(0.0, 0.3),
)  # fmt: skip
def test_loss_and_errors_never_give_more_of_a_block(pulses, loss_db, more_db, error, more):
    eta, errors = 10 ** (-np.array([loss_db, loss_db + more_db]) / 10), np.array([error, error + more])
    sent = {"num_pulses": pulses, "key_basis_probability": 0.9, "dark_count_probability": 1e-7}
    decoys = {"intensities": LEVELS, "intensity_probabilities": SHARES}
    for finite, source in ((finite_bb84, {}), (finite_decoy_bb84, decoys)):
        near, far = finite(transmissivity=eta, misalignment_error=error, **source, **sent).key_length
        good, bad = finite(transmissivity=eta[0], misalignment_error=errors, **source, **sent).key_length
        assert near >= far >= 0
        assert good >= bad >= 0


@pytest.mark.parametrize("num_key_bits", [0.0, 1.0, 100.0])
@pytest.mark.parametrize("num_test_bits", [0.0, 1.0, 100.0])
def test_a_short_block_has_no_key(num_key_bits, num_test_bits):
    found = finite_key(num_key_bits=num_key_bits, num_test_bits=num_test_bits, error_rate=0.0)
    assert found.key_length == 0
    assert found.balance < 0
    assert found.phase_error_rate <= 0.5


def test_no_counts_have_no_key():
    nothing = {name: (0.0, 0.0, 0.0) for name in ("key_counts", "key_errors", "test_counts", "test_errors")}
    found = finite_decoy_key(**COUNTS | nothing)
    assert found.key_length == found.single_photon_events == found.vacuum_events == 0
    assert found.phase_error_rate == 0.5


@pytest.mark.parametrize("secrecy", [1e-6, 1e-9, 1e-15])
def test_more_secrecy_costs_bits(secrecy):
    counts = {"num_key_bits": 1e6, "num_test_bits": 1e5, "error_rate": 0.02}
    secure, loose = finite_key(**counts, epsilon_secrecy=np.array([secrecy, 10 * secrecy])).key_length
    assert secure < loose
    secure, loose = finite_decoy_key(**COUNTS, epsilon_secrecy=np.array([secrecy, 10 * secrecy])).key_length
    assert secure < loose


def test_correctness_costs_its_logarithm():
    one = finite_key(num_key_bits=1e6, num_test_bits=1e5, error_rate=0.02, epsilon_correctness=[1e-10, 1e-10 / 1024])
    np.testing.assert_allclose(one.balance[0] - one.balance[1], 10, rtol=1e-6)
    two = finite_decoy_key(**COUNTS, epsilon_correctness=[1e-10, 1e-10 / 1024])
    np.testing.assert_allclose(two.balance[0] - two.balance[1], 10, rtol=1e-6)


def test_no_errors_in_the_test_mean_no_phase_errors_but_those_missed():
    """Without errors Hoeffding's bound still allows some."""
    found = finite_decoy_key(**COUNTS | {"test_errors": (0.0, 0.0, 0.0)})
    assert found.test_errors == 0
    assert found.phase_error_rate == 0


def test_batches_of_blocks():
    pulses, eta = np.array([[1e8], [1e10], [1e12]]), np.array([0.1, 1e-3])
    found = finite_decoy_bb84(
        num_pulses=pulses,
        intensities=LEVELS,
        intensity_probabilities=SHARES,
        key_basis_probability=0.9,
        transmissivity=eta,
        **HARDWARE,
    )
    assert all(field.shape == (3, 2) for field in found)
    for i, j in np.ndindex(3, 2):
        alone = finite_decoy_bb84(
            num_pulses=pulses[i, 0], intensities=LEVELS, intensity_probabilities=SHARES, key_basis_probability=0.9,
            transmissivity=eta[j], **HARDWARE,
        )  # fmt: skip
        np.testing.assert_allclose([field[i, j] for field in found], alone, rtol=1e-12)


def sampled_events(rng):
    """Counts of a simulated block, and how many of them had no photon and one."""
    sent = rng.multinomial(20_000_000, (0.6, 0.25, 0.15))
    counts, errors, truth = [], [], np.zeros(4)
    for pulses, level in zip(sent, (0.5, 0.1, 2e-4), strict=True):
        photons = rng.multinomial(
            pulses, [np.exp(-level) * level**n / np.prod(range(1, n + 1), initial=1) for n in range(12)]
        )
        eta = 1 - 0.95 ** np.arange(len(photons))
        lit, dark = rng.binomial(photons, eta), rng.binomial(photons, 1e-5)
        wrong = rng.binomial(lit, 0.02), rng.binomial(dark, 0.5)
        counts.append(float((lit + dark).sum())), errors.append(float(sum(w.sum() for w in wrong)))
        truth += [dark[0], (lit + dark)[1], wrong[0][1] + wrong[1][1], 0]
    return counts, errors, truth


def test_bounds_hold_in_simulated_blocks(rng):
    for _ in range(20):
        counts, errors, (empty, single, wrong, _) = sampled_events(rng)
        found = finite_decoy_key(
            **COUNTS | {"key_counts": counts, "key_errors": errors, "test_counts": counts, "test_errors": errors}
        )
        assert found.vacuum_events <= empty
        assert 0 < found.single_photon_events <= single
        assert found.test_errors >= wrong
