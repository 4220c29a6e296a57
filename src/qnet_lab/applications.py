"""What a network may be used for, by the names of protocols in files: with a pair, with a GHZ state, or with neither."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory, depolarizing
from qnet_core import DensityMatrix, average_gate_fidelity, fidelity, ket, trace_distance
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError
from qnet_protocols import (
    anonymous_channel,
    blind_computation,
    ciphertext,
    clock_instability,
    conference_errors,
    conference_key_fraction,
    frequency_information,
    optimal_probe_time,
    padded_channel,
    secret_sharing_errors,
    secret_sharing_fraction,
    sender_distinguishability,
)

from .pair_uses import USES

__all__ = ["APPLICATIONS", "FIGURES", "resource_of"]

Figures = dict[str, checks.Floats]


def conference_key(ghz: DensityMatrix, *, reconciliation_efficiency: ArrayLike = 1.0) -> Figures:
    """Return the secret bits per round that all nodes then have in common, and the errors that are measured.

    Parameters
    ----------
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    """
    errors = conference_errors(ghz)
    fraction = conference_key_fraction(ghz, reconciliation_efficiency=reconciliation_efficiency)
    return {"conference_key_fraction": fraction, "x_error": errors.x_error, "z_error": errors.z_errors.max(axis=-1)}


def secret_sharing(ghz: DensityMatrix, *, reconciliation_efficiency: ArrayLike = 1.0) -> Figures:
    """Return the secret bits per kept round that a dealer, node 0, shares with all players together.

    Parameters
    ----------
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    """
    errors = secret_sharing_errors(ghz)
    fraction = secret_sharing_fraction(ghz, reconciliation_efficiency=reconciliation_efficiency)
    return {"secret_sharing_fraction": fraction, "x_error": errors.x_error, "y_error": errors.y_error}


def anonymous_transmission(
    ghz: DensityMatrix, *, sender: int = 0, receiver: int = 1, suspect: int = 2, coalition: Sequence[int] = (),
    readout_error: ArrayLike = 0.0, gate_mixing: ArrayLike = 0.0,
) -> Figures:  # fmt: skip
    """Return how well a qubit is sent, and how well others can tell who of two nodes sends.

    Parameters
    ----------
    sender, receiver : int
        Nodes, counted from 0.
    suspect : int
        A node that does not send, but might.
    coalition : sequence of int
        Nodes that put what they see together; the public alone if empty.
    readout_error : array_like
        Probability that a reading is flipped, those of the sender's Bell measurement too.
    gate_mixing : array_like
        Of the sender's Bell measurement.
    """
    if suspect in (sender, receiver):
        raise ParameterError(f"Parameter `suspect` must be neither sender nor receiver, but is {suspect}.")
    station = BellStation(gate_mixing, readout_error)
    channel = anonymous_channel(ghz, sender=sender, receiver=receiver, readout_error=readout_error, station=station)
    told_apart = sender_distinguishability(
        ghz, senders=(sender, suspect), receiver=receiver, coalition=coalition, readout_error=readout_error
    )
    return {"teleportation_fidelity": average_gate_fidelity(channel), "sender_distinguishability": told_apart}


def sensing(
    ghz: DensityMatrix, *, duration_s: ArrayLike, t1_s: ArrayLike = np.inf, t2_s: ArrayLike = np.inf,
    decay_exponent: ArrayLike = 1.0,
) -> Figures:  # fmt: skip
    """Return what the nodes learn about a frequency that their qubits sense together.

    Parameters
    ----------
    duration_s : array_like
        Time from preparation to reading.
    t1_s, t2_s : array_like
        Of the qubits meanwhile; infinite if not given.
    decay_exponent : array_like
        1 is exponential, 2 Gaussian.
    """
    memory = Memory(t1_s=t1_s, t2_s=t2_s, decay_exponent=decay_exponent)
    return {"frequency_information_s2": frequency_information(ghz, duration_s=duration_s, memory=memory)}


def clock(
    *, num_qubits: ArrayLike, t2_s: ArrayLike, frequency_hz: ArrayLike, averaging_s: ArrayLike, t1_s: ArrayLike = np.inf,
    decay_exponent: ArrayLike = 1.0, dead_time_s: ArrayLike = 0.0,
) -> Figures:  # fmt: skip
    """Return how stable a clock of qubits in a GHZ state is that is read when it pays most.

    Parameters
    ----------
    num_qubits : array_like
        Of the state.
    t1_s, t2_s : array_like
        Of each qubit.
    frequency_hz : array_like
        Of the transition.
    averaging_s : array_like
        Total time.
    decay_exponent : array_like
        1 is exponential, 2 Gaussian.
    dead_time_s : array_like
        Per reading.
    """
    memory = Memory(t1_s=t1_s, t2_s=t2_s, decay_exponent=decay_exponent)
    best = optimal_probe_time(num_qubits, memory=memory, dead_time_s=dead_time_s)
    unstable = clock_instability(best.information_rate, frequency_hz=frequency_hz, averaging_s=averaging_s)
    return {"instability": unstable, "probe_time_s": best.duration_s, "information_rate_s": best.information_rate}


def one_time_pad(*, mixing: ArrayLike = 0.0, key_error: ArrayLike = 0.0, ones_fraction: ArrayLike = 0.5) -> Figures:
    """Return how well an encrypted qubit arrives, and how well 0 and 1 are told apart without the key.

    Parameters
    ----------
    mixing : array_like
        Probability that the qubit is replaced by the maximally mixed state on the way.
    key_error : array_like
        Probability that a bit of the receiver's key is wrong.
    ones_fraction : array_like
        Probability that a bit of the key is 1.
    """
    seen = [ciphertext(ket(bit), ones_fraction=ones_fraction) for bit in "01"]
    channel = padded_channel(depolarizing(mixing=mixing), key_error=key_error)
    return {"message_fidelity": average_gate_fidelity(channel), "ciphertext_distance": trace_distance(*seen)}


def blind(
    *, eighth_turns: Sequence[int] = (0, 0, 2, 0, 0, 2, 0, -2), num_rows: int = 2, source_mixing: ArrayLike = 0.0,
    gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0, latency_s: ArrayLike = 0.0,
    t1_s: ArrayLike = np.inf, t2_s: ArrayLike = np.inf,
) -> Figures:  # fmt: skip
    """Return how well a server computes what it does not know: the fidelity with the perfect result.

    Parameters
    ----------
    eighth_turns : sequence of int
        The angles in multiples of π/4, row after row; a CNOT if not given. All inputs are +.
    num_rows : int
        How many rows these are.
    source_mixing : array_like
        Probability that a sent qubit is replaced by the maximally mixed state.
    gate_mixing : array_like
        Of the server's gates.
    readout_error : array_like
        Of the server's results.
    latency_s : array_like
        Between the results of a column and the angles of the next.
    t1_s, t2_s : array_like
        Of the server's memories; infinite if not given.
    """
    turns = _rows(eighth_turns, num_rows)
    result = blind_computation(
        turns, source=depolarizing(mixing=source_mixing), gate_mixing=gate_mixing, readout_error=readout_error,
        memory=Memory(t1_s=t1_s, t2_s=t2_s), latency_s=latency_s,
    )  # fmt: skip
    return {"computation_fidelity": fidelity(result, blind_computation(turns))}


def _rows(turns: Sequence[int], num_rows: int) -> list[list[int]]:
    checks.integer(num_rows, "num_rows", 1)
    if not turns or len(turns) % num_rows:
        raise DimensionError(
            f"Parameter `eighth_turns` must hold as many angles for each of {num_rows} rows, but holds {len(turns)}."
        )
    steps = len(turns) // num_rows
    return [list(turns[k * steps : (k + 1) * steps]) for k in range(num_rows)]


APPLICATIONS: Mapping[str, Callable[..., Figures]] = {
    **{name: USES[name] for name in ("superdense-coding", "chsh", "magic-square", "remote-gate")},
    "conference-key": conference_key,
    "secret-sharing": secret_sharing,
    "anonymous-transmission": anonymous_transmission,
    "sensing": sensing,
    "clock": clock,
    "one-time-pad": one_time_pad,
    "blind-computation": blind,
}
FIGURES: Mapping[str, tuple[str, str]] = {  # unit and name of what they return
    "message_success_probability": ("1", "probability of reading the right message"),
    "mutual_information_bit": ("bit", "mutual information per use"),
    "capacity_bit": ("bit", "capacity of superdense coding"),
    "chsh": ("1", "CHSH value S"),
    "win_probability": ("1", "probability of winning the CHSH game"),
    "square_win_probability": ("1", "probability of winning the magic square"),
    "gate_fidelity": ("1", "average fidelity of the remote gate"),
    "conference_key_fraction": ("1", "secret bits of all nodes per round"),
    "secret_sharing_fraction": ("1", "shared secret bits per kept round"),
    "x_error": ("1", "error rate in X"),
    "y_error": ("1", "error rate in Y"),
    "z_error": ("1", "largest error rate in Z"),
    "teleportation_fidelity": ("1", "mean fidelity of the sent qubit"),
    "sender_distinguishability": ("1", "trace distance of two senders"),
    "frequency_information_s2": ("s^2", "Fisher information on the frequency"),
    "instability": ("1", "fractional instability"),
    "probe_time_s": ("s", "best time of sensing"),
    "information_rate_s": ("s", "Fisher information per second"),
    "message_fidelity": ("1", "mean fidelity of the message"),
    "ciphertext_distance": ("1", "trace distance of 0 and 1 without the key"),
    "computation_fidelity": ("1", "fidelity with the perfect result"),
}


def resource_of(application: str) -> Literal["pair", "ghz"] | None:
    """Return what a protocol needs.

    >>> resource_of("chsh"), resource_of("conference-key"), resource_of("clock")
    ('pair', 'ghz', None)
    """
    function = APPLICATIONS[application]
    bare = function.func if isinstance(function, partial) else function
    first = next(iter(inspect.signature(bare).parameters))
    return first if first in ("pair", "ghz") else None  # type: ignore[return-value]
