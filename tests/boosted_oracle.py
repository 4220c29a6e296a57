"""Bell measurements with ancillary photons in number states: amplitudes of every pattern of counts, lost and dark ones too.

Horizontal and vertical photons go through the same interferometer and never mix, so that an amplitude is a matrix over the
patterns of the former and of the latter. Nothing of the package is imported, and no formula of it is used.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import combinations, combinations_with_replacement, product
from math import comb, factorial, prod, sqrt
from typing import NamedTuple

import numpy as np
import scipy.sparse

H4 = np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2
H8 = np.kron(H4, [[1, 1], [1, -1]]) / sqrt(2)
EWERT = np.array(
    [[0.5, 0.5, sqrt(0.5), 0], [0.5, 0.5, -sqrt(0.5), 0], [0.5, -0.5, 0, sqrt(0.5)], [0.5, -0.5, 0, -sqrt(0.5)]]
)


@cache
def patterns(modes, photons):
    """All ways to find so many photons in so many modes, and where each stands."""
    found = [
        tuple(chosen.count(m) for m in range(modes)) for chosen in combinations_with_replacement(range(modes), photons)
    ]
    return found, {pattern: k for k, pattern in enumerate(found)}


class Interferometer:
    """One polarization: amplitudes of the patterns that photons from given sources make."""

    def __init__(self, network):
        self.network, self.modes, self.known = network, len(network), {(): np.ones(1)}

    def amplitudes(self, sources):
        """Amplitudes of number states behind creation operators of these sources on the vacuum."""
        if sources not in self.known:
            before = self.amplitudes(sources[:-1])
            found, _ = patterns(self.modes, len(sources) - 1)
            _, places = patterns(self.modes, len(sources))
            after = np.zeros(len(places))
            for pattern, amplitude in zip(found, before, strict=True):
                for m in range(self.modes):
                    more = (*pattern[:m], pattern[m] + 1, *pattern[m + 1 :])
                    after[places[more]] += amplitude * self.network[m, sources[-1]] * sqrt(pattern[m] + 1)
            self.known[sources] = after
        return self.known[sources]


class Scheme(NamedTuple):
    """Amplitudes from each source to each output, and the ancillas: groups of sources whose photons are all H or all V.

    A group that names one source several times has that many photons in one mode. The signals are sources 0 and 1.
    """

    optics: Interferometer
    groups: tuple[tuple[int, ...], ...]


SCHEMES = {
    ("grice", 1): Scheme(Interferometer(np.array([[1, 1], [1, -1]]) / sqrt(2)), ()),
    ("grice", 2): Scheme(Interferometer(H4), ((2, 3),)),
    ("grice", 3): Scheme(Interferometer(H8), ((2, 3), (4, 5, 6, 7))),
    ("ewert-van-loock", 2): Scheme(Interferometer(EWERT), ((2, 2), (3, 3))),
}


def losses(group):
    """What may be lost of a group's photons: how many, the weight of the event, and what is left."""
    one_mode = len(set(group)) < len(group)
    for lost in range(len(group) + 1):
        if one_mode:  # of n bosons in one mode
            yield lost, comb(len(group), lost) ** 2 * factorial(lost), group[lost:]
        else:
            for kept in combinations(group, len(group) - lost):
                yield lost, 1, kept


def events(scheme):
    """Every loss of ancillas: how many, a weight, and which H and V sources are left in each coherent term.

    A lost photon tells whether its group was H or V.
    """
    norm = prod(sqrt(0.5 / prod(factorial(group.count(s)) for s in set(group))) for group in scheme.groups)
    for parts in product(*(losses(group) for group in scheme.groups)):
        free = [
            k for k, part in enumerate(parts) if part[0] == 0
        ]  # of these groups nobody knows whether they were H or V
        for seen in product("HV", repeat=len(parts) - len(free)):
            terms = []
            for hidden in product("HV", repeat=len(free)):
                letters, left = iter(hidden), iter(seen)
                kinds = [next(letters) if k in free else next(left) for k in range(len(parts))]
                sources = {
                    kind: sum((p[2] for p, one in zip(parts, kinds, strict=True) if one == kind), ()) for kind in "HV"
                }
                terms.append(sources)
            yield sum(part[0] for part in parts), norm**2 * prod(part[1] for part in parts), terms


def amplitudes(optics, terms, signals, bits):
    """Amplitude matrices by numbers of H and V photons, for these bits of the signals that arrive."""
    total = {}
    arrived = {kind: tuple(k for k in (0, 1) if signals[k] and bits[k] == (kind == "V")) for kind in "HV"}
    for sources in terms:
        h, v = (arrived[kind] + tuple(sorted(sources[kind])) for kind in "HV")
        matrix = np.outer(optics.amplitudes(h), optics.amplitudes(v))
        total[len(h), len(v)] = total.get((len(h), len(v)), 0) + matrix
    return total


def correlators(vectors):
    """For each pattern Tr(E P x P)/4 of the effect with these amplitudes for 00, 01, 10, 11, all real."""
    a, b, c, d = vectors
    outer, inner, pop_o, pop_i = 2 * a * d, 2 * b * c, a * a + d * d, b * b + c * c
    return np.array([pop_o + pop_i, inner + outer, inner - outer, pop_o - pop_i]) / 4


def effects(scheme, signals, most_lost=10):
    """Correlators of the effect of every pattern, by the number of ancillas lost, then by the numbers of photons."""
    optics = scheme.optics
    found = defaultdict(lambda: defaultdict(float))
    for lost, weight, terms in events(scheme):
        if lost > most_lost:
            continue
        by_bits = [amplitudes(optics, terms, signals, bits) for bits in product((0, 1), repeat=2)]
        for numbers in {n for one in by_bits for n in one}:
            vectors = [one.get(numbers, np.zeros(1)) for one in by_bits]
            shape = max((v.shape for v in vectors), key=len)
            vectors = [np.broadcast_to(v, shape) for v in vectors]
            if all(signals):
                found[lost][numbers] = found[lost][numbers] + weight * correlators(vectors)
            else:  # the lost signal's bit is known to the environment: populations only, and all of them alike
                parts = [correlators([v * (k == j) for j, v in enumerate(vectors)]) for k in range(4)]
                found[lost][numbers] = found[lost][numbers] + weight * sum(parts)
    return found


def announced_patterns(scheme):
    """Patterns that only one Bell state makes where nothing is lost and no count is dark, 0 or 1 for each Bell state."""
    found = {}
    signs = np.array([[1, 1, -1, 1], [1, -1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]])
    for numbers, values in effects(scheme, (1, 1), 0)[0].items():
        chances = np.tensordot(signs, values, axes=1)
        alone = (chances > 1e-12) & ((chances > 1e-12).sum(axis=0) == 1)
        if alone.any():
            found[numbers] = alone.astype(float)
    return found


@cache
def dark_counts(modes, photons, dark):
    """Matrix from patterns to those with so many dark counts more, at most one per detector."""
    found, _ = patterns(modes, photons)
    _, places = patterns(modes, photons + dark)
    sets = (
        [np.bincount(chosen, minlength=modes) for chosen in map(np.array, combinations(range(modes), dark))]
        if dark
        else [0]
    )
    rows = [places[tuple(more)] for chosen in sets for more in (np.array(found) + chosen).tolist()]
    columns = np.tile(np.arange(len(found)), len(sets))
    return scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(places), len(found)))


def table(scheme):
    """Correlators of what each Bell state's announcement measures, {(signals that arrive, ancillas lost): (4, 4)}.

    One dark count makes good for each photon lost. To be multiplied by the probabilities of these losses and dark counts.
    """
    modes, patterns_of = scheme.optics.modes, announced_patterns(scheme)
    result = defaultdict(lambda: np.zeros((4, 4)))
    for signals in ((1, 1), (1, 0), (0, 1), (0, 0)):
        for lost, by_numbers in effects(scheme, signals).items():
            missing = 2 - sum(signals) + lost
            for (h, v), values in by_numbers.items():
                for dark in range(missing + 1):
                    accepted = patterns_of.get((h + dark, v + missing - dark))
                    if accepted is None or max(dark, missing - dark) > modes:
                        continue
                    of_h, of_v = dark_counts(modes, h, dark), dark_counts(modes, v, missing - dark)
                    pulled = np.array([(of_h.T @ one) @ of_v for one in accepted])
                    share = 0.5 if sum(signals) == 1 else 1.0  # both cases of one signal lost, which are alike
                    result[sum(signals), lost] += share * np.einsum("mab,kab->mk", pulled, values)
    return dict(result)
