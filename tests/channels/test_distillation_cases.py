"""Distillation gives the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import (
    bbpssw,
    bbpssw_fixpoints,
    dejmps,
    double_selection,
    epl,
    gate_mixing_threshold,
    hashing_yield,
    nested_rounds,
    pump,
    pumping_limit,
    recurrence_limit,
    stabilizer_distillation,
)
from qnet_core import DensityMatrix, bell_diagonal_state, bell_state, bell_weights, werner_state

CASES = CaseTable("distillation.toml", digits=9)


def noise(two_qubit_reliability, readout_reliability):
    return {"gate_mixing": 1 - two_qubit_reliability, "readout_error": 1 - readout_reliability}


def numbers(kept):
    return {"probability": kept.probability, "weights": bell_weights(kept.state)}


def fidelity(state):
    return bell_weights(state)[..., 0]


@CASES.check
def werner_round(fidelity, **reliabilities):
    pair = werner_state(fidelity=fidelity)
    return numbers(bbpssw(pair, pair, **noise(**reliabilities)))


@CASES.check
def unequal_pairs(fidelity, measured):
    return numbers(bbpssw(werner_state(fidelity=fidelity), bell_diagonal_state(measured)))


@CASES.check
def turned_round(weights, **reliabilities):
    pair = bell_diagonal_state(weights)
    return numbers(dejmps(pair, pair, **noise(**reliabilities)))


@CASES.check
def rounds(fidelity, **options):
    pair = werner_state(fidelity=fidelity)
    states = [nested_rounds(pair, rounds=count, **options).state for count in (1, 2, 3, 4)]
    return {"fidelities": [bell_weights(state)[0] for state in states]}


@CASES.check
def twirled_fixpoints(reliability):
    errors = noise(reliability, reliability)
    lower, upper = bbpssw_fixpoints(**errors)
    reached = fidelity(recurrence_limit(bell_state(), protocol="bbpssw", twirl="werner", **errors))
    # before the twirl of a next round the weights are not those of a Werner state, but the fidelity is the same
    return {"lower": lower, "upper": upper, "reached": reached}


@CASES.check
def twirled_threshold(readout_reliability):
    mixing = gate_mixing_threshold(readout_error=1 - np.array(readout_reliability))
    return {"two_qubit_reliability": 1 - mixing}


@CASES.check
def turned_limit(reliability):
    return {"weights": bell_weights(recurrence_limit(bell_state(), **noise(reliability, reliability)))}


@CASES.check
def pumped(fidelity, rounds):
    pair = werner_state(fidelity=fidelity)
    limit = pumping_limit(pair, protocol="bbpssw", twirl="werner")
    states = [pump(pair, pair, rounds=count).state for count in rounds]
    return {"fidelities": [bell_weights(state)[0] for state in states], "twirled_limit": bell_weights(limit)[0]}


@CASES.check
def raw_pairs(fidelity, rounds):
    result = nested_rounds(werner_state(fidelity=fidelity), rounds=rounds, protocol="bbpssw", twirl="werner")
    return {"raw_pairs": result.raw_pairs}


@CASES.check
def single_click_pairs(brightness, visibility, **reliabilities):
    bells = bell_state("psi+").matrix * (1 + visibility) / 2 + bell_state("psi-").matrix * (1 - visibility) / 2
    raw = DensityMatrix(brightness * bells + (1 - brightness) * np.diag([0, 0, 0, 1]))
    return numbers(epl(raw, raw, **noise(**reliabilities)))


@CASES.check
def three_pairs(fidelity):
    pair = werner_state(fidelity=fidelity)
    return numbers(double_selection(pair, pair, pair))


@CASES.check
def five_pairs(fidelity):
    pair = werner_state(fidelity=fidelity)
    detecting, correcting = (stabilizer_distillation(pair, correct=value) for value in (False, True))
    assert correcting.probability == 1
    return {
        "probability": detecting.probability,
        "detected_fidelity": bell_weights(detecting.state)[0],
        "corrected_fidelity": bell_weights(correcting.state)[0],
    }


@CASES.check
def hashing(weights):
    return {"yields": hashing_yield(bell_diagonal_state(weights))}


@CASES.parametrize
def test_distillation_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
