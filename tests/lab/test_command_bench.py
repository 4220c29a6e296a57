"""``qnet bench``: what is timed does what it says, and the times are medians per unit."""

import numpy as np
import pytest
from lab.command_runner import document, qnet

import qnet_lab.measurements
from qnet_lab.measurements import Workload, measure, workloads


def test_the_table_has_a_row_for_each_workload():
    result = qnet("bench", "--points", "50", "--repeats", "2")
    assert result.exit_code == 0, result.output
    about, head, *rows = result.stdout.splitlines()
    assert "median of 2" in about
    assert head.split() == ["median", "least", "most", "per", "second"]
    assert [row.startswith(workload.name) for row, workload in zip(rows, workloads(50), strict=True)] == [True] * 5


def test_json_has_the_machine_and_the_versions():
    found, code = document("bench", "--points", "50", "--repeats", "3")
    assert (code, found["repeats"]) == (0, 3)
    assert set(found["machine"]) == {"processor", "cores", "memory_gb", "system"}
    assert "numba" in found["libraries"]
    for row in found["measured"]:
        assert 0 < row["least_s"] <= row["median_s"] <= row["most_s"]


def test_times_are_the_median_of_the_repeats_per_unit(monkeypatch):
    """A clock that is set by hand: the first run, which compiles, counts for nothing."""
    clock, took = [0.0], iter([100.0, 3.0, 1.0, 8.0])

    def run():
        clock[0] += next(took)

    monkeypatch.setattr(qnet_lab.measurements.time, "perf_counter", lambda: clock[0])
    found = measure(Workload("w", "point", 10, run), 3)
    assert (found.median_s, found.least_s, found.most_s) == pytest.approx((0.3, 0.1, 0.8))


def test_the_two_ways_to_the_same_fidelity_agree():
    _, by_calls, in_one_pass, *_ = (workload.run for workload in workloads(200))
    np.testing.assert_allclose(by_calls(), in_one_pass(), atol=1e-12)


def test_the_sampled_chain_is_the_exact_one():
    *_, chain, sampled = workloads(4000)
    result = sampled.run()
    assert chain.units == 1
    exact = sampled.run.args[0].exact()
    assert abs(result.fidelity - exact.fidelity) < 5 * result.fidelity_error


@pytest.mark.parametrize("option", ["--points", "--repeats"])
def test_nothing_cannot_be_timed(option):
    result = qnet("bench", option, "0")
    assert result.exit_code == 2
    assert option in result.stderr
