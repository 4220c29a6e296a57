"""Figures of merit of noisy pairs and channels have the tabulated values."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import amplitude_damping, dephasing, depolarizing
from qnet_core import (
    Channel,
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    chsh_value,
    coherent_information,
    concurrence,
    diamond_distance,
    entanglement_of_formation,
    fidelity,
    fully_entangled_fraction,
    log_negativity,
    negativity,
    purity,
    trace_distance,
    von_neumann_entropy,
    werner_state,
)

CASES = CaseTable("metrics.toml", digits=9)
BELL = bell_state("phi+")


def generic():
    j, k = np.indices((4, 4))
    root = 1 / (j + k + 1) + 1j * (j - k) / (j + 2 * k + 3)
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


def partly_entangled():
    vector = np.array([np.cos(0.6), 0, 0, np.sin(0.6)])
    return 0.7 * np.outer(vector, vector) + 0.3 * np.diag([0, 1, 0, 0])


STATES = {
    "generic": DensityMatrix(generic()),
    "mixed_generic": DensityMatrix(0.8 * BELL.matrix + 0.2 * generic()),
    "partial": DensityMatrix(partly_entangled()),
    "damped": BELL.apply(amplitude_damping(damping=0.3), 1),
    "bell-diagonal": bell_diagonal_state([0.85, 0.07, 0.05, 0.03]),
    **{f"werner-{number}": werner_state(fidelity=number) for number in (0.7, 0.8, 0.9, 0.95)},
}


@CASES.check
def figures_of_merit(state):
    rho = STATES[state]
    return {
        "fidelity": fidelity(rho, BELL),
        "purity": purity(rho),
        "entropy": von_neumann_entropy(rho),
        "concurrence": concurrence(rho),
        "entanglement_of_formation": entanglement_of_formation(rho),
        "negativity": negativity(rho),
        "log_negativity": log_negativity(rho),
        "coherent_information_right": coherent_information(rho, target=1),
        "coherent_information_left": coherent_information(rho, target=0),
    }


@CASES.check
def closeness(first, second):
    one, two = STATES[first], STATES[second]
    return {"fidelity": fidelity(one, two), "trace_distance": trace_distance(one, two)}


@CASES.check
def best_fidelity(state):
    return {"fully_entangled_fraction": fully_entangled_fraction(STATES[state])}


@CASES.check
def chsh(state):
    return {"chsh_value": chsh_value(STATES[state])}


@CASES.check
def hashing(state):
    return {"coherent_information": coherent_information(STATES[state])}


def norm_from_identity(channel):
    return {"diamond_norm": 2 * diamond_distance(channel, Channel.identity(2))}


@CASES.check
def damping_from_identity(damping):
    return norm_from_identity(amplitude_damping(damping=damping))


@CASES.check
def dephasing_from_identity(probability):
    return norm_from_identity(dephasing(probability=probability))


@CASES.check
def depolarizing_from_identity(mixing):
    return norm_from_identity(depolarizing(mixing=mixing))


@CASES.parametrize
def test_metric_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
