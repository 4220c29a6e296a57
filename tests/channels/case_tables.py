"""Tables of physical cases with known answers: ``tests/data/*.toml``.

A case names a ``check``, its inputs (``given``) and the numbers that must come out (``expected``). The test
module that reads a table has one function per check: it takes the inputs and returns the same names.
"""

import tomllib
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parents[1] / "data"


class CaseTable:
    """The cases of one file and the checks that a test module has for them."""

    def __init__(self, file_name, *, digits):
        self.cases = tomllib.loads((DATA / file_name).read_text(encoding="utf-8"))["case"]
        self.digits = digits
        self.checks = {}

    def check(self, function):
        """Decorator: what computes the numbers of every case that names this function."""
        self.checks[function.__name__] = function
        return function

    @property
    def parametrize(self):
        """Decorator: one run per case, as the argument ``case``."""
        return pytest.mark.parametrize("case", self.cases, ids=[case["id"] for case in self.cases])

    def assert_case(self, case):
        """Compare every expected number, to as many digits as the case knows."""
        computed = self.checks[case["check"]](**case["given"])
        assert sorted(computed) == sorted(case["expected"])
        digits = case.get("digits", self.digits)
        for name, expected in case["expected"].items():
            np.testing.assert_allclose(
                computed[name], expected, rtol=10.0**-digits, atol=10.0 ** -(digits + 2), err_msg=name
            )

    def assert_all_used(self):
        """Every check has a case and every case a check."""
        assert sorted(self.checks) == sorted({case["check"] for case in self.cases})


def parts(number):
    """A complex number as the tables write it."""
    return [np.real(number), np.imag(number)]
