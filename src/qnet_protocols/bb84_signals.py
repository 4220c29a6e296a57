"""What the receiver of BB84 finds, by density matrices, and records of a run drawn from it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_channels import Detector
from qnet_core import Channel, DensityMatrix, ket
from qnet_core import _checks as checks

from . import _kernels
from .attack_channels import PhotonNumberSplitting
from .key_bits import Bits
from .randomness import Randomness

__all__: list[str] = []

Floats = checks.Floats
KETS = ("01", "+-")  # bases of the key and of the test, and in each the states of the bits 0 and 1
CHUNK = 1 << 20  # events drawn at a time


class Line(NamedTuple):
    """What is between both ends, and the receiver's detectors."""

    channel: Channel
    eavesdropper: Channel | PhotonNumberSplitting
    detector: Detector


class Source(NamedTuple):
    """What the sender sends: how often which intensity (single photons if there are none), and the basis of the key."""

    intensities: tuple[float, ...]
    shares: tuple[float, ...]
    key_basis_probability: float


class Outcomes(NamedTuple):
    """Probabilities of what a signal gives.

    ``events[k, basis, bit, receiver's basis, receiver's bit]``: sent and found. A double click counts as a bit at
    random. ``double`` is the probability of those, and ``none`` that of no click.
    """

    events: Floats
    double: float
    none: float


def outcomes(source: Source, line: Line) -> Outcomes:
    """Return the probabilities of all that may come of a signal."""
    used = arrivals(line)
    clicks = np.array([_clicks(mean, used, line) for mean in source.intensities or (None,)])
    bias = np.array([source.key_basis_probability, 1 - source.key_basis_probability])
    weights = np.einsum("k,a,c->kac", source.shares, bias, bias)[:, :, None, :] / 2
    found = clicks[:, 0:2] + clicks[:, 2:3] / 2  # (k, receiver's bit, basis, bit, receiver's basis)
    events = np.moveaxis(found, 1, -1) * weights[..., None]
    double = float((clicks[:, 2] * weights).sum())
    return Outcomes(events, double, max(0.0, 1.0 - float(events.sum())))


def arrivals(line: Line) -> Floats:
    """Return how a photon fares, shape (2 lines, basis, bit, receiver's basis, receiver's bit): what each detector sees.

    The first line is the usual one; the second is that of an Eve who splits pulses, with no loss but the detector's.
    """
    split = isinstance(line.eavesdropper, PhotonNumberSplitting)
    usual = (
        line.channel if isinstance(line.eavesdropper, PhotonNumberSplitting) else line.eavesdropper.then(line.channel)
    )
    lines = (usual, Channel.identity(2)) if split else (usual, usual)
    seen = [[[_projections(ket(state).apply(one, 0)) for state in basis] for basis in KETS] for one in lines]
    return np.array(seen) * float(line.detector.window_efficiency)


def _projections(state: DensityMatrix) -> list[list[float]]:
    """Return the probabilities of each bit in each basis; a third level is a photon that is lost."""
    size = state.dims[0]
    projectors = [[_embedded(ket(bit).matrix, size) for bit in basis] for basis in KETS]
    return [[min(1.0, max(0.0, float(state.expect(bit)))) for bit in basis] for basis in projectors]


def _embedded(matrix: checks.Complexes, size: int) -> checks.Complexes:
    larger = np.zeros((size, size), np.complex128)
    larger[:2, :2] = matrix
    return larger


def _clicks(mean: float | None, seen: Floats, line: Line) -> Floats:
    """Return probabilities of only detector 0, only 1, and both; shape (3, basis, bit, receiver's basis)."""
    dark = float(line.detector.dark_count_probability)
    silent = [(1 - dark) * silence(mean, seen[..., bit], line.eavesdropper) for bit in (0, 1)]
    none = (1 - dark) ** 2 * silence(mean, seen.sum(axis=-1), line.eavesdropper)
    only = [silent[1] - none, silent[0] - none]
    return checks.plain(np.maximum(0.0, np.array([*only, 1 - silent[0] - silent[1] + none])))


def silence(mean: float | None, seen: Floats, eavesdropper: Channel | PhotonNumberSplitting) -> Floats:
    """Return the probability that none of a pulse's photons is seen, each with probability ``seen`` on its line.

    Without Eve that is the generating function of the number of photons. Where she splits pulses a single photon
    passes or not, and of n > 1 photons n - 1 are on her line: ``sum_n p_n s^(n-1)``.
    """
    if mean is None:
        passed = 1.0 - eavesdropper.blocked_fraction if isinstance(eavesdropper, PhotonNumberSplitting) else 1.0
        return checks.plain(1 - passed * seen[0])
    if not isinstance(eavesdropper, PhotonNumberSplitting):
        return checks.plain(np.exp(-mean * seen[0]))
    single = mean * math.exp(-mean) * (1 - (1 - eavesdropper.blocked_fraction) * seen[0])
    return checks.plain(math.exp(-mean) + single + _several(mean, 1 - seen[1]))


def _several(mean: float, missed: Floats) -> Floats:
    """Return ``sum_(n>1) p_n s^(n-1)`` of a Poissonian: ``exp(-μ) (exp(μ s) - 1 - μ s)/s``."""
    s = np.maximum(missed, 1e-5 / max(mean, 1.0))  # below that the series
    whole = math.exp(-mean) * (np.expm1(mean * s) - mean * s) / s
    series = math.exp(-mean) * mean**2 * missed * (1 / 2 + mean * missed / 6)
    return checks.plain(np.where(mean * missed < 1e-5, series, whole))


class Record(NamedTuple):
    """What both ends keep of a run: of every detected signal the bases, packed, and of sifted ones a code.

    A code is the place in ``Outcomes.events``: intensity, basis, bit, receiver's basis and bit, as binary digits.
    """

    num_detected: int
    num_double: int
    sender_bases: bytes
    receiver_bases: bytes
    key: Bits
    test: Bits


def draw_record(found: Outcomes, num_signals: int, source: Randomness) -> Record:
    """Draw a run.

    How many of the signals are detected, and how many of these by both detectors, are binomial numbers and drawn at
    once; the detected ones are then drawn one by one, in order. As signals are independent that is the distribution
    of drawing all of them one by one. Which of them were detected plays no part in the key, and is not drawn.
    """
    detection = float(found.events.sum())
    rng = source.generator()
    num_detected = int(rng.binomial(num_signals, min(1.0, detection)))
    num_double = int(rng.binomial(num_detected, min(1.0, found.double / detection))) if num_detected else 0
    codes = np.flatnonzero(found.events.reshape(-1) > 0).astype(np.uint8)
    draws = _Draws(found.events.reshape(-1)[codes], codes)
    parts = [draws.sift(source.words(min(CHUNK, num_detected - i))) for i in range(0, num_detected, CHUNK)]
    empty = (b"", b"", np.zeros(0, np.uint8), np.zeros(0, np.uint8))
    sent, received, key, test = zip(*(parts or [empty]), strict=True)
    return Record(
        num_detected, num_double, b"".join(sent), b"".join(received), np.concatenate(key), np.concatenate(test)
    )


class _Draws:
    """Draws events by random words of 64 bits."""

    def __init__(self, weights: Floats, codes: Bits) -> None:
        ends = np.cumsum(weights / weights.sum())[:-1] if weights.size else weights
        self.upper = np.array([min(2**64 - 1, int(math.ldexp(end, 64))) for end in ends], np.uint64)
        starts = np.arange(256, dtype=np.uint64) << np.uint64(56)
        self.first = np.searchsorted(self.upper, starts, side="right").astype(np.int64)
        self.codes = codes

    def sift(self, words: NDArray[np.uint64]) -> tuple[bytes, bytes, Bits, Bits]:
        """Draw a chunk, and return both ends' bases, packed, and the codes of sifted bits of the key and of the test."""
        classes = np.empty(words.size, np.uint8)
        tops = (words >> np.uint64(56)).astype(np.uint8)
        _kernels.records.draw_classes(classes, words, tops, self.first, self.upper)
        codes = self.codes[classes]
        sent, received = codes >> 3 & 1, codes >> 1 & 1
        key, test = codes[(codes & 0b1010) == 0], codes[(codes & 0b1010) == 0b1010]
        return np.packbits(sent).tobytes(), np.packbits(received).tobytes(), key, test


def sent_bits(codes: Bits) -> Bits:
    """Return the sender's bits of sifted events."""
    return codes >> np.uint8(2) & np.uint8(1)


def received_bits(codes: Bits) -> Bits:
    """Return the receiver's bits."""
    return codes & np.uint8(1)


def intensity_numbers(codes: Bits) -> Bits:
    """Return which intensity each was."""
    return codes >> np.uint8(4)
