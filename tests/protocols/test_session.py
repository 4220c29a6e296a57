"""BB84 as it runs: what is seen is what density matrices say, keys match, and Eve is found."""

import itertools
import logging
import math

import numpy as np
import pytest

from qnet_channels import Detector, amplitude_damping, dephasing, depolarizing, erasure, rotation
from qnet_core import Channel, ket
from qnet_protocols import bb84_signals as signals
from qnet_protocols import finite_decoy_bb84, finite_decoy_key, finite_key, session_keys
from qnet_protocols.attack_channels import PhotonNumberSplitting, cloning_channel, intercept_resend_channel
from qnet_protocols.bb84_session import bb84_session
from qnet_protocols.cascade import cascade
from qnet_protocols.key_store import KeyStore
from qnet_protocols.randomness import Randomness
from qnet_protocols.trusted_nodes import relay_key

LINE = depolarizing(mixing=0.03).then(erasure(transmissivity=0.4))
DETECTOR = Detector(0.8, dark_count_rate_hz=2e6, window_s=1e-9)
DECOYS = {"intensities": (0.6, 0.15, 0.0), "intensity_probabilities": (0.7, 0.2, 0.1)}
STATES = {"z": ([1, 0], [0, 1]), "x": ([1 / math.sqrt(2), 1 / math.sqrt(2)], [1 / math.sqrt(2), -1 / math.sqrt(2)])}
IDEAL = Channel.identity(2)


def rng(seed=1):
    return np.random.default_rng(seed)


def photon_fates(kraus, efficiency, state, basis):
    """Probabilities that detector 0 or 1 sees a photon, and that neither does."""
    after = [operator @ np.array(state) for operator in kraus]
    seen = [efficiency * sum(abs(np.vdot(v, out[:2])) ** 2 for out in after) for v in STATES[basis]]
    return [*seen, 1 - sum(seen)]


def photon_numbers(mean, eavesdropper, most=14):
    """Pairs of photon numbers (on the usual line, on Eve's), and their probabilities."""
    sent = {1: 1.0} if mean is None else {n: math.exp(-mean) * mean**n / math.factorial(n) for n in range(most)}
    for n, probability in sent.items():
        if not isinstance(eavesdropper, PhotonNumberSplitting):
            yield n, 0, probability
        elif n == 1:
            yield 1, 0, probability * (1 - eavesdropper.blocked_fraction)
            yield 0, 0, probability * eavesdropper.blocked_fraction
        else:
            yield 0, max(0, n - 1), probability


def by_counting_photons(mean, line, state, basis):
    """Probabilities of none, only 0, only 1 and both, photon by photon and dark count by dark count."""
    split = isinstance(line.eavesdropper, PhotonNumberSplitting)
    usual = line.channel.kraus() if split else [b @ a for a in line.eavesdropper.kraus() for b in line.channel.kraus()]
    efficiency, dark = float(line.detector.efficiency), float(line.detector.dark_count_probability)
    fates = [photon_fates(kraus, efficiency, state, basis) for kraus in (usual, IDEAL.kraus())]
    found = np.zeros((2, 2))
    for usually, hers, weight in photon_numbers(mean, line.eavesdropper):
        for counts in itertools.product(range(usually + 1), repeat=2):
            for others in itertools.product(range(hers + 1), repeat=2):
                if sum(counts) > usually or sum(others) > hers:
                    continue
                ways = weight
                for n, (k, m), (p, q, r) in ((usually, counts, fates[0]), (hers, others, fates[1])):
                    ways *= math.comb(n, k) * math.comb(n - k, m) * p**k * q**m * r ** (n - k - m)
                light = [counts[bit] + others[bit] > 0 for bit in (0, 1)]
                for darks in itertools.product((0, 1), repeat=2):
                    chance = math.prod(dark if one else 1 - dark for one in darks)
                    found[int(light[0] or darks[0]), int(light[1] or darks[1])] += ways * chance
    return found[0, 0], found[1, 0], found[0, 1], found[1, 1]


@pytest.mark.parametrize(
    "eavesdropper",
    [IDEAL, cloning_channel(error_rate=0.1), intercept_resend_channel(basis="breidbart"),
     PhotonNumberSplitting(blocked_fraction=0.7), PhotonNumberSplitting()],
    ids=["nobody", "cloner", "breidbart", "splitting", "splitting, all blocked"],
)  # fmt: skip
@pytest.mark.parametrize("mean", [None, 0.0, 1e-7, 0.5])
def test_outcomes_by_counting_photons(eavesdropper, mean):
    channel = rotation("y", angle_rad=0.3).then(amplitude_damping(damping=0.2)).then(erasure(transmissivity=0.4))
    line = signals.Line(channel, eavesdropper, DETECTOR)
    source = signals.Source((), (1.0,), 0.7) if mean is None else signals.Source((mean,), (1.0,), 0.7)
    found = signals.outcomes(source, line)
    none, double, bias = 0.0, 0.0, {"z": 0.7, "x": 0.3}
    for (a, basis), bit, (b, other) in itertools.product(enumerate("zx"), (0, 1), enumerate("zx")):
        probabilities = by_counting_photons(mean, line, STATES[basis][bit], other)
        weight = bias[basis] * bias[other] / 2
        none, double = none + weight * probabilities[0], double + weight * probabilities[3]
        expected = [weight * (one + probabilities[3] / 2) for one in probabilities[1:3]]
        np.testing.assert_allclose(found.events[0, a, bit, b], expected, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose((found.none, found.double), (none, double), rtol=1e-9, atol=1e-14)


def test_record_is_a_sample_of_the_outcomes():
    """Every number of events within five standard deviations, for three intensities and both bits, biased by damping."""
    line = signals.Line(amplitude_damping(damping=0.3).then(LINE), IDEAL, DETECTOR)
    source = signals.Source(DECOYS["intensities"], DECOYS["intensity_probabilities"], 0.6)
    found, count = signals.outcomes(source, line), 6_000_000
    record = signals.draw_record(found, count, Randomness(rng(7)))
    flat = found.events.reshape(-1)
    drawn = np.bincount(np.concatenate([record.key, record.test]), minlength=flat.size)
    sifted = [code for code in range(flat.size) if (code >> 3 & 1) == (code >> 1 & 1)]
    expected = count * flat[sifted]
    assert np.all(np.abs(drawn[sifted] - expected) < 5 * np.sqrt(expected) + 1)
    assert drawn.sum() == drawn[sifted].sum()
    assert abs(record.num_detected - count * flat.sum()) < 5 * math.sqrt(count * flat.sum())
    assert abs(record.num_double - count * found.double) < 5 * math.sqrt(count * found.double)
    bases = [np.unpackbits(np.frombuffer(one, np.uint8)) for one in (record.sender_bases, record.receiver_bases)]
    mixed = count * float(found.events[:, 0, :, 1].sum())
    assert abs(int((bases[0] < bases[1]).sum()) - mixed) < 5 * math.sqrt(mixed)


def test_record_has_no_order():
    """Bits next to one another are independent, across chunks too."""
    found = signals.outcomes(signals.Source((), (1.0,), 0.5), signals.Line(LINE, IDEAL, DETECTOR))
    codes = signals.draw_record(found, 5_000_000, Randomness(rng(8))).key
    wrong = (signals.sent_bits(codes) ^ signals.received_bits(codes)).astype(float)
    sent = signals.sent_bits(codes) - 0.5
    for values in (wrong - wrong.mean(), sent):
        correlation = (values[1:] * values[:-1]).mean() / values.var()
        assert abs(correlation) < 5 / math.sqrt(values.size)


@pytest.mark.parametrize(
    ("channel", "rates"),
    [
        (depolarizing(mixing=0.06), (0.03, 0.03)),
        (dephasing(probability=0.04), (0.0, 0.04)),
        (rotation("y", angle_rad=0.4), (np.sin(0.2) ** 2, np.sin(0.2) ** 2)),
    ],
)  # fmt: skip
def test_error_rates_are_the_predicted_ones(channel, rates):
    run = bb84_session(num_signals=400_000, channel=channel, rng=rng())
    np.testing.assert_allclose((run.predicted_key_error_rate, run.predicted_test_error_rate), rates, atol=1e-12)
    for found, expected, count in zip(
        (run.key_error_rate, run.test_error_rate), rates, (run.num_key_bits, run.num_test_bits), strict=True
    ):
        assert abs(found - expected) <= 5 * math.sqrt(expected * (1 - expected) / count)
    assert run.aborted is None
    assert run.keys_match


def test_length_by_the_published_formula():
    run = bb84_session(num_signals=1_000_000, channel=LINE, detector=DETECTOR, sample_fraction=0.05, rng=rng())
    limit = run.num_key_bits * -(
        run.test_error_rate * math.log2(run.test_error_rate)
        + (1 - run.test_error_rate) * math.log2(1 - run.test_error_rate)
    )
    expected = finite_key(
        num_key_bits=run.num_key_bits, num_test_bits=run.num_test_bits, error_rate=run.test_error_rate,
        reconciliation_efficiency=run.leaked_bits / limit,
    )  # fmt: skip
    assert run.key_length == expected.key_length
    assert run.phase_error_rate == expected.phase_error_rate
    assert 1.0 < run.reconciliation_efficiency < 1.2
    assert run.num_sample_bits == math.ceil(0.05 * (run.num_sample_bits + run.num_key_bits))


def test_decoys_give_the_key_that_is_expected():
    """The expectation has no double clicks, which cost a little here, and Cascade's efficiency is put in."""
    line, dim = depolarizing(mixing=0.02).then(erasure(transmissivity=0.2)), Detector(1.0, 100.0)
    run = bb84_session(num_signals=20_000_000, channel=line, detector=dim, sample_fraction=0.001, rng=rng(), **DECOYS)
    assert run.aborted is None
    assert run.keys_match
    expected = finite_decoy_bb84(
        num_pulses=2e7, key_basis_probability=0.5, transmissivity=0.2, misalignment_error=0.01,
        dark_count_probability=dim.dark_count_probability, reconciliation_efficiency=run.reconciliation_efficiency,
        epsilon_secrecy=1e-10, **DECOYS,
    )  # fmt: skip
    assert 0.9 < run.key_length / expected.key_length < 1.1


def test_decoy_length_by_the_published_formula(monkeypatch):
    seen = {}

    def noted(**given):
        seen.update(given)
        return finite_decoy_key(**given)

    monkeypatch.setattr(session_keys, "finite_decoy_key", noted)
    run = bb84_session(num_signals=8_000_000, channel=LINE, sample_fraction=0.0, rng=rng(), **DECOYS)
    errors = sum(seen["key_errors"])
    rate = errors / run.num_key_bits
    entropy = -rate * math.log2(rate) - (1 - rate) * math.log2(1 - rate)
    expected = finite_decoy_key(**seen | {"reconciliation_efficiency": run.leaked_bits / (run.num_key_bits * entropy)})
    assert run.key_length == expected.key_length > 0
    assert errors == round(run.key_error_rate * run.num_key_bits)
    assert (sum(seen["key_counts"]), sum(seen["test_counts"])) == (run.num_key_bits, run.num_test_bits)
    assert sum(seen["test_errors"]) == round(run.test_error_rate * run.num_test_bits)


@pytest.mark.parametrize(
    "eavesdropper",
    [intercept_resend_channel(), intercept_resend_channel(basis="breidbart"), intercept_resend_channel(basis="z"),
     intercept_resend_channel(basis="x"), intercept_resend_channel(fraction=0.6), cloning_channel(error_rate=0.146)],
    ids=["random", "breidbart", "z", "x", "partial", "cloner"],
)  # fmt: skip
def test_eve_above_the_threshold_is_found(eavesdropper):
    run = bb84_session(num_signals=60_000, eavesdropper=eavesdropper, rng=rng())
    assert "is above max_error_rate = 0.11" in run.aborted
    assert (run.key_length, run.leaked_bits) == (0, 0)
    assert not run.keys_match


def test_eve_below_the_threshold_costs_key():
    some = bb84_session(num_signals=300_000, eavesdropper=intercept_resend_channel(fraction=0.12), rng=rng())
    none = bb84_session(num_signals=300_000, rng=rng())
    assert some.aborted is None
    assert abs(some.test_error_rate - 0.03) < 5 * math.sqrt(0.03 / some.num_test_bits)
    assert 0 < some.key_length < none.key_length


def test_splitting_pulses_makes_no_error_and_leaves_no_key_with_decoys():
    given = {"num_signals": 4_000_000, "channel": erasure(transmissivity=0.15), "rng": rng(), **DECOYS}
    honest, split = bb84_session(**given), bb84_session(eavesdropper=PhotonNumberSplitting(), **given)
    assert split.test_error_rate < 0.01
    assert split.predicted_gain > 0.7 * honest.predicted_gain  # Eve's line makes up for what she blocks
    assert honest.key_length > 0
    assert split.aborted.startswith("No key is left: the block is too short or too noisy")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"num_signals": 100_000, "channel": erasure(transmissivity=0.0)}, "No sifted bits of the key are left"),
        ({"num_signals": 1}, "No sifted bits"),
        ({"num_signals": 1000, "key_basis_probability": 1.0}, "No sifted bits of the test are left"),
        ({"num_signals": 1000, "key_basis_probability": 0.0}, "No sifted bits of the key are left"),
        ({"num_signals": 1000, "sample_fraction": 1.0}, "No sifted bits of the key are left"),
        ({"num_signals": 2000}, "No key is left: the block is too short"),
        ({"num_signals": 2000, **DECOYS}, "No key is left: the block is too short"),
        ({"num_signals": 50_000, "channel": depolarizing(mixing=1.0), "max_error_rate": 0.5}, ""),
    ],
)
def test_no_key_is_no_exception(given, reason):
    run = bb84_session(rng=rng(3), **given)
    assert reason in run.aborted
    assert run.key_length == run.secret_fraction == 0


def test_keys_that_differ_are_found(monkeypatch):
    def careless(sent, received, *, error_rate, rng):
        return cascade(sent, received, error_rate=error_rate, num_passes=1, rng=rng)

    monkeypatch.setattr(session_keys, "cascade", careless)
    run = bb84_session(num_signals=100_000, channel=LINE, rng=rng())
    assert run.aborted == "The keys differ after reconciliation."
    assert run.key_length == 0


def test_a_seed_is_a_simulation_and_says_so():
    runs = [bb84_session(num_signals=30_000, channel=LINE, rng=rng(seed)) for seed in (1, 1, 2)]
    assert all(run.is_simulation for run in runs)
    assert "is_simulation=True" in repr(runs[0])
    np.testing.assert_array_equal(runs[0].sender_key, runs[1].sender_key)
    assert runs[0].transcript == runs[1].transcript
    assert runs[0].transcript != runs[2].transcript


def test_without_a_seed_no_run_is_like_another():
    runs = [bb84_session(num_signals=60_000) for _ in range(2)]
    assert not any(run.is_simulation for run in runs)
    size = min(run.key_length for run in runs)
    assert size > 1000
    assert abs((runs[0].sender_key[:size] ^ runs[1].sender_key[:size]).mean() - 0.5) < 5 * 0.5 / math.sqrt(size)


def test_key_is_even():
    run = bb84_session(num_signals=1_000_000, channel=amplitude_damping(damping=0.05), rng=rng())
    assert abs(run.sender_key.mean() - 0.5) < 5 * 0.5 / math.sqrt(run.key_length)


def test_nothing_secret_is_shown(capfd):
    store = KeyStore(rng().integers(0, 2, 400))
    run = bb84_session(num_signals=60_000, authentication_store=store)
    assert capfd.readouterr() == ("", "")
    for text in (repr(run), str(run)):
        assert "array" not in text
        assert "Message" not in text
    told = b"".join(message.payload for message in run.transcript)
    assert np.packbits(run.sender_key).tobytes()[:32] not in told
    assert (store.num_taken, run.authentication_bits) == (381, 381)


def test_nothing_is_logged(caplog):
    """Neither of a run that ends with a key nor of one that is aborted, at any level."""
    with caplog.at_level(logging.DEBUG):
        bb84_session(num_signals=60_000)
        bb84_session(num_signals=60_000, eavesdropper=intercept_resend_channel())
        store = KeyStore([1, 0, 1, 1])
        relay_key([store.take(2), [0, 1]])
    assert [record for record in caplog.records if not record.name.startswith("numba")] == []


def test_what_is_told_is_what_is_counted():
    run = bb84_session(num_signals=100_000, channel=LINE, sample_fraction=0.1, rng=rng())
    told = {(message.speaker, message.topic): message.payload for message in run.transcript}
    assert int.from_bytes(told["receiver", "detected signals"], "big") == run.num_detected
    assert len(told["sender", "parities"]) == -(-run.leaked_bits // 8)
    assert len(told["sender", "hash of the key"]) == 7  # 50 bits for 1e-15
    bits = [np.unpackbits(np.frombuffer(told[end, "bits of the test"], np.uint8)) for end in ("sender", "receiver")]
    assert (bits[0] ^ bits[1]).sum() == round(run.test_error_rate * run.num_test_bits)


def test_prediction_is_that_of_the_density_matrix():
    """By the engine itself: state, channel, projector."""
    run = bb84_session(num_signals=10, channel=dephasing(probability=0.1), rng=rng())
    wrong = ket("+").apply(dephasing(probability=0.1), 0).expect(ket("-").matrix)
    np.testing.assert_allclose(run.predicted_test_error_rate, wrong)
