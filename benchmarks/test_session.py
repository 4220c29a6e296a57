"""BB84 from the first of 10^8 signals to the key, and what each step of it takes."""

import numpy as np
import photon_by_photon
import pytest
from workloads import size

from qnet_channels import Detector, depolarizing, erasure
from qnet_protocols import bb84_session, cascade, toeplitz_hash

NUM_SIGNALS = size(100_000_000, 100_000)
NUM_BITS = size(5_000_000, 20_000)
ERROR_RATE = 0.02
LINE = depolarizing(mixing=2 * ERROR_RATE).then(erasure(transmissivity=0.1))
DETECTOR = Detector(0.9, dark_count_rate_hz=100.0)
DECOYS = {"intensities": (0.6, 0.2, 0.0), "intensity_probabilities": (0.6, 0.25, 0.15)}


@pytest.mark.benchmark(group="P12 BB84 session, 1e8 signals, 10 % transmitted")
@pytest.mark.parametrize("source", ["single photons", "decoys"])
def test_session(measure, source):
    given = {"key_basis_probability": 0.9} if source == "single photons" else {"key_basis_probability": 0.7, **DECOYS}

    def run():
        return bb84_session(num_signals=NUM_SIGNALS, channel=LINE, detector=DETECTOR, **given)

    found = run()
    assert found.keys_match or found.aborted
    assert found.key_length > 0 or NUM_SIGNALS < 100_000_000
    assert abs(found.test_error_rate - found.predicted_test_error_rate) < 6 * (ERROR_RATE / found.num_test_bits) ** 0.5
    measure(f"ours, {source}", run, units=1, once=True)


SIFTING = "BB84 to sifted bits (ours to the key), 10 % transmitted, per signal"


@pytest.mark.benchmark(group=SIFTING)
def test_sifted_bits(measure):
    given = {"channel": LINE, "rng": np.random.default_rng(3)}
    measure("ours, to the key", lambda: bb84_session(num_signals=NUM_SIGNALS, **given), units=NUM_SIGNALS, once=True)


@pytest.mark.benchmark(group=SIFTING)
def test_sifted_bits_one_by_one(measure):
    count = size(1_000_000, 20_000)
    sifted, wrong = photon_by_photon.python_loop(count, 1)
    assert abs(sifted / count - 0.05) < 5 * (0.05 / count) ** 0.5
    assert abs(wrong / sifted - ERROR_RATE) < 5 * (ERROR_RATE / sifted) ** 0.5
    measure("Python, photon by photon", lambda: photon_by_photon.python_loop(count, 1), units=count, once=True)


@pytest.mark.benchmark(group=SIFTING)
def test_sifted_bits_in_sequence(measure):
    """Weak pulses with half a photon each; runs where SeQUeNCe is installed, in an environment of its own."""
    pytest.importorskip("sequence.qkd")
    count = size(100_000, 5_000)
    pulses, sent, received = photon_by_photon.sequence_run(count)
    wrong = sum(one != other for one, other in zip(sent, received, strict=True))
    assert abs(wrong / len(sent) - ERROR_RATE) < 5 * (ERROR_RATE / len(sent)) ** 0.5
    assert len(sent) < pulses * 0.05 * photon_by_photon.MEAN_PHOTONS * 1.2
    measure("SeQUeNCe, per pulse", lambda: photon_by_photon.sequence_run(count), units=round(pulses), once=True)


@pytest.mark.benchmark(group="Cascade, 5e6 bits, 2 % errors, per bit")
def test_cascade(measure):
    rng = np.random.default_rng(1)
    sent = rng.integers(0, 2, NUM_BITS, dtype=np.uint8)
    received = sent ^ (rng.random(NUM_BITS) < ERROR_RATE)
    found = cascade(sent, received, error_rate=ERROR_RATE, rng=rng)
    assert (found.key == sent).all()
    measure("ours", lambda: cascade(sent, received, error_rate=ERROR_RATE, rng=rng), units=NUM_BITS, once=True)


@pytest.mark.benchmark(group="Toeplitz hashing, 5e6 bits to half of them, per bit")
def test_toeplitz(measure):
    rng = np.random.default_rng(2)
    length = NUM_BITS // 2
    key, seed = (rng.integers(0, 2, count, dtype=np.uint8) for count in (NUM_BITS, NUM_BITS + length - 1))
    found = toeplitz_hash(key, seed=seed, length=length)
    assert found[-1] == np.count_nonzero(seed[length - 1 :][::-1] & key) % 2
    measure("ours", lambda: toeplitz_hash(key, seed=seed, length=length), units=NUM_BITS, once=True)
