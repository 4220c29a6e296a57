"""What a repeater chain refuses, and what it says."""

import numpy as np
import pytest

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, bell_state, ket, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import RepeaterChain

MEMORY = Memory(t1_s=1.0, t2_s=1.0)
SLOW = Memory(t1_s=np.inf, t2_s=1.0, decay_exponent=2)
HALF = BellStation(success_probability=0.5)
LINK = Heralded(bell_state(), 0.5)


def chain_of(links=LINK, memory=MEMORY, *arguments, **given):
    rest = {"cycle_s": 0.1, **({"num_links": 4} if isinstance(links, Heralded) else {}), **given}
    return RepeaterChain(links, memory, *arguments, **rest)


REFUSED = {
    "not a link": ({"links": [0.5, 0.5]}, ParameterTypeError, "`links` must be a Heralded state"),
    "one qubit": ({"links": Heralded(ket("0"), 0.5)}, DimensionError, "`links` must be a Heralded state of two qubits"),
    "not normalized": ({"links": Heralded(bell_state().matrix * 0.5, 0.5)}, ParameterTypeError, "`links`"),
    "no number": ({"num_links": None}, ParameterTypeError, "`num_links` must be given"),
    "no links": ({"links": []}, ParameterTypeError, "`links` not empty"),
    "other number": ({"links": [LINK] * 4, "num_links": 2}, DimensionError, "must hold `num_links` = 2 links, but holds 4"),
    "no power of 2": ({"num_links": 6}, ParameterError, "must be a power of 2 for the policy \"nested\", but is 6"),
    "not a memory": ({"memory": 1.0}, ParameterTypeError, "`memory` must be a Memory"),
    "memories": ({"memory": [MEMORY] * 4}, DimensionError, r"`memory` must hold one value per node \(5\), but holds 4"),
    "stations": ({"station": [HALF] * 4}, DimensionError, r"`station` must hold one value per inner node \(3\), but holds 4"),
    "cycles": ({"cycle_s": [0.1] * 3}, DimensionError, r"`cycle_s` must hold one value per link \(4\)"),
    "levels": ({"cutoff_s": [1.0] * 2}, DimensionError, r"`cutoff_s` must hold one value per level \(3\)"),
    "rounds per level": ({"distillation": [1, 0]}, DimensionError, r"`distillation` must hold one value per level \(3\)"),
    "rounds": ({"distillation": 0.5}, ParameterTypeError, "`distillation` must be an integer"),
    "negative rounds": ({"distillation": -1}, ParameterError, "`distillation` must be between 0 and 16, but is -1"),
    "policy": ({"policy": "soon"}, ParameterError, "`policy` must be one of nested, swap-asap, swap-at-end"),
    "protocol": ({"distillation_protocol": "epl"}, ParameterError, "`distillation_protocol` must be one of dejmps, bbpssw"),
    "no time": ({"cycle_s": 0.0}, ParameterError, "`cycle_s` must be greater than 0"),
    "negative message": ({"communication_s": -1.0}, ParameterError, "`communication_s` must be at least 0"),
    "NaN": ({"cutoff_s": np.nan}, ParameterError, "`cutoff_s`"),
    "modes": ({"multiplexing": 1.5}, ParameterError, "`multiplexing` must be a whole number"),
    "no modes": ({"multiplexing": 0}, ParameterError, "`multiplexing`"),
    "no probability": ({"min_fidelity": 1.5}, ParameterError, "`min_fidelity` must be between 0 and 1"),
    "shapes": ({"cycle_s": np.ones(2), "cutoff_s": np.ones(3)}, DimensionError, "Batch shapes must broadcast"),
    "cut-off below a cycle": ({"cutoff_s": [0.2, 0.05, 0.2]}, ParameterError, "must be at least a cycle.*level 1.*but is 0.05"),
    "fidelity as soon": ({"policy": "swap-asap", "min_fidelity": 0.5}, ParameterError, "`min_fidelity` must be 0 for the policy"),
    "hopeless link": ({"links": [LINK, Heralded(bell_state(), 0.0)]}, ParameterError, "can't deliver: link 1 has"),
    "hopeless station": (
        {"station": [HALF, BellStation(success_probability=0.0), HALF]}, ParameterError, "can't deliver: station 1 has",
    ),
    "short run": ({"max_run_s": 0.05}, ParameterError, "can't deliver: `max_run_s` = 0.05 s is shorter than a cycle"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_construction_refuses(given, error, message):
    with pytest.raises(error, match=message):
        chain_of(**given)


def test_link_of_another_trace_is_refused():
    half = Heralded(werner_state(fidelity=0.9).from_bloch(werner_state(fidelity=0.9).bloch / 2, (2, 2)), 0.5)
    with pytest.raises(StateError, match=r"`links` must have a state of trace 1, but it is off by 0\.5"):
        chain_of(half)


SAMPLE_ONLY = {
    "stations as soon": ({"policy": "swap-asap", "station": HALF}, "Stations that fail under the policy \"swap-asap\""),
    "cut-off as soon": ({"policy": "swap-asap", "cutoff_s": 1.0}, "Cut-offs under the policy \"swap-asap\""),
    "unequal cycles as soon": (
        {"links": [LINK] * 2, "policy": "swap-asap", "cutoff_s": 1.0, "cycle_s": [0.1, 0.2]}, "Cut-offs under the policy",
    ),
    "slow noise": ({"memory": SLOW}, "another decay than the exponential one can't be summed exactly where pairs wait more"),
    "slow noise, distilled": ({"num_links": 2, "memory": SLOW, "distillation": [1, 0]}, "where pairs wait more than once"),
    "slow noise, message": ({"num_links": 2, "memory": SLOW, "communication_s": 0.1}, "Messages that are waited for"),
    "fidelity of pairs": ({"min_fidelity": 0.5}, "A limit on the fidelity can't be summed exactly"),
    "no clock": ({"cycle_s": [0.1, 0.1 * np.sqrt(2), 0.1, 0.1], "links": [LINK] * 4}, "common step of time"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), SAMPLE_ONLY.values(), ids=SAMPLE_ONLY)
def test_what_has_no_exact_form_names_the_sampler(given, message):
    with pytest.raises(ParameterError, match=message) as caught:
        chain_of(**given).exact()
    assert "`sample`" in str(caught.value)


def test_too_long_series_are_refused_with_the_number_of_steps():
    chain = chain_of(Heralded(bell_state(), 1e-3), num_links=2)
    needed = chain.exact().distribution.num_steps
    with pytest.raises(
        ParameterError,
        match=r"`max_steps` must be about 2.*e\+04 for a tail of 1e-09 of this chain, but is 1000; `sample`",
    ) as caught:
        chain.exact(max_steps=1000)
    np.testing.assert_allclose(float(str(caught.value).split()[5]), needed, rtol=0.25)
    with pytest.raises(ParameterError, match="`max_steps` must be about"):
        chain_of(num_links=2, max_run_s=0.1, cycle_s=0.1, multiplexing=1).exact(max_steps=20)


def test_attempts_that_never_succeed_are_refused():
    orthogonal = Heralded(bell_state("psi+"), 0.5)
    with pytest.raises(ParameterError, match="The chain can't deliver"):
        chain_of([orthogonal] * 2, min_fidelity=0.5).exact()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"tail": 1e-14}, ParameterError, "`tail` must be between 1e-12 and 0.5"),
        ({"tail": 0.0, "method": "direct"}, ParameterError, "`tail` must be between 1e-100 and 0.5"),
        ({"method": "euler"}, ParameterError, "`method` must be one of fft, direct"),
        ({"max_steps": 0}, ParameterError, "`max_steps` must be"),
        ({"max_steps": 1e3}, ParameterTypeError, "`max_steps` must be an integer"),
    ],
)
def test_exact_refuses(given, error, message):
    with pytest.raises(error, match=message):
        chain_of().exact(**given)
