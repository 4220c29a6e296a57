"""How long a new process takes to import, to print help, and to its first result."""

import os
import subprocess
import sys

import pytest

FIRST_RESULT = """
from qnet_channels import amplitude_damping, swap
from qnet_core import bell_state, fidelity, werner_state
pair = werner_state(fidelity=[0.9, 0.95]).apply(amplitude_damping(damping=[0.1, 0.2]), 0)
print(fidelity(swap(pair, pair).state, bell_state()).round(4).tolist())
"""
HELP = "from qnet_lab.cli import main; main()"
IMPORTS = {
    "bare interpreter": "pass",
    "import numpy": "import numpy",
    "import numba": "import numba",
    "ours, import qnet_core": "import qnet_core",
    "ours, import qnet_channels and qnet_protocols": "import qnet_channels, qnet_protocols",
    "ours, qnet --help": HELP,
    "import qutip": "import qutip",
    "import qiskit_aer": "import qiskit_aer",
}


def run(code, *arguments, cache=None):
    """Run a new interpreter and return what it prints."""
    environment = os.environ | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, check=True, text=True
    ).stdout


@pytest.mark.benchmark(group="P13 import")
@pytest.mark.parametrize(("engine", "code"), IMPORTS.items(), ids=IMPORTS)
def test_import(measure, engine, code):
    arguments = ("--help",) if code == HELP else ()
    assert ("Usage" in run(code, *arguments)) == bool(arguments)
    measure(engine, lambda: run(code, *arguments), once=True)


@pytest.mark.benchmark(group="P13 first result")
def test_first_result_cold(benchmark, tmp_path_factory):
    def fresh():
        return (FIRST_RESULT,), {"cache": tmp_path_factory.mktemp("numba")}

    benchmark.extra_info.update(engine="ours, cold cache", units=1)
    assert benchmark.pedantic(run, setup=fresh, rounds=2)


@pytest.mark.benchmark(group="P13 first result")
def test_first_result_warm(measure, tmp_path):
    cold = run(FIRST_RESULT, cache=tmp_path)
    assert run(FIRST_RESULT, cache=tmp_path) == cold
    measure("ours, warm cache", lambda: run(FIRST_RESULT, cache=tmp_path), once=True)
