"""What hardware a goal takes: where formulas know it, at the edge of the goal, and where nothing helps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.scenario_files import IDEAL, SMALL, write

from qnet_core.errors import ParameterError
from qnet_lab import ScenarioError, load_scenario, requirements, scenario_points
from qnet_lab.improvements import IMPROVEMENTS, NODES, common_limits, is_perfect, limits
from qnet_lab.point_values import allowed
from qnet_lab.scenario_requirements import Need

LIGHT_S = 1.468 * 100 / 299792.458  # through 100 km
# one value of every number that can be better
SOME = {
    "link.photon_detection_probability": 0.02, "link.frequency_conversion_efficiency": 0.4, "link.visibility": 0.9,
    "link.phase_std_rad": 0.25, "link.dark_count_probability": 1e-6, "link.preparation_s": 1e-5, "link.multiplexing": 6.0,
    "fiber.attenuation_db_per_km": 0.2, "fiber.insertion_loss_db": 1.5, "memory.t1_s": 10.0, "memory.t2_s": 0.3,
    "memory.swap_in_fidelity": 0.95, "memory.retrieval_efficiency": 0.3, "station.gate_fidelity": 0.97,
    "station.readout_error": 0.02, "station.success_probability": 0.5,
}  # fmt: skip


def ideal(folder, changes=None):
    return load_scenario(write(folder, {"sweep.repeaters": "[0]"} | (changes or {}), base=IDEAL))


def alone(scenario, key, repeaters=None, **goal):
    """What one number has to be at 100 km."""
    return requirements(scenario, distance_km=100.0, vary=[key], repeaters=repeaters, **goal).alone[key]


def test_visibility_for_a_fidelity(tmp_path):
    """F = (1 + V)/2 of a double click, so that 0.9 takes 0.8, from 0.5 by V**(1/k)."""
    need = alone(ideal(tmp_path, {"link.visibility": "0.5"}), "link.visibility", fidelity=0.9)
    np.testing.assert_allclose(need.values["link.visibility"], 0.8, rtol=1e-6)
    np.testing.assert_allclose(need.factor, math.log(0.5) / math.log(0.8), rtol=1e-6)
    assert need.repeaters == 0


def test_detection_for_a_rate(tmp_path):
    """Two photons and half of the Bell states: eta**2/2 of the attempts, one in each light time."""
    scenario = ideal(tmp_path, {"link.photon_detection_probability": "0.01"})
    need = alone(scenario, "link.photon_detection_probability", rate_hz=50.0)
    expected = math.sqrt(2 * 50.0 * LIGHT_S)
    np.testing.assert_allclose(need.values["link.photon_detection_probability"], expected, rtol=1e-6)


def test_coherence_for_a_fidelity(tmp_path):
    """Both halves wait for the light: F = (1 + exp(-2 t/T2))/2."""
    need = alone(ideal(tmp_path, {"memory.t2_s": "1e-4"}), "memory.t2_s", fidelity=0.95)
    np.testing.assert_allclose(need.values["memory.t2_s"], -2 * LIGHT_S / math.log(0.9), rtol=1e-6)
    np.testing.assert_allclose(need.factor, need.values["memory.t2_s"] / 1e-4, rtol=1e-9)


def test_gates_for_a_fidelity_and_a_key(tmp_path):
    """A gate of average fidelity F leaves a swapped pair of fidelity F; key stops at an error of 11.0028 %, 2/3 (1 - F)."""
    scenario = ideal(tmp_path, {"station.gate_fidelity": "0.7"})
    need = alone(scenario, "station.gate_fidelity", [1], fidelity=0.93)
    np.testing.assert_allclose(need.values["station.gate_fidelity"], 0.93, rtol=1e-6)
    need = alone(scenario, "station.gate_fidelity", [1], secret_key_rate_bit_per_s=1e-9)
    np.testing.assert_allclose(need.values["station.gate_fidelity"], 1 - 1.5 * 0.1100279, rtol=1e-6)
    assert alone(scenario, "station.gate_fidelity", [0, 1], fidelity=0.93).repeaters == 0


@pytest.mark.parametrize(("key", "good", "goal", "bad"), [
    ("link.visibility", "0.95", {"fidelity": 0.9}, 0.8),
    ("memory.t2_s", "10.0", {"fidelity": 0.95}, -2 * LIGHT_S / math.log(0.9)),
    ("link.photon_detection_probability", "0.9", {"rate_hz": 50.0}, math.sqrt(100.0 * LIGHT_S)),
    ("fiber.attenuation_db_per_km", "0.01", {"rate_hz": 50.0}, -10 * math.log10(100.0 * LIGHT_S) / 100),
])  # fmt: skip
def test_how_much_worse_it_may_be(tmp_path, key, good, goal, bad):
    found = requirements(ideal(tmp_path, {key: good}), distance_km=100.0, vary=[key], **goal)
    assert found.reached
    np.testing.assert_allclose(found.alone[key].values[key], bad, rtol=1e-6)
    assert found.alone[key].factor < 1
    assert found.together == found.alone[key]


def test_all_together_and_the_edge_of_the_goal(tmp_path):
    """At the factor the goal is reached, a hair before it is not, for each number alone and for all of them."""
    goal = {"fidelity": 0.85, "rate_hz": 2.0}
    scenario = load_scenario(write(tmp_path, {"sweep.repeaters": "[0, 1, 3]", "memory.t1_s": "60"}, base=SMALL))
    found = requirements(scenario, distance_km=40.0, **goal)
    assert not found.reached
    assert 1 < found.together.factor < min(need.factor for need in found.alone.values())
    assert set(found.numbers) == {key for key in NODES if key in found.numbers}
    for need in (found.together, *found.alone.values()):
        if not need.values:
            assert (need.factor, need.repeaters) == (math.inf, None)
            continue
        for factor, reached in ((1.0, True), (1 - 1e-5, False)):
            values = {key: better(key, found.numbers[key], need.factor * factor) for key in need.values}
            point = scenario_points(scenario, values | {"distance_km": 40.0, "repeaters": need.repeaters})
            assert all(point[name] >= least for name, least in goal.items()) == reached
        np.testing.assert_allclose(
            list(need.values.values()),
            [better(key, found.numbers[key], need.factor) for key in need.values],
            rtol=1e-12,
        )
    here = scenario_points(scenario, {"distance_km": 40.0, "repeaters": found.together.repeaters})
    assert found.now == {"repeaters": found.together.repeaters} | {
        name: float(here[name]) for name in ("fidelity", "rate_hz", "secret_key_rate_bit_per_s")
    }


def better(key, value, factor):
    """The scale, written once more: losses in decibel and rates of decay divided."""
    if key in ("memory.t1_s", "memory.t2_s"):
        return value * factor
    if key in ("link.preparation_s", "fiber.attenuation_db_per_km", "fiber.insertion_loss_db"):
        return value / factor
    if key == "link.phase_std_rad":
        return math.sqrt(value**2 / factor)
    if key in ("link.dark_count_probability", "station.readout_error"):
        return 1 - 10 ** (math.log10(1 - value) / factor)
    return 10 ** (math.log10(value) / factor)


def test_the_best_number_of_repeaters_is_that_of_the_least_factor():
    """One repeater if all is better, none if only the detection of photons is."""
    scenario, goal = load_scenario("ion_sr88_ca43"), {"distance_km": 50.0, "fidelity": 0.9, "rate_hz": 1.0}
    each = {count: requirements(scenario, repeaters=[count], **goal) for count in (0, 1, 3)}
    found = requirements(scenario, repeaters=[3, 0, 1], **goal)
    assert found.together == each[1].together
    assert found.together.factor == min(one.together.factor for one in each.values())
    assert found.alone["link.photon_detection_probability"].repeaters == 0
    for key, need in found.alone.items():
        assert need.factor == min(one.alone[key].factor for one in each.values())


def test_coherence_has_no_more_room_than_relaxation_leaves(tmp_path):
    scenario = ideal(tmp_path, {"memory.t1_s": "1e-3", "memory.t2_s": "1e-4"})
    assert alone(scenario, "memory.t2_s", fidelity=0.95) == Need(math.inf, {}, None)
    both = requirements(scenario, distance_km=100.0, fidelity=0.95, vary=["memory.t1_s", "memory.t2_s"])
    values = both.together.values
    np.testing.assert_allclose(values["memory.t1_s"] / values["memory.t2_s"], 10, rtol=1e-12)
    kept = math.exp(-LIGHT_S / values["memory.t1_s"])  # of |11>, on each side
    zz = (1 + (2 * kept - 1) ** 2) / 2
    np.testing.assert_allclose((1 + 2 * math.exp(-2 * LIGHT_S / values["memory.t2_s"]) + zz) / 4, 0.95, rtol=1e-7)


def test_modes_are_whole(tmp_path):
    scenario = ideal(tmp_path, {"link.photon_detection_probability": "0.05"})
    need = alone(scenario, "link.multiplexing", rate_hz=100.0)
    modes = need.values["link.multiplexing"]
    success = 100.0 * LIGHT_S
    assert modes == math.ceil(math.log(1 - success) / math.log(1 - 0.05**2 / 2))


def test_what_has_no_effect(tmp_path):
    """Without repeaters there are no gates; where the goal is reached any will do."""
    scenario = ideal(tmp_path, {"station.gate_fidelity": "0.9", "link.visibility": "0.9"})
    assert alone(scenario, "station.gate_fidelity", fidelity=0.96) == Need(math.inf, {}, None)
    assert alone(scenario, "station.gate_fidelity", fidelity=0.9) == Need(0.0, {}, 0)


def test_perfect_numbers_are_left_out_unless_asked_for(tmp_path):
    scenario = ideal(tmp_path, {"link.visibility": "0.9"})
    assert list(requirements(scenario, distance_km=100.0, fidelity=0.99).numbers) == ["link.visibility"]
    found = requirements(scenario, distance_km=100.0, fidelity=0.99, vary=["memory.t1_s", "station.readout_error"])
    assert {need.factor for need in found.alone.values()} == {math.inf}
    assert found.together == Need(math.inf, {}, None)


def test_a_best_cut_off_is_found_anew(tmp_path):
    """The goal is reached with the cut-off that is best for the better hardware."""
    scenario = load_scenario("ion_sr88_ca43")
    need = requirements(
        scenario, distance_km=50.0, fidelity=0.85, vary=["memory.swap_in_fidelity"], repeaters=[1]
    ).together
    points = [
        scenario_points(scenario, {"distance_km": 50.0, "repeaters": 1, "memory.swap_in_fidelity": better(
            "memory.swap_in_fidelity", 0.977, need.factor * change)})["fidelity"] for change in (1.0, 0.999)
    ]  # fmt: skip
    assert points[0] >= 0.85 > points[1]


@pytest.mark.parametrize(
    ("changes", "kind", "parts"),
    [
        ({"fidelity": None}, ParameterError, ["fidelity, rate_hz, secret_key_rate_bit_per_s", "must be given"]),
        ({"fidelity": 1.5}, ParameterError, ["`fidelity`", "is 1.5"]),
        ({"fidelity": 0.0}, ParameterError, ["`fidelity`", "is 0"]),
        ({"rate_hz": math.nan}, ParameterError, ["`rate_hz`", "nan"]),
        ({"distance_km": -1.0}, ScenarioError, ["`distance_km`", ">= 1e-06", "is -1"]),
        ({"repeaters": [-1]}, ScenarioError, ["`repeaters`", ">= 0", "is -1"]),
        ({"vary": ["memory.t2"]}, ScenarioError, ["`memory.t2`", "better or worse", "memory.t2_s"]),
        ({"vary": ["link.bright_population"]}, ScenarioError, ["`link.bright_population`", "better or worse"]),
        ({"vary": []}, ScenarioError, ["`vary`", "name a number"]),
        ({"repeaters": []}, ScenarioError, ["`repeaters`", "is []"]),
    ],
)
def test_wrong_goals_are_refused(tmp_path, changes, kind, parts):
    given = {"distance_km": 10.0, "fidelity": 0.9} | changes
    with pytest.raises(kind) as refusal:
        requirements(load_scenario(write(tmp_path)), **given)
    assert not [part for part in parts if part not in str(refusal.value)], refusal.value


def test_other_kinds_are_refused():
    with pytest.raises(ScenarioError, match=r"of a chain .* but is one of kind satellite-pairs"):
        requirements(load_scenario("micius_1200km"), distance_km=10.0, fidelity=0.9)


def test_every_improvement_is_tried_here():
    assert set(SOME) == set(IMPROVEMENTS)


@pytest.mark.parametrize("key", SOME)
@given(first=st.floats(0.1, 50), second=st.floats(0.1, 50))
def test_factors_multiply(key, first, second):
    if key == "link.multiplexing":  # whole numbers round up at each step
        first, second = float(round(first)) or 1.0, float(round(second)) or 1.0
    value = np.array(SOME[key])
    improve = IMPROVEMENTS[key]
    np.testing.assert_allclose(improve(improve(value, first), second), improve(value, first * second), rtol=1e-9)
    np.testing.assert_allclose(improve(value, np.array(1.0)), value, rtol=1e-12)


@pytest.mark.parametrize("key", SOME)
def test_factors_stay_within_the_limits_of_files(key):
    ends = np.array([*limits(key, SOME), *common_limits(key, SOME[key])])
    found = IMPROVEMENTS[key](np.array(SOME[key]), ends)
    least, most = allowed(key)
    assert (found >= least).all()
    assert (found <= most).all()
    assert not is_perfect(key, SOME[key])
    if key != "link.multiplexing":
        np.testing.assert_allclose(found, [better(key, SOME[key], factor) for factor in ends], rtol=1e-6, atol=2e-16)


@pytest.mark.parametrize("value", [0.5, 0.5000001, 0.6, 0.7, 0.9, 0.977, 0.98, 0.999])
def test_round_off_does_not_end_below_what_files_may_have(value):
    """At the least factor a fidelity is its least, 1/2, and never 0.49999999999999994, which a file could not have."""
    improved = IMPROVEMENTS["memory.swap_in_fidelity"](
        np.array(value), common_limits("memory.swap_in_fidelity", value)[0]
    )
    assert 0.5 <= improved <= 0.5 * (1 + 1e-9)


def test_hardware_that_may_be_much_worse():
    """Moving into memory may be as bad as files allow, where there is nothing to move for."""
    found = requirements(
        load_scenario("ion_sr88_ca43"), distance_km=10, secret_key_rate_bit_per_s=0.01, repeaters=[0, 1],
        vary=["memory.swap_in_fidelity"],
    )  # fmt: skip
    assert found.reached
    assert 0 < found.alone["memory.swap_in_fidelity"].factor < 1


@pytest.mark.parametrize(
    ("key", "value"),
    [("link.visibility", 1.0), ("station.readout_error", 0.0), ("memory.t1_s", np.inf), ("link.preparation_s", 0.0)],
)
def test_nothing_is_better_than_perfect(key, value):
    assert is_perfect(key, value)
    assert IMPROVEMENTS[key](np.array(value), np.array(1e6)) == value
