"""Teleportation between nodes that share no link: two links, a node between them that stores, and two Bell measurements."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from qnet_channels import (
    BellStation,
    Memory,
    MemoryNode,
    depolarizing,
    depolarizing_strength,
    pauli_channel,
    single_click_link,
    swap,
)
from qnet_core import Channel, DensityMatrix, Heralded, bell_diagonal_state, bell_state, fidelity, ket
from qnet_core import _checks as checks
from qnet_protocols import teleportation_channel

from .pair_errors import error_weights

__all__ = [
    "INPUTS",
    "PARTS",
    "cardinal_fidelities",
    "error_weights",
    "link_of",
    "stored_pairs",
    "switched",
    "teleporter",
]

Floats = checks.Floats
Values = Mapping[str, Any]
INPUTS = ("0", "1", "+", "-", "r", "l")
# what can be switched off, and the values that make it perfect
PARTS: Mapping[str, Mapping[str, float]] = {
    "links": {"link_noise": 0.0},
    "moving into memory": {"memory.swap_in_fidelity": 1.0},
    "memory during attempts": {"memory.attempts_to_dephase": np.inf, "memory.t1_s": np.inf, "memory.t2_s": np.inf},
    "waiting outside memory": {"communication.t1_s": np.inf, "communication.t2_s": np.inf},
    "gates": {"station.gate_fidelity": 1.0},
    "readout": {"station.readout_error": 0.0, "station.memory_readout_error": 0.0},
    "input preparation": {"input.fidelity": 1.0},
}


def switched(values: Values) -> dict[str, Any]:
    """Return the values with an axis: all noise, then all but one part after another, of which each value is perfect."""
    found = dict(values) | {"link_noise": 1.0}
    for k, perfect in enumerate(PARTS.values()):
        for key, value in perfect.items():
            column = np.broadcast_to(np.asarray(found[key], float), len(PARTS) + 1).copy()
            column[k + 1] = value
            found[key] = column
    return found


def link_of(values: Values) -> Heralded:
    """Return a fresh pair of neighbours near phi+: of the fidelity that is given, or of single clicks."""
    if "link.fidelity" in values:
        weights = error_weights(values["link.fidelity"], values["link.phase_error_share"])
        return Heralded(bell_diagonal_state(weights), np.asarray(values["link.success_probability"]))
    return single_click_link(
        bright_population=values["link.bright_population"], transmissivity=values["link.photon_detection_probability"],
        dark_count_probability=values["link.dark_count_probability"], visibility=values["link.visibility"],
        phase_std_rad=values["link.phase_std_rad"],
        double_excitation_probability=values["link.double_excitation_probability"],
    )  # fmt: skip


def stored_pairs(values: Values, link: Heralded, max_attempts: Floats) -> DensityMatrix:
    """Return the first pair when the second one is there, for each greatest number of attempts (last axis).

    Its half at the middle node is stored while attempts go on, and their number is that of the first success, given that
    there was one in time: ``p (1-p)**(n-1)/(1 - (1-p)**N)``. The mean over it is exact.
    """
    attempts = np.arange(1, int(max_attempts.max()) + 1)
    pair = _pair(values, link.state).apply(_swap_in(values), 0)
    node = MemoryNode(
        _memory(values, "communication"), _memory(values, "memory"),
        attempts_to_dephase=_column(values, "memory.attempts_to_dephase"),
    )  # fmt: skip
    duration = values["attempts.duration_s"]
    pair = pair.apply(node.disturbed(attempts=attempts, attempt_duration_s=duration), 0)
    pair = pair.apply(_memory(values, "communication").decay(duration_s=attempts * duration), 1)
    weight = np.exp((attempts - 1) * np.log1p(-np.asarray(link.probability)))[:, None, None]
    bloch = np.cumsum(weight * pair.bloch, axis=-3) / np.cumsum(weight, axis=-3)
    return DensityMatrix.from_bloch(bloch[..., max_attempts.astype(int) - 1, :, :], (2, 2))


def _column(values: Values, key: str) -> Floats:
    """Return a value with an axis for numbers of attempts behind that of the parts, if it has one."""
    value = np.asarray(values[key], float)
    return value[..., None] if value.ndim else value


def _memory(values: Values, name: str) -> Memory:
    t1_s, t2_s, exponent = (_column(values, f"{name}.{field}") for field in ("t1_s", "t2_s", "decay_exponent"))
    return Memory(t1_s, t2_s, decay_exponent=exponent)


def _swap_in(values: Values) -> Channel:
    return depolarizing(mixing=2 * (1 - _column(values, "memory.swap_in_fidelity")))


def _pair(values: Values, state: DensityMatrix) -> DensityMatrix:
    """Return the link's pair, or phi+ where its noise is switched off."""
    noise = _column(values, "link_noise")[..., None, None]
    return DensityMatrix.from_bloch(noise * state.bloch + (1 - noise) * bell_state().bloch, (2, 2))


def _station(values: Values) -> BellStation:
    """Return a Bell measurement of a communication qubit and a stored one, but for what is misread."""
    mixing = depolarizing_strength(average_gate_fidelity=_column(values, "station.gate_fidelity"), num_qubits=2).mixing
    return BellStation(gate_mixing=mixing)


def _misread(values: Values) -> Channel:
    """Return what wrong bits do to the corrected qubit.

    The communication qubit controls the CNOT, so that its bit asks for Z, and the stored one's for X.
    """
    phase, parity = (_column(values, f"station.{name}") for name in ("readout_error", "memory_readout_error"))
    return pauli_channel(x=parity * (1 - phase), y=parity * phase, z=phase * (1 - parity))


def teleporter(values: Values, link: Heralded, stored: DensityMatrix) -> DensityMatrix:
    """Return the pair of the outer nodes, sender first, when both know the outcome of the middle node's measurement."""
    decay = _memory(values, "communication").decay(duration_s=values["message.latency_s"])
    pair = swap(_pair(values, link.state), stored, station=_station(values), feed_forward=(decay, decay)).state
    return pair.apply(_misread(values), 1)


def cardinal_fidelities(values: Values, pair: DensityMatrix) -> Floats:
    """Return the fidelity of each teleported cardinal state with what it was meant to be, shape (6, ...).

    The sender moves its half into memory, prepares the input, and measures both; the receiver waits for the outcome.
    """
    channel = teleportation_channel(
        pair.apply(_swap_in(values), 0), station=_station(values), memory=_memory(values, "communication"),
        latency_s=values["message.latency_s"],
    ).then(_misread(values))  # fmt: skip
    prepared = depolarizing(mixing=2 * (1 - _column(values, "input.fidelity")))
    return np.stack([fidelity(ket(name).apply(prepared, 0).apply(channel, 0), ket(name)) for name in INPUTS])
