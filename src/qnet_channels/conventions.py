"""One strength of depolarizing noise, in every convention in use."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

__all__ = ["DepolarizingStrength", "depolarizing_strength"]


class DepolarizingStrength(NamedTuple):
    """The same noise on n qubits (D = 2**n) by every convention.

    Attributes
    ----------
    mixing : array
        Probability of replacement by the maximally mixed state (this package, Qiskit Aer, NetSquid, QuantumSavory).
    pauli_error : array
        Probability of any non-identity Pauli error (Cirq, PennyLane, Q#, Stim).
    each_pauli : array
        Probability of each single one of the D**2 - 1 errors (SimQN).
    process_fidelity, average_gate_fidelity : array
        Fidelity of the Choi state, and of the output averaged over pure inputs.
    """

    mixing: checks.Floats
    pauli_error: checks.Floats
    each_pauli: checks.Floats
    process_fidelity: checks.Floats
    average_gate_fidelity: checks.Floats


def depolarizing_strength(
    *, mixing: ArrayLike | None = None, pauli_error: ArrayLike | None = None, each_pauli: ArrayLike | None = None,
    process_fidelity: ArrayLike | None = None, average_gate_fidelity: ArrayLike | None = None, num_qubits: int = 1,
) -> DepolarizingStrength:  # fmt: skip
    """Return depolarizing noise by all conventions from exactly one of them.

    With ``errors = 1 - 1/D**2`` of the Paulis not the identity, ``pauli_error = mixing * errors``. A mixing above 1
    (a Pauli error more frequent than full depolarizing) is physical, but ``depolarizing`` does not take it:
    such noise is ``pauli_channel(x=p, y=p, z=p)``.

    Raises
    ------
    ParameterError
        For a value that belongs to no channel, such as an ``each_pauli`` above 1/3.

    Examples
    --------
    >>> depolarizing_strength(pauli_error=0.04, num_qubits=2).mixing.round(12).item()
    0.042666666667
    """
    size = 2 ** checks.integer(num_qubits, "num_qubits", 1, 500)
    errors = 1 - 1 / size**2
    scales = {  # what 1 - mixing * scale or mixing * scale is
        "mixing": 1.0, "pauli_error": errors, "each_pauli": errors / (size**2 - 1),
        "process_fidelity": errors, "average_gate_fidelity": 1 - 1 / size,
    }  # fmt: skip
    given = {
        name: value
        for name, value in zip(
            scales, (mixing, pauli_error, each_pauli, process_fidelity, average_gate_fidelity), strict=True
        )
        if value is not None
    }
    if len(given) != 1:
        raise ParameterTypeError(f"Exactly one of {', '.join(scales)} must be given, but {len(given)} are.")
    ((name, value),) = given.items()
    most = scales[name] / errors
    if name.endswith("fidelity"):
        strength = (1 - checks.real(value, name, low=max(0.0, 1 - most - 1e-15), high=1.0)) / scales[name]
    else:
        strength = checks.real(value, name, low=0.0, high=math.nextafter(most, 2)) / scales[name]
    return DepolarizingStrength(
        *(checks.plain(strength * scales[key]) for key in ("mixing", "pauli_error", "each_pauli")),
        *(
            checks.plain(1 - np.multiply(strength, scales[key]))
            for key in ("process_fidelity", "average_gate_fidelity")
        ),
    )
