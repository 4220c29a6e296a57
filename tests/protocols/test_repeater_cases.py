"""Nested chains give the tabulated waiting times, decays and distributions, by both ways of dividing series.

With T1 = T2 and at infinite temperature every correlation of a pair decays by the factor exp(-t/T) per half, so that
Werner links stay Werner and one exponential per pair is exact.
"""

import numpy as np
import pytest
from channels.case_tables import CaseTable

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, werner_state
from qnet_protocols import RepeaterChain

CASES = CaseTable("repeaters.toml", digits=9)


def delivered(*, levels, success_probability, swap_success, link_parameter, decay_cycles, method="fft", **given):
    both = 2 * decay_cycles
    link = Heralded(werner_state(fidelity=(1 + 3 * link_parameter) / 4), success_probability)
    memory = Memory(t1_s=both, t2_s=both, excited_population=0.5)
    station = BellStation(success_probability=swap_success)
    chain = RepeaterChain(link, memory, station, num_links=2**levels, cycle_s=1.0, **given)
    return chain.exact(tail=1e-12, method=method)


@CASES.check
def one_swap_with_cutoff(cutoff_cycles, **given):
    result = delivered(levels=1, cutoff_s=cutoff_cycles, **given)
    return {
        "mean_cycles": result.waiting_time_s,
        "mean_parameter": result.state.expect("XX"),
        "key_rate_per_cycle": result.secret_key_rate_bit_per_s,
    }


@CASES.check
def nested_swaps(**given):
    result = delivered(**given)
    np.testing.assert_allclose(result.rate_hz * result.waiting_time_s, 1.0, rtol=1e-14)
    for sign, pauli in ((1, "XX"), (-1, "YY"), (1, "ZZ")):
        np.testing.assert_allclose(sign * result.state.expect(pauli), result.state.expect("XX"), rtol=1e-12)
    return {"mean_cycles": result.waiting_time_s, "mean_parameter": result.state.expect("XX")}


@CASES.check
def first_cycles(**given):
    return {"probabilities": delivered(**given).distribution.probabilities[:4]}


@CASES.parametrize
def test_repeater_case(case):
    CASES.assert_case(case)


@CASES.parametrize
@pytest.mark.parametrize("method", ["direct"])
def test_repeater_case_term_by_term(case, method):
    CASES.assert_case({**case, "given": {**case["given"], "method": method}})


def test_no_check_without_case():
    CASES.assert_all_used()
