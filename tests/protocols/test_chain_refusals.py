"""A chain refuses what is no chain, in the caller's words."""

import numpy as np
import pytest

from qnet_channels import Memory
from qnet_core import Heralded, bell_state, ghz_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import equal_link_chain

LINK = Heralded(bell_state("phi+"), np.asarray(0.1))
GOOD = {"num_links": 2, "cycle_s": 1e-3, "memory": Memory(t1_s=1.0, t2_s=1.0)}


@pytest.mark.parametrize("num_links", [0, -3, np.array([2, 0]), 2.5, np.nan, np.inf])
def test_no_chain_without_whole_links(num_links):
    with pytest.raises((ParameterError, ParameterTypeError), match="`num_links` must"):
        equal_link_chain(LINK, **{**GOOD, "num_links": num_links})


@pytest.mark.parametrize("cycle_s", [0.0, -1.0, np.nan, np.inf, np.array([1.0, -1.0])])
def test_cycles_take_time(cycle_s):
    with pytest.raises(ParameterError, match="`cycle_s` must be"):
        equal_link_chain(LINK, **{**GOOD, "cycle_s": cycle_s})


@pytest.mark.parametrize("cycle_s", ["1", None, 1j])
def test_cycles_are_numbers(cycle_s):
    with pytest.raises(ParameterTypeError, match="`cycle_s`"):
        equal_link_chain(LINK, **{**GOOD, "cycle_s": cycle_s})


@pytest.mark.parametrize("probability", [-0.1, 1.5, np.nan])
def test_links_succeed_with_a_probability(probability):
    with pytest.raises(ParameterError, match="probability` must be"):
        equal_link_chain(Heralded(bell_state("phi+"), np.asarray(probability)), **GOOD)


def test_links_are_pairs_of_qubits():
    with pytest.raises(DimensionError):
        equal_link_chain(Heralded(ghz_state(3), np.asarray(0.1)), **GOOD)


def test_batches_must_fit():
    with pytest.raises(DimensionError):
        equal_link_chain(LINK, **{**GOOD, "num_links": np.array([1, 2]), "cycle_s": np.ones(3)})
