"""Scenarios of generations of repeaters: searches and single chains against calls point by point, figures, refusals."""

import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from lab.pair_files import computed, file_of

from qnet_lab import ScenarioError, load_scenario, plot_overview
from qnet_lab.evaluation import summarize
from qnet_protocols import (
    RepeaterHardware,
    best_generation,
    first_generation,
    second_generation,
    third_generation,
    tree_repeater,
)

BASE = {
    "kind": '"generations"', "title": '"case"', "distance_km": "[300.0, 1000.0]", "hardware.gate_mixing": "1e-3",
    "hardware.coupling_efficiency": "0.9",
}  # fmt: skip
ONE = {  # a repeater of each scheme by its keys, and by hand over 1000 km
    "two-way": ({"levels": 3, "link_rounds": 1}, first_generation),
    "encoded": ({"num_links": 50, "num_qubits": 7, "correctable_errors": 1}, second_generation),
    "one-way": ({"num_links": 500, "blocks": 13, "qubits": 8}, third_generation),
}


def refusal(folder, changes):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(folder, BASE, changes))
    return str(refused.value)


def test_the_best_are_those_of_single_points(tmp_path):
    dataset = computed(tmp_path, BASE, {"hardware.gate_time_s": "[1e-6, 1e-5]", "hardware.link_infidelity": "0.01"})
    assert dataset["generation"].dims == ("distance_km", "hardware.gate_time_s")
    for k, distance in enumerate((300.0, 1000.0)):
        for m, time in enumerate((1e-6, 1e-5)):
            one = best_generation(RepeaterHardware(1e-3, 0.9, time, link_infidelity=0.01), distance_km=distance)
            assert dataset["generation"][k, m] == one.generation
            np.testing.assert_allclose(dataset["cost_s_per_km"][:, k, m], one.cost_s_per_km, rtol=1e-12)
    least = dataset["cost_s_per_km"].argmin("scheme") + 1
    assert (least == dataset["generation"]).all()


@pytest.mark.parametrize("scheme", ONE)
def test_single_chains_are_those_by_hand(tmp_path, scheme):
    given, function = ONE[scheme]
    keys = {"repeater.scheme": f'"{scheme}"'} | {f"repeater.{name}": str(value) for name, value in given.items()}
    dataset = computed(tmp_path, BASE, keys)
    by_hand = function(RepeaterHardware(1e-3, 0.9), distance_km=1000.0, **given)
    for name, value in by_hand._asdict().items():
        np.testing.assert_allclose(dataset[name][1], value, rtol=1e-12)
    assert dataset["rate_bit_per_s"].dims == ("distance_km",)
    assert "rate bit per s" in summarize(dataset)


def test_trees_take_coupling_and_gates_of_the_hardware(tmp_path):
    keys = {"repeater.scheme": '"tree"', "repeater.branching": "[4, 14, 4]", "repeater.num_links": "500",
            "hardware.coupling_efficiency": "0.95", "hardware.gate_time_s": "1e-7"}  # fmt: skip
    dataset = computed(tmp_path, BASE, keys)
    tree = tree_repeater([4, 14, 4], distance_km=1000.0, num_links=500, detection_efficiency=0.95)
    np.testing.assert_allclose(dataset["rate_bit_per_s"][1], tree.rate_bit_per_s, rtol=1e-12)
    np.testing.assert_allclose(dataset["rate_bit_per_s"][1], 82754.34, rtol=1e-6)  # Borregaard et al.'s tree
    assert dataset["rate_bit_per_s"].attrs["units"] == "bit/s"


@pytest.mark.parametrize("changes", [
    {}, {"hardware.coupling_efficiency": "[0.3, 0.6, 0.9]"},
    {"repeater.scheme": '"two-way"', "repeater.levels": "2"},
])  # fmt: skip
def test_figures_are_readable(tmp_path, changes):
    figure = plot_overview(computed(tmp_path, BASE, changes))
    shown = shown_texts(figure)
    assert outside(figure, shown) == []
    assert overlapping(shown) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"distance_km": "-1.0", "hardware.gate_time_s": "[1e-6, 1e-5]"}, "key `distance_km`: must be"),
     ({"distance_km": "100.0"}, "expected one or two axes among its numbers, but it has none"),
     ({"hardware.gate_mixing": "2.0"}, "key `hardware.gate_mixing`: must be between 0 and 1, but is 2"),
     ({"repeater.scheme": '"encoded"', "repeater.num_links": "5"}, "key `repeater`: lacks the key `num_qubits`"),
     ({"repeater.scheme": '"fourth"'}, "expected one of two-way, encoded, one-way, tree"),
     ({"repeater.scheme": '"tree"', "repeater.num_links": "5", "repeater.branching": "[4, 14]"},
      "key `repeater.branching`: must")],
)  # fmt: skip
def test_wrong_numbers_are_refused_with_their_keys(tmp_path, changes, text):
    assert text in refusal(tmp_path, changes)
