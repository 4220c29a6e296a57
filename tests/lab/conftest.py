"""What the tests of the laboratory share: the curves of the shipped scenarios, computed once."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab.hardware_tables import SHIPPED

import qnet_lab
from qnet_lab import fidelity_distance_curve, load_scenario


@pytest.fixture(scope="session")
def shipped_curve():
    """Return a function from the name of a shipped scenario to its dataset."""
    return functools.cache(lambda name: fidelity_distance_curve(load_scenario(name)))


@pytest.fixture(params=SHIPPED)
def shipped(request, shipped_curve):
    """Every shipped scenario in turn: its name and dataset."""
    return request.param, shipped_curve(request.param)


@pytest.fixture(scope="session")
def run_python():
    """Return a function that runs code in a fresh interpreter that finds this very package."""
    here = {"PYTHONPATH": str(Path(qnet_lab.__file__).parents[1]), "PYTHONHASHSEED": "1"}

    def run(code, *arguments, cwd=None):
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=os.environ | here,
        )

    return run
