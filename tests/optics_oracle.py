"""Brute-force simulation of pair sources and reflected pulses in truncated number states, with NumPy alone.

Light is a vector over the number states of some modes with at most so many photons in all; creation operators are
matrices. No formula of the package is used, and nothing of it is imported.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import combinations_with_replacement, product
from math import comb, exp, factorial, prod, sqrt

import numpy as np

PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1.0, -1.0])}


class Modes:
    """Number states of ``count`` modes with at most ``most`` photons in all."""

    def __init__(self, count, most):
        self.states = [n for n in product(range(most + 1), repeat=count) if sum(n) <= most]
        self.creation = []
        index = {n: k for k, n in enumerate(self.states)}
        for mode in range(count):
            more = [tuple(m + (mode == j) for j, m in enumerate(n)) for n in self.states]
            moves = [(k, index[n], sqrt(n[mode])) for k, n in enumerate(more) if n in index]
            self.creation.append([np.array(column) for column in zip(*moves, strict=True)])

    def with_one_more(self, state, weights):
        """A sum of creation operators on a state: from number state to number state, times a root."""
        result = np.zeros_like(state)
        for weight, (source, target, root) in zip(weights, self.creation, strict=True):
            result[target] += weight * root * state[source]
        return result

    def images(self, inputs, numbers):
        """The states with these photons in inputs whose creation operators are sums over these modes, as columns."""
        found = {}
        for photons in sorted(numbers, key=sum):
            if not sum(photons):
                found[photons] = np.eye(len(self.states), dtype=complex)[self.states.index((0,) * len(self.creation))]
                continue
            mode = next(k for k, n in enumerate(photons) if n)
            fewer = tuple(n - (k == mode) for k, n in enumerate(photons))
            found[photons] = self.with_one_more(found[fewer], inputs[mode]) / sqrt(photons[mode])
        return np.array([found[photons] for photons in numbers]).T


def reported(arrived, dark, number_resolving):
    """Probabilities of no click and of a click (one count where photons are counted) for photons that arrived."""
    if number_resolving:
        return np.array([(1 - dark) * (arrived == 0), (1 - dark) * (arrived == 1) + dark * (arrived == 0)])
    return np.array([1 - dark, dark]) if arrived == 0 else np.array([0.0, 1.0])


def thinned(arrived, transmissivity):
    """Distribution of how many photons are left of this many."""
    return [comb(arrived, k) * transmissivity**k * (1 - transmissivity) ** (arrived - k) for k in range(arrived + 1)]


def thermal_amplitudes(mean, most):
    return np.sqrt((mean / (1 + mean)) ** np.arange(most + 1) / (1 + mean))


def spdc(*, mean_photons, transmissivity, dark_count_probability=0.0, number_resolving=False, most=10):
    """Bloch tensor of what both arms see in the bases X, Y, Z, and for each two bases the probability to see it."""
    modes = Modes(2, most)
    pairs = thermal_amplitudes(mean_photons, most)
    amplitudes = np.diag([pairs[h] * pairs[v] for h, v in modes.states])
    lone = []
    for eta in transmissivity:
        weights = np.zeros((2, len(modes.states)))
        for k, n in enumerate(modes.states):
            clicks = [
                sum(
                    p * reported(m, dark_count_probability, number_resolving)
                    for m, p in enumerate(thinned(photons, eta))
                )
                for photons in n
            ]
            weights[:, k] = clicks[0][1] * clicks[1][0], clicks[0][0] * clicks[1][1]
        lone.append(weights)
    bloch, probabilities = np.zeros((4, 4)), {}
    rotations = {letter: measured_in(letter, most) for letter in "XYZ"}
    for (i, left), (j, right) in product(enumerate("XYZ", 1), repeat=2):
        seen = np.abs(rotations[left] @ amplitudes @ rotations[right].T) ** 2
        table = lone[0] @ seen @ lone[1].T
        probabilities[left + right] = table.sum()
        table /= table.sum()
        bloch[i, j] = table[0, 0] + table[1, 1] - table[0, 1] - table[1, 0]
        bloch[i, 0], bloch[0, j] = table[0].sum() - table[1].sum(), table[:, 0].sum() - table[:, 1].sum()
    bloch[0, 0] = 1
    return bloch, probabilities


@cache
def measured_in(letter, most):
    """Amplitudes of number states behind a polarizer that splits the eigenstates of a Pauli matrix, +1 first."""
    modes = Modes(2, most)
    _, vectors = np.linalg.eigh(PAULI[letter])
    directions = vectors[:, ::-1].conj()  # a polarization (h, v) has the overlaps directions.T @ (h, v)
    return modes.images(directions, modes.states)


_MOST = 8
_IDLERS = Modes(4, _MOST)


def before_loss(operator, transmissivity, axes):
    """The operator that sees before loss of one arm what this one sees behind it; ``axes`` are those of the arm."""
    roots = np.zeros((_MOST + 1, _MOST + 1))
    for n in range(_MOST + 1):
        roots[n, : n + 1] = np.sqrt(thinned(n, transmissivity))
    behind = np.moveaxis(operator, axes, (0, 1))
    before = np.zeros_like(behind)
    for lost in range(_MOST + 1):
        weights = np.diagonal(roots, -lost)  # from n to n - lost photons
        size = len(weights)
        before[lost:, lost:] += weights[:, None, None, None] * weights[:, None, None] * behind[:size, :size]
    return np.moveaxis(before, (0, 1), axes)


def dlcz(
    *, mean_photons, transmissivity, dark_count_probability=0.0, visibility=1.0, phase_rad=0.0, phase_std_rad=0.0,
    number_resolving=False, kept=2, clicked="plus",
):  # fmt: skip
    """Matrix of the memories' modes up to ``kept`` excitations after one output clicked alone; probability.

    Modes of the light at the detectors: plus and minus in the left photon's shape, and in the shape orthogonal to it.
    """
    sign, size, first = np.array([1, -1]), _MOST + 1, ["plus", "minus"].index(clicked)
    inputs = [
        sqrt(0.5) * np.array([1, 1, 0, 0]),
        sqrt(0.5) * np.array([*(sign * sqrt(visibility)), *(sign * sqrt(1 - visibility))]),
    ]
    numbers = [(m, n) for m in range(size) for n in range(size - m)]
    arrived = _IDLERS.images(inputs, numbers).real
    click = np.array(
        [
            reported(n[first] + n[first + 2], dark_count_probability, number_resolving)[1]
            * reported(n[1 - first] + n[3 - first], dark_count_probability, number_resolving)[0]
            for n in _IDLERS.states
        ]
    )
    operator = np.zeros((size,) * 4)
    left, right = np.array(numbers).T
    operator[left[:, None], right[:, None], left, right] = arrived.T @ (click[:, None] * arrived)
    operator = before_loss(operator, transmissivity[0], (0, 2))
    operator = before_loss(operator, transmissivity[1], (1, 3))
    pairs = np.multiply.outer(*(thermal_amplitudes(mean, _MOST) for mean in mean_photons))
    rho = operator.transpose(2, 3, 0, 1) * np.multiply.outer(pairs, pairs)
    nodes, shares = np.polynomial.hermite_e.hermegauss(30)
    apart = np.subtract.outer(np.arange(size), np.arange(size))
    phases = np.exp(1j * apart[..., None] * (phase_rad + phase_std_rad * nodes)) @ (shares / shares.sum())
    probability = np.einsum("mnmn", rho).real
    few = slice(kept + 1)
    return (rho * phases[:, None, :, None])[few, few, few, few].reshape((kept + 1) ** 2, -1) / probability, probability


def reflection(
    *, reflectivity_bright, reflectivity_dark, transmissivity=1.0, link_transmissivity=1.0, dark_count_probability=0.0,
    mean_photons=None, emission_probability=1.0, number_resolving=False, clicked="plus", most=4,
):  # fmt: skip
    """Unnormalized matrix of two memories in |+>, off which a time-bin photon or a coherent pulse was reflected."""
    reflected = [(reflectivity_dark[k], reflectivity_bright[k]) for k in range(2)]
    numbers = {1: 1.0}
    if mean_photons is not None:
        numbers = {n: exp(-mean_photons) * mean_photons**n / factorial(n) for n in range(most + 1)}
    rho = np.zeros((4, 4), complex)
    for n, share in numbers.items():
        light = {}
        for place, bits in enumerate(product((0, 1), repeat=2)):
            one = reflected_photon(reflected, bits, transmissivity, link_transmissivity)
            for modes in combinations_with_replacement(one, n):
                times = Counter(modes).values()
                amplitude = sqrt(factorial(n) / prod(factorial(t) for t in times)) * prod(one[mode] for mode in modes)
                light.setdefault(modes, np.zeros(4, complex))[place] += amplitude / 2
        for modes, vector in light.items():
            rho += emission_probability * share * np.outer(vector, vector.conj()) * clicked_alone(
                modes, clicked, dark_count_probability, number_resolving
            )  # fmt: skip
    untouched = clicked_alone((), clicked, dark_count_probability, number_resolving)
    return rho + (1 - emission_probability) * untouched * np.full((4, 4), 0.25)


def clicked_alone(modes, clicked, dark, number_resolving):
    other = {"plus": "minus", "minus": "plus"}[clicked]
    return (
        reported(modes.count(clicked), dark, number_resolving)[1]
        * reported(modes.count(other), dark, number_resolving)[0]
    )


def reflected_photon(reflected, bits, transmissivity, link_transmissivity):
    """Where a photon of two time bins goes for these bits of the memories: ``{mode: amplitude}``."""
    modes = Counter()
    for late in (0, 1):
        left, right = bits[0] ^ late, bits[1] ^ late
        amplitude = sqrt(0.5)
        modes["first node", late, bits[0]] = amplitude * sqrt(1 - abs(reflected[0][left]) ** 2)
        amplitude = amplitude * reflected[0][left]
        modes["between", late] = amplitude * sqrt(1 - link_transmissivity)
        amplitude = amplitude * sqrt(link_transmissivity)
        modes["second node", late, bits[1]] = amplitude * sqrt(1 - abs(reflected[1][right]) ** 2)
        amplitude = amplitude * reflected[1][right]
        modes["behind", late] = amplitude * sqrt(1 - transmissivity)
        amplitude = amplitude * sqrt(transmissivity / 2)
        modes["plus"] += amplitude
        modes["minus"] += -amplitude if late else amplitude
    return {mode: modes[mode] for mode in sorted(modes, key=str)}


def absorbed(*, source, transmissivity, false_herald_probability=(0.0, 0.0), emission_probability=1.0):
    """Unnormalized matrix of two memories that both announced: qutrits whose last level is "no photon", and their flags."""
    padded = np.zeros((3, 3, 3, 3), complex)
    padded[:2, :2, :2, :2] = emission_probability * source.reshape(2, 2, 2, 2)
    padded[2, 2, 2, 2] = 1 - emission_probability
    rho = padded.reshape(9, 9)
    kraus = []
    for eta, false in zip(transmissivity, false_herald_probability, strict=True):
        lost = [sqrt(1 - eta) * np.outer(np.eye(3)[2], np.eye(3)[bit]) for bit in range(2)]
        kept = np.diag([sqrt(eta), sqrt(eta), 1.0])
        announced = [np.eye(3)[:2]] + [sqrt(false / 2) * np.outer(np.eye(2)[bit], np.eye(3)[2]) for bit in range(2)]
        kraus.append([after @ before for after in announced for before in (kept, *lost)])
    operators = [np.kron(left, right) for left, right in product(*kraus)]
    return sum(k @ rho @ k.conj().T for k in operators)
