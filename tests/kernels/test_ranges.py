"""Long arrays are checked by a kernel, short ones by NumPy: both refuse the same numbers."""

import math

import numpy as np
import pytest

from qnet_channels import thermal_relaxation
from qnet_core import _checks
from qnet_core.errors import ParameterError

SIZES = [4, 600]  # below and above where the kernel takes over
LIMITS = [
    {"low": 0.0, "high": 1.0}, {"low": 0.0, "high": 1.0, "open_low": True}, {"low": 0.0}, {"high": 2.0}, {},
    {"low": 0.0, "open_low": True, "infinite": True}, {"infinite": True},
]  # fmt: skip
VALUES = [0.0, -0.0, 5e-324, -5e-324, 1.0, math.nextafter(1.0, 2.0), -1.0, 2.5, math.inf, -math.inf, math.nan]


def allowed(value, low=-math.inf, high=math.inf, open_low=False, infinite=False):
    return low <= value <= high and not (open_low and value == low) and (infinite or math.isfinite(value))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_what_is_in_range(size, limits, value):
    values = np.ones(size)
    values[size // 2] = value
    if allowed(value, **limits):
        np.testing.assert_array_equal(_checks.real(values, "x", **limits), values)
    else:
        with pytest.raises(ParameterError, match=rf"`x` must be .* \(at index \({size // 2},\)\)"):
            _checks.real(values, "x", **limits)


def test_a_strided_array_is_checked_too():
    values = np.ones((2, 1000))[:, ::2]
    values[1, 499] = math.nan
    with pytest.raises(ParameterError, match=r"`t1_s` must be greater than 0, but is nan \(at index \(1, 499\)\)"):
        thermal_relaxation(duration_s=1.0, t1_s=values, t2_s=1.0)
