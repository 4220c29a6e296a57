"""Chains in which several cycles count as one: what they are, and how far off their results are."""

import numpy as np
import pytest

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, werner_state
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import RepeaterChain

SUCCESS, CYCLE_S = 1e-3, 1e-4
HALF = BellStation(gate_mixing=0.01, success_probability=0.5)
CHAINS = {
    "two links": {"num_links": 2},
    "nested": {"num_links": 4, "station": HALF},
    "as soon": {"num_links": 3, "policy": "swap-asap"},
    "distilled": {"num_links": 2, "distillation": 1},
    "cut-off": {"num_links": 2, "cutoff_s": 2000 * CYCLE_S},
}


def chain_of(success=SUCCESS, **given):
    return RepeaterChain(Heralded(werner_state(fidelity=0.97), success), Memory(10.0, 1.0), cycle_s=CYCLE_S, **given)


@pytest.mark.parametrize("given", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("what", ["waiting_time_s", "rate_hz", "fidelity"])
def test_two_of_them_extrapolate_to_every_cycle(given, what):
    chain, coarse = chain_of(**given), 20
    fine, one, two = (getattr(c.exact(), what) for c in (chain, chain.coarsened(coarse), chain.coarsened(2 * coarse)))
    assert abs(one / fine - 1) < 2 * coarse * SUCCESS
    assert abs((one - (1 - 1 / coarse) * (two - one)) / fine - 1) < 0.6 * (coarse * SUCCESS) ** 2


def test_one_coarse_link_comes_with_the_next_whole_cycle():
    link = Heralded(werner_state(fidelity=0.97), 0.1)
    chain = RepeaterChain(link, Memory(10.0, 1.0), num_links=1, cycle_s=1.0, multiplexing=2)
    found = chain.coarsened(3).exact()
    success = 1 - 0.9**6
    np.testing.assert_allclose(found.waiting_time_s, 3 / success, rtol=1e-9)
    np.testing.assert_allclose(found.distribution.step_s, 3.0)
    np.testing.assert_allclose(chain.coarsened(1).exact().waiting_time_s, chain.exact().waiting_time_s, rtol=1e-14)


def test_what_takes_too_many_steps_says_how_coarse_it_may_be():
    chain = chain_of(1e-6, num_links=2)
    with pytest.raises(ParameterError, match=r"`coarsened\((\d+)\)` has few enough") as refused:
        chain.exact()
    cycles = int(str(refused.value).split("coarsened(")[1].split(")")[0])
    result = chain.coarsened(cycles * 50).exact()
    assert result.distribution.num_steps < 2 * 10**4 * 1.3
    np.testing.assert_allclose(result.waiting_time_s, 1e6 * 1.5 * CYCLE_S, rtol=1e-2)


@pytest.mark.parametrize(("cycles", "error"), [(0, ParameterError), (1.5, ParameterTypeError)])
def test_only_whole_numbers_of_cycles(cycles, error):
    with pytest.raises(error, match="`cycles` must be"):
        chain_of(num_links=2).coarsened(cycles)
