"""Brute-force simulation of photonic entanglement links in Fock space.

Emission, loss, partial distinguishability, a 50:50 beam splitter per rail and noisy detectors are
followed photon by photon. No formula of the package is used, and nothing of it is imported.

A state of light and memories is ``{occupation: 2x2 amplitude array over the memories}``, where an
occupation is a sorted tuple with one mode name per photon. Modes are ``("lost", arm, rail)`` and
``(detector, rail, shape)``. Arm 0 is the left one; its photon has shape 0, and that of arm 1 overlaps
with shape 0 by ``sqrt(visibility)`` in amplitude.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import factorial, sqrt

import numpy as np

PAULI_X = np.array([[0, 1], [1, 0]])
PAULI_Z = np.array([[1, 0], [0, -1]])


def photon(arm, rail, transmissivity, visibility, phase_rad, extra=False):
    """Where the photon that ``arm`` emits into ``rail`` goes: ``{mode: amplitude}``; an extra one has its own shape."""
    sign = 1 if arm == 0 else -1
    shapes = {0: 1.0} if arm == 0 else {0: sqrt(visibility), 1: sqrt(1 - visibility)}
    if extra:
        shapes = {f"extra of {arm}": 1.0}
    phase = np.exp(1j * phase_rad) if arm == 0 else 1.0
    arrived = phase * sqrt(transmissivity / 2)
    amplitudes = {("lost", arm, rail, extra): phase * sqrt(1 - transmissivity)}
    for shape, overlap in shapes.items():
        amplitudes["plus", rail, shape] = arrived * overlap
        amplitudes["minus", rail, shape] = sign * arrived * overlap
    return {mode: amplitude for mode, amplitude in amplitudes.items() if amplitude}


def emitted(bits, amplitude, sources, double):
    """Every number of photons that the arms may emit: ``(bits, amplitude, photons)``.

    ``sources`` has for each arm the photon and the extra photon of its state, or nothing.
    """
    for twice in product(*[(0, 1) if source else (0,) for source in sources]):
        photons, weight = [], amplitude
        for arm, source in enumerate(sources):
            if source:
                photons += source[: 1 + twice[arm]]
                weight *= sqrt(double[arm] if twice[arm] else 1 - double[arm])
        if weight:
            yield bits, weight, photons


def light_and_memories(emissions):
    """Expand ``[((left bit, right bit), amplitude, photons)]`` in the number states of all modes."""
    state = {}
    for bits, amplitude, photons in emissions:
        for modes in product(*[list(one) for one in photons]):
            weight = amplitude * np.prod([one[mode] for one, mode in zip(photons, modes, strict=True)])
            occupation = tuple(sorted(modes, key=str))
            bosons = sqrt(np.prod([factorial(n) for n in Counter(modes).values()]))
            state.setdefault(occupation, np.zeros((2, 2), complex))[bits] += weight * bosons
    return state


def count_probability(reported, arrived, dark_count_probability, number_resolving):
    """Probability that one detector reports ``reported`` (0 or 1) when ``arrived`` photons hit it."""
    if number_resolving:
        return {reported - 1: dark_count_probability, reported: 1 - dark_count_probability}.get(arrived, 0.0)
    if arrived:
        return float(reported)
    return dark_count_probability if reported else 1 - dark_count_probability


def memories_given(state, clicked, dark_count_probability, number_resolving):
    """Unnormalized 4x4 memory state when exactly the detectors ``{(name, rail)}`` in ``clicked`` report."""
    rails = {rail for _, rail in clicked}
    rho = np.zeros((4, 4), complex)
    for occupation, amplitudes in state.items():
        arrived = Counter((mode[0], mode[1]) for mode in occupation)
        probability = 1.0
        for detector in product(("plus", "minus"), rails):
            probability *= count_probability(
                int(detector in clicked), arrived[detector], dark_count_probability, number_resolving
            )
        vector = amplitudes.reshape(4)
        rho += probability * np.outer(vector, vector.conj())
    return rho


def corrected(rho, announced, target):
    """Take the announced Bell state to ``target`` by a Pauli operator on the right memory."""
    pauli = np.eye(2)
    if announced[-1] != target[-1]:
        pauli = PAULI_Z @ pauli
    if announced[:3] != target[:3]:
        pauli = PAULI_X @ pauli
    both = np.kron(np.eye(2), pauli)
    return both @ rho @ both.conj().T


def _total(emissions, patterns, dark_count_probability, number_resolving, target):
    state = light_and_memories(emissions)
    rho = sum(
        corrected(memories_given(state, clicked, dark_count_probability, number_resolving), announced, target)
        for clicked, announced in patterns
    )
    probability = np.trace(rho).real
    return rho / probability, probability


def _over_phases(phase_rad, phase_std_rad, at_phase):
    """State and probability for a random phase, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(14 if phase_std_rad else 1)
    unnormalized = 0
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        rho, probability = at_phase(phase_rad + phase_std_rad * node)
        unnormalized = unnormalized + weight * probability * rho
    probability = np.trace(unnormalized).real
    return unnormalized / probability, probability


SINGLE_CLICKS = [({("plus", 0)}, "psi+"), ({("minus", 0)}, "psi-")]
DOUBLE_CLICKS = [
    ({(first, 0), (second, 1)}, "psi+" if first == second else "psi-")
    for first, second in product(("plus", "minus"), repeat=2)
]


def single_click(
    *, bright_population, transmissivity, dark_count_probability=0.0, visibility=1.0, phase_rad=0.0,
    phase_std_rad=0.0, number_resolving=False, target="phi+", double_excitation_probability=(0.0, 0.0),
    patterns=SINGLE_CLICKS,
):  # fmt: skip
    """State and probability of a single-click link."""
    eta, bright = transmissivity, bright_population

    def at_phase(phase):
        photons = [[photon(arm, 0, eta[arm], visibility, phase, extra) for extra in (False, True)] for arm in range(2)]
        emissions = [
            term
            for a, b in product((0, 1), repeat=2)
            for term in emitted(
                (a, b),
                sqrt((bright[0] if a else 1 - bright[0]) * (bright[1] if b else 1 - bright[1])),
                [photons[0] if a else [], photons[1] if b else []],
                double_excitation_probability,
            )
        ]
        return _total(emissions, patterns, dark_count_probability, number_resolving, target)

    return _over_phases(phase_rad, phase_std_rad, at_phase)


def double_click(
    *, transmissivity, dark_count_probability=0.0, visibility=1.0, number_resolving=False, target="phi+",
    phase_rad=0.0, phase_std_rad=0.0, double_excitation_probability=(0.0, 0.0), patterns=DOUBLE_CLICKS,
):  # fmt: skip
    """State and probability of a double-click link: memory bit = rail of the photon, one click per rail.

    The phase is that of the left arm in rail 1.
    """

    def at_phase(phase):
        def source(arm, bit):
            return [photon(arm, bit, transmissivity[arm], visibility, phase * bit, extra) for extra in (False, True)]

        emissions = [
            term
            for a, b in product((0, 1), repeat=2)
            for term in emitted((a, b), 0.5, [source(0, a), source(1, b)], double_excitation_probability)
        ]
        return _total(emissions, patterns, dark_count_probability, number_resolving, target)

    return _over_phases(phase_rad, phase_std_rad, at_phase)
