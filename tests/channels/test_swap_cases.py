"""Entanglement swapping gives the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import BellStation, LinearOpticsStation, amplitude_damping, depolarizing, swap, swap_branches
from qnet_core import DensityMatrix, bell_diagonal_state, bell_state, bell_weights, fidelity, werner_state

CASES = CaseTable("swap.toml", digits=9)
BELL = bell_state("phi+")


def station(two_qubit_reliability, readout_reliability):
    return BellStation(gate_mixing=1 - two_qubit_reliability, readout_error=1 - readout_reliability)


@CASES.check
def werner_pairs(fidelities):
    left, right = (werner_state(fidelity=one) for one in fidelities)
    state, probability = swap(left, right)
    return {"fidelity": fidelity(state, BELL), "probability": probability}


@CASES.check
def bell_diagonal_pairs(left, right, two_qubit_reliability, readout_reliability):
    pairs = bell_diagonal_state(left), bell_diagonal_state(right)
    return {"weights": bell_weights(swap(*pairs, station=station(two_qubit_reliability, readout_reliability)).state)}


@CASES.check
def noisy_chain(num_links, one_qubit_reliability, two_qubit_reliability, readout_reliability, **link):
    noisy = station(two_qubit_reliability, readout_reliability)
    one_qubit_noise = depolarizing(mixing=1 - one_qubit_reliability)
    start = werner_state(**link)
    state = twirled = start
    for _ in range(num_links - 1):
        state = swap(state, start, station=noisy).state.apply(one_qubit_noise, 1)
        again = swap(twirled, start, station=noisy).state.apply(one_qubit_noise, 1)
        twirled = werner_state(fidelity=fidelity(again, BELL))
    return {"fidelity": fidelity(state, BELL), "twirled_fidelity": fidelity(twirled, BELL)}


@CASES.check
def damped_pairs(damping, inner):
    loss = amplitude_damping(damping=damping)
    left, right = BELL.apply(loss, 1 if inner else 0), BELL.apply(loss, 0 if inner else 1)
    branches = swap_branches(left, right)
    return {
        "probabilities": [branch.probability for branch in branches],
        "fidelities": [fidelity(branch.state, BELL) for branch in branches],
        "average_fidelity": fidelity(swap(left, right).state, BELL),
    }


@CASES.check
def optical_station(transmissivity, dark_count_probability):
    state, probability = swap(BELL, BELL, station=LinearOpticsStation(transmissivity, dark_count_probability))
    return {"probability": probability, "fidelity": fidelity(state, BELL)}


@CASES.check
def optical_station_of_unequal_arms(arms, dark_count_probability):
    station = LinearOpticsStation(tuple(arms), dark_count_probability)
    return {"probability": swap(BELL, BELL, station=station).probability}


def generic_state(shift):
    j, k = np.indices((4, 4))
    root = 1 / (j + k + 1 + shift) + 1j * (j - k) / (j + 2 * k + 3 + shift)
    rho = root @ root.conj().T
    return DensityMatrix(rho / np.trace(rho).real)


@CASES.check
def generic_pairs(left_shift, right_shift):
    branches = swap_branches(generic_state(left_shift), generic_state(right_shift))
    return {"probabilities": [branch.probability for branch in branches]}


@CASES.parametrize
def test_swap_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
