"""The vectorized exponentials against the C library, number by number."""

import math

import numpy as np
import pytest

from qnet_core._kernels import exponential


def decays(x):
    x = np.asarray(x, float)
    lost, kept = np.empty((2, x.size))
    exponential.decay_run(lost, kept, x, np.empty(x.size, np.int64))
    return lost, kept


def test_both_are_right_to_the_last_digits(rng):
    x = -np.concatenate([rng.uniform(0, 3, 150), 10 ** rng.uniform(-300, 2.8, 250), np.log(2) * np.arange(1, 50) / 2])
    lost, kept = decays(x)
    np.testing.assert_allclose(lost, [-math.expm1(value) for value in x], rtol=4e-16)
    np.testing.assert_allclose(kept, [math.exp(value) for value in x], rtol=4e-16)


@pytest.mark.parametrize("value", [0.0, -0.0])
def test_nothing_decays_in_no_time(value):
    lost, kept = decays([value])
    assert lost.tolist() == [0.0] and kept.tolist() == [1.0]


@pytest.mark.parametrize("value", [-708.5, -745.0, -1e300, -math.inf])
def test_what_would_be_subnormal_is_gone(value):
    lost, kept = decays([value])
    assert lost.tolist() == [1.0] and kept.tolist() == [0.0]
