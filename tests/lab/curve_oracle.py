"""Points of the fidelity-distance curve, the slow way.

Photons are followed in Fock space, memories by Kraus operators, and the waiting times are averaged by
expanding the product over links into geometric series, with 600 decimal digits against the cancellation.
Nothing of the package is imported.
"""

from decimal import Decimal, localcontext
from itertools import combinations_with_replacement
from math import comb, factorial, floor, inf, log2, prod

import chain_oracle
import fock_oracle
import numpy as np

LIGHT_KM_PER_S = 299792.458
DIGITS = 600


def depolarized(rho, mixing):
    """The pair after both of its qubits were replaced by noise with probability ``mixing``."""
    weights = [1 - 3 * mixing / 4, *[mixing / 4] * 3]
    kraus = [np.sqrt(w) * p for w, p in zip(weights, chain_oracle.PAULIS, strict=True)]
    return chain_oracle.both_decayed(rho, kraus)


def fresh_link(hardware, length_km):
    """State and success probability per mode of a link at its herald."""
    arm_db = hardware["attenuation_db_per_km"] * length_km / 2
    eta = hardware["photon_detection_probability"] * hardware["conversion"] * 10 ** (-arm_db / 10)
    given = {
        "transmissivity": (eta, eta),
        "dark_count_probability": hardware["dark_count_probability"],
        "visibility": hardware["visibility"],
    }
    if hardware["scheme"] == "single-click":
        given["bright_population"] = (hardware["bright_population"],) * 2
        rho, probability = fock_oracle.single_click(phase_std_rad=hardware["phase_std_rad"], **given)
    else:
        rho, probability = fock_oracle.double_click(**given)
    rho = depolarized(rho, 2 * (1 - hardware["swap_in_fidelity"]))
    herald_s = hardware["group_index"] * length_km / LIGHT_KM_PER_S
    kraus = chain_oracle.relaxation_kraus(herald_s, hardware["t1_s"], hardware["t2_s"])
    return chain_oracle.both_decayed(rho, kraus), probability


def summed(ratio, window, fail, num_links):
    """What ends after 1, 2, ... cycles with weights falling as ``ratio``, and the first link in the first cycle.

    All cycles less those in which no link came in the first; without a window every sum over all cycles is that over all
    first ones, times what they have in common.
    """
    if window == inf:
        return ratio / (1 - ratio)
    some = 1 - fail**num_links
    return some * ratio * (1 - ratio**window) / (1 - ratio) + ratio ** (window + 1)


def mean_product(terms, success, num_links, window=inf):
    """Sum over what is delivered of the product over links of ``sum(c * z**wait)``, the wait being that for the slowest link.

    ``terms`` are pairs (c, z). Links done by cycle t contribute ``sum(A z**t) + B q**t``, those done before
    the same with another B: only terms with a power of q are left in the difference. With a window of cycles after the first
    link it is in units of the probability that a link comes in a cycle.
    """
    fail = 1 - success
    amplitudes = [(c * success / (z - fail), z) for c, z in terms]
    last = -sum(a for a, _ in amplitudes)
    before = -sum(a * z / fail for a, z in amplitudes)
    total = Decimal(0)
    for m in range(1, num_links + 1):
        weight = comb(num_links, m) * (last**m - before**m)
        for chosen in combinations_with_replacement(amplitudes, num_links - m):
            orders = factorial(num_links - m) // prod(factorial(chosen.count(one)) for one in set(chosen))
            ratio = fail**m * prod(z for _, z in chosen)
            total += weight * orders * prod(a for a, _ in chosen) * summed(ratio, window, fail, num_links)
    return total


def mean_cycles(success, num_links, window=inf):
    """Mean of the largest of N geometric times, by inclusion and exclusion; with a window, until all have come within one."""
    fail = 1 - success
    if window == inf:
        return sum((-1) ** (k + 1) * comb(num_links, k) / (1 - fail**k) for k in range(1, num_links + 1))
    some = 1 - fail**num_links

    def within(cycles):
        """Probability that all have come so many cycles after the first: all up to then, but for those with a later first."""
        return ((1 - fail ** (cycles + 1)) ** num_links - fail**num_links * (1 - fail**cycles) ** num_links) / some

    signed = [(-1) ** k * comb(num_links, k) * (fail**k - fail**num_links) / some for k in range(1, num_links)]
    missing = -sum(s * (1 - fail ** (k * window)) / (1 - fail**k) for k, s in enumerate(signed, 1))
    return (1 / some + missing) / within(window)


def waiting_terms(bloch, rate1, rate2):
    """XX, YY and ZZ of a waiting pair as sums of exponentials; the memories relax to |0>."""
    slow, fast, both = (Decimal(-r).exp() for r in (rate1, 2 * rate1, 2 * rate2))
    xx, yy, zz, side = (Decimal(v) for v in (bloch[1, 1], bloch[2, 2], bloch[3, 3], bloch[0, 3] + bloch[3, 0]))
    relaxing = [(zz, Decimal(1))] if rate1 == 0 else [(1 - side + zz, fast), (side - 2, slow), (Decimal(1), Decimal(1))]
    return [(xx, both)], [(yy, both)], relaxing


def binary_entropy(error):
    """Entropy in bits."""
    return -sum(p * log2(p) for p in (error, 1 - error) if p > 0)


def point(hardware, distance_km, repeaters, cutoff_s=inf):
    """The results at one distance with one number of repeaters, under the names of the dataset."""
    links = repeaters + 1
    length_km = distance_km / links
    rho, probability = fresh_link(hardware, length_km)
    cycle_s = hardware["preparation_s"] + hardware["group_index"] * length_km / LIGHT_KM_PER_S
    mixing = 4 / 3 * (1 - hardware["gate_fidelity"])
    seen = 1 - 2 * hardware["readout_error"]
    stations = [f**repeaters for f in ((1 - mixing) * seen, -(1 - mixing) * seen**2, (1 - mixing) * seen)]
    with localcontext() as context:
        context.prec = DIGITS
        success = 1 - (1 - Decimal(probability)) ** hardware["modes"]
        terms = waiting_terms(chain_oracle.expectations(rho), cycle_s / hardware["t1_s"], cycle_s / hardware["t2_s"])
        window = inf if cutoff_s == inf else floor(cutoff_s / cycle_s * (1 + 1e-9) + 1e-9)
        met = mean_product([(Decimal(1), Decimal(1))], success, links, window)
        waited = [float(mean_product(each, success, links, window) / met) for each in terms]
        waiting_s = cycle_s * float(mean_cycles(success, links, window))
    xx, yy, zz = (f * w for f, w in zip(stations, waited, strict=True))
    fraction = max(0.0, 1 - binary_entropy((1 - zz) / 2) - binary_entropy((1 - xx) / 2))
    swaps = (hardware["station_success"] * hardware["retrieval_efficiency"] ** 2) ** repeaters
    rate_hz = swaps * hardware["retrieval_efficiency"] ** 2 / waiting_s
    return {
        "fidelity": (1 + xx - yy + zz) / 4,
        "rate_hz": rate_hz,
        "secret_key_rate_bit_per_s": rate_hz * fraction,
        "secret_key_fraction": fraction,
        "waiting_time_s": waiting_s,
        "link_probability": probability,
    }
