"""In whatever form a map comes, the verifier reads the same map, and says what it can't read."""

import subprocess
import sys

import numpy as np
import oracles
import pytest
import qutip

from qnet_core import Channel, random_channel, verify_channel
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

X, Y, Z = (oracles.PAULI[letter] for letter in "XYZ")
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)
KRAUS = oracles.random_kraus(np.random.default_rng(3), 2, count=3)
WIDER = oracles.random_kraus(np.random.default_rng(4), 2, 3)
SUPEROP = qutip.Qobj(oracles.superoperator(KRAUS), dims=[[[2], [2]], [[2], [2]]])
OPERATORS = [qutip.Qobj(k) for k in KRAUS]


def damping(t):
    return [np.diag([1, np.exp(-t / 2)]), np.sqrt(1 - np.exp(-t)) * LOWER]


def failed(report):
    return {check.name for check in report.checks if not check.passed}


def found(report, name):
    (check,) = [check for check in report.checks if check.name == name]
    return check


FORMS = {
    "Channel": (Channel.from_kraus(KRAUS), {}),
    "array": (KRAUS, {}),
    "list of arrays": (list(KRAUS), {}),
    "tuple of lists": (tuple(k.tolist() for k in KRAUS), {}),
    "QuTiP superoperator": (SUPEROP, {}),
    "QuTiP Choi matrix": (qutip.to_choi(SUPEROP), {}),
    "QuTiP chi matrix": (qutip.to_chi(SUPEROP), {}),
    "QuTiP operators": (OPERATORS, {}),
    "QuTiP Kraus operators": (qutip.to_kraus(SUPEROP), {}),
    "function": (lambda rho: oracles.act(KRAUS, rho), {"dims": 2}),
    "function of lists": (lambda rho: oracles.act(KRAUS, rho).tolist(), {"dims": (2,)}),
    "function of time": (lambda t: KRAUS if t else [np.eye(2)], {"semigroup": False}),
    "function of time to QuTiP": (lambda t: SUPEROP if t else qutip.to_super(qutip.qeye(2)), {"semigroup": False}),
    "function of time to functions": (
        lambda t: (lambda rho: oracles.act(KRAUS, rho)) if t else (lambda rho: rho),
        {"semigroup": False, "dims": 2, "durations_s": [0.5, 1.0]},
    ),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("meant", [KRAUS, SUPEROP, Channel.from_kraus(KRAUS)], ids=["Kraus", "QuTiP", "Channel"])
def test_every_form_is_the_same_map(name, meant):
    given, options = FORMS[name]
    report = verify_channel(given, expected=meant, **options)
    assert report.passed, str(report)
    assert found(report, "as expected").worst < 1e-12


@pytest.mark.parametrize("name", FORMS)
def test_every_form_can_be_what_is_expected(name):
    meant, options = FORMS[name]
    given = (lambda t: KRAUS if t else [np.eye(2)]) if name.startswith("function of time") else KRAUS
    report = verify_channel(given, expected=meant, **options)
    assert report.passed, str(report)
    assert found(report, "as expected").worst < 1e-12


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_told_from_another_map(name):
    given, options = FORMS[name]
    report = verify_channel(given, expected=[np.eye(2)], **options)
    gap = np.abs(oracles.superoperator(KRAUS) - np.eye(4))
    assert failed(report) == {"as expected"}
    assert report.diagnoses == ()
    np.testing.assert_allclose(found(report, "as expected").worst, gap.max(), rtol=1e-10)


def test_operators_of_other_libraries_are_lists_of_arrays():
    info = pytest.importorskip("qiskit.quantum_info")
    kraus = info.Kraus(info.SuperOp(oracles.superoperator(KRAUS))).data
    report = verify_channel(kraus, expected=KRAUS, with_qutip=True)
    assert report.passed, str(report)


def test_noise_of_another_library():
    noise = pytest.importorskip("qiskit_aer.noise")
    kraus = pytest.importorskip("qiskit.quantum_info").Kraus(noise.thermal_relaxation_error(1.0, 1.5, 0.4)).data
    dephased = [np.sqrt(np.exp(-0.4 * (1 / 1.5 - 0.5)) / 2 + 0.5) * np.eye(2)]
    dephased += [np.sqrt(0.5 - np.exp(-0.4 * (1 / 1.5 - 0.5)) / 2) * Z]
    report = verify_channel(kraus, expected=[b @ a for b in dephased for a in damping(0.4)])
    assert report.passed, str(report)


def test_a_single_operator_of_qutip_is_a_unitary_map():
    assert verify_channel(qutip.sigmay(), expected=[Y]).passed
    assert "trace preserved" in failed(verify_channel(0.5 * qutip.sigmay()))


def test_maps_to_other_dimensions():
    function = lambda rho: oracles.act(WIDER, rho)  # noqa: E731
    for given, options in ((WIDER, {}), ([qutip.Qobj(k) for k in WIDER], {}), (function, {"dims": 2})):
        report = verify_channel(given, expected=WIDER, with_qutip=True, **options)
        assert report.passed, str(report)


def test_functions_need_not_preserve_hermiticity():
    report = verify_channel(lambda rho: 1j * rho + rho @ X, dims=2)
    assert {"Hermiticity preserved", "trace preserved"} <= failed(report)
    assert found(report, "linear").passed


def test_functions_get_arrays_of_their_own():
    def spoils(rho):
        rho *= 0.5
        return 2 * rho

    assert verify_channel(spoils, dims=3).passed


def test_functions_are_given_states():
    seen = []
    verify_channel(lambda rho: (seen.append(rho), rho)[1], dims=(2, 2))
    assert len(seen) >= 16
    for rho in seen:
        assert rho.shape == (4, 4)
        np.testing.assert_allclose(np.trace(rho), 1, rtol=1e-12)
        assert np.linalg.eigvalsh(rho).min() > -1e-12


NONLINEAR = {
    "purification": lambda rho: rho @ rho / np.trace(rho @ rho),
    "largest eigenvector": lambda rho: oracles.projector(np.linalg.eigh(rho)[1][:, -1]),
    "noise that depends on the state": lambda rho: (1 - rho[0, 0].real / 2) * rho + rho[0, 0].real / 4 * np.eye(2),
}


@pytest.mark.parametrize("name", NONLINEAR)
def test_what_is_not_linear_fails_as_that_and_is_not_taken_for_another_mistake(name):
    report = verify_channel(NONLINEAR[name], dims=2, expected=[np.eye(2)])
    assert "linear" in failed(report)
    assert report.diagnoses == ()


def test_qutip_is_loaded_only_for_its_own_objects():
    code = """
import sys
from qnet_core import Channel, verify_channel
verify_channel(Channel.identity(2))
verify_channel([[[1, 0], [0, 1]]], expected=Channel.identity(2))
verify_channel(lambda rho: rho, dims=2)
assert "qutip" not in sys.modules
verify_channel(Channel.identity(2), with_qutip=True)
assert "qutip" in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# what is called, the error, its words
REFUSED = {
    "function without dims": (lambda: verify_channel(lambda rho: KRAUS[0] @ rho), ParameterTypeError, "`dims`"),
    "function of a number without dims": (lambda: verify_channel(lambda rho: 2 * rho), DimensionError, "`dims`"),
    "expected function without dims": (
        lambda: verify_channel(KRAUS, expected=lambda rho: rho),
        ParameterTypeError,
        "`dims` must be given .*`expected`",
    ),
    "dims of another map": (lambda: verify_channel(KRAUS, dims=3), DimensionError, "`channel_or_factory` must take"),
    "expected of another size": (
        lambda: verify_channel(KRAUS, expected=np.eye(4)[None]),
        DimensionError,
        "`expected` must map dimension 2 to 2, but maps 4 to 4",
    ),
    "expected of another batch": (
        lambda: verify_channel([KRAUS] * 2, expected=[KRAUS] * 3),
        DimensionError,
        r"`channel_or_factory` \(2,\), `expected` \(3,\)",
    ),
    "expected nothing": (lambda: verify_channel(KRAUS, expected="KRAUS"), ParameterTypeError, "`expected` must"),
    "function of another size": (
        lambda: verify_channel(lambda rho: oracles.act(KRAUS, rho), dims=3),
        ParameterTypeError,
        "`channel_or_factory` must be a function of a 3 x 3 density matrix, but raises ValueError",
    ),
    "function to vectors": (lambda: verify_channel(lambda rho: rho[0], dims=2), DimensionError, "`channel_or_factory`"),
    "function to rectangles": (lambda: verify_channel(lambda rho: rho[:1], dims=2), DimensionError, "a square matrix"),
    "function to nothing": (lambda: verify_channel(lambda rho: None, dims=2), ParameterTypeError, "must hold numbers"),
    "function to NaN": (lambda: verify_channel(lambda rho: rho * np.nan, dims=2), ParameterError, "must be finite"),
    "function to several shapes": (
        lambda: verify_channel(lambda rho: rho if rho[0, 0] == 1 else rho[:1, :1], dims=2),
        DimensionError,
        "of one shape",
    ),
    "function of a duration that fails": (
        lambda: verify_channel(lambda t: [np.eye(2)] if t else 1 / t),
        ParameterTypeError,
        "raises ZeroDivisionError",
    ),
    "error of this library": (
        lambda: verify_channel(lambda t: Channel.from_kraus([2 * np.eye(2)])),
        ValueError,
        "`kraus` must have sum K†K",
    ),
    "QuTiP ket": (lambda: verify_channel(qutip.basis(2)), ParameterTypeError, "but is ket"),
    "QuTiP and not": (lambda: verify_channel([qutip.sigmax(), X]), ParameterTypeError, "but is ndarray"),
    "QuTiP superoperators": (lambda: verify_channel([SUPEROP]), ParameterTypeError, "but is super"),
    "ragged": (lambda: verify_channel([np.eye(2), np.eye(3)]), DimensionError, "ragged"),
    "Lindblad form of a fixed map": (
        lambda: verify_channel(KRAUS, lindblad=(None, [LOWER])),
        ParameterTypeError,
        "`lindblad` must be None unless",
    ),
    "Lindblad form alone": (
        lambda: verify_channel(damping, lindblad=[LOWER]),
        ParameterTypeError,
        "`lindblad` must be",
    ),
    "Lindblad form of nothing": (lambda: verify_channel(damping, lindblad=(None, [])), ParameterTypeError, "`jumps`"),
    "Lindblad form of a number": (lambda: verify_channel(damping, lindblad=(None, 3)), ParameterTypeError, "`jumps`"),
    "Lindblad form of another size": (
        lambda: verify_channel(damping, lindblad=(np.zeros((3, 3)), [])),
        DimensionError,
        "`lindblad` must map dimension 2 to 2, but maps 3 to 3",
    ),
    "limit without a time": (
        lambda: verify_channel(damping, limit=KRAUS),
        ParameterTypeError,
        "`limit_s` must be given",
    ),
    "time without a limit": (lambda: verify_channel(damping, limit_s=9.0), ParameterTypeError, "`limit_s`"),
    "limit of a fixed map": (lambda: verify_channel(KRAUS, limit=KRAUS, limit_s=1.0), ParameterTypeError, "`limit`"),
    "negative limit": (lambda: verify_channel(damping, limit=KRAUS, limit_s=-1.0), ParameterError, "`limit_s`"),
    "durations of a fixed map": (
        lambda: verify_channel(KRAUS, durations_s=[1, 2]),
        ParameterTypeError,
        "`durations_s`",
    ),
    "negative durations": (
        lambda: verify_channel(damping, durations_s=[0.1, -1.0]),
        ParameterError,
        "`durations_s` must be at least 0",
    ),
    "one duration": (lambda: verify_channel(damping, durations_s=[0.1]), ParameterTypeError, "at least two durations"),
    "negative tolerance": (lambda: verify_channel(KRAUS, atol=-1e-9), ParameterError, "`atol`"),
    "no dimension": (lambda: verify_channel(lambda rho: rho, dims=1), DimensionError, "`dims`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()


def test_a_random_channel_is_not_taken_for_another_by_mistake(rng):
    for _ in range(20):
        given, meant = (random_channel((2, 2), rng=rng, num_kraus=3) for _ in range(2))
        report = verify_channel(given, expected=meant, dims=4)
        assert failed(report) == {"as expected"}
        assert report.diagnoses == ()
