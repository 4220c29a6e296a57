"""The verifier finds what is wrong with a map, and nothing wrong with one that is right."""

import numpy as np
import oracles
import pytest

from qnet_core import Channel, random_channel, verify_channel

X, Z = oracles.PAULI["X"], oracles.PAULI["Z"]
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def failed(report):
    """Return the names of the checks that failed, in one string."""
    return "; ".join(check.name for check in report.checks if not check.passed)


def flip(probability):
    """Return the Kraus operators of a phase flip."""
    return np.array([np.sqrt(1 - probability) * np.eye(2), np.sqrt(probability) * Z])


RIGHT = {
    "identity": Channel.identity((2, 2)),
    "unitary": Channel.from_unitary(oracles.CNOT),
    "qutrit": random_channel(3, rng=np.random.default_rng(1)),
    "into a qutrit": random_channel(2, 3, rng=np.random.default_rng(2)),
    "out of a pair": random_channel((2, 2), 2, rng=np.random.default_rng(3)),
    "measured away": Channel.from_kraus([[[1, 0]], [[0, 1]]], 2, ()),
    "batch": Channel.from_kraus(np.array([flip(p) for p in (0.0, 0.3, 1.0)])),
    "kraus": flip(0.2),
    "kraus list": flip(0.2).tolist(),
    "kraus batch": np.array([[flip(0.2)], [flip(0.4)]]),
    "kraus not square": oracles.random_kraus(np.random.default_rng(4), 2, 3),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_maps_pass(name):
    report = verify_channel(RIGHT[name], rng=np.random.default_rng(5))
    assert report.passed, str(report)
    assert len(report.checks) >= 3
    for check in report.checks:
        assert check.passed
        assert 0 <= check.worst <= check.tolerance


WRONG = {
    "trace grows": [1.1 * np.eye(2)],
    "trace shrinks": [0.9 * np.eye(2)],
    "sum above": [np.eye(2), 0.1 * LOWER],
    "one bad point": np.array([flip(0.2), 1.01 * flip(0.2)]),
    "one bad point in the middle": np.array([flip(0.2), 0.99 * flip(0.2), flip(0.1)]),
    "lossy channel": Channel.from_kraus([0.9 * np.eye(2)]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_maps_fail_in_what_is_wrong(name):
    report = verify_channel(WRONG[name], rng=np.random.default_rng(5))
    assert not report.passed
    assert "trace" in failed(report)


def test_a_heralded_map_may_lose_trace_but_not_gain_any():
    report = verify_channel([0.9 * np.eye(2)], trace_preserving=False)
    assert report.passed, str(report)
    report = verify_channel([1.1 * np.eye(2)], trace_preserving=False)
    assert "trace" in failed(report)


RIGHT_FAMILIES = {
    "dephasing": lambda t: Channel.from_kraus(flip((1 - np.exp(-t)) / 2)),
    "dephasing kraus": lambda t: flip((1 - np.exp(-t)) / 2),
    "relaxation": lambda t: Channel.from_lindblad(0 * X, [0.7 * LOWER, 0.2 * Z], duration_s=t),
    "driven": lambda t: Channel.from_lindblad(2 * X, [0.1 * LOWER], duration_s=t),
    "rotation": lambda t: Channel.from_unitary(np.cos(2 * t) * np.eye(2) - 1j * np.sin(2 * t) * X),
    "batch": lambda t: Channel.from_lindblad(0 * X, [np.sqrt([[[0.1]], [[3.0]]]) * Z], duration_s=t),
}


@pytest.mark.parametrize("name", RIGHT_FAMILIES)
def test_right_families_pass(name):
    report = verify_channel(RIGHT_FAMILIES[name], durations_s=[0.1, 0.5, 2.0, 3.0], rng=np.random.default_rng(5))
    assert report.passed, str(report)
    assert any("semigroup" in check.name for check in report.checks)


# name: the family, a word of the check that must fail
WRONG_FAMILIES = {
    # the mistake of three published simulators: coherence overshoots to negative values
    "decay as a flip probability": (lambda t: flip(1 - np.exp(-t)), "semigroup"),
    "gaussian decay": (lambda t: flip((1 - np.exp(-(t**2))) / 2), "semigroup"),
    "noise at once": (lambda t: flip(0.1 + 0.4 * (1 - np.exp(-t))), "0"),
    "constant": (lambda t: flip(0.2), "0"),
    "trace lost with time": (lambda t: np.exp(-t) * np.eye(2)[None], "trace"),
}


@pytest.mark.parametrize("name", WRONG_FAMILIES)
def test_wrong_families_fail_in_what_is_wrong(name):
    family, word = WRONG_FAMILIES[name]
    report = verify_channel(family, durations_s=[0.1, 0.5, 1.0], rng=np.random.default_rng(5))
    assert not report.passed
    assert word in failed(report)


def test_the_report_reads_as_a_table():
    report = verify_channel(np.array([flip(0.2), 1.2 * flip(0.2)]))
    lines = str(report).splitlines()
    assert len(lines) >= 1 + len(report.checks)
    for check in report.checks:
        (line,) = [line for line in lines if line.startswith(check.name)]
        assert f"{check.worst:.1e}"[:3] in line
    gap = next(check for check in report.checks if "trace" in check.name and not check.passed)
    np.testing.assert_allclose(gap.worst, 0.44, rtol=1e-12)


def test_the_same_seed_gives_the_same_report(rng):
    kraus = oracles.random_kraus(rng, 3)
    reports = [verify_channel(kraus, rng=np.random.default_rng(9)) for _ in range(2)]
    assert reports[0] == reports[1]


@pytest.mark.parametrize("given", ["dephasing", 3, None, np.eye(2), np.full((1, 2, 2), np.nan)])
def test_what_is_no_map_is_refused(given):
    with pytest.raises((TypeError, ValueError), match="`channel_or_factory` must"):
        verify_channel(given)
