"""Eve on the line, as a channel: what her attacks do to the photons that she sends on."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import pauli_channel
from qnet_channels.parameters import choice
from qnet_core import Channel
from qnet_core import _checks as checks

from .single_numbers import one_probability

__all__ = ["PhotonNumberSplitting", "cloning_channel", "intercept_resend_channel"]

MeasuredBasis = Literal["random", "z", "x", "breidbart"]
_HADAMARD = np.array([[1, 1], [1, -1]]) / math.sqrt(2)


def intercept_resend_channel(*, fraction: ArrayLike = 1.0, basis: MeasuredBasis = "random") -> Channel:
    """Return the channel of an Eve who measures a fraction of the photons and sends on what she found.

    Of these, a quarter of the sifted bits are wrong, evenly in both bases with "random" and "breidbart". In
    "z" or "x" alone she errs in the other basis only, half of the time. What she learns: ``intercept_resend``.

    Parameters
    ----------
    fraction : array_like
        Of all photons.
    basis : {"random", "z", "x", "breidbart"}
        In which Eve measures: one of both at random for each photon, one of them, or the one half-way between them.

    References
    ----------
    Bennett et al., J. Cryptology 5, 3 (1992).

    Examples
    --------
    >>> intercept_resend_channel(basis="random").transfer.diagonal().tolist()
    [1.0, 0.5, 0.0, 0.5]
    """
    choice(basis, "basis", get_args(MeasuredBasis))
    taken = checks.probability(fraction, "fraction")
    if basis == "breidbart":
        weights = np.stack([np.sqrt(1 - taken / 2), np.sqrt(taken / 2)], axis=-1)
        return Channel.from_kraus(weights[..., None, None] * np.stack([np.eye(2), _HADAMARD]))
    share = {"random": 0.5, "z": 1.0, "x": 0.0}[basis]
    return pauli_channel(x=(1 - share) * taken / 2, y=0.0, z=share * taken / 2)


def cloning_channel(*, error_rate: ArrayLike) -> Channel:
    """Return the channel of the phase-covariant cloner: of all attacks on single photons it learns most per error.

    The receiver's photon has a bit flip and a phase flip, each with probability Q and independent of the other. Eve's
    clone comes as near as the errors allow, which is what ``cloning_attack`` counts.

    Parameters
    ----------
    error_rate : array_like
        Q in [0, 1/2], in both bases.

    References
    ----------
    Fuchs et al., PRA 56, 1163 (1997); Bruß et al., PRA 62, 012302 (2000).

    Examples
    --------
    >>> cloning_channel(error_rate=0.1).transfer.diagonal().round(12).tolist()
    [1.0, 0.8, 0.64, 0.8]
    """
    error = checks.real(error_rate, "error_rate", low=0.0, high=0.5)
    return pauli_channel(x=error * (1 - error), y=error**2, z=error * (1 - error))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonNumberSplitting:
    """An Eve who counts the photons of each pulse, and keeps one wherever there are two or more.

    The others go to the receiver on a line of hers that neither loses nor disturbs them; the kept one waits for
    the bases to be announced and tells her the bit. No error betrays her. Single photons she blocks, some or all,
    so that the receiver counts as many clicks as ever; but then decoys have too few.

    Attributes
    ----------
    blocked_fraction : float
        Of the single photons; the others pass the usual line.

    References
    ----------
    Brassard, Lütkenhaus, Mor and Sanders, PRL 85, 1330 (2000).

    Examples
    --------
    >>> PhotonNumberSplitting(blocked_fraction=0.5)
    PhotonNumberSplitting(blocked_fraction=0.5)
    """

    blocked_fraction: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocked_fraction", one_probability(self.blocked_fraction, "blocked_fraction"))
