"""The quantum one-time pad: two secret bits hide a qubit perfectly."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import pauli_channel
from qnet_core import Channel, DensityMatrix
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .shared_qubits import require_qubits

__all__ = ["ciphertext", "one_time_pad", "padded_channel"]


def one_time_pad(state: DensityMatrix, key: ArrayLike) -> DensityMatrix:
    """Return qubits encrypted with a key of two bits each; the same call with the same key decrypts.

    Bits (x, z) do ``X^x Z^z`` to their qubit. Whoever does not know the key sees the maximally mixed state, whatever
    the message and what it is entangled with; with fewer than two bits per qubit that is impossible.

    Parameters
    ----------
    state : DensityMatrix
        Qubits; batch axes broadcast with those of the key.
    key : array_like of 0 and 1, shape (..., 2 n)
        The bits x, z of the first qubit, then those of the next one. Use each key once.

    References
    ----------
    Ambainis, Mosca, Tapp and de Wolf, Proc. 41st IEEE FOCS, 547 (2000); Boykin and Roychowdhury, PRA 67, 042317 (2003).

    Examples
    --------
    >>> from qnet_core import ket
    >>> hidden = one_time_pad(ket("0+"), [1, 0, 0, 1])
    >>> hidden.expect("ZI").item(), hidden.expect("IX").item(), one_time_pad(hidden, [1, 0, 0, 1]).expect("ZX").item()
    (-1.0, -1.0, 1.0)
    """
    message = require_qubits(state)
    bits = _require_key(key, message.num_subsystems)
    checks.broadcast(state=message.batch_shape, key=bits.shape[:-1])
    return message.apply_each([_pauli(bits[..., 2 * k], bits[..., 2 * k + 1]) for k in range(message.num_subsystems)])


def _require_key(key: ArrayLike, num_qubits: int) -> checks.Floats:
    bits = checks.real(key, "key")
    if bits.shape[-1:] != (2 * num_qubits,):
        raise DimensionError(
            f"Parameter `key` must have two bits per qubit, shape (..., {2 * num_qubits}), but has shape {bits.shape}."
        )
    if not np.isin(bits, (0, 1)).all():
        raise ParameterError("Parameter `key` must hold bits, 0 or 1, and nothing else.")
    return bits


def _pauli(x: checks.Floats, z: checks.Floats) -> Channel:
    """Return X with probability x and then Z with probability z."""
    return pauli_channel(x=x * (1 - z), y=x * z, z=z * (1 - x))


def ciphertext(state: DensityMatrix, *, ones_fraction: ArrayLike = 0.5) -> DensityMatrix:
    """Return encrypted qubits as those see them who don't know the key: ``1/2^n`` for even bits.

    The trace distance between the ciphertexts of two messages is what a biased source of key bits gives away.

    Parameters
    ----------
    state : DensityMatrix
        Qubits.
    ones_fraction : array_like
        Probability that a bit of the key is 1, independently.

    Examples
    --------
    >>> from qnet_core import ket, trace_distance
    >>> [trace_distance(ciphertext(ket("0"), ones_fraction=p), ciphertext(ket("1"), ones_fraction=p)).round(9).item()
    ...  for p in (0.5, 0.4)]
    [0.0, 0.2]
    """
    message = require_qubits(state)
    share = checks.probability(ones_fraction, "ones_fraction")
    checks.broadcast(state=message.batch_shape, ones_fraction=share.shape)
    return message.apply_each([_pauli(share, share)] * message.num_subsystems)


def padded_channel(channel: Channel, *, key_error: ArrayLike = 0.0) -> Channel:
    """Return what a channel does to qubits that are encrypted before and decrypted behind it, the key forgotten.

    Averaged over the keys it is the Pauli twirl of the channel: coherent errors become random ones, and the process
    fidelity stays. Where the two copies of the key differ a Pauli is left over.

    Parameters
    ----------
    channel : Channel
        From qubits to as many qubits.
    key_error : array_like
        Probability that a bit of the receiver's key is wrong, independently; 0 after error correction.

    Examples
    --------
    >>> from qnet_channels import rotation
    >>> padded_channel(rotation("z", angle_rad=0.2), key_error=0.01).transfer.diagonal().round(9).tolist()
    [1.0, 0.960465246, 0.941255941, 0.98]
    """
    if not isinstance(channel, Channel):
        raise ParameterTypeError(f"Parameter `channel` must be a Channel, but is {type(channel).__name__}.")
    error = checks.probability(key_error, "key_error")
    checks.broadcast(channel=channel.batch_shape, key_error=error.shape)
    twirled, wrong = channel.pauli_twirl(), _pauli(error, error)
    left_over = wrong
    for _ in channel.dims_in[1:]:
        left_over = left_over.tensor(wrong)
    return twirled.then(left_over)
