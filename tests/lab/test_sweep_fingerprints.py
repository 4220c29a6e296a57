"""Two functions have the same fingerprint if they do the same with the same values, wherever they stand."""

import functools
from pathlib import Path

import numpy as np
from lab.sweep_functions import known, stored_link

from qnet_lab import sweep
from qnet_lab.fingerprints import fingerprint

TESTS = Path(__file__).parents[1]


def compiled(code, **names):
    """The function f of a text, as if it were written in a module of its own."""
    space = {"__name__": "somewhere", **names}
    exec(code, space)
    return space["f"]


SAME = "def f(a):\n    return 2 * a + g(a) + K\ndef g(a):\n    return a in {'x', 'y'}"


def test_a_fingerprint_is_that_of_code_and_values():
    original = fingerprint(compiled(SAME, K=1.0))
    assert fingerprint(compiled("# moved\n\n" + SAME, K=1.0)) == original
    assert fingerprint(compiled(SAME, K=1.0, unused=3)) == original
    different = [
        compiled(SAME, K=2.0),
        compiled(SAME.replace("2 * a", "3 * a"), K=1.0),
        compiled(SAME.replace("2 * a", "2 - a"), K=1.0),
        compiled(SAME.replace("'y'", "'z'"), K=1.0),
        compiled(SAME.replace("f(a)", "f(a, b=1)"), K=1.0),
        compiled(SAME.replace("f(a)", "f(a, *, b=1)"), K=1.0),
        compiled(SAME.replace("return 2 * a", "return (lambda: 2 * a)()"), K=1.0),
        compiled(SAME, K=np.arange(3)),
        compiled(SAME, K=np.arange(3) + 1),
        functools.partial(compiled(SAME, K=1.0), 1),
        functools.partial(compiled(SAME, K=1.0), 2),
    ]
    found = [original, *map(fingerprint, different)]
    assert len(set(found)) == len(found)


def closure(value):
    return lambda a: a + value


class Model:
    """Something with a state and a method."""

    def __init__(self, value):
        self.value = value

    def at(self, a):
        return a + self.value


def test_captured_and_bound_values_count():
    assert fingerprint(closure(1)) != fingerprint(closure(2))
    assert fingerprint(closure(1)) == fingerprint(closure(1))
    assert fingerprint(Model(1).at) != fingerprint(Model(2).at)
    assert fingerprint(Model(1).at) == fingerprint(Model(1).at)


def recursive(a):
    return 1 if a < 1 else a * recursive(a - 1)


def test_functions_that_call_themselves_have_a_fingerprint():
    assert sweep(recursive, {"a": [3, 5]})["value"].values.tolist() == [6, 120]
    assert fingerprint(recursive) == fingerprint(recursive)


def test_a_fingerprint_is_the_same_in_every_process(run_python):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from lab.sweep_functions import known, stored_link; from qnet_lab.fingerprints import fingerprint\n"
        "print(fingerprint(known), fingerprint(stored_link))"
    )
    assert run_python(code, TESTS).stdout.split() == [fingerprint(known), fingerprint(stored_link)]
