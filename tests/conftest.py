"""Settings that every test shares: Hypothesis profiles and a seeded generator."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# The first example may compile a kernel, so no example has a deadline.
settings.register_profile(
    "dev",
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator that starts at the same seed in every test."""
    return np.random.default_rng(20250101)
