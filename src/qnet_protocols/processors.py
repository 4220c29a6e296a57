"""Nodes that compute: what their gates, readouts and memories do."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory, depolarizing, depolarizing_strength, preset
from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

from .resources import require_memory

__all__ = ["ProcessorNode"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProcessorNode:
    """The hardware of a node that computes; every number broadcasts.

    Attributes
    ----------
    num_qubits : int, optional
        Data qubits that it has room for, beside those of the pairs; as many as wanted if not given.
    gate_mixing : array_like
        Probability that the qubits of a gate on two or more are replaced by the maximally mixed state after it.
    one_qubit_mixing : array_like
        The same for gates of a circuit on one qubit. Corrections and changes of basis are perfect.
    readout_error : array_like
        Probability that a measured bit is flipped.
    memory : Memory, optional
        In which qubits wait for messages, each wait as if refocused before it; perfect if not given.

    Examples
    --------
    >>> ProcessorNode.preset("ion_sr88_ca43", num_qubits=2).gate_mixing.round(6).item()
    0.004
    """

    num_qubits: int | None = None
    gate_mixing: ArrayLike = 0.0
    one_qubit_mixing: ArrayLike = 0.0
    readout_error: ArrayLike = 0.0
    memory: Memory | None = None

    def __post_init__(self) -> None:
        if self.num_qubits is not None:
            object.__setattr__(self, "num_qubits", checks.integer(self.num_qubits, "num_qubits", 0))
        fields = {
            n: checks.probability(getattr(self, n), n) for n in ("gate_mixing", "one_qubit_mixing", "readout_error")
        }
        checks.broadcast_parameters(fields)
        for name, value in fields.items():
            object.__setattr__(self, name, checks.frozen(value))
        require_memory(self.memory)

    @classmethod
    def preset(cls, name: str, *, num_qubits: int | None = None, role: str = "storage") -> Self:
        """Return the node of a platform, by its gate fidelities, the mean of its readout errors and one of its memories."""
        platform = preset(name)
        station, single = platform.station(), platform.parameters.get("one_qubit_gate_fidelity")
        fidelity = 1.0 if single is None else single.value
        mixing = depolarizing_strength(average_gate_fidelity=fidelity).mixing
        return cls(
            num_qubits=num_qubits, gate_mixing=station.gate_mixing, one_qubit_mixing=mixing,
            readout_error=station.readout_error, memory=platform.memory(role),
        )  # fmt: skip

    @property
    def station(self) -> BellStation:
        """Its Bell measurement."""
        return BellStation(self.gate_mixing, self.readout_error)

    def gate(self, unitary: checks.Complexes) -> Channel:
        """Return a gate done here."""
        ideal = Channel.from_unitary(unitary)
        count = len(ideal.dims_in)
        mixing = np.asarray(self.one_qubit_mixing if count == 1 else self.gate_mixing)
        return ideal.then(depolarizing(mixing=mixing, num_qubits=count)) if mixing.any() else ideal


def per_qubit(value: Any, name: str, count: int) -> list[Any]:
    """Return one value for each qubit: a tuple holds them, all else is for every qubit."""
    if not isinstance(value, tuple):
        return [value] * count
    if len(value) != count:
        raise DimensionError(f"Parameter `{name}` must be one value or a tuple of {count}, but is {value!r}.")
    return list(value)


def processors(
    count: int, gate_mixing: Any, readout_error: Any, memory: Memory | tuple[Memory | None, ...] | None
) -> list[ProcessorNode]:
    """Return a node for each qubit, whose parameters are given for all alike or in a tuple."""
    named = {"gate_mixing": gate_mixing, "readout_error": readout_error, "memory": memory}
    columns = [per_qubit(value, name, count) for name, value in named.items()]
    return [
        ProcessorNode(gate_mixing=mixing, readout_error=error, memory=kept)
        for mixing, error, kept in zip(*columns, strict=True)
    ]
