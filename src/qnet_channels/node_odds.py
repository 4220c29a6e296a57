"""The best odds for two nodes of a single-click link to be bright."""

from typing import NamedTuple

import numpy as np

from .objectives import bb84_fraction
from .search import Flags, Floats, golden_section, maximum

__all__: list[str] = []

_DIMMEST = 1e-15
_WIDEST = 50.0  # of tilts that are tried: e^100 between the odds of both nodes


class Nodes(NamedTuple):
    """Chances of a lone click by what was emitted, and the coherence, for nodes that are bright with odds X and Y.

    With ``X = g e^t`` and ``Y = g e^-t`` everything but the probability itself depends on ``g`` and
    ``n = left e^t + right e^-t`` alone, and errors in Z and X are least where ``g² = nothing/both``.
    """

    nothing: Floats
    left: Floats
    right: Floats
    both: Floats
    coherence: Floats

    def balance(self) -> Floats:
        """Return the tilt at which both nodes click equally often: n is least."""
        return np.asarray(np.log(self.right / self.left) / 2)

    def scale(self) -> Floats:
        """Return g where errors are least."""
        return np.asarray(np.sqrt(np.where(self.both > 0, self.nothing / self.both, np.inf)))

    def singles(self, tilt: Floats) -> Floats:
        return np.asarray(self.left * np.exp(tilt) + self.right * np.exp(-tilt))

    def probability(self, scale: Floats, tilt: Floats) -> Floats:
        clicks = self.nothing + scale * self.singles(tilt) + scale**2 * self.both
        return np.asarray(2 * clicks / ((1 + scale * np.exp(tilt)) * (1 + scale * np.exp(-tilt))))

    def errors(self, scale: Floats, tilt: Floats) -> tuple[Floats, Floats]:
        """Return the rates of errors in Z and X."""
        even = self.nothing + scale**2 * self.both
        clicks = even + scale * self.singles(tilt)
        return np.asarray(even / clicks), np.asarray(0.5 - scale * self.coherence / clicks)

    def fidelity(self, scale: Floats, tilt: Floats) -> Floats:
        bit, phase = self.errors(scale, tilt)
        return np.asarray(1 - bit / 2 - phase)

    def key_fraction(self, scale: Floats, tilt: Floats) -> Floats:
        return bb84_fraction(*self.errors(scale, tilt))

    def key_rate(self, scale: Floats, tilt: Floats) -> Floats:
        return self.probability(scale, tilt) * self.key_fraction(scale, tilt)


def truest(nodes: Nodes) -> tuple[Floats, Floats, Flags]:
    """Return g and t of the best fidelity, which is concave in log g and t where it is above 1/2.

    Where the brighter node would be more than half bright it is half bright, and its fidelity is a ratio of quadratic
    polynomials in the root of the other one's odds.
    """
    tilt, best = nodes.balance(), nodes.scale()
    most = np.exp(-np.abs(tilt))
    capped = (best > most) & (nodes.coherence > np.sqrt(nodes.nothing * nodes.both))
    brighter, other = np.minimum(nodes.left, nodes.right), np.maximum(nodes.left, nodes.right)
    lone, pairs = nodes.nothing + brighter, nodes.both + other
    slope = nodes.nothing * other - nodes.both * brighter
    root = slope + np.sqrt(slope**2 + 4 * nodes.coherence**2 * lone * pairs)
    odds = np.minimum((root / (2 * nodes.coherence * pairs)) ** 2, 1)
    scale = np.where(capped, np.sqrt(odds), np.minimum(best, most))
    tilt = np.where(capped, np.copysign(np.log(odds) / 2, tilt), tilt)
    return scale, tilt, np.isfinite(scale)


def fastest(nodes: Nodes, least: Floats) -> tuple[Floats, Floats, Flags]:
    """Return g and t of the highest probability of at least this fidelity.

    The fidelity is the same for equal distances from balance, and the probability higher where populations are more
    alike.
    """
    spare = (nodes.coherence - 2 * least * np.sqrt(nodes.nothing * nodes.both)) / (least - 0.5)
    widest = np.arccosh(np.maximum(spare / nodes.singles(nodes.balance()), 1))

    def score(distance: Floats) -> Floats:
        tilt = _tilted(nodes, distance)
        value = nodes.probability(_brightest(nodes, tilt, least), tilt)
        return np.where(np.isnan(value), -np.inf, value)

    distance = maximum(score, np.zeros(nodes.left.shape), np.minimum(widest, _WIDEST), grid=33)
    tilt = _tilted(nodes, distance)
    scale = _brightest(nodes, tilt, least)
    return scale, tilt, np.isfinite(scale)


def _tilted(nodes: Nodes, distance: Floats) -> Floats:
    balance = nodes.balance()
    return np.asarray(balance - np.copysign(distance, balance))


def _brightest(nodes: Nodes, tilt: Floats, least: Floats) -> Floats:
    """Return the highest g at this tilt at which the fidelity is high enough, a root of a quadratic polynomial, or NaN."""
    singles, most = nodes.singles(tilt), np.exp(-np.abs(tilt))
    half = nodes.coherence - (least - 0.5) * singles
    square = half**2 - 4 * least**2 * nodes.nothing * nodes.both
    root = half + np.sqrt(np.maximum(square, 0))
    dimmest = 2 * least * nodes.nothing / root
    brightest = np.where(nodes.both > 0, root / (2 * least * nodes.both), np.inf)
    good = (half > 0) & (square >= 0) & (dimmest <= most)
    return np.where(good, np.minimum(brightest, most), np.nan)


def most_key(nodes: Nodes) -> tuple[Floats, Floats, Flags]:
    """Return g and t of the most key: more pairs are worth more errors, so that it is brighter than where these are least."""

    def scale(tilt: Floats, steps: int = 48) -> Floats:
        most = -np.abs(tilt)
        start = np.minimum(np.log(np.maximum(nodes.scale(), _DIMMEST)), most)
        return np.exp(golden_section(lambda log: nodes.key_rate(np.exp(log), tilt), start, most, steps=steps))

    def score(distance: Floats) -> Floats:
        tilt = _tilted(nodes, distance)
        value = nodes.key_rate(scale(tilt, steps=34), tilt)
        return np.where(value > 0, value, -np.inf)

    tilt = nodes.balance()
    if not np.array_equal(nodes.left, nodes.right):  # equal nodes are best equally bright
        widest = np.minimum(np.abs(tilt) + 2, _WIDEST)
        tilt = _tilted(nodes, maximum(score, np.zeros(tilt.shape), widest, grid=13, steps=22))
    best = scale(tilt)
    return best, tilt, nodes.key_rate(best, tilt) > 0
