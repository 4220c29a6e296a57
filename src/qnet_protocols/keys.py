"""Secret key from pairs and channels in the limit of many pairs, and what no link without repeater can exceed."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import binary_entropy, entropy, error_entropy
from qnet_channels.parameters import choice
from qnet_core import Channel, DensityMatrix, bell_state, bell_weights
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .b92 import b92_errors
from .device_independent import bell_fraction, bell_test, ekert_test
from .key_rate import reconciliation
from .pairs import require_pair

__all__ = ["channel_key_fraction", "repeaterless_bound", "secret_key_fraction", "squashed_entanglement_bound"]

Floats = checks.Floats
Protocol = Literal["bb84", "six-state", "b92", "e91", "device-independent"]
_PROTOCOLS = ("bb84", "six-state", "b92", "e91", "device-independent")
_LOSSY = ("bb84", "six-state")  # where lost qubits may be left out
_BENNETT = math.sqrt(0.5)  # overlap of |0> and |+>


def secret_key_fraction(
    state: DensityMatrix, protocol: Protocol = "bb84", *, reconciliation_efficiency: ArrayLike = 1.0,
    overlap: ArrayLike | None = None,
) -> Floats:  # fmt: skip
    """Return the secret bits per sifted pair, shape (...), in the limit of many pairs; 0 where there is no key.

    The pair is used as it is (near phi+), with one-way post-processing and without the factor for sifting:

    - "bb84": ``1 - f h(e_Z) - h(e_X)``, key from Z; "six-state": ``1 - f h(e_Z) - (H(weights) - h(e_Z))`` of the Bell weights.
    - "b92": ``1 - f h(e) - h(e_phase)`` per conclusive result; phase errors are the most that
      error rate and conclusive rate allow. Of all results ``(1 - overlap²)/2`` are conclusive.
    - "e91": ``1 - f h(Q) - h((1 + √((S/2)² - 1))/2)`` with Ekert's settings for phi+.
    - "device-independent": the same with the settings that are best for each pair.

    Any pair will do, Bell-diagonal or not: each number is what these protocols can prove from what they measure, and
    at most what Eve's purification leaves (``S(A|E) - H(A|B)``). Entropies are in bits, and NaN is the key of no state.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits.
    protocol : str
        As above.
    reconciliation_efficiency : array_like
        f, bits told per bit of the Shannon limit, at least 1.
    overlap : array_like, optional
        Of the two states of B92, in [0, 1]; that of ``|0>`` and ``|+>`` if not given.

    References
    ----------
    Shor and Preskill, PRL 85, 441 (2000); Lo, Quantum Inf. Comput. 1, 81 (2001); Tamaki, Koashi and Imoto, PRL 90, 167904
    (2003); Ekert, PRL 67, 661 (1991); Acín et al., PRL 98, 230501 (2007).

    Examples
    --------
    >>> from qnet_core import bell_diagonal_state
    >>> pair = bell_diagonal_state([0.9025, 0.0475, 0.0475, 0.0025])
    >>> [secret_key_fraction(pair, protocol).round(9).item() for protocol in ("bb84", "e91")]
    [0.427206086, 0.22495049]
    """
    pair = require_pair(state)
    choice(protocol, "protocol", _PROTOCOLS)
    efficiency = reconciliation(reconciliation_efficiency)
    given = {"reconciliation_efficiency": efficiency}
    if overlap is not None:
        given["overlap"] = checks.probability(overlap, "overlap")
        _require_two_states(protocol)
    checks.broadcast(state=pair.batch_shape, **{name: value.shape for name, value in given.items()})
    if protocol == "b92":
        return _b92_fraction(pair, given.get("overlap", checks.plain(_BENNETT)), efficiency)
    if protocol in _LOSSY:
        return _prepared_fraction(bell_weights(pair), protocol, efficiency)
    return bell_fraction(*(ekert_test(pair) if protocol == "e91" else bell_test(pair)), efficiency)


def _require_two_states(protocol: str) -> None:
    if protocol != "b92":
        raise ParameterTypeError(f"Parameter `overlap` must be None where `protocol` is {protocol!r}: it is for b92.")


def _prepared_fraction(weights: Floats, protocol: str, efficiency: Floats) -> Floats:
    """Return the key of BB84 or of six states by the Bell weights."""
    bit = binary_entropy(weights[..., 2] + weights[..., 3])
    phase = binary_entropy(weights[..., 1] + weights[..., 3]) if protocol == "bb84" else entropy(weights) - bit
    return checks.plain(np.maximum(0, 1 - efficiency * bit - phase))


def _b92_fraction(pair: DensityMatrix, overlap: Floats, efficiency: Floats) -> Floats:
    error, phase = b92_errors(pair, overlap)
    fraction = np.maximum(0, 1 - efficiency * error_entropy(error) - error_entropy(phase))
    return checks.plain(fraction + 0 * pair.trace())


def channel_key_fraction(
    channel: Channel, protocol: Protocol = "bb84", *, reconciliation_efficiency: ArrayLike = 1.0,
    overlap: ArrayLike | None = None,
) -> Floats:  # fmt: skip
    """Return the secret bits per sifted qubit sent through a channel, shape (...); 0 where there is no key.

    To prepare and send states is to keep one half of phi+, measure it, and send the other half: the key is that of the
    pair so made. With "bb84" and "six-state" qubits may be lost, and that they are is known: by a map that lowers the
    trace, or as the last of three levels, as ``Fiber(...).loss("dual-rail")`` has it. The others ask for
    every qubit to arrive: loss would have to be bounded otherwise.

    Parameters
    ----------
    channel : Channel
        From one qubit to one, or to a qubit and a third level "lost".
    protocol, reconciliation_efficiency, overlap
        As in ``secret_key_fraction``.

    References
    ----------
    Bennett, Brassard and Mermin, PRL 68, 557 (1992).

    Examples
    --------
    >>> from qnet_channels import depolarizing, erasure
    >>> channel_key_fraction(depolarizing(mixing=0.1).then(erasure(transmissivity=[1.0, 0.5]))).round(9).tolist()
    [0.427206086, 0.213603043]
    """
    if not isinstance(channel, Channel):
        raise ParameterTypeError(f"Parameter `channel` must be a Channel, but is {type(channel).__name__}.")
    if channel.dims_in != (2,) or channel.dims_out not in ((2,), (3,)):
        raise DimensionError(
            f"Parameter `channel` must take a qubit to a qubit, or to one with a third level, but takes dims "
            f"{channel.dims_in} to {channel.dims_out}."
        )
    pair = bell_state("phi+").apply(channel, 1)
    if channel.dims_out == (3,):
        pair = pair.apply(Channel.from_kraus(np.eye(2, 3)[None], 3, 2), 1)
    arrived = pair.trace()
    if protocol not in _LOSSY and (arrived < 1 - checks.ATOL).any():
        raise ParameterError(f"Parameter `channel` must lose nothing where `protocol` is {protocol!r}, but does.")
    fraction = secret_key_fraction(
        pair.normalized(), protocol, reconciliation_efficiency=reconciliation_efficiency, overlap=overlap
    )
    return checks.plain(np.where(arrived > 0, arrived * fraction, 0.0))


def repeaterless_bound(transmissivity: ArrayLike) -> Floats:
    """Return the most secret bits per use of a lossy channel without repeater, ``-log2(1 - η)``, shape (...).

    Pirandola et al. (PLOB), Nat. Commun. 8, 15043 (2017); infinite at η = 1. Of a chain of ideal repeaters it is the
    bound of the worst segment.

    >>> repeaterless_bound(0.1).round(9).item()
    0.152003093
    """
    value = checks.probability(transmissivity, "transmissivity")
    with np.errstate(divide="ignore"):
        return checks.plain(-np.log1p(-value) / np.log(2))


def squashed_entanglement_bound(transmissivity: ArrayLike) -> Floats:
    """Return the older, looser bound ``log2((1 + η)/(1 - η))`` on secret bits per use of a lossy channel, shape (...).

    Takeoka, Guha and Wilde (TGW), Nat. Commun. 5, 5235 (2014); infinite at η = 1.

    >>> squashed_entanglement_bound(0.1).round(9).item()
    0.289506617
    """
    value = checks.probability(transmissivity, "transmissivity")
    with np.errstate(divide="ignore"):
        return checks.plain(2 * np.arctanh(value) / np.log(2))
