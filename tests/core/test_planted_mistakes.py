"""Every mistake that the verifier knows, planted: it names that one and no other, and nothing in the right version."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import oracles
import pytest
import qutip
import scipy.linalg

from qnet_core import Channel, verify_channel

I2, X, Y, Z = (oracles.PAULI[letter] for letter in "IXYZ")
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)
SWAP = oracles.permutation_matrix((2, 2), (1, 0))
TIMES_S = [0.1, 0.4, 1.0, 2.5]
RNG = np.random.default_rng(11)
UNITARY = oracles.random_unitary(RNG, 2)
RANDOM = oracles.random_kraus(RNG, 3)
MIXED_UNITARY = [np.sqrt(w) * oracles.random_unitary(RNG, 2) for w in (0.5, 0.3, 0.2)]


def decay(t, time_s=1.0):
    return 1 - np.exp(-t / time_s)


def flip(probability, pauli=Z):
    return [np.sqrt(1 - probability) * np.eye(len(pauli)), np.sqrt(probability) * pauli]


def damping(lost):
    return [np.diag([1, np.sqrt(1 - lost)]), np.sqrt(lost) * LOWER]


def thermal(lost, excited):
    down, up = damping(lost), [X @ k @ X for k in damping(lost)]
    return [np.sqrt(1 - excited) * k for k in down] + [np.sqrt(excited) * k for k in up]


def after(second, first):
    return [b @ a for b in second for a in first]


def pauli_mixture(error, num_qubits=1):
    """Return the errors of a depolarizing map, each Pauli with its share of the probability."""
    paulis = [I2, X, Y, Z] if num_qubits == 1 else [np.kron(a, b) for a in (I2, X, Y, Z) for b in (I2, X, Y, Z)]
    share = error / (len(paulis) - 1)
    return [np.sqrt(1 - error) * paulis[0]] + [np.sqrt(share) * p for p in paulis[1:]]


def replaced(mixing, num_qubits=1):
    """Return the map that puts the maximally mixed state in the place of the state with this probability."""
    size = 2**num_qubits
    units = [unit / np.sqrt(size) for _, unit in oracles.unit_matrices(size)]
    return [np.sqrt(1 - mixing) * np.eye(size)] + [np.sqrt(mixing) * unit for unit in units]


def qobj(superop):
    size = round(np.sqrt(len(superop)))
    return qutip.Qobj(superop, dims=[[[size], [size]], [[size], [size]]])


def relaxation(lost, coherence, excited=0.0):
    """Return the superoperator of a qubit from the part of the way to equilibrium and the factor of its coherence."""
    superop = np.diag([1 - lost * excited, coherence, coherence, 1 - lost * (1 - excited)]).astype(complex)
    superop[0, 3], superop[3, 0] = lost * (1 - excited), lost * excited
    return qobj(superop)


def rotation(axis, angle):
    return [scipy.linalg.expm(-0.5j * angle * axis)]


def transposed(kraus):
    return [k.T for k in kraus]


def adjoints(kraus):
    return [oracles.dagger(k) for k in kraus]


def conjugated(kraus):
    return [k.conj() for k in kraus]


def turned(unitary, kraus):
    return [unitary @ k @ oracles.dagger(unitary) for k in kraus]


def image(kraus):
    """Return the map as a function of a density matrix."""
    return lambda rho: oracles.act(kraus, rho)


def partly_transposed(rho):
    return oracles.partial_transpose(rho, (2, 2), [1])


def renormalized(kraus):
    return lambda rho: oracles.act(kraus, rho) / np.trace(oracles.act(kraus, rho))


@dataclass(frozen=True)
class Planted:
    wrong: Any
    right: Any
    phrase: str
    options: dict = field(default_factory=dict)


AXIS = 0.6 * X + 0.48 * Y + 0.64 * Z
T1_S, T2_S, PURE_S = 2.0, 1.5, 1 / (1 / 1.5 - 1 / 4)
RELAXING = {"lindblad": (None, [np.sqrt(1 / T1_S) * LOWER, np.sqrt(1 / (2 * PURE_S)) * Z])}
FILTER = [np.diag([1.0, 0.6])]
POLARIZING = np.diag([1.0, np.exp(0.3j)])
CROOKED = after([POLARIZING], damping(0.3))
TURNED = turned(UNITARY, thermal(0.3, 0.1))
ON_FIRST = [np.kron(k, I2) for k in damping(0.3)]
DEPHASED_PAIR = after([np.kron(k, I2) for k in flip(0.1)], [oracles.CNOT])
REVERSED_3 = oracles.permutation_matrix((2, 2, 2), (2, 1, 0))

PLANTED = {
    # 1 - exp(-t/T) as a probability of flips
    "phase flip": Planted(lambda t: flip(decay(t)), lambda t: flip(decay(t) / 2), "probability of a flip"),
    "phase flip channel": Planted(
        lambda t: Channel.from_kraus(flip(decay(t))), lambda t: Channel.from_kraus(flip(decay(t) / 2)), "of a flip"
    ),
    "phase flip, expected": Planted(flip(0.36), flip(0.18), "probability of a flip", {"expected": flip(0.18)}),
    "phase flip, Lindblad": Planted(
        lambda t: flip(decay(t)), lambda t: flip(decay(t) / 2), "of a flip", {"lindblad": (None, [np.sqrt(0.5) * Z])}
    ),
    "bit flip": Planted(lambda t: flip(decay(t), X), lambda t: flip(decay(t) / 2, X), "probability of a flip"),
    "flip of a pair": Planted(
        lambda t: flip(decay(t), np.kron(X, Y)), lambda t: flip(decay(t) / 2, np.kron(X, Y)), "probability of a flip"
    ),
    "phase flip of a batch": Planted(
        lambda t: [flip(decay(t, s)) for s in (0.5, 1.0, 2.0)],
        lambda t: [flip(decay(t, s) / 2) for s in (0.5, 1.0, 2.0)],
        "probability of a flip",
    ),
    "phase flip after relaxation": Planted(
        lambda t: after(flip(decay(t)), damping(decay(t, T1_S))),
        lambda t: after(flip(decay(t) / 2), damping(decay(t, T1_S))),
        "probability of a flip",
    ),
    # T2 and T1
    "T2 on top of T1": Planted(
        lambda t: after(flip(decay(t, T2_S) / 2), damping(decay(t, T1_S))),
        lambda t: after(flip(decay(t, PURE_S) / 2), damping(decay(t, T1_S))),
        "relaxation counts twice",
        RELAXING,
    ),
    "T2 on top of T1, fixed": Planted(
        relaxation(0.3, 0.6 * np.sqrt(0.7), 0.2),
        relaxation(0.3, 0.6, 0.2),
        "relaxation counts twice",
        {"expected": relaxation(0.3, 0.6, 0.2)},
    ),
    "T2 without T1": Planted(
        lambda t: relaxation(decay(t, T1_S), np.exp(-t / PURE_S)),
        lambda t: relaxation(decay(t, T1_S), np.exp(-t / T2_S)),
        "relaxation is left out",
        RELAXING,
    ),
    "T2 without T1, not even a channel": Planted(
        lambda t: relaxation(decay(t, T1_S), 1.0),
        lambda t: damping(decay(t, T1_S)),
        "relaxation is left out",
        {"lindblad": (None, [np.sqrt(1 / T1_S) * LOWER])},
    ),
    "T2 = T1": Planted(
        lambda t: relaxation(decay(t), np.exp(-t)),
        lambda t: damping(decay(t)),
        "instead of √(1-γ)",
        {"expected": lambda t: damping(decay(t))},
    ),
    "T2 = T1, fixed": Planted(
        relaxation(0.19, 0.81), damping(0.19), "instead of √(1-γ)", {"expected": damping(0.19)}
    ),
    "T2 > 2 T1": Planted(
        lambda t: relaxation(decay(t), np.exp(-t / 2.4)),
        lambda t: relaxation(decay(t), np.exp(-t / 1.6)),
        "outlives the populations",
    ),
    "T2 > 2 T1, hot": Planted(
        relaxation(0.5, 0.99, 0.3), relaxation(0.5, 0.6, 0.3), "outlives the populations"
    ),
    # transposition
    "one transposed": Planted(
        [damping(0.3)[0], damping(0.3)[1].T], damping(0.3), "Kraus operator 1 (counted from 0) is transposed"
    ),
    "one adjoint": Planted(
        [*TURNED[:3], oracles.dagger(TURNED[3])],
        TURNED,
        "Kraus operator 3 (counted from 0) is transposed",
    ),
    "one transposed, all the time": Planted(
        lambda t: [damping(decay(t))[0], damping(decay(t))[1].T],
        lambda t: damping(decay(t)),
        "Kraus operator 1",
        {"expected": lambda t: damping(decay(t))},
    ),
    "all transposed": Planted(
        transposed(RANDOM), RANDOM, "all Kraus operators are transposed"
    ),
    "all adjoint": Planted(
        adjoints(RANDOM), RANDOM, "all Kraus operators are transposed", {"expected": RANDOM}
    ),
    "transposed unitaries": Planted(
        transposed(MIXED_UNITARY), MIXED_UNITARY, "every Kraus operator is transposed", {"expected": MIXED_UNITARY}
    ),
    "adjoint unitaries": Planted(
        adjoints(MIXED_UNITARY), MIXED_UNITARY, "by its adjoint", {"expected": MIXED_UNITARY}
    ),
    # complex conjugation, sign, stacking
    "conjugated unitaries": Planted(
        conjugated(MIXED_UNITARY), MIXED_UNITARY, "complex-conjugated", {"expected": MIXED_UNITARY}
    ),
    "rows stacked": Planted(
        qobj(sum(np.kron(k, k.conj()) for k in CROOKED)), CROOKED, "stacks rows", {"expected": CROOKED}
    ),
    "sign of x": Planted(rotation(X, -0.7), rotation(X, 0.7), "wrong sign", {"expected": rotation(X, 0.7)}),
    "sign of y": Planted(rotation(Y, -0.7), rotation(Y, 0.7), "backwards", {"expected": rotation(Y, 0.7)}),
    "sign of z": Planted(rotation(Z, -0.7), rotation(Z, 0.7), "wrong sign", {"expected": rotation(Z, 0.7)}),
    "sign of the Hamiltonian": Planted(
        lambda t: rotation(AXIS, -t), lambda t: rotation(AXIS, t), "backwards", {"lindblad": (AXIS / 2, [])}
    ),
    "sign of a detuning": Planted(
        lambda t: after(rotation(Z, -t), damping(decay(t))),
        lambda t: after(rotation(Z, t), damping(decay(t))),
        "wrong sign",
        {"lindblad": (Z / 2, [LOWER])},
    ),
    # labels
    "damping upwards": Planted(
        lambda t: [X @ k @ X for k in damping(decay(t))],
        lambda t: damping(decay(t)),
        "0 and 1 are exchanged",
        {"lindblad": (None, [LOWER])},
    ),
    "population of 0": Planted(thermal(0.4, 0.8), thermal(0.4, 0.2), "0 and 1 are exchanged", {"expected": thermal(0.4, 0.2)}),
    "CNOT upside down": Planted(
        [SWAP @ oracles.CNOT @ SWAP], [oracles.CNOT], "reverse order", {"expected": Channel.from_unitary(oracles.CNOT)}
    ),
    "other qubit": Planted(
        [SWAP @ k @ SWAP for k in ON_FIRST], ON_FIRST, "reverse order", {"expected": ON_FIRST}
    ),
    "three qubits": Planted(
        turned(REVERSED_3, [np.kron(k, I2) for k in DEPHASED_PAIR]),
        [np.kron(k, I2) for k in DEPHASED_PAIR],
        "reverse order",
        {"expected": [np.kron(k, I2) for k in DEPHASED_PAIR]},
    ),
    # depolarizing
    "error for replacement": Planted(
        pauli_mixture(0.1), replaced(0.1), "of the maximally mixed state is used as that of any Pauli error",
        {"expected": replaced(0.1)},
    ),
    "replacement for error": Planted(
        replaced(0.1), pauli_mixture(0.1), "of any Pauli error is used as that of the maximally mixed state",
        {"expected": pauli_mixture(0.1)},
    ),
    "each for replacement": Planted(
        pauli_mixture(0.3), replaced(0.1), "of the maximally mixed state is used as that of each Pauli error",
        {"expected": replaced(0.1)},
    ),
    "replacement for each": Planted(
        replaced(0.1), pauli_mixture(0.3), "of each Pauli error is used as that of the maximally mixed state",
        {"expected": pauli_mixture(0.3)},
    ),
    "each for any": Planted(
        pauli_mixture(0.3), pauli_mixture(0.1), "of any Pauli error is used as that of each",
        {"expected": pauli_mixture(0.1)},
    ),
    "error for replacement, pair": Planted(
        [pauli_mixture(p, 2) for p in (0.1, 0.4)], [replaced(p, 2) for p in (0.1, 0.4)],
        "of the maximally mixed state is used as that of any Pauli error",
        {"expected": [replaced(p, 2) for p in (0.1, 0.4)]},
    ),
    "replacement for error, pair": Planted(
        replaced(0.1, 2), pauli_mixture(0.1, 2), "another convention of depolarizing", {"expected": pauli_mixture(0.1, 2)}
    ),
    "each for replacement, pair": Planted(
        pauli_mixture(0.3, 2), replaced(0.02, 2), "that of each Pauli error", {"expected": replaced(0.02, 2)}
    ),
    "decay as a Pauli error": Planted(
        lambda t: pauli_mixture(decay(t)), lambda t: replaced(decay(t)), "probability of any Pauli error"
    ),
    # decays and clocks
    "Gaussian": Planted(
        lambda t: flip(decay(t**2) / 2), lambda t: flip(decay(t) / 2), "n = 2"
    ),
    "stretched": Planted(
        lambda t: [flip(decay((t / s) ** 0.5) / 2, X) for s in (1.0, 3.0)],
        lambda t: [flip(decay(t / s) / 2, X) for s in (1.0, 3.0)],
        "n = 0.5",
    ),
    "twice too fast": Planted(
        lambda t: flip(decay(2 * t) / 2), lambda t: flip(decay(t) / 2), "twice too fast",
        {"lindblad": (None, [np.sqrt(0.5) * Z])},
    ),
    "twice too slow": Planted(
        lambda t: damping(decay(t / 2)), lambda t: damping(decay(t)), "twice too slowly", {"lindblad": (None, [LOWER])}
    ),
    "twice the angle": Planted(
        rotation(AXIS, 1.4), rotation(AXIS, 0.7), "twice too fast", {"expected": rotation(AXIS, 0.7)}
    ),
    "half the angle": Planted(
        rotation(AXIS, 0.35), rotation(AXIS, 0.7), "twice too slowly", {"expected": rotation(AXIS, 0.7)}
    ),
    "Hz for rad/s": Planted(
        lambda t: rotation(AXIS, t), lambda t: rotation(AXIS, 2 * np.pi * t), "Hz and rad/s",
        {"lindblad": (np.pi * AXIS, [])},
    ),
    "half-life": Planted(
        lambda t: damping(1 - 2.0**-t), lambda t: damping(decay(t)), "half-lives", {"lindblad": (None, [LOWER])}
    ),
    # roots and sums
    "no root": Planted(
        [damping(0.3)[0], 0.3 * LOWER], damping(0.3), "square root belongs, in Kraus operator 1 (counted from 0)"
    ),
    "no root of a decay": Planted(
        lambda t: [damping(decay(t))[0], decay(t) * LOWER], lambda t: damping(decay(t)), "in Kraus operator 1",
        {"lindblad": (None, [LOWER])},
    ),
    "no root of the kept part": Planted(
        [np.diag([1, 0.7]), damping(0.3)[1]], damping(0.3), "square root belongs, in Kraus operator 0"
    ),
    "weights": Planted([0.7 * I2, 0.2 * Y, 0.1 * Z], [np.sqrt(0.7) * I2, np.sqrt(0.2) * Y, np.sqrt(0.1) * Z], "in all"),
    "weights of errors": Planted(
        [np.sqrt(0.7) * I2, 0.2 * oracles.HADAMARD, 0.1 * Z],
        [np.sqrt(0.7) * I2, np.sqrt(0.2) * oracles.HADAMARD, np.sqrt(0.1) * Z],
        "in all Kraus operators but the first",
    ),
    "root of a root": Planted(
        [damping(0.3)[0], 0.3**0.25 * LOWER], damping(0.3), "the probability itself belongs, in Kraus operator 1"
    ),
    "not normalized": Planted([0.9 * k for k in damping(0.3)], damping(0.3), "sum K†K is 0.81 times"),
    "lossy channel": Planted(
        Channel.from_kraus([0.9 * k for k in damping(0.3)]), Channel.from_kraus(damping(0.3)), "not normalized"
    ),
    # maps of matrices
    "transposition": Planted(
        lambda rho: rho.T, lambda rho: rho, "transposes", {"dims": 2}
    ),
    "transposition of a qutrit": Planted(
        lambda rho: rho.T, lambda rho: rho.copy(), "transposes", {"dims": 3}
    ),
    "partial transposition": Planted(
        partly_transposed, image(ON_FIRST), "transposes", {"dims": (2, 2)}
    ),
    "noise and transposition": Planted(
        lambda rho: oracles.act(replaced(0.1), rho.T), image(replaced(0.1)), "transposes", {"dims": 2}
    ),
    "renormalized": Planted(
        renormalized(FILTER), image(damping(0.3)), "divided by its trace", {"dims": 2}
    ),
    "renormalized at all times": Planted(
        lambda t: renormalized([np.diag([1, np.exp(-t)])]), lambda t: image(damping(decay(t))), "divided by its trace",
        {"dims": 2, "durations_s": TIMES_S},
    ),
}  # fmt: skip


def report_on(given, options):
    timed = callable(given) and not isinstance(given, qutip.Qobj) and "dims" not in options
    return verify_channel(given, **({"durations_s": TIMES_S} if timed else {}) | options)


@pytest.mark.parametrize("name", PLANTED)
def test_the_mistake_is_named_and_no_other(name):
    planted = PLANTED[name]
    report = report_on(planted.wrong, planted.options)
    assert not report.passed
    assert len(report.diagnoses) == 1, str(report)
    assert planted.phrase in report.diagnoses[0], str(report)
    assert f"likely mistake: {report.diagnoses[0]}" in str(report).splitlines()


@pytest.mark.parametrize("name", PLANTED)
def test_the_right_version_passes(name):
    planted = PLANTED[name]
    report = report_on(planted.right, planted.options)
    assert report.passed, str(report)
    assert report.diagnoses == ()
    assert "likely mistake" not in str(report)
