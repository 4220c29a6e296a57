"""Derivatives against those of closed forms, and where they must vanish."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_channels import BellStation, Memory
from qnet_core import Heralded, werner_state
from qnet_core.errors import DimensionError, ParameterError
from qnet_protocols import equal_link_chain, sensitivities


@given(st.floats(0.1, 10), st.floats(0.2, 3), st.floats(-3, 3))
def test_powers_have_their_exponent_as_elasticity(x, y, power):
    found = sensitivities(lambda x, y: x**power / y, {"x": x, "y": y})
    np.testing.assert_allclose(found.value, x**power / y, rtol=1e-14)
    np.testing.assert_allclose(found.elasticities["x"], power, atol=1e-8)
    np.testing.assert_allclose(found.elasticities["y"], -1, atol=1e-8)


@pytest.mark.parametrize("x", [0.5, 3.0, -2.0, 0.0])
@pytest.mark.parametrize("limits", [None, (-2.0, 3.0)])
def test_derivatives_and_their_errors(x, limits):
    """Inside and at either limit; at 0 steps are absolute."""
    found = sensitivities(lambda x: np.exp(np.sin(3 * x)), {"x": x}, limits=None if limits is None else {"x": limits})
    true = 3 * np.cos(3 * x) * np.exp(np.sin(3 * x))
    gap = abs(found.derivatives["x"] - true)
    assert gap < 1e-7
    assert gap <= found.errors["x"]
    assert found.errors["x"] < 1e-3


def test_points_stay_within_limits():
    seen = []

    def function(probability, other):
        seen.append(probability)
        return probability**2 + 0 * other

    found = sensitivities(function, {"probability": 1.0, "other": 1.0}, limits={"probability": (0.0, 1.0)})
    np.testing.assert_allclose(found.derivatives["probability"], 2, rtol=1e-9)
    np.testing.assert_allclose(found.derivatives["other"], 0, atol=1e-9)
    assert len(seen) == 1
    assert seen[0].max() <= 1


def chain(success, fidelity, t2_s, cycle_s, mixing):
    """One link before one swap: rate and fidelity in closed form."""
    link = Heralded(werner_state(fidelity=fidelity), success)
    memory, station = Memory(t1_s=np.inf, t2_s=t2_s), BellStation(gate_mixing=mixing)
    return equal_link_chain(link, num_links=2, cycle_s=cycle_s, memory=memory, station=station)


def test_a_chain_of_two_links():
    """Rate p (2 - p) / (cycle (3 - 2 p)); the weight W = ((4F - 1)/3)**2 (1 - m) of the pair; XX with a mean decay."""
    values = {"success": 0.02, "fidelity": 0.97, "t2_s": 0.8, "cycle_s": 1e-3, "mixing": 0.03}

    def function(**given):
        result = chain(**given)
        return np.stack([result.rate_hz, result.fidelity])

    found = sensitivities(function, values, limits={"fidelity": (0, 1), "success": (0, 1), "mixing": (0, 1)})
    p, f, t2, cycle, mixing = values.values()
    rate = p * (2 - p) / (cycle * (3 - 2 * p))
    np.testing.assert_allclose(found.value[0], rate, rtol=1e-11)
    by_p = rate * (1 / p - 1 / (2 - p) + 2 / (3 - 2 * p))
    np.testing.assert_allclose(found.derivatives["success"][0], by_p, rtol=1e-9)
    np.testing.assert_allclose(found.elasticities["cycle_s"][0], -1, rtol=1e-9)
    for name in ("t2_s", "fidelity", "mixing"):
        np.testing.assert_allclose(found.derivatives[name][0], 0, atol=1e-5)
    weight, z, q = ((4 * f - 1) / 3) ** 2 * (1 - mixing), np.exp(-2 * cycle / t2), 1 - p
    decay = p**2 / (1 - q**2) * (1 + 2 * q * z / (1 - q * z))  # mean of z**|T1 - T2|
    np.testing.assert_allclose(found.value[1], (1 + weight + 2 * weight * decay) / 4, rtol=1e-11)
    slope = p**2 / (1 - q**2) * 2 * q / (1 - q * z) ** 2 * z * 2 * cycle / t2**2
    np.testing.assert_allclose(found.derivatives["t2_s"][1], weight * slope / 2, rtol=1e-8)
    np.testing.assert_allclose(found.derivatives["mixing"][1], -weight / (1 - mixing) * (1 + 2 * decay) / 4, rtol=1e-8)
    by_f = 2 * weight * 4 / (4 * f - 1) * (1 + 2 * decay) / 4
    np.testing.assert_allclose(found.derivatives["fidelity"][1], by_f, rtol=1e-8)
    for k in range(2):
        assert (found.errors["success"][k] >= abs(found.derivatives["success"][k] - [by_p, np.nan][k])) or k == 1


def test_elasticities_of_nothing_are_undefined():
    found = sensitivities(lambda x: np.stack([0 * x, x]), {"x": 2.0})
    assert np.isnan(found.elasticities["x"][0])
    assert found.derivatives["x"].tolist() == pytest.approx([0, 1], abs=1e-10)


@pytest.mark.parametrize(
    ("given", "error", "part"),
    [
        ({"values": {}}, DimensionError, "`values`"),
        ({"values": {"x": np.nan}}, ParameterError, "values['x']"),
        ({"values": {"x": 1.0}, "relative_step": 0.5}, ParameterError, "`relative_step`"),
        ({"values": {"x": 2.0}, "limits": {"x": (0.0, 1.0)}}, ParameterError, "values['x']"),
        ({"values": {"x": 1.0}, "limits": {"x": (1.0, 1.0)}}, ParameterError, "limits['x']"),
    ],
)
def test_wrong_questions_are_refused(given, error, part):
    with pytest.raises(error) as refusal:
        sensitivities(lambda x: x, **given)
    assert part in str(refusal.value)


def test_results_must_have_the_points_last():
    with pytest.raises(DimensionError, match="last axis"):
        sensitivities(lambda x: x.sum(), {"x": 1.0})
