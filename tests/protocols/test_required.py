"""Which value gives a wanted result: inverses of closed forms, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from qnet_channels import Memory, double_click_link
from qnet_core.errors import DimensionError, ParameterError
from qnet_protocols import equal_link_chain, required


@given(st.floats(0.51, 0.999), st.floats(1e-4, 10.0))
def test_the_inverse_of_an_exponential(fidelity, wait_s):
    found = required(lambda t2_s: (1 + np.exp(-wait_s / t2_s)) / 2, fidelity, low=1e-7, high=1e7)
    assert found.reachable
    np.testing.assert_allclose(found.value, -wait_s / np.log(2 * fidelity - 1), rtol=1e-6)


@pytest.mark.parametrize("power", [1 / 7, 1.0, 9.0, -3.0])
def test_steep_flat_and_falling_results(power):
    target = np.array([0.3, 1.0, 40.0])
    found = required(lambda x: x**power, target, low=1e-20, high=1e20, tolerance=1e-11)
    np.testing.assert_allclose(found.value, target ** (1 / power), rtol=1e-8)
    assert found.reachable.all()
    np.testing.assert_allclose([found.at_low, found.at_high], [[1e-20**power] * 3, [1e20**power] * 3], rtol=1e-12)


def test_which_t2_is_needed():
    """Against Brent's method, one by one; what even perfect memories can't give has no answer."""
    link = double_click_link(transmissivity=0.2, visibility=0.98)

    def fidelity(t2_s):
        return equal_link_chain(link, num_links=[2, 4], cycle_s=1e-3, memory=Memory(np.inf, t2_s)).fidelity

    target = np.array([0.7, 0.9, 0.97])[:, None]
    found = required(fidelity, target, low=1e-3, high=1e5)
    assert found.reachable.tolist() == [[True, True], [True, True], [True, False]]
    for at in np.ndindex(3, 2):
        if found.reachable[at]:
            root = brentq(lambda u, at=at: fidelity(np.exp(u))[at[1]] - target[at[0], 0], np.log(1e-3), np.log(1e5))
            np.testing.assert_allclose(found.value[at], np.exp(root), rtol=1e-7)
        else:
            assert np.isnan(found.value[at])
            assert found.at_high[at] < target[at[0], 0]


def test_ranges_with_zero_and_targets_at_their_ends():
    found = required(lambda x: 3 * x, [-3.0, 0.0, 5.0, 6.0, 6.1, -3.1], low=-1.0, high=2.0)
    np.testing.assert_allclose(found.value[:4], [-1, 0, 5 / 3, 2], atol=1e-8)
    assert found.reachable.tolist() == [True, True, True, True, False, False]
    assert np.isnan(found.value[4:]).all()


def test_few_calls_are_made():
    calls = []

    def function(x):
        calls.append(x)
        return np.tanh(x)

    required(function, np.linspace(-0.9, 0.9, 50), low=-3.0, high=3.0, tolerance=1e-12)
    assert len(calls) < 45


@pytest.mark.parametrize(
    ("given", "error", "part"),
    [
        ({"low": 1.0, "high": 1.0}, ParameterError, "`high`"),
        ({"low": np.nan, "high": 1.0}, ParameterError, "`low`"),
        ({"low": 0.0, "high": 1.0, "tolerance": 0.0}, ParameterError, "`tolerance`"),
        ({"low": -1.0, "high": 2.0}, ParameterError, "both"),
    ],
)
def test_wrong_questions_are_refused(given, error, part):
    with pytest.raises(error) as refusal:
        required(np.square, 0.5, **given)
    assert part in str(refusal.value)


def test_results_must_be_numbers_of_the_same_shape():
    with pytest.raises(ParameterError, match="NaN"):
        required(lambda x: np.where(x > 1, np.nan, x), 0.5, low=0.1, high=2.0)
    with pytest.raises(DimensionError, match="shape"):
        required(lambda x: x[..., None] * np.ones(3), 0.5, low=0.1, high=2.0)
