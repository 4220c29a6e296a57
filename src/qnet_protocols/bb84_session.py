"""BB84 as it runs: signals, sifting, estimation, reconciliation, verification, privacy amplification, authentication."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from qnet_channels import Detector
from qnet_channels.entropy import error_entropy
from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .attack_channels import PhotonNumberSplitting
from .authentication import TAG_BITS, Authenticator
from .bb84_signals import Line, Outcomes, Record, Source, draw_record, outcomes
from .finite_decoy import finite_decoy_key
from .key_store import KeyStore
from .randomness import Randomness
from .session_keys import Distilled, Estimate, Security, distill, estimate_errors
from .session_results import Message, SessionResult
from .single_numbers import one_number, one_probability

__all__ = ["bb84_session"]

_AUTHENTICATION_BITS = 3 * TAG_BITS  # a hash and two tags
_DETECTOR_NUMBERS = ("efficiency", "dark_count_rate_hz", "window_s", "jitter_fwhm_s")


def bb84_session(
    *, num_signals: int, channel: Channel | None = None, detector: Detector | None = None,
    eavesdropper: Channel | PhotonNumberSplitting | None = None,
    intensities: Sequence[float] | None = None, intensity_probabilities: Sequence[float] | None = None,
    key_basis_probability: float = 0.5, sample_fraction: float = 0.02, max_error_rate: float = 0.11,
    epsilon_secrecy: float = 1e-10, epsilon_correctness: float = 1e-15,
    authentication_store: KeyStore | None = None, rng: np.random.Generator | None = None,
) -> SessionResult:  # fmt: skip
    """Run BB84 from the first signal to the key that both ends hold, or to the reason why they hold none.

    Probabilities of what a signal gives come from density matrices; the run is drawn from them: detections, bases and bits.
    Bits where both chose the basis of the key (Z) make key; those of the other one (X), and a sample of the key, are told
    to count errors. Cascade corrects, hashes verify, Toeplitz hashing leaves a key of the length that finite-key theory
    allows by what was counted and told, and tags authenticate what was said. What is assumed, and what is left out, stands
    in docs/physics/bb84_session.md.

    Parameters
    ----------
    num_signals : int
        Photons or pulses sent.
    channel : Channel, optional
        From a qubit to one, or to a qubit and a third level "lost", as ``Fiber(...).loss("dual-rail")`` has it. Each
        photon of a pulse passes it on its own.
    detector : Detector, optional
        Each of the receiver's two. Ideal if not given; dead times and afterpulses must be 0.
    eavesdropper : Channel or PhotonNumberSplitting, optional
        Before the channel: ``intercept_resend_channel``, ``cloning_channel`` or any qubit channel.
    intensities, intensity_probabilities : sequences of three float, optional
        Mean photon numbers of weak coherent pulses, signal and two decoys, and how often each is sent, as in
        ``finite_decoy_key``. Single photons if not given.
    key_basis_probability : float
        Of the key's basis, at both ends.
    sample_fraction : float
        Of the key's bits, told in order to know their error rate.
    max_error_rate : float
        Where the test or the sample has more errors the run is aborted.
    epsilon_secrecy, epsilon_correctness : float
        As in ``finite_key``.
    authentication_store : KeyStore, optional
        Key shared beforehand, of which 381 bits are taken; made up if not given.
    rng : numpy.random.Generator, optional
        For a simulation that can be repeated, and says so. Without it bits come from the system's cryptographic generator.

    References
    ----------
    Bennett and Brassard, Theor. Comput. Sci. 560, 7 (2014), a reprint of 1984; Tomamichel et al., Nat. Commun. 3, 634
    (2012); Lim et al., PRA 89, 022307 (2014).

    Examples
    --------
    >>> from qnet_channels import depolarizing, erasure
    >>> line = depolarizing(mixing=0.02).then(erasure(transmissivity=0.5))
    >>> run = bb84_session(num_signals=400_000, channel=line, rng=np.random.default_rng(1))
    >>> run.aborted, run.keys_match, run.key_length > 10_000, run.is_simulation
    (None, True, True, True)
    """
    signals = checks.integer(num_signals, "num_signals", 1, 10**15)
    source = _source(intensities, intensity_probabilities, key_basis_probability)
    line = Line(_line(channel), _eavesdropper(eavesdropper), _detector(detector))
    security = _security(max_error_rate, epsilon_secrecy, epsilon_correctness)
    sampled, randomness = one_probability(sample_fraction, "sample_fraction"), Randomness(rng)
    store = _store(authentication_store, randomness)

    found = outcomes(source, line)
    checks.capacity(math.ceil(signals * found.events.sum()), "The record", 8)
    record = draw_record(found, signals, randomness)
    transcript = _sifting(record)
    estimate = estimate_errors(record, sampled, transcript)
    distilled = distill(estimate, source, security, randomness, transcript)
    if not _authentic(transcript, store.take(_AUTHENTICATION_BITS)):
        distilled = Distilled("The transcript is not authentic.")
    return SessionResult(
        is_simulation=randomness.is_seeded, num_signals=signals, num_detected=record.num_detected,
        num_double_clicks=record.num_double, authentication_bits=_AUTHENTICATION_BITS, transcript=tuple(transcript),
        **_rates(found), **_findings(estimate, distilled),
    )  # fmt: skip


def _source(intensities: Sequence[float] | None, shares: Sequence[float] | None, bias: float) -> Source:
    """Return the source; refuse what the length of the key could not be found for."""
    chosen = one_number(bias, "key_basis_probability", low=0.0, high=1.0)
    if intensities is None and shares is None:
        return Source((), (1.0,), chosen)
    if intensities is None or shares is None:
        missing = "intensities" if intensities is None else "intensity_probabilities"
        raise ParameterTypeError(
            f"Parameters `intensities`, `intensity_probabilities` go together: `{missing}` is None."
        )
    none = {name: (0, 0, 0) for name in ("key_counts", "key_errors", "test_counts", "test_errors")}
    finite_decoy_key(intensities=intensities, intensity_probabilities=shares, **none)
    named = {"intensities": intensities, "intensity_probabilities": shares}
    levels, often = (
        tuple(one_number(value, f"{name}[{k}]") for k, value in enumerate(values)) for name, values in named.items()
    )
    return Source(levels, often, chosen)


def _line(channel: Channel | None) -> Channel:
    return Channel.identity(2) if channel is None else _qubit_channel(channel, "channel", ((2,), (3,)))


def _eavesdropper(given: Channel | PhotonNumberSplitting | None) -> Channel | PhotonNumberSplitting:
    if isinstance(given, PhotonNumberSplitting):
        return given
    return Channel.identity(2) if given is None else _qubit_channel(given, "eavesdropper", ((2,),))


def _qubit_channel(channel: Any, name: str, outputs: tuple[tuple[int, ...], ...]) -> Channel:
    """Return one channel from a qubit to one of these outputs."""
    if not isinstance(channel, Channel):
        raise ParameterTypeError(f"Parameter `{name}` must be a Channel, but is {type(channel).__name__}.")
    if channel.dims_in != (2,) or channel.dims_out not in outputs or channel.batch_shape:
        raise DimensionError(
            f"Parameter `{name}` must be one channel from dims (2,) to {' or '.join(map(str, outputs))}, but is {channel!r}."
        )
    return channel


def _detector(detector: Detector | None) -> Detector:
    """Return a detector with one number for each property, and with none that the run leaves out."""
    if detector is None:
        return Detector()
    if not isinstance(detector, Detector):
        raise ParameterTypeError(f"Parameter `detector` must be a Detector, but is {type(detector).__name__}.")
    for name in _DETECTOR_NUMBERS:
        one_number(getattr(detector, name), f"detector.{name}")
    for name in ("dead_time_s", "afterpulse_probability"):
        if np.any(getattr(detector, name)):
            raise ParameterError(f"Parameter `detector.{name}` must be 0: a run draws its signals one by one.")
    return detector


def _security(max_error_rate: float, epsilon_secrecy: float, epsilon_correctness: float) -> Security:
    """Return the thresholds."""
    return Security(
        one_number(max_error_rate, "max_error_rate", low=0.0, high=0.5),
        one_number(epsilon_secrecy, "epsilon_secrecy", low=0.0, high=1.0, open_low=True),
        one_number(epsilon_correctness, "epsilon_correctness", low=0.0, high=1.0, open_low=True),
    )


def _store(store: KeyStore | None, randomness: Randomness) -> KeyStore:
    """Return a store with enough key."""
    if store is None:
        return KeyStore(randomness.bits(_AUTHENTICATION_BITS))
    if not isinstance(store, KeyStore):
        raise ParameterTypeError(f"Parameter `authentication_store` must be a KeyStore, but is {type(store).__name__}.")
    if store.num_bits < _AUTHENTICATION_BITS:
        raise ParameterError(
            f"Parameter `authentication_store` must hold {_AUTHENTICATION_BITS} bits, but holds {store.num_bits}."
        )
    return store


def _sifting(record: Record) -> list[Message]:
    """Return what is said first: how many signals were seen, and all bases of these."""
    seen = record.num_detected.to_bytes(8, "big")
    return [
        Message("receiver", "detected signals", seen),
        Message("receiver", "bases", record.receiver_bases),
        Message("sender", "bases", record.sender_bases),
    ]


def _authentic(transcript: Sequence[Message], key: Any) -> bool:
    """Let each end check the other one's tag of all that it has said."""
    ours, theirs = Authenticator(KeyStore(key)), Authenticator(KeyStore(key))
    said = (
        _joined(message for message in transcript if message.speaker == speaker) for speaker in ("sender", "receiver")
    )
    return all([theirs.accepts(text, ours.tag(text)) for text in said])


def _joined(messages: Any) -> bytes:
    """Return messages as one, from which each can be told again."""
    parts = [part for message in messages for part in (message.topic.encode(), message.payload)]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _rates(found: Outcomes) -> dict[str, Any]:
    """Return what density matrices predict."""
    sifted = [found.events[:, basis, :, basis] for basis in (0, 1)]
    wrong = [float(one[:, 0, 1].sum() + one[:, 1, 0].sum()) for one in sifted]
    rates = [part / float(one.sum()) if one.sum() > 0 else math.nan for part, one in zip(wrong, sifted, strict=True)]
    names = ("predicted_key_error_rate", "predicted_test_error_rate")
    return {"predicted_gain": float(found.events.sum()), **dict(zip(names, rates, strict=True))}


def _findings(estimate: Estimate, distilled: Distilled) -> dict[str, Any]:
    """Return what both ends know at the end."""
    count, sampled, reconciled = estimate.kept.size, estimate.sample.size, distilled.reconciled
    rate, leaked, efficiency = estimate.sample_error_rate, 0, math.nan
    if reconciled is not None:
        told = round(rate * sampled) if sampled else 0
        rate, leaked = (reconciled.corrected_bits + told) / (count + sampled), reconciled.leaked_bits
        limit = count * float(error_entropy(checks.plain(reconciled.corrected_bits / count)))
        efficiency = leaked / limit if limit else math.inf
    return {
        "sender_key": distilled.sender_key, "receiver_key": distilled.receiver_key, "aborted": distilled.aborted,
        "num_key_bits": count, "num_sample_bits": sampled, "num_test_bits": estimate.test.size,
        "key_error_rate": rate, "test_error_rate": estimate.test_error_rate, "leaked_bits": leaked,
        "reconciliation_efficiency": efficiency, "phase_error_rate": distilled.phase_error_rate,
    }  # fmt: skip
