"""What a pair may be used for, by the names that this has in files of scenarios."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, hashing_yield
from qnet_core import DensityMatrix, average_gate_fidelity
from qnet_core import _checks as checks
from qnet_protocols import (
    bell_test,
    chsh_probability,
    device_independent_key_fraction,
    magic_square_probability,
    remote_gate,
    secret_key_fraction,
    superdense_capacity,
    superdense_coding,
    teleportation_channel,
)

__all__ = ["USES"]

Figures = dict[str, checks.Floats]
_GATES = {"cnot": np.eye(4)[[0, 1, 3, 2]], "cz": np.diag([1.0, 1.0, 1.0, -1.0])}


def teleportation(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Figures:
    """Return how well qubits are teleported through the pair, averaged over all states.

    Parameters
    ----------
    gate_mixing, readout_error : array_like
        Of the sender's Bell measurement.
    """
    channel = teleportation_channel(pair, station=BellStation(gate_mixing, readout_error))
    return {"teleportation_fidelity": average_gate_fidelity(channel)}


def superdense(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Figures:
    """Return what arrives of two bits that are encoded in one half of the pair.

    Parameters
    ----------
    gate_mixing, readout_error : array_like
        Of the receiver's Bell measurement.
    """
    result = superdense_coding(pair, station=BellStation(gate_mixing, readout_error))
    return {
        "message_success_probability": result.success_probability,
        "mutual_information_bit": result.mutual_information,
        "capacity_bit": superdense_capacity(pair),
    }


def chsh(pair: DensityMatrix, *, efficiency: ArrayLike = 1.0, readout_error: ArrayLike = 0.0) -> Figures:
    """Return what a test of the CHSH inequality shows, and how often the CHSH game is won.

    Parameters
    ----------
    efficiency : array_like
        From the pair to a click, on either side, in the test; events without click count.
    readout_error : array_like
        Probability that a player's answer is flipped, in the game.
    """
    test = bell_test(pair, efficiency=efficiency)
    return {"chsh": test.chsh_value, "win_probability": chsh_probability(pair, readout_error=readout_error)}


def key(pair: DensityMatrix, protocol: Any, *, reconciliation_efficiency: ArrayLike = 1.0) -> Figures:
    """Return the secret bits per sifted pair, in the limit of many pairs.

    Parameters
    ----------
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    """
    return {"key_fraction": secret_key_fraction(pair, protocol, reconciliation_efficiency=reconciliation_efficiency)}


def two_states(
    pair: DensityMatrix, *, reconciliation_efficiency: ArrayLike = 1.0, overlap: ArrayLike | None = None
) -> Figures:
    """Return the secret bits per conclusive result of B92, in the limit of many pairs.

    Parameters
    ----------
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    overlap : array_like
        Of the two states, in [0, 1]; that of 0 and + if not given.
    """
    fraction = secret_key_fraction(pair, "b92", reconciliation_efficiency=reconciliation_efficiency, overlap=overlap)
    return {"key_fraction": fraction}


def device_independent(
    pair: DensityMatrix, *, efficiency: ArrayLike = 1.0, reconciliation_efficiency: ArrayLike = 1.0
) -> Figures:
    """Return the secret bits per round of the key where devices are not trusted, and the CHSH value that shows it.

    Parameters
    ----------
    efficiency : array_like
        From the pair to a click, on either side; events without click count.
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    """
    test = bell_test(pair, efficiency=efficiency)
    fraction = device_independent_key_fraction(
        chsh_value=test.chsh_value, error_rate=test.error_rate, reconciliation_efficiency=reconciliation_efficiency
    )
    return {"key_fraction": fraction, "chsh": test.chsh_value}


def magic_square(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Figures:
    """Return how often two such pairs win the magic-square game.

    Parameters
    ----------
    gate_mixing : array_like
        Of the gate between a player's two qubits.
    readout_error : array_like
        Probability that a measured sign is flipped.
    """
    won = magic_square_probability(pair, gate_mixing=gate_mixing, readout_error=readout_error)
    return {"square_win_probability": won}


def gate(
    pair: DensityMatrix, *, gate: Literal["cnot", "cz"] = "cnot", gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> Figures:  # fmt: skip
    """Return how good a gate between two nodes is that takes one pair.

    Parameters
    ----------
    gate : str
        Which gate.
    gate_mixing : array_like
        Of the local gate at each node.
    readout_error : array_like
        Probability that a measured bit is flipped.
    """
    done = remote_gate(gate, pair, gate_mixing=gate_mixing, readout_error=readout_error)
    return {"gate_fidelity": average_gate_fidelity(done, _GATES[gate])}


def hashing(pair: DensityMatrix) -> Figures:
    """Return the perfect pairs that hashing makes of each of very many pairs, at most."""
    return {"hashing_yield": hashing_yield(pair)}


USES: Mapping[str, Callable[..., Figures]] = {
    "teleportation": teleportation,
    "superdense-coding": superdense,
    "chsh": chsh,
    "hashing": hashing,
    "magic-square": magic_square,
    "remote-gate": gate,
    "bb84": partial(key, protocol="bb84"),
    "six-state": partial(key, protocol="six-state"),
    "b92": two_states,
    "e91": partial(key, protocol="e91"),
    "device-independent": device_independent,
}
