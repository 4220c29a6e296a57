"""The figure of waiting times: what is drawn is what was computed."""

import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.figure import Figure

from qnet_channels import Memory, double_click_link
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_lab import plot_chain_result
from qnet_protocols import RepeaterChain, cut_off_chain

LINK, MEMORY = double_click_link(transmissivity=0.6, visibility=0.97), Memory(t1_s=np.inf, t2_s=0.3)
CHAIN = RepeaterChain(LINK, MEMORY, num_links=2, cycle_s=1e-3, cutoff_s=0.02)


def drawn(result):
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    assert plot_chain_result(result, ax=axes) is axes
    return figure, axes


def test_the_fidelity_is_that_of_each_time():
    result = CHAIN.exact()
    figure, axes = drawn(result)
    (right,) = [other for other in figure.axes if other is not axes]
    times, fidelity = right.get_lines()[0].get_data()
    assert times[-1] == pytest.approx(float(result.distribution.quantile_s(0.999)), rel=1e-12)
    for step in (1, 7, len(times)):
        expected = (1 + np.sum(result.distribution.state_at(step).bloch.diagonal()[1:] * [1, -1, 1])) / 4
        at = int(np.argmin(np.abs(times - step * 1e-3)))
        np.testing.assert_allclose(fidelity[at], expected, rtol=1e-10)
    assert right.get_ylabel() == "fidelity with phi+"
    assert axes.get_xlabel() == "waiting time [s]"
    assert outside(figure, shown_texts(figure)) == []
    assert overlapping(shown_texts(figure)) == []


def test_sampled_times_make_a_histogram():
    result = CHAIN.sample(400, rng=np.random.default_rng(3), keep_times=True)
    figure, axes = drawn(result)
    heights = [patch.get_height() for patch in axes.patches]
    assert 0.99 < sum(heights) <= 1
    assert len(figure.axes) == 1


def test_what_has_no_times_is_refused():
    closed = cut_off_chain(LINK, num_links=2, cycle_s=1e-3, memory=MEMORY, cutoff_s=1.0)
    with pytest.raises(ParameterError, match="keep_times"):
        plot_chain_result(closed)
    batch = cut_off_chain(LINK, num_links=[1, 2], cycle_s=1e-3, memory=MEMORY, cutoff_s=1.0)
    with pytest.raises(ParameterError, match="batch"):
        plot_chain_result(batch)
    with pytest.raises(ParameterTypeError, match="ChainResult"):
        plot_chain_result(CHAIN)
