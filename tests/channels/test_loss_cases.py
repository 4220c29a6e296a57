"""Loss of photons in a mode gives the tabulated numbers."""

from math import factorial

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import photon_loss
from qnet_core import pure_state, purity

CASES = CaseTable("loss.toml", digits=12)


def number_state(photons, max_photons):
    return pure_state(np.eye(max_photons + 1)[photons], max_photons + 1)


def coherent_amplitudes(amplitude, max_photons):
    """Of |alpha>, cut off and not renormalized."""
    numbers = range(max_photons + 1)
    terms = np.array([amplitude**n / np.sqrt(float(factorial(n))) for n in numbers])
    return np.exp(-(abs(amplitude) ** 2) / 2) * terms


def populations(rho):
    return np.diagonal(rho.matrix).real


def lowering(max_photons):
    return np.diag(np.sqrt(np.arange(1.0, max_photons + 1)), 1)


@CASES.check
def photons_left_of_a_number_state(photons, transmissivity):
    loss = photon_loss(transmissivity=transmissivity, max_photons=photons)
    return {"probabilities": populations(number_state(photons, photons).apply(loss, 0))}


@CASES.check
def loss_from_vacuum_and_two_photons(transmissivity):
    rho = pure_state(np.sqrt([0.5, 0, 0.5]), 3).apply(photon_loss(transmissivity=transmissivity, max_photons=2), 0)
    two, one, none = populations(rho)[::-1]
    return {"rho02": rho.matrix[0, 2].real, "rho22": two, "rho11": one, "rho00": none, "purity": purity(rho)}


@CASES.check
def loss_from_a_coherent_state(amplitude, transmissivity, max_photons, negligible):
    loss = photon_loss(transmissivity=transmissivity, max_photons=max_photons)
    rho = pure_state(coherent_amplitudes(amplitude, max_photons), max_photons + 1).apply(loss, 0)
    a = lowering(max_photons)
    missing = [1 - np.sum(coherent_amplitudes(amplitude, cutoff) ** 2) for cutoff in range(max_photons)]
    return {
        "amplitude": rho.expect((a + a.T) / 2),
        "probabilities": populations(rho)[:3],
        "sufficient_max_photons": int(np.argmax(np.array(missing) < negligible)),
    }


@CASES.check
def loss_from_an_even_cat(amplitude, transmissivity, max_photons):
    cat = coherent_amplitudes(amplitude, max_photons) + coherent_amplitudes(-amplitude, max_photons)
    loss = photon_loss(transmissivity=transmissivity, max_photons=max_photons)
    after = populations(pure_state(cat / np.linalg.norm(cat), max_photons + 1).apply(loss, 0))
    numbers = np.arange(max_photons + 1)
    return {"parity": after @ (-1.0) ** numbers, "mean_photons": after @ numbers}


@CASES.check
def loss_from_one_arm_of_a_squeezed_vacuum(mean_photons, transmissivity, max_photons):
    size, numbers = max_photons + 1, np.arange(max_photons + 1)
    schmidt = np.sqrt(mean_photons / (1 + mean_photons)) ** numbers
    pairs = pure_state(np.diag(schmidt / np.linalg.norm(schmidt)).reshape(-1), (size, size))
    after = pairs.apply(photon_loss(transmissivity=transmissivity, max_photons=max_photons), 1)
    return {
        "probabilities": populations(after.ptrace(1))[:2],
        "product_of_numbers": after.expect(np.kron(np.diag(numbers), np.diag(numbers))),
    }


@CASES.check
def loss_twice(first, second):
    one, two = (photon_loss(transmissivity=value, max_photons=3) for value in (first, second))
    return {"transmissivity": number_state(1, 3).apply(one.then(two), 0).matrix[1, 1].real}


@CASES.parametrize
def test_loss_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
