"""Networks of trusted nodes: keys handed on hop by hop, and over several routes that share no node."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.parameters import parameters
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError

from .key_bits import Bits, bits, require_equal_length

__all__ = ["RelayedKey", "TrustedRoute", "combined_routes", "relay_key", "trusted_route"]


class RelayedKey(NamedTuple):
    """The key at both ends of a route, and what each relay has told in public.

    Attributes
    ----------
    sender_key, receiver_key : ndarray of uint8
        The key of the first link, and what the other end gets for it.
    announcements : tuple of ndarray of uint8
        Of each relay, the XOR of its two keys.
    """

    sender_key: Bits
    receiver_key: Bits
    announcements: tuple[Bits, ...]

    def __repr__(self) -> str:
        return f"RelayedKey(num_bits={self.sender_key.size}, num_relays={len(self.announcements)})"


def relay_key(link_keys: Sequence[ArrayLike]) -> RelayedKey:
    """Hand the key of the first link on to the last node: each relay tells the XOR of its two keys, shape (n,).

    Who hears all announcements learns nothing of the key, as each is encrypted by a link key that is used for
    nothing else. But every relay knows it: a route is as secret as its worst node.

    Parameters
    ----------
    link_keys : sequence of array_like of 0 and 1
        One per link in the order of the route, all of one length; used up by this.

    References
    ----------
    Salvail et al., J. Comput. Secur. 18, 61 (2010).

    Examples
    --------
    >>> key = relay_key([[0, 1, 1, 0], [1, 1, 0, 0], [0, 1, 0, 1]])
    >>> key.receiver_key.tolist(), [told.tolist() for told in key.announcements]
    ([0, 1, 1, 0], [[1, 0, 1, 0], [1, 0, 0, 1]])
    """
    if isinstance(link_keys, str) or not isinstance(link_keys, Sequence | np.ndarray) or len(link_keys) == 0:
        raise DimensionError("Parameter `link_keys` must hold at least one key.")
    keys = [bits(key, f"link_keys[{k}]") for k, key in enumerate(link_keys)]
    for k, key in enumerate(keys):
        require_equal_length(keys[0], key, ("link_keys[0]", f"link_keys[{k}]"))
    told = tuple(left ^ right for left, right in pairwise(keys))
    received = keys[-1].copy()
    for announcement in told:
        received ^= announcement
    return RelayedKey(keys[0].copy(), received, told)


class TrustedRoute(NamedTuple):
    """What a key over trusted nodes is worth; all fields have the shape of the batch.

    Attributes
    ----------
    key_rate_hz : ndarray
        Secret bits per second at the ends.
    compromise_probability : ndarray
        That the key is known to somebody as nodes are corrupt.
    epsilon_secrecy, epsilon_correctness : ndarray
        How far it may be from a secret one where they are not, and the probability that both ends differ.
    """

    key_rate_hz: checks.Floats
    compromise_probability: checks.Floats
    epsilon_secrecy: checks.Floats
    epsilon_correctness: checks.Floats


def trusted_route(
    link_rates_hz: Sequence[ArrayLike], *, corrupt_probability: ArrayLike = 0.0, epsilon_secrecy: ArrayLike = 0.0,
    epsilon_correctness: ArrayLike = 0.0,
) -> TrustedRoute:  # fmt: skip
    """Return the key of a chain of links whose inner nodes are all trusted.

    The rate is that of the slowest link, if each link's key serves this route alone. The key is lost if any one of the n
    relays is corrupt: ``1 - (1 - p)^n``. Security parameters of links add up.

    Parameters
    ----------
    link_rates_hz : sequence of array_like
        Secret bits per second of each link, in the order of the route.
    corrupt_probability : array_like
        p, of each relay and independently; the ends are honest.
    epsilon_secrecy, epsilon_correctness : array_like
        Of the key of each link.

    References
    ----------
    Scarani et al., Rev. Mod. Phys. 81, 1301 (2009); Salvail et al., J. Comput. Secur. 18, 61 (2010).

    Examples
    --------
    >>> route = trusted_route([3000.0, 1200.0, 2500.0], corrupt_probability=0.01)
    >>> route.key_rate_hz.item(), route.compromise_probability.round(12).item()
    (1200.0, 0.0199)
    """
    if isinstance(link_rates_hz, str) or not isinstance(link_rates_hz, Sequence | np.ndarray) or not len(link_rates_hz):
        raise DimensionError("Parameter `link_rates_hz` must hold the rate of at least one link.")
    links = len(link_rates_hz)
    corrupt, secrecy, correctness, *rates = parameters(
        fractions={
            "corrupt_probability": corrupt_probability, "epsilon_secrecy": epsilon_secrecy,
            "epsilon_correctness": epsilon_correctness,
        },
        not_negative={f"link_rates_hz[{k}]": rate for k, rate in enumerate(link_rates_hz)},
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(corrupt == 1, float(links > 1), -np.expm1((links - 1) * np.log1p(-np.minimum(corrupt, 1))))
    slowest = np.minimum.reduce(np.broadcast_arrays(*rates))
    epsilons = (np.minimum(1.0, links * secrecy), np.minimum(1.0, links * correctness))
    return TrustedRoute(*(checks.plain(field) for field in np.broadcast_arrays(slowest, lost, *epsilons)))


def combined_routes(routes: Sequence[TrustedRoute]) -> TrustedRoute:
    """Return what the XOR of the keys of several routes is worth, which share no relay and no link.

    It is secret as long as one of them is: probabilities of compromise multiply, and the best secrecy counts. All
    of them have to deliver and to be correct: the slowest sets the rate, and correctness parameters add up.

    Parameters
    ----------
    routes : sequence of TrustedRoute
        From the same node to the same other one.

    Examples
    --------
    >>> route = trusted_route([3000.0, 1200.0, 2500.0], corrupt_probability=0.01)
    >>> combined_routes([route, route]).compromise_probability.round(12).item()
    0.00039601
    """
    if not isinstance(routes, Sequence) or not routes or not all(isinstance(route, TrustedRoute) for route in routes):
        raise ParameterTypeError("Parameter `routes` must hold at least one TrustedRoute and nothing else.")
    checks.broadcast(**{f"routes[{k}]": np.shape(route.key_rate_hz) for k, route in enumerate(routes)})
    rates, lost, secrecy, correctness = (np.broadcast_arrays(*field) for field in zip(*routes, strict=True))
    fields = (
        np.minimum.reduce(rates), np.multiply.reduce(lost), np.minimum.reduce(secrecy),
        np.minimum(1.0, np.add.reduce(correctness)),
    )  # fmt: skip
    return TrustedRoute(*(checks.plain(field) for field in fields))
