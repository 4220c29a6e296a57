"""Slow, independent ways to what key rates are made of: photons counted one by one, phases integrated, purifications.

Nothing of the package is imported.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import comb, exp, factorial, sqrt

import numpy as np
from scipy.linalg import expm

PAULI = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1.0, -1.0])}


def shannon(probabilities):
    """Entropy in bits, term by term."""
    return -sum(p * np.log2(p) for p in np.ravel(probabilities) if p > 1e-300)


def entropy_of(matrix):
    return shannon(np.clip(np.linalg.eigvalsh(matrix), 0, None))


# Pairs, and Eve's purification of them


def purification(rho):
    """A vector on A, B, E with this state on A, B, as an array of three axes."""
    values, vectors = np.linalg.eigh(rho)
    return (vectors * np.sqrt(np.clip(values, 0, None))).reshape(2, 2, -1)


def unknown_to_eve(rho):
    """S(A|E) of Alice's bit in Z, with the purification of the pair in Eve's hands."""
    vector = purification(rho)
    bits = [np.einsum("be,bf->ef", vector[a], vector[a].conj()) for a in range(2)]
    together = np.zeros((8, 8), complex)
    together[:4, :4], together[4:, 4:] = bits
    return entropy_of(together) - entropy_of(bits[0] + bits[1])


def one_way_key(rho):
    """Devetak and Winter's rate S(A|E) - H(A|B) of bits measured in Z at both ends."""
    joint = np.real(np.diag(rho)).reshape(2, 2)
    return unknown_to_eve(rho) - (shannon(joint) - shannon(joint.sum(axis=0)))


def b92_filtered(rho, overlap):
    """The pair (not normalized) after Alice's filter that sends two states, and after Bob's that tells them apart."""
    alpha, beta = sqrt((1 - overlap) / 2), sqrt((1 + overlap) / 2)
    hadamard = np.array([[1, 1], [1, -1]]) / sqrt(2)
    alice = hadamard @ np.diag([sqrt(2) * beta, sqrt(2) * alpha]) @ hadamard
    bob = hadamard @ np.diag([alpha, beta]) @ hadamard
    sent = np.kron(alice, np.eye(2)) @ rho @ np.kron(alice, np.eye(2))
    both = np.kron(np.eye(2), bob)
    return sent / np.trace(sent).real, both @ (sent / np.trace(sent).real) @ both


# Parametric pairs, photon by photon


def thinned(photons, eta):
    return [comb(photons, k) * eta**k * (1 - eta) ** (photons - k) for k in range(photons + 1)]


def side(photons, eta, background):
    """Probabilities that photons (in H, in V) give bit 0, bit 1 and no bit; both detectors or background: by lot."""
    found = np.zeros(3)
    for (h, p), (v, q) in product(enumerate(thinned(photons[0], eta)), enumerate(thinned(photons[1], eta))):
        if h and v:
            found[:2] += p * q / 2
        elif h or v:
            found[0 if h else 1] += p * q
        else:
            found += p * q * np.array([background / 2, background / 2, 1 - background])
    return found


def entangled_pairs(mean, eta, background, misalignment, most=14):
    """Gain and gain of wrong bits of a parametric source, summed over numbers of pairs."""
    gain = wrong = 0.0
    for n in range(most + 1):
        weight = mean**n / (1 + mean) ** (n + 2)  # of each of the n + 1 terms of the state of n pairs
        for m in range(n + 1):
            left, right = side((m, n - m), eta[0], background[0]), side((m, n - m), eta[1], background[1])
            gain += weight * left[:2].sum() * right[:2].sum()
            wrong += weight * (left[0] * right[1] + left[1] * right[0])
    # turning a pair's bit turns the agreement of clicks by photons, and what comes by lot stays so
    return gain, gain / 2 - (1 - 2 * misalignment) * (gain / 2 - wrong)


# Two senders and a station half-way


def station(mean, eta, dark, bits, basis, phases=32):
    """Probability of both announced Bell states for coherent pulses with random phases: (psi+, psi-)."""
    angle = [(0.0 if basis == "Z" else np.pi / 4) + (np.pi / 2) * bit for bit in bits]
    found = np.zeros(2, complex)
    for phase in 2 * np.pi * np.arange(phases) / phases:
        light = {}
        for mode, part in (("H", np.cos), ("V", np.sin)):
            a, b = part(angle[0]), part(angle[1])
            same = eta[0] * mean[0] * a**2 / 2 + eta[1] * mean[1] * b**2 / 2
            cross = np.sqrt(eta[0] * mean[0] * eta[1] * mean[1] + 0j) * a * b * np.cos(phase)
            light[1, mode], light[2, mode] = same + cross, same - cross
        click = {key: 1 - (1 - dark) * np.exp(-value) for key, value in light.items()}

        def only(*lit, click=click):
            return np.prod([value if key in lit else 1 - value for key, value in click.items()])

        found[0] += only((1, "H"), (1, "V")) + only((2, "H"), (2, "V"))
        found[1] += only((1, "H"), (2, "V")) + only((2, "H"), (1, "V"))
    return found / phases


def announced(mean, eta, dark, basis):
    """Gain and gain of wrong bits, averaged over bits: in Z the bits of both states differ, in X those of psi- alone."""
    gain = wrong = 0.0
    for bits in product(range(2), repeat=2):
        plus, minus = station(mean, eta, dark, bits, basis) / 4
        gain += plus + minus
        equal = bits[0] == bits[1]
        wrong += (plus + minus if equal else 0) if basis == "Z" else (minus if equal else plus)
    return gain, wrong


def announced_single_photons(eta, dark, basis, points=10):
    """The same for one photon of each sender: a coefficient of a power series in both intensities, by Cauchy's formula."""
    circle = 0.5 * np.exp(2j * np.pi * np.arange(points) / points)
    found = np.zeros(2, complex)
    for a, b in product(circle, repeat=2):
        found += np.exp(a + b) * np.array(announced((a, b), eta, dark, basis)) / (a * b) / points**2
    return found.real


@cache
def half_mirror(size):
    """A beam splitter on two modes with fewer than this many photons each."""
    lower = np.diag(np.sqrt(np.arange(1, size)), 1)
    a, b = np.kron(lower, np.eye(size)), np.kron(np.eye(size), lower)
    return expm(np.pi / 4 * (a.T @ b - a @ b.T))


def number_states_click(n, m, eta, dark):
    """Probability that one detector behind a beam splitter clicks alone, for n and m photons; unitary in Fock space."""
    size = n + m + 1
    mix = half_mirror(size)
    total = 0.0
    for (k, p), (j, q) in product(enumerate(thinned(n, eta)), enumerate(thinned(m, eta))):
        inside = np.zeros(size * size)
        inside[k * size + j] = 1.0
        outside = (mix @ inside).reshape(size, size) ** 2
        alone = outside[1:, 0].sum() + dark * outside[0, 0]
        total += p * q * (1 - dark) * alone
    return total


def one_port_click(n, m, eta, dark):
    """The same by counting: k and j photons leave by one port with probability C(k + j, k)/2^(k + j)."""
    found = 0.0
    for (k, p), (j, q) in product(enumerate(thinned(n, eta)), enumerate(thinned(m, eta))):
        found += p * q * (1 - dark) * (comb(k + j, k) / 2 ** (k + j) if k + j else dark)
    return found


def twin_field_phase_errors(mean, eta, dark, most, click=number_states_click):
    """Bound on the phase errors of one pattern by number states of up to ``most`` photons per sender."""
    weight = [exp(-mean / 2) * mean ** (n / 2) / sqrt(factorial(n)) for n in range(most + 1)]
    total = 0.0
    for parity in range(2):
        kept = range(parity, most + 1, 2)
        total += sum(weight[n] * weight[m] * sqrt(click(n, m, eta, dark)) for n in kept for m in kept) ** 2
    return total


# Gaussian states


def beam_splitter(modes, first, second, eta):
    matrix = np.eye(2 * modes)
    for k in range(2):
        i, j = 2 * first + k, 2 * second + k
        matrix[i, i] = matrix[j, j] = sqrt(eta)
        matrix[i, j], matrix[j, i] = sqrt(1 - eta), -sqrt(1 - eta)
    return matrix


def squeezed_pair(variance):
    c = sqrt(variance**2 - 1)
    z = np.diag([1.0, -1.0])
    return np.block([[variance * np.eye(2), c * z], [c * z, variance * np.eye(2)]])


def gaussian_entropy(covariance):
    """Entropy in bits by symplectic eigenvalues, of shot-noise units."""
    modes = len(covariance) // 2
    omega = np.kron(np.eye(modes), np.array([[0, 1], [-1, 0]]))
    values = np.sort(np.abs(np.linalg.eigvals(1j * omega @ covariance)))[::2]
    photons = (values - 1) / 2
    return sum((n + 1) * np.log2(n + 1) - n * np.log2(n) for n in photons if n > 1e-12)


def gaussian_informations(transmissivity, modulation, excess, efficiency, electronic):
    """I_AB and Eve's Holevo information: modes are Alice, the light sent, both of Eve's, both of the detector's noise."""
    sent = 1 + modulation
    eve = 1 + transmissivity * excess / (1 - transmissivity)
    detector = 1 + electronic / (1 - efficiency)
    covariance = np.zeros((12, 12))
    for k, variance in enumerate((sent, eve, detector)):
        covariance[4 * k : 4 * k + 4, 4 * k : 4 * k + 4] = squeezed_pair(variance)
    for other, eta in ((2, transmissivity), (4, efficiency)):
        mix = beam_splitter(6, 1, other, eta)
        covariance = mix @ covariance @ mix.T
    seen = covariance[2, 2]

    def after(mode):
        """What is left of a mode pair when the light's first quadrature has been measured."""
        rows = [4, 5, 6, 7] if mode == "eve" else [0, 1]
        part, cross = covariance[np.ix_(rows, rows)], covariance[rows, 2]
        return part, part - np.outer(cross, cross) / seen

    known, known_after = after("eve")
    alice, alice_after = after("alice")
    shared = np.log2((alice[0, 0] + 1) / (alice_after[0, 0] + 1)) / 2  # heterodyne of her half is the modulation
    return shared, gaussian_entropy(known) - gaussian_entropy(known_after)
