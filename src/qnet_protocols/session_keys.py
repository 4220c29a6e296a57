"""From sifted bits to a key: estimation, reconciliation, verification, privacy amplification."""

import math
from typing import NamedTuple

import numpy as np

from qnet_channels.entropy import error_entropy
from qnet_core import _checks as checks

from .bb84_signals import Record, Source, intensity_numbers, received_bits, sent_bits
from .cascade import ReconciledKey, cascade
from .finite import finite_key
from .finite_decoy import finite_decoy_key
from .key_bits import Bits
from .randomness import Randomness
from .session_results import Message
from .toeplitz import toeplitz_hash

__all__: list[str] = []

NO_BITS = np.zeros(0, np.uint8)


class Security(NamedTuple):
    """What a run must hold to."""

    max_error_rate: float
    epsilon_secrecy: float
    epsilon_correctness: float


class Estimate(NamedTuple):
    """The codes of the bits that stay secret, of the sample and of the test, and the error rates of these two."""

    kept: Bits
    sample: Bits
    test: Bits
    sample_error_rate: float
    test_error_rate: float


class Distilled(NamedTuple):
    """What has become of the sifted bits."""

    aborted: str | None
    reconciled: ReconciledKey | None = None
    phase_error_rate: float = math.nan
    sender_key: Bits = NO_BITS
    receiver_key: Bits = NO_BITS


def estimate_errors(record: Record, sample_fraction: float, transcript: list[Message]) -> Estimate:
    """Tell all bits of the test and the first ones of the key; events are independent, so that any will do as a sample."""
    count = math.ceil(sample_fraction * record.key.size)
    sample, kept = record.key[:count], record.key[count:]
    for topic, codes in (("bits of the test", record.test), ("sample of the key", sample)):
        transcript.append(Message("sender", topic, np.packbits(sent_bits(codes)).tobytes()))
        transcript.append(Message("receiver", topic, np.packbits(received_bits(codes)).tobytes()))
    return Estimate(kept, sample, record.test, _error_rate(sample), _error_rate(record.test))


def distill(
    estimate: Estimate, source: Source, security: Security, randomness: Randomness, transcript: list[Message]
) -> Distilled:
    """Return the key of both ends, or why there is none."""
    reason = _refusal(estimate, security)
    if reason:
        return Distilled(reason)
    sent, received = sent_bits(estimate.kept), received_bits(estimate.kept)
    reconciled = _reconcile(sent, received, estimate, randomness, transcript)
    if not _verified(sent, reconciled.key, security, randomness, transcript):
        return Distilled("The keys differ after reconciliation.", reconciled)
    balance, phase = _balance(estimate, source, security, sent != received, reconciled)
    if balance < 1:
        text = f"No key is left: the block is too short or too noisy, by {1 - balance:.0f} bits."
        return Distilled(text, reconciled, phase)
    length = math.floor(balance)
    seed = randomness.bits(sent.size + length - 1)
    transcript.append(Message("sender", "seed of privacy amplification", np.packbits(seed).tobytes()))
    ours = toeplitz_hash(sent, seed=seed, length=length)
    same = np.array_equal(sent, reconciled.key)  # then so is the hash, which takes a while
    theirs = ours.copy() if same else toeplitz_hash(reconciled.key, seed=seed, length=length)
    return Distilled(None, reconciled, phase, ours, theirs)


def _error_rate(codes: Bits) -> float:
    return float(np.count_nonzero(sent_bits(codes) != received_bits(codes)) / codes.size) if codes.size else math.nan


def _refusal(estimate: Estimate, security: Security) -> str | None:
    """Say why a key is not even begun with."""
    for name, codes in (("the key", estimate.kept), ("the test", estimate.test)):
        if not codes.size:
            return f"No sifted bits of {name} are left."
    rates = {"the test": estimate.test_error_rate, "the sample of the key": estimate.sample_error_rate}
    for name, rate in rates.items():
        if rate > security.max_error_rate:
            return f"The error rate of {name}, {rate:.4f}, is above max_error_rate = {security.max_error_rate:g}."
    return None


def _reconcile(
    sent: Bits, received: Bits, estimate: Estimate, randomness: Randomness, transcript: list[Message]
) -> ReconciledKey:
    """Correct the receiver's bits; their error rate is taken from the sample, or from the test where that is empty."""
    shown = estimate.sample if estimate.sample.size else estimate.test
    wrong = np.count_nonzero(sent_bits(shown) != received_bits(shown))
    order = randomness.packed(32)
    found = cascade(
        sent, received, error_rate=min(0.5, (wrong + 1) / (shown.size + 2)),
        rng=np.random.default_rng(int.from_bytes(order, "little")),
    )  # fmt: skip
    transcript.append(Message("sender", "seed of the orders of bits", order))
    transcript.append(Message("sender", "parities", np.packbits(found.parities).tobytes()))
    return found


def _verified(
    sent: Bits, corrected: Bits, security: Security, randomness: Randomness, transcript: list[Message]
) -> bool:
    """Compare hashes, which are equal for different keys with probability epsilon_correctness at most."""
    length = math.ceil(-math.log2(security.epsilon_correctness))
    seed = randomness.bits(sent.size + length - 1)
    told, own = (toeplitz_hash(bits, seed=seed, length=length) for bits in (sent, corrected))
    for topic, shown in (("seed of verification", seed), ("hash of the key", told)):
        transcript.append(Message("sender", topic, np.packbits(shown).tobytes()))
    return bool(np.array_equal(told, own))


def _balance(
    estimate: Estimate, source: Source, security: Security, wrong: Bits, reconciled: ReconciledKey
) -> tuple[float, float]:
    """Return how many bits are secret by what was counted and told, below 0 where none are, and the phase error rate."""
    if source.intensities:
        return _decoy_balance(estimate, source, security, wrong, reconciled)
    count = estimate.kept.size
    found = finite_key(
        num_key_bits=count, num_test_bits=estimate.test.size, error_rate=min(0.5, estimate.test_error_rate),
        epsilon_secrecy=security.epsilon_secrecy, epsilon_correctness=security.epsilon_correctness,
    )  # fmt: skip
    cost = 1 - 2 * math.log2(security.epsilon_secrecy) - math.log2(security.epsilon_correctness)
    phase = found.phase_error_rate
    return float(count * (1 - error_entropy(phase)) - reconciled.leaked_bits - cost), float(phase)


def _decoy_balance(
    estimate: Estimate, source: Source, security: Security, wrong: Bits, reconciled: ReconciledKey
) -> tuple[float, float]:
    counts = {"key_counts": estimate.kept, "test_counts": estimate.test, "key_errors": estimate.kept[wrong]}
    counts["test_errors"] = estimate.test[sent_bits(estimate.test) != received_bits(estimate.test)]
    found = finite_decoy_key(
        intensities=source.intensities, intensity_probabilities=source.shares,
        epsilon_secrecy=security.epsilon_secrecy, epsilon_correctness=security.epsilon_correctness,
        **{name: np.bincount(intensity_numbers(codes), minlength=3).tolist() for name, codes in counts.items()},
    )  # fmt: skip
    cost = 6 * math.log2(21 / security.epsilon_secrecy) + 1 - math.log2(security.epsilon_correctness)
    single = found.single_photon_events * (1 - error_entropy(found.phase_error_rate))
    secret = checks.plain(found.vacuum_events + single)
    return float(secret - reconciled.leaked_bits - cost), float(found.phase_error_rate)
