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


def found(report, name):
    """Return the check of this name."""
    (check,) = [check for check in report.checks if check.name == name]
    return check


def damping(lost):
    """Return the Kraus operators of amplitude damping."""
    return np.array([np.diag([1, np.sqrt(1 - lost)]), np.sqrt(lost) * LOWER])


def dephased(t):
    """Return the Kraus operators of a coherence that decays with T2 = 1 s."""
    return flip((1 - np.exp(-t)) / 2)


def test_the_worst_batch_point_and_duration_are_named():
    report = verify_channel(np.array([[flip(0.2), flip(0.1)], [1.2 * flip(0.2), 1.1 * flip(0.3)]]))
    assert found(report, "trace preserved").where == "at batch index (1, 0)"
    np.testing.assert_allclose(found(report, "trace preserved").worst, 0.44, rtol=1e-12)

    def family(t):
        return [dephased(t), np.sqrt(1 + 0.1 * (t == 0.5)) * dephased(t)]

    report = verify_channel(family, durations_s=[0.1, 0.5, 2.0])
    assert found(report, "trace preserved").where == "at t = 0.5 s, batch index (1,)"
    assert found(report, "semigroup").where in (
        "at 0.1 s then 0.5 s, batch index (1,)",
        "at 0.5 s then 2 s, batch index (1,)",
    )


def test_durations_that_print_alike_are_kept_apart():
    report = verify_channel(lambda t: dephased(t) * (1 + (t == 1.0)), durations_s=[1.0, 1.0 + 1e-9])
    assert "trace preserved" in failed(report)


def test_an_expected_map_is_compared_entry_by_entry():
    report = verify_channel(damping(0.36), expected=flip(0.0))
    check = found(report, "as expected")
    np.testing.assert_allclose(check.worst, 0.36, rtol=1e-12)
    assert check.where in ("at <0|E(|1><1|)|0>", "at <1|E(|1><1|)|1>")
    report = verify_channel([flip(0.1), flip(0.2)], expected=[flip(0.1), flip(0.25)])
    check = found(report, "as expected")
    np.testing.assert_allclose(check.worst, 0.1, rtol=1e-12)
    assert check.where in ("at <1|E(|1><0|)|0>, batch index (1,)", "at <0|E(|0><1|)|1>, batch index (1,)")
    assert verify_channel(lambda t: flip(0.2), expected=flip(0.2), semigroup=False).checks[-1].passed


def test_entries_of_a_complex_map_are_named_by_bra_and_ket():
    report = verify_channel([[[0, 1], [1, 0], [0, 0]]], expected=[[[0, 1], [1j, 0], [0, 0]]])
    assert found(report, "as expected").where in ("at <1|E(|0><1|)|0>", "at <0|E(|1><0|)|1>")


def test_a_lindblad_form():
    options = {"durations_s": [0.1, 0.5, 2.0]}
    jumps = [np.sqrt(0.5) * Z]
    assert found(verify_channel(dephased, lindblad=(None, jumps), **options), "Lindblad form").passed
    check = found(verify_channel(dephased, lindblad=(None, [0.5 * Z]), **options), "Lindblad form")
    np.testing.assert_allclose(check.worst, np.exp(-1.0) - np.exp(-2.0), rtol=1e-9)
    assert check.where.startswith("at t = 2 s, <")
    both = verify_channel(dephased, lindblad=(None, jumps), expected=lambda t: flip(0.5), **options)
    assert failed(both) == "as expected"
    qutrit = np.diag([np.sqrt(1.0), np.sqrt(2.0)], 1)
    family = lambda t: Channel.from_superop(oracles.lindblad_superoperator(np.diag([0, 1, 3]), [qutrit], t), 3, 3)  # noqa: E731
    assert verify_channel(family, lindblad=(np.diag([0, 1, 3]), [qutrit])).passed


def test_a_limit_at_long_times():
    dark = [np.diag([1, 0]), LOWER]
    decay = lambda t: damping(1 - np.exp(-t))  # noqa: E731
    assert found(verify_channel(decay, limit=dark, limit_s=50.0), "limit at long times").passed
    assert verify_channel(decay, limit=Channel.from_kraus(dark), limit_s=50.0).passed
    check = found(verify_channel(decay, limit=dark, limit_s=2.0), "limit at long times")
    np.testing.assert_allclose(check.worst, np.exp(-1.0), rtol=1e-12)
    assert check.where.startswith("at t = 2 s")


def test_the_semigroup_can_be_left_out_but_not_the_identity():
    gaussian = lambda t: flip((1 - np.exp(-(t**2))) / 2)  # noqa: E731
    assert verify_channel(gaussian, semigroup=False).passed
    assert failed(verify_channel(lambda t: flip(0.2), semigroup=False)) == "identity at t = 0"


def test_unitality_is_asked_for():
    assert verify_channel(flip(0.3), unital=True).passed
    assert verify_channel(damping(0.3)).passed
    check = found(verify_channel([damping(0.3), damping(0.1)], unital=True), "unital")
    np.testing.assert_allclose(check.worst, 0.3, rtol=1e-12)
    assert check.where == "at batch index (0,)"
    embedding = np.array([[[1, 0], [0, 1], [0, 0]]])
    np.testing.assert_allclose(found(verify_channel(embedding, unital=True), "unital").worst, 1, rtol=1e-12)
    erased = np.array([[[1, 0, 0, 0], [0, 1, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 1]]])
    assert verify_channel(erased, unital=True).passed


@pytest.mark.parametrize("name", RIGHT)
def test_qutip_agrees(name):
    report = verify_channel(RIGHT[name], with_qutip=True)
    assert report.passed, str(report)
    assert any(check.name == "agreement with QuTiP" for check in report.checks) == (name != "measured away")


def test_qutip_agrees_at_all_times():
    report = verify_channel(RIGHT_FAMILIES["batch"], with_qutip=True)
    assert report.passed, str(report)
    assert found(report, "agreement with QuTiP").worst < 1e-10


def test_qutip_would_disagree(monkeypatch):
    monkeypatch.setattr(Channel, "kraus", lambda self: np.array([flip(0.2), flip(0.3)]))
    report = verify_channel(Channel.from_kraus(np.array([flip(0.2), flip(0.2)])), with_qutip=True)
    for name in ("agreement with QuTiP", "representations agree"):
        check = found(report, name)
        assert not check.passed
        assert "batch index (1,)" in check.where


def test_representations_are_compared_at_every_duration(monkeypatch):
    honest = Channel.kraus
    monkeypatch.setattr(Channel, "kraus", lambda self: honest(self) * (1.0 if self.transfer[1, 1] > 0.2 else 0.9))
    check = found(verify_channel(RIGHT_FAMILIES["dephasing"]), "representations agree")
    assert not check.passed
    assert check.where == "at t = 3 s, Kraus operators"


UNNAMED = {
    "noise at once": lambda t: flip(0.1 + 0.4 * (1 - np.exp(-t))),
    "constant": lambda t: flip(0.2),
    "power law": lambda t: flip(t / (2 + 2 * t)),
    "two decays": lambda t: flip((1 - np.exp(-t - t**2)) / 2),
    "turning": lambda t: [np.cos(t**2) * np.eye(2) - 1j * np.sin(t**2) * X],
    "leaking": lambda t: [np.diag([1, np.exp(-t)])],
}


@pytest.mark.parametrize("name", UNNAMED)
def test_what_is_wrong_in_another_way_is_given_no_name(name):
    report = verify_channel(UNNAMED[name], durations_s=[0.1, 0.5, 1.0])
    assert not report.passed
    assert report.diagnoses == ()


@pytest.mark.parametrize("seed", range(10))
def test_rounding_of_input_is_given_no_name(seed):
    rng = np.random.default_rng(seed)
    noise = 1e-8 * rng.normal(size=(2, 2, 2))
    for kraus in (flip(0.2), damping(0.3), damping(0.3)[:, ::-1, ::-1]):
        report = verify_channel(kraus + noise, expected=kraus)
        assert not report.passed
        assert report.diagnoses == ()


def test_what_is_no_channel_by_itself_is_given_no_name():
    report = verify_channel(lambda rho: 1.5 * rho - 0.25 * np.trace(rho) * np.eye(2), dims=2)
    assert failed(report) == "complete positivity; trace distance contracts"
    assert report.diagnoses == ()
    report = verify_channel(lambda rho: 1.6 * np.trace(rho) * np.eye(2) / 2 - 0.6 * rho, dims=2)
    assert failed(report) == "complete positivity"
    assert report.diagnoses == ()


@pytest.mark.parametrize("seed", range(10))
def test_random_maps_that_are_no_channels_are_given_no_name(seed):
    rng = np.random.default_rng(seed)
    size = 2 + seed % 3
    sums = [oracles.random_complex(rng, 3, size, size) for _ in range(4)]
    report = verify_channel(
        lambda rho: oracles.act(sums[0], rho) - oracles.act(sums[1], rho),
        expected=lambda rho: oracles.act(sums[2], rho) - oracles.act(sums[3], rho),
        dims=size,
    )
    assert {"complete positivity", "trace preserved", "as expected"} <= set(failed(report).split("; "))
    assert report.diagnoses == ()


def test_maps_from_and_to_one_level():
    state = np.array([[[0.6], [0.0]], [[0.0], [0.8j]]])
    assert verify_channel(state, with_qutip=True).passed
    assert failed(verify_channel(state.swapaxes(-1, -2), with_qutip=True)) == "trace preserved"
    assert failed(verify_channel([[[0.9]]])) == "trace preserved"
