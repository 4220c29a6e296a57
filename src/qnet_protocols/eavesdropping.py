"""What Eve learns of a key bit by attacks on single photons one by one, and the errors that betray her."""

import math
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import binary_entropy
from qnet_channels.parameters import choice
from qnet_core import _checks as checks

__all__ = ["IndividualAttack", "cloning_attack", "intercept_resend"]

Floats = checks.Floats
InterceptBasis = Literal["random", "breidbart"]


class IndividualAttack(NamedTuple):
    """Error rate of the sifted key of BB84, and the bits that Eve knows of each of its bits."""

    error_rate: Floats
    information: Floats


def intercept_resend(*, fraction: ArrayLike = 1.0, basis: InterceptBasis = "random") -> IndividualAttack:
    """Return what measuring a fraction of the photons and sending on what was found does to BB84.

    A quarter of these bits are wrong. In a random one of both bases Eve knows half of the bits once these are
    announced; half-way between them (Breidbart's basis) she guesses each with probability cos²(π/8), which tells her
    less: ``1 - h(cos²(π/8)) = 0.399``.

    Parameters
    ----------
    fraction : array_like
        Of all photons.
    basis : {"random", "breidbart"}
        In which Eve measures.

    References
    ----------
    Bennett et al., J. Cryptology 5, 3 (1992).

    Examples
    --------
    >>> [value.item() for value in intercept_resend(fraction=0.4)]
    [0.1, 0.2]
    """
    choice(basis, "basis", get_args(InterceptBasis))
    taken = checks.probability(fraction, "fraction")
    known = 0.5 if basis == "random" else 1 - binary_entropy(checks.plain(math.cos(math.pi / 8) ** 2))
    return IndividualAttack(checks.plain(taken / 4), checks.plain(taken * known))


def cloning_attack(*, error_rate: ArrayLike) -> IndividualAttack:
    """Return the most that an attack on single photons can learn at an error rate, ``1 - h(1/2 + √(Q (1 - Q)))``.

    The phase-covariant cloner does it. Eve knows as much as the receiver at ``Q = (1 - 1/√2)/2 = 14.6 %``, where
    the violation of the CHSH inequality ends too. Attacks on many photons together learn more: see ``bb84``.

    Parameters
    ----------
    error_rate : array_like
        Q in [0, 1/2].

    References
    ----------
    Fuchs et al., PRA 56, 1163 (1997); Bruß et al., PRA 62, 012302 (2000).

    Examples
    --------
    >>> cloning_attack(error_rate=0.05).information.round(6).item()
    0.141764
    """
    error = checks.real(error_rate, "error_rate", low=0.0, high=0.5)
    return IndividualAttack(checks.plain(error), checks.plain(1 - binary_entropy(0.5 - np.sqrt(error * (1 - error)))))
