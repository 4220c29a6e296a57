"""One thread for every library, and the fixture that measures."""

import os

import pytest

for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # before a benchmark imports NumPy
    os.environ[f"{library}_NUM_THREADS"] = "1"


@pytest.fixture
def measure(benchmark):
    """Time a function and note for ``report.py`` whose it is and how many units of work one call does."""

    def run(engine, function, *, units=1, once=False):
        benchmark.extra_info.update(engine=engine, units=units)
        return benchmark.pedantic(function, rounds=3, warmup_rounds=1) if once else benchmark(function)

    return run
