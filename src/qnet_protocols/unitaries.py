"""Gates by name or matrix, and what their matrices tell: which qubits are controls, and how many pairs they take."""

from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_core import _checks as checks
from qnet_core._completeness import require_complete
from qnet_core.errors import DimensionError, ParameterError

__all__: list[str] = []

Matrix = NDArray[Any]  # real or complex
_ONE, _X, _Y, _Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
_H = (_X + _Z) / np.sqrt(2)
# Changes of basis W that take Z to Z, X and Y: W Z W† is the axis
BASES = {"z": _ONE, "x": _H, "y": np.diag([1, 1j]) @ _H}
_AXES = {"z": _Z, "x": _X, "y": _Y}


def _permuting(size: int, first: int, second: int) -> checks.Complexes:
    matrix = np.eye(size, dtype=complex)
    matrix[[first, second]] = matrix[[second, first]]
    return matrix


SWAP = _permuting(4, 1, 2)
GATES: dict[str, checks.Complexes] = {
    "x": _X, "y": _Y, "z": _Z, "h": _H, "s": np.diag([1, 1j]), "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(0.25j * np.pi)]), "tdg": np.diag([1, np.exp(-0.25j * np.pi)]),
    "cnot": _permuting(4, 2, 3), "cz": np.diag([1, 1, 1, -1]), "swap": SWAP,
    "iswap": SWAP @ np.diag([1, 1j, 1j, 1]), "toffoli": _permuting(8, 6, 7), "ccz": np.diag([1.0] * 7 + [-1]),
}  # fmt: skip


class ControlledForm(NamedTuple):
    """A gate as ``(after x 1) blocks (before x 1)``, where ``blocks`` is controlled by the first qubit in the Z basis."""

    before: Matrix
    blocks: checks.Complexes
    after: Matrix


def require_gate(gate: str | ArrayLike, name: str = "gate") -> checks.Complexes:
    """Return the unitary of a gate, shape (2**n, 2**n)."""
    if isinstance(gate, str):
        if gate not in GATES:
            raise ParameterError(f"Parameter `{name}` must be a unitary or one of {', '.join(GATES)}, but is {gate!r}.")
        return GATES[gate].astype(complex)
    matrix = checks.square(gate, name)
    if matrix.ndim > 2 or matrix.shape[0] < 2 or matrix.shape[0].bit_count() != 1:
        raise DimensionError(f"Parameter `{name}` must have shape (2**n, 2**n), but has shape {matrix.shape}.")
    require_complete(matrix[None], True, checks.tolerance(gate), name, "must be unitary")
    return matrix


def num_qubits(unitary: checks.Complexes) -> int:
    """Return on how many qubits a unitary acts."""
    return len(unitary).bit_length() - 1


def on_qubits(operator: Matrix, qubit: int, count: int) -> checks.Complexes:
    """Return an operator on one of several qubits."""
    factors: list[Matrix] = [operator if k == qubit else _ONE for k in range(count)]
    return reduce(np.kron, factors)


def reordered(unitary: checks.Complexes, order: tuple[int, ...]) -> checks.Complexes:
    """Return the unitary with qubit ``order[k]`` in place k."""
    n = num_qubits(unitary)
    split = unitary.reshape((2,) * 2 * n).transpose(*order, *(n + k for k in order))
    return split.reshape(unitary.shape)


def control_axis(unitary: checks.Complexes, qubit: int, tolerance: float) -> str | None:
    """Return the axis along which a qubit controls the gate: its Pauli matrix commutes with the gate."""
    return next((name for name in _AXES if axis_commutes(unitary, qubit, name, tolerance)), None)


def axis_commutes(unitary: checks.Complexes, qubit: int, axis: str, tolerance: float) -> bool:
    """Say whether the Pauli matrix of an axis of a qubit commutes with the gate."""
    operator = on_qubits(_AXES[axis], qubit, num_qubits(unitary))
    return bool(np.abs(operator @ unitary - unitary @ operator).max() <= tolerance)


def schmidt_operators(unitary: checks.Complexes, tolerance: float) -> checks.Complexes:
    """Return orthonormal operators on the first qubit, as many as the operator Schmidt rank, shape (rank, 2, 2)."""
    split = unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    left, weights, _ = np.linalg.svd(split)
    rank = int((weights > tolerance * weights[0]).sum())
    return left[:, :rank].T.reshape(rank, 2, 2)


def product_factors(unitary: checks.Complexes, tolerance: float) -> tuple[checks.Complexes, checks.Complexes] | None:
    """Return the gates on single qubits that a two-qubit gate is made of, or None."""
    operators = schmidt_operators(unitary, tolerance)
    if len(operators) > 1:
        return None
    first = operators[0] * np.sqrt(2)
    split = unitary.reshape(2, 2, 2, 2)
    return first, np.einsum("ab,acbd->cd", first.conj(), split) / 2


def is_exchange(unitary: checks.Complexes, tolerance: float) -> bool:
    """Say whether a two-qubit gate is a swap up to gates on single qubits."""
    return product_factors(SWAP @ unitary, tolerance) is not None


def controlled_form(unitary: checks.Complexes, tolerance: float) -> ControlledForm | None:
    """Return a two-qubit gate of operator Schmidt rank 1 or 2 as a controlled one; None for others.

    Every unitary of rank 2 is one (Cohen and Yu, PRA 87, 022329 (2013)): the operators on its first qubit are then
    ``L diag(x, y) R`` with common unitaries, which a generic one of them shows by its singular vectors.
    """
    operators = schmidt_operators(unitary, tolerance)
    if len(operators) > 2:
        return None
    if off_blocks(unitary) <= tolerance:
        return ControlledForm(_ONE, unitary, _ONE)
    angles = np.arange(8) * 0.41 + 0.2
    mixtures = [operators[0] * np.cos(a) + operators[-1] * np.sin(a) * np.exp(1.7j * a) for a in angles]
    after, _, before = np.linalg.svd(max(mixtures, key=_gap))
    blocks = np.kron(after.conj().T, _ONE) @ unitary @ np.kron(before.conj().T, _ONE)
    return ControlledForm(before, blocks, after) if off_blocks(blocks) <= 10 * tolerance else None


def _gap(operator: checks.Complexes) -> float:
    high, low = np.linalg.svd(operator, compute_uv=False)
    return float(high - low)


def off_blocks(unitary: checks.Complexes) -> float:
    half = len(unitary) // 2
    return float(max(np.abs(unitary[:half, half:]).max(), np.abs(unitary[half:, :half]).max()))
